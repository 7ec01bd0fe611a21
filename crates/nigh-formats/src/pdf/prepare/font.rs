//! Replacement fonts: each glyph maps to a whole text, and has the width of the glyphs that it replaces.

use unpdf::parser::raw::{PdfDict, PdfObject};

use super::objects::ObjectId;
use super::write::{ObjectChanges, dict, name, stream};

/// The first code of a font: unpdf takes codes below 0x100 for single bytes.
const FIRST_CODE: u32 = 0x100;

/// Most codes of a font: two bytes have 65,536.
const MAX_FONT_CODES: usize = 60_000;

/// A font that replaces one of the document's fonts.
struct ReplacementFont {
    id: ObjectId,
    base: String,
    /// The text of each code, and its width in thousandths.
    codes: Vec<(String, f32)>,
}

/// The replacement fonts of a document.
#[derive(Default)]
pub(super) struct Fonts {
    fonts: Vec<ReplacementFont>,
    /// The number of bytes of all texts.
    pub(super) text: usize,
}

impl Fonts {
    /// Returns a code for a text with this width: the font's name, its object and the code.
    pub(super) fn code(
        &mut self,
        base: &str,
        text: String,
        width: f32,
        changes: &mut ObjectChanges,
    ) -> (String, ObjectId, u32) {
        self.text += text.len();
        let has_free_code = |font: &ReplacementFont| font.base == base && font.codes.len() < MAX_FONT_CODES;
        let at = self.fonts.iter().rposition(has_free_code).unwrap_or_else(|| {
            self.fonts.push(ReplacementFont { id: changes.reserve(), base: base.to_owned(), codes: Vec::new() });
            self.fonts.len() - 1
        });
        let font = &mut self.fonts[at];
        font.codes.push((text, width));
        let code = FIRST_CODE + u32::try_from(font.codes.len() - 1).unwrap_or(0);
        (format!("NighText{at}"), font.id, code)
    }

    /// Adds the fonts to the file.
    pub(super) fn finish(self, changes: &mut ObjectChanges) {
        for font in self.fonts {
            let codes = || (FIRST_CODE..).zip(&font.codes);
            let table = super::cmap::write_table(2, codes().map(|(code, (text, _))| (code, text.as_str())));
            let widths = codes().flat_map(|(code, (_, width))| {
                [PdfObject::Integer(i64::from(code)), PdfObject::Array(vec![PdfObject::Real(f64::from(*width))])]
            });
            let below = PdfObject::Dict(dict([
                ("Type", name("Font")),
                ("Subtype", name("CIDFontType2")),
                ("BaseFont", name(&font.base)),
                (
                    "CIDSystemInfo",
                    PdfObject::Dict(dict([
                        ("Registry", PdfObject::Str(b"Adobe".to_vec())),
                        ("Ordering", PdfObject::Str(b"Identity".to_vec())),
                        ("Supplement", PdfObject::Integer(0)),
                    ])),
                ),
                ("DW", PdfObject::Integer(0)),
                ("W", PdfObject::Array(widths.collect())),
            ]));
            let below = changes.add(below);
            let table = changes.add(stream(PdfDict::new(), table));
            let entries = dict([
                ("Type", name("Font")),
                ("Subtype", name("Type0")),
                ("BaseFont", name(&font.base)),
                ("Encoding", name("Identity-H")),
                ("DescendantFonts", PdfObject::Array(vec![below])),
                ("ToUnicode", table),
            ]);
            changes.set(font.id, PdfObject::Dict(entries));
        }
    }
}
