//! Which files there are: a walk that obeys `.gitignore` and `.nighignore` and reports everything it leaves out.
//!
//! Files that an ignore rule or the hidden-file rule leaves out are what the user asked for and are not reported. All
//! else that is not delivered (links, odd names, too large, unreadable) is named in [`Scan::skipped`] with the reason.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ignore::{DirEntry, WalkBuilder};

use super::scope::{Globs, is_within, leads_to};
use crate::error::{Error, Result};

/// The collection's own folder, never walked.
const OWN_FOLDER: &str = ".nigh";
/// Never walked either, also when hidden files are wanted: objects and packs are nobody's documents.
const GIT_FOLDER: &str = ".git";
/// Ignore rules for nigh alone, in the syntax of `.gitignore`, and stronger than it.
const IGNORE_FILE: &str = ".nighignore";

/// How to walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Whether files and folders whose name starts with a dot are walked. Default: no.
    pub hidden: bool,
    /// Whether symbolic links found below the root are followed. Default: no. The root itself may always be one.
    pub follow_links: bool,
    /// The largest file taken, in bytes. Default: [`Walk::MAX_FILE_SIZE`].
    pub max_file_size: u64,
    /// Only files that match one of these globs, in the syntax of `.gitignore`, are taken. Default: none, all are.
    pub include: Vec<String>,
    /// What matches one of these globs is left out. Default: none.
    pub exclude: Vec<String>,
    /// Only these relative paths, and what is below them, are looked at. Default: everything.
    pub only: Option<Vec<String>>,
}

impl Walk {
    /// The default of [`Walk::max_file_size`]: 32 MiB.
    pub const MAX_FILE_SIZE: u64 = 32 << 20;
}

impl Default for Walk {
    fn default() -> Self {
        let (include, exclude) = (Vec::new(), Vec::new());
        Self { hidden: false, follow_links: false, max_file_size: Self::MAX_FILE_SIZE, include, exclude, only: None }
    }
}

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it is: the root as it was given, and the way down from it.
    pub path: PathBuf,
    /// The way down from the root, `/` between its parts on every system; a root that is a file: its name.
    pub relative: String,
    /// Bytes, at the time of the walk.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970 (negative before). 0 where the system does not say.
    pub modified_ns: i64,
}

/// Something that was found and not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The way down from the root, as [`FoundFile::relative`]; characters that are not UTF-8 show as `�`.
    pub path: String,
    /// Why, and what to do where something can be done.
    pub reason: String,
}

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The files to read, in the order of [`FoundFile::relative`], each once.
    pub files: Vec<FoundFile>,
    /// What was left out though no rule asked for it, in the order of the paths.
    pub skipped: Vec<Skipped>,
    /// Relative paths whose content could not be seen: an absent file that equals one of them, or lies below one, is
    /// not known to be gone. The empty path stands for the whole root. See [`Scan::is_unknown`].
    pub failed_directories: Vec<String>,
    /// What was looked at: these relative paths, and what is below them. None: everything.
    pub only: Option<BTreeSet<String>>,
}

impl Scan {
    /// Whether the walk could not see if a file of this relative path exists.
    pub fn is_unknown(&self, relative: &str) -> bool {
        self.failed_directories.iter().any(|prefix| {
            prefix.is_empty()
                || relative.strip_prefix(prefix.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        })
    }

    /// Whether the walk looked for a file of this relative path.
    pub fn covers(&self, relative: &str) -> bool {
        self.only.as_ref().is_none_or(|only| is_within(only, relative))
    }

    fn skip(&mut self, path: String, reason: impl Into<String>) {
        self.skipped.push(Skipped { path, reason: reason.into() });
    }
}

/// Walks a folder, or takes a single file (which no ignore rule, but the size limit, can leave out).
///
/// `cancelled` is asked at every entry. A relative root is taken from the current directory. Ignore files of the
/// folders above the root count too, inside a git repository or not; git's global ones do not.
///
/// # Errors
/// [`Error::Io`] when the root is absent or cannot be read; [`Error::InvalidInput`] for a glob that is none;
/// [`Error::Interrupted`] when `cancelled` said so. What goes
/// wrong below the root is in the [`Scan`].
pub fn scan(root: &Path, walk: &Walk, cancelled: &dyn Fn() -> bool) -> Result<Scan> {
    // The walker takes a bare "-" for standard input.
    let root = if root.as_os_str() == "-" { Path::new("./-") } else { root };
    let mut scan = Scan::default();
    let metadata = fs::metadata(root).map_err(Error::io("read", root))?;
    if !metadata.is_dir() {
        let name = root.file_name().map(PathBuf::from).unwrap_or_else(|| root.to_path_buf());
        take(&mut scan, root.to_path_buf(), &name, &metadata, walk);
        return Ok(scan);
    }
    fs::read_dir(root).map_err(Error::io("read", root))?;
    scan.only = walk.only.as_ref().map(|paths| paths.iter().cloned().collect());
    let globs = Globs::new(root, &walk.include, &walk.exclude)?;
    let (base, only, excluded) = (root.to_path_buf(), scan.only.clone(), globs.exclude.clone());
    let wanted = move |entry: &DirEntry| {
        let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let relative = below(&base, entry.path());
        entry.depth() == 0
            || entry.file_name() != OWN_FOLDER
                && entry.file_name() != GIT_FOLDER
                && !excluded.matched(&relative, folder).is_ignore()
                && only.as_ref().is_none_or(|only| {
                    portable(&relative).is_some_and(|path| is_within(only, &path) || folder && leads_to(only, &path))
                })
    };
    let entries = WalkBuilder::new(root)
        .hidden(!walk.hidden)
        .follow_links(walk.follow_links)
        .ignore(false)
        .git_ignore(true)
        .git_exclude(true)
        .git_global(false)
        .require_git(false)
        .parents(true)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(wanted)
        .build();
    for entry in entries {
        if cancelled() {
            return Err(Error::Interrupted);
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                report(&mut scan, root, &error);
                continue;
            }
        };
        if let Some(error) = entry.error() {
            report_rules(&mut scan, root, error);
        }
        let Some(kind) = entry.file_type() else { continue };
        if entry.depth() == 0 || kind.is_dir() {
            continue;
        }
        let relative = below(root, entry.path());
        if kind.is_symlink() {
            let reason = if fs::metadata(entry.path()).is_ok() {
                "symbolic link, not followed; use --follow-links to read what it points to"
            } else {
                "symbolic link that leads nowhere (its target is gone, or it points back to itself)"
            };
            scan.skip(relative.to_string_lossy().into_owned(), reason);
            continue;
        }
        if !globs.include(&relative) {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) => take(&mut scan, entry.path().to_path_buf(), &relative, &metadata, walk),
            Err(error) => report(&mut scan, root, &error),
        }
    }
    scan.files.sort_by(|a, b| a.relative.cmp(&b.relative));
    scan.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    scan.failed_directories.sort();
    scan.failed_directories.dedup();
    Ok(scan)
}

/// Adds a file, or the reason why not.
fn take(scan: &mut Scan, path: PathBuf, below: &Path, metadata: &Metadata, walk: &Walk) {
    let Some(relative) = portable(below) else {
        scan.skip(shown(below), "its name is not UTF-8; rename it to have it indexed");
        return;
    };
    if !metadata.is_file() {
        scan.skip(relative, "not a regular file");
    } else if metadata.len() > walk.max_file_size {
        let reason = format!(
            "{} bytes, more than the {} of --max-file-size; raise it to have this file indexed",
            metadata.len(),
            walk.max_file_size
        );
        scan.skip(relative, reason);
    } else {
        let modified_ns = metadata.modified().map(nanoseconds).unwrap_or(0);
        scan.files.push(FoundFile { path, relative, size: metadata.len(), modified_ns });
    }
}

/// Files an error of the walk under what it means for the files below.
fn report(scan: &mut Scan, root: &Path, error: &ignore::Error) {
    let (path, cause) = peel(error, None);
    let relative = path.map(|path| below(root, path));
    let name = relative.as_deref().map(shown).unwrap_or_default();
    match cause {
        ignore::Error::Loop { child, .. } => {
            scan.skip(shown(&below(root, child)), "symbolic link that leads back to a folder above it");
        }
        ignore::Error::Io(cause) => {
            let gone = cause.kind() == io::ErrorKind::NotFound;
            let link = path.and_then(|p| fs::symlink_metadata(p).ok()).is_some_and(|m| m.is_symlink());
            if gone && link {
                scan.skip(name, "symbolic link that leads nowhere (its target is gone, or it points back to itself)");
            } else if gone {
                scan.skip(name, "vanished during the walk");
            } else {
                scan.skip(name, format!("cannot be read: {cause}; what was indexed below it is kept"));
                // A name that is not UTF-8 cannot be compared with stored ones: the folder that holds it can.
                let known = relative.as_deref().and_then(|r| r.ancestors().find_map(portable));
                scan.failed_directories.push(known.unwrap_or_default());
            }
        }
        _ => report_rules(scan, root, error),
    }
}

/// Names ignore files that could not be read or understood; the rest of their rules hold.
fn report_rules(scan: &mut Scan, root: &Path, error: &ignore::Error) {
    let parts: &[ignore::Error] =
        if let ignore::Error::Partial(parts) = error { parts } else { std::slice::from_ref(error) };
    for part in parts {
        let name = peel(part, None).0.map(|path| shown(&below(root, path))).unwrap_or_default();
        scan.skip(name, format!("an ignore rule was not understood: {}", part.to_string().replace('\n', " ")));
    }
}

/// The path that an error speaks of, and the error without its wrappings.
fn peel<'e>(error: &'e ignore::Error, path: Option<&'e Path>) -> (Option<&'e Path>, &'e ignore::Error) {
    match error {
        ignore::Error::WithPath { path, err } => peel(err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => peel(err, path),
        _ => (path, error),
    }
}

fn below(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}

/// `/` between the parts; none when a part is not UTF-8.
fn portable(relative: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn shown(relative: &Path) -> String {
    portable(relative).unwrap_or_else(|| relative.to_string_lossy().into_owned())
}

fn nanoseconds(time: SystemTime) -> i64 {
    let (nanos, sign) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (after.as_nanos(), 1),
        Err(before) => (before.duration().as_nanos(), -1),
    };
    i64::try_from(nanos).unwrap_or(i64::MAX) * sign
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

    use std::cell::Cell;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn run(root: &Path, walk: &Walk) -> Scan {
        scan(root, walk, &|| false).unwrap()
    }

    fn names(scan: &Scan) -> Vec<&str> {
        scan.files.iter().map(|f| f.relative.as_str()).collect()
    }

    fn reason<'s>(scan: &'s Scan, path: &str) -> &'s str {
        &scan.skipped.iter().find(|s| s.path == path).unwrap_or_else(|| panic!("{path} is not in {scan:?}")).reason
    }

    #[test]
    fn ignore_files_hidden_files_and_the_own_folder() {
        let folder = folder(&[
            ("b.md", "b"),
            ("a/z.md", "z"),
            ("a/build/out.md", "ignored by a/.gitignore"),
            ("a/.gitignore", "build/\n*.log\n!keep.log\n"),
            ("a/x.log", "ignored"),
            ("a/keep.log", "kept by its negation"),
            (".nighignore", "secret*\n"),
            ("secret.md", "ignored"),
            (".ignore", "b.md\n"),
            (".hidden.md", "hidden"),
            (".nigh/notes.md", "own"),
            ("a/.nigh/notes.md", "own"),
            (".git/info/exclude", "a/excluded.md\n"),
            ("a/excluded.md", "in git's own list"),
            ("中文 文件.md", "zh"),
        ]);
        let found = run(folder.path(), &Walk::default());
        assert_eq!(names(&found), ["a/keep.log", "a/z.md", "b.md", "中文 文件.md"]);
        assert!(found.skipped.is_empty() && found.failed_directories.is_empty(), "{found:?}");
        assert_eq!((found.files[2].size, found.files[2].path.as_path()), (1, folder.path().join("b.md").as_path()));
        assert!(found.files[2].modified_ns > 1_500_000_000_000_000_000);

        let hidden = run(folder.path(), &Walk { hidden: true, ..Walk::default() });
        let expected =
            [".hidden.md", ".ignore", ".nighignore", "a/.gitignore", "a/keep.log", "a/z.md", "b.md", "中文 文件.md"];
        assert_eq!(names(&hidden), expected);
        assert_eq!(run(folder.path(), &Walk::default()), found, "the order is the same every time");
    }

    #[test]
    fn too_large_is_named_with_its_option() {
        let folder = folder(&[("big.txt", "12345"), ("fits.txt", "1234")]);
        let found = run(folder.path(), &Walk { max_file_size: 4, ..Walk::default() });
        assert_eq!(names(&found), ["fits.txt"]);
        assert!(reason(&found, "big.txt").contains("--max-file-size"));
    }

    #[test]
    fn a_single_file_is_a_root() {
        let folder = folder(&[("a.md", "a"), (".gitignore", "*\n")]);
        let found = run(&folder.path().join("a.md"), &Walk::default());
        assert_eq!(names(&found), ["a.md"], "asked for by name, so no rule leaves it out");
        assert_eq!(found.files[0].path, folder.path().join("a.md"));
    }

    #[test]
    fn an_absent_root_is_an_error_and_cancelling_stops() {
        let folder = folder(&[("a", "a"), ("b", "b"), ("c", "c")]);
        assert!(matches!(scan(&folder.path().join("no"), &Walk::default(), &|| false), Err(Error::Io { .. })));
        let asked = Cell::new(0);
        let result = scan(folder.path(), &Walk::default(), &|| asked.replace(asked.get() + 1) >= 2);
        assert!(matches!(result, Err(Error::Interrupted)));
        assert_eq!(asked.get(), 3);
    }

    #[test]
    fn a_bad_ignore_rule_is_named_and_the_others_hold() {
        let folder = folder(&[("a.md", "a"), ("b.md", "b"), (".gitignore", "b{,.md\nb.md\n")]);
        let found = run(folder.path(), &Walk::default());
        assert_eq!(names(&found), ["a.md"]);
        assert!(reason(&found, ".gitignore").contains("not understood"), "{found:?}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_named_and_followed_on_request() {
        use std::os::unix::fs::symlink;
        let folder = folder(&[("real/a.md", "a"), ("b.md", "b")]);
        let root = folder.path();
        symlink("b.md", root.join("link.md")).unwrap();
        symlink("nowhere", root.join("dangling.md")).unwrap();
        symlink("self.md", root.join("self.md")).unwrap();
        symlink("..", root.join("real/up")).unwrap();
        let found = run(root, &Walk::default());
        assert_eq!(names(&found), ["b.md", "real/a.md"]);
        assert!(reason(&found, "link.md").contains("--follow-links"));
        assert!(reason(&found, "real/up").contains("symbolic link"));
        assert!(reason(&found, "dangling.md").contains("nowhere"));
        assert!(reason(&found, "self.md").contains("nowhere"));
        assert!(found.failed_directories.is_empty());

        let followed = run(root, &Walk { follow_links: true, ..Walk::default() });
        assert_eq!(names(&followed), ["b.md", "link.md", "real/a.md"]);
        assert_eq!(followed.files[1].size, 1, "the size is that of the target");
        assert!(reason(&followed, "real/up").contains("above it"));
        assert!(reason(&followed, "dangling.md").contains("nowhere"));
        assert!(reason(&followed, "self.md").contains("symbolic link"), "{followed:?}");

        let linked_root = tempfile::tempdir().unwrap();
        symlink(root, linked_root.path().join("way")).unwrap();
        assert_eq!(names(&run(&linked_root.path().join("way"), &Walk::default())), ["b.md", "real/a.md"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn odd_names_and_odd_files() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::net::UnixListener;
        let folder = folder(&[("a.md", "a")]);
        fs::write(folder.path().join(OsStr::from_bytes(b"bad\xff.md")), "x").unwrap();
        let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
        let found = run(folder.path(), &Walk::default());
        assert_eq!(names(&found), ["a.md"]);
        assert!(reason(&found, "bad\u{fffd}.md").contains("rename"));
        assert_eq!(reason(&found, "socket"), "not a regular file");
    }

    #[cfg(unix)]
    #[test]
    fn an_unreadable_folder_is_unknown_not_empty() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder(&[("open/a.md", "a"), ("shut/b.md", "b")]);
        let shut = folder.path().join("shut");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read_dir(&shut).is_ok() {
            eprintln!("skipped: this user (root?) can read a folder of mode 000");
            return;
        }
        let found = run(folder.path(), &Walk::default());
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(names(&found), ["open/a.md"]);
        assert_eq!(found.failed_directories, ["shut"]);
        assert!(reason(&found, "shut").contains("cannot be read"));
    }

    #[test]
    fn what_an_unread_folder_leaves_unknown() {
        // Built from the error that the walker gives, so that it also runs where nothing is unreadable.
        let refused = |path: &str| ignore::Error::WithDepth {
            depth: 1,
            err: Box::new(ignore::Error::WithPath {
                path: Path::new("root").join(path),
                err: Box::new(ignore::Error::Io(io::Error::from(io::ErrorKind::PermissionDenied))),
            }),
        };
        let mut scan = Scan::default();
        report(&mut scan, Path::new("root"), &refused("shut/in"));
        assert_eq!(scan.failed_directories, ["shut/in"]);
        assert!(scan.is_unknown("shut/in") && scan.is_unknown("shut/in/a.md"));
        assert!(!scan.is_unknown("shut/inside.md") && !scan.is_unknown("shut") && !scan.is_unknown("a.md"));
        report(&mut scan, Path::new("root"), &ignore::Error::Io(io::Error::from(io::ErrorKind::PermissionDenied)));
        assert!(scan.is_unknown("a.md"), "an error without a path may hide anything");
    }

    #[test]
    fn times_before_1970_are_negative() {
        let second = std::time::Duration::from_secs(1);
        assert_eq!(nanoseconds(UNIX_EPOCH + second), 1_000_000_000);
        assert_eq!(nanoseconds(UNIX_EPOCH - second), -1_000_000_000);
    }
}
