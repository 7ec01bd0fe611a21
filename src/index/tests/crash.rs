//! A crash or an error at every fail point of publishing, merging and rebuilding leaves the generation before or the next one, complete
//! and intact.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::beside::sidecar;
use super::fixture::*;
use crate::document::Totals;
use crate::error::Result;
use crate::index::fail_point::armed::{Failure, arm, passed};
use crate::index::merge_policy::MergePolicy;
use crate::index::{Changes, GenerationBuilder, Published, Publisher, Shape, Snapshot};

/// The child's fail point and published directory. Only the test below sets it.
const CHILD: &str = "NIGH_INDEX_CRASH";
const SHAPE: Shape = Shape { dimension: 8, half: true };
const POLICY: MergePolicy = MergePolicy { graph_min_rows: 40, commit_max_rows: 24 };

/// A step of the story with a known result.
enum Operation {
    Publish(Changes),
    Merge,
    /// Publishes everything anew, as a rebuild does.
    Rebuild(Totals, Vec<Published>),
}

/// A world, a list of operations, and the state before and after each.
struct Story {
    world: World,
    operations: Vec<Operation>,
    states: Vec<Vec<Published>>,
}

/// Always the same operations: puts with small merges, removes, merges with and without a graph, a rebuild.
fn story() -> Story {
    let (mut world, mut random) = (World::new(SHAPE, POLICY), Random(1));
    for part in 0..7 {
        world.add(&(0..3).map(|i| format!("{part}/{i}")).collect::<Vec<_>>(), &mut random);
    }
    world.add(&(0..45).map(|i| format!("many/{i}")).collect::<Vec<_>>(), &mut random);
    let state = |world: &World| world.documents.values().cloned().collect::<Vec<_>>();
    let (mut operations, mut states) = (Vec::new(), vec![state(&world)]);
    let vectors = [random.direction(8), random.direction(8)];
    let put = ["0/0", "3/1", "many/7", "new"].map(|name| world.document(name, &vectors, &mut random)).to_vec();
    let gone: Vec<u64> = world.documents.keys().copied().filter(|number| number % 5 == 2).collect();
    operations.push(Operation::Publish(world.changes(put, gone)));
    states.push(state(&world));
    operations.push(Operation::Merge);
    states.push(state(&world));
    let gone: Vec<u64> = world.documents.keys().copied().filter(|number| number % 3 == 0).collect();
    operations.push(Operation::Publish(world.changes(Vec::new(), gone)));
    states.push(state(&world));
    operations.push(Operation::Merge);
    states.push(state(&world));
    // Like a rebuild from records that have one document more.
    let put = vec![world.document("made", &vectors, &mut random)];
    let _ = world.changes(put, Vec::new());
    operations.push(Operation::Rebuild(world.totals, state(&world)));
    states.push(state(&world));
    Story { world, operations, states }
}

fn run(operation: &Operation, directory: &Path, publisher: &mut Publisher, pool: &rayon::ThreadPool) -> Result<()> {
    match operation {
        Operation::Publish(changes) => {
            let (totals, settings) = (changes.totals, changes.settings.clone());
            let (put, removed) = (changes.put.clone(), changes.removed.clone());
            publisher.publish(Changes { totals, settings, put, removed }).map(|_| ())
        }
        Operation::Merge => publisher.merge(pool, &std::sync::atomic::AtomicBool::new(false)).map(|_| ()),
        Operation::Rebuild(totals, documents) => {
            let mut builder = GenerationBuilder::begin(directory, SHAPE, sidecar())?;
            let (one, two) = documents.split_at(documents.len() / 2);
            builder.part(one)?;
            builder.part(two)?;
            let generation = Snapshot::generation_at(directory)? + 1;
            *publisher = builder.finish(*totals, "{}".to_owned(), generation)?.with_policy(POLICY);
            Ok(())
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Counts the segment files that the manifest does not list.
fn unlisted_segments(directory: &Path, snapshot: &Snapshot) -> usize {
    crate::index::snapshot::segment_files(directory).unwrap().len() - snapshot.segment_count()
}

/// Returns the fail points of the whole story, each with its operation.
fn points(story: &Story, pool: &rayon::ThreadPool) -> Vec<(usize, &'static str)> {
    let directory = tempfile::tempdir().unwrap();
    copy(story.world.path(), directory.path());
    let mut publisher = Publisher::open(directory.path(), sidecar()).unwrap().unwrap().with_policy(POLICY);
    passed();
    let mut all = Vec::new();
    for (i, operation) in story.operations.iter().enumerate() {
        run(operation, directory.path(), &mut publisher, pool).unwrap();
        assert_eq!(all_documents(&publisher.snapshot()).unwrap(), story.states[i + 1], "operation {i}");
        all.extend(passed().into_iter().map(|name| (i, name)));
    }
    all
}

/// Returns the points to fail at, by index. Points of sections are many and similar: only some of them.
fn some_points<'a>(points: &'a [(usize, &'static str)]) -> impl Iterator<Item = (usize, usize, &'static str)> + 'a {
    let all = points.iter().enumerate().map(|(at, &(operation, name))| (at, operation, name));
    all.filter(|(at, _, name)| *name != "section begun" || at % 7 == 0)
}

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Ok(given) = std::env::var(CHILD) else { return };
    let (before, directory) = given.split_once(':').unwrap();
    let story = story();
    let directory = Path::new(directory);
    let mut publisher = Publisher::open(directory, sidecar()).unwrap().unwrap().with_policy(POLICY);
    arm(Some((before.parse().unwrap(), Failure::Abort)));
    for (i, operation) in story.operations.iter().enumerate() {
        run(operation, directory, &mut publisher, &story.world.pool).unwrap();
        writeln!(std::io::stdout(), "acknowledged {}", i + 1).unwrap();
    }
}

#[test]
fn crash_leaves_one_generation_or_the_next() {
    let story = story();
    let points = points(&story, &story.world.pool);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    points.iter().for_each(|(_, name)| *kinds.entry(name).or_default() += 1);
    eprintln!("{} points: {kinds:?}", points.len());
    let test = format!("{}::child", module_path!().split_once("::").unwrap().1);
    for (at, operation, name) in some_points(&points) {
        let directory = tempfile::tempdir().unwrap();
        copy(story.world.path(), directory.path());
        let held = Snapshot::at(directory.path()).unwrap().unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", &test])
            .env(CHILD, format!("{at}:{}", directory.path().display()))
            .stderr(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success(), "point {at} ({name}) was not reached");
        let acknowledged = String::from_utf8_lossy(&output.stdout).matches("acknowledged").count();
        assert_eq!(acknowledged, operation, "point {at} ({name})");
        let checked_documents = |snapshot: &Snapshot| {
            snapshot.verify(directory.path()).unwrap();
            let all = all_documents(snapshot).unwrap();
            assert!(all == story.states[operation] || all == story.states[operation + 1], "point {at} ({name})");
            all
        };
        let read = checked_documents(&Snapshot::at(directory.path()).unwrap().unwrap());
        let mut publisher = Publisher::open(directory.path(), sidecar()).unwrap().unwrap().with_policy(POLICY);
        assert_eq!(checked_documents(&publisher.snapshot()), read);
        assert_eq!(unlisted_segments(directory.path(), &publisher.snapshot()), 0, "point {at} ({name})");
        assert_eq!(all_documents(&held).unwrap(), story.states[0]);
        // The new writer continues: it repeats the operations that were not acknowledged.
        for operation in &story.operations[operation..] {
            run(operation, directory.path(), &mut publisher, &story.world.pool).unwrap();
        }
        assert_eq!(&all_documents(&publisher.snapshot()).unwrap(), story.states.last().unwrap(), "point {at} ({name})");
        assert_eq!(
            all_documents(&held.newer(directory.path()).unwrap().unwrap()).unwrap(),
            *story.states.last().unwrap()
        );
    }
}

/// After the error, publishes something other than the failed changes. A reader that has seen the failed generation must see it, too.
fn publish_other_changes(
    changes: &Changes,
    story: &Story,
    publisher: &Publisher,
    reader: &mut Arc<Snapshot>,
    path: &Path,
) {
    let settings = || changes.settings.clone();
    let extra = story.states.last().unwrap().last().unwrap().clone();
    let (number, mut totals) = (extra.number, changes.totals);
    (totals.documents, totals.passages) = (totals.documents + 1, totals.passages + extra.passages.len() as u64);
    let (mut put, removed) = (changes.put.clone(), changes.removed.clone());
    put.push(extra);
    publisher.publish(Changes { totals, settings: settings(), put, removed }).unwrap();
    if reader.is_stale(path).unwrap() {
        *reader = Arc::new(reader.newer(path).unwrap().unwrap());
    }
    assert!(reader.find_number(number).unwrap().is_some(), "a reader stays at the failed generation");
    let (put, removed) = (Vec::new(), vec![number]);
    publisher.publish(Changes { totals: changes.totals, settings: settings(), put, removed }).unwrap();
}

#[test]
fn error_leaves_one_generation_or_the_next() {
    let story = story();
    let points = points(&story, &story.world.pool);
    for (at, failing, name) in some_points(&points) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        copy(story.world.path(), path);
        let mut publisher = Publisher::open(path, sidecar()).unwrap().unwrap().with_policy(POLICY);
        let mut reader = Arc::new(Snapshot::at(path).unwrap().unwrap());
        passed();
        arm(Some((at, Failure::Error)));
        for (i, operation) in story.operations.iter().enumerate() {
            let result = run(operation, path, &mut publisher, &story.world.pool);
            assert_eq!(result.is_err(), i == failing, "point {at} ({name}), operation {i}: {result:?}");
            if reader.is_stale(path).unwrap() {
                reader = Arc::new(reader.newer(path).unwrap().unwrap());
            }
            let [disk, memory] = [&reader, &publisher.snapshot()].map(|snapshot| all_documents(snapshot).unwrap());
            let allowed = |all: &Vec<Published>| *all == story.states[i] || *all == story.states[i + 1];
            assert!(allowed(&disk) && allowed(&memory), "point {at} ({name})");
            if i == failing {
                if let Operation::Publish(changes) = operation {
                    publish_other_changes(changes, &story, &publisher, &mut reader, path);
                }
                run(operation, path, &mut publisher, &story.world.pool).unwrap();
                assert_eq!(all_documents(&publisher.snapshot()).unwrap(), story.states[i + 1], "point {at} ({name})");
                let now = if reader.is_stale(path).unwrap() { reader.newer(path).unwrap().map(Arc::new) } else { None };
                assert_eq!(all_documents(&now.unwrap_or_else(|| Arc::clone(&reader))).unwrap(), story.states[i + 1]);
            }
        }
        arm(None);
        publisher.snapshot().verify(path).unwrap();
        let publisher = Publisher::open(path, sidecar()).unwrap().unwrap();
        assert_eq!(unlisted_segments(path, &publisher.snapshot()), 0, "point {at} ({name})");
    }
}
