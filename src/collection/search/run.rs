//! A search carried out: candidates by meaning and by words, each scored by both, fused, made hits.

use std::collections::HashMap;
use std::time::Instant;

use super::SearchBuilder;
use super::fusion::{Candidate, Fusion};
use super::highlight;
use super::hits::{DocumentHit, Explanation, Hit, Hits, TermScore, Timings};
use super::query::{Asked, milliseconds};
use super::relevance::Background;
use crate::collection::published;
use crate::document::Passage;
use crate::error::Result;
use crate::index::{Match, Request, Route, RowAt, Rows, Snapshot};
use crate::lexical::RowScore;

/// How many documents each side brings to a fusion, at least.
const CANDIDATES: usize = 50;
/// Passages that a query is compared with to see how it stands to the collection at large.
const BACKGROUND: usize = 1_000;

pub(super) fn run(builder: &SearchBuilder) -> Result<Hits> {
    let started = Instant::now();
    let mut timings = Timings::default();
    // Held until the end: one commit answers, whatever is committed meanwhile.
    let snapshot = builder.collection.snapshot()?;
    let asked = builder.asked(&snapshot, &mut timings)?;
    let searching = Instant::now();
    let among = builder.among.as_ref().map(|passages| Rows::of_passages(&snapshot, passages.iter().copied()));
    let among = among.transpose()?;
    let mut gathered = Gathered::default();
    let both = asked.vector.is_some() && asked.words.is_some();
    let wanted = if both { builder.limit.max(CANDIDATES) } else { builder.limit };
    if let Some(vector) = &asked.vector {
        gathered.by_meaning(builder, &snapshot, vector, asked.skip, among.as_ref(), wanted)?;
    }
    if let Some(words) = asked.words {
        gathered.by_words(builder, &snapshot, words, among.as_ref(), wanted, both)?;
    }
    let background = match &asked.vector {
        Some(vector) => Background::of(&snapshot.sample(vector, BACKGROUND)?),
        None => None,
    };
    gathered.complete(builder, &snapshot, &asked)?;
    let hits = gathered.hits(builder, &snapshot, background, both)?;
    timings.search = milliseconds(searching);
    let mut hits = Hits { hits, mode: builder.mode, generation: snapshot.generation(), routes: gathered.routes, timings };
    if builder.highlight
        && let Some(vector) = &asked.vector
    {
        let encoding = Instant::now();
        highlight::mark(&mut hits.hits, vector, &builder.collection)?;
        hits.timings.encode += milliseconds(encoding);
    }
    hits.timings.total = milliseconds(started);
    Ok(hits)
}

/// The candidates, by row.
#[derive(Default)]
struct Gathered {
    candidates: HashMap<RowAt, Candidate>,
    routes: Vec<Route>,
}

impl Gathered {
    fn by_meaning(
        &mut self,
        builder: &SearchBuilder,
        snapshot: &Snapshot,
        vector: &[f32],
        skip: Option<u64>,
        among: Option<&Rows>,
        limit: usize,
    ) -> Result<()> {
        let request = Request {
            query: vector,
            limit,
            skip,
            min_score: f32::NEG_INFINITY,
            among,
            recall: builder.recall,
            exact: builder.exact,
            walk: false,
        };
        let answer = snapshot.search(&request)?;
        for (rank, found) in (1..).zip(answer.matches) {
            let candidate = self.candidates.entry(snapshot.row_of(&found)?).or_default();
            (candidate.dense_rank, candidate.cosine) = (Some(rank), Some(found.score));
        }
        self.routes = answer.routes;
        Ok(())
    }

    fn by_words(
        &mut self,
        builder: &SearchBuilder,
        snapshot: &std::sync::Arc<Snapshot>,
        words: &str,
        among: Option<&Rows>,
        limit: usize,
        both: bool,
    ) -> Result<()> {
        let lexicon = builder.collection.lexicon(snapshot)?;
        let question = lexicon.question(words)?;
        let acceptance = snapshot.acceptance(among, None)?;
        let found = lexicon.search(&question, limit, |segment, row| acceptance.document(RowAt { segment, row }))?;
        for (rank, found) in (1..).zip(found) {
            let at = RowAt { segment: found.segment, row: found.row };
            self.candidates.entry(at).or_default().lexical_rank = Some(rank);
        }
        let _ = both;
        let rows: Vec<RowAt> = self.candidates.keys().copied().collect();
        let places: Vec<(usize, u32)> = rows.iter().map(|at| (at.segment, at.row)).collect();
        for (at, RowScore { score, coverage, terms }) in rows.iter().zip(lexicon.score(&question, &places)?) {
            if let Some(candidate) = self.candidates.get_mut(at) {
                (candidate.bm25, candidate.coverage, candidate.terms) = (Some(score), Some(coverage), terms);
            }
        }
        Ok(())
    }

    /// The cosines that are not known yet.
    fn complete(&mut self, _: &SearchBuilder, snapshot: &Snapshot, asked: &Asked<'_>) -> Result<()> {
        if let Some(vector) = &asked.vector {
            for (at, candidate) in self.candidates.iter_mut().filter(|(_, candidate)| candidate.cosine.is_none()) {
                candidate.cosine = Some(snapshot.score(vector, *at)?.score);
            }
        }
        Ok(())
    }

    fn hits(
        &self,
        builder: &SearchBuilder,
        snapshot: &Snapshot,
        background: Option<Background>,
        both: bool,
    ) -> Result<Vec<Hit>> {
        let fusion = Fusion::new(self.candidates.values(), background, both);
        let matches = self.candidates.iter().map(|(at, candidate)| {
            let found = snapshot.match_at(*at)?;
            Ok((Match { score: fusion.score(candidate), ..found }, *at))
        });
        let matches: Vec<(Match, RowAt)> = matches.collect::<Result<_>>()?;
        let mut hits = Vec::new();
        for found in Snapshot::best_of(matches.iter().map(|(found, _)| *found), builder.limit) {
            let Some(candidate) = self.candidates.get(&snapshot.row_of(&found)?) else { continue };
            let relevance = super::relevance::of(candidate, background);
            if found.score < builder.min_score || relevance < builder.min_relevance {
                continue;
            }
            hits.push(self.hit(builder, snapshot, hits.len() + 1, &found, candidate, relevance)?);
        }
        Ok(hits)
    }

    fn hit(
        &self,
        builder: &SearchBuilder,
        snapshot: &Snapshot,
        rank: usize,
        found: &Match,
        candidate: &Candidate,
        relevance: f32,
    ) -> Result<Hit> {
        let document = snapshot.document(found.place)?;
        let record = document.record()?;
        let passage = document.passage(found.ordinal)?;
        let (metadata, passages) = (published::metadata(&record)?, document.passages());
        let terms = candidate.terms.iter().map(|(term, score)| TermScore { term: term.clone(), score: *score });
        Ok(Hit {
            rank,
            score: found.score,
            relevance,
            document: DocumentHit { id: record.id, metadata, passages },
            passage: Passage {
                id: passage.id(),
                text: passage.text.to_owned(),
                span: passage.span(),
                headings: passage.headings,
            },
            highlight: None,
            explanation: builder.explain.then(|| Explanation {
                dense_rank: candidate.dense_rank,
                dense_score: candidate.cosine,
                lexical_rank: candidate.lexical_rank,
                lexical_score: candidate.bm25,
                terms: terms.collect(),
                fused_score: found.score,
                passage_ordinal: found.ordinal,
                compared: self.routes.iter().map(|route| route.compared).sum(),
                exact: self.routes.iter().all(|route| route.ef.is_none()),
            }),
        })
    }
}
