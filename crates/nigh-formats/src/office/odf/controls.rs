//! Form controls on a page: typed, chosen and ticked values, and labels.

use crate::office::markdown::{one_line, tidy};
use crate::office::namespace::Ns;
use crate::office::odf::body::OdfBody;
use crate::office::xml::{Element, Xml};

/// At most this many controls of a document are read, and at most this many choices of a list.
const MAX_CONTROLS: usize = 10_000;
const MAX_CHOICES: usize = 100;

impl OdfBody {
    /// Reads the controls of the form element that was opened last, for the shapes that show them.
    pub(in crate::office) fn read_controls(&mut self, xml: &mut Xml<'_>) {
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Form, "hidden") => xml.skip(),
                (Ns::Form, "form" | "properties" | "grid") => self.read_controls(xml),
                (Ns::Form, _) if self.controls.len() < MAX_CONTROLS => {
                    let id = element.get("id").or_else(|| element.get_in(Ns::Xml, "id"));
                    let text = control_text(xml, &element);
                    if let (Some(id), false) = (id, text.is_empty()) {
                        self.controls.insert(id, text);
                    }
                }
                _ => xml.skip(),
            }
        }
    }
}

/// Returns the text of a control. Reads it to its end.
fn control_text(xml: &mut Xml<'_>, control: &Element<'_>) -> String {
    let kind = control.name().1;
    let attribute_text = |name: &str| tidy(&control.get(name).unwrap_or_default());
    let first =
        |names: [&str; 2]| names.map(attribute_text).into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    let drops = control.is_true("dropdown");
    let (mut choices, mut chosen, mut text) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(part) = xml.child() {
        match part.name() {
            (Ns::Form, "option" | "item") if choices.len() < MAX_CHOICES => {
                let label = one_line(&part.get("label").unwrap_or_default());
                if part.is_true("current-selected") || part.is_true("selected") {
                    chosen.push(label.clone());
                }
                choices.push(label);
                xml.skip();
            }
            (Ns::Text, "p") => text.push(tidy(&xml.text())),
            _ => xml.skip(),
        }
    }
    let ticked = |is_ticked: bool| {
        format!("{} {}", if is_ticked { "☒" } else { "☐" }, attribute_text("label")).trim_end().to_owned()
    };
    match kind {
        "checkbox" => ticked(first(["current-state", "state"]) == "checked"),
        "radio" => ticked(control.is_true("current-selected") || control.is_true("selected")),
        "listbox" if drops || !chosen.is_empty() => chosen.join(", "),
        "listbox" => choices.join(", "),
        "password" | "image" | "file" => attribute_text("label"),
        "textarea" if !text.is_empty() => text.join("\n"),
        _ => Some(first(["current-value", "value"]))
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| attribute_text("label")),
    }
}
