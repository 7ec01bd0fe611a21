//! A case as words: the run, the fault, once or for good, and at which of the calls that the fault suits.

use crate::rig::stage::Run;
use crate::rig::tracer::KINDS;
use crate::run::{Failure, Result};
use std::fmt;

/// The faults, and whether each may last.
pub(crate) const FAULTS: [(&str, bool); 8] = [
    ("eio", true),
    ("enospc", true),
    ("short", true),
    ("eintr", true),
    ("emfile", true),
    ("enomem", true),
    ("erofs", true),
    ("kill", false),
];

/// The faults that every call is to see; the others are for every tenth.
pub(crate) const THOROUGH: [&str; 3] = ["eio", "enospc", "kill"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) run: Run,
    pub(crate) fault: &'static str,
    /// From there on, not at one call alone.
    pub(crate) good: bool,
    pub(crate) at: u64,
    /// Kinds of calls that alone are counted, parted by commas; empty: all.
    pub(crate) calls: String,
}

impl Spec {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Failure::usage(format!(
                "`{text}` is no case; one is RUN:FAULT:once|good:NUMBER[:CALLS], such as index:eio:once:53"
            ))
        };
        let words: Vec<&str> = text.split(':').collect();
        let (run, fault, lasting, at, calls) = match words.as_slice() {
            [run, fault, lasting, at] => (run, fault, lasting, at, ""),
            [run, fault, lasting, at, calls] => (run, fault, lasting, at, *calls),
            _ => return Err(wrong()),
        };
        let good = match *lasting {
            "once" => false,
            "good" => true,
            _ => return Err(wrong()),
        };
        let at = at.parse().ok().filter(|&at| at > 0).ok_or_else(wrong)?;
        Ok(Self { run: Run::parse(run)?, fault: self::fault(fault)?, good, at, calls: self::calls(calls)? })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lasting = if self.good { "good" } else { "once" };
        write!(f, "{}:{}:{lasting}:{}", self.run.name(), self.fault, self.at)?;
        if self.calls.is_empty() { Ok(()) } else { write!(f, ":{}", self.calls) }
    }
}

/// A fault by its name.
pub(crate) fn fault(name: &str) -> Result<&'static str> {
    let names = || FAULTS.map(|(name, _)| name).join(", ");
    let found = FAULTS.iter().find(|(known, _)| *known == name);
    found
        .map(|(name, _)| *name)
        .ok_or_else(|| Failure::usage(format!("no fault is called `{name}`; there are {}", names())))
}

/// Kinds of calls, each of which there is.
pub(crate) fn calls(list: &str) -> Result<String> {
    match list.split(',').find(|kind| !kind.is_empty() && !KINDS.contains(kind)) {
        Some(kind) => {
            Err(Failure::usage(format!("no kind of call is called `{kind}`; there are {}", KINDS.join(", "))))
        }
        None => Ok(list.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_its_words() {
        for text in ["index:eio:once:53", "import-new:kill:once:1", "watch:short:good:7:read,write"] {
            assert_eq!(Spec::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "index",
            "index:eio:once",
            "index:eio:twice:1",
            "index:eio:once:0",
            "index:eperm:once:1",
            "walk:eio:once:1",
            "index:eio:once:1:reed",
            "index:eio:once:1:read:x",
        ] {
            assert_eq!(Spec::parse(bad).unwrap_err().code, 2, "{bad}");
        }
    }
}
