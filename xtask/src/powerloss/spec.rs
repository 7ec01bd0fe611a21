//! A case as words: the run, what the disk keeps, and after how many of the recorded operations the power goes.

use crate::rig::stage::Run;
use crate::run::{Failure, Result};
use std::fmt;

/// What a disk keeps of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeps {
    /// Nothing: neither data nor names.
    Nothing,
    /// Data, but no names: a new file is not there, a renamed one has its old name.
    Data,
    /// Names, but no data: a new file is empty, an old one as it was.
    Names,
    /// Names and sizes, but no data: a new file is zeros.
    Sizes,
    /// Each name and each page by chance.
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
            .ok_or_else(|| Failure::usage(format!("no model is called `{name}`; there are {}", names())))
    }

    pub(crate) fn name(self) -> &'static str {
        KEEPS.iter().find(|&&(_, keeps)| keeps == self).map_or("", |(name, _)| name)
    }
}

/// The runs whose writes can be recorded and replayed: those that write to a collection.
pub(crate) const RUNS: [Run; 8] =
    [Run::Create, Run::Index, Run::ImportNew, Run::Import, Run::Rebuild, Run::RebuildRecords, Run::Migrate, Run::Graph];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spec {
    pub(crate) run: Run,
    pub(crate) keeps: Keeps,
    /// How many operations were done.
    pub(crate) after: usize,
}

impl Spec {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong =
            || Failure::usage(format!("`{text}` is no case; one is RUN:MODEL:NUMBER, such as create:size-first:34"));
        let [run, keeps, after] = text.split(':').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        Ok(Self { run: self::run(run)?, keeps: Keeps::parse(keeps)?, after: after.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.run.name(), self.keeps.name(), self.after)
    }
}

/// A run that can be recorded.
pub(crate) fn run(name: &str) -> Result<Run> {
    let run = Run::parse(name)?;
    let names = || RUNS.map(Run::name).join(", ");
    if RUNS.contains(&run) {
        Ok(run)
    } else {
        Err(Failure::usage(format!("`{name}` is not recorded; what is: {}", names())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_its_words() {
        for text in ["create:size-first:34", "import-new:partial:0"] {
            assert_eq!(Spec::parse(text).unwrap().to_string(), text);
        }
        for bad in ["create", "create:none:1", "create:partial:x", "search:partial:1", "create:partial:1:2"] {
            assert_eq!(Spec::parse(bad).unwrap_err().code, 2, "{bad}");
        }
    }
}
