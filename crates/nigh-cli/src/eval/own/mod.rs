//! `nigh eval --own`: measures questions made from the user's own documents on a temporary collection. The user's collection is
//! only read.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the sample of documents, the measurement, the output |
//! | `groups.rs` | metrics of ranks, also by language and kind of question |

mod groups;

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use nigh::{Collection, ExportedDocument, Mode, Status};
use serde::Serialize;

use self::groups::{by_group, groups, rank_metrics};
use super::advice::{AdviceJson, advice};
use super::modes;
use super::questions::{OwnQuestion, QuestionSource, hold_out};
use super::report::{EvalRun, Seconds, by_set, by_setting, in_words};
use super::variant::{Variant, variants};
use crate::Outcome;
use crate::args::EvalArgs;
use crate::in_order::InOrder;
use crate::interrupt;
use crate::output::{Failure, Output, count, json, thousands};
use crate::plan::Plan;
use crate::random::SeededRandom;
use crate::scratch::ScratchFolder;

/// Maximum number of passages in the temporary collection; of a larger collection, a random sample is taken.
const MAX_PASSAGES: usize = 5000;
/// An answer counts as found up to this rank.
const MAX_RANK: usize = 10;

/// The output of `nigh eval --own --json`.
#[derive(Serialize)]
struct OwnEvalJson<'a> {
    collection: &'a Path,
    documents: usize,
    of_documents: u64,
    of_passages: u64,
    questions: usize,
    seed: u64,
    runs: &'a [EvalRun],
    advice: AdviceJson<'a>,
}

pub fn run(plan: &Plan, asked: &EvalArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    // The sample, and its questions.
    let collection = plan.open_existing()?;
    let status = collection.status()?;
    let variants = variants_for(plan, asked, &collection, &status)?;
    let mut random = SeededRandom::new(asked.seed);
    let mut documents = sample_documents(&collection, &mut random)?;
    let mut sources: Vec<QuestionSource> =
        documents.iter().map(|d| QuestionSource { id: d.id.clone(), text: d.text.clone(), syntax: d.syntax }).collect();
    let questions = hold_out(&mut sources, asked.sample, &mut random);
    if questions.is_empty() {
        let seen = count(sources.len(), "document");
        return Err(Failure::message(format!(
            "no question can be made from {seen}: that takes Markdown headings of two words or more, or sentences of 8 to \
             40 words, that occur once; index more text, or measure on a BEIR directory"
        )));
    }
    // Documents without the asked parts are encoded again.
    for (document, source) in documents.iter_mut().zip(sources) {
        if document.text != source.text {
            (document.text, document.passages) = (source.text, None);
        }
    }
    let size = OwnEvalSize::new(&status, &documents, &questions);
    if let Some(note) = size.note() {
        plan.notes.say(&note);
    }
    // The measurements.
    let (mut runs, mut ranks) = (Vec::new(), Vec::new());
    for variant in &variants {
        for (run, reciprocal) in measure(plan, asked, variant, &status, &documents, &questions)? {
            runs.push(run);
            ranks.push(reciprocal);
        }
    }
    let settings: Vec<String> = runs.iter().map(|run| run.setting().join(" ")).collect();
    let advice = advice(&settings, &ranks);
    // The output.
    if plan.json {
        let OwnEvalSize { documents, of_documents, passages, .. } = size;
        let answer = OwnEvalJson {
            collection: collection.path(),
            documents,
            of_documents,
            of_passages: passages,
            questions: questions.len(),
            seed: asked.seed,
            runs: &runs,
            advice: advice.of_runs(&runs),
        };
        json(out, &answer)?;
        return Ok(Outcome::Found);
    }
    let space = variants.first().map(|variant| format!("; {}", in_words(variant.space()))).unwrap_or_default();
    let size = format!("{}{space}", size.size(&questions));
    out.line().path(collection.path().display()).plain("  ").dim(size).end()?;
    for line in by_setting(&runs).into_iter().chain([String::new()]).chain(by_set(&by_group(&runs))) {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    writeln!(out)?;
    for line in &advice.text {
        writeln!(out, "{line}")?;
    }
    Ok(Outcome::Found)
}

/// Returns the ways to encode; by default that of the collection.
fn variants_for(
    plan: &Plan,
    asked: &EvalArgs,
    collection: &Collection,
    status: &Status,
) -> Result<Vec<Variant>, Failure> {
    if asked.model.is_empty() && status.model.is_some() {
        let encoder = collection.encoder()?;
        let mut variants = variants(plan, asked, Some(encoder.model().path().to_path_buf()))?;
        for variant in &mut variants {
            variant.options.backend = variant.options.backend.or(Some(encoder.backend()));
            variant.options.precision = variant.options.precision.or(Some(encoder.precision()));
            variant.options.space = encoder.space();
        }
        return Ok(variants);
    }
    variants(plan, asked, None)
}

/// Returns all documents with their vectors, by id. If they have more than [`MAX_PASSAGES`] passages, returns a random sample.
fn sample_documents(collection: &Collection, random: &mut SeededRandom) -> Result<Vec<ExportedDocument>, Failure> {
    // Ids and numbers of passages, in random order.
    let mut sizes: Vec<(String, usize)> = Vec::new();
    for document in collection.export().vectors(true).run()? {
        let document = document?;
        sizes.push((document.id, document.passages.map_or(0, |passages| passages.len())));
    }
    sizes.sort();
    random.shuffle(&mut sizes);
    // As many documents as fit.
    let mut passages = 0;
    let mut picked: HashSet<String> = HashSet::new();
    for (id, size) in sizes {
        if passages + size <= MAX_PASSAGES || picked.is_empty() {
            passages += size;
            picked.insert(id);
        }
    }
    let mut documents = Vec::new();
    for document in collection.export().vectors(true).run()? {
        let document = document?;
        if picked.contains(&document.id) {
            documents.push(document);
        }
    }
    documents.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(documents)
}

/// The size of the sample.
struct OwnEvalSize {
    documents: usize,
    of_documents: u64,
    passages: u64,
    changed: usize,
}

impl OwnEvalSize {
    fn new(status: &Status, documents: &[ExportedDocument], questions: &[OwnQuestion]) -> Self {
        let changed: HashSet<&str> = questions.iter().map(|question| question.answer.as_str()).collect();
        Self {
            documents: documents.len(),
            of_documents: status.documents,
            passages: status.passages,
            changed: changed.len(),
        }
    }

    /// Returns a note, if not all documents are used.
    fn note(&self) -> Option<String> {
        (self.documents as u64).lt(&self.of_documents).then(|| {
            format!(
                "the collection has {} passages; measuring on a random sample of at most {}: {} of {}",
                thousands(self.passages),
                thousands(MAX_PASSAGES as u64),
                thousands(self.documents as u64),
                count(usize::try_from(self.of_documents).unwrap_or(usize::MAX), "document")
            )
        })
    }

    fn size(&self, questions: &[OwnQuestion]) -> String {
        let asked = count(questions.len(), "question");
        format!("{}, {asked} from {} of them", count(self.documents, "document"), self.changed)
    }
}

/// Measures one way to encode in each mode. Returns the results, and each question's reciprocal rank.
fn measure(
    plan: &Plan,
    asked: &EvalArgs,
    variant: &Variant,
    status: &Status,
    documents: &[ExportedDocument],
    questions: &[OwnQuestion],
) -> Result<Vec<(EvalRun, Vec<f64>)>, Failure> {
    let scratch = ScratchFolder::new("eval")?;
    let mut options = variant.collection(plan);
    if let Some(tokens) = status.passage_tokens.filter(|_| asked.model.is_empty()) {
        options = options.passage_tokens(tokens);
    }
    let collection = options.create(scratch.path().join("collection"))?;
    let started = Instant::now();
    fill(plan, variant, &collection, documents)?;
    let encode_seconds = started.elapsed().as_secs_f64();
    let passages = collection.status()?.passages;
    let mut measured = Vec::new();
    for mode in modes::modes_or_all(&asked.mode) {
        let started = Instant::now();
        let reciprocal = reciprocal_ranks(plan, variant, &collection, mode, questions)?;
        let (documents, queries) = (documents.len() as u64, questions.len() as u64);
        let counts = InOrder(vec![("documents", documents), ("passages", passages), ("queries", queries)]);
        let run = EvalRun {
            set: "own".to_owned(),
            kind: "own",
            model: variant.model().to_owned(),
            precision: variant.precision(),
            pooling: variant.pooling(),
            space: variant.space(),
            mode: Some(mode.to_string()),
            metrics: rank_metrics(&reciprocal),
            counts,
            seconds: Seconds::new(encode_seconds, Some(started.elapsed().as_secs_f64())),
            groups: Some(groups(questions, &reciprocal)),
            relevance: None,
        };
        measured.push((run, reciprocal));
    }
    Ok(measured)
}

/// Fills the collection. Unchanged documents keep their vectors if the model is the same; the others are encoded.
fn fill(
    plan: &Plan,
    variant: &Variant,
    collection: &Collection,
    documents: &[ExportedDocument],
) -> Result<(), Failure> {
    let stop = interrupt::cancel();
    let mut writer = collection.writer()?;
    let mut to_encode = Vec::new();
    for document in documents {
        to_encode.extend(writer.import(document.clone())?.into_document());
    }
    let what = format!("documents, {} {}", variant.model(), variant.precision());
    let bar = plan.notes.counting(what, to_encode.len());
    writer
        .upsert_all(to_encode.into_iter().take_while(|_| {
            bar.add(1);
            !stop.is_cancelled()
        }))
        .run()?;
    if stop.is_cancelled() {
        return Err(Failure::Interrupted);
    }
    writer.commit()?;
    Ok(())
}

/// 1 / the rank of each question's answer within the first [`MAX_RANK`] documents, or 0.
fn reciprocal_ranks(
    plan: &Plan,
    variant: &Variant,
    collection: &Collection,
    mode: Mode,
    questions: &[OwnQuestion],
) -> Result<Vec<f64>, Failure> {
    let stop = interrupt::cancel();
    let bar = plan.notes.counting(format!("questions, {} {}", variant.model(), mode), questions.len());
    let mut reciprocal = Vec::with_capacity(questions.len());
    for question in questions {
        if stop.is_cancelled() {
            return Err(Failure::Interrupted);
        }
        let hits = modes::search(collection.search(question.text.as_str()), mode, MAX_RANK).run()?.hits;
        let rank = hits.iter().position(|hit| hit.document.id.as_str() == question.answer);
        reciprocal.push(rank.map_or(0.0, |index| 1.0 / (index + 1) as f64));
        bar.add(1);
    }
    Ok(reciprocal)
}
