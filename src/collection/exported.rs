//! [`ExportedDocument`]: a document as it is exported and imported.

use serde::{Deserialize, Serialize};

use super::bounds;
use crate::document::{Metadata, Place, Span, Syntax};
use crate::text::hex;

/// A document as it is exported: one JSON line. Reading it keeps to bounds, so that no line unfolds to more memory than a
/// document takes: its text, the values of its metadata (131,072 of the document, and of each passage), its headings, and the
/// memory of all its passages (512 MB).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedDocument {
    /// Its id.
    pub id: String,
    /// Its whole text, of 64 MB at the most.
    #[serde(deserialize_with = "bounds::text")]
    pub text: String,
    /// How the text is laid out. Default: plain.
    #[serde(default)]
    pub syntax: Syntax,
    /// What else is known of it. Default: nothing.
    #[serde(default, deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The fingerprint of the model that made the vectors; absent without vectors, or where vectors were brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether its file must be read again, hexadecimal: what its content was hashed to. Absent without vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// The hash of the text that the passages are of, hexadecimal: a text that was edited since is cut anew. Absent: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<String>,
    /// Its passages with their vectors. Exported without vectors, only those of a document that has more than one place or metadata
    /// of passages: rows, pages, messages; else absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_passages")]
    pub passages: Option<Vec<ExportedPassage>>,
    /// A vector for the whole text, for collections of brought vectors: the short form of one passage.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_vector")]
    pub vector: Option<Vec<f32>>,
}

/// A passage as it is exported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedPassage {
    /// Where it starts in the text, in bytes.
    pub start_byte: usize,
    /// One past its last byte.
    pub end_byte: usize,
    /// Its first line, from 1.
    pub start_line: usize,
    /// Its last line.
    pub end_line: usize,
    /// The headings above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::headings")]
    pub headings: Vec<String>,
    /// Where in its file it stands; absent: at its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is known of it alone.
    #[serde(default, skip_serializing_if = "Metadata::is_empty", deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The hash of what was encoded, hexadecimal: tells whether the vector can be kept when the document is read again.
    /// Absent: that of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Its vector, of length 1; absent where the export has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::vector")]
    pub vector: Vec<f32>,
}

impl ExportedDocument {
    /// A plain text without passages, as an import takes it: it is split and encoded. For a collection without a model set
    /// [`ExportedDocument::vector`].
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            syntax: Syntax::Plain,
            metadata: Metadata::new(),
            model: None,
            content_hash: None,
            text_hash: None,
            passages: None,
            vector: None,
        }
    }
}

impl ExportedPassage {
    /// A passage with its vector, which must have length 1.
    pub fn new(span: Span, vector: Vec<f32>) -> Self {
        Self {
            start_byte: span.bytes.start,
            end_byte: span.bytes.end,
            start_line: span.lines.start,
            end_line: span.lines.end.saturating_sub(1),
            vector,
            ..Self::default()
        }
    }

    /// Whether it says what the text does not. Other passages are cut from the text again, as suits the model.
    pub(super) fn is_told(&self) -> bool {
        self.place.is_some() || !self.metadata.is_empty()
    }
}

/// The bytes that hexadecimal digits stand for.
pub(super) fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
    hex::decode(digits).ok_or_else(|| format!("{digits:?} is not {N} bytes in hexadecimal"))
}
