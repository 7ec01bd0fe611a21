//! Recall stays the same after ten rounds in which half of all documents is deleted and as many are added.

use std::collections::HashSet;
use std::fs;

use super::fixture::*;
use crate::index::merge_policy::MergePolicy;
use crate::index::{Shape, Snapshot};

/// The files of a measurement by hand: `BASE.npy:QUERIES.npy`, `[n, dimension]` f32; and how many vectors are used.
const VECTORS: &str = "NIGH_TEST_VECTORS";
const COUNT: &str = "NIGH_TEST_COUNT";
/// The requested recall; 0.99 by default. At 20,000 rows a scan may be cheaper than a graph search for that recall.
const RECALL: &str = "NIGH_TEST_RECALL";
const ROUNDS: usize = 10;

/// Returns recall@10 compared with exact searches, and the share of searches that used a graph.
fn recall(snapshot: &Snapshot, queries: &[Vec<f32>], requested_recall: f32) -> (f64, f64) {
    let (mut hit, mut expected, mut used_graph) = (0, 0, 0);
    for query in queries {
        let all = exact(query, 10).search(snapshot).unwrap();
        let quick =
            TestRequest { exact: false, recall: requested_recall, ..exact(query, 10) }.search(snapshot).unwrap();
        let best: HashSet<u64> = all.rows.iter().map(|found| found.document).collect();
        hit += quick.rows.iter().filter(|found| best.contains(&found.document)).count();
        expected += best.len();
        used_graph += usize::from(quick.segments.iter().any(|plan| plan.ef.is_some()));
    }
    (hit as f64 / expected as f64, used_graph as f64 / queries.len() as f64)
}

/// In each round deletes half of the documents and adds as many new vectors. Returns the recall at the start and after each round.
fn replace_half(
    world: &mut World,
    vectors: &mut dyn FnMut() -> Vec<f32>,
    size: usize,
    queries: &[Vec<f32>],
    requested_recall: f32,
) -> Vec<f64> {
    let mut random = Random(3);
    let (mut next, mut recalls) = (0, Vec::new());
    for round in 0..=ROUNDS {
        let mut removed: Vec<u64> = world.documents.keys().copied().collect();
        // A random half stays: it is taken out of the list.
        for _ in 0..removed.len() / 2 {
            let index = random.below(removed.len() as u64) as usize;
            removed.swap_remove(index);
        }
        let missing = size - (world.documents.len() - removed.len());
        // In several commits.
        for _ in 0..16 {
            let put = (0..missing / 16).map(|_| {
                next += 1;
                world.numbered(next, &format!("{next}"), &[vectors()], &mut random)
            });
            let put = put.collect();
            let removed_now = removed.split_off(removed.len().saturating_sub(size / 32 + 1));
            world.publish(put, removed_now);
        }
        world.publish(Vec::new(), removed);
        world.merge_all();
        let snapshot = world.snapshot();
        let (recall, graph_share) = recall(&snapshot, queries, requested_recall);
        let (segments, graphs) = (snapshot.segment_count(), snapshot.graph_count());
        eprintln!(
            "round {round}: {} documents, {segments} segments, {graphs} graphs, {graph_share:.2} by graphs, recall {recall:.4}",
            world.documents.len()
        );
        assert!(graph_share > 0.5, "graphs were not tested");
        recalls.push(recall);
    }
    recalls
}

fn assert_steady(recalls: &[f64]) {
    for (round, recall) in recalls.iter().enumerate() {
        assert!(*recall >= 0.99 * recalls[0], "round {round}: {recall}, of {} at the start", recalls[0]);
    }
}

#[test]
fn recall_survives_ten_deletions_of_half() {
    let shape = Shape { dimension: 24, half: true };
    let mut world = World::new(shape, MergePolicy { graph_min_rows: 1000, commit_max_rows: 500 });
    let (mut random, mut asking) = (Random(5), Random(6));
    let queries: Vec<Vec<f32>> = (0..100).map(|_| asking.direction(24)).collect();
    assert_steady(&replace_half(&mut world, &mut || random.direction(24), 2400, &queries, 0.99));
}

/// Reads an npy file: `[n, dimension]` f32.
fn read_npy(path: &str, most: usize) -> Vec<Vec<f32>> {
    let bytes = fs::read(path).unwrap();
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header_text = String::from_utf8_lossy(&bytes[10..header]).into_owned();
    assert!(header_text.contains("'<f4'") && header_text.contains("False"), "{header_text}");
    let shape = header_text.split_once('(').unwrap().1;
    let dimension: usize = shape.split([',', ')']).nth(1).unwrap().trim().parse().unwrap();
    let values: Vec<f32> = bytes[header..].as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    values.chunks_exact(dimension).take(most).map(unit).collect()
}

#[test]
#[ignore = "needs files of vectors"]
fn recall_of_real_vectors() {
    let given = std::env::var(VECTORS).unwrap();
    let size = std::env::var(COUNT).map_or(20_000, |count| count.parse().unwrap());
    let requested_recall = std::env::var(RECALL).map_or(0.99, |recall| recall.parse().unwrap());
    let (base, queries) = given.split_once(':').unwrap();
    let (base, queries) = (read_npy(base, usize::MAX), read_npy(queries, 200));
    let shape = Shape { dimension: queries[0].len() as u32, half: true };
    // All segments have graphs, except the smallest.
    let mut world = World::new(shape, MergePolicy { graph_min_rows: 2000, commit_max_rows: 1000 });
    // Vectors that are added again come after all others.
    let mut order = base.iter().cycle();
    assert_steady(&replace_half(&mut world, &mut || order.next().unwrap().clone(), size, &queries, requested_recall));
}
