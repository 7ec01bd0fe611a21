//! The lines of program text of any language: their indentation, and whether they are comments or inside strings.

use std::ops::Range;

/// A column of a tab is the next multiple of this.
const TAB: usize = 4;
/// The bytes of a line that are examined: longer lines are generated.
const LOOK: usize = 400;

/// The kind of a line, for finding definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// White space alone.
    Blank,
    /// A comment alone. It belongs to what follows it directly.
    Comment,
    /// A directive of C's preprocessor, at any indentation.
    Directive,
    /// Within a string of many lines: its indentation has no meaning.
    Inside,
    /// All else.
    Code,
}

/// One line.
#[derive(Debug, Clone)]
pub(super) struct CodeLine {
    /// Its bytes, the line end included.
    pub(super) bytes: Range<usize>,
    /// The column of its first character that is not white space, from 0.
    pub(super) indent: usize,
    pub(super) what: LineKind,
}

impl CodeLine {
    /// The part of the line that is examined, without white space around it.
    pub(super) fn head<'t>(&self, text: &'t str) -> &'t str {
        let trimmed = text[self.bytes.clone()].trim();
        &trimmed[..trimmed.floor_char_boundary(LOOK)]
    }
}

/// How comments of many lines open and close.
const COMMENTS: [(&str, &str); 6] =
    [("/*", "*/"), ("{-", "-}"), ("(*", "*)"), ("<!--", "-->"), ("--[[", "]]"), ("=begin", "=end")];
/// Strings of many lines open and close alike.
const STRINGS: [&str; 2] = ["\"\"\"", "'''"];

#[rustfmt::skip]
const DIRECTIVES: [&str; 16] = [
    "#if", "#ifdef", "#ifndef", "#else", "#elif", "#endif", "#define", "#undef", "#include", "#pragma", "#error",
    "#warning", "#region", "#endregion", "#line", "#import",
];

/// All lines of a text. A comment or string that is not closed is ignored.
pub(super) fn lines(text: &str) -> Vec<CodeLine> {
    let mut found: Vec<CodeLine> = Vec::new();
    // A comment or a string extends to this byte; a line that begins before it is part of it.
    let (mut until, mut inside, mut indent_of_comment) = (0, LineKind::Code, 0);
    // A mark that was not found once is not looked for again.
    let mut absent: Vec<&str> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bytes = at..at + line.len();
        at = bytes.end;
        let trimmed = line.trim();
        let mut indent = 0;
        for c in line.chars().take_while(|c| c.is_whitespace()) {
            indent = if c == '\t' { (indent / TAB + 1) * TAB } else { indent + 1 };
        }
        let what = if trimmed.is_empty() {
            LineKind::Blank
        } else if bytes.start < until {
            if inside == LineKind::Comment {
                indent = indent_of_comment;
            }
            inside
        } else {
            let what = what(trimmed);
            let content = at - line.trim_start().len();
            if let Some((open, close)) = COMMENTS.iter().find(|(open, _)| trimmed.starts_with(open)) {
                if let Some(end) = closed(text, content + open.len(), close, &mut absent) {
                    (until, inside, indent_of_comment) = (end, LineKind::Comment, indent);
                }
                if until > content { LineKind::Comment } else { what }
            } else {
                if what == LineKind::Code
                    && let Some(mark) = STRINGS.iter().find(|mark| trimmed.matches(**mark).count() % 2 == 1)
                    && let Some(end) = closed(text, at, mark, &mut absent)
                {
                    (until, inside) = (end, LineKind::Inside);
                }
                what
            }
        };
        found.push(CodeLine { bytes, indent, what });
    }
    found
}

/// One past the mark that closes, from the byte `from`.
fn closed<'m>(text: &str, from: usize, mark: &'m str, absent: &mut Vec<&'m str>) -> Option<usize> {
    if absent.contains(&mark) {
        return None;
    }
    let found = text.get(from..)?.find(mark).map(|at| from + at + mark.len());
    if found.is_none() {
        absent.push(mark);
    }
    found
}

fn what(trimmed: &str) -> LineKind {
    let word = trimmed.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let comment = trimmed.starts_with("//")
        || (trimmed.starts_with('#') && !trimmed.starts_with("#["))
        || trimmed.starts_with("-- ")
        || trimmed.starts_with("---")
        || matches!(word, "--" | "REM" | "%" | "%%" | "%%%" | ";" | ";;" | ";;;" | ";;;;");
    match comment {
        true if DIRECTIVES.contains(&word) => LineKind::Directive,
        true => LineKind::Comment,
        false => LineKind::Code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_of_many_lines() {
        let text = "/* a\n b */\nx = \"\"\"one\ntwo\n\"\"\"\n\ty\n-- c\n--i;\n#if X\n# c\n#[a]\n/* open\n";
        let found: Vec<(LineKind, usize)> = lines(text).iter().map(|line| (line.what, line.indent)).collect();
        use LineKind::{Code, Comment, Directive, Inside};
        assert_eq!(
            found,
            [
                (Comment, 0),
                (Comment, 0),
                (Code, 0),
                (Inside, 0),
                (Inside, 0),
                (Code, 4),
                (Comment, 0),
                (Code, 0),
                (Directive, 0),
                (Comment, 0),
                (Code, 0),
                (Code, 0),
            ]
        );
    }
}
