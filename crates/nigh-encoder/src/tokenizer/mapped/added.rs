//! Finds added tokens in the original text, before it is normalised.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// An added token. It matches in the original text, whatever precedes or follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct AddedToken {
    pub(super) content: String,
    pub(super) id: u32,
    /// True if white space before the token belongs to it.
    pub(super) takes_left: bool,
    /// True if white space after the token belongs to it.
    pub(super) takes_right: bool,
}

/// A model's added tokens. Their contents are different and not empty. If one of them takes white space, none contains any.
#[derive(Debug, Clone, Default)]
pub(super) struct AddedTokens {
    tokens: Vec<AddedToken>,
    first_bytes: Vec<u8>,
}

/// A part of a text: an added token, or the text between two added tokens.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Text(Range<usize>),
    Token(u32, Range<usize>),
}

impl AddedTokens {
    pub(super) fn new(tokens: Vec<AddedToken>) -> Self {
        let mut first_bytes: Vec<u8> = tokens.iter().filter_map(|token| token.content.bytes().next()).collect();
        first_bytes.sort_unstable();
        first_bytes.dedup();
        Self { tokens, first_bytes }
    }

    /// Splits a text at its added tokens. If several begin at the same byte, the longest is taken.
    pub(super) fn parts<E>(&self, text: &str, mut take: impl FnMut(Part) -> Result<(), E>) -> Result<(), E> {
        // `done`: the end of the parts passed to `take` so far. `next`: the first byte at which a token may begin.
        let (mut done, mut next) = (0, 0);
        while let Some(candidate) = self.candidate(text, next) {
            let matches = |token: &&AddedToken| text.as_bytes()[candidate..].starts_with(token.content.as_bytes());
            let Some(token) = self.tokens.iter().filter(matches).max_by_key(|token| token.content.len()) else {
                next = candidate + 1;
                continue;
            };
            let (mut start, mut end) = (candidate, candidate + token.content.len());
            next = end;
            if token.takes_left {
                start = text[..start].trim_end().len().max(done);
            }
            if token.takes_right {
                end = text.len() - text[end..].trim_start().len();
            }
            if done < start {
                take(Part::Text(done..start))?;
            }
            take(Part::Token(token.id, start..end))?;
            done = end;
        }
        if done < text.len() { take(Part::Text(done..text.len())) } else { Ok(()) }
    }

    /// Returns the position of the first byte from `start` on with which some token begins.
    fn candidate(&self, text: &str, start: usize) -> Option<usize> {
        match self.first_bytes[..] {
            [] => None,
            // The standard library's search for a character is faster than one for a byte.
            [byte] if byte.is_ascii() && text.is_char_boundary(start) => {
                Some(start + text[start..].find(char::from(byte))?)
            }
            _ => Some(start + text.as_bytes()[start..].iter().position(|byte| self.first_bytes.contains(byte))?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(added: &AddedTokens, text: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        let done: Result<(), ()> = added.parts(text, |part| {
            parts.push(part);
            Ok(())
        });
        done.unwrap();
        parts
    }

    #[test]
    fn parts_take_the_first_and_then_the_longest_token_with_its_white_space() {
        let token = |content: &str, id, takes_left, takes_right| AddedToken {
            content: content.to_owned(),
            id,
            takes_left,
            takes_right,
        };
        let added = AddedTokens::new(vec![
            token("<a>", 1, false, false),
            token("<a><b>", 2, false, false),
            token("<m>", 3, true, false),
            token("<r>", 4, false, true),
        ]);
        use Part::{Text, Token};
        assert_eq!(parts(&added, "x<a><b><"), [Text(0..1), Token(2, 1..7), Text(7..8)]);
        assert_eq!(
            parts(&added, " \u{3000}<m> <r>\n <m>"),
            [Token(3, 0..7), Text(7..8), Token(4, 8..13), Token(3, 13..16)]
        );
        assert_eq!(parts(&added, ""), []);
        assert_eq!(parts(&AddedTokens::new(Vec::new()), "<a>"), [Text(0..3)]);
        let accented = AddedTokens::new(vec![token("é", 7, false, false)]);
        assert_eq!(parts(&accented, "è长é"), [Text(0..5), Token(7, 5..7)]);
    }
}
