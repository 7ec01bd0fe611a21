//! What a case can come to.

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
