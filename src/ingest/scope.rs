//! The part of a folder that a walk covers: the paths that it is limited to, and globs that include and exclude files.

use std::collections::BTreeSet;
use std::path::Path;

use super::rules::{GlobWorkspace, RuleDecision, RuleSet, bytes_of, parse_lines};
use crate::error::{Error, Result};

/// True if a path is one of these paths, or below one of them.
pub(super) fn is_within(only: &BTreeSet<String>, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    only.contains("") || ends.into_iter().any(|end| only.contains(&path[..end]))
}

/// True if one of these paths is below a folder.
pub(super) fn leads_to(only: &BTreeSet<String>, folder: &str) -> bool {
    let folder = format!("{folder}/");
    only.range(folder.clone()..).next().is_some_and(|path| path.starts_with(&folder))
}

/// The globs of the settings; they apply in addition to the ignore files.
pub(super) struct Globs {
    /// The globs of files to include; `None`: all files.
    include: Option<RuleSet>,
    pub(super) exclude: RuleSet,
}

impl Globs {
    pub(super) fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        let include = (!include.is_empty()).then(|| globs(include, "include")).transpose()?;
        Ok(Self { include, exclude: globs(exclude, "exclude")? })
    }

    /// True if a file is included: the file, or a folder above it, matches.
    pub(super) fn include(&self, relative: &Path, scratch: &mut GlobWorkspace) -> bool {
        // A rule "leaves out" what it matches; as a glob of `include`, that is what to include.
        let decide = |globs: &RuleSet| globs.decide_for_file(&bytes_of(relative), scratch);
        self.include.as_ref().map(decide).is_none_or(|decision| decision == RuleDecision::LeaveOut)
    }
}

fn globs(lines: &[String], list: &'static str) -> Result<RuleSet> {
    parse_lines(lines).map_err(|cause| Error::InvalidGlob { list, problem: cause.to_string() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn scope_has_paths_below_and_folders_above() {
        let only: BTreeSet<String> = ["a/b", "ab", "c"].map(str::to_owned).into();
        for (path, within, leads) in [
            ("a", false, true),
            ("a/b", true, false),
            ("a/b/c", true, false),
            ("a/bc", false, false),
            ("ab/x", true, false),
            ("b", false, false),
        ] {
            assert_eq!((is_within(&only, path), leads_to(&only, path)), (within, leads), "{path}");
        }
        assert!(is_within(&["".to_owned()].into(), "anything"));
    }

    #[test]
    fn globs_include_and_exclude() {
        let mut scratch = GlobWorkspace::default();
        let list = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>();
        let globs = Globs::new(&list(&["*.md", "/notes"]), &list(&["/drafts"])).unwrap();
        for (path, taken) in
            [("a.md", true), ("x/a.md", true), ("a.txt", false), ("notes/a.txt", true), ("x/notes/a", false)]
        {
            assert_eq!(globs.include(Path::new(path), &mut scratch), taken, "{path}");
        }
        assert_eq!(globs.exclude.decide(b"drafts", true, &mut scratch), RuleDecision::LeaveOut);
        assert!(Globs::new(&[], &[]).unwrap().include(Path::new("any"), &mut scratch));
        let wrong = Globs::new(&list(&["{"]), &[]).err().unwrap().to_string();
        assert!(wrong.contains("include globs"), "{wrong}");
    }
}
