//! Paths as they are shown: so that they open from where the user stands. Pure.

use std::path::{Component, Path, PathBuf};

/// The way from a folder to a path, both whole: `../notes/a.md`. Where they have nothing in common but the root, the path itself.
/// Names within `from` are not repeated, so it may have any; links are no matter where the system names the current folder.
pub fn from_here(from: &Path, path: &Path) -> PathBuf {
    let odd = |path: &Path| path.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir));
    if odd(from) || odd(path) {
        return path.to_path_buf();
    }
    let named = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let (mut here, mut there) = (from.components().peekable(), path.components().peekable());
    let mut shared = 0;
    while let (Some(a), Some(b)) = (here.peek(), there.peek()) {
        if a != b {
            break;
        }
        shared += usize::from(named(a));
        here.next();
        there.next();
    }
    if shared == 0 && here.peek().is_some() {
        return path.to_path_buf();
    }
    let up = here.map(|_| Component::ParentDir);
    up.chain(there).collect()
}

/// A path as it is from a folder, whole: the way back from [`from_here`]. Links are not followed.
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

    fn shown(from: &str, path: &str) -> String {
        from_here(Path::new(from), Path::new(path)).to_string_lossy().into_owned()
    }

    #[test]
    fn the_way_from_a_folder_to_a_path() {
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
            assert_eq!(shown(from, path), expected, "{from} {path}");
        }
    }

    /// What a forged id may hold leads nowhere else than it says.
    #[test]
    fn a_path_with_parents_in_it_stays_as_it_is() {
        assert_eq!(shown("/home/u", "/home/u/../v/a.md"), "/home/u/../v/a.md");
    }
}
