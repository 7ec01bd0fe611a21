//! The runs there are, and the steps they are made of.

use crate::run::{Failure, Result};

/// What the program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Run {
    /// `index` where there is no collection.
    Create,
    /// `index` after changes.
    Index,
    /// The same, where calls in the documents' folder count, and none in the collection.
    Read,
    /// `watch` while files change.
    Watch,
    Import,
    ImportNew,
    Rebuild,
    /// `rebuild` where the records are gone.
    RebuildRecords,
    Migrate,
    /// `model import`, which installs as `model pull` does once its files are here.
    ModelImport,
    /// The first load of a model, which lays out its packed files.
    Pack,
    /// `index` with segments that get graphs.
    Graph,
    Search,
    Verify,
    Export,
}

pub(crate) const RUNS: [(&str, Run); 15] = [
    ("create", Run::Create),
    ("index", Run::Index),
    ("read", Run::Read),
    ("watch", Run::Watch),
    ("import", Run::Import),
    ("import-new", Run::ImportNew),
    ("rebuild", Run::Rebuild),
    ("rebuild-records", Run::RebuildRecords),
    ("migrate", Run::Migrate),
    ("model-import", Run::ModelImport),
    ("pack", Run::Pack),
    ("graph", Run::Graph),
    ("search", Run::Search),
    ("verify", Run::Verify),
    ("export", Run::Export),
];

impl Run {
    pub(crate) fn parse(name: &str) -> Result<Self> {
        let names = || RUNS.map(|(name, _)| name).join(", ");
        let found = RUNS.iter().find(|(known, _)| *known == name);
        found
            .map(|&(_, run)| run)
            .ok_or_else(|| Failure::usage(format!("no run is called `{name}`; there are {}", names())))
    }

    pub(crate) fn name(self) -> &'static str {
        RUNS.iter().find(|&&(_, run)| run == self).map_or("", |(name, _)| name)
    }
}

/// Words for the program, and what it reads on stdin.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) words: Vec<String>,
    pub(crate) input: Option<String>,
    /// An error of it stops nothing: what comes after shows whether all is well.
    pub(crate) may_fail: bool,
}

impl Step {
    pub(crate) fn new<const N: usize>(words: [&str; N]) -> Self {
        Self::of(words.map(str::to_owned).into())
    }

    pub(crate) fn of(words: Vec<String>) -> Self {
        Self { words, input: None, may_fail: false }
    }

    pub(crate) fn shown(&self) -> String {
        self.words.join(" ")
    }
}
