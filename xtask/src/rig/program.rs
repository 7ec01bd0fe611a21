//! The program under test: runs with a time limit and its own environment, with or without the tracer.

use super::tracer::TracerOptions;
use crate::run::{Result, TaskFailure, cannot_start};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program and the folder that it works in.
#[derive(Debug, Clone)]
pub(crate) struct TestedProgram {
    pub(crate) path: PathBuf,
    /// Contains its home, data and output.
    pub(crate) place: PathBuf,
    pub(crate) limit: Duration,
    pub(crate) variables: Vec<(String, String)>,
    /// The data directory, if it is not `place/data`.
    pub(crate) data: Option<PathBuf>,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub(crate) struct RunResult {
    pub(crate) end: End,
    pub(crate) out: String,
    pub(crate) stderr: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
    /// It reached the time limit.
    Stuck,
}

impl RunResult {
    pub(crate) fn succeeded(&self) -> bool {
        self.end == End::Code(0)
    }

    /// True if the program reported an error.
    pub(crate) fn refused(&self) -> bool {
        matches!(self.end, End::Code(code) if code > 1)
    }

    /// Its standard error and then its standard output, truncated.
    pub(crate) fn words(&self) -> String {
        let all = format!("{} {}", self.stderr.trim(), self.out.trim());
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        all.chars().take(400).collect()
    }
}

/// A running program.
pub(crate) struct RunningProgram {
    child: Child,
    began: Instant,
    out: PathBuf,
    stderr: PathBuf,
    traced: bool,
    limit: Duration,
}

impl TestedProgram {
    pub(crate) fn home(&self) -> PathBuf {
        self.place.join("home")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| self.place.join("data"))
    }

    /// Runs the program to its end.
    ///
    /// # Errors
    /// If it cannot start, or the tracer fails.
    pub(crate) fn run(
        &self,
        words: &[String],
        input: Option<&str>,
        trace: Option<&TracerOptions<'_>>,
    ) -> Result<RunResult> {
        self.start(words, input, trace)?.end()
    }

    /// Starts the program.
    ///
    /// # Errors
    /// If it cannot start.
    pub(crate) fn start(
        &self,
        words: &[String],
        input: Option<&str>,
        trace: Option<&TracerOptions<'_>>,
    ) -> Result<RunningProgram> {
        let open = |name: &str| {
            let path = self.place.join(name);
            File::create(&path).map_err(TaskFailure::io("write", &path)).map(|file| (path, file))
        };
        fs::create_dir_all(self.home()).map_err(TaskFailure::io("make", &self.home()))?;
        let ((out, out_file), (stderr, stderr_file)) = (open("out")?, open("said")?);
        let input = match input {
            Some(text) => {
                let (path, _) = open("in")?;
                fs::write(&path, text).map_err(TaskFailure::io("write", &path))?;
                Stdio::from(File::open(&path).map_err(TaskFailure::io("read", &path))?)
            }
            None => Stdio::null(),
        };
        let mut command = match trace {
            Some(trace) => trace.command(&self.path),
            None => Command::new(&self.path),
        };
        command.args(words).current_dir(&self.place).stdin(input).stdout(out_file).stderr(stderr_file);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs([("RUST_BACKTRACE", "0"), ("LANG", "C.UTF-8")]);
        command.env("HOME", self.home()).env("NIGH_DATA", self.data());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let child = command.spawn().map_err(|error| cannot_start(&command, &error))?;
        Ok(RunningProgram { child, began: Instant::now(), out, stderr, traced: trace.is_some(), limit: self.limit })
    }
}

impl RunningProgram {
    /// Its standard output and standard error so far.
    pub(crate) fn output_so_far(&self) -> (String, String) {
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        (read(&self.out), read(&self.stderr))
    }

    /// Returns the exit status, if it has ended.
    ///
    /// # Errors
    /// If the system does not report it.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|error| TaskFailure::new(format!("cannot wait for the program: {error}")))
    }

    /// Sends SIGINT, like Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).stderr(Stdio::null()).status();
    }

    /// Waits for its end, up to the time limit.
    ///
    /// # Errors
    /// If the tracer failed: that is not a result of the program.
    pub(crate) fn end(mut self) -> Result<RunResult> {
        let mut pause = Duration::from_micros(500);
        let status = loop {
            if let Some(status) = self.exit_status()? {
                break Some(status);
            }
            if self.began.elapsed() > self.limit {
                // The traced program ends with its tracer.
                let _ = self.child.kill();
                let _ = self.child.wait();
                break None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        let (out, stderr) = self.output_so_far();
        let end = status.map_or(End::Stuck, |status| parse_end(status, self.traced));
        if self.traced && end == End::Code(125) {
            return Err(TaskFailure::new(format!("the tracer failed: {}", stderr.trim())));
        }
        Ok(RunResult { end, out, stderr })
    }
}

/// The tracer returns 128 + signal, like a shell; the program's own codes are 0 to 2, and 130 for Ctrl-C.
fn parse_end(status: ExitStatus, traced: bool) -> End {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) if traced && code > 128 && code != 130 => End::Signal(code - 128),
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::RunFolder;
    use super::*;

    #[test]
    fn program_end_is_a_code_a_signal_or_stuck() {
        let place = RunFolder::new(Some(&std::env::temp_dir()), "xtask-program").unwrap();
        let program = TestedProgram {
            path: "/bin/sh".into(),
            place: place.path.clone(),
            limit: Duration::from_millis(400),
            variables: vec![("WHAT".into(), "said".into())],
            data: None,
        };
        let run = |script: &str| program.run(&["-c".to_owned(), script.to_owned()], Some("in"), None).unwrap();
        let ran = run("cat; echo $WHAT >&2; exit 2");
        assert_eq!((ran.end, ran.out.as_str(), ran.stderr.as_str()), (End::Code(2), "in", "said\n"));
        assert!(ran.refused() && ran.words() == "said in");
        assert_eq!(run("kill -9 $$").end, End::Signal(9));
        assert_eq!(run("exec sleep 5").end, End::Stuck);
    }
}
