//! The lines of program text of any language: their indentation, and whether they are comments or inside strings.

use std::ops::Range;

/// A tab ends at the next column that is a multiple of this.
const TAB_COLUMNS: usize = 4;
/// The bytes of a line that are examined. Longer lines are generated.
const EXAMINED_BYTES: usize = 400;

/// The kind of a line, for finding definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Only white space.
    Blank,
    /// Only a comment. It belongs to the line directly after it.
    Comment,
    /// A directive of C's preprocessor. Its indentation has no meaning.
    Directive,
    /// Inside a string of many lines: its indentation has no meaning.
    Inside,
    /// All other lines.
    Code,
}

/// One line.
#[derive(Debug, Clone)]
pub(super) struct CodeLine {
    /// The bytes of the line, including the line end.
    pub(super) bytes: Range<usize>,
    /// The column of the first character that is not white space, from 0.
    pub(super) indent: usize,
    pub(super) kind: LineKind,
}

impl CodeLine {
    /// Returns the part of the line that is examined, without white space around it.
    pub(super) fn head<'t>(&self, text: &'t str) -> &'t str {
        let trimmed = text[self.bytes.clone()].trim();
        &trimmed[..trimmed.floor_char_boundary(EXAMINED_BYTES)]
    }
}

/// The marks that open and close comments of many lines.
const COMMENTS: [(&str, &str); 6] =
    [("/*", "*/"), ("{-", "-}"), ("(*", "*)"), ("<!--", "-->"), ("--[[", "]]"), ("=begin", "=end")];
/// The marks that both open and close strings of many lines.
const STRINGS: [&str; 2] = ["\"\"\"", "'''"];

#[rustfmt::skip]
const DIRECTIVES: [&str; 16] = [
    "#if", "#ifdef", "#ifndef", "#else", "#elif", "#endif", "#define", "#undef", "#include", "#pragma", "#error",
    "#warning", "#region", "#endregion", "#line", "#import",
];

/// Finds all lines of a text. Ignores a comment or string that is not closed.
pub(super) fn lines(text: &str) -> Vec<CodeLine> {
    let mut lines: Vec<CodeLine> = Vec::new();
    // The end of the current comment or string of many lines, and the kind of the lines that begin before that end.
    let (mut span_end, mut kind_in_span, mut indent_of_comment) = (0, LineKind::Code, 0);
    // Marks that do not occur in the rest of the text: they are not searched for again, which would take quadratic time.
    let mut absent: Vec<&str> = Vec::new();
    let mut line_end = 0;
    for line in text.split_inclusive('\n') {
        let bytes = line_end..line_end + line.len();
        line_end = bytes.end;
        let trimmed = line.trim();
        let mut indent = 0;
        for c in line.chars().take_while(|c| c.is_whitespace()) {
            indent = if c == '\t' { (indent / TAB_COLUMNS + 1) * TAB_COLUMNS } else { indent + 1 };
        }
        let kind = if trimmed.is_empty() {
            LineKind::Blank
        } else if bytes.start < span_end {
            if kind_in_span == LineKind::Comment {
                indent = indent_of_comment;
            }
            kind_in_span
        } else {
            let kind = line_kind(trimmed);
            let content = line_end - line.trim_start().len();
            if let Some((open, close)) = COMMENTS.iter().find(|(open, _)| trimmed.starts_with(open)) {
                if let Some(end) = find_close(text, content + open.len(), close, &mut absent) {
                    (span_end, kind_in_span, indent_of_comment) = (end, LineKind::Comment, indent);
                }
                if span_end > content { LineKind::Comment } else { kind }
            } else {
                if kind == LineKind::Code
                    && let Some(mark) = STRINGS.iter().find(|mark| trimmed.matches(**mark).count() % 2 == 1)
                    && let Some(end) = find_close(text, line_end, mark, &mut absent)
                {
                    (span_end, kind_in_span) = (end, LineKind::Inside);
                }
                kind
            }
        };
        lines.push(CodeLine { bytes, indent, kind });
    }
    lines
}

/// Returns the end (one past) of the closing mark, searched from the byte `from`.
fn find_close<'m>(text: &str, from: usize, mark: &'m str, absent: &mut Vec<&'m str>) -> Option<usize> {
    if absent.contains(&mark) {
        return None;
    }
    let end = text.get(from..)?.find(mark).map(|offset| from + offset + mark.len());
    if end.is_none() {
        absent.push(mark);
    }
    end
}

/// Returns the kind of a line outside comments and strings.
fn line_kind(trimmed: &str) -> LineKind {
    let word = trimmed.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    // A directive of C's preprocessor begins with the mark of other languages' comments; "#[" begins an attribute of Rust.
    let has_comment_mark = trimmed.starts_with("//")
        || (trimmed.starts_with('#') && !trimmed.starts_with("#["))
        || trimmed.starts_with("-- ")
        || trimmed.starts_with("---")
        || matches!(word, "--" | "REM" | "%" | "%%" | "%%%" | ";" | ";;" | ";;;" | ";;;;");
    match has_comment_mark {
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
        let found: Vec<(LineKind, usize)> = lines(text).iter().map(|line| (line.kind, line.indent)).collect();
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
