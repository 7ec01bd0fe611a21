//! Timing, the filter, the output.

use std::time::{Duration, Instant};

/// The length of a sample, unless one call takes longer.
const SAMPLE: Duration = Duration::from_millis(2);
const SAMPLES: usize = 31;
/// The time limit of a kernel after 5 samples.
const TIME_LIMIT: Duration = Duration::from_millis(100);

/// Measures kernels of one instruction set, and prints one line for each.
pub struct Timing<'a> {
    level: String,
    words: &'a [String],
}

impl<'a> Timing<'a> {
    pub fn new(level: String, words: &'a [String]) -> Self {
        Self { level, words }
    }

    /// True if a kernel matches the filter.
    pub fn wants(&self, name: &str) -> bool {
        let line = format!("{} {name}", self.level);
        self.words.iter().all(|word| line.contains(word.as_str()))
    }

    /// Measures a product of `ops` multiplications and additions.
    pub fn product(&self, name: &str, ops: usize, peak: f64, act: impl FnMut()) {
        if self.wants(name) {
            let gops = ops as f64 / median(samples(act)) / 1e9;
            self.line(name, &format!("{gops:9.1} Gop/s {:5.0} % of peak", 100.0 * gops / peak));
        }
    }

    /// Measures an operation on this number of elements.
    pub fn elements(&self, name: &str, elements: usize, act: impl FnMut()) {
        if self.wants(name) {
            let seconds = median(samples(act));
            self.line(name, &format!("{:9.3} ns/element", seconds * 1e9 / elements as f64));
        }
    }

    /// Measures an operation in place, on a fresh copy of `x` each time; subtracts the time of copying.
    pub fn in_place(&self, name: &str, x: &[f32], mut act: impl FnMut(&mut [f32])) {
        if self.wants(name) {
            let mut copy = x.to_vec();
            let copying = median(samples(|| std::hint::black_box(&mut copy).copy_from_slice(x)));
            let with_copy = median(samples(|| {
                copy.copy_from_slice(x);
                act(std::hint::black_box(&mut copy));
            }));
            self.line(name, &format!("{:9.3} ns/element", (with_copy - copying).max(0.0) * 1e9 / x.len() as f64));
        }
    }

    /// Prints one line.
    pub fn line(&self, name: &str, figures: &str) {
        println!("{:12} {name:28} {figures}", self.level);
    }
}

/// Returns the best of several measurements, in Gop/s.
pub fn best(ops: usize, act: impl FnMut()) -> f64 {
    ops as f64 / samples(act).into_iter().fold(f64::INFINITY, f64::min) / 1e9
}

/// Repeats the call. Returns the seconds of each call.
fn samples(mut act: impl FnMut()) -> Vec<f64> {
    act();
    let began = Instant::now();
    act();
    let once = began.elapsed().as_secs_f64().max(1e-9);
    let calls = (SAMPLE.as_secs_f64() / once).ceil() as u32;
    let mut samples = Vec::with_capacity(SAMPLES);
    while samples.len() < 5 || samples.len() < SAMPLES && began.elapsed() < TIME_LIMIT {
        let started = Instant::now();
        for _ in 0..calls {
            act();
        }
        samples.push(started.elapsed().as_secs_f64() / f64::from(calls));
    }
    samples
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
