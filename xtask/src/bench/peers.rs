//! The peers: their ONNX files, and a process for each measurement.

use super::EncodeBenchOptions;
use crate::run::{self, Result, TaskFailure, Workspace};
use serde_json::json;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Output;

/// The peer in peer_padded.py; the others are in peer_encode.py.
const PADDED: &str = "ort-fp32-padded";

/// The data that all measurements of peers share.
pub(super) struct Peers<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) python: &'a Path,
    pub(super) model: PathBuf,
    /// The path of the ONNX files up to `-fp32.onnx`.
    pub(super) prefix: PathBuf,
    pub(super) texts: &'a Path,
    pub(super) threads: usize,
}

impl Peers<'_> {
    /// Runs a peer in its own process, so that peers share neither memory nor threads and survive each other's crashes. Returns its
    /// output; if it failed, a line with its name and the error.
    pub(super) fn measure(&self, peer: &str, options: &EncodeBenchOptions) -> Result<String> {
        let script = match peer {
            PADDED => script(self.workspace, "peer_padded.py"),
            _ => script(self.workspace, "peer_encode.py"),
        };
        let mut command = self.workspace.command(self.python);
        command.arg(script).args([&self.model, &self.prefix]).arg(self.texts);
        command.args(["--threads", &self.threads.to_string()]);
        if let Some(limit) = options.limit {
            command.args(["--limit", &limit.to_string()]);
        }
        if peer != PADDED {
            command.args(["--peers", peer]);
        }
        let output = command.output().map_err(|error| run::cannot_start(&command, &error))?;
        Ok(output_or_error(peer, &output))
    }
}

/// Returns a peer's output, or a line with its error.
fn output_or_error(peer: &str, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && text.contains('{') {
        return text;
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it printed no figures");
    json!({ "peer": peer, "error": format!("{last} ({})", output.status) }).to_string()
}

/// Exports the model to ONNX once; returns the path of the files up to `-fp32.onnx`.
pub(super) fn export(
    workspace: &Workspace,
    python: &Path,
    model: &Path,
    folder: &Path,
    announce: &impl Fn(&str),
) -> Result<PathBuf> {
    let weights = model.join("model.safetensors");
    let about = fs::metadata(&weights).map_err(TaskFailure::io("read", &weights))?;
    // Two models may have directories of the same name.
    let mut hasher = DefaultHasher::new();
    (model, about.len(), about.modified().ok()).hash(&mut hasher);
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let prefix = folder.join(format!("{name}-{:08x}", hasher.finish() as u32));
    let file = |prefix: &Path, which: &str| PathBuf::from(format!("{}-{which}.onnx", prefix.display()));
    if file(&prefix, "int8").is_file() {
        return Ok(prefix);
    }
    announce(&format!("export_onnx.py {}", model.display()));
    let unfinished = folder.join("unfinished");
    // Hundreds of harmless warnings go to a file.
    let log = folder.join("export_onnx.log");
    let to = fs::File::create(&log).map_err(TaskFailure::io("write", &log))?;
    let and = to.try_clone().map_err(TaskFailure::io("write", &log))?;
    let mut exporter = workspace.command(python);
    exporter.arg(script(workspace, "export_onnx.py")).args([model, &unfinished]).stdout(to).stderr(and);
    if !run::status(&mut exporter)?.success() {
        return Err(TaskFailure::new(format!("export_onnx.py failed; its output is in {}", log.display())));
    }
    for which in ["fp32", "int8"] {
        let exported = file(&unfinished, which);
        fs::rename(&exported, file(&prefix, which)).map_err(TaskFailure::io("put in place", &exported))?;
    }
    fs::remove_file(file(&unfinished, "fused")).map_err(TaskFailure::io("remove", &unfinished))?;
    Ok(prefix)
}

/// Returns the path of a script of benches/peers.
fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("benches/peers").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn run_script(script: &str) -> String {
        output_or_error("ov", &Command::new("sh").args(["-c", script]).output().unwrap())
    }

    #[test]
    fn peer_that_fails_gives_its_error() {
        assert_eq!(run_script("echo '{\"peer\": \"ov\"}'"), "{\"peer\": \"ov\"}\n");
        let line = run_script("echo loading; echo 'no module named openvino' >&2; echo >&2; exit 3");
        assert!(line.contains("no module named openvino") && line.contains("\"peer\":\"ov\""), "{line}");
        assert!(run_script("kill -ILL $$").contains("signal"));
    }
}
