//! A case as text: the run, the disk model, and the number of recorded operations before the power fails.

use crate::rig::stage::RunKind;
use crate::run::{Result, TaskFailure};
use std::fmt;

/// A disk model: what it keeps of unsynced writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeps {
    /// Neither data nor names.
    Nothing,
    /// Data without names: a new file is missing, a renamed one has its old name.
    Data,
    /// Names without data: a new file is empty, an old one unchanged.
    Names,
    /// Names and sizes without data: a new file contains zeros.
    Sizes,
    /// Each name and each page at random.
    Some,
}

pub(crate) const KEEPS: [(&str, Keeps); 5] = [
    ("data-lost", Keeps::Nothing),
    ("names-lost", Keeps::Data),
    ("names-first", Keeps::Names),
    ("size-first", Keeps::Sizes),
    ("partial", Keeps::Some),
];

impl Keeps {
    pub(crate) fn parse(name: &str) -> Result<Self> {
        let names = || KEEPS.map(|(name, _)| name).join(", ");
        let found = KEEPS.iter().find(|(known, _)| *known == name);
        found
            .map(|&(_, keeps)| keeps)
            .ok_or_else(|| TaskFailure::usage(format!("unknown disk model `{name}`; the models are {}", names())))
    }

    pub(crate) fn name(self) -> &'static str {
        KEEPS.iter().find(|&&(_, keeps)| keeps == self).map_or("", |(name, _)| name)
    }
}

/// The runs that can be recorded and replayed: those that write to a collection.
pub(crate) const RUNS: [RunKind; 8] = [
    RunKind::Create,
    RunKind::Index,
    RunKind::ImportNew,
    RunKind::Import,
    RunKind::Rebuild,
    RunKind::RebuildRecords,
    RunKind::Migrate,
    RunKind::Graph,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PowerlossCase {
    pub(crate) run: RunKind,
    pub(crate) keeps: Keeps,
    /// The number of operations before the power fails.
    pub(crate) after: usize,
}

impl PowerlossCase {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            TaskFailure::usage(format!("`{text}` is not a case; write RUN:MODEL:NUMBER, such as create:size-first:34"))
        };
        let [run, keeps, after] = text.split(':').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        Ok(Self { run: self::run(run)?, keeps: Keeps::parse(keeps)?, after: after.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for PowerlossCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.run.name(), self.keeps.name(), self.after)
    }
}

/// Returns the run of this name, if it can be recorded.
pub(crate) fn run(name: &str) -> Result<RunKind> {
    let run = RunKind::parse(name)?;
    let names = || RUNS.map(RunKind::name).join(", ");
    if RUNS.contains(&run) {
        Ok(run)
    } else {
        Err(TaskFailure::usage(format!("`{name}` cannot be recorded; these runs can: {}", names())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_round_trips_through_text() {
        for text in ["create:size-first:34", "import-new:partial:0"] {
            assert_eq!(PowerlossCase::parse(text).unwrap().to_string(), text);
        }
        for bad in ["create", "create:none:1", "create:partial:x", "search:partial:1", "create:partial:1:2"] {
            assert_eq!(PowerlossCase::parse(bad).unwrap_err().code, 2, "{bad}");
        }
    }
}
