//! Logistic regression by Newton's method (iteratively reweighted least squares).

/// One observation: its values; the last one is 1, for the bias.
pub struct Observation {
    pub values: Vec<f64>,
    pub relevant: bool,
    /// The relevance with the current weights.
    pub today: f64,
}

/// A small regularisation: keeps weights finite if a value separates the classes.
const RIDGE: f64 = 1e-6;
const STEPS: usize = 50;

/// Fits the weights with the lowest loss.
pub fn fit(observations: &[Observation]) -> Vec<f64> {
    let count = observations.first().map_or(0, |observation| observation.values.len());
    let (mut weights, shares) = (vec![0.0; count], shares(observations));
    for _ in 0..STEPS {
        // The gradient and the Hessian of the loss.
        let mut gradient: Vec<f64> = weights.iter().map(|weight| RIDGE * weight).collect();
        let mut hessian = vec![vec![0.0; count]; count];
        (0..count).for_each(|i| hessian[i][i] = RIDGE);
        for observation in observations {
            let (p, weight_of_class) = (probability(&weights, observation), shares[usize::from(observation.relevant)]);
            let error = p - f64::from(u8::from(observation.relevant));
            for ((slope, row), value) in gradient.iter_mut().zip(&mut hessian).zip(&observation.values) {
                *slope += weight_of_class * error * value;
                for (curvature, other) in row.iter_mut().zip(&observation.values) {
                    *curvature += weight_of_class * p * (1.0 - p) * value * other;
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
    let logit: f64 = weights.iter().zip(&observation.values).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-logit).exp())
}

/// Returns the mean log loss; both classes have the same weight.
pub fn loss(observations: &[Observation], probability: impl Fn(&Observation) -> f64) -> f64 {
    let shares = shares(observations);
    let losses = observations.iter().map(|one| {
        let p = probability(one).clamp(1e-12, 1.0 - 1e-12);
        -shares[usize::from(one.relevant)] * if one.relevant { p.ln() } else { (1.0 - p).ln() }
    });
    losses.sum()
}

/// Returns the weight of an irrelevant and of a relevant observation: each class has one half of the total.
fn shares(observations: &[Observation]) -> [f64; 2] {
    let relevant = observations.iter().filter(|one| one.relevant).count();
    [observations.len() - relevant, relevant].map(|count| 0.5 / count.max(1) as f64)
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
