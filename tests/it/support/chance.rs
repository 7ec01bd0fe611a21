//! What chance decides, and how a run is repeated.

use std::time::{SystemTime, UNIX_EPOCH};

/// A seed to repeat a run with.
pub const SEED: &str = "NIGH_TEST_SEED";

/// The seed of this run, which is printed.
pub fn seed() -> u64 {
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let seed = given.unwrap_or_else(clock);
    eprintln!("{SEED}={seed}");
    seed
}

/// How many cases: what the environment says, or what suits a run of all tests.
pub fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}
