//! Resolves the query: its vector, its text, the document to skip.

use std::time::Instant;

use super::hits::Timings;
use super::{Mode, SearchBuilder, SearchQuery};
use crate::collection::vector::check_vector;
use crate::document::DocumentId;
use crate::encoder::{EncodedQuery, TextKind};
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::ingest::pipeline;
use crate::ingest::source_document::SourceDocument;
use crate::ingest::split_document::{PassageTokens, split_document, texts_to_encode};
use crate::kernel::vector::unit;

/// A query that is ready to be compared with passages.
pub(super) struct ResolvedQuery<'a> {
    /// `[dimension]`, of length 1; `None` for a search by words alone.
    pub(super) vector: Option<Vec<f32>>,
    /// The text to search for by words; `None` for a search by vectors alone.
    pub(super) text: Option<&'a str>,
    /// The share of the text that the model's vocabulary covers, in [0, 1]; 1 if no text was encoded.
    pub(super) vocabulary_coverage: f32,
    /// The number of a document that the search must not find.
    pub(super) skip: Option<u64>,
}

impl<'a> ResolvedQuery<'a> {
    fn of_text(text: Option<&'a str>) -> Self {
        Self { vector: None, text, vocabulary_coverage: 1.0, skip: None }
    }

    fn of_vector(vector: Vec<f32>) -> Self {
        Self { vector: Some(vector), ..Self::of_text(None) }
    }

    fn encoded(query: &EncodedQuery) -> Self {
        Self { vocabulary_coverage: query.vocabulary_coverage, ..Self::of_vector(unit(&query.vector)) }
    }
}

impl SearchBuilder {
    /// Returns the text of the query; `None` for a search by a vector or by a document.
    pub(super) fn query_text(&self) -> Option<&str> {
        match &self.query {
            SearchQuery::Text(text) | SearchQuery::Encoded(text, _) => Some(text),
            SearchQuery::Vector(_) | SearchQuery::Like(_) | SearchQuery::LikeSource(_) => None,
        }
    }

    /// Resolves the query: what the search compares by vectors, by words or by both. Encodes a text only if the search needs its
    /// vector.
    pub(super) fn resolve(&self, snapshot: &Snapshot, timings: &mut Timings) -> Result<ResolvedQuery<'_>> {
        let text = match &self.query {
            SearchQuery::Text(text) | SearchQuery::Encoded(text, _) if text.trim().is_empty() => {
                return Err(Error::EmptyQuery);
            }
            SearchQuery::Text(text) | SearchQuery::Encoded(text, _) => Some(text.as_str()),
            SearchQuery::Vector(_) | SearchQuery::Like(_) | SearchQuery::LikeSource(_) => None,
        };
        let text = if self.mode == Mode::Lexical { text } else { text.filter(|_| self.collection.has_words()) };
        if self.mode == Mode::Lexical {
            if !self.collection.has_words() {
                return Err(self.collection.without_words());
            }
            if text.is_none() {
                let problem =
                    "a search by words needs a text; search by meaning for a vector or for what is like a document";
                return Err(Error::InvalidInput { problem: problem.to_owned() });
            }
            return Ok(ResolvedQuery::of_text(text));
        }
        // In a collection without a model, search by words alone.
        if self.mode == Mode::Hybrid && text.is_some() && self.collection.settings().model.is_none() {
            return Ok(ResolvedQuery::of_text(text));
        }
        let query = self.vector(snapshot, timings)?;
        if query.vector.iter().flatten().all(|&x| x == 0.0) {
            let problem = "the query has no direction: its vector is all zeros, or its document has no text";
            return Err(Error::InvalidInput { problem: problem.to_owned() });
        }
        Ok(ResolvedQuery { text: text.filter(|_| self.mode == Mode::Hybrid), ..query })
    }

    /// Returns the query as a vector, without its text.
    fn vector(&self, snapshot: &Snapshot, timings: &mut Timings) -> Result<ResolvedQuery<'static>> {
        match &self.query {
            SearchQuery::Vector(vector) => {
                check_vector(vector, self.collection.settings().dimension, "the query vector")
                    .map_err(|problem| Error::InvalidInput { problem })?;
                Ok(ResolvedQuery::of_vector(unit(vector)))
            }
            SearchQuery::Encoded(_, encoded) => Ok(ResolvedQuery::encoded(encoded)),
            SearchQuery::Text(text) => {
                if text.trim().is_empty() {
                    return Err(Error::EmptyQuery);
                }
                let loading = Instant::now();
                let encoder = self.collection.encoder()?;
                timings.load = loading.elapsed();
                let encoding = Instant::now();
                let encoded = encoder.encode_queries(&[text])?;
                timings.encode = encoding.elapsed();
                encoded.first().map(ResolvedQuery::encoded).ok_or(Error::EmptyQuery)
            }
            SearchQuery::Like(id) => self.vector_of_document(snapshot, id),
            SearchQuery::LikeSource(source) => {
                let loading = Instant::now();
                let encoder = self.collection.encoder()?;
                timings.load = loading.elapsed();
                let encoding = Instant::now();
                let options = pipeline::split_options(&encoder, &self.collection.current_settings())?;
                let source = SourceDocument::clone(source);
                let split = split_document(source, &PassageTokens::new(&encoder)?, options);
                let encoded = texts_to_encode(&split);
                let texts: Vec<&str> = encoded.iter().map(|text| &**text).collect();
                let vectors = encoder.encode_as(TextKind::Passage, &texts)?;
                timings.encode = encoding.elapsed();
                Ok(ResolvedQuery::of_vector(mean_direction(vectors.iter(), encoder.dimension())))
            }
        }
    }

    /// Returns the mean direction of a document's passages.
    fn vector_of_document(&self, snapshot: &Snapshot, id: &str) -> Result<ResolvedQuery<'static>> {
        let missing = || Error::DocumentMissing { id: id.to_owned(), collection: self.collection.path().to_path_buf() };
        let place = snapshot.find_name(&DocumentId::new(id)?)?.ok_or_else(missing)?;
        let document = snapshot.document(place)?;
        let vectors = (0..document.passages() as u32).map(|ordinal| Ok(document.passage(ordinal)?.values()));
        let vectors: Vec<Vec<f32>> = vectors.collect::<Result<_>>()?;
        let mean = mean_direction(vectors.iter().map(Vec::as_slice), self.collection.settings().dimension);
        Ok(ResolvedQuery { skip: Some(document.number()), ..ResolvedQuery::of_vector(mean) })
    }
}

/// Returns the sum of vectors, scaled to length 1: the direction that is nearest to all of them.
fn mean_direction<'a>(vectors: impl Iterator<Item = &'a [f32]>, dimension: usize) -> Vec<f32> {
    let mut sum = vec![0.0; dimension];
    for vector in vectors {
        for (sum, x) in sum.iter_mut().zip(vector) {
            *sum += x;
        }
    }
    unit(&sum)
}
