//! Flipped bytes, truncated and missing files: named, or the answers are the same.

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

/// Score, document, ordinal, passage.
type Hit = (f32, u64, u32, crate::document::PassageId);

/// Everything that a search, a hit and an export read.
#[derive(Debug, PartialEq)]
struct Answers {
    all: Vec<Published>,
    searches: Vec<(Vec<Hit>, bool)>,
    names: Vec<bool>,
}

fn ask(snapshot: &Snapshot, queries: &[Vec<f32>], names: &[crate::document::DocumentId]) -> Result<Answers> {
    let mut searches = Vec::new();
    for query in queries {
        for (exact_too, recall) in [(true, 1.0), (false, 0.6)] {
            let request = TestRequest { exact: exact_too, recall, ..exact(query, 5) };
            let answer = request.search(snapshot)?;
            searches.push((found(snapshot, &answer)?, answer.segments.iter().any(|plan| plan.ef.is_some())));
        }
    }
    let names = names.iter().map(|name| Ok(snapshot.find_name(name)?.is_some())).collect::<Result<_>>()?;
    Ok(Answers { all: everything(snapshot)?, searches, names })
}

struct Place {
    world: World,
    queries: Vec<Vec<f32>>,
    names: Vec<crate::document::DocumentId>,
    expected: Answers,
}

/// A large segment with a graph and some dead, and a small one.
fn place() -> Place {
    let mut random = Random(17);
    let mut world =
        World::new(Shape { dimension: 16, half: true }, MergePolicy { graph_min_rows: 1000, at_commit: 900 });
    world.add(&(0..1500).map(|i| format!("{i}")).collect::<Vec<_>>(), &mut random);
    world.merge_all();
    world.publish(Vec::new(), (0..1500).filter(|number| number % 11 == 0).collect());
    world.add(&(0..20).map(|i| format!("later {i}")).collect::<Vec<_>>(), &mut random);
    let of = |d: &Published| decode(&d.passages[0].vector, world.shape);
    let mut queries: Vec<Vec<f32>> = world.documents.values().step_by(50).map(|d| unit(&of(d))).collect();
    queries.push(random.direction(16));
    let names = world.documents.values().map(|d| d.id.clone()).collect::<Vec<_>>();
    let expected = ask(&world.snapshot(), &queries, &names).unwrap();
    assert!(expected.searches.iter().any(|(_, walked)| *walked), "the graph is not tested");
    Place { world, queries, names, expected }
}

/// What opening and asking gives, with what `verify` says; damage is an error that names `file`.
fn look(place: &Place, file: &Path) -> (bool, bool) {
    let path = place.world.path();
    let named = |error: &Error| {
        let Error::IndexDamaged { path, .. } = error else { panic!("{error}") };
        assert!(path == file && error.to_string().contains("rebuild the collection"), "{error}");
    };
    match Snapshot::at(path) {
        Err(error) => {
            named(&error);
            (true, true)
        }
        Ok(None) => panic!("nothing is published"),
        Ok(Some(snapshot)) => {
            let verified = snapshot.verify(path).inspect_err(named).is_err();
            // Opened again: a snapshot checks what it reads once, and verifying has read all.
            let fresh = Snapshot::at(path).unwrap().unwrap();
            let asked = match ask(&fresh, &place.queries, &place.names) {
                Err(error) => {
                    named(&error);
                    true
                }
                Ok(answers) => {
                    assert!(answers == place.expected, "{}: a wrong answer", file.display());
                    false
                }
            };
            (verified, asked)
        }
    }
}

fn files(world: &World) -> Vec<PathBuf> {
    segment_files(world.path()).unwrap().into_iter().map(|id| segment_path(world.path(), id)).collect()
}

#[test]
fn a_flipped_byte_is_found() {
    let place = place();
    let mut random = Random(23);
    for file in files(&place.world) {
        let bytes = fs::read(&file).unwrap();
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let (table, footer) = (long(16), long(24));
        // Header, table and footer whole or nearly; of the rest some of every 4 KB.
        let mut at: Vec<usize> = (0..40).chain([1000, 4091, 4092, 4095]).collect();
        at.extend((table..footer).step_by(5).chain(footer..bytes.len()));
        for block in (4096..table).step_by(4096) {
            at.extend((0..2).map(|_| block + random.below(4096) as usize));
        }
        let (mut asked, count) = (0, at.len());
        let disk = File::options().write(true).open(&file).unwrap();
        for at in at {
            disk.write_all_at(&[bytes[at] ^ (1 << random.below(8))], at as u64).unwrap();
            let (verified, on_asking) = look(&place, &file);
            assert!(verified, "{} byte {at} is flipped and verify says nothing", file.display());
            asked += usize::from(on_asking);
            disk.write_all_at(&bytes[at..=at], at as u64).unwrap();
        }
        eprintln!("{}: {count} flips, all found by verify, {asked} by asking", file.display());
        // Asking reads nearly everything.
        assert!(asked * 10 > count * 9, "{asked} of {count}");
        assert_eq!(look(&place, &file), (false, false));
    }
}

#[test]
fn a_flipped_byte_of_the_manifest_is_found() {
    let place = place();
    let file = place.world.path().join("CURRENT");
    let bytes = fs::read(&file).unwrap();
    let held = Snapshot::at(place.world.path()).unwrap().unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&file, damaged).unwrap();
        assert_eq!(look(&place, &file), (true, true), "byte {at}");
        // Whoever has it open goes on, or sees the damage.
        assert!(matches!(held.verify(place.world.path()), Err(Error::IndexDamaged { .. })), "byte {at}");
        if held.is_stale(place.world.path()).unwrap() {
            assert!(matches!(held.newer(place.world.path()), Err(Error::IndexDamaged { .. })), "byte {at}");
        }
        assert_eq!(Snapshot::generation_at(place.world.path()).unwrap(), 0, "byte {at}");
    }
    for length in 0..bytes.len() {
        fs::write(&file, &bytes[..length]).unwrap();
        assert_eq!(look(&place, &file), (true, true), "{length} bytes");
    }
    fs::write(&file, [&bytes[..], b"!"].concat()).unwrap();
    assert_eq!(look(&place, &file), (true, true));
    fs::remove_file(&file).unwrap();
    assert!(Snapshot::at(place.world.path()).unwrap().is_none());
    assert!(Snapshot::has_files(place.world.path()).unwrap());
}

#[test]
fn what_is_cut_off_swapped_or_gone_is_named() {
    let place = place();
    let files = files(&place.world);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let mut lengths = vec![0, 1, 31, 4095, 4096, 4097, bytes.len() / 2, bytes.len() - 4096];
        lengths.extend(bytes.len() - 300..bytes.len());
        for length in lengths {
            // A new file, as nobody cuts one that is mapped.
            fs::remove_file(file).unwrap();
            fs::write(file, &bytes[..length]).unwrap();
            assert_eq!(look(&place, file), (true, true), "{length} bytes of {}", file.display());
        }
        fs::write(file, [&bytes[..], b"more"].concat()).unwrap();
        assert_eq!(look(&place, file), (true, true));
        fs::remove_file(file).unwrap();
        assert_eq!(look(&place, file), (true, true));
        assert!(
            matches!(Publisher::open(place.world.path(), sidecar()), Err(Error::IndexDamaged { path, .. }) if path == *file)
        );
        fs::write(file, &bytes).unwrap();
    }
    // Whole files in each other's place.
    let [one, two] = &files[..] else { panic!("{files:?}") };
    let (a, b) = (fs::read(one).unwrap(), fs::read(two).unwrap());
    fs::remove_file(one).unwrap();
    fs::write(one, &b).unwrap();
    assert_eq!(look(&place, one), (true, true));
    fs::write(one, &a).unwrap();
    assert_eq!(look(&place, one), (false, false));
}
