//! Writes the text of a hit: wrapped at words, with the words of the query and the best sentence marked.

use std::ops::Range;

use nigh::Highlight;
use nigh_text::columns;

use crate::harmless;
use crate::output::{Failure, Output};
use crate::snippet::MarkedTerms;

/// The least width at which lines are wrapped, in columns.
const MIN_WIDTH: usize = 20;

/// What to mark, and how.
pub struct Marks {
    pub terms: MarkedTerms,
    /// True if the best sentence is marked.
    pub sentences: bool,
    /// The columns of the terminal; `None`: lines are not wrapped.
    pub width: Option<usize>,
}

impl Marks {
    /// Writes the lines of a text except blank ones, two columns to the right.
    pub fn write(&self, text: &str, highlight: Option<&Highlight>, out: &mut Output<'_>) -> Result<(), Failure> {
        let text = harmless::text(text);
        let found = self.terms.find(&text);
        let highlight = highlight.filter(|_| self.sentences);
        let sentence = highlight.and_then(|highlight| find_sentence(&text, &highlight.text)).unwrap_or(0..0);
        let width = self.width.map(|width| width.saturating_sub(2).max(MIN_WIDTH));
        let mut start = 0;
        for whole in text.split_inclusive('\n') {
            let line = start..start + whole.trim_end().len();
            start += whole.len();
            if line.is_empty() {
                continue;
            }
            for part in wrapped(&text, line, width) {
                write_line(&text, &part, &found, &sentence, out)?;
            }
        }
        Ok(())
    }
}

/// Divides a line into parts of at most `width` columns, at spaces or between Chinese characters where there are any.
fn wrapped(text: &str, line: Range<usize>, width: Option<usize>) -> Vec<Range<usize>> {
    let Some(width) = width else { return vec![line] };
    let (mut parts, mut start) = (Vec::new(), line.start);
    while start < line.end {
        let rest = &text[start..line.end];
        let fitting = columns::fitting(rest, width);
        let length = if fitting == rest.len() { fitting } else { columns::break_before(rest, fitting) };
        parts.push(start..start + rest[..length].trim_end().len());
        let next = &rest[length..];
        start += length + (next.len() - next.trim_start().len());
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Finds a sentence in the shown text, or its beginning if the text is cut off.
fn find_sentence(text: &str, sentence: &str) -> Option<Range<usize>> {
    let sentence = harmless::text(sentence);
    let whole = text.find(&*sentence).map(|start| start..start + sentence.len());
    whole.or_else(|| {
        let shown = text.trim_end_matches(" …");
        let starts = shown.char_indices().map(|(at, _)| at);
        starts.into_iter().find(|&at| sentence.starts_with(&shown[at..])).map(|at| at..shown.len())
    })
}

/// Writes one line; marks the words of the query and the best sentence.
fn write_line(
    text: &str,
    shown: &Range<usize>,
    found: &[Range<usize>],
    sentence: &Range<usize>,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut cuts = vec![shown.start, shown.end, sentence.start, sentence.end];
    cuts.extend(found.iter().flat_map(|range| [range.start, range.end]));
    // Never cut between a character and its joiner or selector.
    cuts.retain(|&cut| (shown.start..=shown.end).contains(&cut) && !text[cut..].starts_with(harmless::is_shaping));
    cuts.sort_unstable();
    cuts.dedup();
    let mut line = out.line().plain("  ");
    for ends in cuts.windows(2) {
        let part = &text[ends[0]..ends[1]];
        let within = |range: &Range<usize>| range.start <= ends[0] && ends[1] <= range.end;
        line = match (found.iter().any(within), within(sentence)) {
            (true, best) => line.word(part, best),
            (false, true) => line.sentence(part),
            (false, false) => line.plain(part),
        };
    }
    line.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_words() {
        let wrap = |text: &str, width| -> Vec<String> {
            wrapped(text, 0..text.len(), Some(width)).into_iter().map(|part| text[part].to_owned()).collect()
        };
        assert_eq!(wrap("the quick brown fox jumps", 10), ["the quick", "brown fox", "jumps"]);
        assert_eq!(wrap("备份保留三十天，之后删除", 8), ["备份保留", "三十天，", "之后删除"]);
        assert_eq!(wrap("supercalifragilistic", 8), ["supercal", "ifragili", "stic"]);
        assert_eq!(wrap("short", 80), ["short"]);
        assert_eq!(wrapped("a b", 0..3, None), vec![0..3]);
    }
}
