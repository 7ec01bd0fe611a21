//! The table: each file of a collection × each way × the commands.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::ways::{ALL, OF_DIRECTORIES, Way};
use crate::support::prepared::{Case, Prepared, QUESTIONS, essence};
use crate::support::tree;

/// Cases at a time; most of their time they wait for the disk.
const TOGETHER: usize = 4;

/// What a command on a damaged collection may end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The answer of the undamaged collection.
    Right,
    /// The answer before the last two commits, where a file of that time is there.
    Older,
    /// An error that names the file, or its directory.
    Named,
    /// A command that writes put it right.
    Healed,
    /// `verify` was clean after advice was followed, once or twice.
    Advised,
}

/// Files whose content no answer hangs on.
fn matters(file: &str) -> bool {
    file.starts_with("published") || file.starts_with("records") || file == "head"
}

/// What must not be followed nor taken for the collection's own.
fn must_be_refused(file: &str, way: Way) -> bool {
    (way.is_odd() || way == Way::Foreign) && file.starts_with("published")
}

struct Cell<'a> {
    prepared: &'a Prepared,
    file: &'a str,
    way: Way,
}

impl Cell<'_> {
    /// A damaged copy; none where the damage changes nothing.
    fn damaged(&self) -> Option<Case<'_>> {
        let case = self.prepared.case();
        let path = case.collection().join(self.file);
        let of = |name: &str| self.prepared.path(name).join(".nigh").join(self.file);
        let aside = case.folder.join(".aside");
        self.way.damage(&path, &of("foreign"), &of("before"), &aside).then_some(case)
    }

    fn odd(&self) -> Vec<String> {
        if self.way.is_odd() { vec![self.file.to_owned()] } else { Vec::new() }
    }

    /// Commands that read: none writes, none is wrong. Then what they advise is done.
    fn readers(&self, outcomes: &mut Vec<(&'static str, Outcome)>) -> Result<(), String> {
        let Some(case) = self.damaged() else { return Ok(()) };
        let before = tree::snapshot(&case.collection());
        let mut worst = None;
        for (i, (name, arguments)) in QUESTIONS.into_iter().enumerate() {
            let ran = case.run(arguments)?;
            let outcome = if ran.code == Some(2) {
                if !ran.names(&case.collection(), self.file) {
                    return Err(format!("{name}: the error does not name {}: {}", self.file, ran.said()));
                }
                worst.get_or_insert(ran);
                Outcome::Named
            } else {
                if must_be_refused(self.file, self.way) && name != "status" {
                    return Err(format!("{name}: {} was taken as it is", self.file));
                }
                let answer = essence(name, &ran)?;
                if answer == self.prepared.now[i] {
                    Outcome::Right
                } else if self.way == Way::Older && answer == self.prepared.before[i] {
                    Outcome::Older
                } else {
                    return Err(format!("{name}: A WRONG ANSWER: {}", ran.said()));
                }
            };
            outcomes.push((name, outcome));
        }
        let verified = case.run(&["verify"])?;
        let written = tree::differences(&before, &tree::snapshot(&case.collection()));
        if !written.is_empty() {
            return Err(format!("a command that reads wrote: {}", written.join(", ")));
        }
        if !verified.is_fine() && !verified.names(&case.collection(), self.file) && verified.advice().is_none() {
            return Err(format!("verify neither names {} nor advises: {}", self.file, verified.said()));
        }
        outcomes.push(("verify", if verified.is_fine() { Outcome::Right } else { Outcome::Named }));
        let followed = case.end_well(worst.unwrap_or(verified), &self.odd())?;
        outcomes.push(("advice", if followed == 0 { Outcome::Right } else { Outcome::Advised }));
        case.converges()
    }

    /// A command that writes: it ends with everything there, or says which file is in its way.
    fn writer(&self, command: &'static str, outcomes: &mut Vec<(&'static str, Outcome)>) -> Result<(), String> {
        let Some(case) = self.damaged() else { return Ok(()) };
        let ran = case.run(&[command])?;
        if ran.is_fine() {
            if command == "index" {
                case.holds_all("though index said it is done")?;
            }
            let verified = case.run(&["verify"])?;
            let harmless = !matters(self.file);
            outcomes.push((command, if harmless { Outcome::Right } else { Outcome::Healed }));
            if !verified.is_fine() && command == "rebuild" {
                // What it could not put right it must at least say, and how.
                case.end_well(verified, &self.odd())?;
            } else if !verified.is_fine() {
                return Err(format!("verify after {command}: {}", verified.said()));
            }
        } else {
            if ran.code != Some(2) || !ran.names(&case.collection(), self.file) && ran.advice().is_none() {
                return Err(format!("{command} neither names {} nor advises: {}", self.file, ran.said()));
            }
            let settings = self.file == "config.toml" && case.run(&["verify"])?.is_fine();
            let followed = if settings { 0 } else { case.end_well(ran, &self.odd())? };
            outcomes.push((command, if followed == 0 { Outcome::Named } else { Outcome::Advised }));
        }
        case.converges()
    }
}

/// Runs cases in some threads and gives what is wrong with each, in order of their names.
pub fn in_threads<T: Sync>(cases: &[T], work: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = work(case);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    wrong
}

#[test]
fn every_file_in_every_way_under_every_command() {
    let prepared = Prepared::new();
    let collection = prepared.path("now").join(".nigh");
    let names: Vec<String> = tree::files(&collection)
        .iter()
        .map(|path| path.strip_prefix(&collection).unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(names.iter().filter(|name| name.contains("segment-")).count() >= 2, "{names:?}");
    let mut cells: Vec<Cell<'_>> = Vec::new();
    for file in &names {
        cells.extend(ALL.into_iter().map(|way| Cell { prepared: &prepared, file, way }));
    }
    for file in ["records", "published"] {
        cells.extend(OF_DIRECTORIES.into_iter().map(|way| Cell { prepared: &prepared, file, way }));
    }
    let counts: Mutex<BTreeMap<(&str, Outcome), usize>> = Mutex::default();
    let started = std::time::Instant::now();
    let wrong = in_threads(&cells, |cell| {
        let mut outcomes = Vec::new();
        let chains =
            [cell.readers(&mut outcomes), cell.writer("index", &mut outcomes), cell.writer("rebuild", &mut outcomes)];
        let mut counts = counts.lock().unwrap();
        outcomes.into_iter().for_each(|outcome| *counts.entry(outcome).or_default() += 1);
        let (file, way) = (cell.file, cell.way);
        chains.into_iter().zip(["readers", "index", "rebuild"]).filter_map(|(chain, name)| {
            Some(format!("{file}, {way:?}, {name}: {}", chain.err()?))
        }).collect()
    });
    println!("{} cells in {:?}; by command and outcome:", cells.len(), started.elapsed());
    for ((command, outcome), count) in counts.into_inner().unwrap() {
        println!("  {command:<18} {outcome:?}: {count}");
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), 3 * cells.len(), wrong.join("\n"));
}
