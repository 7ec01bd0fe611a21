//! Runs any ONNX encoder with ONNX Runtime, which is loaded at run time. No other file uses the `ort` crate.
//!
//! Sequences are run one at a time, for two reasons. With files quantised with per-tensor dynamic activations, the vector of a
//! text depends on the rest of its batch (measured: cosine 0.990–0.995). And a single sequence needs no padding. Each thread
//! has a session of one thread, so batches still run in parallel.

use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};
use ort::value::{Tensor, ValueType};

use super::{Backend, Batch};
use crate::error::{Error, Result};
use crate::model::ModelInfo;
use nigh_kernel::sync;

/// The environment. ONNX Runtime allows one per process, so the first library that is loaded is used for all models.
static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
/// Locked while the environment is created, so that only one thread creates it.
static LOADING: Mutex<()> = Mutex::new(());

/// An ONNX model, with idle sessions for the next calls.
pub(super) struct OrtBackend {
    path: PathBuf,
    hidden: usize,
    inputs: Vec<Input>,
    output: String,
    idle: Mutex<Vec<Session>>,
}

/// The role of a model input; models with other inputs are refused.
struct Input {
    name: String,
    role: Role,
}

#[derive(Clone, Copy)]
enum Role {
    Ids,
    Mask,
    Types,
}

impl OrtBackend {
    /// Loads ONNX Runtime and the model's ONNX file.
    ///
    /// # Errors
    /// [`Error::Runtime`] when the library cannot be loaded, [`Error::ModelFile`] when the model cannot,
    /// [`Error::ModelUnsupported`] when its inputs or outputs are not those of an encoder.
    pub(super) fn load(model: &ModelInfo, runtime: Option<PathBuf>) -> Result<Self> {
        let path = model.onnx().ok_or_else(|| Error::unsupported(model.path(), "it has no model.onnx"))?;
        let session = open_session(environment(runtime)?, path)?;
        let unsupported = |problem: String| Error::unsupported(path, problem);
        let mut inputs = Vec::new();
        for input in session.inputs() {
            let role = match input.name() {
                "input_ids" => Role::Ids,
                "attention_mask" => Role::Mask,
                "token_type_ids" => Role::Types,
                other => {
                    let problem = format!(
                        "it needs an input {other:?}; an encoder takes input_ids, attention_mask and token_type_ids"
                    );
                    return Err(unsupported(problem));
                }
            };
            inputs.push(Input { name: input.name().to_owned(), role });
        }
        let states = |name: &str, kind: &ValueType| {
            matches!(kind, ValueType::Tensor { shape, .. } if shape.len() == 3)
                && !matches!(name, "sentence_embedding" | "pooler_output")
        };
        let output = session.outputs().iter().find(|o| states(o.name(), o.dtype())).map(|o| o.name().to_owned());
        let output = output.ok_or_else(|| {
            unsupported(
                "it has no [batch, tokens, hidden] output; export it so that it yields last_hidden_state".to_owned(),
            )
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            hidden: model.dimension(),
            inputs,
            output,
            idle: Mutex::new(vec![session]),
        })
    }

    /// Appends the states of one sequence to `states`.
    fn run(
        &self,
        session: &mut Session,
        batch: &Batch,
        range: std::ops::Range<usize>,
        states: &mut Vec<f32>,
    ) -> Result<()> {
        let length = range.len();
        let mut values: Vec<(&str, SessionInputValue<'_>)> = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            let data: Vec<i64> = match input.role {
                Role::Ids => batch.ids[range.clone()].iter().map(|&id| i64::from(id)).collect(),
                Role::Types => batch.types[range.clone()].iter().map(|&kind| i64::from(kind)).collect(),
                Role::Mask => match batch.mask_of(range.clone()) {
                    Some(mask) => mask.iter().map(|&kept| i64::from(kept)).collect(),
                    None => vec![1; length],
                },
            };
            let tensor = Tensor::from_array(([1, length], data)).map_err(failed)?;
            values.push((&input.name, tensor.into()));
        }
        let outputs = session.run(values).map_err(failed)?;
        let (shape, data) = outputs[self.output.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
        if data.len() != length * self.hidden {
            let problem = format!(
                "{} gave shape {shape:?} for {length} tokens; config.json says hidden_size {}",
                self.path.display(),
                self.hidden
            );
            return Err(Error::Backend { backend: "ort", problem });
        }
        states.extend_from_slice(data);
        Ok(())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        sync::lock(&self.idle)
    }
}

impl Backend for OrtBackend {
    fn forward(&self, batch: &Batch, states: &mut Vec<f32>) -> Result<()> {
        states.clear();
        let idle = self.idle().pop();
        let mut session = match idle {
            Some(session) => session,
            None => open_session(environment(None)?, &self.path)?,
        };
        for range in batch.sequences() {
            self.run(&mut session, batch, range, states)?;
        }
        self.idle().push(session);
        if states.iter().any(|x| !x.is_finite()) {
            let problem = format!("{} gave a hidden state that is not a finite number", self.path.display());
            return Err(Error::Backend { backend: "ort", problem });
        }
        Ok(())
    }
}

/// Returns the environment of the process, and creates it with this library on first use.
fn environment(library: Option<PathBuf>) -> Result<&'static Environment> {
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let _loading = sync::lock(&LOADING);
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let Some(library) = library else {
        return Err(Error::Runtime { path: None, problem: "no library was given".to_owned() });
    };
    let refused = |problem| Error::Runtime { path: Some(library.clone()), problem };
    if !library.is_file() {
        return Err(refused("there is no such file".to_owned()));
    }
    // The crate `ort` panics if it does not know the version of the library.
    let built = catch_unwind(AssertUnwindSafe(|| {
        let builder = ort::init_from(&library).map_err(|cause| join_causes(&cause))?;
        builder.with_name("nigh").with_telemetry(false).build().map_err(|cause| join_causes(&cause))
    }));
    match built {
        Ok(Ok(environment)) => Ok(ENVIRONMENT.get_or_init(|| environment)),
        Ok(Err(problem)) => Err(refused(problem)),
        Err(_) => Err(refused("its version is not supported; 1.22 or newer is".to_owned())),
    }
}

fn open_session(environment: &Environment, path: &Path) -> Result<Session> {
    let open = || -> std::result::Result<Session, String> {
        let builder = Session::builder(environment).map_err(|cause| join_causes(&cause))?;
        let builder = builder.with_intra_threads(1).map_err(|cause| join_causes(&cause))?;
        let builder = builder.with_intra_op_spinning(false).map_err(|cause| join_causes(&cause))?;
        // Every text has another shape, so stored memory patterns would only grow in number.
        let mut builder = builder.with_memory_pattern(false).map_err(|cause| join_causes(&cause))?;
        builder.commit_from_file(path).map_err(|cause| join_causes(&cause))
    };
    open().map_err(|problem| Error::model_file(path, format!("ONNX Runtime cannot read it ({problem})")))
}

fn failed(cause: ort::Error) -> Error {
    Error::Backend { backend: "ort", problem: join_causes(&cause) }
}

/// Joins an error and all its causes on one line: the first message alone often says only that something failed.
fn join_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text.replace('\n', " ")
}
