//! Scalars of YAML over several lines, and keys.

use serde_json::Value;

use super::scalar;
use super::yaml::Reader;

/// The longest key, in bytes.
const MAX_KEY_BYTES: usize = 200;

/// Returns the key at the beginning of a line, and the byte after its colon.
pub(super) fn key(line: &str) -> Option<(String, usize)> {
    let (key, after) = match line.chars().next()? {
        '"' => scalar::double_quoted(line, false)?,
        '\'' => scalar::single_quoted(line, false)?,
        '[' | ']' | '{' | '}' | ',' | '#' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' => return None,
        '-' | '?' if matches!(line.get(1..2), None | Some(" ")) => return None,
        c if c.is_whitespace() => return None,
        _ => {
            let ends = |at: &usize| line[at + 1..].chars().next().is_none_or(char::is_whitespace);
            let colon = line.match_indices(':').map(|(at, _)| at).find(ends)?;
            (line[..colon].trim_end().to_owned(), colon)
        }
    };
    let rest = line[after..].trim_start().strip_prefix(':')?;
    let is_key = !key.is_empty() && key.len() <= MAX_KEY_BYTES && !key.contains(" #") && !key.contains('\n');
    (is_key && rest.chars().next().is_none_or(char::is_whitespace)).then(|| (key, line.len() - rest.len()))
}

/// Returns a text without the comment at its end.
fn without_comment(text: &str) -> (&str, bool) {
    let is_mark = |at: &usize| text[..*at].ends_with(char::is_whitespace);
    match text.match_indices('#').map(|(at, _)| at).find(is_mark) {
        Some(at) => (text[..at].trim_end(), true),
        None => (text, false),
    }
}

impl Reader<'_> {
    /// Reads a scalar without quotes, which may go on in lines that are indented more than `indent`. The reader is behind its first line.
    pub(super) fn plain_scalar(&mut self, first: &str, indent: usize) -> Option<Value> {
        let (first, mut is_closed) = without_comment(first);
        let (mut text, mut lines, mut blank) = (first.to_owned(), 1, 0);
        let mut at = self.at;
        while let Some(line) = self.lines.get(at).copied() {
            at += 1;
            if line.text.is_empty() {
                blank += 1;
                continue;
            }
            if line.indent <= indent {
                break;
            }
            if line.text.starts_with('#') {
                is_closed = true;
                continue;
            }
            // Text after a comment, a mapping or a list in a scalar: not valid.
            if is_closed || key(line.text).is_some() || line.text.starts_with("- ") || line.text.starts_with('\t') {
                return None;
            }
            let (more, closed) = without_comment(line.text);
            is_closed = closed;
            match std::mem::take(&mut blank) {
                0 => text.push(' '),
                blank => text.extend(std::iter::repeat_n('\n', blank)),
            }
            text.push_str(more);
            lines += 1;
            self.at = at;
        }
        Some(if lines == 1 { scalar::plain(&text) } else { Value::from(text) })
    }

    /// Reads a block scalar, whose first line is `header`: `|` keeps line breaks, `>` folds them. White space at its end is left out.
    pub(super) fn block_scalar(&mut self, header: &str, indent: usize) -> Option<String> {
        let (header, _) = without_comment(header);
        let folds = header.starts_with('>');
        let mut explicit = None;
        for c in header.chars().skip(1) {
            match c {
                '+' | '-' => {}
                '1'..='9' if explicit.is_none() => explicit = Some(indent + c.to_digit(10)? as usize),
                _ => return None,
            }
        }
        let mut margin = explicit;
        let mut text = String::new();
        // The number of line breaks since the last text, and whether that was indented more than the margin.
        let (mut breaks, mut was_deeper) = (0, false);
        while let Some(line) = self.lines.get(self.at).copied() {
            if line.text.is_empty() {
                (breaks, self.at) = (breaks + 1, self.at + 1);
                continue;
            }
            if line.indent <= indent {
                break;
            }
            let margin = *margin.get_or_insert(line.indent);
            let extra = line.indent.checked_sub(margin)?;
            let is_deeper = extra > 0 || line.text.starts_with('\t');
            if !text.is_empty() {
                match breaks {
                    1 if folds && !is_deeper && !was_deeper => text.push(' '),
                    _ if folds && !is_deeper && !was_deeper => text.extend(std::iter::repeat_n('\n', breaks - 1)),
                    _ => text.extend(std::iter::repeat_n('\n', breaks)),
                }
            }
            text.extend(std::iter::repeat_n(' ', extra));
            text.push_str(line.text);
            (breaks, was_deeper, self.at) = (1, is_deeper, self.at + 1);
        }
        Some(text)
    }
}
