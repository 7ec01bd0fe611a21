//! The arguments after `cargo xtask fault`.

use super::spec::{self, FAULTS};
use crate::rig::options::{Common, list, number};
use crate::rig::stage::{RUNS, RunKind};
use crate::run::{Result, TaskFailure};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultOptions {
    pub(super) common: Common,
    pub(super) runs: Vec<RunKind>,
    pub(super) faults: Vec<&'static str>,
    /// The kinds of calls to count; empty: all.
    pub(super) calls: String,
    /// Multiplies `every` for faults that are not injected into every call.
    pub(super) others: u64,
    /// Multiplies `every` for persistent faults.
    pub(super) persistent: u64,
    /// Runs few cases: persistent faults only of the thorough kinds.
    pub(super) smoke: bool,
}

impl FaultOptions {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            common: Common::default(),
            runs: RUNS.iter().map(|&(_, run)| run).collect(),
            faults: FAULTS.iter().map(|&(fault, _)| fault).collect(),
            calls: String::new(),
            others: 10,
            persistent: 10,
            smoke: false,
        };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if options.common.take(word, &mut words)? {
                continue;
            }
            if word == "--smoke" {
                options.smoke();
                continue;
            }
            let value = words.next().ok_or_else(|| TaskFailure::usage(format!("`{word}` needs a value")))?;
            match word {
                "--faults" => {
                    options.faults = list(value).iter().map(|name| spec::fault(name)).collect::<Result<_>>()?
                }
                "--calls" => options.calls = spec::calls(value)?,
                "--others" => options.others = number(word, value)?.max(1),
                "--good" => options.persistent = number(word, value)?.max(1),
                _ => return Err(TaskFailure::usage(format!("cargo xtask fault has no option `{word}`"))),
            }
        }
        if !options.common.runs.is_empty() {
            options.runs = options.common.runs.iter().map(|name| RunKind::parse(name)).collect::<Result<_>>()?;
        }
        Ok(options)
    }

    /// Chooses cases that take under two minutes: the runs that write, a few calls of each.
    fn smoke(&mut self) {
        self.runs = vec![RunKind::Create, RunKind::Index, RunKind::Import, RunKind::Migrate, RunKind::Pack];
        self.smoke = true;
        if self.common.every == 1 {
            self.common.every = 97;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_parsed_and_bad_ones_refused() {
        let options =
            FaultOptions::parse(&["--runs", "index,import", "--faults", "eio,kill", "--others", "5", "--jobs", "3"])
                .unwrap();
        assert_eq!((options.runs, options.faults), (vec![RunKind::Index, RunKind::Import], vec!["eio", "kill"]));
        assert_eq!((options.others, options.persistent, options.common.jobs), (5, 10, 3));
        for bad in [
            &["--faults", "eperm"][..],
            &["--runs", "walk"],
            &["--calls", "reed"],
            &["--good"],
            &["--loud", "1"],
            &["x"],
        ] {
            assert_eq!(FaultOptions::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }

    #[test]
    fn smoke_is_a_subset_and_other_options_apply() {
        let smoke = FaultOptions::parse(&["--every", "50", "--smoke", "--runs", "index"]).unwrap();
        assert_eq!((smoke.common.every, smoke.runs), (50, vec![RunKind::Index]));
        assert_eq!(FaultOptions::parse(&["--smoke"]).unwrap().common.every, 97);
    }
}
