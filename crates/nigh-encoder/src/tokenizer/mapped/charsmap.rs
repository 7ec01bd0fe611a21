//! `Precompiled`: SentencePiece's table of normalised characters, a double array of darts-clone over UTF-8.
//!
//! The layout: the array's length in bytes as u32, its units of u32, then the replacements, each with a zero byte at its end.
//!
//! | bits of a unit | content |
//! |---|---|
//! | 0–7 and 31 | label |
//! | 8 | 1 if the unit has a value below it |
//! | 9 | 1 if the offset is to be shifted by 8 |
//! | 10–30 | offset |
//!
//! A value is the position at which its replacement starts. The lookup is that of `spm_precompiled`: the shortest entry that a
//! grapheme begins with replaces the whole grapheme.

use unicode_segmentation::UnicodeSegmentation;

use super::aligned::{AlignedChar, transform};

/// The table, as read from its bytes.
#[derive(Clone, Copy)]
pub(super) struct Charsmap<'a> {
    units: &'a [[u8; 4]],
    replacements: &'a str,
}

/// A grapheme of this many bytes or more is replaced character by character.
const LONG_GRAPHEME_BYTES: usize = 6;

impl<'a> Charsmap<'a> {
    /// Reads a table; `None` if the bytes are not one.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (len, rest) = bytes.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize / 4 * 4;
        let (units, replacements) = rest.split_at_checked(len)?;
        Some(Self { units: units.as_chunks().0, replacements: std::str::from_utf8(replacements).ok()? })
    }

    /// Returns the replacement of a grapheme or a character, if the table has one.
    fn replacement(&self, text: &str) -> Option<&'a str> {
        let start = self.shortest(text.as_bytes())?;
        let rest = self.replacements.get(start..)?;
        Some(rest.split('\0').next().unwrap_or(rest))
    }

    /// Returns the value of the shortest entry that `key` begins with.
    fn shortest(&self, key: &[u8]) -> Option<usize> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize;
        let mut index = offset(self.unit(0)?);
        for &byte in key.iter().take_while(|&&byte| byte != 0) {
            index ^= usize::from(byte);
            let unit = self.unit(index)?;
            if unit & (1 << 31 | 0xff) != u32::from(byte) {
                return None;
            }
            index ^= offset(unit);
            if unit >> 8 & 1 == 1 {
                return Some((self.unit(index)? & !(1 << 31)) as usize);
            }
        }
        None
    }

    fn unit(&self, index: usize) -> Option<u32> {
        self.units.get(index).map(|&unit| u32::from_le_bytes(unit))
    }

    /// Normalises a text. `whole`: true if `source` is the whole part. `None` if it is not, and characters are removed before the
    /// first character that stays: `tokenizers` then shifts the spans of all characters that follow, to the end of the part.
    pub(super) fn normalise(&self, source: &[AlignedChar], origin: usize, whole: bool) -> Option<Vec<AlignedChar>> {
        let text: String = source.iter().map(|a| a.c).collect();
        let mut changes = Changes { made: Vec::with_capacity(text.len()), shifted: false };
        for grapheme in text.graphemes(true) {
            let is_short = grapheme.len() < LONG_GRAPHEME_BYTES;
            if let Some(new) = if is_short { self.replacement(grapheme) } else { None } {
                changes.replace(grapheme.chars().count(), new);
                continue;
            }
            for c in grapheme.chars() {
                match self.replacement(c.encode_utf8(&mut [0; 4])) {
                    Some(new) => changes.replace(1, new),
                    None => changes.made.push((c, 0)),
                }
            }
        }
        (whole || !changes.shifted).then(|| transform(source, origin, changes.made.into_iter()))
    }

    /// True if a character is a grapheme of its own next to any other character for which this is true.
    pub(super) fn stands_alone(c: char) -> bool {
        // Tests marks, joiners and prepended characters; flags and Hangul; parts of emoji; consonants joined by a virama.
        let adjacent = [format!("a{c}a"), format!("{c}{c}"), format!("{c}\u{11a8}"), format!("{c}\u{1161}")];
        let joined = [
            format!("{c}\u{200d}{c}"),
            format!("{c}\u{94d}{c}"),
            format!("{c}\u{94d}\u{915}"),
            format!("\u{915}\u{94d}{c}"),
        ];
        let are_separate = |texts: &[String], counts: &[usize]| {
            texts.iter().zip(counts).all(|(text, &count)| text.graphemes(true).count() == count)
        };
        c != '\r' && are_separate(&adjacent, &[3, 2, 2, 2]) && (c.is_control() || are_separate(&joined, &[2, 2, 2, 2]))
    }

    /// True if the last character of `text`, which has `last` bytes, is a grapheme of its own.
    pub(super) fn ends_with_own_grapheme(text: &str, last: usize) -> bool {
        text.graphemes(true).next_back().is_none_or(|grapheme| grapheme.len() == last)
    }
}

/// Collects changes for [`transform`].
struct Changes {
    made: Vec<(char, isize)>,
    /// True if characters were removed before the first character that stays, which changes cannot express.
    shifted: bool,
}

impl Changes {
    /// Replaces the next `old` characters by `new`.
    fn replace(&mut self, old: usize, new: &str) {
        self.made.extend(new.chars().enumerate().map(|(i, c)| (c, isize::from(i >= old))));
        let removed = old.saturating_sub(new.chars().count());
        match self.made.last_mut() {
            Some((_, change)) => *change -= removed as isize,
            None => self.shifted |= removed > 0,
        }
    }
}
