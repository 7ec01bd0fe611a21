//! `kill -9` at any moment while a folder is indexed: the collection opens, holds what was acknowledged, and converges.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nigh::Document;

use crate::support::{Place, Random, assert_sound, counts, exported, ignored_test, index, text};

/// The variable with the child's place; only the tests below set it.
const PLACE: &str = "NIGH_TEST_CRASH";
/// The variable with a seed to repeat a run.
const SEED: &str = "NIGH_TEST_SEED";
const ROUNDS: usize = 10;
/// Number of folders below `docs/`; each is indexed and acknowledged separately.
const PARTS: usize = 4;
const FILES: usize = 6;

fn fill(place: &Place) {
    for part in 0..PARTS {
        for file in 0..FILES {
            let seed = (part * FILES + file) as u64;
            place.write(&format!("part {part}/文档 {file}.md"), text::markdown(seed, 30));
        }
    }
}

/// Returns a document that the child adds itself after each part.
fn note_document(part: usize) -> Document {
    Document::new(format!("note {part}"), text::markdown(900 + part as u64, 5)).with("part", part)
}

/// The work of the child. Calls `say` with each acknowledged step; in the child process it prints a line.
fn work(place: &Place, say: &mut dyn FnMut(String)) {
    let collection = place.open();
    say("open".to_owned());
    let mut writer = collection.writer().unwrap();
    for part in 0..PARTS {
        let name = format!("part {part}");
        index(&mut writer, &place.docs().join(&name), &format!("{name}/"));
        say(name);
        writer.upsert(note_document(part)).unwrap();
        writer.commit().unwrap();
        say(format!("note {part}"));
    }
}

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Some(root) = std::env::var_os(PLACE) else { return };
    let mut out = std::io::stdout();
    work(&Place::at(root), &mut |line| {
        writeln!(out, "acknowledged {line}").unwrap();
        out.flush().unwrap();
    });
}

/// Runs the child, kills it after `life`, and returns what it acknowledged.
fn run_and_kill(place: &Place, life: Option<Duration>) -> Vec<String> {
    let mut child = ignored_test("crash::child")
        .env(PLACE, place.root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(life) = life {
        thread::sleep(life);
        child.kill().unwrap();
    }
    let mut message = String::new();
    child.stdout.take().unwrap().read_to_string(&mut message).unwrap();
    let mut complaints = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || !complaints.contains("panicked"), "the child failed by itself: {complaints}");
    // The test harness prints its own text before the first line, and a kill may cut the last line.
    let whole = message.rsplit_once('\n').map_or("", |s| s.0);
    whole.lines().filter_map(|line| Some(line.split_once("acknowledged ")?.1.to_owned())).collect()
}

fn assert_acknowledged(place: &Place, acknowledged: &[String]) {
    let collection = place.open();
    assert_sound(&collection);
    let there: BTreeMap<String, String> = exported(&collection).into_iter().map(|d| (d.id, d.text)).collect();
    for name in acknowledged.iter().filter(|name| *name != "open") {
        if let Some(part) = name.strip_prefix("note ") {
            assert_eq!(there.get(name), Some(&note_document(part.parse().unwrap()).text), "{name} is lost");
            continue;
        }
        for file in 0..FILES {
            let id = format!("{name}/文档 {file}.md");
            let text = fs::read_to_string(place.docs().join(&id)).unwrap();
            assert!(there.get(&id) == Some(&text), "{id} is lost");
        }
    }
    // A document that was not acknowledged is stored completely or not at all.
    for (id, text) in there.iter().filter(|(id, _)| id.ends_with(".md")) {
        assert!(fs::read_to_string(place.docs().join(id)).unwrap() == *text, "{id} is not whole");
    }
}

fn seed() -> u64 {
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let seed = given.unwrap_or_else(clock);
    eprintln!("{SEED}={seed}");
    seed
}

#[test]
fn kill_at_any_moment_keeps_committed_documents() {
    let place = Place::new();
    fill(&place);
    let started = Instant::now();
    let whole = run_and_kill(&place, None);
    let life = started.elapsed();
    assert_eq!(whole.len(), 1 + 2 * PARTS, "{whole:?}");
    let expected = exported(&place.open());
    assert_eq!(expected.len(), PARTS * (FILES + 1));

    let mut random = Random(seed());
    let (mut early, mut late) = (0, 0);
    for round in 0..ROUNDS {
        remove(&place.path("notes.nigh"));
        // Twice in a row: the second run continues from the state that the first one left.
        let mut acknowledged = Vec::new();
        for _ in 0..2 {
            acknowledged.extend(run_and_kill(&place, Some(life.mul_f64(random.unit() * 0.9))));
            if place.path("notes.nigh").exists() {
                assert_acknowledged(&place, &acknowledged);
            }
        }
        early += usize::from(acknowledged.len() < 3);
        late += usize::from(acknowledged.len() > 5);
        work(&place, &mut |_| {});
        let collection = place.open();
        assert!(exported(&collection) == expected, "round {round}: not what a run without a kill has");
        assert_sound(&collection);
        let again = index(&mut collection.writer().unwrap(), &place.docs().join("part 0"), "part 0/");
        assert_eq!((counts(&again), again.passages_encoded), ([0, 0, FILES, 0, 0, 0], 0));
    }
    eprintln!("a whole run took {life:?}; of {ROUNDS} rounds {early} were killed early, {late} late");
    assert!(early + late > 0, "every kill came at the same moment");
}

fn remove(directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
}
