//! `nigh bench`: how fast nigh is on this machine, next to known ones.

use std::time::Duration;

use nigh::{ComputePath, Encoder, ModelInfo, SimdLevel};

use super::model;
use crate::args::BenchArgs;
use crate::bench::{Row, known, measure};
use crate::output::{Failure, Output, count, json, thousands};
use crate::plan::Plan;
use crate::{Outcome, compute, interrupt};

/// A figure that was not measured.
const NO_FIGURE: &str = "-";

pub fn run(plan: &Plan, arguments: &BenchArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let model = ModelInfo::open(model::installed(plan, arguments.model.as_deref())?)?;
    if cfg!(debug_assertions) {
        plan.notes.say("this nigh is a development build: it is slower than an installed one");
    }
    // From here on, the first Ctrl-C only sets a flag, so that the temporary collection is removed.
    let _ = interrupt::cancel();
    let encoder = {
        let _doing = plan.notes.doing("loading the model (slower the first time)");
        Encoder::with_options(model, plan.encoder.clone())?
    };
    let row = Row::describe(&encoder);
    if let Some(load) = row.load.filter(|_| row.is_disturbed()) {
        plan.notes.say(&format!("other programs are running (load average {load:.1}): figures will be too low"));
    }
    if !plan.json {
        print_machine(&row, &encoder.compute_path(), out)?;
        // The figures come some seconds later.
        out.flush()?;
    }
    let row = match measure(row, &encoder, Duration::from_secs_f64(arguments.seconds), plan.notes) {
        Err(Failure::Interrupted) => return Ok(Outcome::Interrupted),
        row => row?,
    };
    if plan.json {
        json(out, &row)?;
        return Ok(Outcome::Found);
    }
    print_figures(&row, &known()?, out)?;
    if !plan.notes.is_quiet() {
        print_notes(&row, out)?;
    }
    Ok(Outcome::Found)
}

/// Prints what the CPU has, and which path runs.
fn print_machine(row: &Row, path: &ComputePath, out: &mut Output<'_>) -> Result<(), Failure> {
    let names = |available: bool| {
        let levels = SimdLevel::ALL.into_iter().filter(|level| row.instruction_sets.contains(level) == available);
        levels.map(SimdLevel::name).collect::<Vec<_>>().join(", ")
    };
    for (name, value) in [
        ("CPU", row.cpu.clone()),
        ("cores", format!("{} that this process may use", row.cores)),
        ("instruction sets", names(true)),
        ("not in this CPU", names(false)),
        ("model", row.model.clone()),
        ("encoder", compute::describe(path)),
        ("slow because", compute::slow_reason(path).unwrap_or_default()),
    ] {
        if !value.is_empty() {
            writeln!(out, "{name:<16} {value}")?;
        }
    }
    writeln!(out)?;
    Ok(())
}

/// Prints the figures of this machine, then those of known machines: with the same model if there are any, else all.
fn print_figures(row: &Row, known: &[Row], out: &mut Output<'_>) -> Result<(), Failure> {
    let line = |name: &str, cells: [&str; 4]| {
        let [passages, short, question, search] = cells;
        format!("{name:<31}{passages:>10}{short:>13}{question:>14}{search:>10}")
    };
    out.line().dim(line("", ["passages", "short texts", "one question", "search"])).end()?;
    out.line().dim(line("", ["tokens/s", "tokens/s", "ms", "ms"])).end()?;
    let figures = |row: &Row| {
        let rate = |figure: Option<f64>| figure.map_or(NO_FIGURE.to_owned(), |rate| thousands(rate as u64));
        let ms = |figure: Option<f64>| figure.map_or(NO_FIGURE.to_owned(), |ms| format!("{ms:.2}"));
        let cells = [
            rate(row.passages.map(|figure| figure.tokens_per_second)),
            rate(row.short_texts.map(|figure| figure.tokens_per_second)),
            ms(row.question.map(|figure| figure.milliseconds)),
            ms(row.search.map(|figure| figure.milliseconds)),
        ];
        line(&format!("  {} {}", row.model, row.precision), cells.each_ref().map(String::as_str))
    };
    out.line().path("this machine").end()?;
    writeln!(out, "{}", figures(row))?;
    let comparable = known.iter().any(|known| known.is_comparable(row));
    for known in known.iter().filter(|known| !comparable || known.is_comparable(row)) {
        let Row { cpu, simd, threads, date, .. } = known;
        out.line().path(cpu).plain(format_args!(", {simd}, {}, {date}", count(*threads, "thread"))).end()?;
        writeln!(out, "{}", figures(known))?;
    }
    if !comparable && let Some(other) = known.first() {
        writeln!(out)?;
        writeln!(out, "There are no stored figures of this model. Compare only figures of one model:")?;
        writeln!(out, "    nigh bench --model {}", other.model)?;
    }
    Ok(())
}

/// Explains the figures.
fn print_notes(row: &Row, out: &mut Output<'_>) -> Result<(), Failure> {
    writeln!(out)?;
    for (name, figure) in [("passages", row.passages), ("short texts", row.short_texts)] {
        if let Some(figure) = figure {
            let rounds = figure.rounds.unwrap_or_default();
            let rounds = count(rounds, "round");
            writeln!(out, "{name:<16} mean {:.0} tokens, median of {rounds}", figure.mean_tokens)?;
        }
    }
    if let Some(figure) = row.question {
        let repeats = figure.repeats.unwrap_or_default();
        writeln!(out, "{:<16} {} tokens, with tokenising, median of {repeats}", "one question", figure.tokens)?;
    }
    if let Some(figure) = row.search {
        let (vectors, repeats) = (thousands(figure.vectors as u64), figure.repeats.unwrap_or_default());
        let dimension = figure.dimension;
        writeln!(out, "{:<16} exact, one thread, {vectors} vectors of {dimension}, median of {repeats}", "search")?;
    }
    writeln!(out)?;
    writeln!(out, "Other programs that run at the same time disturb the figures.")?;
    match row.spread() {
        Some(spread) => writeln!(out, "The rounds of this run differed by up to {:.0} %.", spread * 100.0),
        None => Ok(()),
    }
}
