//! Output of commands, for people and for programs, and their failures.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | standard output, a line or a JSON value at a time; colour; failures |
//! | `numbers.rs` | numbers, sizes, times and counts in words |

mod numbers;

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

pub use self::numbers::{bytes, count, duration, thousands};
use crate::{advice, exact, harmless};

/// Why a command failed. Shown on one line.
#[derive(Debug)]
pub enum Failure {
    /// The reader of the output has closed it. Not an error for the user.
    BrokenPipe,
    /// Ctrl-C came before there was anything to report.
    Interrupted,
    /// Any other error, as text.
    Message {
        text: String,
        /// Lines to show below the text.
        under: String,
    },
}

impl Failure {
    pub fn message(text: impl Into<String>) -> Self {
        Self::Message { text: text.into(), under: String::new() }
    }

    /// Adds lines to show below the text.
    pub fn under(self, lines: impl Into<String>) -> Self {
        match self {
            Self::Message { text, .. } => Self::Message { text, under: lines.into() },
            other => other,
        }
    }

    /// For `map_err`: the action that failed, and its object.
    pub fn io(action: &'static str, what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_string();
        move |error| match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::message(format!("cannot {action} {what}: {}", reason(&error))),
        }
    }
}

/// Returns an error of the system; common ones in plain words.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "read-only file system".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is not a folder".to_owned(),
        _ => error.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenPipe => f.write_str("the reader of the output is gone"),
            Self::Interrupted => f.write_str(advice::INTERRUPTED),
            Self::Message { text, under } => {
                // One line without control characters, also if a name or a cause contains them.
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
            other => Self::message(advice::message(&other)),
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

/// Standard output. Everything written here is escaped for a terminal: one `writeln!` is one line; see [`harmless`]. Only [`StyledLine`] adds colour, and only [`Output::exact`] writes bytes as they are.
pub struct Output<'w> {
    writer: &'w mut dyn Write,
    color: bool,
}

impl<'w> Output<'w> {
    pub fn new(writer: &'w mut dyn Write, color: bool) -> Self {
        Self { writer, color }
    }

    /// Implements `write!` and `writeln!`: only a line break at the end of the template is kept.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), Failure> {
        let text = arguments.to_string();
        let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
        Ok(write!(self.writer, "{}{end}", harmless::line(line))?)
    }

    /// Starts a line with colours.
    pub fn line(&mut self) -> StyledLine<'_, 'w> {
        StyledLine { text: String::new(), out: self }
    }

    /// Writes the exact path and a NUL, for programs.
    pub fn exact(&mut self, path: &str) -> Result<(), Failure> {
        self.writer.write_all(path.as_bytes())?;
        Ok(self.writer.write_all(b"\0")?)
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}

/// Writes one JSON value and a line break.
pub fn json(out: &mut Output<'_>, value: &impl Serialize) -> Result<(), Failure> {
    Ok(exact::line(out.writer, value)?)
}

/// A line that is being built. Each part is escaped, then coloured if colour is on.
pub struct StyledLine<'o, 'w> {
    text: String,
    out: &'o mut Output<'w>,
}

impl StyledLine<'_, '_> {
    pub fn plain(self, text: impl fmt::Display) -> Self {
        self.part("", text)
    }

    pub fn path(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[1;35m", text)
    }

    pub fn dim(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[2m", text)
    }

    /// Text that the user should notice.
    pub fn warning(self, text: impl fmt::Display) -> Self {
        self.part("\u{1b}[33m", text)
    }

    /// A word of the query, in the best sentence or elsewhere.
    pub fn word(self, text: impl fmt::Display, in_sentence: bool) -> Self {
        self.part(if in_sentence { "\u{1b}[1;4;31m" } else { "\u{1b}[1;31m" }, text)
    }

    /// A part of the best sentence.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn output_writeln_is_one_line_and_only_our_colours_pass() {
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
    fn failure_is_one_line_with_the_lines_below_it() {
        let failure = Failure::message("bad \u{1b}]0;PWN\u{7}\nname").under("a = 池\n    ^^");
        assert_eq!(failure.to_string(), "bad \\u{1b}]0;PWN\\u{7}\\nname\na = 池\n    ^^");
    }
}
