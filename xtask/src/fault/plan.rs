//! Which cases there are: runs, faults, once or for good, at every so many-th call.

use super::options::Options;
use super::spec::{FAULTS, Spec, THOROUGH};
use crate::rig::Random;
use crate::rig::stage::Run;
use crate::rig::tracer::Told;

/// The cases of a run with so many calls. Where not every call is taken, the seed says which.
pub(crate) fn cases(options: &Options, run: Run, told: &Told) -> Vec<Spec> {
    let mut all = Vec::new();
    for &(fault, lasts) in FAULTS.iter().filter(|(fault, _)| options.faults.contains(fault)) {
        let calls = told.suited.get(fault).copied().unwrap_or(0);
        for good in [false, true] {
            let thorough = THOROUGH.contains(&fault);
            if good && (!lasts || (options.smoke && !thorough)) {
                continue;
            }
            let thinner = if good {
                options.good
            } else if thorough {
                1
            } else {
                options.others
            };
            let every = options.common.every.saturating_mul(thinner).max(1);
            let key = format!("{}:{fault}:{good}", run.name());
            let first = 1 + Random(options.common.seed ^ crate::rig::hash(&key)).next() % every.min(calls.max(1));
            let step = usize::try_from(every).unwrap_or(usize::MAX);
            let spec = |at| Spec { run, fault, good, at, calls: options.calls.clone() };
            all.extend((first..=calls).step_by(step).map(spec));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(calls: u64) -> Told {
        Told { suited: FAULTS.iter().map(|(fault, _)| ((*fault).to_owned(), calls)).collect(), hit: None }
    }

    fn planned(words: &[&str], calls: u64) -> Vec<String> {
        let options = Options::parse(words).unwrap();
        cases(&options, Run::Index, &told(calls)).iter().map(Spec::to_string).collect()
    }

    #[test]
    fn every_call_sees_the_thorough_ones_and_every_tenth_the_others() {
        let all = planned(&[], 100);
        let count = |what: &str| all.iter().filter(|case| case.contains(what)).count();
        for fault in ["eio", "enospc", "kill"] {
            assert_eq!(count(&format!(":{fault}:once:")), 100);
        }
        assert_eq!((count(":short:once:"), count(":eio:good:"), count(":kill:good:")), (10, 10, 0));
        assert!(all.contains(&"index:kill:once:100".to_owned()));
    }

    #[test]
    fn thinned_out_the_seed_says_which_and_none_goes_without() {
        let few = |seed: &str| planned(&["--every", "97", "--seed", seed, "--faults", "eio,short"], 250);
        assert_eq!(few("1"), few("1"));
        assert_ne!(few("1"), few("2"));
        for case in few("1") {
            assert!(Spec::parse(&case).unwrap().at <= 250);
        }
        assert!(few("1").iter().any(|case| case.contains(":short:once:")));
        assert!(planned(&[], 0).is_empty());
        let smoke = planned(&["--smoke"], 500);
        assert!(smoke.len() < 25 && smoke.iter().any(|case| case.contains(":short:")), "{smoke:?}");
        assert!(smoke.iter().all(|case| !case.contains(":short:good:")));
    }
}
