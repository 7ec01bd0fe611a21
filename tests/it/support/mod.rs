//! Helpers that the tests share.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `tiny_model.rs` | a small BERT with random weights, written as a Hugging Face directory |
//! | `reference.rs` | a naive BERT in f64 over the same files |
//! | `weights.rs` | edits a model's tensors |
//! | `random.rs` | pseudo-random numbers by seed |
//! | `text.rs` | sentences and documents in Chinese and English |
//! | `real.rs` | the real models that are installed on this machine |
//! | `mod.rs` | [`Place`]: a model, a folder and a collection in a temporary directory |

mod random;
pub mod real;
mod reference;
pub mod text;
mod tiny_model;
mod weights;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use nigh::{
    Collection, CollectionOptions, Encoder, EncoderOptions, ExportedDocument, FolderReport, Hits, ModelInfo, Precision,
    Writer,
};

pub use random::Random;
pub use reference::ReferenceBert;
pub use tiny_model::{CHINESE, TinyModel};
pub use weights::edit_weights;

/// `model/`, `docs/` and `notes.nigh` in a temporary directory.
pub struct Place {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Place {
    /// A place with the default tiny model.
    pub fn new() -> Self {
        Self::with(&TinyModel::default())
    }

    pub fn with(model: &TinyModel) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let place = Self { root: temporary.path().to_path_buf(), _temporary: Some(temporary) };
        model.write(&place.model());
        fs::create_dir(place.docs()).unwrap();
        place
    }

    /// A place that another process made and will remove.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), _temporary: None }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn model(&self) -> PathBuf {
        self.path("model")
    }

    pub fn docs(&self) -> PathBuf {
        self.path("docs")
    }

    pub fn options(&self) -> CollectionOptions {
        CollectionOptions::new().model(self.model()).lock_timeout(Duration::ZERO)
    }

    /// Opens or creates the collection.
    pub fn open(&self) -> Collection {
        self.options().open(self.path("notes.nigh")).unwrap()
    }

    /// Writes a file in the folder, with a modification time of an hour ago.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.docs().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        set_age(&path, Duration::from_secs(3600));
        path
    }

    /// Indexes the folder with the default options.
    pub fn index(&self, collection: &Collection) -> FolderReport {
        index(&mut collection.writer().unwrap(), &self.docs(), "")
    }
}

/// Loads the encoder of a model's directory.
pub fn load(directory: &Path, options: EncoderOptions) -> Encoder {
    Encoder::with_options(ModelInfo::open(directory).unwrap(), options).unwrap()
}

pub fn f32() -> EncoderOptions {
    EncoderOptions::default().precision(Precision::F32)
}

pub fn int8() -> EncoderOptions {
    EncoderOptions::default().precision(Precision::Int8)
}

pub fn index(writer: &mut Writer, folder: &Path, prefix: &str) -> FolderReport {
    writer.index_folder(folder).prefix(prefix).run().unwrap()
}

/// Returns the counts of a report: added, changed, unchanged, removed, skipped, failed.
pub fn counts(report: &FolderReport) -> [usize; 6] {
    let FolderReport { added, changed, unchanged, removed, skipped, failed, .. } = report;
    [*added, *changed, *unchanged, *removed, skipped.len(), failed.len()]
}

/// Sets a file's modification time to this long ago.
pub fn set_age(path: &Path, age: Duration) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

/// All documents with their vectors, by id.
pub fn exported(collection: &Collection) -> Vec<ExportedDocument> {
    let mut all: Vec<_> = collection.export().vectors(true).run().unwrap().map(Result::unwrap).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// Ids and scores of hits, best first.
pub fn found(hits: Hits) -> Vec<(String, f32)> {
    hits.into_iter().map(|hit| (hit.document.id.to_string(), hit.score)).collect()
}

/// Returns the ids of a search by text, best first.
pub fn ids(collection: &Collection, query: &str) -> Vec<String> {
    found(collection.search(query).run().unwrap()).into_iter().map(|(id, _)| id).collect()
}

/// Asserts that `verify` finds no problem.
pub fn assert_sound(collection: &Collection) {
    assert_eq!(collection.verify().unwrap(), [] as [String; 0]);
}

pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Cosine similarity, in f64.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Returns a command that runs one test of this binary: `path` (as `module::name`), which must be `#[ignore]`d.
pub fn ignored_test(path: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", "--test-threads", "1", path]);
    command
}
