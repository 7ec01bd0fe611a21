//! Folders and documents to stored passages: the write side, as a pipeline of bounded steps.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `source.rs` | what a folder is walked for: options, files found, what was left out and why |
//! | `walk/` | walking a folder: hidden files, links, sizes |
//! | `rules/` | ignore files, read carefully and within bounds |
//! | `scope.rs` | the part of a folder that a walk is about: paths, globs |
//! | `read/` | files read, here or by a worker process; `nigh-formats` takes the text out |
//! | `split/` | text to passages that fit the model, cut where their author would cut |
//! | `sync.rs` | what a folder's files and the stored documents differ in |
//! | `source_document.rs` | a document with its text and parts, before it is split |
//! | `split_document.rs` | its passages, and what is encoded of each |
//! | `pipeline.rs` | documents → split → encoded → handed to a sink, with bounded memory |
//! | `encode_batch.rs` | of the pipeline: what is encoded together, and long documents in parts |
//! | `budget.rs` | the bound: bytes of text that may be under way at a time |
//!
//! One thread reads and cuts while the encoder's threads encode. May import `encoder`, `records`, `document`, `disk`, `error`.

pub mod budget;
mod encode_batch;
pub mod pipeline;
pub mod read;
mod rules;
mod scope;
pub mod source;
pub mod source_document;
pub mod split;
pub mod split_document;
pub mod sync;
mod walk;

/// Says that a test was left out, and why; `NIGH_TEST_SKIPPED` names a file that keeps it for who runs the tests.
#[cfg(test)]
#[allow(clippy::print_stderr, clippy::unwrap_used, reason = "tests")]
pub(crate) fn skipped(why: &str) {
    use std::io::Write;
    eprintln!("skipped: {why}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    if let Some(path) = std::env::var_os("NIGH_TEST_SKIPPED") {
        let mut file = std::fs::File::options().append(true).create(true).open(path).unwrap();
        writeln!(file, "{test}: {why}").unwrap();
    }
}
