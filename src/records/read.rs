//! Reading single documents, texts, passages and vectors.

use std::ops::Range;

use crate::document::{DocumentId, Metadata, PassageId, Syntax};
use crate::error::{Error, Result};

use super::codec::{self, HeaderRecord, NameRecord, PIECE_BYTES, PassageRecord};
use super::keys;
use super::store::Store;
use super::types::{StoredDocument, StoredPassage};

impl Store {
    /// The document of that name, without its text and vectors.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn document(&self, id: &DocumentId) -> Result<Option<StoredDocument>> {
        let _state = self.read_state();
        let Some(name) = self.name_record(id)? else { return Ok(None) };
        let header = self.header(name.number)?;
        self.assemble_document(name, header).map(Some)
    }

    /// A part of a document's text, in bytes: what [`Store::found`] gives of a passage, for any range.
    ///
    /// # Errors
    /// [`Error::DocumentMissing`]; [`Error::InvalidInput`] for a range outside the text or inside a character;
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    #[cfg(test)]
    pub fn text(&self, number: u64, range: Range<usize>) -> Result<String> {
        let _state = self.read_state();
        let length = self.text_bytes(number)?;
        let outside = |problem: &str| Error::InvalidInput {
            problem: format!(
                "bytes {} to {} of document {number}'s text of {length}: {problem}",
                range.start, range.end
            ),
        };
        if range.start > range.end || range.end > length {
            return Err(outside("out of its bounds"));
        }
        String::from_utf8(self.text_pieces(number, range.clone(), length)?).map_err(|_| outside("a character is cut"))
    }

    /// A document's whole text.
    ///
    /// # Errors
    /// [`Error::DocumentMissing`]; [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn whole_text(&self, number: u64) -> Result<String> {
        let _state = self.read_state();
        self.whole_text_unlocked(number)
    }

    /// For those who hold the lock: taking it twice in one thread may wait for ever.
    pub(super) fn whole_text_unlocked(&self, number: u64) -> Result<String> {
        let length = self.text_bytes(number)?;
        let bytes = self.text_pieces(number, 0..length, length)?;
        String::from_utf8(bytes).map_err(|_| self.tree.damaged(format!("the text of document {number} is not UTF-8")))
    }

    /// A passage's vector, `[dimension]`; none when no passage has that id.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn vector(&self, passage: PassageId) -> Result<Option<Vec<f32>>> {
        let precision = self.settings().precision;
        Ok(self.kept_vector(passage)?.map(|bytes| super::vector::decode(&bytes, precision)))
    }

    /// A passage's vector as it is kept: little-endian, at the store's precision; none when no passage has that id.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn kept_vector(&self, passage: PassageId) -> Result<Option<Vec<u8>>> {
        let state = self.read_state();
        let prefix = keys::numbered(keys::VECTORS, passage.0);
        let mut bytes = Vec::with_capacity(state.settings.vector_bytes());
        for row in self.tree.scan(&prefix) {
            bytes.extend_from_slice(&row?.1);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.len() != state.settings.vector_bytes() {
            return Err(self.tree.damaged(format!("the vector of passage {} has {} bytes", passage.0, bytes.len())));
        }
        Ok(Some(bytes))
    }

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

    /// The document whose header is known.
    pub(super) fn document_of(&self, number: u64, header: HeaderRecord) -> Result<StoredDocument> {
        match self.name_record(&header.id)? {
            Some(name) if name.number == number => self.assemble_document(name, header),
            _ => {
                Err(self.tree.damaged(format!("document {number} is called {:?}, but that name is not its", header.id)))
            }
        }
    }

    fn assemble_document(&self, name: NameRecord, header: HeaderRecord) -> Result<StoredDocument> {
        let number = name.number;
        let damaged = |problem: &str| self.tree.damaged(format!("document {number}: {problem}"));
        let metadata = metadata_of(&header).map_err(|error| damaged(&format!("its metadata: {error}")))?;
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
            return Err(damaged(&format!("{} passages of {} are there", passages.len(), header.passages)));
        }
        Ok(StoredDocument {
            number,
            syntax: Syntax::of_code(header.syntax).ok_or_else(|| damaged("its syntax is unknown"))?,
            metadata,
            stamp: name.stamp(),
            content_hash: name.content_hash,
            text_bytes: usize::try_from(header.text_bytes).map_err(|_| damaged("its text is too long"))?,
            sequence: header.sequence,
            passages,
            id: header.id,
        })
    }

    pub(super) fn stored_passage(&self, bytes: &[u8]) -> Result<StoredPassage> {
        let record: PassageRecord = codec::decode(bytes).map_err(|e| self.tree.damaged(format!("a passage: {e}")))?;
        record.into_stored().ok_or_else(|| self.tree.damaged("a passage's span is too large"))
    }

    /// A value in pieces, the last of which is not full.
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

    fn text_bytes(&self, number: u64) -> Result<usize> {
        let header = self.header_if_any(number)?;
        let missing =
            || Error::DocumentMissing { id: format!("number {number}"), collection: self.collection().to_path_buf() };
        usize::try_from(header.ok_or_else(missing)?.text_bytes).map_err(|_| self.tree.damaged("a text is too long"))
    }

    /// The bytes of a range within a text of `length` bytes.
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

pub(super) fn metadata_of(header: &HeaderRecord) -> serde_json::Result<Metadata> {
    if header.metadata.is_empty() { Ok(Metadata::new()) } else { serde_json::from_str(&header.metadata) }
}
