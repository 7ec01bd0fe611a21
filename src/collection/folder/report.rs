//! The report and the progress of a run.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::ingest::source::{FolderScan, LeftOutBy, Skipped};

/// The progress of a run. For a progress bar, use [`FolderProgress::text_done`] of [`FolderProgress::text`]: encoding takes most of
/// the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FolderProgress {
    /// Files to be read. Known after the walk.
    pub files: usize,
    /// Files that are finished.
    pub files_done: usize,
    /// Bytes of the files to be read.
    pub bytes: u64,
    /// Bytes of the finished files.
    pub bytes_done: u64,
    /// Passages stored.
    pub passages: usize,
    /// Tokens encoded.
    pub tokens: usize,
    /// The current phase.
    pub phase: FolderPhase,
    /// Bytes of text to be encoded: exact for files that were read, guessed from their sizes for the others.
    pub text: u64,
    /// Bytes of text that need no more encoding.
    pub text_done: u64,
    /// Files that were read.
    pub files_read: usize,
}

/// The phases of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FolderPhase {
    /// Loading the model. The first time its weights are packed, which takes a while.
    #[default]
    Model,
    /// Reading files and encoding their texts.
    Encoding,
    /// Encoding the reference texts that [`Hit::relevance`](crate::Hit::relevance) compares scores with: some seconds, once for each
    /// model.
    Background,
}

/// A file that is not in the collection, or only in an older version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SkippedFile {
    /// The id that its document has or would have.
    pub path: String,
    /// The reason, and what to do about it if something can be done.
    pub reason: String,
}

impl SkippedFile {
    /// Creates the entry of a file, with the reason why it is not in the collection.
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

/// The files and folders left out for one reason. Files inside a folder that was left out are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The reason.
    pub by: LeftOutBy,
    /// The ignore file, as a path relative to the folder that ids are relative to; or the name of the generated files.
    /// Empty for globs.
    pub name: String,
    /// The number of files.
    pub files: usize,
    /// The number of folders.
    pub folders: usize,
}

impl LeftOut {
    /// Adds the entries of another folder's walk. `to` is sorted and stays so.
    pub(super) fn add(to: &mut Vec<Self>, other: Vec<Self>) {
        for entry in other {
            let index = to.binary_search_by(|known| (known.by, &known.name).cmp(&(entry.by, &entry.name)));
            match index.map(|index| to.get_mut(index)) {
                Ok(Some(known)) => {
                    known.files += entry.files;
                    known.folders += entry.folders;
                }
                Ok(None) => {}
                Err(index) => to.insert(index, entry),
            }
        }
    }
}

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct FolderReport {
    /// New documents.
    pub added: usize,
    /// Documents whose text changed.
    pub changed: usize,
    /// Documents that have not changed.
    pub unchanged: usize,
    /// Documents that are kept although their files are gone, because their folder has no files at all any more; see
    /// [`FolderOptions::allow_empty`](crate::FolderOptions::allow_empty).
    pub kept: usize,
    /// Removed documents: their files are gone, are left out now, or have no text any more.
    pub removed: usize,
    /// The part of [`FolderReport::removed`] whose files still exist, but are left out now by an ignore file, a glob or
    /// another setting.
    pub ruled_out: usize,
    /// Documents whose files were moved or renamed. They count neither as added nor as removed.
    pub renamed: usize,
    /// Files without anything that nigh can read as text, each with the reason.
    pub skipped: Vec<SkippedFile>,
    /// Files and folders that could not be read, each with the reason. Documents stored from them before are kept.
    pub failed: Vec<SkippedFile>,
    /// Files and folders that ignore files and globs exclude, and those that tools generate, sorted.
    pub left_out: Vec<LeftOut>,
    /// Files of which a part could not be read, each with the missing part. The rest is indexed. Reported when they are
    /// read, and not again while they stay the same.
    pub partial: Vec<SkippedFile>,
    /// Ids of documents that did not come from a file and were replaced by a file with the same id, sorted. They count as
    /// changed. JSON has this list only if it is not empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<String>,
    /// Passages encoded.
    pub passages_encoded: usize,
    /// Passages of changed or moved documents whose vectors were kept.
    pub passages_kept: usize,
    /// Tokens encoded.
    pub tokens: usize,
    /// [`FolderReport::tokens`] divided by the seconds of [`FolderReport::took`].
    pub tokens_per_second: f64,
    /// The time that the run took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// The part of [`FolderReport::took`] in which the encoder worked.
    #[serde(rename = "seconds_encoding", serialize_with = "seconds")]
    pub took_encoding: Duration,
    /// True if the run was stopped before its end. Finished work is kept.
    pub interrupted: bool,
}

impl FolderReport {
    /// Adds what the walk left out.
    pub(super) fn walked(&mut self, prefix: &str, scan: &FolderScan, refused: &[Skipped]) {
        let cannot_be_read = |path: &str| scan.failed_directories.iter().any(|failed| failed == path);
        for skipped in scan.skipped.iter().chain(refused) {
            let list = if cannot_be_read(&skipped.path) { &mut self.failed } else { &mut self.skipped };
            // An ignore file above the folder has an absolute path.
            let is_above_folder = std::path::Path::new(&skipped.path).is_absolute();
            let path = match skipped.path.as_str() {
                // The folder itself.
                "" if prefix.is_empty() => ".".to_owned(),
                "" => prefix.trim_end_matches('/').to_owned(),
                path if is_above_folder => path.to_owned(),
                path => format!("{prefix}{path}"),
            };
            list.push(SkippedFile { path, reason: skipped.reason.clone() });
        }
        let left_out = scan.left_out.iter().map(|((by, name), count)| {
            let is_in_folder = *by == LeftOutBy::IgnoreFile && !std::path::Path::new(name).is_absolute();
            let name = if is_in_folder { format!("{prefix}{name}") } else { name.clone() };
            LeftOut { by: *by, name, files: count.files, folders: count.folders }
        });
        LeftOut::add(&mut self.left_out, left_out.collect());
    }

    /// Adds the report of a run over another folder. Runs over the same folder cannot be added: their unchanged documents would
    /// count twice.
    pub fn add(&mut self, other: Self) {
        // Destructured without `..`, so that the compiler finds a forgotten field.
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
            replaced,
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
        self.replaced.extend(replaced);
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
        self.replaced.sort_unstable();
        self.took = took;
        let seconds = took.as_secs_f64().max(1e-9);
        self.tokens_per_second = if self.tokens == 0 { 0.0 } else { self.tokens as f64 / seconds };
    }

    /// True if the run did not change the collection.
    pub fn is_unchanged(&self) -> bool {
        self.added + self.changed + self.removed + self.renamed == 0
    }
}

/// Writes a time to JSON, in seconds.
fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_folder_is_reported_with_a_path() {
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
