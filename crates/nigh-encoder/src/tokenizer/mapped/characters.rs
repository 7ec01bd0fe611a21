//! A table of what normalisation turns each single character into.
//!
//! It has two sections. The index has one u16 for each run of 64 code points below U+30000: the number of a block of values. A
//! block has 64 values of u32; equal runs share one. A value has the character that results in bits 0–20, and a [`Kind`] above.
//! Code points from U+30000 on are [`Kind::Generic`].

use std::collections::HashMap;

/// The first code point without an entry.
const LIMIT: u32 = 0x3_0000;
/// The number of code points that share an entry of the index.
const RUN: u32 = 64;

/// How the normaliser treats a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The result depends on the neighbours, or is several characters: all steps must be run.
    Generic = 0,
    /// The result is one character of a word, whatever the neighbours are.
    Letter = 1,
    /// The character is removed.
    Removed = 2,
    /// The character separates words.
    Space = 3,
    /// The result is a word of its own.
    Isolated = 4,
}

/// A [`Kind`], and the character that results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(u32);

impl Class {
    pub(super) const GENERIC: Self = Self(0);

    pub(super) fn new(kind: Kind, becomes: char) -> Self {
        Self((kind as u32) << 21 | u32::from(becomes))
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        match self.0 >> 21 {
            1 => Kind::Letter,
            2 => Kind::Removed,
            3 => Kind::Space,
            4 => Kind::Isolated,
            _ => Kind::Generic,
        }
    }

    #[inline]
    pub(super) fn becomes(self) -> char {
        char::from_u32(self.0 & 0x1f_ffff).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// Builds the table. Returns the bytes of the index and of the values.
pub(super) fn build_table(classify: impl Fn(char) -> Class) -> (Vec<u8>, Vec<u8>) {
    let (mut index, mut values, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for start in (0..LIMIT).step_by(RUN as usize) {
        let class = |point| char::from_u32(point).map_or(Class::GENERIC, &classify);
        let run: Vec<u8> = (start..start + RUN).flat_map(|point| class(point).0.to_le_bytes()).collect();
        let next = seen.len() as u16;
        let number = *seen.entry(run).or_insert_with_key(|run| {
            values.extend_from_slice(run);
            next
        });
        index.extend_from_slice(&number.to_le_bytes());
    }
    (index, values)
}

/// The table, as read from a packed file.
#[derive(Clone, Copy)]
pub(super) struct Characters<'a> {
    index: &'a [[u8; 2]],
    values: &'a [[[u8; 4]; RUN as usize]],
}

impl<'a> Characters<'a> {
    /// Reads the two sections; `None` if they do not belong together.
    pub(super) fn new(index: &'a [u8], values: &'a [u8]) -> Option<Self> {
        let (Some(characters), true) = (Self::unchecked(index, values), index.len() as u32 == 2 * LIMIT / RUN) else {
            return None;
        };
        let runs = characters.values.len();
        characters.index.iter().all(|&run| usize::from(u16::from_le_bytes(run)) < runs).then_some(characters)
    }

    /// The same as [`Characters::new`], but faster: for sections that [`Characters::new`] accepted before.
    pub(super) fn unchecked(index: &'a [u8], values: &'a [u8]) -> Option<Self> {
        let (values, rest) = values.as_chunks::<4>();
        let (index, odd) = index.as_chunks::<2>();
        let (values, more) = values.as_chunks::<{ RUN as usize }>();
        (rest.is_empty() && odd.is_empty() && more.is_empty()).then_some(Self { index, values })
    }

    #[inline]
    pub(super) fn class(&self, c: char) -> Class {
        let point = u32::from(c);
        let run = self.index.get((point / RUN) as usize).map(|&run| usize::from(u16::from_le_bytes(run)));
        let value = run.and_then(|run| self.values.get(run)).map(|run| run[(point % RUN) as usize]);
        value.map_or(Class::GENERIC, |value| Class(u32::from_le_bytes(value)))
    }

    /// Returns the classes of the ASCII characters.
    pub(super) fn ascii(&self) -> [Class; 128] {
        std::array::from_fn(|i| self.class(char::from(i as u8)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_gives_every_code_point_its_class() {
        let classify = |c: char| match u32::from(c) % 7 {
            0 => Class::GENERIC,
            1 => Class::new(Kind::Removed, '\0'),
            2 => Class::new(Kind::Isolated, '\u{10ffff}'),
            _ => Class::new(Kind::Letter, c),
        };
        let (index, values) = build_table(classify);
        let characters = Characters::new(&index, &values).unwrap();
        for c in '\0'..=char::MAX {
            let expected = if u32::from(c) < LIMIT { classify(c) } else { Class::GENERIC };
            assert_eq!(characters.class(c), expected, "{c:?}");
        }
        let class = Class::new(Kind::Isolated, '\u{10ffff}');
        assert_eq!((class.kind(), class.becomes()), (Kind::Isolated, '\u{10ffff}'));
        assert!(Characters::new(&index[2..], &values).is_none() && Characters::new(&index, &values[..256]).is_none());
    }
}
