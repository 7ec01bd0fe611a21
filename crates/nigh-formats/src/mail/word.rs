//! Encoded words (RFC 2047): their bytes, and the joint text of neighbouring words.

use super::header::decode_labelled;
use super::parameter;
use crate::charset;

/// Most bytes of a word that is folded against the rules: the maximal length of a line.
const MAX_FOLDED_BYTES: usize = 998;
/// Adjacent words are joined up to this many bytes.
const MAX_JOINED_BYTES: usize = 4096;

/// An encoded word.
struct EncodedWord<'t> {
    label: &'t str,
    bytes: Vec<u8>,
    /// The position after it in the text.
    end: usize,
}

/// Joins neighbouring encoded words of a field into one word in UTF-8.
pub(super) fn join_words(text: &str) -> String {
    replace_words(text, encode)
}

/// Decodes the encoded words of a text.
pub(super) fn decode_words(text: &str) -> String {
    replace_words(text, |message, out| out.push_str(message))
}

/// Replaces adjacent encoded words of a text together.
fn replace_words(text: &str, replace: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find("=?")) {
        let start = at + offset;
        out.push_str(text.get(at..start).unwrap_or(""));
        let Some(first) = word(text, start) else {
            out.push_str("=?");
            at = start + 2;
            continue;
        };
        let (label, mut text_of_words) = (first.label, String::new());
        at = first.end;
        let mut run = EncodedRun { label, words: vec![first.bytes] };
        while let Some(next) = next_word(text, at) {
            if !next.label.eq_ignore_ascii_case(run.label) {
                run.append_text(&mut text_of_words);
                run = EncodedRun { label: next.label, words: Vec::new() };
            }
            run.words.push(next.bytes);
            at = next.end;
        }
        run.append_text(&mut text_of_words);
        // Each word in UTF-16 may begin with a mark.
        text_of_words.retain(|c| c != '\u{feff}');
        replace(&text_of_words, &mut out);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// Neighbouring words with the same label.
struct EncodedRun<'t> {
    label: &'t str,
    words: Vec<Vec<u8>>,
}

impl EncodedRun<'_> {
    /// Appends their text. By the standard each word is complete. If a character is split between words, their bytes are joined. A
    /// charset with escapes, or with a mark at its start, begins anew in each word that follows a complete one.
    fn append_text(&self, out: &mut String) {
        let charset = charset::charset_of_label(self.label).filter(|charset| charset.uses_escapes());
        if charset.is_none() && !is_wide(self.label) {
            return out.push_str(&decode_labelled(&self.words.concat(), self.label));
        }
        let is_wrong = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        let is_open = |bytes: &[u8]| match charset {
            Some(charset) if charset.ends_shifted(bytes) => true,
            _ => is_wrong(&decode_labelled(bytes, self.label)),
        };
        let mut held: Vec<u8> = Vec::new();
        let mut first = 0;
        for (at, word) in self.words.iter().enumerate() {
            held.extend_from_slice(word);
            if at + 1 < self.words.len() && held.len() < MAX_JOINED_BYTES && is_open(&held) {
                continue;
            }
            let together = decode_labelled(&held, self.label);
            match self.words.get(first..=at) {
                // The joined bytes are invalid: a word did not return to its initial state.
                Some(words) if words.len() > 1 && is_wrong(&together) => {
                    out.extend(words.iter().map(|word| decode_labelled(word, self.label)));
                }
                _ => out.push_str(&together),
            }
            held.clear();
            first = at + 1;
        }
    }
}

/// True for the labels of UTF-16 and UTF-32.
pub(super) fn is_wide(label: &str) -> bool {
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["utf16", "utf32", "ucs2", "ucs4", "iso10646"].iter().any(|wide| plain.starts_with(wide))
}

/// Writes a text as an encoded word. It contains no character with a meaning for addresses and parameters.
pub(super) fn encode(text: &str, out: &mut String) {
    if text.is_empty() {
        return;
    }
    out.push_str("=?utf-8?Q?");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            byte => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
                out.extend(['=', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    out.push_str("?=");
}

/// Returns the word after white space.
fn next_word(text: &str, at: usize) -> Option<EncodedWord<'_>> {
    let rest = text.get(at..)?;
    let start = at + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    word(text, start)
}

/// Parses the encoded word that begins here.
fn word(text: &str, start: usize) -> Option<EncodedWord<'_>> {
    let rest = text.get(start..)?.strip_prefix("=?")?;
    let head = rest.get(..rest.floor_char_boundary(60)).unwrap_or(rest);
    let (label, after) = head.split_once('?')?;
    let coding = after.get(..2)?;
    let data = start + 2 + label.len() + 1 + coding.len();
    let length = length(text.get(data..)?)?;
    let (content, label) = (text.get(data..data + length)?, label.split('*').next().unwrap_or(label));
    if label.len() < 2 || (content.contains('\n') && length > MAX_FOLDED_BYTES) {
        return None;
    }
    let bytes = match coding {
        "B?" | "b?" => decode_base64(content),
        "Q?" | "q?" => decode_quoted(content),
        _ => return None,
    };
    Some(EncodedWord { label, bytes, end: data + length + 2 })
}

/// Returns the length of a word's content. Some programs leave a question mark unescaped, and an escape may follow it: `?=C3=A9`.
fn length(text: &str) -> Option<usize> {
    let mut length = text.find("?=")?;
    loop {
        let after = text.get(length + 2..).unwrap_or("").as_bytes();
        let is_escape = matches!(after, [b'8'..=b'9' | b'A'..=b'F', b'0'..=b'9' | b'A'..=b'F', b'=' | b'?', ..]);
        let next = after.get(..after.len().min(80)).and_then(|after| memchr::memmem::find(after, b"?="));
        match next {
            Some(next) if is_escape && !after.iter().take(next).any(u8::is_ascii_whitespace) => length += 2 + next,
            _ => return Some(length),
        }
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut held) = (Vec::with_capacity(text.len()), 0_u32, 0_u32);
    for byte in text.bytes() {
        let Some(six) = value(byte) else {
            // Padding ends a group of four. Another group may follow where two contents were joined.
            held = if byte == b'=' { 0 } else { held };
            continue;
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    out
}

fn decode_quoted(text: &str) -> Vec<u8> {
    // A folded word contains the line end, and the white space after it.
    let plain: String = match text.contains('\n') {
        true => text.lines().enumerate().map(|(at, line)| if at > 0 { line.trim_start() } else { line }).collect(),
        false => text.to_owned(),
    };
    parameter::unescape(&plain.replace('_', " "), b'=')
}
