//! The arguments after `cargo xtask fault`.

use super::spec::{self, FAULTS};
use crate::rig::options::{Common, list, number};
use crate::rig::stage::{RUNS, Run};
use crate::run::{Failure, Result};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(super) common: Common,
    pub(super) runs: Vec<Run>,
    pub(super) faults: Vec<&'static str>,
    /// Kinds of calls that alone are counted; empty: all.
    pub(super) calls: String,
    /// Beside `every`, for the faults that are not put into every call.
    pub(super) others: u64,
    /// Beside `every`, for faults that last.
    pub(super) good: u64,
    /// Few cases: what lasts is put in for the thorough faults alone.
    pub(super) smoke: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            common: Common::default(),
            runs: RUNS.iter().map(|&(_, run)| run).collect(),
            faults: FAULTS.iter().map(|&(fault, _)| fault).collect(),
            calls: String::new(),
            others: 10,
            good: 10,
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
            let value = words.next().ok_or_else(|| Failure::usage(format!("`{word}` wants a value")))?;
            match word {
                "--faults" => {
                    options.faults = list(value).iter().map(|name| spec::fault(name)).collect::<Result<_>>()?
                }
                "--calls" => options.calls = spec::calls(value)?,
                "--others" => options.others = number(word, value)?.max(1),
                "--good" => options.good = number(word, value)?.max(1),
                _ => return Err(Failure::usage(format!("cargo xtask fault knows no `{word}`"))),
            }
        }
        if !options.common.runs.is_empty() {
            options.runs = options.common.runs.iter().map(|name| Run::parse(name)).collect::<Result<_>>()?;
        }
        Ok(options)
    }

    /// What takes under two minutes: the runs that write, a few calls of each.
    fn smoke(&mut self) {
        self.runs = vec![Run::Create, Run::Index, Run::Import, Run::Migrate, Run::Pack];
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
    fn arguments_are_read_and_bad_ones_named() {
        let options =
            Options::parse(&["--runs", "index,import", "--faults", "eio,kill", "--others", "5", "--jobs", "3"])
                .unwrap();
        assert_eq!((options.runs, options.faults), (vec![Run::Index, Run::Import], vec!["eio", "kill"]));
        assert_eq!((options.others, options.good, options.common.jobs), (5, 10, 3));
        for bad in [
            &["--faults", "eperm"][..],
            &["--runs", "walk"],
            &["--calls", "reed"],
            &["--good"],
            &["--loud", "1"],
            &["x"],
        ] {
            assert_eq!(Options::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }

    #[test]
    fn smoke_is_a_part_and_the_words_beside_it_count() {
        let smoke = Options::parse(&["--every", "50", "--smoke", "--runs", "index"]).unwrap();
        assert_eq!((smoke.common.every, smoke.runs), (50, vec![Run::Index]));
        assert_eq!(Options::parse(&["--smoke"]).unwrap().common.every, 97);
    }
}
