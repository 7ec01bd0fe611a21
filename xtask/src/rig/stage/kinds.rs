//! The runs, and the steps that they consist of.

use crate::run::{Result, TaskFailure};

/// The kinds of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunKind {
    /// `index` without a collection.
    Create,
    /// `index` after changes.
    Index,
    /// `index` after changes; calls in the documents' folder are counted, not those in the collection.
    Read,
    /// `watch` while files change.
    Watch,
    Import,
    ImportNew,
    Rebuild,
    /// `rebuild` without records.
    RebuildRecords,
    Migrate,
    /// `model import`, which installs files like `model pull` after its download.
    ModelImport,
    /// The first load of a model, which writes its packed files.
    Pack,
    /// `index` with segments that get graphs.
    Graph,
    Search,
    Verify,
    Export,
}

pub(crate) const RUNS: [(&str, RunKind); 15] = [
    ("create", RunKind::Create),
    ("index", RunKind::Index),
    ("read", RunKind::Read),
    ("watch", RunKind::Watch),
    ("import", RunKind::Import),
    ("import-new", RunKind::ImportNew),
    ("rebuild", RunKind::Rebuild),
    ("rebuild-records", RunKind::RebuildRecords),
    ("migrate", RunKind::Migrate),
    ("model-import", RunKind::ModelImport),
    ("pack", RunKind::Pack),
    ("graph", RunKind::Graph),
    ("search", RunKind::Search),
    ("verify", RunKind::Verify),
    ("export", RunKind::Export),
];

impl RunKind {
    pub(crate) fn parse(name: &str) -> Result<Self> {
        let names = || RUNS.map(|(name, _)| name).join(", ");
        let found = RUNS.iter().find(|(known, _)| *known == name);
        found
            .map(|&(_, run)| run)
            .ok_or_else(|| TaskFailure::usage(format!("unknown run `{name}`; the runs are {}", names())))
    }

    pub(crate) fn name(self) -> &'static str {
        RUNS.iter().find(|&&(_, run)| run == self).map_or("", |(name, _)| name)
    }
}

/// Arguments of the program, and its standard input.
#[derive(Debug, Clone)]
pub(crate) struct StageStep {
    pub(crate) words: Vec<String>,
    pub(crate) input: Option<String>,
    /// True if an error is ignored: the next step shows whether everything works.
    pub(crate) may_fail: bool,
}

impl StageStep {
    pub(crate) fn new<const N: usize>(words: [&str; N]) -> Self {
        Self::from_words(words.map(str::to_owned).into())
    }

    pub(crate) fn from_words(words: Vec<String>) -> Self {
        Self { words, input: None, may_fail: false }
    }

    pub(crate) fn description(&self) -> String {
        self.words.join(" ")
    }
}
