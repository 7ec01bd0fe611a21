//! Random damage: which files, where, and how. One of the two copies of every document stays intact.

use std::fs;
use std::path::Path;

use crate::support::chance::in_threads;
use crate::support::prepared::{Case, Prepared, QUESTIONS, essence};
use crate::support::{Random, chance, tree};

/// Damages a file at random; returns a description.
fn damage(path: &Path, random: &mut Random) -> String {
    let mut bytes = fs::read(path).unwrap();
    let telling: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
    let at = if telling.is_empty() { 0 } else { telling[random.below(telling.len())] };
    let length = 1 + random.below(600);
    let end = bytes.len().min(at + length);
    fs::remove_file(path).unwrap();
    let how = match random.below(8) {
        0 => return "is deleted".to_owned(),
        1 => {
            bytes.truncate(at);
            format!("is cut to {at} bytes")
        }
        2 => {
            bytes[at..end].fill(0);
            format!("is zero from {at} to {end}")
        }
        3 => {
            bytes[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8);
            format!("is noise from {at} to {end}")
        }
        4 => {
            let more: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            bytes.splice(at..at, more);
            format!("has {length} bytes more at {at}")
        }
        5 => {
            // A disk wrote a sector to the place of another one.
            let from = random.below(bytes.len().max(1));
            let moved = bytes[from..bytes.len().min(from + (end - at))].to_vec();
            bytes[at..at + moved.len().min(end - at)].copy_from_slice(&moved[..moved.len().min(end - at)]);
            format!("has at {at} what belongs to {from}")
        }
        _ => {
            let bits = 1 + random.below(4);
            for _ in 0..bits {
                let at = if telling.is_empty() { continue } else { telling[random.below(telling.len())] };
                bytes[at] ^= 1 << random.below(8);
            }
            format!("has {bits} flipped bits")
        }
    };
    fs::write(path, bytes).unwrap();
    how
}

/// Runs one case; returns a description of the damage, and the result.
fn case(prepared: &Prepared, seed: u64) -> (String, Result<(), String>) {
    let mut random = Random(seed);
    let case = prepared.case();
    let collection = case.collection();
    let side = ["records", "published", ""][random.below(3)];
    let mut files = tree::files(&collection.join(side));
    if side.is_empty() {
        files.retain(|path| path.parent() == Some(&collection));
    }
    let mut done = Vec::new();
    for _ in 0..1 + random.below(2) {
        let file = files.remove(random.below(files.len()));
        let how = damage(&file, &mut random);
        done.push(format!("{} {how}", file.strip_prefix(&collection).unwrap().display()));
        if files.is_empty() {
            break;
        }
    }
    let first = random.below(QUESTIONS.len() + 3);
    (done.join(", "), ends_well(prepared, &case, first))
}

fn ends_well(prepared: &Prepared, case: &Case<'_>, first: usize) -> Result<(), String> {
    let ran = match QUESTIONS.get(first) {
        Some((name, arguments)) => {
            let ran = case.run(arguments)?;
            if ran.code != Some(2) && essence(name, &ran)? != prepared.now[first] {
                return Err(format!("{name}: A WRONG ANSWER: {}", ran.output_line()));
            }
            ran
        }
        None => {
            let command = ["verify", "index", "rebuild"][first - QUESTIONS.len()];
            let ran = case.run(&[command])?;
            // Damage in files that the command did not read may be reported later, but it must be reported.
            if ran.is_fine() && case.run(QUESTIONS[4].1)?.code != Some(2) {
                case.holds_all(&format!("though {command} said it is done"))?;
            }
            ran
        }
    };
    case.end_well(ran, &[])?;
    case.converges()
}

#[test]
fn damage_at_random_is_reported_and_repaired() {
    let (seed, count) = (chance::seed(), chance::number("NIGH_TEST_DAMAGES", 60));
    let prepared = Prepared::new();
    let seeds: Vec<u64> = (0..count as u64).map(|i| seed.wrapping_add(i)).collect();
    let wrong = in_threads(&seeds, |&seed| {
        let (done, ended) = case(&prepared, seed);
        ended.err().map(|error| format!("{}={seed}: {done}: {error}", chance::SEED)).into_iter().collect()
    });
    assert!(wrong.is_empty(), "{} of {count} ended badly:\n{}", wrong.len(), wrong.join("\n"));
}
