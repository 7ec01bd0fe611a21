//! The state that each run begins with, and the result of an undisturbed run.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | restores the state, does the undisturbed run, reads the collection |
//! | `kinds.rs` | the runs, and steps |
//! | `prepare.rs` | the state that each run begins with |

mod kinds;
mod prepare;

pub(crate) use kinds::{RUNS, RunKind, StageStep};

use crate::rig::answers::{self, Answers, FoundHit};
use crate::rig::corpus::{self, Corpus, CorpusDocuments};
use crate::rig::model;
use crate::rig::place;
use crate::rig::program::{RunResult, TestedProgram};
use crate::run::{Result, TaskFailure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Queries with hits in the corpus, in each of its languages.
pub(crate) const QUESTION: &str = "backup copy of the archive";
const CHINESE_QUESTION: &str = "网络接口";
const ENGLISH_QUESTION: &str = "letter garden in winter";

/// Sets the number of passages from which a segment gets a graph.
const GRAPH_VARIABLE: &str = "NIGH_TEST_GRAPH_ROWS";

/// One run, prepared to be repeated.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) run: RunKind,
    pub(crate) program: TestedProgram,
    pub(crate) folder: PathBuf,
    pub(crate) collection: PathBuf,
    pub(crate) model: PathBuf,
    /// The folders to restore before each case: from, to.
    pub(crate) bases: Vec<(PathBuf, PathBuf)>,
    pub(crate) command: StageStep,
    /// The commands that a user runs next.
    pub(crate) heal: Vec<StageStep>,
    /// The folder whose calls are counted.
    pub(crate) scope: PathBuf,
    /// The versions that a document may have before the next commands. The first version is that before the run.
    pub(crate) versions: Vec<CorpusDocuments>,
    /// The result of an undisturbed run; `None` without a collection.
    pub(crate) answers: Option<Answers>,
    /// The output of the command, if it is compared.
    pub(crate) printed: Option<String>,
    /// The output of the last command of `heal`, if it is compared.
    pub(crate) healed: Option<String>,
    /// The kinds of names in the scope: before the run, after it, and after repair.
    pub(crate) kinds: BTreeSet<String>,
    corpus: Corpus,
    questions: [&'static str; 2],
}

impl Stage {
    /// Prepares the first state of the run in the program's folder, and does the run once undisturbed. Makes a model unless one is
    /// given.
    ///
    /// # Errors
    /// If the program fails.
    pub(crate) fn new(
        run: RunKind,
        program: &TestedProgram,
        model: Option<&Path>,
        root: &Path,
        seed: u64,
    ) -> Result<Self> {
        let corpus = Corpus::new(seed);
        let mut program = program.clone();
        if run == RunKind::Graph {
            program.variables.push((GRAPH_VARIABLE.to_owned(), "16".to_owned()));
        }
        let folder_of_run = program.place.join(run.name());
        place::remove_if_exists(&folder_of_run)?;
        let folder = folder_of_run.join("documents");
        let tiny_model = folder_of_run.join("tiny");
        if model.is_none() {
            model::write(&tiny_model, seed)?;
        }
        let model = model.map_or(tiny_model, Path::to_owned);
        let collection = folder.join(".nigh");
        fs::create_dir_all(&folder).map_err(TaskFailure::io("make", &folder))?;
        let mut stage = Self {
            run,
            program,
            scope: if run == RunKind::Read { folder.clone() } else { collection.clone() },
            folder,
            collection,
            model,
            bases: Vec::new(),
            command: StageStep::new([]),
            heal: Vec::new(),
            versions: Vec::new(),
            answers: None,
            printed: None,
            healed: None,
            kinds: BTreeSet::new(),
            corpus,
            questions: [QUESTION, if corpus::is_mixed(seed) { CHINESE_QUESTION } else { ENGLISH_QUESTION }],
        };
        stage.prepare(&folder_of_run, root)?;
        stage.record_reference()?;
        Ok(stage)
    }

    /// Returns the reason why a program cannot do a run; `None` if it can.
    pub(crate) fn unavailable_reason(run: RunKind, program: &Path) -> Result<Option<String>> {
        if run != RunKind::Graph {
            return Ok(None);
        }
        let bytes = fs::read(program).map_err(TaskFailure::io("read", program))?;
        let name = GRAPH_VARIABLE.as_bytes();
        let has_variable = bytes.windows(name.len()).any(|window| window == name);
        Ok((!has_variable)
            .then(|| format!("the program does not know {GRAPH_VARIABLE}, and graphs begin at 40,000 passages")))
    }

    fn search(&self, question: &str, mode: &str) -> StageStep {
        let collection = self.collection.to_string_lossy();
        StageStep::new(["search", question, "--json", "-k", "6", "--mode", mode, "--collection", &collection])
    }

    /// Runs the program.
    ///
    /// # Errors
    /// If it cannot start.
    pub(crate) fn step(&self, step: &StageStep) -> Result<RunResult> {
        self.program.run(&step.words, step.input.as_deref(), None)
    }

    /// Runs the program, which must succeed.
    fn run_successfully(&self, step: &StageStep) -> Result<RunResult> {
        let ran = self.step(step)?;
        if ran.succeeded() {
            return Ok(ran);
        }
        let (run, step, words) = (self.run.name(), step.description(), ran.words());
        Err(TaskFailure::new(format!("{run}: without a fault, `nigh {step}` ended with {:?}: {words}", ran.end)))
    }

    /// Restores the state that the run begins with.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(crate) fn restore(&self) -> Result {
        for (from, to) in &self.bases {
            place::copy(from, to)?;
        }
        if self.run == RunKind::Watch {
            // The changes are made while the watch runs.
            corpus::write_documents(&self.folder, &self.corpus.last, &self.corpus.after)?;
        }
        Ok(())
    }

    /// Makes the changes that a watch must see.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(crate) fn change(&self) -> Result {
        corpus::write_documents(&self.folder, &self.corpus.after, &self.corpus.last)
    }

    /// Does the run and the repair once undisturbed, and records the results to compare with.
    fn record_reference(&mut self) -> Result {
        if self.run == RunKind::Watch {
            corpus::write_documents(&self.folder, &self.corpus.after, &self.corpus.last)?;
        }
        self.restore()?;
        let mut kinds = self.kinds_now();
        let command = if self.run == RunKind::Watch { self.heal[0].clone() } else { self.command.clone() };
        let ran = self.run_successfully(&command)?;
        kinds.extend(self.kinds_now());
        if matches!(self.run, RunKind::Search | RunKind::Export | RunKind::Pack) {
            self.printed = Some(self.answer(&ran.out));
        }
        if self.run == RunKind::Watch {
            self.change()?;
        }
        let mut out = String::new();
        for step in &self.heal {
            out = if step.may_fail { self.step(step)?.out } else { self.run_successfully(step)?.out };
        }
        kinds.extend(self.kinds_now());
        if matches!(self.run, RunKind::ModelImport | RunKind::Pack) {
            self.healed = Some(self.answer(&out));
        }
        self.kinds = kinds;
        if self.run != RunKind::ModelImport {
            let answers = self
                .answers()?
                .map_err(|wrong| TaskFailure::new(format!("{}: without a fault: {wrong}", self.run.name())))?;
            if let Some(last) = self.versions.last().filter(|last| **last != answers.documents) {
                let (had, has) = (last.len(), answers.documents.len());
                return Err(TaskFailure::new(format!(
                    "{}: {had} documents went in, {has} or others came out",
                    self.run.name()
                )));
            }
            if self.run == RunKind::Migrate {
                self.versions = vec![answers.documents.clone()];
            }
            self.answers = Some(answers);
        }
        Ok(())
    }

    /// Returns the part of a command's output that is compared.
    pub(crate) fn answer(&self, out: &str) -> String {
        match self.run {
            RunKind::Search | RunKind::Pack => format!("{:?}", answers::hits(out)),
            RunKind::Export => answers::sorted(out),
            _ => out.to_owned(),
        }
    }

    /// Returns the kinds of names in the scope, without damaged records, which the program keeps on purpose.
    pub(crate) fn kinds_now(&self) -> BTreeSet<String> {
        let names = place::relative_paths(&self.scope);
        names
            .iter()
            .filter(|name| !name.starts_with("records.damaged-"))
            .map(|name| place::mask_numbers(name))
            .collect()
    }

    /// Documents and hits of the collection, or the problem with them.
    ///
    /// # Errors
    /// If the program cannot start.
    pub(crate) fn answers(&self) -> Result<std::result::Result<Answers, String>> {
        let collection = self.collection.to_string_lossy();
        let whole = self.step(&StageStep::new(["export", "--vectors", "--collection", &collection]))?;
        if !whole.succeeded() {
            return Ok(Err(format!("export: {}", whole.words())));
        }
        let documents = match answers::documents(&whole.out) {
            Ok(documents) => documents,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let mut hits = Vec::new();
        // The model of the fixture is not installed here.
        let modes: &[&str] = if self.run == RunKind::Migrate { &["lexical"] } else { &["lexical", "dense"] };
        for (question, mode) in
            self.questions.iter().flat_map(|question| modes.iter().map(move |mode| (question, mode)))
        {
            match self.hits(question, mode)? {
                (_, Ok(found)) => hits.push(found),
                (_, Err(wrong)) => return Ok(Err(wrong)),
            }
        }
        Ok(Ok(Answers { documents, whole: answers::sorted(&whole.out), hits }))
    }

    /// Runs a search; returns its hits, or the reason why they cannot be read.
    ///
    /// # Errors
    /// If the program cannot start.
    pub(crate) fn hits(
        &self,
        question: &str,
        mode: &str,
    ) -> Result<(RunResult, std::result::Result<Vec<FoundHit>, String>)> {
        let ran = self.step(&self.search(question, mode))?;
        let hits = match ran.refused() || ran.end == crate::rig::program::End::Stuck {
            true => Err(format!("search: {}", ran.words())),
            false => answers::hits(&ran.out),
        };
        Ok((ran, hits))
    }
}
