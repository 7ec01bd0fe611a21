//! Comments on the cells of a sheet, and the shapes that stand on it.

use std::collections::HashMap;

use crate::office::archive::Archive;
use crate::office::drawing::{description, drawing_text};
use crate::office::namespace::Ns;
use crate::office::sheet::Row;
use crate::office::sheet::cells::{MAX_ROW, reference, rich_text};
use crate::office::xml::{Node, Xml};

/// Reads the comments on a sheet's cells and the texts of its shapes, and adds each to the row where it stands.
pub(in crate::office) fn read_notes(
    archive: &mut Archive<'_>,
    part: &str,
    rows: &mut Vec<Row>,
    losses: &mut Vec<String>,
) {
    let mut beside: Vec<_> = archive.relations(part).unwrap_or_default().into_values().collect();
    beside.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.target.cmp(&b.target)));
    // Comments with answers are stored a second time, with a notice around them, as old ones.
    let threaded = beside.iter().any(|relation| relation.kind == "threadedComment");
    beside.retain(|relation| match relation.kind.as_str() {
        "comments" => !threaded,
        "threadedComment" | "drawing" => true,
        _ => false,
    });
    let mut notes: HashMap<u32, Vec<String>> = HashMap::new();
    for relation in beside {
        let Some(text) = archive.optional(&relation.target, losses) else { continue };
        let mut drawn = Vec::new();
        read_part(&text, &relation.kind, &mut notes, &mut drawn, (&relation.target, losses));
        let parts =
            if drawn.is_empty() { HashMap::new() } else { archive.relations(&relation.target).unwrap_or_default() };
        for (row, id) in drawn {
            let Some(part) = parts.get(&id) else { continue };
            let Some(text) = archive.optional(&part.target, losses) else { continue };
            let said = drawing_text(&mut Xml::new(&text, Ns::Chart));
            if !said.is_empty() {
                notes.entry(row).or_default().push(said);
            }
        }
    }
    for row in rows.iter_mut() {
        row.notes = notes.remove(&row.number).unwrap_or_default();
    }
    let mut left: Vec<(u32, Vec<String>)> = notes.into_iter().collect();
    left.sort();
    rows.extend(left.into_iter().map(|(number, notes)| Row { number, notes, ..Row::default() }));
}

/// Reads comments, or the shapes of a drawing: what they say by row, and the relations of charts and diagrams.
fn read_part(
    text: &str,
    kind: &str,
    notes: &mut HashMap<u32, Vec<String>>,
    drawn: &mut Vec<(u32, String)>,
    (name, losses): (&str, &mut Vec<String>),
) {
    let label = if kind == "drawing" { "" } else { "Comment: " };
    let mut xml = Xml::new(text, if kind == "drawing" { Ns::SheetDrawing } else { Ns::Sheet });
    let (mut row, mut from) = (1, false);
    while let Some(node) = xml.next() {
        let Node::Open(element) = node else { continue };
        let said = match element.name() {
            (Ns::Sheet, "comment") | (Ns::Threaded, "threadedComment") => {
                row = element.get("ref").and_then(|r| reference(&r)).map_or(1, |(row, _)| row);
                None
            }
            (Ns::SheetDrawing, "from") => {
                from = true;
                None
            }
            (Ns::SheetDrawing, "to") => {
                from = false;
                None
            }
            (Ns::SheetDrawing, "row") if from => {
                row = xml.text().trim().parse::<u32>().map_or(1, |row| row.min(MAX_ROW - 1) + 1);
                None
            }
            // The text of a comment, of either kind; the text body of a shape; what a picture is described as.
            (Ns::Sheet, "text") => Some(rich_text(&mut xml)),
            (Ns::Threaded, "text") | (Ns::SheetDrawing, "txBody") => Some(xml.text()),
            (Ns::SheetDrawing, "cNvPr") => description(&mut xml, &element),
            (Ns::Chart | Ns::Chart2014, "chart") => {
                drawn.extend(element.get_in(Ns::Relation, "id").map(|id| (row, id)));
                None
            }
            (Ns::Diagram, "relIds") => {
                drawn.extend(element.get_in(Ns::Relation, "dm").map(|id| (row, id)));
                None
            }
            _ => None,
        };
        if let Some(said) = said.filter(|said| !said.trim().is_empty()) {
            notes.entry(row).or_default().push(format!("{label}{}", said.trim()));
        }
    }
    xml.losses(name, losses);
}
