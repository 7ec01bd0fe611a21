//! Highlights the sentence of a passage that fits the query best: encodes the sentences and takes the one nearest to the query.

use super::hits::{Highlight, Hit};
use crate::collection::handle::Collection;
use crate::document::Span;
use crate::encoder::TextKind;
use crate::error::Result;
use crate::kernel::vector::{dot_in_order, unit};
use crate::text::sentence::sentences;

/// The most sentences of a passage that are compared.
const MAX_SENTENCES: usize = 40;

/// Highlights the best sentence of each hit. `query` has length 1.
pub(super) fn mark(hits: &mut [Hit], query: &[f32], collection: &Collection) -> Result<()> {
    if hits.is_empty() || collection.settings().model.is_none() {
        return Ok(());
    }
    let encoder = collection.encoder()?;
    let first_sentences = |text: &str| sentences(text).into_iter().take(MAX_SENTENCES).collect::<Vec<_>>();
    let sentences: Vec<Vec<std::ops::Range<usize>>> =
        hits.iter().map(|hit| first_sentences(&hit.passage.text)).collect();
    let mut texts: Vec<&str> = Vec::new();
    for (hit, ranges) in hits.iter().zip(&sentences) {
        texts.extend(ranges.iter().map(|range| &hit.passage.text[range.clone()]));
    }
    let vectors = encoder.encode_as(TextKind::Passage, &texts)?;
    let mut scores = vectors.iter().map(|vector| dot_in_order(&unit(vector), query));
    let mut marks = Vec::with_capacity(hits.len());
    for ranges in &sentences {
        let scored = ranges.iter().cloned().zip(scores.by_ref());
        let nearest = scored.reduce(
            |(best, best_score), (next, score)| {
                if score > best_score { (next, score) } else { (best, best_score) }
            },
        );
        marks.push(nearest);
    }
    for (hit, mark) in hits.iter_mut().zip(marks) {
        hit.highlight = mark.map(|(range, score)| {
            let (text, span) = (&hit.passage.text, &hit.passage.span);
            let line_at = |byte: usize| span.lines.start + text[..byte].matches('\n').count();
            Highlight {
                text: text[range.clone()].to_owned(),
                span: Span {
                    bytes: span.bytes.start + range.start..span.bytes.start + range.end,
                    lines: line_at(range.start)..line_at(range.end) + 1,
                },
                score,
            }
        });
    }
    Ok(())
}
