//! `nigh eval`: runs the measurements and prints them, as text or JSON.

use serde::Serialize;

use crate::Outcome;
use crate::args::EvalArgs;
use crate::eval::relevance::{self, Irrelevant};
use crate::eval::report::{EvalRun, by_set, by_setting, in_words};
use crate::eval::{Overrides, Retrieval, Similarity, Variant, given, own, variants};
use crate::output::{Failure, Output, json};
use crate::plan::Plan;

pub fn run(plan: &Plan, arguments: &EvalArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    if arguments.own {
        return own::run(plan, arguments, out);
    }
    if let Some(path) = &arguments.questions {
        return given::run(plan, path, arguments, out);
    }
    // All sets are read before the first is encoded: a mistake in the last one shows at once.
    let overrides = Overrides {
        corpus: arguments.corpus.clone(),
        queries: arguments.queries.clone(),
        qrels: arguments.qrels.clone(),
    };
    let sets = arguments.sets.iter().map(|path| EvalSet::read(path, &overrides)).collect::<Result<Vec<_>, _>>()?;
    let irrelevant = Irrelevant::read(&arguments.irrelevant, &arguments.sizes, arguments.seed)?;
    let variants = variants(plan, arguments, None)?;
    let mut runs: Vec<EvalRun> = Vec::new();
    for set in &sets {
        let first = runs.len();
        if let EvalSet::Retrieval(set) = set {
            set.notes().iter().for_each(|note| plan.notes.say(note));
        }
        for variant in &variants {
            runs.extend(set.run(plan, variant, arguments, irrelevant.as_ref())?);
        }
        if !plan.json {
            let (name, size) = set.name_and_size();
            let space = runs.get(first).map(|run| format!(", {}", in_words(run.space))).unwrap_or_default();
            out.line().path(name).plain("  ").dim(format_args!("{size}{space}")).end()?;
            for line in by_setting(&runs[first..]).iter().chain(&relevance::table(&runs[first..])) {
                writeln!(out, "  {line}")?;
            }
            // Sets take minutes: each is shown when it is done.
            out.flush()?;
        }
    }
    if plan.json {
        match &runs[..] {
            [run] => json(out, run)?,
            runs => json(out, &EvalRunsJson { runs })?,
        }
        return Ok(Outcome::Found);
    }
    for kind in ["retrieval", "similarity"] {
        let of_kind: Vec<EvalRun> = runs.iter().filter(|run| run.kind == kind).cloned().collect();
        if of_kind.iter().any(|run| run.set != of_kind[0].set) {
            writeln!(out)?;
            for line in by_set(&of_kind) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(Outcome::Found)
}

/// The output for more than one run.
#[derive(Serialize)]
struct EvalRunsJson<'a> {
    runs: &'a [EvalRun],
}

/// A set of either kind.
enum EvalSet {
    Retrieval(Retrieval),
    Similarity(Similarity),
}

impl EvalSet {
    fn read(path: &std::path::Path, overrides: &Overrides) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::Retrieval(Retrieval::read(path, overrides)?));
        }
        Ok(Self::Similarity(Similarity::read(path)?))
    }

    fn name_and_size(&self) -> (&str, String) {
        match self {
            Self::Retrieval(set) => (&set.name, set.size()),
            Self::Similarity(set) => (&set.name, set.size()),
        }
    }

    fn run(
        &self,
        plan: &Plan,
        variant: &Variant,
        arguments: &EvalArgs,
        irrelevant: Option<&Irrelevant>,
    ) -> Result<Vec<EvalRun>, Failure> {
        match self {
            Self::Retrieval(set) => set.run(plan, variant, &arguments.mode, arguments.truncate, irrelevant),
            Self::Similarity(set) => Ok(vec![set.run(plan, variant)?]),
        }
    }
}
