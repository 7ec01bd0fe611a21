//! `kill -9` at any moment while documents with their own vectors are committed, published, and merged in the background.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nigh::{Collection, CollectionOptions, Document, ExportedDocument, ExportedPassage, Imported};

use crate::support::{Place, Random, assert_sound, ignored_test};

/// The variable with the child's collection and its first commit; only the tests below set it.
const CHILD: &str = "NIGH_TEST_KILLED";
/// The variable with a seed to repeat a run.
const SEED: &str = "NIGH_TEST_SEED";
const DIMENSION: usize = 8;
/// Commit n rewrites the documents of slot n % SLOTS.
const SLOTS: u64 = 16;
const DOCUMENTS: u64 = 100;
/// Passages of a document: enough for merges in the background after eight commits.
const PASSAGES: u64 = 7;

fn vector(seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    let vector: Vec<f64> = (0..DIMENSION).map(|_| random.normal()).collect();
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter().map(|x| (x / length) as f32).collect()
}

/// Document `i` of commit `n`. `None`: the commit removes it.
fn document(n: u64, i: u64) -> Option<ExportedDocument> {
    if i.is_multiple_of(10) && (n / SLOTS + i / 10) % 2 == 1 {
        return None;
    }
    let (mut text, mut passages) = (String::new(), Vec::new());
    for p in 0..PASSAGES {
        let start = text.len();
        text.push_str(&format!("commit {n}, 第 {i} 篇, passage {p}\n"));
        let span = nigh::Span::new(start..text.len(), p as usize + 1..p as usize + 2);
        let mut passage = ExportedPassage::new(span, vector((n * 1000 + i) * 100 + p));
        passage.headings = vec![format!("{n}")];
        passages.push(passage);
    }
    let mut document = ExportedDocument::new(document_id(n, i), text);
    document.metadata = [("commit".to_owned(), n.into())].into();
    document.passages = Some(passages);
    Some(document)
}

/// More documents than the commits write, so that a merge of all takes a while. Graphs need even more: crashes while one is
/// built are tested at fail points, in `src/index/tests/`.
const BALLAST: u64 = 9000;

/// Rewrites all of the ballast.
fn write_ballast(collection: &Collection, seed: u64) {
    let mut writer = collection.writer().unwrap();
    let document = |i| Document::new(format!("ballast {i}"), "ballast").with_vector(vector((seed << 32) + i));
    writer.upsert_all((0..BALLAST).map(document)).run().unwrap();
    writer.commit().unwrap();
}

fn document_id(n: u64, i: u64) -> String {
    format!("slot {}/{i}", n % SLOTS)
}

/// Returns all documents after `n` commits, each with the commit that wrote it.
fn expected_state(n: u64) -> BTreeMap<String, u64> {
    let mut state = BTreeMap::new();
    for commit in n.saturating_sub(SLOTS) + 1..=n {
        state.extend(
            (0..DOCUMENTS).filter(|&i| document(commit, i).is_some()).map(|i| (document_id(commit, i), commit)),
        );
    }
    state
}

fn commit(collection: &Collection, n: u64) {
    let mut writer = collection.writer().unwrap();
    for i in 0..DOCUMENTS {
        match document(n, i) {
            Some(document) => assert_eq!(writer.import(document).unwrap(), Imported::Stored),
            None => {
                writer.remove(&document_id(n, i)).unwrap();
            }
        }
    }
    writer.commit().unwrap();
}

#[test]
#[ignore = "the child of the tests below"]
fn child() {
    let Ok(given) = std::env::var(CHILD) else { return };
    let (first, path) = given.split_once(':').unwrap();
    let collection = CollectionOptions::new().dimension(DIMENSION).open(path).unwrap();
    let mut out = std::io::stdout();
    for n in first.parse().unwrap().. {
        commit(&collection, n);
        writeln!(out, "acknowledged {n}").unwrap();
        out.flush().unwrap();
    }
}

/// Returns each document of the collection with its commit; checks all of its passages.
fn read_commits(collection: &Collection) -> BTreeMap<String, u64> {
    let (mut all, mut ballast) = (BTreeMap::new(), 0);
    for found in collection.export().vectors(true).run().unwrap().map(Result::unwrap) {
        if found.id.starts_with("ballast") {
            ballast += 1;
            continue;
        }
        let n = found.metadata["commit"].as_u64().unwrap();
        let i: u64 = found.id.split_once('/').unwrap().1.parse().unwrap();
        let wanted = document(n, i).unwrap_or_else(|| panic!("{} should be removed", found.id));
        assert_eq!((&found.id, &found.text), (&wanted.id, &wanted.text));
        for (a, b) in found.passages.as_ref().unwrap().iter().zip(wanted.passages.as_ref().unwrap()) {
            assert_eq!((a.start_byte, a.end_byte, &a.headings), (b.start_byte, b.end_byte, &b.headings));
            assert!(a.vector.iter().zip(&b.vector).all(|(a, b)| (a - b).abs() < 1e-3), "{}", found.id);
        }
        assert_eq!(found.passages.unwrap().len(), wanted.passages.unwrap().len());
        all.insert(found.id, n);
    }
    assert_eq!(ballast, BALLAST);
    all
}

/// Asserts that some documents are found by their passages' vectors, with exact and with approximate search.
fn assert_found(collection: &Collection, there: &BTreeMap<String, u64>, random: &mut Random) {
    for _ in 0..4 {
        let Some((id, &n)) = there.iter().nth(random.below(there.len().max(1))) else { return };
        let i: u64 = id.split_once('/').unwrap().1.parse().unwrap();
        let p = random.below(PASSAGES as usize);
        let search = collection.search_by_vector(vector((n * 1000 + i) * 100 + p as u64)).limit(3);
        for hits in [search.clone().exact(true).run().unwrap(), search.run().unwrap()] {
            let hit = hits
                .into_iter()
                .find(|hit| hit.document.id.as_str() == id)
                .unwrap_or_else(|| panic!("{id} is not found"));
            assert_eq!(hit.passage.text, format!("commit {n}, 第 {i} 篇, passage {p}\n"));
        }
    }
}

/// True if each document is as before the commit or as after it.
fn is_between(there: &BTreeMap<String, u64>, old: &BTreeMap<String, u64>, new: &BTreeMap<String, u64>) -> bool {
    let mut names = old.keys().chain(new.keys()).chain(there.keys());
    names.all(|id| there.get(id) == old.get(id) || there.get(id) == new.get(id))
}

/// Runs a child from commit `first` on and kills it; returns the last acknowledged commit, or `first` - 1.
fn run_and_kill(path: &Path, first: u64, life: Duration) -> u64 {
    let mut child = ignored_test("killed::child")
        .env(CHILD, format!("{first}:{}", path.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(life);
    child.kill().unwrap();
    let (mut message, mut complaints) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut message).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    child.wait().unwrap();
    assert!(!complaints.contains("panicked"), "the child failed by itself: {complaints}");
    let whole = message.rsplit_once('\n').map_or("", |s| s.0);
    let last = whole.lines().filter_map(|line| line.split_once("acknowledged ")?.1.parse().ok()).max();
    last.unwrap_or(first - 1)
}

fn run_rounds(count: usize) {
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let seed = given.unwrap_or_else(clock);
    eprintln!("{SEED}={seed}");
    let mut random = Random(seed);
    let place = Place::new();
    let path = place.path("v");
    let options = || CollectionOptions::new().lock_timeout(Duration::from_secs(5));
    write_ballast(&options().dimension(DIMENSION).open(&path).unwrap(), 0);
    let (mut last, mut ahead, mut recovered, mut merges, mut graphs) = (0, 0, 0, 0, 0);
    let started = Instant::now();
    for round in 0..count {
        let before = last;
        // Most children live briefly; some live through merges, a few longer.
        let (least, most) =
            [(5, 500), (5, 2000), (5000, 7000)][usize::from(round % 8 == 7) + usize::from(round % 16 == 15)];
        last = run_and_kill(&path, last + 1, Duration::from_millis((least + random.below(most - least)) as u64));
        // A reader sees exactly one commit.
        let reader = options().read_only(true).open(&path).unwrap();
        let seen = read_commits(&reader);
        let next = seen != expected_state(last);
        let (old, new) = (expected_state(last), expected_state(last + 1));
        // A killed commit may have left whole documents in the records; the next writer publishes them.
        let in_part = last == before && is_between(&seen, &old, &new);
        assert!(!next || seen == new || in_part, "round {round}: neither commit {last} nor the next");
        assert_found(&reader, &seen, &mut random);
        let status = reader.status().unwrap();
        // Without merges each slot would have its own segment.
        merges += usize::from(status.segments as u64 + 3 < last.min(SLOTS));
        graphs += usize::from(status.graphs > 0);
        ahead += usize::from(next);
        if round % 16 == 14 || random.below(3) > 0 {
            // A writer finds all of that, and whole documents of the unfinished commit.
            let writer = options().open(&path).unwrap();
            let now = read_commits(&writer);
            assert!(is_between(&now, &old, &new), "round {round}: a mix of other commits than {last} and the next");
            recovered += usize::from(now != old && now != new);
            if round % 4 == 0 || count > 100 {
                assert_sound(&writer);
            }
            if round % 16 == 14 {
                write_ballast(&writer, round as u64);
            }
            assert!(reader.search_by_vector(vector(1)).run().is_ok());
        }
        assert!(last >= before);
    }
    let writer = options().open(&path).unwrap();
    assert_sound(&writer);
    eprintln!(
        "{count} kills in {:?}: {last} commits; published but not acknowledged {ahead}, records ahead in part {recovered}, \
         with merges {merges}, with graphs {graphs}",
        started.elapsed()
    );
    assert!(last > count as u64 / 4, "no child lived long enough");
}

#[test]
fn kill_while_publishing_and_merging_keeps_acknowledged_commits() {
    run_rounds(40);
}

#[test]
#[ignore = "minutes"]
fn kill_three_hundred_times() {
    run_rounds(300);
}
