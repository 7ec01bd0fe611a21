//! Bytes to characters, or the reason why they are none.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// NUL bytes are looked for in this many first bytes, as git and ripgrep do.
const PROBE: usize = 8 << 10;

/// How a file's bytes stood for its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8; the text's byte offsets are the file's.
    #[default]
    Utf8,
    /// UTF-8 after a byte order mark of 3 bytes, which was dropped.
    Utf8Bom,
    /// UTF-16, little-endian, after a byte order mark.
    Utf16Le,
    /// UTF-16, big-endian, after a byte order mark.
    Utf16Be,
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

/// The text of a file, without its byte order mark.
///
/// # Errors
/// The reason: a known format that is not text, binary, or an encoding that is not understood.
pub(super) fn decode(mut bytes: Vec<u8>, path: &Path) -> Result<(String, Encoding), String> {
    if bytes.is_empty() {
        return Err("empty".to_owned());
    }
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err("UTF-32 is not understood yet; convert it to UTF-8".to_owned());
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Ok((utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Le));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Ok((utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Be));
    }
    // PDF and RTF can be plain ASCII; the other marks count only in what is not text, so that a text may begin "BZh".
    let named = magic(&bytes, path);
    if let Some(name @ ("PDF" | "RTF")) = named {
        return Err(format!("{name} is not understood yet"));
    }
    let not_text = |otherwise: String| named.map_or(otherwise, |name| format!("{name} is not understood yet"));
    if bytes[..bytes.len().min(PROBE)].contains(&0) {
        return Err(not_text("binary".to_owned()));
    }
    let mut encoding = Encoding::Utf8;
    let mut dropped = 0;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        dropped = 3;
        bytes.drain(..dropped);
        encoding = Encoding::Utf8Bom;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, encoding)),
        Err(error) => Err(not_text(format!(
            "neither UTF-8 nor UTF-16, which is what nigh reads for now: invalid at byte {}; convert it, for instance \
             with `iconv -f GB18030 -t UTF-8`",
            error.utf8_error().valid_up_to() + dropped
        ))),
    }
}

fn magic(bytes: &[u8], path: &Path) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let zipped = ZIPPED.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        return Some(zipped.map_or("ZIP", |(_, name)| name));
    }
    MAGIC.iter().find(|(at, mark, _)| bytes.get(*at..).is_some_and(|b| b.starts_with(mark))).map(|(_, _, name)| *name)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 2;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(c) = decoded else {
            return Err(format!("invalid UTF-16: half of a surrogate pair at byte {at}; save it again as UTF-8"));
        };
        text.push(c);
        at += 2 * c.len_utf16();
    }
    if !rest.is_empty() {
        return Err(format!("invalid UTF-16: it ends within a character, at byte {at}; save it again as UTF-8"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn reason(bytes: &[u8], path: &str) -> String {
        decode(bytes.to_vec(), Path::new(path)).unwrap_err()
    }

    #[test]
    fn utf16_of_both_ends() {
        let text = "中文 and 😀";
        for (mark, unit, encoding) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2], Encoding::Utf16Le),
            ([0xfe, 0xff], u16::to_be_bytes, Encoding::Utf16Be),
        ] {
            let bytes: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect();
            assert_eq!(decode(bytes.clone(), Path::new("a")).unwrap(), (text.to_owned(), encoding));
            assert!(reason(&bytes[..bytes.len() - 1], "a").contains("half of a surrogate pair at byte 16"));
            assert!(reason(&bytes[..bytes.len() - 2], "a").contains("half of a surrogate pair at byte 16"));
        }
        assert!(reason(b"\xff\xfea\0b", "a").contains("ends within a character, at byte 4"));
        assert!(reason(b"\xff\xfe\0\0a\0\0\0", "a").contains("UTF-32"));
    }

    #[test]
    fn a_mark_of_utf8_is_dropped() {
        let decoded = decode("\u{feff}# 标题".into(), Path::new("a.md")).unwrap();
        assert_eq!(decoded, ("# 标题".to_owned(), Encoding::Utf8Bom));
    }

    #[test]
    fn invalid_utf8_names_the_byte_of_the_file() {
        assert!(reason(b"abc\xffdef", "a").contains("invalid at byte 3;"));
        assert!(reason(b"\xef\xbb\xbfabc\xff", "a").contains("invalid at byte 6;"));
        assert!(reason("中".as_bytes().split_last().unwrap().1, "a").contains("invalid at byte 0;"));
        assert!(reason(b"\xc4\xe3\xba\xc3", "gbk.txt").contains("iconv"));
    }

    #[test]
    fn known_formats_by_name() {
        assert_eq!(reason(b"%PDF-1.7\nall ascii", "a.pdf"), "PDF is not understood yet");
        assert_eq!(reason(b"PK\x03\x04\x14\0\0\0", "report.DOCX"), "Word (docx) is not understood yet");
        assert_eq!(reason(b"PK\x03\x04\x14\0\0\0", "archive"), "ZIP is not understood yet");
        assert_eq!(reason(b"\x1f\x8b\x08\xff\xff", "a.gz"), "gzip is not understood yet");
        assert_eq!(reason(b"\x01\0\x02", "a.bin"), "binary");
    }

    #[test]
    fn a_mark_alone_does_not_make_a_text_binary() {
        for text in ["BZhang wrote this", "ID3 tags explained", "Rar!x"] {
            assert_eq!(decode(text.into(), Path::new("a.txt")).unwrap().0, text);
        }
        let late = [vec![b'a'; PROBE], vec![0]].concat();
        assert!(decode(late, Path::new("a.txt")).is_ok(), "only the first bytes are probed");
    }
}
