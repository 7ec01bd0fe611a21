//! Benchmarks the lexical index on text files with one passage on each line.
//!
//!     cargo bench --bench lexical -- TEXTS [--queries FILE] [--segments 8] [--rounds 3]
//!     cargo bench --bench lexical -- --beir DIRECTORY [--corpus DIRECTORY]
//!
//! The second form measures nDCG@10 on a BEIR directory (`beir.rs`); `--corpus` is another directory with the documents.
//!
//! The passages go in turn to `segments` byte strings, four passages for each document. Queries are the lines of FILE; without FILE,
//! eight words from the middle of every hundredth passage. Uses one thread. Prints one JSON object:
//!
//! | field | meaning |
//! |---|---|
//! | `dictionary_ms` | the first Chinese passage, for which jieba loads its dictionary |
//! | `build_mb_per_s` | text to byte strings, one segment after the other |
//! | `merge_mb_per_s` | merging the byte strings into one |
//! | `bytes_per_passage`, `share_of_text` | size of the merged byte string |
//! | `open_ms`, `first_ms` | opening `segments` byte strings in memory; the first search, with a cold [`Lexicon`] (median of rounds) |
//! | `p50_ms`, `p95_ms` | a search for the best 50 documents, warm; after merging: `merged_…` |
//! | `kinds` | size of each file of the merged segment, in bytes |

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod beir;

use nigh::internals::index::RowId;
use nigh::internals::lexical;
use nigh_kernel as kernel;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use kernel::SharedBytes;
use lexical::{Fields, LexicalPart, Lexicon, Passage, Source};
use serde_json::json;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.is_empty() {
        println!("usage: cargo bench --bench lexical -- TEXTS [--queries FILE] [--segments 8] [--rounds 3]");
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

fn option<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    words.iter().position(|word| word == name).and_then(|at| words.get(at + 1)).map(String::as_str)
}

fn words_of<'a>(passages: impl Iterator<Item = Passage<'a>>) -> Result<Vec<u8>, Failure> {
    let mut words = Vec::new();
    lexical::build(passages, true, &std::env::temp_dir(), &mut lexical::gather(&mut words))?;
    Ok(words)
}

fn measure(words: &[String]) -> Result<(), Failure> {
    if let Some(queries) = option(words, "--beir") {
        let corpus = option(words, "--corpus").unwrap_or(queries);
        println!("{}", beir::measure(Path::new(queries), Path::new(corpus))?);
        return Ok(());
    }
    let segments: usize = option(words, "--segments").map_or(Ok(8), str::parse)?;
    let rounds: usize = option(words, "--rounds").map_or(Ok(3), str::parse)?;
    let content = std::fs::read_to_string(&words[0])?;
    let texts: Vec<&str> = content.lines().collect();
    let megabytes = texts.iter().map(|text| text.len()).sum::<usize>() as f64 / 1e6;
    let queries = match option(words, "--queries") {
        Some(file) => std::fs::read_to_string(file)?.lines().map(str::to_owned).collect(),
        None => texts.iter().step_by(100).map(|text| middle(text)).collect::<Vec<_>>(),
    };
    let nothing = Fields::default();
    let started = Instant::now();
    words_of([Passage { text: "长江", id: "", title: "", names: &[], headings: &[], fields: &nothing }].into_iter())?;
    let dictionary_ms = started.elapsed().as_secs_f64() * 1e3;
    let started = Instant::now();
    let mut built: Vec<Arc<dyn Source>> = Vec::new();
    let share = texts.len().div_ceil(segments.max(1)).max(1);
    for part in texts.chunks(share) {
        let passages =
            part.iter().map(|text| Passage { text, id: "", title: "", names: &[], headings: &[], fields: &nothing });
        built.push(Arc::new(SharedBytes::from(words_of(passages)?)));
    }
    let build_s = started.elapsed().as_secs_f64();
    let (mut opens, mut firsts) = (Vec::new(), Vec::new());
    for round in 0..rounds.max(1) {
        let started = Instant::now();
        let lexicon = Lexicon::open(built.clone())?;
        opens.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        search(&lexicon, &queries[round % queries.len()])?;
        firsts.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let times_of_segments = times(&Lexicon::open(built.clone())?, &queries)?;
    let started = Instant::now();
    let mut first = 0;
    let parts = built.iter().zip(texts.chunks(share)).map(|(words, part)| {
        let rows = (first..first + part.len() as u32).map(Some).collect();
        first += part.len() as u32;
        LexicalPart { source: Arc::clone(words), rows }
    });
    let mut merged = Vec::new();
    lexical::merge(parts.collect(), &std::env::temp_dir(), &mut lexical::gather(&mut merged))?;
    let merge_s = started.elapsed().as_secs_f64();
    let bytes = merged.len();
    let kinds = lexical::file_sizes(&merged)?;
    let times_merged = times(&Lexicon::open(vec![Arc::new(SharedBytes::from(merged))])?, &queries)?;
    let result = json!({
        "passages": texts.len(), "text_mb": megabytes, "segments": built.len(), "queries": queries.len(),
        "dictionary_ms": dictionary_ms, "build_s": build_s, "build_mb_per_s": megabytes / build_s, "merge_mb_per_s": megabytes / merge_s,
        "bytes_per_passage": bytes as f64 / texts.len() as f64, "share_of_text": bytes as f64 / megabytes / 1e6,
        "open_ms": quantile_of(&mut opens, 0.5), "first_ms": quantile_of(&mut firsts, 0.5), "p50_ms": times_of_segments.0, "p95_ms": times_of_segments.1,
        "merged_p50_ms": times_merged.0, "merged_p95_ms": times_merged.1, "kinds": kinds,
    });
    println!("{result}");
    Ok(())
}

/// Returns eight words from the middle, or sixteen characters of a text without spaces.
fn middle(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() >= 16 {
        return words[words.len() / 2..].iter().take(8).copied().collect::<Vec<_>>().join(" ");
    }
    let half = text.chars().count() / 2;
    text.chars().skip(half).take(16).collect()
}

fn search(lexicon: &Lexicon, question: &str) -> Result<usize, Failure> {
    let query = lexicon.query(question)?;
    let accept = |row: RowId| Ok(Some((row.segment as u64) << 32 | u64::from(row.row / 4)));
    Ok(lexicon.search(&query, 50, &accept)?.len())
}

/// Returns the median and the 95th percentile, in milliseconds.
fn times(lexicon: &Lexicon, queries: &[String]) -> Result<(f64, f64), Failure> {
    for query in queries.iter().take(50) {
        search(lexicon, query)?;
    }
    let mut times = Vec::with_capacity(queries.len());
    for query in queries {
        let started = Instant::now();
        search(lexicon, query)?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok((quantile_of(&mut times, 0.5), quantile_of(&mut times, 0.95)))
}

fn quantile_of(times: &mut [f64], quantile: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * quantile) as usize]
}
