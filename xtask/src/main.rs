//! The chores of this repository, run as `cargo xtask CHORE`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `bench/` | our encoder, our index and their peers, timed in turn |
//! | `check.rs` | the order of the rooms in `src/`, read from the source text |
//! | `demo.rs` | from a fresh clone to answered questions |
//! | `fault/` | what the program makes of system calls that fail |
//! | `pairs.rs` | pairs of letters of languages, for the guess of charsets |
//! | `pages.rs` | what the Markdown pages name exists; the README stays short |
//! | `powerloss/` | what the program makes of writes that did not reach the disk |
//! | `rig/` | what the rigs have in common: corpus, model, tracer, results |
//! | `semver.rs` | the public API against that of an earlier revision |
//! | `test.rs` | fetch what the tests need, then run them all |
//! | `reference.rs` | the converted e5 model that the importer is compared with |
//! | `run.rs` | other programs: running them, and their failures in words |

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

use run::{Failure, Result, Workspace};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo                           build nigh, fetch the default model, index examples/corpus and ask it questions
cargo xtask test [--offline] [-- ARGS]     fetch what the tests need and run them all; ARGS go to cargo test
cargo xtask check                          fail when a room of src/ names one that is not below it or a crate that is not its own,
                                           or when a page names a file or command that does not exist
cargo xtask bench encode [--python PY] [--peers LIST] [--model NAME|DIR] [--texts FILE] [--limit N] [--rounds 5] [--threads N]
                         [--precision f32|int8] [--simd LEVEL] [--peak GOPS] [--cosine N] [--stream] [--json]
                                           time the encoder, and with --python its peers in turn with it
cargo xtask bench index --base FILE.npy --queries FILE.npy [--python PY] [--rounds 1] [--all] [--json]
                                           time the scan and the graph, and with --python their peers in turn with them
cargo xtask fault [--nigh PATH] [--runs LIST] [--faults LIST] [--calls KINDS] [--every N] [--others 10] [--good 10] [--seed 1]
                  [--shard 3/8] [--out FILE] [--jobs 2] [--timeout 60] [--scratch FOLDER] [--keep] [--smoke]
                  [--case SPEC | --report FILE...]
                                           make system calls fail, one a case, and see what the program makes of it
cargo xtask powerloss [--nigh PATH] [--runs LIST] [--models LIST] [--recordings FOLDER] [--every N] [--seed 1] [--shard 3/8]
                      [--out FILE] [--jobs 2] [--timeout 60] [--scratch FOLDER] [--keep] [--case SPEC | --report FILE...]
                                           replay recorded writes up to each one, as a disk may have kept them
cargo xtask count-pairs FILE...            count which letter follows which in lists of words, one language a file; prints pairs.txt
cargo xtask fit-relevance [--model NAME|DIR] [--sizes 20,60,300] SET SET...
                                           fit the weights of relevance over sets in BEIR form, and print them with their loss
cargo xtask semver [REVISION]              compare the public API with a revision of git (the newest tag) with cargo-semver-checks
cargo xtask reference                      convert e5 with benches/peers/e5_q4_to_hf.py, for the tests to compare with";

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
        ["bench", "encode", rest @ ..] => bench::encode(&Workspace::locate()?, &bench::Options::parse(rest)?),
        ["bench", "index", rest @ ..] => bench::index(&Workspace::locate()?, &bench::IndexOptions::parse(rest)?),
        ["check"] => check::run(&Workspace::locate()?),
        ["count-pairs", files @ ..] => pairs::run(files),
        ["demo"] => demo::run(&Workspace::locate()?),
        ["fault", rest @ ..] => {
            let options = fault::Options::parse(rest)?;
            fault::run(&Workspace::locate()?, &options)
        }
        ["fit-relevance", rest @ ..] => {
            let bench = ["bench", "--package", "nigh", "--bench", "relevance", "--"];
            run::succeed(Workspace::locate()?.cargo().args(bench).args(rest))
        }
        ["powerloss", rest @ ..] => {
            let options = powerloss::Options::parse(rest)?;
            powerloss::run(&Workspace::locate()?, &options)
        }
        ["reference"] => reference::run(&Workspace::locate()?),
        ["semver"] => semver::run(&Workspace::locate()?, None),
        ["semver", revision] => semver::run(&Workspace::locate()?, Some(revision)),
        ["test", rest @ ..] => test::run(&Workspace::locate()?, &test::Options::parse(rest)?),
        _ => Err(Failure::usage(format!("no chore is called `{}`; there are:\n{USAGE}", words.join(" ")))),
    }
}
