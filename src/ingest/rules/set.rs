//! The rules of one file: the last rule that matches decides.

use std::collections::HashMap;

use super::bounds::RuleCost;
use super::glob_program::GlobWorkspace;
use super::pattern::{RulePattern, Verdict};

/// The decision of rules about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum RuleDecision {
    Nothing,
    LeaveOut,
    /// A rule includes the path again.
    Keep,
}

/// Rules, in the order of their lines.
#[derive(Debug, Default)]
pub(in crate::ingest) struct RuleSet {
    verdicts: Vec<Verdict>,
    names: HashMap<Box<[u8]>, LastRules>,
    paths: HashMap<Box<[u8]>, LastRules>,
    extensions: HashMap<Box<[u8]>, LastRules>,
    wild: Vec<(usize, RulePattern)>,
    pub(super) cost: RuleCost,
}

/// For one pattern: the last rule for files and folders, and the last rule for folders only. Indexes in `verdicts` plus one; 0: none.
#[derive(Debug, Clone, Copy, Default)]
struct LastRules {
    of_all: usize,
    of_folders: usize,
}

impl RuleSet {
    pub(in crate::ingest) fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    pub(super) fn add(&mut self, pattern: RulePattern, verdict: Verdict) {
        self.verdicts.push(verdict);
        let number = self.verdicts.len();
        let (known, key) = match pattern {
            RulePattern::Name(name) => (&mut self.names, name),
            RulePattern::Path(path) => (&mut self.paths, path),
            RulePattern::Extension(ending) => (&mut self.extensions, ending),
            wild => return self.wild.push((number, wild)),
        };
        let last = known.entry(key).or_default();
        *(if verdict.folders { &mut last.of_folders } else { &mut last.of_all }) = number;
    }

    /// Returns the decision about a path, relative to the rules' folder, with `/` between the parts. Examines only the path itself,
    /// not the folders above it.
    pub(in crate::ingest) fn decide(&self, path: &[u8], folder: bool, scratch: &mut GlobWorkspace) -> RuleDecision {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let ending = name.iter().rposition(|&byte| byte == b'.').and_then(|at| name.get(at..));
        let known = [self.names.get(name), self.paths.get(path), ending.and_then(|e| self.extensions.get(e))];
        let number = |last: &LastRules| if folder { last.of_all.max(last.of_folders) } else { last.of_all };
        let mut deciding = known.into_iter().flatten().map(number).max().unwrap_or(0);
        for (number, pattern) in self.wild.iter().rev().take_while(|(number, _)| *number > deciding) {
            if !folder && self.verdict(*number).is_some_and(|verdict| verdict.folders) {
                continue;
            }
            let matches = match pattern {
                RulePattern::WildName(program) => program.matches_simple(name),
                RulePattern::WildPath(program) => program.matches_simple(path),
                RulePattern::General(program) => program.matches(path, scratch),
                RulePattern::Name(_) | RulePattern::Path(_) | RulePattern::Extension(_) => false,
            };
            if matches {
                deciding = *number;
                break;
            }
        }
        match self.verdict(deciding) {
            None => RuleDecision::Nothing,
            Some(Verdict { keeps: true, .. }) => RuleDecision::Keep,
            Some(_) => RuleDecision::LeaveOut,
        }
    }

    /// Returns the decision about a file's path or, if there is none, about the nearest folder above it that has a decision.
    pub(in crate::ingest) fn decide_for_file(&self, path: &[u8], scratch: &mut GlobWorkspace) -> RuleDecision {
        let mut decision = self.decide(path, false, scratch);
        let mut path = path;
        while let (RuleDecision::Nothing, Some(slash)) = (decision, path.iter().rposition(|&byte| byte == b'/')) {
            path = path.get(..slash).unwrap_or_default();
            decision = self.decide(path, true, scratch);
        }
        decision
    }

    fn verdict(&self, number: usize) -> Option<Verdict> {
        self.verdicts.get(number.checked_sub(1)?).copied()
    }
}
