//! `nigh export` and `nigh import`: documents as JSON lines.

use std::collections::VecDeque;
use std::collections::hash_map::{DefaultHasher, HashMap};
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use nigh::{Collection, Document, Error, ExportedDocument, Imported, UpsertProgress, Writer};
use serde::Serialize;

use super::model;
use crate::args::{ExportArgs, ImportArgs};
use crate::lines::{self, InputLines, LineError};
use crate::output::{Failure, Output, count, json, thousands};
use crate::plan::Plan;
use crate::progress::ImportBar;
use crate::{Outcome, exact, harmless};

/// Maximum number of documents in a batch.
const BATCH_DOCUMENTS: usize = 512;
/// Maximum bytes of the texts of a batch.
const BATCH_BYTES: usize = 16 << 20;

/// Maximum number of refused lines that are listed; the others are only counted.
const MAX_LISTED_REFUSALS: usize = 1000;

/// The output of `nigh import --json`.
#[derive(Serialize)]
struct ImportJson<'a> {
    collection: &'a Path,
    imported: usize,
    encoded: usize,
    /// Lines whose id appears again in a later line.
    repeated: usize,
    /// Errors of the first refused lines.
    refused: &'a [String],
    /// Number of refused lines.
    refusals: usize,
    generation: u64,
}

pub fn export(plan: &Plan, arguments: &ExportArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let collection = plan.open_existing()?;
    let mut file = match &arguments.output {
        Some(path) => Some(BufWriter::new(File::create(path).map_err(Failure::io("create", path.display()))?)),
        None => None,
    };
    let mut number = 0;
    for document in collection.export().vectors(arguments.vectors).run()? {
        let document = document?;
        number += 1;
        match (&mut file, &arguments.output) {
            (Some(file), Some(path)) => exact::line(file, &document).map_err(Failure::io("write", path.display()))?,
            _ => json(out, &document)?,
        }
    }
    if let (Some(mut file), Some(path)) = (file, &arguments.output) {
        file.flush().map_err(Failure::io("write", path.display()))?;
        plan.notes.say(&format!("exported {} to {}", count(number, "document"), path.display()));
    }
    Ok(if number > 0 { Outcome::Found } else { Outcome::Nothing })
}

pub fn import(plan: &Plan, arguments: &ImportArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let collection = open(plan, arguments)?;
    let mut writer = collection.writer()?;
    let (mut input, bytes): (Box<dyn BufRead>, _) = match &arguments.file {
        Some(path) if path.as_os_str() != "-" => {
            let file = File::open(path).map_err(Failure::io("read", path.display()))?;
            let bytes = file.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len());
            (Box::new(BufReader::new(file)), bytes)
        }
        _ => (Box::new(std::io::stdin().lock()), None),
    };
    if let Some(format) = lines::not_lines(&mut input).map_err(Failure::io("read", "the input"))? {
        return Err(Failure::message(format!("the input is {format}; nothing was imported")));
    }
    let mut run = ImportRun::new(&mut writer, plan.notes.import(bytes));
    let mut lines = InputLines::new(input);
    while let Some(line) = lines.next().map_err(Failure::io("read", "the input"))? {
        let number = line.number;
        run.bar.read(line.end, run.taken + run.pending.len());
        match line.document() {
            Ok(document) => run.document(number, document)?,
            Err(LineError::Unread(error)) => return Err(Failure::io("read", "the input")(error)),
            Err(LineError::Invalid(problem)) => run.refuse(number, || problem),
        }
    }
    run.encode()?;
    let ImportRun { taken, ids, edited, refused, refusals, bar, .. } = run;
    drop(bar);
    // `taken` is a number of lines; a document may have several.
    let (lines, taken) = (taken, ids.len());
    let (repeated, encoded) = (lines - taken, ids.values().filter(|encoded| **encoded).count());
    let generation = writer.commit()?.generation;
    writer.wait_for_merges().run()?;
    if plan.json {
        let (collection, refused) = (collection.path(), &refused);
        json(out, &ImportJson { collection, imported: taken, encoded, repeated, refused, refusals, generation })?;
    } else if !plan.notes.is_quiet() {
        let encoded = match encoded {
            0 => String::new(),
            1 => "; 1 came without vectors and was encoded".to_owned(),
            _ => format!("; {} came without vectors and were encoded", thousands(encoded as u64)),
        };
        writeln!(out, "Imported {}{encoded}.", count(taken, "document"))?;
    }
    if repeated > 0 {
        let (these, have) = (count(repeated, "line"), if repeated == 1 { "has" } else { "have" });
        plan.notes.say(&format!("{these} {have} an id that appears again further down; the last line of an id wins"));
    }
    if edited > 0 {
        let documents = count(edited, "document");
        plan.notes.say(&format!(
            "{documents} edited after the export: split and encoded again, without the places and metadata of passages"
        ));
    }
    if refused.is_empty() {
        return Ok(Outcome::Found);
    }
    let mut message = format!("{} refused; ", count(refusals, "line"));
    message.push_str(&if taken == 0 {
        "nothing was imported".to_owned()
    } else {
        format!("{} imported", count(taken, "document"))
    });
    let listed = refused.len();
    let more = (listed < refusals).then(|| format!("and {} more", thousands((refusals - listed) as u64)));
    Err(Failure::message(message).under(
        refused.into_iter().chain(more).map(|line| harmless::line(&line).into_owned()).collect::<Vec<_>>().join("\n"),
    ))
}

fn open(plan: &Plan, arguments: &ImportArgs) -> Result<Collection, Failure> {
    let path = plan.existing_collection().or_else(|_| plan.collection_for(&[PathBuf::from(".").canonicalize()?]))?;
    let options = match arguments.dimension {
        Some(dimension) => plan.options().dimension(dimension),
        None if Collection::exists(&path) && arguments.model.is_none() => plan.options(),
        None => plan.options().model(model::required(plan, arguments.model.as_deref())?),
    };
    Ok(options.open(path)?)
}

/// The state of an import.
struct ImportRun<'a> {
    writer: &'a mut Writer,
    /// Documents to be encoded.
    pending: VecDeque<Document>,
    /// Lines whose documents were imported.
    taken: usize,
    /// Hashes of their ids (which need less memory), and whether the last document of each id was encoded.
    ids: HashMap<u64, bool>,
    /// Documents that were edited after their export.
    edited: usize,
    /// Passages encoded so far.
    passages: usize,
    /// Bytes of the texts in `pending`.
    pending_bytes: usize,
    /// Errors of the first refused lines.
    refused: Vec<String>,
    /// Number of refused lines.
    refusals: usize,
    bar: ImportBar,
}

impl<'a> ImportRun<'a> {
    fn new(writer: &'a mut Writer, bar: ImportBar) -> Self {
        let (pending, refused) = (VecDeque::new(), Vec::new());
        Self {
            writer,
            pending,
            pending_bytes: 0,
            taken: 0,
            ids: HashMap::new(),
            edited: 0,
            passages: 0,
            refused,
            refusals: 0,
            bar,
        }
    }

    fn refuse(&mut self, number: usize, problem: impl FnOnce() -> String) {
        self.refusals += 1;
        if self.refused.len() < MAX_LISTED_REFUSALS {
            self.refused.push(format!("line {number}: {}", problem()));
        }
    }

    /// Imports one document. An error of the document is noted and the import continues; an error of the collection ends it.
    fn document(&mut self, number: usize, document: ExportedDocument) -> Result<(), Failure> {
        let bytes = document.text.len();
        let mut hasher = DefaultHasher::new();
        document.id.hash(&mut hasher);
        let id = hasher.finish();
        // A pending document with the same id is older: it must be stored first.
        let has_vectors = document.passages.is_some() || document.vector.is_some();
        let may_be_pending = has_vectors && self.ids.contains_key(&id);
        if may_be_pending && self.pending.iter().any(|pending| pending.id == document.id) {
            self.encode()?;
        }
        match self.writer.import(document) {
            Ok(imported) => {
                let edited = matches!(imported, Imported::Edited(_));
                let to_encode = imported.into_document();
                self.ids.insert(id, to_encode.is_some());
                self.edited += usize::from(edited);
                match to_encode {
                    Some(document) => {
                        self.pending_bytes += bytes;
                        self.pending.push_back(document);
                    }
                    None => self.taken += 1,
                }
            }
            Err(error @ (Error::InvalidDocument { .. } | Error::CollectionKind { .. })) => {
                self.refuse(number, || error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        if self.pending.len() >= BATCH_DOCUMENTS || self.pending_bytes >= BATCH_BYTES {
            self.encode()?;
        }
        Ok(())
    }

    fn encode(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.pending_bytes = 0;
        let (bar, before) = (&mut self.bar, self.passages);
        let mut passages = before;
        let upsert = self.writer.upsert_all(self.pending.drain(..));
        let report = |progress: UpsertProgress| {
            passages = before + progress.passages;
            bar.encoded(passages);
        };
        let number = upsert.on_progress(report).run()?;
        self.passages = passages;
        self.taken += number;
        Ok(())
    }
}
