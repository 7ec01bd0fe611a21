//! Compares sequences of changes, merges and reopening with the naive model.

use std::sync::Arc;

use proptest::prelude::*;

use super::fixture::*;
use crate::document::{DocumentId, PassageId};
use crate::index::{RowSet, Shape};

/// The number of names that a sequence uses.
const NAMES: u64 = 24;

#[derive(Debug, Clone)]
enum Step {
    /// The number of puts and removes; the seed chooses the names.
    Publish {
        puts: u64,
        removes: u64,
        seed: u64,
    },
    Merge,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0u64..9, 0u64..5, any::<u64>()).prop_map(|(puts, removes, seed)| Step::Publish { puts, removes, seed }),
        2 => Just(Step::Merge),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..24)
}

fn run_step(world: &mut World, step: &Step) {
    let dimension = world.shape.dimension as usize;
    match *step {
        Step::Publish { puts, removes, seed } => {
            let mut random = Random(seed);
            let (mut put, mut removed) = (Vec::new(), Vec::new());
            let mut names: Vec<u64> = (0..puts + removes).map(|_| random.below(NAMES)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let name = format!("文档/{name}");
                let stored_number = world.documents.values().find(|d| d.id.as_str() == name).map(|d| d.number);
                match stored_number {
                    Some(number) if random.below(puts + removes) < removes => removed.push(number),
                    _ => {
                        // Sometimes no vector; some vectors are the same in many documents, so that scores tie.
                        let vectors = (0..random.below(5)).map(|_| {
                            let seed = if random.below(3) == 0 { random.below(3) } else { random.next() };
                            let mut values = Random(seed);
                            unit(&(0..dimension).map(|_| values.normal()).collect::<Vec<f32>>())
                        });
                        let vectors: Vec<Vec<f32>> = vectors.collect();
                        let document = world.document(&name, &vectors, &mut random);
                        put.push(document);
                    }
                }
            }
            world.publish(put, removed);
        }
        Step::Merge => {
            world.merge().unwrap();
        }
        Step::Reopen => world.reopen(),
    }
}

fn check(world: &World, seed: u64) {
    let snapshot = world.snapshot();
    snapshot.verify(world.path()).unwrap();
    assert_eq!(snapshot.totals(), world.totals);
    assert_eq!(all_documents(&snapshot).unwrap(), world.documents.values().cloned().collect::<Vec<_>>());
    for name in (0..NAMES).map(|name| DocumentId::new(format!("文档/{name}")).unwrap()) {
        let place = snapshot.find_name(&name).unwrap();
        let number = place.map(|place| snapshot.document(place).unwrap().number());
        let wanted = world.documents.values().find(|d| d.id == name).map(|d| d.number);
        assert_eq!(number, wanted, "{name}");
    }
    for number in 0..=world.totals.next_document {
        let place = snapshot.find_number(number).unwrap();
        assert_eq!(place.is_some(), world.documents.contains_key(&number));
        assert_eq!(place.map(|p| snapshot.document(p).unwrap().number()), place.map(|_| number));
    }
    let mut random = Random(seed);
    let all: Vec<PassageId> = world.documents.values().flat_map(|d| &d.passages).map(|p| p.id).collect();
    for i in 0..6 {
        // The first query equals a vector of many documents.
        let query = Random(if i == 0 { 0 } else { random.next() }).direction(world.shape.dimension as usize);
        let query = if i == 1 { unit(&vec![1.0; query.len()]) } else { query };
        let limit = [0, 1, 3, 10, 1000][random.below(5) as usize];
        let skip = (random.below(3) == 0).then(|| random.below(world.totals.next_document + 1));
        let min_score = [f32::NEG_INFINITY, 0.0, 0.3][random.below(3) as usize];
        let within: Option<Vec<PassageId>> =
            (random.below(2) == 0).then(|| all.iter().copied().filter(|_| random.below(3) > 0).collect());
        // An id that does not exist matches nothing.
        let ids = within.iter().flatten().copied().chain([PassageId(u64::MAX)]);
        let rows = within.as_ref().map(|_| RowSet::of_passages(&snapshot, ids).unwrap());
        let request =
            TestRequest { query: &query, limit, skip, min_score, within: rows.as_ref(), recall: 0.99, exact: true };
        let answer = request.search(&snapshot).unwrap();
        let wanted = world.expected(&request, within.as_deref());
        assert_eq!(found_rows(&snapshot, &answer).unwrap(), wanted, "{skip:?} {min_score} {limit}");
        let quick = TestRequest { exact: false, ..request }.search(&snapshot).unwrap();
        assert!(quick.segments.iter().any(|plan| plan.ef.is_some()) || quick.rows == answer.rows);
    }
}

fn run(shape: Shape, steps: &[Step]) {
    let mut world = World::new(shape, SMALL);
    let (mut held, mut last) = (None, 1);
    for (i, step) in steps.iter().enumerate() {
        run_step(&mut world, step);
        check(&world, i as u64);
        let snapshot = world.snapshot();
        let generation = snapshot.generation();
        assert!(generation > last || matches!(step, Step::Merge | Step::Reopen) && generation == last);
        last = generation;
        if i == steps.len() / 2 {
            held = Some((Arc::clone(&snapshot), all_documents(&snapshot).unwrap()));
        }
    }
    world.merge_all();
    check(&world, 99);
    if let Some((snapshot, all)) = held {
        assert_eq!(all_documents(&snapshot).unwrap(), all, "the content of an open reader has changed");
        let newer = snapshot.newer(world.path()).unwrap().unwrap();
        assert_eq!(all_documents(&newer).unwrap(), all_documents(&world.snapshot()).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_with_f16_vectors_follow_the_model(steps in steps()) {
        run(Shape { dimension: 100, half: true }, &steps);
    }

    #[test]
    fn changes_with_f32_vectors_follow_the_model(steps in steps()) {
        run(Shape { dimension: 4, half: false }, &steps);
    }
}

/// A segment whose documents have no passages is not rewritten again and again.
#[test]
fn documents_without_passages_are_kept() {
    let mut world = World::new(Shape { dimension: 4, half: true }, SMALL);
    for i in 0..20 {
        let empty = world.document(&format!("文档/{i}"), &[], &mut Random(i));
        world.publish(vec![empty], Vec::new());
    }
    world.merge_all();
    check(&world, 1);
    let all: Vec<u64> = world.documents.keys().copied().collect();
    world.publish(Vec::new(), all);
    world.merge_all();
    check(&world, 2);
    assert_eq!(world.snapshot().segment_count(), 0);
}
