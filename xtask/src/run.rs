//! Other programs: running them from the workspace's root, and their failures in words.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a chore stopped, and the exit code to stop with.
#[derive(Debug)]
pub(crate) struct Failure {
    /// For the person at the terminal; empty when what ran has said it all.
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The exit code of a program whose own output says what is wrong.
    pub(crate) fn of(status: ExitStatus) -> Self {
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Self { message: String::new(), code }
    }

    /// For `map_err`: an I/O error with its verb and its path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(format!("cannot {action} {}: {error}", path.display()))
    }
}

/// Where the repository is, and where cargo puts what it builds.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, since the target folder can be moved by the environment or by a configuration file.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).join("..");
        let root = root.canonicalize().map_err(Failure::io("find the repository at", &root))?;
        let mut command = cargo(&root);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: serde_json::Value = serde_json::from_str(&output(&mut command)?)
            .map_err(|error| Failure::new(format!("`cargo metadata` printed no JSON: {error}")))?;
        let target = metadata["target_directory"]
            .as_str()
            .ok_or_else(|| Failure::new("`cargo metadata` names no target_directory"))?;
        Ok(Self { target: target.into(), root })
    }

    /// The cargo that runs us, in the workspace's root.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root);
        command
    }

    /// The `nigh` that cargo built with a profile: `debug` or `release`.
    pub(crate) fn nigh(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("nigh{}", env::consts::EXE_SUFFIX))
    }

    /// A path as a person in the root would type it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root);
    // What cargo says of this package to this process. Build scripts ask for the same names (ring's does), and would be run again, with all that
    // depends on them, whenever cargo is called from here and from a shell by turns.
    let about_us = |name: &OsString| {
        let name = name.to_string_lossy();
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
    };
    env::vars_os().map(|(name, _)| name).filter(about_us).for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// One line that announces a step.
pub(crate) fn announce(step: &str) {
    println!("── {step}");
    // What runs next writes to the same place by itself.
    let _ = std::io::stdout().flush();
}

/// Runs a program with our terminal as its own, whatever it answers.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().map_err(|error| cannot_start(command, &error))
}

/// Runs a program with our terminal as its own; it must succeed.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(failed(command, status)) }
}

/// Runs a program and gives what it printed; its errors go to the terminal. It must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        return Err(failed(command, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start `{}`: {error}", shown(command)))
}

pub(crate) fn failed(command: &Command, status: ExitStatus) -> Failure {
    Failure::new(format!("`{}` failed ({status}); what it said is above", shown(command)))
}

/// A command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_gives_its_code_and_is_named() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 7"]);
        assert_eq!(Failure::of(status(&mut command).unwrap()).code, 7);
        let failure = succeed(&mut command).unwrap_err();
        assert!(failure.message.contains("sh -c exit 7") && failure.code == 1, "{failure:?}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = output(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(failure.message.contains("cannot start `program`"), "{failure:?}");
    }
}
