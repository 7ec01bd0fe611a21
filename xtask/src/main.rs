//! The tasks of this repository, run as `cargo xtask TASK`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `bench/` | compares nigh's encoder and index with their peers, in turn |
//! | `check.rs` | checks in the source text which module of `src/` imports which |
//! | `demo.rs` | builds nigh, indexes the example documents and searches them |
//! | `fault/` | how the program handles system calls that fail |
//! | `pairs.rs` | counts pairs of letters in word lists, for the detection of charsets |
//! | `pages.rs` | checks that paths and commands in the Markdown pages exist, and that the README is short |
//! | `powerloss/` | how the program handles writes that did not reach the disk |
//! | `rig/` | what `fault` and `powerloss` share: corpus, model, tracer, results |
//! | `semver.rs` | compares the public API with that of an earlier revision |
//! | `test.rs` | downloads what the tests need, then runs them all |
//! | `reference.rs` | makes the e5 model of the reference converter, which tests compare with |
//! | `run.rs` | runs other programs, describes errors |

mod bench;
mod check;
mod demo;
mod fault;
mod pages;
mod pairs;
mod powerloss;
mod reference;
mod rig;
mod run;
mod semver;
mod test;

use run::{Result, TaskFailure, Workspace};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo                           build nigh, download the default model, index and search examples/corpus
cargo xtask test [--offline] [-- ARGS]     download what the tests need and run them all; ARGS go to cargo test
cargo xtask check                          check that modules of src/ import only modules below them and their own crates,
                                           and that each file and command that a Markdown page names exists
cargo xtask bench encode [--python PY] [--peers LIST] [--model NAME|DIR] [--texts FILE] [--limit N] [--rounds 5] [--threads N]
                         [--precision f32|int8] [--simd LEVEL] [--peak GOPS] [--cosine N] [--stream] [--json]
                                           benchmark the encoder; with --python its peers too, in turn
cargo xtask bench index --base FILE.npy --queries FILE.npy [--python PY] [--rounds 1] [--all] [--json]
                                           benchmark exact and graph search; with --python their peers too, in turn
cargo xtask fault [--nigh PATH] [--runs LIST] [--faults LIST] [--calls KINDS] [--every N] [--others 10] [--good 10] [--seed 1]
                  [--shard 3/8] [--out FILE] [--jobs 2] [--timeout 60] [--scratch FOLDER] [--keep] [--smoke]
                  [--case SPEC | --report FILE...]
                                           make one system call fail in each case, and check how nigh recovers
cargo xtask powerloss [--nigh PATH] [--runs LIST] [--models LIST] [--recordings FOLDER] [--every N] [--seed 1] [--shard 3/8]
                      [--out FILE] [--jobs 2] [--timeout 60] [--scratch FOLDER] [--keep] [--case SPEC | --report FILE...]
                                           replay recorded writes up to each one, as a disk could have kept them, and check how nigh recovers
cargo xtask count-pairs FILE...            count which letter follows which in word lists, one language in each file; prints pairs.txt
cargo xtask fit-relevance [--model NAME|DIR] [--sizes 20,60,300] SET SET...
                                           fit the weights of relevance over sets in BEIR form, and print them with their loss
cargo xtask semver [REVISION]              compare the public API with a git revision (the newest tag) by cargo-semver-checks
cargo xtask reference                      convert e5 with benches/peers/e5_q4_to_hf.py, the reference for tests";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Err(failure) = dispatch(&args) else { return ExitCode::SUCCESS };
    if !failure.message.is_empty() {
        eprintln!("xtask: {}", failure.message);
    }
    ExitCode::from(failure.code)
}

fn dispatch(args: &[String]) -> Result {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["bench", "encode", rest @ ..] => {
            bench::encode(&Workspace::locate()?, &bench::EncodeBenchOptions::parse(rest)?)
        }
        ["bench", "index", rest @ ..] => bench::index(&Workspace::locate()?, &bench::IndexBenchOptions::parse(rest)?),
        ["check"] => check::run(&Workspace::locate()?),
        ["count-pairs", files @ ..] => pairs::run(files),
        ["demo"] => demo::run(&Workspace::locate()?),
        ["fault", rest @ ..] => {
            let options = fault::FaultOptions::parse(rest)?;
            fault::run(&Workspace::locate()?, &options)
        }
        ["fit-relevance", rest @ ..] => {
            let bench = ["bench", "--package", "nigh", "--bench", "relevance", "--"];
            run::succeed(Workspace::locate()?.cargo().args(bench).args(rest))
        }
        ["powerloss", rest @ ..] => {
            let options = powerloss::PowerlossOptions::parse(rest)?;
            powerloss::run(&Workspace::locate()?, &options)
        }
        ["reference"] => reference::run(&Workspace::locate()?),
        ["semver"] => semver::run(&Workspace::locate()?, None),
        ["semver", revision] => semver::run(&Workspace::locate()?, Some(revision)),
        ["test", rest @ ..] => test::run(&Workspace::locate()?, &test::Options::parse(rest)?),
        _ => Err(TaskFailure::usage(format!("unknown task `{}`; the tasks are:\n{USAGE}", words.join(" ")))),
    }
}
