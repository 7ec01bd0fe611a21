//! 7-bit charsets that the WHATWG's Encoding Standard lacks: escapes give the meaning of the bytes after them.

use encoding_rs::{EUC_KR, GBK, ISO_2022_JP};

use super::label::{Charset, decode_standard};

/// A 7-bit charset with escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SevenBit {
    /// ISO-2022-KR (RFC 1557): Korean between SO and SI.
    Korean,
    /// ISO-2022-CN (RFC 1922): Chinese between SO and SI; only its set GB 2312.
    Chinese,
    /// HZ (RFC 1843): Chinese between `~{` and `~}`.
    Hz,
    /// UTF-7 (RFC 2152): UTF-16 in base64 between `+` and `-`.
    Utf7,
}

impl SevenBit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Korean => "ISO-2022-KR",
            Self::Chinese => "ISO-2022-CN",
            Self::Hz => "HZ-GB-2312",
            Self::Utf7 => "UTF-7",
        }
    }

    /// Returns the charset of a label in lower case, without punctuation.
    pub(super) fn from_label(plain: &str) -> Option<Self> {
        match plain {
            "iso2022kr" | "csiso2022kr" => Some(Self::Korean),
            "iso2022cn" | "iso2022cnext" => Some(Self::Chinese),
            "hz" | "hzgb2312" | "hzgb" => Some(Self::Hz),
            "utf7" | "unicode11utf7" | "csunicode11utf7" | "csutf7" => Some(Self::Utf7),
            _ => None,
        }
    }

    /// True if the bytes end in a state in which the next bytes would not be ASCII, as far as the escapes show.
    #[cfg(feature = "mail")]
    pub(super) fn ends_shifted(self, bytes: &[u8]) -> bool {
        match self {
            Self::Korean | Self::Chinese => {
                memchr::memrchr2(0x0e, 0x0f, bytes).is_some_and(|at| bytes.get(at) == Some(&0x0e))
            }
            Self::Hz => memchr::memmem::rfind(bytes, b"~{") > memchr::memmem::rfind(bytes, b"~}"),
            Self::Utf7 => false,
        }
    }

    /// Decodes bytes. Returns the text, with replacement characters for errors, and the number of invalid bytes.
    pub(super) fn lossy(self, bytes: &[u8]) -> (String, usize) {
        match self {
            Self::Korean => decode_standard(&unshift(bytes), EUC_KR),
            Self::Chinese => decode_standard(&unshift(bytes), GBK),
            Self::Hz => decode_standard(&hz_to_gbk(bytes), GBK),
            Self::Utf7 => decode_utf7(bytes),
        }
    }
}

/// Returns the charset whose escapes occur in a 7-bit text.
pub(crate) fn charset_of_escapes(bytes: &[u8]) -> Option<Charset> {
    if memchr::memchr2(0x1b, b'~', bytes).is_none() || !bytes.is_ascii() {
        return None;
    }
    for at in memchr::memchr_iter(0x1b, bytes) {
        match bytes.get(at + 1..at + 4).or_else(|| bytes.get(at + 1..at + 3)) {
            Some([b'$', b'@' | b'B', ..] | [b'(', b'J' | b'I', ..]) => return Some(ISO_2022_JP.into()),
            Some([b'$', b')', b'C']) => return Some(Charset::SevenBit(SevenBit::Korean)),
            Some([b'$', b')', b'A']) => return Some(Charset::SevenBit(SevenBit::Chinese)),
            _ => {}
        }
    }
    is_hz(bytes).then_some(Charset::SevenBit(SevenBit::Hz))
}

/// True if a text has HZ's escapes, and only common characters between them: `~{` also occurs in code.
fn is_hz(bytes: &[u8]) -> bool {
    let mut characters = 0_usize;
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, b"~{") {
        rest = rest.get(at + 2..).unwrap_or_default();
        // The closing escape begins where a character may begin.
        let (pairs, _) = rest.as_chunks::<2>();
        let Some(length) = pairs.iter().position(|pair| pair == b"~}") else { return false };
        let common = |pair: &[u8; 2]| matches!(pair, [b'!'..=b'#' | b'0'..=b'W', b'!'..=b'~']);
        if !pairs.get(..length).is_some_and(|pairs| pairs.iter().all(common)) {
            return false;
        }
        characters += length;
        rest = rest.get(2 * length + 2..).unwrap_or_default();
    }
    characters >= 2
}

/// Converts the text to 8-bit bytes: between SO and SI, sets the eighth bit of each byte. Each line begins in ASCII.
fn unshift(bytes: &[u8]) -> Vec<u8> {
    /// A byte that is invalid in every multi-byte charset.
    const INVALID: u8 = 0xff;
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut shifted, mut is_known_set) = (0, false, true);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            0x0e => shifted = true,
            0x0f => shifted = false,
            // Designates the character set.
            0x1b if matches!(bytes.get(at..at + 3), Some([b'$', b')' | b'*', _])) => {
                is_known_set = matches!(bytes.get(at..at + 3), Some([b'$', b')', b'C' | b'A']));
                at += 3;
            }
            b'\n' => {
                shifted = false;
                out.push(byte);
            }
            b'!'..=b'~' if shifted => out.push(if is_known_set { byte | 0x80 } else { INVALID }),
            _ => out.push(byte),
        }
    }
    out
}

/// Converts the text to GBK.
fn hz_to_gbk(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut chinese) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1), chinese) {
            (b'~', Some(b'{'), false) => (at, chinese) = (at + 2, true),
            (b'~', Some(b'}'), true) => (at, chinese) = (at + 2, false),
            (b'~', Some(b'~'), false) => {
                out.push(b'~');
                at += 2;
            }
            // The line continues.
            (b'~', Some(b'\n'), false) => at += 2,
            (b'!'..=b'~', Some(second @ b'!'..=b'~'), true) => {
                out.extend([byte | 0x80, second | 0x80]);
                at += 2;
            }
            _ => {
                chinese &= byte != b'\n';
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn decode_utf7(bytes: &[u8]) -> (String, usize) {
    let mut out = String::with_capacity(bytes.len());
    let mut invalid = 0;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'+' {
            let c = if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER };
            invalid += usize::from(!byte.is_ascii());
            out.push(c);
            continue;
        }
        // The base64 letters up to an optional "-"; "+-" is a plus.
        let length = rest.iter().position(|byte| base64_value(*byte).is_none()).unwrap_or(rest.len());
        let (base64, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after.strip_prefix(b"-").unwrap_or(after);
        if base64.is_empty() {
            out.push('+');
            continue;
        }
        // Collects the bits into UTF-16 units.
        let (mut bits, mut held, mut units) = (0_u32, 0_u32, Vec::with_capacity(base64.len() / 2));
        for value in base64.iter().filter_map(|byte| base64_value(*byte)) {
            bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
            held += 6;
            if held >= 16 {
                held -= 16;
                units.extend(u16::try_from(bits >> held & 0xffff));
            }
        }
        // A valid end leaves fewer than six bits, as padding.
        invalid += if held >= 6 || units.is_empty() { base64.len() } else { 0 };
        for unit in char::decode_utf16(units) {
            invalid += usize::from(unit.is_err());
            out.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    (out, invalid)
}

/// Returns the six bits of a base64 letter.
fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
