//! The weights in the packed file, in the form that the kernels take.

use std::io;
use std::ops::Range;

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

use super::super::past_table;
use super::super::tensors::Source;
use super::layout::{LayerAt, LinearAt, NormAt, Sizes};
use super::pack::{EmbeddingAt, PackedContents};
use super::{EMBEDDING, FILE, SCHEME, TOKENS, floor_of, layer_name};
use crate::error::{Error, Result};
use crate::model::{Activation, BertConfig, ModelInfo, NOT_INTACT};
use crate::packed::{BlockSection, PackedFile, Problem, write_file, write_memory};
use nigh_kernel::integer::Packed;
use nigh_kernel::view::{view_f32, view_i8, view_i32, view_u16};

/// All weights of a BERT, mapped.
pub(super) struct Int8Weights {
    file: PackedFile,
    model: std::path::PathBuf,
    tokens: BlockSection,
    embedding: usize,
    embedding_at: EmbeddingAt,
    layers: Vec<usize>,
    at: LayerAt,
    pub(super) sizes: Sizes,
    /// The number of rows of the token, position and segment tables.
    rows: [usize; 3],
    pub(super) epsilon: f32,
    pub(super) activation: Activation,
}

/// The parts of a linear layer.
#[derive(Clone, Copy)]
pub(super) struct Linear<'a> {
    pub(super) weight: Packed<'a, i8>,
    pub(super) scales: &'a [f32],
    pub(super) offsets: &'a [i32],
    pub(super) bias: &'a [f32],
    pub(super) factors: &'a [f32],
    /// A lower bound of the inputs, if there is one; the bias then includes its part of the sums.
    pub(super) floor: Option<f32>,
}

/// The parts of a layer norm.
#[derive(Clone, Copy)]
pub(super) struct Norm<'a> {
    pub(super) gain: &'a [f32],
    pub(super) bias: &'a [f32],
}

/// One transformer layer.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) qkv: Linear<'a>,
    pub(super) attention_output: Linear<'a>,
    pub(super) attention_norm: Norm<'a>,
    pub(super) intermediate: Linear<'a>,
    pub(super) output: Linear<'a>,
    pub(super) output_norm: Norm<'a>,
}

impl Int8Weights {
    /// Maps the packed file in the model's directory. Writes it first if it is missing, damaged, or of other weights or another
    /// scheme; writes it to memory if the directory cannot be written.
    pub(super) fn load(model: &ModelInfo) -> Result<Self> {
        let config = BertConfig::read(model.path())?;
        let activation = config.activation(model.path())?;
        let about = about(model, &config, activation)?;
        let path = model.path().join(FILE);
        if let Ok(file) = PackedFile::open(&path)
            && file.about() == about
            && let Ok(weights) = Self::from_file(file, model, &config, activation)
        {
            return Ok(weights);
        }
        let source = Source::open(model)?;
        let tensors = source.intact(Source::tensors)?;
        let contents = source.intact(|_| {
            tensors.check(&config)?;
            PackedContents::make(&tensors, &config, activation)
        })?;
        let release = || source.release();
        let written = write_file(&path, |writer| {
            contents.write(writer, &release)?;
            source.check_intact().map(|()| about.clone()).map_err(io::Error::other)
        });
        source.check_intact()?;
        let file = match written {
            Ok(()) => PackedFile::open(&path),
            Err(_) => write_memory(|writer| contents.write(writer, &release).map(|()| about.clone()))
                .map_err(Problem::Io)
                .and_then(PackedFile::of_memory),
        };
        source.check_intact()?;
        file.and_then(|file| Self::from_file(file, model, &config, activation))
            .map_err(|problem| Error::model_file(&path, format!("{problem}; remove it and try again")))
    }

    fn from_file(
        file: PackedFile,
        model: &ModelInfo,
        config: &BertConfig,
        activation: Activation,
    ) -> Result<Self, Problem> {
        let sizes = Sizes::new(config);
        let (at, embedding_at) = (LayerAt::new(sizes), EmbeddingAt::new(config));
        let section = |name: &str, len: usize| -> Result<usize, Problem> {
            let range = file.section(name)?;
            if range.len() == len {
                Ok(range.start)
            } else {
                Err(Problem::Contradiction("a section's length and the model's sizes"))
            }
        };
        let embedding = section(EMBEDDING, embedding_at.len)?;
        let layers =
            (0..config.num_hidden_layers).map(|i| section(&layer_name(i), at.len)).collect::<Result<_, _>>()?;
        Ok(Self {
            tokens: file.blocks(TOKENS)?,
            model: model.path().join(FILE),
            embedding,
            embedding_at,
            layers,
            at,
            sizes,
            rows: [config.vocab_size, config.max_position_embeddings, config.type_vocab_size],
            epsilon: config.layer_norm_eps,
            activation,
            file,
        })
    }

    /// See [`Backend::check_intact`](super::Backend::check_intact).
    pub(super) fn check_intact(&self) -> Result<()> {
        if self.file.is_intact() { Ok(()) } else { Err(Error::model_file(&self.model, NOT_INTACT)) }
    }

    pub(super) fn layers(&self) -> usize {
        self.layers.len()
    }

    pub(super) fn layer(&self, i: usize) -> Layer<'_> {
        let start = self.layers[i];
        Layer {
            qkv: self.linear(start, &self.at.qkv),
            attention_output: self.linear(start, &self.at.attention_output),
            attention_norm: self.norm(start, &self.at.attention_norm),
            intermediate: self.linear(start, &self.at.intermediate),
            output: Linear { floor: Some(floor_of(self.activation)), ..self.linear(start, &self.at.output) },
            output_norm: self.norm(start, &self.at.output_norm),
        }
    }

    pub(super) fn embedding_norm(&self) -> Norm<'_> {
        self.norm(self.embedding, &self.embedding_at.norm)
    }

    /// Reads the embedding of a token into `out`, `[hidden]`.
    pub(super) fn token(&self, token: u32, out: &mut [f32]) -> Result<()> {
        let token = token as usize;
        if token >= self.rows[0] {
            return Err(past_table("token", token, self.rows[0]));
        }
        let size = 2 * self.sizes.hidden;
        let bytes = self.tokens.read(&self.file, token * size..(token + 1) * size);
        let bytes = bytes.map_err(|problem| {
            Error::model_file(&self.model, format!("{problem}; remove the file, so that it is written again"))
        })?;
        let halves: &[f16] = view_u16(bytes).unwrap_or_default().reinterpret_cast();
        halves.convert_to_f32_slice(out);
        Ok(())
    }

    pub(super) fn position(&self, i: usize) -> Result<&[f32]> {
        self.row(&self.embedding_at.positions, i, "position", self.rows[1])
    }

    /// `None` if the model has no segments.
    pub(super) fn segment(&self, i: usize) -> Result<Option<&[f32]>> {
        if self.rows[2] == 0 {
            return Ok(None);
        }
        self.row(&self.embedding_at.types, i, "segment", self.rows[2]).map(Some)
    }

    fn row(&self, table: &Range<usize>, i: usize, what: &str, rows: usize) -> Result<&[f32]> {
        let table = self.f32(self.embedding, table);
        table.chunks_exact(self.sizes.hidden).nth(i).ok_or_else(|| past_table(what, i, rows))
    }

    fn linear(&self, start: usize, at: &LinearAt) -> Linear<'_> {
        let data = view_i8(self.bytes(start, &at.weight)).unwrap_or_default();
        Linear {
            weight: Packed { data, k: at.k, n: at.n },
            scales: self.f32(start, &at.scales),
            offsets: view_i32(self.bytes(start, &at.offsets)).unwrap_or_default(),
            bias: self.f32(start, &at.bias),
            factors: self.f32(start, &at.factors),
            floor: None,
        }
    }

    fn norm(&self, start: usize, at: &NormAt) -> Norm<'_> {
        Norm { gain: self.f32(start, &at.gain), bias: self.f32(start, &at.bias) }
    }

    fn bytes(&self, start: usize, at: &Range<usize>) -> &[u8] {
        self.file.bytes(start + at.start..start + at.end)
    }

    fn f32(&self, start: usize, at: &Range<usize>) -> &[f32] {
        view_f32(self.bytes(start, at)).unwrap_or_default()
    }
}

/// Returns the description that a packed file of this model must have: the scheme, length and time of the weights, every size,
/// and the floor that the biases include.
fn about(model: &ModelInfo, config: &BertConfig, activation: Activation) -> Result<String> {
    let path = model.safetensors().unwrap_or(model.path());
    let metadata = std::fs::metadata(path).map_err(Error::io("read", path))?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let facts = serde_json::json!([
        SCHEME,
        metadata.len(),
        modified.map_or(0, |time| time.as_nanos() as u64),
        config.hidden_size,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.intermediate_size,
        config.vocab_size,
        config.max_position_embeddings,
        config.type_vocab_size,
        floor_of(activation),
    ]);
    Ok(facts.to_string())
}
