//! Comments on the cells of a sheet, the shapes on it, the names of its tables.

use std::collections::HashMap;

use crate::office::archive::{Archive, Relation};
use crate::office::drawing::{description, join_title, part_text};
use crate::office::markdown::{cell_line, one_line};
use crate::office::namespace::Ns;
use crate::office::sheet::SheetRow;
use crate::office::sheet::cells::{MAX_ROW, reference, rich_text};
use crate::office::sheet::messages::Messages;
use crate::office::slides::text::paragraphs;
use crate::office::xml::{Xml, XmlNode};

/// Excel's default names of tables in some of its languages, before the number.
const TABLE_WORDS: [&str; 13] = [
    "table",
    "tabelle",
    "tableau",
    "tabla",
    "tabela",
    "tabella",
    "tabel",
    "tabulka",
    "tabell",
    "таблица",
    "表",
    "テーブル",
    "표",
];

/// Texts of a sheet apart from its cells, by row.
#[derive(Debug, Default)]
struct SheetNotes {
    rows: HashMap<u32, Vec<String>>,
    /// The relations of the charts and diagrams in the drawing that was read last.
    drawn: Vec<(u32, String)>,
}

/// Reads the comments on a sheet's cells, the texts of its shapes and its other texts, and adds each to its row. `people` are the
/// names of the commenters. Returns the number of embedded files.
pub(in crate::office) fn read_notes(
    archive: &mut Archive<'_>,
    part: &str,
    rows: &mut Vec<SheetRow>,
    messages: Messages,
    people: &HashMap<String, String>,
    losses: &mut Vec<String>,
) -> usize {
    let mut related_parts: Vec<_> = archive.relations(part).unwrap_or_default().into_values().collect();
    let embedded = related_parts.iter().filter(|other| matches!(other.kind.as_str(), "package" | "oleObject")).count();
    related_parts.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.target.cmp(&b.target)));
    let threaded = related_parts.iter().any(|relation| relation.kind == "threadedComment");
    let mut notes = SheetNotes::default();
    for Relation { kind, target } in &related_parts {
        if !matches!(kind.as_str(), "comments" | "threadedComment" | "drawing" | "table") {
            continue;
        }
        let Some(text) = archive.optional(target, losses) else { continue };
        let mut xml = Xml::new(&text, if kind == "drawing" { Ns::SheetDrawing } else { Ns::Sheet });
        match kind.as_str() {
            "drawing" => notes.shapes(&mut xml),
            "table" => notes.table(&mut xml),
            _ => notes.comments(&mut xml, threaded, people),
        }
        xml.losses(target, losses);
        let drawn = std::mem::take(&mut notes.drawn);
        let parts = if drawn.is_empty() { HashMap::new() } else { archive.relations(target).unwrap_or_default() };
        for (row, id) in drawn {
            let words = parts.get(&id).and_then(|part| part_text(archive, &part.target, losses));
            notes.add(row, words);
        }
    }
    for (row, words) in messages.rows {
        words.into_iter().for_each(|words| notes.add(row, Some(words)));
    }
    let mut notes = notes.rows;
    for row in rows.iter_mut() {
        row.notes = notes.remove(&row.number).unwrap_or_default();
    }
    let mut left: Vec<(u32, Vec<String>)> = notes.into_iter().collect();
    left.sort();
    rows.extend(left.into_iter().map(|(number, notes)| SheetRow { number, notes, ..SheetRow::default() }));
    if !messages.printed.is_empty() {
        let number = rows.iter().map(|row| row.number).max().map_or(1, |last| (last + 1).min(MAX_ROW));
        rows.push(SheetRow { number, notes: messages.printed, ..SheetRow::default() });
    }
    embedded
}

/// Returns the names of the commenters, by their ids.
pub(in crate::office) fn people(text: &str) -> HashMap<String, String> {
    let mut people = HashMap::new();
    let mut xml = Xml::new(text, Ns::Threaded);
    while let Some(node) = xml.next() {
        if let XmlNode::Open(element) = node
            && element.has_name(Ns::Threaded, "person")
        {
            people.extend(element.get("id").zip(element.get("displayName")));
        }
    }
    people
}

impl SheetNotes {
    fn add(&mut self, row: u32, text: Option<String>) {
        if let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) {
            self.rows.entry(row).or_default().push(text);
        }
    }

    /// Reads comments of either kind. Comments with answers are stored a second time, as old comments with a notice around them; a special
    /// author name marks them.
    fn comments(&mut self, xml: &mut Xml<'_>, threaded: bool, people: &HashMap<String, String>) {
        let mut authors: Vec<String> = Vec::new();
        let (mut row, mut author) = (1, String::new());
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            let text = match element.name() {
                (Ns::Sheet, "author") => {
                    authors.push(one_line(&xml.text()));
                    continue;
                }
                (Ns::Sheet, "comment") | (Ns::Threaded, "threadedComment") => {
                    row = element.get("ref").and_then(|r| reference(&r)).map_or(1, |(row, _)| row);
                    let old = element.number("authorId").and_then(|at| authors.get(at as usize));
                    let new = element.get("personId").and_then(|id| people.get(&id));
                    author = old.or(new).cloned().unwrap_or_default();
                    continue;
                }
                (Ns::Sheet, "text") => rich_text(xml),
                (Ns::Threaded, "text") => xml.text(),
                _ => continue,
            };
            let copy = author.starts_with("tc=");
            if text.trim().is_empty() || (copy && threaded) {
                continue;
            }
            // Excel begins an old comment with its author's name.
            let named = !author.is_empty() && !copy && !text.trim_start().starts_with(&author);
            let by = if named { format!(" by {author}") } else { String::new() };
            self.add(row, Some(format!("Comment{by}: {}", text.trim())));
        }
    }

    /// Reads texts and descriptions of shapes, and collects the charts and diagrams.
    fn shapes(&mut self, xml: &mut Xml<'_>) {
        let (mut row, mut from) = (1, false);
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            let text = match element.name() {
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
                (Ns::SheetDrawing, "txBody") => Some(cell_line(&paragraphs(xml, false, &mut 0))),
                (Ns::SheetDrawing, "cNvPr") => description(xml, &element),
                (Ns::Chart | Ns::Chart2014, "chart") => {
                    self.drawn.extend(element.get_in(Ns::Relation, "id").map(|id| (row, id)));
                    None
                }
                (Ns::Diagram, "relIds") => {
                    self.drawn.extend(element.get_in(Ns::Relation, "dm").map(|id| (row, id)));
                    None
                }
                _ => None,
            };
            self.add(row, text);
        }
    }

    /// Reads the name of a table, if a person chose it, and its description.
    fn table(&mut self, xml: &mut Xml<'_>) {
        let mut row = 1;
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            match element.name() {
                (Ns::Sheet, "table") => {
                    let area = element.get("ref").unwrap_or_default();
                    row = area.split(':').next().and_then(reference).map_or(1, |(row, _)| row);
                    let name = element.get("displayName").or_else(|| element.get("name"));
                    self.add(row, name.filter(|name| is_given(name)).map(|name| format!("Table: {name}")));
                }
                (Ns::Sheet2009, "table") => {
                    let attribute_text = |name: &str| one_line(&element.get(name).unwrap_or_default());
                    self.add(row, join_title(&attribute_text("altText"), &attribute_text("altTextSummary")));
                }
                _ => {}
            }
        }
    }
}

/// True if a person chose the table's name.
fn is_given(name: &str) -> bool {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').to_lowercase();
    !TABLE_WORDS.contains(&word.as_str())
}
