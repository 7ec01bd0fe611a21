//! What a case can come to.

use crate::rig::program::{End, Ran};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// There were fewer calls than that this time.
    NotHit,
    /// The command succeeded all the same.
    Ok,
    /// It was killed, and the next run put everything right.
    Killed,
    /// It said what is wrong, and the next run put everything right.
    Named,
    /// Its advice was followed, and put everything right.
    Advised,
    /// An error without a word.
    Unnamed,
    /// Neither the next run nor what is advised, twice, leads to a collection that is well.
    DeadEnd,
    /// A document is lost, or neither old nor new, and nothing says so.
    SilentLoss,
    /// Success, but not what an undisturbed run gives.
    Different,
    Panic,
    Signal,
    Stuck,
    /// A file stays that no undisturbed run leaves.
    LeftOver,
}

impl Class {
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

    /// Whether it must not be.
    pub(crate) fn is_bad(self) -> bool {
        !matches!(self, Self::NotHit | Self::Ok | Self::Killed | Self::Named | Self::Advised)
    }
}

/// What must never be, whatever happened before.
pub(crate) fn unsound(ran: &Ran) -> Option<Class> {
    let panicked = ran.said.contains("panicked") || ran.end == End::Code(101);
    match ran.end {
        _ if panicked => Some(Class::Panic),
        End::Signal(_) => Some(Class::Signal),
        End::Stuck => Some(Class::Stuck),
        End::Code(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(end: End, said: &str) -> Ran {
        Ran { end, out: String::new(), said: said.into() }
    }

    #[test]
    fn what_must_never_be_is_told_from_errors() {
        assert_eq!(unsound(&ran(End::Code(2), "nigh: head: cannot read")), None);
        assert_eq!(unsound(&ran(End::Code(0), "")), None);
        assert_eq!(unsound(&ran(End::Code(101), "")), Some(Class::Panic));
        assert_eq!(unsound(&ran(End::Code(2), "thread 'main' panicked at")), Some(Class::Panic));
        assert_eq!(unsound(&ran(End::Signal(7), "")), Some(Class::Signal));
        assert_eq!(unsound(&ran(End::Stuck, "")), Some(Class::Stuck));
        let bad = [Class::DeadEnd, Class::SilentLoss, Class::Different, Class::Unnamed, Class::LeftOver, Class::Stuck];
        assert!(bad.iter().all(|class| class.is_bad()));
        let well = [Class::NotHit, Class::Ok, Class::Killed, Class::Named, Class::Advised];
        assert!(well.iter().all(|class| !class.is_bad()));
    }
}
