//! `cargo xtask test`: fetch what the tests need, then run them all.

use crate::run::{self, Failure, Result, Workspace};
use crate::{check, reference};
use std::fs;

/// What the tests load, each as the words after `nigh model pull`. What is installed already returns at once.
const PULLS: [&str; 4] = ["all-MiniLM-L6-v2", "multilingual-e5-small-q4", "all-MiniLM-L6-v2-int8-onnx", "--runtime"];

/// The arguments after `cargo xtask test`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// Fetch nothing; tests that need what is missing skip.
    offline: bool,
    /// For cargo test.
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
                    let advice = "write what is meant for cargo test after `--`";
                    return Err(Failure::usage(format!("cargo xtask test knows no `{other}`; {advice}")));
                }
            }
        }
        Ok(options)
    }
}

/// The exit code of a failure is cargo test's own.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result {
    run::announce("import rules");
    check::run(workspace)?;

    // The tests' own build makes the program too, with the same features: nothing is compiled twice.
    run::announce("cargo test --workspace --no-run");
    run::succeed(workspace.cargo().args(["test", "--workspace", "--no-run"]))?;

    if options.offline {
        run::announce("--offline: nothing is fetched, tests that need what is missing skip");
    } else {
        fetch(workspace)?;
    }

    let mut command = workspace.cargo();
    command.args(["test", "--workspace"]).args(&options.rest);
    if !options.offline {
        command.env("NIGH_TEST_REQUIRE_MODELS", "1");
    }
    // Tests that cannot run here write their names and reasons into it.
    let skipped = workspace.target.join("skipped-tests");
    let _ = fs::remove_file(&skipped);
    command.env("NIGH_TEST_SKIPPED", &skipped);
    if let Some(directory) = reference::made(workspace) {
        command.env("NIGH_E5_REFERENCE", directory);
    }
    run::announce("cargo test --workspace");
    let status = run::status(&mut command)?;
    if let Ok(lines) = fs::read_to_string(&skipped) {
        run::announce(&format!("skipped here, {} tests or parts of one:", lines.lines().count()));
        lines.lines().for_each(|line| println!("   {line}"));
    }
    if status.success() { Ok(()) } else { Err(Failure::of(status)) }
}

fn fetch(workspace: &Workspace) -> Result {
    for what in PULLS {
        run::announce(&format!("nigh model pull {what}"));
        run::succeed(workspace.command(workspace.nigh("debug")).args(["model", "pull", what]))?;
    }
    run::announce("the reference e5");
    if let Err(failure) = reference::run(workspace) {
        println!("reference: left out, the tests that compare with it skip: {}", failure.message);
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
