//! Models × precisions × poolings: the ways to encode.

use std::path::PathBuf;

use nigh::{BackendKind, CollectionOptions, EncoderOptions, ModelInfo, Precision, VectorSpace};

use crate::args::{EvalArgs, Pooling};
use crate::commands::model;
use crate::output::Failure;
use crate::plan::Plan;

/// A way to encode.
#[derive(Debug, Clone)]
pub struct Variant {
    pub info: ModelInfo,
    pub options: EncoderOptions,
}

impl Variant {
    pub fn model(&self) -> &str {
        self.info.name()
    }

    /// `int8` or `f32`.
    pub fn precision(&self) -> &'static str {
        // The same default as in the encoder: int8 on the native backend.
        let native = self.options.backend.unwrap_or(match self.info.safetensors() {
            Some(_) => BackendKind::Native,
            None => BackendKind::Ort,
        }) == BackendKind::Native;
        let default = if native { Precision::Int8 } else { Precision::F32 };
        self.options.precision.unwrap_or(default).name()
    }

    /// `mean`, `cls`, `max` or `mean_sqrt_len`.
    pub fn pooling(&self) -> String {
        let pooling = self.options.pooling.unwrap_or(self.info.pooling());
        pooling.name().to_owned()
    }

    /// The space of the vectors in a collection.
    pub fn space(&self) -> VectorSpace {
        self.options.space
    }

    /// Options for a collection that is encoded so.
    pub fn collection(&self, plan: &Plan) -> CollectionOptions {
        plan.options().encoder(self.options.clone()).vector_space(self.options.space).model(self.info.path())
    }
}

/// All combinations of the options. `default`: the directory of the model if none is named; `None`: the default model.
pub fn variants(plan: &Plan, asked: &EvalArgs, default: Option<PathBuf>) -> Result<Vec<Variant>, Failure> {
    let models = match (&asked.model[..], default) {
        ([], Some(directory)) => vec![directory],
        ([], None) => vec![model::required(plan, None)?],
        (models, _) => models.iter().map(|model| model::required(plan, Some(model))).collect::<Result<_, _>>()?,
    };
    let precisions: Vec<_> = match &asked.precision[..] {
        [] => vec![plan.encoder.precision],
        asked => asked.iter().map(|&precision| Some(precision)).collect(),
    };
    let poolings: Vec<_> = match &asked.pooling[..] {
        [] => vec![None],
        asked => asked.iter().map(|&pooling| Some(to_pooling(pooling))).collect(),
    };
    let mut variants = Vec::new();
    for directory in models {
        let info = ModelInfo::open(directory)?;
        // As in a new collection.
        let space = plan.space().map_or_else(|| VectorSpace::suited_to(&info), Ok)?;
        for &precision in &precisions {
            for &pooling in &poolings {
                let mut options = plan.encoder.clone();
                (options.precision, options.pooling, options.space) = (precision, pooling, space);
                variants.push(Variant { info: info.clone(), options });
            }
        }
    }
    Ok(variants)
}

fn to_pooling(pooling: Pooling) -> nigh::Pooling {
    match pooling {
        Pooling::Mean => nigh::Pooling::Mean,
        Pooling::Cls => nigh::Pooling::Cls,
        Pooling::Max => nigh::Pooling::Max,
        Pooling::MeanSqrtLen => nigh::Pooling::MeanSqrtLen,
    }
}
