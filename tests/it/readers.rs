//! Reading processes beside a writing one: never an error, never two commits at once, never one that is older than
//! what was acknowledged before.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nigh::{Collection, CollectionOptions, Document};

use crate::support::{Place, Random, assert_sound, ignored_test};

/// Names the child's directory and says which child it is; only the tests below set it.
const CHILD: &str = "NIGH_TEST_READER";
const DIMENSION: usize = 8;
/// Documents that every commit writes anew.
const TOGETHER: usize = 30;
/// Others, for merges that take a while.
const BALLAST: usize = 9000;
const READERS: usize = 4;

/// All of a commit's lie near the first axis, which the others do not touch.
fn together(n: u64, i: usize) -> Document {
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

/// The one commit that all of these are of.
fn one(numbers: &BTreeSet<u64>, at_least: u64, what: &str) -> u64 {
    assert_eq!(numbers.len(), 1, "{what}: torn between {numbers:?}");
    let n = *numbers.first().unwrap();
    assert!(n >= at_least, "{what}: commit {n}, though {at_least} was acknowledged before");
    n
}

fn look(collection: &Collection, directory: &Path, exhaustive: bool) {
    let before = acknowledged(directory);
    let hits = collection.search_by_vector(axis()).limit(TOGETHER).exact(exhaustive).run().unwrap();
    let of = |text: &str| text.split_once(" of ").map(|(n, _)| n.parse::<u64>().unwrap());
    assert!(!exhaustive || hits.hits.len() == TOGETHER && hits.hits.iter().all(|h| of(&h.passage.text).is_some()));
    let numbers = hits.hits.iter().filter_map(|hit| {
        let n = of(&hit.passage.text);
        assert_eq!(n, hit.document.metadata.get("commit").and_then(|n| n.as_u64()));
        n
    });
    let seen = one(&numbers.collect(), before, "search");
    let status = collection.status().unwrap();
    assert!(status.documents as usize == TOGETHER + BALLAST && status.generation >= hits.generation, "{status:?}");
    let like = collection.similar_to("together 3").limit(2).run().unwrap();
    assert!(like.hits.iter().all(|hit| hit.document.id.as_str() != "together 3"));
    let document = collection.document("together 7").unwrap().unwrap();
    assert!(of(&document.text).unwrap() >= seen);
}

fn export(collection: &Collection, directory: &Path) {
    let before = acknowledged(directory);
    let (mut numbers, mut count) = (BTreeSet::new(), 0);
    for document in collection.export().run().unwrap() {
        count += 1;
        numbers.extend(document.unwrap().metadata.get("commit").and_then(|n| n.as_u64()));
    }
    assert_eq!(count, TOGETHER + BALLAST);
    one(&numbers, before, "export");
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
        look(&held, directory, looks % 2 == 0);
        let fresh = Collection::open_read_only(&path).unwrap();
        look(&fresh, directory, which % 2 == 0);
        if looks % 20 == which {
            export(if which % 2 == 0 { &held } else { &fresh }, directory);
        }
        if looks % 50 == 10 * which {
            assert_sound(&fresh);
        }
        looks += 1;
    }
    eprintln!("looks {looks}");
}

/// Ends the children, whatever the test does.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn run(time: Duration) {
    let place = Place::new();
    let path = place.path("v");
    let options = || CollectionOptions::new().dimension(DIMENSION).lock_timeout(Duration::from_secs(5));
    let mut collection = options().open(&path).unwrap();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all((0..BALLAST).map(|i| ballast(i, i as u64))).run().unwrap();
    writer.upsert_all((0..TOGETHER).map(|i| together(1, i))).run().unwrap();
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
        writer.upsert_all((0..TOGETHER).map(|i| together(n, i))).run().unwrap();
        let first = random.below(BALLAST - 300);
        let some = random.below(300);
        writer.upsert_all((first..first + some).map(|i| ballast(i, n * 10_000 + i as u64))).run().unwrap();
        writer.commit().unwrap();
        acknowledge(place.root(), n);
        if n % 25 == 0 {
            // Another writer, which deletes what the one before left.
            drop(writer);
            drop(collection);
            collection = options().open(&path).unwrap();
            writer = collection.writer().unwrap();
        }
    }
    fs::write(place.path("stop"), "").unwrap();
    for (which, child) in children.0.drain(..).enumerate() {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "reader {which}: {said}");
        eprintln!("reader {which}: {}", said.lines().last().unwrap_or_default());
    }
    let status = collection.status().unwrap();
    eprintln!("{n} commits, generation {}, {} segments, {} graphs", status.generation, status.segments, status.graphs);
    assert!(n > 3, "hardly anything was written");
    assert_sound(&collection);
}

#[test]
fn readers_see_one_commit_at_a_time() {
    run(Duration::from_secs(5));
}

#[test]
#[ignore = "a minute"]
fn readers_see_one_commit_at_a_time_for_a_minute() {
    run(Duration::from_secs(60));
}
