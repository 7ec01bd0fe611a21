//! Fields in a line: their results, and the text of fields without a result.

use crate::office::markdown::MarkdownBlock;
use crate::office::namespace::Ns;
use crate::office::symbols::char_of_code;
use crate::office::word::body::{WordBody, WordParagraph};
use crate::office::word::forms::FormField;
use crate::office::xml::{Element, Xml};

/// A field whose end was not read yet.
#[derive(Debug, Default)]
pub(in crate::office) struct WordField {
    /// True if its text was written when it began; its result is then not written again.
    pub(in crate::office) was_written: bool,
    /// True while its result is read.
    pub(in crate::office) in_result: bool,
    /// True if its result has text so far.
    pub(in crate::office) shown: bool,
    /// The text to show without a result.
    default_text: String,
    /// Its instruction.
    instruction: String,
}

/// Most open fields; real documents nest only a few.
const MAX_FIELDS: usize = 100;
/// At most this much of an instruction is kept.
const MAX_INSTRUCTION_BYTES: usize = 1000;

impl WordBody {
    /// Reads a mark of a field: its beginning, the beginning of its result, or its end.
    pub(in crate::office) fn field(&mut self, xml: &mut Xml<'_>, mark: &Element<'_>, paragraph: &mut WordParagraph) {
        let kind = mark.get("fldCharType").unwrap_or_default();
        let mut form = FormField::default();
        while let Some(child) = xml.child() {
            if child.has_name(Ns::Word, "ffData") {
                form = FormField::read(xml);
            } else {
                xml.skip();
            }
        }
        paragraph.boxes.extend(form.help.into_iter().map(MarkdownBlock::Text));
        match kind.as_str() {
            "begin" if self.fields.len() < MAX_FIELDS => {
                self.add_text(paragraph, form.shown.as_deref().unwrap_or_default());
                self.fields.push(WordField {
                    was_written: form.shown.is_some(),
                    default_text: form.default_text,
                    ..WordField::default()
                });
            }
            "separate" => {
                if let Some(field) = self.fields.last_mut() {
                    field.in_result = true;
                }
            }
            "end" => {
                if let Some(field) = self.fields.pop().filter(|field| !field.was_written && !field.shown) {
                    let text = shown_by(&field.instruction).unwrap_or(field.default_text);
                    self.add_text(paragraph, &text);
                }
            }
            _ => {}
        }
    }

    /// Adds to the instruction of the field that began last.
    pub(in crate::office) fn instruction(&mut self, text: &str) {
        if let Some(field) = self.fields.last_mut().filter(|field| field.instruction.len() < MAX_INSTRUCTION_BYTES) {
            field.instruction.push_str(text);
        }
    }

    /// Reads a field in one element: its result; without one, the text of its instruction.
    pub(in crate::office) fn simple_field(
        &mut self,
        xml: &mut Xml<'_>,
        field: &Element<'_>,
        paragraph: &mut WordParagraph,
    ) {
        let before = paragraph.text.len();
        self.inline(xml, paragraph);
        if paragraph.text.len() == before {
            let text = field.get("instr").and_then(|instruction| shown_by(&instruction)).unwrap_or_default();
            self.add_text(paragraph, &text);
        }
    }
}

/// Returns the text of a field that follows from its instruction: the words of a button, a sign.
fn shown_by(instruction: &str) -> Option<String> {
    let (kind, rest) = instruction.trim_start().split_once(char::is_whitespace)?;
    match kind.to_ascii_uppercase().as_str() {
        "MACROBUTTON" | "GOTOBUTTON" => {
            rest.trim().split_once(char::is_whitespace).map(|(_, words)| words.trim().to_owned())
        }
        "SYMBOL" => {
            let code = rest.split_whitespace().next()?;
            let code = match code.strip_prefix("0x") {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => code.parse().ok()?,
            };
            let font = rest.split_once("\\f").map(|(_, font)| font.trim_start());
            let font = font.map(|font| match font.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next().unwrap_or_default(),
                None => font.split_whitespace().next().unwrap_or_default(),
            });
            char_of_code(font, &format!("{code:X}")).map(String::from)
        }
        _ => None,
    }
}
