//! The rest of a long line, read in parts, with limits on its length and on that of its strings.

use std::io::{self, BufRead, Read};

use memchr::memchr;

use super::{MAX_LINE_BYTES, fill_buffer};

/// Maximum length of a string in a line, with escapes resolved.
const MAX_STRING_BYTES: usize = 64 << 20;

/// Streams the rest of a long line, up to its end.
pub(super) struct Rest<'a, R> {
    pub(super) input: &'a mut R,
    pub(super) continues: &'a mut bool,
    pub(super) read: u64,
    pub(super) string: InString,
}

impl<R: BufRead> Read for Rest<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !*self.continues {
            return Ok(0);
        }
        let buffered = fill_buffer(self.input)?;
        let part = &buffered[..buffered.len().min(buffer.len())];
        let end = memchr(b'\n', part);
        let part = &part[..end.unwrap_or(part.len())];
        buffer[..part.len()].copy_from_slice(part);
        part.iter().for_each(|&byte| self.string.take(byte));
        let read = part.len();
        *self.continues = end.is_none() && !buffered.is_empty();
        self.input.consume(read + usize::from(end.is_some()));
        self.read += read as u64;
        let refused = |problem| Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        if self.read > MAX_LINE_BYTES {
            return refused(format!("it is longer than {MAX_LINE_BYTES} bytes"));
        }
        if self.string.longest > MAX_STRING_BYTES {
            return refused(format!("a text in it is longer than {MAX_STRING_BYTES} bytes"));
        }
        Ok(read)
    }
}

/// Tracks the length of JSON strings, in bytes of UTF-8 with escapes resolved.
#[derive(Default)]
pub(super) struct InString {
    pub(super) length: usize,
    /// Length of the longest string so far.
    longest: usize,
    state: StringState,
}

#[derive(Default, Clone, Copy)]
enum StringState {
    #[default]
    Outside,
    Inside,
    Escape,
    /// The number of hexadecimal digits to come, and the value so far.
    Unit(u8, u32),
}

impl InString {
    pub(super) fn take(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (StringState::Outside, b'"') => {
                self.length = 0;
                StringState::Inside
            }
            (StringState::Outside, _) => StringState::Outside,
            (StringState::Inside, b'"') => {
                self.length = 0;
                StringState::Outside
            }
            (StringState::Inside, b'\\') => StringState::Escape,
            (StringState::Escape, b'u') => StringState::Unit(4, 0),
            (StringState::Unit(to_come, number), _) => {
                let number = number << 4 | char::from(byte).to_digit(16).unwrap_or(0);
                if to_come > 1 {
                    StringState::Unit(to_come - 1, number)
                } else {
                    // Half of a surrogate pair is half of four bytes.
                    self.length += match number {
                        0..0x80 => 1,
                        0x80..0x800 | 0xd800..0xe000 => 2,
                        _ => 3,
                    };
                    StringState::Inside
                }
            }
            (StringState::Inside | StringState::Escape, _) => {
                self.length += 1;
                StringState::Inside
            }
        };
        self.longest = self.longest.max(self.length);
    }
}
