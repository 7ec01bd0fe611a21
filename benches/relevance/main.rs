//! Fits the weights of relevance: `cargo xtask fit-relevance [--model DIR] [--sizes 20,60,300] SET…`.
//!
//! Each SET is a BEIR directory, or a folder of files with questions. At least two sets are needed: the queries of the other sets are
//! foreign ones. So no set may answer the queries of another, as translations of a set do.
//!
//! An observation is the first hit of a query in a part of a set. The parts have the requested sizes, and one has all documents; a folder
//! is one part. The observation is right if the judgements say so, foreign if the query is from another set, and near if the query is from
//! this set and its answers are not in the part. Wrong first hits of other queries are ignored.
//!
//! Prints one JSON object for each kind of search: the fitted weights, the mean log loss with them and with the current weights, and for
//! each set the shares of right, foreign and near first hits on the right side of 0.3. After the regression, the bias is moved: 0.3 is the
//! value at which the means over the sets of the first two shares are equal, minus [`MARGIN`].
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | arguments, fit, output |
//! | `sets.rs` | documents and questions |
//! | `observations.rs` | first hits |
//! | `logistic.rs` | logistic regression by Newton's method |

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod logistic;
mod observations;
mod sets;

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use observations::{Group, Observation, Observations, observe};
use sets::Set;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "cargo xtask fit-relevance [--model NAME|DIR] [--sizes 20,60,300] SET SET...";
/// The relevance below which a hit is probably not an answer.
const THRESHOLD: f64 = 0.3;
/// Logits that are subtracted from the bias, so that more questions without an answer are below [`THRESHOLD`].
const MARGIN: f64 = 0.4;

fn main() -> ExitCode {
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.is_empty() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fit-relevance: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Failure> {
    let (mut model, mut sizes, mut sets) = (None, vec![20, 60, 300], Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--model" => model = words.next().cloned(),
            "--sizes" => sizes = words.next().ok_or(USAGE)?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            set => sets.push(Set::read(Path::new(set)).map_err(|error| format!("{set}: {error}"))?),
        }
    }
    if sets.len() < 2 {
        return Err(USAGE.into());
    }
    let mut observations = Observations::new();
    for set in 0..sets.len() {
        observe(&sets, set, &sizes, model.as_deref(), &mut observations)?;
    }
    for (kind, observations) in &observations {
        println!("{}", fit_kind(kind, observations, &sets));
    }
    Ok(())
}

fn fit_kind(kind: &str, observations: &[Observation], sets: &[Set]) -> Value {
    let names: &[&str] = match kind {
        "hybrid" => &["z_score", "coverage", "bm25", "exact", "foreign", "known", "bias"],
        "dense" => &["z_score", "bias"],
        _ => &["coverage", "bm25", "bias"],
    };
    let mut weights = logistic::fit(observations);
    let loss = logistic::loss(observations, |one| logistic::probability(&weights, one));
    // The last weight is the bias.
    weights.pop();
    let line = balanced_line(&weights, observations, sets.len());
    weights.push((THRESHOLD / (1.0 - THRESHOLD)).ln() - line - MARGIN);
    let weights_by_name: serde_json::Map<String, Value> =
        names.iter().zip(&weights).map(|(name, weight)| ((*name).to_owned(), json!(weight))).collect();
    let shares = |probability: &dyn Fn(&Observation) -> f64| {
        let of_set = |(number, set): (usize, &Set)| {
            let shares = shares_of_set(observations, number, &|one| probability(one) >= THRESHOLD);
            (set.name.clone(), json!({ "right": shares[0], "foreign": shares[1], "near": shares[2] }))
        };
        sets.iter().enumerate().map(of_set).collect::<serde_json::Map<String, Value>>()
    };
    json!({
        "kind": kind, "observations": observations.len(), "weights": weights_by_name,
        "loss": loss, "loss_today": logistic::loss(observations, |one| one.today),
        "shares": shares(&|one| logistic::probability(&weights, one)), "shares_today": shares(&|one| one.today),
    })
}

/// Returns the logit, without bias, at which the means over the sets of the right and of the foreign shares are nearest to each other.
fn balanced_line(weights: &[f64], observations: &[Observation], sets: usize) -> f64 {
    let mut lines: Vec<f64> = observations.iter().map(|one| logistic::logit(weights, one)).collect();
    lines.sort_by(f64::total_cmp);
    let worst_mean = |line: f64| {
        let shares =
            (0..sets).map(|set| shares_of_set(observations, set, &|one| logistic::logit(weights, one) >= line));
        let shares: Vec<[Option<f64>; 3]> = shares.collect();
        let mean = |group: usize| {
            let known: Vec<f64> = shares.iter().filter_map(|shares| shares[group]).collect();
            known.iter().sum::<f64>() / known.len().max(1) as f64
        };
        mean(0).min(mean(1))
    };
    // A few hundred lines are enough.
    let step = lines.len().div_ceil(400).max(1);
    let best = lines.into_iter().step_by(step).max_by(|&a, &b| worst_mean(a).total_cmp(&worst_mean(b)));
    best.unwrap_or_default()
}

/// Returns the shares of right hits that are accepted, and of foreign and near ones that are not; `None` without any.
fn shares_of_set(observations: &[Observation], set: usize, accepts: &dyn Fn(&Observation) -> bool) -> [Option<f64>; 3] {
    [Group::Right, Group::Foreign, Group::Near].map(|group| {
        let of_group = observations.iter().filter(|one| one.set == set && one.group == group);
        let (kept, total) = of_group.fold((0.0, 0.0), |(kept, total), one| {
            let is_good = accepts(one) == (group == Group::Right);
            (kept + if is_good { one.weight } else { 0.0 }, total + one.weight)
        });
        (total > 0.0).then(|| kept / total)
    })
}
