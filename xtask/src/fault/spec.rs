//! A case as text: the run, the fault, once or persistent, and the number of the call among those that the fault can hit.

use crate::rig::stage::RunKind;
use crate::rig::tracer::KINDS;
use crate::run::{Result, TaskFailure};
use std::fmt;

/// The faults, and whether each can be persistent.
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

/// The faults that are injected into every call; the others only into every tenth.
pub(crate) const THOROUGH: [&str; 3] = ["eio", "enospc", "kill"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultCase {
    pub(crate) run: RunKind,
    pub(crate) fault: &'static str,
    /// True if the fault occurs at all later calls too.
    pub(crate) persistent: bool,
    pub(crate) at: u64,
    /// The kinds of calls to count, separated by commas; empty: all.
    pub(crate) calls: String,
}

impl FaultCase {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            TaskFailure::usage(format!(
                "`{text}` is not a case; write RUN:FAULT:once|good:NUMBER[:CALLS], such as index:eio:once:53"
            ))
        };
        let words: Vec<&str> = text.split(':').collect();
        let (run, fault, persistence, at, calls) = match words.as_slice() {
            [run, fault, persistence, at] => (run, fault, persistence, at, ""),
            [run, fault, persistence, at, calls] => (run, fault, persistence, at, *calls),
            _ => return Err(wrong()),
        };
        let persistent = match *persistence {
            "once" => false,
            "good" => true,
            _ => return Err(wrong()),
        };
        let at = at.parse().ok().filter(|&at| at > 0).ok_or_else(wrong)?;
        Ok(Self { run: RunKind::parse(run)?, fault: self::fault(fault)?, persistent, at, calls: self::calls(calls)? })
    }
}

impl fmt::Display for FaultCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lasting = if self.persistent { "good" } else { "once" };
        write!(f, "{}:{}:{lasting}:{}", self.run.name(), self.fault, self.at)?;
        if self.calls.is_empty() { Ok(()) } else { write!(f, ":{}", self.calls) }
    }
}

/// Returns a fault by its name.
pub(crate) fn fault(name: &str) -> Result<&'static str> {
    let names = || FAULTS.map(|(name, _)| name).join(", ");
    let found = FAULTS.iter().find(|(known, _)| *known == name);
    found
        .map(|(name, _)| *name)
        .ok_or_else(|| TaskFailure::usage(format!("unknown fault `{name}`; the faults are {}", names())))
}

/// Checks a list of kinds of calls.
pub(crate) fn calls(list: &str) -> Result<String> {
    match list.split(',').find(|kind| !kind.is_empty() && !KINDS.contains(kind)) {
        Some(kind) => {
            Err(TaskFailure::usage(format!("unknown kind of call `{kind}`; the kinds are {}", KINDS.join(", "))))
        }
        None => Ok(list.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_round_trips_through_text() {
        for text in ["index:eio:once:53", "import-new:kill:once:1", "watch:short:good:7:read,write"] {
            assert_eq!(FaultCase::parse(text).unwrap().to_string(), text);
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
            assert_eq!(FaultCase::parse(bad).unwrap_err().code, 2, "{bad}");
        }
    }
}
