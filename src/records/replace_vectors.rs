//! Replaces all vectors: copies the records with other vectors, then puts the copy in their place.
//!
//! | directory in the collection | content |
//! |---|---|
//! | `records` | the records in use |
//! | `records.with-new-vectors` | the copy, until it takes their place; worthless after a crash |
//! | `records.with-old-vectors` | the former records, from the moment before the copy takes their place |
//!
//! The copy is complete, checked and durable before anything is renamed. A crash leaves the old records or the new ones:
//! [`end_replacing`] puts the old ones back if it came between the two renames.

use std::collections::BTreeSet;
use std::io;

use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::kernel::sync;

use super::codec::PIECE_BYTES;
use super::keys;
use super::open::OpenMode;
use super::settings::Settings;
use super::store::{Store, StoreState, put_settings, records};
use super::tree::{Batch, Tree};
use super::vector;

const RECORDS: &str = "records";
const NEW: &str = "records.with-new-vectors";
const OLD: &str = "records.with-old-vectors";

/// The most rows and bytes that are written at once: sled needs far more memory for a batch than its bytes.
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 256 << 10;

/// Computes a passage's new vector from the old one, in place.
pub type ReplaceVector<'a> = dyn FnMut(&mut [f32]) -> Result<()> + 'a;

impl Store {
    /// Replaces the vectors of all passages, and the settings. Everything else stays: numbers, sequence, changes. Calls `step`
    /// with the number of vectors done and in all, after some of them; an error of `step` leaves the records as they were.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] for settings with another dimension or precision; [`Error::RecordsDamaged`] for records that
    /// contradict themselves; [`Error::Io`]; the errors of `replace` and `step`. The old records stay in each case.
    pub fn replace_vectors(
        self,
        settings: Settings,
        replace: &mut ReplaceVector<'_>,
        step: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<Self> {
        settings.check()?;
        self.check_loss()?;
        let old = self.settings();
        if (old.dimension, old.precision) != (settings.dimension, settings.precision) {
            let problem = "new vectors need the dimension and precision of the old ones".to_owned();
            return Err(Error::InvalidOptions { problem });
        }
        // Old records that a crash left are put back or deleted when a store is opened.
        self.collection.remove_all(NEW).map_err(Error::io("delete", self.collection().join(NEW)))?;
        let copied = self.copy_with(&settings, replace, step);
        if copied.is_err() {
            // If this fails, the next opening deletes it.
            let _ = self.collection.remove_all(NEW);
        }
        copied?;
        self.take_over()
    }

    /// Makes the copy, durable and checked.
    fn copy_with(
        &self,
        settings: &Settings,
        replace: &mut ReplaceVector<'_>,
        step: &mut dyn FnMut(u64, u64) -> Result<()>,
    ) -> Result<()> {
        let tree = Tree::open(&self.collection().join(NEW))?;
        let (counters, total) = (self.read_state().counters, self.counts().passages);
        let mut copy = Copy { from: &self.tree, to: &tree, batch: Batch::default(), rows: 0, bytes: 0 };
        let (mut vector, mut done) = (Vec::new(), 0);
        for row in self.tree.scan(&[]) {
            let (key, value) = row?;
            if key.starts_with(keys::SETTINGS) {
                continue;
            }
            if key.first() != Some(&keys::VECTORS) {
                copy.insert(key.to_vec(), &value)?;
                continue;
            }
            let (passage, _) = keys::number_and_piece(&key).ok_or_else(|| tree.damaged("a vector's key is garbled"))?;
            vector.extend_from_slice(&value);
            // Each piece but the last is full.
            if vector.len() < settings.vector_bytes() && value.len() == PIECE_BYTES {
                continue;
            }
            copy.insert_vector(passage, &std::mem::take(&mut vector), settings, replace)?;
            done += 1;
            if done % 64 == 0 || done == total {
                step(done, total)?;
            }
        }
        copy.write()?;
        let mut batch = Batch::default();
        put_settings(&tree, &mut batch, settings)?;
        tree.apply(batch)?;
        tree.flush()?;
        // sled can lose ranges of rows without an error, in either tree.
        let state = StoreState { counters, settings: settings.clone() };
        let collection = Dir::open(self.collection()).map_err(Error::io("open", self.collection()))?;
        let findings = Self::assemble(collection, None, tree, state, None, None).verify()?;
        match findings.first() {
            Some(first) => Err(self.tree.damaged(format!("a copy of them contradicts itself ({first})"))),
            None => Ok(()),
        }
    }

    /// Puts the finished copy in the place of the records.
    fn take_over(self) -> Result<Self> {
        let Self { collection, tree, state, head, lock, .. } = self;
        let (path, head) = (collection.path().to_path_buf(), sync::lock(&head).clone());
        let lock = sync::lock(&lock).take();
        drop((tree, state));
        let swap = || {
            collection.rename(RECORDS, OLD)?;
            collection.rename(NEW, RECORDS)?;
            collection.sync()
        };
        if let Err(error) = swap() {
            let _ = end_replacing(&collection);
            return Err(Error::io("replace", records(&path))(error));
        }
        let again = Dir::open(&path).map_err(Error::io("open", &path))?;
        let opened = Tree::open(&records(&path)).and_then(|tree| {
            let store = Self::compare(collection, lock, tree, head, OpenMode::default())?;
            store.flush()?;
            Ok(store)
        });
        // If a read failed, sled has cut the new records: the old ones are still there. An error here would hide the cause; the
        // next opening ends the rest.
        let _ = match &opened {
            Ok(_) => end_replacing(&again),
            Err(_) => put_back(&again),
        };
        opened
    }
}

/// The rows that are copied from one tree to the other.
struct Copy<'a> {
    from: &'a Tree,
    to: &'a Tree,
    batch: Batch,
    rows: usize,
    bytes: usize,
}

impl Copy<'_> {
    fn insert(&mut self, key: Vec<u8>, value: &[u8]) -> Result<()> {
        (self.rows, self.bytes) = (self.rows + 1, self.bytes + key.len() + value.len());
        self.batch.insert(key, value);
        if self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES { self.write() } else { Ok(()) }
    }

    fn insert_vector(
        &mut self,
        passage: u64,
        bytes: &[u8],
        settings: &Settings,
        replace: &mut ReplaceVector<'_>,
    ) -> Result<()> {
        if bytes.len() != settings.vector_bytes() {
            return Err(self.from.damaged(format!("the vector of passage {passage} has {} bytes", bytes.len())));
        }
        let mut numbers = vector::decode(bytes, settings.precision);
        replace(&mut numbers)?;
        let invalid = |problem| Error::InvalidInput { problem: format!("passage {passage}: {problem}") };
        let bytes = vector::encode(&numbers, settings.dimension, settings.precision).map_err(invalid)?;
        let prefix = keys::numbered(keys::VECTORS, passage);
        let mut pieces = (0u32..).zip(bytes.chunks(PIECE_BYTES));
        pieces.try_for_each(|(number, piece)| self.insert(keys::piece(&prefix, number), piece))
    }

    fn write(&mut self) -> Result<()> {
        (self.rows, self.bytes) = (0, 0);
        self.to.apply(std::mem::take(&mut self.batch))
    }
}

/// Ends a replacement that a crash interrupted: puts the old records back if the new ones did not take their place, and
/// deletes what is not needed. The caller holds the collection's lock.
///
/// # Errors
/// The error of the operating system.
pub(super) fn end_replacing(collection: &Dir) -> io::Result<()> {
    let names: BTreeSet<_> = collection.names()?.into_iter().collect();
    let has = |name: &str| names.contains(std::ffi::OsStr::new(name));
    if has(OLD) && !has(RECORDS) {
        collection.rename(OLD, RECORDS)?;
        collection.sync()?;
    } else if has(OLD) {
        // Only when the directory of the new records is durable.
        collection.sync()?;
        collection.remove_all(OLD)?;
    }
    if has(NEW) { collection.remove_all(NEW) } else { Ok(()) }
}

/// Puts the old records back in the place of the new ones.
fn put_back(collection: &Dir) -> io::Result<()> {
    collection.rename(RECORDS, NEW)?;
    end_replacing(collection)
}

/// Returns the name of the records' directory: that of the old ones if a crash came between the two renames.
pub(super) fn records_name(collection: &Dir) -> &'static str {
    let is_between = matches!((collection.has(RECORDS), collection.has(OLD)), (Ok(false), Ok(true)));
    if is_between { OLD } else { RECORDS }
}
