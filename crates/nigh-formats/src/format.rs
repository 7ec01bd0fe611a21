//! Finds the format of a file: by its content first, by its name second.

use std::path::Path;

use crate::error::{Error, Result};
use crate::kinds::mail::{MailKind, is_mail};
use crate::kinds::office::OfficeKind;
#[cfg(not(feature = "office"))]
use crate::kinds::{office::guess_by_names, ole};
#[cfg(feature = "office")]
use crate::office;

/// A format that text can be extracted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text in any encoding: plain, markup, source code, tables, records, notebooks.
    Text,
    /// A web page.
    Html,
    /// Portable document format.
    Pdf,
    /// Texts, presentations, spreadsheets, books: ZIP archives, and the compound files of older programs.
    Office(OfficeKind),
    /// Messages.
    Mail(MailKind),
}

const PICTURE: &str = "pictures are not read: no OCR";
const AUDIO: &str = "audio is not read";
const VIDEO: &str = "video is not read";
const ARCHIVE: &str = "archives are not read; unpack it to index what is in it";
const RICH_TEXT: &str = "documents are not read; save it as .docx";
const DATABASE: &str = "databases are not read";
const PROGRAM: &str = "programs are not read";
const FONT: &str = "fonts are not read";

/// Formats that are recognised but not read: offset and value of their first bytes, name, rest of the reason after the name.
const MAGIC: &[(usize, &[u8], &str, &str)] = &[
    (0, b"{\\rtf", "RTF", RICH_TEXT),
    (0, b"\x89PNG\r\n\x1a\n", "PNG", PICTURE),
    (0, b"\xff\xd8\xff", "JPEG", PICTURE),
    (0, b"GIF87a", "GIF", PICTURE),
    (0, b"GIF89a", "GIF", PICTURE),
    (8, b"WEBP", "WebP", PICTURE),
    (8, b"WAVE", "WAV", AUDIO),
    (8, b"AVI ", "AVI", VIDEO),
    (4, b"ftyp", "MP4", VIDEO),
    (0, b"ID3", "MP3", AUDIO),
    (0, b"OggS", "Ogg", AUDIO),
    (0, b"fLaC", "FLAC", AUDIO),
    (0, b"\x1f\x8b", "gzip", ARCHIVE),
    (0, b"BZh", "bzip2", ARCHIVE),
    (0, b"\xfd7zXZ\0", "xz", ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", "zstd", ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", "7z", ARCHIVE),
    (0, b"Rar!\x1a\x07", "RAR", ARCHIVE),
    (257, b"ustar", "tar", ARCHIVE),
    (0, b"SQLite format 3\0", "SQLite", DATABASE),
    (0, b"\x7fELF", "ELF", PROGRAM),
    (0, b"\0asm", "WebAssembly", PROGRAM),
    (0, b"wOFF", "WOFF", FONT),
    (0, b"wOF2", "WOFF2", FONT),
];

/// The features that add readers of formats, and whether each is built in. Text in every encoding, Markdown, code, tables,
/// records and notebooks need none.
pub const FEATURES: [(&str, bool); 4] = [
    ("html", cfg!(feature = "html")),
    ("office", cfg!(feature = "office")),
    ("mail", cfg!(feature = "mail")),
    ("pdf", cfg!(feature = "pdf")),
];

const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// The signature of a PDF or a web page may follow other bytes, within this many.
const MAX_PREFIX_BYTES: usize = 1024;
/// A web page or a mail is recognised by this many bytes.
const HEAD_BYTES: usize = 4096;

impl Format {
    /// Finds the format of a file's content, even if its reader is not built in.
    ///
    /// # Errors
    /// Returns the reason why no text can be extracted from it.
    pub fn of(bytes: &[u8], path: &Path) -> Result<Self> {
        if let Some(reason) = Self::refused(bytes) {
            return Err(Error::Unsupported(reason));
        }
        if bytes.starts_with(ZIP) || bytes.starts_with(OLE) {
            let by_name = || OfficeKind::of_extension(path.extension()?.to_str()?);
            let known = office_kind(bytes).or_else(by_name).map(Self::Office);
            return known.ok_or_else(|| {
                Error::Unsupported(if bytes.starts_with(ZIP) {
                    format!("ZIP {ARCHIVE}")
                } else {
                    "an unknown Microsoft compound file; only Office documents of this format are read".to_owned()
                })
            });
        }
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        if head[..head.len().min(MAX_PREFIX_BYTES)].windows(5).any(|five| five == b"%PDF-") {
            return Ok(Self::Pdf);
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let named = |names: &[&str]| names.iter().any(|name| extension.eq_ignore_ascii_case(name));
        Ok(if named(&["html", "htm", "xhtml", "shtml"]) || is_html(head) {
            Self::Html
        } else if let Some(kind) = is_mail(head) {
            Self::Mail(kind)
        } else {
            Self::Text
        })
    }

    /// Returns the reason why no text can be extracted from a file, if its first bytes show one.
    pub fn refused(head: &[u8]) -> Option<String> {
        let head = &head[..head.len().min(HEAD_BYTES)];
        let matches_signature = |&(at, signature, ..): &(usize, &[u8], &str, &str)| {
            head.get(at..).is_some_and(|bytes| bytes.starts_with(signature))
        };
        let (.., name, reason) = MAGIC.iter().copied().find(|magic| matches_signature(magic))?;
        // RTF is plain ASCII. The other signatures count only in binary files, so that a text may begin with "BZh".
        let is_text =
            !head.contains(&0) && std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true);
        (name == "RTF" || !is_text).then(|| format!("{name} {reason}"))
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "a web page",
            Self::Pdf => "a PDF",
            Self::Office(_) => "an office document",
            Self::Mail(_) => "mail",
        }
    }

    /// Returns why this build cannot read files of the format: no reader exists, or it is not built in.
    pub(crate) fn unread(self) -> Option<Error> {
        let (format, feature) = match self {
            Self::Text => return None,
            Self::Html => (self.name(), "html"),
            Self::Pdf => (self.name(), "pdf"),
            Self::Office(kind) => match kind.unread() {
                Some(error) => return Some(error),
                None => (kind.name(), "office"),
            },
            Self::Mail(kind) => (kind.name(), "mail"),
        };
        (!FEATURES.contains(&(feature, true))).then_some(Error::NotBuilt { format, feature })
    }

    /// True if a hostile file of this format may make its reader hang, crash or take all memory.
    pub fn is_risky(self) -> bool {
        match self {
            Self::Text => false,
            Self::Html | Self::Pdf | Self::Office(_) | Self::Mail(_) => true,
        }
    }
}

/// Finds the office format in an archive or a compound file.
#[cfg(feature = "office")]
fn office_kind(bytes: &[u8]) -> Option<OfficeKind> {
    office::kind(bytes)
}

/// Guesses the office format of an archive or a compound file.
#[cfg(not(feature = "office"))]
fn office_kind(bytes: &[u8]) -> Option<OfficeKind> {
    if bytes.starts_with(ZIP) { guess_by_names(bytes) } else { ole::kind(bytes) }
}

/// True if the content declares itself a web page.
fn is_html(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(MAX_PREFIX_BYTES)]).to_lowercase();
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // Comments and the XML declaration may come before.
    for (open, close) in [("<?xml", "?>"), ("<!--", "-->")] {
        if rest.starts_with(open)
            && let Some((_, after)) = rest.split_once(close)
        {
            rest = after.trim_start();
        }
    }
    rest.starts_with("<!doctype html") || rest.starts_with("<html")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn of(bytes: &[u8], path: &str) -> Result<Format> {
        Format::of(bytes, Path::new(path))
    }

    #[test]
    fn format_by_content_before_name() {
        assert_eq!(of(b"%PDF-1.7\nall ascii", "a.txt"), Ok(Format::Pdf));
        assert_eq!(of(b"junk before\n%PDF-1.4", "a"), Ok(Format::Pdf));
        assert_eq!(of(b"just text", "a.pdf"), Ok(Format::Text));
        assert_eq!(of(b"just text", "a.docx"), Ok(Format::Text));
        assert_eq!(of("\u{feff}<?xml version='1.0'?>\n<!DOCTYPE html>".as_bytes(), "a"), Ok(Format::Html));
        assert_eq!(of(b"a <html> in the middle", "a.txt"), Ok(Format::Text));
        assert_eq!(of(b"<p>x", "A.HTM"), Ok(Format::Html));
        assert!(of(b"PK\x03\x04\x14\0\0\0", "a.zip").unwrap_err().to_string().contains("ZIP"));
        assert!(of(b"\x1f\x8b\x08\xff\xff", "a.gz").unwrap_err().to_string().contains("gzip"));
        assert!(of(b"{\\rtf1 text", "a.rtf").unwrap_err().to_string().contains("RTF"));
    }

    #[test]
    fn signature_alone_does_not_make_a_text_binary() {
        for text in ["BZhang wrote this", "ID3 tags explained", "Rar!x"] {
            assert_eq!(of(text.as_bytes(), "a.txt"), Ok(Format::Text));
        }
    }
}
