//! `data:` URIs: `data:image/png;base64,iVBO…` becomes `data:image/png`.

use super::Blob;

/// Most bytes in a media type with its parameters.
const MAX_HEAD_BYTES: usize = 200;
/// Fewest bytes of data without base64, such as an SVG picture with `%3C` for `<`.
const MIN_PLAIN_BYTES: usize = 64;
/// The end of an unquoted picture is searched in this many bytes.
const MAX_PLAIN_BYTES: usize = 16 << 10;
/// Fewest letters in a line of base64, except the last.
const MIN_LINE_LETTERS: usize = 32;
/// Media types without text.
const NO_TEXT: [&str; 5] = ["image/", "font/", "audio/", "video/", "application/"];

/// Finds the data of the URIs in a text, without `data:` and the media type.
pub(super) fn find(text: &str) -> Vec<Blob> {
    let bytes = text.as_bytes();
    let mut blobs = Vec::new();
    let mut search_from = 0;
    while let Some(offset) = memchr::memmem::find(bytes.get(search_from..).unwrap_or(&[]), b"data:") {
        let start = search_from + offset + "data:".len();
        search_from = start;
        let Some(head) = head(text, start) else { continue };
        let data = start + head.len() + 1;
        let media = head.split(';').next().unwrap_or("");
        let coded = head.replace(char::is_whitespace, "").to_ascii_lowercase().ends_with(";base64");
        let end = if coded {
            base64_end(bytes, data)
        } else if NO_TEXT.iter().any(|kind| media.replace('\\', "").to_ascii_lowercase().starts_with(kind)) {
            plain_end(text, start - "data:".len(), data).filter(|end| end - data >= MIN_PLAIN_BYTES)
        } else {
            None
        };
        let Some(end) = end else { continue };
        blobs.push(Blob { bytes: start + media.len()..end, placeholder: media.is_empty() });
        search_from = end;
    }
    blobs
}

/// Returns the media type and its parameters, up to the comma.
fn head(text: &str, start: usize) -> Option<&str> {
    let bytes = text.as_bytes().get(start..)?;
    let bytes = bytes.get(..MAX_HEAD_BYTES).unwrap_or(bytes);
    let end = bytes.iter().position(|&byte| !is_head_byte(byte))?;
    let head = text.get(start..start + end)?;
    let is_media_type = head.is_empty() || head.starts_with(';') || head.contains('/');
    (bytes.get(end) == Some(&b',') && is_media_type).then_some(head)
}

fn is_head_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&^_.+-/;=*\\ ".contains(&byte)
}

/// Returns the end of the base64 that begins here.
fn base64_end(bytes: &[u8], start: usize) -> Option<usize> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = start;
    while byte(at) == b' ' {
        at += 1;
    }
    let mut line = at;
    let mut end = letters(bytes, at);
    loop {
        at = end;
        let broken = line_end(bytes, at);
        if broken == at || end - line < MIN_LINE_LETTERS {
            break;
        }
        let mut next = broken;
        while matches!(byte(next), b' ' | b'\t') {
            next += 1;
        }
        let after = letters(bytes, next);
        let closed = matches!(byte(after), b'"' | b'\'' | b')' | b'>');
        let whole = line_end(bytes, after) > after || after >= bytes.len();
        let padded = after > next && byte(after - 1) == b'=';
        if after == next || !(closed || (whole && (padded || after - next >= MIN_LINE_LETTERS))) {
            break;
        }
        (line, end) = (next, after);
    }
    (end > start).then_some(end)
}

/// Returns the position after the line end at `at`, or `at` if there is none. It may be escaped as in a JSON string or an attribute.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    let known: [&[u8]; 8] = [b"\r\n", b"\n", b"\\r\\n", b"\\n", b"&#10;", b"&#xA;", b"&#xa;", b"&#13;"];
    known.iter().find(|end| rest.starts_with(end)).map_or(at, |end| at + end.len())
}

/// Returns the end of the base64 letters; they may be escaped as in JSON or a URI.
fn letters(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or(&[]);
        at += match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' | b'-' | b'_' => 1,
            b'%' if rest.iter().skip(1).take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2 => 3,
            b'\\' if rest.get(1) == Some(&b'/') => 2,
            b'\\' if is_unicode_escape(rest) => 6,
            b'&' if rest.get(1) == Some(&b'#') && [b"43;", b"47;", b"61;"].contains(&&first_three_bytes(rest)) => 5,
            _ => break,
        };
    }
    at
}

/// `\u002b`, `\u002f` and `\u003d`: "+", "/" and "=".
fn is_unicode_escape(rest: &[u8]) -> bool {
    let six = rest.get(..6).unwrap_or(&[]);
    [b"\\u002b", b"\\u002f", b"\\u003d"].iter().any(|escape| six.eq_ignore_ascii_case(*escape))
}

fn first_three_bytes(rest: &[u8]) -> [u8; 3] {
    rest.get(2..5).and_then(|three| three.try_into().ok()).unwrap_or_default()
}

/// Returns the end of other data: the closing quote, the end of the picture, or a space.
fn plain_end(text: &str, uri: usize, data: usize) -> Option<usize> {
    let rest = text.get(data..)?;
    let bytes = rest.as_bytes();
    let before = uri.checked_sub(1).and_then(|at| text.as_bytes().get(at)).copied();
    if let Some(quote @ (b'"' | b'\'')) = before {
        let end = memchr::memchr2(quote, b'\n', bytes).filter(|end| bytes.get(*end) == Some(&quote))?;
        // `\"` in a JSON string.
        return Some(data + if rest.get(..end)?.ends_with('\\') { end - 1 } else { end });
    }
    // A picture ends with its own closing tag, on the same line. The last letter of the tag may be small or capital.
    let (tag, least) = match bytes.first() {
        Some(b'<') => ("/svg>", "/svg>"),
        Some(b'%') => ("/svg%3E", "/svg%3"),
        _ => ("", ""),
    };
    let line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()).min(MAX_PLAIN_BYTES);
    let picture = bytes.get(..line).filter(|_| !least.is_empty());
    if let Some(at) = picture.and_then(|picture| memchr::memmem::find(picture, least.as_bytes())) {
        return Some(text.floor_char_boundary(data + at + tag.len()));
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | '>' | '<' | '\\');
    Some(data + rest.find(ends).unwrap_or(rest.len()))
}
