//! Parameters of header fields in pieces, or with a charset (RFC 2231): joined into one encoded word.

use std::collections::BTreeMap;

use super::header::decode_labelled;
use super::word::{decode_words, encode};
use crate::charset;

/// The names of fields that have parameters.
const FIELDS: [&str; 2] = ["content-type:", "content-disposition:"];

/// A piece of a parameter's value: its number, whether it is escaped, and its text.
type ParameterPiece<'t> = (u32, bool, &'t str);

/// Joins the pieces of each parameter of a field; returns `None` if it has no pieces.
pub(super) fn join_pieces(field: &str) -> Option<String> {
    let is_field = |name: &&str| field.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    if !FIELDS.iter().any(is_field) || !field.contains(['*', '%']) {
        return None;
    }
    let mut pieces: BTreeMap<String, Vec<ParameterPiece>> = BTreeMap::new();
    let mut others: Vec<(String, &str)> = Vec::new();
    for part in parts(field) {
        match piece(part) {
            Some((name, piece)) => pieces.entry(name).or_default().push(piece),
            None => others.push((name_of(part), part)),
        }
    }
    if pieces.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(field.len());
    // A parameter in pieces may be repeated in ASCII.
    for (_, part) in others.iter().filter(|(name, _)| !pieces.contains_key(name)) {
        out.push_str(if out.is_empty() { "" } else { ";" });
        out.push_str(part.trim_end());
    }
    for (name, mut values) in pieces {
        values.sort_by_key(|(number, ..)| *number);
        let (mut label, mut bytes) = ("utf-8", Vec::new());
        for (at, (_, escaped, value)) in values.into_iter().enumerate() {
            let mut parts = value.splitn(3, '\'');
            match (at, escaped, parts.next(), parts.next(), parts.next()) {
                (0, true, Some(charset), Some(_), Some(value)) => {
                    label = if charset.is_empty() { label } else { charset };
                    bytes.extend(unescape(value, b'%'));
                }
                (_, true, ..) => bytes.extend(unescape(value, b'%')),
                _ => bytes.extend_from_slice(value.as_bytes()),
            }
        }
        out.push_str("; ");
        out.push_str(&name);
        out.push_str("=\"");
        // Some programs split encoded words into pieces.
        encode(&decode_words(&decode_labelled(&bytes, label)), &mut out);
        out.push('"');
    }
    out.push_str("\r\n");
    Some(out)
}

/// Splits a field at the semicolons that are not quoted.
fn parts(field: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in field.bytes().enumerate() {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b';' if !quoted => {
                parts.extend(field.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.extend(field.get(from..));
    parts
}

fn name_of(part: &str) -> String {
    part.split('=').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Parses `name*0*=value`, `name*0=value`, `name*=value`.
fn piece(part: &str) -> Option<(String, ParameterPiece<'_>)> {
    let (name, value) = part.split_once('=')?;
    let name = name.trim();
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let (name, escaped) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
    let (name, number) = match name.split_once('*') {
        Some((name, number)) => (name, number.parse().ok()?),
        None if escaped => (name, 0),
        // Some programs escape the value, but do not mark the name.
        None if is_escaped(value) => return Some((name.to_ascii_lowercase(), (0, true, value))),
        None => return None,
    };
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    named.then(|| (name.to_ascii_lowercase(), (number, escaped, value)))
}

/// True if a value has the form `charset'language'escaped`.
fn is_escaped(value: &str) -> bool {
    let mut parts = value.splitn(3, '\'');
    let (charset, language, text) = (parts.next(), parts.next(), parts.next());
    let has_escape =
        |text: &str| text.split('%').skip(1).any(|after| u8::from_str_radix(after.get(..2).unwrap_or(""), 16).is_ok());
    charset.is_some_and(|charset| charset::charset_of_label(charset).is_some())
        && language.is_some_and(|language| language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        && text.is_some_and(has_escape)
}

/// Decodes a text in which `sign` and two hexadecimal digits encode a byte.
pub(super) fn unescape(text: &str, sign: u8) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let two = text.get(at + 1..at + 3).filter(|two| byte == sign && two.bytes().all(|b| b.is_ascii_hexdigit()));
        match two.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}
