//! The program `nigh`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | start: arguments, exit codes |
//! | `paths.rs` | paths as they open from where the user stands |
//! | `spelling.rs` | paths that are typed in another spelling than the disk has |
//! | `panics.rs` | panics of other crates, which print nothing |
//! | `args/` | the command line as typed |
//! | `plan.rs` | the command line resolved: the only step that looks at the world (environment, directories) |
//! | `settings.rs` | settings from the command line, the collection's config.toml, the defaults |
//! | `config.rs`, `config.toml` | the collection's config.toml: read, checked, written at first |
//! | `commands/` | one file a command; each returns what it has to say |
//! | `eval/` | what `nigh eval` measures: reading sets, metrics, questions from one's own documents |
//! | `output/` | standard output, a line or a JSON value at a time; colour; failures; numbers in words |
//! | `harmless.rs` | text from files made harmless for a terminal |
//! | `lines.rs` | lines of an input, in bounded memory |
//! | `exact.rs` | JSON with exact values and harmless bytes |
//! | `in_order.rs` | JSON objects of changing members, in the order in which they are put in |
//! | `snippet.rs` | the part of a passage to show, and the words to mark in it |
//! | `progress.rs` | progress bars and notes on stderr |
//! | `interrupt.rs` | Ctrl-C |
//!
//! Uses only the library's public API.

mod args;
mod commands;
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
mod progress;
mod settings;
mod snippet;
mod spelling;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;
use crate::output::Failure;

/// How a command ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Found, or done.
    Found,
    /// Nothing found.
    Nothing,
    /// Stopped by Ctrl-C; what was finished is kept.
    Interrupted,
}

fn main() -> ExitCode {
    panics::quiet_foreign();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let said = say(&error).map_err(Failure::from);
            // Help and version are no errors, unless they cannot be written.
            return match said {
                Err(failure @ Failure::Said { .. }) if !error.use_stderr() => fail(&failure),
                _ => ExitCode::from(if error.use_stderr() { 2 } else { 0 }),
            };
        }
    };
    let outcome = panics::told(|| commands::run(arguments)).unwrap_or_else(|panic| {
        Err(Failure::said(format!("internal error: {panic}; please report it, with the command")))
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

/// Prints what clap says: help, the version, or what is wrong with the arguments.
fn say(error: &clap::Error) -> io::Result<()> {
    // A shell's `*` makes arguments of file names, and clap repeats them.
    let arguments = std::env::args_os().map(|argument| harmless::line(&argument.to_string_lossy()).into_owned());
    match Arguments::try_parse_from(arguments) {
        Err(harmless) => {
            // Clap says where each goes.
            harmless.print()?;
            io::stdout().flush()
        }
        Ok(_) => writeln!(io::stderr(), "nigh: {}", harmless::line(&error.render().to_string())),
    }
}
