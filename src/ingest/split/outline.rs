//! Finds the definitions of a program text: functions, types and modules, by indentation and the form of lines. It needs no
//! grammar, so it cannot fail on an unknown language; the result only decides where to split.

use super::definition::{DefinitionContent, FoundDefinition, Surroundings, find};
use super::keywords::{identifier, is_statement};
use super::lines::{CodeLine, LineKind};

/// The depth to which nested definitions are found.
const MAX_DEPTH: usize = 6;
/// The number of lines after the first that may belong to a signature.
const MAX_SIGNATURE_LINES: usize = 16;

/// A definition as a range of lines: from the comments above it to its last line.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) first: usize,
    pub(super) signature: usize,
    /// The end: one past the last line.
    pub(super) end: usize,
    indent: usize,
    /// The depth of nesting, from 1.
    pub(super) depth: usize,
    /// True after a line that closes it: only lines with more indentation may still belong to it.
    closed: bool,
    pub(super) found: FoundDefinition,
}

/// Finds all definitions of two lines or more, in the order of their first lines. Each is inside another one or separate from it.
pub(super) fn definitions(text: &str, lines: &[CodeLine]) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    // The indices in `found` of the definitions that have not ended, outermost first.
    let mut open: Vec<usize> = Vec::new();
    // One past the last line of the open definitions.
    let mut end = 0;
    // The first line whose comments may belong to the next definition.
    let mut comments_from = 0;
    // An SQL statement continues up to this line, whatever its lines look like.
    let mut sql_end = 0;
    for (number, line) in lines.iter().enumerate() {
        let innermost = open.last().and_then(|top| found.get(*top));
        // Skip lines that cannot begin or end a definition.
        match line.kind {
            LineKind::Blank => continue,
            LineKind::Comment | LineKind::Directive if innermost.is_none_or(|around| line.indent <= around.indent) => {
                continue;
            }
            LineKind::Code if number >= sql_end => {}
            // The inside of a string, an indented comment, or the inside of an SQL statement.
            _ => {
                end = number + 1;
                continue;
            }
        }
        let head = line.head(text);
        // Close the definitions that this line does not belong to.
        while let Some(around) = open.last().and_then(|top| found.get_mut(*top)) {
            if continue_with(around, line.indent, head) {
                break;
            }
            around.end = end;
            comments_from = end;
            open.pop();
        }
        let within = open.last().and_then(|top| found.get(*top));
        // Open a definition if the line begins one.
        if open.len() < MAX_DEPTH && within.is_none_or(|around| line.indent > around.indent) {
            let around = Surroundings { top: line.indent == 0, within: within.map(|around| around.found.holds) };
            let after = if head.contains('(') { signature_lines(text, lines, number) } else { Vec::new() };
            if let Some(definition) = find(head, &after, around) {
                if definition.holds == DefinitionContent::Sql {
                    sql_end = end_of_sql(text, lines, number);
                }
                open.push(found.len());
                found.push(Definition {
                    first: first_line(text, lines, number, comments_from),
                    signature: number,
                    end: number + 1,
                    indent: line.indent,
                    depth: open.len(),
                    closed: false,
                    found: definition,
                });
                comments_from = number + 1;
            }
        }
        end = number + 1;
    }
    for top in open {
        if let Some(around) = found.get_mut(top) {
            around.end = end;
        }
    }
    found.retain(|definition| definition.end > definition.signature + 1);
    found
}

/// True if a line of code belongs to the open definition. Notes if the line closes the definition.
fn continue_with(around: &mut Definition, indent: usize, head: &str) -> bool {
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

/// True for a label: "out:", "case 1:".
fn is_label(head: &str) -> bool {
    let word = identifier(head);
    let rest = head.get(word.len()..).unwrap_or_default().trim_start();
    // C++ and Qt: these look like labels, but begin a section of a class.
    let is_access_section = matches!(word, "public" | "private" | "protected" | "signals" | "slots");
    !word.is_empty()
        && !is_access_section
        && (rest == ":" || (matches!(word, "case" | "default") && rest.contains(':')))
}

/// True for `End`, `EndIf`, `END_FOR` and so on: a word that begins with "end" and is not longer than "endprocedure". This is also true
/// of a few other words ("endpoint"), which moves a split by a few lines at most.
pub(super) fn starts_with_end(head: &str) -> bool {
    let word = identifier(head);
    word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("end")) && word.len() <= "endprocedure".len()
}

/// Returns the following lines to which a signature may extend, trimmed.
fn signature_lines<'t>(text: &'t str, lines: &[CodeLine], number: usize) -> Vec<&'t str> {
    let after = lines.get(number + 1..).unwrap_or_default().iter().take(MAX_SIGNATURE_LINES);
    after.filter(|line| line.kind == LineKind::Code).map(|line| line.head(text)).collect()
}

/// Returns the first line of the definition in line `number`, including the comments, attributes and type above it, but no line before
/// `min`.
fn first_line(text: &str, lines: &[CodeLine], number: usize, min: usize) -> usize {
    let Some(indent) = lines.get(number).map(|line| line.indent) else { return number };
    let begins_attribute = |line: &CodeLine| {
        let head = line.head(text);
        let opens = head.starts_with(['@', '[']) || head.starts_with("#[") || head.starts_with("template");
        line.kind == LineKind::Code && line.indent == indent && opens
    };
    let mut first = number;
    while let Some(line) = first.checked_sub(1).filter(|above| *above >= min).and_then(|above| lines.get(above)) {
        let head = line.head(text);
        let may_be_in_type = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '*' | '\t');
        let before = first.checked_sub(2).filter(|before| *before >= min).and_then(|before| lines.get(before));
        if line.kind == LineKind::Comment || begins_attribute(line) {
            first -= 1;
        } else if line.kind == LineKind::Blank
            && first == number
            && before.is_some_and(|before| before.kind == LineKind::Comment && before.indent == indent)
        {
            // A comment with a blank line after it belongs to the definition, unless it is the first thing in the file: such a comment
            // describes the whole file.
            let above = lines.get(min..first - 1).unwrap_or_default();
            let comment_lines = above.iter().rev().take_while(|line| line.kind == LineKind::Comment).count();
            if comment_lines + 1 >= first {
                break;
            }
            first -= 1 + comment_lines;
        } else if line.kind == LineKind::Code && line.indent == indent && head.starts_with([')', ']']) {
            // The last line of an attribute over several lines, which has no more lines than a signature.
            let from = first.saturating_sub(MAX_SIGNATURE_LINES).max(min);
            let begin = lines.get(from..first - 1).and_then(|above| above.iter().rposition(begins_attribute));
            let Some(begin) = begin else { break };
            first = from + begin;
        } else if line.kind == LineKind::Code
            && line.indent == indent
            && first == number
            && head.chars().all(may_be_in_type)
        {
            // In old C, the type is alone in the line above "name(".
            let word = identifier(head);
            if is_statement(word) || starts_with_end(head) || !is_name_with_parameters(text, lines, number) {
                break;
            }
            first -= 1;
        } else {
            break;
        }
    }
    first
}

/// True if the line begins with a name and "(", so that the type of the function may be in the line above.
fn is_name_with_parameters(text: &str, lines: &[CodeLine], number: usize) -> bool {
    let head = lines.get(number).map_or("", |line| line.head(text));
    let word = identifier(head);
    !word.is_empty() && head.get(word.len()..).is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// Returns the end of an SQL statement (one past its last line). It ends with the ";" that is not in a body (BEGIN … END, or text
/// between two `$$`), with the END of a body, or before the next statement.
fn end_of_sql(text: &str, lines: &[CodeLine], number: usize) -> usize {
    let mut in_dollars = false;
    let mut in_body = false;
    for (current, line) in lines.iter().enumerate().skip(number) {
        let head = line.head(text);
        let word = identifier(head).to_ascii_uppercase();
        // A line "/" ends a statement of Oracle.
        let is_separator = word == "CREATE" || word == "GO" || word == "DELIMITER" || head == "/";
        if current > number && line.indent == 0 && is_separator && !in_dollars {
            return current;
        }
        in_dollars ^= head.matches("$$").count() % 2 == 1;
        in_body |= matches!(word.as_str(), "BEGIN" | "DECLARE") || head.to_ascii_uppercase().ends_with(" BEGIN");
        let ends = if in_body { line.indent == 0 && word == "END" } else { head.ends_with(';') };
        if ends && !in_dollars {
            return current + 1;
        }
        // A body between two `$$` ends with its END or with the second `$$`: the ";" after it ends the statement.
        in_body &= !(ends || head.contains("$$"));
    }
    lines.len()
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
