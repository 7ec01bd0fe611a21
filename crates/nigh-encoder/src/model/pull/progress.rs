//! [`PullProgress`]: the steps of a fetch. Also reports them, and stops the fetch when it is cancelled.

use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// A step of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullProgress<'a> {
    /// Another process is installing the same thing. Reported several times a second until that process has finished.
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
    /// The source did not deliver.
    Failed {
        /// A description of the source.
        source: &'a str,
        /// The reason, one line.
        problem: &'a str,
    },
    /// A file begins to arrive.
    Started {
        /// Its name.
        file: &'a str,
        /// Its size in bytes, when it is known.
        bytes: Option<u64>,
        /// The number of its bytes that an earlier attempt left on this machine.
        have: u64,
    },
    /// More of a file has arrived.
    Advanced {
        /// Its name.
        file: &'a str,
        /// The number of its bytes that have arrived in all.
        bytes: u64,
    },
    /// All of a file has arrived.
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

/// Calls the caller's callback. Its methods return [`Error::Interrupted`] once the caller has cancelled.
pub(super) struct Report<'r> {
    pub(super) on_progress: &'r mut (dyn FnMut(PullProgress<'_>) + 'r),
    pub(super) cancel: &'r Cancel,
}

impl Report<'_> {
    pub(super) fn report(&mut self, progress: PullProgress<'_>) -> Result<()> {
        (self.on_progress)(progress);
        if self.cancel.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }

    pub(super) fn started(&mut self, file: &str, bytes: Option<u64>, have: u64) -> Result<()> {
        self.report(PullProgress::Started { file, bytes, have })
    }

    pub(super) fn advanced(&mut self, file: &str, bytes: u64) -> Result<()> {
        self.report(PullProgress::Advanced { file, bytes })
    }

    pub(super) fn finished(&mut self, file: &str) -> Result<()> {
        self.report(PullProgress::Finished { file })
    }

    /// Reports that a source failed, and returns the reason as text. Returns the error itself if no other source can help: a
    /// full disk, an interruption.
    pub(super) fn failed(&mut self, source: &str, error: Error) -> Result<String> {
        let problem = match error {
            Error::Fetch { what, problem } => format!("{what}: {problem}"),
            Error::HashMismatch { .. } => error.to_string(),
            error => return Err(error),
        };
        self.report(PullProgress::Failed { source, problem: &problem })?;
        Ok(problem)
    }
}
