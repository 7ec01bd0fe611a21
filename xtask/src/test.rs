//! `cargo xtask test`: downloads what the tests need, then runs them all.

use crate::run::{self, Result, TaskFailure, Workspace};
use crate::{check, reference};
use std::fs;

/// The models and the library that the tests need, as arguments of `nigh model pull`, which does nothing if it is installed.
const PULLS: [&str; 4] = ["all-MiniLM-L6-v2", "multilingual-e5-small-q4", "all-MiniLM-L6-v2-int8-onnx", "--runtime"];

/// The arguments after `cargo xtask test`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// Download nothing; tests skip what is missing.
    offline: bool,
    /// Arguments for cargo test.
    rest: Vec<String>,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        for (at, word) in words.iter().enumerate() {
            match *word {
                "--offline" => options.offline = true,
                "--" => {
                    options.rest = words[at + 1..].iter().map(|&word| word.to_owned()).collect();
                    break;
                }
                other => {
                    let advice = "write arguments for cargo test after `--`";
                    return Err(TaskFailure::usage(format!("cargo xtask test has no option `{other}`; {advice}")));
                }
            }
        }
        Ok(options)
    }
}

/// A failure has the exit code of cargo test.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result {
    run::announce("cargo xtask check");
    check::run(workspace)?;

    // The build of the tests also builds the program, with the same features: nothing is compiled twice.
    run::announce("cargo test --workspace --no-run");
    run::succeed(workspace.cargo().args(["test", "--workspace", "--no-run"]))?;

    if options.offline {
        run::announce("--offline: no downloads, tests skip what is missing");
    } else {
        fetch(workspace)?;
    }

    let mut command = workspace.cargo();
    command.args(["test", "--workspace"]).args(&options.rest);
    if !options.offline {
        command.env("NIGH_TEST_REQUIRE_MODELS", "1");
    }
    // Tests that cannot run here write their names and reasons to this file.
    let skipped = workspace.target.join("skipped-tests");
    let _ = fs::remove_file(&skipped);
    command.env("NIGH_TEST_SKIPPED", &skipped);
    if let Some(directory) = reference::find_finished(workspace) {
        command.env("NIGH_E5_REFERENCE", directory);
    }
    run::announce("cargo test --workspace");
    let status = run::status(&mut command)?;
    if let Ok(lines) = fs::read_to_string(&skipped) {
        run::announce(&format!("skipped, {} tests or parts of tests:", lines.lines().count()));
        lines.lines().for_each(|line| println!("   {line}"));
    }
    if status.success() { Ok(()) } else { Err(TaskFailure::from_status(status)) }
}

fn fetch(workspace: &Workspace) -> Result {
    for what in PULLS {
        run::announce(&format!("nigh model pull {what}"));
        run::succeed(workspace.command(workspace.nigh("debug")).args(["model", "pull", what]))?;
    }
    run::announce("the reference e5");
    if let Err(failure) = reference::run(workspace) {
        println!("reference: not made, tests that compare with it are skipped: {}", failure.message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_after_the_dashes_are_for_cargo_test() {
        let options = Options::parse(&["--offline", "--", "--test", "it", "--", "--offline"]).unwrap();
        assert!(options.offline);
        assert_eq!(options.rest, ["--test", "it", "--", "--offline"]);
        assert_eq!(Options::parse(&[]).unwrap(), Options::default());
        assert!(
            Options::parse(&["it"]).is_err_and(|failure| failure.message.contains("after `--`") && failure.code == 2)
        );
    }
}
