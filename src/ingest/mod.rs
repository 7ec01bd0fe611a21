//! Turns folders and documents into encoded passages: the write side, as a pipeline with bounded memory.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `source.rs` | the options of a walk and its result: files found, and files left out with the reason |
//! | `walk/` | walks a folder: hidden files, links, sizes |
//! | `rules/` | reads ignore files, safely and within limits |
//! | `scope.rs` | the part of a folder that a walk covers: paths, globs |
//! | `read/` | reads files, here or in a worker process; `nigh-formats` extracts the text |
//! | `split/` | splits text into passages that fit the model, where the author would |
//! | `sync.rs` | compares a folder's files with the stored documents |
//! | `source_document.rs` | a document with its text and parts, before it is split |
//! | `split_document.rs` | splits a document into passages; makes the text that is encoded for each |
//! | `pipeline.rs` | the pipeline: splits and encodes documents and gives them to a sink, with bounded memory |
//! | `encode_batch.rs` | encodes documents together; stores long documents in parts |
//! | `budget.rs` | the limit on the bytes of text in the pipeline |
//!
//! One thread reads and splits while the encoder's threads encode. May import `encoder`, `records`, `document`, `disk`, `error`.

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

/// Reports that a test was skipped, and why. The file `NIGH_TEST_SKIPPED` collects these reports.
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
