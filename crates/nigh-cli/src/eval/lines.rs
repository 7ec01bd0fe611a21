//! Lines of a text file with their numbers, and errors that name the line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::output::Failure;

/// The position of a line, for errors.
#[derive(Clone, Copy)]
pub struct LinePlace<'a> {
    path: &'a Path,
    /// Counted from 1.
    line: usize,
}

impl LinePlace<'_> {
    /// Returns the error `file:line: problem`.
    pub fn wrong(self, problem: impl std::fmt::Display) -> Failure {
        Failure::message(format!("{}:{}: {problem}", self.path.display(), self.line))
    }

    /// Returns the number of the line, from 1.
    pub fn number(self) -> usize {
        self.line
    }

    pub fn is_first(self) -> bool {
        self.line == 1
    }
}

/// Calls `work` for each line that is not blank, without its line break; skips a byte order mark.
pub fn each(path: &Path, mut work: impl FnMut(LinePlace<'_>, &str) -> Result<(), Failure>) -> Result<(), Failure> {
    let file = File::open(path).map_err(Failure::io("read", path.display()))?;
    let mut reader = BufReader::new(file);
    let (mut bytes, mut line) = (Vec::new(), 0);
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(Failure::io("read", path.display()))? == 0 {
            return Ok(());
        }
        line += 1;
        let place = LinePlace { path, line };
        let text = std::str::from_utf8(&bytes).map_err(|error| place.wrong(format!("not UTF-8: {error}")))?;
        let text = text.trim_end_matches(['\n', '\r']);
        let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        if !text.trim().is_empty() {
            work(place, text)?;
        }
    }
}

/// Checks that a path is a file; otherwise the error contains `advice`.
pub fn existing(path: PathBuf, advice: &str) -> Result<PathBuf, Failure> {
    if path.is_file() { Ok(path) } else { Err(Failure::message(format!("{} is not a file; {advice}", path.display()))) }
}
