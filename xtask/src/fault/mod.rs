//! `cargo xtask fault`: how the program handles system calls that fail.
//!
//! Each case is one run of the built program with a fault at one of its calls. Afterwards `verify`, `search` and `export` must
//! work, and every document must be old or new. The next run, with printed advice followed at most twice, must give the result of an
//! undisturbed run.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `case.rs` | runs one case |
//! | `class.rs` | the classes of outcomes |
//! | `judge.rs` | checks the collection after a fault, and its repair |
//! | `options.rs` | the arguments |
//! | `plan.rs` | chooses the cases |
//! | `spec.rs` | a case as text |

mod case;
mod class;
mod judge;
mod options;
mod plan;
mod spec;

pub(crate) use class::unsound;
pub(crate) use options::FaultOptions;

use crate::rig::jobs;
use crate::rig::ledger::{self, CaseResult, Ledger};
use crate::rig::place::RunFolder;
use crate::rig::program::TestedProgram;
use crate::rig::stage::{RunKind, Stage};
use crate::rig::tracer;
use crate::run::{Result, TaskFailure, Workspace};
use spec::FaultCase;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

/// Runs the cases, or adds up results.
///
/// # Errors
/// If a case has a bad result, or if the rig itself fails.
pub(crate) fn run(workspace: &Workspace, options: &FaultOptions) -> Result {
    let common = &options.common;
    if !common.report.is_empty() {
        let mut all = Vec::new();
        for path in &common.report {
            all.extend(ledger::read(path)?);
        }
        return conclude(&all);
    }
    let tracer = tracer::build(workspace)?;
    let path = common.program(workspace)?;
    let mut scratch = RunFolder::new(common.scratch.as_deref(), "fault")?;
    scratch.keep = common.keep;
    let program = |name: &str| -> Result<TestedProgram> {
        let place = scratch.path.join(name);
        fs::create_dir_all(&place).map_err(TaskFailure::io("make", &place))?;
        Ok(TestedProgram { path: path.clone(), place, limit: common.limit, variables: Vec::new(), data: None })
    };
    println!("── {}, seed {}, in {}", path.display(), common.seed, scratch.path.display());
    let worker = |index: usize| {
        let program = program(&format!("worker-{index}"))?;
        let (root, tracer) = (workspace.root.as_path(), tracer.as_path());
        let mut stages = Stages { program, root, seed: common.seed, made: BTreeMap::new() };
        Ok(move |case: &str| {
            let spec = FaultCase::parse(case)?;
            case::case(stages.get(spec.run)?, tracer, &spec, common.seed)
        })
    };
    if let Some(case) = &common.case {
        let record = worker(0)?(&FaultCase::parse(case)?.to_string())?;
        for step in &record.steps {
            println!("{step}");
        }
        return conclude(&[record]);
    }
    let mut cases = Vec::new();
    for &run in &options.runs {
        if let Some(reason) = Stage::unavailable_reason(run, &path)? {
            println!("   {} is left out: {reason}", run.name());
            continue;
        }
        let stage = Stage::new(run, &program("count")?, None, &workspace.root, common.seed)?;
        let tracer_log = case::count(&stage, &tracer, &options.calls)?;
        let planned = plan::cases(options, run, &tracer_log);
        let calls = tracer_log.eligible.get("kill").copied().unwrap_or(0);
        println!("   {}: {calls} calls, {} cases", run.name(), planned.len());
        cases.extend(planned.iter().map(FaultCase::to_string));
    }
    let mut ledger = Ledger::open(common.out.as_deref(), common.seed)?;
    jobs::run(common, &cases, &mut ledger, worker)?;
    conclude(&ledger.records)
}

/// A worker's stages, each prepared on first use.
struct Stages<'a> {
    program: TestedProgram,
    root: &'a Path,
    seed: u64,
    made: BTreeMap<RunKind, Stage>,
}

impl Stages<'_> {
    fn get(&mut self, run: RunKind) -> Result<&Stage> {
        match self.made.entry(run) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(Stage::new(run, &self.program, None, self.root, self.seed)?)),
        }
    }
}

fn conclude(records: &[CaseResult]) -> Result {
    println!("\n{}", ledger::report("fault", records));
    let bad = records.iter().filter(|record| record.bad).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(TaskFailure::new(format!("{bad} cases have a bad result; they are listed above")))
    }
}
