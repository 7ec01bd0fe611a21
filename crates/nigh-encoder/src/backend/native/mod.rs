//! nigh's own BERT (Devlin et al. 2018), on the kernels of `nigh-kernel`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | chooses the precision; code that both precisions share |
//! | `tensors.rs` | reads safetensors |
//! | `float/` | f32: the reference |
//! | `int8/` | 8-bit integers: the default |
//!
//! A batch of sequences is one `[tokens, hidden]` matrix in every linear layer; only attention looks at sequences. A token's state
//! does not depend on the rest of the batch, as there is no padding, and each product sums in one fixed order.

mod float;
mod int8;
mod tensors;

use std::sync::Mutex;

use super::{Backend, Batch};
use crate::error::{Error, Result};
use crate::model::{ModelInfo, Precision};
use nigh_kernel::Simd;
use nigh_kernel::sync::lock;

/// Loads the safetensors of a model directory, or the packed file made from them.
///
/// # Errors
/// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] for missing tensors or wrong shapes.
pub(super) fn load(model: &ModelInfo, precision: Precision, simd: Simd) -> Result<Box<dyn Backend>> {
    Ok(match precision {
        Precision::F32 => Box::new(float::FloatBert::load(model, simd)?),
        Precision::Int8 => Box::new(int8::Int8Bert::load(model, simd)?),
    })
}

/// Workspaces of finished batches, which the next batches reuse.
#[derive(Default)]
struct Idle<T>(Mutex<Vec<T>>);

impl<T: Default> Idle<T> {
    fn take(&self) -> T {
        lock(&self.0).pop().unwrap_or_default()
    }

    fn give(&self, workspace: T) {
        lock(&self.0).push(workspace);
    }
}

/// Copies the last hidden states into `states`, and checks that they are finite.
fn finish(x: &[f32], states: &mut Vec<f32>) -> Result<()> {
    states.clear();
    states.extend_from_slice(x);
    if states.iter().all(|x| x.is_finite()) {
        return Ok(());
    }
    let problem = "a hidden state is not a finite number; the model's weights are damaged".to_owned();
    Err(Error::Backend { backend: "native", problem })
}

/// Returns the error for a token, position or segment beyond the rows of the model's table.
fn past_table(what: &str, i: usize, rows: usize) -> Error {
    let hint = if what == "token" { "; its tokenizer.json belongs to another model" } else { "" };
    Error::Encode { problem: format!("{what} {i} is beyond the model's {rows} {what} embeddings{hint}") }
}

fn add(row: &mut [f32], other: &[f32]) {
    for (x, y) in row.iter_mut().zip(other) {
        *x += y;
    }
}
