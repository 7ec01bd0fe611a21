//! What keeps outliers from spoiling 8 bits: SmoothQuant (Xiao et al. 2022) without calibration.
//!
//! An activation's scale is its largest channel's. Where a few channels are many times larger than the rest, as BERTs tend
//! to have it after a layer norm, the rest would be left with a few steps. Dividing channel j of the activations by s_j and
//! multiplying row j of the weights by it changes nothing in exact arithmetic, and moves the spread into the weights,
//! which are scaled per output. What a layer norm gives out is known from its gain and bias alone, so that no sample of
//! texts is needed: its normalised values have mean 0 and variance 1.

use super::super::tensors::Norm;

/// How many standard deviations of a normalised value count.
const DEVIATIONS: f32 = 3.0;

/// One s a channel: √(activation / weight), the largest of each, scaled to geometric mean 1. All 1 where the input is not
/// a layer norm's.
pub(super) fn smoothing(weight: &[f32], k: usize, before: Option<&Norm>) -> Vec<f32> {
    let Some(norm) = before else { return vec![1.0; k] };
    let mut peaks = vec![0.0f32; k];
    for row in weight.chunks_exact(k) {
        for (peak, w) in peaks.iter_mut().zip(row) {
            *peak = peak.max(w.abs());
        }
    }
    let activation = norm.gain.iter().zip(&norm.bias).map(|(gain, bias)| DEVIATIONS * gain.abs() + bias.abs());
    let logs: Vec<f32> = activation.zip(&peaks).map(|(a, w)| 0.5 * (a.max(1e-6).ln() - w.max(1e-6).ln())).collect();
    let mean = logs.iter().sum::<f32>() / k as f32;
    // Powers of two, so that no path's rounding of a logarithm can change a quantised weight.
    logs.into_iter().map(|log| ((log - mean) / std::f32::consts::LN_2).round().clamp(-20.0, 20.0).exp2()).collect()
}
