//! Comments on the cells of a sheet, and the shapes that stand on it.

use std::collections::HashMap;

use crate::office::archive::Archive;
use crate::office::sheet::Row;
use crate::office::sheet::cells::{MAX_ROW, reference};
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
        let label = if relation.kind == "drawing" { "" } else { "Comment: " };
        let mut xml = Xml::new(&text);
        let (mut row, mut from) = (1, false);
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            match element.name() {
                "comment" | "threadedComment" => {
                    row = element.get("ref").and_then(|r| reference(&r)).map_or(1, |(row, _)| row);
                }
                "from" => from = true,
                "to" => from = false,
                "row" if from => row = xml.text().trim().parse::<u32>().map_or(1, |row| row.min(MAX_ROW - 1) + 1),
                // The text of a comment, of either kind; the text body of a shape.
                "text" | "txBody" => {
                    let text = xml.text();
                    if !text.trim().is_empty() {
                        notes.entry(row).or_default().push(format!("{label}{}", text.trim()));
                    }
                }
                _ => {}
            }
        }
        xml.losses(&relation.target, losses);
    }
    for row in rows.iter_mut() {
        row.notes = notes.remove(&row.number).unwrap_or_default();
    }
    let mut left: Vec<(u32, Vec<String>)> = notes.into_iter().collect();
    left.sort();
    rows.extend(left.into_iter().map(|(number, notes)| Row { number, notes, ..Row::default() }));
}
