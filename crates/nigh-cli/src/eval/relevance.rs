//! How well relevance separates answers from other hits. Compares the first hits of questions that the documents answer, of questions
//! whose answers were left out, and of questions of other sets, in parts of a set of several sizes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use nigh::Hits;
use serde::Serialize;

use super::beir::{self, BeirText, JudgedQuestion};
use super::report::{EvalRun, columns};
use crate::output::Failure;
use crate::random::SeededRandom;

/// The relevance that separates answers from other hits, as in the documentation.
pub const THRESHOLD: f32 = Hits::LIKELY_RELEVANCE;
/// Maximum number of questions of a kind for one part; more are chosen at random.
pub const MAX_QUESTIONS: usize = 500;
/// Default sizes of parts, in documents.
const DEFAULT_SIZES: [usize; 4] = [20, 60, 300, 1000];

/// The input for measuring relevance.
pub struct Irrelevant {
    /// Questions of other sets, in random order.
    pub questions: Vec<String>,
    sizes: Vec<usize>,
    seed: u64,
}

impl Irrelevant {
    /// Reads questions of BEIR directories, the same number from each; `None` without a directory.
    pub fn read(directories: &[PathBuf], sizes: &[usize], seed: u64) -> Result<Option<Self>, Failure> {
        let mut questions = Vec::new();
        for directory in directories {
            let mut asked = beir::queries(Path::new(directory))?;
            asked.retain(|item| !item.text.trim().is_empty());
            SeededRandom::new(seed).shuffle(&mut asked);
            questions.extend(asked.into_iter().take(MAX_QUESTIONS.div_ceil(directories.len())).map(|item| item.text));
        }
        let mut sizes = if sizes.is_empty() { DEFAULT_SIZES.to_vec() } else { sizes.to_vec() };
        sizes.sort_unstable();
        Ok((!directories.is_empty()).then_some(Self { questions, sizes, seed }))
    }

    /// Orders the documents so that each part is the first ones, up to a size; shuffles the questions. First comes half of
    /// the documents that answer questions, then the documents that answer none, then the other half. The last part ends before that
    /// half, so that every part lacks the answers of some questions.
    pub fn parts(&self, documents: &[BeirText], questions: &[JudgedQuestion]) -> CorpusParts {
        let mut random = SeededRandom::new(self.seed);
        let answering: HashSet<&str> = questions.iter().flat_map(relevant).collect();
        let mut order: Vec<usize> = (0..documents.len()).collect();
        random.shuffle(&mut order);
        let answers = |&place: &usize| documents.get(place).is_some_and(|item| answering.contains(item.id.as_str()));
        let (mut answering, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(answers);
        // The answers in the second half are left out of every part.
        let left_out = answering.split_off(answering.len().div_ceil(2));
        let measured = answering.len() + others.len();
        let mut ends: Vec<usize> = self.sizes.iter().copied().filter(|&size| size < measured).collect();
        ends.push(measured);
        ends.dedup();
        let order = answering.into_iter().chain(others).chain(left_out).collect();
        let mut questions: Vec<usize> = (0..questions.len()).collect();
        random.shuffle(&mut questions);
        CorpusParts { order, ends, questions }
    }
}

/// Returns the ids of a question's relevant documents.
pub fn relevant(question: &JudgedQuestion) -> impl Iterator<Item = &str> {
    question.judgements.iter().filter(|(_, gain)| **gain > 0.0).map(|(id, _)| id.as_str())
}

/// Nested parts of a set.
pub struct CorpusParts {
    /// Indices of all documents.
    pub order: Vec<usize>,
    /// The end of each part in `order`, ascending.
    pub ends: Vec<usize>,
    /// Indices of all questions.
    pub questions: Vec<usize>,
}

/// The relevance of first hits in one part.
#[derive(Default)]
pub struct MeasuredRelevance {
    pub documents: usize,
    pub passages: u64,
    /// Questions that the part answers.
    pub answered: usize,
    /// Relevances of first hits that answer.
    pub right: Vec<f32>,
    /// Relevances of first hits of questions whose answers the part lacks.
    pub near: Vec<f32>,
    /// Relevances of first hits of questions from other sets.
    pub foreign: Vec<f32>,
}

impl MeasuredRelevance {
    /// Returns the summary that the program prints.
    pub fn summary(&self) -> RelevancePart {
        let share = |kept: usize, of: &[f32]| (!of.is_empty()).then(|| kept as f64 / of.len() as f64);
        let kept = self.right.iter().filter(|&&relevance| relevance >= THRESHOLD).count();
        let wrong = |wrong: &[f32]| {
            let rejected = wrong.iter().filter(|&&relevance| relevance < THRESHOLD).count();
            WrongHits {
                questions: wrong.len(),
                below: share(rejected, wrong),
                quantiles: quantiles(wrong),
                auc: auc(&self.right, wrong),
            }
        };
        RelevancePart {
            documents: self.documents,
            passages: self.passages,
            line: (f64::from(THRESHOLD) * 10.0).round() / 10.0,
            right: RightHits {
                questions: self.answered,
                first: self.right.len(),
                at_least: share(kept, &self.right),
                quantiles: quantiles(&self.right),
            },
            near: wrong(&self.near),
            foreign: wrong(&self.foreign),
        }
    }
}

/// An element of `relevance` in the JSON output. Shares, quantiles and areas of nothing are null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelevancePart {
    documents: usize,
    passages: u64,
    line: f64,
    right: RightHits,
    near: WrongHits,
    foreign: WrongHits,
}

/// The relevance of first hits that answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct RightHits {
    questions: usize,
    first: usize,
    /// The share at or above the threshold.
    at_least: Option<f64>,
    quantiles: Option<Vec<f64>>,
}

/// The relevance of first hits that do not answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct WrongHits {
    questions: usize,
    /// The share below the threshold.
    below: Option<f64>,
    quantiles: Option<Vec<f64>>,
    auc: Option<f64>,
}

/// Returns the 5th, 25th, 50th, 75th and 95th percentiles; `None` without values.
fn quantiles(values: &[f32]) -> Option<Vec<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f64| sorted.get((share * sorted.len().saturating_sub(1) as f64).round() as usize);
    [0.05, 0.25, 0.5, 0.75, 0.95].map(at).into_iter().map(|quantile| quantile.copied().map(f64::from)).collect()
}

/// Returns the area under the ROC curve: how often one of `right` is above one of `wrong`, ties counted half (Mann and Whitney 1947).
fn auc(right: &[f32], wrong: &[f32]) -> Option<f64> {
    let mut sorted = wrong.to_vec();
    sorted.sort_by(f32::total_cmp);
    let above = |&right: &f32| {
        let (below, up_to) = (sorted.partition_point(|&x| x < right), sorted.partition_point(|&x| x <= right));
        (below + up_to) as f64 / 2.0
    };
    let pairs = (right.len() * wrong.len()) as f64;
    (pairs > 0.0).then(|| right.iter().map(above).sum::<f64>() / pairs)
}

/// Returns a table of relevance: one row for each setting and part.
pub fn table(runs: &[EvalRun]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut left_columns = 0;
    for run in runs {
        let setting = run.setting();
        left_columns = setting.len();
        for part in run.relevance.iter().flatten() {
            let cells = COLUMNS.map(|(_, cell)| cell(part));
            rows.push(setting.iter().cloned().chain(cells).collect());
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let head = ["model", "precision", "pooling", "mode"].into_iter().take(left_columns);
    rows.insert(0, head.chain(COLUMNS.map(|(name, _)| name)).map(str::to_owned).collect());
    columns(&rows, left_columns)
}

/// The text of a cell, by its column.
type PartCell = fn(&RelevancePart) -> String;

/// The columns of the table: heading and cell.
const COLUMNS: [(&str, PartCell); 9] = [
    ("documents", |part| part.documents.to_string()),
    ("right", |part| part.right.first.to_string()),
    ("≥ .3", |part| format_share(part.right.at_least)),
    ("foreign", |part| part.foreign.questions.to_string()),
    ("< .3", |part| format_share(part.foreign.below)),
    ("AUC", |part| format_share(part.foreign.auc)),
    ("near", |part| part.near.questions.to_string()),
    ("< .3", |part| format_share(part.near.below)),
    ("AUC", |part| format_share(part.near.auc)),
];

fn format_share(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{share:.3}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn relevance_areas_and_quantiles() {
        assert_eq!(auc(&[0.9, 0.4], &[0.1, 0.4, 0.5]), Some((3.0 + 1.5) / 6.0));
        assert_eq!(auc(&[0.2], &[0.1]), Some(1.0));
        assert_eq!(auc(&[], &[0.1]), None);
        assert_eq!(quantiles(&[]), None);
        let hundred: Vec<f32> = (0..=100).rev().map(|i| i as f32).collect();
        assert_eq!(quantiles(&hundred), Some(vec![5.0, 25.0, 50.0, 75.0, 95.0]));
        let measured = MeasuredRelevance {
            right: vec![0.9, 0.3, 0.2],
            near: vec![0.5],
            foreign: vec![0.1, 0.3],
            ..MeasuredRelevance::default()
        };
        let part = measured.summary();
        assert_eq!((part.right.at_least, part.near.below), (Some(2.0 / 3.0), Some(0.0)));
        assert_eq!((part.foreign.below, part.right.first), (Some(0.5), 3));
    }

    #[test]
    fn relevance_parts_answer_some_questions_and_lack_others() {
        let documents: Vec<BeirText> = (0..30).map(|i| BeirText { id: format!("d{i}"), text: String::new() }).collect();
        let question = |i: usize| JudgedQuestion {
            id: format!("q{i}"),
            text: String::new(),
            judgements: [(format!("d{i}"), 1.0), (format!("d{}", i + 10), 0.0)].into(),
        };
        let questions: Vec<JudgedQuestion> = (0..10).map(question).collect();
        let irrelevant = Irrelevant { questions: Vec::new(), sizes: vec![4, 12, 28], seed: 1 };
        let parts = irrelevant.parts(&documents, &questions);
        assert_eq!(parts.ends, [4, 12, 25]);
        let answering = |place: &usize| *place < 10;
        assert!(parts.order[..5].iter().all(answering) && parts.order[25..].iter().all(answering));
        let mut sorted = parts.order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..30).collect::<Vec<_>>());
        assert_eq!(parts.questions.len(), 10);
    }
}
