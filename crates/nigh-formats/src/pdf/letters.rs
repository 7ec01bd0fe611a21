//! Normalises the characters of PDF text: ligatures spelled out, one character for each look, spaces where the language has them.
//!
//! A PDF stores shapes. A table that programs make from the font maps shapes to characters. A font has one shape for 力 U+529B,
//! 力 U+F98A and ⼒ U+2F12, and the table then names any of the three. So the text of a PDF is normalised here, unlike that of other
//! formats, which is as the authors wrote it.

use std::borrow::Cow;
use std::iter;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use nigh_text::script::is_written_without_spaces;

/// A page is garbled if more than one in this many of its characters is meaningless.
const CHARS_PER_GARBLED_CHAR: usize = 20;

/// The ideographs that look like the radicals from U+2E80 on, in their order (Unicode's `EquivalentUnifiedIdeograph`): NFKC has two of
/// them. U+3000 marks a radical without an ideograph.
const RADICALS: &str = "　厂乛乚乙亻冂𠘨刀刂卜㔾小尐兀尣尢𡯂巳幺彑彐忄心扌攵　旡日月歺母民氵氺灬爫爬丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀\
聿肉𦥑艹艺艻虎衤覀西见角𧢲讠贝𧾷车辶辷辸邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟";

/// Combines marks with their letters, and replaces compatibility ideographs (U+F900 to U+FAFF) by the usual ones.
fn unify(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// Returns the ideograph that looks like a radical of U+2E80 to U+2EF3; else the radical itself.
fn ideograph_of_radical(radical: char) -> char {
    let at = u32::from(radical) - 0x2e80;
    let found = usize::try_from(at).ok().and_then(|at| RADICALS.chars().nth(at));
    found.filter(|&c| c != '\u{3000}').unwrap_or(radical)
}

/// Collapses white space except line ends, spells out ligatures, and removes meaningless characters.
pub(super) fn normalise(text: &str) -> String {
    let text = unify(text.trim());
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            '\u{2e80}'..='\u{2ef3}' => out.push(ideograph_of_radical(c)),
            '\u{2f00}'..='\u{2fd5}' => out.extend(iter::once(c).nfkc()),
            '\n' => {
                if out.ends_with(' ') {
                    out.pop();
                }
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
            }
            c if c.is_whitespace() => {
                let beside = |c: Option<char>| c.is_some_and(is_wide_punctuation);
                let joined = (beside(out.chars().next_back())
                    && chars.peek().is_some_and(|&c| is_written_without_spaces(c)))
                    || (beside(chars.peek().copied())
                        && out.chars().next_back().is_some_and(is_written_without_spaces));
                if !joined && !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            // Zero-width characters are invisible, and hide a word from a search.
            '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            c if is_meaningless(c) || c.is_control() => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301b}' | '，' | '！' | '？' | '：' | '；'
        | '（' | '）' | '“' | '”')
}

/// True for private-use characters of a font, and the replacement character.
fn is_meaningless(c: char) -> bool {
    matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// True if the text of a page, before normalisation, is largely unreadable.
pub(super) fn is_garbled<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut all, mut meaningless) = (0_usize, 0_usize);
    for c in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()) {
        all += 1;
        meaningless += usize::from(is_meaningless(c));
    }
    meaningless > 5 && meaningless * CHARS_PER_GARBLED_CHAR > all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn ligatures_and_spaces_are_normalised() {
        assert_eq!(normalise(" oﬃce   of\tﬁre \u{e001}\u{fffd}"), "office of fire");
        assert_eq!(normalise("小卡片， 每天 “白”"), "小卡片，每天“白”");
        assert_eq!(normalise("姓名 王五 PDF 文件"), "姓名 王五 PDF 文件");
        assert_eq!(normalise("a \n b"), "a\nb");
    }

    #[test]
    fn lookalike_characters_are_unified() {
        assert_eq!(normalise("压\u{f98a} \u{2f12}\u{f97e} \u{2fbc}\u{2f45}"), "压力 力量 高方");
        assert_eq!(normalise("\u{2ed8}\u{2eac}\u{2ee3}\u{2ef3}\u{2e80}\u{2e9a}"), "青示骨龟\u{2e80}\u{2e9a}");
        assert_eq!(normalise("\u{fa45}\u{2f81a} cafe\u{301} \u{212b}"), "海冬 café Å");
        assert_eq!(normalise("，。：（）ＡＢ①"), "，。：（）ＡＢ①");
        assert_eq!(RADICALS.chars().count(), 0x2ef3 - 0x2e80 + 1);
    }

    #[test]
    fn garbled_text_is_detected() {
        let garbled = |text: &str| is_garbled([text].into_iter());
        assert!(garbled(&"\u{e000}".repeat(6)) && garbled(&"a\u{fffd}".repeat(6)));
        assert!(!garbled(&"\u{e000}".repeat(5)) && !garbled(&format!("{}{}", "\u{e000}".repeat(6), "a".repeat(200))));
    }
}
