//! The query as a vector and as words.

use std::time::Instant;

use super::hits::Timings;
use super::{Mode, Query, SearchBuilder};
use crate::document::DocumentId;
use crate::encoder::TextKind;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::ingest::draft::{CutDraft, Draft, PassageTokens};
use crate::ingest::pipeline;
use crate::kernel::vector::unit;

/// What is compared with passages.
pub(super) struct Asked<'a> {
    /// `[dimension]`, of length 1; none when words alone are wanted.
    pub(super) vector: Option<Vec<f32>>,
    /// None when the vector alone is wanted, or there is no text.
    pub(super) words: Option<&'a str>,
    /// The number of a document that is not to be found.
    pub(super) skip: Option<u64>,
}

impl SearchBuilder {
    pub(super) fn asked(&self, snapshot: &Snapshot, timings: &mut Timings) -> Result<Asked<'_>> {
        let words = match &self.query {
            Query::Text(text) | Query::Encoded(text, _) if text.trim().is_empty() => return Err(Error::EmptyQuery),
            Query::Text(text) | Query::Encoded(text, _) => Some(text.as_str()),
            Query::Vector(_) | Query::Like(_) | Query::LikeDraft(_) => None,
        };
        let words = if self.mode == Mode::Lexical { words } else { words.filter(|_| self.collection.has_words()) };
        if self.mode == Mode::Lexical {
            if !self.collection.has_words() {
                return Err(self.collection.without_words());
            }
            if words.is_none() {
                let problem =
                    "a search by words wants a text; search for a vector or what is like a document by meaning";
                return Err(Error::InvalidInput { problem: problem.to_owned() });
            }
            return Ok(Asked { vector: None, words, skip: None });
        }
        // Without a model a text still has words.
        if self.mode == Mode::Hybrid && words.is_some() && self.collection.settings().model.is_none() {
            return Ok(Asked { vector: None, words, skip: None });
        }
        let (vector, skip) = self.vector(snapshot, timings)?;
        if vector.iter().all(|&x| x == 0.0) {
            let problem = "what is searched for has no direction: its vector is all zeros, or its document has no text";
            return Err(Error::InvalidInput { problem: problem.to_owned() });
        }
        let words = words.filter(|_| self.mode == Mode::Hybrid);
        Ok(Asked { vector: Some(vector), words, skip })
    }

    /// The query's vector, of length 1, and the document that is not to be found.
    fn vector(&self, snapshot: &Snapshot, timings: &mut Timings) -> Result<(Vec<f32>, Option<u64>)> {
        match &self.query {
            Query::Vector(vector) | Query::Encoded(_, vector) => Ok((unit(vector), None)),
            Query::Text(text) => {
                if text.trim().is_empty() {
                    return Err(Error::EmptyQuery);
                }
                let loading = Instant::now();
                let encoder = self.collection.encoder()?;
                timings.load = milliseconds(loading);
                let encoding = Instant::now();
                let vector = encoder.encode_query(text)?;
                timings.encode = milliseconds(encoding);
                Ok((unit(&vector), None))
            }
            Query::Like(id) => self.vector_of_document(snapshot, id),
            Query::LikeDraft(draft) => {
                let loading = Instant::now();
                let encoder = self.collection.encoder()?;
                timings.load = milliseconds(loading);
                let encoding = Instant::now();
                let settings = self.collection.settings();
                let options = pipeline::split_options(&encoder, settings.passage_tokens, settings.overlap_tokens)?;
                let cut = CutDraft::new(Draft::clone(draft), &PassageTokens::new(&encoder)?, options);
                let encoded: Vec<_> = cut.passages.iter().map(|passage| cut.encoded(passage)).collect();
                let texts: Vec<&str> = encoded.iter().map(|text| &**text).collect();
                let vectors = encoder.encode_as(TextKind::Passage, &texts)?;
                timings.encode = milliseconds(encoding);
                Ok((mean_direction(vectors.iter(), encoder.dimension()), None))
            }
        }
    }

    /// A document stands for the mean direction of its passages.
    fn vector_of_document(&self, snapshot: &Snapshot, id: &str) -> Result<(Vec<f32>, Option<u64>)> {
        let missing = || Error::DocumentMissing { id: id.to_owned(), collection: self.collection.path().to_path_buf() };
        let place = snapshot.find_name(&DocumentId::new(id)?)?.ok_or_else(missing)?;
        let document = snapshot.document(place)?;
        let vectors = (0..document.passages() as u32).map(|ordinal| Ok(document.passage(ordinal)?.values()));
        let vectors: Vec<Vec<f32>> = vectors.collect::<Result<_>>()?;
        let mean = mean_direction(vectors.iter().map(Vec::as_slice), self.collection.settings().dimension);
        Ok((mean, Some(document.number())))
    }
}

/// The sum of vectors, scaled to length 1: the direction that is closest to all of them.
fn mean_direction<'a>(vectors: impl Iterator<Item = &'a [f32]>, dimension: usize) -> Vec<f32> {
    let mut sum = vec![0.0; dimension];
    for vector in vectors {
        for (sum, x) in sum.iter_mut().zip(vector) {
            *sum += x;
        }
    }
    unit(&sum)
}

pub(super) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
