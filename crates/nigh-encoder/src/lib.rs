//! Turns texts into vectors: a BERT sentence encoder, in process.
//!
//! ```no_run
//! use nigh_encoder::{Encoder, ModelStore};
//!
//! let directory = ModelStore::user()?.find("all-MiniLM-L6-v2")?; // an installed model, by name
//! let encoder = Encoder::load(directory)?;
//! let vectors = encoder.encode(&["a small dog", "一只小狗"])?;
//! assert_eq!((vectors.len(), vectors.dimension()), (2, 384));
//! # Ok::<(), nigh_encoder::Error>(())
//! ```
//!
//! - [`Encoder`] loads a model and encodes texts, queries, pairs and token ids. [`EncoderOptions`] sets backend, precision and threads.
//! - [`Embeddings`] are the vectors, in one `[len, dimension]` buffer.
//! - [`ModelStore`] knows the models on this machine, and downloads others (feature `fetch`). [`ModelInfo`] describes a model
//!   without loading it.
//!
//! # How it is made
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `engine.rs` | [`Encoder`]: load, encode, encode_query, encode_pairs, encode_tokens |
//! | `reference_texts/` | texts on all subjects in eight languages, encoded once per model, to calibrate relevance |
//! | `token_scores.rs` | compares a query with short texts by their tokens, without encoding them |
//! | `space/` | [`VectorSpace`]: the model's own vectors, or vectors without the part that tells the language |
//! | `compute_path.rs` | [`ComputePath`]: backend, arithmetic, kernels and threads of an encoder |
//! | `options.rs` | [`EncoderOptions`]: backend, precision, threads, instruction set; [`LoadTimes`]; [`TextKind`] |
//! | `embeddings.rs` | [`Embeddings`]: a flat `[len, dimension]` buffer |
//! | `tokenizer/` | turns text into token ids; counts and offsets of tokens; vocabulary coverage |
//! | `batch.rs` | sorts sequences by length and groups them into batches without padding |
//! | `pooling.rs` | combines token states into one vector: mean, cls, max, mean_sqrt_len |
//! | `model/` | the description and fingerprint of a model directory; the catalogue, installing and fetching |
//! | `backend/` | computes hidden states from token ids: nigh's own BERT, or ONNX Runtime |
//! | `cancel.rs` | [`Cancel`]: one token that ends long operations early |
//! | `error.rs` | [`Error`]: the errors of this crate |
//! | `packed/` | a container file of named, checked sections, read in place |
//!
//! The flow: text → `tokenizer` → `batch` → a `backend`, batch by batch on the encoder's own thread pool → `pooling`. Backends
//! yield hidden states only; everything else is done once, above them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

mod backend;
mod batch;
mod cancel;
mod compute_path;
mod embeddings;
mod engine;
mod error;
pub mod model;
mod options;
mod packed;
mod pooling;
mod reference_texts;
mod space;
mod token_scores;
mod tokenizer;

pub use backend::BackendKind;
pub use batch::TokenInput;
pub use cancel::Cancel;
pub use compute_path::ComputePath;
pub use embeddings::Embeddings;
pub use engine::{EncodedQuery, Encoder};
pub use error::{Error, Result};
pub use model::{ModelInfo, ModelStore, Pooling, Precision, Prompts};
pub use nigh_kernel::{ParseSimdLevelError, SimdLevel};
pub use options::{EncoderOptions, LoadTimes, TextKind};
#[doc(hidden)]
pub use reference_texts::ReferenceTexts;
pub use space::VectorSpace;
