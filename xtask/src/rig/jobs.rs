//! Runs cases in parallel, each worker in its own folder.

use super::ledger::{CaseResult, Ledger};
use super::options::Common;
use crate::run::{Result, TaskFailure};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Runs the cases of this shard that are not done, and adds their results to the ledger. `worker` makes a function that runs a case.
///
/// # Errors
/// The first failure of the rig itself; a bad case is not an error.
pub(crate) fn run<W, F>(common: &Common, cases: &[String], ledger: &mut Ledger, worker: F) -> Result
where
    W: FnMut(&str) -> Result<CaseResult>,
    F: Fn(usize) -> Result<W> + Sync,
{
    let done = ledger.done();
    let pending: Vec<&String> = cases.iter().filter(|case| common.is_in_shard(case) && !done.contains(*case)).collect();
    let (part, of) = common.shard;
    println!(
        "── {} cases in all, shard {part}/{of}, {} to run, {} done before",
        cases.len(),
        pending.len(),
        done.len()
    );
    let (next, ledger, failure) = (AtomicUsize::new(0), Mutex::new(ledger), Mutex::new(None::<TaskFailure>));
    let reported = Mutex::new((Instant::now(), 0usize));
    let run_worker = |index: usize| -> Result {
        let mut work = worker(index)?;
        while failure.lock().is_ok_and(|failure| failure.is_none()) {
            let Some(case) = pending.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let record = work(case)?;
            if record.bad {
                println!("   {}: {} at {}: {}", record.class, record.case, record.at, record.why);
            }
            ledger.lock().map_err(|_| TaskFailure::new("a worker died"))?.add(record)?;
            if let Ok(mut reported) = reported.lock() {
                reported.1 += 1;
                if reported.0.elapsed() > Duration::from_secs(30) {
                    println!("   {} of {}", reported.1, pending.len());
                    reported.0 = Instant::now();
                }
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        for index in 0..common.jobs.min(pending.len()) {
            let (run_worker, failure) = (&run_worker, &failure);
            scope.spawn(move || {
                if let (Err(error), Ok(mut first)) = (run_worker(index), failure.lock()) {
                    first.get_or_insert(error);
                }
            });
        }
    });
    failure.into_inner().ok().flatten().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(case: &str) -> CaseResult {
        CaseResult {
            case: case.into(),
            seed: 1,
            class: "ok".into(),
            bad: false,
            at: String::new(),
            why: String::new(),
            steps: Vec::new(),
            milliseconds: 0,
        }
    }

    #[test]
    fn jobs_run_every_case_once_and_resume() {
        let cases: Vec<String> = (0..40).map(|at| format!("x:{at}")).collect();
        let mut ran = Vec::new();
        for part in 1..=3 {
            let common = Common { shard: (part, 3), ..Common::default() };
            let mut ledger = Ledger::open(None, 1).unwrap();
            let first = cases.iter().find(|case| common.is_in_shard(case)).unwrap();
            ledger.add(record(first)).unwrap();
            run(&common, &cases, &mut ledger, |_| {
                Ok(|case: &str| {
                    assert_ne!(case, first);
                    Ok(record(case))
                })
            })
            .unwrap();
            ran.extend(ledger.records.into_iter().map(|record| record.case));
        }
        ran.sort();
        let mut cases = cases;
        cases.sort();
        assert_eq!(ran, cases);
    }

    #[test]
    fn jobs_stop_at_a_failure_of_the_rig() {
        let cases: Vec<String> = (0..9).map(|at| at.to_string()).collect();
        let mut ledger = Ledger::open(None, 1).unwrap();
        let failure = run(&Common::default(), &cases, &mut ledger, |_| {
            Ok(|case: &str| if case == "3" { Err(TaskFailure::new("no disk")) } else { Ok(record(case)) })
        });
        assert_eq!(failure.unwrap_err().message, "no disk");
    }
}
