//! What diagrams and charts say, and what is said of embedded files that are not read.

use std::collections::HashSet;

use crate::office::markdown::one_line;
use crate::office::xml::{Node, Xml};

/// What a diagram or a chart says: the paragraphs of its shapes, the names of its series and categories.
pub(in crate::office) fn drawing_text(xml: &mut Xml<'_>) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    let mut strings = 0;
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "t" => paragraph.push_str(&xml.text()),
                "strCache" => strings = xml.depth(),
                "v" if strings > 0 => {
                    texts.push(one_line(&std::mem::take(&mut paragraph)));
                    texts.push(one_line(&xml.text()));
                }
                "p" => texts.push(one_line(&std::mem::take(&mut paragraph))),
                _ => {}
            },
            Node::Close if xml.depth() < strings => strings = 0,
            _ => {}
        }
    }
    texts.push(one_line(&paragraph));
    texts.retain(|text| !text.is_empty());
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts.join("; ")
}

/// Says how many embedded files were passed over.
pub(in crate::office) fn embedded_losses(count: usize, losses: &mut Vec<String>) {
    match count {
        0 => {}
        1 => losses.push("an embedded object (formula, sheet, file) was not read".to_owned()),
        _ => losses.push(format!("{count} embedded objects (formulas, sheets, files) were not read")),
    }
}
