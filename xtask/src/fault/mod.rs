//! `cargo xtask fault`: what the program makes of system calls that fail.
//!
//! Each case is one run of the built program with a fault at one of its calls. Afterwards `verify`, `search` and `export` must
//! answer, every document must be old or new, and the next run, with printed advice followed at most twice, must end where an
//! undisturbed run ends.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `case.rs` | one case, and what is written down of it |
//! | `class.rs` | what a case can come to |
//! | `judge.rs` | what a fault left, and what puts it right |
//! | `options.rs` | the arguments |
//! | `plan.rs` | which cases there are |
//! | `spec.rs` | a case as words |

mod case;
mod class;
mod judge;
mod options;
mod plan;
mod spec;

pub(crate) use class::unsound;
pub(crate) use options::Options;

use crate::rig::jobs;
use crate::rig::ledger::{self, Ledger, Record};
use crate::rig::place::Place;
use crate::rig::program::Program;
use crate::rig::stage::{Run, Stage};
use crate::rig::tracer;
use crate::run::{Failure, Result, Workspace};
use spec::Spec;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

/// Runs the cases, or adds up results. Fails where something came out that must not be.
///
/// # Errors
/// That, or the rig itself fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result {
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
    let mut place = Place::new(common.scratch.as_deref(), "fault")?;
    place.keep = common.keep;
    let program = |name: &str| -> Result<Program> {
        let place = place.path.join(name);
        fs::create_dir_all(&place).map_err(Failure::io("make", &place))?;
        Ok(Program { path: path.clone(), place, limit: common.limit, variables: Vec::new(), data: None })
    };
    println!("── {}, seed {}, in {}", path.display(), common.seed, place.path.display());
    let worker = |index: usize| {
        let program = program(&format!("worker-{index}"))?;
        let (root, tracer) = (workspace.root.as_path(), tracer.as_path());
        let mut stages = Stages { program, root, seed: common.seed, made: BTreeMap::new() };
        Ok(move |case: &str| {
            let spec = Spec::parse(case)?;
            case::case(stages.of(spec.run)?, tracer, &spec, common.seed)
        })
    };
    if let Some(case) = &common.case {
        let record = worker(0)?(&Spec::parse(case)?.to_string())?;
        for step in &record.steps {
            println!("{step}");
        }
        return conclude(&[record]);
    }
    let mut cases = Vec::new();
    for &run in &options.runs {
        if let Some(reason) = Stage::missing(run, &path)? {
            println!("   {} is left out: {reason}", run.name());
            continue;
        }
        let stage = Stage::new(run, &program("count")?, None, &workspace.root, common.seed)?;
        let told = case::count(&stage, &tracer, &options.calls)?;
        let planned = plan::cases(options, run, &told);
        let calls = told.suited.get("kill").copied().unwrap_or(0);
        println!("   {}: {calls} calls, {} cases", run.name(), planned.len());
        cases.extend(planned.iter().map(Spec::to_string));
    }
    let mut ledger = Ledger::open(common.out.as_deref(), common.seed)?;
    jobs::run(common, &cases, &mut ledger, worker)?;
    conclude(&ledger.records)
}

/// A worker's runs, each made ready when it is first wanted.
struct Stages<'a> {
    program: Program,
    root: &'a Path,
    seed: u64,
    made: BTreeMap<Run, Stage>,
}

impl Stages<'_> {
    fn of(&mut self, run: Run) -> Result<&Stage> {
        match self.made.entry(run) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(Stage::new(run, &self.program, None, self.root, self.seed)?)),
        }
    }
}

fn conclude(records: &[Record]) -> Result {
    println!("\n{}", ledger::report("fault", records));
    let bad = records.iter().filter(|record| record.bad).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("{bad} cases came to what must not be; each is named above")))
    }
}
