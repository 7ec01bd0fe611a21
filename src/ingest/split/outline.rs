//! The definitions of a program text: functions, types and modules, found by indentation and the form of lines. No grammar is
//! needed, so none can fail on an unknown language: the result only decides where to split.

use super::definition::{DefinitionContent, FoundDefinition, Surroundings, find};
use super::keywords::{identifier, is_statement};
use super::lines::{CodeLine, LineKind};

/// Definitions are found in definitions down to this depth.
const DEPTH: usize = 6;
/// The lines after the first that are searched for the rest of a signature.
const SIGNATURE: usize = 16;

/// A definition, in lines: from the comments above it to its last.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) first: usize,
    pub(super) signature: usize,
    /// One past its last.
    pub(super) end: usize,
    indent: usize,
    /// Its depth of nesting, from 1.
    pub(super) depth: usize,
    /// A line has closed it: only lines with more indentation may still belong to it.
    closed: bool,
    pub(super) found: FoundDefinition,
}

/// All definitions of two lines or more, in the order of their first lines, each within another or apart from it.
pub(super) fn definitions(text: &str, lines: &[CodeLine]) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // One past the last line that belongs to what is open; no comment before `floor` belongs to what comes next.
    let (mut last, mut floor) = (0, 0);
    // A statement of SQL goes on up to this line, whatever its lines look like.
    let mut sql = 0;
    for (number, line) in lines.iter().enumerate() {
        let innermost = open.last().and_then(|top| found.get(*top));
        match line.what {
            LineKind::Blank => continue,
            LineKind::Comment | LineKind::Directive if innermost.is_none_or(|around| line.indent <= around.indent) => {
                continue;
            }
            LineKind::Code if number >= sql => {}
            _ => {
                last = number + 1;
                continue;
            }
        }
        let head = line.head(text);
        while let Some(around) = open.last().and_then(|top| found.get_mut(*top)) {
            if continues(around, line.indent, head) {
                break;
            }
            around.end = last;
            floor = last;
            open.pop();
        }
        let within = open.last().and_then(|top| found.get(*top));
        if open.len() < DEPTH && within.is_none_or(|around| line.indent > around.indent) {
            let around = Surroundings { top: line.indent == 0, within: within.map(|around| around.found.holds) };
            let after = if head.contains('(') { following(text, lines, number) } else { Vec::new() };
            if let Some(definition) = find(head, &after, around) {
                if definition.holds == DefinitionContent::Sql {
                    sql = end_of_sql(text, lines, number);
                }
                open.push(found.len());
                found.push(Definition {
                    first: above(text, lines, number, floor),
                    signature: number,
                    end: number + 1,
                    indent: line.indent,
                    depth: open.len(),
                    closed: false,
                    found: definition,
                });
                floor = number + 1;
            }
        }
        last = number + 1;
    }
    for top in open {
        if let Some(around) = found.get_mut(top) {
            around.end = last;
        }
    }
    found.retain(|definition| definition.end > definition.signature + 1);
    found
}

/// Whether a line of code belongs to the open definition.
fn continues(around: &mut Definition, indent: usize, head: &str) -> bool {
    if indent > around.indent {
        return true;
    }
    if around.found.holds == DefinitionContent::Labels && is_label(head) {
        return true;
    }
    if indent < around.indent || around.closed {
        return false;
    }
    if around.found.holds == DefinitionContent::Equations {
        return identifier(head) == around.found.title;
    }
    around.closed = head.starts_with('}') || starts_with_end(head);
    // Lines that open or continue a body at the indentation of the first line.
    let word = identifier(head).to_ascii_lowercase();
    around.closed
        || head.starts_with(['{', ')', ']', '>'])
        || matches!(word.as_str(), "where" | "begin" | "then" | "is" | "rescue" | "ensure" | "deriving")
        || matches!(head, "do" | "public:" | "private:" | "protected:" | "signals:" | "as")
}

/// "out:", "case 1:".
fn is_label(head: &str) -> bool {
    let word = identifier(head);
    let rest = head.get(word.len()..).unwrap_or_default().trim_start();
    let access = matches!(word, "public" | "private" | "protected" | "signals" | "slots");
    !word.is_empty() && !access && (rest == ":" || (matches!(word, "case" | "default") && rest.contains(':')))
}

pub(super) fn starts_with_end(head: &str) -> bool {
    let word = identifier(head);
    word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("end")) && word.len() <= "endprocedure".len()
}

/// The lines after a line that a signature may extend to, trimmed.
fn following<'t>(text: &'t str, lines: &[CodeLine], number: usize) -> Vec<&'t str> {
    let after = lines.get(number + 1..).unwrap_or_default().iter().take(SIGNATURE);
    after.filter(|line| line.what == LineKind::Code).map(|line| line.head(text)).collect()
}

/// The first line of a definition, including the comments, attributes and type above it.
fn above(text: &str, lines: &[CodeLine], number: usize, floor: usize) -> usize {
    let Some(indent) = lines.get(number).map(|line| line.indent) else { return number };
    let attribute = |line: &CodeLine| {
        let head = line.head(text);
        let opens = head.starts_with(['@', '[']) || head.starts_with("#[") || head.starts_with("template");
        line.what == LineKind::Code && line.indent == indent && opens
    };
    let mut first = number;
    while let Some(line) = first.checked_sub(1).filter(|above| *above >= floor).and_then(|above| lines.get(above)) {
        let head = line.head(text);
        let alone = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '*' | '\t');
        let before = first.checked_sub(2).filter(|before| *before >= floor).and_then(|before| lines.get(before));
        if line.what == LineKind::Comment || attribute(line) {
            first -= 1;
        } else if line.what == LineKind::Blank
            && first == number
            && before.is_some_and(|before| before.what == LineKind::Comment && before.indent == indent)
        {
            // A comment with a blank line after it, unless it opens the file: that is about all of it.
            let above = lines.get(floor..first - 1).unwrap_or_default();
            let comment = above.iter().rev().take_while(|line| line.what == LineKind::Comment).count();
            if comment + 1 >= first {
                break;
            }
            first -= 1 + comment;
        } else if line.what == LineKind::Code && line.indent == indent && head.starts_with([')', ']']) {
            // An attribute over several lines.
            let from = first.saturating_sub(SIGNATURE).max(floor);
            let opened = lines.get(from..first - 1).and_then(|above| above.iter().rposition(attribute));
            let Some(opened) = opened else { break };
            first = from + opened;
        } else if line.what == LineKind::Code && line.indent == indent && first == number && head.chars().all(alone) {
            let word = identifier(head);
            if is_statement(word) || starts_with_end(head) || !begins_with_a_call(text, lines, number) {
                break;
            }
            first -= 1;
        } else {
            break;
        }
    }
    first
}

/// Whether the line has only a name and parameters, so that its type may be in the line above.
fn begins_with_a_call(text: &str, lines: &[CodeLine], number: usize) -> bool {
    let head = lines.get(number).map_or("", |line| line.head(text));
    let word = identifier(head);
    !word.is_empty() && head.get(word.len()..).is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// One past the last line of a statement of SQL: the ";" that is not in a body, or the END of one.
fn end_of_sql(text: &str, lines: &[CodeLine], number: usize) -> usize {
    let mut in_dollars = false;
    let mut body = false;
    for (at, line) in lines.iter().enumerate().skip(number) {
        let head = line.head(text);
        let word = identifier(head).to_ascii_uppercase();
        let next =
            at > number && line.indent == 0 && (word == "CREATE" || word == "GO" || word == "DELIMITER" || head == "/");
        if next && !in_dollars {
            return at;
        }
        in_dollars ^= head.matches("$$").count() % 2 == 1;
        body |= matches!(word.as_str(), "BEGIN" | "DECLARE") || head.to_ascii_uppercase().ends_with(" BEGIN");
        let ends = if body { line.indent == 0 && word == "END" } else { head.ends_with(';') };
        if ends && !in_dollars {
            return at + 1;
        }
        body &= !(ends || head.contains("$$"));
    }
    lines.len()
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
