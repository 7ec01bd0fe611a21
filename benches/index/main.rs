//! Times the exact scan and the graph on vectors, as benches/peers/peer_ann.py times others.
//!
//!     cargo bench --bench index -- BASE.npy QUERIES.npy [--k 10] [--m 16] [--ef-construction 200] [--threads 2]
//!         [--rounds 1] [--no-graph]
//!
//! BASE and QUERIES are f32 `[n, dimension]`, of length 1. Building uses the threads, searching one query at a time one
//! thread. One JSON object a line, the peers' fields where they have them:
//!
//! | field | what it is |
//! |---|---|
//! | `recall` | recall@k against exact search in f32 |
//! | `qps` | queries a second, with scores from the vectors kept as f16 |
//! | `build_s` | from codes to the graph's bytes, repair and measuring included |
//! | `stated` | the recall that was asked of the graph, which chose `ef` itself |
//! | `scan_ms`, `gb_per_s` | all codes scored, and kept above a threshold; what was read for that |
//! | `resident_mb` | codes, scales and graph; the kept vectors are read only where a candidate is scored again |
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | the arguments, the order of things |
//! | `vectors.rs` | .npy files, codes, kept vectors, exact answers |
//! | `figures.rs` | what is timed |

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod figures;
mod vectors;

use nigh::internals::index;
use nigh_kernel as kernel;
use std::process::ExitCode;

use index::graph::GraphParameters;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "cargo bench --bench index -- BASE.npy QUERIES.npy [--k N] [--m N] [--ef-construction N] \
                     [--threads N] [--rounds N] [--no-graph]";

/// What to measure.
struct Plan {
    base: String,
    queries: String,
    k: usize,
    parameters: GraphParameters,
    threads: usize,
    rounds: usize,
    graph: bool,
}

impl Plan {
    fn parse(words: Vec<String>) -> Result<Self, Failure> {
        let (mut places, mut parameters) = (Vec::new(), GraphParameters::default());
        let (mut k, mut threads, mut rounds, mut graph) = (10, 2, 1, true);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                places.push(word);
                continue;
            }
            if word == "--no-graph" {
                graph = false;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} wants a value; {USAGE}"))?.parse()?;
            match word.as_str() {
                "--k" => k = value,
                "--m" => parameters.m = value,
                "--ef-construction" => parameters.ef_construction = value,
                "--threads" => threads = value,
                "--rounds" => rounds = value,
                _ => return Err(format!("there is no {word}; {USAGE}").into()),
            }
        }
        let [base, queries] = <[String; 2]>::try_from(places).map_err(|_| USAGE)?;
        Ok(Self { base, queries, k, parameters, threads, rounds, graph })
    }
}

fn main() -> ExitCode {
    // `cargo bench` and xtask give --bench; `cargo test --benches` does not, and wants nothing measured.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.is_empty() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match Plan::parse(words).and_then(|plan| figures::run(&plan)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("index: {failure}");
            ExitCode::FAILURE
        }
    }
}
