//! The full check of a collection, which writes nothing.

use std::path::Path;
use std::time::Duration;

use super::access::{current_missing, has_other_vectors, published_in, settings_of};
use super::{mend, records_to_index, words};
use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::Store;

/// Returns everything that is wrong, each with what to do.
///
/// # Errors
/// [`Error::Io`], [`Error::Locked`], [`Error::CollectionMissing`] and the errors about another format: nothing could be
/// checked.
pub(super) fn findings(collection: &Path, wait: Duration) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let directory = published_in(collection);
    // A reader accepts a file with a second hard link, or a FIFO; a writer refuses it.
    let checked = Dir::open(collection).and_then(|collection| collection.check_all());
    if let Err(error) = checked.map_err(Error::io("rely on", collection)) {
        findings.push(error.to_string());
    }
    let snapshot = or_finding(Snapshot::at(&directory), &mut findings)?.flatten();
    match &snapshot {
        Some(snapshot) => {
            let verified = snapshot.verify(&directory).and_then(|()| words::verify(snapshot));
            or_finding(verified, &mut findings)?;
        }
        None if findings.is_empty() && Store::check_head(collection)? => {
            findings.push(current_missing(&directory).to_string());
        }
        None => {}
    }
    match or_finding(Store::inspect(collection, wait), &mut findings)? {
        Some(store) => compare(&store, snapshot.as_ref(), findings),
        None => Ok(findings),
    }
}

/// Checks the published index, for a handle that cannot read the records.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn check_published(collection: &Path, snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    or_finding(snapshot.verify(&published_in(collection)).and_then(|()| words::verify(snapshot)), &mut findings)?;
    Ok(findings)
}

/// The same as [`findings`], for a handle that has the records open.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn check_writer(store: &Store, snapshot: &Snapshot) -> Result<Vec<String>> {
    let findings = check_published(store.collection(), snapshot)?;
    compare(store, Some(snapshot), findings)
}

/// Checks the records. If there are no findings so far, also compares them with the published index.
fn compare(store: &Store, snapshot: Option<&Snapshot>, mut findings: Vec<String>) -> Result<Vec<String>> {
    if let Err(loss) = store.check_loss() {
        findings.push(loss.to_string());
    }
    let problems = store.verify()?;
    findings.extend(problems.iter().map(ToString::to_string));
    let Some(snapshot) = snapshot.filter(|_| findings.is_empty()) else { return Ok(findings) };
    if let Some(settings) = or_finding(settings_of(snapshot, store.collection()), &mut findings)? {
        if settings.id != store.settings().id {
            findings.push(mend::another_collection(store.collection()).to_string());
        } else if has_other_vectors(store, snapshot)? {
            findings.push(format!(
                "{}: a move of the vectors to another space was interrupted; rebuild the collection, which ends it",
                store.collection().display()
            ));
        } else if snapshot.totals().sequence > store.counts().sequence {
            findings.push(mend::older_records(store.collection(), store, snapshot).to_string());
        } else {
            findings.extend(records_to_index::differences(store, snapshot)?);
        }
    }
    Ok(findings)
}

/// Turns an error about the collection into a finding; returns any other error, which ends the check.
fn or_finding<T>(result: Result<T>, findings: &mut Vec<String>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_corruption() => {
            findings.push(error.to_string());
            Ok(None)
        }
        Err(error @ Error::CollectionMissing { .. }) if !findings.is_empty() => {
            findings.push(error.to_string());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
