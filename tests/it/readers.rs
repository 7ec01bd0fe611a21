//! Reading processes while another one writes: no reader sees an error, a mix of two commits, or a commit older than one that was
//! acknowledged before.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nigh::{Collection, CollectionOptions, Document};

use crate::support::{Place, Random, assert_sound, ignored_test};

/// The variable with the child's number and its directory; only the tests below set it.
const CHILD: &str = "NIGH_TEST_READER";
const DIMENSION: usize = 8;
/// Number of documents that every commit rewrites.
const COMMIT_DOCUMENTS: usize = 30;
/// Number of other documents, for merges that take a while.
const BALLAST: usize = 9000;
const READERS: usize = 4;

/// Returns a document of commit `n`. Its vector is near the first axis, where the ballast has none.
fn commit_document(n: u64, i: usize) -> Document {
    let mut random = Random(n * 1000 + i as u64);
    let mut vector: Vec<f32> = (0..DIMENSION).map(|_| 0.05 * random.normal() as f32).collect();
    vector[0] = 1.0;
    Document::new(format!("together {i}"), format!("{n} of {i}")).with("commit", n).with_vector(vector)
}

fn ballast(i: usize, seed: u64) -> Document {
    let mut random = Random(seed ^ 0x0ba1_1a57);
    let mut vector: Vec<f32> = (0..DIMENSION).map(|_| random.normal() as f32).collect();
    vector[0] = 0.0;
    Document::new(format!("ballast {i}"), format!("ballast {seed}")).with_vector(vector)
}

fn axis() -> Vec<f32> {
    let mut axis = vec![0.0; DIMENSION];
    axis[0] = 1.0;
    axis
}

fn acknowledged(directory: &Path) -> u64 {
    fs::read_to_string(directory.join("acknowledged")).unwrap().parse().unwrap()
}

fn acknowledge(directory: &Path, n: u64) {
    fs::write(directory.join("acknowledged.new"), n.to_string()).unwrap();
    fs::rename(directory.join("acknowledged.new"), directory.join("acknowledged")).unwrap();
}

/// Returns the one commit that all of these belong to.
fn only_commit(numbers: &BTreeSet<u64>, at_least: u64, what: &str) -> u64 {
    assert_eq!(numbers.len(), 1, "{what}: a mix of {numbers:?}");
    let n = *numbers.first().unwrap();
    assert!(n >= at_least, "{what}: commit {n}, though {at_least} was acknowledged before");
    n
}

fn check_search(collection: &Collection, directory: &Path, exhaustive: bool) {
    let before = acknowledged(directory);
    let hits = collection.search_by_vector(axis()).limit(COMMIT_DOCUMENTS).exact(exhaustive).run().unwrap();
    let of = |text: &str| text.split_once(" of ").map(|(n, _)| n.parse::<u64>().unwrap());
    assert!(
        !exhaustive || hits.hits.len() == COMMIT_DOCUMENTS && hits.hits.iter().all(|h| of(&h.passage.text).is_some())
    );
    let numbers = hits.hits.iter().filter_map(|hit| {
        let n = of(&hit.passage.text);
        assert_eq!(n, hit.document.metadata.get("commit").and_then(|n| n.as_u64()));
        n
    });
    let seen = only_commit(&numbers.collect(), before, "search");
    let status = collection.status().unwrap();
    assert!(
        status.documents as usize == COMMIT_DOCUMENTS + BALLAST && status.generation >= hits.generation,
        "{status:?}"
    );
    let like = collection.similar_to("together 3").limit(2).run().unwrap();
    assert!(like.hits.iter().all(|hit| hit.document.id.as_str() != "together 3"));
    let document = collection.document("together 7").unwrap().unwrap();
    assert!(of(&document.text).unwrap() >= seen);
}

fn check_export(collection: &Collection, directory: &Path) {
    let before = acknowledged(directory);
    let (mut numbers, mut count) = (BTreeSet::new(), 0);
    for document in collection.export().run().unwrap() {
        count += 1;
        numbers.extend(document.unwrap().metadata.get("commit").and_then(|n| n.as_u64()));
    }
    assert_eq!(count, COMMIT_DOCUMENTS + BALLAST);
    only_commit(&numbers, before, "export");
}

#[test]
#[ignore = "the child of the tests below"]
fn child() {
    let Ok(given) = std::env::var(CHILD) else { return };
    let (which, directory) = given.split_once(':').unwrap();
    let (which, directory): (usize, &Path) = (which.parse().unwrap(), Path::new(directory));
    let path = directory.join("v");
    let held = Collection::open_read_only(&path).unwrap();
    let mut looks = 0;
    while !directory.join("stop").exists() {
        check_search(&held, directory, looks % 2 == 0);
        let fresh = Collection::open_read_only(&path).unwrap();
        check_search(&fresh, directory, which % 2 == 0);
        if looks % 20 == which {
            check_export(if which % 2 == 0 { &held } else { &fresh }, directory);
        }
        if looks % 50 == 10 * which {
            assert_sound(&fresh);
        }
        looks += 1;
    }
    eprintln!("looks {looks}");
}

/// Kills the child processes when dropped.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn run_readers(time: Duration) {
    let place = Place::new();
    let path = place.path("v");
    let options = || CollectionOptions::new().dimension(DIMENSION).lock_timeout(Duration::from_secs(5));
    let mut collection = options().open(&path).unwrap();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all((0..BALLAST).map(|i| ballast(i, i as u64))).run().unwrap();
    writer.upsert_all((0..COMMIT_DOCUMENTS).map(|i| commit_document(1, i))).run().unwrap();
    writer.commit().unwrap();
    acknowledge(place.root(), 1);
    let spawn = |which| {
        ignored_test("readers::child")
            .env(CHILD, format!("{which}:{}", place.root().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut children = Children((0..READERS).map(spawn).collect());
    let (started, mut random, mut n) = (Instant::now(), Random(4), 1);
    while started.elapsed() < time {
        n += 1;
        writer.upsert_all((0..COMMIT_DOCUMENTS).map(|i| commit_document(n, i))).run().unwrap();
        let first = random.below(BALLAST - 300);
        let some = random.below(300);
        writer.upsert_all((first..first + some).map(|i| ballast(i, n * 10_000 + i as u64))).run().unwrap();
        writer.commit().unwrap();
        acknowledge(place.root(), n);
        if n % 25 == 0 {
            // A new writer, which deletes files that the previous one left.
            drop(writer);
            drop(collection);
            collection = options().open(&path).unwrap();
            writer = collection.writer().unwrap();
        }
    }
    fs::write(place.path("stop"), "").unwrap();
    for (which, child) in children.0.drain(..).enumerate() {
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "reader {which}: {message}");
        eprintln!("reader {which}: {}", message.lines().last().unwrap_or_default());
    }
    let status = collection.status().unwrap();
    eprintln!("{n} commits, generation {}, {} segments, {} graphs", status.generation, status.segments, status.graphs);
    assert!(n > 3, "hardly anything was written");
    assert_sound(&collection);
}

#[test]
fn readers_see_one_commit_at_a_time() {
    run_readers(Duration::from_secs(5));
}

#[test]
#[ignore = "a minute"]
fn readers_see_one_commit_at_a_time_for_a_minute() {
    run_readers(Duration::from_secs(60));
}
