//! Installs a model of the catalogue, the default model, or the runtime.

use super::super::catalogue::{self, CatalogueEntry, DEFAULT_MODEL, DEFAULT_MODEL_Q4, RUNTIME};
use super::super::import::write_small_files;
use super::super::install::{InstallRecord, Staging};
use super::super::store::ModelStore;
use super::progress::Report;
use super::sources::describe;
use super::{Fallback, PullOptions, PullProgress, Pulled, wheel};
use crate::error::{Error, Result};

impl ModelStore {
    pub(super) fn install_named(&self, name: &str, options: &PullOptions, report: &mut Report<'_>) -> Result<Pulled> {
        if let Some(pulled) = self.pulled_before(name)? {
            return Ok(pulled);
        }
        let entry = catalogue::entry(name).ok_or_else(|| self.unknown(name))?;
        self.install_entry(entry, options, report)
    }

    pub(super) fn install_entry(
        &self,
        entry: &CatalogueEntry,
        options: &PullOptions,
        report: &mut Report<'_>,
    ) -> Result<Pulled> {
        let name = entry.name;
        let waiting = &mut || report.report(PullProgress::Waiting { name });
        let mut staging = Staging::begin(&self.models_directory(), name, waiting)?;
        if let Some(pulled) = self.pulled_before(name)? {
            return Ok(pulled);
        }
        let (source, revision) = self.deliver(entry, options, &mut staging, report)?;
        write_small_files(entry, &mut staging)?;
        let record = InstallRecord {
            name: name.to_owned(),
            licence: Some(entry.licence.to_owned()),
            source: source.clone(),
            revision,
            files: Vec::new(),
        };
        let path = staging.commit(record)?;
        Ok(Pulled { name: name.to_owned(), path, source, already: false, fallback: None })
    }

    pub(super) fn install_default(&self, options: &PullOptions, report: &mut Report<'_>) -> Result<Pulled> {
        for name in [DEFAULT_MODEL, DEFAULT_MODEL_Q4] {
            if let Some(path) = self.available(name) {
                let record = self.record(name)?.filter(|_| self.installed(name).as_ref() == Some(&path));
                let source = record.map_or_else(|| format!("local directory {}", path.display()), |r| r.source);
                let fallback = (name != DEFAULT_MODEL).then_some(Fallback::Installed);
                return Ok(Pulled { name: name.to_owned(), path, source, already: true, fallback });
            }
        }
        let mut reason = String::new();
        let listen = &mut |event: PullProgress<'_>| {
            if let PullProgress::Failed { problem, .. } = &event {
                (*problem).clone_into(&mut reason);
            }
            (report.on_progress)(event);
        };
        match self.install_named(DEFAULT_MODEL, options, &mut Report { on_progress: listen, cancel: report.cancel }) {
            Err(Error::Fetch { .. }) => {}
            other => return other,
        }
        match self.install_named(DEFAULT_MODEL_Q4, options, report) {
            Ok(pulled) => Ok(Pulled { fallback: Some(Fallback::NotFetched { reason }), ..pulled }),
            Err(Error::Fetch { what, problem }) => {
                Err(Error::Fetch { what: format!("{DEFAULT_MODEL} ({reason}), nor {what} in its place"), problem })
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn install_runtime(&self, options: &PullOptions, report: &mut Report<'_>) -> Result<Pulled> {
        let name = RUNTIME.name.to_owned();
        let source = describe(&RUNTIME.wheel);
        let installed =
            |path| Pulled { name: name.clone(), path, source: source.clone(), already: true, fallback: None };
        if let Some(path) = self.runtime_library() {
            return Ok(installed(path));
        }
        if !RUNTIME.fits_this_platform() {
            return Err(Error::RuntimeUnavailable { name });
        }
        if options.offline {
            return Err(Error::Offline { what: name });
        }
        let waiting = &mut || report.report(PullProgress::Waiting { name: RUNTIME.name });
        let mut staging = Staging::begin(&self.runtime_directory(), RUNTIME.name, waiting)?;
        if let Some(path) = self.runtime_library() {
            return Ok(installed(path));
        }
        if !staging.adopt_finished(&RUNTIME.file)? {
            report.report(PullProgress::Trying { name: &name, source: &source })?;
            let wanted: Vec<_> = RUNTIME.wheel.members.iter().map(|(member, _)| (*member, &RUNTIME.file)).collect();
            wheel::fetch(&RUNTIME.wheel, &wanted, &mut staging, options, report)?;
        }
        let record = InstallRecord {
            name: name.clone(),
            licence: Some(RUNTIME.licence.to_owned()),
            source: source.clone(),
            revision: Some(RUNTIME.wheel.version.to_owned()),
            files: Vec::new(),
        };
        let path = staging.commit(record)?.join(RUNTIME.file.path);
        Ok(Pulled { already: false, ..installed(path) })
    }

    /// Returns a model that is installed already.
    fn pulled_before(&self, name: &str) -> Result<Option<Pulled>> {
        let Some(path) = self.installed(name) else { return Ok(None) };
        let source = self.record(name)?.map(|record| record.source).unwrap_or_default();
        Ok(Some(Pulled { name: name.to_owned(), path, source, already: true, fallback: None }))
    }
}
