//! The sign test: whether one setting is better than another on the same questions (Arbuthnot 1710; Conover 1999, §3.4).

/// Compares two settings, question by question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Questions on which the first is better.
    pub wins: usize,
    /// Questions on which the second is better.
    pub losses: usize,
    /// The probability of such a difference, or a larger one in either direction, if both settings are equally good: the exact
    /// two-sided test over the questions on which they differ, in [0, 1].
    pub p: f64,
}

impl Comparison {
    /// Compares scores of the same questions; both sides have the same length.
    pub fn new(a: &[f64], b: &[f64]) -> Self {
        let wins = a.iter().zip(b).filter(|(a, b)| a > b).count();
        let losses = a.iter().zip(b).filter(|(a, b)| a < b).count();
        Self { wins, losses, p: two_sided(wins, losses) }
    }
}

/// min(1, 2 P(X ≤ min(wins, losses))) with X binomial over wins + losses fair coins.
fn two_sided(wins: usize, losses: usize) -> f64 {
    let n = wins + losses;
    // Terms in logarithms, ln C(n, k) − n ln 2 from k = 0 on, so that nothing overflows.
    let mut log = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log.exp();
    for k in 1..=wins.min(losses) {
        log += ((n - k + 1) as f64 / k as f64).ln();
        tail += log.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_test_gives_known_values() {
        // 2 · (1 + 10 + 45) / 1024; 2 / 2^6; one half of all is certain.
        assert!((two_sided(8, 2) - 112.0 / 1024.0).abs() < 1e-12);
        assert!((two_sided(0, 6) - 2.0 / 64.0).abs() < 1e-12);
        assert_eq!((two_sided(3, 3), two_sided(0, 0)), (1.0, 1.0));
        // scipy.stats.binomtest(900, 2000).pvalue
        assert!((two_sided(900, 1100) - 8.5e-6).abs() < 1e-6);
        let comparison = Comparison::new(&[1.0, 0.5, 0.0, 1.0], &[0.5, 0.5, 0.1, 0.0]);
        assert_eq!((comparison.wins, comparison.losses), (2, 1));
    }
}
