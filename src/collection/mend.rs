//! Decides which files of a collection are intact and belong together, and restores the others from them.
//!
//! Three parts store the collection's id: the head, the records and the published index. If two of them have the same id, the
//! third belongs to another collection.

use std::path::Path;

use super::access::{Rebuilt, current_missing, published_in, settings_of};
use super::records_to_index;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::{OpenMode, Store};

/// A published index of which every byte was checked.
struct CheckedIndex {
    snapshot: Snapshot,
    /// The identity of the collection that the index belongs to.
    id: String,
}

/// Returns the error for a published index that belongs to another collection than the records.
pub(super) fn another_collection(collection: &Path) -> Error {
    let problem = "the published index belongs to another collection than the records and their head".to_owned();
    Error::CopiesDiffer { path: collection.to_path_buf(), problem }
}

/// Returns the error for records and a head that lack the last published changes.
pub(super) fn older_records(collection: &Path, store: &Store, snapshot: &Snapshot) -> Error {
    let (published, found) = (snapshot.totals().sequence, store.counts().sequence);
    let problem = format!(
        "the records and their head end at change {found}, the published index at {published}: the records are an older copy"
    );
    Error::CopiesDiffer { path: collection.to_path_buf(), problem }
}

/// Checks records that an interrupted write may have left incomplete. If they contradict themselves, restores them from
/// the published index, provided that the index has everything that was acknowledged.
///
/// # Errors
/// [`Error::RecordsDamaged`] if the index lacks something; [`Error::Io`].
pub(super) fn check_suspect(store: Store, collection: &Path, mode: OpenMode) -> Result<Store> {
    let findings = store.verify()?;
    let Some(first) = findings.first() else {
        store.clear_suspicion()?;
        return Ok(store);
    };
    let error = contradiction(collection, &first.to_string());
    let acknowledged = store.head().map_or(u64::MAX, |head| head.sequence);
    let id = store.settings().id;
    drop(store);
    match checked_index(collection) {
        Ok(CheckedIndex { snapshot, id: published })
            if published == id && snapshot.totals().sequence >= acknowledged =>
        {
            from_published(collection, &snapshot, mode)
        }
        _ => Err(error),
    }
}

/// Returns usable records: the present ones, or records restored from the published index.
///
/// # Errors
/// [`Error::RecordsDamaged`] when neither the records nor the published index can be used, with the problem of each.
pub(super) fn rebuild(collection: &Path, mode: OpenMode) -> Result<(Store, Rebuilt)> {
    // The published index may be damaged, or of an older format. Then the records are the only copy.
    let error = match Store::open(collection, OpenMode { only_copy: true, ..mode }) {
        Ok(store) => match find_problem(&store, collection)? {
            None => {
                store.clear_suspicion()?;
                return Ok((store, Rebuilt::Published));
            }
            Some(error) => error,
        },
        Err(error @ Error::CopiesDiffer { .. }) => {
            if let Some(store) = open_without_head(collection, mode)? {
                return Ok((store, Rebuilt::Published));
            }
            error
        }
        Err(error @ (Error::RecordsDamaged { .. } | Error::RecordsBehind { .. } | Error::CollectionMissing { .. })) => {
            error
        }
        Err(error) => return Err(error),
    };
    let CheckedIndex { snapshot, id } =
        checked_index(collection).map_err(|cause| not_restorable(collection, &error, &cause))?;
    if Store::head_identity(collection)?.is_some_and(|head| head != id) {
        return Err(not_restorable(collection, &error, &another_collection(collection)));
    }
    Ok((from_published(collection, &snapshot, mode)?, Rebuilt::Records))
}

/// Returns the reason why records that could be opened must not be used, if there is one.
fn find_problem(store: &Store, collection: &Path) -> Result<Option<Error>> {
    if let Some(first) = store.verify()?.first() {
        return Ok(Some(contradiction(collection, &first.to_string())));
    }
    Ok(match checked_index(collection) {
        Ok(CheckedIndex { snapshot, id })
            if id == store.settings().id && snapshot.totals().sequence > store.found_on_open().sequence =>
        {
            Some(older_records(collection, store, &snapshot))
        }
        _ => None,
    })
}

/// Opens records whose head belongs to another collection. Returns `None` if the records are damaged, or if the published
/// index belongs to another collection than the records, too.
fn open_without_head(collection: &Path, mode: OpenMode) -> Result<Option<Store>> {
    let mut store = Store::open(collection, OpenMode { accept_loss: true, ignore_head: true, ..mode })?;
    let ours = store.settings().id;
    match checked_index(collection) {
        Ok(CheckedIndex { id, .. }) if id != ours => return Ok(None),
        _ => {}
    }
    if !store.verify()?.is_empty() {
        return Ok(None);
    }
    store.clear_loss();
    store.flush()?;
    Ok(Some(store))
}

/// Opens the published index and checks every byte of it.
fn checked_index(collection: &Path) -> Result<CheckedIndex> {
    let directory = published_in(collection);
    let snapshot = Snapshot::at(&directory)?.ok_or_else(|| current_missing(&directory))?;
    snapshot.verify(&directory)?;
    let id = settings_of(&snapshot, collection)?.id;
    Ok(CheckedIndex { snapshot, id })
}

/// Restores the records from the published index, and sets the old ones aside.
pub(super) fn from_published(collection: &Path, snapshot: &Snapshot, mode: OpenMode) -> Result<Store> {
    let settings = settings_of(snapshot, collection)?;
    let mut store = Store::replace(collection, settings, snapshot.generation(), mode.wait)?;
    records_to_index::restore_records(&mut store, snapshot)?;
    Ok(store)
}

fn contradiction(collection: &Path, finding: &str) -> Error {
    Error::records_damaged(collection.join("records"), format!("they contradict themselves ({finding})"))
}

/// Returns the error when the records cannot be used, and cannot be restored from the published index.
fn not_restorable(collection: &Path, records: &Error, published: &Error) -> Error {
    let short_problem = |error: &Error| match error {
        Error::RecordsDamaged { problem, .. } | Error::CopiesDiffer { problem, .. } => problem.clone(),
        Error::RecordsBehind { expected, found, .. } => {
            format!("they end at change {found} but {expected} were acknowledged")
        }
        Error::CollectionMissing { .. } => "they are missing".to_owned(),
        other => other.to_string(),
    };
    let reason = match published {
        Error::IndexDamaged { path, problem } => format!("{} is damaged too ({problem})", path.display()),
        Error::CopiesDiffer { .. } => "the published index belongs to another collection".to_owned(),
        other => format!("the published index cannot be read ({other})"),
    };
    let problem = format!("{}, and they cannot be restored: {reason}", short_problem(records));
    Error::RecordsDamaged { path: collection.to_path_buf(), problem, repairable: false }
}
