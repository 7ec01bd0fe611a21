//! Random numbers by seed: the same seed gives the same corpus, model and cases on every machine.

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number in 0..`end`; `end` must not be 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub(crate) fn half(&mut self) -> bool {
        self.next() >> 63 == 1
    }

    /// Approximately normal, mean 0, standard deviation 1: the sum of twelve uniform numbers.
    pub(crate) fn normal(&mut self) -> f32 {
        let sum: u64 = (0..12).map(|_| self.next() >> 40).sum();
        sum as f32 / (1u64 << 24) as f32 - 6.0
    }
}

/// Returns a hash of a text, the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    // FNV-1a, then mixed, since its low bits alone are poor.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    Random(hash).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_depend_on_the_seed() {
        let numbers = |seed| {
            (0..8)
                .map({
                    let mut r = Random(seed);
                    move |_| r.next()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert_ne!(hash("index:eio:once:1"), hash("index:eio:once:2"));
    }

    #[test]
    fn random_normal_has_mean_0_and_deviation_1() {
        let mut random = Random(1);
        let all: Vec<f32> = (0..10_000).map(|_| random.normal()).collect();
        let mean = all.iter().sum::<f32>() / 1e4;
        let deviation = (all.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 1e4).sqrt();
        assert!(mean.abs() < 0.05 && (deviation - 1.0).abs() < 0.05, "{mean} {deviation}");
    }
}
