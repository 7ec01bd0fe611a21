//! Repeats a step for a limited time; medians.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::output::Failure;

/// Repeats a step until `time` has passed, and at least and at most so often. Returns how long each repeat took. The step gets its number.
pub fn repeat(
    times: RangeInclusive<usize>,
    time: Duration,
    mut step: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Vec<Duration>, Failure> {
    let (stop, started) = (interrupt::cancel(), Instant::now());
    let mut took = Vec::new();
    while took.len() < *times.start() || took.len() < *times.end() && started.elapsed() < time {
        if stop.is_cancelled() {
            return Err(Failure::Interrupted);
        }
        let began = Instant::now();
        step(took.len())?;
        took.push(began.elapsed());
    }
    Ok(took)
}

/// Returns the median, in milliseconds with three digits after the point.
pub fn median_ms(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    rounded(median.as_secs_f64() * 1e3, 3)
}

/// Rounds to this number of digits after the point.
pub fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10f64.powi(digits);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn steps_are_repeated_at_least_and_at_most_so_often() {
        let mut numbers = Vec::new();
        let count = |times, time| repeat(times, time, |_| Ok(())).unwrap().len();
        let push = |number| {
            numbers.push(number);
            Ok(())
        };
        repeat(3..=3, Duration::ZERO, push).unwrap();
        assert_eq!(numbers, [0, 1, 2]);
        assert_eq!((count(2..=9, Duration::ZERO), count(2..=9, Duration::MAX)), (2, 9));
        assert!(repeat(1..=5, Duration::MAX, |_| Err(Failure::message("no"))).is_err());
    }

    #[test]
    fn median_is_the_middle_one() {
        let ms = |times: &[u64]| median_ms(times.iter().map(|&us| Duration::from_micros(us)).collect());
        assert_eq!((ms(&[3000, 1000, 2500]), ms(&[]), ms(&[1234])), (2.5, 0.0, 1.234));
    }
}
