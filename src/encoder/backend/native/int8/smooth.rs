//! What keeps outliers from spoiling 8 bits: SmoothQuant (Xiao et al. 2022), without calibration and only where needed.
//!
//! A token's scale is its largest channel's. Where a few channels are many times larger than the rest, the rest would be
//! left with a few steps. Dividing channel j of the activations by s_j and multiplying row j of the weights by it changes
//! nothing in exact arithmetic, and moves the spread into the weights, which have a scale per output. How large a
//! channel gets is known from the gain and bias of the layer norm that gives it out, since normalised values have mean 0
//! and variance 1: no sample of texts is needed.
//!
//! Channels within [`USUAL`] times the median are left alone. Measured over 2,000 passages, smoothing all channels of
//! MiniLM and e5, which have no such outliers, was worse than none (mean cosine to f32 .9981 against .9982, .9993 against
//! .9995): it only widens the weights.

use super::super::tensors::Norm;

/// How many standard deviations of a normalised value count.
const DEVIATIONS: f32 = 3.0;

/// How many times the median a channel may be.
const USUAL: f32 = 4.0;

/// One s a channel, a power of two ≥ 1; all 1 where the input is not a layer norm's.
pub(super) fn smoothing(k: usize, before: Option<&Norm>) -> Vec<f32> {
    let Some(norm) = before else { return vec![1.0; k] };
    let sizes: Vec<f32> =
        norm.gain.iter().zip(&norm.bias).map(|(gain, bias)| DEVIATIONS * gain.abs() + bias.abs()).collect();
    let mut sorted = sizes.clone();
    sorted.sort_by(f32::total_cmp);
    let usual = USUAL * sorted.get(k / 2).copied().unwrap_or_default();
    let factor =
        |size: f32| if size > usual && usual > 0.0 { (size / usual).log2().ceil().min(60.0).exp2() } else { 1.0 };
    sizes.into_iter().map(factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_outliers_are_divided() {
        let mut norm = Norm { gain: vec![1.0; 100], bias: vec![0.1; 100] };
        norm.gain[3] = 3.0;
        norm.gain[7] = 100.0;
        norm.bias[9] = -500.0;
        let s = smoothing(100, Some(&norm));
        assert!(s.iter().enumerate().all(|(i, &s)| (s == 1.0) != [7, 9].contains(&i)), "{s:?}");
        assert!(norm.gain[7] / s[7] <= 4.0 && norm.bias[9].abs() / s[9] <= 13.0);
        assert_eq!(smoothing(3, None), [1.0; 3]);
        let nothing = Norm { gain: vec![0.0; 5], bias: vec![0.0; 5] };
        assert_eq!(smoothing(5, Some(&nothing)), [1.0; 5]);
    }
}
