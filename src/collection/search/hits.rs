//! What a search gives: hits, and how their scores were computed.

use serde::Serialize;

use super::Mode;
use crate::document::{Context, DocumentId, FileStamp, Metadata, Passage, Span, parse_metadata};
use crate::error::Result;
use crate::index::{FoundDocument, FoundPassage, SegmentPlan};

/// What a search found, best first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Hits {
    /// The hits.
    pub hits: Vec<Hit>,
    /// What was compared.
    pub mode: Mode,
    /// The published generation that was searched.
    pub generation: u64,
    /// How each of its segments was searched by vectors; empty for [`Mode::Lexical`].
    pub segments: Vec<SegmentPlan>,
    /// Where the time went.
    pub timings: Timings,
}

impl Hits {
    /// How many hits there are.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// The hits, best first.
    pub fn iter(&self) -> std::slice::Iter<'_, Hit> {
        self.hits.iter()
    }

    /// The best hit.
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

/// Milliseconds of a search's parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Hit {
    /// Its rank, from 1.
    pub rank: usize,
    /// What the hits are sorted by; higher is better. [`Mode::Dense`]: cosine similarity in [-1, 1]. [`Mode::Lexical`]: BM25, from 0.
    /// [`Mode::Hybrid`]: a weighted sum of both, without fixed bounds. Not comparable between queries.
    pub score: f32,
    /// How likely the passage is about the query, in [0, 1]. Comparable between queries, collections and models. Below 0.3 is
    /// probably not an answer.
    pub relevance: f32,
    /// The document.
    pub document: DocumentHit,
    /// Its best passage.
    pub passage: Passage,
    /// The sentence of the passage that answers best, when that was asked for.
    pub highlight: Option<Highlight>,
    /// How the score was computed; `Some` after [`SearchBuilder::explain`](super::SearchBuilder::explain).
    pub explanation: Option<Explanation>,
}

impl Hit {
    /// A hit without a highlight. `scores`: ranking score and relevance.
    pub(super) fn new(
        rank: usize,
        scores: (f32, f32),
        document: &FoundDocument<'_>,
        passage: FoundPassage<'_>,
        explanation: Option<Explanation>,
    ) -> Result<Self> {
        let record = document.record()?;
        let metadata = parse_metadata(&record.id, &record.metadata)?;
        let (id, span) = (passage.id(), passage.span());
        let Context { headings, place, metadata: of_passage } = passage.context;
        let of_passage = parse_metadata(&record.id, &of_passage)?;
        Ok(Self {
            rank,
            score: scores.0,
            relevance: scores.1,
            document: DocumentHit {
                id: record.id,
                metadata,
                passages: document.passages(),
                stamp: record.stamp,
                content_hash: record.content_hash,
            },
            passage: Passage { id, text: passage.text, span, headings, place, metadata: of_passage },
            highlight: None,
            explanation,
        })
    }
}

/// The document of a hit.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DocumentHit {
    /// Its id.
    pub id: DocumentId,
    /// What else is known of it.
    pub metadata: Metadata,
    /// How many passages it has.
    pub passages: usize,
    /// What was known of its file when it was indexed, where it came from one.
    pub(super) stamp: Option<FileStamp>,
    /// The hash that it was stored with.
    pub(super) content_hash: [u8; 32],
}

/// The sentence of a passage that answers best.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Highlight {
    /// Its text, a slice of the passage's.
    pub text: String,
    /// Where it stands in the document.
    pub span: Span,
    /// Its cosine similarity with the query, in [-1, 1].
    pub score: f32,
}

/// How the score of a hit was computed. Scores of a side that was not searched are `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The document's place in a search by meaning alone, from 1; none when it is not among the first [`Explanation::candidates`].
    pub dense_rank: Option<usize>,
    /// The cosine similarity of the hit's passage, in [-1, 1].
    pub dense_score: Option<f32>,
    /// The place in its document, from 0, of the passage that has [`Explanation::dense_rank`]; it may be another than the hit's.
    pub dense_passage: Option<u32>,
    /// The document's place in a search by words alone, from 1; none when it is not among the first [`Explanation::candidates`].
    pub lexical_rank: Option<usize>,
    /// The BM25 score of the hit's passage, from 0.
    pub lexical_score: Option<f32>,
    /// The place in its document, from 0, of the passage that has [`Explanation::lexical_rank`]; it may be another than the hit's.
    pub lexical_passage: Option<u32>,
    /// So many documents of each side were looked at.
    pub candidates: usize,
    /// The share of the question's words that its passage holds, by how rare they are, in [0, 1].
    pub coverage: Option<f32>,
    /// The terms of the query that its passage holds, with what each adds to the BM25 score.
    pub terms: Vec<TermScore>,
    /// The score that its place is by.
    pub fused_score: f32,
    /// The place of the passage in its document, from 0.
    pub passage_ordinal: u32,
    /// The number of passages whose vectors were compared with the query's, in all segments.
    pub compared: usize,
    /// Whether every passage that could be found was compared; otherwise graphs chose which.
    pub exact: bool,
}

/// A term of the query that a passage holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TermScore {
    /// The term, as it was indexed: in lower case, stemmed, simplified.
    pub term: String,
    /// What it adds to the score.
    pub score: f32,
}
