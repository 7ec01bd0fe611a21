//! Runs `nigh` and reads its output.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::Place;

/// `nigh` in a directory, without this machine's settings.
pub fn nigh(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nigh"));
    // The same data directory for all folders of a test, so that each trusts what another one made.
    let place =
        directory.ancestors().find(|folder| folder.parent() == Some(&*std::env::temp_dir())).unwrap_or(directory);
    command.current_dir(directory).args(arguments).env_clear().env("NIGH_DATA", place.join("no-models"));
    command.stdin(Stdio::null());
    command
}

pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    nigh(directory, arguments).output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {}", err(output)))
}

pub fn value(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

/// Asserts that a command was refused: exit code 2, nothing on stdout, one line on stderr that contains these parts.
pub fn assert_refused(output: &Output, says: &[&str]) {
    let error = err(output);
    assert_eq!((code(output), out(output).as_str()), (2, ""), "{error}");
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    for part in says {
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    }
}

/// Returns a folder with three files, indexed with the tiny model.
pub fn indexed() -> Place {
    indexed_with(&[])
}

/// The same, indexed with further arguments.
pub fn indexed_with(arguments: &[&str]) -> Place {
    let place = Place::new();
    place.write("zh/pooling.md", "# 池化\n\n句向量用平均池化。\n\n## 比较\n\n也可以取首个状态。\n");
    place.write("en/attention.md", "# Attention\n\nScores are divided by the root of the head size.\n");
    place.write("code/main.rs", "fn main() {\n    run();\n}\n");
    let output = run(&place.docs(), &[&["index", "--model", "../model", "--json"], arguments].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert_eq!((&value(&output)["added"], &value(&output)["documents"]), (&3.into(), &3.into()));
    place
}
