//! [`PullProgress`]: what a fetch is doing; and how it is reported and cancelled.

use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// What a fetch is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullProgress<'a> {
    /// Another process installs the same thing; reported several times a second until it has finished.
    Waiting {
        /// The model or runtime.
        name: &'a str,
    },
    /// A source is about to be tried.
    Trying {
        /// The model or runtime.
        name: &'a str,
        /// A description of the source.
        source: &'a str,
    },
    /// The source just tried did not deliver.
    Failed {
        /// A description of the source.
        source: &'a str,
        /// Why, one line.
        problem: &'a str,
    },
    /// A file begins to arrive.
    Started {
        /// Its name.
        file: &'a str,
        /// Its size in bytes, when it is known.
        bytes: Option<u64>,
        /// How many bytes of it are here from an earlier attempt.
        have: u64,
    },
    /// More of a file is here.
    Advanced {
        /// Its name.
        file: &'a str,
        /// How many bytes of it are here in all.
        bytes: u64,
    },
    /// All of a file is here.
    Finished {
        /// Its name.
        file: &'a str,
    },
    /// The fetched file is being converted into the files of the model; takes some seconds.
    Converting {
        /// The model.
        name: &'a str,
    },
}

/// Reports to the caller's callback, and stops with [`Error::Interrupted`] once the caller has cancelled.
pub(super) struct Report<'r> {
    pub(super) on_progress: &'r mut (dyn FnMut(PullProgress<'_>) + 'r),
    pub(super) cancel: &'r Cancel,
}

impl Report<'_> {
    pub(super) fn say(&mut self, progress: PullProgress<'_>) -> Result<()> {
        (self.on_progress)(progress);
        if self.cancel.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }

    pub(super) fn started(&mut self, file: &str, bytes: Option<u64>, have: u64) -> Result<()> {
        self.say(PullProgress::Started { file, bytes, have })
    }

    pub(super) fn advanced(&mut self, file: &str, bytes: u64) -> Result<()> {
        self.say(PullProgress::Advanced { file, bytes })
    }

    pub(super) fn finished(&mut self, file: &str) -> Result<()> {
        self.say(PullProgress::Finished { file })
    }

    /// Why a source did not deliver, when another one may; the error itself when none can: a full disk, an interruption.
    pub(super) fn failed(&mut self, source: &str, error: Error) -> Result<String> {
        let problem = match error {
            Error::Fetch { what, problem } => format!("{what}: {problem}"),
            Error::HashMismatch { .. } => error.to_string(),
            error => return Err(error),
        };
        self.say(PullProgress::Failed { source, problem: &problem })?;
        Ok(problem)
    }
}
