//! Form fields of old and content controls: what was chosen, and what was ticked.

use crate::office::namespace::Ns;
use crate::office::symbols::of_code;
use crate::office::word::body::{Body, Paragraph};
use crate::office::xml::{Element, Node, Xml};

const TICKED: &str = "☒";
const NOT_TICKED: &str = "☐";
/// A list of choices is read up to so many.
const MAX_CHOICES: usize = 1000;

/// A field that has begun.
#[derive(Debug, Default)]
pub(in crate::office) struct Field {
    /// What it shows was said as it began, so that its result is not said again.
    pub(in crate::office) said: bool,
    /// Whether its result is being read.
    pub(in crate::office) in_result: bool,
}

/// Fields nest in real documents a few deep.
const MAX_FIELDS: usize = 100;

impl Body {
    /// The begin of a field, of its result, or its end.
    pub(in crate::office) fn field(&mut self, xml: &mut Xml<'_>, mark: &Element<'_>, paragraph: &mut Paragraph) {
        let kind = mark.get("fldCharType").unwrap_or_default();
        let mut shown = None;
        while let Some(child) = xml.child() {
            if child.is(Ns::Word, "ffData") {
                shown = form_field(xml);
            } else {
                xml.skip();
            }
        }
        match kind.as_str() {
            "begin" if self.fields.len() < MAX_FIELDS => {
                self.say(paragraph, shown.as_deref().unwrap_or_default());
                self.fields.push(Field { said: shown.is_some(), in_result: false });
            }
            "separate" => {
                if let Some(field) = self.fields.last_mut() {
                    field.in_result = true;
                }
            }
            "end" => drop(self.fields.pop()),
            _ => {}
        }
    }

    /// A content control in a line: its content; without one, what its properties say was chosen.
    pub(in crate::office) fn control(&mut self, xml: &mut Xml<'_>, paragraph: &mut Paragraph) {
        let before = (paragraph.text.len(), paragraph.boxes.len());
        let mut shown = None;
        while let Some(child) = xml.child() {
            if child.is(Ns::Word, "sdtPr") {
                shown = control_value(xml);
            } else {
                self.inline(xml, paragraph);
            }
        }
        let silent = paragraph.text.get(before.0..).is_none_or(|text| text.trim().is_empty());
        if silent && paragraph.boxes.len() == before.1 {
            self.say(paragraph, shown.as_deref().unwrap_or_default());
        }
    }
}

/// What a form field shows: the choice of a list, the state of a check box. None for a text, which is the field's result.
fn form_field(xml: &mut Xml<'_>) -> Option<String> {
    let mut shown = None;
    while let Some(kind) = xml.child() {
        let (mut chosen, mut usual) = (None, None);
        let mut choices: Vec<String> = Vec::new();
        match kind.name() {
            (Ns::Word, "ddList") => {
                while let Some(part) = xml.child() {
                    match part.name() {
                        (Ns::Word, "result") => chosen = part.number("val"),
                        (Ns::Word, "default") => usual = part.number("val"),
                        (Ns::Word, "listEntry") if choices.len() < MAX_CHOICES => choices.extend(part.get("val")),
                        _ => {}
                    }
                    xml.skip();
                }
                let at = chosen.or(usual).unwrap_or(0) as usize;
                shown = choices.into_iter().nth(at);
            }
            (Ns::Word, "checkBox") => {
                while let Some(part) = xml.child() {
                    let state = Some(part.get("val").is_none() || part.says("val"));
                    match part.name() {
                        (Ns::Word, "checked") => chosen = state.map(u32::from),
                        (Ns::Word, "default") => usual = state.map(u32::from),
                        _ => {}
                    }
                    xml.skip();
                }
                shown = Some(if chosen.or(usual) == Some(1) { TICKED } else { NOT_TICKED }.to_owned());
            }
            _ => xml.skip(),
        }
    }
    shown
}

/// What the properties of a content control say that it shows: the state of a check box, the choice of a list.
fn control_value(xml: &mut Xml<'_>) -> Option<String> {
    let inside = xml.depth();
    let (mut ticked, mut last) = (None, None);
    let mut signs: [Option<char>; 2] = [None, None];
    let mut choices: Vec<(String, String)> = Vec::new();
    while let Some(node) = xml.next() {
        if let Node::Open(element) = &node {
            let sign = || of_code(element.get("font").as_deref(), &element.get("val")?);
            match element.name() {
                (Ns::Word2010, "checkbox") => ticked = Some(false),
                (Ns::Word2010, "checked") => ticked = Some(element.get("val").is_none() || element.says("val")),
                (Ns::Word2010, "checkedState") => signs[1] = sign(),
                (Ns::Word2010, "uncheckedState") => signs[0] = sign(),
                (Ns::Word, "dropDownList" | "comboBox") => last = element.get("lastValue"),
                (Ns::Word, "listItem") if choices.len() < MAX_CHOICES => {
                    let value = element.get("value").unwrap_or_default();
                    let shown = element.get("displayText").unwrap_or_else(|| value.clone());
                    choices.push((value, shown));
                }
                _ => {}
            }
        }
        if xml.depth() < inside {
            break;
        }
    }
    match (ticked, last) {
        (Some(ticked), _) => Some(
            signs[usize::from(ticked)]
                .map_or_else(|| if ticked { TICKED } else { NOT_TICKED }.to_owned(), |sign| sign.to_string()),
        ),
        (None, Some(last)) => choices.into_iter().find(|(value, _)| *value == last).map(|(_, shown)| shown),
        (None, None) => None,
    }
}
