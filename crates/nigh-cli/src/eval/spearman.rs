//! Spearman's rank correlation: Pearson's correlation of the ranks; equal values share their mean rank (Spearman 1904;
//! the tie rule of `scipy.stats.spearmanr`).

/// Returns the correlation in [-1, 1]. `None` if one side is constant or has fewer than two values: it is undefined then.
/// Both sides have the same length, and contain no NaN.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

/// Ranks from 1, ascending; equal values get the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|&i| ranks[i] = rank);
        before += equal.len();
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    (aa > 0.0 && bb > 0.0).then(|| (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Fixture {
        scipy: String,
        samples: Vec<Sample>,
    }

    #[derive(Deserialize)]
    struct Sample {
        a: Vec<f64>,
        b: Vec<f64>,
        /// `None` if scipy gives NaN.
        spearman: Option<f64>,
    }

    /// scipy 1.17.1, over samples with and without ties; see tests/program/fixtures/eval/metrics.py.
    #[test]
    fn spearman_equals_scipy() {
        let text = include_str!("../../../../tests/program/fixtures/eval/spearman.json");
        let fixture: Fixture = serde_json::from_str(text).unwrap();
        assert_eq!(fixture.scipy, "1.17.1");
        assert!(fixture.samples.len() >= 50);
        for (number, sample) in fixture.samples.iter().enumerate() {
            match (spearman(&sample.a, &sample.b), sample.spearman) {
                (Some(ours), Some(theirs)) => {
                    assert!((ours - theirs).abs() < 1e-6, "sample {number}: {ours} and {theirs}");
                }
                (ours, theirs) => assert_eq!(ours, theirs, "sample {number}"),
            }
        }
    }

    #[test]
    fn spearman_of_small_examples() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(ranks(&[0.0, -0.0, 1.0]), [1.5, 1.5, 3.0]);
        assert_eq!(spearman(&[1.0, 2.0, 9.0], &[-5.0, 0.0, 0.1]), Some(1.0));
        assert_eq!(spearman(&[1.0, 2.0], &[2.0, 1.0]), Some(-1.0));
        assert_eq!(spearman(&[1.0, 1.0], &[2.0, 1.0]), None);
        assert_eq!(spearman(&[], &[]), None);
    }
}
