//! The notes that a Markdown text links to: `[[Note]]`, `[[folder/Note#Heading|label]]`, `![[Note]]`, `[label](folder/note.md)`.

/// The most links of a document, and the most bytes of one.
const MAX_LINKS: usize = 200;
const MAX_LINK_BYTES: usize = 200;
/// The most bytes after the beginning of a link, or of code, in which its end is searched.
const MAX_SEARCHED_BYTES: usize = 1000;
/// The endings of notes, which a link may leave out.
const NOTES: [&str; 2] = [".md", ".markdown"];

/// Returns the names of the notes that a text links to, each once, in their order: without folders, headings and the ending `.md`.
/// A link to another kind of file counts only in double brackets, with its ending. Code has no links.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // The mark of the code block that is open.
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) if line.contains('[') => in_line(line, &mut found),
            _ => {}
        }
        if found.len() >= MAX_LINKS {
            break;
        }
    }
    found.truncate(MAX_LINKS);
    found
}

/// Adds the links of a line.
fn in_line(line: &str, found: &mut Vec<String>) {
    let mut at = 0;
    while let Some(offset) = line[at..].find(['`', '[', ']']) {
        let rest = &line[at + offset..];
        let (target, length) = if rest.starts_with('`') {
            // Code between equal runs of backticks.
            let run = rest.len() - rest.trim_start_matches('`').len();
            let end = near(&rest[run..]).find(&rest[..run]).map_or(run, |end| run + end + run);
            (None, end)
        } else if let Some(inside) = rest.strip_prefix("[[") {
            match near(inside).find(['[', ']']) {
                Some(end) if inside[end..].starts_with("]]") => (wiki_target(&inside[..end]), end + 4),
                _ => (None, 2),
            }
        } else if let Some(inside) = rest.strip_prefix("](") {
            match near(inside).find(')') {
                Some(end) => (note_target(&inside[..end]), 2),
                None => (None, 2),
            }
        } else {
            (None, 1)
        };
        if let Some(target) = target.filter(|target| !target.is_empty() && target.len() <= MAX_LINK_BYTES)
            && !found.contains(&target)
        {
            found.push(target);
        }
        at += offset + length;
    }
}

/// Returns the beginning of a text in which the end of a link is searched, so that the work is bounded.
fn near(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_SEARCHED_BYTES)]
}

/// Returns the name of the note that a link in double brackets means; `None` for a place in the same note.
fn wiki_target(inside: &str) -> Option<String> {
    // In a table the bar is escaped.
    let target = inside.split(['|', '#', '^']).next()?.trim_end_matches('\\').trim();
    name(target).map(|(name, _)| name.to_owned())
}

/// Returns the name of the note that the address of a link means; `None` for other files and for pages of the web.
fn note_target(address: &str) -> Option<String> {
    let address = address.trim();
    let address = match address.strip_prefix('<') {
        Some(inside) => inside.split('>').next()?,
        None => address.split_whitespace().next()?,
    };
    let path = address.split(['#', '?']).next()?;
    let is_elsewhere = path.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && !scheme.contains('/'));
    let (name, is_note) = name(path).filter(|_| !is_elsewhere)?;
    is_note.then(|| decoded(name))
}

/// Returns the last part of a path without the ending of a note, and whether it had that ending.
fn name(path: &str) -> Option<(&str, bool)> {
    let last = path.rsplit(['/', '\\']).next()?.trim();
    let stem = NOTES.iter().find_map(|ending| {
        let (stem, end) = last.split_at_checked(last.len().checked_sub(ending.len())?)?;
        end.eq_ignore_ascii_case(ending).then_some(stem)
    });
    let name = stem.unwrap_or(last);
    (!name.is_empty()).then_some((name, stem.is_some()))
}

/// Replaces `%20` and the like; an address that is not valid stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_notes_are_found() {
        for (text, wanted) in [
            (
                "See [[Some note]], [[日记/周会 2025-03-17|the call]] and ![[chart.png]].",
                &["Some note", "周会 2025-03-17", "chart.png"][..],
            ),
            ("[[A#Heading]] [[A^block]] [[#here]] [[ A.md ]] [[b\\|in a table]]", &["A", "b"]),
            (
                "[x](other%20note.md) [y](<two words.md>) [z](../up/Plan.MD#part \"title\")",
                &["other note", "two words", "Plan"],
            ),
            ("[x](https://x.y/a.md) [y](mailto:a@b.md) [z](a.pdf) [q](#a) [r]() ![p](p.png)", &[]),
            ("`[[no]]` ``[[no]` [[no]]`` [[yes]] ` [[also]]", &["yes", "also"]),
            ("```\n[[no]]\n```\n~~~\n```\n[[no]]\n~~~\n[[yes]]", &["yes"]),
            ("[[open\n]] [[a[b]] [ [[c]]] [[d]", &["c"]),
            ("[标签](%E4%B8%AD%E6%96%87.md) [bad](%ff.md) [cut](%4.md)", &["中文", "%ff", "%4"]),
            ("| [[a]] | [[.md]] | [[]] | [x](.md)", &["a"]),
        ] {
            assert_eq!(links(text), wanted, "{text}");
        }
    }

    #[test]
    fn links_are_limited_and_take_linear_time() {
        let many: String = (0..1000).map(|number| format!("[[{number}]] ")).collect();
        assert_eq!(links(&many).len(), MAX_LINKS);
        assert_eq!(links(&format!("[[{}]]", "x".repeat(500))), [""; 0]);
        let start = std::time::Instant::now();
        for hostile in ["[[".repeat(500_000), "](".repeat(500_000), "` ".repeat(500_000), "[[a".repeat(300_000)] {
            assert!(links(&hostile).is_empty());
        }
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }
}
