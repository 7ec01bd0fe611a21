//! Texts of drawings: descriptions of pictures, the words of diagrams and charts, and the report of embedded files.

use std::collections::HashSet;

use crate::office::archive::Archive;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::xml::{Element, Xml, XmlNode};

/// Up to this many numbers on one axis of a chart are taken as categories: years, not measurements.
const MAX_CATEGORIES: usize = 60;

/// Returns the title and the description (alternative text) of a picture or shape. Reads the element to its end. Returns `None` for
/// decoration.
pub(in crate::office) fn description(xml: &mut Xml<'_>, element: &Element<'_>) -> Option<String> {
    let inside = xml.depth();
    let mut decoration = false;
    while let Some(node) = xml.next() {
        if let XmlNode::Open(element) = &node
            && element.has_name(Ns::Decorative, "decorative")
        {
            decoration = element.is_true("val");
        }
        if xml.depth() < inside {
            break;
        }
    }
    let attribute_text = |name: &str| one_line(&element.get(name).unwrap_or_default());
    if decoration { None } else { join_title(&attribute_text("title"), &attribute_text("descr")) }
}

/// Joins a title and a description into one text.
pub(in crate::office) fn join_title(title: &str, description: &str) -> Option<String> {
    match (title, description) {
        ("", "") => None,
        (one, "") | ("", one) => Some(one.to_owned()),
        (title, description) if description.starts_with(title) => Some(description.to_owned()),
        (title, description) => Some(format!("{title}: {description}")),
    }
}

/// Returns the text of a diagram or chart, and of the drawings on it, which are separate parts.
pub(in crate::office) fn part_text(archive: &mut Archive<'_>, name: &str, losses: &mut Vec<String>) -> Option<String> {
    let mut read = |archive: &mut Archive<'_>, name: &str| {
        let text = archive.optional(name, losses)?;
        let mut xml = Xml::new(&text, Ns::Chart);
        let words = drawing_text(&mut xml);
        xml.losses(name, losses);
        Some(words)
    };
    let mut texts = vec![read(archive, name)?];
    let beside = archive.relations(name).unwrap_or_default().into_values();
    let mut drawn: Vec<String> = beside.filter(|part| part.kind == "chartUserShapes").map(|part| part.target).collect();
    drawn.sort();
    texts.extend(drawn.iter().filter_map(|name| read(archive, name)));
    texts.retain(|text| !text.is_empty());
    Some(texts.join("; "))
}

/// Returns the text of a diagram or a chart: the paragraphs of its shapes; titles, the names of series and categories.
fn drawing_text(xml: &mut Xml<'_>) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    // The depth of each open element: texts of a chart, the categories, their numbers.
    let (mut strings, mut categories, mut numbers, mut counted) = (0, 0, 0, 0);
    while let Some(node) = xml.next() {
        match node {
            XmlNode::Open(element) => match element.name() {
                (Ns::Drawing, "t") => paragraph.push_str(&xml.text()),
                (Ns::Drawing, "br") => paragraph.push(' '),
                (Ns::Drawing, "p") => texts.push(one_line(&std::mem::take(&mut paragraph))),
                (Ns::Chart, "strCache" | "strLit" | "multiLvlStrCache" | "tx") | (Ns::Chart2014, "strDim") => {
                    strings = xml.depth();
                }
                (Ns::Chart, "cat") => (categories, counted) = (xml.depth(), 0),
                (Ns::Chart, "numCache" | "numLit") if categories > 0 => numbers = xml.depth(),
                // Dates are stored as numbers, which are useless to a reader.
                (Ns::Chart, "formatCode") if numbers > 0 => {
                    let code = xml.text();
                    if !matches!(code.trim(), "" | "General" | "0") {
                        numbers = 0;
                    }
                }
                (Ns::Chart, "v") if strings > 0 => {
                    texts.push(one_line(&std::mem::take(&mut paragraph)));
                    texts.push(one_line(&xml.text()));
                }
                (Ns::Chart, "v") if numbers > 0 => {
                    counted += 1;
                    let number = xml.text();
                    texts.extend((counted <= MAX_CATEGORIES).then(|| one_line(&number)));
                }
                (Ns::Chart2014, "v") => texts.push(one_line(&xml.text())),
                (Ns::Chart2014, "pt") if strings > 0 => texts.push(one_line(&xml.text())),
                _ => {}
            },
            XmlNode::Close => {
                for open in [&mut strings, &mut categories, &mut numbers] {
                    if xml.depth() < *open {
                        *open = 0;
                    }
                }
            }
            XmlNode::Text(_) => {}
        }
    }
    texts.push(one_line(&paragraph));
    texts.retain(|text| !text.is_empty());
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts.join("; ")
}

/// Reports how many embedded files were skipped.
pub(in crate::office) fn embedded_losses(count: usize, losses: &mut Vec<String>) {
    match count {
        0 => {}
        1 => losses.push("an embedded object (formula, sheet, file) was not read".to_owned()),
        _ => losses.push(format!("{count} embedded objects (formulas, sheets, files) were not read")),
    }
}
