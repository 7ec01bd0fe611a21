//! Reading functions for tests only: one passage by its place, every vector in order.

use std::ops::Range;

use crate::document::{DocumentId, Metadata, PassageId, StoredPassage};
use crate::error::{Error, Result};
use crate::records::store::{Store, counts};
use crate::records::types::Counts;
use crate::records::{codec, keys};

/// A passage with its text, and the parts of its document that a hit shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageWithText {
    /// The document's id.
    pub document: DocumentId,
    /// The document's metadata.
    pub metadata: Metadata,
    /// The number of passages of the document.
    pub passages: usize,
    /// The passage.
    pub passage: StoredPassage<()>,
    /// The passage's text.
    pub text: String,
}

/// A vector as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVector<'a> {
    /// The id of the vector's passage.
    pub passage: PassageId,
    /// The number of the passage's document.
    pub document: u64,
    /// The ordinal of the passage in its document, from 0.
    pub ordinal: usize,
    /// `[dimension]` numbers, little-endian, at the store's precision.
    pub bytes: &'a [u8],
}

impl Store {
    /// Reads a part of a document's text, in bytes: the same as [`Store::found`] does for a passage, for any range.
    ///
    /// # Errors
    /// [`Error::DocumentMissing`]; [`Error::InvalidInput`] for a range outside the text or inside a character;
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn text(&self, number: u64, range: Range<usize>) -> Result<String> {
        let _state = self.read_state();
        let length = self.existing_header(number)?.text_bytes as usize;
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

    /// Reads a document's whole text.
    ///
    /// # Errors
    /// [`Error::DocumentMissing`]; [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn whole_text(&self, number: u64) -> Result<String> {
        let _state = self.read_state();
        self.text_of(number, &self.existing_header(number)?)
    }

    fn existing_header(&self, number: u64) -> Result<codec::HeaderRecord> {
        let missing =
            || Error::DocumentMissing { id: format!("number {number}"), collection: self.collection().to_path_buf() };
        self.header_if_any(number)?.ok_or_else(missing)
    }

    /// Reads one passage with its text and the parts of its document that a hit shows. Reads only as much as it returns,
    /// however long the document is. `None` if there is no such passage.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::RecordsDamaged`].
    pub fn found(&self, number: u64, ordinal: u32) -> Result<Option<PassageWithText>> {
        let _state = self.read_state();
        let Some(header) = self.header_if_any(number)? else { return Ok(None) };
        let Some(bytes) = self.pieces_if_any(&keys::passage(number, ordinal))? else { return Ok(None) };
        let passage = self.stored_passage(&bytes)?;
        let damaged = |problem: String| self.tree.damaged(format!("document {number}: {problem}"));
        let length = usize::try_from(header.text_bytes).map_err(|_| damaged("its text is too long".to_owned()))?;
        let range = passage.span.bytes.clone();
        if range.start > range.end || range.end > length {
            return Err(damaged(format!("passage {ordinal} is not within its text")));
        }
        let text = String::from_utf8(self.text_pieces(number, range, length)?)
            .map_err(|_| damaged(format!("the text of passage {ordinal} is not UTF-8")))?;
        let metadata = crate::records::read::parse_metadata(&header.metadata)
            .map_err(|error| damaged(format!("its metadata: {error}")))?;
        Ok(Some(PassageWithText { document: header.id, metadata, passages: header.passages as usize, passage, text }))
    }

    /// Calls `work` with every vector in the order of the passages' ids, as of one moment. Returns the counts of that moment.
    ///
    /// Writers wait meanwhile. The callback must not call this store: it would wait for itself.
    ///
    /// # Errors
    /// The errors of [`Store::for_each_document`].
    pub fn for_each_vector(&self, work: &mut dyn FnMut(StoredVector<'_>) -> Result<()>) -> Result<Counts> {
        let state = self.read_state();
        let length = state.settings.vector_bytes();
        let places = self.places()?;
        let damaged = || self.tree.damaged("the passages, their vectors and their count do not match");
        if places.len() as u64 != state.counters.passages {
            return Err(damaged());
        }
        let mut places = places.into_iter();
        let mut bytes = Vec::with_capacity(length);
        for row in self.tree.scan(&[keys::VECTORS]) {
            let (key, value) = row?;
            let (passage, piece) = keys::number_and_piece(&key).ok_or_else(damaged)?;
            if piece as usize * codec::PIECE_BYTES != bytes.len() {
                return Err(damaged());
            }
            let vector: &[u8] = if bytes.is_empty() && value.len() == length {
                &value
            } else {
                bytes.extend_from_slice(&value);
                if bytes.len() < length {
                    continue;
                }
                &bytes
            };
            match places.next() {
                Some((id, document, ordinal)) if id == passage && vector.len() == length => {
                    work(StoredVector { passage: PassageId(id), document, ordinal: ordinal as usize, bytes: vector })?;
                }
                _ => return Err(damaged()),
            }
            bytes.clear();
        }
        if !bytes.is_empty() || places.next().is_some() {
            return Err(damaged());
        }
        Ok(counts(&state.counters))
    }

    /// Returns (passage, document, ordinal) of every passage, in the order of their ids.
    fn places(&self) -> Result<Vec<(u64, u64, u32)>> {
        let mut places = Vec::new();
        for row in self.tree.scan(&[keys::PASSAGES]) {
            let (key, value) = row?;
            match keys::passage_and_piece(&key) {
                Some((document, ordinal, 0)) => {
                    places.push((codec::passage_id(&value).map_err(|e| self.tree.damaged(e))?, document, ordinal));
                }
                Some(_) => {}
                None => return Err(self.tree.damaged("a passage's key is garbled")),
            }
        }
        places.sort_unstable();
        Ok(places)
    }
}
