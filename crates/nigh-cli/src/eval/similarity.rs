//! Measures sentence pairs: Spearman's correlation of the cosine with human scores.

use std::path::Path;
use std::time::Instant;

use nigh::{Encoder, TextKind};

use super::pairs::{self, Pairs};
use super::report::{EvalRun, Seconds, metrics};
use super::spearman::spearman;
use super::variant::Variant;
use crate::in_order::InOrder;
use crate::interrupt;
use crate::output::{Failure, count};
use crate::plan::Plan;

/// Number of pairs that are encoded together.
const BATCH_PAIRS: usize = 512;

/// A set, read.
pub struct Similarity {
    /// Its file's name without the extension.
    pub name: String,
    pairs: Pairs,
}

impl Similarity {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name =
            path.file_stem().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(Self { name, pairs: pairs::read(path)? })
    }

    /// Returns the size, like `1,379 pairs`.
    pub fn size(&self) -> String {
        count(self.pairs.scores.len(), "pair")
    }

    /// Encodes both sentences with the model's query prefix, as published figures do: neither sentence answers the other. The vectors are
    /// those of the model's authors, unless another space was asked for.
    pub fn run(&self, plan: &Plan, variant: &Variant) -> Result<EvalRun, Failure> {
        let stop = interrupt::cancel();
        let space = plan.space().unwrap_or_default();
        let encoder = Encoder::with_options(variant.info.clone(), variant.options.clone().space(space))?;
        let started = Instant::now();
        let what = format!("pairs of {}, {} {}", self.name, variant.model(), variant.precision());
        let bar = plan.notes.counting(what, self.pairs.scores.len());
        let mut cosines = Vec::with_capacity(self.pairs.scores.len());
        for part in self.pairs.sentences.chunks(BATCH_PAIRS) {
            if stop.is_cancelled() {
                return Err(Failure::Interrupted);
            }
            let texts: Vec<&str> = part.iter().flat_map(|(first, second)| [first.as_str(), second.as_str()]).collect();
            let vectors = encoder.encode_as(TextKind::Query, &texts)?;
            let mut vectors = vectors.iter();
            while let (Some(first), Some(second)) = (vectors.next(), vectors.next()) {
                cosines.push(cosine(first, second));
            }
            bar.add(part.len());
        }
        Ok(EvalRun {
            set: self.name.clone(),
            kind: "similarity",
            model: variant.model().to_owned(),
            precision: variant.precision(),
            pooling: variant.pooling(),
            space,
            mode: None,
            metrics: metrics(&[("spearman", spearman(&cosines, &self.pairs.scores))]),
            counts: InOrder(vec![("pairs", cosines.len() as u64)]),
            seconds: Seconds::new(started.elapsed().as_secs_f64(), None),
            groups: None,
            relevance: None,
        })
    }
}

/// Computed in f64; 0 if one vector is zero.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}
