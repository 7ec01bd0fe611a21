//! Sets of documents of a tantivy segment.

/// Some documents of a tantivy segment: one bit for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Documents {
    words: Vec<u64>,
    len: u32,
}

impl Documents {
    pub(super) fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
    }

    /// True if a document is in the set; false past the end.
    #[cfg(test)]
    pub(crate) fn contains(&self, document: u32) -> bool {
        self.words.get(document as usize / 64).is_some_and(|word| word >> (document % 64) & 1 != 0)
    }

    /// Returns the number of documents in the set.
    #[cfg(test)]
    pub(crate) fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Returns its documents, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(i, &word)| {
            std::iter::successors(Some(word).filter(|&w| w != 0), |w| Some(w & (w - 1)).filter(|&w| w != 0))
                .map(move |w| 64 * i + w.trailing_zeros())
        })
    }

    pub(super) fn add(&mut self, documents: &[u32]) {
        for &document in documents.iter().filter(|&&document| document < self.len) {
            self.words[document as usize / 64] |= 1 << (document % 64);
        }
    }

    pub(super) fn complement(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        if let Some(last) = self.words.last_mut().filter(|_| !self.len.is_multiple_of(64)) {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self, operation: fn(u64, u64) -> u64) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a = operation(*a, *b));
    }
}
