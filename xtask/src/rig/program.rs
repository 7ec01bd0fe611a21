//! The program under test: run with a time limit and an environment of its own, also under the tracer.

use super::tracer::Trace;
use crate::run::{Failure, Result, cannot_start};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program in a place.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// Home, data and output lie here.
    pub(crate) place: PathBuf,
    pub(crate) limit: Duration,
    pub(crate) variables: Vec<(String, String)>,
    /// The user's data directory, where it is not the place's own.
    pub(crate) data: Option<PathBuf>,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    pub(crate) end: End,
    pub(crate) out: String,
    pub(crate) said: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
    /// It did not end in time.
    Stuck,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> bool {
        self.end == End::Code(0)
    }

    /// The program stopped with an error of its own.
    pub(crate) fn refused(&self) -> bool {
        matches!(self.end, End::Code(code) if code > 1)
    }

    /// Its errors and, behind them, what it printed, in a few characters.
    pub(crate) fn words(&self) -> String {
        let all = format!("{} {}", self.said.trim(), self.out.trim());
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        all.chars().take(400).collect()
    }
}

/// A program that runs.
pub(crate) struct Running {
    child: Child,
    began: Instant,
    out: PathBuf,
    said: PathBuf,
    traced: bool,
    limit: Duration,
}

impl Program {
    pub(crate) fn home(&self) -> PathBuf {
        self.place.join("home")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| self.place.join("data"))
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// It cannot be started; or the tracer fails.
    pub(crate) fn run(&self, words: &[String], input: Option<&str>, trace: Option<&Trace<'_>>) -> Result<Ran> {
        self.start(words, input, trace)?.end()
    }

    /// Starts it.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(&self, words: &[String], input: Option<&str>, trace: Option<&Trace<'_>>) -> Result<Running> {
        let open = |name: &str| {
            let path = self.place.join(name);
            File::create(&path).map_err(Failure::io("write", &path)).map(|file| (path, file))
        };
        fs::create_dir_all(self.home()).map_err(Failure::io("make", &self.home()))?;
        let ((out, out_file), (said, said_file)) = (open("out")?, open("said")?);
        let input = match input {
            Some(text) => {
                let (path, _) = open("in")?;
                fs::write(&path, text).map_err(Failure::io("write", &path))?;
                Stdio::from(File::open(&path).map_err(Failure::io("read", &path))?)
            }
            None => Stdio::null(),
        };
        let mut command = match trace {
            Some(trace) => trace.command(&self.path),
            None => Command::new(&self.path),
        };
        command.args(words).current_dir(&self.place).stdin(input).stdout(out_file).stderr(said_file);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs([("RUST_BACKTRACE", "0"), ("LANG", "C.UTF-8")]);
        command.env("HOME", self.home()).env("NIGH_DATA", self.data());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let child = command.spawn().map_err(|error| cannot_start(&command, &error))?;
        Ok(Running { child, began: Instant::now(), out, said, traced: trace.is_some(), limit: self.limit })
    }
}

impl Running {
    /// What it has printed so far, and said.
    pub(crate) fn so_far(&self) -> (String, String) {
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        (read(&self.out), read(&self.said))
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn over(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|error| Failure::new(format!("cannot wait for the program: {error}")))
    }

    /// Asks it to stop, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).stderr(Stdio::null()).status();
    }

    /// Waits for its end, until the time is over.
    ///
    /// # Errors
    /// The tracer has failed, which says nothing of the program.
    pub(crate) fn end(mut self) -> Result<Ran> {
        let mut pause = Duration::from_micros(500);
        let status = loop {
            if let Some(status) = self.over()? {
                break Some(status);
            }
            if self.began.elapsed() > self.limit {
                // The tracer's end is the end of what it traces.
                let _ = self.child.kill();
                let _ = self.child.wait();
                break None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        let (out, said) = self.so_far();
        let end = status.map_or(End::Stuck, |status| meaning(status, self.traced));
        if self.traced && end == End::Code(125) {
            return Err(Failure::new(format!("the tracer failed: {}", said.trim())));
        }
        Ok(Ran { end, out, said })
    }
}

/// The tracer gives a signal as a shell does; the program's own codes end at 2, but for Ctrl-C's 130.
fn meaning(status: ExitStatus, traced: bool) -> End {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) if traced && code > 128 && code != 130 => End::Signal(code - 128),
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let place = Place::new(Some(&std::env::temp_dir()), "xtask-program").unwrap();
        let program = Program {
            path: "/bin/sh".into(),
            place: place.path.clone(),
            limit: Duration::from_millis(400),
            variables: vec![("WHAT".into(), "said".into())],
            data: None,
        };
        let run = |script: &str| program.run(&["-c".to_owned(), script.to_owned()], Some("in"), None).unwrap();
        let ran = run("cat; echo $WHAT >&2; exit 2");
        assert_eq!((ran.end, ran.out.as_str(), ran.said.as_str()), (End::Code(2), "in", "said\n"));
        assert!(ran.refused() && ran.words() == "said in");
        assert_eq!(run("kill -9 $$").end, End::Signal(9));
        assert_eq!(run("exec sleep 5").end, End::Stuck);
    }
}
