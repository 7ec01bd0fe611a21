//! Runs a search: finds candidates by vectors and by words, scores each by both, fuses them and makes hits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::by_language::{CollectionScores, languages};
use super::candidate::HitCandidate;
use super::distribution::Distribution;
use super::fusion::QueryShares;
use super::hits::{Hit, Hits, Timings};
use super::passages::MostPassages;
use super::query::ResolvedQuery;
use super::relevance::QueryCalibration;
use super::{Mode, SearchBuilder, SearchQuery, containing, fusion, highlight, passages};
use crate::collection::vector::check_vector;
use crate::collection::words::{Lexicon, Query, matching};
use crate::error::{Error, Result};
use crate::index::{RowId, RowSet, ScoredRow, SegmentPlan, Snapshot, VectorRequest, best_documents};

/// The number of documents that each side contributes to a fusion at least. A small page would otherwise miss documents that
/// are good, but not first, on both sides.
const MIN_CANDIDATES: usize = 50;
/// The number of random passages of the collection that the query is compared with.
const SAMPLE_SIZE: usize = 300;

/// Runs a search in one commit.
pub(super) fn run(builder: &SearchBuilder) -> Result<Hits> {
    let started = Instant::now();
    let timings = Timings::default();
    // Hold the snapshot until the end: one commit answers, whatever is committed meanwhile.
    let snapshot = snapshot_to_search(builder)?;
    snapshot.intact(|| search_snapshot(builder, &snapshot, started, timings))
}

/// Returns the commit to search.
fn snapshot_to_search(builder: &SearchBuilder) -> Result<Arc<Snapshot>> {
    builder.generation.as_ref().map_or_else(|| builder.collection.newest(), |pinned| Ok(Arc::clone(pinned)))
}

/// Runs the same search for each text, in one commit.
pub(super) fn run_each(builder: &mut SearchBuilder, texts: Vec<String>) -> Result<Vec<Hits>> {
    builder.generation = Some(snapshot_to_search(builder)?);
    let encodes_texts =
        builder.mode == Mode::Dense || builder.mode == Mode::Hybrid && builder.collection.settings().model.is_some();
    if !encodes_texts {
        return texts.into_iter().map(|text| run_one(builder, SearchQuery::Text(text), Timings::default())).collect();
    }
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(Error::EmptyQuery);
    }
    let loading = Instant::now();
    let encoder = builder.collection.encoder()?;
    let load = loading.elapsed();
    let encoding = Instant::now();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let encoded = encoder.encode_queries(&borrowed)?;
    let encode = encoding.elapsed().div_f64(texts.len().max(1) as f64);
    let mut answers = Vec::with_capacity(texts.len());
    for (index, (text, encoded)) in texts.iter().zip(encoded).enumerate() {
        // The first search needed the model; for the others it was in memory.
        let timings = Timings { load: if index == 0 { load } else { Duration::ZERO }, encode, ..Timings::default() };
        answers.push(run_one(builder, SearchQuery::Encoded(text.clone(), encoded), timings)?);
    }
    Ok(answers)
}

/// Runs the same search for each vector, in one commit. All vectors are checked first.
pub(super) fn run_each_vector(builder: &mut SearchBuilder, vectors: Vec<Vec<f32>>) -> Result<Vec<Hits>> {
    builder.generation = Some(snapshot_to_search(builder)?);
    let dimension = builder.collection.settings().dimension;
    for (index, vector) in vectors.iter().enumerate() {
        check_vector(vector, dimension, &format!("the query vector with index {index}"))
            .map_err(|problem| Error::InvalidInput { problem })?;
    }
    vectors.into_iter().map(|vector| run_one(builder, SearchQuery::Vector(vector), Timings::default())).collect()
}

fn run_one(builder: &mut SearchBuilder, query: SearchQuery, timings: Timings) -> Result<Hits> {
    let started = Instant::now();
    builder.query = query;
    let snapshot = snapshot_to_search(builder)?;
    snapshot.intact(|| search_snapshot(builder, &snapshot, started, timings))
}

/// Searches one generation. The caller checks afterwards that no file was truncated meanwhile.
fn search_snapshot(
    builder: &SearchBuilder,
    snapshot: &Arc<Snapshot>,
    started: Instant,
    mut timings: Timings,
) -> Result<Hits> {
    let query = builder.resolve(snapshot, &mut timings)?;
    let searching = Instant::now();
    let mut search = SearchRun::new(builder, snapshot, &query)?;
    if builder.limit > 0 {
        search.gather()?;
    }
    let hits = search.hits()?;
    timings.search = searching.elapsed();
    let (segments, generation) = (search.segments, snapshot.generation());
    let mode = if builder.mode == Mode::Hybrid && !builder.collection.has_words() { Mode::Dense } else { builder.mode };
    let mut hits = Hits { hits, mode, generation, segments, timings };
    if let Some(text) = builder.query_text().filter(|_| builder.highlight) {
        let marking = Instant::now();
        let by_tokens = query.vector.is_some() && builder.collection.settings().model.is_some();
        highlight::mark(&mut hits.hits, text, &builder.collection, by_tokens)?;
        hits.timings.search += marking.elapsed();
    }
    hits.timings.total = started.elapsed();
    Ok(hits)
}

/// A search in progress.
pub(super) struct SearchRun<'a> {
    pub(super) builder: &'a SearchBuilder,
    pub(super) snapshot: &'a Snapshot,
    query: &'a ResolvedQuery<'a>,
    /// The rows that the search may find; `None`: all.
    within: Option<RowSet>,
    /// The lexical query, if the search is lexical or hybrid.
    pub(super) lexical: Option<(Arc<Lexicon>, Query)>,
    pub(super) candidates: HashMap<RowId, HitCandidate>,
    calibration: QueryCalibration,
    pub(super) segments: Vec<SegmentPlan>,
}

impl<'a> SearchRun<'a> {
    fn new(builder: &'a SearchBuilder, snapshot: &'a Arc<Snapshot>, query: &'a ResolvedQuery<'a>) -> Result<Self> {
        let lexicon = || builder.collection.lexicon(snapshot);
        let within = builder.within.as_ref().map(|passages| RowSet::of_passages(snapshot, passages.iter().copied()));
        let mut within = within.transpose()?;
        if let Some(filter) = &builder.filter {
            let matching = match lexicon()? {
                Some(lexicon) => lexicon.matching(filter)?,
                None => matching(snapshot, filter)?,
            };
            let matching = RowSet::of(snapshot, matching);
            within = Some(within.map_or_else(|| matching.clone(), |within| within.and(&matching)));
        }
        if !(builder.phrases.is_empty() && builder.excluded.is_empty()) {
            let lexicon = lexicon()?;
            let (phrases, excluded) = (&builder.phrases, &builder.excluded);
            within = Some(containing::rows(snapshot, lexicon.as_deref(), phrases, excluded, within.as_ref())?);
        }
        let lexical = match query.text.map(|text| lexicon().map(|lexicon| (text, lexicon))).transpose()? {
            Some((text, Some(lexicon))) => Some((Arc::clone(&lexicon), lexicon.query(text)?)),
            _ => None,
        };
        let mut calibration = QueryCalibration::new(query.text.unwrap_or_default(), snapshot.totals().passages);
        calibration.idf_coverage = lexical.as_ref().map_or(0.0, |(_, query): &(Arc<Lexicon>, Query)| query.known());
        let (candidates, segments) = (HashMap::new(), Vec::new());
        Ok(Self { builder, snapshot, query, within, lexical, candidates, calibration, segments })
    }

    /// Returns the number of documents up to the end of the page.
    fn page_end(&self) -> usize {
        self.builder.limit.saturating_add(self.builder.offset)
    }

    pub(super) fn is_hybrid(&self) -> bool {
        self.query.vector.is_some() && self.lexical.is_some()
    }

    /// Returns the number of documents that each side contributes at most.
    pub(super) fn candidates_per_side(&self) -> usize {
        if self.is_hybrid() { self.page_end().max(MIN_CANDIDATES) } else { self.page_end() }
    }

    /// Finds the candidates of both sides, and gives each the scores of both.
    fn gather(&mut self) -> Result<()> {
        let limit = self.candidates_per_side();
        let accepted = self.snapshot.accepted_rows(self.within.as_ref(), self.query.skip)?;
        // 1. The candidates of the search by vectors.
        if let Some(query) = &self.query.vector {
            let (recall, exact) = (self.builder.recall, self.builder.exact);
            let request = VectorRequest { query, limit, min_score: f32::NEG_INFINITY, recall, exact };
            let answer = accepted.search(&request)?;
            for (rank, found) in (1..).zip(answer.rows) {
                let candidate = candidate_of(&mut self.candidates, found);
                (candidate.dense_rank, candidate.cosine) = (Some(rank), Some(found.score));
            }
            self.segments = answer.segments;
        }
        // 2. The candidates of the lexical search.
        if let Some((lexicon, query)) = &self.lexical {
            for (rank, found) in (1..).zip(lexicon.search(query, limit, &|row| accepted.document(row))?) {
                candidate_of(&mut self.candidates, found).lexical_rank = Some(rank);
            }
        }
        // 3. All passages of the candidates' documents, and the lexical scores of all.
        passages::add_all_passages(&mut self.candidates, self.snapshot, &accepted)?;
        if let Some((lexicon, query)) = &self.lexical {
            let rows: Vec<RowId> = self.candidates.keys().copied().collect();
            for (row, score) in rows.iter().zip(lexicon.score(query, &rows)?) {
                if let Some(candidate) = self.candidates.get_mut(row) {
                    (candidate.bm25, candidate.coverage) = (Some(score.score), Some(score.coverage));
                    (candidate.bonus, candidate.exact) = (score.bonus, score.exact);
                }
            }
        }
        // 4. The cosines of the candidates that the search by vectors did not find.
        if let Some(vector) = &self.query.vector {
            for (row, candidate) in self.candidates.iter_mut().filter(|(_, candidate)| candidate.cosine.is_none()) {
                candidate.cosine = Some(self.snapshot.cosine(vector, *row)?);
            }
            self.calibrate(vector)?;
        }
        Ok(())
    }

    /// Compares the query with the model's reference texts, and with random passages of the collection.
    fn calibrate(&mut self, vector: &[f32]) -> Result<()> {
        if let Some(texts) = self.builder.collection.reference_texts()? {
            let cosines = texts.cosines(vector);
            self.calibration.reference_scores = cosines.map(|cosines| Distribution::of(&cosines));
        }
        let sample = self.snapshot.sample(vector, SAMPLE_SIZE)?;
        let languages = match &self.lexical {
            // To a model of one language, texts in others are noise: they are not compared with each other.
            Some((lexicon, _)) if self.calibration.reference_scores.iter().all(Option::is_some) => {
                let candidates = self.candidates.keys().copied();
                languages(lexicon, sample.iter().map(|&(row, _)| row).chain(candidates))?
            }
            _ => HashMap::new(),
        };
        let scores = CollectionScores::of(&sample, &languages);
        for (row, candidate) in &mut self.candidates {
            let language = languages.get(row).map(String::as_str);
            candidate.random_scores = self.calibration.random_scores(scores.in_language(language), language);
            candidate.is_foreign =
                self.query.text.is_some() && language.is_some_and(|language| self.calibration.is_foreign(language));
        }
        if self.query.text.is_some() {
            self.calibration.vocabulary_coverage = self.query.vocabulary_coverage;
        }
        Ok(())
    }

    /// True if no other document could be found, also with a higher limit.
    fn has_only_one_document(&self) -> bool {
        let mut documents = self.candidates.values().map(|candidate| candidate.document);
        let first = documents.next();
        let is_one = documents.all(|document| Some(document) == first);
        is_one && (self.page_end() > 1 || self.snapshot.totals().documents == 1)
    }

    /// Returns the hits of the page, best first.
    fn hits(&self) -> Result<Vec<Hit>> {
        let shares = QueryShares::of(self.calibration.vocabulary_coverage, self.candidates.values());
        let scored = self.candidates.iter().map(|(&row, candidate)| {
            let score = fusion::score(candidate, shares, self.is_hybrid());
            ScoredRow { row, document: candidate.document, score }
        });
        let (mut hits, mut rank) = (Vec::new(), 0);
        // The relevance of the hit above. In a search by words alone, a lower hit could have more; it gets as much.
        let mut relevance_above = 1.0_f32;
        let mut scale = None;
        let most = match self.builder.passages_of_only_document {
            Some(most) if self.has_only_one_document() => MostPassages { number: most, anyway: true },
            _ => MostPassages { number: self.builder.passages_per_document, anyway: false },
        };
        for found in best_documents(scored, self.page_end()) {
            let Some(candidate) = self.candidates.get(&found.row) else { continue };
            let document = self.snapshot.document_of(found.row)?;
            let scale = scale.get_or_insert_with(|| self.calibration.scale(candidate, shares, self.is_hybrid()));
            let features = scale.features(candidate, found.score);
            let relevance = features.relevance().min(relevance_above);
            relevance_above = relevance;
            if found.score >= self.builder.min_score && relevance >= self.builder.min_relevance {
                rank += 1;
                if rank > self.builder.offset {
                    let explain = || self.explanation(&found, candidate, &document);
                    let explanation = self.builder.explain.then(explain).transpose()?;
                    let relevance = (relevance, features);
                    let passages = self.answering_passages((&found, candidate), &document, shares, most)?;
                    hits.push(Hit::new(rank, found.score, relevance, &document, passages, explanation)?);
                }
            }
        }
        Ok(hits)
    }
}

/// Returns the candidate of a row, and adds it if it is missing.
fn candidate_of(candidates: &mut HashMap<RowId, HitCandidate>, found: ScoredRow) -> &mut HitCandidate {
    candidates.entry(found.row).or_insert_with(|| HitCandidate::of(found.document))
}
