//! Questions from the user's own documents: a heading or a sentence is removed from a document and becomes a question, whose
//! answer is that document. Pure, except for the random choice.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use nigh::Syntax;

use super::script::words;
use crate::random::SeededRandom;
use nigh_text::language::by_share_of_han as language;
use nigh_text::sentence::marked_sentences;

/// A document of the collection.
#[derive(Debug, Clone)]
pub struct QuestionSource {
    pub id: String,
    pub text: String,
    pub syntax: Syntax,
}

/// The part that was removed from a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    Heading,
    Sentence,
}

impl QuestionKind {
    pub const ALL: [Self; 2] = [Self::Heading, Self::Sentence];

    pub fn name(self) -> &'static str {
        match self {
            Self::Heading => "heading",
            Self::Sentence => "sentence",
        }
    }
}

/// A question whose answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnQuestion {
    pub text: String,
    /// The document's id.
    pub answer: String,
    pub kind: QuestionKind,
    /// `zh` or `en`.
    pub language: &'static str,
}

/// Minimum number of words in a heading: "Notes" alone is not a question.
const MIN_HEADING_WORDS: usize = 2;
/// The number of words in a sentence: neither short nor long.
const SENTENCE_WORDS: Range<usize> = 8..41;
/// Minimum number of words that remain in a document.
const MIN_REMAINING_WORDS: usize = 20;

/// Makes questions from up to `sample` random documents, and removes the asked parts from their texts. A document gives a
/// heading, a sentence, both or nothing. A part that occurs more than once, in this document or another, is not used, since the
/// question would have two answers.
pub fn hold_out(documents: &mut [QuestionSource], sample: usize, random: &mut SeededRandom) -> Vec<OwnQuestion> {
    let headings = heading_counts(documents);
    let mut order: Vec<usize> = (0..documents.len()).collect();
    random.shuffle(&mut order);
    let mut questions = Vec::new();
    let mut used = 0;
    for index in order {
        if used == sample {
            break;
        }
        let document = &documents[index];
        let only_here = |kind: QuestionKind, part: &str| match kind {
            QuestionKind::Heading => headings.get(&normalise_heading(part)) == Some(&1),
            QuestionKind::Sentence => {
                documents.iter().map(|other| other.text.matches(part).take(2).count()).sum::<usize>() == 1
            }
        };
        let mut taken: Vec<(QuestionKind, Range<usize>, String)> = Vec::new();
        for (kind, mut candidates) in
            [(QuestionKind::Heading, find_headings(document)), (QuestionKind::Sentence, find_sentences(document))]
        {
            random.shuffle(&mut candidates);
            let good = candidates.into_iter().find(|(_, part)| only_here(kind, part));
            taken.extend(good.map(|(range, part)| (kind, range, part)));
        }
        // From the end, so that the earlier range stays valid.
        taken.sort_by_key(|(_, range, _)| std::cmp::Reverse(range.start));
        let mut rest = document.text.clone();
        taken.iter().for_each(|(_, range, _)| rest.replace_range(range.clone(), ""));
        if taken.is_empty() || words(&rest) < MIN_REMAINING_WORDS {
            continue;
        }
        used += 1;
        let answer = document.id.clone();
        documents[index].text = rest;
        questions.extend(taken.into_iter().map(|(kind, _, text)| {
            let (answer, language) = (answer.clone(), language(&text));
            OwnQuestion { text, answer, kind, language }
        }));
    }
    questions
}

/// Counts how often each heading occurs.
fn heading_counts(documents: &[QuestionSource]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for document in documents {
        for (_, heading) in find_headings(document) {
            *counts.entry(normalise_heading(&heading)).or_default() += 1;
        }
    }
    counts
}

fn normalise_heading(heading: &str) -> String {
    heading.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the lines of a Markdown document outside fenced code, each with its byte offset; without line ends.
fn prose_lines(document: &QuestionSource) -> Vec<(usize, &str)> {
    let (mut lines, mut at, mut fence) = (Vec::new(), 0, None);
    for line in document.text.split_inclusive('\n') {
        let bare = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) if document.syntax == Syntax::Markdown => fence = Some(mark),
            (Some(_), _) => {}
            (None, _) => lines.push((at, line.trim_end_matches(['\n', '\r']))),
        }
        at += line.len();
    }
    lines
}

/// Returns the text of an ATX heading of CommonMark; `None` for other lines.
fn parse_heading(line: &str) -> Option<&str> {
    let bare = line.trim_start_matches('#');
    let level = line.len() - bare.len();
    let is_heading = (1..=6).contains(&level) && bare.starts_with([' ', '\t']);
    is_heading.then(|| bare.trim().trim_end_matches('#').trim())
}

/// Headings with enough words, each with the range of its line.
fn find_headings(document: &QuestionSource) -> Vec<(Range<usize>, String)> {
    if document.syntax != Syntax::Markdown {
        return Vec::new();
    }
    let found =
        prose_lines(document).into_iter().filter_map(|(at, line)| Some((at..at + line.len(), parse_heading(line)?)));
    let enough = found.filter(|(_, text)| words(text) >= MIN_HEADING_WORDS);
    enough.map(|(range, text)| (range, text.to_owned())).collect()
}

/// Sentences of running text within one line, neither short nor long. Program text has none.
fn find_sentences(document: &QuestionSource) -> Vec<(Range<usize>, String)> {
    if document.syntax == Syntax::Code {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    let mut seen = HashSet::new();
    for (at, line) in prose_lines(document) {
        let markdown = document.syntax == Syntax::Markdown;
        // Headings, tables and indented code are not sentences.
        if markdown && (parse_heading(line).is_some() || line.trim_start().starts_with('|') || line.starts_with("    "))
        {
            continue;
        }
        for range in marked_sentences(line) {
            let text = &line[range.clone()];
            if SENTENCE_WORDS.contains(&words(text)) && seen.insert(text) {
                sentences.push((at + range.start..at + range.end, text.to_owned()));
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn markdown(id: &str, text: &str) -> QuestionSource {
        QuestionSource { id: id.to_owned(), text: text.to_owned(), syntax: Syntax::Markdown }
    }

    const FILLER: &str = "one two three four five six seven. eight nine ten. eleven twelve thirteen fourteen fifteen. \
                          sixteen seventeen eighteen nineteen twenty twenty-one";

    #[test]
    fn hold_out_removes_only_the_asked_parts() {
        let text = format!("# How to pool\n\nThe mean of all states is taken over each sentence here.\n\n{FILLER}\n");
        let mut documents = [markdown("a", &text)];
        let questions = hold_out(&mut documents, 5, &mut SeededRandom::new(1));
        let asked: HashSet<&str> = questions.iter().map(|q| q.text.as_str()).collect();
        let sentence = "The mean of all states is taken over each sentence here.";
        assert_eq!(asked, HashSet::from(["How to pool", sentence]));
        assert_eq!(documents[0].text, format!("\n\n\n\n{FILLER}\n"));
        assert!(questions.iter().all(|q| q.answer == "a" && q.language == "en"));
    }

    #[test]
    fn hold_out_skips_parts_that_occur_twice() {
        let sentence = "The mean of all states is taken over each sentence here.";
        let mut documents = [
            markdown("a", &format!("# What it does\n\n{sentence}\n\n{FILLER}")),
            markdown("b", &format!("## what  it does\n\n{FILLER}\n\n> {sentence}\n")),
        ];
        assert_eq!(hold_out(&mut documents, 5, &mut SeededRandom::new(1)), []);
        // A `#` line in fenced code is not a heading.
        let mut code = [markdown("c", &format!("```\n# not a heading\n{sentence}\n```\n{FILLER}"))];
        assert_eq!(hold_out(&mut code, 5, &mut SeededRandom::new(1)), []);
    }

    #[test]
    fn hold_out_skips_short_documents_and_code_and_respects_the_sample() {
        let sentence = "The mean of all states is taken over each sentence here.";
        let mut short = [markdown("a", sentence)];
        assert_eq!(hold_out(&mut short, 5, &mut SeededRandom::new(1)), []);
        assert_eq!(short[0].text, sentence);
        let mut code = [QuestionSource { syntax: Syntax::Code, ..markdown("a", &format!("{sentence}\n{FILLER}")) }];
        assert_eq!(hold_out(&mut code, 5, &mut SeededRandom::new(1)), []);
        let mut many: Vec<QuestionSource> =
            (0..9).map(|i| markdown(&i.to_string(), &format!("# Part number {i}\n\n{FILLER}"))).collect();
        let questions = hold_out(&mut many, 4, &mut SeededRandom::new(3));
        assert_eq!(questions.len(), 4);
        assert!(questions.iter().all(|question| question.kind == QuestionKind::Heading));
    }
}
