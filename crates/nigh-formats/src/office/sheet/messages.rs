//! Texts of a sheet apart from cells: printed header and footer, input messages of cells, tooltips of links.

use std::collections::BTreeMap;

use crate::office::drawing::join_title;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::sheet::cells::{reference, unescape};
use crate::office::xml::{Element, Xml};

/// At most this many messages of one sheet are read.
const MAX_MESSAGES: usize = 10_000;
/// Fewest characters of a useful text with a page number: "Page 3 of 9" says nothing.
const MIN_NUMBERED_CHARS: usize = 20;

/// Texts of a sheet apart from its cells.
#[derive(Debug, Default)]
pub(in crate::office) struct Messages {
    /// The messages of each row.
    pub(in crate::office) rows: BTreeMap<u32, Vec<String>>,
    /// The printed headers and footers.
    pub(in crate::office) printed: Vec<String>,
    count: usize,
}

impl Messages {
    /// Reads an element of a sheet that is not a cell, to its end.
    pub(in crate::office) fn read(&mut self, xml: &mut Xml<'_>, element: &Element<'_>) {
        match element.name() {
            (Ns::Sheet, "headerFooter") => {
                while let Some(part) = xml.child() {
                    let label = if part.name().1.ends_with("Header") { "Header" } else { "Footer" };
                    let text = printed(&xml.text());
                    let text = format!("{label}: {text}");
                    if text.len() > label.len() + 2 && !self.printed.contains(&text) {
                        self.printed.push(text);
                    }
                }
            }
            (Ns::Sheet | Ns::Sheet2009, "dataValidations") => {
                while let Some(rule) = xml.child() {
                    self.rule(xml, &rule);
                }
            }
            (Ns::Sheet, "hyperlinks") => {
                while let Some(link) = xml.child() {
                    let hint = link.get("tooltip").filter(|hint| !hint.contains("://"));
                    self.add(link.get("ref").as_deref(), hint.map(|hint| one_line(&unescape(&hint))));
                    xml.skip();
                }
            }
            (Ns::Sheet, "extLst" | "ext") => {
                while let Some(part) = xml.child() {
                    self.read(xml, &part);
                }
            }
            _ => xml.skip(),
        }
    }

    /// Reads the input message and the error message of a cell.
    fn rule(&mut self, xml: &mut Xml<'_>, rule: &Element<'_>) {
        let mut area = rule.get("sqref");
        while let Some(part) = xml.child() {
            if part.name().1 == "sqref" {
                area = Some(xml.text());
            } else {
                xml.skip();
            }
        }
        let attribute_text = |name: &str| one_line(&unescape(&rule.get(name).unwrap_or_default()));
        for (label, title, text) in
            [("Input message", "promptTitle", "prompt"), ("Error message", "errorTitle", "error")]
        {
            let words =
                join_title(&attribute_text(title), &attribute_text(text)).map(|words| format!("{label}: {words}"));
            self.add(area.as_deref(), words);
        }
    }

    /// Adds the texts of an area to its first row.
    fn add(&mut self, area: Option<&str>, text: Option<String>) {
        let Some(text) = text.filter(|text| !text.is_empty() && self.count < MAX_MESSAGES) else { return };
        self.count += 1;
        let first = area.and_then(|area| reference(area.trim().split([':', ' ']).next().unwrap_or_default()));
        let row_texts = self.rows.entry(first.map_or(1, |(row, _)| row)).or_default();
        if !row_texts.contains(&text) {
            row_texts.push(text);
        }
    }
}

/// Returns a header or footer without its codes, its parts separated by " | ".
fn printed(code: &str) -> String {
    let mut parts = vec![(String::new(), false)];
    let mut rest = code.chars().peekable();
    while let Some(character) = rest.next() {
        let Some((text, numbered)) = parts.last_mut() else { break };
        if character != '&' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('&') => text.push('&'),
            Some('L' | 'C' | 'R') => parts.push((String::new(), false)),
            Some('P' | 'N') => *numbered = true,
            // The code of a font, of a colour, or of a size.
            Some('"') => while rest.next().is_some_and(|next| next != '"') {},
            Some('K') => {
                for _ in 0..6 {
                    rest.next_if(|next| next.is_ascii_hexdigit() || matches!(next, '+' | '-'));
                }
            }
            Some('0'..='9') => while rest.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    let texts = parts.into_iter().map(|(text, numbered)| (one_line(&unescape(&text)), numbered));
    let words: Vec<String> =
        texts.filter(|(text, numbered)| is_useful(text, *numbered)).map(|(text, _)| text).collect();
    words.join(" | ")
}

/// True if a part of a header is useful text; with a page number it needs a minimum length.
pub(super) fn is_useful(text: &str, numbered: bool) -> bool {
    text.chars().any(char::is_alphanumeric) && !(numbered && text.chars().count() < MIN_NUMBERED_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_codes_are_removed() {
        for (code, text) in [
            ("&L&\"Arial,Bold\"&12Not for &Koutside&K000000 use&C&A&RPage &P of &N", "Not for outside use"),
            ("&CA && B&R&D &T", "A & B"),
            ("Plain", "Plain"),
            ("&L&K01+024Draft 3&RSeite &P von &N", "Draft 3"),
            ("&LLeft&RRight_x000a_side", "Left | Right side"),
            ("&R&G", ""),
            ("&", ""),
        ] {
            assert_eq!(printed(code), text, "{code}");
        }
    }
}
