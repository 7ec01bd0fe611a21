//! Decoding bytes by their byte order mark, their zero bytes, what they declare, or a guess.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`Encoding`], how a file encodes its text, and the ways to decode it |
//! | `label.rs` | [`Charset`]: charsets by label, and decoding |
//! | `seven.rs` | charsets of seven bits with escapes: ISO-2022-KR, ISO-2022-CN, HZ, UTF-7 |
//! | `dos.rs` | the code pages of DOS |

mod dos;
mod label;
mod seven;

use std::fmt;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::guess::guesses;
use super::text::{Decoded, PROBE_BYTES};
pub(super) use dos::{IBM437, IBM775, IBM850, IBM852, IBM857};
pub(super) use label::{Charset, charset_of_label, lossy};
use nigh_text::script::{is_basic_han, is_hangul_syllable, is_kana};
pub(super) use seven::charset_of_escapes;

/// At most one of this many bytes may be invalid. With more, the guess is wrong or the file is not text.
const BYTES_PER_INVALID_BYTE: usize = 100;
/// Guessed text has at most one control character in this many; random bytes have one in ten.
const CHARS_PER_CONTROL_CHAR: usize = 50;

/// UTF-8 with invalid bytes has at least this many characters beyond ASCII for each invalid place.
const MIN_NON_ASCII_PER_INVALID: usize = 8;
/// The same if the only invalid place is at the end, where a character was cut.
const MIN_NON_ASCII_BEFORE_CUT: usize = 3;

/// The encoding of a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(into = "&'static str")]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8; the text's byte offsets are the file's.
    #[default]
    Utf8,
    /// UTF-8 after a byte order mark of 3 bytes, which was dropped.
    Utf8Bom,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-32, little-endian, after a byte order mark.
    Utf32Le,
    /// UTF-32, big-endian, after a byte order mark.
    Utf32Be,
    /// Any other encoding. The name is from the WHATWG's Encoding Standard: "GBK" (which includes all of GB18030), "Big5". If the
    /// standard lacks the encoding, the name is from IANA: "IBM850", "HZ-GB-2312".
    Other(&'static str),
}

const NAMES: [(Encoding, &str); 6] = [
    (Encoding::Utf8, "utf8"),
    (Encoding::Utf8Bom, "utf8-bom"),
    (Encoding::Utf16Le, "utf16-le"),
    (Encoding::Utf16Be, "utf16-be"),
    (Encoding::Utf32Le, "utf32-le"),
    (Encoding::Utf32Be, "utf32-be"),
];

impl Encoding {
    /// Returns its name, as in JSON.
    pub fn as_str(self) -> &'static str {
        if let Self::Other(name) = self {
            return name;
        }
        NAMES.iter().find(|(encoding, _)| *encoding == self).map_or("utf8", |(_, name)| name)
    }
}

impl Encoding {
    /// Returns its name as people write it, without the byte order.
    pub(super) fn display_name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Bom => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Utf32Le | Self::Utf32Be => "UTF-32",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Encoding> for &'static str {
    fn from(encoding: Encoding) -> Self {
        encoding.as_str()
    }
}

// A derived implementation could only read `'static` names.
impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some((encoding, _)) = NAMES.iter().find(|(_, known)| *known == name) {
            return Ok(*encoding);
        }
        let other = charset_of_label(&name).map(|other| Self::Other(other.name()));
        other.ok_or_else(|| D::Error::custom(format!("no encoding is called {name:?}")))
    }
}

/// Returns the encoding that a byte order mark declares, and the length of the mark.
pub(super) fn byte_order_mark(bytes: &[u8]) -> Option<(Encoding, usize)> {
    // UTF-32's little-endian mark begins with UTF-16's.
    let marks: [(&[u8], Encoding); 5] = [
        (b"\xff\xfe\0\0", Encoding::Utf32Le),
        (b"\0\0\xfe\xff", Encoding::Utf32Be),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
        (b"\xef\xbb\xbf", Encoding::Utf8Bom),
    ];
    marks.into_iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(mark, encoding)| (encoding, mark.len()))
}

/// Decodes UTF-16 or UTF-32. The bytes begin after the byte order mark. Returns `None` if more than a small share of it is invalid.
pub(super) fn decode_wide(bytes: &[u8], encoding: Encoding) -> Option<Decoded> {
    let (text, invalid) = match encoding {
        Encoding::Utf16Le => lossy(bytes, UTF_16LE),
        Encoding::Utf16Be => lossy(bytes, UTF_16BE),
        _ => {
            let (units, rest) = bytes.as_chunks::<4>();
            let unit = if encoding == Encoding::Utf32Le { u32::from_le_bytes } else { u32::from_be_bytes };
            let mut invalid = rest.len();
            let valid = units.iter().map(|four| char::from_u32(unit(*four)));
            let text = valid.map(|c| {
                invalid += if c.is_none() { 4 } else { 0 };
                c.unwrap_or(char::REPLACEMENT_CHARACTER)
            });
            (text.collect(), invalid)
        }
    };
    accept(text, invalid, bytes.len(), encoding)
}

/// Decodes UTF-16 without a byte order mark, in the byte order in which it is readable. The caller has seen zero bytes.
pub(super) fn decode_unmarked_utf16(bytes: &[u8]) -> Option<Decoded> {
    // In the wrong byte order, a text consists of rare and unassigned characters; its beginning is enough to see this.
    let probe = bytes.get(..PROBE_BYTES).unwrap_or(bytes);
    let read = |encoding| {
        let decoded = decode_wide(probe, encoding)?;
        let unknown = decoded.text.chars().filter(|c| !is_known(*c)).count();
        let count = decoded.text.chars().count();
        let ascii = decoded.text.bytes().filter(u8::is_ascii).count();
        // At most 5 % unknown characters. Fewer unknown ones are better, then more ASCII.
        (count >= 2 && unknown * 20 <= count).then_some(((unknown, count - ascii), encoding))
    };
    let orders = [read(Encoding::Utf16Le), read(Encoding::Utf16Be)];
    let (_, encoding) = orders.into_iter().flatten().min_by_key(|(badness, _)| *badness)?;
    decode_wide(bytes, encoding)
}

/// True for white space, punctuation, and characters of the scripts that tell the byte orders apart: Latin to Arabic (U+00C0 to
/// U+06FF), Han, kana, Hangul.
fn is_known(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{bf}' => true,
        // Latin to Arabic.
        '\u{c0}'..='\u{6ff}' => c.is_alphanumeric(),
        // Punctuation and signs; CJK punctuation; full-width forms.
        '\u{2010}'..='\u{206f}' | '\u{20a0}'..='\u{20bf}' | '\u{2100}'..='\u{22ff}' => true,
        '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' => true,
        _ => is_kana(c) || is_basic_han(c) || is_hangul_syllable(c),
    }
}

/// Decodes bytes that are not valid UTF-8: as UTF-8 with a few invalid bytes, by escape sequences, as declared, or as guessed, in this
/// order. Returns `None` if they are not text.
pub(super) fn decode_detected(bytes: &[u8], declared: Option<&str>) -> Option<Decoded> {
    if let Some(decoded) = damaged_utf8(bytes) {
        return Some(decoded);
    }
    let declared = declared.and_then(charset_of_label);
    // The callers have tried UTF-8 and UTF-16.
    let declared = declared.filter(|charset| ![UTF_8, UTF_16LE, UTF_16BE].map(Charset::from).contains(charset));
    // Escapes are stronger evidence than the label of an 8-bit charset.
    let escaped = if declared.is_some_and(Charset::uses_escapes) { None } else { charset_of_escapes(bytes) };
    escaped.into_iter().chain(declared).chain(guesses(bytes)).find_map(|charset| {
        let (text, invalid) = lossy(bytes, charset);
        let (mut chars, mut controls) = (0_usize, 0_usize);
        for c in text.chars() {
            chars += 1;
            controls += usize::from(c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b'));
        }
        let encoding = match charset {
            Charset::Standard(encoding) if encoding == UTF_16LE => Encoding::Utf16Le,
            Charset::Standard(encoding) if encoding == UTF_16BE => Encoding::Utf16Be,
            other => Encoding::Other(other.name()),
        };
        let decoded = accept(text, invalid, bytes.len(), encoding)?;
        (controls * CHARS_PER_CONTROL_CHAR <= chars).then_some(decoded)
    })
}

/// Decodes UTF-8 with a few invalid bytes, such as a character cut at the end.
fn damaged_utf8(bytes: &[u8]) -> Option<Decoded> {
    let (mut invalid, mut invalid_places, mut non_ascii) = (0_usize, 0_usize, 0_usize);
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        non_ascii += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            invalid_places += 1;
            invalid += chunk.invalid().len();
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    // A text in another encoding has hardly any valid multi-byte sequence.
    let cut_at_the_end =
        invalid_places == 1 && non_ascii >= MIN_NON_ASCII_BEFORE_CUT && text.ends_with(char::REPLACEMENT_CHARACTER);
    if invalid_places == 0 || (!cut_at_the_end && non_ascii < MIN_NON_ASCII_PER_INVALID * invalid_places) {
        return None;
    }
    // A cut character is always accepted, also in a short text.
    let all = if cut_at_the_end { usize::MAX } else { bytes.len() };
    accept(text, invalid, all, Encoding::Utf8)
}

/// Returns the decoded text with a report of invalid bytes; `None` if more than a small share of `all` bytes is invalid.
fn accept(text: String, invalid: usize, all: usize, encoding: Encoding) -> Option<Decoded> {
    if invalid.saturating_mul(BYTES_PER_INVALID_BYTE) > all {
        return None;
    }
    let name = encoding.display_name();
    let loss = match invalid {
        0 => None,
        1 => Some(format!("1 byte is not valid {name} and was replaced")),
        _ => Some(format!("{invalid} bytes are not valid {name} and were replaced")),
    };
    Some(Decoded { text, encoding, loss })
}

#[cfg(test)]
mod tests;
