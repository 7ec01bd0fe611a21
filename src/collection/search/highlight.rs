//! Highlights the sentence of a passage that answers the query best. It is chosen by the tokens of the model, or else by words; no
//! sentence is encoded.
//!
//! Headings and questions repeat the words of the query, so a sentence that states something is preferred to them.

use std::collections::HashSet;
use std::ops::Range;

use super::hits::{Highlight, Hit, PassageHit};
use crate::collection::handle::Collection;
use crate::document::{Passage, Span};
use crate::error::Result;
use crate::text::sentence::{is_closer, sentences};
use crate::text::words::words;

/// The most sentences of a passage that are compared: as many as a passage has tokens, since each line of a list is one.
const MAX_SENTENCES: usize = 512;

/// Highlights the best sentence of each passage of the hits. `query`: the text of the query. `by_tokens`: the model is in memory.
pub(super) fn mark(hits: &mut [Hit], query: &str, collection: &Collection, by_tokens: bool) -> Result<()> {
    let mut sentences_of: Vec<Vec<Range<usize>>> = Vec::new();
    let passages = || hits.iter().flat_map(|hit| &hit.passages).map(|found| &found.passage);
    sentences_of.extend(passages().map(|passage| sentences(&passage.text).into_iter().take(MAX_SENTENCES).collect()));
    let texts: Vec<&str> = passages()
        .zip(&sentences_of)
        .flat_map(|(passage, ranges)| ranges.iter().map(|range| &passage.text[range.clone()]))
        .collect();
    if texts.is_empty() {
        return Ok(());
    }
    let scores = if by_tokens { collection.encoder()?.token_scores(query, &texts)? } else { None };
    let scores = scores.unwrap_or_else(|| word_scores(query, &texts));
    let mut scores = scores.into_iter();
    let mut sentences_of = sentences_of.into_iter();
    for hit in hits {
        for (found, ranges) in hit.passages.iter_mut().zip(sentences_of.by_ref()) {
            let scored = ranges.into_iter().zip(scores.by_ref());
            found.highlight =
                best(&found.passage, scored).map(|(range, score)| highlight(&found.passage, range, score));
        }
        hit.highlight = hit.passages.first().and_then(|PassageHit { highlight, .. }| highlight.clone());
    }
    Ok(())
}

/// Returns the best sentence, with its score. `None` if no sentence has anything of the query.
fn best(passage: &Passage, scored: impl Iterator<Item = (Range<usize>, f32)>) -> Option<(Range<usize>, f32)> {
    let key = |range: &Range<usize>, score: f32| (states_something(passage, &passage.text[range.clone()]), score);
    scored.filter(|&(_, score)| score > 0.0).reduce(|best, next| {
        let ((best_states, best_score), (next_states, next_score)) = (key(&best.0, best.1), key(&next.0, next.1));
        let is_better = next_states && !best_states || next_states == best_states && next_score > best_score;
        if is_better { next } else { best }
    })
}

/// False for a heading and for a question.
fn states_something(passage: &Passage, sentence: &str) -> bool {
    let bare = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let is_question =
        sentence.trim_end_matches(|c: char| is_closer(c) || c == ' ').ends_with(['?', '\u{ff1f}', '\u{061f}']);
    let is_heading = sentence.starts_with('#') || {
        let text = bare(sentence);
        passage.headings.iter().any(|heading| bare(heading) == text)
    };
    !is_question && !is_heading
}

fn highlight(passage: &Passage, range: Range<usize>, score: f32) -> Highlight {
    let (text, span) = (&passage.text, &passage.span);
    let line_at = |byte: usize| span.lines.start + text[..byte].matches('\n').count();
    Highlight {
        text: text[range.clone()].to_owned(),
        span: Span {
            bytes: span.bytes.start + range.start..span.bytes.start + range.end,
            lines: line_at(range.start)..line_at(range.end) + 1,
        },
        score,
    }
}

/// Scores texts by the words of the query that they have: Σ ln(1 + number of characters). Chinese words are pairs of characters.
fn word_scores(query: &str, texts: &[&str]) -> Vec<f32> {
    let asked: HashSet<String> = words(query).into_iter().collect();
    let score = |text: &&str| {
        let own: HashSet<String> = words(text).into_iter().collect();
        asked.iter().filter(|word| own.contains(*word)).map(|word| (1.0 + word.chars().count() as f32).ln()).sum()
    };
    texts.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::PassageId;

    fn passage(text: &str, headings: &[&str]) -> Passage {
        Passage {
            id: PassageId(1),
            text: text.to_owned(),
            span: Span { bytes: 100..100 + text.len(), lines: 7..7 + text.lines().count() },
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            place: None,
            metadata: crate::document::Metadata::new(),
        }
    }

    /// The sentence that is chosen by words, and its first line.
    fn chosen(passage: &Passage, query: &str) -> Option<(String, usize)> {
        let ranges = sentences(&passage.text);
        let texts: Vec<&str> = ranges.iter().map(|range| &passage.text[range.clone()]).collect();
        let scores = word_scores(query, &texts);
        let (range, score) = best(passage, ranges.into_iter().zip(scores))?;
        let found = highlight(passage, range, score);
        Some((found.text, found.span.lines.start))
    }

    #[test]
    fn a_statement_is_preferred_to_headings_and_questions() {
        let text = "## How long are backups kept\n\nHow long are backups kept? We keep each for 30 days.\nServers are in Bergen.";
        let found = chosen(&passage(text, &["How long are backups kept"]), "how long do we keep backups");
        assert_eq!(found, Some(("We keep each for 30 days.".to_owned(), 9)));
        let faq = passage("备份保留多久？\n每个备份保留三十天。", &[]);
        assert_eq!(chosen(&faq, "备份保留多久"), Some(("每个备份保留三十天。".to_owned(), 8)));
    }

    #[test]
    fn a_question_is_chosen_if_nothing_else_has_the_words() {
        let found = chosen(&passage("Who pays for the boat? Nobody knows.", &[]), "boat");
        assert_eq!(found, Some(("Who pays for the boat?".to_owned(), 7)));
        assert_eq!(chosen(&passage("Nothing of it.", &[]), "boat"), None);
    }
}
