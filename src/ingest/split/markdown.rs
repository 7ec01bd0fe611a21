//! Splits Markdown into blocks: headings, paragraphs, list items, code blocks, tables, HTML.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::blocks::{BlockHeading, BlockKind, TextBlock, trimmed};
use nigh_formats::{front_matter, heading_text, parser};

/// Splits a Markdown text into blocks; front matter that was not left out before is one of its own. A marker (`-`, `1.`, `>`) belongs to the block after it.
/// Text without parser events, such as link definitions, also becomes blocks: nothing is left out.
pub(super) fn blocks(text: &str) -> Vec<TextBlock> {
    let body_start = front_matter(text).map_or(0, |front| front.end);
    let mut found = Vec::new();
    if body_start > 0 {
        found.push(TextBlock::new(0..body_start, BlockKind::Lines));
    }
    collect(text, body_start, &mut found);
    close_gaps(text, found)
}

/// Adds the blocks that the parser reports after byte `body_start`, in the order of its events.
fn collect(text: &str, body_start: usize, found: &mut Vec<TextBlock>) {
    // The start of the containers that opened since the last block: the next block includes their markers.
    let mut markers: Option<usize> = None;
    // Headings inside quotes and lists are not headings of the document.
    let mut containers = 0_usize;
    // True within a block that was added at its start event, such as a paragraph or a table: its inner events add nothing.
    let mut in_leaf = false;
    // True if the last block is the text of a tight list item, which has no paragraph around it.
    let mut in_item_text = false;
    let mut title: Option<(u8, Vec<String>)> = None;
    for (event, range) in parser(&text[body_start..]).into_offset_iter() {
        let range = range.start + body_start..range.end + body_start;
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_)) => {
                containers += 1;
                markers.get_or_insert(range.start);
                in_item_text = false;
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition) => {
                containers = containers.saturating_sub(1);
                in_item_text = false;
            }
            Event::Start(
                ref tag @ (Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_)),
            ) => {
                let kind = if matches!(tag, Tag::Paragraph | Tag::Heading { .. }) {
                    BlockKind::Prose
                } else {
                    BlockKind::Lines
                };
                let start = markers.take().unwrap_or(range.start);
                found.push(TextBlock::new(start..range.end, kind));
                in_leaf = true;
                in_item_text = false;
                if let Tag::Heading { level, .. } = tag
                    && containers == 0
                {
                    title = Some((*level as u8, Vec::new()));
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                in_leaf = false;
                if let (Some((level, parts)), Some(block)) = (title.take(), found.last_mut()) {
                    let title = heading_text(parts.iter().map(String::as_str));
                    block.heading = Some(Box::new(BlockHeading { level, title, end: None }));
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Table) => in_leaf = false,
            event => {
                if let Some((_, parts)) = &mut title {
                    match event {
                        Event::Text(text) | Event::Code(text) => parts.push(text.into_string()),
                        Event::SoftBreak | Event::HardBreak => parts.push(" ".to_owned()),
                        _ => {}
                    }
                } else if !in_leaf {
                    match found.last_mut().filter(|_| in_item_text && markers.is_none()) {
                        Some(last) => last.bytes.end = last.bytes.end.max(range.end),
                        None => {
                            let start = markers.take().unwrap_or(range.start);
                            found.push(TextBlock::new(start..range.end, BlockKind::Prose));
                            in_item_text = true;
                        }
                    }
                }
            }
        }
    }
}

/// Trims the blocks. Text between them becomes a part of a neighbour (markers alone) or a block of its own.
fn close_gaps(text: &str, mut found: Vec<TextBlock>) -> Vec<TextBlock> {
    found.sort_by_key(|block| block.bytes.start);
    let mut blocks: Vec<TextBlock> = Vec::with_capacity(found.len());
    let mut covered = 0;
    for mut block in found {
        block.bytes.start = block.bytes.start.max(covered);
        if let Some(gap) = trimmed(text, covered..block.bytes.start) {
            if text[gap.clone()].contains(char::is_alphanumeric) {
                blocks.push(TextBlock::new(gap, BlockKind::Lines));
            } else if let (Some(_), Some(last)) = (&block.heading, blocks.last_mut()) {
                last.bytes.end = gap.end;
            } else {
                block.bytes.start = gap.start;
            }
        }
        covered = covered.max(block.bytes.end);
        let bytes = block.bytes.start..covered;
        if let Some(bytes) = trimmed(text, bytes) {
            blocks.push(TextBlock { bytes, ..block });
        }
    }
    if let Some(rest) = trimmed(text, covered..text.len()) {
        match blocks.last_mut() {
            Some(last) if !text[rest.clone()].contains(char::is_alphanumeric) => last.bytes.end = rest.end,
            _ => blocks.push(TextBlock::new(rest, BlockKind::Lines)),
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    type ShownBlock<'t> = (&'t str, BlockKind, Option<(u8, String)>);

    fn shown(text: &str) -> Vec<ShownBlock<'_>> {
        let show = |b: TextBlock| (&text[b.bytes], b.kind, b.heading.map(|h| (h.level, h.title)));
        blocks(text).into_iter().map(show).collect()
    }

    fn texts(text: &str) -> Vec<&str> {
        shown(text).into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn headings_and_text_that_looks_like_one() {
        let text = "---\ntitle: x\n---\n# A `b` *c*\ntext\n\n```sh\n# no\n```\n\nSetext\n---\n\n> # quoted\n\n    # indented\n";
        assert_eq!(
            shown(text),
            [
                ("---\ntitle: x\n---", BlockKind::Lines, None),
                ("# A `b` *c*", BlockKind::Prose, Some((1, "A b c".to_owned()))),
                ("text", BlockKind::Prose, None),
                ("```sh\n# no\n```", BlockKind::Lines, None),
                ("Setext\n---", BlockKind::Prose, Some((2, "Setext".to_owned()))),
                ("> # quoted", BlockKind::Prose, None),
                ("# indented", BlockKind::Lines, None),
            ]
        );
    }

    #[test]
    fn list_items_keep_their_markers() {
        assert_eq!(texts("- a\n- *b* c\n  d\n  - e\n- f\n"), ["- a", "- *b* c\n  d", "- e", "- f"]);
        assert_eq!(texts("1. a\n\n   b\n\n2. c\n"), ["1. a", "b", "2. c"]);
        assert_eq!(texts("- a\n  ```\n  x\n  ```\n  b\n"), ["- a", "```\n  x\n  ```", "b"]);
        assert_eq!(texts("- [ ] todo\n- [x] done\n"), ["- [ ] todo", "- [x] done"]);
        assert_eq!(texts("> a\n>\n> b\n"), ["> a", ">\n> b"]);
    }

    #[test]
    fn tables_html_footnotes_and_definitions_are_kept() {
        let text = "| a | b |\n|---|---|\n| 1 | 2 |\n\n<div>\nx\n</div>\n\nsee[^1] [l]\n\n[^1]: note\n\n[l]: http://x.y\n\n***\n";
        assert_eq!(
            texts(text),
            [
                "| a | b |\n|---|---|\n| 1 | 2 |",
                "<div>\nx\n</div>",
                "see[^1] [l]",
                "[^1]: note",
                "[l]: http://x.y",
                "***"
            ]
        );
        assert_eq!(texts("# H\n[l]: http://x.y\n"), ["# H", "[l]: http://x.y"]);
        assert_eq!(texts(""), Vec::<&str>::new());
        assert_eq!(texts("- \n- \n"), ["- \n-"]);
    }
}
