//! The rules of one file, as they are asked: the last one that matches decides.

use std::collections::HashMap;

use super::bounds::Cost;
use super::pattern::{Pattern, Verdict};
use super::wild::Scratch;

/// What a set of rules says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Said {
    Nothing,
    LeaveOut,
    /// It was left out by an earlier rule, and is taken back.
    Keep,
}

/// Rules, in the order in which they were written.
#[derive(Debug, Default)]
pub(in crate::ingest) struct RuleSet {
    verdicts: Vec<Verdict>,
    names: HashMap<Box<[u8]>, Last>,
    paths: HashMap<Box<[u8]>, Last>,
    extensions: HashMap<Box<[u8]>, Last>,
    wild: Vec<(usize, Pattern)>,
    pub(super) cost: Cost,
}

/// The last rules of the same pattern, as their places in `verdicts`, each plus one: 0 is none.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    of_all: usize,
    of_folders: usize,
}

impl RuleSet {
    pub(in crate::ingest) fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    pub(super) fn add(&mut self, pattern: Pattern, verdict: Verdict) {
        self.verdicts.push(verdict);
        let number = self.verdicts.len();
        let (known, key) = match pattern {
            Pattern::Name(name) => (&mut self.names, name),
            Pattern::Path(path) => (&mut self.paths, path),
            Pattern::Extension(ending) => (&mut self.extensions, ending),
            wild => return self.wild.push((number, wild)),
        };
        let last = known.entry(key).or_default();
        *(if verdict.folders { &mut last.of_folders } else { &mut last.of_all }) = number;
    }

    /// What is said of a path, relative to where the rules count from, with `/` between its parts. Of itself alone, not of the
    /// folders above it.
    pub(in crate::ingest) fn say(&self, path: &[u8], folder: bool, scratch: &mut Scratch) -> Said {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let ending = name.iter().rposition(|&byte| byte == b'.').and_then(|at| name.get(at..));
        let known = [self.names.get(name), self.paths.get(path), ending.and_then(|e| self.extensions.get(e))];
        let number = |last: &Last| if folder { last.of_all.max(last.of_folders) } else { last.of_all };
        let mut deciding = known.into_iter().flatten().map(number).max().unwrap_or(0);
        for (number, pattern) in self.wild.iter().rev().take_while(|(number, _)| *number > deciding) {
            if !folder && self.verdict(*number).is_some_and(|verdict| verdict.folders) {
                continue;
            }
            let matches = match pattern {
                Pattern::WildName(program) => program.matches_simple(name),
                Pattern::WildPath(program) => program.matches_simple(path),
                Pattern::General(program) => program.matches(path, scratch),
                Pattern::Name(_) | Pattern::Path(_) | Pattern::Extension(_) => false,
            };
            if matches {
                deciding = *number;
                break;
            }
        }
        match self.verdict(deciding) {
            None => Said::Nothing,
            Some(Verdict { keeps: true, .. }) => Said::Keep,
            Some(_) => Said::LeaveOut,
        }
    }

    /// What is said of a file's path or, where nothing is, of the nearest folder above it.
    pub(in crate::ingest) fn say_of_file(&self, path: &[u8], scratch: &mut Scratch) -> Said {
        let mut said = self.say(path, false, scratch);
        let mut path = path;
        while let (Said::Nothing, Some(slash)) = (said, path.iter().rposition(|&byte| byte == b'/')) {
            path = path.get(..slash).unwrap_or_default();
            said = self.say(path, true, scratch);
        }
        said
    }

    fn verdict(&self, number: usize) -> Option<Verdict> {
        self.verdicts.get(number.checked_sub(1)?).copied()
    }
}
