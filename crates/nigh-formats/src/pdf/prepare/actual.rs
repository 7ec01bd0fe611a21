//! Replacement texts (`ActualText`): the text of a part of a page whose glyphs mean something else or nothing.
//!
//! unpdf ignores them. Here the glyphs of such a part are removed from the content, and one glyph of a replacement font takes their place. It
//! has their width and maps to the whole text, so the text keeps its place and order, and adjacent words stay whole. If
//! the glyphs give the same text, they stay.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use unpdf::parser::backend::{PdfBackend, RawBackend, ResourceScope};
use unpdf::parser::raw::PdfObject;

use super::super::letters;
use super::font::Fonts;
use super::objects::{Dict, ObjectId, text};
use super::operators::{Operand, Operator, Operators};
use super::structure::Structure;
use super::write::ObjectChanges;

/// Most bytes of all replacement texts of a document; for more, the glyphs are used.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// Most bytes of one replacement text.
const MAX_REPLACEMENT_BYTES: usize = 1 << 16;

/// Nested marked content is followed up to this depth.
const MAX_DEPTH: usize = 256;

/// The replacement fonts of a content stream, by their names in it.
type UsedFonts = BTreeMap<Vec<u8>, PdfObject>;

/// A content stream and its resources.
pub(super) struct ContentStream<'a> {
    pub(super) data: &'a [u8],
    pub(super) resources: Option<Dict<'a>>,
    pub(super) scope: ResourceScope,
    /// The page or form that the numbers of its marked content refer to.
    pub(super) owner: ObjectId,
}

/// The result of replacing texts in a content stream.
#[derive(Default)]
pub(super) struct Replaced {
    /// The new bytes and the fonts that they use; `None` if nothing was replaced.
    pub(super) changed: Option<(Vec<u8>, UsedFonts)>,
    /// Texts of parts without glyphs.
    pub(super) unplaced: Vec<String>,
    /// The descriptions of pictures.
    pub(super) alternatives: Vec<String>,
}

impl ContentStream<'_> {
    /// True if it can have replacement texts; does not read its operators.
    pub(super) fn may_have(&self, structure: &Structure) -> bool {
        let written = |key: &[u8]| memchr::memmem::find(self.data, key).is_some();
        let properties = self.resources.and_then(|resources| resources.dict("Properties"));
        let named = properties.is_some_and(|all| {
            let keys =
                all.entries.keys().filter_map(|key| std::str::from_utf8(key).ok()).filter_map(|key| all.dict(key));
            keys.into_iter().any(|dict| dict.get("ActualText").is_some() || dict.get("Alt").is_some())
        });
        written(b"/ActualText") || written(b"/Alt") || named || structure.has(self.owner)
    }
}

/// The text settings that `q` saves and `Q` restores.
#[derive(Debug, Clone, Default)]
struct TextState {
    font: Option<(Vec<u8>, f32)>,
    /// The space after every letter.
    letter_space: f32,
    /// The additional space after every word space.
    word_space: f32,
}

/// An operator that shows text.
struct ShowOperator {
    range: Range<usize>,
    /// Its movement before the text: to the next line.
    before: Vec<u8>,
    /// The width by which it moves the position.
    advance: f32,
}

/// Consecutive operators that show text, without other movements between them.
struct TextRun {
    shows: Vec<ShowOperator>,
    font: (Vec<u8>, f32),
    letter_space: f32,
}

/// A part with a replacement text.
struct ReplacedPart {
    text: String,
    depth: usize,
    runs: Vec<TextRun>,
    shown: String,
    /// True if the next text begins a run.
    moved: bool,
    /// True if it shows glyphs that cannot be measured.
    unknown: bool,
}

/// Replaces glyphs of content streams by replacement texts.
pub(super) struct TextReplacer<'a> {
    pub(super) backend: &'a RawBackend,
    pub(super) structure: &'a mut Structure,
    pub(super) fonts: &'a mut Fonts,
    pub(super) changes: &'a mut ObjectChanges,
}

impl TextReplacer<'_> {
    pub(super) fn content(&mut self, content: &ContentStream<'_>) -> Replaced {
        let mut replaced = Replaced::default();
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        let mut used = UsedFonts::new();
        let mut bases: Option<HashMap<Vec<u8>, String>> = None;
        let (mut state, mut kept) = (TextState::default(), Vec::new());
        let (mut depth, mut part) = (0_usize, None::<ReplacedPart>);
        for operator in Operators::new(content.data) {
            let number = |at: usize| match operator.operands.get(at) {
                Some(Operand::Number(number)) => *number,
                _ => 0.0,
            };
            match operator.name {
                // The text state.
                b"q" if kept.len() < MAX_DEPTH => kept.push(state.clone()),
                b"Q" => state = kept.pop().unwrap_or(state),
                b"Tf" => {
                    state.font = match operator.operands.as_slice() {
                        [Operand::Name(name), Operand::Number(size)] => Some((name.clone(), *size)),
                        _ => None,
                    }
                }
                b"Tc" => state.letter_space = number(0),
                b"Tw" => state.word_space = number(0),
                // A part begins. Parts within a replaced part belong to it.
                b"BMC" | b"BDC" => {
                    depth += 1;
                    let (text, alternative) = self.replacement_text(content, &operator);
                    replaced.alternatives.extend(alternative);
                    if let (None, Some(text)) = (&part, text) {
                        let (runs, shown) = (Vec::new(), String::new());
                        part = Some(ReplacedPart { text, depth, runs, shown, moved: true, unknown: false });
                    }
                }
                // A part ends.
                b"EMC" => {
                    if let Some(done) = part.take_if(|part| part.depth == depth) {
                        let bases = bases.get_or_insert_with(|| self.bases(content.scope));
                        self.replace(done, bases, &mut edits, &mut used, &mut replaced.unplaced);
                    }
                    depth = depth.saturating_sub(1);
                }
                // The position moves elsewhere: the run ends.
                b"Td" | b"TD" | b"Tm" | b"T*" | b"BT" | b"ET" | b"cm" | b"Do" => {
                    if let Some(part) = &mut part {
                        part.moved = true;
                    }
                }
                // Text is shown.
                b"Tj" | b"TJ" | b"'" | b"\"" => {
                    if operator.name == b"\"" {
                        (state.word_space, state.letter_space) = (number(0), number(1));
                    }
                    if let Some(part) = &mut part {
                        self.show(part, &operator, &state, content.scope);
                    }
                }
                _ => {}
            }
        }
        if !edits.is_empty() {
            // Applies the edits.
            edits.sort_by_key(|(range, _)| range.start);
            let (mut out, mut at) = (Vec::with_capacity(content.data.len()), 0);
            for (range, bytes) in edits {
                out.extend(content.data.get(at..range.start).unwrap_or(&[]));
                out.extend(bytes);
                at = range.end;
            }
            out.extend(content.data.get(at..).unwrap_or(&[]));
            replaced.changed = Some((out, used));
        }
        replaced
    }

    /// Returns the replacement text of a part of the content, and the description of a picture.
    fn replacement_text(
        &mut self,
        content: &ContentStream<'_>,
        operator: &Operator<'_>,
    ) -> (Option<String>, Option<String>) {
        let (mut actual, mut alternative, mut number) = (None, None, None);
        match operator.operands.get(1) {
            Some(Operand::Dict(entries)) => {
                for (key, value) in entries {
                    match (key.as_slice(), value) {
                        (b"ActualText", Operand::Text(bytes)) => actual = Some(text(bytes)),
                        (b"Alt", Operand::Text(bytes)) => alternative = Some(text(bytes)),
                        (b"MCID", Operand::Number(value)) => number = Some(*value as i64),
                        _ => {}
                    }
                }
            }
            Some(Operand::Name(name)) => {
                let properties = content.resources.and_then(|resources| resources.dict("Properties"));
                let named = std::str::from_utf8(name).ok().and_then(|name| properties?.dict(name));
                if let Some(named) = named {
                    actual = named.text_even_empty("ActualText");
                    alternative = named.text("Alt");
                    number = named.integer("MCID");
                }
            }
            _ => {}
        }
        let of_structure = number.and_then(|number| self.structure.actual.remove(&(content.owner, number)));
        (actual.or(of_structure), alternative)
    }

    /// Returns the names of a scope's fonts.
    fn bases(&self, scope: ResourceScope) -> HashMap<Vec<u8>, String> {
        let fonts = self.backend.page_fonts(scope).unwrap_or_default();
        let named = fonts.into_iter().map(|font| {
            let name_has = |mark: &str| font.base_font.to_ascii_lowercase().contains(mark);
            let bold = if font.bold && !name_has("bold") { "-Bold" } else { "" };
            let italic = if font.italic && !name_has("italic") && !name_has("oblique") { "-Italic" } else { "" };
            (font.name, format!("{}{bold}{italic}", font.base_font))
        });
        named.collect()
    }

    /// Records what an operator within a part shows.
    fn show(&self, part: &mut ReplacedPart, operator: &Operator<'_>, state: &TextState, scope: ResourceScope) {
        let Some((font, size)) = state.font.clone().filter(|(_, size)| *size != 0.0) else {
            part.unknown = true;
            return;
        };
        if self.backend.is_vertical_font(scope, &font) {
            part.unknown = true;
            return;
        }
        let items = match operator.operands.last() {
            Some(Operand::Array(items)) => items.as_slice(),
            Some(item) => std::slice::from_ref(item),
            None => &[],
        };
        // Measures how far the text moves the position, in text space units.
        let mut advance = 0.0;
        for item in items {
            match item {
                Operand::Number(number) => advance -= number / 1000.0 * size,
                Operand::Text(bytes) => {
                    part.shown.push_str(&self.backend.decode_text(scope, &font, bytes).text);
                    match self.backend.glyph_advances(scope, &font, bytes) {
                        Some(glyphs) => {
                            for glyph in glyphs {
                                let word = if glyph.is_word_space { state.word_space } else { 0.0 };
                                advance += glyph.width / 1000.0 * size + state.letter_space + word;
                            }
                        }
                        None => advance += bytes.len() as f32 * (size / 2.0 + state.letter_space),
                    }
                }
                _ => {}
            }
        }
        let next_line = matches!(operator.name, b"'" | b"\"");
        let before = match operator.name {
            b"'" => b"T* ".to_vec(),
            b"\"" => format!("{} Tw {} Tc T* ", state.word_space, state.letter_space).into_bytes(),
            _ => Vec::new(),
        };
        let show = ShowOperator { range: operator.range.clone(), before, advance };
        match part.runs.last_mut().filter(|_| !part.moved && !next_line) {
            Some(run) => run.shows.push(show),
            None => part.runs.push(TextRun { shows: vec![show], font: (font, size), letter_space: state.letter_space }),
        }
        part.moved = false;
    }

    /// Puts a part's text in the place of its first run, and removes the other runs.
    fn replace(
        &mut self,
        part: ReplacedPart,
        bases: &HashMap<Vec<u8>, String>,
        edits: &mut Vec<(Range<usize>, Vec<u8>)>,
        used: &mut UsedFonts,
        unplaced: &mut Vec<String>,
    ) {
        let without_space = |text: &str| letters::normalise(text).split_whitespace().collect::<String>();
        let replacement = part.text.replace(['\n', '\t'], " ");
        let (wanted, shown) = (without_space(&replacement), without_space(&part.shown));
        let is_same = wanted == shown && !replacement.contains('\u{ad}');
        if part.unknown || is_same || replacement.len() > MAX_REPLACEMENT_BYTES || self.fonts.text > MAX_TEXT_BYTES {
            return;
        }
        // A part without glyphs has no place on the page.
        if part.runs.is_empty() {
            if !wanted.is_empty() {
                unplaced.push(replacement);
            }
            return;
        }
        let Some(mut replacement) = in_order_of_glyphs(replacement, &shown) else { return };
        for run in part.runs {
            let ((font, size), advance) = (&run.font, run.shows.iter().map(|show| show.advance).sum::<f32>());
            let mut first = true;
            for show in run.shows {
                let mut bytes = show.before;
                if first && !replacement.is_empty() {
                    // One glyph of a replacement font with the width of the run; then the font of the document again.
                    let width = ((advance - run.letter_space) / size * 1000.0).max(0.0);
                    let base = bases.get(font).map_or("", String::as_str);
                    let (called, id, code) =
                        self.fonts.code(base, std::mem::take(&mut replacement), width, self.changes);
                    used.insert(called.clone().into_bytes(), PdfObject::Reference(id.0, id.1));
                    bytes.extend(format!("/{called} {size} Tf <{code:04x}> Tj ").bytes());
                    super::write::write_name(font, &mut bytes);
                    bytes.extend(format!(" {size} Tf ").bytes());
                } else if first {
                    // A later run only moves the position.
                    bytes.extend(format!("[{:.3}] TJ ", -advance / size * 1000.0).bytes());
                }
                first = false;
                edits.push((show.range, bytes));
            }
        }
    }
}

/// Returns a text in the order of its glyphs from left to right: unpdf reverses text that is written from right to left. Returns `None` if
/// it has both directions, or if the visible letters are the same.
fn in_order_of_glyphs(text: String, shown: &str) -> Option<String> {
    let is_right_to_left =
        |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    if !text.chars().any(is_right_to_left) {
        return Some(text);
    }
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        letters.sort_unstable();
        letters
    };
    let has_both_directions = text.chars().any(|c| c.is_alphanumeric() && !is_right_to_left(c));
    (!has_both_directions && sorted(&text) != sorted(shown)).then(|| text.chars().rev().collect())
}
