//! The program `nigh`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | start: arguments, the panic hook, exit codes |
//! | `args.rs` | the command line as typed |
//! | `plan.rs` | the command line resolved: the only step that looks at the world (environment, directories) |
//! | `settings.rs`, `config.toml` | settings from the command line, the collection's config.toml, the defaults |
//! | `commands/` | one file a command; each returns what it has to say |
//! | `eval/` | what `nigh eval` measures: reading sets, metrics, questions from one's own documents |
//! | `output.rs` | standard output, a line or a JSON value at a time; colour; failures, broken pipes |
//! | `harmless.rs` | text from files made harmless for a terminal |
//! | `exact.rs` | JSON with exact values and harmless bytes |
//! | `snippet.rs` | the part of a passage to show, and the words to mark in it |
//! | `progress.rs` | progress bars and notes on stderr |
//! | `interrupt.rs` | Ctrl-C |
//!
//! Uses only the library's public API.

mod args;
mod commands;
mod eval;
mod exact;
mod harmless;
mod interrupt;
mod output;
mod plan;
mod progress;
mod settings;
mod snippet;

use std::io::Write;
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
    quiet_guarded_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap says where each goes.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match commands::run(arguments) {
        Ok(Outcome::Found) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "nigh: {failure}");
            ExitCode::from(if matches!(failure, Failure::Interrupted) { 130 } else { 2 })
        }
    }
}

/// sled and ort panic where others return errors; the library catches that and reports it. The default hook would print
/// a backtrace all the same, so for those two crates it stays silent.
fn quiet_guarded_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let guarded = |file: &str| file.contains("sled-0.") || file.contains("ort-2.") || file.contains("pagecache");
        if !info.location().is_some_and(|location| guarded(location.file())) {
            default(info);
        }
    }));
}
