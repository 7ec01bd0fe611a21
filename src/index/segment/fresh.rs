//! Documents in memory as the input of a segment.

use std::borrow::Cow;
use std::path::Path;

use half::f16;

use super::build::{CodesBuffer, Input};
use super::sidecar::Sidecar;
use super::{NO_CONTEXT, Published, Record, Row, Shape};
use crate::document::Context;
use crate::error::{Error, Result};
use crate::index::stored::Out;

/// Documents in memory, sorted by number.
pub(crate) struct Fresh<'a> {
    shape: Shape,
    documents: &'a [Published],
    encoded: Vec<EncodedDocument>,
}

/// The record and the contexts of a document, as they are stored.
struct EncodedDocument {
    record: Vec<u8>,
    contexts: Vec<u8>,
    /// The offset of each passage's context in `contexts`, or [`NO_CONTEXT`].
    offsets: Vec<u32>,
}

impl<'a> Fresh<'a> {
    /// Encodes the records and contexts.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for a document that cannot be encoded.
    pub(crate) fn new(shape: Shape, documents: &'a [Published]) -> Result<Self> {
        let encoded = documents.iter().map(encode).collect::<Result<_>>()?;
        Ok(Self { shape, documents, encoded })
    }
}

fn encode(document: &Published) -> Result<EncodedDocument> {
    let Published { id, syntax, metadata, stamp, content_hash, .. } = document;
    let refused = |e: postcard::Error| Error::InvalidDocument { id: id.to_string(), problem: e.to_string() };
    let (syntax, stamp, content_hash) = (*syntax, *stamp, *content_hash);
    let record = Record { id: id.clone(), syntax, metadata: metadata.clone(), stamp, content_hash };
    let record = postcard::to_stdvec(&record).map_err(refused)?;
    let (mut contexts, mut offsets) = (Vec::new(), Vec::with_capacity(document.passages.len()));
    let (mut last, empty): (Option<&Context>, _) = (None, Context::default());
    for passage in &document.passages {
        let offset = match (last, offsets.last()) {
            _ if passage.context == empty => NO_CONTEXT,
            // Consecutive passages with the same headings share one context.
            (Some(last), Some(&offset)) if *last == passage.context => offset,
            _ => {
                let offset = u32::try_from(contexts.len()).unwrap_or(NO_CONTEXT);
                contexts = postcard::to_extend(&passage.context, contexts).map_err(refused)?;
                offset
            }
        };
        last = Some(&passage.context);
        offsets.push(offset);
    }
    Ok(EncodedDocument { record, contexts, offsets })
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
        Ok(self.documents[document].id.as_str().into())
    }

    fn record(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        Ok((&self.encoded[document].record).into())
    }

    fn contexts(&self, document: usize) -> Result<Cow<'_, [u8]>> {
        Ok((&self.encoded[document].contexts).into())
    }

    fn text(&self, document: usize) -> Result<&[u8]> {
        Ok(self.documents[document].text.as_bytes())
    }

    fn rows(&self, document: usize) -> Result<Vec<Row>> {
        let passages = self.documents[document].passages.iter().zip(&self.encoded[document].offsets);
        Ok(passages.map(|(p, &context)| Row::new(p.id, &p.span, p.hash, context)).collect())
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

    fn sidecar(&self, sidecar: &dyn Sidecar, folder: &Path, out: &mut Out<'_>) -> Result<()> {
        sidecar.build(self.documents, folder, out)
    }
}

/// Decodes a stored vector to f32.
pub(crate) fn decode(bytes: &[u8], shape: Shape) -> Vec<f32> {
    if shape.half {
        bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect()
    } else {
        bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }
}
