//! Decides which documents belong to a folder, and which of them still have a file.

use std::path::{Path, PathBuf};

use crate::records::StampedDocument;

/// True if a document belongs to the folder with this id prefix. Files outside the folder that ids are relative to have
/// absolute paths as ids: these do not belong to the folder without a prefix.
pub(super) fn belongs_to(prefix: &str, id: &str) -> bool {
    id.starts_with(prefix) && (!prefix.is_empty() || !Path::new(id).is_absolute())
}

/// Returns the folder that ids are relative to, if the root lies below it.
pub(super) fn base(root: &Path, prefix: &str) -> Option<PathBuf> {
    let relative = Path::new(prefix);
    let depth = relative.components().count();
    let root = root.canonicalize().ok()?;
    (depth > 0 && relative.is_relative() && root.ends_with(relative))
        .then(|| root.ancestors().nth(depth).map(Path::to_path_buf))?
}

/// True if the file of a document exists, though the walk left it out because of a rule, a glob or a limit.
pub(super) fn is_there(document: &StampedDocument, root: &Path, prefix: &str) -> bool {
    let relative = document.id.as_str().strip_prefix(prefix);
    relative.is_some_and(|relative| root.join(relative).symlink_metadata().is_ok_and(|metadata| metadata.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_without_a_prefix_has_no_absolute_paths() {
        let absolute = std::env::temp_dir().join("a.md");
        let absolute = absolute.to_str().unwrap();
        for (prefix, id, expected) in [
            ("", "a/b.md", true),
            ("", absolute, false),
            (absolute, absolute, true),
            ("a/", "a/b.md", true),
            ("a/", "ab.md", false),
        ] {
            assert_eq!(belongs_to(prefix, id), expected, "{prefix} {id}");
        }
    }

    #[test]
    fn base_is_the_folder_that_ids_are_relative_to() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let root = real.join("a/b");
        std::fs::create_dir_all(&root).unwrap();
        assert_eq!(base(&root, "a/b/"), Some(real.clone()));
        assert_eq!(base(&root, "b/"), Some(real.join("a")));
        for prefix in ["", "c/", root.to_str().unwrap()] {
            assert_eq!(base(&root, prefix), None, "{prefix}");
        }
    }
}
