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
    /// Returns the document's number.
    pub fn number(&self) -> u64 {
        self.entry.number
    }

    /// Returns the sequence number of the document's last change.
    pub fn sequence(&self) -> u64 {
        self.entry.sequence
    }

    /// Returns the number of passages of the document.
    pub fn passages(&self) -> usize {
        self.entry.rows as usize
    }

    /// Returns the rows of the document's passages in its segment.
    pub fn rows(&self) -> std::ops::Range<u32> {
        self.entry.row_range()
    }

    /// Returns the length of the document's text in bytes.
    pub fn text_len(&self) -> usize {
        usize::try_from(self.entry.text_len).unwrap_or(usize::MAX)
    }

    /// Reads the document's id, metadata and stamp.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn record(&self) -> Result<Record> {
        self.segment.record(&self.entry)
    }

    /// Reads the document's whole text.
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
        let row_number = self.entry.first_row + ordinal;
        let row = self.segment.row(row_number)?;
        Ok(FoundPassage {
            row,
            text: self.segment.text(&self.entry, row.span().bytes)?,
            context: self.segment.context(&self.entry, &row)?,
            vector: self.segment.vector(row_number)?,
            shape: self.segment.shape(),
        })
    }
}

/// A passage of a document.
pub struct FoundPassage<'a> {
    pub(crate) row: Row,
    /// The text of the passage.
    pub text: String,
    /// The passage's headings, its place in the file and its own metadata.
    pub context: Context,
    /// The stored vector: little-endian f16 or f32.
    pub vector: &'a [u8],
    shape: Shape,
}

impl FoundPassage<'_> {
    /// Returns the passage's vector, `[dimension]`.
    pub fn values(&self) -> Vec<f32> {
        decode(self.vector, self.shape)
    }

    /// Returns the passage's id.
    pub fn id(&self) -> PassageId {
        self.row.passage
    }

    /// Returns the passage's range in the document's text.
    pub fn span(&self) -> Span {
        self.row.span()
    }

    /// Returns the hash of the text that was encoded.
    pub fn hash(&self) -> [u8; 16] {
        self.row.hash()
    }
}
