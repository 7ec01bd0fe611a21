//! The arguments after `cargo xtask powerloss`.

use super::spec::{self, KEEPS, Keeps};
use crate::rig::options::{Common, list};
use crate::rig::stage::RunKind;
use crate::run::{Result, TaskFailure};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PowerlossOptions {
    pub(super) common: Common,
    pub(super) runs: Vec<RunKind>,
    pub(super) keeps: Vec<Keeps>,
    /// The folder of recordings; missing ones are made.
    pub(super) recordings: Option<PathBuf>,
}

impl PowerlossOptions {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let keeps = KEEPS.iter().map(|&(_, keeps)| keeps).collect();
        let mut options = Self { common: Common::default(), runs: spec::RUNS.into(), keeps, recordings: None };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if options.common.take(word, &mut words)? {
                continue;
            }
            let value = words.next().ok_or_else(|| TaskFailure::usage(format!("`{word}` needs a value")))?;
            match word {
                "--models" => {
                    options.keeps = list(value).iter().map(|name| Keeps::parse(name)).collect::<Result<_>>()?
                }
                "--recordings" => options.recordings = Some(value.into()),
                _ => return Err(TaskFailure::usage(format!("cargo xtask powerloss has no option `{word}`"))),
            }
        }
        if !options.common.runs.is_empty() {
            options.runs = options.common.runs.iter().map(|name| spec::run(name)).collect::<Result<_>>()?;
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_parsed_and_bad_ones_refused() {
        let options =
            PowerlossOptions::parse(&["--runs", "create,index", "--models", "size-first", "--shard", "1/2"]).unwrap();
        assert_eq!((options.runs, options.keeps), (vec![RunKind::Create, RunKind::Index], vec![Keeps::Sizes]));
        for bad in [&["--models", "none"][..], &["--runs", "search"], &["--models"], &["--loud", "1"]] {
            assert_eq!(PowerlossOptions::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }
}
