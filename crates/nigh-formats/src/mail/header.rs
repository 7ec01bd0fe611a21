//! Header fields made fit for the parser, which decodes each encoded word (RFC 2047) and each piece of a parameter (RFC 2231)
//! alone and by its label: a character cut between two of them is lost, and so is what bears a wrong label or none.
//!
//! Neighbouring words become one word in UTF-8, and so do the pieces of a parameter. Letters that bear no label become UTF-8.

use std::borrow::Cow;

use super::parameter;
use crate::charset;
use crate::kinds::mail::header_name;

/// A charset is declared, if at all, within so many bytes.
const CHARSET_WINDOW: usize = 64 << 10;
/// Labels under which programs send what they do not know.
const NO_LABEL: [&str; 5] = ["us-ascii", "ascii", "unknown", "default", "x-unknown"];
/// The label of a charset that the parser decodes and we do not.
const LEFT: [&str; 2] = ["utf-7", "unicode-1-1-utf-7"];

/// A message with its header fields, those of its parts and of messages in it, as the parser reads them rightly.
pub(super) fn repaired(message: &[u8]) -> Cow<'_, [u8]> {
    let has = |signs: &[u8]| memchr::memmem::find(message, signs).is_some();
    if !has(b"=?") && !has(b"*=") && !has(b"*0=") && std::str::from_utf8(message).is_ok() {
        return Cow::Borrowed(message);
    }
    let hint = declared(message);
    let mut out = Vec::with_capacity(message.len() + message.len() / 8);
    let (mut in_header, mut of_message) = (true, false);
    let mut rest = message;
    while !rest.is_empty() {
        let length = if in_header { field_length(rest) } else { line_length(rest) };
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        if !in_header {
            // A boundary, when header fields follow.
            in_header = line.starts_with(b"--") && header_name(rest.get(..line_length(rest)).unwrap_or(&[])).is_some();
            out.extend_from_slice(line);
        } else if line.trim_ascii().is_empty() {
            // A message that is attached as it is begins with header fields of its own.
            (in_header, of_message) = (of_message, false);
            out.extend_from_slice(line);
        } else {
            of_message |= is_message_type(line);
            field(line, hint.as_deref(), &mut out);
        }
    }
    Cow::Owned(out)
}

fn line_length(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

/// The length of a field with the lines that continue it.
fn field_length(bytes: &[u8]) -> usize {
    let mut length = line_length(bytes);
    if bytes.get(..length).is_some_and(|line| line.trim_ascii().is_empty()) {
        return length;
    }
    while let Some(next) = bytes.get(length..).filter(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
        let more = line_length(next);
        if next.get(..more).is_some_and(|line| line.trim_ascii().is_empty()) {
            break;
        }
        length += more;
    }
    length
}

fn is_message_type(field: &[u8]) -> bool {
    let field = field.get(..field.len().min(200)).unwrap_or(field).to_ascii_lowercase();
    field.starts_with(b"content-type") && memchr::memmem::find(&field, b"message/rfc822").is_some()
}

/// The first charset that the message names.
fn declared(message: &[u8]) -> Option<String> {
    let head = message.get(..CHARSET_WINDOW).unwrap_or(message).to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + b"charset=".len();
    let quotes = |byte: &u8| matches!(byte, b'"' | b'\'');
    let label = head.get(at..)?.iter().skip_while(|byte| quotes(byte));
    let label = label.take_while(|byte| byte.is_ascii_graphic() && !quotes(byte) && **byte != b';');
    Some(label.map(|byte| char::from(*byte)).collect())
}

fn field(raw: &[u8], hint: Option<&str>, out: &mut Vec<u8>) {
    let text = match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(unlabelled(raw, hint)),
    };
    // Pieces of a parameter may cut a word.
    let text = parameter::joined(&text).map_or(text, Cow::Owned);
    match text.contains("=?") {
        true => out.extend_from_slice(joined(&text).as_bytes()),
        false => out.extend_from_slice(text.as_bytes()),
    }
}

/// The text of bytes that bear no label, or one that cannot be right.
fn unlabelled(bytes: &[u8], hint: Option<&str>) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => charset::detected(bytes, hint)
            .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decoded| decoded.text),
    }
}

/// The text of bytes that bear this label: what it says, unless the bytes are something else.
pub(super) fn decoded(bytes: &[u8], label: &str) -> String {
    let known = charset::named(label).filter(|_| !NO_LABEL.iter().any(|none| label.eq_ignore_ascii_case(none)));
    let Some(encoding) = known else { return unlabelled(bytes, None) };
    // Whatever is valid UTF-8 beyond ASCII is UTF-8, but under a label that says how many bytes a letter has.
    let single = encoding.is_single_byte() && !bytes.is_ascii();
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| single) {
        return text.to_owned();
    }
    match charset::lossy(bytes, encoding) {
        (text, 0) => text,
        (text, _) => {
            charset::detected(bytes, None).filter(|other| other.loss.is_none()).map_or(text, |other| other.text)
        }
    }
}

/// An encoded word.
struct Word<'t> {
    label: &'t str,
    bytes: Vec<u8>,
    /// Where it ends in the text.
    end: usize,
}

/// A field in which neighbouring encoded words are one word.
fn joined(text: &str) -> String {
    replaced(text, encode)
}

/// A text with what its encoded words say.
pub(super) fn said(text: &str) -> String {
    replaced(text, |said, out| out.push_str(said))
}

/// A text in which something stands for neighbouring encoded words.
fn replaced(text: &str, replace: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("=?")) {
        let start = at + found;
        out.push_str(text.get(at..start).unwrap_or(""));
        let Some(first) = word(text, start) else {
            out.push_str("=?");
            at = start + 2;
            continue;
        };
        let (mut label, mut bytes, mut said) = (first.label, first.bytes, String::new());
        at = first.end;
        while let Some(next) = next_word(text, at) {
            if !next.label.eq_ignore_ascii_case(label) {
                said.push_str(&decoded(&bytes, label));
                (label, bytes) = (next.label, Vec::new());
            }
            bytes.extend(next.bytes);
            at = next.end;
        }
        said.push_str(&decoded(&bytes, label));
        replace(&said, &mut out);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// A text as an encoded word. Nothing in it has a meaning for addresses and parameters.
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

/// The word after white space alone.
fn next_word(text: &str, at: usize) -> Option<Word<'_>> {
    let rest = text.get(at..)?;
    let start = at + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    word(text, start)
}

/// The encoded word that begins here.
fn word(text: &str, start: usize) -> Option<Word<'_>> {
    let rest = text.get(start..)?.strip_prefix("=?")?;
    let head = rest.get(..rest.floor_char_boundary(60)).unwrap_or(rest);
    let (label, after) = head.split_once('?')?;
    let coding = after.get(..2)?;
    let data = start + 2 + label.len() + 1 + coding.len();
    let length = text.get(data..)?.find("?=")?;
    let (content, label) = (text.get(data..data + length)?, label.split('*').next().unwrap_or(label));
    if label.len() < 2 || LEFT.iter().any(|left| label.eq_ignore_ascii_case(left)) || content.contains('\n') {
        return None;
    }
    let bytes = match coding {
        "B?" | "b?" => base64(content),
        "Q?" | "q?" => quoted(content),
        _ => return None,
    };
    Some(Word { label, bytes, end: data + length + 2 })
}

fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut held) = (Vec::with_capacity(text.len()), 0_u32, 0_u32);
    for six in text.bytes().filter_map(value) {
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    out
}

fn quoted(text: &str) -> Vec<u8> {
    parameter::unescaped(&text.replace('_', " "), b'=')
}
