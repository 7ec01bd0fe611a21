//! Org mode: headings after stars, blocks between `#+BEGIN_` and `#+END_`, keywords, drawers, tables.

use super::super::heading_text;
use super::{MarkupPart, lines};

/// Words before a title that give the state of the work.
const STATES: [&str; 9] = ["TODO", "DONE", "NEXT", "WAITING", "HOLD", "STARTED", "CANCELLED", "CANCELED", "COMMENT"];
/// Blocks whose content is not prose.
const LITERAL_BLOCKS: [&str; 4] = ["src", "example", "export", "comment"];

pub(super) fn parts(text: &str) -> Vec<MarkupPart> {
    let lines = lines(text);
    let mut parts = Vec::new();
    // Ends that were not found once are not searched again.
    let mut absent: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let trimmed = line.text.trim_start();
        let lower = trimmed.get(..trimmed.floor_char_boundary(32)).unwrap_or_default().to_ascii_lowercase();
        let mut end = at + 1;
        if let Some((level, title)) = heading(line.text) {
            parts.push(MarkupPart { bytes: line.at..line.end(), heading: Some((level, title)) });
            at = end;
            continue;
        }
        let block = lower.strip_prefix("#+begin_").and_then(|rest| rest.split_whitespace().next());
        let closing = match block {
            Some(name) if LITERAL_BLOCKS.contains(&name) => Some(format!("#+end_{name}")),
            _ if lower == ":properties:" || lower == ":logbook:" => Some(":end:".to_owned()),
            _ => None,
        };
        if let Some(closing) = closing.filter(|closing| !absent.contains(closing)) {
            let rest = lines.get(end..).unwrap_or_default();
            match rest.iter().position(|line| line.text.trim_start().eq_ignore_ascii_case(&closing)) {
                Some(position) => end += position + 1,
                None => absent.push(closing),
            }
        } else if trimmed.starts_with('|') {
            let rest = lines.get(end..).unwrap_or_default();
            end += rest.iter().take_while(|line| line.text.trim_start().starts_with('|')).count();
        } else if !(trimmed.starts_with("#+") && trimmed.contains(':')) {
            at = end;
            continue;
        }
        if let Some(last) = lines.get(end - 1) {
            parts.push(MarkupPart::lines(line.at..last.end()));
        }
        at = end;
    }
    parts
}

/// Returns the level and title of a heading, without its state, priority and tags.
fn heading(line: &str) -> Option<(u8, String)> {
    let rest = line.trim_start_matches('*');
    let level = u8::try_from(line.len() - rest.len()).unwrap_or(u8::MAX);
    if level == 0 || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut title = rest.trim();
    if let Some((_, rest)) = title.split_once(' ').filter(|(word, _)| STATES.contains(word)) {
        title = rest.trim_start();
    }
    if let Some(rest) = title.strip_prefix("[#").and_then(|rest| rest.split_once(']')) {
        title = rest.1.trim_start();
    }
    if let Some((before, tags)) = title.rsplit_once([' ', '\t'])
        && tags.len() > 2
        && tags.starts_with(':')
        && tags.ends_with(':')
        && !tags.contains("::")
    {
        title = before.trim_end();
    }
    Some((level, heading_text([title])))
}

/// Returns the value of `#+TITLE:`.
pub(super) fn title(text: &str) -> Option<String> {
    let mut lines = text.lines().take_while(|line| heading(line).is_none());
    let title = lines.find_map(|line| {
        let (key, value) = line.trim_start().strip_prefix("#+")?.split_once(':')?;
        key.eq_ignore_ascii_case("title").then(|| heading_text([value]))
    });
    title.filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::show_parts;
    use super::*;

    #[test]
    fn org_headings_and_blocks_are_found() {
        let text = "#+TITLE: Notes  on x\n\n* TODO [#A] One two   :work:home:\n:PROPERTIES:\n:ID: 1\n:END:\ntext\n** DONE\n*bold* text\n#+begin_src c\n* no\n#+END_SRC\n#+BEGIN_QUOTE\nprose\n#+END_QUOTE\n| a |\n| b |\n*** 三级\n#+BEGIN_SRC open\n* Last\n";
        assert_eq!(
            show_parts(text, parts(text)),
            [
                "#+TITLE: Notes  on x",
                "1 One two",
                ":PROPERTIES:\n:ID: 1\n:END:",
                "2 DONE",
                "#+begin_src c\n* no\n#+END_SRC",
                "| a |\n| b |",
                "3 三级",
                "#+BEGIN_SRC open",
                "1 Last",
            ]
        );
        assert_eq!(title(text).unwrap(), "Notes on x");
        assert_eq!(title("* A\n#+TITLE: B\n"), None);
    }
}
