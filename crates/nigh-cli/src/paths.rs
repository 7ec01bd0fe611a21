//! Paths relative to the current folder. Pure.

use std::path::{Component, Path, PathBuf};

/// Returns the path relative to a folder, both absolute: `../notes/a.md`. If they share only the root, the path itself. Correct without
/// resolving links, since the system gives the current folder without links.
pub fn from_here(from: &Path, path: &Path) -> PathBuf {
    let has_dots = |path: &Path| path.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir));
    if has_dots(from) || has_dots(path) {
        return path.to_path_buf();
    }
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let (mut here, mut there) = (from.components().peekable(), path.components().peekable());
    let mut shared = 0;
    while let (Some(a), Some(b)) = (here.peek(), there.peek()) {
        if a != b {
            break;
        }
        shared += usize::from(is_name(a));
        here.next();
        there.next();
    }
    if shared == 0 && here.peek().is_some() {
        return path.to_path_buf();
    }
    let up = here.map(|_| Component::ParentDir);
    up.chain(there).collect()
}

/// Returns the absolute path of a path relative to a folder: the inverse of [`from_here`]. Links are not followed.
pub fn from(folder: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
    }
    whole
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn relative(from: &str, path: &str) -> String {
        from_here(Path::new(from), Path::new(path)).to_string_lossy().into_owned()
    }

    #[test]
    fn path_relative_to_a_folder() {
        for (from, path, expected) in [
            ("/home/u/notes", "/home/u/notes/a.md", "a.md"),
            ("/home/u/notes/sub", "/home/u/notes/a.md", "../a.md"),
            ("/home/u/two/a", "/home/u/two/b/x.txt", "../b/x.txt"),
            ("/home/u/two/ab", "/home/u/two/a/x.txt", "../a/x.txt"),
            ("/home/u/a/b/c", "/home/u/x y/池.md", "../../../x y/池.md"),
            ("/srv/work", "/home/u/a.md", "/home/u/a.md"),
            ("/", "/home/u/a.md", "home/u/a.md"),
            ("/home/u", "/a.md", "/a.md"),
        ] {
            assert_eq!(relative(from, path), expected, "{from} {path}");
        }
    }

    /// A forged id must not lead to another file than it shows.
    #[test]
    fn path_with_parent_components_is_unchanged() {
        assert_eq!(relative("/home/u", "/home/u/../v/a.md"), "/home/u/../v/a.md");
    }
}
