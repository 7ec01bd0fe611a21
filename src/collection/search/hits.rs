//! The result of a search: hits, and how their scores were computed.

use std::time::Duration;

use serde::Serialize;

use super::Mode;
use super::json;
use super::passages::AnsweringPassages;
use super::weights::RelevanceFeatures;
use crate::document::{Context, DocumentId, FileStamp, Metadata, Passage, Span, parse_metadata};
use crate::error::Result;
use crate::index::{FoundDocument, FoundPassage, SegmentPlan};

/// The result of a search: hits, best first.
///
/// There is no total: a search finds the best documents and does not count the others. To see whether there is a next page, search
/// for one document more than the page shows.
///
/// It serialises to the JSON that the program prints (docs/json.md), without what only the program knows, such as paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hits {
    /// The mode of the search, as it was asked for; [`Mode::Dense`] for [`Mode::Hybrid`] in a collection without a lexical index.
    pub mode: Mode,
    /// The hits.
    pub hits: Vec<Hit>,
    /// The duration of each part of the search.
    #[serde(rename = "took_ms")]
    pub timings: Timings,
    /// The generation that was searched, see [`Snapshot::generation`](super::super::Snapshot::generation).
    pub generation: u64,
    /// The plan by which each segment was searched by vectors; empty if no vectors were compared.
    #[serde(rename = "plan")]
    pub segments: Vec<SegmentPlan>,
}

impl Hits {
    /// The relevance below which a passage is probably not an answer.
    pub const LIKELY_RELEVANCE: f32 = 0.3;

    /// True if a hit seems to answer the query: the first one has a relevance of at least [`Hits::LIKELY_RELEVANCE`]. An estimate:
    /// docs/benchmarks/relevance.md says how often it is wrong.
    pub fn seems_answered(&self) -> bool {
        self.first().is_some_and(|hit| hit.relevance >= Self::LIKELY_RELEVANCE)
    }

    /// Returns the number of hits.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// True if there are no hits.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Returns the hits, best first.
    pub fn iter(&self) -> std::slice::Iter<'_, Hit> {
        self.hits.iter()
    }

    /// Returns the best hit; `None` if there are no hits.
    pub fn first(&self) -> Option<&Hit> {
        self.hits.first()
    }
}

impl<'a> IntoIterator for &'a Hits {
    type Item = &'a Hit;
    type IntoIter = std::slice::Iter<'a, Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.hits.iter()
    }
}

impl IntoIterator for Hits {
    type Item = Hit;
    type IntoIter = std::vec::IntoIter<Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.hits.into_iter()
    }
}

/// The duration of each part of a search. JSON has milliseconds, rounded to microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Timings {
    /// Loading the model; zero if it was in memory.
    #[serde(serialize_with = "json::milliseconds")]
    pub load: Duration,
    /// Encoding the query.
    #[serde(serialize_with = "json::milliseconds")]
    pub encode: Duration,
    /// Finding the hits and reading their texts.
    #[serde(serialize_with = "json::milliseconds")]
    pub search: Duration,
    /// The whole search.
    #[serde(serialize_with = "json::milliseconds")]
    pub total: Duration,
}

/// A document that a search found, with its best passage.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// The rank, from 1.
    pub rank: usize,
    /// The score by which hits are sorted; higher is better. [`Mode::Dense`]: cosine similarity in [-1, 1].
    /// [`Mode::Lexical`]: BM25, from 0. [`Mode::Hybrid`]: a weighted sum of both, without fixed bounds; if it compared only one
    /// side, as in a search by a vector, that side's score. Not comparable between queries.
    pub score: f32,
    /// An estimate of how likely the passage is about the query, in [0, 1]. Comparable between queries, collections and
    /// models, within one mode. A passage below [`Hits::LIKELY_RELEVANCE`] is probably not an answer. It never rises from one
    /// hit to the next. Without a model it compares with the other passages only, and says little in a small collection.
    pub relevance: f32,
    /// The document.
    #[serde(flatten)]
    pub document: DocumentHit,
    /// The document's best passage.
    pub passage: Passage,
    /// The passages of the document that answer the query, best first; the first is [`Hit::passage`]. At most
    /// [`SearchBuilder::passages_per_document`](super::SearchBuilder::passages_per_document).
    pub passages: Vec<PassageHit>,
    /// The number of passages of the document that answer about as well as the best one: their scores are near its score. At least
    /// as many as [`Hit::passages`].
    pub matching_passages: usize,
    /// The sentence of the passage that answers best; `Some` after [`SearchBuilder::highlight`](super::SearchBuilder::highlight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlight: Option<Highlight>,
    /// How the score was computed; `Some` after [`SearchBuilder::explain`](super::SearchBuilder::explain).
    #[serde(rename = "explain", skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    #[serde(skip)]
    features: RelevanceFeatures,
}

impl Hit {
    /// Creates a hit without a highlight. `relevance`: its relevance, and the values that it is computed from.
    pub(super) fn new(
        rank: usize,
        score: f32,
        (relevance, features): (f32, RelevanceFeatures),
        document: &FoundDocument<'_>,
        passages: AnsweringPassages<'_>,
        explanation: Option<Explanation>,
    ) -> Result<Self> {
        let record = document.record()?;
        let metadata = parse_metadata(&record.id, &record.metadata)?;
        let passage_hit = |(passage, score): (FoundPassage<'_>, f32)| {
            let (id, span) = (passage.id(), passage.span());
            let Context { headings, place, metadata } = passage.context;
            let metadata = parse_metadata(&record.id, &metadata)?;
            let passage = Passage { id, text: passage.text, span, headings, place, metadata };
            Ok(PassageHit { passage, score, highlight: None })
        };
        let AnsweringPassages { best, others, matching } = passages;
        let best = passage_hit((best, score))?;
        let passage = best.passage.clone();
        let passages = std::iter::once(Ok(best)).chain(others.into_iter().map(passage_hit)).collect::<Result<_>>()?;
        Ok(Self {
            rank,
            score,
            relevance,
            document: DocumentHit {
                id: record.id,
                metadata,
                passage_count: document.passages(),
                stamp: record.stamp,
                content_hash: record.content_hash,
            },
            passage,
            passages,
            matching_passages: matching,
            highlight: None,
            explanation,
            features,
        })
    }

    /// Returns the values that the relevance is computed from, for fitting the weights.
    #[doc(hidden)]
    pub fn relevance_features(&self) -> RelevanceFeatures {
        self.features
    }
}

/// A passage of a hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PassageHit {
    /// The passage.
    #[serde(flatten)]
    pub passage: Passage,
    /// Its score, on the scale of [`Hit::score`].
    pub score: f32,
    /// Its sentence that answers best; `Some` after [`SearchBuilder::highlight`](super::SearchBuilder::highlight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlight: Option<Highlight>,
}

/// The document of a hit. Its text is read with [`Snapshot::document`](super::super::Snapshot::document).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DocumentHit {
    /// The document's id.
    pub id: DocumentId,
    /// The document's metadata.
    pub metadata: Metadata,
    /// The number of its passages.
    pub passage_count: usize,
    /// The stamp of its file when it was indexed, if it came from one.
    #[serde(skip)]
    pub(super) stamp: Option<FileStamp>,
    /// The hash of its content.
    #[serde(skip)]
    pub(super) content_hash: [u8; 32],
}

/// The sentence of a passage that answers the query best.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Highlight {
    /// The sentence, a slice of the passage's text.
    pub text: String,
    /// The place of the sentence in the document's text.
    pub span: Span,
    /// How well the sentence matches, above 0. Comparable between the sentences of one search only.
    pub score: f32,
}

/// How the score of a hit was computed. Scores of a side that was not searched are `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The document's rank by vectors alone, from 1; `None` when it is not within the first [`Explanation::candidates`].
    pub dense_rank: Option<usize>,
    /// The cosine similarity of the hit's passage, in [-1, 1].
    pub dense_score: Option<f32>,
    /// The ordinal, from 0, of the passage with [`Explanation::dense_rank`] in its document. It may differ from the hit's passage.
    pub dense_passage: Option<u32>,
    /// The document's rank by words alone, from 1; `None` when it is not within the first [`Explanation::candidates`].
    pub lexical_rank: Option<usize>,
    /// The BM25 score of the hit's passage, from 0.
    pub lexical_score: Option<f32>,
    /// The ordinal, from 0, of the passage with [`Explanation::lexical_rank`] in its document. It may differ from the hit's
    /// passage.
    pub lexical_passage: Option<u32>,
    /// The most documents that each side contributed.
    pub candidates: usize,
    /// The share of the query's words that the passage has, weighted by idf, in [0, 1].
    pub coverage: Option<f32>,
    /// The terms of the query that the passage has, with their parts of the BM25 score.
    pub terms: Vec<TermScore>,
    /// The ranking score, the same as [`Hit::score`].
    pub fused_score: f32,
    /// The ordinal of the passage in its document, from 0.
    pub passage_ordinal: u32,
    /// The number of passages whose vectors were compared with the query, in all segments.
    pub compared: usize,
    /// True if every passage that the search could find was compared; false if graphs chose some of them.
    pub exact: bool,
}

/// A term of the query that a passage has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TermScore {
    /// The term as it is indexed: lower-cased, stemmed and simplified.
    pub term: String,
    /// The part of the score that the term adds.
    pub score: f32,
}
