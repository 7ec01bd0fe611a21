//! Reads the text of drawn forms apart from the content of pages. Each form is put on its own page and read.

use std::collections::{BTreeSet, HashMap};

use unpdf::ParseOptions;
use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use super::objects::{Dict, ObjectId};
use super::write::{ObjectChanges, dict, file, name, stream};

/// The space around a form: unpdf drops text in the margins that looks like a page number.
const MARGIN: f64 = 100.0;

/// Returns the text of every form that has text. `changes` are the changes to the file so far.
pub(super) fn texts(
    raw: &RawDocument,
    forms: &BTreeSet<ObjectId>,
    changes: &ObjectChanges,
    highest: u32,
) -> HashMap<ObjectId, String> {
    let mut found = HashMap::new();
    if forms.is_empty() {
        return found;
    }
    let mut pages = changes.copy(highest);
    let parent = pages.reserve();
    let kids: Vec<PdfObject> = forms.iter().map(|&id| page(raw, id, parent, &mut pages)).collect();
    let count = PdfObject::Integer(i64::try_from(kids.len()).unwrap_or(0));
    let tree = dict([("Type", name("Pages")), ("Kids", PdfObject::Array(kids)), ("Count", count)]);
    pages.set(parent, PdfObject::Dict(tree));
    let root = pages.reserve();
    let catalog = dict([("Type", name("Catalog")), ("Pages", PdfObject::Reference(parent.0, parent.1))]);
    pages.set(root, PdfObject::Dict(catalog));
    let options = ParseOptions::new().with_resources(false).sequential();
    let Ok(document) = unpdf::parse_bytes_with_options(&file(raw, &pages, root, None), options) else { return found };
    let ids: Vec<ObjectId> = forms.iter().copied().collect();
    for page in &document.pages {
        let id = usize::try_from(page.number).ok().and_then(|number| ids.get(number.checked_sub(1)?));
        let text = page.plain_text();
        if let (Some(&id), false) = (id, text.trim().is_empty()) {
            found.insert(id, text);
        }
    }
    found
}

/// Makes a page that shows only a form, upright and complete.
fn page(raw: &RawDocument, form: ObjectId, parent: ObjectId, pages: &mut ObjectChanges) -> PdfObject {
    let entries = raw.get_object(form).and_then(|object| Dict::from_object(raw, object));
    let numbers = |key: &str| -> Vec<f64> {
        let items = entries.map_or(&[][..], |entries| entries.array(key));
        items.iter().filter_map(|item| raw.resolve(item).as_f64()).filter(|number| number.abs() < 1e6).collect()
    };
    let (x0, y0, x1, y1) = match numbers("BBox").as_slice() {
        [x0, y0, x1, y1] => (x0.min(*x1), y0.min(*y1), x0.max(*x1), y0.max(*y1)),
        _ => (0.0, 0.0, 1000.0, 1000.0),
    };
    let matrix: [f64; 6] = numbers("Matrix").try_into().unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let corners = [(x0, y0), (x0, y1), (x1, y0), (x1, y1)];
    let placed =
        corners.map(|(x, y)| (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]));
    let min_of = |coordinate: fn(&(f64, f64)) -> f64| placed.iter().map(coordinate).fold(f64::INFINITY, f64::min);
    let max_of = |coordinate: fn(&(f64, f64)) -> f64| placed.iter().map(coordinate).fold(f64::NEG_INFINITY, f64::max);
    let (left, bottom) = (min_of(|corner| corner.0), min_of(|corner| corner.1));
    let (width, height) = (max_of(|corner| corner.0) - left, max_of(|corner| corner.1) - bottom);
    let margin = MARGIN.max(height);
    let content = format!("1 0 0 1 {:.3} {:.3} cm /Nigh Do", margin - left, margin - bottom);
    let content = pages.add(stream(PdfDict::new(), content.into_bytes()));
    let size = [0.0, 0.0, width + 2.0 * margin, height + 2.0 * margin].map(PdfObject::Real).to_vec();
    let drawn = PdfObject::Dict(dict([("Nigh", PdfObject::Reference(form.0, form.1))]));
    pages.add(PdfObject::Dict(dict([
        ("Type", name("Page")),
        ("Parent", PdfObject::Reference(parent.0, parent.1)),
        ("MediaBox", PdfObject::Array(size)),
        ("Contents", content),
        ("Resources", PdfObject::Dict(dict([("XObject", drawn)]))),
    ])))
}
