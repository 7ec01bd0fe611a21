//! Files that not every machine has: real models, evaluation sets, archives of texts. Reports tests that lack them.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use nigh::{ModelInfo, ModelStore};

/// Returns the models of this machine: below `NIGH_DATA`, else in the user's data directory.
pub fn store() -> ModelStore {
    match std::env::var_os("NIGH_DATA") {
        Some(root) => ModelStore::at(root),
        None => ModelStore::user().unwrap(),
    }
}

/// Reports that a test, or a part of one, was skipped, and why: on stderr, and in the file that `NIGH_TEST_SKIPPED` names.
pub fn skipped(why: &str) {
    eprintln!("skipped: {why}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    if let Some(path) = std::env::var_os("NIGH_TEST_SKIPPED") {
        let mut file = File::options().append(true).create(true).open(path).unwrap();
        writeln!(file, "{test}: {why}").unwrap();
    }
}

/// Reports what is missing; fails if everything was downloaded for the tests.
pub fn skip(what: &str) {
    assert!(std::env::var_os("NIGH_TEST_REQUIRE_MODELS").is_none(), "{what} is missing");
    skipped(&format!("{what} is missing; `cargo xtask test` fetches it"));
}

/// Returns an installed model; `None` if it is missing.
pub fn model(name: &str) -> Option<ModelInfo> {
    match store().find(name) {
        Ok(path) => Some(ModelInfo::open(path).unwrap()),
        Err(_) => {
            skip(&format!("the model {name}"));
            None
        }
    }
}

/// Returns a file or folder below the folder in `NIGH_TEST_FILES`; `None` if it is missing.
pub fn files(path: &str) -> Option<PathBuf> {
    let found = std::env::var_os("NIGH_TEST_FILES").map(|folder| PathBuf::from(folder).join(path));
    let found = found.filter(|found| found.exists());
    if found.is_none() {
        skipped(&format!("NIGH_TEST_FILES names no folder with {path}"));
    }
    found
}
