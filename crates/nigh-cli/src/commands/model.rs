//! `nigh model list | show | pull | import`, and downloading the model that another command needs.

use std::path::{Path, PathBuf};

use nigh::{DEFAULT_MODEL, DEFAULT_MODEL_Q4, EncoderError, Fallback, ModelInfo, ModelListing, Precision, Pull, Pulled};
use serde::Serialize;

use crate::Outcome;
use crate::args::ModelCommand;
use crate::interrupt;
use crate::output::{Failure, Output, bytes, json};
use crate::plan::Plan;

/// The output of `nigh model list --json`.
#[derive(Serialize)]
struct ModelListJson<'a> {
    directory: &'a Path,
    models: &'a [ModelListing],
}

/// The output of `nigh model show --json`.
#[derive(Serialize)]
struct ModelShowJson<'a> {
    #[serde(flatten)]
    info: &'a ModelInfo,
    fingerprint: String,
}

/// The output of `nigh model pull --json`.
#[derive(Serialize)]
struct PulledJson<'a> {
    name: &'a str,
    path: &'a Path,
    source: &'a str,
    already: bool,
    note: Option<String>,
}

pub fn run(plan: &Plan, command: ModelCommand, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    match command {
        ModelCommand::List => list(plan, out),
        ModelCommand::Show { model } => show(plan, &model, out),
        ModelCommand::Pull { name, runtime } => pull(plan, name.as_deref(), runtime, out),
        ModelCommand::Import { path, name } => import(plan, &path, name.as_deref(), out),
    }
}

fn list(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let models = plan.models.list();
    if plan.json {
        json(out, &ModelListJson { directory: &plan.models.models_directory(), models: &models })?;
        return Ok(Outcome::Found);
    }
    for model in models {
        let state = match (&model.path, model.bytes, model.download_bytes) {
            (Some(_), Some(size), _) => format!("installed, {}", bytes(size)),
            (Some(_), None, _) => "installed".to_owned(),
            (None, _, Some(size)) => format!("not installed, {} download", bytes(size)),
            (None, _, None) => "not installed".to_owned(),
        };
        let default = if model.default { " (default)" } else { "" };
        out.line().path(&model.name).plain(default).plain("  ").dim(state).end()?;
        if let Some(summary) = &model.summary {
            writeln!(out, "    {summary}; {}", model.licence.as_deref().unwrap_or("licence unknown"))?;
        }
    }
    match plan.models.runtime_library() {
        Some(library) => writeln!(out, "ONNX Runtime: {}", library.display())?,
        None => writeln!(out, "ONNX Runtime: not installed; `nigh model pull --runtime` installs it")?,
    }
    Ok(Outcome::Found)
}

fn show(plan: &Plan, model: &Path, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let info = ModelInfo::open(plan.models.find(model)?)?;
    let fingerprint = info.fingerprint(Precision::F32, info.safetensors().is_none())?;
    if plan.json {
        json(out, &ModelShowJson { info: &info, fingerprint })?;
        return Ok(Outcome::Found);
    }
    let shown = |path: Option<&Path>| path.map_or("none".to_owned(), |path| path.display().to_string());
    for (name, value) in [
        ("name", info.name().to_owned()),
        ("directory", info.path().display().to_string()),
        ("dimension", info.dimension().to_string()),
        ("context length", format!("{} tokens", info.context_length())),
        ("pooling", format!("{:?}", info.pooling()).to_lowercase()),
        ("normalised", if info.normalise() { "yes" } else { "no" }.to_owned()),
        ("query prefix", format!("{:?}", info.prompts().query)),
        ("passage prefix", format!("{:?}", info.prompts().passage)),
        ("safetensors", shown(info.safetensors())),
        ("onnx", shown(info.onnx())),
        ("fingerprint", fingerprint),
    ] {
        writeln!(out, "{name:<15} {value}")?;
    }
    Ok(Outcome::Found)
}

fn pull(plan: &Plan, name: Option<&str>, runtime: bool, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let pulled = fetch(
        plan,
        match name {
            _ if runtime => plan.models.pull_runtime(),
            Some(name) => plan.models.pull(name),
            None => plan.models.pull_default(),
        },
    )?;
    if plan.json {
        let Pulled { name, path, source, already, .. } = &pulled;
        json(out, &PulledJson { name, path, source, already: *already, note: note(&pulled) })?;
        return Ok(Outcome::Found);
    }
    print_note(plan, &pulled);
    if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    }
    let verb = if pulled.already { "is already installed" } else { "installed" };
    writeln!(out, "{} {verb}: {} (from {})", pulled.name, pulled.path.display(), pulled.source)?;
    Ok(Outcome::Found)
}

fn import(plan: &Plan, path: &Path, name: Option<&str>, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let directory = plan.models.import(path, name)?;
    let info = ModelInfo::open(&directory)?;
    if plan.json {
        json(out, &info)?;
    } else if !plan.notes.is_quiet() {
        writeln!(out, "{} imported: {}", info.name(), directory.display())?;
    }
    Ok(Outcome::Found)
}

/// Returns the directory of an installed model: `requested`, else the default. Downloads nothing.
pub fn installed(plan: &Plan, requested: Option<&Path>) -> Result<PathBuf, Failure> {
    Ok(requested.map_or_else(|| plan.models.find_default(), |model| plan.models.find(model))?)
}

/// Returns the directory of the model that a command needs: `requested`, else the default. Downloads it if it is not installed.
pub fn required(plan: &Plan, requested: Option<&Path>) -> Result<PathBuf, Failure> {
    let found = match requested {
        Some(model) => plan.models.find(model),
        None => plan.models.find_default(),
    };
    let missing = match found {
        Err(EncoderError::ModelNotInstalled { name, .. }) => name,
        found => return Ok(found?),
    };
    let pulled = fetch(
        plan,
        match requested {
            Some(_) => plan.models.pull(missing),
            None => plan.models.pull_default(),
        },
    )?;
    print_note(plan, &pulled);
    Ok(pulled.path)
}

/// Downloads with the options of the command line, a progress bar, and Ctrl-C.
fn fetch(plan: &Plan, pull: Pull<'_>) -> Result<Pulled, Failure> {
    let pull = pull.options(plan.pull.clone()).cancel(interrupt::cancel());
    Ok(pull.on_progress(plan.notes.fetch(&plan.models)).run()?)
}

/// Notes that another model than the default is used, and why.
fn print_note(plan: &Plan, pulled: &Pulled) {
    let Some(note) = note(pulled) else { return };
    if pulled.name == DEFAULT_MODEL_Q4 {
        plan.notes.say(&format!(
            "using its 4-bit copy {DEFAULT_MODEL_Q4} instead: nearly the same results; \
             `nigh model pull {DEFAULT_MODEL}` downloads the original"
        ));
    } else {
        plan.notes.say(&note);
    }
}

/// Returns the note on the model that was chosen, in one line.
fn note(pulled: &Pulled) -> Option<String> {
    let name = &pulled.name;
    Some(match pulled.fallback.as_ref()? {
        Fallback::NotFetched { reason } => format!(
            "using {name} instead of {DEFAULT_MODEL}, which cannot be fetched now ({reason}); \
             `nigh model pull {DEFAULT_MODEL}` brings it when the hub answers"
        ),
        _ => format!("using {name}, which is here; {DEFAULT_MODEL}, its original, is not"),
    })
}
