//! `kill -9` while a child writes: everything that it acknowledged is there, and no document is incomplete.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use super::*;

/// The environment variable with the child's collection. Only the test below sets it.
const DIRECTORY: &str = "NIGH_RECORDS_CRASH_DIRECTORY";
const DIMENSION: usize = 16;

/// Returns the document and text that change `sequence` stores; without a text, it removes the document if it exists.
fn change_of(sequence: u64) -> (String, Option<String>) {
    let mut random = Random(sequence);
    let name = format!("文档/{}", random.below(40));
    let kind = random.below(5);
    let length = if random.below(20) == 0 { 30_000 } else { random.below(300) as usize };
    (name, (kind > 0).then(|| format!("第 {sequence} 次 change。").repeat(length)))
}

/// Returns the text of every document after the changes up to `sequence`, with the number of the change that stored it.
fn expected(sequence: u64) -> BTreeMap<String, (u64, String)> {
    let mut documents = BTreeMap::new();
    for sequence in 1..=sequence {
        let (name, text) = change_of(sequence);
        if text.is_none() && documents.remove(&name).is_some() {
            continue;
        }
        documents.insert(name, (sequence, text.unwrap_or_default()));
    }
    documents
}

fn write(store: &Store, sequence: u64) {
    let (name, text) = change_of(sequence);
    let stored = store.document(&id(&name)).unwrap();
    if text.is_none() && stored.is_some() {
        assert_eq!(store.remove(&id(&name)).unwrap().unwrap().sequence, sequence);
        return;
    }
    let text = text.unwrap_or_default();
    let mut new = document(&name, &text, sequence, DIMENSION);
    new.passages.push(passage(0..0, PassageVector::New(vector(sequence + 1, DIMENSION))));
    if let Some(kept) = stored.and_then(|d| d.passages.first().map(|p| p.id)) {
        new.passages.push(passage(0..text.len(), PassageVector::Keep(kept)));
    }
    assert_eq!(store.put(&new).unwrap().sequence, sequence);
}

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let store = Store::open(Path::new(&directory), WAIT).unwrap();
    let mut out = std::io::stdout();
    for sequence in store.counts().sequence + 1.. {
        write(&store, sequence);
        if Random(sequence ^ 0x5eed).below(6) == 0 {
            let head = store.flush().unwrap();
            writeln!(out, "acknowledged {}", head.sequence).unwrap();
        }
    }
}

#[test]
fn crash_at_any_moment_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    drop(create(dir.path(), DIMENSION));
    let mut random = Random::from_clock();
    // The test harness expects the path without the crate's name.
    let test = format!("{}::child", module_path!().split_once("::").unwrap().1);
    let mut acknowledged = 0;
    for round in 0..15 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", &test])
            .env(DIRECTORY, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(10 + random.below(350)));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut output = String::new();
        child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        // The harness writes its own text before the first line, and a kill may truncate the last one.
        let complete_lines = output.rsplit_once('\n').map_or("", |s| s.0);
        let last = complete_lines.lines().filter_map(|l| l.split_once("acknowledged ")?.1.parse::<u64>().ok()).max();
        acknowledged = last.unwrap_or(acknowledged).max(acknowledged);

        let store = Store::open(dir.path(), WAIT).unwrap();
        let sequence = store.counts().sequence;
        assert!(sequence >= acknowledged, "round {round}: {acknowledged} acknowledged, {sequence} there");
        assert_eq!(store.verify().unwrap(), [], "round {round}");
        let mut found = BTreeMap::new();
        let mut read = |document: StoredDocument| {
            let text = store.whole_text(document.number)?;
            found.insert(document.id.to_string(), (document.sequence, text));
            Ok(())
        };
        store.for_each_document(&mut read).unwrap();
        assert!(found == expected(sequence), "round {round}: not what was put up to change {sequence}");
        assert_eq!(files_in(&dir.path().join("records/blobs")), 0);
    }
    assert!(acknowledged > 0, "no child lived long enough");
}
