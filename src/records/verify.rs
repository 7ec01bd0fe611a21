//! The full check: every row belongs to a whole document, and the counters match the rows.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::document::{DocumentId, StoredPassage};
use crate::error::{Error, Result};

use super::codec::{HeaderRecord, PIECE_BYTES};
use super::keys;
use super::store::{Store, read_counters};
use super::write::check_span;

/// A problem that the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The document that has the problem, if known.
    pub document: Option<DocumentId>,
    /// The problem, in words.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.document {
            Some(id) => write!(f, "{id}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// The findings and totals of a check so far.
#[derive(Default)]
struct Verification {
    findings: Vec<Finding>,
    /// Document number → the sequence of its last change.
    documents: HashMap<u64, u64>,
    passages: HashSet<u64>,
    /// The number of rows that the documents should have, to be compared with the rows that exist.
    text_rows: u64,
    passage_rows: u64,
}

impl Verification {
    fn add_finding(&mut self, document: Option<&DocumentId>, problem: impl Into<String>) {
        self.findings.push(Finding { document: document.cloned(), problem: problem.into() });
    }

    /// Turns a failed read into a finding, so that the check continues.
    fn ok_or_finding<T>(&mut self, document: Option<&DocumentId>, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add_finding(document, error.to_string())).ok()
    }
}

impl Store {
    /// Reads everything and returns the problems; empty if there are none. Writers wait until it returns.
    ///
    /// # Errors
    /// [`Error::Io`]: reading failed, so the result is unknown.
    pub fn verify(&self) -> Result<Vec<Finding>> {
        let state = self.read_state();
        let mut check = Verification::default();
        self.verify_documents(&mut check)?;
        self.verify_names(&mut check)?;
        self.verify_vectors(&mut check, state.settings.vector_bytes())?;
        self.verify_changes(&mut check, state.counters.sequence)?;
        self.verify_rows(&mut check)?;

        let (documents, passages) = (check.documents.len() as u64, check.passages.len() as u64);
        let counters = state.counters;
        if (counters.documents, counters.passages) != (documents, passages) {
            let counted = format!("{} documents and {} passages are counted", counters.documents, counters.passages);
            check.add_finding(None, format!("{counted}, {documents} and {passages} are there"));
        }
        if check.documents.keys().any(|&n| n >= counters.next_document)
            || check.passages.iter().any(|&n| n >= counters.next_passage)
        {
            check.add_finding(None, "a number that is in use would be given again");
        }
        if self.loss().is_none() && read_counters(&self.tree)? != Some(counters) {
            check.add_finding(None, "the stored counters are not those in use");
        }
        Ok(check.findings)
    }

    fn verify_documents(&self, check: &mut Verification) -> Result<()> {
        // A long header has several rows: look at the first one only.
        let mut last = None;
        for row in self.tree.scan(&[keys::HEADERS]) {
            let Some((key, _)) = check.ok_or_finding(None, io(row)?) else { break };
            let Some((number, _)) = keys::number_and_piece(&key) else {
                check.add_finding(None, "a header's key is garbled");
                continue;
            };
            if last.replace(number) == Some(number) {
                continue;
            }
            let read = self.header(number).and_then(|header| {
                let id = header.id.clone();
                self.name_of(number, &header)?;
                self.check_metadata(number, &header)?;
                let passages = self.passages_of(number, &header)?;
                Ok((id, header, passages))
            });
            if let Some((id, header, passages)) = check.ok_or_finding(None, io(read)?) {
                check.documents.insert(number, header.sequence);
                self.verify_document(check, number, &id, &header, &passages)?;
            }
        }
        Ok(())
    }

    fn verify_document(
        &self,
        check: &mut Verification,
        number: u64,
        id: &DocumentId,
        header: &HeaderRecord,
        passages: &[StoredPassage<()>],
    ) -> Result<()> {
        check.text_rows += header.text_bytes.div_ceil(PIECE_BYTES as u64);
        let text = check.ok_or_finding(Some(id), io(self.text_of(number, header))?);
        for (ordinal, passage) in passages.iter().enumerate() {
            if !check.passages.insert(passage.id.0) {
                check.add_finding(Some(id), format!("passage {} is there twice", passage.id.0));
            }
            if let Some(problem) = text.as_deref().and_then(|text| check_span(text, &passage.span).err()) {
                check.add_finding(Some(id), format!("passage {ordinal} {problem}"));
            }
        }
        // The rows of passages are sorted, so their ordinals must count up from 0.
        let mut next_ordinal = 0;
        for row in self.tree.scan(&keys::numbered(keys::PASSAGES, number)) {
            let Some((key, _)) = check.ok_or_finding(Some(id), io(row)?) else { break };
            check.passage_rows += 1;
            match keys::passage_and_piece(&key) {
                Some((_, ordinal, 0)) if ordinal == next_ordinal => next_ordinal += 1,
                Some((_, ordinal, piece)) if piece > 0 && ordinal + 1 == next_ordinal => {}
                _ => check.add_finding(Some(id), "its passages are not numbered from 0 on"),
            }
        }
        Ok(())
    }

    fn verify_names(&self, check: &mut Verification) -> Result<()> {
        let mut names = 0;
        for row in self.tree.scan(&[keys::NAMES]) {
            let Some((key, value)) = check.ok_or_finding(None, io(row)?) else { break };
            names += 1;
            if let Some(name) = check.ok_or_finding(None, io(self.stamped(&key, &value))?)
                && !check.documents.contains_key(&name.number)
            {
                check
                    .add_finding(Some(&name.id), format!("it has number {}, which no whole document has", name.number));
            }
        }
        if names != check.documents.len() {
            check.add_finding(None, format!("{names} names are there for {} documents", check.documents.len()));
        }
        Ok(())
    }

    fn verify_vectors(&self, check: &mut Verification, length: usize) -> Result<()> {
        let mut lengths: HashMap<u64, usize> = HashMap::new();
        for row in self.tree.scan(&[keys::VECTORS]) {
            let Some((key, value)) = check.ok_or_finding(None, io(row)?) else { break };
            match keys::number_and_piece(&key) {
                Some((id, piece)) => {
                    let length_so_far = lengths.entry(id).or_default();
                    if piece as usize * PIECE_BYTES != *length_so_far {
                        check.findings.push(Finding {
                            document: None,
                            problem: format!("the pieces of the vector of passage {id} do not follow each other"),
                        });
                    }
                    *length_so_far += value.len();
                }
                None => check.add_finding(None, "a vector's key is garbled"),
            }
        }
        let mut problems = Vec::new();
        for (id, found) in &lengths {
            if !check.passages.contains(id) {
                problems.push(format!("the vector of passage {id} is there, the passage is not"));
            } else if *found != length {
                problems.push(format!("the vector of passage {id} has {found} bytes, not {length}"));
            }
        }
        problems.extend(
            check
                .passages
                .iter()
                .filter(|id| !lengths.contains_key(id))
                .map(|id| format!("passage {id} has no vector")),
        );
        problems.sort();
        problems.into_iter().for_each(|problem| check.add_finding(None, problem));
        Ok(())
    }

    fn verify_changes(&self, check: &mut Verification, last: u64) -> Result<()> {
        let mut logged = HashSet::new();
        for row in self.tree.scan(&[keys::CHANGES]) {
            let Some((key, value)) = check.ok_or_finding(None, io(row)?) else { break };
            let Some(change) = check.ok_or_finding(None, io(self.change(&key, &value))?) else { continue };
            let stored_sequence = check.documents.get(&change.document).copied();
            let expected = if change.removed { None } else { Some(change.sequence) };
            if stored_sequence != expected || change.sequence > last {
                check.add_finding(
                    Some(&change.id),
                    format!("change {} is not what happened to it last", change.sequence),
                );
            }
            logged.insert(change.document);
        }
        let unlogged: Vec<u64> = check.documents.keys().filter(|number| !logged.contains(number)).copied().collect();
        for number in unlogged {
            check.add_finding(None, format!("document {number} has no change"));
        }
        Ok(())
    }

    /// Finds rows of texts and passages that belong to no document, and rows of unknown tables.
    fn verify_rows(&self, check: &mut Verification) -> Result<()> {
        for (table, expected, what) in
            [(keys::TEXTS, check.text_rows, "text"), (keys::PASSAGES, check.passage_rows, "passages")]
        {
            let mut found = 0;
            for row in self.tree.scan(&[table]) {
                let Some(_) = check.ok_or_finding(None, io(row)?) else { break };
                found += 1;
            }
            if found != expected {
                check.add_finding(None, format!("{found} rows of {what} are there, the documents have {expected}"));
            }
        }
        // Tables are numbered without gaps, so rows of unknown tables come before the first table or after the last one.
        let after = self.tree.scan_from(&[keys::CHANGES + 1], &[]).next();
        let first = self.tree.scan(&[]).next();
        for (row, edge) in [(first, keys::META), (after, keys::CHANGES)] {
            if let Some(row) = row
                && check.ok_or_finding(None, io(row)?).is_none_or(|(key, _)| key.first() != Some(&edge))
            {
                check.add_finding(None, "there are rows of an unknown table");
            }
        }
        Ok(())
    }
}

/// Fails with an I/O error, which stops the check; keeps any other error as a value, which becomes a finding.
fn io<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(error @ Error::Io { .. }) => Err(error),
        other => Ok(other),
    }
}
