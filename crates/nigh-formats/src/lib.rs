//! Text extraction: the text of a file, its layout, and the places of its parts.
//!
//! | file | responsible for |
//! |---|---|
//! | `lib.rs` | [`extract`]: a file's bytes in, [`Extracted`] out |
//! | `types.rs` | [`Metadata`], [`Syntax`], [`Place`] |
//! | `error.rs` | [`Error`]: why a file gave no text |
//! | `format.rs` | detects the format of a file; lists the built-in readers |
//! | `kinds/` | kinds of office documents and mail, recognised without their readers |
//! | `blob/` | encoded data in texts (base64 as in `data:` URIs): left out |
//! | `bounds.rs` | limits for headings, metadata and sections |
//! | `office/` | Word, PowerPoint, Excel, OpenDocument |
//! | `epub/` | books |
//! | `pdf/` | PDF |
//! | `html/` | web pages |
//! | `mail/` | messages, mailboxes, saved pages |
//! | `text.rs` | decodes bytes to characters; the reasons why something is not text |
//! | `charset/` | decoding: marks, zero bytes, declarations, labels |
//! | `guess/` | guesses the encoding of undeclared text |
//! | `syntax.rs` | the syntax of a text, by its file name |
//! | `front_matter/` | the fields at the top of Markdown |
//! | `markdown.rs` | headings, the title |
//! | `links.rs` | the notes that Markdown links to |
//! | `delimiter.rs` | the delimiter of a table, and its quotes |
//! | `table/` | tables of delimited text: one section for each row |
//! | `fields.rs` | the records of such a table |
//! | `header/` | finds the header row of a table, and where another table begins |
//! | `records.rs` | JSON records: one section for each record |
//! | `json.rs` | JSON with its fields in file order |
//! | `rows.rs` | sections for the rows of tables and for records |
//! | `notebook/` | Jupyter notebooks: one section for each cell |
//! | `markup/` | headings, titles and fields of reStructuredText, Org and LaTeX |
//!
//! The reader of a format takes bytes and returns [`Extracted`], or an [`Error`] with the reason.
//!
//! Without any feature, text is read in every encoding: plain, Markdown and other markup, code, tables (CSV, TSV), JSON records,
//! notebooks. Features add the other readers; none is on by default.
//!
//! | feature | adds | needs |
//! |---|---|---|
//! | `html` | web pages | |
//! | `office` | Word, PowerPoint, Excel (also .xls), OpenDocument, books (EPUB) | `html` |
//! | `mail` | messages, mailboxes, saved pages (MHTML) | `html` |
//! | `pdf` | PDF | |
//!
//! Every build recognises every format, so that a Word document is never taken for text: without its reader the result is
//! [`Error::NotBuilt`]. [`FEATURES`] lists what is built in.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

mod blob;
mod bounds;
mod charset;
mod delimiter;
#[cfg(feature = "office")]
mod epub;
mod error;
mod fields;
mod format;
mod front_matter;
mod guess;
mod header;
#[cfg(feature = "html")]
mod html;
mod json;
mod kinds;
mod links;
#[cfg(feature = "mail")]
mod mail;
mod markdown;
mod markup;
mod notebook;
#[cfg(feature = "office")]
mod office;
#[cfg(feature = "pdf")]
mod pdf;
mod records;
mod rows;
mod syntax;
mod table;
mod text;
mod types;

#[doc(hidden)]
pub use front_matter::{front_matter, front_matter_fields, hidden_front_matter};
#[doc(hidden)]
pub use markdown::{heading_text, parser};
#[doc(hidden)]
pub use markup::parts;

use std::borrow::Cow;
use std::path::Path;

pub use charset::Encoding;
pub use error::{Error, Result};
pub use format::{FEATURES, Format};
pub use kinds::mail::MailKind;
pub use kinds::office::OfficeKind;
pub use types::{Metadata, Place, PlaceKind, Syntax};

/// The text of a file.
///
/// Byte ranges of passages are ranges of `text` as UTF-8. They are the file's own offsets if `encoding` is [`Encoding::Utf8`]. A byte
/// order mark is dropped: with [`Encoding::Utf8Bom`] the file's offsets are 3 greater. Encoded data (base64) is left out; after it
/// only line numbers agree with the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// The whole text; it has at least one character that is not white space.
    pub text: String,
    /// The parts of the text, if its places are not lines: ascending, the first from 0, together the whole text. A passage never crosses
    /// from one part into the next. If empty, the text is one part, and its lines are the file's lines.
    pub sections: Vec<Section>,
    /// Metadata of the file: author, date, sender, the fields of front matter, the notes that it links to.
    pub metadata: Metadata,
    /// A report of content that could not be read, one sentence for each loss: "pages 3 to 5 have no text (scanned?)".
    pub losses: Vec<String>,
    /// The title: in Markdown the title of the front matter; else the first heading.
    pub title: Option<String>,
    /// The syntax of the text.
    pub syntax: Syntax,
    /// The encoding of the file.
    pub encoding: Encoding,
}

/// A part of a text. All passages in it share these values.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The offset of its first byte; it ends where the next section begins.
    pub start: usize,
    /// Its place in the file.
    pub place: Place,
    /// The headings above the whole section, outermost first. Headings in its own text are found when it is split.
    pub headings: Vec<String>,
    /// The section's own metadata.
    pub metadata: Metadata,
}

/// The version of text extraction. It is raised when a file may give another text than before, so that files are read again.
pub const SCHEME: u32 = 4;

/// The longest text that is extracted from one file, in bytes. Tables of values grow when they are written as text.
pub const MOST_TEXT: usize = 64 << 20;

/// A title is searched in this many bytes at the beginning.
const MAX_TITLE_SEARCH_BYTES: usize = 256 << 10;

/// Extracts the text of a file's bytes. The format is detected from the content first, then from the path, which is not opened.
///
/// # Errors
/// Returns an [`Error`] if the file is damaged, encrypted, empty, binary, too large, or in a format that is not supported or not built in.
pub fn extract(bytes: Vec<u8>, path: &Path) -> Result<Extracted> {
    let format = Format::of(&bytes, path)?;
    extract_as(format, bytes, path)
}

/// The same as [`extract`], for a known format.
///
/// # Errors
/// The same as [`extract`].
pub fn extract_as(format: Format, bytes: Vec<u8>, path: &Path) -> Result<Extracted> {
    if let Some(error) = format.unread() {
        return Err(error);
    }
    let mut left_out = 0;
    let extracted = match format {
        Format::Text => text(bytes, path, &mut left_out),
        #[cfg(feature = "html")]
        Format::Html => {
            let declared = html::declared_charset(&bytes);
            let decoded = text::decode(bytes, declared.as_deref())?;
            html::html(&decoded.text).map(|page| page.with_loss(decoded.loss))
        }
        #[cfg(feature = "pdf")]
        Format::Pdf => pdf::pdf(&bytes),
        #[cfg(feature = "office")]
        Format::Office(kind) => office::extract(kind, &bytes),
        #[cfg(feature = "mail")]
        Format::Mail(kind) => mail::extract(kind, &bytes),
        #[cfg(not(all(feature = "html", feature = "office", feature = "mail", feature = "pdf")))]
        other => Err(Error::Unsupported(other.name().to_owned())),
    }?;
    let extracted = blob::leave_out(extracted, left_out);
    if extracted.text.len() > MOST_TEXT {
        let problem = format!("its text is larger than the limit of {} MB for one file", MOST_TEXT >> 20);
        return Err(Error::TooLarge(problem));
    }
    Ok(bounds::apply_limits(extracted))
}

/// The same as [`extract_as`], but attachments are only listed, not read. For files with an attachment that made its reader hang or crash.
///
/// # Errors
/// The same as [`extract_as`].
pub fn extract_without_attachments(format: Format, bytes: Vec<u8>, path: &Path) -> Result<Extracted> {
    #[cfg(feature = "mail")]
    if let Format::Mail(kind) = format {
        let extracted = mail::without_attachments(kind, &bytes)?;
        return Ok(bounds::apply_limits(blob::leave_out(extracted, 0)));
    }
    extract_as(format, bytes, path)
}

/// Reads text of any syntax. `left_out` is the number of data runs that were removed before.
fn text(bytes: Vec<u8>, path: &Path, left_out: &mut usize) -> Result<Extracted> {
    let text::Decoded { mut text, encoding, loss } = text::decode(bytes, None)?;
    if text.trim().is_empty() {
        return Err(Error::empty("empty"));
    }
    // Before tables are detected: a `data:` URI contains the delimiters of tables. A notebook splits its texts into lines anywhere.
    let is_notebook = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ipynb"));
    if let (Cow::Owned(kept), count) = if is_notebook { (Cow::Borrowed(""), 0) } else { blob::remove_data(&text) } {
        if !kept.contains(char::is_alphanumeric) {
            return Err(Error::unsupported("only encoded data (base64), no text"));
        }
        (text, *left_out) = (kept, count);
    }
    if let Some(found) = structured(&text, path) {
        let mut found = found?;
        found.encoding = encoding;
        found.losses.splice(0..0, loss);
        return Ok(found);
    }
    let syntax = syntax::detect(path, &text);
    let first = &text[..text.floor_char_boundary(MAX_TITLE_SEARCH_BYTES)];
    let metadata = match syntax {
        Syntax::Markdown => {
            let mut fields = front_matter_fields(&text);
            let links = links::links(&text);
            if !links.is_empty() {
                fields.entry("links".to_owned()).or_insert_with(|| links.into());
            }
            fields
        }
        _ => markup::fields(first, syntax),
    };
    let title = match syntax {
        Syntax::Markdown => markdown::title(first, &metadata),
        _ => markup::title(first, syntax),
    };
    let sections = Vec::new();
    Ok(Extracted { text, title, syntax, encoding, sections, metadata, losses: loss.into_iter().collect() })
}

#[cfg(feature = "html")]
impl Extracted {
    fn with_loss(mut self, loss: Option<String>) -> Self {
        self.losses.extend(loss);
        self
    }
}

/// Reads texts with parts of their own: tables, records, notebooks. Returns `None` if the text is not what its name suggests; it is
/// then read as plain text.
fn structured(text: &str, path: &Path) -> Option<Result<Extracted>> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "csv" | "tsv" | "tab" | "psv" => table::delimited(text).map(Ok),
        "jsonl" | "ndjson" => records::lines(text).map(Ok),
        "json" => records::array(text).map(Ok),
        "ipynb" => Some(notebook::notebook(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

    use super::*;

    fn not_text(bytes: &[u8], path: &str) -> String {
        match extract(bytes.to_vec(), Path::new(path)) {
            Err(error) if !matches!(error, Error::Damaged(_)) => error.to_string(),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn format_by_content_before_name() {
        assert_eq!(not_text(b"", "a.md"), "empty");
        assert_eq!(not_text(" \r\n\t\u{3000}\n".as_bytes(), "a.md"), "empty");
        assert_eq!(not_text(b"\xef\xbb\xbf", "a.md"), "empty");
        assert_eq!(not_text(b"text\0more", "a.md"), "binary");
        assert!(not_text(b"\x89PNG\r\n\x1a\n\0\0", "a.md").contains("PNG"));
        let text = extract("就是文字".into(), Path::new("a.pdf")).unwrap();
        assert_eq!((text.text.as_str(), text.syntax), ("就是文字", Syntax::Plain));
    }

    #[test]
    fn title_of_markdown_but_not_of_code() {
        let markdown = extract(b"intro\n\n# The *title* here\n".to_vec(), Path::new("a.MD")).unwrap();
        assert_eq!((markdown.title.as_deref(), markdown.syntax), (Some("The title here"), Syntax::Markdown));
        let code = extract(b"# not a title\nprint(1)\n".to_vec(), Path::new("a.py")).unwrap();
        assert_eq!((code.title, code.syntax, code.encoding), (None, Syntax::Code, Encoding::Utf8));
    }
}
