//! Tests of the store as a whole.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `round_trip.rs` | documents, passages, vectors and scans read back as they were stored |
//! | `model.rs` | sequences of operations against a naive model in memory |
//! | `damage.rs` | damaged and truncated files: never a panic, never a wrong value |
//! | `replace_vectors.rs` | all vectors replaced, interrupted at every step |
//! | `crash.rs` | `kill -9` of a writing process |
//! | `reading.rs` | reading functions for tests only |
//! | `fixture.rs` | the stored fixtures of every format |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod crash;
mod damage;
mod fixture;
mod model;
mod reading;
mod replace_vectors;
mod round_trip;

use std::path::Path;
use std::time::Duration;

use super::types::{Counts, PutOutcome};
use super::verify::Finding;
use super::*;
use crate::document::{
    Context, DocumentId, FileStamp, Metadata, PassageId, Place, PlaceKind, Span, StoredDocument, Syntax, metadata_json,
};
use reading::StoredVector;

/// Waits for the lock, which a killed child or a dropped store may still hold for a moment.
pub(super) const WAIT: OpenMode =
    OpenMode { wait: Duration::from_secs(10), accept_loss: false, ignore_head: false, only_copy: false };

pub(super) fn id(name: &str) -> DocumentId {
    DocumentId::new(name).unwrap()
}

/// Returns a vector that differs for each seed and survives f16.
pub(super) fn vector(seed: u64, dimension: usize) -> Vec<f32> {
    (0..dimension as u64).map(|i| ((seed * 31 + i * 7) % 509) as f32 / 256.0 - 1.0).collect()
}

pub(super) fn passage(bytes: std::ops::Range<usize>, vector: PassageVector) -> SplitPassage {
    let hash = [bytes.start as u8; 16];
    SplitPassage {
        span: Span { bytes, lines: 1..2 },
        context: Context::of_headings(vec!["标题 Heading".to_owned()]),
        hash,
        vector,
    }
}

/// Returns a document of one passage, the whole text.
pub(super) fn document(name: &str, text: &str, seed: u64, dimension: usize) -> SplitDocument {
    SplitDocument {
        id: id(name),
        text: text.to_owned(),
        syntax: Syntax::Markdown,
        metadata: Metadata::from([("seed".to_owned(), seed.into())]),
        stamp: Some(FileStamp {
            size: text.len() as u64,
            modified_ns: -5,
            checked_ns: seed as i64,
            changed_ns: seed as i64 - 3,
            inode: seed + 1,
        }),
        content_hash: [seed as u8; 32],
        passages: vec![passage(0..text.len(), PassageVector::New(vector(seed, dimension)))],
    }
}

pub(super) fn create(dir: &Path, dimension: usize) -> Store {
    Store::create(dir, Settings::of_dimension(dimension)).unwrap()
}

pub(super) fn files_in(dir: &Path) -> usize {
    std::fs::read_dir(dir).unwrap().count()
}

/// SplitMix64: random numbers that can be repeated with the printed seed.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Takes the seed from the clock, and prints it.
    pub(super) fn from_clock() -> Self {
        let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        eprint_seed(seed);
        Self(seed)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[allow(clippy::print_stderr, reason = "a failing test shows what seed it had")]
fn eprint_seed(seed: u64) {
    eprintln!("seed {seed}");
}

/// Copies a closed collection.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Returns (passage, document, ordinal, bytes) of every vector, in the order of the passages' ids.
pub(super) fn all_vectors(store: &Store) -> Vec<(PassageId, u64, usize, Vec<u8>)> {
    let mut all = Vec::new();
    let mut push = |vector: StoredVector<'_>| {
        all.push((vector.passage, vector.document, vector.ordinal, vector.bytes.to_vec()));
        Ok(())
    };
    store.for_each_vector(&mut push).unwrap();
    all
}
