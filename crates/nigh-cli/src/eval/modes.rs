//! The modes to measure, and a search in one of them: the only place to extend for a new mode.

use nigh::{Mode, SearchBuilder};

/// Returns the given modes, each once; by default that of `nigh search`.
pub fn modes(asked: &[Mode]) -> Vec<Mode> {
    let mut modes: Vec<Mode> = Vec::new();
    for mode in if asked.is_empty() { &[Mode::Hybrid] } else { asked } {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    modes
}

/// Returns the given modes, each once; by default all.
pub fn modes_or_all(asked: &[Mode]) -> Vec<Mode> {
    modes(if asked.is_empty() { &Mode::ALL } else { asked })
}

/// Returns an exact search in one mode for `limit` documents.
pub fn search(builder: SearchBuilder, mode: Mode, limit: usize) -> SearchBuilder {
    builder.mode(mode).exact(true).limit(limit)
}
