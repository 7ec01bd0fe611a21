//! The arguments that `fault` and `powerloss` share.

use crate::run::{self, Result, TaskFailure, Workspace};
use std::path::PathBuf;
use std::time::Duration;

/// Which cases run, with which program, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Common {
    /// The program; `None`: the one that cargo builds.
    pub(crate) nigh: Option<PathBuf>,
    pub(crate) seed: u64,
    /// The shard, and the number of shards.
    pub(crate) shard: (u64, u64),
    /// The file of results, one line for each case. Cases in it do not run again.
    pub(crate) out: Option<PathBuf>,
    /// Files of results to add up; then no case runs.
    pub(crate) report: Vec<PathBuf>,
    /// One case to run, with full output.
    pub(crate) case: Option<String>,
    pub(crate) every: u64,
    pub(crate) runs: Vec<String>,
    pub(crate) jobs: usize,
    pub(crate) limit: Duration,
    pub(crate) scratch: Option<PathBuf>,
    /// True if the working folder is kept.
    pub(crate) keep: bool,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            nigh: None,
            seed: 1,
            shard: (1, 1),
            out: None,
            report: Vec::new(),
            case: None,
            every: 1,
            runs: Vec::new(),
            jobs: 2,
            limit: Duration::from_secs(60),
            scratch: None,
            keep: false,
        }
    }
}

impl Common {
    /// Parses an option and its value. Returns false if it is not a shared option.
    pub(crate) fn take<'a>(&mut self, word: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<bool> {
        if word == "--keep" {
            self.keep = true;
            return Ok(true);
        }
        if word == "--report" {
            self.report = rest.map(PathBuf::from).collect();
            return if self.report.is_empty() { Err(TaskFailure::usage("--report needs files")) } else { Ok(true) };
        }
        let known =
            ["--nigh", "--seed", "--shard", "--out", "--case", "--every", "--runs", "--jobs", "--timeout", "--scratch"];
        if !known.contains(&word) {
            return Ok(false);
        }
        let value = rest.next().ok_or_else(|| TaskFailure::usage(format!("`{word}` needs a value")))?;
        match word {
            "--nigh" => self.nigh = Some(value.into()),
            "--seed" => self.seed = number(word, value)?,
            "--shard" => self.shard = shard(value)?,
            "--out" => self.out = Some(value.into()),
            "--case" => self.case = Some(value.to_owned()),
            "--every" => self.every = number(word, value)?.max(1),
            "--runs" => self.runs = list(value),
            "--jobs" => self.jobs = usize::try_from(number(word, value)?.max(1)).unwrap_or(1),
            "--timeout" => self.limit = Duration::from_secs(number(word, value)?.max(1)),
            _ => self.scratch = Some(value.into()),
        }
        Ok(true)
    }

    /// Returns the program to run: the given one, or the one that cargo builds now.
    ///
    /// # Errors
    /// If it does not exist, or does not build.
    pub(crate) fn program(&self, workspace: &Workspace) -> Result<PathBuf> {
        let path = match &self.nigh {
            Some(path) => path.clone(),
            None => {
                run::announce("cargo build --bin nigh");
                run::succeed(workspace.cargo().args(["build", "--bin", "nigh"]))?;
                workspace.nigh("debug")
            }
        };
        path.canonicalize().map_err(TaskFailure::io("find", &path))
    }

    /// True if a case belongs to this shard. Depends only on the case, so that shards add up for any choice of cases.
    pub(crate) fn is_in_shard(&self, case: &str) -> bool {
        super::random::hash(case) % self.shard.1 == self.shard.0 - 1
    }
}

pub(crate) fn list(value: &str) -> Vec<String> {
    value.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

pub(crate) fn number(word: &str, value: &str) -> Result<u64> {
    value.parse().map_err(|_| TaskFailure::usage(format!("{word} needs a number, not `{value}`")))
}

/// Parses `3/8`: the third of eight shards.
fn shard(value: &str) -> Result<(u64, u64)> {
    let parsed = value.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    let valid = parsed.filter(|&(part, of): &(u64, u64)| part >= 1 && part <= of);
    valid.ok_or_else(|| TaskFailure::usage(format!("--shard needs PART/PARTS, such as 3/8, not `{value}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Common> {
        let mut common = Common::default();
        let mut words = words.split_whitespace();
        while let Some(word) = words.next() {
            assert!(common.take(word, &mut words)?, "{word}");
        }
        Ok(common)
    }

    #[test]
    fn arguments_are_parsed_and_bad_ones_refused() {
        let common = parse("--shard 3/8 --seed 7 --runs a,b --every 0 --timeout 9 --keep --report x y").unwrap();
        assert_eq!((common.shard, common.seed, common.every), ((3, 8), 7, 1));
        assert_eq!((common.runs, common.report.len(), common.keep), (vec!["a".to_owned(), "b".to_owned()], 2, true));
        for bad in ["--shard 0/8", "--shard 9/8", "--shard 3", "--seed x", "--seed", "--report"] {
            assert_eq!(parse(bad).unwrap_err().code, 2, "{bad}");
        }
        assert!(!Common::default().take("--faults", &mut ["eio"].into_iter()).unwrap());
    }

    #[test]
    fn shards_have_every_case_once_and_are_of_similar_size() {
        let part = |at| Common { shard: (at, 8), ..Common::default() };
        let mut sizes = [0; 8];
        for case in (0..8000).map(|at| format!("index:eio:once:{at}")) {
            let parts: Vec<usize> = (0..8).filter(|&at| part(at as u64 + 1).is_in_shard(&case)).collect();
            assert_eq!(parts.len(), 1);
            sizes[parts[0]] += 1;
        }
        assert!(sizes.iter().all(|&size| (800..1200).contains(&size)), "{sizes:?}");
    }
}
