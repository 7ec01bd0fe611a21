//! `nigh eval --questions`: measures searches of the user's collection with the user's own questions. The collection is only read.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the measurement and the notes |
//! | `file.rs` | reads the file of questions |
//! | `names.rs` | which documents a name in it means |
//! | `figures.rs` | the figures of a group of questions; pure |
//! | `table.rs` | the results for people |
//! | `json.rs` | the results for programs |

mod figures;
mod file;
mod json;
mod names;
mod table;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::Instant;

use nigh::{DocumentHit, Filter, Mode, SearchBuilder};
use serde::Serialize;

use self::figures::{DEPTH, FoundAnswer, GivenFigures, QuestionPart};
use self::file::{FIELDS, GivenQuestion, GivenQuestions};
use self::json::GivenEvalJson;
use self::names::{DocumentNames, RightDocuments};
use super::modes::modes;
use super::report::{Seconds, in_words};
use crate::Outcome;
use crate::args::EvalArgs;
use crate::interrupt;
use crate::output::{Failure, Output, count, json};
use crate::plan::Plan;

/// Questions that are searched together; Ctrl-C stops between two such groups.
const BATCH_QUESTIONS: usize = 64;
/// Names that a note lists.
const NAMES_IN_NOTE: usize = 3;

/// The results in one mode.
#[derive(Serialize)]
struct GivenRun<'a> {
    mode: Mode,
    all: GivenFigures,
    groups: Vec<GivenGroup<'a>>,
    seconds: Seconds,
    /// What was found for each question.
    #[serde(skip)]
    found: Vec<FoundAnswer>,
}

#[derive(Serialize)]
struct GivenGroup<'a> {
    #[serde(flatten)]
    part: QuestionPart<'a>,
    #[serde(flatten)]
    figures: GivenFigures,
}

pub fn run(plan: &Plan, path: &Path, asked: &EvalArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let GivenQuestions { questions, ignored } = file::read(path)?;
    let collection = plan.open_existing()?;
    let status = collection.status()?;
    // One commit answers all questions.
    let snapshot = collection.snapshot()?;
    let ids = snapshot.ids(&Filter::all(), None, usize::MAX)?;
    let documents = DocumentNames::new(ids.iter().map(|id| id.as_str().to_owned()));
    let right = RightDocuments::new(&questions, &documents);
    if let (Some(name), false) = (right.unknown.first(), right.any_found) {
        return Err(Failure::message(format!(
            "{}: no document of the collection {} has a name in \"files\", for example {name:?}; name the right collection \
             with --collection, or index these files with `nigh index`",
            path.display(),
            collection.path().display()
        )));
    }
    notes(&ignored, &right).iter().for_each(|note| plan.notes.say(&format!("{}: {note}", path.display())));
    let base = Plan::base(collection.path());
    let mut runs = Vec::new();
    for mode in modes(&asked.mode) {
        let search = snapshot
            .search("")
            .mode(mode)
            .limit(DEPTH)
            .passages_per_document(asked.per_file)
            .passages_of_only_document(asked.per_file);
        runs.push(measure(plan, (&search, &base), mode, &questions, &right.ids)?);
    }
    if plan.json {
        json(out, &GivenEvalJson::new(&collection, &status, &snapshot, &questions, &right, &runs))?;
        return Ok(Outcome::Found);
    }
    let model = status.model.as_deref().unwrap_or("no model");
    let space = status.space.map(|space| format!(", {}", in_words(space))).unwrap_or_default();
    let documents = count(ids.len(), "document");
    let asked_of = format!("{documents}, {}; {model}{space}", count(questions.len(), "question"));
    out.line().path(collection.path().display()).plain("  ").dim(asked_of).end()?;
    for line in table::tables(&runs) {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    if asked.verbose {
        for run in &runs {
            for line in table::failures(run, &questions) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(Outcome::Found)
}

/// Notes on what may make the figures wrong, one line each.
fn notes(ignored: &BTreeSet<String>, right: &RightDocuments<'_>) -> Vec<String> {
    let note = |names: Vec<&str>, what: [&str; 2], then: &str| {
        let named: Vec<String> = names.iter().take(NAMES_IN_NOTE).map(|name| format!("{name:?}")).collect();
        let more = if names.len() > NAMES_IN_NOTE { ", …" } else { "" };
        let [noun, what] = what;
        (!names.is_empty()).then(|| format!("{}{what} ({}{more}): {then}", count(names.len(), noun), named.join(", ")))
    };
    [
        note(
            ignored.iter().map(String::as_str).collect(),
            ["unknown field", ""],
            &format!("ignored; the fields are {}", FIELDS.join(", ")),
        ),
        note(
            right.unknown.iter().copied().collect(),
            ["name", " in \"files\" that no document has"],
            "counted as not found, so the figures are too low; correct them, or index these files",
        ),
        note(
            right.several.iter().copied().collect(),
            ["name", " in \"files\" that several documents have"],
            "those with the fewest folders before it count; write more of the path to choose another",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Asks all questions in one mode, as `nigh search` does.
fn measure<'a>(
    plan: &Plan,
    (search, base): (&SearchBuilder, &Path),
    mode: Mode,
    questions: &'a [GivenQuestion],
    right: &[HashSet<&str>],
) -> Result<GivenRun<'a>, Failure> {
    let stop = interrupt::cancel();
    let bar = plan.notes.counting(format!("questions, {mode}"), questions.len());
    let path_of = |document: &DocumentHit| plan.path_of(base, document);
    let started = Instant::now();
    let mut found = Vec::with_capacity(questions.len());
    for (batch, right) in questions.chunks(BATCH_QUESTIONS).zip(right.chunks(BATCH_QUESTIONS)) {
        if stop.is_cancelled() {
            return Err(Failure::Interrupted);
        }
        let texts = batch.iter().map(|question| question.text.as_str());
        let answers = search.clone().run_each(texts)?;
        let each = batch.iter().zip(right).zip(&answers);
        found.extend(each.map(|((question, right), hits)| FoundAnswer::new(question, right, hits, &path_of)));
        bar.add(batch.len());
    }
    let seconds = Seconds::new(0.0, Some(started.elapsed().as_secs_f64()));
    let of = |has: &dyn Fn(&GivenQuestion) -> bool| {
        GivenFigures::new(questions.iter().zip(&found).filter(|(question, _)| has(question)))
    };
    let groups = QuestionPart::all(questions).into_iter().map(|part| {
        let figures = of(&|question| part.has(question));
        GivenGroup { part, figures }
    });
    Ok(GivenRun { mode, all: of(&|_| true), groups: groups.collect(), seconds, found })
}
