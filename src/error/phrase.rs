//! The parts of messages that depend on values.

use std::io;
use std::ops::Range;

use nigh_encoder::VectorSpace;

/// Says who writes to a collection, and what to do.
pub(super) fn locked_phrase(holder: Option<u32>) -> String {
    match holder {
        Some(pid) if pid == std::process::id() => "already open for writing in this process; use a clone of that \
            Collection, with one Writer at a time, or drop it and its clones"
            .to_owned(),
        Some(pid) => format!("in use by process {pid}; wait for it to finish, or stop it"),
        None => "in use by another process; wait for it to finish, or stop it".to_owned(),
    }
}

/// Returns the column of the mistake: the number of its character, from 1.
pub(super) fn column(expression: &str, at: &Range<usize>) -> usize {
    expression[..expression.floor_char_boundary(at.start)].chars().count() + 1
}

/// Quotes an expression; of a long one, the part around the mistake.
pub(super) fn quote_around(expression: &str, at: &Range<usize>) -> String {
    const MAX_BYTES: usize = 160;
    if expression.len() <= MAX_BYTES {
        return format!("{expression:?}");
    }
    let start = expression.floor_char_boundary(at.start.saturating_sub(MAX_BYTES / 2));
    let end = expression.floor_char_boundary((start + MAX_BYTES).min(expression.len()));
    let ellipsis = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{:?}{}", ellipsis(start > 0), &expression[start..end], ellipsis(end < expression.len()))
}

/// Returns advice for the most common failures of the system.
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

/// Returns what to do to have a collection in this space.
pub(super) fn space_advice(asked: VectorSpace) -> &'static str {
    match asked {
        VectorSpace::LanguageNeutral => "ask for no space, or move the collection to this one, which encodes nothing",
        _ => "ask for no space, or index into a new collection: there is no way back from the vectors alone",
    }
}
