//! Paths typed in another Unicode form than on the disk: the `Ü` of `Übung` as one character or two. macOS and some archives store names
//! decomposed, users type them composed. A name that exists as typed is used as typed.

use std::path::{Component, Path, PathBuf};

use nigh::{is_same_name, spellings};

/// Returns the path as on the disk: unchanged if it exists, else with names in another Unicode form. `None` if neither exists.
pub fn on_disk(path: &Path) -> Option<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return Some(path.to_path_buf());
    }
    if path.to_str().is_none_or(str::is_ascii) {
        return None;
    }
    let mut found = PathBuf::new();
    for part in path.components() {
        let next = found.join(part);
        let (true, Component::Normal(name)) = (next.symlink_metadata().is_err(), part) else {
            found = next;
            continue;
        };
        let name = name.to_str().filter(|name| !name.is_ascii())?;
        let folder = if found.as_os_str().is_empty() { Path::new(".") } else { &*found };
        let entries = folder.read_dir().ok()?.filter_map(Result::ok).map(|entry| entry.file_name());
        let equal_names = entries.filter(|entry| entry.to_str().is_some_and(|entry| is_same_name(entry, name)));
        // Of several equal names, always the same one is chosen.
        found.push(equal_names.min()?);
    }
    Some(found)
}

/// Returns the ids under which the document of this id may be stored.
pub fn ids(id: &str) -> Vec<String> {
    let mut ids = vec![id.to_owned()];
    if !id.is_ascii() {
        ids.extend(spellings(id).into_iter().filter(|other| other != id));
    }
    ids
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    #[test]
    fn names_are_found_in_both_unicode_forms() {
        let folder = tempfile::tempdir().unwrap();
        let (composed, decomposed) = ("\u{dc}bung", "U\u{308}bung");
        let (file, other_file) = ("cafe\u{301}.md", "caf\u{e9}.md");
        fs::create_dir(folder.path().join(decomposed)).unwrap();
        fs::write(folder.path().join(decomposed).join(file), "x").unwrap();
        let stored = folder.path().join(decomposed).join(file);
        for (a, b) in [(composed, file), (composed, other_file), (decomposed, other_file), (decomposed, file)] {
            assert_eq!(on_disk(&folder.path().join(a).join(b)), Some(stored.clone()), "{a} {b}");
        }
        assert_eq!(on_disk(&folder.path().join("Ubung")), None);
        assert_eq!(on_disk(&folder.path().join("\u{dc}bung/b.md")), None);
        // Both exist: each is used as typed.
        fs::create_dir(folder.path().join(composed)).unwrap();
        assert_eq!(on_disk(&folder.path().join(composed)), Some(folder.path().join(composed)));
    }

    #[test]
    fn ids_have_both_unicode_forms() {
        assert_eq!(ids("a/b.md"), ["a/b.md"]);
        assert_eq!(ids("caf\u{e9}"), ["caf\u{e9}", "cafe\u{301}"]);
        assert_eq!(ids("cafe\u{301}"), ["cafe\u{301}", "caf\u{e9}"]);
    }
}
