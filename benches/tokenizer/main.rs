//! Benchmarks the encoder's tokenizer and the crate `tokenizers`, on one thread.
//!
//!     cargo bench --bench tokenizer -- MODEL TEXTS [ROUNDS]
//!
//! MODEL is the path of a model directory, TEXTS a file with one text on each line. Rounds (default 5) alternate between
//! the two. Prints medians as one JSON object:
//!
//! | field | meaning |
//! |---|---|
//! | `load_ms`, `crate_load_ms` | loading from the packed file, which the first load writes, and from tokenizer.json |
//! | `tokens_per_s`, `crate_tokens_per_s` | ids with special tokens, without a prefix |
//! | `offsets_per_s`, `crate_offsets_per_s` | byte ranges, as used to split passages |
//! | `same` | true if all ids and byte ranges are equal |

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

use std::process::ExitCode;
use std::time::Instant;

use nigh::{Encoder, EncoderOptions, ModelInfo, TextKind};
use serde_json::json;
use tokenizers::Tokenizer;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.len() < 2 {
        println!("usage: cargo bench --bench tokenizer -- MODEL TEXTS [ROUNDS]");
        return ExitCode::SUCCESS;
    }
    match measure(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(words: &[String]) -> Result<(), Failure> {
    let model = std::path::Path::new(&words[0]);
    let rounds = words.get(2).map_or(Ok(5), |rounds| rounds.parse())?;
    let content = std::fs::read_to_string(&words[1])?;
    let texts: Vec<&str> = content.lines().collect();
    let mut encoder = Encoder::load(model)?;
    let mut theirs = load(model)?;
    let mut times: [Vec<f64>; 6] = Default::default();
    let (mut tokens, mut same) = (0, true);
    for _ in 0..rounds {
        let started = Instant::now();
        theirs = load(model)?;
        times[1].push(started.elapsed().as_secs_f64());
        encoder = Encoder::with_options(ModelInfo::open(model)?, EncoderOptions::default().threads(1))?;
        times[0].push(encoder.load_times().tokenizer.as_secs_f64());
        let ours = timed(&texts, &mut times[2], |text| Ok(encoder.tokenise(TextKind::Plain, text)?.ids))?;
        let others = timed(&texts, &mut times[3], |text| Ok(theirs.encode_fast(text, true)?.get_ids().to_vec()))?;
        same &= ours == others;
        tokens = ours.iter().map(Vec::len).sum();
        let ours = timed(&texts, &mut times[4], |text| Ok(encoder.token_offsets(text)?))?;
        let others = timed(&texts, &mut times[5], |text| Ok(theirs.encode(text, false)?.get_offsets().to_vec()))?;
        same &= ours == others;
    }
    drop((encoder, theirs));
    let [load, crate_load, ids, crate_ids, offsets, crate_offsets] = times.map(median);
    let rate = |seconds: f64| (tokens as f64 / seconds).round();
    println!(
        "{}",
        json!({
            "load_ms": load * 1e3, "crate_load_ms": crate_load * 1e3,
            "tokens_per_s": rate(ids), "crate_tokens_per_s": rate(crate_ids),
            "offsets_per_s": rate(offsets), "crate_offsets_per_s": rate(crate_offsets),
            "tokens": tokens, "same": same,
        })
    );
    Ok(())
}

/// Loads the crate's tokenizer, with the encoder's settings.
fn load(model: &std::path::Path) -> Result<Tokenizer, Failure> {
    let mut tokenizer = Tokenizer::from_bytes(std::fs::read(model.join("tokenizer.json"))?)?;
    tokenizer.with_padding(None).with_truncation(None)?;
    Ok(tokenizer)
}

fn timed<T>(texts: &[&str], times: &mut Vec<f64>, act: impl Fn(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    let started = Instant::now();
    let results = texts.iter().map(|text| act(text)).collect();
    times.push(started.elapsed().as_secs_f64());
    results
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
