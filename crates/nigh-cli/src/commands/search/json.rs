//! Hits for programs.

use nigh::{Explanation, FileState, Hits, Metadata, Mode, Place, SegmentPlan, Snapshot, Timings};
use serde::Serialize;

use super::files::Files;
use super::text::{self, Around};
use crate::args::Show;
use crate::output::Failure;

/// What `nigh search --json` prints: a stable contract, see docs/json.md.
#[derive(Serialize)]
pub struct Answer<'a> {
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
    plan: Option<&'a [SegmentPlan]>,
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
    context: Option<Around>,
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
        let Timings { load, encode, search, total, .. } = timings;
        Self { load: round(load), encode: round(encode), search: round(search), total: round(total) }
    }
}

/// The answer to a question.
pub fn of<'a>(
    query: &'a str,
    snapshot: &Snapshot,
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
            context: show.context.map(|around| text::around(snapshot, hit, around)).transpose()?,
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
    let plan = show.explain.then_some(&*hits.segments);
    Ok(Answer { query, mode: hits.mode, hits: each, took_ms, generation: hits.generation, hints, plan })
}
