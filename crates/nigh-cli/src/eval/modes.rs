//! The modes to measure, and a search set up for one: the one place to extend for new modes, or for a setting of relevance.

use clap::ValueEnum;
use nigh::SearchBuilder;

use crate::args::Mode;

/// The modes asked for, each once; without any, the one that `nigh search` has.
pub fn modes(asked: &[Mode]) -> Vec<Mode> {
    let mut modes: Vec<Mode> = Vec::new();
    for mode in if asked.is_empty() { &[Mode::Hybrid] } else { asked } {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    modes
}

/// The modes asked for, each once; without any, all there are.
pub fn modes_or_all(asked: &[Mode]) -> Vec<Mode> {
    modes(if asked.is_empty() { Mode::value_variants() } else { asked })
}

/// As on the command line.
pub fn name(mode: Mode) -> String {
    mode.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// An exact search for so many documents in one mode.
pub fn search(builder: SearchBuilder, mode: Mode, limit: usize) -> SearchBuilder {
    let mode = match mode {
        Mode::Hybrid => nigh::Mode::Hybrid,
        Mode::Dense => nigh::Mode::Dense,
        Mode::Lexical => nigh::Mode::Lexical,
    };
    builder.mode(mode).exact(true).limit(limit)
}
