//! What commands say, for people and for programs, and how they fail.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

/// Why a command did not do what it was asked. Shown on one line.
#[derive(Debug)]
pub enum Failure {
    /// Who reads our output has gone: no reason to complain.
    BrokenPipe,
    /// Ctrl-C, before there was anything to report.
    Interrupted,
    /// Anything else, in words.
    Said(String),
}

impl Failure {
    pub fn said(text: impl Into<String>) -> Self {
        Self::Said(text.into())
    }

    /// For `map_err`: what could not be done to what.
    pub fn io(action: &'static str, what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_string();
        move |error| match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Said(format!("cannot {action} {what}: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenPipe => f.write_str("nobody reads the output"),
            Self::Interrupted => write!(f, "{}", nigh::Error::Interrupted),
            // One line, whatever a cause has in it.
            Self::Said(text) => f.write_str(&text.replace('\n', " ")),
        }
    }
}

impl From<nigh::Error> for Failure {
    fn from(error: nigh::Error) -> Self {
        match error {
            nigh::Error::Interrupted => Self::Interrupted,
            other => Self::Said(other.to_string()),
        }
    }
}

/// Errors of writing to stdout.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::io("write to", "standard output")(error)
    }
}

/// Writes one JSON value and a line end.
pub fn json(out: &mut dyn Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// Terminal styles; empty where colour is off.
#[derive(Clone, Copy)]
pub struct Style {
    on: bool,
}

impl Style {
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    pub fn path(self, text: &str) -> String {
        self.wrap("\u{1b}[1;35m", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.wrap("\u{1b}[2m", text)
    }

    /// A word of the question, in the best sentence or elsewhere.
    pub fn word(self, text: &str, in_sentence: bool) -> String {
        self.wrap(if in_sentence { "\u{1b}[1;4;31m" } else { "\u{1b}[1;31m" }, text)
    }

    /// A part of the sentence that answers best.
    pub fn sentence(self, text: &str) -> String {
        self.wrap("\u{1b}[1;4m", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("{code}{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// 1234567 as 1,234,567.
pub fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().map_or_else(|_| "?".to_owned(), |n: u64| n.to_string());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the unit that suits them.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// "1 document", "2 documents".
pub fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number as u64), if number == 1 { "" } else { "s" })
}

/// Control characters shown as spaces: a file's text must not steer the terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(thousands(1_234_567u64), "1,234,567");
        assert_eq!(thousands(123u64), "123");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(470_641_600), "470.6 MB");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\tc\n"), "a [31mb\tc\n");
    }
}
