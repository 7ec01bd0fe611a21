//! Measures the encoder: many passages, many short texts, one question.

use std::time::{Duration, Instant};

use nigh::{Encoder, TextKind};

use super::row::{Latency, Throughput};
use super::texts::{Languages, PASSAGE_CYCLE, QUESTION, QUESTIONS_CYCLE, passages as make_passages, questions};
use super::timing::{median_ms, repeat};
use crate::output::Failure;

/// Rounds of a measurement: at least, for a CPU so slow that one round takes longer than all should, and at most.
const ROUNDS: std::ops::RangeInclusive<usize> = 1..=5;
/// A warm-up of this time shows the speed well enough.
const LONG_WARM_UP: Duration = Duration::from_millis(500);
/// The most texts in a round: they stay in memory.
const MAX_TEXTS: usize = 50_000;
/// Repeats of one question.
const REPEATS: std::ops::RangeInclusive<usize> = 5..=200;

/// Encodes passages with all threads.
pub fn passages(encoder: &Encoder, languages: Languages, time: Duration) -> Result<Throughput, Failure> {
    throughput(encoder, TextKind::Passage, &make_passages(encoder, languages), PASSAGE_CYCLE, time)
}

/// Encodes questions with all threads.
pub fn short_texts(encoder: &Encoder, languages: Languages, time: Duration) -> Result<Throughput, Failure> {
    throughput(encoder, TextKind::Query, &questions(languages), QUESTIONS_CYCLE, time)
}

/// Encodes one question at a time.
pub fn question(encoder: &Encoder, time: Duration) -> Result<Latency, Failure> {
    let encode = |_| Ok(encoder.encode_query(QUESTION).map(drop)?);
    repeat(2..=2, Duration::ZERO, encode)?;
    let took = repeat(REPEATS, time, encode)?;
    let tokens = encoder.tokenise(TextKind::Query, QUESTION)?.ids.len();
    Ok(Latency { repeats: Some(took.len()), tokens, milliseconds: median_ms(took) })
}

/// Measures how fast these texts are encoded together. Each round has as many of them, in turn, as fill its time: a multiple of `cycle`,
/// so that the mean length is the same on every machine.
fn throughput(
    encoder: &Encoder,
    kind: TextKind,
    texts: &[String],
    cycle: usize,
    time: Duration,
) -> Result<Throughput, Failure> {
    let lengths: Vec<usize> =
        texts.iter().map(|text| Ok(encoder.tokenise(kind, text)?.ids.len())).collect::<Result<_, Failure>>()?;
    let encode = |count: usize| -> Result<Duration, Failure> {
        let texts: Vec<&str> = texts.iter().cycle().take(count).map(String::as_str).collect();
        let began = Instant::now();
        encoder.encode_as(kind, &texts)?;
        Ok(began.elapsed())
    };
    // Warm up: the first texts read the weights from the disk. Then as many as occupy all threads show the speed.
    let warm_up = encode(cycle)?;
    let sample = (4 * encoder.compute_path().threads).next_multiple_of(cycle);
    let per_text = if warm_up >= LONG_WARM_UP {
        warm_up.as_secs_f64() / cycle as f64
    } else {
        encode(sample)?.as_secs_f64() / sample as f64
    };
    let wanted = time.as_secs_f64() / *ROUNDS.end() as f64 / per_text.max(1e-9);
    let count = (wanted as usize).clamp(cycle, MAX_TEXTS).next_multiple_of(cycle);
    let tokens = lengths.iter().cycle().take(count).sum::<usize>() as f64;
    let took = repeat(ROUNDS, time, |_| encode(count).map(drop))?;
    let rates = took.iter().map(|took| tokens / took.as_secs_f64().max(1e-9)).collect();
    Ok(Throughput::new(rates, tokens / count as f64))
}
