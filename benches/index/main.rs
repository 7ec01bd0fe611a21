//! Benchmarks exact and graph search on vectors, like benches/peers/peer_ann.py for peers.
//!
//!     cargo bench --bench index -- BASE.npy QUERIES.npy [--k 10] [--m 16] [--ef-construction 200] [--threads 2]
//!         [--rounds 1] [--no-graph]
//!
//! BASE and QUERIES are f32 `[n, dimension]`, of length 1. Building uses the threads; searching uses one thread, one query at a
//! time. Prints one JSON object on each line, with the field names of the peers:
//!
//! | field | meaning |
//! | `recall` | recall@k compared with exact search in f32 |
//! | `recall` | recall@k against exact search in f32 |
//! | `qps` | queries per second, with scores from the f16 vectors |
//! | `build_s` | from codes to the graph's bytes, with repair and measuring |
//! | `stated` | the requested recall, for which the graph chose `ef` |
//! | `scan_ms`, `gb_per_s` | time to score all codes and keep those above a threshold; bytes read per second |
//! | `resident_mb` | codes, scales and graph; vectors are read only to score candidates exactly |
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | the arguments, and the order of the measurements |
//! | `vectors.rs` | .npy files, codes, vectors, exact hits |
//! | `figures.rs` | the measurements |

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

/// The measurements to run.
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
            let value = words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"))?.parse()?;
            match word.as_str() {
                "--k" => k = value,
                "--m" => parameters.m = value,
                "--ef-construction" => parameters.ef_construction = value,
                "--threads" => threads = value,
                "--rounds" => rounds = value,
                _ => return Err(format!("unknown option {word}; {USAGE}").into()),
            }
        }
        let [base, queries] = <[String; 2]>::try_from(places).map_err(|_| USAGE)?;
        Ok(Self { base, queries, k, parameters, threads, rounds, graph })
    }
}

fn main() -> ExitCode {
    // `cargo bench` and xtask pass --bench; `cargo test --benches` does not, and must measure nothing.
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
