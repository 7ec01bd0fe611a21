//! The folders that a command reads, and the ids of their files.

use std::path::{Path, PathBuf};

use nigh::{Collection, LeftOut, LeftOutBy};

use crate::output::{Failure, Output, count, thousands};
use crate::plan::Plan;
use crate::spelling::on_disk;

/// Maximum number of paths or rules listed without --verbose.
const MAX_LISTED_PATHS: usize = 10;

/// A folder or file to index.
pub struct Root {
    pub path: PathBuf,
    /// The prefix of its files' ids.
    pub prefix: String,
}

/// Returns the folders to index as absolute paths without links, so that the same folder always gives the same ids. A folder inside another
/// one is dropped.
pub fn canonical(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let current_folder = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &current_folder[..] } else { paths };
    let mut roots = paths
        .iter()
        .map(|path| {
            let spelled = on_disk(path).unwrap_or_else(|| path.clone());
            spelled.canonicalize().map_err(Failure::io("index", path.display()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    roots.sort();
    let mut outer: Vec<PathBuf> = Vec::new();
    for root in roots {
        if !outer.last().is_some_and(|folder| root.starts_with(folder)) {
            outer.push(root);
        }
    }
    Ok(outer)
}

/// Returns the named folders, else those that were indexed before. If these are unknown, none is guessed: the folder that ids are
/// relative to may contain much more than was ever indexed.
pub fn named_or_indexed(collection: &Collection, base: &Path, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if !paths.is_empty() {
        return canonical(paths);
    }
    let indexed = collection.indexed_folders();
    if !indexed.is_empty() {
        // `components` removes the slash that joining an empty path leaves.
        return Ok(indexed.iter().map(|folder| base.join(folder).components().collect()).collect());
    }
    let path = collection.path();
    if collection.is_trusted() {
        let shown = path.display();
        Err(Failure::message(format!(
            "the collection {shown} has no record of its folders; name the folders, or index them first"
        )))
    } else {
        Err(Failure::message(Plan::distrust(path, "its list of folders is ignored; name the folders yourself")))
    }
}

/// Returns the folders that `nigh index` without a path updates: those that were indexed before. For an empty collection, or one that
/// is not trusted, the current folder. A collection of single or imported documents has no folder, and none is guessed.
pub fn indexed_or_here(collection: &Collection, base: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !collection.indexed_folders().is_empty() {
        return named_or_indexed(collection, base, &[]);
    }
    if collection.is_trusted() && collection.status()?.documents > 0 {
        let path = collection.path().display();
        return Err(Failure::message(format!(
            "the collection {path} has no folders; name one: `nigh index .` adds the current folder"
        )));
    }
    canonical(&[])
}

/// Folders where disks are mounted: a missing folder there may be on a disk that is not mounted.
const MOUNT_FOLDERS: [&str; 5] = ["/media", "/mnt", "/run/media", "/Volumes", "/net"];

/// True if a missing folder was removed, as far as can be known: its parent exists, and is not a place for disks.
pub fn is_removed(root: &Path) -> bool {
    let disk = MOUNT_FOLDERS.iter().any(|mounts| root.starts_with(mounts));
    !disk && root.parent().is_some_and(Path::is_dir)
}

/// Returns the error of opening a folder or file, if there is one.
pub fn open_error(root: &Path) -> Option<std::io::Error> {
    let read = if root.is_dir() {
        root.read_dir().map(drop).and_then(|()| root.join(".").metadata().map(drop))
    } else if root.is_file() {
        std::fs::File::open(root).map(drop)
    } else {
        Ok(())
    };
    read.err()
}

/// Returns the message about a missing folder that may come back.
pub fn missing_folder_note() -> String {
    "missing (is its disk mounted?); its documents are kept; if it is really gone, `nigh index --allow-empty` without a path \
     removes them"
        .to_owned()
}

impl Root {
    /// `base` is the folder that ids are relative to.
    pub fn new(path: PathBuf, base: &Path) -> Result<Self, Failure> {
        // Ids are relative to the root itself, or to the folder of a root that is a file.
        let folder = if path.is_file() { path.parent().unwrap_or(&path) } else { &path };
        let below = folder.strip_prefix(base).unwrap_or(folder);
        let prefix = below.to_str().ok_or_else(|| {
            Failure::message(format!("the path {} is not UTF-8; rename it, or index from within it", folder.display()))
        })?;
        let ends_at_folder = prefix.is_empty() || prefix.ends_with('/');
        let prefix = if ends_at_folder { prefix.to_owned() } else { format!("{prefix}/") };
        Ok(Self { path, prefix })
    }
}

/// Lists paths, the first ones or all, below the title "2 NOUNs REST:". `lines`: each path, and a note on it.
pub fn list(
    out: &mut Output<'_>,
    noun: &str,
    rest: &str,
    lines: impl ExactSizeIterator<Item = (String, String)>,
    verbose: bool,
) -> Result<(), Failure> {
    let number = lines.len();
    if number == 0 {
        return Ok(());
    }
    writeln!(out, "{}{rest}:", count(number, noun))?;
    let listed = if verbose { number } else { MAX_LISTED_PATHS.min(number) };
    for (path, reason) in lines.take(listed) {
        let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
        out.line().plain("  ").path(path).plain(reason).end()?;
    }
    if listed < number {
        writeln!(out, "  and {} more (-v names them all)", thousands((number - listed) as u64))?;
    }
    Ok(())
}

/// Lists the files and folders that rules leave out.
pub fn list_left_out(out: &mut Output<'_>, left_out: &[LeftOut], verbose: bool) -> Result<(), Failure> {
    let number = left_out.len();
    if number == 0 {
        return Ok(());
    }
    writeln!(out, "left out by rules:")?;
    let listed = if verbose { number } else { MAX_LISTED_PATHS.min(number) };
    for rule in left_out.iter().take(listed) {
        let slash = if rule.folders > 0 { "/" } else { "" };
        let advice = match rule.by {
            LeftOutBy::Generated => {
                format!(" (made by tools; !{}{slash} in .nighignore includes them)", rule.name)
            }
            _ => String::new(),
        };
        out.line().plain("  ").plain(describe_rule(rule)).dim(advice).end()?;
    }
    if listed < number {
        writeln!(out, "  and {} more rules (-v names them all)", thousands((number - listed) as u64))?;
    }
    Ok(())
}

/// Describes the files and folders that a rule leaves out.
pub fn describe_rule(rule: &LeftOut) -> String {
    let LeftOut { by, name, files, folders, .. } = rule;
    let counts = [(*files, "file"), (*folders, "folder")].into_iter().filter(|(number, _)| *number > 0);
    let counted = counts.map(|(number, noun)| count(number, noun)).collect::<Vec<_>>().join(" and ");
    match by {
        LeftOutBy::IgnoreFile => format!("{counted} by {name}"),
        LeftOutBy::Include => format!("{counted} that match no include glob"),
        LeftOutBy::Exclude => format!("{counted} by the setting exclude"),
        _ => format!("{counted} named {name}{}", if *folders > 0 { "/" } else { "" }),
    }
}
