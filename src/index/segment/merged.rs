//! The documents of other segments that are not deleted, as the input of one segment. They are copied, not encoded again.

use std::borrow::Cow;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use super::build::{CodesBuffer, Input};
use super::sidecar::{Sidecar, SidecarPart};
use super::{Entry, Row, Segment};
use crate::error::Result;
use crate::index::stored::Out;

/// The bytes that a merge reads before it releases the memory of the pages that it read.
const MAX_HELD_BYTES: usize = 32 << 20;

/// The documents of several segments that are not deleted.
pub(crate) struct Merged {
    segments: Vec<Arc<Segment>>,
    /// The bytes read since memory was released.
    held: Cell<usize>,
    /// The index of the segment, the index of the document in it, and the document's entry; sorted by number.
    documents: Vec<(usize, u32, Entry)>,
}

impl Merged {
    /// Lists the documents. `is_dead`: true if a document of a segment is deleted.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub(crate) fn new(segments: Vec<Arc<Segment>>, is_dead: &dyn Fn(usize, u32) -> bool) -> Result<Self> {
        let mut documents = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            let mut next_row = 0;
            for document in 0..segment.documents() {
                let entry = segment.entry(document)?;
                // Merging sidecars requires that each row belongs to one document.
                if entry.first_row != next_row {
                    return Err(
                        segment.damaged(&format!("document {} does not begin where the last ends", entry.number))
                    );
                }
                next_row = entry.row_range().end;
                if !is_dead(index, document) {
                    documents.push((index, document, entry));
                }
            }
        }
        documents.sort_unstable_by_key(|(_, _, entry)| entry.number);
        Ok(Self { segments, held: Cell::new(0), documents })
    }

    /// Returns the number of passages of all documents.
    pub(crate) fn rows(&self) -> usize {
        self.documents.iter().map(|(_, _, entry)| entry.rows as usize).sum()
    }

    /// Returns the indices of the segment and of the document in it for each document, in the order of writing.
    pub(crate) fn origins(&self) -> impl Iterator<Item = (usize, u32)> {
        self.documents.iter().map(|&(segment, document, _)| (segment, document))
    }

    /// Counts bytes that were read, and releases memory: a merge reads each byte once.
    fn read<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        self.held.set(self.held.get() + bytes.len());
        if self.held.get() > MAX_HELD_BYTES {
            self.release();
        }
        bytes
    }

    fn release(&self) {
        self.segments.iter().for_each(|segment| segment.release());
        self.held.set(0);
    }

    fn document_at(&self, document: usize) -> (&Segment, &Entry) {
        let (segment, _, entry) = &self.documents[document];
        (&self.segments[*segment], entry)
    }
}

impl Input for Merged {
    fn documents(&self) -> usize {
        self.documents.len()
    }

    fn head(&self, document: usize) -> Result<(u64, u64, u32)> {
        let entry = self.document_at(document).1;
        Ok((entry.number, entry.sequence, entry.rows))
    }

    fn id(&self, document: usize) -> Result<Cow<'_, str>> {
        let (segment, entry) = self.document_at(document);
        Ok(segment.record(entry)?.id.as_str().to_owned().into())
    }

    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.document_at(document);
        segment.record_bytes(entry).map(|bytes| self.read(bytes).into())
    }

    fn contexts(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.document_at(document);
        segment.contexts_bytes(entry).map(|bytes| self.read(bytes).into())
    }

    fn text(&self, document: usize) -> Result<&[u8]> {
        let (segment, entry) = self.document_at(document);
        segment.text_bytes(entry).map(|bytes| self.read(bytes))
    }

    fn rows(&self, document: usize) -> Result<Vec<Row>> {
        let (segment, entry) = self.document_at(document);
        let mut rows = Vec::with_capacity(entry.rows as usize);
        segment.each_row(entry.row_range(), |_, row| rows.push(row))?;
        Ok(rows)
    }

    fn vectors(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.document_at(document);
        segment.vectors_of(entry.row_range()).map(|bytes| self.read(bytes).into())
    }

    fn codes(&self, document: usize, into: &mut CodesBuffer) -> Result<()> {
        let (segment, entry) = self.document_at(document);
        let codes = segment.codes();
        for row in entry.row_range() {
            let row = row as usize;
            into.push_coded(self.read(codes.row(row)?), codes.scale(row)?, segment.residual());
        }
        Ok(())
    }

    fn sidecar(&self, sidecar: &dyn Sidecar, folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let part = |segment: &Arc<Segment>| SidecarPart {
            section: segment.sidecar().clone(),
            rows: vec![None; segment.rows() as usize],
        };
        let mut parts: Vec<SidecarPart> = self.segments.iter().map(part).collect();
        let mut new_row = 0;
        for (segment, _, entry) in &self.documents {
            for row in entry.row_range() {
                parts[*segment].rows[row as usize] = Some(new_row);
                new_row += 1;
            }
        }
        let merged = sidecar.merge(parts, folder, out);
        self.release();
        merged
    }

    fn check_intact(&self) -> Result<()> {
        self.segments.iter().try_for_each(|segment| segment.check_intact())
    }
}
