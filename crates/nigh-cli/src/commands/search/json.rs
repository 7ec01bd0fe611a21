//! Hits for programs.

use nigh::{
    Explanation, FileState, Highlight, Hits, Metadata, Mode, Passage, PassageHit, Place, QuerySyntax, SegmentPlan,
    Snapshot, Timings,
};
use serde::Serialize;

use super::files::HitFiles;
use super::syntax::SyntaxJson;
use super::text::{self, TextAround};
use crate::args::ShowArgs;
use crate::output::Failure;

/// The output of `nigh search --json`: a stable contract, see docs/json.md.
#[derive(Serialize)]
pub struct SearchJson<'a> {
    query: &'a str,
    /// What was read as syntax; absent if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    syntax: Option<SyntaxJson<'a>>,
    mode: Mode,
    /// True if the first hit's relevance is at least 0.3.
    seems_answered: bool,
    hits: Vec<HitJson<'a>>,
    took_ms: Timings,
    generation: u64,
    /// Hints about the filter; absent if there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
    /// How each segment was searched, with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a [SegmentPlan]>,
}

#[derive(Serialize)]
struct HitJson<'a> {
    rank: usize,
    id: &'a str,
    /// The document's file, relative to the current folder; null if it is not from a file.
    path: Option<String>,
    /// Set if the file is gone or changed; absent if neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<FileState>,
    score: f32,
    /// In [0, 1]; comparable between queries, collections and models.
    relevance: f32,
    passage: PassageJson<'a>,
    /// The passages of the document that answer, best first; the first is `passage`.
    passages: Vec<PassageHitJson<'a>>,
    /// The number of passages that answer, shown or not.
    matching_passages: usize,
    /// The passage's whole lines and some around them, with `--context`.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<TextAround>,
    /// The sentence that answers best, with `--highlight`.
    #[serde(skip_serializing_if = "Option::is_none")]
    highlight: Option<&'a Highlight>,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<&'a Explanation>,
}

/// [`nigh::Passage`] without its id.
#[derive(Serialize)]
struct PassageJson<'a> {
    text: &'a str,
    start_byte: usize,
    end_byte: usize,
    /// Counted from 1.
    start_line: usize,
    /// The last line of the passage, counted from 1.
    end_line: usize,
    headings: &'a [String],
    /// The passage's place in its file (page, sheet, …); null if lines are its only place.
    place: Option<&'a Place>,
    /// The passage's own metadata: the columns of a row, the sender of a mail.
    metadata: &'a Metadata,
}

/// A passage of the document that answers, too.
#[derive(Serialize)]
struct PassageHitJson<'a> {
    #[serde(flatten)]
    passage: PassageJson<'a>,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    highlight: Option<&'a Highlight>,
}

impl<'a> PassageJson<'a> {
    fn of(passage: &'a Passage) -> Self {
        Self {
            text: &passage.text,
            start_byte: passage.span.bytes.start,
            end_byte: passage.span.bytes.end,
            start_line: passage.span.lines.start,
            end_line: passage.span.lines.end.saturating_sub(1),
            headings: &passage.headings,
            place: passage.place.as_ref(),
            metadata: &passage.metadata,
        }
    }
}

/// Returns the JSON value for a search. `query`: as it was written, and what was read of it as syntax.
pub fn search_json<'a>(
    (query, syntax): (&'a str, Option<&'a QuerySyntax>),
    snapshot: &Snapshot,
    hits: &'a Hits,
    files: HitFiles,
    hints: &'a [String],
    show: &ShowArgs,
) -> Result<SearchJson<'a>, Failure> {
    let passage_hit = |found: &'a PassageHit| PassageHitJson {
        passage: PassageJson::of(&found.passage),
        score: found.score,
        highlight: found.highlight.as_ref(),
    };
    let hits_json = hits.hits.iter().zip(files.0).map(|(hit, file)| {
        Ok(HitJson {
            rank: hit.rank,
            id: hit.document.id.as_str(),
            path: file.path,
            stale: Some(file.state).filter(|state| matches!(state, FileState::Changed | FileState::Gone)),
            context: show.context.map(|around| text::around(snapshot, hit, &hit.passage, around)).transpose()?,
            score: hit.score,
            relevance: hit.relevance,
            passage: PassageJson::of(&hit.passage),
            passages: hit.passages.iter().map(passage_hit).collect(),
            matching_passages: hit.matching_passages,
            metadata: &hit.document.metadata,
            highlight: hit.highlight.as_ref(),
            explain: hit.explanation.as_ref(),
        })
    });
    let hits_json = hits_json.collect::<Result<_, Failure>>()?;
    let plan = show.explain.then_some(&*hits.segments);
    Ok(SearchJson {
        query,
        syntax: syntax.map(SyntaxJson::of),
        mode: hits.mode,
        seems_answered: hits.seems_answered(),
        hits: hits_json,
        took_ms: hits.timings,
        generation: hits.generation,
        hints,
        plan,
    })
}
