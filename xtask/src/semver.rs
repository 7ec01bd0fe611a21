//! Compares the public API with that of an earlier revision, with cargo-semver-checks.

use crate::run::{Result, TaskFailure, Workspace, announce, output, succeed};

/// The packages that others depend on.
const PACKAGES: [&str; 3] = ["nigh", "nigh-encoder", "nigh-formats"];

/// Compares with a git revision; without one, with the newest tag that HEAD contains.
pub(crate) fn run(workspace: &Workspace, revision: Option<&str>) -> Result {
    let installed = workspace.cargo().args(["semver-checks", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        let how = "cargo install cargo-semver-checks --locked";
        return Err(TaskFailure::new(format!("cargo-semver-checks is not installed; install it with `{how}`")));
    }
    let revision = match revision {
        Some(revision) => revision.to_owned(),
        None => {
            let mut describe = workspace.command("git");
            let tag = output(describe.args(["describe", "--tags", "--abbrev=0"]));
            let none = |_| TaskFailure::new("no tag to compare with; name a revision: cargo xtask semver REVISION");
            tag.map_err(none)?.trim().to_owned()
        }
    };
    for package in PACKAGES {
        announce(&format!("the API of {package} against {revision}"));
        succeed(workspace.cargo().args(["semver-checks", "--package", package, "--baseline-rev", &revision]))?;
    }
    Ok(())
}
