//! What commands say, for people and for programs, and how they fail.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::{advice, exact, harmless};

/// Why a command did not do what it was asked. Shown on one line.
#[derive(Debug)]
pub enum Failure {
    /// Who reads our output has gone: no reason to complain.
    BrokenPipe,
    /// Ctrl-C, before there was anything to report.
    Interrupted,
    /// Anything else, in words.
    Said {
        text: String,
        /// Lines to show under it.
        under: String,
    },
}

impl Failure {
    pub fn said(text: impl Into<String>) -> Self {
        Self::Said { text: text.into(), under: String::new() }
    }

    /// With these lines under it.
    pub fn under(self, lines: impl Into<String>) -> Self {
        match self {
            Self::Said { text, .. } => Self::Said { text, under: lines.into() },
            other => other,
        }
    }

    /// For `map_err`: what could not be done to what.
    pub fn io(action: &'static str, what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_string();
        move |error| match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::said(format!("cannot {action} {what}: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenPipe => f.write_str("nobody reads the output"),
            Self::Interrupted => f.write_str(advice::INTERRUPTED),
            Self::Said { text, under } => {
                // One line, and nothing that steers the terminal, whatever a name or a cause has in it.
                f.write_str(&harmless::line(text))?;
                under.lines().try_for_each(|line| write!(f, "\n{}", harmless::line(line)))
            }
        }
    }
}

impl From<nigh::Error> for Failure {
    fn from(error: nigh::Error) -> Self {
        match error {
            nigh::Error::Interrupted => Self::Interrupted,
            other => Self::said(advice::message(&other)),
        }
    }
}

impl From<nigh::EncoderError> for Failure {
    fn from(error: nigh::EncoderError) -> Self {
        nigh::Error::from(error).into()
    }
}

/// Errors of writing to stdout.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::io("write to", "standard output")(error)
    }
}

/// Standard output. Whatever is written here stays harmless for a terminal: one `writeln!` is one line, with what is hidden in
/// it spelt out; see [`harmless`]. Only [`Line`] adds colour, and only [`Output::exact`] writes bytes as they are.
pub struct Output<'w> {
    writer: &'w mut dyn Write,
    color: bool,
}

impl<'w> Output<'w> {
    pub fn new(writer: &'w mut dyn Write, color: bool) -> Self {
        Self { writer, color }
    }

    /// For `write!` and `writeln!`: only the line end that the template itself ends with breaks the line.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), Failure> {
        let text = arguments.to_string();
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        Ok(write!(self.writer, "{}{end}", harmless::line(line))?)
    }

    /// Begins a line with colours.
    pub fn line(&mut self) -> Line<'_, 'w> {
        Line { text: String::new(), out: self }
    }

    /// For programs: a path as it is, then NUL.
    pub fn exact(&mut self, path: &str) -> Result<(), Failure> {
        self.writer.write_all(path.as_bytes())?;
        Ok(self.writer.write_all(b"\0")?)
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}

/// Writes one JSON value and a line end.
pub fn json(out: &mut Output<'_>, value: &impl Serialize) -> Result<(), Failure> {
    Ok(exact::line(out.writer, value)?)
}

/// A line under way. Each part is made harmless, then styled where colour is on.
pub struct Line<'o, 'w> {
    text: String,
    out: &'o mut Output<'w>,
}

impl Line<'_, '_> {
    pub fn plain(self, text: impl fmt::Display) -> Self {
        self.part("", text)
    }

    pub fn path(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[1;35m", text)
    }

    pub fn dim(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[2m", text)
    }

    /// What the reader should not miss.
    pub fn warning(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[33m", text)
    }

    /// A word of the question, in the best sentence or elsewhere.
    pub fn word(self, text: impl fmt::Display, in_sentence: bool) -> Self {
        self.part(if in_sentence { "\u{1b}[1;4;31m" } else { "\u{1b}[1;31m" }, text)
    }

    /// A part of the sentence that answers best.
    pub fn sentence(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[1;4m", text)
    }

    pub fn end(self) -> Result<(), Failure> {
        Ok(writeln!(self.out.writer, "{}", self.text)?)
    }

    fn part(mut self, code: &str, text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let text = harmless::line(&text);
        if self.out.color && !code.is_empty() {
            self.text.extend([code, &text, "\u{1b}[0m"]);
        } else {
            self.text.push_str(&text);
        }
        self
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

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
    fn one_writeln_is_one_line_and_only_our_colours_pass() {
        let written = |color: bool| {
            let mut bytes = Vec::new();
            let mut out = Output::new(&mut bytes, color);
            let hostile = "a\nb\u{1b}[31m\n";
            writeln!(out, "{hostile} ends").unwrap();
            out.line().path("x\u{9b}\n").plain("  ").dim("y").end().unwrap();
            writeln!(out).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(written(false), "a\\nb\\u{1b}[31m\\n ends\nx\\u{9b}\\n  y\n\n");
        assert!(written(true).ends_with("\u{1b}[1;35mx\\u{9b}\\n\u{1b}[0m  \u{1b}[2my\u{1b}[0m\n\n"));
    }

    #[test]
    fn failures_are_one_line_and_what_is_shown_under_them() {
        let failure = Failure::said("bad \u{1b}]0;PWN\u{7}\nname").under("a = 池\n    ^^");
        assert_eq!(failure.to_string(), "bad \\u{1b}]0;PWN\\u{7}\\nname\na = 池\n    ^^");
    }
}
