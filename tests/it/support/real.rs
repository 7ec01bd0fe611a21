//! The real models of this machine, and files that lie beside the repository.

use std::path::{Path, PathBuf};

use nigh::{ModelInfo, ModelStore};

/// The models of this machine: below `NIGH_DATA`, else in the user's data directory.
pub fn store() -> ModelStore {
    match std::env::var_os("NIGH_DATA") {
        Some(root) => ModelStore::at(root),
        None => ModelStore::user().unwrap(),
    }
}

/// Says what is missing; fails where everything was fetched for the tests.
pub fn skip(what: &str) {
    assert!(std::env::var_os("NIGH_TEST_REQUIRE_MODELS").is_none(), "{what} is missing");
    eprintln!("skipped: {what} is missing; `cargo xtask test` fetches it");
}

/// An installed model, or none.
pub fn model(name: &str) -> Option<ModelInfo> {
    match store().find(name) {
        Ok(path) => Some(ModelInfo::open(path).unwrap()),
        Err(_) => {
            skip(&format!("the model {name}"));
            None
        }
    }
}

/// A file that lies beside the repository, or none.
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
    }
    path.exists().then_some(path)
}
