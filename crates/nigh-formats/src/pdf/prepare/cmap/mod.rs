//! Converts character tables (CMaps) to the form that unpdf's reader expects.
//!
//! A CMap is a program in PostScript, and programs write it in many ways. unpdf searches its text for `<...>`. It takes white
//! space within a string for a digit, reads the content of comments, and takes names for the strings after them. It does not support
//! destinations of several characters in a range, nor tables that build on another. Another library would add crates
//! (lopdf, pdf-extract: some thirty), and a font reader of our own would have to decode, measure and place all text.
//! Rewriting the table is the least work. A table that is already in that form stays unchanged.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`read`]s a table, and writes it in plain form ([`write_plain`]) |
//! | `tests.rs` | tests |

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use unpdf::parser::cmap_table::lookup_cid;

use super::tokens::{PdfToken, PdfTokens, tokens};
use super::write::hex;

/// Most codes of a table: two bytes have no more.
const MAX_CODES: usize = 1 << 16;

/// Most characters that all codes of a table may map to.
const MAX_TEXT_CHARS: usize = 4 << 20;

/// The texts of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// The number of bytes of a code.
    width: Option<usize>,
    codes: BTreeMap<u32, String>,
    /// The number of bytes of all texts.
    text_bytes: usize,
    /// True if unpdf would misread the table.
    misread: bool,
}

impl Map {
    /// Maps a code to a text, within the limits.
    fn insert(&mut self, code: u32, text: &str) {
        if !text.is_empty() && self.codes.len() < MAX_CODES && self.text_bytes < MAX_TEXT_CHARS {
            self.text_bytes += text.len();
            self.codes.insert(code, text.to_owned());
        }
    }

    /// Maps codes from `low` to `high`; the first maps to `first`.
    fn insert_range(&mut self, low: u32, high: u32, first: &[u16]) {
        let Some((&last, before)) = first.split_last() else { return };
        for (offset, code) in (low..=high).take(MAX_CODES).enumerate() {
            let text = match (before, u32::try_from(offset)) {
                ([], Ok(offset)) => char::from_u32(u32::from(last) + offset).map(String::from),
                // In a text of several units the last one is increased: the second of a surrogate pair, or the last letter.
                (before, Ok(offset)) => {
                    let unit = u16::try_from(u32::from(last) + offset).ok();
                    unit.and_then(|unit| String::from_utf16(&[before, &[unit]].concat()).ok())
                }
                _ => None,
            };
            self.insert(code, text.as_deref().unwrap_or(""));
        }
    }
}

/// Reads a table of characters. `base` is the table that it builds on, if any. A table may also build on one of Adobe's
/// collections, which are built in.
pub(super) fn read(data: &[u8], base: Option<&Map>) -> Map {
    let PdfTokens { tokens, misread } = tokens(data);
    let mut map = base.cloned().unwrap_or_default();
    map.misread = misread || base.is_some();
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        match token {
            PdfToken::Name(name) if after.first() == Some(&PdfToken::Word(b"usecmap".to_vec())) => {
                map.misread |= add_collection(name, &mut map);
            }
            PdfToken::Word(word) if word == b"begincodespacerange" => {
                if let Some(PdfToken::Text(low)) = after.first() {
                    map.width = map.width.max(Some(low.len()));
                }
            }
            PdfToken::Word(word) if word == b"beginbfchar" => rest = read_characters(after, &mut map),
            PdfToken::Word(word) if word == b"beginbfrange" => rest = read_ranges(after, &mut map),
            _ => {}
        }
    }
    map
}

/// Maps the characters of one of Adobe's collections, for a name that ends in UCS2: `Adobe-Japan1-UCS2`.
fn add_collection(name: &[u8], map: &mut Map) -> bool {
    let name = String::from_utf8_lossy(name);
    let Some(ordering) = name.strip_prefix("Adobe-").and_then(|name| name.strip_suffix("-UCS2")) else { return false };
    for code in 0..30_000 {
        if let Some(c) = lookup_cid("Adobe", ordering, code) {
            map.insert(code, c.encode_utf8(&mut [0; 4]));
        }
    }
    map.width = Some(2);
    true
}

fn is_end(token: &PdfToken) -> bool {
    matches!(token, PdfToken::Word(word) if word.starts_with(b"end") || word.starts_with(b"begin"))
}

/// Reads `<code> <text>` pairs up to the end of the block; returns the tokens after it.
fn read_characters<'a>(mut rest: &'a [PdfToken], map: &mut Map) -> &'a [PdfToken] {
    loop {
        match rest {
            [PdfToken::Text(code), PdfToken::Text(text), after @ ..] => {
                if let Some(code) = number(code) {
                    map.insert(code, &characters_of(text));
                }
                map.misread |= text.len() > 2 && !text.len().is_multiple_of(2);
                rest = after;
            }
            [PdfToken::Text(code), other @ (PdfToken::Name(_) | PdfToken::Number(_)), after @ ..] => {
                if let (Some(code), Some(text)) = (number(code), text_of_token(other)) {
                    map.insert(code, &text);
                }
                map.misread = true;
                rest = after;
            }
            [token, after @ ..] => {
                if is_end(token) {
                    return after_block(rest, after, b"endbfchar", map);
                }
                map.misread = true;
                rest = after;
            }
            [] => {
                map.misread = true;
                return rest;
            }
        }
    }
}

/// Returns the tokens after a block. A block without an end stops where another begins.
fn after_block<'a>(rest: &'a [PdfToken], after: &'a [PdfToken], end: &[u8], map: &mut Map) -> &'a [PdfToken] {
    let is_own = matches!(rest.first(), Some(PdfToken::Word(word)) if word == end);
    map.misread |= !is_own;
    if is_own { after } else { rest }
}

/// Reads `<low> <high> <text>` and `<low> <high> [<text> ...]` up to the end of the block; returns the tokens after it.
fn read_ranges<'a>(mut rest: &'a [PdfToken], map: &mut Map) -> &'a [PdfToken] {
    loop {
        match rest {
            [PdfToken::Text(low), PdfToken::Text(high), target, after @ ..] if !is_end(target) => {
                rest = after;
                let range = number(low).zip(number(high)).filter(|(low, high)| low <= high);
                let too_wide =
                    range.is_some_and(|(low, high)| usize::try_from(high - low).is_ok_and(|more| more >= MAX_CODES));
                map.misread |= too_wide;
                match target {
                    PdfToken::Text(text) => {
                        map.misread |= text.len() > 2;
                        if let Some((low, high)) = range {
                            map.insert_range(low, high, &units(text));
                        }
                    }
                    PdfToken::Open => {
                        let length = after.iter().position(|token| *token == PdfToken::Close || is_end(token));
                        let (items, more) = after.split_at(length.unwrap_or(after.len()));
                        rest = if more.first() == Some(&PdfToken::Close) { &more[1..] } else { more };
                        let (low, high) = range.unwrap_or((1, 0));
                        for (code, item) in (low..=high).zip(items) {
                            let text = match item {
                                PdfToken::Text(text) => Some(characters_of(text)),
                                other => {
                                    map.misread = true;
                                    text_of_token(other)
                                }
                            };
                            map.insert(code, text.as_deref().unwrap_or(""));
                        }
                    }
                    other => {
                        map.misread = true;
                        if let (Some((low, high)), Some(text)) = (range, text_of_token(other)) {
                            let first: Vec<u16> = text.encode_utf16().collect();
                            map.insert_range(low, high, &first);
                        }
                    }
                }
            }
            [token, after @ ..] => {
                if is_end(token) {
                    return after_block(rest, after, b"endbfrange", map);
                }
                map.misread = true;
                rest = after;
            }
            [] => {
                map.misread = true;
                return rest;
            }
        }
    }
}

/// Returns a code as a number.
fn number(bytes: &[u8]) -> Option<u32> {
    let significant = bytes.iter().position(|&byte| byte != 0).map_or(&[][..], |at| &bytes[at..]);
    let fits = !bytes.is_empty() && significant.len() <= 4;
    fits.then(|| significant.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// Returns the UTF-16 units of a destination; a missing first byte is zero.
fn units(bytes: &[u8]) -> Vec<u16> {
    let (first, pairs) = bytes.split_at(bytes.len() % 2);
    let first = first.iter().map(|&byte| u16::from(byte));
    first.chain(pairs.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))).collect()
}

fn characters_of(bytes: &[u8]) -> String {
    // Zeros before a character are padding.
    String::from_utf16(&units(bytes)).map(|text| text.replace('\0', "")).unwrap_or_default()
}

/// Returns the text of a destination that is not a string: a glyph name or a number.
fn text_of_token(token: &PdfToken) -> Option<String> {
    let code = match token {
        PdfToken::Number(number) => *number,
        PdfToken::Name(name) => {
            let name = std::str::from_utf8(name).ok()?;
            let hex = name.strip_prefix("uni").or_else(|| name.strip_prefix('u')).filter(|hex| hex.len() >= 4);
            match (name, hex) {
                ("space", _) => 0x20,
                ("hyphen", _) => 0x2d,
                ("period", _) => 0x2e,
                ("comma", _) => 0x2c,
                (_, Some(hex)) => u32::from_str_radix(hex, 16).ok()?,
                _ => name.chars().next().filter(|_| name.chars().nth(1).is_none()).map(u32::from)?,
            }
        }
        _ => return None,
    };
    char::from_u32(code).map(String::from)
}

/// Writes the table in plain form; returns `None` if it already is in plain form, or is empty.
pub(super) fn write_plain(map: &Map) -> Option<Vec<u8>> {
    if !map.misread || map.codes.is_empty() {
        return None;
    }
    Some(write_table(map.width.unwrap_or(2), map.codes.iter().map(|(&code, text)| (code, text.as_str()))))
}

/// Writes a table of these codes, which have `width` bytes.
pub(super) fn write_table<'a>(width: usize, codes: impl Iterator<Item = (u32, &'a str)>) -> Vec<u8> {
    let width = width.clamp(1, 4);
    let mut out = b"begincmap\n1 begincodespacerange\n".to_vec();
    hex(&[0, 0, 0, 0][..width], &mut out);
    out.push(b' ');
    hex(&[255, 255, 255, 255][..width], &mut out);
    out.extend(b"\nendcodespacerange\n1 beginbfchar\n");
    for (code, text) in codes {
        let bytes = code.to_be_bytes();
        let from = (4 - width).min(bytes.iter().position(|&byte| byte != 0).unwrap_or(3));
        hex(&bytes[from..], &mut out);
        out.push(b' ');
        hex(&super::objects::utf16(text), &mut out);
        out.push(b'\n');
    }
    out.extend(b"endbfchar\nendcmap\n");
    out
}

/// Writes an encoding (a CMap from codes to glyphs) with plain strings and without comments; returns `None` if it already is so.
pub(super) fn plain_encoding(data: &[u8]) -> Option<Vec<u8>> {
    let PdfTokens { tokens, misread } = tokens(data);
    if !misread {
        return None;
    }
    let mut out = Vec::with_capacity(data.len());
    for token in &tokens {
        match token {
            PdfToken::Text(bytes) => hex(bytes, &mut out),
            PdfToken::Name(name) => super::write::write_name(name, &mut out),
            PdfToken::Number(number) => out.extend(number.to_string().bytes()),
            PdfToken::Open => out.push(b'['),
            PdfToken::Close => out.push(b']'),
            PdfToken::Word(word) => out.extend(word),
        }
        out.push(if matches!(token, PdfToken::Word(_)) { b'\n' } else { b' ' });
    }
    Some(out)
}
