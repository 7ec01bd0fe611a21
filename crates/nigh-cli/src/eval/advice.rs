//! Advises which of several settings to choose, and how certain that is. Pure.

use serde::Serialize;

use super::report::EvalRun;
use super::sign_test::Comparison;
use crate::output::count;

/// With fewer questions, differences are mostly chance.
const MIN_QUESTIONS: usize = 30;
/// The significance level.
const SIGNIFICANCE_LEVEL: f64 = 0.05;

/// The advice which setting to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// Index of the best setting.
    pub best: usize,
    /// True if it is significantly better than every other.
    pub sure: bool,
    /// Compares the best setting with each other one, by index: the sign test, and its p times the number of others (Bonferroni).
    pub against: Vec<(usize, Comparison)>,
    /// Lines for people.
    pub text: Vec<String>,
}

/// Compares settings. `names`: at least one setting. `ranks`: for each setting, the reciprocal rank of each question, the same
/// questions in each.
pub fn advice(names: &[String], ranks: &[Vec<f64>]) -> Advice {
    let total = |index: &usize| ranks[*index].iter().sum::<f64>();
    // The first one if several are equal.
    let best = (0..ranks.len()).rev().max_by(|a, b| total(a).total_cmp(&total(b))).unwrap_or(0);
    let others = ranks.len().saturating_sub(1);
    let against: Vec<(usize, Comparison)> = (0..ranks.len())
        .filter(|&other| other != best)
        .map(|other| {
            let raw = Comparison::new(&ranks[best], &ranks[other]);
            (other, Comparison { p: (raw.p * others as f64).min(1.0), ..raw })
        })
        .collect();
    let better = |comparison: &Comparison| comparison.p < SIGNIFICANCE_LEVEL && comparison.wins > comparison.losses;
    let sure = !against.is_empty() && against.iter().all(|(_, comparison)| better(comparison));
    let questions = ranks.first().map_or(0, Vec::len);
    let first = match &against[..] {
        [] => "One setting was measured; to compare, name others with --model, --precision, --pooling or --mode."
            .to_owned(),
        _ if sure => format!("Take {}: it is better than the others, and not by chance.", names[best]),
        _ => format!("{} scored best, but the difference may be chance.", names[best]),
    };
    let mut text = vec![first];
    for (other, Comparison { wins, losses, p }) in &against {
        let verdict = if *p < SIGNIFICANCE_LEVEL { "a real difference" } else { "may be chance" };
        let p = if *p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
        text.push(format!(
            "  against {}: better on {}, worse on {losses} (sign test, {p}): {verdict}",
            names[*other],
            count(*wins, "question")
        ));
    }
    if !against.is_empty() && questions < MIN_QUESTIONS {
        text.push(format!(
            "  Only {}: more documents or a larger --sample would tell more.",
            count(questions, "question")
        ));
    }
    Advice { best, sure, against, text }
}

impl Advice {
    /// For programs.
    pub fn of_runs<'a>(&self, runs: &'a [EvalRun]) -> AdviceJson<'a> {
        let setting = |index: usize| {
            let EvalRun { model, precision, pooling, mode, .. } = runs.get(index)?;
            Some(SettingJson { model, precision, pooling, mode: mode.as_deref() })
        };
        let against = self.against.iter().map(|&(other, Comparison { wins, losses, p })| ComparisonJson {
            setting: setting(other),
            wins,
            losses,
            p,
        });
        AdviceJson { best: setting(self.best), sure: self.sure, against: against.collect() }
    }
}

/// The advice, with the settings themselves instead of their indices.
#[derive(Serialize)]
pub struct AdviceJson<'a> {
    best: Option<SettingJson<'a>>,
    sure: bool,
    against: Vec<ComparisonJson<'a>>,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    model: &'a str,
    precision: &'static str,
    pooling: &'a str,
    mode: Option<&'a str>,
}

#[derive(Serialize)]
struct ComparisonJson<'a> {
    setting: Option<SettingJson<'a>>,
    wins: usize,
    losses: usize,
    p: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("setting{i}")).collect()
    }

    #[test]
    fn advice_for_a_clear_winner_a_close_race_and_a_single_setting() {
        let (good, bad) = (vec![1.0; 40], vec![0.5; 40]);
        let clear = advice(&names(2), &[bad.clone(), good.clone()]);
        assert!(
            (clear.best, clear.sure) == (1, true) && clear.text[0].starts_with("Take setting1"),
            "{:?}",
            clear.text
        );
        let mut nearly = good.clone();
        nearly[0] = 0.0;
        let close = advice(&names(3), &[nearly, good.clone(), bad]);
        assert!((close.best, close.sure) == (1, false) && close.text[0].contains("may be chance"), "{:?}", close.text);
        assert_eq!((close.against[0].0, close.against[0].1.wins, close.against[0].1.p), (0, 1, 1.0));
        assert!(close.against[1].1.p < 1e-9);
        let alone = advice(&names(1), &[good]);
        assert!(!alone.sure && alone.text[0].starts_with("One setting"), "{:?}", alone.text);
        let equal = advice(&names(2), &[vec![1.0], vec![1.0]]);
        assert!(equal.best == 0 && equal.text.iter().any(|line| line.contains("Only 1 question:")), "{:?}", equal.text);
    }

    /// The mean may be better although most questions are worse: the sign test then contradicts the mean, and nothing is certain.
    #[test]
    fn advice_with_a_better_mean_but_more_losses_is_not_sure() {
        let a: Vec<f64> = (0..40).map(|i| if i < 10 { 1.0 } else { 0.4 }).collect();
        let b: Vec<f64> = (0..40).map(|i| if i < 10 { 0.0 } else { 0.5 }).collect();
        let advice = advice(&names(2), &[a, b]);
        assert_eq!((advice.best, advice.sure), (0, false));
        assert!(advice.against[0].1.p < SIGNIFICANCE_LEVEL);
    }
}
