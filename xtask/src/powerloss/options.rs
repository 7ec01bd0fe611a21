//! The arguments after `cargo xtask powerloss`.

use super::spec::{self, KEEPS, Keeps};
use crate::rig::options::{Common, list};
use crate::rig::stage::Run;
use crate::run::{Failure, Result};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(super) common: Common,
    pub(super) runs: Vec<Run>,
    pub(super) keeps: Vec<Keeps>,
    /// Where recordings lie, each made when it is not there.
    pub(super) recordings: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let keeps = KEEPS.iter().map(|&(_, keeps)| keeps).collect();
        let mut options = Self { common: Common::default(), runs: spec::RUNS.into(), keeps, recordings: None };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if options.common.take(word, &mut words)? {
                continue;
            }
            let value = words.next().ok_or_else(|| Failure::usage(format!("`{word}` wants a value")))?;
            match word {
                "--models" => {
                    options.keeps = list(value).iter().map(|name| Keeps::parse(name)).collect::<Result<_>>()?
                }
                "--recordings" => options.recordings = Some(value.into()),
                _ => return Err(Failure::usage(format!("cargo xtask powerloss knows no `{word}`"))),
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
    fn arguments_are_read_and_bad_ones_named() {
        let options = Options::parse(&["--runs", "create,index", "--models", "size-first", "--shard", "1/2"]).unwrap();
        assert_eq!((options.runs, options.keeps), (vec![Run::Create, Run::Index], vec![Keeps::Sizes]));
        for bad in [&["--models", "none"][..], &["--runs", "search"], &["--models"], &["--loud", "1"]] {
            assert_eq!(Options::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }
}
