//! Every passage is found by its own vector after many additions, changes, deletions and merges with graphs.

use super::fixture::*;
use crate::index::Shape;
use crate::index::merge_policy::MergePolicy;
use crate::index::segment::decode;

const POLICY: MergePolicy = MergePolicy { graph_min_rows: 600, commit_max_rows: 300 };

#[test]
fn passages_are_found_after_many_changes() {
    let shape = Shape { dimension: 16, half: true };
    let (mut world, mut random) = (World::new(shape, POLICY), Random(11));
    let mut next = 0;
    for round in 0..40 {
        let living: Vec<u64> = world.documents.keys().copied().collect();
        let (mut put, mut removed) = (Vec::new(), Vec::new());
        for number in living {
            match random.below(12) {
                0 => removed.push(number),
                1 => {
                    let name = world.documents[&number].id.to_string();
                    let vectors: Vec<_> = (0..1 + random.below(3)).map(|_| random.direction(16)).collect();
                    put.push(world.numbered(number, &name, &vectors, &mut random));
                }
                _ => {}
            }
        }
        for _ in 0..150 {
            let vectors: Vec<_> = (0..1 + random.below(3)).map(|_| random.direction(16)).collect();
            put.push(world.document(&format!("{next}"), &vectors, &mut random));
            next += 1;
        }
        world.publish(put, removed);
        if round % 3 == 0 {
            world.merge().unwrap();
        }
    }
    world.merge_all();
    let snapshot = world.snapshot();
    snapshot.verify(world.path()).unwrap();
    let (mut total, mut used_graph, mut missed) = (0, 0, Vec::new());
    for document in world.documents.values() {
        for passage in &document.passages {
            let query = unit(&decode(&passage.vector, shape));
            let request = TestRequest { exact: false, ..exact(&query, 10) };
            let answer = request.search(&snapshot).unwrap();
            total += 1;
            used_graph += usize::from(answer.segments.iter().any(|plan| plan.ef.is_some()));
            if answer.rows.iter().all(|found| found.document != document.number) {
                missed.push(passage.id);
            }
            let all = exact(&query, 10).search(&snapshot).unwrap();
            assert!(
                all.rows.iter().any(|found| found.document == document.number),
                "{:?} by comparing all",
                passage.id
            );
        }
    }
    eprintln!(
        "{total} passages, {} segments, {} graphs; {used_graph} searches by graphs",
        snapshot.segment_count(),
        snapshot.graph_count()
    );
    assert!(used_graph * 2 > total, "graphs were not tested");
    assert!(missed.is_empty(), "{} of {total} are not found by graph: {missed:?}", missed.len());
}
