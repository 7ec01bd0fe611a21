//! Changes a PDF before unpdf reads it, where unpdf ignores or misreads parts of it.
//!
//! unpdf takes a file and returns text; its fonts and its content reader cannot be replaced or queried. Its text of a page is reliable, so
//! the file is changed where needed, and the rest is read separately. Most files need no change, and are parsed as they are. A
//! changed file is rewritten without its pictures and its encryption.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`prepare`]: reads and changes a file |
//! | `objects.rs` | objects, and texts in them |
//! | `walk.rs` | collects the objects |
//! | `cmap/` | character tables in plain form |
//! | `tokens.rs` | the tokens of a character table |
//! | `actual.rs` | replacement texts (`ActualText`) in the place of glyphs |
//! | `font.rs` | the fonts for replacement texts |
//! | `operators.rs` | the operators of content |
//! | `structure.rs` | replacement texts and descriptions in the structure |
//! | `annotations.rs` | notes, typed text, stamps |
//! | `rich.rs` | rich text of notes |
//! | `hidden.rs` | hidden layers and annotations |
//! | `files.rs` | names of files inside the document |
//! | `forms.rs` | the values of a form, and the hints of its fields |
//! | `content.rs` | puts replacement texts into the content of pages and forms |
//! | `drawn.rs` | the text of drawn forms: stamps, signatures |
//! | `write.rs` | writes objects to a file |

mod actual;
mod annotations;
mod cmap;
mod content;
mod drawn;
mod files;
mod font;
mod forms;
mod hidden;
mod objects;
mod operators;
mod rich;
mod structure;
mod tokens;
mod walk;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use unpdf::parser::raw::stream::decompress;
use unpdf::parser::raw::{PdfObject, PdfStream, RawDocument};

use annotations::{Note, PageAnnotations};
use content::{contents, replace_data};
use forms::FormValues;
use hidden::Hidden;
use objects::{Dict, ObjectId};
use walk::ObjectWalk;
use write::ObjectChanges;

/// Most character tables that build on one another.
const MAX_TABLE_DEPTH: usize = 4;

/// The results of preparing a file.
#[derive(Default)]
pub(super) struct Prepared {
    /// The file for unpdf, if it differs from the original.
    pub(super) bytes: Option<Vec<u8>>,
    /// True if the original file had to be searched for its objects.
    pub(super) was_damaged: bool,
    /// Pages with sound, video and the like.
    pub(super) media: Vec<u32>,
    /// The names of embedded files, as far as they have names.
    pub(super) files: Vec<String>,
    /// True if it has a form of a kind that is not read.
    pub(super) other_form: bool,
    /// The number of notes and stamps beyond the limits.
    pub(super) unread: usize,
    notes: BTreeMap<u32, Vec<Note>>,
    drawn: HashMap<ObjectId, String>,
    fields: BTreeMap<u32, Vec<String>>,
    hints: BTreeMap<u32, Vec<String>>,
    descriptions: BTreeMap<u32, Vec<String>>,
}

impl Prepared {
    /// Returns the texts that are not in the content of a page. `shown` is the text of the content, without white space.
    pub(super) fn texts_beside_content(&self, page: u32, shown: &str) -> Vec<String> {
        let without_space = |text: &str| text.split_whitespace().collect::<String>();
        let descriptions = self.descriptions.get(&page).into_iter().flatten();
        let mut seen = HashSet::new();
        let new = descriptions.filter(|text| seen.insert(text.as_str()) && !shown.contains(&without_space(text)));
        let mut texts: Vec<String> = new.cloned().collect();
        let notes = self.notes.get(&page).into_iter().flatten();
        texts.extend(notes.filter_map(|note| {
            let drawn = note.drawn.and_then(|id| self.drawn.get(&id)).map(String::as_str);
            note.text_after_page(drawn, shown)
        }));
        let mut lines = self.fields.get(&page).cloned().unwrap_or_default();
        let hints = self.hints.get(&page).into_iter().flatten();
        lines.extend(hints.filter(|hint| seen.insert(hint.as_str()) && !shown.contains(&without_space(hint))).cloned());
        texts.extend((!lines.is_empty()).then(|| lines.join("\n")));
        texts
    }
}

/// Reads and changes a file. If the file cannot be opened, unpdf reports the reason later.
pub(super) fn prepare(bytes: &[u8]) -> Prepared {
    let Ok(raw) = RawDocument::load(bytes) else { return Prepared::default() };
    let pages = raw.pages();
    let walked = ObjectWalk::from_trailer(&raw);
    let mut changes = ObjectChanges::new(walked.highest);
    rewrite_tables(&raw, &walked, &mut changes);
    let mut structure = structure::read_structure(&raw);
    let mut found = PageAnnotations::default();
    let mut form = FormValues::default();
    let hidden = Hidden::read(&raw);
    for (&number, id) in &pages {
        if let Some(page) = raw.get_object(*id).and_then(|page| Dict::from_object(&raw, page)) {
            found.page(number, page, &hidden);
            form.page(number, page, &hidden);
        }
    }
    form.fields_without_page(&raw, pages.keys().next_back().copied().unwrap_or(1), &hidden);
    let mut prepared = Prepared {
        was_damaged: raw.xref_reconstructed(),
        media: found.media.iter().copied().collect(),
        files: std::mem::take(&mut found.files),
        other_form: form.is_other,
        unread: found.unread,
        fields: std::mem::take(&mut form.lines),
        hints: std::mem::take(&mut form.hints),
        ..Prepared::default()
    };
    prepared.files.extend(files::names(&raw));
    let numbers: HashMap<ObjectId, u32> = pages.iter().map(|(&number, &id)| (id, number)).collect();
    for (page, texts) in std::mem::take(&mut structure.alternatives) {
        if let Some(&number) = numbers.get(&page) {
            prepared.descriptions.entry(number).or_default().extend(texts);
        }
    }
    contents(&raw, bytes, &pages, &walked, &mut structure, &mut changes, &mut prepared);
    let ids: BTreeSet<ObjectId> = found.notes.values().flatten().filter_map(|note| note.drawn).collect();
    prepared.drawn = drawn::texts(&raw, &ids, &changes, walked.highest);
    prepared.notes = found.notes;
    if form.has_no_end {
        without_form(&raw, &mut changes);
    }
    if !changes.is_empty()
        && let Some(root) = raw.trailer().get(b"Root".as_slice()).and_then(PdfObject::as_reference)
    {
        let info = raw.trailer().get(b"Info".as_slice()).and_then(PdfObject::as_reference);
        prepared.bytes = Some(write::file(&raw, &changes, root, info));
    }
    prepared
}

/// Removes the form from the catalog: its values are read here.
fn without_form(raw: &RawDocument, changes: &mut ObjectChanges) {
    let id = raw.trailer().get(b"Root".as_slice()).and_then(PdfObject::as_reference);
    if let (Some(id), Some(catalog)) = (id, Dict::catalog(raw)) {
        let mut entries = catalog.entries.clone();
        entries.remove(b"AcroForm".as_slice());
        changes.set(id, PdfObject::Dict(entries));
    }
}

/// Converts character tables to plain form.
fn rewrite_tables(raw: &RawDocument, walked: &ObjectWalk, changes: &mut ObjectChanges) {
    let stream = |id: ObjectId| raw.get_object(id).map(|object| raw.resolve(object)).and_then(PdfObject::as_stream);
    for &id in &walked.to_unicode {
        let Some(table) = stream(id) else { continue };
        if let Some(plain) = table_of(raw, table, 0).as_ref().and_then(cmap::write_plain) {
            changes.set(id, write::stream(Default::default(), plain));
        }
    }
    for &id in walked.encodings.difference(&walked.to_unicode) {
        let Some(table) = stream(id) else { continue };
        if let Some(plain) = decompress(table).ok().and_then(|data| cmap::plain_encoding(&data)) {
            changes.set(id, replace_data(table, plain));
        }
    }
}

fn table_of(raw: &RawDocument, stream: &PdfStream, depth: usize) -> Option<cmap::Map> {
    let data = decompress(stream).ok()?;
    let base = Dict { raw, entries: &stream.dict }.get("UseCMap").and_then(PdfObject::as_stream);
    let base = base.filter(|_| depth < MAX_TABLE_DEPTH).and_then(|base| table_of(raw, base, depth + 1));
    Some(cmap::read(&data, base.as_ref()))
}

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod tests;
