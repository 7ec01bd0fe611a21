//! Files inside a document: what they are called.

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, Seen, text};

/// Names of files that are looked for.
const MOST_FILES: usize = 1000;
/// Most characters of a name.
const LONGEST_NAME: usize = 100;

/// The name of a file in its specification.
pub(super) fn name(file: Dict<'_>) -> Option<String> {
    let name = file.text("UF").or_else(|| file.text("F")).or_else(|| file.text("Desc"))?;
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// The files of the whole document; those without a name of their own by the one that they are listed under.
pub(super) fn names(raw: &RawDocument) -> Vec<String> {
    let tree = Dict::catalog(raw).and_then(|catalog| catalog.dict("Names")?.dict("EmbeddedFiles"));
    let mut names = Vec::new();
    let mut seen = Seen::default();
    let mut waiting: Vec<Dict<'_>> = tree.into_iter().collect();
    while let Some(node) = waiting.pop() {
        for pair in node.array("Names").chunks(2) {
            let [listed, file] = pair else { continue };
            let listed = raw.resolve(listed).as_str_bytes().map(text);
            names.push(Dict::of(raw, file).and_then(name).or(listed).unwrap_or_default());
            if names.len() >= MOST_FILES {
                return names;
            }
        }
        let kids = node.array("Kids").iter().rev();
        let new = kids.filter(|kid| kid.as_reference().is_none_or(|id| seen.first(id)));
        // Without a reference there is no circle.
        waiting.extend(new.filter(|kid| !matches!(kid, PdfObject::Null)).filter_map(|kid| Dict::of(raw, kid)));
    }
    names
}
