//! What normalisation makes of each character on its own, as a table.
//!
//! Two sections: an index of u16, one for every 64 code points below U+30000, and values of u32, 64 for each different run of
//! them. A value is the character it becomes in bits 0–20 and a [`Kind`] above. What is not below U+30000 is
//! [`Kind::Generic`].

use std::collections::HashMap;

/// Code points from here on have no entry.
const LIMIT: u32 = 0x3_0000;
/// Code points that share an entry of the index.
const RUN: u32 = 64;

/// What a character is to the normaliser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It hangs on its neighbours, or becomes several: the whole pipeline must be gone through.
    Generic = 0,
    /// It becomes one character of a word, whatever stands beside it.
    Letter = 1,
    /// It falls away.
    Removed = 2,
    /// It parts words.
    Space = 3,
    /// It is a word of its own.
    Isolated = 4,
}

/// A [`Kind`] and the character that comes of it.
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

/// The two sections' bytes.
pub(super) fn table(classify: impl Fn(char) -> Class) -> (Vec<u8>, Vec<u8>) {
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

/// The table in a packed file.
#[derive(Clone, Copy)]
pub(super) struct Characters<'a> {
    index: &'a [[u8; 2]],
    values: &'a [[[u8; 4]; RUN as usize]],
}

impl<'a> Characters<'a> {
    /// `None` where the sections do not belong together.
    pub(super) fn of(index: &'a [u8], values: &'a [u8]) -> Option<Self> {
        let (Some(characters), true) = (Self::unchecked(index, values), index.len() as u32 == 2 * LIMIT / RUN) else {
            return None;
        };
        let runs = characters.values.len();
        characters.index.iter().all(|&run| usize::from(u16::from_le_bytes(run)) < runs).then_some(characters)
    }

    /// As [`Characters::of`], for sections that it accepted before.
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

    /// The classes of ASCII.
    pub(super) fn ascii(&self) -> [Class; 128] {
        std::array::from_fn(|i| self.class(char::from(i as u8)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_point_has_its_class() {
        let classify = |c: char| match u32::from(c) % 7 {
            0 => Class::GENERIC,
            1 => Class::new(Kind::Removed, '\0'),
            2 => Class::new(Kind::Isolated, '\u{10ffff}'),
            _ => Class::new(Kind::Letter, c),
        };
        let (index, values) = table(classify);
        let characters = Characters::of(&index, &values).unwrap();
        for c in '\0'..=char::MAX {
            let expected = if u32::from(c) < LIMIT { classify(c) } else { Class::GENERIC };
            assert_eq!(characters.class(c), expected, "{c:?}");
        }
        let class = Class::new(Kind::Isolated, '\u{10ffff}');
        assert_eq!((class.kind(), class.becomes()), (Kind::Isolated, '\u{10ffff}'));
        assert!(Characters::of(&index[2..], &values).is_none() && Characters::of(&index, &values[..256]).is_none());
    }
}
