//! The measurements of `nigh eval`. `commands/eval.rs` prints them.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `metrics.rs` | nDCG, recall and reciprocal rank of one ranking; pure |
//! | `spearman.rs` | Spearman's rank correlation; pure |
//! | `sign_test.rs` | whether one setting is better than another on the same questions; pure |
//! | `lines.rs` | lines of a text file with their numbers, and errors that name the line |
//! | `beir.rs` | a BEIR directory: documents, questions, judgements |
//! | `pairs.rs` | a TSV of sentence pairs |
//! | `modes.rs` | the modes to measure, and a search in one of them: the only place to extend for a new mode |
//! | `variant.rs` | models × precisions × poolings, each a way to encode |
//! | `retrieval.rs` | measures a BEIR set, with a temporary collection |
//! | `relevance.rs` | how well relevance separates answers from other hits, in parts of a set |
//! | `similarity.rs` | measures sentence pairs |
//! | `script.rs`, `questions.rs` | questions from the user's own documents: language, held-out headings and sentences |
//! | `advice.rs` | which of several settings to choose, and how certain that is; pure |
//! | `own/` | measures those questions on a temporary collection |
//! | `given/` | measures the user's own questions on the user's collection |
//! | `report.rs` | the results as JSON and as tables |
//!
//! Uses the library's public API, and `args`, `plan`, `output`, `progress`, `interrupt`, `random`, `scratch` of the program. The pure files use nothing else.

mod advice;
mod beir;
pub mod given;
mod lines;
mod metrics;
mod modes;
pub mod own;
mod pairs;
mod questions;
pub mod relevance;
pub mod report;
mod retrieval;
mod script;
mod sign_test;
mod similarity;
mod spearman;
mod variant;

pub use retrieval::{Overrides, Retrieval};
pub use similarity::Similarity;
pub use variant::{Variant, variants};
