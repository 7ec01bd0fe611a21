//! Row operations of the encoder. Each has one body in plain Rust, which the compiler vectorises for every path. All paths give
//! the same bits: fused multiply-adds are not used, and every sum has a fixed number of lanes.

use super::simd::{Simd, SimdLevel};

/// The number of partial sums of a sum, so that it vectorises. It is the same on every path.
const LANES: usize = 16;

/// Compiles a body for each path and dispatches on a [`Simd`].
macro_rules! every_path {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) = $body:ident) => {
        $(#[$doc])*
        $vis fn $name(simd: Simd, $($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) {
                    $body($($arg),*);
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $type),*) {
                    $body($($arg),*);
                }
                match simd.level() {
                    // SAFETY: `simd` proves that the CPU has what the path enables.
                    SimdLevel::Avx512 | SimdLevel::Avx512Vnni | SimdLevel::Amx => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    SimdLevel::Avx2 | SimdLevel::AvxVnni => return unsafe { avx2($($arg),*) },
                    SimdLevel::Portable => {}
                }
            }
            let _ = simd;
            $body($($arg),*);
        }
    };
}

pub(super) use every_path;

every_path! {
    /// Computes x ← GELU(x) = x/2 · (1 + erf(x/√2)), the exact form, to within 1e-6 · max(1, |x|).
    pub fn gelu(x: &mut [f32]) = gelu_body
}

every_path! {
    /// Computes x ← x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), the form that configs call `gelu_new` or `gelu_pytorch_tanh`.
    pub fn gelu_tanh(x: &mut [f32]) = gelu_tanh_body
}

every_path! {
    /// Computes x ← GELU(x), the exact form to within 4.2e-5 · max(1, |x| / 13), for values that are rounded to 8 bits next. Φ
    /// is a minimax polynomial, clamped at |x| = 4.4. Takes a third of the time of [`gelu`].
    pub fn gelu_coarse(x: &mut [f32]) = gelu_coarse_body
}

every_path! {
    /// Computes x ← max(x, 0).
    pub fn relu(x: &mut [f32]) = relu_body
}

every_path! {
    /// Computes softmax(scale · x), in place. An entry of −∞ (a masked key) becomes 0. If all are −∞, all become 0.
    pub fn softmax(x: &mut [f32], scale: f32) = softmax_body
}

every_path! {
    /// Applies layer normalisation (Ba et al. 2016) to each row of `x` (`[rows, gain.len()]`), in place, with gain and bias.
    pub fn layer_norm(x: &mut [f32], gain: &[f32], bias: &[f32], epsilon: f32) = layer_norm_body
}

/// Computes e^x to within 2e-7 relative for −87 ≤ x ≤ 88; clamped outside. Range reduction by ln 2 in two parts and a degree-7
/// Taylor polynomial on [−ln 2/2, ln 2/2] (Cody & Waite 1980).
#[inline(always)]
fn exp(x: f32) -> f32 {
    // 1. x = n · ln 2 + r with an integer n. Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    // 2. Compute e^r by its Taylor polynomial.
    let tail = 1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0))));
    let value = 1.0 + r + r * r * (0.5 + r * tail);
    // 3. Multiply by 2^n: add n, the low bits of the shifted sum, to the exponent.
    f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[inline(always)]
fn gelu_body(x: &mut [f32]) {
    for x in x {
        // erf(|x| / √2) by Abramowitz & Stegun 7.1.26: |error| ≤ 1.5e-7.
        let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * z);
        let poly = t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
        let erf = (1.0 - poly * exp(-z * z)).copysign(*x);
        *x = 0.5 * *x * (1.0 + erf);
    }
}

#[inline(always)]
fn gelu_coarse_body(x: &mut [f32]) {
    for x in x {
        // Φ(c) − ½ is an odd function of c: c times a polynomial in t = c². Its upper half is computed first.
        let c = x.clamp(-4.4, 4.4);
        let t = c * c;
        let high =
            8.430_844e-5 + t * (-4.726_37e-6 + t * (1.741_689_6e-7 + t * (-3.756_573_3e-9 + t * 3.572_558_6e-11)));
        let p = 0.398_761_84 + t * (-0.066_076_89 + t * (0.009_643_326 + t * (-0.001_055_084 + t * high)));
        *x *= 0.5 + c * p;
    }
}

#[inline(always)]
fn gelu_tanh_body(x: &mut [f32]) {
    for x in x {
        let inner = 0.797_884_6 * (*x + 0.044_715 * *x * *x * *x);
        // (1 + tanh u)/2 = 1/(1 + e^(−2u))
        *x /= 1.0 + exp(-2.0 * inner);
    }
}

#[inline(always)]
fn relu_body(x: &mut [f32]) {
    for x in x {
        *x = x.max(0.0);
    }
}

#[inline(always)]
fn softmax_body(x: &mut [f32], scale: f32) {
    // 1. Find the largest value.
    let mut peaks = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (peak, &x) in peaks.iter_mut().zip(chunk) {
            *peak = peak.max(x);
        }
    }
    let peak = peaks.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| a.max(b));
    if peak == f32::NEG_INFINITY {
        x.fill(0.0);
        return;
    }
    // 2. Compute the powers relative to it, and their sum: first whole chunks, by lanes, then the rest.
    let mut sums = [0.0f32; LANES];
    let (chunks, rest) = x.as_chunks_mut::<LANES>();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *x = weight(*x, peak, scale);
            *sum += *x;
        }
    }
    let mut sum = 0.0;
    for x in rest {
        *x = weight(*x, peak, scale);
        sum += *x;
    }
    // 3. Divide by the sum.
    let inverse = 1.0 / (sums.iter().sum::<f32>() + sum);
    for x in x {
        *x *= inverse;
    }
}

/// Computes e^(scale · (x − peak)). Returns 0 for a masked x, for which the clamp in `exp` alone would give 1e-38.
#[inline(always)]
fn weight(x: f32, peak: f32, scale: f32) -> f32 {
    let value = exp(scale * (x - peak));
    if x == f32::NEG_INFINITY { 0.0 } else { value }
}

#[inline(always)]
fn layer_norm_body(x: &mut [f32], gain: &[f32], bias: &[f32], epsilon: f32) {
    let width = gain.len();
    if width == 0 {
        return;
    }
    let bias = &bias[..width];
    for row in x.chunks_exact_mut(width) {
        let mean = sum_of(row, |x| x) / width as f32;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width as f32;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        for ((x, &gain), &bias) in row.iter_mut().zip(gain).zip(bias) {
            *x = (*x - mean) * inverse * gain + bias;
        }
    }
}

/// Sums `term(x)` over a row, in [`LANES`] partial sums.
#[inline(always)]
fn sum_of(row: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += term(x);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|&x| term(x)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    /// Computes erf by its Taylor series in f64, which is exact enough for |x| ≤ 6.
    fn erf(x: f64) -> f64 {
        if x.abs() > 5.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    fn grid() -> Vec<f32> {
        (-4000..=4000).map(|i| i as f32 * 0.003).collect()
    }

    #[test]
    fn exp_is_within_its_error_bound() {
        for i in -86_999..88_000 {
            let x = i as f32 * 0.001;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) - exact).abs() <= 2e-7 * exact, "exp({x})");
        }
        assert!(exp(-1e30) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn gelu_is_within_its_error_bound_on_every_path() {
        for simd in Simd::available() {
            let mut x = grid();
            gelu(simd, &mut x);
            for (x, y) in grid().into_iter().zip(x) {
                let exact = 0.5 * f64::from(x) * (1.0 + erf(f64::from(x) / std::f64::consts::SQRT_2));
                assert!((f64::from(y) - exact).abs() <= 1e-6 * f64::from(x.abs().max(1.0)), "{simd:?} gelu({x}) = {y}");
            }
            let mut x = grid();
            gelu_coarse(simd, &mut x);
            for (x, y) in grid().into_iter().zip(x) {
                let exact = 0.5 * f64::from(x) * (1.0 + erf(f64::from(x) / std::f64::consts::SQRT_2));
                assert!((f64::from(y) - exact).abs() <= 4.2e-5, "{simd:?} gelu_coarse({x}) = {y}, {exact}");
            }
            let mut x = grid();
            gelu_tanh(simd, &mut x);
            for (x, y) in grid().into_iter().zip(x) {
                let wide = f64::from(x);
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (wide + 0.044_715 * wide.powi(3));
                let exact = 0.5 * wide * (1.0 + inner.tanh());
                assert!((f64::from(y) - exact).abs() <= 1e-6 * wide.abs().max(1.0), "{simd:?} gelu_tanh({x}) = {y}");
            }
        }
    }

    #[test]
    fn softmax_gives_masked_keys_no_weight() {
        for simd in Simd::available() {
            let mut x = vec![1.0, f32::NEG_INFINITY, 1.0];
            softmax(simd, &mut x, 0.5);
            assert_eq!(x, [0.5, 0.0, 0.5]);
            let mut x = vec![f32::NEG_INFINITY; 20];
            softmax(simd, &mut x, 1.0);
            assert_eq!(x, [0.0; 20]);
        }
    }

    proptest! {
        #[test]
        fn softmax_equals_the_scalar_softmax(x in prop::collection::vec(-30.0f32..30.0, 1..600), scale in 0.01f32..1.0) {
            let wide: Vec<f64> = x.iter().map(|&x| f64::from(x) * f64::from(scale)).collect();
            let peak = wide.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = wide.iter().map(|x| (x - peak).exp()).sum();
            let mut seen: Option<Vec<f32>> = None;
            for simd in Simd::available() {
                let mut y = x.clone();
                softmax(simd, &mut y, scale);
                for (&y, x) in y.iter().zip(&wide) {
                    prop_assert!((f64::from(y) - (x - peak).exp() / sum).abs() < 2e-6);
                }
                if let Some(seen) = &seen {
                    prop_assert_eq!(seen, &y, "paths differ");
                }
                seen = Some(y);
            }
        }

        #[test]
        fn layer_norm_equals_the_scalar_layer_norm(rows in 1usize..4, width in 1usize..500, seed: u32) {
            let value = |i: usize| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 8_388_608.0 - 1.0;
            let x: Vec<f32> = (0..rows * width).map(value).collect();
            let gain: Vec<f32> = (0..width).map(|i| value(i + 7)).collect();
            let bias: Vec<f32> = (0..width).map(|i| value(i + 11)).collect();
            for simd in Simd::available() {
                let mut y = x.clone();
                layer_norm(simd, &mut y, &gain, &bias, 1e-5);
                for (x, y) in x.chunks(width).zip(y.chunks(width)) {
                    let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / width as f64;
                    let variance = x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / width as f64;
                    for j in 0..width {
                        let exact = (f64::from(x[j]) - mean) / (variance + 1e-5).sqrt() * f64::from(gain[j]) + f64::from(bias[j]);
                        prop_assert!((f64::from(y[j]) - exact).abs() < 2e-4, "{} against {}", y[j], exact);
                    }
                }
            }
        }
    }
}
