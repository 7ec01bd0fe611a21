//! Repairs header fields for the parser. It decodes each encoded word (RFC 2047) and each piece of a parameter (RFC 2231) separately
//! and by its label. So it loses a character that is split between two of them, and a word with a wrong label or none.
//!
//! Adjacent words are joined to one word in UTF-8, and so are the pieces of a parameter. Unlabelled letters become UTF-8.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::parameter;
use super::word::{is_wide, join_words};
use crate::kinds::mail::header_name;
use crate::{charset, text};

/// A charset declaration is searched in this many bytes.
const CHARSET_SEARCH_BYTES: usize = 64 << 10;
/// Labels that programs send when the charset is unknown.
const NO_LABEL: [&str; 5] = ["us-ascii", "ascii", "unknown", "default", "x-unknown"];

/// Returns a message with repaired header fields, also those of its parts.
pub(super) fn repair(message: &[u8]) -> Cow<'_, [u8]> {
    let has = |signs: &[u8]| memchr::memmem::find(message, signs).is_some();
    let has_escapes = has(b"\x1b$") || has(b"~{");
    let has_parameters = has(b"*=") || has(b"*0=") || has(b"''");
    if !has(b"=?") && !has_parameters && !has_escapes && std::str::from_utf8(message).is_ok() {
        return Cow::Borrowed(message);
    }
    let hint = declared_charset(message);
    let mut out = Vec::with_capacity(message.len() + message.len() / 8);
    let (mut in_header, mut of_message) = (true, false);
    let mut rest = message;
    while !rest.is_empty() {
        let length = if in_header { field_length(rest) } else { line_length(rest) };
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        if !in_header {
            // A boundary, if header fields follow.
            in_header = line.starts_with(b"--") && header_name(rest.get(..line_length(rest)).unwrap_or(&[])).is_some();
            out.extend_from_slice(line);
        } else if line.trim_ascii().is_empty() {
            // An attached message begins with header fields of its own.
            (in_header, of_message) = (of_message, false);
            out.extend_from_slice(line);
        } else {
            of_message |= is_message_type(line);
            repair_field(line, hint.as_deref(), &mut out);
        }
    }
    Cow::Owned(out)
}

fn line_length(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

/// Returns the length of a field with its continuation lines, in bytes.
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

/// Returns the first charset that the message declares.
fn declared_charset(message: &[u8]) -> Option<String> {
    let head = message.get(..CHARSET_SEARCH_BYTES).unwrap_or(message).to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + b"charset=".len();
    let quotes = |byte: &u8| matches!(byte, b'"' | b'\'');
    let label = head.get(at..)?.iter().skip_while(|byte| quotes(byte));
    let label = label.take_while(|byte| byte.is_ascii_graphic() && !quotes(byte) && **byte != b';');
    Some(label.map(|byte| char::from(*byte)).collect())
}

/// Appends a header field, repaired. `hint` is the charset of unlabelled letters.
fn repair_field(raw: &[u8], hint: Option<&str>, out: &mut Vec<u8>) {
    let text = match std::str::from_utf8(raw) {
        Ok(text) if charset::charset_of_escapes(raw).is_none() => Cow::Borrowed(text),
        _ => Cow::Owned(decode_unlabelled(raw, hint)),
    };
    // Pieces of a parameter may split a word.
    let text = parameter::join_pieces(&text).map_or(text, Cow::Owned);
    match text.contains("=?") {
        true => out.extend_from_slice(join_words(&text).as_bytes()),
        false => out.extend_from_slice(text.as_bytes()),
    }
}

/// Decodes bytes without a label, or with a label that cannot be right.
fn decode_unlabelled(bytes: &[u8], hint: Option<&str>) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if charset::charset_of_escapes(bytes).is_none() => text.to_owned(),
        _ => charset::decode_detected(bytes, hint)
            .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decoded| decoded.text),
    }
}

/// True if a label declares a charset.
pub(super) fn is_label(label: &str) -> bool {
    !NO_LABEL.iter().any(|none| label.eq_ignore_ascii_case(none))
}

/// Decodes bytes with this label, unless the bytes are evidently in another charset.
pub(super) fn decode_labelled(bytes: &[u8], label: &str) -> String {
    if is_wide(label)
        && let Some(text) = decode_wide(bytes, label)
    {
        return text;
    }
    let known = charset::charset_of_label(label).filter(|_| is_label(label));
    let Some(charset) = known else { return decode_unlabelled(bytes, None) };
    // Any bytes are valid with a single-byte label, so bytes beyond ASCII that are valid UTF-8 are UTF-8.
    let utf8 = std::str::from_utf8(bytes).ok().filter(|_| !bytes.is_ascii());
    if let Some(text) = utf8.filter(|_| charset.is_single_byte()) {
        return text.to_owned();
    }
    match (charset::lossy(bytes, charset), utf8) {
        ((text, 0), _) => text,
        (_, Some(text)) => text.to_owned(),
        ((text, _), None) => {
            let other = charset::decode_detected(bytes, None).filter(|other| other.loss.is_none());
            // 7-bit bytes are not in an 8-bit charset.
            other.filter(|_| !bytes.is_ascii() && !bytes.contains(&0x1b)).map_or(text, |other| other.text)
        }
    }
}

/// Decodes UTF-16 or UTF-32: by its mark, its label, or its bytes.
fn decode_wide(bytes: &[u8], label: &str) -> Option<String> {
    let bytes_after = |mark: usize| bytes.get(mark..).unwrap_or_default();
    match charset::byte_order_mark(bytes) {
        Some((charset::Encoding::Utf16Le, mark)) => return Some(charset::lossy(bytes_after(mark), UTF_16LE).0),
        Some((charset::Encoding::Utf16Be, mark)) => return Some(charset::lossy(bytes_after(mark), UTF_16BE).0),
        Some(_) => return text::decode(bytes.to_vec(), None).ok().map(|decoded| decoded.text),
        None => {}
    }
    let plain = label.to_ascii_lowercase();
    let declared = charset::charset_of_label(label).filter(|_| plain.ends_with("le") || plain.ends_with("be"));
    if let Some(declared) = declared {
        return Some(charset::lossy(bytes, declared).0);
    }
    // Text without a mark should be big-endian (RFC 2781), but often is not.
    let decoded = charset::decode_unmarked_utf16(bytes).map(|decoded| decoded.text);
    decoded.or_else(|| Some(charset::lossy(bytes, UTF_16BE).0))
}
