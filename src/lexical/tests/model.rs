//! Compares searches with a naive BM25; compares splits and merges with one build.

use std::sync::Arc;

use proptest::prelude::*;

use super::world::{build_texts, merged_bytes, naive_scores};
use crate::kernel::SharedBytes;
use crate::lexical::{LexicalPart, Lexicon};
use crate::row::RowId;

const VOCABULARY: [&str; 24] = [
    "runs",
    "running",
    "RTX-4090",
    "rtx",
    "fooBar",
    "bar",
    "the",
    "of",
    "显存",
    "GPU显存",
    "长江大桥",
    "大桥",
    "桥",
    "模型",
    "模型训练",
    "训练",
    "的",
    "什么",
    "東京",
    "カタカナ",
    "タカ",
    "한국어",
    "v1.2",
    "2",
];

fn passages() -> impl Strategy<Value = Vec<String>> {
    // The index rounds lengths over 40 terms; the naive BM25 does not, so passages are shorter.
    let passage = prop::collection::vec(prop::sample::select(&VOCABULARY[..]), 1..7);
    prop::collection::vec(passage.prop_map(|words| words.join(" ")), 1..40)
}

fn questions() -> impl Strategy<Value = Vec<String>> {
    let question = prop::collection::vec(prop::sample::select(&VOCABULARY[..]), 1..5);
    prop::collection::vec(question.prop_map(|words| words.concat()), 1..4)
}

/// Searches. Returns document, row, score and coverage of each hit. Each document has three rows; rows are numbered across the
/// segments, `firsts` has the first row of each. Bit d mod 64 of `within` is set if document d may be found.
fn search(lexicon: &Lexicon, firsts: &[u32], question: &str, limit: usize, within: u64) -> Vec<(u64, u32, f32, f32)> {
    let query = lexicon.query(question).unwrap();
    let accept = |row: RowId| {
        let document = u64::from((firsts[row.segment] + row.row) / 3);
        Ok((within >> (document % 64) & 1 == 1).then_some(document))
    };
    let found = lexicon.search(&query, limit, &accept).unwrap();
    let rows: Vec<RowId> = found.iter().map(|found| found.row).collect();
    let scores = lexicon.score(&query, &rows).unwrap();
    let hits = found.iter().zip(scores).map(|(found, exact)| {
        assert_eq!(found.score, exact.score);
        (found.document, firsts[found.row.segment] + found.row.row, found.score, exact.coverage)
    });
    hits.collect()
}

/// Asserts that the answer follows the formula.
fn assert_follows_formula(
    lexicon: &Lexicon,
    firsts: &[u32],
    texts: &[String],
    question: &str,
    limit: usize,
    within: u64,
) {
    let found = search(lexicon, firsts, question, limit, within);
    let scores = naive_scores(texts, &lexicon.query(question).unwrap());
    let accepted = (0..texts.len().div_ceil(3)).filter(|document| within >> (document % 64) & 1 == 1);
    let mut best: Vec<f64> = accepted
        .map(|document| scores[document * 3..(document * 3 + 3).min(scores.len())].iter().copied())
        .map(|rows| rows.fold(0.0, f64::max))
        .filter(|&score| score > 0.0)
        .collect();
    best.sort_by(|a, b| b.total_cmp(a));
    best.truncate(limit);
    assert_eq!(found.len(), best.len(), "{question}");
    for ((document, row, score, _), best) in found.into_iter().zip(best) {
        assert_eq!(u64::from(row / 3), document);
        assert!((f64::from(score) - best).abs() < 1e-4 * best, "{question}: {score} against {best}");
        assert!((scores[row as usize] - best).abs() < 1e-4 * best);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The best accepted documents, with the scores of the formula.
    #[test]
    fn search_follows_the_formula(texts in passages(), questions in questions(), limit in 1_usize..12, within: u64) {
        let lexicon = Lexicon::open(vec![build_texts(&texts)]).unwrap();
        questions.iter().for_each(|question| assert_follows_formula(&lexicon, &[0], &texts, question, limit, within));
    }

    /// Any split into segments, and merges in any order, give the same answers to the last bit.
    #[test]
    fn splits_and_merges_give_the_same_answers(
        texts in passages(),
        questions in questions(),
        cuts in prop::collection::vec(0_usize..40, 0..4),
        dead in prop::collection::vec(any::<bool>(), 40),
        order: u64,
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (texts.len() + 1)).chain([0, texts.len()]).collect();
        cuts.sort_unstable();
        let ranges: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let firsts: Vec<u32> = ranges.iter().map(|range| range.start as u32).collect();
        let segments: Vec<_> = ranges.iter().map(|range| build_texts(&texts[range.clone()])).collect();
        let one = Lexicon::open(vec![build_texts(&texts)]).unwrap();
        let many = Lexicon::open(segments.clone()).unwrap();
        for question in &questions {
            prop_assert_eq!(search(&one, &[0], question, 9, u64::MAX), search(&many, &firsts, question, 9, u64::MAX));
        }
        // Merged without the deleted rows, the other rows in another order.
        let mut kept_rows: Vec<usize> = (0..texts.len()).filter(|&row| !dead[row]).collect();
        kept_rows.sort_by_key(|&row| (row as u64 + 1).wrapping_mul(order | 1) >> 7);
        let becomes = |row: usize| kept_rows.iter().position(|&other| other == row).map(|row| row as u32);
        let parts = ranges.iter().zip(&segments).map(|(range, words)| {
            LexicalPart { source: Arc::clone(words), rows: range.clone().map(becomes).collect() }
        });
        let merged = merged_bytes(parts.collect()).unwrap();
        let texts: Vec<String> = kept_rows.iter().map(|&row| texts[row].clone()).collect();
        prop_assert_eq!(merged.is_empty(), texts.is_empty());
        let merged = Arc::new(SharedBytes::from(merged));
        let again = Lexicon::open(vec![Arc::clone(&merged) as _]).unwrap();
        let fresh = Lexicon::open(vec![build_texts(&texts)]).unwrap();
        for question in &questions {
            prop_assert_eq!(search(&again, &[0], question, 9, u64::MAX), search(&fresh, &[0], question, 9, u64::MAX));
        }
        // Merged again from the merged sections.
        if !texts.is_empty() {
            let reversed = (0..texts.len() as u32).rev().map(Some).collect();
            let twice = merged_bytes(vec![LexicalPart { source: merged, rows: reversed }]).unwrap();
            let twice = Lexicon::open(vec![Arc::new(SharedBytes::from(twice))]).unwrap();
            let texts: Vec<String> = texts.into_iter().rev().collect();
            let fresh = Lexicon::open(vec![build_texts(&texts)]).unwrap();
            for question in &questions {
                prop_assert_eq!(search(&twice, &[0], question, 9, u64::MAX), search(&fresh, &[0], question, 9, u64::MAX));
            }
        }
    }
}

/// In a collection that is so large that blocks of passages are skipped; with one and several segments, with and without a filter.
#[test]
fn skipped_blocks_have_no_best_passage() {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let texts: Vec<String> = (0..6_000)
        .map(|_| (0..1 + random(6)).map(|_| VOCABULARY[random(24).min(random(24))]).collect::<Vec<_>>().join(" "))
        .collect();
    let one = Lexicon::open(vec![build_texts(&texts)]).unwrap();
    let firsts = [0_u32, 1_000, 1_300, 4_000];
    let ends = firsts.iter().skip(1).copied().chain([6_000]);
    let segments = firsts.iter().zip(ends).map(|(&from, to)| build_texts(&texts[from as usize..to as usize]));
    let many = Lexicon::open(segments.collect()).unwrap();
    for within in [u64::MAX, 0x8000_0000_0100_0010, 0] {
        for question in
            ["训练模型", "2 v1.2 한국어", "running of the RTX", "什么的大桥", "タカ2", "foobar 東京 桥 显存"]
        {
            assert_follows_formula(&one, &[0], &texts, question, 3, within);
            assert_follows_formula(&many, &firsts, &texts, question, 3, within);
        }
    }
}

/// More passages than one part of a build are merged in the right order.
#[test]
fn parts_of_a_build_keep_their_order() {
    let texts: Vec<String> = (0..17_000).map(|row| format!("passage number n{row} of {}", row % 7)).collect();
    let lexicon = Lexicon::open(vec![build_texts(&texts)]).unwrap();
    for row in [0_u64, 1, 7_999, 8_000, 15_999, 16_000, 16_999] {
        let query = lexicon.query(&format!("n{row}")).unwrap();
        let found = lexicon.search(&query, 1, &|row| Ok(Some(u64::from(row.row)))).unwrap();
        assert_eq!(found[0].document, row);
    }
}
