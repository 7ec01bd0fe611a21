//! Form fields of an OpenDocument: selected values and states of check boxes.

use crate::office::namespace::Ns;
use crate::office::xml::{Element, Xml};

/// Most choices of a list that are read.
const MAX_CHOICES: usize = 1000;

/// Returns the text of the field that was opened last: the choice of a list, the state of a check box. Returns `None` for a text
/// field, whose text follows.
pub(in crate::office) fn form_field(xml: &mut Xml<'_>, field: &Element<'_>) -> Option<String> {
    let kind = field.get("type").unwrap_or_default();
    let (mut ticked, mut chosen) = (false, 0);
    let mut choices = Vec::new();
    while let Some(part) = xml.child() {
        if part.has_name(Ns::Field, "param") {
            let value = part.get("value").unwrap_or_default();
            match part.get("name").as_deref() {
                Some("Checkbox_Checked") => ticked = value == "true",
                Some("Dropdown_Selected") => chosen = value.parse().unwrap_or(0),
                Some("Dropdown_ListEntry") if choices.len() < MAX_CHOICES => choices.push(value),
                _ => {}
            }
        }
        xml.skip();
    }
    if kind.ends_with("FORMCHECKBOX") {
        Some(if ticked { "☒" } else { "☐" }.to_owned())
    } else if kind.ends_with("FORMDROPDOWN") {
        choices.into_iter().nth(chosen)
    } else {
        None
    }
}
