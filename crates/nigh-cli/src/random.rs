//! Random numbers by seed: SplitMix64 (Steele, Lea and Flood 2014).

pub struct SeededRandom(u64);

impl SeededRandom {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`, or 0 if `bound` is 0. The bias, below bound / 2⁶⁴, does not matter here.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Puts things in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for i in (1..things.len()).rev() {
            things.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffle_keeps_all_elements_and_depends_on_the_seed() {
        let shuffled = |seed| {
            let mut things: Vec<u32> = (0..100).collect();
            SeededRandom::new(seed).shuffle(&mut things);
            things
        };
        let mut sorted = shuffled(7);
        assert_ne!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(sorted, shuffled(7));
        assert_ne!(sorted, shuffled(8));
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        // The first value of the published generator for seed 0.
        assert_eq!(SeededRandom::new(0).next(), 0xe220_a839_7b1d_cdaf);
    }
}
