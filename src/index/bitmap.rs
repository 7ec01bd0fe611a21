//! Sets of numbers from 0: one bit for each.

/// A set of rows, out of `0..len`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bitmap {
    words: Vec<u64>,
    len: u32,
    count: u32,
}

impl Bitmap {
    /// Returns the empty set.
    pub fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len, count: 0 }
    }

    /// Returns the set of all rows in `0..len`.
    pub fn all(len: u32) -> Self {
        let mut bitmap = Self { words: vec![!0; len.div_ceil(64) as usize], len, count: len };
        if let Some(last) = bitmap.words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        bitmap
    }

    /// Returns the number of rows in the set.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// True if a row is in the set; false past the end.
    #[inline]
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 != 0)
    }

    /// Adds a row; does nothing past the end.
    pub fn insert(&mut self, row: u32) {
        if row < self.len && !self.contains(row) {
            self.words[row as usize / 64] |= 1 << (row % 64);
            self.count += 1;
        }
    }

    /// Removes a row.
    pub fn remove(&mut self, row: u32) {
        if self.contains(row) {
            self.words[row as usize / 64] &= !(1 << (row % 64));
            self.count -= 1;
        }
    }

    /// Returns the intersection.
    pub fn and(&self, other: &Self) -> Self {
        let words: Vec<u64> = self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect();
        let count = words.iter().map(|word| word.count_ones()).sum();
        Self { words, len: self.len.min(other.len), count }
    }

    /// Returns its rows, ascending.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(i, &word)| {
            std::iter::successors(Some(word).filter(|&w| w != 0), |w| Some(w & (w - 1)).filter(|&w| w != 0))
                .map(move |w| 64 * i + w.trailing_zeros())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bitmap_behaves_as_a_set(len in 0u32..300, steps in prop::collection::vec((any::<bool>(), 0u32..310), 0..400)) {
            let (mut bitmap, mut set) = (Bitmap::none(len), std::collections::BTreeSet::new());
            for (add, row) in steps {
                if !add {
                    bitmap.remove(row);
                    set.remove(&row);
                } else {
                    bitmap.insert(row);
                    set.extend(Some(row).filter(|&row| row < len));
                }
            }
            prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(bitmap.count() as usize, set.len());
            prop_assert!((0..310).all(|row| bitmap.contains(row) == set.contains(&row)));
            prop_assert_eq!(Bitmap::all(len).iter().count(), len as usize);
            prop_assert_eq!(Bitmap::all(len).iter().last(), len.checked_sub(1));
        }
    }
}
