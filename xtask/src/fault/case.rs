//! One case, from putting everything back to what is written down of it.

use super::class::Class;
use super::judge::Judge;
use super::spec::Spec;
use crate::rig::ledger::Record;
use crate::rig::program::{End, Ran};
use crate::rig::stage::{Run, Stage, Step};
use crate::rig::tracer::{Put, Told, Trace};
use crate::run::{Failure, Result};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a watch may take to see changes.
const SEEN: Duration = Duration::from_secs(10);

/// Runs the case and says what it came to.
///
/// # Errors
/// The rig itself fails.
pub(crate) fn case(stage: &Stage, tracer: &Path, spec: &Spec, seed: u64) -> Result<Record> {
    let began = Instant::now();
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let put = Put { fault: spec.fault, at: spec.at, good: spec.good };
    let trace = Trace { put: Some(put), ..trace_of(stage, tracer, &spec.calls, &log) };
    let (ran, seen) = faulted(stage, Some(&trace))?;
    let told = Told::read(&log)?;
    let mut judge = Judge::new(stage);
    judge.note(&stage.command.shown(), &ran);
    let class = if told.hit.is_none() {
        // What an undisturbed run comes to has been looked at.
        Class::NotHit
    } else {
        let class = judge.judge(&ran, spec.fault == "kill", seen)?;
        judge.wrong.as_ref().map_or(class, |(class, _)| *class)
    };
    let at = told.hit.map_or_else(String::new, |(kind, path)| {
        let path =
            path.strip_prefix(&*stage.scope.to_string_lossy()).unwrap_or(&path).trim_start_matches('/').to_owned();
        format!("{kind} {path}")
    });
    let hide = |text: String| text.replace(&*stage.program.place.to_string_lossy(), "~");
    Ok(Record {
        case: spec.to_string(),
        seed,
        class: class.name().to_owned(),
        bad: class.is_bad(),
        at,
        why: hide(judge.wrong.map_or_else(String::new, |(_, why)| why)),
        steps: judge.steps.into_iter().map(hide).collect(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Runs the stage's command, and says whether it got to its end: a watch is told to stop once it has seen the changes.
///
/// # Errors
/// The rig itself fails.
fn faulted(stage: &Stage, trace: Option<&Trace<'_>>) -> Result<(Ran, bool)> {
    let Step { words, input, .. } = &stage.command;
    if stage.run != Run::Watch {
        return Ok((stage.program.run(words, input.as_deref(), trace)?, true));
    }
    let mut running = stage.program.start(words, None, trace)?;
    let (began, mut changed, mut seen) = (Instant::now(), false, false);
    while running.over()?.is_none() && began.elapsed() < SEEN {
        let (out, said) = running.so_far();
        if !changed && said.contains("watching ") {
            stage.change()?;
            changed = true;
        }
        seen = changed && out.lines().filter(|line| line.contains(" added, ")).count() > 1;
        if seen {
            break;
        }
        thread::sleep(Duration::from_millis(15));
    }
    running.interrupt();
    let ran = running.end()?;
    if !changed {
        stage.change()?;
    }
    Ok((ran, seen))
}

/// The calls of a stage's command, undisturbed.
fn trace_of<'a>(stage: &Stage, tracer: &'a Path, calls: &'a str, log: &Path) -> Trace<'a> {
    let except = (stage.run == Run::Read).then(|| stage.collection.clone());
    Trace { tracer, scopes: vec![stage.scope.clone()], except, log: log.to_owned(), put: None, calls, record: None }
}

/// How many calls each fault suits in an undisturbed run.
///
/// # Errors
/// The rig itself fails, or the run does.
pub(crate) fn count(stage: &Stage, tracer: &Path, calls: &str) -> Result<Told> {
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let trace = trace_of(stage, tracer, calls, &log);
    let (ran, _) = faulted(stage, Some(&trace))?;
    let ended = ran.succeeded() || (stage.run == Run::Watch && ran.end == End::Code(130));
    if !ended {
        return Err(Failure::new(format!(
            "{}: traced and undisturbed, it ends with {:?}: {}",
            stage.run.name(),
            ran.end,
            ran.words()
        )));
    }
    Told::read(&log)
}
