//! The tracer: compiled when it is wanted, and what it is told and tells. `tracer.c` says how it works.

use crate::run::{self, Failure, Result, Workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("tracer.c");

/// The kinds of calls that the tracer tells apart.
pub(crate) const KINDS: [&str; 16] = [
    "open", "make", "read", "write", "sync", "trunc", "rename", "link", "unlink", "mkdir", "lock", "map", "stat",
    "list", "chmod", "copy",
];

/// Compiles the tracer into the target folder, where it is not there yet.
///
/// # Errors
/// There is no gcc, or this system's headers are not those of Linux.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    build_in(&workspace.target.join("rig"))
}

fn build_in(folder: &Path) -> Result<PathBuf> {
    let (source, binary) = (folder.join("tracer.c"), folder.join("tracer"));
    if binary.exists() && fs::read_to_string(&source).is_ok_and(|text| text == SOURCE) {
        return Ok(binary);
    }
    fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
    // Another process may be at it, too: each makes its own and renames it.
    let fresh = |name: &str| folder.join(format!("{name}-{}", std::process::id()));
    let (fresh_source, fresh_binary) = (fresh("tracer").with_extension("c"), fresh("tracer"));
    fs::write(&fresh_source, SOURCE).map_err(Failure::io("write", &fresh_source))?;
    let mut gcc = Command::new("gcc");
    gcc.args(["-O1", "-Wall", "-Wextra", "-o"]).arg(&fresh_binary).arg(&fresh_source);
    run::succeed(&mut gcc)?;
    fs::rename(&fresh_binary, &binary).map_err(Failure::io("rename", &fresh_binary))?;
    fs::rename(&fresh_source, &source).map_err(Failure::io("rename", &fresh_source))?;
    Ok(binary)
}

/// A fault to put in: which, at which of the calls that it suits, and whether at all from there on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Put<'a> {
    pub(crate) fault: &'a str,
    pub(crate) at: u64,
    pub(crate) good: bool,
}

/// How a program is to be traced.
#[derive(Debug, Clone)]
pub(crate) struct Trace<'a> {
    pub(crate) tracer: &'a Path,
    /// Only calls that touch these folders count.
    pub(crate) scopes: Vec<PathBuf>,
    /// A folder in them that does not count.
    pub(crate) except: Option<PathBuf>,
    pub(crate) log: PathBuf,
    pub(crate) put: Option<Put<'a>>,
    /// The kinds of calls that a fault may go into; none: all.
    pub(crate) calls: &'a str,
    /// Where written bytes go.
    pub(crate) record: Option<PathBuf>,
}

impl Trace<'_> {
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(self.tracer);
        for scope in &self.scopes {
            command.arg("--scope").arg(scope);
        }
        if let Some(except) = &self.except {
            command.arg("--except").arg(except);
        }
        command.arg("--log").arg(&self.log);
        if let Some(put) = self.put {
            command.args(["--fault", put.fault, "--at", &put.at.to_string()]);
            if put.good {
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

/// What the tracer has written about faults.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// How many calls each fault suits.
    pub(crate) suited: BTreeMap<String, u64>,
    /// The call that was hit first: its kind and its path.
    pub(crate) hit: Option<(String, String)>,
}

impl Told {
    pub(crate) fn read(log: &Path) -> Result<Self> {
        let text = fs::read(log).map_err(Failure::io("read", log))?;
        Ok(Self::parse(&String::from_utf8_lossy(&text)))
    }

    fn parse(text: &str) -> Self {
        let mut told = Self::default();
        for line in text.lines() {
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["N", fault, count] => drop(told.suited.insert((*fault).to_owned(), count.parse().unwrap_or(0))),
                ["H", _, kind, path] => told.hit = Some(((*kind).to_owned(), (*path).to_owned())),
                _ => {}
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::super::program::{End, Program, Ran};
    use super::*;
    use std::time::Duration;

    /// A shell under the tracer, and what the tracer says.
    fn traced(place: &Place, script: &str, put: Option<Put<'_>>, calls: &str, record: bool) -> (Ran, Told, String) {
        let tracer = build_in(&place.path.join("rig")).unwrap();
        let folder = place.path.join("folder");
        super::super::place::clear(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        let program = Program {
            path: "/bin/sh".into(),
            place: place.path.clone(),
            limit: Duration::from_secs(20),
            variables: Vec::new(),
            data: None,
        };
        let log = place.path.join("log");
        let record = record.then(|| place.path.join("bytes"));
        let trace = Trace { tracer: &tracer, scopes: vec![folder], except: None, log: log.clone(), put, calls, record };
        let ran = program.run(&["-c".to_owned(), script.to_owned()], None, Some(&trace)).unwrap();
        (ran, Told::read(&log).unwrap(), fs::read_to_string(&log).unwrap())
    }

    #[test]
    fn calls_in_the_folder_are_counted_and_made_to_fail() {
        let place = Place::new(Some(&std::env::temp_dir()), "xtask-tracer").unwrap();
        let script =
            "echo text > folder/a && echo more > outside && read line < folder/a && echo $line && mv folder/a folder/b";
        let (ran, told, _) = traced(&place, script, None, "", false);
        assert_eq!((ran.end, ran.out.as_str()), (End::Code(0), "text\n"));
        assert_eq!(told.suited["erofs"], 3, "making, writing, renaming: {told:?}");
        for (at, kind) in [(1, "make"), (2, "write"), (3, "rename")] {
            let put = Put { fault: "erofs", at, good: false };
            let (ran, told, _) = traced(&place, script, Some(put), "", false);
            assert!(matches!(ran.end, End::Code(1..)), "{at}: {ran:?}");
            assert_eq!(told.hit.unwrap().0, kind);
        }
        let put = Put { fault: "eio", at: 1, good: false };
        let (ran, told, _) = traced(&place, script, Some(put), "read", false);
        assert!(matches!(ran.end, End::Code(1..)) && told.hit.unwrap().0 == "read", "{ran:?}");
        let put = Put { fault: "kill", at: 2, good: false };
        let (ran, _, _) = traced(&place, script, Some(put), "", false);
        assert_eq!(ran.end, End::Signal(9));
        // Halved again and again, it arrives all the same.
        let put = Put { fault: "short", at: 1, good: true };
        let (ran, told, _) = traced(&place, script, Some(put), "read,write", false);
        assert_eq!((ran.end, ran.out.as_str()), (End::Code(0), "text\n"), "{ran:?}");
        assert!(told.hit.is_some());
        let put = Put { fault: "eio", at: 999, good: false };
        assert_eq!(traced(&place, script, Some(put), "", false).1.hit, None);
    }

    #[test]
    fn what_is_written_is_recorded() {
        let place = Place::new(Some(&std::env::temp_dir()), "xtask-recorded").unwrap();
        let script = "mkdir folder/d && echo text > folder/d/a && echo more >> folder/d/a && sync folder/d/a folder/d && \
                      mv folder/d/a folder/b && rm folder/b && rmdir folder/d";
        let (ran, _, log) = traced(&place, script, None, "", true);
        assert_eq!(ran.end, End::Code(0), "{ran:?}");
        let words: Vec<&str> = log.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(words, ["mkdir", "create", "write", "write", "sync", "dsync", "rename", "unlink", "rmdir"], "{log}");
        assert!(log.contains("\t5\t5\n"), "the second is behind the first: {log}");
        assert_eq!(fs::read_to_string(place.path.join("bytes")).unwrap(), "text\nmore\n");
    }
}
