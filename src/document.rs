//! The data types: documents as they are given, as they are stored, and their passages as a search returns them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};

#[cfg(feature = "lexical")]
pub(crate) use nigh_formats::hidden_front_matter;
pub use nigh_formats::{Metadata, Place, PlaceKind, Syntax};

/// The id of a document within its collection: any text of 1 to [`DocumentId::MAX_BYTES`] bytes, without NUL.
///
/// For a document from a file it is the file's path relative to the folder that contains `.nigh`, with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct DocumentId(String);

impl<'de> Deserialize<'de> for DocumentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The most characters of an invalid id that an error shows.
const MAX_SHOWN_CHARACTERS: usize = 80;

impl DocumentId {
    /// The length of the longest id: 1,024 bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Checks and wraps an id.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] if it is empty, longer than [`DocumentId::MAX_BYTES`], or has a NUL.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        let problem = if id.is_empty() {
            "the id is empty; every document needs an id of its own".to_owned()
        } else if id.len() > Self::MAX_BYTES {
            format!("the id has {} bytes; the most is {}", id.len(), Self::MAX_BYTES)
        } else if id.contains('\0') {
            "the id has a NUL character (\\0)".to_owned()
        } else {
            return Ok(Self(id));
        };
        Err(Error::InvalidDocument { id: id.chars().take(MAX_SHOWN_CHARACTERS).collect(), problem })
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes metadata as it is stored: a JSON object; empty for no metadata.
pub(crate) fn metadata_json(metadata: &Metadata) -> String {
    // Names are text and values are JSON, so writing cannot fail, and the default is never used.
    if metadata.is_empty() { String::new() } else { serde_json::to_string(metadata).unwrap_or_default() }
}

/// The depth of nested values that can always be parsed again. Deeper metadata is parsed to find out.
const UNCHECKED_DEPTH: usize = 64;

/// Checks that metadata can be stored. Values that are nested too deep could not be read back.
///
/// # Errors
/// The problem.
pub(crate) fn check_metadata(metadata: &Metadata) -> Result<(), String> {
    if !metadata.values().any(|value| is_nested_deeper_than(value, UNCHECKED_DEPTH)) {
        return Ok(());
    }
    let read = serde_json::from_str::<Metadata>(&metadata_json(metadata));
    read.map(|_| ()).map_err(|e| format!("its metadata could not be read back: {e}"))
}

fn is_nested_deeper_than(value: &serde_json::Value, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return true };
    match value {
        serde_json::Value::Array(values) => values.iter().any(|value| is_nested_deeper_than(value, levels)),
        serde_json::Value::Object(values) => values.values().any(|value| is_nested_deeper_than(value, levels)),
        _ => false,
    }
}

/// Parses the metadata of a document or of a passage, as written by [`metadata_json`].
///
/// # Errors
/// [`Error::InvalidDocument`] with the document's id for text that is not a JSON object.
pub(crate) fn parse_metadata(id: &DocumentId, json: &str) -> Result<Metadata> {
    if json.is_empty() {
        return Ok(Metadata::new());
    }
    let problem = |error| format!("the metadata of {id}: {error}");
    serde_json::from_str(json).map_err(|error| Error::InvalidDocument { id: id.to_string(), problem: problem(error) })
}

/// The identity of a stored passage. It stays the same as long as the passage's text does, even if the rest of its document
/// is edited. It is never assigned twice in one collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(pub u64);

/// A text to be stored and found, with its id and metadata.
///
/// ```
/// let document = nigh::Document::new("bert-pooling", "Mean pooling averages the token states.").with("author", "Ada");
/// assert_eq!(document.metadata["author"], "Ada");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// The id. It is checked as a [`DocumentId`] when the document is stored.
    pub id: String,
    /// The whole text, at most 64 MB.
    pub text: String,
    /// The syntax of the text, which decides where it may be split into passages. Default: [`Syntax::Plain`].
    #[serde(default, skip_serializing_if = "Syntax::is_plain")]
    pub syntax: Syntax,
    /// The metadata, by name. Default: empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: Metadata,
    /// Parts to store as separate passages, such as the rows of a table. A part is split only if it is too long for one passage. Text outside the parts is stored, but not searched. Default: empty, the whole text is split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The document's own vector, for collections without a model: one passage, the whole text, which may be empty. Default:
    /// `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f32>>,
}

impl Document {
    /// Creates a plain-text document without metadata.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            syntax: Syntax::Plain,
            metadata: Metadata::new(),
            parts: Vec::new(),
            vector: None,
        }
    }

    /// Adds one metadata value, and replaces an earlier one with the same name. Texts, numbers and truth values convert by
    /// themselves; for arrays and objects use `json!` of the crate serde_json, version 1.
    ///
    /// `lang` or `language` states the document's language, which is otherwise detected.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets the syntax of the text, so that it is split where its structure allows it.
    #[must_use]
    pub fn with_syntax(mut self, syntax: Syntax) -> Self {
        self.syntax = syntax;
        self
    }

    /// Adds parts that are passages of their own.
    #[must_use]
    pub fn with_parts(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// Sets the document's vector, for a collection without a model.
    #[must_use]
    pub fn with_vector(mut self, vector: Vec<f32>) -> Self {
        self.vector = Some(vector);
        self
    }
}

/// A part of a document that is a passage of its own: a row, a slide, a message.
///
/// ```
/// use nigh::{Document, Part};
///
/// let text = "Oban, 12 m\nLeith, 9 m\n";
/// let rows = [Part::new(0..10).with("port", "Oban"), Part::new(11..21).with("port", "Leith")];
/// let document = Document::new("ports", text).with_parts(rows);
/// assert_eq!(&document.text[document.parts[1].bytes.clone()], "Leith, 9 m");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The bytes of the part in the text, on character boundaries.
    pub bytes: Range<usize>,
    /// The headings above the part, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// The place in the file, such as a page or a row; `None`: only the lines are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The part's own metadata, in addition to the document's. Filters use both.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: Metadata,
}

impl Part {
    /// Creates a part from these bytes of the text, without headings, place or metadata.
    pub fn new(bytes: Range<usize>) -> Self {
        Self { bytes, headings: Vec::new(), place: None, metadata: Metadata::new() }
    }

    /// Adds one metadata value, and replaces an earlier one with the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }
}

/// The place of a passage in its document's text.
///
/// ```
/// let span = nigh::Span::new(0..5, 1..2);
/// assert_eq!(&"hello world"[span.bytes], "hello");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Span {
    /// The bytes of the text as UTF-8, from 0; always on character boundaries.
    pub bytes: Range<usize>,
    /// The lines, counted from 1. The end is one past the last line that the passage touches.
    pub lines: Range<usize>,
}

impl Span {
    /// Creates a span from these bytes, counted from 0, and these lines, counted from 1.
    pub fn new(bytes: Range<usize>, lines: Range<usize>) -> Self {
        Self { bytes, lines }
    }
}

/// A passage of a document: the unit that is encoded, and that a search returns. It serialises to the JSON of docs/json.md, with its id.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Passage {
    /// The identity of the passage.
    pub id: PassageId,
    /// The text, a slice of the document's text.
    pub text: String,
    /// The place in [`Document::text`]; for a file, in the extracted text.
    pub span: Span,
    /// The headings above the passage, outermost first. Empty if there are none.
    pub headings: Vec<String>,
    /// The place in the file, such as a page or a row; `None`: only the lines are known.
    pub place: Option<Place>,
    /// The passage's own metadata, in addition to the document's: a row's columns, a message's sender.
    pub metadata: Metadata,
}

/// A whole document as it is stored, the same in the records and in the published index.
///
/// `V` is the form of the vectors: the stored bytes, or an option of them if some were not read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument<V = Vec<u8>> {
    /// The document's number: assigned once, kept when the document is replaced.
    pub number: u64,
    /// The sequence number of the last change.
    pub sequence: u64,
    /// The document's id.
    pub id: DocumentId,
    /// The whole text.
    pub text: String,
    /// The syntax of the text, which decides where it may be split into passages.
    pub syntax: Syntax,
    /// A JSON object; empty for no metadata.
    pub metadata: String,
    /// The stamp of the file, if the document came from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of everything that decides whether the document must be encoded again.
    pub content_hash: [u8; 32],
    /// The passages, in the order of the text.
    pub passages: Vec<StoredPassage<V>>,
}

impl<V> StoredDocument<V> {
    /// Replaces the vector of each passage by the result of `replace`.
    ///
    /// # Errors
    /// The first error of `replace`.
    pub fn map_vectors<W>(self, mut replace: impl FnMut(PassageId, V) -> Result<W>) -> Result<StoredDocument<W>> {
        let Self { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages } = self;
        let replaced = passages.into_iter().map(|StoredPassage { id, span, context, hash, vector }| {
            Ok(StoredPassage { id, span, context, hash, vector: replace(id, vector)? })
        });
        let passages = replaced.collect::<Result<_>>()?;
        Ok(StoredDocument { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages })
    }
}

/// A passage as it is stored. Its text is a part of its document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage<V = Vec<u8>> {
    /// The identity of the passage.
    pub id: PassageId,
    /// The place in the text.
    pub span: Span,
    /// The headings, the place in the file, and the metadata.
    pub context: Context,
    /// The hash of the text that was encoded.
    pub hash: [u8; 16],
    /// The vector; stored as `[dimension]` numbers, f16 or f32, little-endian.
    pub vector: V,
}

/// The headings, the place in the file, and the metadata of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context {
    /// The headings above the passage, outermost first.
    pub headings: Vec<String>,
    /// The place in the file, such as a page or a row; `None`: only the lines are known.
    pub place: Option<Place>,
    /// The metadata of this passage alone, a JSON object; empty for no metadata.
    pub metadata: String,
}

#[cfg(test)]
impl Context {
    /// Creates a context with headings only.
    pub fn of_headings(headings: Vec<String>) -> Self {
        Self { headings, ..Self::default() }
    }
}

/// The state of a document's file when it was last checked. Times are in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileStamp {
    /// The size in bytes.
    pub size: u64,
    /// The time of the last modification of the content.
    pub modified_ns: i64,
    /// The time of the check. A file modified at about that time may have changed again without a new time.
    pub checked_ns: i64,
    /// The time of the last change of the file or its attributes (ctime), which no program can set. 0: unknown to the system, or
    /// to the version that stored the stamp.
    #[serde(default)]
    pub changed_ns: i64,
    /// The inode, which shows that a file was replaced by another one. 0: unknown.
    #[serde(default)]
    pub inode: u64,
}

/// The counts of a collection, and the next numbers that it assigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// The number of the last change; 0 before the first.
    pub sequence: u64,
    /// The number of documents.
    pub documents: u64,
    /// The number of passages of all documents.
    pub passages: u64,
    /// The number of the next document.
    pub next_document: u64,
    /// The id of the next passage.
    pub next_passage: u64,
}
