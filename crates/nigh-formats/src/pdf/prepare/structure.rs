//! The structure of a document: what its parts say in the place of what they show, and what describes its pictures.

use std::collections::{BTreeMap, HashMap, HashSet};

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, ObjectId, Seen};

/// Parts that are looked at.
const MOST_PARTS: usize = 1 << 20;

/// Bytes of all texts together.
const MOST_TEXT: usize = 8 << 20;

/// Descriptions of pictures.
const MOST_DESCRIPTIONS: usize = 10_000;

/// Texts of the structure tree beyond the visible text.
#[derive(Default)]
pub(super) struct Structure {
    /// By page and number of the marked content: the text in its place, empty for what belongs to a text before it.
    pub(super) actual: HashMap<(ObjectId, i64), String>,
    owners: HashSet<ObjectId>,
    /// By page: what describes its pictures and formulas.
    pub(super) alternatives: BTreeMap<ObjectId, Vec<String>>,
}

/// A part that is waiting to be read.
struct PendingPart<'a> {
    object: &'a PdfObject,
    page: Option<ObjectId>,
    /// The text of a part above it, by its place in the list of those; with it all below is replaced.
    actual: Option<usize>,
}

/// Reads the structure of a document, which most have none of.
pub(super) fn of(raw: &RawDocument) -> Structure {
    let mut found = Structure::default();
    let Some(root) = Dict::catalog(raw).and_then(|catalog| catalog.dict("StructTreeRoot")) else { return found };
    let Some(kids) = root.written("K") else { return found };
    let mut seen = Seen::default();
    let mut texts: Vec<Option<String>> = Vec::new();
    let mut bytes = 0;
    let mut waiting = vec![PendingPart { object: kids, page: None, actual: None }];
    let (mut parts, mut descriptions) = (0, 0);
    while let Some(PendingPart { object, page, actual }) = waiting.pop() {
        parts += 1;
        if parts > MOST_PARTS || bytes > MOST_TEXT || object.as_reference().is_some_and(|id| !seen.first(id)) {
            continue;
        }
        match raw.resolve(object) {
            PdfObject::Array(items) => {
                waiting.extend(items.iter().rev().map(|object| PendingPart { object, page, actual }));
            }
            PdfObject::Integer(number) => found.put(page, *number, actual, &mut texts),
            PdfObject::Dict(_) => {
                let Some(part) = Dict::of(raw, object) else { continue };
                let page = part.id("Pg").or(page);
                if let Some(number) = part.integer("MCID") {
                    found.put(part.id("Stm").or(page), number, actual, &mut texts);
                    continue;
                }
                let own = part.text_even_empty("ActualText").filter(|_| actual.is_none());
                let actual = own.map_or(actual, |text| {
                    bytes += text.len();
                    texts.push(Some(text));
                    Some(texts.len() - 1)
                });
                // A link's or a form's is what they show anyway.
                let is_shown = matches!(part.name("S"), Some(b"Link" | b"Form"));
                let alternative = part.text("Alt").filter(|_| !is_shown && descriptions < MOST_DESCRIPTIONS);
                if let (Some(text), Some(page)) = (alternative, page.or_else(|| page_below(part))) {
                    bytes += text.len();
                    descriptions += 1;
                    found.alternatives.entry(page).or_default().push(text);
                }
                if let Some(object) = part.written("K") {
                    waiting.push(PendingPart { object, page, actual });
                }
            }
            _ => {}
        }
    }
    found
}

impl Structure {
    /// Whether a page, or a form, has parts with a text of their own.
    pub(super) fn has(&self, owner: ObjectId) -> bool {
        self.owners.contains(&owner)
    }

    fn put(&mut self, page: Option<ObjectId>, number: i64, actual: Option<usize>, texts: &mut [Option<String>]) {
        if let (Some(page), Some(at)) = (page, actual) {
            // The first of its contents shows the text, the others nothing.
            let text = texts.get_mut(at).and_then(Option::take).unwrap_or_default();
            self.actual.insert((page, number), text);
            self.owners.insert(page);
        }
    }
}

impl Dict<'_> {
    /// A text that may mean that nothing is there.
    pub(super) fn text_even_empty(&self, key: &str) -> Option<String> {
        self.get(key)?.as_str_bytes().map(super::objects::text)
    }
}

/// The page of the first part below one that names none.
fn page_below(part: Dict<'_>) -> Option<ObjectId> {
    let mut next = Some(part);
    for _ in 0..16 {
        let part = next?;
        if let Some(page) = part.id("Pg") {
            return Some(page);
        }
        let kid = part.written("K")?;
        let first = part.raw.resolve(kid).as_array().map_or(Some(kid), <[_]>::first);
        next = first.and_then(|kid| Dict::of(part.raw, kid));
    }
    None
}
