//! Flipped bytes, truncated and missing files: an error with the path of the file, or the right answers.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::beside::sidecar;
use super::fixture::*;
use crate::error::{Error, Result};
use crate::index::merge_policy::MergePolicy;
use crate::index::segment::decode;
use crate::index::snapshot::{segment_files, segment_path};
use crate::index::{Published, Publisher, Shape, Snapshot};

/// Everything that a search, a hit and an export read.
#[derive(Debug, PartialEq)]
struct Answers {
    all: Vec<Published>,
    /// The rows of each search, and whether it used a graph.
    searches: Vec<(Vec<FoundRow>, bool)>,
    names: Vec<bool>,
}

fn query_all(snapshot: &Snapshot, queries: &[Vec<f32>], names: &[crate::document::DocumentId]) -> Result<Answers> {
    let mut searches = Vec::new();
    for query in queries {
        for (exact_too, recall) in [(true, 1.0), (false, 0.6)] {
            let request = TestRequest { exact: exact_too, recall, ..exact(query, 5) };
            let answer = request.search(snapshot)?;
            searches.push((found_rows(snapshot, &answer)?, answer.segments.iter().any(|plan| plan.ef.is_some())));
        }
    }
    let names = names.iter().map(|name| Ok(snapshot.find_name(name)?.is_some())).collect::<Result<_>>()?;
    Ok(Answers { all: all_documents(snapshot)?, searches, names })
}

/// An intact index, with queries and their right answers.
struct DamageTest {
    world: World,
    queries: Vec<Vec<f32>>,
    names: Vec<crate::document::DocumentId>,
    expected: Answers,
}

/// Returns a large segment with a graph and some deleted documents, and a small one.
fn damage_test() -> DamageTest {
    let mut random = Random(17);
    let mut world =
        World::new(Shape { dimension: 16, half: true }, MergePolicy { graph_min_rows: 1000, commit_max_rows: 900 });
    world.add(&(0..1500).map(|i| format!("{i}")).collect::<Vec<_>>(), &mut random);
    world.merge_all();
    world.publish(Vec::new(), (0..1500).filter(|number| number % 11 == 0).collect());
    world.add(&(0..20).map(|i| format!("later {i}")).collect::<Vec<_>>(), &mut random);
    let vector_of = |document: &Published| decode(&document.passages[0].vector, world.shape);
    let mut queries: Vec<Vec<f32>> =
        world.documents.values().step_by(50).map(|document| unit(&vector_of(document))).collect();
    queries.push(random.direction(16));
    let names = world.documents.values().map(|d| d.id.clone()).collect::<Vec<_>>();
    let expected = query_all(&world.snapshot(), &queries, &names).unwrap();
    assert!(expected.searches.iter().any(|(_, used_graph)| *used_graph), "the graph is not tested");
    DamageTest { world, queries, names, expected }
}

/// Opens and queries the index. Returns whether `verify` found damage, and whether the queries did. Damage must be an error with the
/// path of `file`.
fn find_damage(test: &DamageTest, file: &Path) -> (bool, bool) {
    let path = test.world.path();
    let assert_path = |error: &Error| {
        let Error::IndexDamaged { path, .. } = error else { panic!("{error}") };
        assert!(path == file && error.to_string().contains("rebuild the collection"), "{error}");
    };
    match Snapshot::at(path) {
        Err(error) => {
            assert_path(&error);
            (true, true)
        }
        Ok(None) => panic!("nothing is published"),
        Ok(Some(snapshot)) => {
            let found_by_verify = snapshot.verify(path).inspect_err(assert_path).is_err();
            // Opened again, because a snapshot checks each block only once, and verify has read all.
            let fresh = Snapshot::at(path).unwrap().unwrap();
            let found_by_queries = match query_all(&fresh, &test.queries, &test.names) {
                Err(error) => {
                    assert_path(&error);
                    true
                }
                Ok(answers) => {
                    assert!(answers == test.expected, "{}: a wrong answer", file.display());
                    false
                }
            };
            (found_by_verify, found_by_queries)
        }
    }
}

fn files(world: &World) -> Vec<PathBuf> {
    segment_files(world.path()).unwrap().into_iter().map(|id| segment_path(world.path(), id)).collect()
}

#[test]
fn flipped_byte_in_a_segment_is_found_by_verify_and_never_gives_a_wrong_answer() {
    let test = damage_test();
    let mut random = Random(23);
    for file in files(&test.world) {
        let bytes = fs::read(&file).unwrap();
        let read_u64 = |offset: usize| u64::from_le_bytes(bytes[offset..offset + 8].try_into().unwrap()) as usize;
        // The header has the offsets of the checksum table and of the footer.
        let (table, footer) = (read_u64(16), read_u64(24));
        // Header, table and footer (nearly) whole; some bytes of every other 4 KB.
        let mut offsets: Vec<usize> = (0..40).chain([1000, 4091, 4092, 4095]).collect();
        offsets.extend((table..footer).step_by(5).chain(footer..bytes.len()));
        for block in (4096..table).step_by(4096) {
            offsets.extend((0..2).map(|_| block + random.below(4096) as usize));
        }
        let (mut by_queries, count) = (0, offsets.len());
        let disk = File::options().write(true).open(&file).unwrap();
        for offset in offsets {
            disk.write_all_at(&[bytes[offset] ^ (1 << random.below(8))], offset as u64).unwrap();
            let (found_by_verify, found_by_queries) = find_damage(&test, &file);
            assert!(found_by_verify, "{} byte {offset} is flipped and verify says nothing", file.display());
            by_queries += usize::from(found_by_queries);
            disk.write_all_at(&bytes[offset..=offset], offset as u64).unwrap();
        }
        eprintln!("{}: {count} flips, all found by verify, {by_queries} by queries", file.display());
        // The queries read nearly everything.
        assert!(by_queries * 10 > count * 9, "{by_queries} of {count}");
        assert_eq!(find_damage(&test, &file), (false, false));
    }
}

#[test]
fn manifest_with_a_flipped_byte_is_refused() {
    let test = damage_test();
    let file = test.world.path().join("CURRENT");
    let bytes = fs::read(&file).unwrap();
    let held = Snapshot::at(test.world.path()).unwrap().unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&file, damaged).unwrap();
        assert_eq!(find_damage(&test, &file), (true, true), "byte {at}");
        // A snapshot that is already open goes on, or reports the damage.
        assert!(matches!(held.verify(test.world.path()), Err(Error::IndexDamaged { .. })), "byte {at}");
        if held.is_stale(test.world.path()).unwrap() {
            assert!(matches!(held.newer(test.world.path()), Err(Error::IndexDamaged { .. })), "byte {at}");
        }
        assert_eq!(Snapshot::generation_at(test.world.path()).unwrap(), 0, "byte {at}");
    }
    for length in 0..bytes.len() {
        fs::write(&file, &bytes[..length]).unwrap();
        assert_eq!(find_damage(&test, &file), (true, true), "{length} bytes");
    }
    fs::write(&file, [&bytes[..], b"!"].concat()).unwrap();
    assert_eq!(find_damage(&test, &file), (true, true));
    fs::remove_file(&file).unwrap();
    assert!(Snapshot::at(test.world.path()).unwrap().is_none());
    assert!(Snapshot::has_files(test.world.path()).unwrap());
}

#[test]
fn truncated_swapped_and_missing_files_are_reported() {
    let test = damage_test();
    let files = files(&test.world);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let mut lengths = vec![0, 1, 31, 4095, 4096, 4097, bytes.len() / 2, bytes.len() - 4096];
        lengths.extend(bytes.len() - 300..bytes.len());
        for length in lengths {
            // Writes a new file, because a mapped file must not be cut.
            fs::remove_file(file).unwrap();
            fs::write(file, &bytes[..length]).unwrap();
            assert_eq!(find_damage(&test, file), (true, true), "{length} bytes of {}", file.display());
        }
        fs::write(file, [&bytes[..], b"more"].concat()).unwrap();
        assert_eq!(find_damage(&test, file), (true, true));
        fs::remove_file(file).unwrap();
        assert_eq!(find_damage(&test, file), (true, true));
        assert!(
            matches!(Publisher::open(test.world.path(), sidecar()), Err(Error::IndexDamaged { path, .. }) if path == *file)
        );
        fs::write(file, &bytes).unwrap();
    }
    // Files exchanged with each other.
    let [one, two] = &files[..] else { panic!("{files:?}") };
    let (a, b) = (fs::read(one).unwrap(), fs::read(two).unwrap());
    fs::remove_file(one).unwrap();
    fs::write(one, &b).unwrap();
    assert_eq!(find_damage(&test, one), (true, true));
    fs::write(one, &a).unwrap();
    assert_eq!(find_damage(&test, one), (false, false));
}
