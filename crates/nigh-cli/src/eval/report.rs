//! The results as JSON, and as tables for people.

use nigh::VectorSpace;
use nigh_text::script::is_han_or_kana;
use serde::Serialize;

use super::relevance::RelevancePart;
use crate::in_order::InOrder;

/// One set measured with one setting: the object that `nigh eval --json` prints. A stable contract, see docs/evaluation.md: fields are
/// added, never renamed or removed.
#[derive(Debug, Clone, Serialize)]
pub struct EvalRun {
    pub set: String,
    /// `retrieval`, `similarity` or `own`.
    pub kind: &'static str,
    pub model: String,
    pub precision: &'static str,
    pub pooling: String,
    /// The space of the vectors: `original` or `language-neutral`.
    pub space: VectorSpace,
    /// `None` for sentence pairs.
    pub mode: Option<String>,
    pub metrics: Metrics,
    pub counts: InOrder<u64>,
    pub seconds: Seconds,
    /// With `--own`, by language and by kind of question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<InOrder<QuestionGroup>>,
    /// With `--irrelevant`, the relevance of first hits in each part of the set, by ascending size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevance: Option<Vec<RelevancePart>>,
}

/// By name, each in [-1, 1]; null where a metric is undefined.
pub type Metrics = InOrder<Option<f64>>;

/// The metrics of one group of a run's questions.
#[derive(Debug, Clone, Serialize)]
pub struct QuestionGroup {
    pub queries: usize,
    pub metrics: Metrics,
}

/// Wall-clock time, to the millisecond.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Seconds {
    /// Time to encode the corpus, or the pairs.
    encode: f64,
    /// Time of all questions, their encoding included.
    search: Option<f64>,
}

impl Seconds {
    pub fn new(encode: f64, search: Option<f64>) -> Self {
        let round = |seconds: f64| (seconds * 1e3).round() / 1e3;
        Self { encode: round(encode), search: search.map(round) }
    }
}

impl EvalRun {
    /// Returns the parts that distinguish this setting: model, precision, pooling, mode.
    pub fn setting(&self) -> Vec<String> {
        let mode = self.mode.clone();
        [self.model.clone(), self.precision.to_owned(), self.pooling.clone()].into_iter().chain(mode).collect()
    }

    /// Returns the metric that a table over several sets shows: the first.
    pub fn headline(&self) -> Option<(&'static str, Option<f64>)> {
        self.metrics.0.first().copied()
    }
}

/// Metrics in order; an undefined one is null.
pub fn metrics(named: &[(&'static str, Option<f64>)]) -> Metrics {
    InOrder(named.iter().map(|&(name, value)| (name, value.filter(|value| value.is_finite()))).collect())
}

/// Four decimals, as usual for these metrics.
pub fn digits(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}

/// Aligns cells in columns: the first `left` columns to the left, the others to the right. Returns one line for each row.
pub fn columns(rows: &[Vec<String>], left: usize) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| columns_of(cell)).max();
    let widths: Vec<usize> = (0..).map_while(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            let blank = " ".repeat(width.saturating_sub(columns_of(cell)));
            if column < left { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Returns the width of a text on a terminal; a Chinese character takes two columns.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| if is_han_or_kana(c) { 2 } else { 1 }).sum()
}

/// Returns the space of the vectors for the line above a table, like `original space`.
pub fn in_words(space: VectorSpace) -> String {
    format!("{space} space")
}

/// Returns a table of one set: one row for each setting, one column for each metric.
pub fn by_setting(runs: &[EvalRun]) -> Vec<String> {
    let Some(first) = runs.first() else { return Vec::new() };
    let mut head: Vec<String> = ["model", "precision", "pooling", "mode"].map(str::to_owned).into();
    let left = first.setting().len();
    head.truncate(left);
    head.extend(first.metrics.0.iter().map(|&(name, _)| name.to_owned()));
    head.push("seconds".to_owned());
    let mut rows = vec![head];
    for run in runs {
        let mut row = run.setting();
        row.extend(run.metrics.0.iter().map(|&(_, value)| digits(value)));
        row.push(format!("{:.1}", run.seconds.encode + run.seconds.search.unwrap_or(0.0)));
        rows.push(row);
    }
    columns(&rows, left)
}

/// Returns a table of several sets of one kind: one row for each set, one column for each setting, of the first metric.
pub fn by_set(runs: &[EvalRun]) -> Vec<String> {
    let Some((metric, _)) = runs.first().and_then(EvalRun::headline) else { return Vec::new() };
    let mut settings: Vec<Vec<String>> = Vec::new();
    let mut sets: Vec<&str> = Vec::new();
    for run in runs {
        if !settings.contains(&run.setting()) {
            settings.push(run.setting());
        }
        if !sets.contains(&run.set.as_str()) {
            sets.push(&run.set);
        }
    }
    // The parts of a setting above each other, so that columns stay narrow.
    let parts = settings.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows: Vec<Vec<String>> = (0..parts)
        .map(|part| {
            let corner = if part + 1 == parts { metric.to_owned() } else { String::new() };
            let names = settings.iter().map(|setting| setting.get(part).cloned().unwrap_or_default());
            [corner].into_iter().chain(names).collect()
        })
        .collect();
    for set in sets {
        let value = |setting: &Vec<String>| {
            let run = runs.iter().find(|run| run.set == set && run.setting() == *setting);
            run.map_or_else(String::new, |run| digits(run.headline().and_then(|(_, value)| value)))
        };
        rows.push([set.to_owned()].into_iter().chain(settings.iter().map(value)).collect());
    }
    columns(&rows, 1)
}
