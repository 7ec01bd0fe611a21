//! The nouns: what is put in, what is kept of it, and what a search gives back pieces of.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};

pub use nigh_formats::{Metadata, Place, PlaceKind, Syntax};

/// The name of a document within its collection: any text of 1 to [`DocumentId::MAX_BYTES`] bytes, without NUL.
///
/// For a document that came from a file it is the path below the collection's folder, with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct DocumentId(String);

impl<'de> Deserialize<'de> for DocumentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl DocumentId {
    /// The longest id, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Checks and wraps an id.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] when it is empty, longer than [`DocumentId::MAX_BYTES`], or holds a NUL.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        let problem = if id.is_empty() {
            "the id is empty; give every document a name of its own".to_owned()
        } else if id.len() > Self::MAX_BYTES {
            format!("the id has {} bytes; the most is {}", id.len(), Self::MAX_BYTES)
        } else if id.contains('\0') {
            "the id holds a NUL character".to_owned()
        } else {
            return Ok(Self(id));
        };
        let mut shown: String = id.chars().take(80).collect();
        shown.retain(|c| c != '\0');
        Err(Error::InvalidDocument { id: shown, problem })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Metadata as it is stored: a JSON object; empty for no metadata.
pub(crate) fn metadata_json(metadata: &Metadata) -> String {
    // Names are text and values are JSON: nothing here can fail to be written.
    if metadata.is_empty() { String::new() } else { serde_json::to_string(metadata).unwrap_or_default() }
}

/// How deep values may lie in metadata without a closer look.
const DEEP: usize = 64;

/// Whether metadata can be stored. Values that lie too deep in one another would not read back.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_metadata(metadata: &Metadata) -> Result<(), String> {
    if !metadata.values().any(|value| is_deeper(value, DEEP)) {
        return Ok(());
    }
    let read = serde_json::from_str::<Metadata>(&metadata_json(metadata));
    read.map(|_| ()).map_err(|e| format!("its metadata would not read back: {e}"))
}

fn is_deeper(value: &serde_json::Value, than: usize) -> bool {
    let Some(left) = than.checked_sub(1) else { return true };
    match value {
        serde_json::Value::Array(values) => values.iter().any(|value| is_deeper(value, left)),
        serde_json::Value::Object(values) => values.values().any(|value| is_deeper(value, left)),
        _ => false,
    }
}

/// The metadata of a document, or of a passage of it, as [`metadata_json`] wrote it.
///
/// # Errors
/// [`Error::InvalidDocument`], naming the document, for what is no JSON object.
pub(crate) fn parse_metadata(id: &DocumentId, json: &str) -> Result<Metadata> {
    if json.is_empty() {
        return Ok(Metadata::new());
    }
    let problem = |error| format!("the metadata of {id}: {error}");
    serde_json::from_str(json).map_err(|error| Error::InvalidDocument { id: id.to_string(), problem: problem(error) })
}

/// The identity of a stored passage. It stays the same while the passage's text does, also when the rest of its
/// document is edited, and is never given twice in one collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PassageId(pub u64);

/// A text to be stored and found, with its id and metadata.
///
/// ```
/// let document = nigh::Document::new("bert-pooling", "Mean pooling averages the token states.").with("lang", "en");
/// assert_eq!(document.metadata["lang"], "en");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// Its id; checked as a [`DocumentId`] when the document is stored.
    pub id: String,
    /// Its whole text, at most 64 MB.
    pub text: String,
    /// The syntax of the text, which says where it may be split into passages. Default: [`Syntax::Plain`].
    #[serde(default, skip_serializing_if = "Syntax::is_plain")]
    pub syntax: Syntax,
    /// Its metadata, by name. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: Metadata,
    /// Its parts that are passages of their own, as the rows of a table are. A part is split further only if it is longer than a passage.
    /// Text outside the parts is stored, but not searched. Default: none, the whole text is split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The document's own vector, for collections without a model: one passage, the whole text. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f32>>,
}

impl Document {
    /// A plain-text document without metadata.
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

    /// Adds one metadata value, replacing an earlier one of that name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets the syntax of the text, so that it is split where its structure allows.
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

    /// Sets the document's vector, for a collection that has a dimension and no model.
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
    /// Its bytes of the text, on character boundaries.
    pub bytes: Range<usize>,
    /// The headings above it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// Its place in its file, as a page or a row; none: its lines are its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Its own metadata, next to that of its document. Filters look at both.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: Metadata,
}

impl Part {
    /// A part at these bytes of the text, without headings, place or metadata.
    pub fn new(bytes: Range<usize>) -> Self {
        Self { bytes, headings: Vec::new(), place: None, metadata: Metadata::new() }
    }

    /// Adds one metadata value, replacing an earlier one of that name.
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
    /// Bytes of the text as UTF-8, from 0; always on character boundaries.
    pub bytes: Range<usize>,
    /// Lines, counted from 1; the end is one past the last line that the passage touches.
    pub lines: Range<usize>,
}

impl Span {
    /// These bytes from 0, and these lines from 1.
    pub fn new(bytes: Range<usize>, lines: Range<usize>) -> Self {
        Self { bytes, lines }
    }
}

/// A piece of a document: what is encoded, and what a search shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Passage {
    /// Its identity.
    pub id: PassageId,
    /// Its text, a slice of the document's.
    pub text: String,
    /// Its place in the text.
    pub span: Span,
    /// The headings above it, outermost first. Empty where the text has none.
    pub headings: Vec<String>,
    /// Its place in its file, as a page or a row; none: its lines are its place.
    pub place: Option<Place>,
    /// Its own metadata, next to that of its document: a row's columns, a message's sender.
    pub metadata: Metadata,
}

/// A whole document as it is stored: in the records and, the same, in the published index.
///
/// `V` is the form of the vectors: the bytes that are kept, or an option of them where some were not read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument<V = Vec<u8>> {
    /// Its number: given once, kept when the document is replaced.
    pub number: u64,
    /// The sequence number of its last change.
    pub sequence: u64,
    /// Its name.
    pub id: DocumentId,
    /// Its whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// A JSON object; empty for no metadata.
    pub metadata: String,
    /// Its file's stamp, if it came from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of everything that decides whether the document must be encoded again.
    pub content_hash: [u8; 32],
    /// Its passages, in the order of the text.
    pub passages: Vec<StoredPassage<V>>,
}

/// A passage as it is stored. Its text is a part of its document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage<V = Vec<u8>> {
    /// Its identity.
    pub id: PassageId,
    /// Its place in the text.
    pub span: Span,
    /// Its headings, place and metadata.
    pub context: Context,
    /// The hash of the text that was encoded.
    pub hash: [u8; 16],
    /// Its vector; as it is kept: `[dimension]` numbers, f16 or f32, little-endian.
    pub vector: V,
}

/// What is known of a passage beside its text and its place in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context {
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its place in its file, as a page or a row; none: its lines are its place.
    pub place: Option<Place>,
    /// What is known of it alone, a JSON object; empty for nothing.
    pub metadata: String,
}

#[cfg(test)]
impl Context {
    /// Headings and nothing else.
    pub fn of_headings(headings: Vec<String>) -> Self {
        Self { headings, ..Self::default() }
    }
}

/// What the file system said of a document's file when it was last looked at. Times in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileStamp {
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified.
    pub modified_ns: i64,
    /// When it was looked at: a file modified at about that time may have changed again unseen.
    pub checked_ns: i64,
    /// When anything about it changed last, which no program can set. 0: not known, by the system or by the version that
    /// stored the stamp.
    #[serde(default)]
    pub changed_ns: i64,
    /// Its inode, which tells a file from one put in its place. 0: not known, likewise.
    #[serde(default)]
    pub inode: u64,
}

/// How much a collection holds, and the numbers that it gives next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// The last change's number; 0 before the first.
    pub sequence: u64,
    /// Documents.
    pub documents: u64,
    /// Passages of all documents.
    pub passages: u64,
    /// The number of the next document.
    pub next_document: u64,
    /// The id of the next passage.
    pub next_passage: u64,
}
