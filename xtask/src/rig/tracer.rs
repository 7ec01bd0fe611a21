//! The tracer: compiled on demand; its options and its log. `tracer.c` describes how it works.

use crate::run::{self, Result, TaskFailure, Workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("tracer.c");

/// The kinds of system calls that the tracer distinguishes: words and order as `KIND_NAMES` in `tracer.c`. `make` opens a file that it
/// creates, `open` one that exists.
pub(crate) const KINDS: [&str; 16] = [
    "open", "make", "read", "write", "sync", "trunc", "rename", "link", "unlink", "mkdir", "lock", "map", "stat",
    "list", "chmod", "copy",
];

/// Compiles the tracer into the target directory, if it is not there yet.
///
/// # Errors
/// If gcc or the Linux headers are missing.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    build_in(&workspace.target.join("rig"))
}

fn build_in(folder: &Path) -> Result<PathBuf> {
    let (source, binary) = (folder.join("tracer.c"), folder.join("tracer"));
    if binary.exists() && fs::read_to_string(&source).is_ok_and(|text| text == SOURCE) {
        return Ok(binary);
    }
    fs::create_dir_all(folder).map_err(TaskFailure::io("make", folder))?;
    // Several processes may compile it at once: each compiles to its own file and renames it.
    let fresh = |name: &str| folder.join(format!("{name}-{}", std::process::id()));
    let (fresh_source, fresh_binary) = (fresh("tracer").with_extension("c"), fresh("tracer"));
    fs::write(&fresh_source, SOURCE).map_err(TaskFailure::io("write", &fresh_source))?;
    let mut gcc = Command::new("gcc");
    gcc.args(["-O1", "-Wall", "-Wextra", "-o"]).arg(&fresh_binary).arg(&fresh_source);
    run::succeed(&mut gcc)?;
    fs::rename(&fresh_binary, &binary).map_err(TaskFailure::io("rename", &fresh_binary))?;
    fs::rename(&fresh_source, &source).map_err(TaskFailure::io("rename", &fresh_source))?;
    Ok(binary)
}

/// A fault to inject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injection<'a> {
    /// Its name, as in `tracer.c`.
    pub(crate) fault: &'a str,
    /// The number of the call that it hits, counted from 1 over the calls that it can hit.
    pub(crate) at: u64,
    /// True if it also hits all later calls.
    pub(crate) persistent: bool,
}

/// The tracer's options.
#[derive(Debug, Clone)]
pub(crate) struct TracerOptions<'a> {
    pub(crate) tracer: &'a Path,
    /// Only calls that touch these folders are counted.
    pub(crate) scopes: Vec<PathBuf>,
    /// A folder inside the scopes whose calls are not counted.
    pub(crate) except: Option<PathBuf>,
    pub(crate) log: PathBuf,
    pub(crate) injection: Option<Injection<'a>>,
    /// The kinds of calls that a fault may hit; empty: all kinds.
    pub(crate) calls: &'a str,
    /// If set, the log lists every write, and this file gets the written bytes.
    pub(crate) record: Option<PathBuf>,
}

impl TracerOptions<'_> {
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(self.tracer);
        for scope in &self.scopes {
            command.arg("--scope").arg(scope);
        }
        if let Some(except) = &self.except {
            command.arg("--except").arg(except);
        }
        command.arg("--log").arg(&self.log);
        if let Some(injection) = self.injection {
            command.args(["--fault", injection.fault, "--at", &injection.at.to_string()]);
            if injection.persistent {
                // The tracer's name for "from this call on, for good".
                command.arg("--good");
            }
        }
        if !self.calls.is_empty() {
            command.args(["--calls", self.calls]);
        }
        if let Some(record) = &self.record {
            command.arg("--record").arg(record);
        }
        command.arg("--").arg(program);
        command
    }
}

/// The lines about faults in the tracer's log: `N FAULT COUNT` for each fault, and `H NUMBER KIND PATH` for the call that was
/// hit. Tabs separate the words.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct TracerLog {
    /// The number of calls that each fault can hit.
    pub(crate) eligible: BTreeMap<String, u64>,
    /// The kind and path of the first call that was hit.
    pub(crate) hit: Option<(String, String)>,
}

impl TracerLog {
    pub(crate) fn read(log: &Path) -> Result<Self> {
        let text = fs::read(log).map_err(TaskFailure::io("read", log))?;
        Ok(Self::parse(&String::from_utf8_lossy(&text)))
    }

    fn parse(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines() {
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["N", fault, count] => drop(read.eligible.insert((*fault).to_owned(), count.parse().unwrap_or(0))),
                ["H", _, kind, path] => read.hit = Some(((*kind).to_owned(), (*path).to_owned())),
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::RunFolder;
    use super::super::program::{End, RunResult, TestedProgram};
    use super::*;
    use std::time::Duration;

    /// Runs a shell script under the tracer; returns its result and the log.
    fn traced(
        scratch: &RunFolder,
        script: &str,
        injection: Option<Injection<'_>>,
        calls: &str,
        record: bool,
    ) -> (RunResult, TracerLog, String) {
        let tracer = build_in(&scratch.path.join("rig")).unwrap();
        let folder = scratch.path.join("folder");
        super::super::place::remove_if_exists(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        let program = TestedProgram {
            path: "/bin/sh".into(),
            place: scratch.path.clone(),
            limit: Duration::from_secs(20),
            variables: Vec::new(),
            data: None,
        };
        let log = scratch.path.join("log");
        let record = record.then(|| scratch.path.join("bytes"));
        let trace = TracerOptions {
            tracer: &tracer,
            scopes: vec![folder],
            except: None,
            log: log.clone(),
            injection,
            calls,
            record,
        };
        let result = program.run(&["-c".to_owned(), script.to_owned()], None, Some(&trace)).unwrap();
        (result, TracerLog::read(&log).unwrap(), fs::read_to_string(&log).unwrap())
    }

    #[test]
    fn tracer_counts_calls_and_injects_faults() {
        let scratch = RunFolder::new(Some(&std::env::temp_dir()), "xtask-tracer").unwrap();
        let script =
            "echo text > folder/a && echo more > outside && read line < folder/a && echo $line && mv folder/a folder/b";
        let (ran, tracer_log, _) = traced(&scratch, script, None, "", false);
        assert_eq!((ran.end, ran.out.as_str()), (End::Code(0), "text\n"));
        assert_eq!(tracer_log.eligible["erofs"], 3, "making, writing, renaming: {tracer_log:?}");
        for (at, kind) in [(1, "make"), (2, "write"), (3, "rename")] {
            let injection = Injection { fault: "erofs", at, persistent: false };
            let (ran, tracer_log, _) = traced(&scratch, script, Some(injection), "", false);
            assert!(matches!(ran.end, End::Code(1..)), "{at}: {ran:?}");
            assert_eq!(tracer_log.hit.unwrap().0, kind);
        }
        let injection = Injection { fault: "eio", at: 1, persistent: false };
        let (ran, tracer_log, _) = traced(&scratch, script, Some(injection), "read", false);
        assert!(matches!(ran.end, End::Code(1..)) && tracer_log.hit.unwrap().0 == "read", "{ran:?}");
        let injection = Injection { fault: "kill", at: 2, persistent: false };
        let (ran, _, _) = traced(&scratch, script, Some(injection), "", false);
        assert_eq!(ran.end, End::Signal(9));
        // Short writes are retried until all is written.
        let injection = Injection { fault: "short", at: 1, persistent: true };
        let (ran, tracer_log, _) = traced(&scratch, script, Some(injection), "read,write", false);
        assert_eq!((ran.end, ran.out.as_str()), (End::Code(0), "text\n"), "{ran:?}");
        assert!(tracer_log.hit.is_some());
        let injection = Injection { fault: "eio", at: 999, persistent: false };
        assert_eq!(traced(&scratch, script, Some(injection), "", false).1.hit, None);
    }

    #[test]
    fn tracer_records_writes() {
        let scratch = RunFolder::new(Some(&std::env::temp_dir()), "xtask-recorded").unwrap();
        let script = "mkdir folder/d && echo text > folder/d/a && echo more >> folder/d/a && sync folder/d/a folder/d && \
                      mv folder/d/a folder/b && rm folder/b && rmdir folder/d";
        let (ran, _, log) = traced(&scratch, script, None, "", true);
        assert_eq!(ran.end, End::Code(0), "{ran:?}");
        let words: Vec<&str> = log.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(words, ["mkdir", "create", "write", "write", "sync", "dsync", "rename", "unlink", "rmdir"], "{log}");
        assert!(log.contains("\t5\t5\n"), "the second write has offset 5 and length 5: {log}");
        assert_eq!(fs::read_to_string(scratch.path.join("bytes")).unwrap(), "text\nmore\n");
    }
}
