//! `cargo xtask powerloss`: what the program makes of a collection whose last writes did not reach the disk.
//!
//! One run is recorded, then replayed up to each operation, and what a disk could have kept of it is laid down. What was
//! acknowledged must be there, and the next run alone must put everything right.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `content.rs` | a file: what programs see, what is safe, what is left |
//! | `disk.rs` | files and names: the same |
//! | `judge.rs` | one case: starting again with what is left |
//! | `log.rs` | the tracer's lines as operations |
//! | `options.rs` | the arguments |
//! | `recording.rs` | what a run wrote, kept in a folder |
//! | `spec.rs` | a case as words; what a disk keeps |

mod content;
mod disk;
mod judge;
mod log;
mod options;
mod recording;
mod spec;

pub(crate) use options::Options;

use crate::rig::jobs;
use crate::rig::ledger::{self, Ledger, Record};
use crate::rig::model;
use crate::rig::place::Place;
use crate::rig::program::Program;
use crate::rig::stage::{Run, Stage};
use crate::rig::tracer;
use crate::rig::{Random, hash};
use crate::run::{Failure, Result, Workspace};
use recording::Recording;
use spec::Spec;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
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
    let mut place = Place::new(common.scratch.as_deref(), "powerloss")?;
    place.keep = common.keep;
    // Another build writes something else.
    let built =
        fs::metadata(&path).and_then(|file| Ok((file.len(), file.modified()?))).map_err(Failure::io("read", &path))?;
    let name = format!("seed-{}-{:08x}", common.seed, hash(&format!("{}{built:?}", path.display())) >> 32);
    let default = || workspace.target.join("rig/recordings").join(name);
    let recordings = options.recordings.clone().unwrap_or_else(default);
    fs::create_dir_all(&recordings).map_err(Failure::io("make", &recordings))?;
    let recordings = recordings.canonicalize().map_err(Failure::io("find", &recordings))?;
    // What is recorded names the model by its path, and may be known to the user's data: both stay.
    let tiny = recordings.join("tiny");
    if !tiny.join("model.safetensors").exists() {
        model::write(&tiny, common.seed)?;
    }
    let setting =
        Setting { tracer: &tracer, recordings: &recordings, tiny: &tiny, root: &workspace.root, seed: common.seed };
    let program = |name: &str| -> Result<Program> {
        let place = place.path.join(name);
        fs::create_dir_all(&place).map_err(Failure::io("make", &place))?;
        let data = Some(recordings.join("data"));
        Ok(Program { path: path.clone(), place, limit: common.limit, variables: Vec::new(), data })
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
        let mut made: BTreeMap<Run, (Stage, Recording)> = BTreeMap::new();
        Ok(move |case: &str| {
            let spec = Spec::parse(case)?;
            let (stage, recording) = match made.entry(spec.run) {
                Entry::Occupied(ready) => &*ready.into_mut(),
                Entry::Vacant(place) => &*place.insert(setting.ready(spec.run, &program)?),
            };
            judge::case(stage, recording, &spec, setting.seed)
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
        let (_, recording) = setting.ready(run, &program("record")?)?;
        let planned = plan(options, run, &recording);
        let moments: Vec<String> =
            recording.acknowledged.iter().map(|(at, all)| format!("{} at {at}", all.len())).collect();
        let (ops, moments) = (recording.ops.len(), moments.join(", "));
        println!("   {}: {ops} operations, documents acknowledged: {moments}; {} cases", run.name(), planned.len());
        cases.extend(planned.iter().map(Spec::to_string));
    }
    let mut ledger = Ledger::open(common.out.as_deref(), common.seed)?;
    jobs::run(common, &cases, &mut ledger, worker)?;
    conclude(&ledger.records)
}

/// What every worker shares.
#[derive(Clone, Copy)]
struct Setting<'a> {
    tracer: &'a Path,
    recordings: &'a Path,
    tiny: &'a Path,
    root: &'a Path,
    seed: u64,
}

impl Setting<'_> {
    /// The run's stage in the program's place, and its recording, made where it is not there.
    fn ready(&self, run: Run, program: &Program) -> Result<(Stage, Recording)> {
        let stage = Stage::new(run, program, Some(self.tiny), self.root, self.seed)?;
        let folder = self.recordings.join(run.name());
        if !Recording::is_there(&folder) {
            Recording::make(&stage, self.tracer, &folder)?;
        }
        let recording = Recording::read(&folder, &stage)?;
        Ok((stage, recording))
    }
}

/// The cases of a run: each state of the disk once, as long as no more was acknowledged meanwhile.
fn plan(options: &Options, run: Run, recording: &Recording) -> Vec<Spec> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    recording.each(|after, disk| {
        for &keeps in &options.keeps {
            let spec = Spec { run, keeps, after };
            let image = disk.left(keeps, &mut Random(options.common.seed ^ hash(&spec.to_string())));
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

fn conclude(records: &[Record]) -> Result {
    println!("\n{}", ledger::report("powerloss", records));
    let bad = records.iter().filter(|record| record.bad).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("{bad} cases came to what must not be; each is named above")))
    }
}
