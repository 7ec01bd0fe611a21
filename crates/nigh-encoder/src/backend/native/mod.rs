//! Our own BERT (Devlin et al. 2018) over the room `kernel`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the choice of a precision; what both have in common |
//! | `tensors.rs` | reading safetensors |
//! | `float/` | f32: the reference |
//! | `int8/` | 8-bit integers: the default |
//!
//! A bundle of sequences is one `[tokens, hidden]` matrix through every linear layer; only attention looks at sequences.
//! A token's state does not depend on what else is in the bundle: no padding, and each product sums in one fixed order.

mod float;
mod int8;
mod tensors;

use std::sync::Mutex;

use super::{Backend, Batch};
use crate::error::{Error, Result};
use crate::model::{ModelInfo, Precision};
use nigh_kernel::Simd;

/// Loads a model directory's safetensors, or what was packed from them.
///
/// # Errors
/// [`Error::ModelUnsupported`] for another architecture, [`Error::ModelFile`] for missing or misshapen tensors.
pub(super) fn load(model: &ModelInfo, precision: Precision, simd: Simd) -> Result<Box<dyn Backend>> {
    Ok(match precision {
        Precision::F32 => Box::new(float::Bert::load(model, simd)?),
        Precision::Int8 => Box::new(int8::Bert::load(model, simd)?),
    })
}

/// Buffers of finished bundles, for the next ones.
#[derive(Default)]
struct Idle<T>(Mutex<Vec<T>>);

impl<T: Default> Idle<T> {
    fn take(&self) -> T {
        self.lock().pop().unwrap_or_default()
    }

    fn give(&self, buffers: T) {
        self.lock().push(buffers);
    }

    /// A panic while a buffer was in use cannot have broken the list.
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The last hidden states, checked, into `states`.
fn finish(x: &[f32], states: &mut Vec<f32>) -> Result<()> {
    states.clear();
    states.extend_from_slice(x);
    if states.iter().all(|x| x.is_finite()) {
        return Ok(());
    }
    let problem = "a hidden state is not a finite number; the model's weights are damaged".to_owned();
    Err(Error::Backend { backend: "native", problem })
}

/// A token, position or segment that the model has no embedding of.
fn past(what: &str, i: usize, rows: usize) -> Error {
    let hint = if what == "token" { "; its tokenizer.json belongs to another model" } else { "" };
    Error::Encode { problem: format!("{what} {i} is past the model's {rows} {what} embeddings{hint}") }
}

fn add(row: &mut [f32], other: &[f32]) {
    for (x, y) in row.iter_mut().zip(other) {
        *x += y;
    }
}
