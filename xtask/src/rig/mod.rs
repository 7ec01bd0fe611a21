//! Shared by `fault` and `powerloss`: they run the built program and compare its output with the expected one.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `advice.rs` | finds the commands that the program's messages advise |
//! | `answers.rs` | parses and compares documents and hits |
//! | `corpus.rs` | documents by seed, before and after changes |
//! | `jobs.rs` | runs cases in parallel |
//! | `ledger.rs` | the file of results: resumed and added up |
//! | `model.rs` | a tiny BERT, so that nothing is downloaded |
//! | `options.rs` | the arguments that both rigs take |
//! | `place.rs` | a temporary folder, copies, paths in a folder, paths with masked numbers |
//! | `program.rs` | runs the program with a time limit |
//! | `random.rs` | random numbers by seed |
//! | `stage/` | the state that each run begins with |
//! | `tracer.c`, `tracer.rs` | traces the program's system calls, records writes, injects faults |

pub(crate) mod advice;
pub(crate) mod answers;
pub(crate) mod corpus;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod options;
pub(crate) mod place;
pub(crate) mod program;
mod random;
pub(crate) mod stage;
pub(crate) mod tracer;

pub(crate) use random::{Random, hash};
