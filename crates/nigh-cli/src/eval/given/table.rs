//! The results for people: tables, and the questions to look at.

use super::GivenRun;
use super::figures::{AnsweredFigures, FirstHit, FoundAnswer, GivenFigures, QuestionPart, UnansweredFigures};
use super::file::GivenQuestion;
use crate::eval::report::{columns, digits};

/// A row of both tables.
struct FigureRow<'a> {
    part: String,
    mode: String,
    figures: &'a GivenFigures,
}

/// Returns a table of the questions that documents answer, then one of those that nothing answers, if there are such
/// questions: a row for each part and mode.
pub(super) fn tables(runs: &[GivenRun<'_>]) -> Vec<String> {
    let rows = figure_rows(runs);
    let mut lines = answered_table(&rows);
    let unanswered = unanswered_table(&rows);
    if !lines.is_empty() && !unanswered.is_empty() {
        lines.push(String::new());
    }
    lines.extend(unanswered);
    lines
}

fn figure_rows<'a>(runs: &'a [GivenRun<'_>]) -> Vec<FigureRow<'a>> {
    let Some(first) = runs.first() else { return Vec::new() };
    let kinds = first.groups.iter().filter(|group| group.part.lang.is_none()).count();
    let mut rows = Vec::new();
    for index in 0..first.groups.len() {
        for (run, group) in runs.iter().filter_map(|run| Some((run, run.groups.get(index)?))) {
            let (part, mode) = (name(&group.part, kinds), run.mode.to_string());
            rows.push(FigureRow { part, mode, figures: &group.figures });
        }
    }
    if kinds > 1 {
        let all =
            |run: &'a GivenRun<'_>| FigureRow { part: "all".to_owned(), mode: run.mode.to_string(), figures: &run.all };
        rows.extend(runs.iter().map(all));
    }
    rows
}

/// Returns the name of a part, like `same` or `same zh`. `kinds`: the number of kinds.
fn name(part: &QuestionPart<'_>, kinds: usize) -> String {
    let kind = part.kind.unwrap_or(if kinds == 1 { "all" } else { "no kind" });
    part.lang.map_or_else(|| kind.to_owned(), |lang| format!("{kind} {lang}"))
}

fn answered_table(rows: &[FigureRow<'_>]) -> Vec<String> {
    let rows: Vec<_> = rows.iter().filter(|row| row.figures.answered.questions > 0).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    // Without answer texts, nothing says whether a passage shows the answer.
    let has_shown = rows.iter().any(|row| row.figures.answered.shown_of > 0);
    let line = |cells: [String; 7], shown: String, mrr: String| {
        cells.into_iter().chain(has_shown.then_some(shown)).chain([mrr]).collect::<Vec<String>>()
    };
    let head = ["answered", "mode", "questions", "first", "≥ .3", "in 3", "in 10"].map(str::to_owned);
    let mut lines = vec![line(head, "shown".to_owned(), "MRR@10".to_owned())];
    for row in rows {
        let AnsweredFigures { questions, first, first_relevant, within_3, within_10, shown_of, shown, mrr } =
            row.figures.answered;
        let [questions, first, relevant, three, ten] =
            [questions, first, first_relevant, within_3, within_10].map(|number| number.to_string());
        let cells = [row.part.clone(), row.mode.clone(), questions, first, relevant, three, ten];
        lines.push(line(cells, format!("{shown}/{shown_of}"), digits(mrr)));
    }
    columns(&lines, 2)
}

fn unanswered_table(rows: &[FigureRow<'_>]) -> Vec<String> {
    let rows: Vec<_> = rows.iter().filter(|row| row.figures.unanswered.questions > 0).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![["no answer", "mode", "questions", "all < .3"].map(str::to_owned).to_vec()];
    for row in rows {
        let UnansweredFigures { questions, below } = row.figures.unanswered;
        lines.push(vec![row.part.clone(), row.mode.clone(), questions.to_string(), below.to_string()]);
    }
    columns(&lines, 2)
}

/// Returns the questions of a run to look at, each with what was found, below headings.
pub(super) fn failures(run: &GivenRun<'_>, questions: &[GivenQuestion]) -> Vec<String> {
    let mut lines = Vec::new();
    for (heading, belongs) in FAILURES {
        let those: Vec<_> =
            questions.iter().zip(&run.found).filter(|(question, found)| belongs(question, found)).collect();
        if those.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("{heading}, {}: {}", run.mode, those.len()));
        for (question, found) in those {
            lines.push(format!("  {}", question.text));
            lines.push(format!("    {}", details(question, found)));
        }
    }
    lines
}

/// True if a question and what was found belong under a heading.
type BelongsTo = fn(&GivenQuestion, &FoundAnswer) -> bool;

/// The headings of the questions to look at.
const FAILURES: [(&str, BelongsTo); 3] = [
    ("Right file not first", |question, found| !question.files.is_empty() && found.rank != Some(1)),
    ("Right file within three, but its passage lacks the answer", |_, found| found.shown == Some(false)),
    ("Nothing answers, but a hit has 0.3 or more", |question, found| {
        question.files.is_empty() && found.looks_answered()
    }),
];

fn details(question: &GivenQuestion, found: &FoundAnswer) -> String {
    let mut parts = vec![question.id.clone().unwrap_or_else(|| format!("line {}", question.line))];
    if !question.files.is_empty() {
        let rank = found.rank.map_or_else(|| "not in the first ten".to_owned(), |rank| format!("rank {rank}"));
        parts.push(format!("right: {}, {rank}", question.files.join(" or ")));
    }
    parts.push(match &found.first {
        Some(FirstHit { id, path, relevance }) => {
            format!("first hit: {}, relevance {relevance:.2}", path.as_ref().unwrap_or(id))
        }
        None => "no hit".to_owned(),
    });
    parts.join("; ")
}
