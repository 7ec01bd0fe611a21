//! Writes a segment section by section, from documents of any source.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::sidecar::Sidecar;
use super::writer::SegmentWriter;
use super::{Entry, Footer, Kind, Row, Shape, name_hash};
use crate::error::{Error, Result};
use crate::index::codes::{Codes, encode as code, stride};
use crate::index::graph::{self, GraphParameters};
use crate::index::stored::Out;

/// Documents to write, sorted by number. The argument `document` is an index from 0.
pub(crate) trait Input {
    /// Returns the number of documents.
    fn documents(&self) -> usize;
    /// Returns a document's number, the sequence number of its last change, the number of its passages.
    fn head(&self, document: usize) -> Result<(u64, u64, u32)>;
    /// Returns a document's id.
    fn id(&self, document: usize) -> Result<Cow<'_, str>>;
    /// Returns a document's [`super::Record`], encoded with postcard.
    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// Returns the contexts that a document's rows point to.
    fn contexts(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// Returns a document's text.
    fn text(&self, document: usize) -> Result<&[u8]>;
    /// Returns a document's rows. Their document index is still 0.
    fn rows(&self, document: usize) -> Result<Vec<Row>>;
    /// Returns a document's vectors, one after the other.
    fn vectors(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// Adds a document's codes and scales to `into`.
    fn codes(&self, document: usize, into: &mut CodesBuffer) -> Result<()>;
    /// Writes the sidecar section of all rows to `out`; see [`Sidecar`].
    fn sidecar(&self, sidecar: &dyn Sidecar, folder: &Path, out: &mut Out<'_>) -> Result<()>;
    /// Returns an error if a file was cut while it was read for this input.
    fn check_intact(&self) -> Result<()> {
        Ok(())
    }
}

/// The options of writing a segment.
pub(crate) struct Writing<'a> {
    pub(crate) shape: Shape,
    pub(crate) sidecar: &'a dyn Sidecar,
    /// The parameters and threads for a graph; `None` for no graph.
    pub(crate) graph: Option<(GraphParameters, &'a rayon::ThreadPool)>,
    /// Set it to stop writing.
    pub(crate) cancel: &'a AtomicBool,
}

/// Writes a segment to `path`. Its content is durable afterwards; the directory entry is not yet.
///
/// # Errors
/// [`Error::Io`]; [`Error::Interrupted`]; errors of the input.
pub(crate) fn write(path: &Path, input: &dyn Input, writing: &Writing<'_>) -> Result<()> {
    let written = write_sections(path, input, writing);
    // Check the input before a manifest lists the segment. If bytes were missing, this error explains the errors that they caused.
    input.check_intact()?;
    written
}

fn write_sections(path: &Path, input: &dyn Input, writing: &Writing<'_>) -> Result<()> {
    let dimension = writing.shape.dimension as usize;
    let mut writer = SegmentWriter::create(path)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(input.documents());
    writer.section(Kind::Records)?;
    let mut rows = 0u32;
    for document in 0..input.documents() {
        let (number, sequence, passages) = input.head(document)?;
        let (record, contexts) = (input.record(document)?, input.contexts(document)?);
        let lengths = (u32::try_from(record.len()), u32::try_from(contexts.len()), rows.checked_add(passages));
        let (Ok(record_len), Ok(contexts_len), Some(next_row)) = lengths else {
            return Err(too_large(path));
        };
        let record_at = writer.section_len();
        let (text_at, text_len, first_row) = (0, 0, rows);
        let entry = Entry {
            number,
            sequence,
            record_at,
            text_at,
            text_len,
            record_len,
            contexts_len,
            first_row,
            rows: passages,
        };
        entries.push(entry);
        writer.write(&record)?;
        writer.write(&contexts)?;
        rows = next_row;
    }
    writer.section(Kind::Texts)?;
    for (document, entry) in entries.iter_mut().enumerate() {
        let text = input.text(document)?;
        (entry.text_at, entry.text_len) = (writer.section_len(), text.len() as u64);
        writer.write(text)?;
    }
    let mut passages = Vec::with_capacity(rows as usize);
    writer.section(Kind::Rows)?;
    let mut bytes = Vec::new();
    for (document, entry) in (0u32..).zip(&entries) {
        bytes.clear();
        for (row, number) in input.rows(document as usize)?.into_iter().zip(entry.row_range()) {
            passages.push((row.passage, number));
            Row { document, ..row }.encode(&mut bytes);
        }
        writer.write(&bytes)?;
    }
    passages.sort_unstable();
    writer.section(Kind::Passages)?;
    for (_, row) in &passages {
        writer.write(&row.to_le_bytes())?;
    }
    drop(passages);
    writer.section(Kind::Vectors)?;
    for document in 0..input.documents() {
        writer.write(&input.vectors(document)?)?;
    }
    // The sidecar is written before the codes are read, because both take much memory.
    writer.section(Kind::Sidecar)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    input.sidecar(writing.sidecar, folder, &mut |bytes| writer.write(bytes))?;
    let mut codes = CodesBuffer::new(dimension, rows as usize);
    for document in 0..input.documents() {
        input.codes(document, &mut codes)?;
    }
    writer.section(Kind::Codes)?;
    writer.write(&codes.codes)?;
    writer.section(Kind::Scales)?;
    writer.write(&codes.scales)?;
    writer.section(Kind::Documents)?;
    let mut names = Vec::with_capacity(entries.len());
    for (document, entry) in entries.iter().enumerate() {
        bytes.clear();
        entry.encode(&mut bytes);
        writer.write(&bytes)?;
        names.push((name_hash(&input.id(document)?), document as u32));
    }
    names.sort_unstable();
    writer.section(Kind::Names)?;
    for (hash, document) in names {
        writer.write(&hash.to_le_bytes())?;
        writer.write(&document.to_le_bytes())?;
    }
    if let Some((parameters, pool)) = writing.graph {
        let view = Codes::new(&*codes.codes, &*codes.scales, dimension, rows as usize)?;
        writer.section(Kind::Graph)?;
        graph::build(&view, &parameters, pool, writing.cancel, &mut |bytes| writer.write(bytes))?;
    }
    let documents = entries.len() as u32;
    let footer = Footer {
        shape: writing.shape,
        documents,
        rows,
        residual: codes.residual,
        sections: Vec::new(),
        roots: Vec::new(),
    };
    writer.finish(footer)
}

/// The codes and scales of a segment, as they are stored.
pub(crate) struct CodesBuffer {
    stride: usize,
    codes: Vec<u8>,
    scales: Vec<u8>,
    /// The largest residual so far.
    residual: f32,
}

impl CodesBuffer {
    fn new(dimension: usize, rows: usize) -> Self {
        let stride = stride(dimension);
        Self { stride, codes: Vec::with_capacity(rows * stride), scales: Vec::with_capacity(rows * 4), residual: 0.0 }
    }

    /// Encodes and adds a vector.
    pub(super) fn push(&mut self, vector: &[f32]) {
        let start = self.codes.len();
        self.codes.resize(start + self.stride, 0);
        let coded = code(vector, &mut self.codes[start..]);
        self.scales.extend_from_slice(&coded.scale.to_le_bytes());
        self.residual = self.residual.max(coded.residual);
    }

    /// Adds a row that is already encoded, with an error of at most `residual`.
    pub(super) fn push_coded(&mut self, row: &[u8], scale: f32, residual: f32) {
        self.codes.extend_from_slice(row);
        self.scales.extend_from_slice(&scale.to_le_bytes());
        self.residual = self.residual.max(residual);
    }
}

fn too_large(path: &Path) -> Error {
    let problem = "one segment cannot hold as many passages, or a document with as much metadata".to_owned();
    Error::IndexDamaged { path: path.to_path_buf(), problem }
}
