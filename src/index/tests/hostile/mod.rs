//! Generations of an attacker: all checksums are valid, but the values are not. Reading them gives an error with a path, or an answer;
//! nothing panics, hangs, or takes all memory.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `cases.rs` | the changes: a list, and random ones |
//! | `reading.rs` | calls everything that reads a generation, and the writer of the next one |
//! | `mod.rs` | runs the cases in a child process with 1 GB of address space |
//!
//! `NIGH_TEST_HOSTILE` is the number of random changes after the listed ones, `NIGH_TEST_SEED` their seed.

mod cases;
mod reading;

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::fixture::*;
use crate::index::Shape;
use cases::{listed, random_case};
use reading::{assert_path, use_all};

/// The first case of a child; only the test below sets it.
const FROM: &str = "NIGH_TEST_HOSTILE_FROM";
/// The address space of the child, in KB.
const MAX_ADDRESS_SPACE_KB: u64 = 1 << 20;
/// The time limit of one case.
const CASE_LIMIT: Duration = Duration::from_secs(10);

/// Two segments, one with a graph, both with some deleted documents.
fn world() -> World {
    let mut random = Random(5);
    let mut world = World::new(Shape { dimension: 16, half: true }, SMALL);
    world.add(&(0..90).map(|i| format!("{i}")).collect::<Vec<_>>(), &mut random);
    world.merge_all();
    world.add(&(0..6).map(|i| format!("later {i}")).collect::<Vec<_>>(), &mut random);
    world.publish(Vec::new(), vec![3, 5, 92]);
    let snapshot = world.snapshot();
    assert!(snapshot.segment_count() == 2 && snapshot.graph_count() == 1);
    world
}

/// The start of the current case, in milliseconds after the start of the child.
static BEGUN: AtomicU64 = AtomicU64::new(0);

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Some(from) = std::env::var(FROM).ok().and_then(|from| from.parse::<usize>().ok()) else { return };
    let setting = |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (count, seed) = (setting("NIGH_TEST_HOSTILE", 300), setting("NIGH_TEST_SEED", 1));
    let mut cases = listed();
    cases.extend((0..count).map(|i| random_case(seed.wrapping_add(i))));
    let world = world();
    let whole: Vec<(String, Vec<u8>)> = fs::read_dir(world.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    // In memory if possible, because each case publishes a generation durably.
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let mut out = std::io::stdout();
    let start = Instant::now();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let begun = Duration::from_millis(BEGUN.load(Ordering::Relaxed));
            if start.elapsed().saturating_sub(begun) > CASE_LIMIT {
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
        let used = catch_unwind(AssertUnwindSafe(|| {
            use_all(&directory).err().iter().for_each(|e| assert_path(&directory, e))
        }));
        if let Err(panic) = used {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            writeln!(out, "panics {i} {name}: {}", text.unwrap_or("")).unwrap();
        }
    }
    writeln!(out, "done {}", cases.len()).unwrap();
}

#[test]
fn hostile_values_with_valid_checksums_are_harmless() {
    let program = std::env::current_exe().unwrap();
    let (mut from, mut wrong) = (0, Vec::new());
    let done = loop {
        let script = format!("ulimit -v {MAX_ADDRESS_SPACE_KB} && exec \"$0\" \"$@\"");
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
        let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
        // The test harness prints its own text before the first line.
        let lines = |what: &str| {
            let what = what.to_owned();
            output_text.lines().filter_map(move |line| Some(line.split_once(&what)?.1.to_owned())).collect::<Vec<_>>()
        };
        wrong.extend(lines("panics ").into_iter().map(|line| format!("panics: {line}")));
        if let Some(done) = lines("done ").pop() {
            break done;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = lines("begins ").pop().unwrap_or_else(|| panic!("the child did not begin: {output_text}{errors}"));
        wrong.push(format!("dies ({}): {last}: {}", output.status, errors.lines().last().unwrap_or_default()));
        from = last.split(' ').next().unwrap().parse::<usize>().unwrap() + 1;
        assert!(wrong.len() < 300, "too much is wrong:\n{}", wrong.join("\n"));
    };
    eprintln!("{done} generations");
    assert!(wrong.is_empty(), "{} of {done}:\n{}", wrong.len(), wrong.join("\n"));
}
