//! Lists the folders that a walk enters, without their files.

use std::path::Path;

use walkdir::WalkDir;

use super::{Sieve, below};
use crate::error::{Error, Result};
use crate::ingest::source::WalkOptions;

/// Calls `enter` with every folder that a walk enters, before its content is read. Skips files, and folders that cannot be
/// read.
///
/// # Errors
/// [`Error::InvalidGlob`] for an invalid glob; [`Error::Interrupted`] when `cancelled` returns true.
pub fn folders(
    root: &Path,
    walk: &WalkOptions,
    cancelled: &dyn Fn() -> bool,
    enter: &mut dyn FnMut(&Path),
) -> Result<()> {
    let mut sieve = Sieve::new(root, walk)?;
    let mut entries = WalkDir::new(root).follow_links(walk.follow_links).into_iter();
    while let Some(entry) = entries.next() {
        if cancelled() {
            return Err(Error::Interrupted);
        }
        let Some(entry) = entry.ok().filter(|entry| entry.file_type().is_dir()) else { continue };
        let relative = below(root, entry.path());
        if !sieve.accepts(&entry, &relative) {
            entries.skip_current_dir();
            continue;
        }
        enter(entry.path());
        sieve.rules.enter(entry.path(), &relative, entry.depth());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use std::fs;

    use super::*;

    #[test]
    fn folders_that_rules_leave_out_are_not_entered() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["a/b", "old/c", "node_modules/p", ".hidden", "a/.git/objects", "out/d"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join(".nighignore"), "old/\n").unwrap();
        let entered = |only: Option<&[&str]>| {
            let only = only.map(|paths| paths.iter().map(|&path| path.to_owned()).collect());
            let walk = WalkOptions { only, exclude: vec!["out".to_owned()], ..WalkOptions::default() };
            let mut entered = Vec::new();
            let mut enter = |folder: &Path| entered.push(below(root.path(), folder).to_string_lossy().into_owned());
            folders(root.path(), &walk, &|| false, &mut enter).unwrap();
            entered.sort();
            entered
        };
        assert_eq!(entered(None), ["", "a", "a/b"]);
        assert_eq!(entered(Some(&["a/b"])), ["", "a", "a/b"]);
        assert_eq!(entered(Some(&["a"])), ["", "a", "a/b"]);
        assert_eq!(entered(Some(&["node_modules", "b"])), [""]);
        assert!(matches!(
            folders(root.path(), &WalkOptions::default(), &|| true, &mut |_| ()),
            Err(Error::Interrupted)
        ));
    }
}
