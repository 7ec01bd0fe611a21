//! The values of a document's form: one line for each field, on the page of the field.
//!
//! unpdf also reads the values, but not those of a field with several widgets, nor the labels of choices.

use std::collections::BTreeMap;

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::hidden::Hidden;
use super::objects::{Dict, ObjectId, Seen, text};

/// Most fields that are read.
const MAX_FIELDS: usize = 50_000;

/// Nested fields are followed up to this depth.
const MAX_DEPTH: usize = 100;

/// Bits of a field's flags (ISO 32000-1, tables 226 to 230).
const PASSWORD: i64 = 1 << 13;
const RADIO: i64 = 1 << 15;
const PUSH_BUTTON: i64 = 1 << 16;
const COMBO: i64 = 1 << 17;

/// Most choices that are shown of one list.
const MAX_CHOICES: usize = 100;

/// The values of a form.
#[derive(Default)]
pub(super) struct FormValues {
    /// The lines of each page, one for each field.
    pub(super) lines: BTreeMap<u32, Vec<String>>,
    /// The texts of empty fields, by page.
    pub(super) hints: BTreeMap<u32, Vec<String>>,
    /// True if there is a form of another kind (XFA), and either no field of this kind, or one that is only built when it is shown.
    pub(super) is_other: bool,
    /// True if its fields form a cycle or are very deep: unpdf would overflow its stack.
    pub(super) has_no_end: bool,
    /// The fields read so far.
    seen: Seen,
    /// The number of these fields.
    count: usize,
}

impl FormValues {
    /// Adds the fields with visible widgets on a page. [`Self::fields_without_page`] also skips fields whose widgets are all hidden.
    pub(super) fn page(&mut self, number: u32, page: Dict<'_>, hidden: &Hidden) {
        for object in page.array("Annots") {
            let Some(widget) =
                Dict::from_object(page.raw, object).filter(|dict| dict.name("Subtype") == Some(b"Widget"))
            else {
                continue;
            };
            let Some((id, field)) = field_of_widget(object, widget) else { continue };
            if hidden.has(widget) || !self.mark_seen(id) {
                continue;
            }
            let line = line(field, widget);
            if line.is_none() {
                self.hints.entry(number).or_default().extend(hint(field, widget));
            }
            self.lines.entry(number).or_default().extend(line);
        }
    }

    /// Adds fields without a page to the last page.
    pub(super) fn fields_without_page(&mut self, raw: &RawDocument, last: u32, hidden: &Hidden) {
        let Some(form) = Dict::catalog(raw).and_then(|catalog| catalog.dict("AcroForm")) else { return };
        let mut waiting: Vec<(&PdfObject, usize)> = form.array("Fields").iter().rev().map(|field| (field, 0)).collect();
        let built_when_shown = Dict::catalog(raw).and_then(|catalog| catalog.get("NeedsRendering"));
        let built_when_shown = matches!(built_when_shown, Some(PdfObject::Bool(true)));
        self.is_other = form.get("XFA").is_some() && (self.count == 0 || built_when_shown);
        let mut walked = Seen::default();
        while let Some((object, depth)) = waiting.pop() {
            let Some(id) = object.as_reference() else { continue };
            if !walked.mark_visited(id) || depth > MAX_DEPTH {
                self.has_no_end = true;
                continue;
            }
            let Some(field) = Dict::from_object(raw, object) else { continue };
            let kids = field.array("Kids");
            waiting.extend(kids.iter().rev().map(|kid| (kid, depth + 1)));
            let is_parent =
                kids.iter().any(|kid| Dict::from_object(raw, kid).is_some_and(|kid| kid.get("T").is_some()));
            let shown = |object: &PdfObject| Dict::from_object(raw, object).is_some_and(|widget| !hidden.has(widget));
            let any_shown = if kids.is_empty() { shown(object) } else { kids.iter().any(shown) };
            if !is_parent && field.get("T").is_some() && any_shown && self.mark_seen(id) {
                self.lines.entry(last).or_default().extend(line(field, field));
            }
        }
    }

    fn mark_seen(&mut self, id: ObjectId) -> bool {
        self.count += 1;
        self.count <= MAX_FIELDS && self.seen.mark_visited(id)
    }
}

/// Returns the field that a widget belongs to: itself, or its first ancestor with a name.
fn field_of_widget<'a>(object: &'a PdfObject, widget: Dict<'a>) -> Option<(ObjectId, Dict<'a>)> {
    if widget.get("T").is_some() {
        return Some((object.as_reference()?, widget));
    }
    let below =
        widget.with_parents().find(|dict| dict.dict("Parent").is_some_and(|parent| parent.get("T").is_some()))?;
    Some((below.id("Parent")?, below.dict("Parent")?))
}

/// Returns "vessel: Black Guillemot"; `None` if the field is empty.
fn line(field: Dict<'_>, widget: Dict<'_>) -> Option<String> {
    let flags = field.inherited("Ff").and_then(PdfObject::as_i64).unwrap_or(0);
    let value = field.inherited("V");
    let value = match field.inherited("FT").or_else(|| widget.inherited("FT")).and_then(PdfObject::as_name)? {
        b"Tx" if flags & PASSWORD == 0 => match value? {
            PdfObject::Str(bytes) => text(bytes),
            PdfObject::Stream(stream) => text(&unpdf::parser::raw::stream::decompress(stream).ok()?),
            _ => return None,
        },
        b"Ch" => match value? {
            PdfObject::Str(bytes) => choice_label(field, bytes),
            PdfObject::Array(items) => {
                let items = items.iter().filter_map(|item| field.raw.resolve(item).as_str_bytes());
                items.map(|item| choice_label(field, item)).collect::<Vec<_>>().join(", ")
            }
            _ => return None,
        },
        b"Btn" if flags & PUSH_BUTTON != 0 => return widget.dict("MK").and_then(|looks| looks.text("CA")),
        b"Btn" => {
            let state =
                value.and_then(PdfObject::as_name).or_else(|| widget.name("AS")).filter(|state| *state != b"Off")?;
            if flags & RADIO != 0 { state_name(field, state) } else { "[x]".to_owned() }
        }
        b"Sig" => {
            let signature = Dict::from_object(field.raw, value?)?;
            let parts = ["Name", "Reason", "Location", "ContactInfo"].map(|key| signature.text(key));
            format!("signed {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        _ => return None,
    };
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then(|| format!("{}: {value}", label(field)))
}

/// Returns the text of an empty field, with the choices of a list that is always open.
fn hint(field: Dict<'_>, widget: Dict<'_>) -> Option<String> {
    let tooltip = field.text("TU").map(|_| label(field));
    let kind = field.inherited("FT").or_else(|| widget.inherited("FT")).and_then(PdfObject::as_name);
    let flags = field.inherited("Ff").and_then(PdfObject::as_i64).unwrap_or(0);
    if kind != Some(b"Ch") || flags & COMBO != 0 {
        return tooltip;
    }
    let options = field.inherited("Opt").and_then(PdfObject::as_array).unwrap_or(&[]);
    let shown = options.iter().take(MAX_CHOICES).filter_map(|option| {
        let option = field.raw.resolve(option);
        let label_of_choice = option
            .as_array()
            .and_then(|pair| pair.get(1))
            .map_or(option, |label_of_choice| field.raw.resolve(label_of_choice));
        label_of_choice.as_str_bytes().map(text)
    });
    let choices = shown.collect::<Vec<_>>().join(", ");
    let choices = choices.split_whitespace().collect::<Vec<_>>().join(" ");
    match (tooltip, choices.as_str()) {
        (tooltip, "") => tooltip,
        (None, choices) => Some(choices.to_owned()),
        (Some(tooltip), choices) => Some(format!("{tooltip}: {choices}")),
    }
}

/// Returns the label of a field, else its name after those of its ancestors.
fn label(field: Dict<'_>) -> String {
    let name = field.text("TU").unwrap_or_else(|| {
        let mut names: Vec<String> = field.with_parents().filter_map(|dict| dict.text("T")).collect();
        names.reverse();
        names.join(".")
    });
    name.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(':').to_owned()
}

/// Returns the label of a choice if it differs from its value, else the value.
fn choice_label(field: Dict<'_>, value: &[u8]) -> String {
    let options = field.inherited("Opt").and_then(PdfObject::as_array).unwrap_or(&[]);
    let pairs = options.iter().filter_map(|option| field.raw.resolve(option).as_array());
    let string = |object: &PdfObject| field.raw.resolve(object).as_str_bytes().map(text);
    let value = text(value);
    let mut called = pairs.filter(|pair| pair.first().and_then(string).as_ref() == Some(&value));
    called.find_map(|pair| pair.get(1).and_then(string)).unwrap_or(value)
}

/// Returns the value of a pressed button: its name, or the option with its number.
fn state_name(field: Dict<'_>, state: &[u8]) -> String {
    let name = String::from_utf8_lossy(state).into_owned();
    let options = field.inherited("Opt").and_then(PdfObject::as_array).unwrap_or(&[]);
    let option = name.parse().ok().and_then(|at: usize| options.get(at));
    option.and_then(|option| field.raw.resolve(option).as_str_bytes()).map_or(name, text)
}
