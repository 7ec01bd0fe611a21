//! Names of files inside a document.

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, Seen, text};

/// Most files whose names are read.
const MAX_FILES: usize = 1000;
/// Most characters of a name.
const MAX_NAME_CHARS: usize = 100;

/// Returns the name of a file in its specification.
pub(super) fn name(file: Dict<'_>) -> Option<String> {
    let name = file.text("UF").or_else(|| file.text("F")).or_else(|| file.text("Desc"))?;
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

/// Returns the names of the files of the whole document; for a file without its own name, the name in the list.
pub(super) fn names(raw: &RawDocument) -> Vec<String> {
    let tree = Dict::catalog(raw).and_then(|catalog| catalog.dict("Names")?.dict("EmbeddedFiles"));
    let mut names = Vec::new();
    let mut seen = Seen::default();
    let mut waiting: Vec<Dict<'_>> = tree.into_iter().collect();
    while let Some(node) = waiting.pop() {
        for pair in node.array("Names").chunks(2) {
            let [listed, file] = pair else { continue };
            let listed = raw.resolve(listed).as_str_bytes().map(text);
            names.push(Dict::from_object(raw, file).and_then(name).or(listed).unwrap_or_default());
            if names.len() >= MAX_FILES {
                return names;
            }
        }
        let kids = node.array("Kids").iter().rev();
        let new = kids.filter(|kid| kid.as_reference().is_none_or(|id| seen.mark_visited(id)));
        // Without references there can be no cycle.
        waiting.extend(new.filter(|kid| !matches!(kid, PdfObject::Null)).filter_map(|kid| Dict::from_object(raw, kid)));
    }
    names
}
