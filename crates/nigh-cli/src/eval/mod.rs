//! What `nigh eval` measures, and how. `commands/eval.rs` says it.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `metrics.rs` | nDCG, recall and reciprocal rank of one question's ranking; pure |
//! | `spearman.rs` | Spearman's rank correlation; pure |
//! | `sign_test.rs` | whether one setting is better than another on the same questions; pure |
//! | `lines.rs` | lines of a text file with their numbers, and errors that name the line |
//! | `beir.rs` | a BEIR directory: documents, questions, judgements |
//! | `pairs.rs` | a TSV of sentence pairs |
//! | `modes.rs` | the modes to measure, and a search set up for one: the one place to extend for new modes |
//! | `variant.rs` | models × precisions × poolings, each a way to encode |
//! | `scratch.rs` | a temporary directory that goes away |
//! | `retrieval.rs` | a BEIR set measured, with a temporary collection |
//! | `relevance.rs` | whether relevance tells answers from what is none: parts of a set, and what is measured in each |
//! | `similarity.rs` | sentence pairs measured |
//! | `random.rs`, `script.rs`, `questions.rs` | questions from one's own documents: chance, language, held-out headings and sentences |
//! | `advice.rs` | which of several settings to take, and how sure that is; pure |
//! | `own.rs` | those questions asked of a temporary collection |
//! | `report.rs` | what a run found, as JSON; tables |
//!
//! Uses the library's public API, and of the program `args`, `plan`, `output`, `progress`, `interrupt`. The pure files use nothing.

mod advice;
mod beir;
mod lines;
mod metrics;
mod modes;
pub mod own;
mod pairs;
mod questions;
mod random;
pub mod relevance;
pub mod report;
mod retrieval;
mod scratch;
mod script;
mod sign_test;
mod similarity;
mod spearman;
mod variant;

pub use retrieval::{Overrides, Retrieval};
pub use similarity::Similarity;
pub use variant::{Variant, variants};
