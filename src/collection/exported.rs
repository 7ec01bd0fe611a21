//! [`ExportedDocument`]: a document as it is exported and imported.

use serde::{Deserialize, Serialize};

use super::bounds;
use crate::document::{Metadata, Place, Span, Syntax};
use crate::text::hex;

/// A document in the form in which it is exported and imported: one line of JSON.
///
/// ```no_run
/// use std::io::Write;
///
/// let notes = nigh::Collection::open_read_only("notes.nigh")?;
/// let mut file = std::io::BufWriter::new(std::fs::File::create("notes.jsonl")?);
/// for document in notes.export().vectors(true).run()? {
///     writeln!(file, "{}", serde_json::to_string(&document?)?)?; // and back: serde_json::from_str, Writer::import
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Reading a line checks limits, so that no line takes more memory than a document may: 64 MB of text, 131,072 values
/// in the metadata of the document and of each passage, 1,024 headings of 64 KiB for each passage, and 512 MB of memory
/// for all passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedDocument {
    /// The document's id.
    pub id: String,
    /// The whole text, at most 64 MB.
    #[serde(deserialize_with = "bounds::text")]
    pub text: String,
    /// How the text is laid out. Default: plain.
    #[serde(default)]
    pub syntax: Syntax,
    /// The document's metadata. Default: empty.
    #[serde(default, deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The fingerprint of the model that made the vectors. Absent without vectors, and in collections without a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The hash of the content that the document was made from, hexadecimal. It shows whether the file must be read again.
    /// Absent without vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// The hash of the text that the passages belong to, hexadecimal. If the text was edited since, it is split again.
    /// Absent: not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<String>,
    /// The passages with their vectors. An export without vectors has passages only for a document with several places or
    /// with metadata of passages, such as rows, pages and messages.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_passages")]
    pub passages: Option<Vec<ExportedPassage>>,
    /// A vector for the whole text, for collections without a model: the short form of one passage. Only an import reads it; an
    /// export writes passages.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_vector")]
    pub vector: Option<Vec<f32>>,
}

/// A passage as it is exported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportedPassage {
    /// The start in the text, in bytes.
    pub start_byte: usize,
    /// The end in the text, in bytes: one past the last byte.
    pub end_byte: usize,
    /// The first line, from 1.
    pub start_line: usize,
    /// The last line, inclusive.
    pub end_line: usize,
    /// The headings above the passage.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::headings")]
    pub headings: Vec<String>,
    /// The place in the file, such as a page. Absent: only the lines are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The metadata of this passage alone.
    #[serde(default, skip_serializing_if = "Metadata::is_empty", deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The hash of the encoded text, hexadecimal. It shows whether the vector can be kept when the document is read again.
    /// Absent: the hash of the passage's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The vector, of length 1. Empty if the export has no vectors.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::vector")]
    pub vector: Vec<f32>,
}

impl ExportedDocument {
    /// Creates a plain-text document without passages: an import splits and encodes it. For a collection without a model, set
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
    /// Creates a passage with its vector, which must have length 1.
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

    /// True if the passage has a place or metadata that the text does not show. Passages without either can be split from the
    /// text again.
    pub(super) fn has_own_facts(&self) -> bool {
        self.place.is_some() || !self.metadata.is_empty()
    }
}

/// Decodes hexadecimal digits.
pub(super) fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
    hex::decode(digits).ok_or_else(|| format!("{digits:?} is not {N} bytes in hexadecimal"))
}
