//! The file of results, one line for each case: resumed after a stop, and added up to a report.

use crate::run::{Result, TaskFailure};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The result of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CaseResult {
    /// The case, as `--case` takes it.
    pub(crate) case: String,
    pub(crate) seed: u64,
    pub(crate) class: String,
    /// True if no case may have this class.
    pub(crate) bad: bool,
    /// The place of the fault.
    pub(crate) at: String,
    /// The problem.
    pub(crate) why: String,
    /// The commands that ran, with their results.
    pub(crate) steps: Vec<String>,
    pub(crate) milliseconds: u64,
}

impl CaseResult {
    fn line(&self) -> Value {
        json!({ "case": self.case, "seed": self.seed, "class": self.class, "bad": self.bad, "at": self.at, "why": self.why,
                "steps": self.steps, "ms": self.milliseconds })
    }

    fn parse(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let steps = value["steps"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Self {
            case: text("case")?,
            seed: value["seed"].as_u64()?,
            class: text("class")?,
            bad: value["bad"].as_bool()?,
            at: text("at")?,
            why: text("why")?,
            steps,
            milliseconds: value["ms"].as_u64()?,
        })
    }

    /// Returns the run of the case.
    fn run(&self) -> &str {
        self.case.split(':').next().unwrap_or_default()
    }

    /// Returns the case without its run and its numbers.
    fn kind(&self) -> String {
        let words: Vec<&str> = self.case.split(':').skip(1).filter(|word| word.parse::<u64>().is_err()).collect();
        words.join(":")
    }
}

/// A file of results that grows.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: Option<(PathBuf, File)>,
    pub(crate) records: Vec<CaseResult>,
}

impl Ledger {
    /// Opens the file, if one is named, with its results. Removes a truncated last line.
    ///
    /// # Errors
    /// If the file cannot be read or written, or if its results have another seed.
    pub(crate) fn open(path: Option<&Path>, seed: u64) -> Result<Self> {
        let Some(path) = path else { return Ok(Self { file: None, records: Vec::new() }) };
        let records = if path.exists() { read(path)? } else { Vec::new() };
        if let Some(other) = records.iter().find(|record| record.seed != seed) {
            let advice = format!("continue with --seed {}, or name another file", other.seed);
            return Err(TaskFailure::usage(format!("{} has results of seed {}: {advice}", path.display(), other.seed)));
        }
        let whole: String = records.iter().map(|record| format!("{}\n", record.line())).collect();
        fs::write(path, whole).map_err(TaskFailure::io("write", path))?;
        let file = File::options().append(true).open(path).map_err(TaskFailure::io("write", path))?;
        Ok(Self { file: Some((path.to_owned(), file)), records })
    }

    /// Returns the cases that are done.
    pub(crate) fn done(&self) -> BTreeSet<String> {
        self.records.iter().map(|record| record.case.clone()).collect()
    }

    /// Adds a result, and writes it at once.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn add(&mut self, record: CaseResult) -> Result {
        if let Some((path, file)) = &mut self.file {
            writeln!(file, "{}", record.line()).map_err(TaskFailure::io("write", path))?;
        }
        self.records.push(record);
        Ok(())
    }
}

/// Returns the results in a file, without incomplete lines.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<CaseResult>> {
    let text = fs::read_to_string(path).map_err(TaskFailure::io("read", path))?;
    Ok(text.lines().filter_map(CaseResult::parse).collect())
}

/// Tables of results by run and by kind, and the failures. A case counts once, even if several files have it.
pub(crate) fn report(task: &str, records: &[CaseResult]) -> String {
    let mut seen = BTreeSet::new();
    let records: Vec<&CaseResult> = records.iter().filter(|record| seen.insert((&record.case, record.seed))).collect();
    let mut classes: Vec<(bool, &str)> = records.iter().map(|record| (record.bad, record.class.as_str())).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut text = String::new();
    for (title, key) in [("run", CaseResult::run as fn(&CaseResult) -> &str), ("", |_| "")] {
        let mut rows: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
        for record in &records {
            let name = if title.is_empty() { record.kind() } else { key(record).to_owned() };
            *rows.entry(name).or_default().entry(record.class.as_str()).or_default() += 1;
        }
        let width = rows.keys().map(String::len).max().unwrap_or(0).max(8);
        let title = if title.is_empty() { "what" } else { title };
        text.push_str(&format!("{title:<width$}  cases"));
        for (bad, class) in &classes {
            text.push_str(&format!("  {}{class}", if *bad { "!" } else { "" }));
        }
        text.push('\n');
        let total = rows.values().fold(BTreeMap::new(), |mut total: BTreeMap<&str, u64>, row| {
            row.iter().for_each(|(class, count)| *total.entry(class).or_default() += count);
            total
        });
        for (name, row) in rows.iter().map(|(name, row)| (name.as_str(), row)).chain([("all", &total)]) {
            text.push_str(&format!("{name:<width$}  {:>5}", row.values().sum::<u64>()));
            for (bad, class) in &classes {
                let width = class.len() + 2 + usize::from(*bad);
                match row.get(class) {
                    Some(count) => text.push_str(&format!("{count:>width$}")),
                    None => text.push_str(&format!("{:>width$}", "·")),
                }
            }
            text.push('\n');
        }
        text.push('\n');
    }
    for record in records.iter().filter(|record| record.bad) {
        let (class, at, why) = (&record.class, &record.at, &record.why);
        text.push_str(&format!(
            "{class}: {at}: {why}\n    cargo xtask {task} --seed {} --case {}\n",
            record.seed, record.case
        ));
    }
    let time: u64 = records.iter().map(|record| record.milliseconds).sum();
    let mean = time / (records.len() as u64).max(1);
    let bad = records.iter().filter(|record| record.bad).count();
    text.push_str(&format!("{} cases, {mean} ms each; {bad} bad\n", records.len()));
    text
}

#[cfg(test)]
mod tests {
    use super::super::place::RunFolder;
    use super::*;

    fn record(case: &str, class: &str, bad: bool) -> CaseResult {
        CaseResult {
            case: case.into(),
            seed: 1,
            class: class.into(),
            bad,
            at: "read db".into(),
            why: "w".into(),
            steps: vec!["s".into()],
            milliseconds: 10,
        }
    }

    #[test]
    fn ledger_resumes_without_a_truncated_line() {
        let place = RunFolder::new(Some(&std::env::temp_dir()), "xtask-ledger").unwrap();
        let path = place.path.join("out.jsonl");
        let mut ledger = Ledger::open(Some(&path), 1).unwrap();
        ledger.add(record("index:eio:once:1", "ok", false)).unwrap();
        ledger.add(record("index:eio:once:2", "dead end", true)).unwrap();
        drop(ledger);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 9]).unwrap();
        let mut ledger = Ledger::open(Some(&path), 1).unwrap();
        assert_eq!(ledger.done().into_iter().collect::<Vec<_>>(), ["index:eio:once:1"]);
        ledger.add(record("index:eio:once:3", "ok", false)).unwrap();
        assert_eq!(read(&path).unwrap(), ledger.records);
        assert_eq!(Ledger::open(Some(&path), 2).unwrap_err().code, 2);
    }

    #[test]
    fn report_adds_up_results_and_names_commands_for_failures() {
        let all = [
            record("index:eio:once:1", "ok", false),
            record("index:eio:once:1", "ok", false),
            record("index:kill:once:1", "ok", false),
            record("import:eio:good:9", "dead end", true),
        ];
        let text = report("fault", &all);
        let row = |name: &str| {
            text.lines().find(|line| line.starts_with(name)).unwrap().split_whitespace().collect::<Vec<_>>()
        };
        assert_eq!(row("index"), ["index", "2", "2", "·"]);
        assert_eq!(row("eio:good"), ["eio:good", "1", "·", "1"]);
        assert_eq!(row("all"), ["all", "3", "2", "1"]);
        assert!(text.contains("cargo xtask fault --seed 1 --case import:eio:good:9"), "{text}");
        assert!(text.contains("3 cases, 10 ms each; 1 bad"));
    }
}
