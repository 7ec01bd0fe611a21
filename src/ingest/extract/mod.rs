//! Bytes to text: what a file says, and how it is laid out.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`read_file`] and [`extract`]: the two ways in, and what comes out |
//! | `text.rs` | bytes to characters, and the reasons why something is not text |
//! | `charset.rs` | decoding: marks, zero bytes, declarations |
//! | `guess.rs` | which encoding bytes are in that do not say |
//! | `syntax.rs` | how a text is laid out, by its file name |
//! | `markdown.rs` | front matter, headings, the title |
//! | `table.rs` | tables of delimited text: a section a row |
//! | `fields.rs` | the records of such a table |
//! | `records.rs` | records of JSON: a section a record |
//! | `rows.rs` | what the two have in common |
//! | `notebook.rs` | Jupyter notebooks: a section a cell |
//! | `markup/` | the same for reStructuredText, Org and LaTeX |
//!
//! Imports `crate::document` only.

mod charset;
mod fields;
mod guess;
mod markdown;
mod markup;
mod notebook;
mod records;
mod rows;
mod syntax;
mod table;
mod text;

pub(crate) use markdown::{front_matter, heading_text, parser};
pub(crate) use markup::parts;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::document::{Metadata, Place, Syntax};
pub use charset::Encoding;

/// What a file says.
///
/// Byte ranges of passages are ranges of `text` as UTF-8. They are the file's own offsets when `encoding` is
/// [`Encoding::Utf8`]; a byte order mark is dropped, so with [`Encoding::Utf8Bom`] the file's are 3 greater.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// Its whole text; holds at least one character that is not white space.
    pub text: String,
    /// Its parts, where its places are not lines: ascending, the first from 0, together the whole text. No passage goes
    /// from one into the next. Empty: one part, and lines are the file's own.
    pub sections: Vec<Section>,
    /// What the file says of itself: author, date, sender.
    pub metadata: Metadata,
    /// What of it could not be read, each a sentence for the report: "pages 3 to 5 have no text (scanned?)".
    pub losses: Vec<String>,
    /// What the text says that it is called, as Markdown in the `title:` of its front matter; else its first heading.
    pub title: Option<String>,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// How the file's bytes stood for the text.
    pub encoding: Encoding,
}

/// A part of a text, with what its passages have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its first byte; it ends where the next begins.
    pub start: usize,
    /// Where in the file it stands.
    pub place: Place,
    /// The headings above all of it, outermost first: those in its own text are found when it is cut.
    pub headings: Vec<String>,
    /// What is known of it alone.
    pub metadata: Metadata,
}

/// Why a file gave no text. The reason completes "skipped PATH: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// The system did not let it be read. What was known of it before may still hold: keep it.
    #[error("{0}")]
    Unreadable(String),
    /// It was read and has no text to index. What was known of it before no longer holds: drop it.
    #[error("{0}")]
    NotText(String),
}

/// Reads a file of at most `max_size` bytes and extracts its text.
///
/// # Errors
/// [`Skip::Unreadable`] when it vanished, is no regular file or the system refuses; [`Skip::NotText`] as [`extract`]
/// says, or when it has more than `max_size` bytes by now.
pub fn read_file(path: &Path, max_size: u64) -> Result<Extracted, Skip> {
    let refused = |error: io::Error| {
        Skip::Unreadable(match error.kind() {
            io::ErrorKind::NotFound => "vanished between walk and read".to_owned(),
            io::ErrorKind::PermissionDenied => format!("cannot be read: {error}; check its permissions"),
            _ => format!("cannot be read: {error}"),
        })
    };
    // Asked before opening: opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(refused)?;
    if !metadata.is_file() {
        return Err(Skip::Unreadable("no longer a regular file".to_owned()));
    }
    // Room for one byte more than there should be; a larger (sparse?) file must first show that it has the bytes.
    let room = usize::try_from(metadata.len().min(max_size)).unwrap_or(0).min(64 << 20);
    let mut bytes = Vec::with_capacity(room + 1);
    File::open(path).and_then(|file| file.take(max_size.saturating_add(1)).read_to_end(&mut bytes)).map_err(refused)?;
    if bytes.len() as u64 > max_size {
        return Err(Skip::NotText(format!("more than the {max_size} bytes of --max-file-size")));
    }
    extract(bytes, path)
}

/// Extracts the text of a file's content. The content decides whether it is text; the path says how it is laid out.
///
/// # Errors
/// [`Skip::NotText`] for what is empty, binary, in a format or an encoding that is not understood yet.
pub fn extract(bytes: Vec<u8>, path: &Path) -> Result<Extracted, Skip> {
    let text::Decoded { text, encoding, loss } = text::decode(bytes, path, None).map_err(Skip::NotText)?;
    if text.trim().is_empty() {
        return Err(Skip::NotText("empty".to_owned()));
    }
    if let Some(found) = structured(&text, path) {
        let mut found = found.map_err(Skip::NotText)?;
        found.encoding = encoding;
        found.losses.splice(0..0, loss);
        return Ok(found);
    }
    let syntax = syntax::of(path, &text);
    let title = if syntax == Syntax::Markdown { markdown::title(&text) } else { markup::title(&text, syntax) };
    Ok(Extracted {
        text,
        title,
        syntax,
        encoding,
        sections: Vec::new(),
        metadata: Metadata::new(),
        losses: loss.into_iter().collect(),
    })
}

/// What has parts of its own though it is text: tables, records, notebooks. None where the text is not what its name says,
/// and is taken as it stands.
fn structured(text: &str, path: &Path) -> Option<Result<Extracted, String>> {
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
            Err(Skip::NotText(reason)) => reason,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn content_comes_before_the_name() {
        assert_eq!(not_text(b"", "a.md"), "empty");
        assert_eq!(not_text(" \r\n\t\u{3000}\n".as_bytes(), "a.md"), "empty");
        assert_eq!(not_text(b"\xef\xbb\xbf", "a.md"), "empty");
        assert_eq!(not_text(b"text\0more", "a.md"), "binary");
        assert!(not_text(b"\x89PNG\r\n\x1a\n\0\0", "a.md").contains("PNG"));
        let text = extract("就是文字".into(), Path::new("a.pdf")).unwrap();
        assert_eq!((text.text.as_str(), text.syntax), ("就是文字", Syntax::Plain));
    }

    #[test]
    fn markdown_has_a_title_and_code_has_none() {
        let markdown = extract(b"intro\n\n# The *title* here\n".to_vec(), Path::new("a.MD")).unwrap();
        assert_eq!((markdown.title.as_deref(), markdown.syntax), (Some("The title here"), Syntax::Markdown));
        let code = extract(b"# not a title\nprint(1)\n".to_vec(), Path::new("a.py")).unwrap();
        assert_eq!((code.title, code.syntax, code.encoding), (None, Syntax::Code, Encoding::Utf8));
    }

    #[test]
    fn files_that_change_under_the_reader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        assert_eq!(read_file(&path, 10), Err(Skip::Unreadable("vanished between walk and read".to_owned())));
        fs::write(&path, "0123456789").unwrap();
        assert_eq!(read_file(&path, 10).unwrap().text, "0123456789");
        let Err(Skip::NotText(reason)) = read_file(&path, 9) else { panic!("grown past the limit") };
        assert!(reason.contains("--max-file-size"));
        assert!(matches!(read_file(folder.path(), 9), Err(Skip::Unreadable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_refused_file_says_so() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_ok() {
            eprintln!("skipped: this user (root?) can read a file of mode 000");
            return;
        }
        let Err(Skip::Unreadable(reason)) = read_file(&path, 10) else { panic!("was readable") };
        assert!(reason.contains("permissions"), "{reason}");
    }
}
