//! Bytes to characters, or the reason why they are none.

use std::path::Path;

use super::charset::{self, Encoding};
use super::guess;

/// NUL bytes are looked for in this many first bytes, as git and ripgrep do.
pub(super) const PROBE: usize = 8 << 10;

/// The characters of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Without a byte order mark. Lines end with LF: where a file ends them with CR alone, as old Macs did, each CR
    /// has become an LF.
    pub(super) text: String,
    /// How the bytes stood for it.
    pub(super) encoding: Encoding,
    /// What did not stand for anything: for [`super::Extracted::losses`].
    pub(super) loss: Option<String>,
}

/// Formats told by their first bytes: offset, bytes, what to call them.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF-", "PDF"),
    (0, b"{\\rtf", "RTF"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the old Microsoft Office format"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WebP"),
    (8, b"WAVE", "WAV"),
    (8, b"AVI ", "AVI"),
    (4, b"ftyp", "MP4"),
    (0, b"ID3", "MP3"),
    (0, b"OggS", "Ogg"),
    (0, b"fLaC", "FLAC"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (257, b"ustar", "tar"),
    (0, b"SQLite format 3\0", "SQLite"),
    (0, b"\x7fELF", "ELF"),
    (0, b"\0asm", "WebAssembly"),
    (0, b"wOFF", "WOFF"),
    (0, b"wOF2", "WOFF2"),
];

/// What a ZIP archive is by its file's extension.
const ZIPPED: &[(&str, &str)] = &[
    ("docx", "Word (docx)"),
    ("xlsx", "Excel (xlsx)"),
    ("pptx", "PowerPoint (pptx)"),
    ("odt", "OpenDocument"),
    ("ods", "OpenDocument"),
    ("odp", "OpenDocument"),
    ("epub", "EPUB"),
    ("jar", "JAR"),
    ("apk", "APK"),
    ("whl", "Python wheel"),
];

/// The text of a file. What it declares of its encoding (HTML, XML, a mail's part) is a label such as "gb2312"; a byte
/// order mark and valid UTF-8 come before it, for labels are wrong more often than those.
///
/// # Errors
/// The reason: empty, a known format that is not text, or binary.
pub(super) fn decode(mut bytes: Vec<u8>, path: &Path, declared: Option<&str>) -> Result<Decoded, String> {
    if bytes.is_empty() {
        return Err("empty".to_owned());
    }
    if let Some((marked, mark)) = charset::marked(&bytes) {
        if marked == Encoding::Utf8Bom {
            bytes.drain(..mark);
            return utf8_or_else(bytes, marked, |bytes| {
                charset::detected(bytes, declared).ok_or_else(|| "binary".to_owned())
            });
        }
        let invalid = || format!("invalid {}; save it again as UTF-8", marked.shown());
        return charset::wide(&bytes[mark..], marked).map(with_lf).ok_or_else(invalid);
    }
    // PDF and RTF can be plain ASCII; the other marks count only in what is not text, so that a text may begin "BZh".
    let named = magic(&bytes, path);
    if let Some(name @ ("PDF" | "RTF")) = named {
        return Err(format!("{name} is not understood yet"));
    }
    let not_text = || named.map_or_else(|| "binary".to_owned(), |name| format!("{name} is not understood yet"));
    if bytes.get(..PROBE).unwrap_or(&bytes).contains(&0) {
        let wide = if named.is_none() { charset::unmarked_utf16(&bytes) } else { None };
        return wide.map(with_lf).ok_or_else(not_text);
    }
    utf8_or_else(bytes, Encoding::Utf8, |bytes| {
        let detected = if named.is_none() { charset::detected(bytes, declared) } else { None };
        detected.ok_or_else(not_text)
    })
}

fn utf8_or_else(
    bytes: Vec<u8>,
    encoding: Encoding,
    other: impl Fn(&[u8]) -> Result<Decoded, String>,
) -> Result<Decoded, String> {
    match String::from_utf8(bytes) {
        // Seven bits alone can be ISO-2022-JP, which switches scripts with escapes.
        Ok(text)
            if guess::is_gbk_as_utf8(&text)
                || (text.is_ascii() && charset::has_iso_2022_jp_escapes(text.as_bytes())) =>
        {
            other(text.as_bytes()).or(Ok(Decoded { text, encoding, loss: None })).map(with_lf)
        }
        Ok(text) => Ok(with_lf(Decoded { text, encoding, loss: None })),
        Err(error) => other(error.as_bytes()).map(with_lf),
    }
}

fn with_lf(mut decoded: Decoded) -> Decoded {
    if decoded.text.contains('\r') && !decoded.text.contains('\n') {
        decoded.text = decoded.text.replace('\r', "\n");
    }
    decoded
}

fn magic(bytes: &[u8], path: &Path) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let zipped = ZIPPED.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        return Some(zipped.map_or("ZIP", |(_, name)| name));
    }
    MAGIC.iter().find(|(at, mark, _)| bytes.get(*at..).is_some_and(|b| b.starts_with(mark))).map(|(_, _, name)| *name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn decode_all(bytes: &[u8]) -> (String, &'static str, Option<String>) {
        let decoded = decode(bytes.to_vec(), Path::new("a.txt"), None).unwrap();
        (decoded.text, decoded.encoding.as_str(), decoded.loss)
    }

    fn reason(bytes: &[u8], path: &str) -> String {
        decode(bytes.to_vec(), Path::new(path), None).unwrap_err()
    }

    #[test]
    fn marks() {
        let text = "中文 and 😀";
        for (mark, unit, encoding) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2], "utf16-le"),
            ([0xfe, 0xff], u16::to_be_bytes, "utf16-be"),
        ] {
            let bytes: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect();
            assert_eq!(decode_all(&bytes), (text.to_owned(), encoding, None));
            assert!(reason(&bytes[..bytes.len() - 1], "a").contains("invalid UTF-16"));
            let long: Vec<u8> = mark.into_iter().chain(text.repeat(100).encode_utf16().flat_map(unit)).collect();
            let (cut, _, loss) = decode_all(&long[..long.len() - 1]);
            assert!(cut.ends_with("and \u{fffd}"), "{cut}");
            assert_eq!(loss.unwrap(), "3 bytes are not valid UTF-16 and were replaced");
        }
        let wide: Vec<u8> = "\u{feff}中😀".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(decode_all(&wide), ("中😀".to_owned(), "utf32-le", None));
        let wide: Vec<u8> = "\u{feff}中😀".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(decode_all(&wide), ("中😀".to_owned(), "utf32-be", None));
        assert!(reason(b"\xff\xfe\0\0a\0\0\xff", "a").contains("invalid UTF-32"));
        assert_eq!(decode_all("\u{feff}# 标题".as_bytes()), ("# 标题".to_owned(), "utf8-bom", None));
    }

    #[test]
    fn lines_of_old_macs() {
        assert_eq!(decode_all(b"one\rtwo\r").0, "one\ntwo\n");
        assert_eq!(decode_all(b"one\r\ntwo\r").0, "one\r\ntwo\r");
    }

    #[test]
    fn known_formats_by_name() {
        assert_eq!(reason(b"%PDF-1.7\nall ascii", "a.pdf"), "PDF is not understood yet");
        assert_eq!(reason(b"PK\x03\x04\x14\0\0\0", "report.DOCX"), "Word (docx) is not understood yet");
        assert_eq!(reason(b"PK\x03\x04\x14\0\0\0", "archive"), "ZIP is not understood yet");
        assert_eq!(reason(b"\x1f\x8b\x08\xff\xff", "a.gz"), "gzip is not understood yet");
        assert_eq!(reason(b"\x01\0\x02", "a.bin"), "binary");
        assert_eq!(reason(b"text\0more", "a.txt"), "binary");
    }

    #[test]
    fn a_mark_alone_does_not_make_a_text_binary() {
        for text in ["BZhang wrote this", "ID3 tags explained", "Rar!x"] {
            assert_eq!(decode_all(text.as_bytes()).0, text);
        }
        let late = [vec![b'a'; PROBE], vec![0]].concat();
        assert!(decode(late, Path::new("a.txt"), None).is_ok(), "only the first bytes are probed");
    }
}
