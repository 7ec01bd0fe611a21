//! `cargo xtask powerloss`: how the program recovers a collection whose last writes did not reach the disk.
//!
//! A run is one command of the program on a prepared collection, such as `create` or `index`. It is recorded; each case replays the
//! recording up to one operation and writes the files that a disk could have kept. All acknowledged documents must be there, and the
//! next command must repair everything without help.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `content.rs` | the content of a file: what a process sees, what is synced, what may remain after a power loss |
//! | `disk.rs` | the same for the files and names on a disk |
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
use std::path::{Path, PathBuf};

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
    let program_path = common.program(workspace)?;
    let mut scratch = RunFolder::new(common.scratch.as_deref(), "powerloss")?;
    scratch.keep = common.keep;
    let recordings = recordings_folder(workspace, options, &program_path)?;
    // The model and the data directory are in the same folder, because recordings contain the model's path and depend on the data.
    let tiny_model = recordings.join("tiny");
    if !tiny_model.join("model.safetensors").exists() {
        model::write(&tiny_model, common.seed)?;
    }
    let setup = RecordingSetup {
        tracer: &tracer,
        recordings: &recordings,
        tiny_model: &tiny_model,
        root: &workspace.root,
        seed: common.seed,
    };
    let program = |name: &str| -> Result<TestedProgram> {
        let place = scratch.path.join(name);
        fs::create_dir_all(&place).map_err(TaskFailure::io("make", &place))?;
        let data = Some(recordings.join("data"));
        Ok(TestedProgram { path: program_path.clone(), place, limit: common.limit, variables: Vec::new(), data })
    };
    println!(
        "── {}, seed {}, in {}, recordings in {}",
        program_path.display(),
        common.seed,
        scratch.path.display(),
        recordings.display()
    );
    let worker = |index: usize| {
        let program = program(&format!("worker-{index}"))?;
        let mut prepared: BTreeMap<RunKind, (Stage, Recording)> = BTreeMap::new();
        Ok(move |case: &str| {
            let spec = PowerlossCase::parse(case)?;
            let (stage, recording) = match prepared.entry(spec.run) {
                Entry::Occupied(entry) => &*entry.into_mut(),
                Entry::Vacant(entry) => &*entry.insert(setup.prepare(spec.run, &program)?),
            };
            judge::case(stage, recording, &spec, setup.seed)
        })
    };
    if let Some(case) = &common.case {
        // Parsed first, so that a wrong case is refused before anything is recorded.
        let record = worker(0)?(&PowerlossCase::parse(case)?.to_string())?;
        for step in &record.steps {
            println!("{step}");
        }
        return conclude(&[record]);
    }
    let mut cases = Vec::new();
    for &run in &options.runs {
        if let Some(reason) = Stage::unavailable_reason(run, &program_path)? {
            println!("   {} is left out: {reason}", run.name());
            continue;
        }
        let (_, recording) = setup.prepare(run, &program("record")?)?;
        let planned = plan(options, run, &recording);
        let counts: Vec<String> = recording
            .acknowledged
            .iter()
            .map(|(from, documents)| format!("{} from operation {from} on", documents.len()))
            .collect();
        let (ops, counts) = (recording.ops.len(), counts.join(", "));
        println!("   {}: {ops} operations, documents acknowledged: {counts}; {} cases", run.name(), planned.len());
        cases.extend(planned.iter().map(PowerlossCase::to_string));
    }
    let mut ledger = Ledger::open(common.out.as_deref(), common.seed)?;
    jobs::run(common, &cases, &mut ledger, worker)?;
    conclude(&ledger.records)
}

/// Returns the folder of recordings, and makes it if it is missing. The default one depends on the build, as recordings do.
fn recordings_folder(workspace: &Workspace, options: &PowerlossOptions, program_path: &Path) -> Result<PathBuf> {
    let built = fs::metadata(program_path)
        .and_then(|file| Ok((file.len(), file.modified()?)))
        .map_err(TaskFailure::io("read", program_path))?;
    let seed = options.common.seed;
    let name = format!("seed-{seed}-{:08x}", hash(&format!("{}{built:?}", program_path.display())) >> 32);
    let default = || workspace.target.join("rig/recordings").join(name);
    let recordings = options.recordings.clone().unwrap_or_else(default);
    fs::create_dir_all(&recordings).map_err(TaskFailure::io("make", &recordings))?;
    recordings.canonicalize().map_err(TaskFailure::io("find", &recordings))
}

/// The data that all workers share.
#[derive(Clone, Copy)]
struct RecordingSetup<'a> {
    tracer: &'a Path,
    recordings: &'a Path,
    tiny_model: &'a Path,
    root: &'a Path,
    seed: u64,
}

impl RecordingSetup<'_> {
    /// Prepares the stage of a run in the program's folder, and reads its recording, which is made if missing.
    fn prepare(&self, run: RunKind, program: &TestedProgram) -> Result<(Stage, Recording)> {
        let stage = Stage::new(run, program, Some(self.tiny_model), self.root, self.seed)?;
        let folder = self.recordings.join(run.name());
        if !Recording::exists(&folder) {
            Recording::make(&stage, self.tracer, &folder)?;
        }
        let recording = Recording::read(&folder, &stage)?;
        Ok((stage, recording))
    }
}

/// Returns the cases of a run: one for each pair of disk state and number of acknowledged commits. With `--every N`, every N-th of them,
/// from one that the seed chooses.
fn plan(options: &PowerlossOptions, run: RunKind, recording: &Recording) -> Vec<PowerlossCase> {
    let mut seen = BTreeSet::new();
    let mut cases = Vec::new();
    recording.each(|after, disk| {
        for &keeps in &options.keeps {
            let case = PowerlossCase { run, keeps, after };
            let image = disk.after_power_loss(keeps, &mut Random(options.common.seed ^ hash(&case.to_string())));
            let mut hasher = DefaultHasher::new();
            image.hash(&mut hasher);
            let acknowledged = recording.acknowledged.iter().filter(|(from, _)| *from <= after).count();
            if seen.insert((hasher.finish(), acknowledged)) {
                cases.push(case);
            }
        }
    });
    cases.sort_unstable();
    let every = usize::try_from(options.common.every).unwrap_or(usize::MAX);
    let first = usize::try_from(options.common.seed).unwrap_or(0) % every;
    cases.into_iter().skip(first).step_by(every).collect()
}

/// Prints the report of the results; fails if one of them is bad.
fn conclude(records: &[CaseResult]) -> Result {
    println!("\n{}", ledger::report("powerloss", records));
    let bad = records.iter().filter(|record| record.bad).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(TaskFailure::new(format!("{bad} cases have a bad result; they are listed above")))
    }
}
