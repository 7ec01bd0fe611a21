//! A collection in each state that a run begins with, and what an undisturbed run makes of it.

use super::answers::{self, Hit};
use super::corpus::{self, Corpus, Documents};
use super::model;
use super::place;
use super::program::{Program, Ran};
use crate::run::{self, Failure, Result};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What finds something in the corpus, in both languages.
pub(crate) const QUESTIONS: [&str; 2] = ["backup copy of the archive", "网络接口"];

/// From so many passages on a segment gets a graph, where the program takes a test's word for it.
const GRAPH_VARIABLE: &str = "NIGH_TEST_GRAPH_ROWS";

/// What the program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Run {
    /// `index` where there is no collection.
    Create,
    /// `index` after changes.
    Index,
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

pub(crate) const RUNS: [(&str, Run); 14] = [
    ("create", Run::Create),
    ("index", Run::Index),
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

/// What is known of a collection, to compare.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answers {
    pub(crate) documents: Documents,
    /// With passages and vectors.
    pub(crate) whole: String,
    pub(crate) hits: Vec<Vec<Hit>>,
}

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
            scope: collection.clone(),
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

    fn prepare(&mut self, place: &Path, root: &Path) -> Result {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (folder, collection, model) = (text(&self.folder), text(&self.collection), text(&self.model));
        let (folder, collection, model) = (folder.as_str(), collection.as_str(), model.as_str());
        let create = Step::new(["index", folder, "--collection", collection, "--model", model]);
        let index = Step::new(["index", folder, "--collection", collection]);
        let rebuild = Step::new(["rebuild", "--collection", collection]);
        let Corpus { before, after, last } = self.corpus.clone();
        let nothing = Documents::new();
        let base = place.join("base");
        self.bases = vec![(base.clone(), self.collection.clone())];
        self.heal = vec![index.clone()];
        let lines = place.join("documents.jsonl");
        let import = |more: &[&str]| {
            let mut step = Step::new(["import", &text(&lines), "--collection", collection]);
            step.words.extend(more.iter().map(|&word| word.to_owned()));
            step
        };
        match self.run {
            Run::Create | Run::Graph => {
                corpus::lay(&self.folder, &nothing, &after)?;
                (self.command, self.heal) = (create.clone(), vec![create]);
                self.versions = vec![nothing, after];
            }
            Run::Index | Run::Watch => {
                corpus::lay(&self.folder, &nothing, &before)?;
                self.must(&create)?;
                place::copy(&self.collection, &base)?;
                corpus::lay(&self.folder, &before, &after)?;
                self.command = index;
                self.versions = vec![before, after];
                if self.run == Run::Watch {
                    self.command = Step::new(["watch", folder, "--collection", collection, "--delay-ms", "40"]);
                    self.versions.push(last);
                }
            }
            Run::Import | Run::ImportNew => {
                let line = |(id, text): (&String, &String)| format!("{}\n", json!({ "id": id, "text": text }));
                let written: String = after.iter().map(line).collect();
                fs::write(&lines, written).map_err(Failure::io("write", &lines))?;
                if self.run == Run::Import {
                    corpus::lay(&self.folder, &nothing, &before)?;
                    self.must(&create)?;
                    place::copy(&self.collection, &base)?;
                    self.command = import(&[]);
                    // Importing takes nothing away.
                    let mut both = before.clone();
                    both.extend(after);
                    self.versions = vec![before, both];
                } else {
                    self.command = import(&["--model", model]);
                    self.versions = vec![nothing, after];
                }
                self.heal = vec![self.command.clone()];
            }
            Run::Rebuild | Run::RebuildRecords | Run::Search | Run::Verify | Run::Export | Run::Pack => {
                corpus::lay(&self.folder, &nothing, &before)?;
                self.must(&create)?;
                // Two generations, so that there are rows that no longer count.
                corpus::lay(&self.folder, &before, &after)?;
                self.must(&index)?;
                place::copy(&self.collection, &base)?;
                self.command = match self.run {
                    Run::Rebuild | Run::RebuildRecords => rebuild.clone(),
                    Run::Verify => Step::new(["verify", "--collection", collection]),
                    Run::Export => Step::new(["export", "--collection", collection]),
                    _ => self.search(QUESTIONS[0], "hybrid"),
                };
                if self.run == Run::RebuildRecords {
                    place::clear(&base.join("records"))?;
                    self.heal = vec![rebuild, index];
                }
                if self.run == Run::Pack {
                    self.scope = self.model.clone();
                    for name in place::names(&self.model).iter().filter(|name| name.contains(".packed")) {
                        let path = self.model.join(name);
                        fs::remove_file(&path).map_err(Failure::io("remove", &path))?;
                    }
                    place::copy(&self.model, &place.join("unpacked"))?;
                    self.bases.push((place.join("unpacked"), self.model.clone()));
                    self.heal = vec![self.command.clone()];
                }
                self.versions = vec![after];
            }
            Run::Migrate => {
                place::clear(&self.collection)?;
                fs::create_dir_all(&self.collection).map_err(Failure::io("make", &self.collection))?;
                let fixture = root.join("migrations/v0001_initial/fixture.tar.gz");
                let mut tar = Command::new("tar");
                run::succeed(tar.arg("xzf").arg(fixture).arg("-C").arg(&self.collection))?;
                self.command = Step::new(["migrate", "--collection", collection]);
                // It was not made here; where that counts, it is trusted first.
                let trust = Step::new(["trust", "--collection", collection]);
                if self.step(&Step::new(["trust", "--help"]))?.succeeded() {
                    self.must(&trust)?;
                }
                place::copy(&self.collection, &base)?;
                self.heal = vec![self.command.clone()];
            }
            Run::ModelImport => {
                let models = self.program.data().join("models");
                self.scope = models.clone();
                self.bases = vec![(place.join("none"), models)];
                self.command = Step::new(["model", "import", model, "--name", "copy"]);
                let mut encode = Step::new(["encode", "--model", "copy", "--offline"]);
                encode.input = Some("the archive\n网络\n".to_owned());
                // It refuses a name that is taken.
                let mut again = self.command.clone();
                again.may_fail = true;
                self.heal = vec![again, encode];
            }
        }
        Ok(())
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
        for (question, mode) in QUESTIONS.iter().flat_map(|question| modes.iter().map(move |mode| (question, mode))) {
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
        let hits = match ran.refused() || ran.end == super::program::End::Stuck {
            true => Err(format!("search: {}", ran.words())),
            false => answers::hits(&ran.out),
        };
        Ok((ran, hits))
    }
}
