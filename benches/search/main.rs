//! Benchmarks queries on an open collection with a loaded model; encoding is included.
//!
//! `cargo bench --bench search -- COLLECTION QUESTIONS.txt`: one query on each line. Every query runs once in every mode.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Instant;

use nigh::{Collection, Mode};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [collection, questions] = &given[..] else {
        println!("cargo bench --bench search -- COLLECTION QUESTIONS.txt (skipped: no collection was given)");
        return Ok(());
    };
    let collection = Collection::open(collection)?;
    let questions = std::fs::read_to_string(questions)?;
    let questions: Vec<&str> = questions.lines().filter(|line| !line.trim().is_empty()).collect();
    let modes = [("hybrid", Mode::Hybrid, false), ("dense", Mode::Dense, false), ("lexical", Mode::Lexical, false)];
    let modes = modes.into_iter().chain([("hybrid, highlight", Mode::Hybrid, true)]);
    println!("{} questions, {} passages; milliseconds", questions.len(), collection.status()?.passages);
    for (name, mode, highlight) in modes {
        let ask = |question: &str| collection.search(question).mode(mode).highlight(highlight).run();
        for question in questions.iter().take(50) {
            ask(question)?;
        }
        let mut times = Vec::with_capacity(questions.len());
        for question in &questions {
            let started = Instant::now();
            ask(question)?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        println!("{name:18} median {:6.2}  95 % {:6.2}  99 % {:6.2}", at(0.5), at(0.95), at(0.99));
    }
    Ok(())
}
