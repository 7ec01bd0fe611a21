//! Splits a mailbox into messages.
//!
//! A message begins at a line "From " after a blank line or at the start. Either the line has a time of day and a header line follows,
//! or a header line that nearly every mail has follows. The "From " of a sentence, which some programs leave unquoted, is
//! followed by text. Lines with ">From " lose one ">".

use std::borrow::Cow;

use crate::kinds::mail::{USUAL, header_name};

/// Returns the raw messages of a mailbox, in order, without their "From " lines.
pub(super) fn messages(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Skips blank lines, or text that a program wrote before the first message.
    let first = start(rest, true).unwrap_or(rest.len());
    rest = rest.get(first..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let line_end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let body = rest.get(line_end..).unwrap_or(&[]);
        let end = start(body, false).unwrap_or(body.len());
        let (message, after) = body.split_at_checked(end).unwrap_or((body, &[]));
        rest = after;
        Some(unquote(message))
    })
}

/// Returns the start of the first message at or after the start of these bytes. The very start counts only if `at_start`.
fn start(bytes: &[u8], at_start: bool) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"From ").find(|&at| {
        let before = bytes.get(..at).unwrap_or(&[]);
        let after_blank = match at {
            0 => at_start,
            _ => before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") || before == b"\n" || before == b"\r\n",
        };
        after_blank && is_start(bytes.get(at..).unwrap_or(&[]))
    })
}

/// True if a message begins with these bytes, which begin with "From ".
fn is_start(bytes: &[u8]) -> bool {
    let line = first_line(bytes);
    let Some(next) = bytes.get(line.len() + 1..) else { return false };
    let Some(name) = header_name(first_line(next)) else { return false };
    let is_digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    let time =
        memchr::memchr_iter(b':', line).any(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1) && is_digit(at + 2));
    time || USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual))
}

fn first_line(bytes: &[u8]) -> &[u8] {
    // Longer lines do not begin a message, and header names have at most 76 bytes.
    let head = bytes.get(..bytes.len().min(200)).unwrap_or(bytes);
    head.split(|&byte| byte == b'\n').next().unwrap_or(&[])
}

/// Removes the quoting from lines that begin with ">From ", ">>From ".
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
