//! The structure of a document: replacement texts of its parts, and descriptions of its pictures.

use std::collections::{BTreeMap, HashMap, HashSet};

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, ObjectId, Seen};

/// Most parts that are examined.
const MAX_PARTS: usize = 1 << 20;

/// Most bytes of all texts together.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// Most descriptions of pictures.
const MAX_DESCRIPTIONS: usize = 10_000;

/// Texts of the structure tree that differ from the visible text.
#[derive(Default)]
pub(super) struct Structure {
    /// The replacement text, by page and number of the marked content; empty if an earlier text includes it.
    pub(super) actual: HashMap<(ObjectId, i64), String>,
    owners: HashSet<ObjectId>,
    /// The descriptions of pictures and formulas, by page.
    pub(super) alternatives: BTreeMap<ObjectId, Vec<String>>,
}

/// A part that was not read yet.
struct PendingPart<'a> {
    object: &'a PdfObject,
    page: Option<ObjectId>,
    /// The replacement text of an ancestor, as an index into the list of those; it replaces all below.
    actual: Option<usize>,
}

/// Reads the structure of a document; most documents have none.
pub(super) fn read_structure(raw: &RawDocument) -> Structure {
    let mut structure = Structure::default();
    let Some(root) = Dict::catalog(raw).and_then(|catalog| catalog.dict("StructTreeRoot")) else { return structure };
    let Some(kids) = root.stored("K") else { return structure };
    let mut seen = Seen::default();
    let mut texts: Vec<Option<String>> = Vec::new();
    let mut bytes = 0;
    let mut waiting = vec![PendingPart { object: kids, page: None, actual: None }];
    let (mut parts, mut descriptions) = (0, 0);
    while let Some(PendingPart { object, page, actual }) = waiting.pop() {
        parts += 1;
        if parts > MAX_PARTS || bytes > MAX_TEXT_BYTES || object.as_reference().is_some_and(|id| !seen.mark_visited(id))
        {
            continue;
        }
        match raw.resolve(object) {
            PdfObject::Array(items) => {
                waiting.extend(items.iter().rev().map(|object| PendingPart { object, page, actual }));
            }
            PdfObject::Integer(number) => structure.insert_text(page, *number, actual, &mut texts),
            PdfObject::Dict(_) => {
                let Some(part) = Dict::from_object(raw, object) else { continue };
                let page = part.id("Pg").or(page);
                if let Some(number) = part.integer("MCID") {
                    structure.insert_text(part.id("Stm").or(page), number, actual, &mut texts);
                    continue;
                }
                let own = part.text_even_empty("ActualText").filter(|_| actual.is_none());
                let actual = own.map_or(actual, |text| {
                    bytes += text.len();
                    texts.push(Some(text));
                    Some(texts.len() - 1)
                });
                // The description of a link or a form repeats what it shows.
                let is_shown = matches!(part.name("S"), Some(b"Link" | b"Form"));
                let alternative = part.text("Alt").filter(|_| !is_shown && descriptions < MAX_DESCRIPTIONS);
                if let (Some(text), Some(page)) = (alternative, page.or_else(|| page_below(part))) {
                    bytes += text.len();
                    descriptions += 1;
                    structure.alternatives.entry(page).or_default().push(text);
                }
                if let Some(object) = part.stored("K") {
                    waiting.push(PendingPart { object, page, actual });
                }
            }
            _ => {}
        }
    }
    structure
}

impl Structure {
    /// True if a page, or a form, has parts with replacement texts.
    pub(super) fn has(&self, owner: ObjectId) -> bool {
        self.owners.contains(&owner)
    }

    /// Stores the replacement text of a piece of content.
    fn insert_text(
        &mut self,
        page: Option<ObjectId>,
        number: i64,
        actual: Option<usize>,
        texts: &mut [Option<String>],
    ) {
        if let (Some(page), Some(at)) = (page, actual) {
            // The first content of the part gets the text, the others become empty.
            let text = texts.get_mut(at).and_then(Option::take).unwrap_or_default();
            self.actual.insert((page, number), text);
            self.owners.insert(page);
        }
    }
}

impl Dict<'_> {
    /// Returns an entry that is text; an empty text replaces the content by nothing.
    pub(super) fn text_even_empty(&self, key: &str) -> Option<String> {
        self.get(key)?.as_str_bytes().map(super::objects::text)
    }
}

/// Returns the page of the first part below a part without a page.
fn page_below(part: Dict<'_>) -> Option<ObjectId> {
    let mut next = Some(part);
    for _ in 0..16 {
        let part = next?;
        if let Some(page) = part.id("Pg") {
            return Some(page);
        }
        let kid = part.stored("K")?;
        let first = part.raw.resolve(kid).as_array().map_or(Some(kid), <[_]>::first);
        next = first.and_then(|kid| Dict::from_object(part.raw, kid));
    }
    None
}
