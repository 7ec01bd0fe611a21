//! Runs other programs from the workspace's root, and describes errors.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

pub(crate) type Result<T = ()> = std::result::Result<T, TaskFailure>;

/// Why a task stopped, and its exit code.
#[derive(Debug)]
pub(crate) struct TaskFailure {
    /// For the user; empty if the program that ran has already printed the reason.
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl TaskFailure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// Takes over the exit code of a program that printed its own error.
    pub(crate) fn from_status(status: ExitStatus) -> Self {
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Self { message: String::new(), code }
    }

    /// For `map_err`: an I/O error with the action and its path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(format!("cannot {action} {}: {error}", path.display()))
    }
}

/// The root of the repository, and the target directory of cargo.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo: an environment variable or a configuration file may set the target directory.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).join("..");
        let root = root.canonicalize().map_err(TaskFailure::io("find the repository at", &root))?;
        let mut command = cargo(&root);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: serde_json::Value = serde_json::from_str(&output(&mut command)?)
            .map_err(|error| TaskFailure::new(format!("`cargo metadata` printed no JSON: {error}")))?;
        let target = metadata["target_directory"]
            .as_str()
            .ok_or_else(|| TaskFailure::new("`cargo metadata` names no target_directory"))?;
        Ok(Self { target: target.into(), root })
    }

    /// Returns the cargo that runs us, in the workspace's root.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root);
        command
    }

    /// Returns the `nigh` that cargo built with a profile: `debug` or `release`.
    pub(crate) fn nigh(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("nigh{}", env::consts::EXE_SUFFIX))
    }

    /// Returns a path relative to the root.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root);
    // Cargo sets these variables for this process. Some build scripts (ring's) depend on the same names: they would run again, with
    // everything that depends on them, whenever cargo is called alternately from here and from a shell.
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
    // The next program writes to the same terminal.
    let _ = std::io::stdout().flush();
}

/// Runs a program in our terminal and returns its exit status.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().map_err(|error| cannot_start(command, &error))
}

/// Runs a program in our terminal; it must succeed.
pub(crate) fn succeed(command: &mut Command) -> Result {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(failed(command, status)) }
}

/// Runs a program and returns its standard output; its errors go to the terminal. It must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        return Err(failed(command, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> TaskFailure {
    TaskFailure::new(format!("cannot start `{}`: {error}", command_line(command)))
}

pub(crate) fn failed(command: &Command, status: ExitStatus) -> TaskFailure {
    TaskFailure::new(format!("`{}` failed ({status}); its output is above", command_line(command)))
}

/// Returns the command as typed in a shell.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_that_fails_gives_its_code_and_is_named() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 7"]);
        assert_eq!(TaskFailure::from_status(status(&mut command).unwrap()).code, 7);
        let failure = succeed(&mut command).unwrap_err();
        assert!(failure.message.contains("sh -c exit 7") && failure.code == 1, "{failure:?}");
    }

    #[test]
    fn program_that_is_missing_is_named() {
        let failure = output(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(failure.message.contains("cannot start `program`"), "{failure:?}");
    }
}
