//! Which folders the system watches.
//!
//! Where the system watches trees, it watches the roots. Where it watches folder by folder, as Linux does, a watch for each is a
//! cost, and there is a limit: only those are watched that an index looks into, not what is left out, as `node_modules`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use nigh::{Cancel, FolderOptions};
use notify::{ErrorKind, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

use crate::commands::folders::Root;
use crate::output::Failure;

/// Whether the system watches folder by folder.
const ONE_BY_ONE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What is watched.
pub(super) struct Eyes {
    watcher: RecommendedWatcher,
    /// Of single folders those that are watched.
    watched: HashSet<PathBuf>,
    /// Those that were followed since the last look at everything began.
    used: HashSet<PathBuf>,
}

impl Eyes {
    /// Watches nothing yet.
    pub(super) fn open(handler: impl EventHandler) -> Result<Self, Failure> {
        let watcher = notify::recommended_watcher(handler).map_err(refused)?;
        Ok(Self { watcher, watched: HashSet::new(), used: HashSet::new() })
    }

    /// Watches the folders below a root that an index with these options looks into; `only` says to which paths they are limited. Each is watched before it is looked into, so
    /// that nothing is made in it unseen.
    pub(super) fn follow(
        &mut self,
        root: &Root,
        options: &FolderOptions,
        collection: &Path,
        only: Option<&[String]>,
        stop: &Cancel,
    ) -> Result<(), Failure> {
        if !ONE_BY_ONE {
            // To watch a tree anew could lose what happens meanwhile.
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
            // The rules of a repository that it keeps for itself lie in a folder that is never looked into.
            let rules = folder.join(".git/info");
            for path in [Some(folder), rules.is_dir().then_some(&*rules)].into_iter().flatten() {
                if result.is_ok() {
                    result = self.watch(path, RecursiveMode::NonRecursive);
                }
            }
        });
        match walked {
            // Whoever asked for it says so.
            Err(nigh::Error::Interrupted) => Ok(()),
            walked => result.and(walked.map_err(Failure::from)),
        }
    }

    /// Begins a look at everything: [`Eyes::close_unused`] then closes what this look does not follow.
    pub(super) fn begin(&mut self) {
        self.used.clear();
    }

    /// Ends the watch of folders that have not been followed since [`Eyes::begin`]. True if one was watched: it may have another name by
    /// now, and then it has to be followed again.
    pub(super) fn close_unused(&mut self) -> bool {
        let unused: Vec<PathBuf> = self.watched.difference(&self.used).cloned().collect();
        let closed = unused.iter().filter(|folder| self.watcher.unwatch(folder).is_ok()).count();
        self.watched.retain(|folder| self.used.contains(folder));
        closed > 0
    }

    /// A path that is watched already is watched again: another folder may be there than before.
    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> Result<(), Failure> {
        match self.watcher.watch(path, mode) {
            Ok(()) => {
                self.watched.insert(path.to_path_buf());
                self.used.insert(path.to_path_buf());
                Ok(())
            }
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }
}

/// Whether what was to be watched is not there any more, or may not be looked into: the walk says what it needs to.
fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

fn refused(error: notify::Error) -> Failure {
    let advice = "the system may allow too few watches (on Linux, fs.inotify.max_user_watches)";
    Failure::said(format!("cannot watch: {error}; {advice}"))
}
