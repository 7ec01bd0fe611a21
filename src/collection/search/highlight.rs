//! Highlights the sentence of a passage that fits the query best: encodes its sentences, and takes the closest to the query.

use unicode_segmentation::UnicodeSegmentation;

use super::hits::{Highlight, Hit};
use crate::collection::handle::Collection;
use crate::document::Span;
use crate::encoder::TextKind;
use crate::error::Result;
use crate::ingest::pipeline::unit;

/// The most sentences of a passage that are compared.
const MAX_SENTENCES: usize = 40;

/// Opening and closing marks around a sentence.
const OPENING: [char; 10] = ['(', '[', '{', '\u{ff08}', '【', '《', '「', '『', '“', '‘'];
const CLOSING: [char; 10] = [')', ']', '}', '\u{ff09}', '】', '》', '」', '』', '”', '’'];

/// Highlights the best sentence of each hit. `query` has length 1.
pub(super) fn mark(hits: &mut [Hit], query: &[f32], collection: &Collection) -> Result<()> {
    if hits.is_empty() || collection.settings().model.is_none() {
        return Ok(());
    }
    let encoder = collection.encoder()?;
    let sentences: Vec<Vec<std::ops::Range<usize>>> = hits.iter().map(|hit| sentences(&hit.passage.text)).collect();
    let mut texts: Vec<&str> = Vec::new();
    for (hit, ranges) in hits.iter().zip(&sentences) {
        texts.extend(ranges.iter().map(|range| &hit.passage.text[range.clone()]));
    }
    let vectors = encoder.encode_as(TextKind::Passage, &texts)?;
    let mut scores = vectors.iter().map(|vector| dot(&unit(vector), query));
    let mut marks = Vec::with_capacity(hits.len());
    for ranges in &sentences {
        let scored = ranges.iter().cloned().zip(scores.by_ref());
        marks.push(scored.reduce(|best, next| if next.1 > best.1 { next } else { best }));
    }
    for (hit, mark) in hits.iter_mut().zip(marks) {
        hit.highlight = mark.map(|(range, score)| {
            let (text, span) = (&hit.passage.text, &hit.passage.span);
            let line = |at: usize| span.lines.start + text[..at].matches('\n').count();
            Highlight {
                text: text[range.clone()].to_owned(),
                span: Span {
                    bytes: span.bytes.start + range.start..span.bytes.start + range.end,
                    lines: line(range.start)..line(range.end) + 1,
                },
                score,
            }
        });
    }
    Ok(())
}

/// The sentences of a text, without surrounding white space: those of Unicode (UAX 29), also split at line ends, and after Chinese
/// full stops with the closing marks that follow. An opening mark belongs to the next sentence.
pub(super) fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut cuts: Vec<usize> =
        text.split_sentence_bound_indices().map(|(start, _)| text[..start].trim_end_matches(OPENING).len()).collect();
    for (at, stop) in text.match_indices(['。', '\u{ff01}', '\u{ff1f}', '\u{ff1b}', '\n']) {
        let rest = &text[at + stop.len()..];
        cuts.push(text.len() - rest.trim_start_matches(CLOSING).len());
    }
    cuts.push(text.len());
    cuts.sort_unstable();
    let mut found = Vec::new();
    for pair in cuts.windows(2) {
        push(text, pair[0]..pair[1], &mut found);
    }
    found.truncate(MAX_SENTENCES);
    found
}

fn push(text: &str, range: std::ops::Range<usize>, into: &mut Vec<std::ops::Range<usize>>) {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    if part.chars().any(char::is_alphanumeric) {
        into.push(start..end);
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlight_splits_sentences_of_both_languages() {
        let text = "平均池化好。[CLS] 也行\u{ff01} Mean pooling works. It averages.\n\n- one item\n- 第二项\u{ff1b}完";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(
            found,
            [
                "平均池化好。",
                "[CLS] 也行\u{ff01}",
                "Mean pooling works.",
                "It averages.",
                "- one item",
                "- 第二项\u{ff1b}",
                "完"
            ]
        );
        let quoted = "他说：“好。”然后走了。";
        let found: Vec<&str> = sentences(quoted).into_iter().map(|range| &quoted[range]).collect();
        assert_eq!(found, ["他说：“好。”", "然后走了。"]);
        assert!(sentences("").is_empty() && sentences(" \n ").is_empty());
    }
}
