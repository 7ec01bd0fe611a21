//! Writes the rows of one document over those of its previous version.

use std::collections::HashSet;

use crate::document::{Context, DocumentId, Span, Syntax};
use crate::error::{Error, Result};

use super::codec::{self, ChangeRecord, HeaderRecord, NameRecord, PIECE_BYTES, PassageRecord};
use super::keys;
use super::tree::{Batch, IVec, Tree};
use super::write::OldVersion;

/// A document to be written, borrowed.
pub(super) struct DocumentRows<'a> {
    pub(super) sequence: u64,
    pub(super) id: &'a DocumentId,
    pub(super) text: &'a str,
    pub(super) syntax: Syntax,
    /// JSON; empty for no metadata.
    pub(super) metadata: String,
    pub(super) name: NameRecord,
    pub(super) passages: Vec<PassageRow<'a>>,
}

/// A passage to be written, borrowed.
pub(super) struct PassageRow<'a> {
    pub(super) id: u64,
    pub(super) span: &'a Span,
    pub(super) hash: [u8; 16],
    pub(super) context: &'a Context,
    /// `None`: the stored vector stays.
    pub(super) vector: Option<&'a [u8]>,
}

impl DocumentRows<'_> {
    /// Adds all rows of the document to the writes.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a document that cannot be written; [`Error::Io`], [`Error::RecordsDamaged`].
    pub(super) fn put(self, writes: &mut Writes<'_>) -> Result<()> {
        let Self { sequence, id, text, syntax, metadata, name, passages } = self;
        let number = name.number;
        let invalid = |problem: String| Error::InvalidDocument { id: id.to_string(), problem };
        let encoded = |result: Result<Vec<u8>, postcard::Error>| result.map_err(|e| invalid(e.to_string()));
        let count = u32::try_from(passages.len()).map_err(|_| invalid("too many passages".to_owned()))?;
        let (text_bytes, syntax) = (text.len() as u64, syntax.code());
        let header = HeaderRecord { id: id.clone(), sequence, text_bytes, passages: count, syntax, metadata };
        writes.insert_pieces(&keys::numbered(keys::HEADERS, number), &encoded(codec::encode(&header))?)?;
        writes.insert(keys::name(id.as_str()), &encoded(codec::encode(&name))?)?;
        let change = ChangeRecord { document: number, removed: false, id: id.clone() };
        writes.insert(keys::numbered(keys::CHANGES, sequence), &encoded(codec::encode(&change))?)?;
        writes.insert_sized(&keys::numbered(keys::TEXTS, number), text.as_bytes())?;
        for (ordinal, PassageRow { id, span, hash, context, vector }) in (0..count).zip(passages) {
            let record = PassageRecord::new(id, span, hash, context.clone());
            writes.insert_pieces(&keys::passage(number, ordinal), &encoded(codec::encode(&record))?)?;
            if let Some(bytes) = vector {
                writes.insert_sized(&keys::numbered(keys::VECTORS, id), bytes)?;
            }
        }
        Ok(())
    }
}

/// The writes of one document: new rows, and rows to be removed. Leaves out a row whose stored value is the same: sled
/// copies a node for every row and frees the copies only at the end of a batch, so a row costs far more memory than its
/// bytes; and a long document is written many times while it is encoded.
pub(super) struct Writes<'a> {
    tree: &'a Tree,
    batch: Batch,
    /// The keys of stored rows that no write has replaced so far. [`Self::finish`] removes them.
    stale: HashSet<IVec>,
}

impl<'a> Writes<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, batch: Batch::default(), stale: HashSet::new() }
    }

    /// Removes the rows of a stored document except its name, and only the vectors of the passages in `removed`. Call it before
    /// any write: rows that are written later are kept.
    pub(super) fn clear(&mut self, old: &OldVersion, removed: &[u64]) -> Result<()> {
        let of_document = |table| keys::numbered(table, old.name.number);
        let of_vectors = removed.iter().map(|&id| keys::numbered(keys::VECTORS, id));
        let prefixes = [keys::HEADERS, keys::TEXTS, keys::PASSAGES].map(of_document).into_iter().chain(of_vectors);
        for prefix in prefixes {
            for row in self.tree.scan(&prefix) {
                self.stale.insert(row?.0);
            }
        }
        self.stale.insert(IVec::from(keys::numbered(keys::CHANGES, old.sequence)));
        Ok(())
    }

    /// Writes one row.
    pub(super) fn insert(&mut self, key: Vec<u8>, value: &[u8]) -> Result<()> {
        let was_stored = self.stale.remove(key.as_slice());
        if !was_stored || self.tree.get(&key)?.is_none_or(|stored| stored != value) {
            self.batch.insert(key, value);
        }
        Ok(())
    }

    /// Writes a value whose length is stored nowhere else.
    fn insert_pieces(&mut self, prefix: &[u8], value: &[u8]) -> Result<()> {
        codec::pieces(value).try_for_each(|(number, piece)| self.insert(keys::piece(prefix, number), piece))
    }

    /// Writes a value whose length is stored in another row.
    fn insert_sized(&mut self, prefix: &[u8], value: &[u8]) -> Result<()> {
        let mut chunks = (0u32..).zip(value.chunks(PIECE_BYTES));
        chunks.try_for_each(|(number, piece)| self.insert(keys::piece(prefix, number), piece))
    }

    /// Returns the batch, which also removes the stored rows that no write has replaced.
    pub(super) fn finish(self) -> Batch {
        let Self { mut batch, stale, .. } = self;
        for key in stale {
            batch.remove(key);
        }
        batch
    }
}
