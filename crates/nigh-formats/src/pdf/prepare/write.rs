//! Writes a minimal file with some changed objects: only the reachable objects, without encryption and without the data of
//! pictures.

use std::collections::{BTreeMap, VecDeque};

use unpdf::parser::raw::{PdfDict, PdfObject, PdfStream, RawDocument};

use super::objects::{ObjectId, Seen};

/// Deeper values are written as null.
const MAX_DEPTH: usize = 100;

/// Replaced objects of a file, and new ones.
pub(super) struct ObjectChanges {
    objects: BTreeMap<ObjectId, PdfObject>,
    next: u32,
}

impl ObjectChanges {
    /// Makes an empty set of changes. `highest` is the greatest number of an object in the file.
    pub(super) fn new(highest: u32) -> Self {
        Self { objects: BTreeMap::new(), next: highest.saturating_add(1) }
    }

    /// Copies the changes, to add others.
    pub(super) fn copy(&self, highest: u32) -> Self {
        Self { objects: self.objects.clone(), next: self.next.max(highest.saturating_add(1)) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(super) fn set(&mut self, id: ObjectId, object: PdfObject) {
        self.objects.insert(id, object);
    }

    /// Reserves a number for a later object.
    pub(super) fn reserve(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Adds an object; returns a reference to it.
    pub(super) fn add(&mut self, object: PdfObject) -> PdfObject {
        let id = self.reserve();
        self.set(id, object);
        PdfObject::Reference(id.0, id.1)
    }
}

/// Makes a stream of these bytes.
pub(super) fn stream(dict: PdfDict, data: Vec<u8>) -> PdfObject {
    PdfObject::Stream(PdfStream { dict, raw_data: data })
}

/// Makes a dictionary of these entries.
pub(super) fn dict<const N: usize>(entries: [(&str, PdfObject); N]) -> PdfDict {
    entries.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect()
}

pub(super) fn name(name: &str) -> PdfObject {
    PdfObject::Name(name.as_bytes().to_vec())
}

/// Writes the file whose catalog is `root`.
pub(super) fn file(raw: &RawDocument, changes: &ObjectChanges, root: ObjectId, info: Option<ObjectId>) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets: BTreeMap<u32, (u16, usize)> = BTreeMap::new();
    let mut seen = Seen::default();
    let mut waiting: VecDeque<ObjectId> = [Some(root), info].into_iter().flatten().collect();
    waiting.iter().for_each(|&id| {
        seen.mark_visited(id);
    });
    while let Some(id) = waiting.pop_front() {
        let Some(object) = changes.objects.get(&id).or_else(|| raw.get_object(id)) else { continue };
        // Each number is written once, whatever its generation.
        if offsets.contains_key(&id.0) {
            continue;
        }
        offsets.insert(id.0, (id.1, out.len()));
        out.extend(format!("{} {} obj\n", id.0, id.1).bytes());
        let mut references = Vec::new();
        match object {
            PdfObject::Stream(stream) => write_stream(stream, &mut out, &mut references),
            object => value(object, &mut out, &mut references, 0),
        }
        out.extend(b"\nendobj\n");
        waiting.extend(references.into_iter().filter(|&id| seen.mark_visited(id)));
    }
    let table = out.len();
    out.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, (generation, offset)) in &offsets {
        out.extend(format!("{number} 1\n{offset:010} {generation:05} n \n").bytes());
    }
    let size = offsets.keys().next_back().map_or(1, |&last| u64::from(last) + 1);
    let info = info.map(|(number, generation)| format!("/Info {number} {generation} R")).unwrap_or_default();
    out.extend(format!("trailer\n<</Size {size}/Root {} {} R{info}>>\n", root.0, root.1).bytes());
    out.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    out
}

fn write_stream(stream: &PdfStream, out: &mut Vec<u8>, references: &mut Vec<ObjectId>) {
    let is_picture = stream.dict.get(b"Subtype".as_slice()).and_then(PdfObject::as_name) == Some(b"Image");
    let data: &[u8] = if is_picture { &[] } else { &stream.raw_data };
    let mut entries = stream.dict.clone();
    entries.insert(b"Length".to_vec(), PdfObject::Integer(i64::try_from(data.len()).unwrap_or(0)));
    value(&PdfObject::Dict(entries), out, references, 0);
    out.extend(b"\nstream\n");
    out.extend(data);
    out.extend(b"\nendstream");
}

/// Writes a value, and collects the objects that it references.
fn value(object: &PdfObject, out: &mut Vec<u8>, references: &mut Vec<ObjectId>, depth: usize) {
    match object {
        _ if depth > MAX_DEPTH => out.extend(b"null"),
        PdfObject::Null => out.extend(b"null"),
        PdfObject::Bool(value) => out.extend(value.to_string().bytes()),
        PdfObject::Integer(value) => out.extend(value.to_string().bytes()),
        PdfObject::Real(value) if value.is_finite() => out.extend(format!("{value:.6}").bytes()),
        PdfObject::Real(_) => out.push(b'0'),
        PdfObject::Name(name) => write_name(name, out),
        PdfObject::Str(bytes) => hex(bytes, out),
        PdfObject::Array(items) => {
            out.push(b'[');
            for item in items {
                value(item, out, references, depth + 1);
                out.push(b' ');
            }
            out.push(b']');
        }
        PdfObject::Dict(entries) => {
            out.extend(b"<<");
            for (key, item) in entries {
                write_name(key, out);
                out.push(b' ');
                value(item, out, references, depth + 1);
                out.push(b'\n');
            }
            out.extend(b">>");
        }
        // A value cannot contain a stream; a stream is always an object.
        PdfObject::Stream(_) => out.extend(b"null"),
        PdfObject::Reference(number, generation) => {
            references.push((*number, *generation));
            out.extend(format!("{number} {generation} R").bytes());
        }
    }
}

pub(super) fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'<');
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    out.push(b'>');
}

pub(super) fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for &byte in name {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'*' | b'\'' | b',' | b':' | b'@');
        if plain {
            out.push(byte);
        } else {
            out.extend(format!("#{byte:02x}").bytes());
        }
    }
}
