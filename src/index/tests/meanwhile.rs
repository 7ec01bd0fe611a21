//! A merge loses no changes that are published while it runs, and documents deleted meanwhile stay deleted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::fixture::*;
use crate::index::Shape;
use crate::index::merge_policy::MergePolicy;

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn commits_during_merges_are_kept() {
    let policy = MergePolicy { graph_min_rows: 500, commit_max_rows: 60 };
    let (mut world, mut random) = (World::new(Shape { dimension: 16, half: true }, policy), Random(31));
    world.add(&(0..1200).map(|i| format!("{i}")).collect::<Vec<_>>(), &mut random);
    let (stop, merges, during) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let under_way = AtomicBool::new(false);
    let pool = std::sync::Arc::clone(&world.pool);
    // Only the publisher is shared; the model stays with the publishing thread.
    let publisher = std::mem::replace(&mut world.publisher, World::new(world.shape, policy).publisher);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                under_way.store(true, Ordering::Relaxed);
                let merged = publisher.merge(&pool, &AtomicBool::new(false)).unwrap();
                under_way.store(false, Ordering::Relaxed);
                merges.fetch_add(usize::from(merged), Ordering::Relaxed);
            }
        });
        // Stops the thread also if an assertion fails.
        let _stop = Stop(&stop);
        let started = Instant::now();
        for round in 0..80 {
            // On a busy machine, commits sometimes wait for merges.
            while round % 20 == 19 && merges.load(Ordering::Relaxed) < round / 20 {
                assert!(started.elapsed() < Duration::from_secs(60), "no merge ends");
                std::thread::sleep(Duration::from_millis(2));
            }
            let living: Vec<u64> = world.documents.keys().copied().collect();
            let mut removed: Vec<u64> = (0..8).map(|_| living[random.below(living.len() as u64) as usize]).collect();
            removed.sort_unstable();
            removed.dedup();
            let mut put = Vec::new();
            for i in 0..8 {
                let number = living[random.below(living.len() as u64) as usize];
                let name = world.documents[&number].id.to_string();
                let vectors = [random.direction(16), random.direction(16)];
                if !removed.contains(&number) && put.iter().all(|d: &crate::index::Published| d.number != number) {
                    put.push(world.numbered(number, &name, &vectors, &mut random));
                }
                put.push(world.document(&format!("new {round} {i}"), &vectors, &mut random));
            }
            let changes = world.changes(put, removed);
            during.fetch_add(usize::from(under_way.load(Ordering::Relaxed)), Ordering::Relaxed);
            let snapshot = publisher.publish(changes).unwrap();
            assert_eq!(all_documents(&snapshot).unwrap(), world.documents.values().cloned().collect::<Vec<_>>());
            let query = random.direction(16);
            let request = TestRequest { skip: None, ..exact(&query, 20) };
            assert_eq!(
                found_rows(&snapshot, &request.search(&snapshot).unwrap()).unwrap(),
                world.expected(&request, None)
            );
        }
    });
    let (merges, during) = (merges.into_inner(), during.into_inner());
    eprintln!("{merges} merges; {during} of 80 commits began while one was under way");
    assert!(merges >= 3 && during > 5);
    let snapshot = publisher.snapshot();
    snapshot.verify(world.path()).unwrap();
    assert_eq!(all_documents(&snapshot).unwrap(), world.documents.values().cloned().collect::<Vec<_>>());
}
