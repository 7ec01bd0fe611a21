//! Times the encoder on a file of texts, as ../shared/bench/peer_encode.py times others.
//!
//!     cargo bench --bench encode -- MODEL TEXTS [--rounds 5] [--threads N] [--simd LEVEL] [--limit 2000]
//!
//! MODEL is the path of a model directory or a model's name, TEXTS a file with one text a line. Every round prints one
//! JSON object: real tokens a second with special tokens counted and tokenising included, the median milliseconds of 40
//! short queries, the milliseconds that loading took, the most memory the process has had. Figures drift on a shared
//! machine: compare with a peer in one sitting, as `cargo xtask bench encode` does.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use nigh::{Encoder, EncoderOptions, ModelInfo, ModelStore, SimdLevel, TextKind};
use serde_json::json;

const USAGE: &str = "cargo bench --bench encode -- MODEL TEXTS [--rounds N] [--threads N] [--simd LEVEL] [--limit N]";
/// The peers' query, so that the figures can be compared.
const QUERY: &str = "how does mean pooling turn tokens into a sentence vector";
const QUERIES: usize = 40;

type Failure = Box<dyn std::error::Error>;

struct Plan {
    model: String,
    texts: String,
    rounds: usize,
    limit: usize,
    options: EncoderOptions,
}

fn main() -> ExitCode {
    // cargo bench adds --bench.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.is_empty() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match plan(words).and_then(|plan| run(&plan)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("encode: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn plan(words: Vec<String>) -> Result<Plan, Failure> {
    let (mut rounds, mut limit, mut options) = (5, 2000, EncoderOptions::default());
    let mut places = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            places.push(word);
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} wants a value; {USAGE}"))?;
        match word.as_str() {
            "--rounds" => rounds = value.parse()?,
            "--limit" => limit = value.parse()?,
            "--threads" => options = options.threads(value.parse()?),
            "--simd" => {
                let level = SimdLevel::ALL.into_iter().find(|level| level.to_string() == value);
                options = options.simd(level.ok_or_else(|| format!("--simd is one of {:?}", SimdLevel::ALL))?);
            }
            _ => return Err(format!("there is no {word}; {USAGE}").into()),
        }
    }
    let [model, texts] = <[String; 2]>::try_from(places).map_err(|_| USAGE)?;
    Ok(Plan { model, texts, rounds, limit, options })
}

fn run(plan: &Plan) -> Result<(), Failure> {
    let models = std::env::var_os("NIGH_DATA").map_or_else(ModelStore::user, |data| Ok(ModelStore::at(data)))?;
    let directory = models.find(&plan.model)?;
    let text = fs::read_to_string(&plan.texts).map_err(|error| format!("{}: {error}", plan.texts))?;
    let texts: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(plan.limit).collect();

    let started = Instant::now();
    let encoder = Encoder::with_options(ModelInfo::open(&directory)?, plan.options.clone())?;
    let load_ms = milliseconds(started);
    let count = |text: &&str| encoder.tokenise(TextKind::Plain, text).map(|input| input.ids.len());
    let tokens = texts.iter().map(count).sum::<nigh::Result<usize>>()?;

    for _ in 0..plan.rounds {
        encoder.encode_query(QUERY)?;
        let mut queries = Vec::with_capacity(QUERIES);
        for _ in 0..QUERIES {
            let started = Instant::now();
            encoder.encode_query(QUERY)?;
            queries.push(milliseconds(started));
        }
        queries.sort_by(f64::total_cmp);
        let started = Instant::now();
        encoder.encode(&texts)?;
        let seconds = started.elapsed().as_secs_f64();
        let round = json!({
            "engine": format!("nigh {} f32", encoder.backend().name()),
            "tokens_per_s": (tokens as f64 / seconds).round(),
            "texts_per_s": rounded(texts.len() as f64 / seconds, 10.0),
            "query_ms": rounded(queries[QUERIES / 2], 100.0),
            "load_ms": load_ms.round(),
            "peak_rss_mb": peak_rss_mb(),
            "simd": encoder.simd().to_string(),
            "tokens": tokens,
            "texts": texts.len(),
            "model": directory,
        });
        println!("{round}");
    }
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// The most memory this process has had at a time, in MB; none where the system does not say as Linux does.
fn peak_rss_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kb| kb / 1000)
}
