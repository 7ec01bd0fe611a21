//! Benchmarks the encoder on a file of texts, like benches/peers/peer_encode.py for peers.
//!
//!     cargo bench --bench encode -- MODEL TEXTS [--precision f32|int8] [--threads N] [--simd LEVEL] [--rounds 5]
//!         [--limit 2000] [--stream] [--cosine N] [--peak GOPS]
//!
//! MODEL is the path of a model directory or a model's name, TEXTS a file with one text on each line. Every round prints
//! one JSON object:
//!
//! | field | meaning |
//! |---|---|
//! | `tokens_per_s`, `texts_per_s` | tokens with special ones, without padding; includes tokenising |
//! | `query_ms`, `query_text_ms` | median of 200 short queries, one at a time: from tokens, as for the peers, and from text |
//! | `load_ms`, `load_model_ms`, `load_tokenizer_ms` | median of 5 loads: total, and its parts, which overlap |
//! | `peak_rss_mb` | peak memory of the process, before the loads are repeated |
//! | `gops` | 2 · parameters of the matrix products · tokens/s, without the products of attention |
//! | `peak_share` | `gops` over threads · `--peak`, the Gop/s of one core that `cargo bench --bench kernels` prints |
//! | `cosine_to_f32` | for the vectors of the first N texts: mean, 1st percentile, worst |
//!
//! `--stream` holds only 4,096 texts at a time, drops their vectors, and has no limit: it measures the memory of a long run.
//! Results drift on a shared machine: compare with peers in turn, as `cargo xtask bench encode` does.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod figures;
mod plan;

use std::process::ExitCode;

use figures::{Loads, cosines, ops_per_token, pass, peak_rss_mb, queries};
use nigh::ModelStore;
use plan::{Plan, USAGE};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    // `cargo bench` and xtask pass --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.is_empty() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match Plan::parse(words).and_then(|plan| run(&plan)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("encode: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(plan: &Plan) -> Result<(), Failure> {
    let models = std::env::var_os("NIGH_DATA").map_or_else(ModelStore::user, |data| Ok(ModelStore::at(data)))?;
    let directory = models.find(&plan.model)?;
    let ops = ops_per_token(&directory);
    let mut loads = Loads::default();
    let encoder = loads.load(&directory, &plan.options)?;
    let mut rounds: Vec<Value> = Vec::new();
    for _ in 0..plan.rounds {
        let [query, query_text] = queries(&encoder)?;
        let pass = pass(plan, &encoder)?;
        let gops = ops.map(|ops| ops * pass.tokens as f64 / pass.seconds / 1e9);
        let share = |peak: f64| gops.map(|gops| rounded(gops / (peak * plan.threads() as f64), 1000.0));
        rounds.push(json!({
            "engine": format!("nigh {}", encoder.precision().name()),
            "tokens_per_s": (pass.tokens as f64 / pass.seconds).round(),
            "texts_per_s": rounded(pass.texts as f64 / pass.seconds, 10.0),
            "query_ms": rounded(query, 1000.0),
            "query_text_ms": rounded(query_text, 1000.0),
            "peak_rss_mb": peak_rss_mb(),
            "gops": gops.map(|gops| rounded(gops, 10.0)),
            "peak_share": plan.peak.and_then(share),
            "backend": encoder.backend().name(),
            "simd": encoder.simd().to_string(),
            "threads": plan.threads(),
            "tokens": pass.tokens,
            "texts": pass.texts,
            "model": directory,
        }));
    }
    let cosines = if plan.cosine > 0 { Some(cosines(plan, &directory, &encoder)?) } else { None };
    drop(encoder);
    loads.repeat(&directory, &plan.options)?;
    for mut round in rounds {
        round["load_ms"] = rounded(loads.whole(), 10.0).into();
        round["load_model_ms"] = rounded(loads.weights(), 10.0).into();
        round["load_tokenizer_ms"] = rounded(loads.tokenizer(), 10.0).into();
        if let Some(cosines) = &cosines {
            round["cosine_to_f32"] = cosines.clone();
        }
        println!("{round}");
    }
    Ok(())
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
