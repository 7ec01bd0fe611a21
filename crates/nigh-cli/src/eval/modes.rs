//! The modes to measure, and a search in one of them: the only place to extend for a new mode.

use clap::ValueEnum;
use nigh::SearchBuilder;

use crate::args::Mode;

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
    modes(if asked.is_empty() { Mode::value_variants() } else { asked })
}

/// Returns the name on the command line.
pub fn name(mode: Mode) -> String {
    mode.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Returns an exact search in one mode for `limit` documents.
pub fn search(builder: SearchBuilder, mode: Mode, limit: usize) -> SearchBuilder {
    let mode = match mode {
        Mode::Hybrid => nigh::Mode::Hybrid,
        Mode::Dense => nigh::Mode::Dense,
        Mode::Lexical => nigh::Mode::Lexical,
    };
    builder.mode(mode).exact(true).limit(limit)
}
