//! Runs one case: restores the stage, injects the fault, and classifies the outcome.

use super::class::FaultClass;
use super::judge::FaultJudge;
use super::spec::FaultCase;
use crate::rig::ledger::CaseResult;
use crate::rig::program::{End, RunResult};
use crate::rig::stage::{RunKind, Stage, StageStep};
use crate::rig::tracer::{Injection, TracerLog, TracerOptions};
use crate::run::{Result, TaskFailure};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Time limit for a watch to see changes.
const WATCH_LIMIT: Duration = Duration::from_secs(10);

/// Runs the case and classifies the outcome.
///
/// # Errors
/// If the rig itself fails.
pub(crate) fn case(stage: &Stage, tracer: &Path, spec: &FaultCase, seed: u64) -> Result<CaseResult> {
    let began = Instant::now();
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let injection = Injection { fault: spec.fault, at: spec.at, persistent: spec.persistent };
    let trace = TracerOptions { injection: Some(injection), ..trace_options(stage, tracer, &spec.calls, &log) };
    let (ran, seen) = run_command(stage, Some(&trace))?;
    let tracer_log = TracerLog::read(&log)?;
    let mut judge = FaultJudge::new(stage);
    judge.note(&stage.command.description(), &ran);
    let class = if tracer_log.hit.is_none() {
        // Undisturbed runs have been checked before.
        FaultClass::NotHit
    } else {
        let class = judge.judge(&ran, spec.fault == "kill", seen)?;
        judge.wrong.as_ref().map_or(class, |(class, _)| *class)
    };
    let at = tracer_log.hit.map_or_else(String::new, |(kind, path)| {
        let path =
            path.strip_prefix(&*stage.scope.to_string_lossy()).unwrap_or(&path).trim_start_matches('/').to_owned();
        format!("{kind} {path}")
    });
    let hide = |text: String| text.replace(&*stage.program.place.to_string_lossy(), "~");
    Ok(CaseResult {
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

/// Runs the stage's command. Returns its result, and whether it got to its end: a watch is stopped once it has seen the changes.
///
/// # Errors
/// If the rig itself fails.
fn run_command(stage: &Stage, trace: Option<&TracerOptions<'_>>) -> Result<(RunResult, bool)> {
    let StageStep { words, input, .. } = &stage.command;
    if stage.run != RunKind::Watch {
        return Ok((stage.program.run(words, input.as_deref(), trace)?, true));
    }
    let mut running = stage.program.start(words, None, trace)?;
    let (started, mut changed, mut saw_changes) = (Instant::now(), false, false);
    while running.exit_status()?.is_none() && started.elapsed() < WATCH_LIMIT {
        let (out, stderr) = running.output_so_far();
        if !changed && stderr.contains("watching ") {
            stage.change()?;
            changed = true;
        }
        // The first report is that of the start.
        saw_changes = changed && out.lines().filter(|line| is_report(line)).count() > 1;
        if saw_changes {
            break;
        }
        thread::sleep(Duration::from_millis(15));
    }
    running.interrupt();
    let ran = running.end()?;
    if !changed {
        stage.change()?;
    }
    Ok((ran, saw_changes))
}

/// True if a line that `nigh watch` printed reports a run.
fn is_report(line: &str) -> bool {
    ["Up to date: ", "Indexed ", "Updated: ", "Nothing changed; ", "No files to index."]
        .iter()
        .any(|begin| line.starts_with(begin))
}

/// Returns the tracer's options for a stage's command, without a fault.
fn trace_options<'a>(stage: &Stage, tracer: &'a Path, calls: &'a str, log: &Path) -> TracerOptions<'a> {
    let except = (stage.run == RunKind::Read).then(|| stage.collection.clone());
    TracerOptions {
        tracer,
        scopes: vec![stage.scope.clone()],
        except,
        log: log.to_owned(),
        injection: None,
        calls,
        record: None,
    }
}

/// Counts the calls that each fault can hit in an undisturbed run.
///
/// # Errors
/// If the rig itself fails, or the run does.
pub(crate) fn count(stage: &Stage, tracer: &Path, calls: &str) -> Result<TracerLog> {
    stage.restore()?;
    let log = stage.program.place.join("calls");
    let trace = trace_options(stage, tracer, calls, &log);
    let (ran, _) = run_command(stage, Some(&trace))?;
    let ended = ran.succeeded() || (stage.run == RunKind::Watch && ran.end == End::Code(130));
    if !ended {
        return Err(TaskFailure::new(format!(
            "{}: the traced run without a fault ended with {:?}: {}",
            stage.run.name(),
            ran.end,
            ran.words()
        )));
    }
    TracerLog::read(&log)
}
