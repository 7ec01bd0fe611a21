//! The measurements.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde_json::{Value, json};

use crate::index::codes::{CodedQuery, Codes};
use crate::index::graph::{Graph, Scratch, build};
use crate::kernel::Aligned;
use crate::vectors::{Vectors, rescore};
use crate::{Failure, Plan};

/// Values of ef, up to a recall of 0.99 for real queries without relevant rows.
const EF_VALUES: [usize; 9] = [16, 64, 128, 256, 384, 512, 768, 1024, 1536];
const REQUESTED_RECALLS: [f32; 2] = [0.95, 0.99];
/// For each of the k hits, the number of candidates that are scored with the exact vectors.
const RESCORED_PER_HIT: usize = 2;
/// The rows that are scored at a time: their scores fit in the L1 cache.
const ROWS_AT_A_TIME: usize = 1024;

struct Bench<'a> {
    plan: &'a Plan,
    codes: Codes<Aligned<u8>>,
    queries: Vectors,
    halves: Vec<u16>,
    exact: Vec<Vec<u32>>,
}

pub fn run(plan: &Plan) -> Result<(), Failure> {
    let (base, queries) = (Vectors::read(&plan.base)?, Vectors::read(&plan.queries)?);
    let bench = Bench {
        plan,
        codes: base.code()?,
        halves: base.halves(),
        exact: base.exact(&queries, plan.k.max(100)),
        queries,
    };
    drop(base);
    for _ in 0..plan.rounds {
        bench.scan()?;
    }
    if plan.graph {
        bench.graph()?;
    }
    Ok(())
}

impl Bench<'_> {
    fn print_result(&self, what: &str, more: Value) {
        let mut line = json!({ "engine": what, "n": self.codes.rows(), "dim": self.codes.dimension() });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        println!("{line}");
    }

    /// Scores every query with every code, and the best candidates exactly.
    fn scan(&self) -> Result<(), Failure> {
        let mut seconds = Vec::new();
        let mut hits = 0;
        for i in 0..self.queries.rows().min(300) {
            let query = self.queries.row(i);
            let started = Instant::now();
            let candidates = self.scan_one(query, self.plan.k * RESCORED_PER_HIT)?;
            let found = rescore(&self.halves, query, &candidates, self.plan.k);
            seconds.push(started.elapsed().as_secs_f64());
            hits += self.hits(i, &found, self.plan.k);
        }
        let (ms, scanned) = (median(&mut seconds) * 1e3, seconds.len());
        let read = (self.codes.rows() * (crate::index::codes::stride(self.codes.dimension()) + 4)) as f64;
        self.print_result(
            "nigh scan",
            json!({
                "scan_ms": rounded(ms, 1e3), "qps": (1e3 / ms).round(), "gb_per_s": rounded(read / ms / 1e6, 10.0),
                "recall": rounded(hits as f64 / (scanned * self.plan.k) as f64, 1e4),
            }),
        );
        Ok(())
    }

    fn scan_one(&self, query: &[f32], count: usize) -> Result<Vec<(f32, u32)>, Failure> {
        let query = CodedQuery::new(query);
        let (mut scores, mut held) = ([0.0; ROWS_AT_A_TIME], Vec::<(f32, u32)>::with_capacity(4 * count));
        let mut threshold = f32::NEG_INFINITY;
        for first in (0..self.codes.rows()).step_by(ROWS_AT_A_TIME) {
            let last = (first + ROWS_AT_A_TIME).min(self.codes.rows());
            self.codes.scan(&query, first..last, &mut scores)?;
            for (chunk, scores) in scores[..last - first].chunks(32).enumerate() {
                if scores.iter().fold(f32::NEG_INFINITY, |m, &s| m.max(s)) <= threshold {
                    continue;
                }
                let kept = scores.iter().zip((first + chunk * 32) as u32..).filter(|(s, _)| **s > threshold);
                held.extend(kept.map(|(&score, row)| (score, row)));
                if held.len() >= 4 * count {
                    held.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
                    held.truncate(count);
                    threshold = held[count - 1].0;
                }
            }
        }
        held.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        held.truncate(count);
        Ok(held)
    }

    fn graph(&self) -> Result<(), Failure> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.plan.threads).build()?;
        let started = Instant::now();
        let mut built = Vec::new();
        build(&self.codes, &self.plan.parameters, &pool, &AtomicBool::new(false), &mut |bytes| {
            built.extend_from_slice(bytes);
            Ok(())
        })?;
        let seconds = started.elapsed().as_secs_f64();
        let mut section = Aligned::<u8>::default();
        section.grow(built.len());
        section.copy_from_slice(&built);
        let per_row = rounded(built.len() as f64 / self.codes.rows() as f64, 10.0);
        let stride = crate::index::codes::stride(self.codes.dimension());
        let resident = (self.codes.rows() * (stride + 4) + built.len()) as f64 / 1e6;
        drop(built);
        let graph = Graph::open(section, self.codes.rows())?;
        let table = graph.recall_table();
        self.print_result(
            "nigh graph",
            json!({
                "build_s": rounded(seconds, 100.0), "threads": self.plan.threads, "repaired": graph.repaired(), "bytes_a_row": per_row,
                "resident_mb": rounded(resident, 10.0), "table": { "ef": table.ef, "recall": table.recall },
            }),
        );
        for _ in 0..self.plan.rounds {
            for ef in EF_VALUES {
                self.search(&graph, ef, self.plan.k, json!({}))?;
            }
            for k in [1, 10, 50, 100] {
                for stated in REQUESTED_RECALLS {
                    match graph.ef_for(stated, k) {
                        Some(ef) => self.search(&graph, ef, k, json!({ "stated": rounded(f64::from(stated), 1e3) }))?,
                        None => self.print_result("nigh graph", json!({ "k": k, "stated": stated, "ef": null })),
                    }
                }
            }
        }
        Ok(())
    }

    /// Searches with all queries at one ef.
    fn search(&self, graph: &Graph<Aligned<u8>>, ef: usize, k: usize, more: Value) -> Result<(), Failure> {
        let mut scratch = Scratch::default();
        let (mut found, mut compared) = (Vec::with_capacity(self.queries.rows()), 0);
        let started = Instant::now();
        for i in 0..self.queries.rows() {
            let query = self.queries.row(i);
            let walk = graph.search(&self.codes, &CodedQuery::new(query), ef, |_| true, usize::MAX, &mut scratch)?;
            compared += walk.compared;
            let candidates = &walk.candidates[..walk.candidates.len().min(k * RESCORED_PER_HIT)];
            found.push(rescore(&self.halves, query, candidates, k));
        }
        let seconds = started.elapsed().as_secs_f64();
        let hits: usize = found.iter().enumerate().map(|(i, found)| self.hits(i, found, k)).sum();
        let count = self.queries.rows() as f64;
        let mut line = json!({
            "k": k, "ef": ef, "recall": rounded(hits as f64 / (count * k as f64), 1e4),
            "qps": (count / seconds).round(), "compared": (compared as f64 / count).round(),
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        self.print_result("nigh graph", line);
        Ok(())
    }

    fn hits(&self, query: usize, found: &[u32], k: usize) -> usize {
        let exact: HashSet<u32> = self.exact[query].iter().copied().take(k).collect();
        found.iter().filter(|row| exact.contains(row)).count()
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
