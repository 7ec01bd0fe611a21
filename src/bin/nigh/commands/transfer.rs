//! `nigh export` and `nigh import`: documents as JSON lines.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use nigh::{Collection, Document, Error, ExportedDocument, Imported, Writer};
use serde_json::json;

use super::model;
use crate::args::{Export, Import};
use crate::output::{Failure, Output, count, json};
use crate::plan::Plan;
use crate::{Outcome, exact};

/// Documents encoded together.
const TOGETHER: usize = 512;

pub fn export(plan: &Plan, arguments: &Export, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let collection = plan.open_existing()?;
    let mut file = match &arguments.output {
        Some(path) => Some(BufWriter::new(File::create(path).map_err(Failure::io("create", path.display()))?)),
        None => None,
    };
    let (mut number, mut failed) = (0, None);
    let written = collection.export(arguments.vectors, &mut |document| {
        number += 1;
        let written = match &mut file {
            Some(file) => exact::line(file, &document).map_err(Failure::io("write", "the file")),
            None => json(out, &document),
        };
        written.map_err(|failure| {
            failed = Some(failure);
            Error::Interrupted
        })
    });
    match failed {
        Some(failure) => return Err(failure),
        None => written?,
    }
    if let (Some(mut file), Some(path)) = (file, &arguments.output) {
        file.flush().map_err(Failure::io("write", path.display()))?;
        plan.notes.say(&format!("{} written to {}", count(number, "document"), path.display()));
    }
    Ok(if number > 0 { Outcome::Found } else { Outcome::Nothing })
}

pub fn import(plan: &Plan, arguments: &Import, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let collection = open(plan, arguments)?;
    let mut writer = collection.writer()?;
    let input: Box<dyn BufRead> = match &arguments.file {
        Some(path) => Box::new(BufReader::new(File::open(path).map_err(Failure::io("read", path.display()))?)),
        None => Box::new(std::io::stdin().lock()),
    };
    let mut run = Run { writer: &mut writer, waiting: VecDeque::new(), taken: 0, encoded: 0, refused: Vec::new() };
    for (i, line) in input.split(b'\n').enumerate() {
        let line = line.map_err(Failure::io("read", "the input"))?;
        if !line.trim_ascii().is_empty() {
            run.line(i + 1, &line)?;
        }
    }
    run.encode()?;
    let Run { taken, encoded, refused, .. } = run;
    let generation = writer.commit()?.generation;
    writer.settle()?;
    if plan.json {
        json(
            out,
            &json!({
                "collection": collection.path(), "imported": taken, "encoded": encoded, "refused": refused,
                "generation": generation,
            }),
        )?;
    } else {
        writeln!(out, "{} imported, {encoded} of them encoded here", count(taken, "document"))?;
    }
    if refused.is_empty() {
        return Ok(Outcome::Found);
    }
    for refusal in &refused {
        plan.notes.say(refusal);
    }
    Err(Failure::said(format!("{} refused; the others are imported", count(refused.len(), "line"))))
}

fn open(plan: &Plan, arguments: &Import) -> Result<Collection, Failure> {
    let path = plan.existing_collection().or_else(|_| plan.collection_for(&[PathBuf::from(".").canonicalize()?]))?;
    let options = match arguments.dimension {
        Some(dimension) => plan.options().dimension(dimension),
        None if Collection::exists(&path) && arguments.model.is_none() => plan.options(),
        None => plan.options().model(model::needed(plan, arguments.model.as_deref())?),
    };
    Ok(options.open(path)?)
}

/// An import under way.
struct Run<'a> {
    writer: &'a mut Writer,
    /// Documents whose text is to be encoded.
    waiting: VecDeque<Document>,
    taken: usize,
    encoded: usize,
    refused: Vec<String>,
}

impl Run<'_> {
    /// One line. What is wrong with the line is noted and the others go on; what is wrong with the collection ends all.
    fn line(&mut self, number: usize, line: &[u8]) -> Result<(), Failure> {
        let document: ExportedDocument = match serde_json::from_slice(line) {
            Ok(document) => document,
            Err(error) => {
                self.refused.push(format!("line {number}: {error}"));
                return Ok(());
            }
        };
        if let Err(error) = nigh::DocumentId::new(document.id.as_str()) {
            self.refused.push(format!("line {number}: {error}"));
            return Ok(());
        }
        match self.writer.import(document, &mut self.waiting) {
            Ok(Imported::WithVectors) => self.taken += 1,
            Ok(Imported::ToEncode) => {}
            Err(error @ (Error::InvalidDocument { .. } | Error::CollectionKind { .. })) => {
                self.refused.push(format!("line {number}: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
        if self.waiting.len() >= TOGETHER {
            self.encode()?;
        }
        Ok(())
    }

    fn encode(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let number = self.writer.upsert_all(self.waiting.drain(..))?;
        self.taken += number;
        self.encoded += number;
        Ok(())
    }
}
