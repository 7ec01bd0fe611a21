//! Ignore files: what they say of a path, and which of them are read at all.
//!
//! An ignore file comes with a folder, and a folder may come from anybody. So none is read through a link, none that is no
//! regular file, and none that is larger than an ignore file is; and what rules take of memory and time is bounded, in each
//! file and in all that hold at one place together. What is not applied is said.
//!
//! A repository is a border, as for git: `.gitignore` and `.git/info/exclude` do not rule in a repository that lies below
//! theirs. `.nighignore` does: it is not git's. Files that other tools have, as `.ignore`, and git's global ones are not read.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | which rules hold where, and which of them comes first |
//! | `find.rs` | finding and reading the ignore files of a folder |
//! | `parse.rs` | an ignore file's text to rules |
//! | `pattern.rs` | one rule, as it is written; the pieces of its glob are read where those of filters are |
//! | `glob_program.rs` | patterns with wildcards, compared with a path |
//! | `set.rs` | the rules of one file, as they are asked |
//! | `names.rs` | names as they are compared |
//! | `bounds.rs` | how much rules may be |

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

/// The kinds of ignore files, the strongest first: a kind that says something of a path, wherever it stands, is asked before
/// the next. Within a kind the nearest folder comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IgnoreFileKind {
    /// `.nighignore`: for nigh alone.
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
    /// How deep below the root the folder is; none for those above it.
    depth: Option<usize>,
    /// How much of a full path leads to the folder.
    skip: usize,
    /// Whether the folder is the top of a repository: what git's files above it say ends here.
    border: bool,
    /// With the number of the file that each is from.
    sets: Vec<(IgnoreFileKind, RuleSet, usize)>,
    cost: RuleCost,
}

/// The rules that hold at a place of a walk. They are brought there by [`IgnoreRules::enter`], on the way down, and
/// [`IgnoreRules::leave`].
pub(super) struct IgnoreRules {
    /// The root's real path, with a `/` at its end: the rules of the folders above it count, too.
    root: Vec<u8>,
    levels: Vec<FolderRules>,
    in_force: RuleCost,
    scratch: GlobWorkspace,
    /// A path as it is compared, kept for its room.
    full: Vec<u8>,
    /// The ignore files met so far that have rules: the way down from the root; of one above it, its whole path.
    pub(super) files: Vec<String>,
    /// What was not applied.
    pub(super) problems: Vec<Skipped>,
}

impl IgnoreRules {
    /// The rules of the folders above a root: git's up to the top of the repository that the root is in or, where it is in none,
    /// of `base` and what is below it; ours all the way up. Those of the root come with [`IgnoreRules::enter`].
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

    /// Reads the rules of a folder that is walked, `depth` below the root, where `relative` leads.
    pub(super) fn enter(&mut self, folder: &Path, relative: &Path, depth: usize) {
        self.leave(depth);
        let below = bytes_of(relative).len();
        let skip = self.root.len() + below + usize::from(below > 0);
        self.add(folder, relative, Some(depth), skip, &KINDS);
    }

    /// Forgets the rules of folders that are at least so deep.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(level) = self.levels.pop_if(|level| level.depth.is_some_and(|own| own >= depth)) {
            self.in_force -= level.cost;
        }
    }

    /// What the rules say of a path below the root, and the number of the file that says it, for [`IgnoreRules::files`].
    pub(super) fn decide(&mut self, relative: &Path, folder: bool) -> (RuleDecision, usize) {
        let Self { root, levels, scratch, full, .. } = self;
        full.clear();
        full.extend_from_slice(root);
        full.extend(bytes_of(relative));
        for kind in KINDS {
            for level in levels.iter().rev() {
                let of_kind = level.sets.iter().find(|(other, ..)| *other == kind);
                if let (Some((_, set, file)), Some(path)) = (of_kind, full.get(level.skip..)) {
                    let said = set.decide(path, folder, scratch);
                    if said != RuleDecision::Nothing {
                        return (said, *file);
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
            let named = |file: &Path| super::walk::shown(&shown.join(file.strip_prefix(folder).unwrap_or(file)));
            let mut problem = |file: &Path, reason: String| self.problems.push(Skipped { path: named(file), reason });
            let Some((path, text)) = find::text(folder, kind, &mut problem) else { continue };
            let (set, problems) = parse::read(&text, kind.dialect(), self.in_force);
            problems.into_iter().for_each(|reason| problem(&path, reason));
            if !set.is_empty() {
                cost += set.cost;
                self.in_force += set.cost;
                sets.push((kind, set, self.files.len()));
                self.files.push(named(&path));
            }
        }
        let border = find::is_repository(folder);
        if !sets.is_empty() || border {
            self.levels.push(FolderRules { depth, skip, border, sets, cost });
        }
    }
}

/// Rules that are given line by line, not in a file.
///
/// # Errors
/// What is wrong with the first that is none, or too much.
pub(super) fn given(lines: &[String]) -> Result<RuleSet, String> {
    let (mut set, mut total) = (RuleSet::default(), RuleCost::default());
    for line in lines {
        if line.len() > bounds::LINE_BYTES {
            return Err(format!("one has more than {} bytes", bounds::LINE_BYTES));
        }
        if let Some((pattern, verdict)) =
            pattern::parse(line, GlobDialect::Setting).map_err(|problem| format!("{line}: {problem}"))?
        {
            total += RuleCost::of(&pattern);
            if let Some(excess) = total.excess() {
                return Err(excess);
            }
            set.add(pattern, verdict);
        }
    }
    Ok(set)
}
