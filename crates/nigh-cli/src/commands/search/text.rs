//! The text around a hit.

use std::ops::Range;

use nigh::{Hit, Passage, Snapshot};
use serde::Serialize;

use crate::output::Failure;

/// A passage's complete lines, with some around them.
#[derive(Serialize)]
pub struct TextAround {
    pub text: String,
    /// Counted from 1.
    pub start_line: usize,
}

/// Returns the text of a hit's document, if it has the passage at its place.
fn document_text(snapshot: &Snapshot, hit: &Hit, passage: &Passage) -> Result<Option<String>, Failure> {
    let document = snapshot.document(hit.document.id.as_str())?;
    let has_passage = |text: &String| text.get(passage.span.bytes.clone()) == Some(&*passage.text);
    Ok(document.map(|document| document.text).filter(has_passage))
}

/// Returns the indentation of a passage's first line, if it is only white space and later lines are indented too.
pub fn indentation(snapshot: &Snapshot, hit: &Hit, passage: &Passage, part: &Range<usize>) -> Result<String, Failure> {
    let (text, start) = (&passage.text, passage.span.bytes.start);
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    if part.start > 0 || start == 0 || !text[part.clone()].lines().skip(1).any(|line| line.starts_with(is_blank)) {
        return Ok(String::new());
    }
    let Some(document) = document_text(snapshot, hit, passage)? else { return Ok(String::new()) };
    let before = document[..start].rsplit('\n').next().unwrap_or_default();
    Ok(if before.chars().all(is_blank) { before.to_owned() } else { String::new() })
}

/// Returns the passage's complete lines, with `around` lines before and after.
pub fn around(snapshot: &Snapshot, hit: &Hit, passage: &Passage, around: usize) -> Result<TextAround, Failure> {
    let Some(text) = document_text(snapshot, hit, passage)? else {
        return Ok(TextAround { text: passage.text.clone(), start_line: passage.span.lines.start });
    };
    let first = passage.span.lines.start.saturating_sub(around).max(1);
    let last = passage.span.lines.end.saturating_add(around);
    let lines: Vec<&str> = text.lines().skip(first - 1).take(last.saturating_sub(first)).collect();
    Ok(TextAround { text: lines.join("\n"), start_line: first })
}
