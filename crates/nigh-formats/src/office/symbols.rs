//! Characters of fonts that have their own encoding: Symbol, Wingdings, Webdings.
//!
//! Documents write them as `w:sym`, or as characters of the private use area (U+F020 to U+F0FF) in a run of that font.
//! If Unicode has several characters for a sign, the one that people type is used: ☐ ☑ ☒ for boxes, plain arrows.

use std::borrow::Cow;

/// Characters of the codes from 0x21 on. In all tables below, a space marks a sign that Unicode lacks.
const SYMBOL: &str = "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// Codes from 0xA0 on.
const SYMBOL_UPPER: &str =
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";
const WINGDINGS: &str = "✏✂✁👓🔔📖🕯☎✆✉✉📪📫📬📭📁📂📄📄📄🗄⌛⌨🖱🖲💻🖴💾💾✇✍✍✌👌👍👎☜☞☝☟🖐☺😐☹💣☠🏳🏱✈☼💧❄✝✞✝✠✡☪☯ॐ☸\
    ♈♉♊♋♌♍♎♏♐♑♒♓&&●❍■□❐❑❒⬧⧫◆❖⬥⌧⍓⌘🏵🏶❝❞";
/// Codes from 0x80 on.
const WINGDINGS_UPPER: &str = "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿        ·•⬝○○◉◉◎○▪☐✦✦★✶✴✹✷⌖⌖✧✧✧✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛\
    ↲↳↰↱↵↳↰↱      ❧❧❧❧⌫⌦⮘➢⮙⮛⮈⮊⮉⮋←→↑↓↖↗↙↘🡸➔🡹🡻🡼🡽🡿🡾⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂▭▫✗✔☒☑⊞";
/// Codes from 0x4F on: crosses, ticks and boxes with them.
const WINGDINGS_2: &str = "✗✓☒☑☒☒";
/// Codes from 0x69 on: numbers in circles.
const WINGDINGS_2_NUMBERS: &str = "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿";
/// Codes from 0x21 on.
const WINGDINGS_3: &str = "←→↑↓↖↗↙↘";
/// Codes from 0x66 on.
const WINGDINGS_3_ARROWS: &str = "←→↑↓↖↗↙↘↔↕▲▼△▽◀▶◁▷◣◢◤◥◀▶";

/// A font with its own encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum SymbolFont {
    Symbol,
    Wingdings,
    Wingdings2,
    Wingdings3,
    Webdings,
}

impl SymbolFont {
    /// Returns the symbol font of that name; `None` for fonts of letters.
    pub(in crate::office) fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        // Called for every run: most font names begin with other letters.
        if !name.starts_with(['s', 'S', 'w', 'W']) {
            return None;
        }
        Some(match name.to_ascii_lowercase().as_str() {
            "symbol" | "symbol mt" | "standard symbols ps" | "standard symbols l" => Self::Symbol,
            "wingdings" => Self::Wingdings,
            "wingdings 2" => Self::Wingdings2,
            "wingdings 3" => Self::Wingdings3,
            "webdings" => Self::Webdings,
            _ => return None,
        })
    }

    /// Returns the character for a code of the font; `None` if Unicode has no such sign.
    pub(in crate::office) fn sign(self, code: u8) -> Option<char> {
        let character_in = |table: &str, first: u8| {
            let at = usize::from(code.checked_sub(first)?);
            table.chars().nth(at).filter(|sign| *sign != ' ')
        };
        if code == b' ' || (code == 0xa0 && self != Self::Symbol) {
            return Some(' ');
        }
        match self {
            Self::Symbol => {
                if code < 0x80 {
                    character_in(SYMBOL, 0x21)
                } else {
                    character_in(SYMBOL_UPPER, 0xa0)
                }
            }
            Self::Wingdings => {
                if code < 0x80 {
                    character_in(WINGDINGS, 0x21)
                } else {
                    character_in(WINGDINGS_UPPER, 0x80)
                }
            }
            Self::Wingdings2 => match code {
                0x2a => Some('☐'),
                0x4f..=0x54 => character_in(WINGDINGS_2, 0x4f),
                0x69..=0x7e => character_in(WINGDINGS_2_NUMBERS, 0x69),
                0x97 | 0x98 => Some('●'),
                0xa2 => Some('■'),
                0xa3 => Some('☐'),
                _ => None,
            },
            Self::Wingdings3 => {
                if code < 0x66 {
                    character_in(WINGDINGS_3, 0x21)
                } else {
                    character_in(WINGDINGS_3_ARROWS, 0x66)
                }
            }
            Self::Webdings => Some(match code {
                0x33 => '◀',
                0x34 => '▶',
                0x35 => '▲',
                0x36 => '▼',
                0x59 => '♥',
                0x61 => '✔',
                0x63 => '☐',
                0x67 => '■',
                0x69 => 'ℹ',
                0x6e => '●',
                0x72 => '✗',
                _ => return None,
            }),
        }
    }
}

/// The symbol font of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) struct RunFont {
    pub(in crate::office) font: SymbolFont,
    /// True if letters are also shown in it, not only characters of the private use area.
    pub(in crate::office) letters: bool,
}

/// Returns the code of a character of the private use area that symbol fonts use.
fn private(character: char) -> Option<u8> {
    let code = u32::from(character);
    if (0xf020..=0xf0ff).contains(&code) { u8::try_from(code - 0xf000).ok() } else { None }
}

/// Converts a text to the characters that the font shows. Signs that Unicode lacks are left out and counted.
pub(in crate::office) fn decode_symbols<'t>(text: &'t str, font: Option<RunFont>, unknown: &mut usize) -> Cow<'t, str> {
    let Some(RunFont { font, letters }) = font else { return Cow::Borrowed(text) };
    let code = |character: char| {
        let letter = || u8::try_from(u32::from(character)).ok().filter(|code| *code > b' ');
        private(character).or_else(|| if letters { letter() } else { None })
    };
    if !text.chars().any(|character| code(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match code(character).map(|code| font.sign(code)) {
            None => shown.push(character),
            Some(Some(sign)) => shown.push(sign),
            Some(None) => *unknown += 1,
        }
    }
    Cow::Owned(shown)
}

/// Returns the character of a `w:sym`: a font, and a code in hexadecimal digits.
pub(in crate::office) fn char_of_code(font: Option<&str>, code: &str) -> Option<char> {
    let character = u32::from_str_radix(code.trim(), 16).ok().and_then(char::from_u32)?;
    match font.and_then(SymbolFont::from_name) {
        Some(font) => match private(character).or_else(|| u8::try_from(u32::from(character)).ok()) {
            Some(code) => font.sign(code),
            // A character outside the font's own encoding.
            None => Some(character),
        },
        None => Some(character)
            .filter(|character| !matches!(*character, '\u{e000}'..='\u{f8ff}') && !character.is_control()),
    }
}

/// Reports how many characters were left out.
pub(in crate::office) fn losses(unknown: usize, losses: &mut Vec<String>) {
    if unknown > 0 {
        losses.push(match unknown {
            1 => "a character that exists only in a symbol font was left out".to_owned(),
            _ => format!("{unknown} characters that exist only in symbol fonts were left out"),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn symbol_tables_are_aligned() {
        for (font, code, sign) in [
            (SymbolFont::Symbol, 0x6d, Some('μ')),
            (SymbolFont::Symbol, 0x57, Some('Ω')),
            (SymbolFont::Symbol, 0x7e, Some('∼')),
            (SymbolFont::Symbol, 0xb0, Some('°')),
            (SymbolFont::Symbol, 0xb3, Some('≥')),
            (SymbolFont::Symbol, 0xae, Some('→')),
            (SymbolFont::Symbol, 0xd6, Some('√')),
            (SymbolFont::Symbol, 0xe5, Some('∑')),
            (SymbolFont::Symbol, 0xf2, Some('∫')),
            (SymbolFont::Symbol, 0xfe, Some('⎭')),
            (SymbolFont::Symbol, 0xa0, Some('€')),
            (SymbolFont::Symbol, 0xf0, None),
            (SymbolFont::Wingdings, 0x28, Some('☎')),
            (SymbolFont::Wingdings, 0x4a, Some('☺')),
            (SymbolFont::Wingdings, 0x6c, Some('●')),
            (SymbolFont::Wingdings, 0x6f, Some('□')),
            (SymbolFont::Wingdings, 0x7e, Some('❞')),
            (SymbolFont::Wingdings, 0x81, Some('①')),
            (SymbolFont::Wingdings, 0x95, Some('❿')),
            (SymbolFont::Wingdings, 0x9f, Some('•')),
            (SymbolFont::Wingdings, 0xa7, Some('▪')),
            (SymbolFont::Wingdings, 0xa8, Some('☐')),
            (SymbolFont::Wingdings, 0xab, Some('★')),
            (SymbolFont::Wingdings, 0xb7, Some('🕐')),
            (SymbolFont::Wingdings, 0xd8, Some('➢')),
            (SymbolFont::Wingdings, 0xdf, Some('←')),
            (SymbolFont::Wingdings, 0xe0, Some('→')),
            (SymbolFont::Wingdings, 0xe8, Some('➔')),
            (SymbolFont::Wingdings, 0xf0, Some('⇨')),
            (SymbolFont::Wingdings, 0xfb, Some('✗')),
            (SymbolFont::Wingdings, 0xfc, Some('✔')),
            (SymbolFont::Wingdings, 0xfd, Some('☒')),
            (SymbolFont::Wingdings, 0xfe, Some('☑')),
            (SymbolFont::Wingdings2, 0x50, Some('✓')),
            (SymbolFont::Wingdings2, 0x52, Some('☑')),
            (SymbolFont::Wingdings2, 0xa3, Some('☐')),
            (SymbolFont::Wingdings3, 0x66, Some('←')),
            (SymbolFont::Wingdings3, 0x70, Some('▲')),
            (SymbolFont::Wingdings3, 0x7d, Some('▶')),
            (SymbolFont::Webdings, 0x61, Some('✔')),
            (SymbolFont::Webdings, 0xff, None),
        ] {
            assert_eq!(font.sign(code), sign, "{font:?} {code:x}");
        }
    }

    #[test]
    fn symbol_texts_and_codes() {
        let mut unknown = 0;
        for (font, text, expected) in [
            (Some(SymbolFont::Symbol), "\u{f06d}m \u{f0b3} 5", "μμ ≥ 5"),
            (Some(SymbolFont::Wingdings), "\u{fc} \u{f0a8}", "✔ ☐"),
            (None, "\u{f06d}ü", "\u{f06d}ü"),
            (Some(SymbolFont::Symbol), "\u{f0f0}x", "ξ"),
        ] {
            let font = font.map(|font| RunFont { font, letters: true });
            assert_eq!(decode_symbols(text, font, &mut unknown), expected);
        }
        assert_eq!(unknown, 1);
        let symbols_alone = Some(RunFont { font: SymbolFont::Wingdings, letters: false });
        assert_eq!(decode_symbols("\u{f0e0} Next", symbols_alone, &mut unknown), "→ Next");
        for (font, code, sign) in [
            ("Symbol", "F06D", Some('μ')),
            ("symbol", "006D", Some('μ')),
            ("Wingdings", "F0FE", Some('☑')),
            ("MS Gothic", "2612", Some('☒')),
            ("Other", "F041", None),
            ("Symbol", "2265", Some('≥')),
            ("Symbol", "zz", None),
        ] {
            assert_eq!(char_of_code(Some(font), code), sign, "{font} {code}");
        }
    }
}
