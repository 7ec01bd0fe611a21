//! [`FolderOptions`]: options for walking and reading a folder.

use std::path::Path;

use super::reach::{base, is_there};
use crate::encoder::Cancel;
use crate::error::Result;
use crate::ingest::read::{FileReader, WorkerCommand};
use crate::ingest::source::{self, WalkOptions};
use crate::ingest::sync::SyncPlan;

/// Options for walking and reading a folder.
///
/// ```
/// let options = nigh::FolderOptions::new().exclude(["*.log", "drafts/"]).max_file_size(1 << 20);
/// assert!(options.check().is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct FolderOptions {
    pub(super) hidden: bool,
    pub(super) follow_links: bool,
    pub(super) max_file_size: u64,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) only: Option<Vec<String>>,
    pub(super) reread: bool,
    pub(super) allow_empty: bool,
    pub(super) keep_ruled_out: bool,
    pub(super) worker: Option<WorkerCommand>,
}

impl Default for FolderOptions {
    fn default() -> Self {
        let WalkOptions { hidden, follow_links, max_file_size, include, exclude, only, base: _, own: _ } =
            WalkOptions::default();
        Self {
            hidden,
            follow_links,
            max_file_size,
            include,
            exclude,
            only,
            reread: false,
            allow_empty: false,
            keep_ruled_out: false,
            worker: None,
        }
    }
}

impl FolderOptions {
    /// The default of [`FolderOptions::max_file_size`]: 32 MiB.
    pub const DEFAULT_MAX_FILE_SIZE: u64 = WalkOptions::MAX_FILE_SIZE;

    /// Creates the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to index hidden files and folders. Default: false.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }

    /// Whether to follow symbolic links. Default: false.
    #[must_use]
    pub fn follow_links(mut self, follow: bool) -> Self {
        self.follow_links = follow;
        self
    }

    /// The size of the largest file that is indexed, in bytes; larger ones are reported. Default:
    /// [`FolderOptions::DEFAULT_MAX_FILE_SIZE`].
    #[must_use]
    pub fn max_file_size(mut self, bytes: u64) -> Self {
        self.max_file_size = bytes;
        self
    }

    /// Indexes only files that match one of these globs, in the syntax of `.gitignore`. Default: empty, all files.
    #[must_use]
    pub fn include(mut self, globs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include = globs.into_iter().map(Into::into).collect();
        self
    }

    /// Leaves out files and folders that match one of these globs. Default: empty.
    #[must_use]
    pub fn exclude(mut self, globs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude = globs.into_iter().map(Into::into).collect();
        self
    }

    /// Walks only these paths below the root, and everything below them; all other files count as unchanged. Write `/`
    /// between the parts of a path. Default: empty, everything.
    #[must_use]
    pub fn only(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// Whether to read every file again, whatever its size and times are. A text that has not changed is not encoded again.
    /// Default: false.
    #[must_use]
    pub fn reread(mut self, reread: bool) -> Self {
        self.reread = reread;
        self
    }

    /// Whether to remove all documents of a folder that exists but has no files at all, as when a disk is not mounted.
    /// Default: false, they are kept and the report says so.
    #[must_use]
    pub fn allow_empty(mut self, allow: bool) -> Self {
        self.allow_empty = allow;
        self
    }

    /// Whether to keep documents whose files exist but are left out by a glob, a limit or an ignore file. Use it for a run
    /// over a part of the indexed files. Default: false, they are removed; see
    /// [`FolderReport::ruled_out`](super::FolderReport::ruled_out).
    #[must_use]
    pub fn keep_ruled_out(mut self, keep: bool) -> Self {
        self.keep_ruled_out = keep;
        self
    }

    /// The process that reads formats in which a hostile file can make the reader hang, crash or take all memory. Default:
    /// none, they are read in this process.
    #[must_use]
    pub fn worker(mut self, worker: WorkerCommand) -> Self {
        self.worker = Some(worker);
        self
    }

    /// Returns the options of the walk. `collection`: its own directory, which is never indexed.
    pub(super) fn walk(&self, root: &Path, prefix: &str, collection: &Path) -> WalkOptions {
        let Self { hidden, follow_links, max_file_size, include, exclude, only, .. } = self.clone();
        WalkOptions {
            hidden,
            follow_links,
            max_file_size,
            include,
            exclude,
            only,
            base: base(root, prefix),
            own: collection.canonicalize().ok(),
        }
    }

    /// Checks that the globs are valid.
    ///
    /// # Errors
    /// [`Error::InvalidGlob`](crate::Error::InvalidGlob) for one that is not.
    pub fn check(&self) -> Result<()> {
        source::check(&self.include, &self.exclude)
    }

    /// Calls `enter` with every folder that [`Writer::index_folder`] reads, before it is read: for watching the folders.
    ///
    /// # Errors
    /// [`Error::InvalidGlob`] for an invalid glob; [`Error::Interrupted`] when `cancel` is cancelled.
    #[doc(hidden)]
    pub fn folders(
        &self,
        collection: &Path,
        root: &Path,
        prefix: &str,
        cancel: &Cancel,
        enter: &mut dyn FnMut(&Path),
    ) -> Result<()> {
        let walk = self.walk(root, prefix, collection);
        source::folders(root, &walk, &|| cancel.is_cancelled(), enter)
    }

    /// Takes the removals of documents that are only left out from a plan, if these are kept. Returns their number.
    pub(super) fn without_ruled_out(&self, plan: &mut SyncPlan, root: &Path, prefix: &str) -> usize {
        let all_gone = plan.gone.len();
        if self.keep_ruled_out {
            plan.gone.retain(|document| !is_there(document, root, prefix));
        }
        all_gone - plan.gone.len()
    }

    /// Returns a reader for the files of a folder. If the root is a file, the caller named it: it may be a link.
    pub(super) fn reader(&self, root: &Path, worker: Option<WorkerCommand>) -> FileReader {
        let reader = FileReader::new(self.max_file_size, worker);
        if self.follow_links || root.is_file() { reader } else { reader.no_links() }
    }
}
