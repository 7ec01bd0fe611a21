//! [`Row`]: the figures of one machine; and the stored ones.

use nigh::{BackendKind, ComputePath, Encoder, Precision, SimdLevel};
use serde::{Deserialize, Serialize};

use super::machine;
use super::timing::rounded;
use crate::output::Failure;

/// The figures of known machines.
const KNOWN: &str = include_str!("known.json");

/// The figures of one machine with one model. `nigh bench --json` prints a row, and `known.json` stores rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub cpu: String,
    /// Cores that the process could use.
    pub cores: usize,
    /// The levels with kernels that the CPU has.
    pub instruction_sets: Vec<SimdLevel>,
    /// The load average before the run: how many threads of other programs wanted a core. `None` if the system does not tell it.
    #[serde(default)]
    pub load: Option<f64>,
    /// The version of nigh; `None` if it was not noted.
    pub nigh: Option<String>,
    /// The day, in UTC.
    pub date: String,
    /// The page that a stored row comes from; `None` if `nigh bench` measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub model: String,
    pub backend: BackendKind,
    pub precision: Precision,
    /// The kernels that encoded.
    pub simd: SimdLevel,
    pub threads: usize,
    pub passages: Option<Throughput>,
    pub short_texts: Option<Throughput>,
    pub question: Option<Latency>,
    pub search: Option<SearchLatency>,
}

/// How fast many texts are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// The median of the rounds. Special tokens and prefixes count.
    pub tokens_per_second: f64,
    /// The mean number of tokens in a text.
    pub mean_tokens: f64,
    pub rounds: Option<usize>,
    /// The difference between the fastest and the slowest round, as a share of the median; `None` for one round.
    pub spread: Option<f64>,
}

/// How long one question takes to encode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The median, with tokenising.
    pub milliseconds: f64,
    pub tokens: usize,
    pub repeats: Option<usize>,
}

/// How long one search by a vector takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SearchLatency {
    /// The median.
    pub milliseconds: f64,
    pub vectors: usize,
    pub dimension: usize,
    pub repeats: Option<usize>,
}

impl Row {
    /// A row without figures: the machine, the day, the model and how it is computed.
    pub fn describe(encoder: &Encoder) -> Self {
        let ComputePath { backend, precision, simd, threads, .. } = encoder.compute_path();
        Self {
            cpu: machine::cpu(),
            cores: machine::cores(),
            instruction_sets: SimdLevel::ALL.into_iter().filter(|level| level.is_available()).collect(),
            load: machine::load(),
            nigh: Some(env!("CARGO_PKG_VERSION").to_owned()),
            date: machine::today(),
            source: None,
            model: encoder.model().name().to_owned(),
            backend,
            precision,
            simd,
            threads,
            passages: None,
            short_texts: None,
            question: None,
            search: None,
        }
    }

    /// True if other programs kept at least a quarter of the machine's cores busy before the run.
    pub fn is_disturbed(&self) -> bool {
        self.load.is_some_and(|load| load > 0.25 * machine::all_cores() as f64)
    }

    /// True if both rows are figures of the same model and arithmetic, which can be compared.
    pub fn is_comparable(&self, other: &Self) -> bool {
        (&self.model, self.precision) == (&other.model, other.precision)
    }

    /// The largest [`Throughput::spread`].
    pub fn spread(&self) -> Option<f64> {
        [self.passages, self.short_texts].into_iter().flatten().filter_map(|figure| figure.spread).reduce(f64::max)
    }
}

impl Throughput {
    /// From the tokens per second of each round.
    pub fn new(mut rates: Vec<f64>, mean_tokens: f64) -> Self {
        rates.sort_by(f64::total_cmp);
        let median = rates.get(rates.len() / 2).copied().unwrap_or_default();
        let range = match rates[..] {
            [slowest, .., fastest] => Some(fastest - slowest),
            _ => None,
        };
        Self {
            tokens_per_second: rounded(median, 0),
            mean_tokens: rounded(mean_tokens, 1),
            rounds: Some(rates.len()),
            spread: range.map(|range| rounded(range / median.max(f64::MIN_POSITIVE), 3)),
        }
    }
}

/// Returns the rows of known machines.
pub fn known() -> Result<Vec<Row>, Failure> {
    serde_json::from_str(KNOWN).map_err(|error| Failure::message(format!("internal error: known.json: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn known_rows_are_read_and_name_their_origin() {
        let rows = known().unwrap();
        assert!(!rows.is_empty());
        for row in &rows {
            assert!(row.source.is_some() || row.nigh.is_some(), "{row:?}");
            let day: Vec<&str> = row.date.split('-').collect();
            assert_eq!(day.iter().map(|part| part.len()).collect::<Vec<_>>(), [4, 2, 2], "{}", row.date);
            let printed = serde_json::to_string(row).unwrap();
            assert_eq!(&serde_json::from_str::<Row>(&printed).unwrap(), row, "a printed row can be stored");
        }
    }

    #[test]
    fn throughput_is_the_median_with_its_spread() {
        let figure = Throughput::new(vec![120.0, 90.0, 100.4], 12.34);
        assert_eq!((figure.tokens_per_second, figure.mean_tokens), (100.0, 12.3));
        assert_eq!((figure.rounds, figure.spread), (Some(3), Some(0.299)));
        assert_eq!(Throughput::new(vec![7.0], 1.0).spread, None);
    }
}
