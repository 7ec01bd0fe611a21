//! Puts replacement texts into the content of pages and forms.

use std::collections::BTreeMap;

use unpdf::parser::backend::{RawBackend, ResourceScope};
use unpdf::parser::raw::stream::decompress;
use unpdf::parser::raw::{PdfObject, PdfStream, RawDocument};

use super::Prepared;
use super::actual::{ContentStream, TextReplacer};
use super::font::Fonts;
use super::objects::{Dict, ObjectId};
use super::structure::Structure;
use super::walk::ObjectWalk;
use super::write::{self, ObjectChanges};

/// Returns a stream with other data, which is not encoded.
pub(super) fn replace_data(stream: &PdfStream, data: Vec<u8>) -> PdfObject {
    let mut dict = stream.dict.clone();
    for key in ["Filter", "DecodeParms", "F", "FFilter", "FDecodeParms"] {
        dict.remove(key.as_bytes());
    }
    write::stream(dict, data)
}

/// Puts replacement texts into the content of pages and forms.
pub(super) fn contents(
    raw: &RawDocument,
    bytes: &[u8],
    pages: &BTreeMap<u32, ObjectId>,
    walked: &ObjectWalk,
    structure: &mut Structure,
    changes: &mut ObjectChanges,
    prepared: &mut Prepared,
) {
    let mut backend: Option<Option<RawBackend>> = None;
    let mut fonts = Fonts::default();
    let first_page = pages.values().next().copied();
    let forms = walked.forms.iter().map(|&id| (id, None));
    for (owner, number) in pages.iter().map(|(&number, &id)| (id, Some(number))).chain(forms) {
        let Some(dict) = raw.get_object(owner).and_then(|object| Dict::from_object(raw, object)) else { continue };
        let Some(data) = content_of(raw, owner, number.is_some()) else { continue };
        let resources = match number {
            Some(_) => dict.with_parents().find_map(|dict| dict.dict("Resources")),
            None => dict.dict("Resources"),
        };
        let scope = match (number, first_page) {
            (None, Some(page)) => ResourceScope::form(page, owner),
            _ => ResourceScope::page(owner),
        };
        let content = ContentStream { data: &data, resources, scope, owner };
        if !content.may_have(structure) {
            continue;
        }
        let backend = backend.get_or_insert_with(|| RawBackend::load_bytes(bytes).ok());
        let Some(backend) = backend.as_ref() else { return };
        let found = TextReplacer { backend, structure, fonts: &mut fonts, changes }.content(&content);
        if let Some(number) = number {
            let beside = found.unplaced.into_iter().chain(found.alternatives);
            prepared.descriptions.entry(number).or_default().extend(beside);
        }
        let (Some((data, used)), Some(resources)) = (found.changed, resources) else { continue };
        let mut named = resources.dict("Font").map(|fonts| fonts.entries.clone()).unwrap_or_default();
        named.extend(used);
        let mut entries = resources.entries.clone();
        entries.insert(b"Font".to_vec(), PdfObject::Dict(named));
        let object = match raw.get_object(owner) {
            Some(PdfObject::Stream(form)) => {
                let PdfObject::Stream(mut form) = replace_data(form, data) else { continue };
                form.dict.insert(b"Resources".to_vec(), PdfObject::Dict(entries));
                PdfObject::Stream(form)
            }
            _ => {
                let mut page = dict.entries.clone();
                page.insert(b"Resources".to_vec(), PdfObject::Dict(entries));
                page.insert(b"Contents".to_vec(), changes.add(write::stream(Default::default(), data)));
                PdfObject::Dict(page)
            }
        };
        changes.set(owner, object);
    }
    fonts.finish(changes);
}

/// Returns the whole content of a page or a form; `None` if a part of it cannot be decoded.
fn content_of(raw: &RawDocument, owner: ObjectId, is_page: bool) -> Option<Vec<u8>> {
    let object = raw.get_object(owner)?;
    if !is_page {
        return decompress(object.as_stream()?).ok();
    }
    match Dict::from_object(raw, object)?.get("Contents")? {
        PdfObject::Stream(stream) => decompress(stream).ok(),
        PdfObject::Array(parts) => {
            let mut data = Vec::new();
            for part in parts {
                if let Some(stream) = raw.resolve(part).as_stream() {
                    data.extend(decompress(stream).ok()?);
                    data.push(b' ');
                }
            }
            Some(data)
        }
        _ => None,
    }
}
