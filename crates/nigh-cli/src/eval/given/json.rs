//! The results as JSON: a stable contract, see docs/evaluation.md.

use std::collections::BTreeSet;
use std::path::Path;

use nigh::{Collection, Snapshot, Status, VectorSpace};
use serde::Serialize;

use super::GivenRun;
use super::figures::FirstHit;
use super::file::GivenQuestion;
use super::names::RightDocuments;

/// The output of `nigh eval --questions --json`.
#[derive(Serialize)]
pub(super) struct GivenEvalJson<'a> {
    collection: &'a Path,
    generation: u64,
    documents: u64,
    passages: u64,
    model: Option<&'a str>,
    space: Option<VectorSpace>,
    questions: usize,
    names_unknown: &'a BTreeSet<&'a str>,
    names_of_several: &'a BTreeSet<&'a str>,
    runs: Vec<GivenRunJson<'a>>,
}

#[derive(Serialize)]
struct GivenRunJson<'a> {
    kind: &'static str,
    #[serde(flatten)]
    run: &'a GivenRun<'a>,
    questions: Vec<GivenQuestionJson<'a>>,
}

#[derive(Serialize)]
struct GivenQuestionJson<'a> {
    /// The number of its line in the file, from 1.
    line: usize,
    id: Option<&'a str>,
    question: &'a str,
    kind: Option<&'a str>,
    lang: Option<&'a str>,
    files: &'a [String],
    rank: Option<usize>,
    shown: Option<bool>,
    first: Option<&'a FirstHit>,
    most_relevant: f32,
}

impl<'a> GivenEvalJson<'a> {
    pub fn new(
        collection: &'a Collection,
        status: &'a Status,
        snapshot: &Snapshot,
        questions: &'a [GivenQuestion],
        right: &'a RightDocuments<'a>,
        runs: &'a [GivenRun<'a>],
    ) -> Self {
        let run = |run: &'a GivenRun<'a>| GivenRunJson { kind: "questions", run, questions: each(questions, run) };
        Self {
            collection: collection.path(),
            generation: snapshot.generation(),
            documents: snapshot.documents(),
            passages: snapshot.passages(),
            model: status.model.as_deref(),
            space: status.space,
            questions: questions.len(),
            names_unknown: &right.unknown,
            names_of_several: &right.several,
            runs: runs.iter().map(run).collect(),
        }
    }
}

fn each<'a>(questions: &'a [GivenQuestion], run: &'a GivenRun<'_>) -> Vec<GivenQuestionJson<'a>> {
    let asked = questions.iter().zip(&run.found);
    asked
        .map(|(question, found)| GivenQuestionJson {
            line: question.line,
            id: question.id.as_deref(),
            question: &question.text,
            kind: question.kind.as_deref(),
            lang: question.lang.as_deref(),
            files: &question.files,
            rank: found.rank,
            shown: found.shown,
            first: found.first.as_ref(),
            most_relevant: found.most_relevant,
        })
        .collect()
}
