//! The peers: their ONNX files, and one process for each measurement.

use super::Options;
use crate::run::{self, Failure, Result, Workspace};
use serde_json::json;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Output;

/// The peer that peer_padded.py is; peer_encode.py has the others.
const PADDED: &str = "ort-fp32-padded";

/// What every peer is measured with.
pub(super) struct Peers<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) python: &'a Path,
    pub(super) model: PathBuf,
    /// What comes before `-fp32.onnx`.
    pub(super) prefix: PathBuf,
    pub(super) texts: &'a Path,
    pub(super) threads: usize,
}

impl Peers<'_> {
    /// What a peer printed; when it died, a line in its name that says so. A process of its own for each, so that none
    /// has another's memory or threads beside it, and one that dies takes no other with it.
    pub(super) fn measure(&self, peer: &str, options: &Options) -> Result<String> {
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
        Ok(printed(peer, &output))
    }
}

/// A peer's output, or why there is none.
fn printed(peer: &str, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && text.contains('{') {
        return text;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it printed no figures");
    json!({ "peer": peer, "error": format!("{last} ({})", output.status) }).to_string()
}

/// The model's ONNX files, made once: what comes before `-fp32.onnx`.
pub(super) fn export(
    workspace: &Workspace,
    python: &Path,
    model: &Path,
    folder: &Path,
    announce: &impl Fn(&str),
) -> Result<PathBuf> {
    let weights = model.join("model.safetensors");
    let about = fs::metadata(&weights).map_err(Failure::io("read", &weights))?;
    // Two models may have directories of one name.
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
    // Hundreds of harmless warnings: they are for the file.
    let log = folder.join("export_onnx.log");
    let to = fs::File::create(&log).map_err(Failure::io("write", &log))?;
    let and = to.try_clone().map_err(Failure::io("write", &log))?;
    let mut exporter = workspace.command(python);
    exporter.arg(script(workspace, "export_onnx.py")).args([model, &unfinished]).stdout(to).stderr(and);
    if !run::status(&mut exporter)?.success() {
        return Err(Failure::new(format!("export_onnx.py failed; what it said is in {}", log.display())));
    }
    for which in ["fp32", "int8"] {
        let made = file(&unfinished, which);
        fs::rename(&made, file(&prefix, which)).map_err(Failure::io("put in place", &made))?;
    }
    fs::remove_file(file(&unfinished, "fused")).map_err(Failure::io("remove", &unfinished))?;
    Ok(prefix)
}

/// A script of benches/peers.
fn script(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("benches/peers").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn ran(script: &str) -> String {
        printed("ov", &Command::new("sh").args(["-c", script]).output().unwrap())
    }

    #[test]
    fn a_peer_that_dies_says_why() {
        assert_eq!(ran("echo '{\"peer\": \"ov\"}'"), "{\"peer\": \"ov\"}\n");
        let line = ran("echo loading; echo 'no module named openvino' >&2; echo >&2; exit 3");
        assert!(line.contains("no module named openvino") && line.contains("\"peer\":\"ov\""), "{line}");
        assert!(ran("kill -ILL $$").contains("signal"));
    }
}
