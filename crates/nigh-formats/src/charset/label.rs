//! Labels of charsets, and decoding by charset.

use std::borrow::Cow;

use encoding_rs::{BIG5, DecoderResult, EUC_KR, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8};

use super::dos::{CodePage, PAGES};
use super::seven::SevenBit;

/// The charset that bytes are decoded by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// A charset of the WHATWG's Encoding Standard.
    Standard(&'static encoding_rs::Encoding),
    /// A code page of DOS.
    Dos(CodePage),
    /// Seven bits with escapes.
    SevenBit(SevenBit),
}

impl From<&'static encoding_rs::Encoding> for Charset {
    fn from(encoding: &'static encoding_rs::Encoding) -> Self {
        Self::Standard(encoding)
    }
}

impl Charset {
    /// Returns its name in the standard, or at IANA.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Standard(encoding) => encoding.name(),
            Self::Dos(page) => page.name,
            Self::SevenBit(seven) => seven.name(),
        }
    }

    /// True if each byte is one character.
    #[cfg(feature = "mail")]
    pub(crate) fn is_single_byte(self) -> bool {
        match self {
            Self::Standard(encoding) => encoding.is_single_byte(),
            Self::Dos(_) => true,
            Self::SevenBit(_) => false,
        }
    }

    /// True if an escape changes the meaning of the bytes after it.
    pub(crate) fn uses_escapes(self) -> bool {
        self == Self::Standard(ISO_2022_JP) || matches!(self, Self::SevenBit(_))
    }

    /// True if the bytes end in a state in which the next bytes would not be ASCII. By the standards a text ends in ASCII.
    #[cfg(feature = "mail")]
    pub(crate) fn ends_shifted(self, bytes: &[u8]) -> bool {
        match self {
            Self::Standard(_) => {
                self.uses_escapes() && memchr::memrchr(0x1b, bytes).is_some_and(|at| bytes.get(at + 1) == Some(&b'$'))
            }
            Self::Dos(_) => false,
            Self::SevenBit(seven) => seven.ends_shifted(bytes),
        }
    }
}

/// Labels that programs write and the WHATWG's Encoding Standard lacks, in lower case, without punctuation.
const ALIASES: [(&str, &encoding_rs::Encoding); 22] = [
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
    ("iso2022jp1", ISO_2022_JP),
    ("iso2022jp2", ISO_2022_JP),
    ("iso2022jp3", ISO_2022_JP),
    ("iso2022jp2004", ISO_2022_JP),
    ("iso2022jpms", ISO_2022_JP),
    ("cp50220", ISO_2022_JP),
    ("cp50221", ISO_2022_JP),
    ("jis", ISO_2022_JP),
];

/// Returns the charset of a label.
pub(crate) fn charset_of_label(label: &str) -> Option<Charset> {
    let label = label.trim();
    let known = |label: &str| encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == plain).map(|(_, encoding)| *encoding);
    let standard = known(label).or_else(alias).or_else(|| known(&label.replace('_', "-")));
    let page = || {
        let digits = ["ibm", "cp", "csibm", "cspc", "cp00"].iter().find_map(|prefix| plain.strip_prefix(prefix));
        let digits = digits.unwrap_or(&plain).trim_end_matches("multilingual").trim_end_matches("codepage");
        PAGES.into_iter().find(|page| page.name.strip_prefix("IBM") == Some(digits))
    };
    standard
        .map(Charset::Standard)
        .or_else(|| SevenBit::from_label(&plain).map(Charset::SevenBit))
        .or_else(|| page().map(Charset::Dos))
}

/// Decodes bytes. Returns the text, with a replacement character for each invalid sequence, and the number of invalid bytes.
pub(crate) fn lossy(bytes: &[u8], charset: impl Into<Charset>) -> (String, usize) {
    match charset.into() {
        Charset::Standard(encoding) if encoding == ISO_2022_JP => {
            decode_standard(&without_idle_escapes(bytes), encoding)
        }
        Charset::Standard(encoding) => decode_standard(bytes, encoding),
        Charset::Dos(page) => page.lossy(bytes),
        Charset::SevenBit(seven) => seven.lossy(bytes),
    }
}

/// The same as [`lossy`], for a charset of the standard.
pub(super) fn decode_standard(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> (String, usize) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let (mut at, mut invalid) = (0, 0);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return (text, invalid),
            DecoderResult::OutputFull => text.reserve(rest.len().max(64)),
            DecoderResult::Malformed(length, _) => {
                invalid += usize::from(length);
                text.reserve(char::REPLACEMENT_CHARACTER.len_utf8());
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

/// Removes escapes of ISO-2022-JP that another escape follows immediately. They occur where two texts were joined, and the standard
/// calls them errors.
fn without_idle_escapes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_escape = |three: &[u8]| matches!(three, [0x1b, b'(', b'B' | b'J' | b'I'] | [0x1b, b'$', b'@' | b'B']);
    let idle =
        |at: usize| bytes.get(at..at + 3).is_some_and(is_escape) && bytes.get(at + 3..at + 6).is_some_and(is_escape);
    if !memchr::memchr_iter(0x1b, bytes).any(idle) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in memchr::memchr_iter(0x1b, bytes).filter(|at| idle(*at)) {
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        from = at + 3;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    Cow::Owned(out)
}
