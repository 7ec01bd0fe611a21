//! Splits a mailbox into messages.
//!
//! A message begins with a line "From …" at the start of the file or after a blank line. The next line must be a header line. If the
//! "From " line has no time of day, it must be one of the usual headers ([`USUAL_HEADERS`]). So a sentence that begins with "From ",
//! which some programs leave unquoted, begins no message. Lines that begin with ">From " lose one ">".

use std::borrow::Cow;

use crate::kinds::mail::{USUAL_HEADERS, header_name};

/// The bytes of a line that are looked at.
const MAX_LINE_BYTES: usize = 200;

/// Returns the raw messages of a mailbox, in order, without their "From " lines.
pub(super) fn messages(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Skips blank lines, or text that a program wrote before the first message.
    let first = find_start(rest, true).unwrap_or(rest.len());
    rest = rest.get(first..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let line_end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let body = rest.get(line_end..).unwrap_or(&[]);
        let end = find_start(body, false).unwrap_or(body.len());
        let (message, after) = body.split_at_checked(end).unwrap_or((body, &[]));
        rest = after;
        Some(unquote(message))
    })
}

/// Finds the first "From " line that begins a message. Offset 0 counts only if `at_start`.
fn find_start(bytes: &[u8], at_start: bool) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"From ").find(|&at| {
        let before = bytes.get(..at).unwrap_or(&[]);
        let after_blank = match at {
            0 => at_start,
            _ => before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") || before == b"\n" || before == b"\r\n",
        };
        after_blank && is_start(bytes.get(at..).unwrap_or(&[]))
    })
}

/// True if the "From " line at the start of `bytes` begins a message and is not a sentence.
fn is_start(bytes: &[u8]) -> bool {
    let line = first_line(bytes);
    let Some(next) = bytes.get(line.len() + 1..) else { return false };
    let Some(name) = header_name(first_line(next)) else { return false };
    let is_digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    let has_time =
        memchr::memchr_iter(b':', line).any(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1) && is_digit(at + 2));
    has_time || USUAL_HEADERS.iter().any(|usual| name.eq_ignore_ascii_case(usual))
}

/// Returns the first line, without its end; of a long line only the beginning.
fn first_line(bytes: &[u8]) -> &[u8] {
    // A longer "From " line does not begin a message (no line follows the cut), and header names have at most 76 bytes.
    let head = bytes.get(..bytes.len().min(MAX_LINE_BYTES)).unwrap_or(bytes);
    head.split(|&byte| byte == b'\n').next().unwrap_or(&[])
}

/// Removes one ">" from lines that begin with ">From ", ">>From ", ….
fn unquote(message: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(message, b">From ").is_none() {
        return Cow::Borrowed(message);
    }
    let mut out = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        let marks = line.iter().take_while(|&&byte| byte == b'>').count();
        let quoted = marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "));
        out.extend_from_slice(line.get(usize::from(quoted)..).unwrap_or(line));
    }
    Cow::Owned(out)
}
