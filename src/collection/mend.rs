//! Which of a collection's files belong together and can be relied on, and what is made again of the others.
//!
//! Three things say which collection they are of: the head, the records and what is published. Two that agree outvote the third.

use std::path::Path;

use super::access::{Rebuilt, current_missing, published_in, settings_of};
use super::records_to_index;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::{OpenMode, Store};

/// What is published, whole and checked.
struct Whole {
    snapshot: Snapshot,
    /// The identity of the collection it is of.
    id: String,
}

/// What is published is of another collection than the records.
pub(super) fn of_another(collection: &Path) -> Error {
    let problem = "what is published is of another collection than the records and their head".to_owned();
    Error::CopiesDiffer { path: collection.to_path_buf(), problem }
}

/// The records and their head know nothing of the last changes that are published.
pub(super) fn older_records(collection: &Path, store: &Store, snapshot: &Snapshot) -> Error {
    let (published, found) = (snapshot.totals().sequence, store.counts().sequence);
    let problem = format!(
        "the records and their head end at change {found}, what is published at {published}: the records are an older copy"
    );
    Error::CopiesDiffer { path: collection.to_path_buf(), problem }
}

/// Looks at records that a write may have left half done, and takes the published copy in their place where they contradict
/// themselves and it has everything that was acknowledged.
///
/// # Errors
/// [`Error::RecordsDamaged`] where it has not; [`Error::Io`].
pub(super) fn suspect(store: Store, collection: &Path, mode: OpenMode) -> Result<Store> {
    let findings = store.verify()?;
    let Some(first) = findings.first() else {
        store.clear_suspicion()?;
        return Ok(store);
    };
    let error = contradiction(collection, &first.to_string());
    let acknowledged = store.head().map_or(u64::MAX, |head| head.sequence);
    let id = store.settings().id;
    drop(store);
    match whole(collection) {
        Ok(Whole { snapshot, id: published }) if published == id && snapshot.totals().sequence >= acknowledged => {
            from_published(collection, &snapshot, mode)
        }
        _ => Err(error),
    }
}

/// The records to go on with: those that are there, or made again from what is published.
///
/// # Errors
/// [`Error::RecordsDamaged`] when neither side can be relied on, with what is wrong with each.
pub(super) fn rebuild(collection: &Path, mode: OpenMode) -> Result<(Store, Rebuilt)> {
    // What is published may be damaged, or of an older format.
    let error = match Store::open(collection, OpenMode { only_copy: true, ..mode }) {
        Ok(store) => match wrong_with(&store, collection)? {
            None => {
                store.clear_suspicion()?;
                return Ok((store, Rebuilt::Published));
            }
            Some(error) => error,
        },
        Err(error @ Error::CopiesDiffer { .. }) => {
            if let Some(store) = without_head(collection, mode)? {
                return Ok((store, Rebuilt::Published));
            }
            error
        }
        Err(error @ (Error::RecordsDamaged { .. } | Error::RecordsBehind { .. } | Error::CollectionMissing { .. })) => {
            error
        }
        Err(error) => return Err(error),
    };
    let Whole { snapshot, id } = whole(collection).map_err(|cause| neither(collection, &error, &cause))?;
    if Store::head_identity(collection)?.is_some_and(|head| head != id) {
        return Err(neither(collection, &error, &of_another(collection)));
    }
    Ok((from_published(collection, &snapshot, mode)?, Rebuilt::Records))
}

/// Why records that could be opened cannot be relied on.
fn wrong_with(store: &Store, collection: &Path) -> Result<Option<Error>> {
    if let Some(first) = store.verify()?.first() {
        return Ok(Some(contradiction(collection, &first.to_string())));
    }
    Ok(match whole(collection) {
        Ok(Whole { snapshot, id })
            if id == store.settings().id && snapshot.totals().sequence > store.found_on_open().sequence =>
        {
            Some(older_records(collection, store, &snapshot))
        }
        _ => None,
    })
}

/// Records whose head is of another collection: whole, unless what is published is of the head's.
fn without_head(collection: &Path, mode: OpenMode) -> Result<Option<Store>> {
    let mut store = Store::open(collection, OpenMode { accept_loss: true, ignore_head: true, ..mode })?;
    let ours = store.settings().id;
    match whole(collection) {
        Ok(Whole { id, .. }) if id != ours => return Ok(None),
        _ => {}
    }
    if !store.verify()?.is_empty() {
        return Ok(None);
    }
    store.clear_loss();
    store.flush()?;
    Ok(Some(store))
}

/// What is published, with every byte of it checked.
fn whole(collection: &Path) -> Result<Whole> {
    let directory = published_in(collection);
    let snapshot = Snapshot::at(&directory)?.ok_or_else(|| current_missing(&directory))?;
    snapshot.verify(&directory)?;
    let id = settings_of(&snapshot, collection)?.id;
    Ok(Whole { snapshot, id })
}

/// Records made again from what is published, in the place of those that are set aside.
pub(super) fn from_published(collection: &Path, snapshot: &Snapshot, mode: OpenMode) -> Result<Store> {
    let settings = settings_of(snapshot, collection)?;
    let mut store = Store::replace(collection, settings, snapshot.generation(), mode.wait)?;
    records_to_index::restore_records(&mut store, snapshot)?;
    Ok(store)
}

fn contradiction(collection: &Path, finding: &str) -> Error {
    Error::records_damaged(collection.join("records"), format!("they contradict themselves ({finding})"))
}

/// Neither the records nor what is published can be read.
fn neither(collection: &Path, records: &Error, published: &Error) -> Error {
    let what = |error: &Error| match error {
        Error::RecordsDamaged { problem, .. }
        | Error::IndexDamaged { problem, .. }
        | Error::CopiesDiffer { problem, .. } => problem.clone(),
        Error::RecordsBehind { expected, found, .. } => {
            format!("they end at change {found} but {expected} were acknowledged")
        }
        Error::CollectionMissing { .. } => "they are missing".to_owned(),
        other => other.to_string(),
    };
    let file = match published {
        Error::IndexDamaged { path, .. } => path.display().to_string(),
        _ => "what is published".to_owned(),
    };
    let problem =
        format!("{}, and they cannot be restored, as {file} is damaged too ({})", what(records), what(published));
    Error::RecordsDamaged { path: collection.to_path_buf(), problem, repairable: false }
}
