//! `cargo xtask bench encode`: measures nigh's encoder and its peers in turn, in one session. `index/` has `bench index`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | runs nigh's benchmark and the peers in turn |
//! | `index/` | `bench index`: exact and graph search |
//! | `options.rs` | the arguments |
//! | `peers.rs` | the peers' ONNX files, and a process for each measurement of one |
//! | `table.rs` | medians and ratios over the rounds, as a table and as JSON |
//! | `texts.rs` | the texts: passages of the RFC corpus, or a file given |

mod index;
mod options;
mod peers;
mod table;
mod texts;

pub(crate) use index::{IndexBenchOptions, index};
pub(crate) use options::EncodeBenchOptions;

use crate::run::{self, Result, TaskFailure, Workspace};
use peers::Peers;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use table::{EncodeComparison, EngineLine};

/// Runs all engines and prints the comparison; with `--json` only that goes to stdout.
pub(crate) fn encode(workspace: &Workspace, options: &EncodeBenchOptions) -> Result {
    let announce = |step: &str| if options.json { eprintln!("── {step}") } else { run::announce(step) };
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).map_err(TaskFailure::io("make", &folder))?;
    let texts = texts::prepare(workspace, &folder, options.texts.as_deref())?;
    announce("cargo bench --bench encode --no-run      (some minutes the first time)");
    let benchmark = build(workspace, "encode")?;

    let threads = options.threads.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let mut lines: Vec<EngineLine> = Vec::new();
    let mut peers = None;
    for round in 1..=options.rounds {
        announce(&format!("round {round} of {}: nigh", options.rounds));
        lines.extend(nigh(workspace, &benchmark, &texts, threads, round, options)?);
        let Some(python) = &options.python else { continue };
        let peers = match &peers {
            Some(peers) => peers,
            None => {
                // nigh prints the model's directory, also if a name was given.
                let Some(model) = lines[0].json["model"].as_str().map(PathBuf::from) else {
                    return Err(TaskFailure::new("nigh's benchmark does not print its model's directory"));
                };
                let prefix = peers::export(workspace, python, &model, &folder, &announce)?;
                peers.insert(Peers { workspace, python, model, prefix, texts: &texts, threads })
            }
        };
        for peer in &options.peers {
            announce(&format!("round {round} of {}: {peer}", options.rounds));
            lines.extend(EngineLine::parse_all(&peers.measure(peer, options)?, round)?);
        }
    }
    let first = &lines[0].json;
    let heading = format!(
        "{} on {}: {} texts, {} tokens, {}, {threads} threads, {} rounds",
        options.model,
        texts.display(),
        first["texts"],
        first["tokens"],
        first["simd"].as_str().unwrap_or_default(),
        options.rounds
    );
    let comparison = EncodeComparison::new(&lines);
    if options.json {
        let mut whole = comparison.json();
        whole["what"] = heading.into();
        whole["lines"] = lines.into_iter().map(|line| line.json).collect::<Value>();
        println!("{whole}");
    } else {
        println!("\n{heading}\n{}", comparison.text());
    }
    Ok(())
}

/// Runs one round of nigh.
fn nigh(
    workspace: &Workspace,
    benchmark: &Path,
    texts: &Path,
    threads: usize,
    round: usize,
    options: &EncodeBenchOptions,
) -> Result<Vec<EngineLine>> {
    let mut nigh = workspace.command(benchmark);
    nigh.arg("--bench").arg(&options.model).arg(texts);
    nigh.args(["--rounds", "1", "--threads", &threads.to_string()]).args(&options.nigh);
    if let Some(limit) = options.limit {
        nigh.args(["--limit", &limit.to_string()]);
    }
    // The vectors are the same in every round.
    if let Some(cosine) = options.cosine.filter(|_| round == 1) {
        nigh.args(["--cosine", &cosine.to_string()]);
    }
    EngineLine::parse_all(&run::output(&mut nigh)?, round)
}

/// Builds nigh's benchmark. The same executable then runs in every round, even if the sources change.
fn build(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--bench", name, "--no-run", "--message-format", "json-render-diagnostics"]);
    let messages = run::output(&mut cargo)?;
    executable(&messages, name).ok_or_else(|| TaskFailure::new(format!("cargo names no executable for benches/{name}")))
}

/// Finds the benchmark's executable in cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let bench = |message: &Value| message["target"]["kind"][0] == "bench" && message["target"]["name"] == name;
    messages.filter(bench).find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executable_is_found_in_messages() {
        let target = |kind: &str, place: &str| {
            format!("{{\"target\": {{\"kind\": [\"{kind}\"], \"name\": \"encode\"}}, \"executable\": {place}}}\n")
        };
        let messages = format!("no json\n{}{}", target("example", "\"/a\""), target("bench", "\"/b\""));
        assert_eq!(executable(&messages, "encode"), Some("/b".into()));
        assert_eq!(executable(&target("bench", "null"), "encode"), None);
        assert_eq!(executable(&messages, "index"), None);
    }
}
