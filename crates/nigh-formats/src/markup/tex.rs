//! LaTeX: sectioning commands, environments that are not prose, the preamble.

use std::ops::Range;

use super::super::heading_text;
use super::MarkupPart;

/// The sectioning commands, outermost first.
const LEVELS: [&str; 7] = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"];
/// Environments whose content is not prose; a star after the name is ignored.
#[rustfmt::skip]
const LITERAL_ENVIRONMENTS: &[&str] = &[
    "verbatim", "Verbatim", "lstlisting", "minted", "equation", "align", "alignat", "gather", "multline", "eqnarray", "displaymath",
    "math", "tabular", "tabularx", "longtable", "tikzpicture", "algorithm", "algorithmic", "comment", "thebibliography",
];
/// Arguments with more than this many bytes are not accepted.
const MAX_ARGUMENT_BYTES: usize = 4 << 10;

pub(super) fn parts(text: &str) -> Vec<MarkupPart> {
    let mut parts = Vec::new();
    let mut at = 0;
    if let Some(begin) = text.find("\\begin{document}") {
        at = begin + "\\begin{document}".len();
        parts.push(MarkupPart::lines(0..at));
    }
    // The end of an environment that was not found once is not searched again.
    let mut absent: Vec<&str> = Vec::new();
    while let Some((start, name)) = command(text, at) {
        let after = start + 1 + name.len();
        at = after;
        if name == "begin" {
            let Some((inside, _)) = argument(text, after, '{', '}') else { continue };
            let environment = &text[inside];
            if !LITERAL_ENVIRONMENTS.contains(&environment.trim_end_matches('*')) || absent.contains(&environment) {
                continue;
            }
            let closing = format!("\\end{{{environment}}}");
            match text.get(after..).and_then(|rest| rest.find(&closing)) {
                Some(found) => {
                    at = after + found + closing.len();
                    parts.push(MarkupPart::lines(start..at));
                }
                None => absent.push(environment),
            }
        } else if let Some(level) = LEVELS.iter().position(|known| *known == name)
            && let Some((title, end)) = section(text, after)
        {
            at = end;
            let level = u8::try_from(level + 1).unwrap_or(u8::MAX);
            parts.push(MarkupPart { bytes: start..end, heading: Some((level, without_commands(&text[title]))) });
        }
    }
    parts
}

/// Returns the argument of `\title{…}`.
pub(super) fn title(text: &str) -> Option<String> {
    let mut at = 0;
    while let Some((start, name)) = command(text, at) {
        at = start + 1 + name.len();
        if name == "title" {
            return section(text, at)
                .map(|(title, _)| without_commands(&text[title]))
                .filter(|title| !title.is_empty());
        }
    }
    None
}

/// Returns the next command from a byte on that is not in a comment: the position of its backslash, and its name.
fn command(text: &str, from: usize) -> Option<(usize, &str)> {
    let mut at = from;
    while let Some(offset) = text.get(at..)?.find(['\\', '%']) {
        let position = at + offset;
        let rest = &text[position + 1..];
        if text[position..].starts_with('%') {
            at = position + 1 + rest.find('\n')?;
            continue;
        }
        let name = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if name > 0 {
            return Some((position, &rest[..name]));
        }
        // "\%", "\\".
        at = position + 1 + rest.chars().next()?.len_utf8();
    }
    None
}

/// Returns the title of a sectioning command, after its star and its short form, and the end of the command.
fn section(text: &str, after: usize) -> Option<(Range<usize>, usize)> {
    let at = after + usize::from(text.get(after..)?.starts_with('*'));
    let at = argument(text, at, '[', ']').map_or(at, |(_, end)| end);
    argument(text, at, '{', '}')
}

/// Returns the inside of an argument that begins here, and its end.
fn argument(text: &str, at: usize, open: char, close: char) -> Option<(Range<usize>, usize)> {
    let rest = text.get(at..)?;
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let rest = rest.get(space..)?;
    if !rest.starts_with(open) {
        return None;
    }
    let mut depth = 0_usize;
    let mut escaped = false;
    for (offset, c) in rest.char_indices().take_while(|(offset, _)| *offset < MAX_ARGUMENT_BYTES) {
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        // A bracket inside braces does not close the argument.
        if !escaped && c == close && depth == 0 {
            return Some((at + space + 1..at + space + offset, at + space + offset + 1));
        }
    }
    None
}

/// Removes the commands from a title. Their arguments stay, except those of labels and notes.
fn without_commands(title: &str) -> String {
    let mut kept = String::new();
    let mut at = 0;
    while let Some(c) = title.get(at..).and_then(|rest| rest.chars().next()) {
        let after = at + c.len_utf8();
        let name = if c == '\\' { title[after..].chars().take_while(char::is_ascii_alphabetic).count() } else { 0 };
        match c {
            '\\' if name > 0 => {
                at = after + name;
                if matches!(&title[after..at], "label" | "footnote" | "thanks" | "index") {
                    at = argument(title, at, '{', '}').map_or(at, |(_, end)| end);
                } else if title[at..].starts_with(' ') && kept.ends_with(' ') {
                    at += 1;
                }
                continue;
            }
            '\\' => {
                // An escaped sign is kept without its backslash; a line break becomes a space.
                let mark = title[after..].chars().next().unwrap_or(' ');
                kept.push(if matches!(mark, '\\' | ',' | ';' | '/') { ' ' } else { mark });
                at = after + title[after..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            '{' | '}' => {}
            '~' => kept.push(' '),
            c => kept.push(c),
        }
        at = after;
    }
    heading_text([kept.as_str()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::show_parts;
    use super::*;

    #[test]
    fn tex_headings_and_environments_are_found() {
        let text = "\\documentclass{a}\n\\title{On \\emph{x}\\thanks{me}}\n\\section{no}\n\\begin{document}\n\\chapter*{中 \\texttt{a_b} {\\bf c}}\n% \\section{comment}\n100\\% \\section[short {]}]{Long~\\& \\\\ wide \\label{l}} text\n\\begin{verbatim}\n\\section{no}\n\\end{verbatim}\n\\begin{align*}\nx\n\\end{align*}\n\\begin{itemize}\n\\item a\n\\end{itemize}\n\\subsection{open\n\\begin{minted} open\n\\paragraph{P}\n";
        assert_eq!(
            show_parts(text, parts(text)),
            [
                &text[..text.find("\n\\chapter").unwrap()],
                "2 中 a_b c",
                "3 Long & wide",
                "\\begin{verbatim}\n\\section{no}\n\\end{verbatim}",
                "\\begin{align*}\nx\n\\end{align*}",
                "6 P",
            ]
        );
        assert_eq!(title(text).unwrap(), "On x");
        assert_eq!(title("% \\title{x}\n"), None);
    }
}
