//! Hidden content of a document: layers, and annotations in them.

use std::collections::HashSet;

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::objects::{Dict, ObjectId};

/// Hidden layers of a document.
pub(super) struct Hidden(HashSet<ObjectId>);

impl Hidden {
    /// Reads which layers are hidden.
    pub(super) fn read(raw: &RawDocument) -> Self {
        let layers = Dict::catalog(raw).and_then(|catalog| catalog.dict("OCProperties"));
        let Some(layers) = layers else { return Self(HashSet::new()) };
        let ids = |items: &[PdfObject]| items.iter().filter_map(PdfObject::as_reference).collect::<HashSet<ObjectId>>();
        let Some(set) = layers.dict("D") else { return Self(HashSet::new()) };
        let mut off = ids(set.array("OFF"));
        if set.name("BaseState") == Some(b"OFF") {
            off.extend(ids(layers.array("OCGs")));
            let on = ids(set.array("ON"));
            off.retain(|id| !on.contains(id));
        }
        Self(off)
    }

    /// True if an annotation is hidden.
    pub(super) fn has(&self, annotation: Dict<'_>) -> bool {
        const HIDDEN: i64 = 1 << 1;
        const NO_VIEW: i64 = 1 << 5;
        if annotation.integer("F").unwrap_or(0) & (HIDDEN | NO_VIEW) != 0 {
            return true;
        }
        let Some(layer) = annotation.id("OC") else { return false };
        let group = annotation.dict("OC").filter(|layer| layer.name("Type") == Some(b"OCMD"));
        let Some(group) = group else { return self.0.contains(&layer) };
        let members: Vec<ObjectId> = match group.get("OCGs") {
            Some(PdfObject::Array(items)) => items.iter().filter_map(PdfObject::as_reference).collect(),
            _ => group.id("OCGs").into_iter().collect(),
        };
        !members.is_empty() && members.iter().all(|id| self.0.contains(id))
    }
}
