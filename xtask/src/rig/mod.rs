//! What the rigs have in common: they drive the built program from outside, and hold its answers against what they know.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `advice.rs` | the commands that the program's errors advise |
//! | `answers.rs` | documents and hits, read and compared |
//! | `corpus.rs` | documents by seed, before and after changes |
//! | `jobs.rs` | cases side by side |
//! | `ledger.rs` | results in a file, gone on with, added up |
//! | `model.rs` | a tiny BERT, so that nothing is fetched |
//! | `options.rs` | the arguments that both rigs take |
//! | `place.rs` | a folder to work in, copies, kinds of names |
//! | `program.rs` | the program, run with a limit |
//! | `random.rs` | numbers by seed |
//! | `stage/` | a collection in each state that a run begins with |
//! | `tracer.c`, `tracer.rs` | what stands at the program's system calls |

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
