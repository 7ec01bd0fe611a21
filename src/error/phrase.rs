//! The parts of messages that depend on values.

use std::io;
use std::ops::Range;

/// The process that holds a collection.
pub(super) fn by(holder: Option<u32>) -> String {
    holder.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}

/// The character where the mistake is, from 1.
pub(super) fn column(expression: &str, at: &Range<usize>) -> usize {
    expression[..expression.floor_char_boundary(at.start)].chars().count() + 1
}

/// An expression; of a long one, the part around the mistake.
pub(super) fn near(expression: &str, at: &Range<usize>) -> String {
    const MOST: usize = 160;
    if expression.len() <= MOST {
        return format!("{expression:?}");
    }
    let start = expression.floor_char_boundary(at.start.saturating_sub(MOST / 2));
    let end = expression.floor_char_boundary((start + MOST).min(expression.len()));
    let dots = |cut: bool| if cut { "…" } else { "" };
    format!("{}{:?}{}", dots(start > 0), &expression[start..end], dots(end < expression.len()))
}

/// What to do when the system refuses for one of the most common reasons.
pub(super) fn io_advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and try again: what was committed is kept"
        }
        io::ErrorKind::PermissionDenied => "; check its permissions",
        io::ErrorKind::ReadOnlyFilesystem => "; it is on a read-only file system: choose another place",
        _ => "",
    }
}
