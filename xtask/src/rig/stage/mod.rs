//! A collection in each state that a run begins with, and what an undisturbed run makes of it.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | putting back, the undisturbed run, what the collection answers |
//! | `kinds.rs` | the runs there are, and steps |
//! | `prepare.rs` | the state that each run begins with |

mod kinds;
mod prepare;

pub(crate) use kinds::{RUNS, Run, Step};

use crate::rig::answers::{self, Answers, Hit};
use crate::rig::corpus::{self, Corpus, Documents};
use crate::rig::model;
use crate::rig::place;
use crate::rig::program::{Program, Ran};
use crate::run::{Failure, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What finds something in the corpus, in each of its languages.
pub(crate) const QUESTION: &str = "backup copy of the archive";
const CHINESE_QUESTION: &str = "网络接口";
const ENGLISH_QUESTION: &str = "letter garden in winter";

/// From so many passages on a segment gets a graph, where the program takes a test's word for it.
const GRAPH_VARIABLE: &str = "NIGH_TEST_GRAPH_ROWS";

/// One run, ready to be done again and again.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) run: Run,
    pub(crate) program: Program,
    pub(crate) folder: PathBuf,
    pub(crate) collection: PathBuf,
    pub(crate) model: PathBuf,
    /// What is put back before each case: from where, and where to.
    pub(crate) bases: Vec<(PathBuf, PathBuf)>,
    pub(crate) command: Step,
    /// What a person would do next, whatever happened.
    pub(crate) heal: Vec<Step>,
    /// Where the calls lie that count.
    pub(crate) scope: PathBuf,
    /// What each document may be before that: any of these. The first is what was there before.
    pub(crate) versions: Vec<Documents>,
    /// What an undisturbed run gives; none where there is no collection.
    pub(crate) answers: Option<Answers>,
    /// What the command prints, where that is an answer.
    pub(crate) printed: Option<String>,
    /// What the last of `heal` prints, where that is an answer.
    pub(crate) healed: Option<String>,
    /// The kinds of names in the scope before, after, and when healed.
    pub(crate) kinds: BTreeSet<String>,
    corpus: Corpus,
    questions: [&'static str; 2],
}

impl Stage {
    /// Makes the run's first state in the program's place, and does the run once undisturbed. The model is made, too, unless one
    /// is given.
    ///
    /// # Errors
    /// The program does not do it.
    pub(crate) fn new(run: Run, program: &Program, model: Option<&Path>, root: &Path, seed: u64) -> Result<Self> {
        let corpus = Corpus::new(seed);
        let mut program = program.clone();
        if run == Run::Graph {
            program.variables.push((GRAPH_VARIABLE.to_owned(), "16".to_owned()));
        }
        let place = program.place.join(run.name());
        place::clear(&place)?;
        let folder = place.join("documents");
        let own = place.join("tiny");
        if model.is_none() {
            model::write(&own, seed)?;
        }
        let model = model.map_or(own, Path::to_owned);
        let collection = folder.join(".nigh");
        fs::create_dir_all(&folder).map_err(Failure::io("make", &folder))?;
        let mut stage = Self {
            run,
            program,
            scope: if run == Run::Read { folder.clone() } else { collection.clone() },
            folder,
            collection,
            model,
            bases: Vec::new(),
            command: Step::new([]),
            heal: Vec::new(),
            versions: Vec::new(),
            answers: None,
            printed: None,
            healed: None,
            kinds: BTreeSet::new(),
            corpus,
            questions: [QUESTION, if corpus::is_mixed(seed) { CHINESE_QUESTION } else { ENGLISH_QUESTION }],
        };
        stage.prepare(&place, root)?;
        stage.reference()?;
        Ok(stage)
    }

    /// What a program must say of itself to be driven through a run; none: nothing.
    pub(crate) fn missing(run: Run, program: &Path) -> Result<Option<String>> {
        if run != Run::Graph {
            return Ok(None);
        }
        let bytes = fs::read(program).map_err(Failure::io("read", program))?;
        let name = GRAPH_VARIABLE.as_bytes();
        let known = bytes.windows(name.len()).any(|window| window == name);
        Ok((!known).then(|| format!("the program does not know {GRAPH_VARIABLE}, and graphs begin at 40,000 passages")))
    }

    fn search(&self, question: &str, mode: &str) -> Step {
        let collection = self.collection.to_string_lossy();
        Step::new(["search", question, "--json", "-k", "6", "--mode", mode, "--collection", &collection])
    }

    /// Runs the program.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn step(&self, step: &Step) -> Result<Ran> {
        self.program.run(&step.words, step.input.as_deref(), None)
    }

    /// Runs the program, which must succeed.
    fn must(&self, step: &Step) -> Result<Ran> {
        let ran = self.step(step)?;
        if ran.succeeded() {
            return Ok(ran);
        }
        let (run, step, words) = (self.run.name(), step.shown(), ran.words());
        Err(Failure::new(format!("{run}: undisturbed, `nigh {step}` ends with {:?}: {words}", ran.end)))
    }

    /// Puts everything back to where the run begins.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn restore(&self) -> Result {
        for (from, to) in &self.bases {
            place::copy(from, to)?;
        }
        if self.run == Run::Watch {
            // What a watch sees is a change that is made while it runs.
            corpus::lay(&self.folder, &self.corpus.last, &self.corpus.after)?;
        }
        Ok(())
    }

    /// The changes that a watch is to see.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn change(&self) -> Result {
        corpus::lay(&self.folder, &self.corpus.after, &self.corpus.last)
    }

    fn reference(&mut self) -> Result {
        if self.run == Run::Watch {
            corpus::lay(&self.folder, &self.corpus.after, &self.corpus.last)?;
        }
        self.restore()?;
        let mut kinds = self.kinds_now();
        let command = if self.run == Run::Watch { self.heal[0].clone() } else { self.command.clone() };
        let ran = self.must(&command)?;
        kinds.extend(self.kinds_now());
        if matches!(self.run, Run::Search | Run::Export | Run::Pack) {
            self.printed = Some(self.answer(&ran.out));
        }
        if self.run == Run::Watch {
            self.change()?;
        }
        let mut out = String::new();
        for step in &self.heal {
            out = if step.may_fail { self.step(step)?.out } else { self.must(step)?.out };
        }
        kinds.extend(self.kinds_now());
        if matches!(self.run, Run::ModelImport | Run::Pack) {
            self.healed = Some(self.answer(&out));
        }
        self.kinds = kinds;
        if self.run != Run::ModelImport {
            let answers =
                self.answers()?.map_err(|wrong| Failure::new(format!("{}: undisturbed: {wrong}", self.run.name())))?;
            if let Some(last) = self.versions.last().filter(|last| **last != answers.documents) {
                let (had, has) = (last.len(), answers.documents.len());
                return Err(Failure::new(format!(
                    "{}: {had} documents went in, {has} or others came out",
                    self.run.name()
                )));
            }
            if self.run == Run::Migrate {
                self.versions = vec![answers.documents.clone()];
            }
            self.answers = Some(answers);
        }
        Ok(())
    }

    /// What is comparable of what a command printed.
    pub(crate) fn answer(&self, out: &str) -> String {
        match self.run {
            Run::Search | Run::Pack => format!("{:?}", answers::hits(out)),
            Run::Export => answers::sorted(out),
            _ => out.to_owned(),
        }
    }

    /// The kinds of names in the scope. Damaged records are put aside on purpose, and stay.
    pub(crate) fn kinds_now(&self) -> BTreeSet<String> {
        let names = place::names(&self.scope);
        names.iter().filter(|name| !name.starts_with("records.damaged-")).map(|name| place::kind(name)).collect()
    }

    /// Everything that the collection answers, or what is wrong with that in words.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn answers(&self) -> Result<std::result::Result<Answers, String>> {
        let collection = self.collection.to_string_lossy();
        let whole = self.step(&Step::new(["export", "--vectors", "--collection", &collection]))?;
        if !whole.succeeded() {
            return Ok(Err(format!("export: {}", whole.words())));
        }
        let documents = match answers::documents(&whole.out) {
            Ok(documents) => documents,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let mut hits = Vec::new();
        // The fixture's model is nowhere.
        let modes: &[&str] = if self.run == Run::Migrate { &["lexical"] } else { &["lexical", "dense"] };
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

    /// A search, and its hits or why there are none to read.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn hits(&self, question: &str, mode: &str) -> Result<(Ran, std::result::Result<Vec<Hit>, String>)> {
        let ran = self.step(&self.search(question, mode))?;
        let hits = match ran.refused() || ran.end == crate::rig::program::End::Stuck {
            true => Err(format!("search: {}", ran.words())),
            false => answers::hits(&ran.out),
        };
        Ok((ran, hits))
    }
}
