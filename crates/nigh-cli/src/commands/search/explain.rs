//! Explains a hit's score.

use nigh::{Explanation, Hit};

use crate::output::count;

const WORDS: &str = "words";

/// Explains a hit's score in a line or two.
pub fn explained(hit: &Hit, explanation: &Explanation) -> Vec<String> {
    let describe_side = |name: &str, rank: Option<usize>, passage: Option<u32>, score: Option<f32>| {
        let rank = match (rank, passage) {
            (Some(rank), Some(passage)) if passage != explanation.passage_ordinal => {
                format!("rank {rank} by passage {}", passage + 1)
            }
            (Some(rank), _) => format!("rank {rank}"),
            (None, _) if name == WORDS && score == Some(0.0) => "not found".to_owned(),
            (None, _) => format!("rank > {}", explanation.candidates),
        };
        score.map(|score| format!("{name} {score:.3}, {rank}"))
    };
    let Explanation { dense_rank, dense_passage, dense_score, lexical_rank, lexical_passage, lexical_score, .. } =
        *explanation;
    let dense = describe_side("meaning", dense_rank, dense_passage, dense_score);
    let words = describe_side(WORDS, lexical_rank, lexical_passage, lexical_score);
    let sides: Vec<String> = dense.into_iter().chain(words).collect();
    let place = format!("passage {} of {}", explanation.passage_ordinal + 1, hit.document.passage_count);
    let mut first = format!("score {:.3}: {}; {place}", explanation.fused_score, sides.join("; "));
    if explanation.dense_score.is_some() {
        let (all, how) = if explanation.exact { ("all ", "") } else { ("", " by graph") };
        first.push_str(&format!("; compared {all}{}{how}", count(explanation.compared, "passage")));
    }
    let terms: Vec<String> = explanation.terms.iter().map(|term| format!("{} {:.2}", term.term, term.score)).collect();
    let mut lines = vec![first];
    if !terms.is_empty() {
        lines.push(format!("words found: {}", terms.join(", ")));
    }
    lines
}
