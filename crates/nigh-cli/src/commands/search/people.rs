//! Hits for people: headings, snippets, marks.

use std::ops::Range;

use nigh::{Hits, PlaceKind, Snapshot};

use super::explain::explained;
use super::files::HitFiles;
use super::text::{self, TextAround};
use crate::args::ShowArgs;
use crate::harmless;
use crate::output::{Failure, Output};
use crate::snippet::{MarkedTerms, best_part};

/// Writes the hits.
pub fn show(
    snapshot: &Snapshot,
    marked: &str,
    hits: &Hits,
    files: &HitFiles,
    show: &ShowArgs,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let terms = MarkedTerms::new(marked);
    for (i, (hit, file)) in hits.hits.iter().zip(&files.0).enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let (first_line, text) = match show.context {
            Some(around) => {
                let TextAround { text, start_line } = text::around(snapshot, hit, around)?;
                (start_line, text)
            }
            None => {
                let text = &hit.passage.text;
                let part = best_part(text, &terms.find(text));
                let before = text[..part.start].matches('\n').count();
                let indent = if before == 0 { text::indentation(snapshot, hit, &part)? } else { String::new() };
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
        let sentence = hit.highlight.as_ref().and_then(|highlight| find_sentence(&text, &highlight.text));
        write_marked(&text, &terms.find(&text), sentence, out)?;
    }
    Ok(())
}

/// Finds a sentence in the shown text, or its beginning if the text is cut off.
fn find_sentence(text: &str, sentence: &str) -> Option<Range<usize>> {
    let sentence = harmless::text(sentence);
    let whole = text.find(&*sentence).map(|start| start..start + sentence.len());
    whole.or_else(|| {
        let shown = text.trim_end_matches(" …");
        let starts = shown.char_indices().map(|(at, _)| at);
        starts.into_iter().find(|&at| sentence.starts_with(&shown[at..])).map(|at| at..shown.len())
    })
}

/// Writes the lines of a text except blank ones; marks the words of the query and the best sentence.
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
        // Never cut between a character and its joiner or selector.
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
