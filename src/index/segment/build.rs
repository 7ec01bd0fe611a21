//! What a segment is written from: documents in memory, or the living documents of other segments.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use half::f16;

use super::writer::SegmentWriter;
use super::{Entry, Footer, Kind, NO_HEADINGS, Published, Row, Segment, Shape, name_hash};
use crate::error::{Error, Result};
use crate::index::codes::{Codes, encode as code, stride};
use crate::index::graph::{self, GraphParameters};

/// Documents in the order of their numbers, each by its place from 0.
pub(crate) trait Input {
    /// How many.
    fn documents(&self) -> usize;
    /// Its number, last change and number of passages.
    fn head(&self, document: usize) -> Result<(u64, u64, u32)>;
    /// Its name.
    fn id(&self, document: usize) -> Result<Cow<'_, str>>;
    /// Its [`super::Record`] in postcard's encoding.
    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// The lists of headings that its rows point to.
    fn headings(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// Its text.
    fn text(&self, document: usize) -> Result<&[u8]>;
    /// Its rows; which document they are of is not said yet.
    fn rows(&self, document: usize) -> Result<Vec<Row>>;
    /// Its vectors, end to end.
    fn vectors(&self, document: usize) -> Result<Cow<'_, [u8]>>;
    /// Adds its codes and scales to `into`.
    fn codes(&self, document: usize, into: &mut CodesBuffer) -> Result<()>;
}

/// How a segment is written.
pub(crate) struct Writing<'a> {
    pub(crate) shape: Shape,
    /// Whether to build a graph, and how.
    pub(crate) graph: Option<(GraphParameters, &'a rayon::ThreadPool)>,
    /// Set to stop.
    pub(crate) cancel: &'a AtomicBool,
}

/// Writes a segment to `path`, durably but for its name.
///
/// # Errors
/// [`Error::Io`]; [`Error::Interrupted`]; what the input says.
pub(crate) fn write(path: &Path, input: &dyn Input, writing: &Writing<'_>) -> Result<()> {
    let dimension = writing.shape.dimension as usize;
    let mut writer = SegmentWriter::create(path)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(input.documents());
    writer.section(Kind::Records)?;
    let mut rows = 0u32;
    for document in 0..input.documents() {
        let (number, sequence, passages) = input.head(document)?;
        let (record, headings) = (input.record(document)?, input.headings(document)?);
        let lengths = (u32::try_from(record.len()), u32::try_from(headings.len()), rows.checked_add(passages));
        let (Ok(record_len), Ok(headings_len), Some(next_row)) = lengths else {
            return Err(too_much(path));
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
            headings_len,
            first_row,
            rows: passages,
        };
        entries.push(entry);
        writer.write(&record)?;
        writer.write(&headings)?;
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
        for (row, at) in input.rows(document as usize)?.into_iter().zip(entry.row_range()) {
            passages.push((row.passage, at));
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
    let mut codes = CodesBuffer::new(dimension);
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
        writer.write(&graph::build(&view, &parameters, pool, writing.cancel)?)?;
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

/// Codes and scales, as they are stored.
pub(crate) struct CodesBuffer {
    stride: usize,
    codes: Vec<u8>,
    scales: Vec<u8>,
    /// The largest so far.
    residual: f32,
}

impl CodesBuffer {
    fn new(dimension: usize) -> Self {
        Self { stride: stride(dimension), codes: Vec::new(), scales: Vec::new(), residual: 0.0 }
    }

    fn push(&mut self, vector: &[f32]) {
        let start = self.codes.len();
        self.codes.resize(start + self.stride, 0);
        let coded = code(vector, &mut self.codes[start..]);
        self.scales.extend_from_slice(&coded.scale.to_le_bytes());
        self.residual = self.residual.max(coded.residual);
    }

    /// A row that was coded before, `residual` off at the most.
    fn push_coded(&mut self, row: &[u8], scale: f32, residual: f32) {
        self.codes.extend_from_slice(row);
        self.scales.extend_from_slice(&scale.to_le_bytes());
        self.residual = self.residual.max(residual);
    }
}

fn too_much(path: &Path) -> Error {
    let problem = "one segment cannot hold as many passages, or a document with as much metadata".to_owned();
    Error::IndexDamaged { path: path.to_path_buf(), problem }
}

/// Documents in memory, sorted by number.
pub(crate) struct Fresh<'a> {
    shape: Shape,
    documents: &'a [Published],
    /// Of each document its record, and its headings with each passage's place among them.
    encoded: Vec<(Vec<u8>, Vec<u8>, Vec<u32>)>,
}

impl<'a> Fresh<'a> {
    /// # Errors
    /// [`Error::InvalidDocument`] for what cannot be encoded.
    pub(crate) fn new(shape: Shape, documents: &'a [Published]) -> Result<Self> {
        let encoded = documents.iter().map(encode).collect::<Result<_>>()?;
        Ok(Self { shape, documents, encoded })
    }
}

fn encode(document: &Published) -> Result<(Vec<u8>, Vec<u8>, Vec<u32>)> {
    let id = || document.record.id.to_string();
    let refused = |e: postcard::Error| Error::InvalidDocument { id: id(), problem: e.to_string() };
    let record = postcard::to_stdvec(&document.record).map_err(refused)?;
    let (mut headings, mut places) = (Vec::new(), Vec::with_capacity(document.passages.len()));
    let mut last: Option<&[String]> = None;
    for passage in &document.passages {
        let place = match (last, places.last()) {
            _ if passage.headings.is_empty() => NO_HEADINGS,
            // Passages under the same headings follow each other.
            (Some(same), Some(&place)) if same == passage.headings => place,
            _ => {
                let place = u32::try_from(headings.len()).unwrap_or(NO_HEADINGS);
                headings = postcard::to_extend(&passage.headings, headings).map_err(refused)?;
                place
            }
        };
        last = Some(&passage.headings);
        places.push(place);
    }
    Ok((record, headings, places))
}

impl Input for Fresh<'_> {
    fn documents(&self) -> usize {
        self.documents.len()
    }

    fn head(&self, document: usize) -> Result<(u64, u64, u32)> {
        let document = &self.documents[document];
        Ok((document.number, document.sequence, u32::try_from(document.passages.len()).unwrap_or(u32::MAX)))
    }

    fn id(&self, document: usize) -> Result<Cow<'_, str>> {
        Ok(self.documents[document].record.id.as_str().into())
    }

    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        Ok((&self.encoded[document].0).into())
    }

    fn headings(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        Ok((&self.encoded[document].1).into())
    }

    fn text(&self, document: usize) -> Result<&[u8]> {
        Ok(self.documents[document].text.as_bytes())
    }

    fn rows(&self, document: usize) -> Result<Vec<Row>> {
        let passages = self.documents[document].passages.iter().zip(&self.encoded[document].2);
        Ok(passages.map(|(p, &headings)| Row::new(p.id, &p.span, p.hash, headings)).collect())
    }

    fn vectors(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        Ok(self.documents[document].passages.iter().flat_map(|p| &p.vector).copied().collect::<Vec<_>>().into())
    }

    fn codes(&self, document: usize, into: &mut CodesBuffer) -> Result<()> {
        for passage in &self.documents[document].passages {
            into.push(&decode(&passage.vector, self.shape));
        }
        Ok(())
    }
}

/// A kept vector as f32.
pub(crate) fn decode(bytes: &[u8], shape: Shape) -> Vec<f32> {
    if shape.half {
        bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect()
    } else {
        bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }
}

/// The living documents of several segments.
pub(crate) struct Merged {
    segments: Vec<Arc<Segment>>,
    /// Segment, document in it, and the document's entry; sorted by number.
    documents: Vec<(usize, u32, Entry)>,
}

impl Merged {
    /// `segments` with what says whether a document of theirs is dead.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub(crate) fn new(segments: Vec<Arc<Segment>>, dead: &dyn Fn(usize, u32) -> bool) -> Result<Self> {
        let mut documents = Vec::new();
        for (i, segment) in segments.iter().enumerate() {
            for document in (0..segment.documents()).filter(|&document| !dead(i, document)) {
                documents.push((i, document, segment.entry(document)?));
            }
        }
        documents.sort_unstable_by_key(|(_, _, entry)| entry.number);
        Ok(Self { segments, documents })
    }

    /// Passages of all its documents.
    pub(crate) fn rows(&self) -> usize {
        self.documents.iter().map(|(_, _, entry)| entry.rows as usize).sum()
    }

    /// Where each document comes from: segment and document, in the order they are written.
    pub(crate) fn origins(&self) -> impl Iterator<Item = (usize, u32)> {
        self.documents.iter().map(|&(segment, document, _)| (segment, document))
    }

    fn at(&self, document: usize) -> (&Segment, &Entry) {
        let (segment, _, entry) = &self.documents[document];
        (&self.segments[*segment], entry)
    }
}

impl Input for Merged {
    fn documents(&self) -> usize {
        self.documents.len()
    }

    fn head(&self, document: usize) -> Result<(u64, u64, u32)> {
        let entry = self.at(document).1;
        Ok((entry.number, entry.sequence, entry.rows))
    }

    fn id(&self, document: usize) -> Result<Cow<'_, str>> {
        let (segment, entry) = self.at(document);
        Ok(segment.record(entry)?.id.as_str().to_owned().into())
    }

    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.at(document);
        segment.record_bytes(entry).map(Cow::from)
    }

    fn headings(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.at(document);
        segment.headings_bytes(entry).map(Cow::from)
    }

    fn text(&self, document: usize) -> Result<&[u8]> {
        let (segment, entry) = self.at(document);
        segment.text_bytes(entry)
    }

    fn rows(&self, document: usize) -> Result<Vec<Row>> {
        let (segment, entry) = self.at(document);
        let mut rows = Vec::with_capacity(entry.rows as usize);
        segment.each_row(entry.row_range(), |_, row| rows.push(row))?;
        Ok(rows)
    }

    fn vectors(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        let (segment, entry) = self.at(document);
        segment.vectors_of(entry.row_range()).map(Cow::from)
    }

    fn codes(&self, document: usize, into: &mut CodesBuffer) -> Result<()> {
        let (segment, entry) = self.at(document);
        let codes = segment.codes();
        for row in entry.row_range() {
            let row = row as usize;
            into.push_coded(codes.row(row)?, codes.scale(row)?, segment.residual());
        }
        Ok(())
    }
}
