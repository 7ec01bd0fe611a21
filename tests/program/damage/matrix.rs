//! The table: each file of a collection × each way × the commands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use super::ways::{ALL, OF_DIRECTORIES, Way};
use crate::support::chance::in_threads;
use crate::support::prepared::{Case, Prepared, QUESTIONS, essence};
use crate::support::tree;

/// The allowed results of a command on a damaged collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The answer of the undamaged collection.
    Right,
    /// The answer before the last two commits, if the file is of that time.
    Older,
    /// An error that reports the file, or its directory.
    Named,
    /// A command that writes repaired the collection.
    Healed,
    /// `verify` found nothing after advice was followed once or twice.
    Advised,
}

/// True if documents or answers depend on the file.
fn matters(file: &str) -> bool {
    file.starts_with("published") || file.starts_with("records") || file == "head"
}

struct Cell<'a> {
    prepared: &'a Prepared,
    file: &'a str,
    way: Way,
    /// True if answers are read from the file.
    answers: bool,
}

impl Cell<'_> {
    /// Returns a damaged copy; `None` if the damage changes nothing.
    fn damaged(&self) -> Option<Case<'_>> {
        let case = self.prepared.case();
        let path = case.collection().join(self.file);
        let of = |name: &str| self.prepared.path(name).join(".nigh").join(self.file);
        let aside = case.folder.join(".aside");
        self.way.damage(&path, &of("foreign"), &of("before"), &aside).then_some(case)
    }

    /// True if commands must refuse the file. A hard link to the same file may be read: backups make such links.
    fn must_be_refused(&self) -> bool {
        (self.way.is_odd() && self.way != Way::HardLink || self.way == Way::Foreign) && self.answers
    }

    fn odd(&self) -> Vec<String> {
        if self.way.is_odd() { vec![self.file.to_owned()] } else { Vec::new() }
    }

    /// Runs commands that read: none may write, and none may give a wrong answer. Then follows their advice.
    fn readers(&self, outcomes: &mut Vec<(&'static str, Outcome)>) -> Result<(), String> {
        let Some(case) = self.damaged() else { return Ok(()) };
        let before = tree::snapshot(&case.collection());
        let mut worst = None;
        for (i, (name, arguments)) in QUESTIONS.into_iter().enumerate() {
            let ran = case.run(arguments)?;
            let outcome = if ran.code == Some(2) {
                if !ran.names(&case.collection(), self.file) {
                    return Err(format!("{name}: the error does not name {}: {}", self.file, ran.output_line()));
                }
                worst.get_or_insert(ran);
                Outcome::Named
            } else {
                if self.must_be_refused() && name != "status" {
                    return Err(format!("{name}: {} was taken as it is", self.file));
                }
                let answer = essence(name, &ran)?;
                if answer == self.prepared.now[i] {
                    Outcome::Right
                } else if self.way == Way::Older && answer == self.prepared.before[i] {
                    Outcome::Older
                } else {
                    return Err(format!("{name}: A WRONG ANSWER: {}", ran.output_line()));
                }
            };
            outcomes.push((name, outcome));
        }
        let verified = case.run(&["verify"])?;
        let written = tree::differences(&before, &tree::snapshot(&case.collection()));
        if !verified.is_fine() && !verified.names(&case.collection(), self.file) && verified.advice().is_none() {
            return Err(format!("verify neither names {} nor advises: {}", self.file, verified.output_line()));
        }
        outcomes.push(("verify", if verified.is_fine() { Outcome::Right } else { Outcome::Named }));
        let followed = case.end_well(worst.unwrap_or(verified), &self.odd())?;
        outcomes.push(("advice", if followed == 0 { Outcome::Right } else { Outcome::Advised }));
        case.converges()?;
        let first = written.first().map(|first| first.replace(&*case.collection().to_string_lossy(), ""));
        match first {
            Some(first) => Err(format!("commands that read wrote: {first}, {} changes", written.len())),
            None => Ok(()),
        }
    }

    /// Runs a command that writes: afterwards all documents are there, or an error reports the file.
    fn writer(&self, command: &'static str, outcomes: &mut Vec<(&'static str, Outcome)>) -> Result<(), String> {
        let Some(case) = self.damaged() else { return Ok(()) };
        let ran = case.run(&[command])?;
        if ran.is_fine() {
            // Damage in files that the command did not read may be reported by later readers, but it must be reported.
            let exported = case.run(&["export", "--vectors"])?;
            if exported.code != Some(2) {
                case.holds_all(&format!("though {command} said it is done"))?;
            }
            let verified = case.run(&["verify"])?;
            if exported.code == Some(2) && verified.is_fine() {
                return Err(format!("verify does not see what export does: {}", exported.output_line()));
            }
            let sound = if matters(self.file) { Outcome::Healed } else { Outcome::Right };
            outcomes.push((command, if verified.is_fine() { sound } else { Outcome::Named }));
            case.end_well(verified, &self.odd())?;
        } else {
            if ran.code != Some(2) || !ran.names(&case.collection(), self.file) && ran.advice().is_none() {
                return Err(format!("{command} neither names {} nor advises: {}", self.file, ran.output_line()));
            }
            let settings = self.file == "config.toml" && case.run(&["verify"])?.is_fine();
            let followed = if settings { 0 } else { case.end_well(ran, &self.odd())? };
            outcomes.push((command, if followed == 0 { Outcome::Named } else { Outcome::Advised }));
        }
        case.converges()
    }
}

#[test]
fn damage_of_every_file_in_every_way_under_every_command() {
    let prepared = Prepared::new();
    let collection = prepared.path("now").join(".nigh");
    let relative = |path: &PathBuf| path.strip_prefix(&collection).unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = tree::files(&collection).iter().map(relative).collect();
    let answering: Vec<String> = names.iter().filter(|file| prepared.answers_need(file)).cloned().collect();
    // Segments are alike, so three are enough: one that no manifest lists, and the oldest and the newest that one lists.
    let segments: Vec<&String> = answering.iter().filter(|file| file.contains("segment-")).collect();
    let (oldest, newest) = (segments[0].clone(), segments[segments.len() - 1].clone());
    assert!(oldest != newest, "{answering:?}");
    let retired = names.iter().find(|file| file.contains("segment-") && !answering.contains(file)).cloned();
    names.retain(|file| {
        !file.contains("segment-") || [Some(&oldest), Some(&newest), retired.as_ref()].contains(&Some(file))
    });
    let mut cells: Vec<Cell<'_>> = Vec::new();
    for file in &names {
        let answers = answering.contains(file);
        cells.extend(ALL.into_iter().map(|way| Cell { prepared: &prepared, file, way, answers }));
    }
    for file in ["records", "published"] {
        let answers = file == "published";
        cells.extend(OF_DIRECTORIES.into_iter().map(|way| Cell { prepared: &prepared, file, way, answers }));
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
        chains
            .into_iter()
            .zip(["readers", "index", "rebuild"])
            .filter_map(|(chain, name)| Some(format!("{file}, {way:?}, {name}: {}", chain.err()?)))
            .collect()
    });
    println!("{} cells in {:?}; by command and outcome:", cells.len(), started.elapsed());
    for ((command, outcome), count) in counts.into_inner().unwrap() {
        println!("  {command:<18} {outcome:?}: {count}");
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), 3 * cells.len(), wrong.join("\n"));
}
