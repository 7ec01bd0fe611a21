//! What a run did, and how far it is.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::ingest::source::{FolderScan, LeftOutBy, Skipped};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FolderProgress {
    /// Files to be read, known after the walk.
    pub files: usize,
    /// Files dealt with.
    pub files_done: usize,
    /// Bytes of the files to be read.
    pub bytes: u64,
    /// Bytes of the files dealt with.
    pub bytes_done: u64,
    /// Passages stored.
    pub passages: usize,
    /// Tokens encoded.
    pub tokens: usize,
    /// What is going on.
    pub phase: FolderPhase,
    /// Bytes of text to be encoded: of files that were read, what they hold; of the others, a guess by their sizes.
    pub text: u64,
    /// Bytes of text that need no encoding any more.
    pub text_done: u64,
    /// Files that were read.
    pub files_read: usize,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FolderPhase {
    /// Getting the model ready: the first time its weights are packed, which takes a while.
    #[default]
    Model,
    /// Reading files and encoding what they say.
    Encoding,
    /// Encoding the texts that scores are compared with, once for each model.
    Background,
}

/// A file that is not in the collection, or not as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SkippedFile {
    /// The id its document has or would have.
    pub path: String,
    /// Why, and what to do where something can be done.
    pub reason: String,
}

impl SkippedFile {
    /// A file and why it is not in the collection.
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

/// What was left out for one reason. What is in a folder that was left out is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Why.
    pub by: LeftOutBy,
    /// Which ignore file it was, by its path from where ids are relative to; or what tools make, by its name. Empty for globs.
    pub name: String,
    /// How many files.
    pub files: usize,
    /// How many folders.
    pub folders: usize,
}

impl LeftOut {
    /// Adds what another folder's walk left out.
    pub(super) fn add(to: &mut Vec<Self>, other: Vec<Self>) {
        for one in other {
            let place = to.binary_search_by(|known| (known.by, &known.name).cmp(&(one.by, &one.name)));
            match place.map(|at| to.get_mut(at)) {
                Ok(Some(known)) => {
                    known.files += one.files;
                    known.folders += one.folders;
                }
                Ok(None) => {}
                Err(at) => to.insert(at, one),
            }
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct FolderReport {
    /// Documents that are new.
    pub added: usize,
    /// Documents whose text changed.
    pub changed: usize,
    /// Documents that are as they were.
    pub unchanged: usize,
    /// Documents whose files are gone and which stay, since their folder has no files at all any more; see
    /// [`FolderOptions::allow_empty`](crate::FolderOptions::allow_empty).
    pub kept: usize,
    /// Documents whose files are gone, are left out now, or hold no text any more.
    pub removed: usize,
    /// Of these, documents whose files are still there: an ignore file, a glob or another setting leaves them out now.
    pub ruled_out: usize,
    /// Documents whose files were moved or renamed: neither added nor removed.
    pub renamed: usize,
    /// Files that hold nothing nigh understands, each with the reason.
    pub skipped: Vec<SkippedFile>,
    /// Files and folders that could not be read, each with the reason. What was stored of them stays.
    pub failed: Vec<SkippedFile>,
    /// What ignore files and globs leave out, and what tools make, in order.
    pub left_out: Vec<LeftOut>,
    /// Files of which a part could not be read, each with what is missing. The rest is indexed. Said when they are read,
    /// not again while they stay the same.
    pub partial: Vec<SkippedFile>,
    /// Passages encoded.
    pub passages_encoded: usize,
    /// Passages of changed documents whose vectors were kept, and of moved ones.
    pub passages_kept: usize,
    /// Tokens encoded.
    pub tokens: usize,
    /// [`FolderReport::tokens`] by the seconds of [`FolderReport::took`].
    pub tokens_per_second: f64,
    /// How long the run took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// How much of that the encoder worked.
    #[serde(rename = "seconds_encoding", serialize_with = "seconds")]
    pub took_encoding: Duration,
    /// Whether the run was stopped before its end. What was finished is kept.
    pub interrupted: bool,
}

impl FolderReport {
    /// What the walk left out.
    pub(super) fn walked(&mut self, prefix: &str, scan: &FolderScan, refused: &[Skipped]) {
        let unseen = |path: &str| scan.failed_directories.iter().any(|failed| failed == path);
        for skipped in scan.skipped.iter().chain(refused) {
            let list = if unseen(&skipped.path) { &mut self.failed } else { &mut self.skipped };
            // An ignore file above the folder has a path of its own.
            let above = std::path::Path::new(&skipped.path).is_absolute();
            let path = match skipped.path.as_str() {
                // The folder itself.
                "" if prefix.is_empty() => ".".to_owned(),
                "" => prefix.trim_end_matches('/').to_owned(),
                path if above => path.to_owned(),
                path => format!("{prefix}{path}"),
            };
            list.push(SkippedFile { path, reason: skipped.reason.clone() });
        }
        let left_out = scan.left_out.iter().map(|((by, name), count)| {
            let below = *by == LeftOutBy::IgnoreFile && !std::path::Path::new(name).is_absolute();
            let name = if below { format!("{prefix}{name}") } else { name.clone() };
            LeftOut { by: *by, name, files: count.files, folders: count.folders }
        });
        LeftOut::add(&mut self.left_out, left_out.collect());
    }

    /// Adds another run's.
    pub fn add(&mut self, other: Self) {
        // Taken apart whole, so that a field that is forgotten does not compile.
        let Self {
            added,
            changed,
            unchanged,
            kept,
            removed,
            ruled_out,
            renamed,
            skipped,
            failed,
            left_out,
            partial,
            passages_encoded,
            passages_kept,
            tokens,
            tokens_per_second: _,
            took,
            took_encoding,
            interrupted,
        } = other;
        self.added += added;
        self.changed += changed;
        self.unchanged += unchanged;
        self.kept += kept;
        self.removed += removed;
        self.ruled_out += ruled_out;
        self.renamed += renamed;
        self.skipped.extend(skipped);
        self.failed.extend(failed);
        self.partial.extend(partial);
        LeftOut::add(&mut self.left_out, left_out);
        self.passages_encoded += passages_encoded;
        self.passages_kept += passages_kept;
        self.tokens += tokens;
        self.took_encoding += took_encoding;
        self.interrupted |= interrupted;
        self.finish(self.took + took);
    }

    /// Sorts the lists and sets the times.
    pub(super) fn finish(&mut self, took: Duration) {
        for list in [&mut self.skipped, &mut self.failed, &mut self.partial] {
            list.sort_by(|a, b| a.path.cmp(&b.path));
        }
        self.took = took;
        let seconds = took.as_secs_f64().max(1e-9);
        self.tokens_per_second = if self.tokens == 0 { 0.0 } else { self.tokens as f64 / seconds };
    }

    /// Whether the collection is as it was.
    pub fn is_unchanged(&self) -> bool {
        self.added + self.changed + self.removed + self.renamed == 0
    }
}

/// A time as JSON has it: seconds.
fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_read_has_a_name() {
        let mut scan = FolderScan::default();
        for path in ["", "in", "/above/.gitignore"] {
            scan.skipped.push(Skipped { path: path.to_owned(), reason: "cannot be read".to_owned() });
        }
        scan.failed_directories.push(String::new());
        let named = |prefix: &str| {
            let mut report = FolderReport::default();
            report.walked(prefix, &scan, &[]);
            let mut files: Vec<_> = report.failed.into_iter().chain(report.skipped).map(|file| file.path).collect();
            files.sort();
            files.join(" ")
        };
        assert_eq!(named(""), ". /above/.gitignore in");
        assert_eq!(named("docs/"), "/above/.gitignore docs docs/in");
    }
}
