//! Lines of an input in bounded memory: one buffer, which holds the beginning of a long line; the rest is streamed.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | lines, and a line as a document |
//! | `problem.rs` | describes the error of a line |
//! | `stream.rs` | the rest of a long line, with limits |

mod problem;
mod stream;

use std::io::{self, BufRead, Read as _};

use memchr::memchr;
use nigh::ExportedDocument;

use self::problem::problem;
use self::stream::{InString, Rest};

/// Bytes of a line that are buffered; few lines are longer.
const BUFFERED_BYTES: usize = 16 << 20;
/// Maximum length of a line: a text of 64 MB and 65,536 passages with vectors of 1,024 numbers fit.
pub const MAX_LINE_BYTES: u64 = 1 << 30;

/// Some editors write it at the start of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Detects an input that is not UTF-8 text by its first bytes. Returns what it is, and what to do.
///
/// # Errors
/// If reading fails.
pub fn not_lines(input: &mut impl BufRead) -> io::Result<Option<&'static str>> {
    Ok(match fill_buffer(input)? {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16; save it as UTF-8"),
        [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..] => Some("UTF-16; save it as UTF-8"),
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] => {
            Some("compressed; unpack it first")
        }
        _ => None,
    })
}

/// The lines of an input, without blank ones and without a byte order mark.
pub struct InputLines<R> {
    input: R,
    /// Number of the last line, from 1.
    number: usize,
    /// The bytes of the last line that are buffered.
    kept: Vec<u8>,
    /// True if the last line continues in the input.
    continues: bool,
    /// Bytes read so far.
    taken: u64,
}

/// A line, without its line end.
pub struct InputLine<'a, R> {
    pub number: usize,
    /// Bytes of the input up to its end, or up to the end of what was read.
    pub end: u64,
    kept: &'a [u8],
    rest: Option<Rest<'a, R>>,
}

impl<R: BufRead> InputLines<R> {
    pub fn new(input: R) -> Self {
        Self { input, number: 0, kept: Vec::new(), continues: false, taken: 0 }
    }

    /// Returns the next line that is not blank.
    pub fn next(&mut self) -> io::Result<Option<InputLine<'_, R>>> {
        // Skip the rest of a long line.
        while self.continues {
            self.take(false)?;
        }
        // Buffer the next line that is not blank, or its beginning.
        loop {
            self.kept.clear();
            self.continues = true;
            let mut has_bytes = false;
            while self.continues && self.kept.len() < BUFFERED_BYTES {
                has_bytes |= self.take(true)?;
            }
            if !has_bytes {
                return Ok(None);
            }
            self.number += 1;
            if self.number == 1 && self.kept.starts_with(BYTE_ORDER_MARK) {
                self.kept.drain(..BYTE_ORDER_MARK.len());
            }
            if self.continues || !self.kept.trim_ascii().is_empty() {
                break;
            }
        }
        let Self { input, number, kept, continues, taken } = self;
        // The rest of a long line is streamed.
        let mut string = InString::default();
        let rest = continues.then(|| {
            kept.iter().for_each(|&byte| string.take(byte));
            Rest { input, continues, read: kept.len() as u64, string }
        });
        Ok(Some(InputLine { number: *number, end: *taken, kept, rest }))
    }

    /// Reads more of the line, up to its end or the end of the input's buffer. Returns false at the end of the input.
    fn take(&mut self, keep: bool) -> io::Result<bool> {
        let buffered = fill_buffer(&mut self.input)?;
        if buffered.is_empty() {
            self.continues = false;
            return Ok(false);
        }
        // A sequence of blank lines is skipped at once.
        if keep && self.kept.is_empty() && buffered[0] == b'\n' {
            let blank = buffered.iter().take_while(|&&byte| byte == b'\n').count();
            self.number += blank - 1;
            self.continues = false;
            self.input.consume(blank);
            self.taken += blank as u64;
            return Ok(true);
        }
        let end = memchr(b'\n', buffered);
        let part = &buffered[..end.unwrap_or(buffered.len())];
        if keep {
            self.kept.extend_from_slice(part);
        }
        let taken = part.len() + usize::from(end.is_some());
        self.continues = end.is_none();
        self.input.consume(taken);
        self.taken += taken as u64;
        Ok(true)
    }
}

/// The reason why a line is not a document.
#[derive(Debug)]
pub enum LineError {
    /// The line is wrong, with the reason.
    Invalid(String),
    /// Reading the input failed.
    Unread(io::Error),
}

impl<R: BufRead> InputLine<'_, R> {
    /// Parses the line as an exported document, or one written by hand.
    ///
    /// # Errors
    /// If the line is wrong, or if reading fails.
    pub fn document(self) -> Result<ExportedDocument, LineError> {
        let kept = if self.rest.is_none() { self.kept } else { &[] };
        self.json().map_err(|error| match error.io_error_kind() {
            // InvalidData is our own refusal of the line; any other kind is an error of reading.
            Some(kind) if kind != io::ErrorKind::InvalidData => LineError::Unread(error.into()),
            _ => LineError::Invalid(problem(&error, kept)),
        })
    }

    /// Parses the line as JSON.
    ///
    /// # Errors
    /// If the line is wrong, or if reading fails.
    pub fn json<T: serde::de::DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        match self.rest {
            None => serde_json::from_slice(self.kept),
            Some(rest) => serde_json::from_reader(io::BufReader::with_capacity(64 << 10, self.kept.chain(rest))),
        }
    }
}

/// Returns the buffered bytes of an input; if there are none, reads more.
fn fill_buffer(input: &mut impl BufRead) -> io::Result<&[u8]> {
    // Retried after a signal. The second call works around the borrow checker.
    while let Err(error) = input.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    input.fill_buf()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::io::Read;

    use serde_json::Value;

    use super::*;

    /// All lines of an input that is read in pieces of this many bytes: their numbers, and their parsed values.
    fn read_all(input: impl Read, piece: usize) -> Vec<(usize, Result<Value, String>)> {
        let mut lines = InputLines::new(io::BufReader::with_capacity(piece, input));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.json().map_err(|error| error.to_string())));
        }
        all
    }

    #[test]
    fn lines_that_are_blank_are_counted_and_left_out() {
        for piece in [1, 2, 3, 7, 100] {
            let lines = read_all(&b"\n\n1\n \t\r\n\n\n\"a\"\r\nx\n2"[..], piece);
            let numbers: Vec<usize> = lines.iter().map(|line| line.0).collect();
            assert_eq!(numbers, [3, 7, 8, 9], "{piece}");
            assert_eq!((&lines[0].1, &lines[3].1), (&Ok(1.into()), &Ok(2.into())));
            assert!(lines[2].1.is_err());
            assert!(read_all(&b"\n\n \n"[..], piece).is_empty() && read_all(&b""[..], piece).is_empty());
        }
    }

    #[test]
    fn lines_have_no_byte_order_mark_or_line_end() {
        for piece in [1, 2, 3, 7, 100] {
            let lines = read_all(&b"\xef\xbb\xbf1\r\n\r\n2\r\n\xef\xbb\xbf3"[..], piece);
            let numbers: Vec<usize> = lines.iter().map(|line| line.0).collect();
            assert_eq!(numbers, [1, 3, 4], "{piece}");
            assert_eq!((&lines[0].1, &lines[1].1), (&Ok(1.into()), &Ok(2.into())));
            assert!(lines[2].1.is_err(), "a mark within the input is no mark");
            assert_eq!(read_all(&b"\xef\xbb\xbf\n5\n"[..], piece), [(2, Ok(5.into()))]);
            assert!(read_all(&b"\xef\xbb\xbf"[..], piece).is_empty());
        }
    }

    #[test]
    fn inputs_that_are_not_text_are_detected() {
        let problem_of = |bytes: &[u8]| not_lines(&mut io::BufReader::new(bytes)).unwrap();
        for (bytes, part) in [(&b"\xff\xfe{\0"[..], "UTF-16"), (b"\0{\0\"", "UTF-16"), (b"\x1f\x8b\x08", "compressed")]
        {
            assert!(problem_of(bytes).is_some_and(|message| message.contains(part)), "{bytes:?}");
        }
        for bytes in [&b""[..], b"{", b"\xef\xbb\xbf{", b"[1]", b"x"] {
            assert_eq!(problem_of(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn lines_that_are_long_are_streamed_and_the_next_is_found() {
        let spaces = || io::repeat(b' ').take(BUFFERED_BYTES as u64 + 100);
        let numbers = |line: &[u8]| read_all((&b"[1,"[..]).chain(spaces()).chain(line), 8192);
        let lines = numbers(b"2]\n3\n");
        assert_eq!(lines, [(1, Ok(serde_json::json!([1, 2]))), (2, Ok(3.into()))]);
        // The end of the line is also found if parsing stops early, and if it is the last line.
        let lines = numbers(b"x, 5, 6]\n\n3");
        assert!(lines[0].1.as_ref().unwrap_err().contains("line 1 column"));
        assert_eq!(lines[1], (3, Ok(3.into())));
        assert_eq!(numbers(b"2]"), [(1, Ok(serde_json::json!([1, 2])))]);
        assert!(numbers(b"2").first().unwrap().1.is_err());
    }

    #[test]
    fn lines_that_are_too_long_are_refused_and_the_next_is_read() {
        let lines = read_all(io::repeat(b' ').take(MAX_LINE_BYTES + 1).chain(&b"\n7\n"[..]), 1 << 16);
        assert!(lines[0].1.as_ref().unwrap_err().contains("longer than 1073741824 bytes"), "{:?}", lines[0]);
        assert_eq!(lines[1], (2, Ok(7.into())));
        let lines = read_all((&b"\""[..]).chain(io::repeat(b'a').take(MAX_LINE_BYTES)).chain(&b"\"\n7\n"[..]), 1 << 16);
        assert!(lines[0].1.as_ref().unwrap_err().contains("longer than 67108864 bytes"), "{:?}", lines[0]);
        assert_eq!(lines[1], (2, Ok(7.into())));
    }

    #[test]
    fn strings_are_measured_with_escapes_resolved() {
        let length = |line: &str| {
            let mut string = InString::default();
            let lengths = line.bytes().map(|byte| {
                string.take(byte);
                string.length
            });
            lengths.max().unwrap_or(0)
        };
        for text in ["", "plain", "池 \" \\ \n \u{1} 😀 é", "\\\\\"\"", "\u{fffd}\u{7f}\u{9b}"] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(length(&written), text.len(), "{written}");
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            assert_eq!(length(&format!("[\"{escaped}\", 5]")), text.len(), "{escaped}");
        }
    }
}
