//! Chooses the folders that the system watches.
//!
//! If the system watches whole trees, it watches the roots. If it watches single folders, as Linux does, each watch has a
//! cost, and their number is limited: only folders that an index reads are watched, not those it leaves out (`node_modules`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use nigh::{Cancel, FolderOptions};
use notify::{ErrorKind, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

use crate::commands::folders::Root;
use crate::output::Failure;

/// True if the system watches single folders.
const WATCHES_SINGLE_FOLDERS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The watches of the system.
pub(super) struct FolderWatches {
    watcher: RecommendedWatcher,
    /// The watched folders.
    watched: HashSet<PathBuf>,
    /// The folders followed since the last full scan began.
    used: HashSet<PathBuf>,
}

impl FolderWatches {
    /// Begins without any watch.
    pub(super) fn open(handler: impl EventHandler) -> Result<Self, Failure> {
        let watcher = notify::recommended_watcher(handler).map_err(watch_error)?;
        Ok(Self { watcher, watched: HashSet::new(), used: HashSet::new() })
    }

    /// Watches the folders below a root that an index with these options reads; `only` limits it to these paths. A folder is watched
    /// before it is read, so that no new file in it is missed.
    pub(super) fn follow(
        &mut self,
        root: &Root,
        options: &FolderOptions,
        collection: &Path,
        only: Option<&[String]>,
        stop: &Cancel,
    ) -> Result<(), Failure> {
        if !WATCHES_SINGLE_FOLDERS {
            // A second watch of a tree could lose events in between.
            let known = self.watched.contains(&root.path);
            self.used.extend(known.then(|| root.path.clone()));
            return if known { Ok(()) } else { self.watch(&root.path, RecursiveMode::Recursive) };
        }
        if root.path.is_file() {
            return self.watch(&root.path, RecursiveMode::NonRecursive);
        }
        if only.is_some_and(|only| !only.iter().any(|path| root.path.join(path).is_dir())) {
            return Ok(());
        }
        let mut result = Ok(());
        let walked = options.folders(collection, &root.path, &root.prefix, stop, &mut |folder| {
            // A repository's own ignore rules are in `.git/info`, which the walk does not read.
            let rules = folder.join(".git/info");
            for path in [Some(folder), rules.is_dir().then_some(&*rules)].into_iter().flatten() {
                if result.is_ok() {
                    result = self.watch(path, RecursiveMode::NonRecursive);
                }
            }
        });
        match walked {
            // The caller reports it.
            Err(nigh::Error::Interrupted) => Ok(()),
            walked => result.and(walked.map_err(Failure::from)),
        }
    }

    /// Begins a full scan: [`FolderWatches::close_unused`] then closes the watches that it does not follow.
    pub(super) fn begin(&mut self) {
        self.used.clear();
    }

    /// Ends the watch of folders that were not followed since [`FolderWatches::begin`]. Returns true if one was watched: it may have been
    /// renamed, and then must be followed again.
    pub(super) fn close_unused(&mut self) -> bool {
        let unused: Vec<PathBuf> = self.watched.difference(&self.used).cloned().collect();
        let closed = unused.iter().filter(|folder| self.watcher.unwatch(folder).is_ok()).count();
        self.watched.retain(|folder| self.used.contains(folder));
        closed > 0
    }

    /// A watched path is watched again: the folder may have been replaced.
    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> Result<(), Failure> {
        match self.watcher.watch(path, mode) {
            Ok(()) => {
                self.watched.insert(path.to_path_buf());
                self.used.insert(path.to_path_buf());
                Ok(())
            }
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(watch_error(error)),
        }
    }
}

/// True if the path is missing or may not be read: the walk reports that if needed.
fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

fn watch_error(error: notify::Error) -> Failure {
    let advice = "the system may allow too few watches (on Linux, fs.inotify.max_user_watches)";
    Failure::message(format!("cannot watch: {error}; {advice}"))
}
