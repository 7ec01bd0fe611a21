//! Chooses the cases: runs, faults, once or persistent, at every n-th call.

use super::options::FaultOptions;
use super::spec::{FAULTS, FaultCase, THOROUGH};
use crate::rig::Random;
use crate::rig::stage::RunKind;
use crate::rig::tracer::TracerLog;

/// Returns the cases of a run. If not every call is taken, the seed chooses which.
pub(crate) fn cases(options: &FaultOptions, run: RunKind, tracer_log: &TracerLog) -> Vec<FaultCase> {
    let mut cases = Vec::new();
    for &(fault, may_persist) in FAULTS.iter().filter(|(fault, _)| options.faults.contains(fault)) {
        let calls = tracer_log.eligible.get(fault).copied().unwrap_or(0);
        for persistent in [false, true] {
            let thorough = THOROUGH.contains(&fault);
            if persistent && (!may_persist || (options.smoke && !thorough)) {
                continue;
            }
            let factor = if persistent {
                options.persistent
            } else if thorough {
                1
            } else {
                options.others
            };
            let every = options.common.every.saturating_mul(factor).max(1);
            let key = format!("{}:{fault}:{persistent}", run.name());
            let first = 1 + Random(options.common.seed ^ crate::rig::hash(&key)).next() % every.min(calls.max(1));
            let step = usize::try_from(every).unwrap_or(usize::MAX);
            let spec = |at| FaultCase { run, fault, persistent, at, calls: options.calls.clone() };
            cases.extend((first..=calls).step_by(step).map(spec));
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracer_log(calls: u64) -> TracerLog {
        TracerLog { eligible: FAULTS.iter().map(|(fault, _)| ((*fault).to_owned(), calls)).collect(), hit: None }
    }

    fn planned(words: &[&str], calls: u64) -> Vec<String> {
        let options = FaultOptions::parse(words).unwrap();
        cases(&options, RunKind::Index, &tracer_log(calls)).iter().map(FaultCase::to_string).collect()
    }

    #[test]
    fn plan_has_thorough_faults_at_every_call_and_others_at_every_tenth() {
        let all = planned(&[], 100);
        let count = |what: &str| all.iter().filter(|case| case.contains(what)).count();
        for fault in ["eio", "enospc", "kill"] {
            assert_eq!(count(&format!(":{fault}:once:")), 100);
        }
        assert_eq!((count(":short:once:"), count(":eio:good:"), count(":kill:good:")), (10, 10, 0));
        assert!(all.contains(&"index:kill:once:100".to_owned()));
    }

    #[test]
    fn plan_with_every_is_chosen_by_seed_and_has_every_fault() {
        let few = |seed: &str| planned(&["--every", "97", "--seed", seed, "--faults", "eio,short"], 250);
        assert_eq!(few("1"), few("1"));
        assert_ne!(few("1"), few("2"));
        for case in few("1") {
            assert!(FaultCase::parse(&case).unwrap().at <= 250);
        }
        assert!(few("1").iter().any(|case| case.contains(":short:once:")));
        assert!(planned(&[], 0).is_empty());
        let smoke = planned(&["--smoke"], 500);
        assert!(smoke.len() < 25 && smoke.iter().any(|case| case.contains(":short:")), "{smoke:?}");
        assert!(smoke.iter().all(|case| !case.contains(":short:good:")));
    }
}
