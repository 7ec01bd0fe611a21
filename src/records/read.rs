//! Reads single documents, texts, passages and vectors.

use std::ops::Range;

use crate::document::{DocumentId, Metadata, PassageId, StoredDocument, StoredPassage, Syntax};
use crate::error::Result;

use super::codec::{self, HeaderRecord, NameRecord, PIECE_BYTES, PassageRecord};
use super::keys;
use super::store::{Store, StoreState};

impl Store {
    /// Reads the document with this id, with all its parts.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn document(&self, id: &DocumentId) -> Result<Option<StoredDocument>> {
        let state = self.read_state();
        let Some(name) = self.name_record(id)? else { return Ok(None) };
        let header = self.header(name.number)?;
        self.whole_document(&state, &name, header).map(Some)
    }

    /// True if there is a document with this id. Reads one row.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn contains(&self, id: &DocumentId) -> Result<bool> {
        Ok(self.name_record(id)?.is_some())
    }

    /// True if there is a document with this id, and it did not come from a file.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn has_no_file(&self, id: &DocumentId) -> Result<bool> {
        Ok(self.name_record(id)?.is_some_and(|name| name.stamp().is_none()))
    }

    /// True if only a part of this document is stored, see [`Store::put_part`]. Such a document is not published.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn is_unfinished(&self, id: &DocumentId) -> Result<bool> {
        Ok(self.name_record(id)?.is_some_and(|name| name.is_unfinished()))
    }

    /// Returns the passages of a document in order: the hash of the encoded text, and the id. Empty if there is no document
    /// with this id. Reads neither text nor vectors.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn passage_hashes(&self, id: &DocumentId) -> Result<Vec<([u8; 16], PassageId)>> {
        let _state = self.read_state();
        let Some(name) = self.name_record(id)? else { return Ok(Vec::new()) };
        let passages = self.passages_of(name.number, &self.header(name.number)?)?;
        Ok(passages.into_iter().map(|passage| (passage.hash, passage.id)).collect())
    }

    /// Returns the number of the document with this id, and the sequence number of its last change. Also reads the rows of its
    /// passages, to check that they are all there.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn number_and_sequence(&self, id: &DocumentId) -> Result<Option<(u64, u64)>> {
        let _state = self.read_state();
        let Some(name) = self.name_record(id)? else { return Ok(None) };
        let header = self.header(name.number)?;
        self.passages_of(name.number, &header)?;
        Ok(Some((name.number, header.sequence)))
    }

    /// Reads a passage's vector, `[dimension]`; `None` if no passage has this id.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn vector(&self, passage: PassageId) -> Result<Option<Vec<f32>>> {
        let precision = self.settings().precision;
        Ok(self.kept_vector(passage)?.map(|bytes| super::vector::decode(&bytes, precision)))
    }

    /// Reads a passage's vector as it is stored: little-endian, at the store's precision; `None` if no passage has this id.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn kept_vector(&self, passage: PassageId) -> Result<Option<Vec<u8>>> {
        let state = self.read_state();
        self.kept_vector_unlocked(passage, state.settings.vector_bytes())
    }

    /// [`Self::kept_vector`] for callers that hold the lock. `length`: the bytes of every vector.
    fn kept_vector_unlocked(&self, passage: PassageId, length: usize) -> Result<Option<Vec<u8>>> {
        let prefix = keys::numbered(keys::VECTORS, passage.0);
        let mut bytes = Vec::with_capacity(length);
        for row in self.tree.scan(&prefix) {
            bytes.extend_from_slice(&row?.1);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.len() != length {
            return Err(self.tree.damaged(format!("the vector of passage {} has {} bytes", passage.0, bytes.len())));
        }
        Ok(Some(bytes))
    }

    /// Reads the name row of a document; `None` if there is no document with this id.
    pub(super) fn name_record(&self, id: &DocumentId) -> Result<Option<NameRecord>> {
        let value = self.tree.get(&keys::name(id.as_str()))?;
        value.map(|v| codec::decode(&v).map_err(|e| self.tree.damaged(format!("the name {id:?}: {e}")))).transpose()
    }

    pub(super) fn header(&self, number: u64) -> Result<HeaderRecord> {
        self.header_if_any(number)?
            .ok_or_else(|| self.tree.damaged(format!("the header of document {number} is missing")))
    }

    pub(super) fn header_if_any(&self, number: u64) -> Result<Option<HeaderRecord>> {
        let bytes = self.pieces_if_any(&keys::numbered(keys::HEADERS, number))?;
        let damaged = |e| self.tree.damaged(format!("the header of document {number}: {e}"));
        bytes.map(|bytes| codec::decode(&bytes).map_err(damaged)).transpose()
    }

    /// Reads the name row of a document whose header is known, and checks that the row has the same number.
    pub(super) fn name_of(&self, number: u64, header: &HeaderRecord) -> Result<NameRecord> {
        match self.name_record(&header.id)? {
            Some(name) if name.number == number => Ok(name),
            _ => Err(self
                .tree
                .damaged(format!("document {number} has the id {:?}, which does not lead to it", header.id))),
        }
    }

    /// Reads a whole document. The caller holds the lock.
    pub(super) fn whole_document(
        &self,
        state: &StoreState,
        name: &NameRecord,
        header: HeaderRecord,
    ) -> Result<StoredDocument> {
        let number = name.number;
        let damaged = |problem: &str| self.tree.damaged(format!("document {number}: {problem}"));
        self.check_metadata(number, &header)?;
        let passages = self.passages_of(number, &header)?.into_iter().map(|passage| {
            let StoredPassage { id, span, context, hash, vector: () } = passage;
            let vector = self.kept_vector_unlocked(id, state.settings.vector_bytes())?;
            let vector = vector.ok_or_else(|| damaged(&format!("passage {} has no vector", id.0)))?;
            Ok(StoredPassage { id, span, context, hash, vector })
        });
        let passages = passages.collect::<Result<_>>()?;
        let text = self.text_of(number, &header)?;
        Ok(StoredDocument {
            number,
            sequence: header.sequence,
            text,
            syntax: Syntax::of_code(header.syntax).ok_or_else(|| damaged("its syntax is unknown"))?,
            stamp: name.stamp(),
            content_hash: name.content_hash,
            passages,
            id: header.id,
            metadata: header.metadata,
        })
    }

    /// Checks that the metadata of a header can be parsed.
    pub(super) fn check_metadata(&self, number: u64, header: &HeaderRecord) -> Result<()> {
        let damaged = |error| self.tree.damaged(format!("document {number}: its metadata: {error}"));
        parse_metadata(&header.metadata).map(|_| ()).map_err(damaged)
    }

    /// Reads all passages of a document, without their vectors.
    pub(super) fn passages_of(&self, number: u64, header: &HeaderRecord) -> Result<Vec<StoredPassage<()>>> {
        let mut passages = Vec::with_capacity(header.passages.min(1 << 16) as usize);
        let mut bytes = Vec::new();
        for row in self.tree.scan(&keys::numbered(keys::PASSAGES, number)) {
            let piece = row?.1;
            bytes.extend_from_slice(&piece);
            if piece.len() < PIECE_BYTES {
                passages.push(self.stored_passage(&bytes)?);
                bytes.clear();
            }
        }
        if passages.len() != header.passages as usize || !bytes.is_empty() {
            let problem = format!("{} passages of {} are there", passages.len(), header.passages);
            return Err(self.tree.damaged(format!("document {number}: {problem}")));
        }
        Ok(passages)
    }

    pub(super) fn stored_passage(&self, bytes: &[u8]) -> Result<StoredPassage<()>> {
        let record: PassageRecord = codec::decode(bytes).map_err(|e| self.tree.damaged(format!("a passage: {e}")))?;
        record.into_stored().ok_or_else(|| self.tree.damaged("a passage's span is too large"))
    }

    /// Reads a value in pieces, the last of which is not full.
    pub(super) fn pieces_if_any(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        for number in 0u32.. {
            let Some(piece) = self.tree.get(&keys::piece(prefix, number))? else {
                if number == 0 {
                    return Ok(None);
                }
                break;
            };
            bytes.extend_from_slice(&piece);
            if piece.len() < PIECE_BYTES {
                return Ok(Some(bytes));
            }
        }
        Err(self.tree.damaged("the end of a value in pieces is missing"))
    }

    /// Reads a document's whole text.
    pub(super) fn text_of(&self, number: u64, header: &HeaderRecord) -> Result<String> {
        let damaged = |problem: &str| self.tree.damaged(format!("the text of document {number} {problem}"));
        let length = usize::try_from(header.text_bytes).map_err(|_| damaged("is too long"))?;
        let bytes = self.text_pieces(number, 0..length, length)?;
        String::from_utf8(bytes).map_err(|_| damaged("is not UTF-8"))
    }

    /// Reads the bytes of a range within a text of `length` bytes. Reads only the pieces that the range touches.
    pub(super) fn text_pieces(&self, number: u64, range: Range<usize>, length: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(range.len());
        if range.is_empty() {
            return Ok(bytes);
        }
        let prefix = keys::numbered(keys::TEXTS, number);
        for piece in range.start / PIECE_BYTES..=(range.end - 1) / PIECE_BYTES {
            let start = piece * PIECE_BYTES;
            let key = u32::try_from(piece).map(|piece| keys::piece(&prefix, piece));
            let value = key.map_or(Ok(None), |key| self.tree.get(&key))?;
            let Some(value) = value.filter(|v| v.len() == PIECE_BYTES.min(length - start)) else {
                return Err(self.tree.damaged(format!("piece {piece} of the text of document {number} is missing")));
            };
            let (from, to) = (range.start.max(start) - start, range.end.min(start + value.len()) - start);
            bytes.extend_from_slice(&value[from..to]);
        }
        Ok(bytes)
    }
}

/// Parses stored metadata: a JSON object, or nothing.
pub(super) fn parse_metadata(json: &str) -> serde_json::Result<Metadata> {
    if json.is_empty() { Ok(Metadata::new()) } else { serde_json::from_str(json) }
}
