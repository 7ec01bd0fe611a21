//! `nigh migrate --passages`, and what `nigh status` says about it.

use std::path::Path;
use std::time::Instant;

use nigh::{Collection, Cuts, Encoder, ModelInfo, OutdatedPassages, Status, TextKind};
use serde::Serialize;

use super::WAIT;
use crate::Outcome;
use crate::args::{IndexArgs, MigrateArgs};
use crate::commands::index;
use crate::output::{Failure, Output, bytes, count};
use crate::plan::Plan;
use crate::settings::{CreationSettings, Settings};

/// The command that continues once the rule is changed.
const CONTINUE: &str = "nigh index";
/// The command that changes the rule.
const CHANGE: &str = "nigh migrate --passages";

/// The texts that are encoded to estimate the time: documents, and the characters of each.
const SAMPLE: (usize, usize) = (8, 400);

/// Passages of an earlier rule, in `nigh status --json`.
#[derive(Serialize)]
pub(super) struct OutdatedJson {
    command: &'static str,
    #[serde(flatten)]
    documents: OutdatedPassages,
    /// The estimated time to encode the text of the files; `None` without the model.
    seconds: Option<u64>,
}

/// Returns the passages of an earlier rule; `None` if there are none that a command can replace.
pub(super) fn outdated(plan: &Plan, collection: &Collection, status: &Status) -> Result<Option<OutdatedJson>, Failure> {
    let documents = collection.outdated_passages()?;
    if documents.files == 0 {
        return Ok(None);
    }
    let command = if status.cuts == Cuts::Blocks { CHANGE } else { CONTINUE };
    let seconds = estimate(plan, collection, status, documents.text_bytes);
    Ok(Some(OutdatedJson { command, documents, seconds }))
}

/// Encodes the beginnings of some documents, and returns the time in seconds that all the text would take.
fn estimate(plan: &Plan, collection: &Collection, status: &Status, text_bytes: u64) -> Option<u64> {
    let model = ModelInfo::open(status.model_path.as_ref()?).ok()?;
    let encoder = Encoder::with_options(model, plan.encoder.clone().space(status.space?)).ok()?;
    let (number, length) = SAMPLE;
    let documents = collection.export().run().ok()?.take(number).filter_map(Result::ok);
    let texts: Vec<String> = documents.map(|document| document.text.chars().take(length).collect()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let sample: usize = texts.iter().map(|text| text.len()).sum();
    let started = Instant::now();
    encoder.encode_as(TextKind::Passage, &texts).ok()?;
    let seconds = started.elapsed().as_secs_f64() * text_bytes as f64 / sample.max(1) as f64;
    Some((seconds.ceil() as u64).max(1))
}

impl OutdatedJson {
    /// For people.
    pub(super) fn line(&self, status: &Status) -> String {
        let number = |number: u64, noun| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
        let files = number(self.documents.files, "file");
        let time = match self.seconds {
            None => String::new(),
            Some(seconds @ 0..120) => format!(", about {}", number(seconds, "second")),
            Some(seconds) => format!(", about {}", number(seconds.div_ceil(60), "minute")),
        };
        let cost = format!(
            "reads and encodes again ({} of text{time}); searches work meanwhile",
            bytes(self.documents.text_bytes)
        );
        if status.cuts == Cuts::Blocks {
            let command = self.command;
            format!("all, as older versions made them; `{command}` makes better ones: {files} that it {cost}")
        } else {
            format!("in {files}; the next `{}` replaces them: it {cost}", self.command)
        }
    }
}

/// Changes the rule, then indexes the folders again. `None` if there are no folders.
pub(super) fn change(
    plan: &Plan,
    arguments: &MigrateArgs,
    path: &Path,
    out: &mut Output<'_>,
) -> Result<Option<Outcome>, Failure> {
    let index = IndexArgs {
        passage_tokens: arguments.passage_tokens,
        overlap_tokens: arguments.overlap_tokens,
        ..IndexArgs::default()
    };
    {
        let collection = plan.options().allow_data_loss(true).lock_timeout(WAIT).open(path)?;
        if !collection.is_trusted() {
            return Err(Failure::message(Plan::distrust(path, "its folders are not known, so nothing was changed")));
        }
        let creation = CreationSettings {
            passage_tokens: arguments.passage_tokens,
            overlap_tokens: arguments.overlap_tokens,
            ..CreationSettings::default()
        };
        let settings = Settings::resolve(path, collection.is_trusted(), &index.files, creation)?;
        let (tokens, overlap) = (settings.passage_tokens.value, settings.overlap_tokens.value);
        let changed = collection.writer()?.change_passages(tokens, overlap)?;
        let OutdatedPassages { files, other_documents, .. } = collection.outdated_passages()?;
        if !changed && files == 0 {
            plan.notes.say("nothing to migrate: the passages have this rule already; updating the index");
        }
        if other_documents > 0 {
            let documents = count(usize::try_from(other_documents).unwrap_or(usize::MAX), "document");
            let (have, keep, they) =
                if other_documents == 1 { ("has", "keeps", "it is") } else { ("have", "keep", "they are") };
            plan.notes
                .say(&format!("{documents} {have} no file and {keep} the old passages until {they} stored again"));
        }
        if collection.indexed_folders().is_empty() {
            return Ok(None);
        }
    }
    index::run(plan, &index, out).map(Some)
}
