//! Decodes bytes to characters, or returns why they are not text.

use super::charset::{self, Encoding};
use super::guess;
use crate::error::{Error, Result};

/// NUL bytes are searched in this many first bytes, as in git and ripgrep.
pub(super) const PROBE_BYTES: usize = 8 << 10;

/// The decoded text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text without a byte order mark. Lines end with LF. If a file ends its lines with CR, as old Macs did, each CR becomes an LF.
    pub(super) text: String,
    /// The encoding of the bytes.
    pub(super) encoding: Encoding,
    /// A report of undecodable bytes, for [`super::Extracted::losses`].
    pub(super) loss: Option<String>,
}

/// Decodes a file. The declared encoding (HTML, XML, a part of a mail) is a label such as "gb2312". A byte order mark and valid
/// UTF-8 take precedence, because labels are wrong more often.
///
/// # Errors
/// Returns the reason: empty, or binary.
pub(super) fn decode(mut bytes: Vec<u8>, declared: Option<&str>) -> Result<Decoded> {
    if bytes.is_empty() {
        return Err(Error::empty("empty"));
    }
    if let Some((encoding_of_mark, mark_bytes)) = charset::byte_order_mark(&bytes) {
        if encoding_of_mark == Encoding::Utf8Bom {
            bytes.drain(..mark_bytes);
            return utf8_or_else(bytes, encoding_of_mark, None, |bytes| {
                charset::decode_detected(bytes, declared).ok_or_else(|| Error::unsupported("binary"))
            });
        }
        let invalid =
            || Error::Unsupported(format!("invalid {}; save it again as UTF-8", encoding_of_mark.display_name()));
        return charset::decode_wide(&bytes[mark_bytes..], encoding_of_mark).map(with_lf).ok_or_else(invalid);
    }
    let binary = || Error::unsupported("binary");
    if bytes.get(..PROBE_BYTES).unwrap_or(&bytes).contains(&0) {
        return charset::decode_unmarked_utf16(&bytes).map(with_lf).ok_or_else(binary);
    }
    utf8_or_else(bytes, Encoding::Utf8, declared, |bytes| charset::decode_detected(bytes, declared).ok_or_else(binary))
}

fn utf8_or_else(
    bytes: Vec<u8>,
    encoding: Encoding,
    declared: Option<&str>,
    other: impl Fn(&[u8]) -> Result<Decoded>,
) -> Result<Decoded> {
    match String::from_utf8(bytes) {
        Ok(text) if guess::is_gbk_as_utf8(&text) || uses_escapes(&text, declared) => {
            other(text.as_bytes()).or(Ok(Decoded { text, encoding, loss: None })).map(with_lf)
        }
        Ok(text) => Ok(with_lf(Decoded { text, encoding, loss: None })),
        Err(error) => other(error.as_bytes()).map(with_lf),
    }
}

/// True if a 7-bit text is in a charset with escape sequences.
fn uses_escapes(text: &str, declared: Option<&str>) -> bool {
    let is_declared = || {
        memchr::memchr3(b'+', b'~', 0x0e, text.as_bytes()).is_some()
            && declared.and_then(charset::charset_of_label).is_some_and(charset::Charset::uses_escapes)
    };
    text.is_ascii() && (charset::charset_of_escapes(text.as_bytes()).is_some() || is_declared())
}

/// Replaces CR by LF if the text has no LF.
fn with_lf(mut decoded: Decoded) -> Decoded {
    if decoded.text.contains('\r') && !decoded.text.contains('\n') {
        decoded.text = decoded.text.replace('\r', "\n");
    }
    decoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn decode_all(bytes: &[u8]) -> (String, &'static str, Option<String>) {
        let decoded = decode(bytes.to_vec(), None).unwrap();
        (decoded.text, decoded.encoding.as_str(), decoded.loss)
    }

    fn reason(bytes: &[u8]) -> String {
        decode(bytes.to_vec(), None).unwrap_err().to_string()
    }

    #[test]
    fn byte_order_marks_are_dropped() {
        let text = "中文 and 😀";
        for (mark, unit, encoding) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2], "utf16-le"),
            ([0xfe, 0xff], u16::to_be_bytes, "utf16-be"),
        ] {
            let bytes: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect();
            assert_eq!(decode_all(&bytes), (text.to_owned(), encoding, None));
            assert!(reason(&bytes[..bytes.len() - 1]).contains("invalid UTF-16"));
            let long: Vec<u8> = mark.into_iter().chain(text.repeat(100).encode_utf16().flat_map(unit)).collect();
            let (cut, _, loss) = decode_all(&long[..long.len() - 1]);
            assert!(cut.ends_with("and \u{fffd}"), "{cut}");
            assert_eq!(loss.unwrap(), "3 bytes are not valid UTF-16 and were replaced");
        }
        let wide: Vec<u8> = "\u{feff}中😀".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(decode_all(&wide), ("中😀".to_owned(), "utf32-le", None));
        let wide: Vec<u8> = "\u{feff}中😀".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(decode_all(&wide), ("中😀".to_owned(), "utf32-be", None));
        assert!(reason(b"\xff\xfe\0\0a\0\0\xff").contains("invalid UTF-32"));
        assert_eq!(decode_all("\u{feff}# 标题".as_bytes()), ("# 标题".to_owned(), "utf8-bom", None));
    }

    #[test]
    fn line_ends_of_old_macs_become_lf() {
        assert_eq!(decode_all(b"one\rtwo\r").0, "one\ntwo\n");
        assert_eq!(decode_all(b"one\r\ntwo\r").0, "one\r\ntwo\r");
    }

    #[test]
    fn binary_files_are_refused() {
        assert_eq!(reason(b"\x01\0\x02"), "binary");
        assert_eq!(reason(b"text\0more"), "binary");
        let late = [vec![b'a'; PROBE_BYTES], vec![0]].concat();
        assert!(decode(late, None).is_ok(), "only the first bytes are probed");
    }
}
