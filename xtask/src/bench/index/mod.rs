//! `cargo xtask bench index`: compares nigh's exact and graph search with other engines, in turn.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the arguments; runs nigh's benchmark and the peers in turn |
//! | `table.rs` | queries per second at a recall, ratios, medians over the rounds |

mod table;

use super::build;
use crate::run::{self, Result, TaskFailure, Workspace};
use serde_json::{Value, json};
use std::path::PathBuf;
use table::Round;

/// The measurements to make, and the peers to compare with.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct IndexBenchOptions {
    /// A Python with benches/peers/requirements.txt; `None`: nigh runs alone.
    python: Option<PathBuf>,
    base: PathBuf,
    queries: PathBuf,
    rounds: usize,
    /// True if benches/peers/peer_ann.py runs too, with faiss's graph and usearch.
    all: bool,
    json: bool,
}

impl IndexBenchOptions {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { rounds: 1, ..Self::default() };
        let (mut base, mut queries) = (None, None);
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            if word == "--json" || word == "--all" {
                options.json |= word == "--json";
                options.all |= word == "--all";
                continue;
            }
            let value = words.next().ok_or_else(|| TaskFailure::usage(format!("`{word}` needs a value")));
            match word {
                "--python" => options.python = Some(value?.into()),
                "--base" => base = Some(value?.into()),
                "--queries" => queries = Some(value?.into()),
                "--rounds" => options.rounds = super::options::count(word, value?)?,
                _ => return Err(TaskFailure::usage(format!("cargo xtask bench index has no option `{word}`"))),
            }
        }
        let wanted = || TaskFailure::usage("cargo xtask bench index needs --base FILE.npy and --queries FILE.npy");
        (options.base, options.queries) = (base.ok_or_else(wanted)?, queries.ok_or_else(wanted)?);
        Ok(options)
    }
}

/// Runs all engines and prints the comparison; with `--json` only that goes to stdout.
pub(crate) fn index(workspace: &Workspace, options: &IndexBenchOptions) -> Result {
    let announce = |step: &str| if options.json { eprintln!("── {step}") } else { run::announce(step) };
    announce("cargo bench --bench index --no-run      (some minutes the first time)");
    let benchmark = build(workspace, "index")?;
    let mut lines: Vec<Value> = Vec::new();
    let mut rounds = Vec::new();
    for round in 1..=options.rounds {
        let mut round_lines = Vec::new();
        announce(&format!("round {round} of {}: nigh", options.rounds));
        let mut nigh = workspace.command(&benchmark);
        round_lines.extend(objects(&run::output(nigh.arg("--bench").args([&options.base, &options.queries]))?));
        if let Some(python) = &options.python {
            let mut peers = vec![workspace.root.join("benches/peers/peer_hnswlib.py")];
            if options.all {
                peers.push(workspace.root.join("benches/peers/peer_ann.py"));
            }
            for script in peers {
                announce(&format!("round {round} of {}: {}", options.rounds, script.display()));
                let mut peer = workspace.command(python);
                round_lines.extend(objects(&run::output(peer.arg(script).args([&options.base, &options.queries]))?));
            }
        }
        rounds.push(Round::new(&round_lines));
        lines.extend(round_lines.into_iter().map(|mut line| {
            line["round"] = round.into();
            line
        }));
    }
    if options.json {
        println!("{}", json!({ "figures": table::json(&rounds), "lines": lines }));
    } else {
        println!("\n{} over {}, {} rounds", options.queries.display(), options.base.display(), options.rounds);
        println!("{}", table::text(&rounds));
    }
    Ok(())
}

/// Returns the JSON objects that a benchmark printed.
fn objects(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_parsed_and_bad_ones_refused() {
        let words = ["--base", "b.npy", "--queries", "q.npy", "--rounds", "3", "--json"];
        let options = IndexBenchOptions::parse(&words).unwrap();
        assert_eq!((options.rounds, options.json, options.all), (3, true, false));
        assert_eq!((options.base, options.queries), ("b.npy".into(), "q.npy".into()));
        for bad in
            [&["--base", "b"][..], &["--bse", "b"], &["--base"], &["--base", "b", "--queries", "q", "--rounds", "0"]]
        {
            assert_eq!(IndexBenchOptions::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }
}
