//! Searches of one merged segment with its graph: by recall, exact, and with filters of several selectivities.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use half::f16;
use serde_json::json;

use crate::document::{Context, DocumentId, PassageId, Span, Syntax, Totals};
use crate::index::{
    GenerationBuilder, Merger, Out, Published, PublishedPassage, RowSet, ScoredRow, Shape, Sidecar, SidecarPart,
    Snapshot, VectorRequest,
};
use crate::vectors::Vectors;
use crate::{Failure, Scratch, median};

const LIMIT: usize = 10;
/// The most queries; more do not change the results.
const QUERIES: usize = 1000;

/// The result of one search: its hits, the ef and comparisons of the graph search, its time.
struct TimedSearch {
    rows: Vec<ScoredRow>,
    walked: Option<(usize, usize)>,
    seconds: f64,
}

pub fn run(base: &Vectors, queries: &Vectors) -> Result<(), Failure> {
    let scratch = Scratch::new("searches")?;
    let began = Instant::now();
    let snapshot = publish(base, &scratch)?;
    let rows = base.rows();
    let bytes = snapshot.bytes_on_disk() as f64 / rows as f64;
    println!(
        "{}",
        json!({"what": "published", "n": rows, "dim": base.dimension, "seconds": began.elapsed().as_secs_f64(),
               "segments": snapshot.segment_count(), "graphs": snapshot.graph_count(), "bytes_a_passage": bytes})
    );
    let queries: Vec<&[f32]> = (0..queries.rows().min(QUERIES)).map(|i| queries.row(i)).collect();
    let shares = [1.0, 0.5, 0.1, 0.02, 0.001];
    for share in shares {
        let within = filter(&snapshot, rows, share)?;
        let ask = |query: &[f32], recall: f32, exact: bool| -> Result<TimedSearch, Failure> {
            let request = VectorRequest { query, limit: LIMIT, min_score: f32::NEG_INFINITY, recall, exact };
            let began = Instant::now();
            let answer = snapshot.accepted_rows(within.as_ref(), None)?.search(&request)?;
            let seconds = began.elapsed().as_secs_f64();
            let walked = answer.segments.iter().find_map(|plan| Some((plan.ef?, plan.compared)));
            Ok(TimedSearch { rows: answer.rows, walked, seconds })
        };
        let (mut hits, mut wanted, mut times, mut exact_times) = ([0usize; 2], 0, [vec![], vec![]], Vec::new());
        let mut walks = [vec![], vec![]];
        for query in &queries {
            // In turn, so that other load on the machine affects all searches equally.
            let TimedSearch { rows: found, seconds, .. } = ask(query, 1.0, true)?;
            exact_times.push(seconds);
            let best: HashSet<u64> = found.iter().map(|row| row.document).collect();
            wanted += best.len();
            for (i, recall) in [0.95, 0.99].into_iter().enumerate() {
                let TimedSearch { rows: found, walked, seconds } = ask(query, recall, false)?;
                if found.len() != best.len() {
                    return Err(format!("{} found of {}", found.len(), best.len()).into());
                }
                hits[i] += found.iter().filter(|m| best.contains(&m.document)).count();
                walks[i].extend(walked);
                times[i].push(seconds);
            }
        }
        for (i, asked) in [0.95, 0.99].into_iter().enumerate() {
            let micros = median(times[i].clone()) * 1e6;
            println!(
                "{}",
                json!({"what": "search", "selectivity": share, "asked": asked, "recall": hits[i] as f64 / wanted as f64,
                       "by_graph": walks[i].len() as f64 / queries.len() as f64,
                       "ef": mean(walks[i].iter().map(|w| w.0)), "compared": mean(walks[i].iter().map(|w| w.1)), "median_us": micros.round(),
                       "exact_median_us": (median(exact_times.clone()) * 1e6).round()})
            );
        }
    }
    if let Some(kb) = resident() {
        println!("{}", json!({"what": "memory", "resident_kb": kb}));
    }
    Ok(())
}

/// Publishes all vectors, one document for each, merged into as few segments as possible.
fn publish(base: &Vectors, scratch: &Scratch) -> Result<Arc<Snapshot>, Failure> {
    let rows = base.rows() as u64;
    let mut making = GenerationBuilder::begin(
        &scratch.0,
        Shape { dimension: u32::try_from(base.dimension)?, half: true },
        Arc::new(NoSidecar),
    )?;
    let documents: Result<Vec<Published>, Failure> = (0..base.rows()).map(|i| document(base, i)).collect();
    making.part(&documents?)?;
    let (documents, passages) = (rows, rows);
    let totals = Totals { sequence: rows, documents, passages, next_document: rows, next_passage: rows };
    let publisher = Arc::new(making.finish(totals, String::new(), 1)?);
    Merger::new(Arc::clone(&publisher), 2).wait_for_merges()?;
    Ok(publisher.snapshot())
}

fn document(base: &Vectors, i: usize) -> Result<Published, Failure> {
    let number = i as u64;
    let vector = base.row(i).iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
    let passage = PublishedPassage {
        id: PassageId(number),
        span: Span::new(0..1, 1..2),
        context: Context::default(),
        hash: [0; 16],
        vector,
    };
    Ok(Published {
        number,
        sequence: number + 1,
        id: DocumentId::new(format!("{i}"))?,
        text: "x".to_owned(),
        syntax: Syntax::Plain,
        metadata: String::new(),
        stamp: None,
        content_hash: [0; 32],
        passages: vec![passage],
    })
}

/// Returns the mean, rounded; 0 without values.
fn mean(numbers: impl ExactSizeIterator<Item = usize>) -> usize {
    let count = numbers.len().max(1);
    numbers.sum::<usize>() / count
}

/// Returns a random share of the passages.
fn filter(snapshot: &Snapshot, rows: usize, share: f64) -> Result<Option<RowSet>, Failure> {
    if share >= 1.0 {
        return Ok(None);
    }
    let below = (share * f64::from(u32::MAX)) as u32;
    // Mixes the number of a row (splitmix64).
    let mixed = |i: usize| {
        let mut x = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ x >> 31) as u32
    };
    let chosen = (0..rows).filter(|&i| mixed(i) < below).map(|i| PassageId(i as u64));
    Ok(Some(RowSet::of_passages(snapshot, chosen)?))
}

/// Returns the resident memory of this process in KB, with shared maps; `None` except on Linux.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A sidecar without bytes.
struct NoSidecar;

impl Sidecar for NoSidecar {
    fn build(&self, _: &[Published], _: &Path, _: &mut Out<'_>) -> crate::error::Result<()> {
        Ok(())
    }

    fn merge(&self, _: Vec<SidecarPart>, _: &Path, _: &mut Out<'_>) -> crate::error::Result<()> {
        Ok(())
    }
}
