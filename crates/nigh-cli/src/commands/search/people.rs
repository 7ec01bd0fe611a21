//! Hits for people: headings, snippets, marks.

use nigh::{Hit, Hits, PassageHit, PlaceKind, Snapshot};

use super::explain::explained;
use super::files::HitFiles;
use super::marked::Marks;
use super::text::{self, TextAround};
use crate::args::ShowArgs;
use crate::harmless;
use crate::output::{Failure, Output};
use crate::snippet::{MarkedTerms, Room, best_part};

/// Writes the hits. `marked`: the words to mark. `width`: the columns of the terminal; `None`: lines are not wrapped.
pub fn show(
    (snapshot, hits): (&Snapshot, &Hits),
    marked: &str,
    files: &HitFiles,
    show: &ShowArgs,
    width: Option<usize>,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let sentences = (show.highlight || width.is_some()) && !show.no_highlight;
    let marks = Marks { terms: MarkedTerms::new(marked), sentences, width };
    for (i, (hit, file)) in hits.hits.iter().zip(&files.0).enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        // Further passages help if the file seems to answer; below that, they are in the way of the next file.
        let shows_all = i == 0 || hit.relevance >= Hits::LIKELY_RELEVANCE;
        let passages = &hit.passages[..if shows_all { hit.passages.len() } else { 1 }];
        for (number, found) in passages.iter().enumerate() {
            let Shown { line, text } = shown(snapshot, hit, found, &marks, (show, i == 0 && number == 0))?;
            let headings = harmless::phrase(&found.passage.headings.join(" > "));
            if number == 0 {
                let path = file.name(hit);
                let place = place(found, line).map_or_else(|| path.to_owned(), |place| format!("{path}:{place}"));
                let head = out.line().path(place).plain(format_args!("  {:.2}  ", hit.relevance));
                head.warning(file.mark()).dim(headings).end()?;
                for line in hit.explanation.iter().flat_map(|explanation| explained(hit, explanation)) {
                    out.line().plain("  ").dim(line).end()?;
                }
            } else {
                let place = place(found, line).unwrap_or_default();
                out.line().plain("  ").path(format_args!(":{place}")).plain("  ").dim(headings).end()?;
            }
            marks.write(&text, found.highlight.as_ref(), out)?;
        }
        let more = hit.matching_passages.saturating_sub(passages.len());
        if shows_all && more > 0 && show.per_file != Some(1) {
            let (passages, matching) = if more == 1 { ("passage", "matches") } else { ("passages", "match") };
            out.line()
                .plain("  ")
                .dim(format_args!("{more} more {passages} of this file {matching} (--per-file)"))
                .end()?;
        }
    }
    Ok(())
}

/// The text of a passage that is shown.
struct Shown {
    /// The number of the line to go to: that of the best sentence, or of the first line shown.
    line: usize,
    text: String,
}

/// `is_first`: whether it is the best passage of the first hit.
fn shown(
    snapshot: &Snapshot,
    hit: &Hit,
    found: &PassageHit,
    marks: &Marks,
    (show, is_first): (&ShowArgs, bool),
) -> Result<Shown, Failure> {
    let passage = &found.passage;
    let sentence = found.highlight.as_ref().map(|highlight| {
        let (span, start) = (&highlight.span.bytes, passage.span.bytes.start);
        span.start - start..span.end - start
    });
    let line_of_sentence = found.highlight.as_ref().map(|highlight| highlight.span.lines.start);
    if let Some(around) = show.context {
        let TextAround { text, start_line } = text::around(snapshot, hit, passage, around)?;
        return Ok(Shown { line: line_of_sentence.unwrap_or(start_line), text });
    }
    let text = &passage.text;
    let part = best_part(text, &marks.terms.find(text), sentence, if is_first { Room::FIRST } else { Room::USUAL });
    let before = text[..part.start].matches('\n').count();
    let indent = if before == 0 { text::indentation(snapshot, hit, passage, &part)? } else { String::new() };
    let dots = if part.end < text.len() { " …" } else { "" };
    let line = line_of_sentence.unwrap_or(passage.span.lines.start + before);
    Ok(Shown { line, text: format!("{indent}{}{dots}", &text[part]) })
}

/// Returns the place of a passage in its file: a line, a page, a row. `None` if it has none.
fn place(found: &PassageHit, line: usize) -> Option<String> {
    match &found.passage.place {
        None => Some(line.to_string()),
        Some(place) if place.kind == PlaceKind::Text => None,
        Some(place) => Some(harmless::phrase(&place.to_string())),
    }
}
