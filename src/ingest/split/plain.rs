//! Splits plain text into blocks by the structure that people write without markup: underlined titles, numbered headings and
//! questions, chapters (第…章), lists, logs, conversations.
//!
//! What looks like structure may be prose, so each kind of line asks for evidence around it; `numbering.rs` reads the marks
//! themselves. A line that is taken for a heading by mistake costs little: the text stays, and a passage begins there.

use std::ops::Range;

use super::blocks::{BlockHeading, BlockKind, TextBlock, trimmed};
use super::numbering::{Mark, is_bullet, is_han_digit, mark, starts_message, starts_with_time};
use crate::text::columns;

/// The widest line that is taken for a heading, in columns: a Han character has two.
const MAX_HEADING_COLUMNS: usize = 60;
/// The widest question that is taken for a heading, in columns.
const MAX_QUESTION_COLUMNS: usize = 160;
/// The signs of which such a line may consist.
const RULE_SIGNS: [char; 15] = ['=', '-', '~', '*', '#', '_', '—', '─', '━', '═', '－', '＝', '＊', '＿', '～'];
/// The shortest line of `=` or `-` that underlines a title or separates parts, in characters.
const MIN_RULE: usize = 3;
/// The share of the lines of a log or a conversation that begin with a time or a name.
const LOG_SHARE: f32 = 0.6;

/// The levels of headings that are not numbered; those of numbered ones are in `numbering.rs`.
const LEVEL_TITLE: u8 = 1;
const LEVEL_UNDERLINED: [u8; 2] = [1, 2];
const LEVEL_SEPARATOR: u8 = 3;
const LEVEL_CAPITALS: u8 = 4;
const LEVEL_SHORT: u8 = 20;

/// A line of the text.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    start: usize,
    /// With its line break.
    end: usize,
    /// Without white space at its ends.
    text: &'a str,
    /// The white space in front, in characters.
    indent: usize,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// True for a line of one sign, at least three times: `=====`, `---`, `* * *`.
    fn is_rule(&self) -> bool {
        let mut signs = self.text.chars().filter(|c| !c.is_whitespace());
        let first = signs.next().filter(|c| RULE_SIGNS.contains(c));
        first.is_some_and(|first| 1 + signs.clone().count() >= MIN_RULE && signs.all(|c| c == first))
    }
}

/// Splits a plain text into blocks.
pub(super) fn blocks(text: &str) -> Vec<TextBlock> {
    let lines = lines(text);
    let mut blocks = Vec::new();
    let mut next = 0;
    while next < lines.len() {
        let run = next..lines[next..].iter().position(Line::is_blank).map_or(lines.len(), |length| next + length);
        if run.is_empty() {
            next += 1;
            continue;
        }
        let kind = kind_of_run(&lines[run.clone()]);
        let mut at = run.start;
        // The first line of the block that is being collected.
        let mut block = at;
        while at < run.end {
            if let Some((heading, length)) = heading_at(&lines, at, &run, kind) {
                push(text, &lines[block..at], kind, &mut blocks);
                blocks.extend(heading_block(text, &lines[at..at + length], heading));
                at += length;
                block = at;
            } else {
                if at > block && starts_block(&lines[at], kind) {
                    push(text, &lines[block..at], kind, &mut blocks);
                    block = at;
                }
                at += 1;
            }
        }
        push(text, &lines[block..at], kind, &mut blocks);
        next = run.end;
    }
    blocks
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = |whole: &'_ str| {
        let line = Line { start, end: start + whole.len(), text: "", indent: 0 };
        start = line.end;
        line
    };
    let mut lines: Vec<Line<'_>> = text.split_inclusive('\n').map(line).collect();
    for line in &mut lines {
        let whole = &text[line.start..line.end];
        line.text = whole.trim();
        line.indent = whole.chars().take_while(|c| c.is_whitespace()).count();
    }
    lines
}

/// Prose, or lines of a log or a conversation.
fn kind_of_run(run: &[Line<'_>]) -> BlockKind {
    if run.iter().any(|line| mark(line.text).is_some_and(|mark| mark.is_question)) {
        return BlockKind::Prose;
    }
    let starting = run.iter().filter(|line| starts_with_time(line.text) || starts_message(line.text)).count();
    if run.len() > 1 && starting as f32 >= LOG_SHARE * run.len() as f32 { BlockKind::Lines } else { BlockKind::Prose }
}

/// True if a line begins a block within a run of lines that are not blank.
fn starts_block(line: &Line<'_>, kind: BlockKind) -> bool {
    match kind {
        BlockKind::Lines => starts_with_time(line.text) || starts_message(line.text),
        BlockKind::Prose => is_bullet(line.text) || mark(line.text).is_some() || line.is_rule(),
    }
}

fn push(text: &str, lines: &[Line<'_>], kind: BlockKind, blocks: &mut Vec<TextBlock>) {
    if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
        blocks.extend(trimmed(text, first.start..last.end).map(|bytes| TextBlock::new(bytes, kind)));
    }
}

fn heading_block(text: &str, lines: &[Line<'_>], heading: (u8, String)) -> Option<TextBlock> {
    let (level, title) = heading;
    let bytes = trimmed(text, lines.first()?.start..lines.last()?.end)?;
    let heading = Some(Box::new(BlockHeading { level, title, end: None }));
    Some(TextBlock { heading, ..TextBlock::new(bytes, BlockKind::Prose) })
}

/// Returns the heading that begins at a line, and the number of its lines. `run`: the lines around it up to the next blank ones.
fn heading_at(lines: &[Line<'_>], at: usize, run: &Range<usize>, kind: BlockKind) -> Option<((u8, String), usize)> {
    let line = &lines[at];
    if kind == BlockKind::Lines {
        return None;
    }
    if let Some(found) = ruled(lines, at, run) {
        return Some(found);
    }
    let width = columns::width(line.text);
    let after_blank = at == run.start;
    if let Some(Mark { level, title, is_question, is_chapter }) = mark(line.text) {
        let after_item = !after_blank && mark(lines[at - 1].text).is_some_and(|before| before.level == level);
        let short = width <= if is_question { MAX_QUESTION_COLUMNS } else { MAX_HEADING_COLUMNS };
        let fits = short && !after_item && (is_chapter || is_question || !ends_sentence(line.text));
        if fits && has_body(lines, at, level) {
            return Some(((level, title.to_owned()), 1));
        }
        return None;
    }
    let is_beside_same_sign =
        [at.checked_sub(1), Some(at + 1)].into_iter().flatten().any(|other| same_sign(lines.get(other), line));
    let is_marked = is_marked_title(line.text) && !is_beside_same_sign;
    if width > MAX_HEADING_COLUMNS || !is_marked && (!after_blank || !is_title_like(line)) {
        return None;
    }
    if is_marked || is_capitals(line.text) {
        return has_body(lines, at, LEVEL_CAPITALS).then(|| ((LEVEL_CAPITALS, line.text.to_owned()), 1));
    }
    if !has_body(lines, at, LEVEL_SHORT) {
        return None;
    }
    // A short line alone, or in front of longer ones.
    let alone = run.len() == 1;
    let next_width = lines.get(at + 1).map_or(0, |next| columns::width(next.text));
    if alone || run.start == at && next_width > MAX_HEADING_COLUMNS && next_width > 2 * width {
        let is_first = lines[..at].iter().all(Line::is_blank);
        return Some(((if is_first && alone { LEVEL_TITLE } else { LEVEL_SHORT }, line.text.to_owned()), 1));
    }
    None
}

/// A title with a rule under it or around it, or a rule alone, which separates parts and has no title.
fn ruled(lines: &[Line<'_>], at: usize, run: &Range<usize>) -> Option<((u8, String), usize)> {
    let is_rule = |at: usize| run.contains(&at) && lines[at].is_rule();
    let is_title = |at: usize| {
        run.contains(&at) && !lines[at].is_rule() && columns::width(lines[at].text) <= 2 * MAX_HEADING_COLUMNS
    };
    let level =
        |at: usize| LEVEL_UNDERLINED[usize::from(!lines[at].text.starts_with(['=', '*', '#', '═', '━', '＝', '＊']))];
    let title = |at: usize| lines[at].text.to_owned();
    if is_rule(at) && is_title(at + 1) && is_rule(at + 2) {
        return Some(((level(at), title(at + 1)), 3));
    }
    if is_rule(at) {
        return Some(((LEVEL_SEPARATOR, String::new()), 1));
    }
    // The line before a rule is a title if it begins a paragraph, and the rule is about as long.
    let underlines = |rule: &Line<'_>| {
        let (length, width) = (columns::width(rule.text), columns::width(lines[at].text));
        length + 4 >= width && length <= 2 * width + 8 && !rule.text.contains(' ')
    };
    let begins = at == run.start || lines[at - 1].is_rule();
    (begins && is_title(at) && is_rule(at + 1) && underlines(&lines[at + 1])).then(|| ((level(at + 1), title(at)), 2))
}

/// True if text follows that is not a heading of the same or a higher level, nor the rest of a sentence.
fn has_body(lines: &[Line<'_>], at: usize, level: u8) -> bool {
    let Some(next) = lines[at + 1..].iter().find(|line| !line.is_blank()) else { return false };
    let goes_on = at + 1 < lines.len() && !lines[at + 1].is_blank() && next.text.starts_with(char::is_lowercase);
    !goes_on && !next.is_rule() && mark(next.text).is_none_or(|next| next.level > level)
}

/// True for a line that could be a title: words, without a mark at its end or signs of a table, an address or a list.
fn is_title_like(line: &Line<'_>) -> bool {
    let text = line.text;
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2
        && line.indent <= 3
        && text.starts_with(char::is_alphanumeric)
        && !text.starts_with(char::is_lowercase)
        && !text.ends_with(['.', ',', ';', '!', '。', '，', '；', '！', '…', '、', '|', '-', '='])
        && !text.contains("   ")
        && !text.contains(['\t', '|', '@', '='])
        && !text.contains("://")
}

/// True for a line in 【】, or behind a number in them, or behind a sign that is put in front of titles.
fn is_marked_title(text: &str) -> bool {
    let title = match text.strip_prefix('【').and_then(|rest| rest.split_once('】')) {
        Some((title, "")) => Some(title),
        Some((number, title)) => number.chars().all(|c| c.is_numeric() || is_han_digit(c)).then_some(title),
        None => text.strip_prefix(['■', '◆', '★', '▲', '▶', '§', '※']),
    };
    title.is_some_and(|title| title.contains(char::is_alphanumeric)) && !ends_sentence(text)
}

/// True if a line begins with the same character: then both are items of a list.
fn same_sign(other: Option<&Line<'_>>, line: &Line<'_>) -> bool {
    other.is_some_and(|other| other.text.chars().next().is_some_and(|sign| line.text.starts_with(sign)))
}

fn is_capitals(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() >= 3 && !text.chars().any(char::is_lowercase)
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', ',', ';', '!', '。', '，', '；', '！'])
}
