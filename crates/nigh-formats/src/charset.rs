//! Decoding bytes by their byte order mark, their zero bytes, what they declare, or a guess.

use std::fmt;

use encoding_rs::{BIG5, DecoderResult, EUC_KR, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::guess::guesses;
use super::text::{Decoded, PROBE};

/// Of so many bytes or characters at most one may be wrong: more, and the guess is, or it is no text.
const TINY: usize = 100;
/// Text that must be guessed has at most one control character in so many; random bytes have one in ten.
const CONTROLS: usize = 50;

/// How a file's bytes stood for its text.
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
    /// Any other, by its name in the WHATWG's Encoding Standard: "GBK" (which stands for all of GB18030), "Big5".
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
    /// Its name, as in JSON.
    pub fn as_str(self) -> &'static str {
        if let Self::Other(name) = self {
            return name;
        }
        NAMES.iter().find(|(encoding, _)| *encoding == self).map_or("utf8", |(_, name)| name)
    }
}

impl Encoding {
    /// Its name as people write it, without the order of its bytes.
    pub(super) fn shown(self) -> &'static str {
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

// Derived, it would read names that live for ever only.
impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some((encoding, _)) = NAMES.iter().find(|(_, known)| *known == name) {
            return Ok(*encoding);
        }
        let other = encoding_rs::Encoding::for_label(name.as_bytes()).map(|other| Self::Other(other.name()));
        other.ok_or_else(|| D::Error::custom(format!("no encoding is called {name:?}")))
    }
}

/// The encoding that a byte order mark tells, and the bytes of the mark.
pub(super) fn marked(bytes: &[u8]) -> Option<(Encoding, usize)> {
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

/// Decodes UTF-16 or UTF-32 without its mark; none when more than a tiny share of it is wrong.
pub(super) fn wide(bytes: &[u8], encoding: Encoding) -> Option<Decoded> {
    let (text, wrong) = match encoding {
        Encoding::Utf16Le => lossy(bytes, UTF_16LE),
        Encoding::Utf16Be => lossy(bytes, UTF_16BE),
        _ => {
            let (units, rest) = bytes.as_chunks::<4>();
            let unit = if encoding == Encoding::Utf32Le { u32::from_le_bytes } else { u32::from_be_bytes };
            let mut wrong = rest.len();
            let valid = units.iter().map(|four| char::from_u32(unit(*four)));
            let text = valid.map(|c| {
                wrong += if c.is_none() { 4 } else { 0 };
                c.unwrap_or(char::REPLACEMENT_CHARACTER)
            });
            (text.collect(), wrong)
        }
    };
    accepted(text, wrong, bytes.len(), encoding)
}

/// UTF-16 without a mark, in bytes some of which are zero: the byte order that gives text.
pub(super) fn unmarked_utf16(bytes: &[u8]) -> Option<Decoded> {
    // Read in the wrong order, text is of rare characters and unassigned ones all over: its beginning shows it.
    let probe = bytes.get(..PROBE).unwrap_or(bytes);
    let read = |encoding| {
        let decoded = wide(probe, encoding)?;
        let strange = decoded.text.chars().filter(|c| !is_known(*c)).count();
        let all = decoded.text.chars().count();
        let ascii = decoded.text.bytes().filter(u8::is_ascii).count();
        (all >= 2 && strange * 20 <= all).then_some(((strange, all - ascii), encoding))
    };
    let orders = [read(Encoding::Utf16Le), read(Encoding::Utf16Be)];
    let (_, encoding) = orders.into_iter().flatten().min_by_key(|(badness, _)| *badness)?;
    wide(bytes, encoding)
}

/// Whether the character is of a script in wide use, a mark that goes with one, or white space.
fn is_known(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{bf}' => true,
        // Latin to Arabic.
        '\u{c0}'..='\u{6ff}' => c.is_alphanumeric(),
        // Punctuation and signs; kana and the unified ideographs; Hangul; full-width forms.
        '\u{2010}'..='\u{206f}' | '\u{20a0}'..='\u{20bf}' | '\u{2100}'..='\u{22ff}' => true,
        '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}' => true,
        _ => false,
    }
}

/// Whether text of seven bits switches to Japanese letters.
pub(super) fn has_iso_2022_jp_escapes(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|three| matches!(three, b"\x1b$@" | b"\x1b$B" | b"\x1b(J" | b"\x1b(I"))
}

/// Labels of programs that are none of the WHATWG's Encoding Standard, in small letters, without signs.
const ALIASES: [(&str, &encoding_rs::Encoding); 14] = [
    ("cp936", GBK),
    ("ms936", GBK),
    ("windows936", GBK),
    ("936", GBK),
    ("euccn", GBK),
    ("gb2312gbk", GBK),
    ("gb180302000", GBK),
    ("cp950", BIG5),
    ("ms950", BIG5),
    ("windows950", BIG5),
    ("cp932", SHIFT_JIS),
    ("cp949", EUC_KR),
    ("ms949", EUC_KR),
    ("utf8mb4", UTF_8),
];

/// The encoding of a label.
pub(super) fn named(label: &str) -> Option<&'static encoding_rs::Encoding> {
    let label = label.trim();
    let known = |label: &str| encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == plain).map(|(_, encoding)| *encoding);
    known(label).or_else(alias).or_else(|| known(&label.replace('_', "-")))
}

/// Decodes what is not valid UTF-8 as it declares itself, or as it most probably is; none when it is no text.
pub(super) fn detected(bytes: &[u8], declared: Option<&str>) -> Option<Decoded> {
    if let Some(decoded) = damaged_utf8(bytes) {
        return Some(decoded);
    }
    let declared = declared.and_then(named);
    let declared = declared.filter(|encoding| ![UTF_8, UTF_16LE, UTF_16BE].contains(encoding));
    declared.into_iter().chain(guesses(bytes)).find_map(|encoding| {
        let (text, wrong) = lossy(bytes, encoding);
        let (mut all, mut controls) = (0_usize, 0_usize);
        for c in text.chars() {
            all += 1;
            controls += usize::from(c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b'));
        }
        let named = match encoding {
            encoding if encoding == UTF_16LE => Encoding::Utf16Le,
            encoding if encoding == UTF_16BE => Encoding::Utf16Be,
            other => Encoding::Other(other.name()),
        };
        let decoded = accepted(text, wrong, bytes.len(), named)?;
        (controls * CONTROLS <= all).then_some(decoded)
    })
}

/// UTF-8 with a few wrong bytes, as where a character was cut at the end.
fn damaged_utf8(bytes: &[u8]) -> Option<Decoded> {
    let (mut wrong, mut places, mut wide) = (0_usize, 0_usize, 0_usize);
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            places += 1;
            wrong += chunk.invalid().len();
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    // What is not UTF-8 at all has hardly a sequence that could be.
    let cut_at_the_end = places == 1 && wide >= 3 && text.ends_with(char::REPLACEMENT_CHARACTER);
    if places == 0 || (!cut_at_the_end && wide < 8 * places) {
        return None;
    }
    let allowed = if cut_at_the_end { usize::MAX } else { bytes.len() };
    accepted(text, wrong, allowed, Encoding::Utf8)
}

/// The text, with a replacement character for each stretch that is wrong, and how many bytes those have.
pub(super) fn lossy(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> (String, usize) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let (mut at, mut wrong) = (0, 0);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return (text, wrong),
            DecoderResult::OutputFull => text.reserve(rest.len().max(64)),
            DecoderResult::Malformed(length, _) => {
                wrong += usize::from(length);
                text.reserve(char::REPLACEMENT_CHARACTER.len_utf8());
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

fn accepted(text: String, wrong: usize, all: usize, encoding: Encoding) -> Option<Decoded> {
    if wrong.saturating_mul(TINY) > all {
        return None;
    }
    let name = encoding.shown();
    let loss = match wrong {
        0 => None,
        1 => Some(format!("1 byte is not valid {name} and was replaced")),
        _ => Some(format!("{wrong} bytes are not valid {name} and were replaced")),
    };
    Some(Decoded { text, encoding, loss })
}

#[cfg(test)]
#[path = "charset_tests.rs"]
mod tests;
