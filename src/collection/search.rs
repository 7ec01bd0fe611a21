//! Asking a collection.

use std::time::Instant;

use serde::Serialize;

use super::handle::Collection;
use super::published;
use crate::document::{DocumentId, Metadata, Passage, PassageId};
use crate::encoder::TextKind;
use crate::error::{Error, Result};
use crate::index::{Match, Request, Route, Rows, Snapshot};
use crate::ingest::draft::{Draft, PassageTokens};
use crate::ingest::pipeline::{self, unit};
use crate::ingest::split::split;

/// What a search compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// Meaning: the cosine of query and passage vectors.
    #[default]
    Dense,
}

/// A search being put together; [`SearchBuilder::run`] carries it out.
#[derive(Clone)]
#[must_use = "a search does nothing before it is run"]
pub struct SearchBuilder {
    collection: Collection,
    query: Query,
    limit: usize,
    min_score: f32,
    explain: bool,
    exact: bool,
    recall: f32,
    among: Option<Vec<PassageId>>,
}

#[derive(Clone)]
enum Query {
    Text(String),
    Vector(Vec<f32>),
    Like(String),
    LikeDraft(Box<Draft>),
}

/// What a search found, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    /// The hits.
    pub hits: Vec<Hit>,
    /// What was compared.
    pub mode: Mode,
    /// The published generation that was searched.
    pub generation: u64,
    /// How each of its segments was searched.
    pub routes: Vec<Route>,
    /// Where the time went.
    pub timings: Timings,
}

impl IntoIterator for Hits {
    type Item = Hit;
    type IntoIter = std::vec::IntoIter<Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.hits.into_iter()
    }
}

/// Milliseconds of a search's parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Timings {
    /// Loading the model; 0 when it was in memory.
    pub load: f64,
    /// Encoding the query.
    pub encode: f64,
    /// Finding the hits and reading their texts.
    pub search: f64,
    /// All of it.
    pub total: f64,
}

/// A document found, with the passage of it that fits best.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its place, from 1.
    pub rank: usize,
    /// Cosine similarity in [-1, 1]; larger is closer.
    pub score: f32,
    /// The document.
    pub document: DocumentHit,
    /// Its best passage.
    pub passage: Passage,
    /// How it came by its place, when that was asked for.
    pub explanation: Option<Explanation>,
}

/// What a hit tells of its document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentHit {
    /// Its id.
    pub id: DocumentId,
    /// What else is known of it.
    pub metadata: Metadata,
    /// How many passages it has.
    pub passages: usize,
}

/// How a hit came by its place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Its place among the dense matches, from 1.
    pub dense_rank: usize,
    /// Its cosine similarity.
    pub dense_score: f32,
    /// The place of the passage in its document, from 0.
    pub passage_ordinal: u32,
    /// The number of passages compared with the query, in all segments.
    pub compared: usize,
    /// Whether every passage that could be found was compared; otherwise graphs chose which.
    pub exact: bool,
}

impl SearchBuilder {
    /// How many documents a search gives, unless told otherwise.
    pub const DEFAULT_LIMIT: usize = 10;
    /// The share of the best passages that a search finds, unless told otherwise.
    pub const DEFAULT_RECALL: f32 = 0.99;

    fn new(collection: Collection, query: Query) -> Self {
        Self {
            collection,
            query,
            limit: Self::DEFAULT_LIMIT,
            min_score: -f32::INFINITY,
            explain: false,
            exact: false,
            recall: Self::DEFAULT_RECALL,
            among: None,
        }
    }

    pub(super) fn by_text(collection: Collection, text: String) -> Self {
        Self::new(collection, Query::Text(text))
    }

    pub(super) fn by_given_vector(collection: Collection, vector: Vec<f32>) -> Self {
        Self::new(collection, Query::Vector(vector))
    }

    pub(super) fn like_document(collection: Collection, id: String) -> Self {
        Self::new(collection, Query::Like(id))
    }

    pub(super) fn like_draft(collection: Collection, draft: Draft) -> Self {
        Self::new(collection, Query::LikeDraft(Box::new(draft)))
    }

    /// Searches by this vector instead; scaled to length 1.
    pub fn by_vector(mut self, vector: Vec<f32>) -> Self {
        self.query = Query::Vector(vector);
        self
    }

    /// Searches for what is like this document of the collection instead.
    pub fn like(mut self, id: impl Into<String>) -> Self {
        self.query = Query::Like(id.into());
        self
    }

    /// The most documents to give. Default: [`SearchBuilder::DEFAULT_LIMIT`].
    pub fn limit(mut self, documents: usize) -> Self {
        self.limit = documents;
        self
    }

    /// Leaves out what scores less, in [-1, 1]. Default: nothing.
    pub fn min_score(mut self, score: f32) -> Self {
        self.min_score = score;
        self
    }

    /// What is compared. Default: [`Mode::Dense`], for now the only one.
    pub fn mode(self, mode: Mode) -> Self {
        match mode {
            Mode::Dense => self,
        }
    }

    /// Compares with every passage, whatever it costs: the answer is that of comparing all vectors. Default: no; a large
    /// segment is searched by its graph where that is faster.
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// The share of the best passages that a search by graphs is to find on average, in [0, 1]; 1 is the same as
    /// [`SearchBuilder::exact`]. Default: [`SearchBuilder::DEFAULT_RECALL`].
    pub fn recall(mut self, recall: f32) -> Self {
        self.recall = recall;
        self
    }

    /// Searches among these passages only. As many documents are found as there are among them, up to the limit.
    pub fn among(mut self, passages: impl IntoIterator<Item = PassageId>) -> Self {
        self.among = Some(passages.into_iter().collect());
        self
    }

    /// Whether every hit says how it came by its place. Default: no.
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// [`Error::EmptyQuery`]; [`Error::DocumentMissing`] for a document that is not there; [`Error::InvalidInput`] for a
    /// vector of another dimension; [`Error::CollectionKind`] for text where there is no model; what the encoder and the
    /// store say.
    pub fn run(self) -> Result<Hits> {
        let started = Instant::now();
        let mut timings = Timings::default();
        // Held until the end: one commit answers, whatever is committed meanwhile.
        let snapshot = self.collection.snapshot()?;
        let (vector, skip) = self.vector(&snapshot, &mut timings)?;
        if vector.iter().all(|&x| x == 0.0) {
            let problem = "what is searched for has no direction: its vector is all zeros, or its document has no text";
            return Err(Error::InvalidInput { problem: problem.to_owned() });
        }
        let searching = Instant::now();
        let among = self.among.as_ref().map(|passages| Rows::of_passages(&snapshot, passages.iter().copied()));
        let among = among.transpose()?;
        let answer = snapshot.search(&Request {
            query: &vector,
            limit: self.limit,
            skip,
            min_score: self.min_score,
            among: among.as_ref(),
            recall: self.recall,
            exact: self.exact,
            walk: false,
        })?;
        let hits = (1..).zip(&answer.matches).map(|(rank, found)| self.hit(&snapshot, rank, found, &answer.routes));
        let hits = hits.collect::<Result<Vec<_>>>()?;
        timings.search = milliseconds(searching);
        timings.total = milliseconds(started);
        Ok(Hits { hits, mode: Mode::Dense, generation: snapshot.generation(), routes: answer.routes, timings })
    }

    /// The query's vector, of length 1, and the document that is not to be found.
    fn vector(&self, snapshot: &Snapshot, timings: &mut Timings) -> Result<(Vec<f32>, Option<u64>)> {
        match &self.query {
            Query::Vector(vector) => Ok((unit(vector), None)),
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
                let pieces = split(&draft.text, draft.syntax, &PassageTokens::new(&encoder)?, options);
                let texts: Vec<&str> = pieces.iter().map(|piece| &draft.text[piece.span.bytes.clone()]).collect();
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

    fn hit(&self, snapshot: &Snapshot, rank: usize, found: &Match, routes: &[Route]) -> Result<Hit> {
        let document = snapshot.document(found.place)?;
        let record = document.record()?;
        let passage = document.passage(found.ordinal)?;
        let (metadata, passages) = (published::metadata(&record)?, document.passages());
        Ok(Hit {
            rank,
            score: found.score,
            document: DocumentHit { id: record.id, metadata, passages },
            passage: Passage {
                id: passage.id(),
                text: passage.text.to_owned(),
                span: passage.span(),
                headings: passage.headings,
            },
            explanation: self.explain.then(|| Explanation {
                dense_rank: rank,
                dense_score: found.score,
                passage_ordinal: found.ordinal,
                compared: routes.iter().map(|route| route.compared).sum(),
                exact: routes.iter().all(|route| route.ef.is_none()),
            }),
        })
    }
}

impl Collection {
    /// A search for what is like a file that need not be in the collection: cut and encoded as it would be for storing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the file holds no text, or cannot be read.
    pub fn similar_to_file(&self, path: impl AsRef<std::path::Path>) -> Result<SearchBuilder> {
        let path = path.as_ref();
        let extracted = crate::ingest::extract::read_file(path, crate::ingest::source::Walk::MAX_FILE_SIZE)
            .map_err(|skip| Error::InvalidInput { problem: format!("{}: {skip}", path.display()) })?;
        let draft = Draft {
            id: DocumentId::new("file")?,
            text: extracted.text,
            syntax: extracted.syntax,
            metadata: Metadata::new(),
            stamp: None,
        };
        Ok(SearchBuilder::like_draft(self.clone(), draft))
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

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
