//! Reads a segment: every part in place, checked when it is first touched.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::checked::{CheckedFile, Section, u32_at, u64_at};
use super::{ENTRY, Entry, Footer, Kind, NO_CONTEXT, ROW, Record, Row, Shape, name_hash, to_usize_range};
use crate::document::{Context, DocumentId, PassageId};
use crate::error::{Error, Result};
use crate::index::codes::Codes;
use crate::index::graph::Graph;
use crate::index::stored::Stored;

/// An open segment. Every method that reads can return [`Error::IndexDamaged`].
pub(crate) struct Segment {
    file: Arc<CheckedFile>,
    footer: Footer,
    records: Section,
    texts: Section,
    rows: Section,
    passages: Section,
    vectors: Section,
    documents: Section,
    names: Section,
    codes: Codes<Section>,
    graph: Option<Graph<Section>>,
    sidecar: Section,
}

impl Segment {
    /// Opens a file. Reads and checks its prelude and footer only.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (file, footer) = CheckedFile::open(path, |bytes| {
            let (mut footer, rest) = postcard::take_from_bytes::<Footer>(bytes).map_err(|e| e.to_string())?;
            if !rest.is_empty() {
                return Err("bytes follow its footer".to_owned());
            }
            let roots = std::mem::take(&mut footer.roots);
            Ok((footer, roots))
        })?;
        let file = Arc::new(file);
        let (documents, rows) = (footer.documents as usize, footer.rows as usize);
        let body = file.body();
        // Finds a section that is within the body and has the expected length.
        let find = |kind: Kind, expected: Option<usize>| {
            let found = footer.sections.iter().find(|section| section.0 == kind);
            let range = found.and_then(|&(_, start, len)| to_usize_range(start, len));
            let is_within_body = |range: &Range<usize>| range.start >= body.start && range.end <= body.end;
            let has_length = |range: &Range<usize>| expected.is_none_or(|len| len == range.len());
            range.filter(is_within_body).filter(has_length).map(|range| Section::new(&file, range))
        };
        let need = |kind: Kind, len: Option<usize>| {
            find(kind, len).ok_or_else(|| file.damaged(&format!("its section {kind:?} does not match its footer")))
        };
        let codes = Codes::new(
            need(Kind::Codes, None)?,
            need(Kind::Scales, Some(4 * rows))?,
            footer.shape.dimension as usize,
            rows,
        )
        .map_err(|error| error.in_index_file(path))?;
        let graph = find(Kind::Graph, None).map(|section| Graph::open(section, rows));
        let graph = graph.transpose().map_err(|error| error.in_index_file(path))?;
        Ok(Self {
            records: need(Kind::Records, None)?,
            texts: need(Kind::Texts, None)?,
            rows: need(Kind::Rows, Some(ROW * rows))?,
            passages: need(Kind::Passages, Some(4 * rows))?,
            vectors: need(Kind::Vectors, Some(footer.shape.vector_bytes() * rows))?,
            documents: need(Kind::Documents, Some(ENTRY * documents))?,
            names: need(Kind::Names, Some(12 * documents))?,
            sidecar: need(Kind::Sidecar, None)?,
            codes,
            graph,
            file,
            footer,
        })
    }

    /// Returns the length of the file, and the checksum that distinguishes the file from others of the same name.
    pub(crate) fn identity(&self) -> (u64, u32) {
        (self.file.len() as u64, self.file.footer_crc())
    }

    pub(crate) fn shape(&self) -> Shape {
        self.footer.shape
    }

    /// Returns the number of documents, including deleted ones.
    pub(crate) fn documents(&self) -> u32 {
        self.footer.documents
    }

    /// Returns the number of passages, including deleted ones.
    pub(crate) fn rows(&self) -> u32 {
        self.footer.rows
    }

    /// Returns the largest distance between a vector and its codes.
    pub(crate) fn residual(&self) -> f32 {
        self.footer.residual
    }

    pub(crate) fn codes(&self) -> &Codes<Section> {
        &self.codes
    }

    pub(crate) fn graph(&self) -> Option<&Graph<Section>> {
        self.graph.as_ref()
    }

    /// Returns the section that another module fills.
    pub(crate) fn sidecar(&self) -> &Section {
        &self.sidecar
    }

    pub(crate) fn entry(&self, document: u32) -> Result<Entry> {
        let start = ENTRY * document as usize;
        let entry = Entry::decode(self.documents.read(start..start + ENTRY)?);
        if entry.row_range().end > self.rows() {
            return Err(self.file.damaged(&format!("document {} has rows that it does not", entry.number)));
        }
        Ok(entry)
    }

    pub(crate) fn row(&self, row: u32) -> Result<Row> {
        let start = ROW * row as usize;
        Ok(Row::decode(self.rows.read(start..start + ROW)?))
    }

    /// Returns the document of a row: its index in the segment, and its entry.
    pub(crate) fn document_of_row(&self, row: u32) -> Result<(u32, Entry)> {
        if row >= self.rows() {
            return Err(self.damaged(&format!("row {row} is wanted, which it does not have")));
        }
        let document = self.row(row)?.document;
        let entry = self.entry(document)?;
        if !entry.row_range().contains(&row) {
            return Err(self.damaged(&format!("row {row} is of a document that does not have it")));
        }
        Ok((document, entry))
    }

    /// Calls `work` with each row of a range.
    pub(crate) fn each_row(&self, range: Range<u32>, mut work: impl FnMut(u32, Row)) -> Result<()> {
        let bytes = self.rows.read(ROW * range.start as usize..ROW * range.end as usize)?;
        for (row, entry) in range.zip(bytes.chunks_exact(ROW)) {
            work(row, Row::decode(entry));
        }
        Ok(())
    }

    /// Releases the memory of pages that were read. They are loaded again when they are read again.
    pub(super) fn release(&self) {
        self.file.release();
    }

    /// Reads a document's id, metadata and stamp.
    pub(crate) fn record(&self, entry: &Entry) -> Result<Record> {
        postcard::from_bytes(self.record_bytes(entry)?)
            .map_err(|e| self.file.damaged(&format!("document {}: {e}", entry.number)))
    }

    pub(super) fn record_bytes(&self, entry: &Entry) -> Result<&[u8]> {
        self.slice(&self.records, entry.record_at, u64::from(entry.record_len))
    }

    pub(super) fn contexts_bytes(&self, entry: &Entry) -> Result<&[u8]> {
        self.slice(&self.records, entry.record_at.saturating_add(entry.record_len.into()), entry.contexts_len.into())
    }

    pub(super) fn text_bytes(&self, entry: &Entry) -> Result<&[u8]> {
        self.slice(&self.texts, entry.text_at, entry.text_len)
    }

    /// Reads headings, place and metadata of a passage.
    pub(crate) fn context(&self, entry: &Entry, row: &Row) -> Result<Context> {
        if row.context == NO_CONTEXT {
            return Ok(Context::default());
        }
        let bytes = self.contexts_bytes(entry)?.get(row.context as usize..).unwrap_or_default();
        let read = postcard::take_from_bytes(bytes);
        read.map(|(context, _)| context).map_err(|e| self.file.damaged(&format!("the context of a passage: {e}")))
    }

    /// True if all bytes that were read so far came from the file.
    pub(crate) fn is_intact(&self) -> bool {
        self.file.is_intact()
    }

    /// Call this after reading, and before the result is used; see [`Snapshot::check_intact`](crate::index::Snapshot::check_intact).
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub(crate) fn check_intact(&self) -> Result<()> {
        self.file.check_intact()
    }

    /// Reads a part of a document's text. Copies it before the check for UTF-8, because mapped bytes change if the file is truncated.
    pub(crate) fn text(&self, entry: &Entry, range: Range<usize>) -> Result<String> {
        let text = to_usize_range(entry.text_at, entry.text_len);
        let text = text.filter(|text| range.start <= range.end && range.end <= text.len());
        let part = text.map(|text| text.start + range.start..text.start + range.end);
        let bytes = part.map(|part| self.texts.read(part)).transpose()?;
        bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).ok_or_else(|| {
            let (start, end) = (range.start, range.end);
            self.file.damaged(&format!("document {}: bytes {start} to {end} are not text", entry.number))
        })
    }

    /// Reads the stored vector of a passage.
    pub(crate) fn vector(&self, row: u32) -> Result<&[u8]> {
        self.vectors_of(row..row + 1)
    }

    /// Reads the vectors of consecutive rows.
    pub(crate) fn vectors_of(&self, rows: Range<u32>) -> Result<&[u8]> {
        let width = self.footer.shape.vector_bytes();
        self.vectors.read(width * rows.start as usize..width * rows.end as usize)
    }

    /// Finds the document with this number.
    pub(crate) fn find_number(&self, number: u64) -> Result<Option<u32>> {
        let document = self.search(self.documents(), |i| Ok(self.entry(i)?.number < number))?;
        let exists = document < self.documents() && self.entry(document)?.number == number;
        Ok(exists.then_some(document))
    }

    /// Finds the document with this id.
    pub(crate) fn find_name(&self, id: &DocumentId) -> Result<Option<u32>> {
        let hash = name_hash(id.as_str());
        let name = |i: u32| -> Result<(u64, u32)> {
            let bytes = self.names.read(12 * i as usize..12 * i as usize + 12)?;
            Ok((u64_at(bytes, 0), u32_at(bytes, 8)))
        };
        // Several ids may have the same hash.
        let mut next = self.search(self.documents(), |i| Ok(name(i)?.0 < hash))?;
        while next < self.documents() {
            let (found, document) = name(next)?;
            if found != hash {
                break;
            }
            if document < self.documents() && self.record(&self.entry(document)?)?.id == *id {
                return Ok(Some(document));
            }
            next += 1;
        }
        Ok(None)
    }

    /// Finds the row of a passage.
    pub(crate) fn find_passage(&self, passage: PassageId) -> Result<Option<u32>> {
        let index = self.search(self.rows(), |i| Ok(self.row_by_passage(i)?.1 < passage))?;
        if index == self.rows() {
            return Ok(None);
        }
        let (row, found) = self.row_by_passage(index)?;
        Ok((found == passage).then_some(row))
    }

    /// Returns the row and the id of the passage with an index in the order of ids.
    fn row_by_passage(&self, i: u32) -> Result<(u32, PassageId)> {
        let row = u32_at(self.passages.read(4 * i as usize..4 * i as usize + 4)?, 0);
        if row >= self.rows() {
            return Err(self.file.damaged("a passage refers to a row that the segment does not have"));
        }
        Ok((row, self.row(row)?.passage))
    }

    /// Returns the first number of `0..count` for which `is_before` is false; `count` if there is none. Binary search: `is_before` must
    /// be true for all smaller numbers and false for all larger ones.
    fn search(&self, count: u32, mut is_before: impl FnMut(u32) -> Result<bool>) -> Result<u32> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn slice<'a>(&self, section: &'a Section, start: u64, len: u64) -> Result<&'a [u8]> {
        match to_usize_range(start, len) {
            Some(range) => section.read(range),
            None => Err(self.file.damaged("a part of it is past its end")),
        }
    }

    /// Checks every block on the disk, and that documents, names, rows and passages fit together.
    pub(crate) fn verify(&self) -> Result<()> {
        self.file.check_all()?;
        let mut next_row = 0;
        let mut last = None;
        for document in 0..self.documents() {
            let entry = self.entry(document)?;
            let damaged = |problem: &str| self.file.damaged(&format!("document {}: {problem}", entry.number));
            if entry.first_row != next_row || last.is_some_and(|last| last >= entry.number) {
                return Err(damaged("it is out of order"));
            }
            (next_row, last) = (entry.row_range().end, Some(entry.number));
            let record = self.record(&entry)?;
            if self.find_name(&record.id)? != Some(document) {
                return Err(damaged("its id does not find it"));
            }
            let text = usize::try_from(entry.text_len).map_err(|_| damaged("its text is too long"))?;
            self.text(&entry, 0..text)?;
            for row in entry.row_range() {
                let found = self.row(row)?;
                self.context(&entry, &found)?;
                self.text(&entry, found.span().bytes)?;
                if found.document != document || self.find_passage(found.passage)? != Some(row) {
                    return Err(damaged("its passages do not lead to it"));
                }
            }
        }
        self.check_intact()?;
        if next_row == self.rows() { Ok(()) } else { Err(self.file.damaged("rows belong to no document")) }
    }

    /// Adds the path of this segment's file to an error about its content.
    pub(crate) fn named(&self, error: Error) -> Error {
        error.in_index_file(self.file.path())
    }

    /// Returns an error with the path of this segment's file.
    pub(crate) fn damaged(&self, problem: &str) -> Error {
        self.file.damaged(problem)
    }
}
