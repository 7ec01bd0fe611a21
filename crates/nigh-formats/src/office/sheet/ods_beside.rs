//! Texts of an OpenDocument spreadsheet apart from cells: printed headers and footers, input messages of cells.

use std::collections::HashMap;

use crate::office::drawing::join_title;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::sheet::messages::is_useful;
use crate::office::xml::{Xml, XmlNode};

/// At most this many validation rules of one file are read.
const MAX_RULES: usize = 10_000;

/// Returns the headers and footers of the pages, without fields: names of sheets, numbers, dates.
pub(super) fn printed(styles: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut xml = Xml::new(styles, Ns::Office);
    while let Some(node) = xml.next() {
        let XmlNode::Open(element) = node else { continue };
        let label = match element.name() {
            (Ns::Style, "header" | "header-first" | "header-left") => "Header",
            (Ns::Style, "footer" | "footer-first" | "footer-left") => "Footer",
            _ => continue,
        };
        if element.get("display").is_some_and(|display| display == "false") {
            xml.skip();
            continue;
        }
        let text = paragraphs(&mut xml);
        let line = format!("{label}: {text}");
        if !text.is_empty() && !words.contains(&line) {
            words.push(line);
        }
    }
    words
}

/// Returns the useful paragraphs of a header, separated by " | ".
fn paragraphs(xml: &mut Xml<'_>) -> String {
    let inside = xml.depth();
    let mut texts: Vec<(String, bool)> = Vec::new();
    while let Some(node) = xml.next() {
        match node {
            XmlNode::Open(element) => match element.name() {
                (Ns::Text, "p") => texts.push((String::new(), false)),
                (Ns::Text, "page-number" | "page-count") => {
                    texts.iter_mut().last().into_iter().for_each(|(_, numbered)| *numbered = true);
                    xml.skip();
                }
                (Ns::Text, "sheet-name" | "title" | "date" | "time" | "file-name") => xml.skip(),
                (Ns::Text, "s" | "tab" | "line-break") => {
                    texts.iter_mut().last().into_iter().for_each(|(text, _)| text.push(' '));
                }
                _ => {}
            },
            XmlNode::Text(text) => texts.iter_mut().last().into_iter().for_each(|(all, _)| all.push_str(&text)),
            XmlNode::Close => {}
        }
        if xml.depth() < inside {
            break;
        }
    }
    let texts = texts.into_iter().map(|(text, numbered)| (one_line(&text), numbered));
    texts.filter(|(text, numbered)| is_useful(text, *numbered)).map(|(text, _)| text).collect::<Vec<_>>().join(" | ")
}

/// Returns the input messages and error messages of validation rules, by the rule's name.
pub(super) fn messages(xml: &mut Xml<'_>) -> HashMap<String, Vec<String>> {
    let mut messages: HashMap<String, Vec<String>> = HashMap::new();
    while let Some(rule) = xml.child() {
        let name = rule.get("name").filter(|_| messages.len() < MAX_RULES);
        while let Some(part) = xml.child() {
            let label = match part.name() {
                (Ns::Table, "help-message") => "Input message",
                (Ns::Table, "error-message") => "Error message",
                _ => {
                    xml.skip();
                    continue;
                }
            };
            let title = one_line(&part.get("title").unwrap_or_default());
            let mut lines = Vec::new();
            while let Some(_paragraph) = xml.child() {
                lines.push(one_line(&xml.text()));
            }
            let text = join_title(&title, lines.join(" ").trim()).map(|text| format!("{label}: {text}"));
            if let (Some(name), Some(text)) = (&name, text) {
                messages.entry(name.clone()).or_default().push(text);
            }
        }
    }
    messages
}
