//! `nigh search` and `nigh similar`: the same hits, for people and for programs.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use nigh::{Collection, Explanation, Hit, Hits, Metadata, Mode, Route, SearchBuilder, Timings};
use serde::Serialize;

use crate::Outcome;
use crate::args::{self, Search, Show, Similar};
use crate::output::{Failure, Style, json, printable};
use crate::plan::Plan;
use crate::snippet::{Terms, best_part};

/// What `nigh search --json` prints: a stable contract, see README.
#[derive(Serialize)]
struct Answer<'a> {
    query: &'a str,
    mode: Mode,
    hits: Vec<AnswerHit<'a>>,
    took_ms: Took,
    generation: u64,
    /// How each segment was searched, with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a [Route]>,
}

#[derive(Serialize)]
struct AnswerHit<'a> {
    rank: usize,
    id: &'a str,
    score: f32,
    passage: AnswerPassage<'a>,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Explanation>,
}

#[derive(Serialize)]
struct AnswerPassage<'a> {
    text: &'a str,
    start_byte: usize,
    end_byte: usize,
    /// Counted from 1.
    start_line: usize,
    /// The last line, itself included.
    end_line: usize,
    headings: &'a [String],
}

/// Milliseconds, to the microsecond.
#[derive(Serialize)]
struct Took {
    load: f64,
    encode: f64,
    search: f64,
    total: f64,
}

impl From<Timings> for Took {
    fn from(timings: Timings) -> Self {
        let round = |ms: f64| (ms * 1e3).round() / 1e3;
        let Timings { load, encode, search, total } = timings;
        Self { load: round(load), encode: round(encode), search: round(search), total: round(total) }
    }
}

pub fn search(plan: &Plan, arguments: &Search, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let query = arguments.query.join(" ");
    if query.trim().is_empty() {
        return Err(nigh::Error::EmptyQuery.into());
    }
    let collection = plan.open_existing()?;
    let builder = collection.search(query.as_str());
    answer(plan, &collection, builder, &query, &query, &arguments.show, out)
}

pub fn similar(plan: &Plan, arguments: &Similar, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let file = &arguments.file;
    let collection = plan.open_existing()?;
    let shown = file.to_string_lossy();
    let builder = match stored_id(&collection, file)? {
        Some(id) => collection.similar_to(id),
        None if file.is_file() => collection.similar_to_file(file)?,
        None => {
            let problem = format!("{shown} is neither a file nor a document of {}", collection.path().display());
            return Err(Failure::said(problem));
        }
    };
    answer(plan, &collection, builder, &shown, "", &arguments.show, out)
}

/// The id of a file's document, or the argument itself where it is an id.
fn stored_id(collection: &Collection, file: &Path) -> Result<Option<String>, Failure> {
    let base = Plan::base(collection.path());
    let whole = file.canonicalize().ok();
    let below = whole.as_ref().map(|whole| whole.strip_prefix(&base).unwrap_or(whole).to_string_lossy().into_owned());
    for id in below.into_iter().chain([file.to_string_lossy().into_owned()]) {
        if collection.document(&id)?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn answer(
    plan: &Plan,
    collection: &Collection,
    builder: SearchBuilder,
    query: &str,
    marked: &str,
    show: &Show,
    out: &mut dyn Write,
) -> Result<Outcome, Failure> {
    let mode = match show.mode {
        args::Mode::Dense => Mode::Dense,
    };
    let mut builder = builder.limit(show.limit).mode(mode).explain(show.explain).exact(show.exact).recall(show.recall);
    if let Some(score) = show.min_score {
        builder = builder.min_score(score);
    }
    let hits = builder.run()?;
    if plan.json {
        json(out, &in_json(query, &hits, show.explain))?;
    } else if show.files_only {
        let base = Plan::base(collection.path());
        for hit in &hits.hits {
            writeln!(out, "{}", printable(&plan.shown(&base, hit.document.id.as_str())))?;
        }
    } else {
        for_people(plan, collection, marked, &hits, show, out)?;
    }
    if hits.hits.is_empty() && !plan.json {
        plan.notes.say("nothing found");
    }
    Ok(if hits.hits.is_empty() { Outcome::Nothing } else { Outcome::Found })
}

fn in_json<'a>(query: &'a str, hits: &'a Hits, explain: bool) -> Answer<'a> {
    let each = hits.hits.iter().map(|hit| AnswerHit {
        rank: hit.rank,
        id: hit.document.id.as_str(),
        score: hit.score,
        passage: AnswerPassage {
            text: &hit.passage.text,
            start_byte: hit.passage.span.bytes.start,
            end_byte: hit.passage.span.bytes.end,
            start_line: hit.passage.span.lines.start,
            end_line: hit.passage.span.lines.end.saturating_sub(1),
            headings: &hit.passage.headings,
        },
        metadata: &hit.document.metadata,
        explain: hit.explanation,
    });
    let took_ms = hits.timings.into();
    let plan = explain.then_some(&*hits.routes);
    Answer { query, mode: hits.mode, hits: each.collect(), took_ms, generation: hits.generation, plan }
}

fn for_people(
    plan: &Plan,
    collection: &Collection,
    marked: &str,
    hits: &Hits,
    show: &Show,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let style = Style::new(plan.color);
    let base = Plan::base(collection.path());
    let terms = Terms::of(marked);
    for (i, hit) in hits.hits.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let (first_line, text) = match show.context {
            Some(around) => whole_lines(collection, hit, around)?,
            None => {
                let text = &hit.passage.text;
                let part = best_part(text, &terms.find(text));
                let before = text[..part.start].matches('\n').count();
                let dots = |cut: bool| if cut { " …" } else { "" };
                (
                    hit.passage.span.lines.start + before,
                    format!("{}{}", &text[part.clone()], dots(part.end < text.len())),
                )
            }
        };
        let place = format!("{}:{first_line}", printable(&plan.shown(&base, hit.document.id.as_str())));
        let headings = printable(&hit.passage.headings.join(" > "));
        writeln!(out, "{}  {:.3}  {}", style.path(&place), hit.score, style.dim(&headings))?;
        if let Some(explanation) = &hit.explanation {
            let Explanation { dense_rank, passage_ordinal, compared, exact, .. } = explanation;
            let how = if *exact { ": all of them" } else { " by graph" };
            let passages = hit.document.passages;
            let place = format!("passage {} of {passages}", passage_ordinal + 1);
            writeln!(
                out,
                "  {}",
                style.dim(&format!("dense rank {dense_rank}, {place}, {compared} passages compared{how}"))
            )?;
        }
        let text = printable(&text);
        for line in mark(&text, &terms.find(&text), style).lines().filter(|line| !line.trim().is_empty()) {
            writeln!(out, "  {}", line.trim_end())?;
        }
    }
    Ok(())
}

/// The passage's whole lines, with some before and after: the number of the first, and the text.
fn whole_lines(collection: &Collection, hit: &Hit, around: usize) -> Result<(usize, String), Failure> {
    let Some(document) = collection.document(hit.document.id.as_str())? else {
        return Ok((hit.passage.span.lines.start, hit.passage.text.clone()));
    };
    let first = hit.passage.span.lines.start.saturating_sub(around).max(1);
    let last = hit.passage.span.lines.end.saturating_add(around);
    let lines: Vec<&str> = document.text.lines().skip(first - 1).take(last.saturating_sub(first)).collect();
    Ok((first, lines.join("\n")))
}

fn mark(text: &str, found: &[Range<usize>], style: Style) -> String {
    let (mut marked, mut at) = (String::with_capacity(text.len()), 0);
    for range in found {
        marked.push_str(&text[at..range.start]);
        marked.push_str(&style.mark(&text[range.clone()]));
        at = range.end;
    }
    marked.push_str(&text[at..]);
    marked
}
