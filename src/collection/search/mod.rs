//! Searches a collection.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`SearchBuilder`]: the query and the options of a search |
//! | `hits.rs` | [`Hits`], [`Hit`], [`Explanation`]: the result |
//! | `json.rs` | the JSON of passages, sentences and times |
//! | `file.rs` | [`FileState`]: whether a hit's file changed since it was indexed |
//! | `query.rs` | resolves the query: its vector, its text, the document to skip |
//! | `run.rs` | runs a search: finds candidates of both sides, fuses them, makes hits |
//! | `syntax/` | [`QuerySyntax`]: phrases in quotes, parts to leave out, short filters |
//! | `containing.rs` | the documents that contain phrases, and not others |
//! | `phrase.rs` | a phrase, and the texts in which it is looked for |
//! | `explain.rs` | explains how the score of a hit was computed |
//! | `candidate.rs` | a row that may become a hit, with its scores |
//! | `distribution.rs` | mean and deviation of cosines |
//! | `by_language.rs` | the distribution of cosines with the collection's passages, for each language; used in the language-neutral space |
//! | `fusion.rs` | fuses cosine and BM25 into one ranking score |
//! | `relevance.rs` | turns scores into a relevance that is comparable between queries |
//! | `weights.rs` | the weights of that relevance |
//! | `passages.rs` | the passages of a document that answer the query |
//! | `highlight.rs` | the sentence of a passage that answers the query best |

mod by_language;
mod candidate;
mod containing;
mod distribution;
mod explain;
mod file;
mod fusion;
mod highlight;
mod hits;
mod json;
mod passages;
mod phrase;
mod query;
mod relevance;
mod run;
mod syntax;
mod weights;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

pub use file::FileState;
pub use hits::{DocumentHit, Explanation, Highlight, Hit, Hits, PassageHit, TermScore, Timings};
pub use syntax::QuerySyntax;
pub use weights::RelevanceFeatures;

use super::handle::Collection;
use crate::document::{DocumentId, Metadata, PassageId};
use crate::encoder::EncodedQuery;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::index::Snapshot;
use crate::ingest::read::{FileContent, FileReader};
use crate::ingest::source::WalkOptions;
use crate::ingest::source_document::SourceDocument;

/// What a search compares: vectors, words or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// Vectors and words: takes the candidates of both sides, and scores each by both. If one side cannot be searched (in a
    /// search by a vector, for a query without words, in a collection without a lexical index), uses the other side alone.
    #[default]
    Hybrid,
    /// Vectors: the cosine of query and passage vectors.
    Dense,
    /// Words: BM25. The model is not loaded.
    Lexical,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Hybrid, Self::Dense, Self::Lexical];

    /// Returns `hybrid`, `dense` or `lexical`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Dense => "dense",
            Self::Lexical => "lexical",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = Error;

    /// Parses a [`Mode::name`].
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::InvalidInput { problem: format!("{text:?} is not a mode of search; it is one of {names}") }
        })
    }
}

/// Builds a search; [`SearchBuilder::run`] runs it.
#[derive(Debug, Clone)]
#[must_use = "a search does nothing until it is run"]
pub struct SearchBuilder {
    collection: Collection,
    /// The commit to search; `None`: the newest one.
    generation: Option<Arc<Snapshot>>,
    query: SearchQuery,
    limit: usize,
    offset: usize,
    passages_per_document: usize,
    passages_of_only_document: Option<usize>,
    min_score: f32,
    min_relevance: f32,
    mode: Mode,
    explain: bool,
    highlight: bool,
    exact: bool,
    recall: f32,
    within: Option<Vec<PassageId>>,
    filter: Option<Filter>,
    /// Texts that a document must contain.
    phrases: Vec<String>,
    /// Texts that a document must not contain.
    excluded: Vec<String>,
}

/// What a search looks for.
#[derive(Debug, Clone)]
enum SearchQuery {
    Text(String),
    /// A text that was encoded with others.
    Encoded(String, EncodedQuery),
    Vector(Vec<f32>),
    /// Documents like the one of the collection with this id.
    Like(String),
    /// Documents like this one, which is not in the collection.
    LikeSource(Box<SourceDocument>),
}

impl SearchBuilder {
    /// The default of [`SearchBuilder::limit`]: 10 documents.
    pub const DEFAULT_LIMIT: usize = 10;
    /// The default of [`SearchBuilder::recall`]: 0.99.
    pub const DEFAULT_RECALL: f32 = 0.99;

    fn new(collection: Collection, query: SearchQuery) -> Self {
        Self {
            collection,
            generation: None,
            query,
            limit: Self::DEFAULT_LIMIT,
            offset: 0,
            passages_per_document: 1,
            passages_of_only_document: None,
            min_score: -f32::INFINITY,
            min_relevance: 0.0,
            mode: Mode::default(),
            explain: false,
            highlight: false,
            exact: false,
            recall: Self::DEFAULT_RECALL,
            within: None,
            filter: None,
            phrases: Vec::new(),
            excluded: Vec::new(),
        }
    }

    /// Searches this commit instead of the newest one.
    pub(super) fn in_generation(mut self, generation: Arc<Snapshot>) -> Self {
        self.generation = Some(generation);
        self
    }

    pub(super) fn by_text(collection: Collection, text: String) -> Self {
        Self::new(collection, SearchQuery::Text(text))
    }

    pub(super) fn by_given_vector(collection: Collection, vector: Vec<f32>) -> Self {
        Self::new(collection, SearchQuery::Vector(vector))
    }

    pub(super) fn like_document(collection: Collection, id: String) -> Self {
        Self::new(collection, SearchQuery::Like(id))
    }

    pub(super) fn like_source(collection: Collection, draft: SourceDocument) -> Self {
        Self::new(collection, SearchQuery::LikeSource(Box::new(draft)))
    }

    /// Searches by this vector instead, which is scaled to length 1.
    pub fn by_vector(mut self, vector: Vec<f32>) -> Self {
        self.query = SearchQuery::Vector(vector);
        self
    }

    /// Searches for documents similar to the stored one with this id instead.
    pub fn like(mut self, id: impl Into<String>) -> Self {
        self.query = SearchQuery::Like(id.into());
        self
    }

    /// The most documents to return; any number, 0 gives no hits. Default: [`SearchBuilder::DEFAULT_LIMIT`].
    pub fn limit(mut self, documents: usize) -> Self {
        self.limit = documents;
        self
    }

    /// The number of the best documents to skip: the second page of ten is `.limit(10).offset(10)`. Take all pages from one
    /// [`Snapshot`](super::Snapshot), so that they fit together. A page costs as much as a search for all documents up to its
    /// end. Default: 0.
    pub fn offset(mut self, documents: usize) -> Self {
        self.offset = documents;
        self
    }

    /// The most passages of each document to return, at least 1; see [`Hit::passages`]. Further passages are returned only if they
    /// answer about as well as the best one. Default: 1.
    pub fn passages_per_document(mut self, passages: usize) -> Self {
        self.passages_per_document = passages.max(1);
        self
    }

    /// The most passages to return if the search finds only one document, such as a book that is searched alone; at least 1. They are then
    /// the best ones, however well they answer. Default: [`SearchBuilder::passages_per_document`], with its condition.
    pub fn passages_of_only_document(mut self, passages: usize) -> Self {
        self.passages_of_only_document = Some(passages.max(1));
        self
    }

    /// Leaves out hits with a lower score, on the mode's scale; see [`Hit::score`]. A finite number. It acts on the first
    /// [`SearchBuilder::limit`] hits, as [`SearchBuilder::min_relevance`] does. Default: no limit.
    pub fn min_score(mut self, score: f32) -> Self {
        self.min_score = score;
        self
    }

    /// Leaves out hits with a lower relevance, in [0, 1]; see [`Hit::relevance`]. It acts on the first [`SearchBuilder::limit`] hits
    /// and does not bring further ones. Default: 0.
    pub fn min_relevance(mut self, relevance: f32) -> Self {
        self.min_relevance = relevance;
        self
    }

    /// What the search compares: vectors, words or both. Default: [`Mode::Hybrid`].
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Whether to compare every passage, whatever it costs. Default: false; a large segment is searched by its graph if that is
    /// faster.
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// The share of the best passages that a search by graphs should find on average, in [0, 1]; 1 is the same as
    /// [`SearchBuilder::exact`]. Default: [`SearchBuilder::DEFAULT_RECALL`].
    pub fn recall(mut self, recall: f32) -> Self {
        self.recall = recall;
        self
    }

    /// Searches within these passages only. Passages that the collection does not have are ignored. Default: all passages.
    pub fn within(mut self, passages: impl IntoIterator<Item = PassageId>) -> Self {
        self.within = Some(passages.into_iter().collect());
        self
    }

    /// Searches within documents that match. With several filters a document must match all. If there are no hits,
    /// [`Collection::why_nothing`] says which part of the filter matches nothing. Default: all documents.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(match self.filter {
            Some(before) => before.and(filter),
            None => filter,
        });
        self
    }

    /// Searches for the text of a query in the syntax of `nigh search` instead, within the documents that fit its phrases, exclusions
    /// and filter. They hold together with [`SearchBuilder::filter`] and with those of an earlier syntax. The hit of a document shows
    /// a passage with one of the phrases, if it has one. A build without the feature `lexical` compares phrases without case
    /// and width, but with accents, and does not take traditional for simplified characters. Default: a query is plain text.
    ///
    /// ```no_run
    /// use nigh::QuerySyntax;
    ///
    /// # let notes = nigh::Collection::open_read_only("notes.nigh")?;
    /// let hits = notes.search("").syntax(QuerySyntax::parse("\"disk full\" -draft lang:en")).run()?;
    /// # Ok::<(), nigh::Error>(())
    /// ```
    pub fn syntax(mut self, syntax: QuerySyntax) -> Self {
        let QuerySyntax { text, phrases, excluded, filter, filter_parts: _ } = syntax;
        self.query = SearchQuery::Text(text);
        self.phrases.extend(phrases);
        self.excluded.extend(excluded);
        match filter {
            Some(filter) => self.filter(filter),
            None => self,
        }
    }

    /// Whether to explain the score of each hit; see [`Hit::explanation`]. Default: false.
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// Whether to highlight the sentence of each passage that answers the query best. It is chosen by the model's tokens, which takes
    /// about 15 ms for ten hits; in a collection without a model, with ONNX Runtime, and in [`Mode::Lexical`], by words. A
    /// search by a vector or by a document has no highlights. Default: false.
    pub fn highlight(mut self, highlight: bool) -> Self {
        self.highlight = highlight;
        self
    }

    /// Runs the search.
    ///
    /// # Errors
    /// [`Error::EmptyQuery`] for a text that is empty or white space; [`Error::DocumentMissing`] for a document that the collection
    /// does not have; [`Error::InvalidInput`] for a vector of another dimension or with a number that is not finite, a lexical
    /// search without a text, a `min_score` that is not finite, or a `min_relevance` or `recall` outside [0, 1];
    /// [`Error::InvalidFilter`] for an invalid filter; [`Error::CollectionKind`] for [`Mode::Dense`] with a text in a collection
    /// without a model (other modes search its words), and for [`Mode::Lexical`] in one without a lexical index; errors of the
    /// encoder; [`Error::IndexDamaged`].
    pub fn run(self) -> Result<Hits> {
        self.check_limits()?;
        run::run(&self)
    }

    /// Runs the same search for each of these texts, in one commit, and returns the hits in the same order. Encodes the texts
    /// together, which is faster than one by one; the encoding time of each is its share of the whole. Ignores the builder's
    /// own query, which may be empty. To merge the hits of several wordings of one question, sort them by relevance: scores are
    /// not comparable between queries.
    ///
    /// ```no_run
    /// # let notes = nigh::Collection::open_read_only("notes.nigh")?;
    /// for (question, hits) in ["tides", "knots"].iter().zip(notes.search("").limit(3).run_each(["tides", "knots"])?) {
    ///     println!("{question}: {} hits", hits.len());
    /// }
    /// # Ok::<(), nigh::Error>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`SearchBuilder::run`]; the first one ends the run.
    pub fn run_each<T: Into<String>>(mut self, queries: impl IntoIterator<Item = T>) -> Result<Vec<Hits>> {
        self.check_limits()?;
        run::run_each(&mut self, queries.into_iter().map(Into::into).collect())
    }

    /// The same as [`SearchBuilder::run_each`], for vectors, which are scaled to length 1.
    ///
    /// # Errors
    /// The errors of [`SearchBuilder::run`]; the first one ends the run. All vectors are checked first; the error names the index
    /// of a bad one.
    pub fn run_each_vector(mut self, vectors: impl IntoIterator<Item = Vec<f32>>) -> Result<Vec<Hits>> {
        self.check_limits()?;
        run::run_each_vector(&mut self, vectors.into_iter().collect())
    }

    /// Refuses limits that are not numbers: every comparison with NaN is false, so such a limit would leave out everything.
    fn check_limits(&self) -> Result<()> {
        let invalid = |option: &str, expected: &str, value: f32| {
            let problem = format!("the {option} of a search must be {expected}, not {value}");
            Err(Error::InvalidInput { problem })
        };
        if self.min_score.is_nan() || self.min_score == f32::INFINITY {
            return invalid("minimum score", "a finite number", self.min_score);
        }
        for (option, share) in [("minimum relevance", self.min_relevance), ("recall", self.recall)] {
            if !(0.0..=1.0).contains(&share) {
                return invalid(option, "a number from 0 to 1", share);
            }
        }
        Ok(())
    }
}

impl Collection {
    /// Searches for documents similar to a file, which need not be in the collection. The file is split and encoded as for
    /// storing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the file has no text, or cannot be read.
    pub fn similar_to_file(&self, path: impl AsRef<std::path::Path>) -> Result<SearchBuilder> {
        let path = path.as_ref();
        let read = FileReader::new(WalkOptions::MAX_FILE_SIZE, None).read(path, None);
        let FileContent::Text(extracted, content_hash) =
            read.map_err(|skip| Error::InvalidInput { problem: format!("{}: {skip}", path.display()) })?
        else {
            return Err(Error::InvalidInput { problem: format!("{} was not read", path.display()) });
        };
        let source = SourceDocument {
            id: DocumentId::new("file")?,
            text: extracted.text,
            syntax: extracted.syntax,
            metadata: Metadata::new(),
            sections: extracted.sections,
            parts: Vec::new(),
            stamp: None,
            content_hash,
        };
        Ok(SearchBuilder::like_source(self.clone(), source))
    }
}
