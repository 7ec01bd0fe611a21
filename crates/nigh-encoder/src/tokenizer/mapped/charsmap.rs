//! `Precompiled`: SentencePiece's table of normalised characters, a double array of darts-clone over UTF-8.
//!
//! The layout: the array's length in bytes as u32, its units of u32, then the replacements, each ended by a zero byte. A unit:
//! its label in bits 0–7 and 31, whether a value is below it in bit 8, whether its offset is to be shifted by 8 in bit 9, the
//! offset from bit 10 on. A value is where its replacement starts. How the table is asked is `spm_precompiled`'s way, which
//! takes the shortest entry that a grapheme begins with for all of it.

use unicode_segmentation::UnicodeSegmentation;

use super::aligned::{AlignedChar, transform};

/// The table.
#[derive(Clone, Copy)]
pub(super) struct Charsmap<'a> {
    units: &'a [[u8; 4]],
    replacements: &'a str,
}

/// A grapheme of more bytes is replaced character by character.
const SHORT: usize = 6;

impl<'a> Charsmap<'a> {
    /// `None` where the bytes are no such table.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (len, rest) = bytes.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize / 4 * 4;
        let (units, replacements) = rest.split_at_checked(len)?;
        Some(Self { units: units.as_chunks().0, replacements: std::str::from_utf8(replacements).ok()? })
    }

    /// What a grapheme or a character becomes, where the table says so.
    fn replacement(&self, text: &str) -> Option<&'a str> {
        let start = self.shortest(text.as_bytes())?;
        let rest = self.replacements.get(start..)?;
        Some(rest.split('\0').next().unwrap_or(rest))
    }

    /// The value of the shortest entry that `key` begins with.
    fn shortest(&self, key: &[u8]) -> Option<usize> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize;
        let mut at = offset(self.unit(0)?);
        for &byte in key.iter().take_while(|&&byte| byte != 0) {
            at ^= usize::from(byte);
            let unit = self.unit(at)?;
            if unit & (1 << 31 | 0xff) != u32::from(byte) {
                return None;
            }
            at ^= offset(unit);
            if unit >> 8 & 1 == 1 {
                return Some((self.unit(at)? & !(1 << 31)) as usize);
            }
        }
        None
    }

    fn unit(&self, at: usize) -> Option<u32> {
        self.units.get(at).map(|&unit| u32::from_le_bytes(unit))
    }

    /// What becomes of a text. `None` where characters fall away before any other: then `tokenizers` takes all that follow for
    /// their neighbours, to the end of the text, and `source` must be all of it.
    pub(super) fn normalise(&self, source: &[AlignedChar], origin: usize, whole: bool) -> Option<Vec<AlignedChar>> {
        let text: String = source.iter().map(|a| a.c).collect();
        let mut changes = Changes { made: Vec::with_capacity(text.len()), shifted: false };
        for grapheme in text.graphemes(true) {
            let short = if grapheme.len() < SHORT { self.replacement(grapheme) } else { None };
            if let Some(new) = short {
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

    /// Whether a character is a grapheme of its own beside all others of which this is true.
    pub(super) fn stands_alone(c: char) -> bool {
        // Marks, joiners and what goes before; flags and Hangul; parts of emoji; consonants joined by a virama.
        let beside = [format!("a{c}a"), format!("{c}{c}"), format!("{c}\u{11a8}"), format!("{c}\u{1161}")];
        let joined = [
            format!("{c}\u{200d}{c}"),
            format!("{c}\u{94d}{c}"),
            format!("{c}\u{94d}\u{915}"),
            format!("\u{915}\u{94d}{c}"),
        ];
        let parts = |texts: &[String], counts: &[usize]| {
            texts.iter().zip(counts).all(|(text, &count)| text.graphemes(true).count() == count)
        };
        c != '\r' && parts(&beside, &[3, 2, 2, 2]) && (c.is_control() || parts(&joined, &[2, 2, 2, 2]))
    }

    /// Whether the first character of `text` stands apart from what is before it, the last `len` bytes.
    pub(super) fn parted(text: &str, last: usize) -> bool {
        text.graphemes(true).next_back().is_none_or(|grapheme| grapheme.len() == last)
    }
}

/// Changes as [`transform`] takes them.
struct Changes {
    made: Vec<(char, isize)>,
    /// Whether characters fell away before any other, which changes cannot say.
    shifted: bool,
}

impl Changes {
    /// Puts `new` in the place of `old` characters.
    fn replace(&mut self, old: usize, new: &str) {
        self.made.extend(new.chars().enumerate().map(|(i, c)| (c, isize::from(i >= old))));
        let fewer = old.saturating_sub(new.chars().count());
        match self.made.last_mut() {
            Some((_, change)) => *change -= fewer as isize,
            None => self.shifted |= fewer > 0,
        }
    }
}
