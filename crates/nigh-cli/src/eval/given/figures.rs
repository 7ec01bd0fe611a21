//! The figures of a group of questions. Pure.

use std::collections::HashSet;

use nigh::{DocumentHit, Hit, Hits};
use serde::Serialize;

use super::file::GivenQuestion;
use crate::eval::metrics::mean;
use crate::eval::relevance::THRESHOLD;

/// Documents that are looked at: the first page of `nigh search`.
pub(super) const DEPTH: usize = 10;
/// Documents that a person looks at: within these, the passage must show the answer.
const SEEN: usize = 3;

/// What a search found for one question.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct FoundAnswer {
    /// The rank of the best right document, within the first [`DEPTH`].
    pub rank: Option<usize>,
    pub first: Option<FirstHit>,
    /// The highest relevance of all hits.
    pub most_relevant: f32,
    /// Whether the passage of a right document contains the answer; `None` if none is within the first [`SEEN`], or if the
    /// question has no answer text.
    pub shown: Option<bool>,
}

/// The first hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FirstHit {
    pub id: String,
    /// Its file, relative to the current folder; `None` if it is not from a file.
    pub path: Option<String>,
    pub relevance: f32,
}

impl FoundAnswer {
    /// `right`: the ids of the documents that answer. `path_of`: a document's file.
    pub fn new(
        question: &GivenQuestion,
        right: &HashSet<&str>,
        hits: &Hits,
        path_of: &dyn Fn(&DocumentHit) -> Option<String>,
    ) -> Self {
        let is_right = |hit: &&Hit| right.contains(hit.document.id.as_str());
        let seen: Vec<&Hit> = hits.iter().take(SEEN).filter(is_right).collect();
        let shown = question.answer.as_deref().filter(|_| !seen.is_empty()).map(|answer| {
            let answer = one_line(answer);
            let mut passages = seen.iter().flat_map(|hit| &hit.passages);
            passages.any(|found| one_line(&found.passage.text).contains(&answer))
        });
        Self {
            rank: hits.iter().position(|hit| is_right(&hit)).map(|index| index + 1),
            first: hits.first().map(|hit| FirstHit {
                id: hit.document.id.as_str().to_owned(),
                path: path_of(&hit.document),
                relevance: hit.relevance,
            }),
            most_relevant: hits.iter().map(|hit| hit.relevance).fold(0.0, f32::max),
            shown,
        }
    }

    /// True if a hit looks like an answer by its relevance.
    pub fn looks_answered(&self) -> bool {
        self.most_relevant >= THRESHOLD
    }
}

/// Returns a text with each white space as one blank: a passage may break lines elsewhere.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The figures of some questions.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct GivenFigures {
    pub answered: AnsweredFigures,
    pub unanswered: UnansweredFigures,
}

/// Questions that documents answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct AnsweredFigures {
    pub questions: usize,
    /// Questions whose first hit is right.
    pub first: usize,
    /// Those with a relevance at or above the threshold.
    pub first_relevant: usize,
    pub within_3: usize,
    pub within_10: usize,
    /// Questions with an answer text and a right document within the first three.
    pub shown_of: usize,
    /// Those where the passage contains the answer text.
    pub shown: usize,
    #[serde(rename = "mrr@10")]
    pub mrr: Option<f64>,
}

/// Questions that nothing answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct UnansweredFigures {
    pub questions: usize,
    /// Questions with all hits below the threshold.
    pub below: usize,
}

impl GivenFigures {
    pub fn new<'a>(each: impl IntoIterator<Item = (&'a GivenQuestion, &'a FoundAnswer)>) -> Self {
        let (answered, unanswered): (Vec<_>, Vec<_>) =
            each.into_iter().partition(|(question, _)| !question.files.is_empty());
        let count = |counts: &dyn Fn(&FoundAnswer) -> bool| answered.iter().filter(|(_, found)| counts(found)).count();
        let within = |depth: usize| count(&|found| found.rank.is_some_and(|rank| rank <= depth));
        let relevant = |found: &FoundAnswer| found.first.as_ref().is_some_and(|hit| hit.relevance >= THRESHOLD);
        Self {
            answered: AnsweredFigures {
                questions: answered.len(),
                first: within(1),
                first_relevant: count(&|found| found.rank == Some(1) && relevant(found)),
                within_3: within(SEEN),
                within_10: within(DEPTH),
                shown_of: count(&|found| found.shown.is_some()),
                shown: count(&|found| found.shown == Some(true)),
                mrr: mean(answered.iter().map(|(_, found)| found.rank.map_or(0.0, |rank| 1.0 / rank as f64))),
            },
            unanswered: UnansweredFigures {
                questions: unanswered.len(),
                below: unanswered.iter().filter(|(_, found)| !found.looks_answered()).count(),
            },
        }
    }
}

/// Some questions of a run: all of a kind, or those in one language.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct QuestionPart<'a> {
    pub kind: Option<&'a str>,
    /// `None`: all languages.
    pub lang: Option<&'a str>,
}

impl<'a> QuestionPart<'a> {
    pub fn has(&self, question: &GivenQuestion) -> bool {
        question.kind.as_deref() == self.kind && (self.lang.is_none() || question.lang.as_deref() == self.lang)
    }

    /// Returns the kinds in the order in which they first appear, each followed by its languages if it has several.
    pub fn all(questions: &'a [GivenQuestion]) -> Vec<Self> {
        let kinds = distinct(questions.iter().map(|question| question.kind.as_deref()));
        let mut parts = Vec::new();
        for kind in kinds {
            let of_kind = questions.iter().filter(|question| question.kind.as_deref() == kind);
            let langs = distinct(of_kind.map(|question| question.lang.as_deref()));
            parts.push(Self { kind, lang: None });
            if langs.len() > 1 {
                parts.extend(langs.into_iter().flatten().map(|lang| Self { kind, lang: Some(lang) }));
            }
        }
        parts
    }
}

fn distinct<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Vec<Option<&'a str>> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: Option<&str>, lang: Option<&str>, files: usize) -> GivenQuestion {
        let own = |text: Option<&str>| text.map(str::to_owned);
        GivenQuestion {
            kind: own(kind),
            lang: own(lang),
            files: vec!["a".to_owned(); files],
            ..GivenQuestion::default()
        }
    }

    #[test]
    fn figures_count_answered_and_unanswered_questions() {
        let found = |rank, relevance, shown| FoundAnswer {
            rank,
            first: Some(FirstHit { id: String::new(), path: None, relevance }),
            most_relevant: relevance,
            shown,
        };
        let (answered, unanswered) = (question(None, None, 1), question(None, None, 0));
        let each = [
            (&answered, found(Some(1), 0.3, Some(true))),
            (&answered, found(Some(1), 0.2, Some(false))),
            (&answered, found(Some(4), 0.9, None)),
            (&answered, FoundAnswer::default()),
            (&unanswered, found(None, 0.3, None)),
            (&unanswered, found(None, 0.29, None)),
            (&unanswered, FoundAnswer::default()),
        ];
        let figures = GivenFigures::new(each.iter().map(|(question, found)| (*question, found)));
        let AnsweredFigures { questions, first, first_relevant, within_3, within_10, shown_of, shown, mrr } =
            figures.answered;
        assert_eq!((questions, first, first_relevant, within_3, within_10), (4, 2, 1, 2, 3));
        assert_eq!((shown_of, shown, mrr), (2, 1, Some((1.0 + 1.0 + 0.25) / 4.0)));
        assert_eq!(figures.unanswered, UnansweredFigures { questions: 3, below: 2 });
        assert_eq!(GivenFigures::new([]), GivenFigures::default());
    }

    #[test]
    fn question_parts_are_in_the_order_of_the_file() {
        let questions = [
            question(Some("same"), Some("zh"), 1),
            question(Some("across"), Some("en"), 1),
            question(Some("same"), Some("en"), 1),
            question(None, None, 1),
            question(None, Some("en"), 1),
        ];
        let parts: Vec<_> = QuestionPart::all(&questions).into_iter().map(|part| (part.kind, part.lang)).collect();
        let same = Some("same");
        assert_eq!(
            parts,
            [
                (same, None),
                (same, Some("zh")),
                (same, Some("en")),
                (Some("across"), None),
                (None, None),
                (None, Some("en"))
            ]
        );
        assert!(QuestionPart { kind: same, lang: Some("en") }.has(&questions[2]));
        assert!(!QuestionPart { kind: same, lang: Some("en") }.has(&questions[0]));
        assert!(QuestionPart { kind: None, lang: None }.has(&questions[4]));
    }
}
