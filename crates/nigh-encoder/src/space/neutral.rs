//! Moves vectors into the language-neutral space.
//!
//! For each language there are texts on the same subjects, the [reference texts](crate::reference_texts). The mean vector of
//! a language's texts has one part that all languages share and one part that tells the language. The differences between
//! the means span the directions that tell the language, fewer of them than languages. A vector v of length 1 becomes
//!
//! v' = v - s m - sum over k of ((v - m) · b_k) b_k, scaled to length 1
//!
//! - m: the mean of the languages' means
//! - s: [`MEAN_SHARE`]. Most of a vector of e5 is this shared mean, which makes all cosines lie between 0.7 and 1.
//! - b_k: an orthonormal basis of the directions that tell the language
//!
//! No language is determined: a text in two languages, or in one that has no reference texts, is moved by as much as its
//! vector has of these directions. Queries and passages have a transform each, since their prefixes differ.
//!
//! All sums are in a fixed order, so that the result has the same bits on every CPU.

use nigh_kernel::vector::{dot_in_order, normalise};

use crate::options::TextKind;

/// How much of the shared mean is subtracted. Chosen from 0.5 to 1 by nDCG@10 over corpora in one and in two languages
/// (docs/benchmarks/languages.md).
pub(super) const MEAN_SHARE: f32 = 0.7;
/// To be changed when the same texts give another transform. Part of the fingerprint.
pub(super) const SCHEME: &str = "language-neutral-1";
/// A direction shorter than this fraction of the longest one is rounding noise: means that hardly differ.
const MIN_DIRECTION: f64 = 1e-3;

/// Moves the vectors of queries and of passages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NeutralTransform {
    query: Side,
    passage: Side,
}

/// The transform of one kind of text.
#[derive(Debug, Clone, PartialEq)]
struct Side {
    /// `[dimension]`: the mean of the languages' means.
    mean: Vec<f32>,
    /// `[directions, dimension]`, row-major, orthonormal.
    basis: Vec<f32>,
}

impl NeutralTransform {
    /// Creates the transform from the mean vectors of the languages, of queries and of passages. Each is `[dimension]`.
    pub(crate) fn of_means(queries: &[Vec<f64>], passages: &[Vec<f64>]) -> Self {
        Self { query: Side::of_means(queries), passage: Side::of_means(passages) }
    }

    /// Moves a vector, and scales it to length 1. A zero vector, and a vector of a text without a role, stays as it is.
    pub(crate) fn apply(&self, kind: TextKind, vector: &mut [f32]) {
        match kind {
            TextKind::Query => self.query.apply(vector),
            TextKind::Passage => self.passage.apply(vector),
            TextKind::Plain => {}
        }
    }

    /// Returns the numbers of the transform: for queries, then for passages, the mean and the basis.
    pub(crate) fn to_numbers(&self) -> Vec<f32> {
        [&self.query.mean, &self.query.basis, &self.passage.mean, &self.passage.basis].map(|part| &part[..]).concat()
    }

    /// Reads [`NeutralTransform::to_numbers`]; `None` if the number of numbers is wrong or one is not finite.
    pub(crate) fn of_numbers(numbers: &[f32], dimension: usize) -> Option<Self> {
        let whole = dimension > 0 && numbers.len() >= 2 * dimension && numbers.len().is_multiple_of(2 * dimension);
        if !whole || numbers.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let side = |numbers: &[f32]| {
            let (mean, basis) = numbers.split_at(dimension);
            Side { mean: mean.to_vec(), basis: basis.to_vec() }
        };
        let (query, passage) = numbers.split_at(numbers.len() / 2);
        Some(Self { query: side(query), passage: side(passage) })
    }
}

impl Side {
    fn of_means(means: &[Vec<f64>]) -> Self {
        let dimension = means.first().map_or(0, Vec::len);
        let mut shared = vec![0.0; dimension];
        for mean in means {
            shared.iter_mut().zip(mean).for_each(|(sum, x)| *sum += x / means.len() as f64);
        }
        // The differences add up to zero, so the last one is in the span of the others.
        let differences = means.iter().take(means.len().saturating_sub(1));
        let directions = differences.map(|mean| mean.iter().zip(&shared).map(|(x, shared)| x - shared).collect());
        let basis = orthonormal(directions.collect());
        Self {
            mean: shared.iter().map(|&x| x as f32).collect(),
            basis: basis.into_iter().flatten().map(|x| x as f32).collect(),
        }
    }

    fn apply(&self, vector: &mut [f32]) {
        let dimension = self.mean.len();
        if vector.len() != dimension || dimension == 0 {
            return;
        }
        normalise(vector);
        if vector.iter().all(|&x| x == 0.0) {
            return;
        }
        // 1. How much of each direction the vector has.
        let off_mean: Vec<f32> = vector.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        let parts: Vec<f32> = self.basis.chunks_exact(dimension).map(|row| dot_in_order(row, &off_mean)).collect();
        // 2. Subtract the share of the mean, then the directions.
        vector.iter_mut().zip(&self.mean).for_each(|(x, mean)| *x -= MEAN_SHARE * mean);
        for (row, part) in self.basis.chunks_exact(dimension).zip(parts) {
            vector.iter_mut().zip(row).for_each(|(x, direction)| *x -= part * direction);
        }
        normalise(vector);
    }
}

/// Returns an orthonormal basis of the span of these vectors, by the modified Gram–Schmidt process. Each vector is
/// orthogonalised twice, which is enough for full precision.
fn orthonormal(vectors: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let longest = vectors.iter().map(|vector| dot(vector, vector).sqrt()).fold(0.0, f64::max);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for mut vector in vectors {
        for _ in 0..2 {
            for row in &basis {
                let part = dot(row, &vector);
                vector.iter_mut().zip(row).for_each(|(x, direction)| *x -= part * direction);
            }
        }
        let length = dot(&vector, &vector).sqrt();
        if length > MIN_DIRECTION * longest {
            vector.iter_mut().for_each(|x| *x /= length);
            basis.push(vector);
        }
    }
    basis
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    /// Two languages differ in the first number, and share the second; subjects are in the third and fourth.
    fn transform() -> NeutralTransform {
        let means = [vec![0.3, 0.8, 0.0, 0.0], vec![-0.1, 0.8, 0.0, 0.0]];
        NeutralTransform::of_means(&means, &means)
    }

    #[test]
    fn transform_makes_a_subject_equal_in_all_languages() {
        let moved = |language: f32, subject: [f32; 2]| {
            let mut vector = vec![language, 0.8, subject[0], subject[1]];
            normalise(&mut vector);
            transform().apply(TextKind::Passage, &mut vector);
            vector
        };
        let (first, second, other) = (moved(0.3, [0.4, 0.1]), moved(-0.1, [0.4, 0.1]), moved(0.3, [-0.1, 0.4]));
        assert!(dot_in_order(&first, &second) > 0.98, "{first:?} {second:?}");
        assert!(dot_in_order(&first, &other) < 0.7, "{first:?} {other:?}");
        assert!((dot_in_order(&first, &first) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn transform_follows_its_formula() {
        let mut vector = [0.6, 0.0, 0.0, 0.8];
        transform().apply(TextKind::Query, &mut vector);
        // m = (.1, .8, 0, 0), b = (1, 0, 0, 0): .6 - .7 * .1 - (.6 - .1) = .03; 0 - .7 * .8 = -.56; 0; .8.
        let mut expected = [0.03, -0.56, 0.0, 0.8];
        normalise(&mut expected);
        assert!(close(&vector, &expected), "{vector:?}");
    }

    #[test]
    fn transform_leaves_plain_texts_and_zero_vectors() {
        let (mut plain, mut zero, mut other) = ([0.6, 0.8, 0.0, 0.0], [0.0; 4], [1.0, 0.0]);
        transform().apply(TextKind::Plain, &mut plain);
        transform().apply(TextKind::Query, &mut zero);
        transform().apply(TextKind::Query, &mut other);
        assert_eq!((plain, zero, other), ([0.6, 0.8, 0.0, 0.0], [0.0; 4], [1.0, 0.0]));
    }

    #[test]
    fn transform_round_trips_through_numbers() {
        let transform = transform();
        let numbers = transform.to_numbers();
        assert_eq!(NeutralTransform::of_numbers(&numbers, 4), Some(transform));
        assert_eq!(NeutralTransform::of_numbers(&numbers[1..], 4), None);
        assert_eq!(NeutralTransform::of_numbers(&[], 4), None);
        assert_eq!(NeutralTransform::of_numbers(&numbers, 0), None);
        let mut infinite = numbers;
        infinite[3] = f32::INFINITY;
        assert_eq!(NeutralTransform::of_numbers(&infinite, 4), None);
    }

    #[test]
    fn basis_is_orthonormal_and_drops_dependent_vectors() {
        let basis = orthonormal(vec![vec![3.0, 0.0, 0.0], vec![1.0, 1.0, 0.0], vec![5.0, 2.0, 0.0], vec![0.0; 3]]);
        assert_eq!(basis, [vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0]]);
    }
}
