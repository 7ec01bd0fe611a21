//! [`Roots`]: where the indexed folders are, so that no two folders share documents.
//!
//! A run removes the documents with its prefix whose files are not in its folder. So two folders with the same prefix, or with
//! prefixes of which one begins with the other, would remove each other's documents: the second one is refused. A folder may
//! move: if the old one is gone, the new one takes its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use super::reach::belongs_to;
use crate::error::{Error, Result};

/// The folders by the prefix of their ids. Paths below the collection's parent are relative to it, so that both can be moved
/// or copied together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Roots(BTreeMap<String, String>);

impl Roots {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that a folder shares no documents with another one.
    ///
    /// # Errors
    /// [`Error::FolderConflict`].
    pub(super) fn check(&self, collection: &Path, prefix: &str, root: &Path) -> Result<()> {
        let base = base(collection);
        let conflict = self.0.iter().find(|(known, at)| {
            let at = base.join(at);
            at.exists() && overlap(prefix, known) && !agree((prefix, root), (known, &at))
        });
        conflict.map_or(Ok(()), |(known, at)| {
            Err(Error::FolderConflict {
                path: root.to_path_buf(),
                prefix: prefix.to_owned(),
                other: base.join(at).components().collect(),
                other_prefix: known.clone(),
            })
        })
    }

    /// Remembers a folder that [`Roots::check`] accepted. Returns true if that is a change.
    pub(super) fn add(&mut self, collection: &Path, prefix: &str, root: &Path) -> bool {
        let before = self.clone();
        let base = base(collection);
        // A folder whose path is not UTF-8 is not remembered.
        let Some(at) = relative(&base, root).to_str().map(str::to_owned) else { return false };
        // Those that are gone, and those below this one, whose paths follow from its path.
        self.0.retain(|known, at| !overlap(prefix, known) || (base.join(at).exists() && !known.starts_with(prefix)));
        if !self.0.keys().any(|known| overlap(prefix, known)) {
            self.0.insert(prefix.to_owned(), at);
        }
        *self != before
    }

    /// Forgets the folders whose documents have this prefix.
    pub(super) fn forget(&mut self, prefix: &str) {
        self.0.retain(|known, _| known != prefix && !(overlap(prefix, known) && known.starts_with(prefix)));
    }
}

/// True if a document may belong to both prefixes.
fn overlap(a: &str, b: &str) -> bool {
    a == b || a.starts_with(b) && belongs_to(b, a) || b.starts_with(a) && belongs_to(a, b)
}

/// True if two folders with overlapping prefixes give the same file the same id.
fn agree((prefix, root): (&str, &Path), (known, at): (&str, &Path)) -> bool {
    match (known.strip_prefix(prefix), prefix.strip_prefix(known)) {
        (Some(below), _) => is_same(&root.join(below), at),
        (None, Some(below)) => is_same(root, &at.join(below)),
        (None, None) => true,
    }
}

/// True if two paths name the same folder, with or without links.
fn is_same(a: &Path, b: &Path) -> bool {
    let same = |a: Option<PathBuf>, b: Option<PathBuf>| a.is_some() && a == b;
    same(plain(a), plain(b)) || same(a.canonicalize().ok(), b.canonicalize().ok())
}

/// The absolute path, without a slash at the end and without resolving links.
fn plain(path: &Path) -> Option<PathBuf> {
    absolute(path).ok().map(|path| path.components().collect())
}

/// The folder that stored paths are relative to.
fn base(collection: &Path) -> PathBuf {
    let whole = plain(collection).unwrap_or_else(|| collection.to_path_buf());
    whole.parent().map_or_else(|| whole.clone(), Path::to_path_buf)
}

/// The path of a folder as it is stored.
fn relative(base: &Path, root: &Path) -> PathBuf {
    let root = plain(root).unwrap_or_else(|| root.to_path_buf());
    let below = root.strip_prefix(base).ok().map(Path::to_path_buf);
    let real = || Some(root.canonicalize().ok()?.strip_prefix(base.canonicalize().ok()?).ok()?.to_path_buf());
    match below.or_else(real) {
        Some(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Some(below) => below,
        None => root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_accept_a_folder_that_moved_and_refuse_another_one() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let collection = at("here/c.nigh");
        for folder in ["here/c.nigh", "here/docs/sub", "here/other", "away/docs"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        let mut roots = Roots::default();
        assert!(roots.add(&collection, "docs/", &at("here/docs")) && roots.add(&collection, "away/", &at("away/docs")));
        assert_eq!(roots.0["docs/"], "docs");
        let refused = |prefix: &str, root: &str| roots.check(&collection, prefix, &at(root)).is_err();
        // (prefix, folder, refused)
        for (prefix, root, expected) in [
            ("docs/", "here/docs", false),
            ("docs/", "here/docs/", false),
            ("docs/", "here/docs/../docs", false),
            ("docs/", "here/other", true),
            ("docs/", "here/docs/sub", true),
            ("docs/", "here", true),
            ("docs/sub/", "here/docs/sub", false),
            ("docs/sub/", "here/other", true),
            ("docs/new/", "here/other", true),
            ("other/", "here/other", false),
            ("do", "here/other", true),
            ("docs", "here/other", true),
            ("", "here", true), // because of away/
        ] {
            assert_eq!(refused(prefix, root), expected, "{prefix:?} {root}");
        }
        // The folder has moved: then it is the one that is remembered.
        std::fs::rename(at("away/docs"), at("away/moved")).unwrap();
        roots.check(&collection, "away/", &at("away/moved")).unwrap();
        assert!(roots.add(&collection, "away/", &at("away/moved")));
        assert!(roots.check(&collection, "away/", &at("here/other")).is_err());
        // The collection and its folder have moved or were copied together.
        std::fs::rename(at("here"), at("there")).unwrap();
        std::fs::create_dir_all(at("here/docs")).unwrap();
        let collection = at("there/c.nigh");
        roots.check(&collection, "docs/", &at("there/docs")).unwrap();
        assert!(roots.check(&collection, "docs/", &at("here/docs")).is_err());
        // A folder around a known one takes its place; a forgotten one is no longer known.
        assert!(roots.add(&collection, "", &at("there")));
        roots.forget("away/");
        assert_eq!(roots.0, BTreeMap::from([(String::new(), ".".to_owned())]));
        assert!(!roots.add(&collection, "docs/", &at("there/docs")), "it is a part of that one");
        roots.check(&collection, "docs/", &at("here/docs")).unwrap_err();
        roots.forget("");
        roots.check(&collection, "docs/", &at("here/docs")).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn roots_follow_links() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for folder in ["c.nigh", "v1", "v2"] {
            std::fs::create_dir(at(folder)).unwrap();
        }
        let link = |to: &str| {
            let _ = std::fs::remove_file(at("now"));
            std::os::unix::fs::symlink(at(to), at("now")).unwrap();
        };
        link("v1");
        let mut roots = Roots::default();
        assert!(roots.add(&at("c.nigh"), "a/", &at("now")));
        roots.check(&at("c.nigh"), "a/", &at("v1")).unwrap();
        roots.check(&at("c.nigh"), "a/", &at("v2")).unwrap_err();
        link("v2");
        roots.check(&at("c.nigh"), "a/", &at("now")).unwrap();
        roots.check(&at("c.nigh"), "a/", &at("v2")).unwrap();
        roots.check(&at("c.nigh"), "a/", &at("v1")).unwrap_err();
    }
}
