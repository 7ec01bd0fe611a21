//! `cargo xtask powerloss`: how the program recovers a collection whose last writes did not reach the disk.
//!
//! A run is recorded. Each case replays it up to one operation and writes the files that a disk could have kept. All acknowledged
//! documents must be there, and the next run must repair everything without help.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `content.rs` | the content of a file: visible, durable, and after a power loss |
//! | `disk.rs` | files and names on a disk: visible, durable, and after a power loss |
//! | `judge.rs` | one case: power loss, restart, and a class for the outcome |
//! | `log.rs` | the tracer's log as disk operations |
//! | `options.rs` | the arguments |
//! | `recording.rs` | the recorded writes of a run, kept in a folder |
//! | `spec.rs` | a case as text; models of what a disk keeps |

mod content;
mod disk;
mod judge;
mod log;
mod options;
mod recording;
mod spec;

pub(crate) use options::PowerlossOptions;

use crate::rig::jobs;
use crate::rig::ledger::{self, CaseResult, Ledger};
use crate::rig::model;
use crate::rig::place::RunFolder;
use crate::rig::program::TestedProgram;
use crate::rig::stage::{RunKind, Stage};
use crate::rig::tracer;
use crate::rig::{Random, hash};
use crate::run::{Result, TaskFailure, Workspace};
use recording::Recording;
use spec::PowerlossCase;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// Runs the cases, or adds up results.
///
/// # Errors
/// If a case has a bad result, or if the rig itself fails.
pub(crate) fn run(workspace: &Workspace, options: &PowerlossOptions) -> Result {
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
    let mut place = RunFolder::new(common.scratch.as_deref(), "powerloss")?;
    place.keep = common.keep;
    // Recordings depend on the build.
    let built = fs::metadata(&path)
        .and_then(|file| Ok((file.len(), file.modified()?)))
        .map_err(TaskFailure::io("read", &path))?;
    let name = format!("seed-{}-{:08x}", common.seed, hash(&format!("{}{built:?}", path.display())) >> 32);
    let default = || workspace.target.join("rig/recordings").join(name);
    let recordings = options.recordings.clone().unwrap_or_else(default);
    fs::create_dir_all(&recordings).map_err(TaskFailure::io("make", &recordings))?;
    let recordings = recordings.canonicalize().map_err(TaskFailure::io("find", &recordings))?;
    // Recordings contain the model's path and depend on the data directory: both stay with them.
    let tiny = recordings.join("tiny");
    if !tiny.join("model.safetensors").exists() {
        model::write(&tiny, common.seed)?;
    }
    let setting = RecordingSetup {
        tracer: &tracer,
        recordings: &recordings,
        tiny: &tiny,
        root: &workspace.root,
        seed: common.seed,
    };
    let program = |name: &str| -> Result<TestedProgram> {
        let place = place.path.join(name);
        fs::create_dir_all(&place).map_err(TaskFailure::io("make", &place))?;
        let data = Some(recordings.join("data"));
        Ok(TestedProgram { path: path.clone(), place, limit: common.limit, variables: Vec::new(), data })
    };
    println!(
        "── {}, seed {}, in {}, recordings in {}",
        path.display(),
        common.seed,
        place.path.display(),
        recordings.display()
    );
    let worker = |index: usize| {
        let program = program(&format!("worker-{index}"))?;
        let mut made: BTreeMap<RunKind, (Stage, Recording)> = BTreeMap::new();
        Ok(move |case: &str| {
            let spec = PowerlossCase::parse(case)?;
            let (stage, recording) = match made.entry(spec.run) {
                Entry::Occupied(ready) => &*ready.into_mut(),
                Entry::Vacant(place) => &*place.insert(setting.ready(spec.run, &program)?),
            };
            judge::case(stage, recording, &spec, setting.seed)
        })
    };
    if let Some(case) = &common.case {
        let record = worker(0)?(&PowerlossCase::parse(case)?.to_string())?;
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
        let (_, recording) = setting.ready(run, &program("record")?)?;
        let planned = plan(options, run, &recording);
        let moments: Vec<String> =
            recording.acknowledged.iter().map(|(at, all)| format!("{} at {at}", all.len())).collect();
        let (ops, moments) = (recording.ops.len(), moments.join(", "));
        println!("   {}: {ops} operations, documents acknowledged: {moments}; {} cases", run.name(), planned.len());
        cases.extend(planned.iter().map(PowerlossCase::to_string));
    }
    let mut ledger = Ledger::open(common.out.as_deref(), common.seed)?;
    jobs::run(common, &cases, &mut ledger, worker)?;
    conclude(&ledger.records)
}

/// The data that all workers share.
#[derive(Clone, Copy)]
struct RecordingSetup<'a> {
    tracer: &'a Path,
    recordings: &'a Path,
    tiny: &'a Path,
    root: &'a Path,
    seed: u64,
}

impl RecordingSetup<'_> {
    /// Prepares the stage of a run in the program's folder, and its recording, which is made if missing.
    fn ready(&self, run: RunKind, program: &TestedProgram) -> Result<(Stage, Recording)> {
        let stage = Stage::new(run, program, Some(self.tiny), self.root, self.seed)?;
        let folder = self.recordings.join(run.name());
        if !Recording::is_there(&folder) {
            Recording::make(&stage, self.tracer, &folder)?;
        }
        let recording = Recording::read(&folder, &stage)?;
        Ok((stage, recording))
    }
}

/// The cases of a run: each state of the disk once for each number of acknowledged commits.
fn plan(options: &PowerlossOptions, run: RunKind, recording: &Recording) -> Vec<PowerlossCase> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    recording.each(|after, disk| {
        for &keeps in &options.keeps {
            let spec = PowerlossCase { run, keeps, after };
            let image = disk.after_power_loss(keeps, &mut Random(options.common.seed ^ hash(&spec.to_string())));
            let mut hasher = DefaultHasher::new();
            image.hash(&mut hasher);
            let acknowledged = recording.acknowledged.iter().filter(|(from, _)| *from <= after).count();
            if seen.insert((hasher.finish(), acknowledged)) {
                all.push(spec);
            }
        }
    });
    all.sort_unstable();
    let every = usize::try_from(options.common.every).unwrap_or(usize::MAX);
    let first = usize::try_from(options.common.seed).unwrap_or(0) % every;
    all.into_iter().skip(first).step_by(every).collect()
}

fn conclude(records: &[CaseResult]) -> Result {
    println!("\n{}", ledger::report("powerloss", records));
    let bad = records.iter().filter(|record| record.bad).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(TaskFailure::new(format!("{bad} cases have a bad result; they are listed above")))
    }
}
