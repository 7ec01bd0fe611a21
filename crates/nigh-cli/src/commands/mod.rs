//! One file for each command: it resolves what it needs through the plan, calls the library, and prints the result.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `index/` | `nigh index` |
//! | `watch/` | `nigh watch` |
//! | `folders.rs` | what index, watch and status --stale have in common: which folders, under which ids |
//! | `worker.rs` | `nigh extract-worker`, which nigh starts itself |
//! | `search/` | `nigh search`, `nigh similar`: hits for people and for programs |
//! | `status/` | `nigh status`, `nigh verify`, `nigh rebuild`, `nigh migrate` |
//! | `trust.rs` | `nigh trust` |
//! | `encode.rs` | `nigh encode` |
//! | `bench.rs` | `nigh bench`: runs the measurements and prints them |
//! | `eval.rs` | `nigh eval`: runs the measurements and prints them |
//! | `model.rs` | `nigh model …`, and fetching the model that a command needs |
//! | `transfer.rs` | `nigh export`, `nigh import` |

mod bench;
mod encode;
mod eval;
mod folders;
mod index;
pub mod model;
mod search;
mod status;
mod transfer;
mod trust;
mod watch;
mod worker;

use std::io::{BufWriter, Write};

use clap::CommandFactory;

use crate::Outcome;
use crate::args::{Arguments, Command};
use crate::output::{Failure, Output};
use crate::plan::Plan;

/// Runs a command line.
pub fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    if let Command::Completions { shell } = arguments.command {
        // Written to memory first: clap_complete panics if it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "nigh", &mut script);
        stdout.write_all(&script)?;
        return finish(stdout, Outcome::Found);
    }
    if let Command::ExtractWorker(worker) = &arguments.command {
        // It writes its answers to standard output.
        drop(stdout);
        return worker::run(worker);
    }
    let plan = Plan::new(arguments.global)?;
    let mut out = Output::new(&mut stdout, plan.color);
    let outcome = match arguments.command {
        Command::Index(index) => index::run(&plan, &index, &mut out),
        Command::Search(search) => search::search(&plan, &search, &mut out),
        Command::Similar(similar) => search::similar(&plan, &similar, &mut out),
        Command::Watch(watch) => watch::run(&plan, watch, &mut out),
        Command::Status(status) => status::status(&plan, &status, &mut out),
        Command::Verify => status::verify(&plan, &mut out),
        Command::Rebuild => status::rebuild(&plan, &mut out),
        Command::Migrate(arguments) => status::migrate(&plan, &arguments, &mut out),
        Command::Trust(trust) => trust::run(&plan, &trust, &mut out),
        Command::Encode(encode) => encode::run(&plan, &encode, &mut out),
        Command::Bench(bench) => bench::run(&plan, &bench, &mut out),
        Command::Eval(eval) => eval::run(&plan, &eval, &mut out),
        Command::Model(model) => model::run(&plan, model, &mut out),
        Command::Export(export) => transfer::export(&plan, &export, &mut out),
        Command::Import(import) => transfer::import(&plan, &import, &mut out),
        Command::ExtractWorker(_) | Command::Completions { .. } => Ok(Outcome::Found),
    }?;
    finish(stdout, outcome)
}

/// Flushes the buffer: a success is reported only after everything is written.
fn finish(mut out: impl Write, outcome: Outcome) -> Result<Outcome, Failure> {
    out.flush()?;
    Ok(outcome)
}
