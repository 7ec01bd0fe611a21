//! Ignore files: what they say of a path, and which of them are read at all.
//!
//! An ignore file comes with a folder, and a folder may come from anybody. So none is read through a link, none that is no
//! regular file, and none that is larger than an ignore file is; and what rules take of memory and time is bounded, in each
//! file and in all that hold at one place together. What is not applied is said.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | which rules hold where, and which of them comes first |
//! | `files.rs` | finding and reading the ignore files of a folder |
//! | `file.rs` | an ignore file's text to rules |
//! | `pattern.rs` | one rule, as it is written |
//! | `glob.rs` | the pieces of its pattern |
//! | `wild.rs` | patterns with wildcards, compared with a path |
//! | `set.rs` | the rules of one file, as they are asked |
//! | `bounds.rs` | how much rules may be |

mod bounds;
mod file;
mod files;
mod glob;
mod pattern;
mod set;
mod wild;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::source::Skipped;
use bounds::Cost;
pub(super) use set::{RuleSet, Said};
pub(super) use wild::Scratch;

/// The kinds of ignore files, the strongest first: a kind that says something of a path, wherever it stands, is asked before
/// the next. Within a kind the nearest folder comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `.nighignore`: for nigh alone.
    Own,
    /// `.gitignore`.
    Git,
    /// `.git/info/exclude`.
    Exclude,
}

const KINDS: [Kind; 3] = [Kind::Own, Kind::Git, Kind::Exclude];

/// The rules of one folder.
struct Level {
    /// How deep below the root the folder is; none for those above it.
    depth: Option<usize>,
    /// How much of a full path leads to the folder.
    skip: usize,
    sets: Vec<(Kind, RuleSet)>,
    cost: Cost,
}

/// The rules that hold at a place of a walk. They are brought there by [`Rules::enter`], on the way down, and
/// [`Rules::leave`].
pub(super) struct Rules {
    /// The root's real path, with a `/` at its end: the rules of the folders above it count, too.
    root: Vec<u8>,
    levels: Vec<Level>,
    in_force: Cost,
    scratch: Scratch,
    /// A path as it is compared, kept for its room.
    full: Vec<u8>,
    /// What was not applied.
    pub(super) problems: Vec<Skipped>,
}

/// A path as rules see it.
pub(super) fn bytes_of(path: &Path) -> Vec<u8> {
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    if cfg!(windows) {
        bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    bytes
}

impl Rules {
    /// The rules of the folders above a root. Those of the root come with [`Rules::enter`].
    pub(super) fn above(root: &Path) -> Self {
        let real = root.canonicalize().ok();
        let mut bytes = real.as_deref().map(bytes_of).unwrap_or_default();
        if !bytes.is_empty() && !bytes.ends_with(b"/") {
            bytes.push(b'/');
        }
        let mut rules = Self {
            root: bytes,
            levels: Vec::new(),
            in_force: Cost::default(),
            scratch: Scratch::default(),
            full: Vec::new(),
            problems: Vec::new(),
        };
        let above: Vec<&Path> = real.iter().flat_map(|real| real.ancestors().skip(1)).collect();
        for folder in above.into_iter().rev() {
            let length = bytes_of(folder);
            let skip = length.len() + usize::from(!length.ends_with(b"/"));
            rules.add(folder, folder, None, skip);
        }
        rules
    }

    /// Reads the rules of a folder that is walked, `depth` below the root, where `relative` leads.
    pub(super) fn enter(&mut self, folder: &Path, relative: &Path, depth: usize) {
        self.leave(depth);
        let below = bytes_of(relative).len();
        let skip = self.root.len() + below + usize::from(below > 0);
        self.add(folder, relative, Some(depth), skip);
    }

    /// Forgets the rules of folders that are at least so deep.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(level) = self.levels.pop_if(|level| level.depth.is_some_and(|own| own >= depth)) {
            self.in_force -= level.cost;
        }
    }

    /// What the rules say of a path below the root.
    pub(super) fn say(&mut self, relative: &Path, folder: bool) -> Said {
        let Self { root, levels, scratch, full, .. } = self;
        full.clear();
        full.extend_from_slice(root);
        full.extend(bytes_of(relative));
        for kind in KINDS {
            for level in levels.iter().rev() {
                let of_kind = level.sets.iter().find(|(other, _)| *other == kind);
                let (Some((_, set)), Some(path)) = (of_kind, full.get(level.skip..)) else { continue };
                let said = set.say(path, folder, scratch);
                if said != Said::Nothing {
                    return said;
                }
            }
        }
        Said::Nothing
    }

    fn add(&mut self, folder: &Path, shown: &Path, depth: Option<usize>, skip: usize) {
        let (mut sets, mut cost) = (Vec::new(), Cost::default());
        for kind in KINDS {
            let mut problem = |file: &Path, reason: String| {
                let path = shown.join(file.strip_prefix(folder).unwrap_or(file));
                self.problems.push(Skipped { path: super::walk::shown(&path), reason });
            };
            let Some((path, text)) = files::text(folder, kind, &mut problem) else { continue };
            let (set, problems) = file::read(&text, self.in_force);
            problems.into_iter().for_each(|reason| problem(&path, reason));
            if !set.is_empty() {
                cost += set.cost;
                self.in_force += set.cost;
                sets.push((kind, set));
            }
        }
        if !sets.is_empty() {
            self.levels.push(Level { depth, skip, sets, cost });
        }
    }
}

/// Rules that are given line by line, not in a file.
///
/// # Errors
/// What is wrong with the first that is none, or too much.
pub(super) fn given(lines: &[String]) -> Result<RuleSet, String> {
    let (mut set, mut total) = (RuleSet::default(), Cost::default());
    for line in lines {
        if line.len() > bounds::LINE_BYTES {
            return Err(format!("one has more than {} bytes", bounds::LINE_BYTES));
        }
        if let Some((pattern, verdict)) = pattern::parse(line).map_err(|problem| format!("{line}: {problem}"))? {
            total += Cost::of(&pattern);
            if let Some(excess) = total.excess() {
                return Err(excess);
            }
            set.add(pattern, verdict);
        }
    }
    Ok(set)
}
