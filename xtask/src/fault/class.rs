//! The classes of outcomes.

use crate::rig::program::{End, RunResult};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FaultClass {
    /// This time the run made fewer calls.
    NotHit,
    /// The command succeeded in spite of the fault.
    Ok,
    /// The command was killed, and the next run repaired everything.
    Killed,
    /// The command reported an error, and the next run repaired everything.
    Named,
    /// Following the printed advice repaired everything.
    Advised,
    /// The command failed without a message.
    Unnamed,
    /// Neither the next run nor following the advice twice gives an intact collection.
    DeadEnd,
    /// A document is lost, or neither old nor new, without a message.
    SilentLoss,
    /// Success, but another result than that of an undisturbed run.
    Different,
    Panic,
    Signal,
    Stuck,
    /// A file remains that no undisturbed run leaves.
    LeftOver,
}

impl FaultClass {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotHit => "not hit",
            Self::Ok => "ok",
            Self::Killed => "killed",
            Self::Named => "error-named",
            Self::Advised => "healed-by-advice",
            Self::Unnamed => "error-unnamed",
            Self::DeadEnd => "dead end",
            Self::SilentLoss => "silent loss",
            Self::Different => "success-but-different",
            Self::Panic => "panic",
            Self::Signal => "signal",
            Self::Stuck => "stuck",
            Self::LeftOver => "left-over",
        }
    }

    /// True if no case may have this outcome.
    pub(crate) fn is_bad(self) -> bool {
        !matches!(self, Self::NotHit | Self::Ok | Self::Killed | Self::Named | Self::Advised)
    }
}

/// Returns the class of a panic, a signal or a hang: no fault excuses them.
pub(crate) fn unsound(ran: &RunResult) -> Option<FaultClass> {
    let panicked = ran.stderr.contains("panicked") || ran.end == End::Code(101);
    match ran.end {
        _ if panicked => Some(FaultClass::Panic),
        End::Signal(_) => Some(FaultClass::Signal),
        End::Stuck => Some(FaultClass::Stuck),
        End::Code(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_result(end: End, stderr: &str) -> RunResult {
        RunResult { end, out: String::new(), stderr: stderr.into() }
    }

    #[test]
    fn class_tells_panics_signals_and_hangs_from_errors() {
        assert_eq!(unsound(&run_result(End::Code(2), "nigh: head: cannot read")), None);
        assert_eq!(unsound(&run_result(End::Code(0), "")), None);
        assert_eq!(unsound(&run_result(End::Code(101), "")), Some(FaultClass::Panic));
        assert_eq!(unsound(&run_result(End::Code(2), "thread 'main' panicked at")), Some(FaultClass::Panic));
        assert_eq!(unsound(&run_result(End::Signal(7), "")), Some(FaultClass::Signal));
        assert_eq!(unsound(&run_result(End::Stuck, "")), Some(FaultClass::Stuck));
        let bad = [
            FaultClass::DeadEnd,
            FaultClass::SilentLoss,
            FaultClass::Different,
            FaultClass::Unnamed,
            FaultClass::LeftOver,
            FaultClass::Stuck,
        ];
        assert!(bad.iter().all(|class| class.is_bad()));
        let well = [FaultClass::NotHit, FaultClass::Ok, FaultClass::Killed, FaultClass::Named, FaultClass::Advised];
        assert!(well.iter().all(|class| !class.is_bad()));
    }
}
