//! Generations that somebody made to harm who reads them: every checksum is valid, and the values are not. What reads them
//! gives an error that names a file, or an answer; nothing panics, hangs, or takes all memory.
//!
//! The cases run in a child process with a gigabyte of address space. `NIGH_TEST_HOSTILE` says how many mutations that chance
//! picks run after those that are listed, `NIGH_TEST_SEED` which.

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::beside::sidecar;
use super::world::*;
use crate::document::{DocumentId, PassageId};
use crate::error::{Error, Result};
use crate::index::manifest::Manifest;
use crate::index::segment::forge::{Forged, SECTIONS};
use crate::index::snapshot::{segment_files, segment_path};
use crate::index::{Changes, Publisher, Request, RowAt, Rows, Shape, Snapshot};

/// The first case that a child is to run; only the test below sets it.
const FROM: &str = "NIGH_TEST_HOSTILE_FROM";
/// Address space of the child, in KB.
const MEMORY: u64 = 1 << 20;
/// One case may take so long.
const LIMIT: Duration = Duration::from_secs(10);
/// Numbers that are too large, too small, or wrap where something is added to them or multiplied with it.
const NUMBERS: [u64; 12] = [
    0,
    1,
    7,
    4095,
    (1 << 31) - 1,
    1 << 31,
    u32::MAX as u64 - 1,
    u32::MAX as u64,
    1 << 32,
    1 << 63,
    u64::MAX - 4095,
    u64::MAX,
];

/// What changes a published directory, and its name.
type Case = (String, Box<dyn Fn(&Path)>);

/// Two segments, one with a graph, some documents of each dead.
fn world() -> World {
    let mut random = Random(5);
    let mut world = World::new(Shape { dimension: 16, half: true }, SMALL);
    world.add(&(0..90).map(|i| format!("{i}")).collect::<Vec<_>>(), &mut random);
    world.settle();
    world.add(&(0..6).map(|i| format!("later {i}")).collect::<Vec<_>>(), &mut random);
    world.publish(Vec::new(), vec![3, 5, 92]);
    let snapshot = world.snapshot();
    assert!(snapshot.segment_count() == 2 && snapshot.graph_count() == 1);
    world
}

fn ids(directory: &Path) -> Vec<u64> {
    let named = Manifest::read(directory).unwrap().unwrap();
    named.segments.iter().map(|listed| listed.id).collect()
}

/// Changes a segment, and what the manifest says of it.
fn forge(directory: &Path, which: usize, change: impl Fn(&mut Forged)) {
    let id = ids(directory)[which];
    let path = segment_path(directory, id);
    let mut forged = Forged::read(&path);
    change(&mut forged);
    let (bytes, crc) = forged.seal(&path);
    let (documents, rows, shape) = (*forged.documents(), *forged.rows(), *forged.shape());
    manifest(directory, |manifest| {
        manifest.shape = shape;
        let listed = &mut manifest.segments[which];
        (listed.bytes, listed.crc, listed.documents, listed.rows) = (bytes, crc, documents, rows);
    });
}

fn manifest(directory: &Path, change: impl Fn(&mut Manifest)) {
    let mut manifest = Manifest::read(directory).unwrap().unwrap();
    change(&mut manifest);
    manifest.write(directory).unwrap();
}

/// Changes the manifest's encoding.
fn manifest_bytes(directory: &Path, change: impl Fn(&mut Vec<u8>)) {
    let path = directory.join("CURRENT");
    let mut bytes = fs::read(&path).unwrap();
    let mut body = bytes.split_off(24);
    change(&mut body);
    bytes.extend(body);
    let crc = crc32fast::hash(&bytes[16..]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, bytes).unwrap();
}

/// A number as postcard encodes it.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The cases that are listed.
fn listed() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |name: String, change: Box<dyn Fn(&Path)>| cases.push((name, change));
    for number in NUMBERS {
        let (word, name) = (number as u32, |what: &str| format!("{what} {number}"));
        add(name("generation"), Box::new(move |d| manifest(d, |m| m.generation = number)));
        add(name("next segment"), Box::new(move |d| manifest(d, |m| m.next_segment = number)));
        add(name("sequence"), Box::new(move |d| manifest(d, |m| m.totals.sequence = number)));
        add(name("counted documents"), Box::new(move |d| manifest(d, |m| m.totals.documents = number)));
        add(name("counted passages"), Box::new(move |d| manifest(d, |m| m.totals.passages = number)));
        add(name("next document"), Box::new(move |d| manifest(d, |m| m.totals.next_document = number)));
        add(name("next passage"), Box::new(move |d| manifest(d, |m| m.totals.next_passage = number)));
        add(name("dimension in the manifest"), Box::new(move |d| manifest(d, |m| m.shape.dimension = word)));
        add(name("segment's number"), Box::new(move |d| manifest(d, |m| m.segments[0].id = number)));
        add(name("segment's bytes"), Box::new(move |d| manifest(d, |m| m.segments[0].bytes = number)));
        add(name("segment's dead rows"), Box::new(move |d| manifest(d, |m| m.segments[0].dead_rows = word)));
        add(name("dead document"), Box::new(move |d| manifest(d, |m| m.segments[0].set_dead(&[word], 1))));
        for which in 0..2 {
            let name = |what: &str| format!("segment {which}, {what} {number}");
            add(name("documents"), Box::new(move |d| forge(d, which, |f| *f.documents() = word)));
            add(name("rows"), Box::new(move |d| forge(d, which, |f| *f.rows() = word)));
            add(
                name("rows and documents"),
                Box::new(move |d| {
                    forge(d, which, |f| (*f.documents(), *f.rows()) = (word, word));
                }),
            );
            add(name("dimension"), Box::new(move |d| forge(d, which, |f| f.shape().dimension = word)));
            for section in 0..SECTIONS {
                let name = |what: &str| format!("segment {which}, section {section}, {what} {number}");
                let change = move |d: &Path, change: &dyn Fn(&mut Forged)| {
                    forge(d, which, |forged| {
                        if forged.name(section).is_some() {
                            change(forged);
                        }
                    });
                };
                add(name("start"), Box::new(move |d| change(d, &|f| *f.place(section).0 = number)));
                add(name("length"), Box::new(move |d| change(d, &|f| *f.place(section).1 = number)));
                let Some((stride, fields)) = Forged::entries(section) else { continue };
                for (field, &size) in fields.iter().enumerate() {
                    let at: usize = fields[..field].iter().sum();
                    let put = move |forged: &mut Forged, every: usize| {
                        for entry in forged.bytes(section).chunks_mut(stride).step_by(every) {
                            let end = entry.len().min(at + size);
                            entry[at.min(end)..end].copy_from_slice(&number.to_le_bytes()[..end - at.min(end)]);
                        }
                    };
                    add(name(&format!("field {field} of all")), Box::new(move |d| change(d, &|f| put(f, 1))));
                    add(name(&format!("field {field} of some")), Box::new(move |d| change(d, &|f| put(f, 3))));
                }
            }
        }
        for at in (0..520).step_by(4) {
            let name = format!("graph's header, byte {at}: {number}");
            add(
                name,
                Box::new(move |d| {
                    forge(d, 0, |f| f.bytes(9)[at..at + 4].copy_from_slice(&word.to_le_bytes()));
                }),
            );
        }
    }
    for section in 0..SECTIONS {
        add(format!("without section {section}"), Box::new(move |d| forge(d, 0, |f| f.leave_out(section))));
        add(
            format!("section {section} is ones"),
            Box::new(move |d| {
                forge(d, 0, |f| f.bytes(section).fill(0xff));
            }),
        );
    }
    for residual in [f32::NAN, f32::INFINITY, -1.0, 0.0, f32::MAX] {
        add(format!("residual {residual}"), Box::new(move |d| forge(d, 0, |f| *f.residual() = residual)));
    }
    add(
        "no roots".to_owned(),
        Box::new(|d| {
            forge(d, 0, |f| {
                f.keep_roots = true;
                f.roots().clear();
            });
        }),
    );
    add(
        "many roots".to_owned(),
        Box::new(|d| {
            forge(d, 0, |f| {
                f.keep_roots = true;
                f.roots().resize(100_000, 0);
            });
        }),
    );
    add("a kept vector of f32 where f16 is".to_owned(), Box::new(|d| forge(d, 0, |f| f.shape().half = false)));
    for times in [2, 5000, 200_000] {
        add(
            format!("a segment named {times} times"),
            Box::new(move |d| {
                manifest(d, |m| m.segments = vec![m.segments[0].clone(); times]);
            }),
        );
    }
    add("settings of a megabyte".to_owned(), Box::new(|d| manifest(d, |m| m.settings = "x".repeat(1 << 20))));
    add("no settings".to_owned(), Box::new(|d| manifest(d, |m| m.settings.clear())));
    add("no segments".to_owned(), Box::new(|d| manifest(d, |m| m.segments.clear())));
    add(
        "every document twice dead".to_owned(),
        Box::new(|d| {
            let twice: Vec<u32> = (0..90).flat_map(|document| [document, document]).collect();
            manifest(d, |m| m.segments[0].set_dead(&twice, 180));
        }),
    );
    add(
        "dead documents that wrap".to_owned(),
        Box::new(|d| {
            manifest(d, |m| m.segments[1].set_dead(&[1, 4], 2));
            manifest_bytes(d, |body| {
                let at = (0..body.len() - 2).find(|&at| body[at..at + 3] == [2, 1, 3]).unwrap();
                body.splice(at + 2..at + 3, varint(u64::from(u32::MAX)));
            });
        }),
    );
    for length in [1 << 20, 1 << 32, 1 << 40, u64::MAX >> 1] {
        add(
            format!("{length} segments, as the manifest counts"),
            Box::new(move |d| {
                manifest(d, |m| m.segments.clear());
                manifest_bytes(d, |body| {
                    body.pop();
                    body.extend(varint(length));
                });
            }),
        );
        add(
            format!("{length} dead documents, as the manifest counts"),
            Box::new(move |d| {
                manifest(d, |m| m.segments[1].set_dead(&[], 0));
                manifest_bytes(d, |body| {
                    body.pop();
                    body.extend(varint(length));
                });
            }),
        );
        add(
            format!("{length} at the footer's end"),
            Box::new(move |d| {
                forge(d, 0, |f| {
                    let mut bytes = f.encoded_footer();
                    bytes.truncate(bytes.len() - 6);
                    bytes.extend(varint(length));
                    f.footer_bytes = Some(bytes);
                });
            }),
        );
    }
    cases
}

/// A number that harms, or any.
fn number(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.next() >> random.below(64),
        _ => NUMBERS[random.below(NUMBERS.len() as u64) as usize],
    }
}

/// A change that chance picks.
fn by_chance(seed: u64) -> Case {
    let change = move |directory: &Path| {
        let mut random = Random(seed);
        let changes: Vec<(u64, u64, u64, u64)> = (0..1 + random.below(4))
            .map(|_| (random.below(8), random.next(), number(&mut random), random.next()))
            .collect();
        for (kind, at, number, more) in changes {
            let which = (more % 2) as usize;
            // What was changed before may not be a generation any more.
            let attempt = || match kind {
                0 | 1 => manifest_bytes(directory, |body| {
                    let at = (at % body.len() as u64) as usize;
                    body.splice(at..at + 1, varint(number));
                }),
                2 => manifest_bytes(directory, |body| {
                    let at = (at % body.len() as u64) as usize;
                    body[at] = more as u8;
                }),
                3 => forge(directory, which, |f| {
                    let mut bytes = f.encoded_footer();
                    let at = (at % bytes.len() as u64) as usize;
                    bytes.splice(at..at + 1, varint(number));
                    f.footer_bytes = Some(bytes);
                }),
                _ => forge(directory, which, |f| {
                    let section = (at % SECTIONS as u64) as usize;
                    if f.name(section).is_none() {
                        return;
                    }
                    let bytes = f.bytes(section);
                    let size = if more & 4 == 0 { 4 } else { 8 };
                    let slots = (bytes.len() / size).max(1) as u64;
                    let at = (more >> 8) % slots;
                    if let Some(slot) = bytes.chunks_exact_mut(size).nth(at as usize) {
                        slot.copy_from_slice(&number.to_le_bytes()[..size]);
                    }
                }),
            };
            let _ = catch_unwind(AssertUnwindSafe(attempt));
        }
    };
    (format!("by chance, NIGH_TEST_SEED={seed}"), Box::new(change))
}

/// Everything that reads a generation; then what writes the next one. Results are errors that name a file, or answers.
fn use_all(directory: &Path) -> Result<()> {
    let Some(snapshot) = Snapshot::at(directory)? else { return Ok(()) };
    let mut errors: Vec<Error> = Vec::new();
    let mut note = |result: Result<()>| errors.extend(result.err());
    let mut random = Random(3);
    let query = random.direction(16);
    note(snapshot.verify(directory));
    for (exact_too, recall, limit) in [(true, 1.0, 5), (false, 0.6, 5), (false, 0.99, 1000)] {
        let request = Request { exact: exact_too, recall, ..exact(&query, limit) };
        note(snapshot.search(&request).map(|answer| assert!(answer.matches.len() <= limit)));
    }
    note(snapshot.places().and_then(|places| {
        for place in places.into_iter().take(300) {
            let read = || -> Result<()> {
                let document = snapshot.document(place)?;
                let record = document.record()?;
                snapshot.find_name(&record.id)?;
                snapshot.find_number(document.number())?;
                document.text()?;
                // A document may claim many rows; the first ones must do.
                for ordinal in 0..document.passages().min(200) as u32 {
                    let passage = document.passage(ordinal)?;
                    snapshot.find_passage(passage.id())?;
                }
                document.passage(u32::MAX).map(|_| ())
            };
            if let Err(error) = read() {
                named(directory, &error);
            }
        }
        Ok(())
    }));
    for number in NUMBERS {
        note(snapshot.find_number(number).map(|_| ()));
        note(snapshot.find_passage(PassageId(number)).map(|_| ()));
        note(snapshot.match_at(RowAt { segment: 0, row: number as u32 }).map(|_| ()));
    }
    note(snapshot.find_name(&DocumentId::new("later 2").unwrap()).map(|_| ()));
    note(snapshot.sample(&query, 50).map(|_| ()));
    note(Rows::of_passages(&snapshot, [PassageId(1), PassageId(u64::MAX)].into_iter()).and_then(|rows| {
        let request = Request { among: Some(&rows), ..exact(&query, 5) };
        snapshot.search(&request).map(|_| ())
    }));
    for section in snapshot.sidecars() {
        note(section.shared(0..8).map(|_| ()));
    }
    for error in &errors {
        named(directory, error);
    }
    drop(snapshot);
    // A writer, too: it may be the folder of a stranger that is indexed.
    let publisher = Publisher::open(directory, sidecar())?.unwrap().with_policy(SMALL);
    let totals = publisher.snapshot().totals();
    let changes = Changes { totals, settings: "{}".to_owned(), put: Vec::new(), removed: vec![1, 91, u64::MAX] };
    publisher.publish(changes)?;
    let pool = std::sync::Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    publisher.merge(&pool, &std::sync::atomic::AtomicBool::new(false)).map(|_| ())
}

/// An error names a file of the generation; a query of another dimension is refused as such.
fn named(directory: &Path, error: &Error) {
    match error {
        Error::IndexDamaged { path, .. } | Error::Io { path, .. } => {
            assert!(path.starts_with(directory), "no file of the generation is named: {error}");
        }
        Error::InvalidInput { .. } => {}
        other => panic!("an error of another kind: {other}"),
    }
}

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Some(from) = std::env::var(FROM).ok().and_then(|from| from.parse::<usize>().ok()) else { return };
    let setting = |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (count, seed) = (setting("NIGH_TEST_HOSTILE", 300), setting("NIGH_TEST_SEED", 1));
    let mut cases = listed();
    cases.extend((0..count).map(|i| by_chance(seed.wrapping_add(i))));
    let world = world();
    let whole: Vec<(String, Vec<u8>)> = fs::read_dir(world.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    let place = tempfile::tempdir().unwrap();
    let mut out = std::io::stdout();
    static BEGUN: AtomicU64 = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let begun = Duration::from_millis(BEGUN.load(Ordering::Relaxed));
            if start.elapsed().saturating_sub(begun) > LIMIT {
                std::process::abort();
            }
        }
    });
    for (i, (name, change)) in cases.iter().enumerate().skip(from) {
        writeln!(out, "begins {i} {name}").unwrap();
        out.flush().unwrap();
        BEGUN.store(start.elapsed().as_millis() as u64, Ordering::Relaxed);
        let directory = place.path().join("published");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory).unwrap();
        whole.iter().for_each(|(name, bytes)| fs::write(directory.join(name), bytes).unwrap());
        change(&directory);
        let used =
            catch_unwind(AssertUnwindSafe(|| use_all(&directory).err().iter().for_each(|e| named(&directory, e))));
        if let Err(panic) = used {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            writeln!(out, "panics {i} {name}: {}", text.unwrap_or("")).unwrap();
        }
    }
    assert!(segment_files(world.path()).unwrap().len() >= 2);
    writeln!(out, "done {}", cases.len()).unwrap();
}

#[test]
fn hostile_values_with_valid_checksums_harm_nobody() {
    let program = std::env::current_exe().unwrap();
    let (mut from, mut wrong) = (0, Vec::new());
    let done = loop {
        let script = format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(&program).args([
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads",
            "1",
        ]);
        command.arg("index::tests::hostile::child").env(FROM, from.to_string()).env("RUST_BACKTRACE", "0");
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // The harness writes its own words before the first line.
        let lines = |what: &str| {
            let what = what.to_owned();
            said.lines().filter_map(move |line| Some(line.split_once(&what)?.1.to_owned())).collect::<Vec<_>>()
        };
        wrong.extend(lines("panics ").into_iter().map(|line| format!("panics: {line}")));
        if let Some(done) = lines("done ").pop() {
            break done;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = lines("begins ").pop().unwrap_or_else(|| panic!("the child did not begin: {said}{errors}"));
        wrong.push(format!("dies ({}): {last}: {}", output.status, errors.lines().last().unwrap_or_default()));
        from = last.split(' ').next().unwrap().parse::<usize>().unwrap() + 1;
        assert!(wrong.len() < 300, "too much is wrong:\n{}", wrong.join("\n"));
    };
    eprintln!("{done} generations");
    assert!(wrong.is_empty(), "{} of {done}:\n{}", wrong.len(), wrong.join("\n"));
}
