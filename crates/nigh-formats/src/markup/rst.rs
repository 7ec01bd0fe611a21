//! reStructuredText: adorned titles, indented literal blocks and directives, drawn tables.

use super::super::heading_text;
use super::{MarkupLine, MarkupPart, lines};

/// Directives whose content is not prose.
#[rustfmt::skip]
const LITERAL_DIRECTIVES: &[&str] = &[
    "code", "code-block", "sourcecode", "literalinclude", "parsed-literal", "math", "table", "list-table", "csv-table", "raw",
    "highlight", "image", "toctree", "productionlist", "prompt", "ipython", "doctest", "testcode", "testoutput", "graphviz",
    "mermaid", "plantuml", "uml", "include", "autosummary",
];

pub(super) fn parts(text: &str) -> Vec<MarkupPart> {
    let lines = lines(text);
    let mut parts = Vec::new();
    // Adornments in the order in which they first appear; each is a level.
    let mut levels: Vec<(char, bool)> = Vec::new();
    let line = |at: usize| lines.get(at).copied();
    let mut at = 0;
    while let Some(current) = line(at) {
        let after_blank = at.checked_sub(1).and_then(line).is_none_or(|before| before.is_blank());
        if let Some((first, title, last)) = adorned_title(&lines, at).filter(|_| after_blank) {
            let mark = (last.text.chars().next().unwrap_or('='), first.at != title.at);
            let level = levels.iter().position(|known| *known == mark).unwrap_or_else(|| {
                levels.push(mark);
                levels.len() - 1
            });
            let level = u8::try_from(level + 1).unwrap_or(u8::MAX);
            let heading = Some((level, heading_text([title.text])));
            parts.push(MarkupPart { bytes: first.at..last.end(), heading });
            at += if mark.1 { 3 } else { 2 };
            continue;
        }
        let mut start = at;
        at += 1;
        if after_blank && is_drawn(current.text) {
            while line(at).is_some_and(|next| !next.is_blank()) {
                at += 1;
            }
        } else if is_literal_directive(current.text) {
            at = after_indented(&lines, at, current.indent());
        } else if current.text.ends_with("::")
            && !is_directive(current.text)
            && line(at).is_some_and(|next| next.is_blank())
        {
            // The line with the mark is prose; the lines indented below it are not.
            let from = at + lines.get(at..).unwrap_or_default().iter().take_while(|line| line.is_blank()).count();
            at = after_indented(&lines, from, current.indent());
            start = from;
        } else {
            continue;
        }
        if let (Some(first), Some(last)) = (line(start).filter(|_| start < at), at.checked_sub(1).and_then(line)) {
            parts.push(MarkupPart::lines(first.at..last.end()));
        }
    }
    parts
}

/// Returns the first line, the title and the last line of a title that begins at line `at`.
fn adorned_title<'t>(lines: &[MarkupLine<'t>], at: usize) -> Option<(MarkupLine<'t>, MarkupLine<'t>, MarkupLine<'t>)> {
    let first = *lines.get(at)?;
    let second = *lines.get(at + 1)?;
    if let Some(mark) = adornment(first.text) {
        let last = lines.get(at + 2).filter(|last| adornment(last.text) == Some(mark))?;
        let titled = !second.is_blank() && adornment(second.text).is_none();
        return titled.then_some((first, second, *last));
    }
    adornment(second.text)?;
    let (title, under) = (first.text.chars().count(), second.text.chars().count());
    (!first.is_blank() && first.indent() == 0 && (under >= title || under >= 4)).then_some((first, first, second))
}

/// Returns the character that a line consists of, if it occurs at least twice.
fn adornment(line: &str) -> Option<char> {
    let mark = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() >= 2 && line.chars().all(|c| c == mark) && !matches!(line, "::" | "..")).then_some(mark)
}

/// True for lines of tables and of Python sessions.
fn is_drawn(line: &str) -> bool {
    let line = line.trim_start();
    let ruled = line.starts_with("==") && line.contains(' ') && line.chars().all(|c| matches!(c, '=' | ' '));
    ruled || line.starts_with("+-") || line.starts_with("+=") || line.starts_with(">>> ")
}

fn directive(line: &str) -> Option<&str> {
    let named = line.trim_start().strip_prefix(".. ")?.split_once("::")?.0;
    // A substitution: ".. |name| image:: …".
    let name = named.rsplit(' ').next()?;
    (!name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')))
        .then_some(name)
}

fn is_directive(line: &str) -> bool {
    directive(line).is_some()
}

fn is_literal_directive(line: &str) -> bool {
    directive(line).is_some_and(|name| LITERAL_DIRECTIVES.contains(&name))
}

/// Returns the line after the last line from `at` that is indented more than `indent`; blank lines between are included.
fn after_indented(lines: &[MarkupLine<'_>], at: usize, indent: usize) -> usize {
    let mut end = at;
    for (number, line) in lines.iter().enumerate().skip(at) {
        if !line.is_blank() {
            if line.indent() <= indent {
                break;
            }
            end = number + 1;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::show_parts;
    use super::*;

    #[test]
    fn rst_titles_and_literal_blocks_are_found() {
        let text = "====\n Doc\n====\n\ntext\n\nOne\n---\n\nsee::\n\n   x = 1\n\n   y\n\nafter\n\nSub\n~~~\n\n.. code-block:: c\n   :a: b\n\n   z\n\n.. note:: prose\n\n   more\n\n中文标题\n--------\n\n====  ====\na     b\n====  ====\n\n----\n\nend of text\n>>> no\n";
        assert_eq!(
            show_parts(text, parts(text)),
            [
                "1 Doc",
                "2 One",
                "   x = 1\n\n   y",
                "3 Sub",
                ".. code-block:: c\n   :a: b\n\n   z",
                "2 中文标题",
                "====  ====\na     b\n====  ===="
            ]
        );
    }
}
