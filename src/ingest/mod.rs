//! From folders and documents to encoded passages: the write side, as a pipeline with bounded memory.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `source.rs` | the options of a walk and its result: files found, files left out and why |
//! | `walk/` | walking a folder: hidden files, links, sizes |
//! | `rules/` | ignore files, read carefully and within bounds |
//! | `scope.rs` | which part of a folder a walk covers: paths, globs |
//! | `read/` | files read, here or by a worker process; `nigh-formats` takes the text out |
//! | `split/` | text to passages that fit the model, split where the author would |
//! | `sync.rs` | the difference between a folder's files and the stored documents |
//! | `source_document.rs` | a document with its text and parts, before it is split |
//! | `split_document.rs` | splitting it into passages; the text that is encoded of each |
//! | `pipeline.rs` | documents → split → encoded → handed to a sink, with bounded memory |
//! | `encode_batch.rs` | documents that are encoded together; long documents stored in parts |
//! | `budget.rs` | the bound on the bytes of text in the pipeline |
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

/// Reports a test that was skipped, and why. `NIGH_TEST_SKIPPED` names a file that collects these reports.
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
