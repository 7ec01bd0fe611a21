use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use proptest::prelude::*;

use super::super::codes::{CodedQuery, Codes, encode, stride};
use super::super::stored::Stored;
use super::layout::{HEADER, NONE};
use super::tune::mix;
use super::*;
use crate::error::Error;
use crate::kernel::Aligned;
use crate::kernel::Simd;

type Owned = Codes<Aligned<u8>>;

/// Returns a number from −1 to 1.
fn number(seed: u64) -> f32 {
    (mix(seed) >> 40) as f32 / 8_388_608.0 - 1.0
}

/// Returns a vector of length 1 near one of 20 centres.
fn clustered(seed: u64, dimension: usize) -> Vec<f32> {
    let centre = mix(seed) % 20;
    let coordinate = |i: u64| number(centre << 32 | i) + 0.7 * number((seed + 1000) << 32 | i);
    let vector: Vec<f32> = (0..dimension as u64).map(coordinate).collect();
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.into_iter().map(|x| x / norm).collect()
}

fn encode_vectors(vectors: &[Vec<f32>], dimension: usize) -> Owned {
    let mut codes = Aligned::<u8>::zeroed(vectors.len() * stride(dimension));
    let mut scales = Aligned::<u8>::zeroed(vectors.len() * 4);
    let rows = codes.chunks_exact_mut(stride(dimension)).zip(scales.chunks_exact_mut(4));
    for (vector, (row, scale)) in vectors.iter().zip(rows) {
        scale.copy_from_slice(&encode(vector, row).scale.to_le_bytes());
    }
    Codes::new(codes, scales, dimension, vectors.len()).unwrap()
}

fn vectors(count: usize, dimension: usize) -> Vec<Vec<f32>> {
    (0..count as u64).map(|seed| clustered(seed, dimension)).collect()
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

fn build_graph(codes: &Owned) -> Graph<Aligned<u8>> {
    let parameters = GraphParameters { m: 8, ef_construction: 60 };
    open_graph(&build_bytes(codes, &parameters, &pool(), &AtomicBool::new(false)).unwrap(), codes.rows()).unwrap()
}

fn build_bytes<S: Stored>(
    codes: &Codes<S>,
    parameters: &GraphParameters,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<Vec<u8>> {
    let mut section = Vec::new();
    build(codes, parameters, pool, cancel, &mut |bytes| {
        section.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(section)
}

fn open_graph(bytes: &[u8], rows: usize) -> Result<Graph<Aligned<u8>>> {
    let mut section = Aligned::<u8>::zeroed(bytes.len());
    section.copy_from_slice(bytes);
    Graph::open(section, rows)
}

/// Scans all rows. Returns the accepted rows with their scores, best first.
fn scan_accepted(codes: &Owned, query: &CodedQuery, accept: impl Fn(u32) -> bool) -> Vec<(f32, u32)> {
    let mut scores = vec![0.0; codes.rows()];
    codes.scan(query, 0..codes.rows(), &mut scores).unwrap();
    let mut all: Vec<(f32, u32)> = scores.into_iter().zip(0..).filter(|&(_, row)| accept(row)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all
}

/// Returns the recall@10 over queries that are not rows.
fn recall(graph: &Graph<Aligned<u8>>, codes: &Owned, ef: usize, accept: impl Fn(u32) -> bool + Copy) -> f32 {
    let (mut hits, mut wanted, mut scratch) = (0, 0, Scratch::default());
    for seed in 0..50 {
        let query = CodedQuery::new(&clustered(seed + 1_000_000, codes.dimension()));
        let exact = scan_accepted(codes, &query, accept);
        let walk = graph.search(codes, &query, ef, accept, usize::MAX, &mut scratch).unwrap();
        assert!(walk.complete && walk.candidates.is_sorted_by(|a, b| a.0 >= b.0));
        assert!(walk.candidates.iter().all(|&(_, row)| accept(row)));
        let k = exact.len().min(10);
        let found = walk.candidates.iter().take(k);
        hits += found.filter(|found| found.0 >= exact[k - 1].0).count();
        wanted += k;
    }
    hits as f32 / wanted as f32
}

#[test]
fn search_recall_is_high_on_every_instruction_set() {
    let codes = encode_vectors(&vectors(2000, 100), 100);
    for simd in Simd::available() {
        let codes = codes.clone().with_simd(simd);
        let graph = build_graph(&codes);
        let recall = recall(&graph, &codes, 64, |_| true);
        assert!(recall >= 0.97, "{simd:?}: {recall}");
    }
}

#[test]
fn build_works_for_every_dimension_and_small_count() {
    for (count, dimension) in [(0, 4), (1, 4), (2, 384), (3, 100), (17, 4), (40, 384), (500, 4)] {
        let codes = encode_vectors(&vectors(count, dimension), dimension);
        let graph = build_graph(&codes);
        let recall = if count == 0 { 1.0 } else { recall(&graph, &codes, 32, |_| true) };
        assert!(recall >= if count < 50 { 1.0 } else { 0.95 }, "{count} × {dimension}: {recall}");
        let query = CodedQuery::new(&clustered(7, dimension));
        let walk = graph.search(&codes, &query, 50, |_| true, usize::MAX, &mut Scratch::default()).unwrap();
        assert_eq!(walk.candidates.len(), count.min(50), "{count} × {dimension}");
        assert!(walk.complete);
    }
}

#[test]
fn copies_do_not_hide_other_nodes() {
    let mut vectors = vectors(3000, 32);
    for copy in 0..300 {
        vectors[copy * 10] = vectors[5].clone();
    }
    let codes = encode_vectors(&vectors, 32);
    let graph = build_graph(&codes);
    let mut scratch = Scratch::default();
    for (row, vector) in (0..).zip(&vectors) {
        let walk = graph.search(&codes, &CodedQuery::new(vector), 32, |_| true, usize::MAX, &mut scratch).unwrap();
        assert!(walk.candidates.iter().any(|found| found.1 == row), "row {row}");
        if row == 5 {
            let mut equal: Vec<u32> =
                walk.candidates.iter().filter(|c| c.0 == walk.candidates[0].0).map(|c| c.1).collect();
            equal.sort_unstable();
            let mut copies: Vec<u32> = (0..300).map(|copy| copy * 10).chain([5]).collect();
            copies.sort_unstable();
            assert_eq!(equal, copies);
        }
    }
    // Accepts one row of a node with copies.
    let only = |row| row == 2990;
    let walk = graph.search(&codes, &CodedQuery::new(&vectors[5]), 4, only, usize::MAX, &mut scratch).unwrap();
    assert_eq!(walk.candidates.iter().map(|found| found.1).collect::<Vec<_>>(), [2990]);
}

#[test]
fn filter_keeps_the_recall() {
    let codes = encode_vectors(&vectors(3000, 64), 64);
    let graph = build_graph(&codes);
    for percent in [50, 10] {
        let recall = recall(&graph, &codes, 64, |row| mix(u64::from(row)) % 100 < percent);
        assert!(recall >= 0.97, "{percent} %: {recall}");
    }
    let nothing =
        graph.search(&codes, &CodedQuery::new(&clustered(1, 64)), 10, |_| false, 9999, &mut Scratch::default());
    assert_eq!(nothing.unwrap().candidates, []);
}

#[test]
fn budget_ends_a_search_as_incomplete() {
    let codes = encode_vectors(&vectors(2000, 16), 16);
    let (graph, query) = (build_graph(&codes), CodedQuery::new(&clustered(1, 16)));
    let search = |budget| graph.search(&codes, &query, 50, |_| true, budget, &mut Scratch::default()).unwrap();
    let whole = search(usize::MAX);
    assert!(whole.complete && search(whole.compared).complete);
    for budget in [0, 1, 30, 100, whole.compared - 1] {
        let part = search(budget);
        assert!(!part.complete, "{budget}");
        // The descent is counted, but never stopped.
        assert!(part.compared <= budget.max(200), "{} > {budget}", part.compared);
    }
}

#[test]
fn section_has_its_length_and_recall_table() {
    let codes = encode_vectors(&vectors(4000, 24), 24);
    let bytes = build_bytes(&codes, &GraphParameters::default(), &pool(), &AtomicBool::new(false)).unwrap();
    assert!(bytes.len() <= 140 * 4000 + 4096, "{}", bytes.len());
    let graph = open_graph(&bytes, 4000).unwrap();
    let table = graph.recall_table();
    assert!(table.recall.iter().all(|row| row.is_sorted_by(|a, b| *b >= a - 0.02) && row[11] > 0.99), "{table:?}");
    let mut last = 0;
    for k in [1, 7, 10, 50, 77, 100, 300] {
        let ef = graph.ef_for(0.9, k).unwrap();
        assert!(ef >= k && ef >= last && graph.ef_for(0.95, k).unwrap() >= ef, "{k}: {ef} after {last}");
        last = ef;
    }
    for ef in [1, 16, 20, 300, 4096, 9000] {
        let compared = graph.compared(ef);
        let query = CodedQuery::new(&clustered(5, 24));
        let walk = graph.search(&codes, &query, ef, |_| true, usize::MAX, &mut Scratch::default()).unwrap();
        assert!(compared <= 3 * walk.compared + 3000 && walk.compared <= 3 * compared, "{ef}: {compared}");
    }
    let never_reached = RecallTable { recall: [[0.5; 12]; 3], ..*table };
    assert_eq!(never_reached.ef_for(0.9, 10), None);
}

#[test]
fn build_is_cancelled_at_any_time() {
    let codes = encode_vectors(&vectors(3000, 16), 16);
    let pool = pool();
    let stopped = build_bytes(&codes, &GraphParameters::default(), &pool, &AtomicBool::new(true));
    assert!(matches!(stopped, Err(Error::Interrupted)));
    // Set after this many reads, in any of the phases; one of these builds makes about a million reads.
    for reads in [100, 5000, 100_000, 400_000] {
        let (cancel, left) = (AtomicBool::new(false), AtomicUsize::new(reads));
        let watched = |bytes: &Aligned<u8>| Watched { bytes: bytes.clone(), left: &left, cancel: &cancel };
        let (rows, scales) = copy_sections(&codes);
        let codes = Codes::new(watched(&rows), watched(&scales), 16, 3000).unwrap();
        let stopped = build_bytes(&codes, &GraphParameters::default(), &pool, &cancel);
        assert!(matches!(stopped, Err(Error::Interrupted)), "{reads}");
    }
}

/// Sets `cancel` after a number of reads.
struct Watched<'a> {
    bytes: Aligned<u8>,
    left: &'a AtomicUsize,
    cancel: &'a AtomicBool,
}

impl Stored for Watched<'_> {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        if self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err() {
            self.cancel.store(true, Relaxed);
        }
        self.bytes[..].read(range)
    }
}

fn copy_sections(codes: &Owned) -> (Aligned<u8>, Aligned<u8>) {
    let mut rows = Aligned::<u8>::zeroed(codes.rows() * stride(codes.dimension()));
    let mut scales = Aligned::<u8>::zeroed(codes.rows() * 4);
    for row in 0..codes.rows() {
        let bytes = codes.row(row).unwrap();
        rows[row * bytes.len()..(row + 1) * bytes.len()].copy_from_slice(bytes);
        scales[row * 4..row * 4 + 4].copy_from_slice(&codes.scale(row).unwrap().to_le_bytes());
    }
    (rows, scales)
}

#[test]
fn damaged_graph_never_panics() {
    let mut vectors = vectors(600, 16);
    vectors[9] = vectors[3].clone();
    vectors[500] = vectors[3].clone();
    let codes = encode_vectors(&vectors, 16);
    let parameters = GraphParameters { m: 4, ef_construction: 20 };
    let bytes = build_bytes(&codes, &parameters, &pool(), &AtomicBool::new(false)).unwrap();
    let whole = open_graph(&bytes, 600).unwrap();
    let mut scratch = Scratch::default();
    let mut survives = |bytes: &[u8]| {
        let Ok(graph) = open_graph(bytes, 600) else { return false };
        for seed in [3, 9, 77] {
            let query = CodedQuery::new(&vectors[seed]);
            match graph.search(&codes, &query, 100, |_| true, usize::MAX, &mut scratch) {
                Ok(walk) => assert!(walk.candidates.iter().all(|&(_, row)| row < 600)),
                Err(error) => assert!(error.is_corruption(), "{error}"),
            }
            let _ = graph.ef_for(0.95, seed);
        }
        true
    };
    assert!(
        survives(&bytes) && !survives(&bytes[..HEADER - 1]) && !survives(&bytes[..bytes.len() - 1]) && !survives(&[])
    );
    let mut refused = 0;
    for at in 0..HEADER {
        for change in [1, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= change;
            refused += usize::from(!survives(&damaged));
        }
    }
    assert!(refused >= 3 * 32, "{refused}");
    for seed in 0..3000u64 {
        let mut damaged = bytes.clone();
        for flip in 0..1 + seed % 4 {
            let at = HEADER + mix(seed * 4 + flip) as usize % (bytes.len() - HEADER);
            damaged[at] ^= 1 << (mix(seed ^ flip << 40) % 8);
        }
        survives(&damaged);
    }
    // A list with a row that does not exist is an error when a search meets it.
    let mut damaged = bytes.clone();
    let at = whole.layout.level_at(0);
    for word in damaged[at..whole.layout.groups_at()].as_chunks_mut::<4>().0 {
        if *word != NONE.to_le_bytes() {
            *word = 600u32.to_le_bytes();
        }
    }
    let search = |graph: &Graph<_>| {
        graph.search(&codes, &CodedQuery::new(&vectors[0]), 9, |_| true, usize::MAX, &mut Scratch::default())
    };
    assert!(search(&open_graph(&damaged, 600).unwrap()).unwrap_err().to_string().contains("row 600"));
    assert!(search(&whole).is_ok());
}

#[test]
fn damaged_codes_are_an_error() {
    let codes = encode_vectors(&vectors(300, 16), 16);
    let (rows, mut scales) = copy_sections(&codes);
    scales[40..44].copy_from_slice(&f32::NAN.to_le_bytes());
    let codes = Codes::new(rows, scales, 16, 300).unwrap();
    let built = build_bytes(&codes, &GraphParameters::default(), &pool(), &AtomicBool::new(false));
    assert!(built.is_err_and(|error| error.is_corruption()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Few different small vectors, so that many are equal, zero, or of different lengths.
    #[test]
    fn search_returns_all_rows_of_any_vectors(rows in prop::collection::vec(prop::array::uniform3(-2i8..3), 0..120)) {
        let vectors: Vec<Vec<f32>> = rows.iter().map(|row| row.iter().map(|&x| f32::from(x)).collect()).collect();
        let codes = encode_vectors(&vectors, 3);
        let graph = build_graph(&codes);
        let query = CodedQuery::new(&[1.0, -0.5, 0.25]);
        let walk = graph.search(&codes, &query, rows.len(), |_| true, usize::MAX, &mut Scratch::default()).unwrap();
        let mut found: Vec<u32> = walk.candidates.iter().map(|&(_, row)| row).collect();
        found.sort_unstable();
        prop_assert_eq!(found, (0..rows.len() as u32).collect::<Vec<_>>());
        prop_assert!(walk.complete);
    }
}
