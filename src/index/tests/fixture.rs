//! A published directory, and a naive model of its content.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use half::f16;

use super::beside::{check, sidecar};
use crate::document::{Context, DocumentId, FileStamp, PassageId, Place, PlaceKind, Span, Syntax, Totals};
use crate::error::Result;
use crate::index::merge_policy::MergePolicy;
use crate::index::segment::decode;
use crate::index::{
    Changes, GenerationBuilder, Published, PublishedPassage, Publisher, Record, RowSet, Shape, Snapshot, VectorAnswer,
    VectorRequest,
};
use crate::kernel::Simd;
use crate::kernel::dot::{dot_rows_f16, dot_rows_f32};
use crate::row::ScoredRow;

/// A reproducible random generator (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Returns a nearly normal number, mean 0, deviation 1.
    pub fn normal(&mut self) -> f32 {
        ((0..12).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0) as f32
    }

    /// Returns a direction near one of 40 centres, like the vectors of texts.
    pub fn direction(&mut self, dimension: usize) -> Vec<f32> {
        let mut centre = Self(self.below(40));
        unit(&(0..dimension).map(|_| centre.normal() + 0.7 * self.normal()).collect::<Vec<f32>>())
    }
}

pub fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt().max(1e-30);
    vector.iter().map(|&x| (f64::from(x) / length) as f32).collect()
}

/// Encodes a vector as it is stored.
pub fn stored_vector(vector: &[f32], shape: Shape) -> Vec<u8> {
    let number = |&x: &f32| if shape.half { f16::from_f32(x).to_le_bytes().to_vec() } else { x.to_le_bytes().to_vec() };
    vector.iter().flat_map(number).collect()
}

/// Returns the score of a stored vector, by the kernel of the searches; checked against f64.
pub fn score(query: &[f32], vector: &[u8], shape: Shape) -> f32 {
    let (mut score, values) = ([0.0], decode(vector, shape));
    if shape.half {
        let halves: Vec<u16> = vector.as_chunks().0.iter().map(|&b| u16::from_le_bytes(b)).collect();
        dot_rows_f16(Simd::detect(), query, &halves, &mut score);
    } else {
        dot_rows_f32(Simd::detect(), query, &values, &mut score);
    }
    let exact: f64 = query.iter().zip(&values).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    assert!((exact - f64::from(score[0])).abs() < 1e-5, "{exact} {}", score[0]);
    score[0]
}

/// A passage that a search found, or should find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundRow {
    pub score: f32,
    /// The number of the document.
    pub document: u64,
    /// The ordinal of the passage in the document.
    pub ordinal: u32,
    pub passage: PassageId,
}

/// A published directory, and a naive model of its content.
pub struct World {
    pub directory: tempfile::TempDir,
    pub policy: MergePolicy,
    pub shape: Shape,
    pub publisher: Publisher,
    /// Documents by their numbers.
    pub documents: BTreeMap<u64, Published>,
    pub totals: Totals,
    pub pool: Arc<rayon::ThreadPool>,
}

/// Graphs and background merges at small sizes.
pub const SMALL: MergePolicy = MergePolicy { graph_min_rows: 40, commit_max_rows: 24 };

impl World {
    pub fn new(shape: Shape, policy: MergePolicy) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = GenerationBuilder::begin(directory.path(), shape, sidecar()).unwrap();
        let publisher = builder.finish(Totals::default(), "{}".to_owned(), 1).unwrap().with_policy(policy);
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        Self { directory, policy, shape, publisher, documents: BTreeMap::new(), totals: Totals::default(), pool }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Makes a new version of the document with this name. The number of an existing document stays.
    pub fn document(&mut self, name: &str, vectors: &[Vec<f32>], random: &mut Random) -> Published {
        let old = self.documents.values().find(|d| d.id.as_str() == name).map(|d| d.number);
        let number = old.unwrap_or_else(|| {
            self.totals.next_document += 1;
            self.totals.next_document - 1
        });
        self.numbered(number, name, vectors, random)
    }

    pub fn numbered(&mut self, number: u64, name: &str, vectors: &[Vec<f32>], random: &mut Random) -> Published {
        self.totals.sequence += 1;
        let (mut text, mut passages) = (String::new(), Vec::new());
        for (i, vector) in vectors.iter().enumerate() {
            let start = text.len();
            text.push_str(&format!("第 {i} 段 of {name}, {}\n", "字 ".repeat(random.below(30) as usize)));
            let headings = (0..random.below(3)).map(|level| format!("标题 {level} {}", random.below(2))).collect();
            let place = (random.below(2) == 0).then(|| Place::new(PlaceKind::Page, random.below(3) as u32));
            let context = Context { headings, place, metadata: String::new() };
            let (id, span) =
                (PassageId(self.totals.next_passage), Span { bytes: start..text.len(), lines: i + 1..i + 2 });
            self.totals.next_passage += 1;
            let hash = std::array::from_fn(|_| random.next() as u8);
            passages.push(PublishedPassage { id, span, context, hash, vector: stored_vector(vector, self.shape) });
        }
        let stamp = (random.below(2) == 0).then_some(FileStamp {
            size: text.len() as u64,
            modified_ns: -7,
            checked_ns: 9,
            ..FileStamp::default()
        });
        let metadata = if random.below(2) == 0 { String::new() } else { format!("{{\"n\":{}}}", random.below(9)) };
        let content_hash = std::array::from_fn(|_| random.next() as u8);
        let (id, syntax, sequence) = (DocumentId::new(name).unwrap(), Syntax::Plain, self.totals.sequence);
        Published { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages }
    }

    /// Applies changes to the model, and returns them.
    pub fn changes(&mut self, put: Vec<Published>, removed: Vec<u64>) -> Changes {
        for number in &removed {
            self.totals.sequence += 1;
            self.documents.remove(number);
        }
        self.documents.extend(put.iter().map(|d| (d.number, d.clone())));
        self.totals.documents = self.documents.len() as u64;
        self.totals.passages = self.documents.values().map(|d| d.passages.len() as u64).sum();
        Changes { totals: self.totals, settings: format!("{{\"s\":{}}}", self.totals.sequence), put, removed }
    }

    pub fn publish(&mut self, put: Vec<Published>, removed: Vec<u64>) {
        let changes = self.changes(put, removed);
        self.publisher.publish(changes).unwrap();
    }

    /// Publishes documents of one passage each.
    pub fn add(&mut self, names: &[String], random: &mut Random) {
        let dimension = self.shape.dimension as usize;
        let put = names.iter().map(|name| {
            let vector = random.direction(dimension);
            self.document(name, &[vector], random)
        });
        let put = put.collect();
        self.publish(put, Vec::new());
    }

    pub fn merge(&self) -> Result<bool> {
        self.publisher.merge(&self.pool, &AtomicBool::new(false))
    }

    pub fn merge_all(&self) {
        while self.merge().unwrap() {}
        assert!(!self.publisher.wants_merge());
    }

    pub fn reopen(&mut self) {
        self.publisher = Publisher::open(self.path(), sidecar()).unwrap().unwrap().with_policy(self.policy);
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.publisher.snapshot()
    }

    /// Returns the expected rows of a request.
    pub fn expected(&self, request: &TestRequest<'_>, within: Option<&[PassageId]>) -> Vec<FoundRow> {
        let mut best: Vec<FoundRow> = Vec::new();
        for document in self.documents.values().filter(|d| Some(d.number) != request.skip) {
            let passages =
                (0u32..).zip(&document.passages).filter(|(_, p)| within.is_none_or(|ids| ids.contains(&p.id)));
            let scored = passages.map(|(ordinal, passage)| FoundRow {
                score: score(request.query, &passage.vector, self.shape),
                document: document.number,
                ordinal,
                passage: passage.id,
            });
            let first = scored.reduce(|a, b| if b.score > a.score { b } else { a });
            best.extend(first.filter(|found| found.score >= request.min_score));
        }
        best.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap().then(a.document.cmp(&b.document)));
        best.truncate(request.limit);
        best
    }
}

/// A search of the tests. Unless it is exact, it uses every graph.
#[derive(Clone, Copy)]
pub struct TestRequest<'a> {
    pub query: &'a [f32],
    pub limit: usize,
    pub skip: Option<u64>,
    pub min_score: f32,
    pub within: Option<&'a RowSet>,
    pub recall: f32,
    pub exact: bool,
}

impl TestRequest<'_> {
    pub fn search(&self, snapshot: &Snapshot) -> Result<VectorAnswer> {
        let &Self { query, limit, min_score, recall, exact, .. } = self;
        let request = VectorRequest { query, limit, min_score, recall, exact };
        snapshot.accepted_rows(self.within, self.skip)?.search_graphs(&request)
    }
}

/// Returns an exact request for all rows.
pub fn exact(query: &[f32], limit: usize) -> TestRequest<'_> {
    TestRequest { query, limit, skip: None, min_score: f32::NEG_INFINITY, within: None, recall: 0.99, exact: true }
}

/// Returns the rows of an answer.
///
/// # Errors
/// Errors of reading.
pub fn found_rows(snapshot: &Snapshot, answer: &VectorAnswer) -> Result<Vec<FoundRow>> {
    let row = |found: &ScoredRow| {
        let document = snapshot.document_of(found.row)?;
        assert_eq!(document.number(), found.document);
        let ordinal = document.ordinal_of(found.row.row);
        let passage = document.passage(ordinal)?.id();
        Ok(FoundRow { score: found.score, document: found.document, ordinal, passage })
    };
    answer.rows.iter().map(row).collect()
}

/// Returns all documents of a snapshot, sorted by number.
pub fn all_documents(snapshot: &Snapshot) -> Result<Vec<Published>> {
    check(snapshot)?;
    let mut all = Vec::new();
    for place in snapshot.places()? {
        let document = snapshot.document(place)?;
        let passages = (0..document.passages() as u32).map(|ordinal| {
            let passage = document.passage(ordinal)?;
            assert_eq!(passage.text, &document.text()?[passage.span().bytes]);
            let (id, span, hash, vector) = (passage.id(), passage.span(), passage.hash(), passage.vector.to_vec());
            Ok(PublishedPassage { id, span, context: passage.context, hash, vector })
        });
        let Record { id, syntax, metadata, stamp, content_hash } = document.record()?;
        let (number, sequence, text) = (document.number(), document.sequence(), document.text()?);
        let passages = passages.collect::<Result<_>>()?;
        all.push(Published { number, sequence, id, text, syntax, metadata, stamp, content_hash, passages });
    }
    Ok(all)
}
