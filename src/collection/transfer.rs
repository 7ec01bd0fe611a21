//! Documents out of a collection and into another, with or without their vectors.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::bounds;
use super::handle::Collection;
use super::published;
use super::writer::Writer;
use crate::document::{Context, Document, DocumentId, Metadata, Part, Place, Span, Syntax, metadata_json};
use crate::error::{Error, Result};
use crate::ingest::draft::{Draft, passage_hash};
use crate::records::{NewDocument, NewPassage, PassageVector};
use crate::text::hex;

/// A document as it is exported: one JSON line. Reading it keeps to bounds, so that no line unfolds to more memory than a
/// document takes: its text, the values of its metadata (131,072 of the document, and of each passage), its headings, and the
/// memory of all its passages (512 MB).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportedDocument {
    /// Its id.
    pub id: String,
    /// Its whole text, of 64 MB at the most.
    #[serde(deserialize_with = "bounds::text")]
    pub text: String,
    /// How the text is laid out. Default: plain.
    #[serde(default)]
    pub syntax: Syntax,
    /// What else is known of it. Default: nothing.
    #[serde(default, deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The fingerprint of the model that made the vectors; absent without vectors, or where vectors were brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether its file must be read again, hexadecimal: what its content was hashed to. Absent without vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// The hash of the text that the passages are of, hexadecimal: a text that was edited since is cut anew. Absent: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<String>,
    /// Its passages with their vectors. Exported without vectors, only those of a document that has more than one place or metadata
    /// of passages: rows, pages, messages; else absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_passages")]
    pub passages: Option<Vec<ExportedPassage>>,
    /// A vector for the whole text, for collections of brought vectors: the short form of one passage.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "bounds::some_vector")]
    pub vector: Option<Vec<f32>>,
}

/// A passage as it is exported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExportedPassage {
    /// Where it starts in the text, in bytes.
    pub start_byte: usize,
    /// One past its last byte.
    pub end_byte: usize,
    /// Its first line, from 1.
    pub start_line: usize,
    /// Its last line.
    pub end_line: usize,
    /// The headings above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::headings")]
    pub headings: Vec<String>,
    /// Where in its file it stands; absent: at its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is known of it alone.
    #[serde(default, skip_serializing_if = "Metadata::is_empty", deserialize_with = "bounds::metadata")]
    pub metadata: Metadata,
    /// The hash of what was encoded, hexadecimal: tells whether the vector can be kept when the document is read again.
    /// Absent: that of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Its vector, of length 1; absent where the export has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounds::vector")]
    pub vector: Vec<f32>,
}

/// How an imported document came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// With the vectors that it brought.
    WithVectors,
    /// Its text will be encoded: it brought no vectors, or another model's.
    ToEncode,
    /// Likewise, and cut anew: the text was edited after the export, so that the passages it brought are not of this text.
    Edited,
}

impl Collection {
    /// Hands every document of the newest commit to `work`, in the order of their first storing, with its vectors or
    /// without.
    ///
    /// # Errors
    /// What `work` says; [`Error::IndexDamaged`].
    pub fn export(&self, vectors: bool, work: &mut dyn FnMut(ExportedDocument) -> Result<()>) -> Result<()> {
        let snapshot = self.newest()?;
        let model = self.settings().model.as_ref().filter(|_| vectors).map(|model| model.fingerprint.clone());
        for place in snapshot.places()? {
            let document = snapshot.document(place)?;
            let record = document.record()?;
            let each = (0..document.passages() as u32).map(|ordinal| {
                let passage = document.passage(ordinal)?;
                let Span { bytes, lines } = passage.span();
                Ok(ExportedPassage {
                    start_byte: bytes.start,
                    end_byte: bytes.end,
                    start_line: lines.start,
                    end_line: lines.end.saturating_sub(1),
                    hash: vectors.then(|| hex::encode(&passage.hash())),
                    vector: if vectors { passage.values() } else { Vec::new() },
                    metadata: published::parsed(&record.id, &passage.context.metadata)?,
                    headings: passage.context.headings,
                    place: passage.context.place,
                })
            });
            let passages = Some(each.collect::<Result<Vec<ExportedPassage>>>()?);
            let passages = passages.filter(|passages| vectors || are_told(passages));
            let (metadata, model, vector) = (published::metadata(&record)?, model.clone(), None);
            let (id, text, syntax) = (record.id.as_str().to_owned(), document.text()?, record.syntax);
            let content_hash = vectors.then(|| hex::encode(&record.content_hash));
            let text_hash = passages.is_some().then(|| hex::encode(&passage_hash(&text)));
            snapshot.check_intact()?;
            work(ExportedDocument { id, text, syntax, metadata, model, content_hash, text_hash, passages, vector })?;
        }
        Ok(())
    }
}

impl Writer {
    /// Takes one exported document: with its vectors where they are of this collection's model, else its text is put
    /// into `to_encode`, for [`Writer::upsert_all`].
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a bad id, a text of more than 64 MB, a passage outside the text or a bad vector: then
    /// nothing of it is put into `to_encode`; [`Error::CollectionKind`] when a
    /// collection without a model gets no vectors.
    pub fn import(&mut self, document: ExportedDocument, to_encode: &mut VecDeque<Document>) -> Result<Imported> {
        let wanted = self.collection.settings().model.as_ref().map(|model| &model.fingerprint);
        let ExportedDocument { id, text, syntax, metadata, model, content_hash, text_hash, passages, vector } =
            document;
        let edited = text_hash.is_some_and(|hash| hash != hex::encode(&passage_hash(&text)));
        let edited = edited && passages.is_some();
        let passages = passages.filter(|_| !edited);
        let fits = wanted == model.as_ref();
        let plain = Document { id, text, syntax, metadata, parts: Vec::new(), vector: None };
        Draft::check(&plain)?;
        let with_vectors = |passages: &Vec<ExportedPassage>| passages.iter().all(|passage| !passage.vector.is_empty());
        match (passages, vector) {
            (Some(passages), _) if fits && (with_vectors(&passages) || wanted.is_none()) => {
                self.put_exported(plain, content_hash.as_deref(), passages)?;
                Ok(Imported::WithVectors)
            }
            (_, vector) if wanted.is_none() => {
                self.upsert(Document { vector, ..plain })?;
                Ok(Imported::WithVectors)
            }
            (passages, _) => {
                let parts = passages.filter(|passages| are_told(passages)).into_iter().flatten().map(|passage| {
                    let ExportedPassage { start_byte, end_byte, headings, place, metadata, .. } = passage;
                    Part { bytes: start_byte..end_byte, headings, place, metadata }
                });
                let document = plain.with_parts(parts);
                Draft::check(&document)?;
                to_encode.push_back(document);
                Ok(if edited { Imported::Edited } else { Imported::ToEncode })
            }
        }
    }

    fn put_exported(
        &mut self,
        document: Document,
        content_hash: Option<&str>,
        passages: Vec<ExportedPassage>,
    ) -> Result<()> {
        let dimension = self.collection.settings().dimension;
        let draft = Draft::of(document)?;
        let refused = |problem: String| Error::InvalidDocument { id: draft.id.as_str().to_owned(), problem };
        let line_count = draft.text.lines().count().max(1);
        let passages =
            passages.into_iter().map(|passage| {
                let ExportedPassage {
                    start_byte,
                    end_byte,
                    start_line,
                    end_line,
                    headings,
                    place,
                    metadata,
                    hash,
                    vector,
                } = passage;
                let text = draft
                    .text
                    .get(start_byte..end_byte)
                    .ok_or_else(|| refused(format!("its passage {start_byte}..{end_byte} is no part of its text")))?;
                let length = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
                // Kept as f16, a vector of length 1 comes back with one within a thousandth of it.
                if vector.len() != dimension || !length.is_finite() || (length - 1.0).abs() > 0.01 {
                    let found = format!("{} numbers and length {length:.3}", vector.len());
                    return Err(refused(format!("a vector of {found}; {dimension} numbers of length 1 are wanted")));
                }
                if !(1 <= start_line && start_line <= end_line && end_line <= line_count) {
                    return Err(refused(format!(
                        "its passage's lines {start_line} to {end_line} are no lines of its text"
                    )));
                }
                let lines = start_line..end_line.saturating_add(1);
                let span = Span { bytes: start_byte..end_byte, lines };
                let metadata = metadata_json(&metadata);
                let context = Context { headings, place, metadata };
                let hash =
                    hash.as_deref().map_or_else(|| Ok(passage_hash(text)), |hash| bytes(hash).map_err(refused))?;
                Ok(NewPassage { span, context, hash, vector: PassageVector::New(vector) })
            });
        let passages = passages.collect::<Result<Vec<_>>>()?;
        let brought = content_hash.map(|hash| bytes(hash).map_err(refused)).transpose()?;
        let Draft { id, text, syntax, metadata, stamp, content_hash, .. } = draft;
        let id = DocumentId::new(id.as_str())?;
        let content_hash = brought.unwrap_or(content_hash);
        self.put(NewDocument { id, text, syntax, metadata, stamp, content_hash, passages })
    }
}

/// Whether passages say what the text does not. Others are cut from the text again, as suits the model.
fn are_told(passages: &[ExportedPassage]) -> bool {
    passages.iter().any(|passage| passage.place.is_some() || !passage.metadata.is_empty())
}

/// The bytes that hexadecimal digits stand for.
fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
    hex::decode(digits).ok_or_else(|| format!("{digits:?} is not {N} bytes in hexadecimal"))
}
