//! Helpers of the tests: lexicons of few texts, searches in them, distractors, and a naive BM25.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::kernel::SharedBytes;
use crate::lexical::analysis::Terms;
use crate::lexical::query::Query;
use crate::lexical::schema::LAYOUT;
use crate::lexical::{Fields, LexicalPart, Lexicon, Passage, Source, build, gather, merge};
use crate::row::RowId;

/// Builds the byte string of texts without titles.
pub fn build_texts(texts: &[impl AsRef<str>]) -> Arc<dyn Source> {
    let fields = Fields::default();
    let passages = texts.iter().map(|text| Passage {
        text: text.as_ref(),
        id: "",
        title: "",
        names: &[],
        headings: &[],
        fields: &fields,
    });
    Arc::new(SharedBytes::from(lexicon_bytes(passages)))
}

/// Builds the byte string of passages.
pub fn lexicon_bytes<'a>(passages: impl Iterator<Item = Passage<'a>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    build(passages, true, &std::env::temp_dir(), &mut gather(&mut bytes)).unwrap();
    bytes
}

/// Merges byte strings into one.
///
/// # Errors
/// The same as [`merge`].
pub fn merged_bytes(parts: Vec<LexicalPart>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    merge(parts, &std::env::temp_dir(), &mut gather(&mut bytes))?;
    Ok(bytes)
}

pub fn open_texts(texts: &[impl AsRef<str>]) -> Lexicon {
    Lexicon::open(vec![build_texts(texts)]).unwrap()
}

/// Returns rows of the first segment, best first; each is one document.
pub fn best_rows(lexicon: &Lexicon, question: &str, limit: usize) -> Vec<u32> {
    let query = lexicon.query(question).unwrap();
    let found = lexicon.search(&query, limit, &|row| Ok(Some(u64::from(row.row)))).unwrap();
    found.into_iter().map(|found| found.row.row).collect()
}

pub fn in_segment(segment: usize, row: u32) -> RowId {
    RowId { segment, row }
}

/// Asserts that each query finds its passage first. `asked`: query, index of the passage.
pub fn assert_each_query_finds(texts: &[&str], asked: &[(&str, usize)]) {
    let lexicon = open_texts(texts);
    for &(question, wanted) in asked {
        let best = best_rows(&lexicon, question, 1);
        let found = best.first().map_or("nothing", |&row| texts[row as usize]);
        assert_eq!(found, texts[wanted], "{question}");
    }
}

/// Returns the paragraphs of the example corpus, in Chinese and English.
pub fn distractors() -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/corpus");
    let mut paths: Vec<_> = ["zh", "en"]
        .iter()
        .flat_map(|language| std::fs::read_dir(corpus.join(language)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let paragraphs = texts.flat_map(|text| text.split("\n\n").map(str::to_owned).collect::<Vec<_>>());
    paragraphs.filter(|paragraph| !paragraph.trim().is_empty()).collect()
}

/// Returns the score of each text, computed from the formula in f64.
pub fn naive_scores(texts: &[String], query: &Query) -> Vec<f64> {
    let terms: Vec<Terms> = texts.iter().map(|text| terms_of(text)).collect();
    let words: Vec<Vec<&str>> = terms.iter().map(|terms| terms.words.lines().collect()).collect();
    let grams: Vec<Vec<&str>> = terms.iter().map(|terms| terms.grams.lines().collect()).collect();
    let total = texts.len() as f64;
    let mut scores = vec![0.0; texts.len()];
    for term in &query.terms {
        // The texts have no titles.
        let documents = if term.field == LAYOUT.words { &words } else { &grams };
        let average = documents.iter().map(Vec::len).sum::<usize>() as f64 / total;
        let counts = documents.iter().map(|words| words.iter().filter(|word| **word == term.text).count() as f64);
        let counts: Vec<f64> = counts.collect();
        let with_term = counts.iter().filter(|count| **count > 0.0).count() as f64;
        let idf = (1.0 + (total - with_term + 0.5) / (with_term + 0.5)).ln();
        for (score, (count, words)) in scores.iter_mut().zip(counts.iter().zip(documents)) {
            // BM25 with k1 = 1.2 and b = 0.75.
            let norm = 1.2 * (1.0 - 0.75 + 0.75 * words.len() as f64 / average);
            *score += f64::from(term.weight) * idf * 2.2 * count / (count + norm);
        }
    }
    scores
}

fn terms_of(text: &str) -> Terms {
    let mut terms = Terms::new(true);
    terms.add("", true);
    terms.add(text, false);
    terms
}
