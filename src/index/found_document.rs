//! A document of a snapshot, read in place from its segment: its record, its text, its passages.

use super::segment::{Entry, Record, Row, Segment, Shape, decode};
use crate::document::{Context, PassageId, Span};
use crate::error::Result;

/// A document of a snapshot.
pub struct FoundDocument<'a> {
    pub(crate) segment: &'a Segment,
    pub(crate) entry: Entry,
}

impl<'a> FoundDocument<'a> {
    /// Its number.
    pub fn number(&self) -> u64 {
        self.entry.number
    }

    /// The sequence number of its last change.
    pub fn sequence(&self) -> u64 {
        self.entry.sequence
    }

    /// The number of its passages.
    pub fn passages(&self) -> usize {
        self.entry.rows as usize
    }

    /// The rows of its passages in its segment.
    pub fn rows(&self) -> std::ops::Range<u32> {
        self.entry.row_range()
    }

    /// The length of its text in bytes.
    pub fn text_len(&self) -> usize {
        usize::try_from(self.entry.text_len).unwrap_or(usize::MAX)
    }

    /// Its id, metadata and stamp.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn record(&self) -> Result<Record> {
        self.segment.record(&self.entry)
    }

    /// Its whole text.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn text(&self) -> Result<String> {
        self.segment.text(&self.entry, 0..self.text_len())
    }

    /// Returns the ordinal, from 0, of the passage at a row of the segment. The row must be one of [`FoundDocument::rows`].
    pub fn ordinal_of(&self, row: u32) -> u32 {
        row.saturating_sub(self.entry.first_row)
    }

    /// Reads the passage with an ordinal, from 0.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`], also if the passage does not exist.
    pub fn passage(&self, ordinal: u32) -> Result<FoundPassage<'a>> {
        if ordinal >= self.entry.rows {
            return Err(self.segment.damaged(&format!("document {} has no passage {ordinal}", self.entry.number)));
        }
        let at = self.entry.first_row + ordinal;
        let row = self.segment.row(at)?;
        Ok(FoundPassage {
            row,
            text: self.segment.text(&self.entry, row.span().bytes)?,
            context: self.segment.context(&self.entry, &row)?,
            vector: self.segment.vector(at)?,
            shape: self.segment.shape(),
        })
    }
}

/// A passage of a document.
pub struct FoundPassage<'a> {
    pub(crate) row: Row,
    /// Its text.
    pub text: String,
    /// Its headings, its place in the file and its own metadata.
    pub context: Context,
    /// Its stored vector: little-endian f16 or f32.
    pub vector: &'a [u8],
    shape: Shape,
}

impl FoundPassage<'_> {
    /// Its vector, `[dimension]`.
    pub fn values(&self) -> Vec<f32> {
        decode(self.vector, self.shape)
    }

    /// Its id.
    pub fn id(&self) -> PassageId {
        self.row.passage
    }

    /// Its range in the document's text.
    pub fn span(&self) -> Span {
        self.row.span()
    }

    /// The hash of the text that was encoded.
    pub fn hash(&self) -> [u8; 16] {
        self.row.hash()
    }
}
