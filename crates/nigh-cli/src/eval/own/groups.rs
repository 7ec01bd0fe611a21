//! Metrics of ranks, also by language and kind of question.

use std::collections::HashMap;

use crate::eval::metrics::mean;
use crate::eval::questions::{OwnQuestion, QuestionKind};
use crate::eval::report::{EvalRun, Metrics, QuestionGroup, metrics};
use crate::in_order::InOrder;

/// Returns MRR@10, and the shares of questions whose answer came first, and within the first ten.
pub(super) fn rank_metrics(reciprocal: &[f64]) -> Metrics {
    let share = |counts: fn(f64) -> bool| mean(reciprocal.iter().map(|&r| f64::from(u8::from(counts(r)))));
    let (first, found) = (share(|r| r == 1.0), share(|r| r > 0.0));
    metrics(&[("mrr@10", mean(reciprocal.iter().copied())), ("hit@1", first), ("hit@10", found)])
}

/// Returns the metrics by language and by kind of question, without empty groups.
pub(super) fn groups(questions: &[OwnQuestion], reciprocal: &[f64]) -> InOrder<QuestionGroup> {
    let names = ["zh", "en"].into_iter().chain(QuestionKind::ALL.map(QuestionKind::name));
    let mut ranks: HashMap<&str, Vec<f64>> = HashMap::new();
    for (question, &rank) in questions.iter().zip(reciprocal) {
        for name in [question.language, question.kind.name()] {
            ranks.entry(name).or_default().push(rank);
        }
    }
    let group = |name: &'static str| {
        let ranks = ranks.get(name)?;
        Some((name, QuestionGroup { queries: ranks.len(), metrics: rank_metrics(ranks) }))
    };
    InOrder(names.filter_map(group).collect())
}

/// Returns a run for each group, for the table.
pub(super) fn by_group(runs: &[EvalRun]) -> Vec<EvalRun> {
    let mut parts = Vec::new();
    for run in runs {
        for (name, QuestionGroup { queries, metrics }) in run.groups.iter().flat_map(|groups| &groups.0) {
            parts.push(EvalRun { set: format!("{name} ({queries})"), metrics: metrics.clone(), ..run.clone() });
        }
    }
    parts
}
