//! Ignore files: which of them are read, and what their rules decide about a path.
//!
//! An ignore file comes with a folder, and a folder may come from anywhere. So only regular files of limited size are read, and
//! no symbolic links. The memory and time that rules take are limited, in each file and in all files that apply at one place
//! together. Rules that are not applied are reported.
//!
//! As in git, a repository is a border: `.gitignore` and `.git/info/exclude` do not apply in a repository below theirs.
//! `.nighignore`, which is not a file of git, does apply there. Ignore files of other tools (`.ignore`) and git's global ignore files
//! are not read.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | which rules apply where, and which of them take precedence |
//! | `find.rs` | finds and reads the ignore files of a folder |
//! | `parse.rs` | parses an ignore file into rules |
//! | `pattern.rs` | parses one rule; globs are tokenised by `filter::glob` |
//! | `glob_program.rs` | matches patterns with wildcards against a path |
//! | `set.rs` | the rules of one file, and their decision about a path |
//! | `names.rs` | names in the form in which they are compared |
//! | `bounds.rs` | the limits of rules |

mod bounds;
mod find;
mod glob_program;
mod names;
mod parse;
mod pattern;
mod set;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::source::Skipped;
use crate::filter::glob::syntax::GlobDialect;
use bounds::RuleCost;
pub(super) use glob_program::GlobWorkspace;
pub(super) use names::bytes_of;
pub(super) use set::{RuleDecision, RuleSet};

/// The kinds of ignore files, strongest first: a rule of one kind, in any folder, overrides all rules of the next kinds. Within a
/// kind, the nearest folder takes precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IgnoreFileKind {
    /// `.nighignore`: only for nigh.
    Own,
    /// `.gitignore`.
    Git,
    /// `.git/info/exclude`.
    Exclude,
}

const KINDS: [IgnoreFileKind; 3] = [IgnoreFileKind::Own, IgnoreFileKind::Git, IgnoreFileKind::Exclude];

impl IgnoreFileKind {
    fn dialect(self) -> GlobDialect {
        if self == Self::Own { GlobDialect::Own } else { GlobDialect::Git }
    }
}

/// The rules of one folder.
struct FolderRules {
    /// The folder's depth below the root; `None` for folders above the root.
    depth: Option<usize>,
    /// The length of the folder's part of a full path, in bytes.
    skip: usize,
    /// True if the folder is the top of a repository: git's ignore files in the folders above do not apply in it.
    border: bool,
    /// The rules of each kind, with the number of their file.
    sets: Vec<(IgnoreFileKind, RuleSet, usize)>,
    cost: RuleCost,
}

/// The rules that apply at the current place of a walk. [`IgnoreRules::enter`] and [`IgnoreRules::leave`] keep them up to date.
pub(super) struct IgnoreRules {
    /// The root's real path with a `/` at its end, as rules of the folders above it apply, too.
    root: Vec<u8>,
    levels: Vec<FolderRules>,
    in_force: RuleCost,
    scratch: GlobWorkspace,
    /// A buffer for the path that is compared.
    full: Vec<u8>,
    /// The ignore files with rules so far: their path relative to the root; for a file above the root, its full path.
    pub(super) files: Vec<String>,
    /// Files and rules that were not applied.
    pub(super) problems: Vec<Skipped>,
}

impl IgnoreRules {
    /// Reads the rules of the folders above a root. git's ignore files apply up to the top of the root's repository or, without a
    /// repository, up to `base`; `.nighignore` files apply from all folders. [`IgnoreRules::enter`] adds the rules of the root.
    pub(super) fn above(root: &Path, base: Option<&Path>) -> Self {
        let real = root.canonicalize().ok();
        let mut bytes = real.as_deref().map(bytes_of).unwrap_or_default();
        if !bytes.is_empty() && !bytes.ends_with(b"/") {
            bytes.push(b'/');
        }
        let mut rules = Self {
            root: bytes,
            levels: Vec::new(),
            in_force: RuleCost::default(),
            scratch: GlobWorkspace::default(),
            full: Vec::new(),
            files: Vec::new(),
            problems: Vec::new(),
        };
        let Some(real) = real else { return rules };
        let top = real.ancestors().find(|folder| find::is_repository(folder)).map(Path::to_path_buf);
        let top = top.or_else(|| base?.canonicalize().ok());
        let above: Vec<&Path> = real.ancestors().skip(1).collect();
        for folder in above.into_iter().rev() {
            let length = bytes_of(folder);
            let skip = length.len() + usize::from(!length.ends_with(b"/"));
            let kinds = if top.as_ref().is_some_and(|top| folder.starts_with(top)) {
                &KINDS[..]
            } else {
                &[IgnoreFileKind::Own]
            };
            rules.add(folder, folder, None, skip, kinds);
        }
        rules
    }

    /// Adds the rules of a folder, `depth` levels below the root at the path `relative`.
    pub(super) fn enter(&mut self, folder: &Path, relative: &Path, depth: usize) {
        self.leave(depth);
        let below = bytes_of(relative).len();
        let skip = self.root.len() + below + usize::from(below > 0);
        self.add(folder, relative, Some(depth), skip, &KINDS);
    }

    /// Drops the rules of folders at this depth or deeper.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(level) = self.levels.pop_if(|level| level.depth.is_some_and(|own| own >= depth)) {
            self.in_force -= level.cost;
        }
    }

    /// Returns the rules' decision about a path below the root, and the number of the deciding file in [`IgnoreRules::files`].
    pub(super) fn decide(&mut self, relative: &Path, folder: bool) -> (RuleDecision, usize) {
        let Self { root, levels, scratch, full, .. } = self;
        full.clear();
        full.extend_from_slice(root);
        full.extend(bytes_of(relative));
        for kind in KINDS {
            for level in levels.iter().rev() {
                let of_kind = level.sets.iter().find(|(other, ..)| *other == kind);
                if let (Some((_, set, file)), Some(path)) = (of_kind, full.get(level.skip..)) {
                    let decision = set.decide(path, folder, scratch);
                    if decision != RuleDecision::Nothing {
                        return (decision, *file);
                    }
                }
                if level.border && kind != IgnoreFileKind::Own {
                    break;
                }
            }
        }
        (RuleDecision::Nothing, usize::MAX)
    }

    fn add(&mut self, folder: &Path, shown: &Path, depth: Option<usize>, skip: usize, kinds: &[IgnoreFileKind]) {
        let (mut sets, mut cost) = (Vec::new(), RuleCost::default());
        for &kind in kinds {
            let shown_path = |file: &Path| super::walk::shown(&shown.join(file.strip_prefix(folder).unwrap_or(file)));
            let mut problem =
                |file: &Path, reason: String| self.problems.push(Skipped { path: shown_path(file), reason });
            let Some((path, text)) = find::read_ignore_file(folder, kind, &mut problem) else { continue };
            let (set, problems) = parse::read(&text, kind.dialect(), self.in_force);
            problems.into_iter().for_each(|reason| problem(&path, reason));
            if !set.is_empty() {
                cost += set.cost;
                self.in_force += set.cost;
                sets.push((kind, set, self.files.len()));
                self.files.push(shown_path(&path));
            }
        }
        let border = find::is_repository(folder);
        if !sets.is_empty() || border {
            self.levels.push(FolderRules { depth, skip, border, sets, cost });
        }
    }
}

/// Parses rules that are given as lines, not in a file.
///
/// # Errors
/// The problem with the first line that is not a rule, or exceeds a limit.
pub(super) fn parse_lines(lines: &[String]) -> Result<RuleSet, String> {
    let (mut set, mut total) = (RuleSet::default(), RuleCost::default());
    for line in lines {
        if line.len() > bounds::LINE_BYTES {
            return Err(format!("one has more than {} bytes", bounds::LINE_BYTES));
        }
        if let Some((pattern, verdict)) =
            pattern::parse(line, GlobDialect::Setting).map_err(|problem| format!("{line}: {problem}"))?
        {
            total += RuleCost::of(&pattern);
            if let Some(exceeded) = total.exceeded() {
                return Err(exceeded);
            }
            set.add(pattern, verdict);
        }
    }
    Ok(set)
}
