//! `nigh search` and `nigh similar`: the same hits, for people and for programs.

use std::io::IsTerminal;
use std::ops::Range;
use std::path::Path;

use nigh::{
    Collection, Explanation, FileState, Filter, Hit, Hits, Metadata, Mode, Place, PlaceKind, Route, SearchBuilder,
    Timings,
};
use serde::Serialize;

use crate::Outcome;
use crate::args::{self, Search, Show, Similar};
use crate::harmless;
use crate::output::{Failure, Output, count, json};
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
    /// What may be wrong with the filter; absent where nothing seems to be.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
    /// How each segment was searched, with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a [Route]>,
}

#[derive(Serialize)]
struct AnswerHit<'a> {
    rank: usize,
    id: &'a str,
    /// The document's file, from the current folder; null where it is no file.
    path: Option<String>,
    /// What became of the file since it was indexed; absent where it is as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<FileState>,
    score: f32,
    /// In [0, 1]; comparable between queries, collections and models.
    relevance: f32,
    passage: AnswerPassage<'a>,
    /// The passage's whole lines and some around them, with `--context`.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<AnswerContext>,
    /// The sentence that answers best, with `--highlight`.
    #[serde(skip_serializing_if = "Option::is_none")]
    highlight: Option<AnswerHighlight<'a>>,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<&'a Explanation>,
}

#[derive(Serialize)]
struct AnswerHighlight<'a> {
    text: &'a str,
    start_byte: usize,
    end_byte: usize,
    start_line: usize,
    end_line: usize,
    /// Cosine similarity with the question.
    score: f32,
}

#[derive(Serialize)]
struct AnswerContext {
    text: String,
    /// Counted from 1.
    start_line: usize,
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
    /// Where in its file it stands; null: at its lines.
    place: Option<&'a Place>,
    /// What is known of it alone: a row's columns, a message's sender.
    metadata: &'a Metadata,
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

pub fn search(plan: &Plan, arguments: &Search, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let query = arguments.query.join(" ");
    if query.trim().is_empty() {
        return Err(nigh::Error::EmptyQuery.into());
    }
    let collection = plan.open_existing()?;
    let builder = collection.search(query.as_str());
    answer(plan, &collection, builder, &query, &query, &arguments.show, out)
}

pub fn similar(plan: &Plan, arguments: &Similar, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let file = &arguments.file;
    let collection = plan.open_existing()?;
    let shown = file.to_string_lossy();
    let builder = match stored_id(plan, &collection, file)? {
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
fn stored_id(plan: &Plan, collection: &Collection, file: &Path) -> Result<Option<String>, Failure> {
    let base = Plan::base(collection.path());
    let whole = plan.whole(file);
    let below = whole.strip_prefix(&base).unwrap_or(&whole);
    for id in [below, file].map(|path| path.to_string_lossy().into_owned()) {
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
    out: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let mode = match show.mode {
        args::Mode::Hybrid => Mode::Hybrid,
        args::Mode::Dense => Mode::Dense,
        args::Mode::Lexical => Mode::Lexical,
    };
    let for_eyes = !plan.json && !show.files_only && !show.null && std::io::stdout().is_terminal();
    let highlight = (show.highlight || for_eyes) && !show.no_highlight;
    let mut builder = builder.limit(show.limit).mode(mode).explain(show.explain).exact(show.exact).recall(show.recall);
    builder = builder.highlight(highlight).min_relevance(show.min_relevance.unwrap_or(0.0));
    if let Some(score) = show.min_score {
        builder = builder.min_score(score);
    }
    let filter = show.filter.as_deref().map(Filter::parse).transpose().map_err(with_caret)?;
    if let Some(filter) = &filter {
        builder = builder.filter(filter.clone());
    }
    let hits = builder.run().map_err(with_caret)?;
    let hints = hints(collection, filter.as_ref(), &hits)?;
    let files = Files::of(plan, collection, &hits);
    if plan.json {
        json(out, &in_json(query, collection, &hits, files, &hints, show)?)?;
    } else if show.files_only || show.null {
        for (hit, file) in hits.hits.iter().zip(&files.0) {
            let path = file.name(hit);
            if show.null {
                out.exact(path)?;
            } else {
                writeln!(out, "{path}")?;
            }
        }
        files.tell(plan);
    } else {
        for_people(collection, marked, &hits, &files, show, out)?;
        files.tell(plan);
    }
    if !plan.json {
        if hits.hits.is_empty() {
            plan.notes.say("nothing found");
        }
        hints.iter().for_each(|hint| plan.notes.say(hint));
    }
    Ok(if hits.hits.is_empty() { Outcome::Nothing } else { Outcome::Found })
}

/// What may be wrong with a filter: names that no document has; where nothing was found, why no document matches.
fn hints(collection: &Collection, filter: Option<&Filter>, hits: &Hits) -> Result<Vec<String>, Failure> {
    Ok(match filter {
        Some(filter) if hits.hits.is_empty() => collection.why_nothing(filter)?,
        Some(filter) => collection.unknown_fields(filter)?,
        None => Vec::new(),
    })
}

/// An error of a filter, with the filter and the place of the mistake on lines of their own.
fn with_caret(error: nigh::Error) -> Failure {
    match (error.caret(), &error) {
        (Some(caret), nigh::Error::InvalidFilter { expression, at, problem }) => {
            let column = expression[..expression.floor_char_boundary(at.start)].chars().count() + 1;
            Failure::said(format!("the filter is wrong at column {column}: {problem}")).under(caret)
        }
        _ => error.into(),
    }
}

/// The file of a hit.
struct HitFile {
    /// From the current folder; none where the document is no file.
    path: Option<String>,
    state: FileState,
}

impl HitFile {
    fn name<'a>(&'a self, hit: &'a Hit) -> &'a str {
        self.path.as_deref().unwrap_or(hit.document.id.as_str())
    }

    /// What the reader should know of it.
    fn mark(&self) -> &'static str {
        match self.state {
            FileState::Gone => "(file is gone)  ",
            FileState::Changed => "(file changed since it was indexed)  ",
            _ => "",
        }
    }
}

/// Those of all hits.
struct Files(Vec<HitFile>);

impl Files {
    fn of(plan: &Plan, collection: &Collection, hits: &Hits) -> Self {
        let base = Plan::base(collection.path());
        // Who made a collection that is not trusted could have any file of this machine looked at.
        let looked_at = |hit: &Hit| collection.is_trusted() || Path::new(hit.document.id.as_str()).is_relative();
        let each = hits.hits.iter().map(|hit| HitFile {
            path: plan.path_of(&base, &hit.document),
            state: if looked_at(hit) { hit.document.file_state(&base) } else { FileState::Unknown },
        });
        Self(each.collect())
    }

    /// Says on stderr how many are not as they were, and what to do.
    fn tell(&self, plan: &Plan) {
        let number = |state| self.0.iter().filter(|file| file.state == state).count();
        let said = match (number(FileState::Gone), number(FileState::Changed)) {
            (0, 0) => return,
            (gone, 0) => format!("{gone} of these files {} gone", if gone == 1 { "is" } else { "are" }),
            (0, changed) => format!("{changed} of these files changed"),
            (gone, changed) => {
                format!("of these files {gone} {} gone and {changed} changed", if gone == 1 { "is" } else { "are" })
            }
        };
        plan.notes.say(&format!("{said} since they were indexed; run `nigh index` to bring the collection up to date"));
    }
}

fn in_json<'a>(
    query: &'a str,
    collection: &Collection,
    hits: &'a Hits,
    files: Files,
    hints: &'a [String],
    show: &Show,
) -> Result<Answer<'a>, Failure> {
    let each = hits.hits.iter().zip(files.0).map(|(hit, file)| {
        Ok(AnswerHit {
            rank: hit.rank,
            id: hit.document.id.as_str(),
            path: file.path,
            stale: Some(file.state).filter(|state| matches!(state, FileState::Changed | FileState::Gone)),
            context: show.context.map(|around| context(collection, hit, around)).transpose()?,
            score: hit.score,
            relevance: hit.relevance,
            passage: AnswerPassage {
                text: &hit.passage.text,
                start_byte: hit.passage.span.bytes.start,
                end_byte: hit.passage.span.bytes.end,
                start_line: hit.passage.span.lines.start,
                end_line: hit.passage.span.lines.end.saturating_sub(1),
                headings: &hit.passage.headings,
                place: hit.passage.place.as_ref(),
                metadata: &hit.passage.metadata,
            },
            metadata: &hit.document.metadata,
            highlight: hit.highlight.as_ref().map(|highlight| AnswerHighlight {
                text: &highlight.text,
                start_byte: highlight.span.bytes.start,
                end_byte: highlight.span.bytes.end,
                start_line: highlight.span.lines.start,
                end_line: highlight.span.lines.end.saturating_sub(1),
                score: highlight.score,
            }),
            explain: hit.explanation.as_ref(),
        })
    });
    let each = each.collect::<Result<_, Failure>>()?;
    let took_ms = hits.timings.into();
    let plan = show.explain.then_some(&*hits.routes);
    Ok(Answer { query, mode: hits.mode, hits: each, took_ms, generation: hits.generation, hints, plan })
}

fn for_people(
    collection: &Collection,
    marked: &str,
    hits: &Hits,
    files: &Files,
    show: &Show,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let terms = Terms::of(marked);
    for (i, (hit, file)) in hits.hits.iter().zip(&files.0).enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let (first_line, text) = match show.context {
            Some(around) => {
                let AnswerContext { text, start_line } = context(collection, hit, around)?;
                (start_line, text)
            }
            None => {
                let text = &hit.passage.text;
                let part = best_part(text, &terms.find(text));
                let before = text[..part.start].matches('\n').count();
                let indent = if before == 0 { indentation(collection, hit, &part)? } else { String::new() };
                let dots = |cut: bool| if cut { " …" } else { "" };
                (
                    hit.passage.span.lines.start + before,
                    format!("{indent}{}{}", &text[part.clone()], dots(part.end < text.len())),
                )
            }
        };
        let path = file.name(hit).to_owned();
        let place = match &hit.passage.place {
            None => format!("{path}:{first_line}"),
            Some(place) if place.kind == PlaceKind::Text => path,
            Some(place) => format!("{path}:{}", harmless::phrase(&place.to_string())),
        };
        let headings = harmless::phrase(&hit.passage.headings.join(" > "));
        out.line()
            .path(place)
            .plain(format_args!("  {:.2}  ", hit.relevance))
            .warning(file.mark())
            .dim(headings)
            .end()?;
        if let Some(explanation) = &hit.explanation {
            for line in explained(hit, explanation) {
                out.line().plain("  ").dim(line).end()?;
            }
        }
        let text = harmless::text(&text);
        let sentence = hit.highlight.as_ref().and_then(|highlight| found_in(&text, &highlight.text));
        write_marked(&text, &terms.find(&text), sentence, out)?;
    }
    Ok(())
}

/// The text that a hit's passage is part of. None where a commit came between: it is another text by now, or none.
fn text_of(collection: &Collection, hit: &Hit) -> Result<Option<String>, Failure> {
    let document = collection.document(hit.document.id.as_str())?;
    let holds = |text: &String| text.get(hit.passage.span.bytes.clone()) == Some(&*hit.passage.text);
    Ok(document.map(|document| document.text).filter(holds))
}

/// What stands before a passage on its first line, where that is white space alone and the lines after it are indented as well.
fn indentation(collection: &Collection, hit: &Hit, part: &Range<usize>) -> Result<String, Failure> {
    let (text, start) = (&hit.passage.text, hit.passage.span.bytes.start);
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    if part.start > 0 || start == 0 || !text[part.clone()].lines().skip(1).any(|line| line.starts_with(is_blank)) {
        return Ok(String::new());
    }
    let Some(whole) = text_of(collection, hit)? else { return Ok(String::new()) };
    let before = whole[..start].rsplit('\n').next().unwrap_or_default();
    Ok(if before.chars().all(is_blank) { before.to_owned() } else { String::new() })
}

/// The passage's whole lines, with some before and after.
fn context(collection: &Collection, hit: &Hit, around: usize) -> Result<AnswerContext, Failure> {
    let Some(text) = text_of(collection, hit)? else {
        return Ok(AnswerContext { text: hit.passage.text.clone(), start_line: hit.passage.span.lines.start });
    };
    let first = hit.passage.span.lines.start.saturating_sub(around).max(1);
    let last = hit.passage.span.lines.end.saturating_add(around);
    let lines: Vec<&str> = text.lines().skip(first - 1).take(last.saturating_sub(first)).collect();
    Ok(AnswerContext { text: lines.join("\n"), start_line: first })
}

/// Where a sentence stands in the text that is shown; its part, where it is cut off.
fn found_in(text: &str, sentence: &str) -> Option<Range<usize>> {
    let sentence = harmless::text(sentence);
    let whole = text.find(&*sentence).map(|start| start..start + sentence.len());
    whole.or_else(|| {
        let shown = text.trim_end_matches(" …");
        let starts = shown.char_indices().map(|(at, _)| at);
        starts.into_iter().find(|&at| sentence.starts_with(&shown[at..])).map(|at| at..shown.len())
    })
}

const WORDS: &str = "words";

/// How a hit came by its place, in a line or two.
fn explained(hit: &Hit, explanation: &Explanation) -> Vec<String> {
    let side = |name: &str, rank: Option<usize>, passage: Option<u32>, score: Option<f32>| {
        let rank = match (rank, passage) {
            (Some(rank), Some(passage)) if passage != explanation.passage_ordinal => {
                format!("rank {rank} by passage {}", passage + 1)
            }
            (Some(rank), _) => format!("rank {rank}"),
            (None, _) if name == WORDS && score == Some(0.0) => "none found".to_owned(),
            (None, _) => format!("rank over {}", explanation.candidates),
        };
        score.map(|score| format!("{name} {score:.3}, {rank}"))
    };
    let Explanation { dense_rank, dense_passage, dense_score, lexical_rank, lexical_passage, lexical_score, .. } =
        *explanation;
    let dense = side("meaning", dense_rank, dense_passage, dense_score);
    let words = side(WORDS, lexical_rank, lexical_passage, lexical_score);
    let sides: Vec<String> = dense.into_iter().chain(words).collect();
    let place = format!("passage {} of {}", explanation.passage_ordinal + 1, hit.document.passages);
    let mut first = format!("score {:.3}: {}; {place}", explanation.fused_score, sides.join("; "));
    if explanation.dense_score.is_some() {
        let (all, how) = if explanation.exact { ("all ", "") } else { ("", " by graph") };
        first.push_str(&format!("; compared {all}{}{how}", count(explanation.compared, "passage")));
    }
    let terms: Vec<String> = explanation.terms.iter().map(|term| format!("{} {:.2}", term.term, term.score)).collect();
    let mut lines = vec![first];
    if !terms.is_empty() {
        lines.push(format!("words found: {}", terms.join(", ")));
    }
    lines
}

/// Writes a text's lines, blank ones left out, with the words of the question marked and the sentence that answers best.
fn write_marked(
    text: &str,
    found: &[Range<usize>],
    sentence: Option<Range<usize>>,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let sentence = sentence.unwrap_or(0..0);
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let shown = start..start + whole.trim_end().len();
        start += whole.len();
        if shown.is_empty() {
            continue;
        }
        let mut cuts = vec![shown.start, shown.end, sentence.start, sentence.end];
        cuts.extend(found.iter().flat_map(|range| [range.start, range.end]));
        // No cut between a character and what shapes it.
        cuts.retain(|&cut| (shown.start..=shown.end).contains(&cut) && !text[cut..].starts_with(harmless::is_shaping));
        cuts.sort_unstable();
        cuts.dedup();
        let mut line = out.line().plain("  ");
        for ends in cuts.windows(2) {
            let part = &text[ends[0]..ends[1]];
            let within = |range: &Range<usize>| range.start <= ends[0] && ends[1] <= range.end;
            line = match (found.iter().any(within), within(&sentence)) {
                (true, best) => line.word(part, best),
                (false, true) => line.sentence(part),
                (false, false) => line.plain(part),
            };
        }
        line.end()?;
    }
    Ok(())
}
