//! Form fields and content controls: selected values, states of check boxes, titles and help texts.

use crate::office::markdown::{MarkdownBlock, one_line};
use crate::office::namespace::Ns;
use crate::office::symbols::char_of_code;
use crate::office::word::body::{WordBody, WordParagraph};
use crate::office::xml::{Xml, XmlNode};

const TICKED: &str = "☒";
const NOT_TICKED: &str = "☐";
/// Most choices of a list that are read.
const MAX_CHOICES: usize = 1000;

impl WordBody {
    /// Reads an inline content control: its content; without content, the choice in its properties.
    pub(in crate::office) fn control(&mut self, xml: &mut Xml<'_>, paragraph: &mut WordParagraph) {
        let (text_before, boxes_before) = (paragraph.text.len(), paragraph.boxes.len());
        let mut control = Control::default();
        while let Some(child) = xml.child() {
            if child.has_name(Ns::Word, "sdtPr") {
                control = Control::read(xml);
            } else {
                self.inline(xml, paragraph);
            }
        }
        let no_text = paragraph.text.get(text_before..).is_none_or(|text| text.trim().is_empty());
        if no_text && paragraph.boxes.len() == boxes_before {
            self.add_text(paragraph, control.shown.as_deref().unwrap_or_default());
        }
        let text = paragraph.text.get(text_before..).unwrap_or_default();
        paragraph.boxes.extend(control.title.filter(|title| !text.contains(title)).map(MarkdownBlock::Text));
    }
}

/// The text of a form field.
#[derive(Debug, Default)]
pub(super) struct FormField {
    /// The choice of a list, the state of a check box. `None` for a text field: its text is the field's result.
    pub(super) shown: Option<String>,
    /// The default text, shown until another text is typed.
    pub(super) default_text: String,
    /// The help texts.
    pub(super) help: Vec<String>,
}

impl FormField {
    /// Reads the field data that was opened last.
    pub(super) fn read(xml: &mut Xml<'_>) -> Self {
        let mut field = Self::default();
        while let Some(kind) = xml.child() {
            let (mut chosen, mut default) = (None, None);
            let mut choices: Vec<String> = Vec::new();
            match kind.name() {
                // A drop-down list: the chosen entry, else the default, else the first.
                (Ns::Word, "ddList") => {
                    while let Some(part) = xml.child() {
                        match part.name() {
                            (Ns::Word, "result") => chosen = part.number("val"),
                            (Ns::Word, "default") => default = part.number("val"),
                            (Ns::Word, "listEntry") if choices.len() < MAX_CHOICES => choices.extend(part.get("val")),
                            _ => {}
                        }
                        xml.skip();
                    }
                    let at = chosen.or(default).unwrap_or(0) as usize;
                    field.shown = choices.into_iter().nth(at);
                }
                // A check box: its state, else its default.
                (Ns::Word, "checkBox") => {
                    while let Some(part) = xml.child() {
                        let state = Some(part.get("val").is_none() || part.is_true("val"));
                        match part.name() {
                            (Ns::Word, "checked") => chosen = state.map(u32::from),
                            (Ns::Word, "default") => default = state.map(u32::from),
                            _ => {}
                        }
                        xml.skip();
                    }
                    field.shown = Some(if chosen.or(default) == Some(1) { TICKED } else { NOT_TICKED }.to_owned());
                }
                // A text field: only its default is here.
                (Ns::Word, "textInput") => {
                    while let Some(part) = xml.child() {
                        if part.has_name(Ns::Word, "default") {
                            field.default_text = part.get("val").unwrap_or_default();
                        }
                        xml.skip();
                    }
                }
                // Other types name a text in another part.
                (Ns::Word, "helpText" | "statusText") if kind.get("type").is_none_or(|kind| kind == "text") => {
                    let text = one_line(&kind.get("val").unwrap_or_default());
                    if !text.is_empty() && !field.help.contains(&text) {
                        field.help.push(text);
                    }
                    xml.skip();
                }
                _ => xml.skip(),
            }
        }
        field
    }
}

/// The properties of a content control.
#[derive(Debug, Default)]
pub(in crate::office) struct Control {
    /// The state of a check box, the choice of a list.
    shown: Option<String>,
    /// The title on its tab; `None` if it shows a document property or a gallery's text.
    pub(in crate::office) title: Option<String>,
}

impl Control {
    /// Reads the properties element that was opened last.
    pub(in crate::office) fn read(xml: &mut Xml<'_>) -> Self {
        let inside = xml.depth();
        let (mut ticked, mut last) = (None, None);
        let (mut title, mut is_property) = (None, false);
        let mut signs: [Option<char>; 2] = [None, None];
        let mut choices: Vec<(String, String)> = Vec::new();
        while let Some(node) = xml.next() {
            if let XmlNode::Open(element) = &node {
                let sign = || char_of_code(element.get("font").as_deref(), &element.get("val")?);
                match element.name() {
                    (Ns::Word2010, "checkbox") => ticked = Some(false),
                    (Ns::Word2010, "checked") => ticked = Some(element.get("val").is_none() || element.is_true("val")),
                    (Ns::Word2010, "checkedState") => signs[1] = sign(),
                    (Ns::Word2010, "uncheckedState") => signs[0] = sign(),
                    (Ns::Word, "alias") => title = element.get("val").map(|title| one_line(&title)),
                    (Ns::Word, "docPartObj" | "docPartList") => is_property = true,
                    (Ns::Word, "dataBinding") => {
                        let path = element.get("xpath").unwrap_or_default();
                        is_property |= ["coreProperties", "CoverPageProperties", "Properties["]
                            .iter()
                            .any(|name| path.contains(name));
                    }
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
        let shown = match (ticked, last) {
            (Some(ticked), _) => Some(
                signs[usize::from(ticked)]
                    .map_or_else(|| if ticked { TICKED } else { NOT_TICKED }.to_owned(), |sign| sign.to_string()),
            ),
            (None, Some(last)) => choices.into_iter().find(|(value, _)| *value == last).map(|(_, shown)| shown),
            (None, None) => None,
        };
        Self { shown, title: title.filter(|title| !title.is_empty() && !is_property) }
    }
}
