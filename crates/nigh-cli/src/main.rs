//! The program `nigh`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | start: arguments, exit codes |
//! | `paths.rs` | paths relative to the current folder |
//! | `spelling.rs` | paths typed in another Unicode form than on the disk |
//! | `panics.rs` | silences panics of other crates |
//! | `advice.rs` | the commands and options that help with an error of the library |
//! | `args/` | the command line as typed |
//! | `plan.rs` | resolves the command line with the environment and the directories |
//! | `settings/` | settings from the command line, the collection's config.toml, the defaults |
//! | `config.rs`, `config.toml` | the collection's config.toml: reads and checks it, writes the template |
//! | `commands/` | one file for each command |
//! | `bench/` | measurements of `nigh bench`, and stored figures of known machines |
//! | `eval/` | measurements of `nigh eval`: reading sets, metrics, questions from the user's own documents |
//! | `output/` | standard output, a line or a JSON value at a time; colour; failures; numbers in words |
//! | `harmless.rs` | escapes text from files for a terminal |
//! | `lines/` | lines of an input, in bounded memory |
//! | `exact.rs` | JSON with exact values, escaped for a terminal |
//! | `in_order.rs` | JSON objects with varying members, in insertion order |
//! | `snippet.rs` | the part of a passage to show, and the words to mark in it |
//! | `progress.rs` | progress bars and notes on stderr |
//! | `interrupt.rs` | Ctrl-C |
//! | `compute.rs` | how an encoder computes, in words |
//! | `priority.rs` | the CPU priority of this process |
//! | `scratch.rs` | a temporary directory |
//! | `random.rs` | random numbers by seed |
//!
//! Uses only the library's public API.

mod advice;
mod args;
mod bench;
mod commands;
mod compute;
mod config;
mod eval;
mod exact;
mod harmless;
mod in_order;
mod interrupt;
mod lines;
mod output;
mod panics;
mod paths;
mod plan;
mod priority;
mod progress;
mod random;
mod scratch;
mod settings;
mod snippet;
mod spelling;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;
use crate::output::Failure;

/// The result of a command; it determines the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Something was found or done.
    Found,
    /// Nothing found.
    Nothing,
    /// Stopped by Ctrl-C; finished work is kept.
    Interrupted,
}

fn main() -> ExitCode {
    panics::quiet_foreign();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let printed = print_clap(&error).map_err(Failure::from);
            // Help and version are errors only if they cannot be written.
            return match printed {
                Err(failure @ Failure::Message { .. }) if !error.use_stderr() => fail(&failure),
                _ => ExitCode::from(if error.use_stderr() { 2 } else { 0 }),
            };
        }
    };
    let outcome = panics::catch_panics(|| commands::run(arguments)).unwrap_or_else(|panic| {
        Err(Failure::message(format!("internal error: {panic}; please report it, with the command")))
    });
    match outcome {
        Ok(Outcome::Found) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    let _ = writeln!(io::stderr(), "nigh: {failure}");
    ExitCode::from(if matches!(failure, Failure::Interrupted) { 130 } else { 2 })
}

/// Prints the text of clap: help, the version, or an error in the arguments.
fn print_clap(error: &clap::Error) -> io::Result<()> {
    // Arguments may be file names (the shell's `*`), and clap prints them: escape them first.
    let arguments = std::env::args_os().map(|argument| harmless::line(&argument.to_string_lossy()).into_owned());
    match Arguments::try_parse_from(arguments) {
        Err(harmless) => {
            // Clap chooses between stdout and stderr.
            harmless.print()?;
            io::stdout().flush()
        }
        Ok(_) => writeln!(io::stderr(), "nigh: {}", harmless::line(&error.render().to_string())),
    }
}
