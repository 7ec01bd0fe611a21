//! `cargo bench --bench published -- BASE.npy QUERIES.npy`: makes a collection of the vectors in BASE.npy, one document for each,
//! and measures searches by graph, exact and with filters, commits, and bytes on disk. Prints one JSON object on each line.
//!
//! `searches` calls the index module directly (`nigh::internals::index`); `commits` calls the public API and also measures sizes.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "its result is what it prints"
)]

#[path = "../index/vectors.rs"]
#[allow(dead_code, reason = "the other bench uses all of it")]
mod vectors;

mod commits;
mod searches;

// For the modules, which use them as `crate::…`, as the library does.
use nigh::internals::{document, error, index};
use nigh_kernel as kernel;
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "cargo bench --bench published -- BASE.npy QUERIES.npy [searches | commits]";

fn main() -> ExitCode {
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    let [base, queries, what @ ..] = &words[..] else {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    };
    if flags.is_empty() {
        return ExitCode::SUCCESS;
    }
    let wanted = |part: &str| what.is_empty() || what.iter().any(|word| word == part);
    match run(base, queries, &wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("published: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(base: &str, queries: &str, wanted: &dyn Fn(&str) -> bool) -> Result<(), Failure> {
    let (base, queries) = (vectors::Vectors::read(base)?, vectors::Vectors::read(queries)?);
    if wanted("searches") {
        searches::run(&base, &queries)?;
    }
    if wanted("commits") {
        commits::run(&base)?;
    }
    Ok(())
}

/// Returns the median.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

/// A temporary directory, removed when dropped.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("nigh-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
