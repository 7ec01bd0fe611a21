//! The quality of the hits: nDCG@10 on a BEIR directory, and the time of a query.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Failure;
use crate::kernel::SharedBytes;
use crate::lexical::{Fields, Lexicon, Passage};

const NDCG_DEPTH: usize = 10;

pub fn measure(queries_of: &Path, corpus_of: &Path) -> Result<Value, Failure> {
    let corpus = lines(&corpus_of.join("corpus.jsonl"))?;
    let nothing = Fields::default();
    let passages = corpus.iter().map(|one| Passage {
        text: text(one, "text"),
        id: text(one, "_id"),
        title: text(one, "title"),
        names: &[],
        headings: &[],
        fields: &nothing,
    });
    let lexicon = Lexicon::open(vec![Arc::new(SharedBytes::from(crate::words_of(passages)?))])?;
    let mut judged: HashMap<String, HashMap<String, f64>> = HashMap::new();
    let table = std::fs::read_to_string(queries_of.join("qrels/test.tsv"))?;
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t');
        if let (Some(query), Some(document), Some(gain)) = (cells.next(), cells.next(), cells.next()) {
            judged.entry(query.to_owned()).or_default().insert(document.to_owned(), gain.parse()?);
        }
    }
    let (mut sum, mut times, mut coverage) = (0.0, Vec::new(), 0.0);
    for query in lines(&queries_of.join("queries.jsonl"))? {
        let Some(gains) = judged.get(text(&query, "_id")) else { continue };
        let started = Instant::now();
        let asked = lexicon.query(text(&query, "text"))?;
        let found = lexicon.search(&asked, NDCG_DEPTH, &|row| Ok(Some(u64::from(row.row))))?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        let best: Vec<_> = found.iter().take(1).map(|found| found.row).collect();
        coverage += lexicon.score(&asked, &best)?.first().map_or(0.0, |best| f64::from(best.coverage));
        let discount = |rank: usize| (rank as f64 + 2.0).log2();
        let gain_at = |rank, document: &str| gains.get(document).copied().unwrap_or(0.0) / discount(rank);
        let gained =
            found.iter().enumerate().map(|(rank, found)| gain_at(rank, text(&corpus[found.row.row as usize], "_id")));
        let mut ideal: Vec<f64> = gains.values().copied().collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let most = ideal.iter().take(NDCG_DEPTH).enumerate().map(|(rank, gain)| gain / discount(rank));
        sum += gained.sum::<f64>() / most.sum::<f64>();
    }
    let count = times.len() as f64;
    Ok(json!({
        "queries": times.len(), "passages": corpus.len(), "ndcg@10": sum / count, "coverage": coverage / count,
        "p50_ms": crate::quantile_of(&mut times, 0.5), "p95_ms": crate::quantile_of(&mut times, 0.95),
    }))
}

fn lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let reader = std::io::BufReader::new(std::fs::File::open(path)?);
    reader.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
