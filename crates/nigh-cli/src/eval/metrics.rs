//! Measures of a ranking against judgements, as trec_eval defines them (its `ndcg_cut`, `recall` and `recip_rank`).
//!
//! With g(d) the gain of a document (its judgement, or 0 if that is negative or missing), and documents ranked from 1:
//!
//! - DCG@k = Σ over ranks i ≤ k of g(dᵢ) / log2(i + 1), and nDCG@k = DCG@k / the DCG@k of the judged documents in the order
//!   of their gains (Järvelin and Kekäläinen 2002, with the linear gain and discount of trec_eval).
//! - recall@k = the relevant documents among the first k / all relevant documents.
//! - MRR@k = the mean over questions of 1 / the rank of the first relevant document, or 0 if none is among the first k
//!   (Voorhees 1999). Relevant means judged above 0.
//!
//! A question that has judgements and no relevant document counts as 0, as in trec_eval.

use std::collections::HashMap;

/// Documents that nDCG and MRR look at.
pub const NDCG_DEPTH: usize = 10;
/// Documents that recall looks at.
pub const RECALL_DEPTH: usize = 100;

/// A question's judgements: gains by document.
pub type Judgements = HashMap<String, f64>;

/// The metrics of one question, or their means over questions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QuestionScores {
    pub ndcg: f64,
    pub recall: f64,
    pub mrr: f64,
}

impl QuestionScores {
    /// Computes the metrics of one question. `ranking`: the ids of documents, best first, each once.
    pub fn new(ranking: &[String], judgements: &Judgements) -> Self {
        let gain = |document: &String| judgements.get(document).copied().unwrap_or(0.0).max(0.0);
        let gains: Vec<f64> = ranking.iter().take(RECALL_DEPTH).map(gain).collect();
        let mut ideal: Vec<f64> = judgements.values().copied().filter(|&gain| gain > 0.0).collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let relevant = ideal.len();
        let found = gains.iter().filter(|&&gain| gain > 0.0).count();
        let first = gains.iter().take(NDCG_DEPTH).position(|&gain| gain > 0.0);
        Self {
            ndcg: ratio(dcg(&gains), dcg(&ideal)),
            recall: ratio(found as f64, relevant as f64),
            mrr: first.map_or(0.0, |index| 1.0 / (index + 1) as f64),
        }
    }

    /// The means over questions; zeros without questions.
    pub fn mean(each: &[Self]) -> Self {
        let mean = |part: fn(&Self) -> f64| ratio(each.iter().map(part).sum(), each.len() as f64);
        Self { ndcg: mean(|s| s.ndcg), recall: mean(|s| s.recall), mrr: mean(|s| s.mrr) }
    }
}

/// Returns the mean; `None` of nothing.
pub fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let number = values.len();
    (number > 0).then(|| values.sum::<f64>() / number as f64)
}

fn dcg(gains: &[f64]) -> f64 {
    gains.iter().take(NDCG_DEPTH).zip(2..).map(|(gain, i)| gain / f64::from(i).log2()).sum()
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

/// Orders hits of equal score by descending id, as trec_eval does. The hits must already be sorted by score.
pub fn order_ties(hits: &mut [(String, f32)]) {
    for equal in hits.chunk_by_mut(|a, b| a.1 == b.1) {
        equal.sort_by(|a, b| b.0.cmp(&a.0));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use serde::Deserialize;

    /// tests/program/fixtures/eval/metrics.json, made by metrics.py in the same folder.
    #[derive(Deserialize)]
    struct Fixture {
        pytrec_eval: String,
        questions: Vec<Question>,
    }

    #[derive(Deserialize)]
    struct Question {
        run: HashMap<String, f32>,
        qrels: Judgements,
        ndcg: f64,
        recall: f64,
        mrr: f64,
    }

    /// From pytrec_eval-terrier 0.5.11, which wraps trec_eval's own code: rankings with ties, graded and negative judgements,
    /// judged documents that were not found, and questions without a relevant document.
    #[test]
    fn metrics_equal_those_of_trec_eval() {
        let text = include_str!("../../../../tests/program/fixtures/eval/metrics.json");
        let fixture: Fixture = serde_json::from_str(text).unwrap();
        assert_eq!(fixture.pytrec_eval, "0.5.11");
        assert!(fixture.questions.len() >= 100);
        for (number, question) in fixture.questions.into_iter().enumerate() {
            let mut hits: Vec<(String, f32)> = question.run.into_iter().collect();
            hits.sort_by(|a, b| b.1.total_cmp(&a.1));
            order_ties(&mut hits);
            let ranking: Vec<String> = hits.into_iter().map(|(id, _)| id).collect();
            let scores = QuestionScores::new(&ranking, &question.qrels);
            for (ours, theirs) in
                [(scores.ndcg, question.ndcg), (scores.recall, question.recall), (scores.mrr, question.mrr)]
            {
                assert!((ours - theirs).abs() < 1e-6, "question {number}: {ours} and {theirs}");
            }
        }
    }

    #[test]
    fn metrics_of_a_small_example() {
        let judgements = Judgements::from([("a".to_owned(), 2.0), ("b".to_owned(), 1.0)]);
        let ranking = ["x", "a", "b"].map(str::to_owned);
        let scores = QuestionScores::new(&ranking, &judgements);
        let expected = (2.0 / 3f64.log2() + 1.0 / 2.0) / (2.0 + 1.0 / 3f64.log2());
        assert!((scores.ndcg - expected).abs() < 1e-12);
        assert_eq!((scores.recall, scores.mrr), (1.0, 0.5));
        assert_eq!(QuestionScores::new(&[], &judgements), QuestionScores::default());
        assert_eq!(QuestionScores::mean(&[]), QuestionScores::default());
        assert_eq!(QuestionScores::mean(&[scores, QuestionScores::default()]).mrr, 0.25);
    }
}
