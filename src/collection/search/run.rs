//! A search carried out: candidates by meaning and by words, each scored by both, fused, made hits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::fusion::{self, Candidate};
use super::hits::{DocumentHit, Explanation, Hit, Hits, TermScore, Timings};
use super::query::{Asked, milliseconds};
use super::relevance::{Distribution, Expected, Script};
use super::{Mode, Query as SearchQuery, SearchBuilder, highlight};
use crate::collection::published;
use crate::collection::words::{Lexicon, Query, matching};
use crate::document::{Context, Passage};
use crate::encoder::TextKind;
use crate::error::{Error, Result};
use crate::index::{Match, Request, Route, RowAt, Rows, Snapshot};

/// How many documents each side brings to a fusion, at least.
const CANDIDATES: usize = 50;
/// Passages that tell how a query stands to the collection at large.
const SAMPLE: usize = 300;

pub(super) fn run(builder: &SearchBuilder) -> Result<Hits> {
    let started = Instant::now();
    let timings = Timings::default();
    // Held until the end: one commit answers, whatever is committed meanwhile.
    let snapshot = held(builder)?;
    snapshot.intact(|| answer(builder, &snapshot, started, timings))
}

/// The commit to search.
fn held(builder: &SearchBuilder) -> Result<Arc<Snapshot>> {
    builder.generation.as_ref().map_or_else(|| builder.collection.newest(), |held| Ok(Arc::clone(held)))
}

/// The same search for each text, in one commit.
pub(super) fn run_each(builder: &mut SearchBuilder, texts: Vec<String>) -> Result<Vec<Hits>> {
    builder.generation = Some(held(builder)?);
    let with_vectors =
        builder.mode == Mode::Dense || builder.mode == Mode::Hybrid && builder.collection.settings().model.is_some();
    if !with_vectors {
        return texts.into_iter().map(|text| run_one(builder, SearchQuery::Text(text), Timings::default())).collect();
    }
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(Error::EmptyQuery);
    }
    let loading = Instant::now();
    let encoder = builder.collection.encoder()?;
    let load = milliseconds(loading);
    let encoding = Instant::now();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = encoder.encode_as(TextKind::Query, &borrowed)?;
    let encode = milliseconds(encoding) / texts.len().max(1) as f64;
    let mut answers = Vec::with_capacity(texts.len());
    for (i, (text, vector)) in texts.iter().zip(vectors.iter()).enumerate() {
        let timings = Timings { load: if i == 0 { load } else { 0.0 }, encode, ..Timings::default() };
        answers.push(run_one(builder, SearchQuery::Encoded(text.clone(), vector.to_vec()), timings)?);
    }
    Ok(answers)
}

fn run_one(builder: &mut SearchBuilder, query: SearchQuery, timings: Timings) -> Result<Hits> {
    let started = Instant::now();
    builder.query = query;
    let snapshot = held(builder)?;
    snapshot.intact(|| answer(builder, &snapshot, started, timings))
}

/// The answer of one generation, whose files may turn out to have been cut while it was made.
fn answer(builder: &SearchBuilder, snapshot: &Arc<Snapshot>, started: Instant, mut timings: Timings) -> Result<Hits> {
    let asked = builder.asked(snapshot, &mut timings)?;
    let searching = Instant::now();
    let mut search = Search::new(builder, snapshot, &asked)?;
    if builder.limit > 0 {
        search.gather()?;
    }
    let hits = search.hits()?;
    timings.search = milliseconds(searching);
    let (routes, generation) = (search.routes, snapshot.generation());
    let mode = if builder.mode == Mode::Hybrid && !builder.collection.has_words() { Mode::Dense } else { builder.mode };
    let mut hits = Hits { hits, mode, generation, routes, timings };
    if let Some(vector) = asked.vector.as_ref().filter(|_| builder.highlight) {
        let encoding = Instant::now();
        highlight::mark(&mut hits.hits, vector, &builder.collection)?;
        hits.timings.encode += milliseconds(encoding);
    }
    hits.timings.total = milliseconds(started);
    Ok(hits)
}

/// A search under way.
struct Search<'a> {
    builder: &'a SearchBuilder,
    snapshot: &'a Snapshot,
    asked: &'a Asked<'a>,
    /// What may be found; none: everything.
    among: Option<Rows>,
    /// Where words are asked.
    words: Option<(Arc<Lexicon>, Query)>,
    candidates: HashMap<RowAt, Candidate>,
    expected: Expected,
    routes: Vec<Route>,
}

impl<'a> Search<'a> {
    fn new(builder: &'a SearchBuilder, snapshot: &'a Arc<Snapshot>, asked: &'a Asked<'a>) -> Result<Self> {
        let lexicon = || builder.collection.lexicon(snapshot);
        let among = builder.among.as_ref().map(|passages| Rows::of_passages(snapshot, passages.iter().copied()));
        let mut among = among.transpose()?;
        if let Some(filter) = &builder.filter {
            let matching = match lexicon()? {
                Some(lexicon) => lexicon.matching(filter)?,
                None => matching(snapshot, filter)?,
            };
            let matching = Rows::of(snapshot, matching);
            among = Some(among.map_or_else(|| matching.clone(), |among| among.and(&matching)));
        }
        let words = match asked.words.map(|text| lexicon().map(|lexicon| (text, lexicon))).transpose()? {
            Some((text, Some(lexicon))) => Some((Arc::clone(&lexicon), lexicon.query(text)?)),
            _ => None,
        };
        let (candidates, routes) = (HashMap::new(), Vec::new());
        let mut expected = Expected::before(asked.words.unwrap_or_default(), snapshot.totals().passages);
        expected.words = words.as_ref().map_or(0.0, |(_, query): &(Arc<Lexicon>, Query)| query.known());
        Ok(Self { builder, snapshot, asked, among, words, candidates, expected, routes })
    }

    /// How many documents there are up to the end of the page.
    fn end(&self) -> usize {
        self.builder.limit.saturating_add(self.builder.offset)
    }

    fn both(&self) -> bool {
        self.asked.vector.is_some() && self.words.is_some()
    }

    /// How many documents each side brings.
    fn wanted(&self) -> usize {
        let end = self.end();
        if self.both() { end.max(CANDIDATES) } else { end }
    }

    /// The candidates of both sides, each with the scores of both.
    fn gather(&mut self) -> Result<()> {
        let limit = self.wanted();
        if let Some(vector) = &self.asked.vector {
            let request = Request {
                query: vector,
                limit,
                skip: self.asked.skip,
                min_score: f32::NEG_INFINITY,
                among: self.among.as_ref(),
                recall: self.builder.recall,
                exact: self.builder.exact,
                walk: false,
            };
            let answer = self.snapshot.search(&request)?;
            for (rank, found) in (1..).zip(answer.matches) {
                let candidate = self.candidates.entry(self.snapshot.row_of(&found)?).or_default();
                (candidate.dense_rank, candidate.cosine) = (Some(rank), Some(found.score));
            }
            self.routes = answer.routes;
        }
        if let Some((lexicon, query)) = &self.words {
            let acceptance = self.snapshot.acceptance(self.among.as_ref(), self.asked.skip)?;
            let found = lexicon.search(query, limit, &|segment, row| acceptance.document(RowAt { segment, row }))?;
            for (rank, found) in (1..).zip(found) {
                let at = RowAt { segment: found.segment, row: found.row };
                self.candidates.entry(at).or_default().lexical_rank = Some(rank);
            }
            let rows: Vec<RowAt> = self.candidates.keys().copied().collect();
            let places: Vec<(usize, u32)> = rows.iter().map(|at| (at.segment, at.row)).collect();
            for (at, scored) in rows.iter().zip(lexicon.score(query, &places)?) {
                let candidate = self.candidates.entry(*at).or_default();
                (candidate.bm25, candidate.coverage) = (Some(scored.score), Some(scored.coverage));
                (candidate.bonus, candidate.exact) = (scored.bonus, scored.exact);
            }
        }
        if let Some(vector) = &self.asked.vector {
            for (at, candidate) in self.candidates.iter_mut().filter(|(_, candidate)| candidate.cosine.is_none()) {
                candidate.cosine = Some(self.snapshot.score(vector, *at)?.score);
            }
            self.expect(vector)?;
        }
        Ok(())
    }

    /// How a vector's cosines lie: with passages of the collection, and with texts about everything.
    fn expect(&mut self, vector: &[f32]) -> Result<()> {
        let collection = &self.builder.collection;
        self.expected.own = Distribution::of(&self.snapshot.sample(vector, SAMPLE)?);
        if let Some(texts) = collection.reference_texts()? {
            self.expected.model = texts.cosines(vector).map(|cosines| Distribution::of(&cosines));
        }
        if let Some(text) = self.asked.words.filter(|_| collection.settings().model.is_some()) {
            self.expected.known = collection.encoder()?.vocabulary_coverage(text);
        }
        Ok(())
    }

    fn hits(&self) -> Result<Vec<Hit>> {
        let matches = self.candidates.iter().map(|(at, candidate)| {
            let found = self.snapshot.match_at(*at)?;
            let score = fusion::score(candidate, self.expected.own, self.expected.known, self.both());
            Ok(Match { score, ..found })
        });
        let (mut hits, mut rank) = (Vec::new(), 0);
        for found in Snapshot::best_of(matches.collect::<Result<Vec<_>>>()?, self.end()) {
            let at = self.snapshot.row_of(&found)?;
            let Some(candidate) = self.candidates.get(&at) else { continue };
            let document = self.snapshot.document(found.place)?;
            let script = Script::of(&document.passage(found.ordinal)?.text);
            let relevance = self.expected.relevance(candidate, script);
            if found.score >= self.builder.min_score && relevance >= self.builder.min_relevance {
                rank += 1;
                if rank > self.builder.offset {
                    hits.push(self.hit(rank, &found, candidate, relevance)?);
                }
            }
        }
        Ok(hits)
    }

    fn hit(&self, rank: usize, found: &Match, candidate: &Candidate, relevance: f32) -> Result<Hit> {
        let document = self.snapshot.document(found.place)?;
        let record = document.record()?;
        let passage = document.passage(found.ordinal)?;
        let (metadata, passages) = (published::metadata(&record)?, document.passages());
        let Context { headings, place, metadata: of_passage } = passage.context.clone();
        let of_passage = published::parsed(&record.id, &of_passage)?;
        let explanation = if self.builder.explain { Some(self.explanation(found, candidate)?) } else { None };
        Ok(Hit {
            rank,
            score: found.score,
            relevance,
            document: DocumentHit {
                id: record.id,
                metadata,
                passages,
                stamp: record.stamp,
                content_hash: record.content_hash,
            },
            passage: Passage {
                id: passage.id(),
                text: passage.text.clone(),
                span: passage.span(),
                headings,
                place,
                metadata: of_passage,
            },
            highlight: None,
            explanation,
        })
    }

    fn explanation(&self, found: &Match, candidate: &Candidate) -> Result<Explanation> {
        let at = self.snapshot.row_of(found)?;
        // Each side chose a passage of its own; the hit shows the one that both together prefer.
        let (mut dense, mut lexical) = (None, None);
        for (at, candidate) in self.candidates.iter().filter(|(_, c)| c.dense_rank.or(c.lexical_rank).is_some()) {
            let own = self.snapshot.match_at(*at)?;
            if own.place == found.place {
                dense = candidate.dense_rank.map(|rank| (rank, own.ordinal)).or(dense);
                lexical = candidate.lexical_rank.map(|rank| (rank, own.ordinal)).or(lexical);
            }
        }
        let matched = match &self.words {
            Some((lexicon, query)) => lexicon.explain(query, at.segment, at.row)?,
            None => Vec::new(),
        };
        // A term counts in several fields; a person wants to see it once.
        let mut terms: Vec<TermScore> = Vec::new();
        for term in matched {
            match terms.iter_mut().find(|known| known.term == term.term) {
                Some(known) => known.score += term.score,
                None => terms.push(TermScore { term: term.term, score: term.score }),
            }
        }
        terms.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(Explanation {
            dense_rank: dense.map(|(rank, _)| rank),
            dense_score: candidate.cosine,
            dense_passage: dense.map(|(_, ordinal)| ordinal),
            lexical_rank: lexical.map(|(rank, _)| rank),
            lexical_score: candidate.bm25,
            lexical_passage: lexical.map(|(_, ordinal)| ordinal),
            candidates: self.wanted(),
            coverage: candidate.coverage,
            terms,
            fused_score: found.score,
            passage_ordinal: found.ordinal,
            compared: self.routes.iter().map(|route| route.compared).sum(),
            exact: self.routes.iter().all(|route| route.ef.is_none()),
        })
    }
}
