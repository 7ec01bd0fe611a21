//! The measurements.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use nigh::{Encoder, EncoderOptions, ModelInfo, Precision, TextKind};
use serde_json::{Value, json};

use crate::Failure;
use crate::plan::Plan;

/// The peers' query, so that the results can be compared.
const QUERY: &str = "how does mean pooling turn tokens into a sentence vector";
const QUERIES: usize = 200;
const LOADS: usize = 5;

/// The times of all loads.
#[derive(Default)]
pub struct Loads {
    whole: Vec<Duration>,
    tokenizer: Vec<Duration>,
    weights: Vec<Duration>,
}

impl Loads {
    pub fn load(&mut self, directory: &Path, options: &EncoderOptions) -> nigh::Result<Encoder> {
        let started = Instant::now();
        let encoder = Encoder::with_options(ModelInfo::open(directory)?, options.clone())?;
        self.whole.push(started.elapsed());
        let times = encoder.load_times();
        self.tokenizer.push(times.tokenizer);
        self.weights.push(times.weights);
        Ok(encoder)
    }

    /// Repeats the load often enough for a median.
    pub fn repeat(&mut self, directory: &Path, options: &EncoderOptions) -> nigh::Result<()> {
        while self.whole.len() < LOADS {
            self.load(directory, options)?;
        }
        Ok(())
    }

    pub fn whole(&self) -> f64 {
        median_ms(&self.whole)
    }

    pub fn tokenizer(&self) -> f64 {
        median_ms(&self.tokenizer)
    }

    pub fn weights(&self) -> f64 {
        median_ms(&self.weights)
    }
}

/// Returns the median time of a short query without a prefix in milliseconds: from tokens, and from text.
pub fn queries(encoder: &Encoder) -> Result<[f64; 2], Failure> {
    let tokens = [encoder.tokenise(TextKind::Plain, QUERY)?];
    let mut times = [Vec::new(), Vec::new()];
    // In turn, so that the difference comes from the tokenizer, not from the machine. The first ones are warm-up.
    for i in 0..QUERIES + 10 {
        let started = Instant::now();
        encoder.encode_tokens(&tokens)?;
        let from_tokens = started.elapsed();
        let started = Instant::now();
        encoder.encode(&[QUERY])?;
        if i >= 10 {
            times[0].push(from_tokens);
            times[1].push(started.elapsed());
        }
    }
    Ok(times.map(|times| median_ms(&times)))
}

/// The result of encoding all texts once.
#[derive(Default)]
pub struct Pass {
    pub texts: usize,
    pub tokens: usize,
    pub seconds: f64,
}

/// Encodes the plan's texts, one part at a time, and drops the vectors. Reading and counting are not timed.
pub fn pass(plan: &Plan, encoder: &Encoder) -> Result<Pass, Failure> {
    let mut lines = lines(plan)?.take(plan.limit);
    let mut pass = Pass::default();
    loop {
        let texts = lines.by_ref().take(plan.batch).collect::<io::Result<Vec<String>>>()?;
        if texts.is_empty() {
            break;
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let count = |text: &&str| encoder.tokenise(TextKind::Plain, text).map(|input| input.ids.len());
        pass.tokens += texts.iter().map(count).sum::<Result<usize, nigh::EncoderError>>()?;
        pass.texts += texts.len();
        let started = Instant::now();
        encoder.encode(&texts)?;
        pass.seconds += started.elapsed().as_secs_f64();
    }
    if pass.texts == 0 { Err(format!("{}: no texts", plan.texts).into()) } else { Ok(pass) }
}

/// Compares the vectors with those of f32 arithmetic.
pub fn cosines(plan: &Plan, directory: &Path, encoder: &Encoder) -> Result<Value, Failure> {
    let texts = lines(plan)?.take(plan.cosine).collect::<io::Result<Vec<String>>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let options = plan.options.clone().precision(Precision::F32);
    let exact = Encoder::with_options(ModelInfo::open(directory)?, options)?.encode(&texts)?;
    let ours = encoder.encode(&texts)?;
    let mut cosines: Vec<f64> = ours.iter().zip(exact.iter()).map(|(a, b)| cosine(a, b)).collect();
    cosines.sort_by(f64::total_cmp);
    let worst = *cosines.first().ok_or_else(|| format!("{}: no texts", plan.texts))?;
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    let [mean, p1, worst] = [mean, cosines[cosines.len() / 100], worst].map(|cosine| crate::rounded(cosine, 1e6));
    Ok(json!({ "texts": cosines.len(), "mean": mean, "p1": p1, "worst": worst }))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn lines(plan: &Plan) -> Result<impl Iterator<Item = io::Result<String>> + use<>, Failure> {
    let file = File::open(&plan.texts).map_err(|error| format!("{}: {error}", plan.texts))?;
    Ok(BufReader::new(file).lines().filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty())))
}

/// Returns the multiplications and additions of a token's matrix products with weights; `None` if config.json lacks the sizes.
pub fn ops_per_token(directory: &Path) -> Option<f64> {
    let config: Value = serde_json::from_str(&fs::read_to_string(directory.join("config.json")).ok()?).ok()?;
    let [layers, hidden, wide] =
        ["num_hidden_layers", "hidden_size", "intermediate_size"].map(|key| config[key].as_f64());
    let (layers, hidden, wide) = (layers?, hidden?, wide?);
    Some(2.0 * layers * (4.0 * hidden * hidden + 2.0 * hidden * wide))
}

/// Returns the peak memory of this process in MB; `None` except on Linux.
pub fn peak_rss_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024 / 1_000_000)
}

fn median_ms(times: &[Duration]) -> f64 {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
