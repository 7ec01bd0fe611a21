//! Logistic regression by Newton's method (iteratively reweighted least squares), over weighted observations.

use super::observations::Observation;

/// A small regularisation: keeps weights finite if a value separates the classes.
const RIDGE: f64 = 1e-6;
const STEPS: usize = 50;

/// Fits the weights with the lowest loss.
pub fn fit(observations: &[Observation]) -> Vec<f64> {
    let count = observations.first().map_or(0, |observation| observation.values.len());
    let mut weights = vec![0.0; count];
    let total = total_weight(observations);
    for _ in 0..STEPS {
        // The gradient and the Hessian of the loss.
        let mut gradient: Vec<f64> = weights.iter().map(|weight| RIDGE * weight).collect();
        let mut hessian = vec![vec![0.0; count]; count];
        (0..count).for_each(|i| hessian[i][i] = RIDGE);
        for observation in observations {
            let (p, share) = (probability(&weights, observation), observation.weight / total);
            let error = p - f64::from(u8::from(observation.is_relevant()));
            for ((slope, row), value) in gradient.iter_mut().zip(&mut hessian).zip(&observation.values) {
                *slope += share * error * value;
                for (curvature, other) in row.iter_mut().zip(&observation.values) {
                    *curvature += share * p * (1.0 - p) * value * other;
                }
            }
        }
        let step = solve(hessian, gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    weights
}

pub fn probability(weights: &[f64], observation: &Observation) -> f64 {
    1.0 / (1.0 + (-logit(weights, observation)).exp())
}

pub fn logit(weights: &[f64], observation: &Observation) -> f64 {
    weights.iter().zip(&observation.values).map(|(weight, value)| weight * value).sum()
}

/// Returns the mean log loss.
pub fn loss(observations: &[Observation], probability: impl Fn(&Observation) -> f64) -> f64 {
    let losses = observations.iter().map(|one| {
        let p = probability(one).clamp(1e-12, 1.0 - 1e-12);
        -one.weight * if one.is_relevant() { p.ln() } else { (1.0 - p).ln() }
    });
    losses.sum::<f64>() / total_weight(observations)
}

fn total_weight(observations: &[Observation]) -> f64 {
    observations.iter().map(|one| one.weight).sum::<f64>().max(f64::MIN_POSITIVE)
}

/// Solves a system of linear equations by Gaussian elimination.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let count = right.len();
    // Elimination below the diagonal, with the largest pivot of each column.
    for i in 0..count {
        let pivot = (i..count).max_by(|&a, &b| matrix[a][i].abs().total_cmp(&matrix[b][i].abs())).unwrap_or(i);
        matrix.swap(i, pivot);
        right.swap(i, pivot);
        let pivot_row = matrix[i].clone();
        for j in i + 1..count {
            let factor = matrix[j][i] / pivot_row[i];
            matrix[j].iter_mut().zip(&pivot_row).skip(i).for_each(|(value, pivot)| *value -= factor * pivot);
            right[j] -= factor * right[i];
        }
    }
    // Back substitution.
    for i in (0..count).rev() {
        let known: f64 = (i + 1..count).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    right
}
