//! The distribution of a sample of cosines.

/// The smallest deviation that is used: identical passages have a deviation of 0, by which nothing can be divided.
const MIN_DEVIATION: f64 = 0.01;

/// Mean and standard deviation of a sample of cosines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distribution {
    pub(super) mean: f32,
    pub(super) deviation: f32,
}

impl Distribution {
    /// Returns `None` for a sample of fewer than two.
    pub(super) fn of(sample: &[f32]) -> Option<Self> {
        let count = sample.len() as f64;
        if sample.len() < 2 {
            return None;
        }
        let mean = sample.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = sample.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Some(Self { mean: mean as f32, deviation: variance.sqrt().max(MIN_DEVIATION) as f32 })
    }

    /// Returns how many standard deviations a cosine is above the mean.
    pub(super) fn z_score(&self, cosine: f32) -> f32 {
        (cosine - self.mean) / self.deviation
    }

    /// Returns the distribution between this one (`share` 0) and another (`share` 1).
    pub(super) fn toward(&self, other: Self, share: f32) -> Self {
        let between = |from: f32, to: f32| from + share * (to - from);
        Self { mean: between(self.mean, other.mean), deviation: between(self.deviation, other.deviation) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn distribution_has_the_mean_and_deviation_of_its_sample() {
        let distribution = Distribution::of(&[0.5, 0.7, 0.9]).unwrap();
        assert!((distribution.mean - 0.7).abs() < 1e-6 && (distribution.deviation - 0.2).abs() < 1e-6);
        assert!(Distribution::of(&[0.5]).is_none());
        assert!(Distribution::of(&[0.5; 9]).unwrap().z_score(0.5).abs() < 1e-6);
    }
}
