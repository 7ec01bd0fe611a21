//! Units after a number, and labels before one.

/// Units in lower case, and the notation of their terms. If several match, the longest counts.
const UNITS: [(&str, &str); 96] = [
    ("%", "%"),
    ("percent", "%"),
    ("prozent", "%"),
    ("°c", "°c"),
    ("°f", "°f"),
    ("nm", "nm"),
    ("um", "um"),
    ("micron", "um"),
    ("microns", "um"),
    ("micrometer", "um"),
    ("micrometers", "um"),
    ("mm", "mm"),
    ("millimeter", "mm"),
    ("cm", "cm"),
    ("m", "m"),
    ("meter", "m"),
    ("meters", "m"),
    ("metre", "m"),
    ("metres", "m"),
    ("km", "km"),
    ("kilometer", "km"),
    ("kilometers", "km"),
    ("kilometre", "km"),
    ("kilometres", "km"),
    ("m2", "m2"),
    ("qm", "m2"),
    ("sqm", "m2"),
    ("cm2", "cm2"),
    ("km2", "km2"),
    ("m3", "m3"),
    ("cm3", "cm3"),
    ("ug", "ug"),
    ("mg", "mg"),
    ("g", "g"),
    ("gram", "g"),
    ("grams", "g"),
    ("kg", "kg"),
    ("kilogram", "kg"),
    ("kilograms", "kg"),
    ("ul", "ul"),
    ("ml", "ml"),
    ("l", "l"),
    ("liter", "l"),
    ("liters", "l"),
    ("litre", "l"),
    ("litres", "l"),
    ("ns", "ns"),
    ("us", "us"),
    ("ms", "ms"),
    ("mv", "mv"),
    ("kv", "kv"),
    ("uv", "uv"),
    ("ma", "ma"),
    ("ua", "ua"),
    ("w", "w"),
    ("kw", "kw"),
    ("mw", "mw"),
    ("kwh", "kwh"),
    ("mah", "mah"),
    ("ω", "ohm"),
    ("ohm", "ohm"),
    ("ohms", "ohm"),
    ("kω", "kohm"),
    ("kohm", "kohm"),
    ("kohms", "kohm"),
    ("mω", "mohm"),
    ("mohm", "mohm"),
    ("hz", "hz"),
    ("khz", "khz"),
    ("mhz", "mhz"),
    ("ghz", "ghz"),
    ("kb", "kb"),
    ("mb", "mb"),
    ("gb", "gb"),
    ("tb", "tb"),
    ("pf", "pf"),
    ("nf", "nf"),
    ("uf", "uf"),
    ("平方公里", "km2"),
    ("平方米", "m2"),
    ("平米", "m2"),
    ("立方米", "m3"),
    ("公里", "km"),
    ("千米", "km"),
    ("厘米", "cm"),
    ("毫米", "mm"),
    ("微米", "um"),
    ("纳米", "nm"),
    ("米", "m"),
    ("公斤", "kg"),
    ("千克", "kg"),
    ("毫克", "mg"),
    ("克", "g"),
    ("毫升", "ml"),
    ("升", "l"),
    ("摄氏度", "°c"),
];

/// The first code point of the East Asian blocks.
const FIRST_EAST_ASIAN: u32 = 0x2e80;
/// The longest unit or label, in bytes.
const MAX_BYTES: usize = 12;

/// Returns the unit at the beginning of a text, and its length there.
pub(super) fn at_beginning(text: &str) -> Option<(&'static str, usize)> {
    let first = text.chars().next()?;
    if first.is_ascii_alphabetic() || matches!(first, '%' | '°' | 'Ω') {
        let is_in_unit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '%' | '°' | 'Ω');
        let length: usize = text.chars().take_while(is_in_unit).map(char::len_utf8).sum();
        let word = text.get(..length).filter(|word| word.len() <= MAX_BYTES)?.to_lowercase();
        let after = text[length..].chars().next();
        // A character of an East Asian script begins another word: `35kg重`.
        let is_word_end = !after.is_some_and(|c| c == '_' || c.is_alphabetic() && u32::from(c) < FIRST_EAST_ASIAN);
        return UNITS.iter().find(|(written, _)| *written == word && is_word_end).map(|(_, unit)| (*unit, length));
    }
    let chinese = UNITS.iter().filter(|(written, _)| !written.is_ascii() && text.starts_with(written));
    chinese.max_by_key(|(written, _)| written.len()).map(|(written, unit)| (*unit, written.len()))
}

/// Labels before the numbers of a series, in several languages, and their common word.
const LABELS: [(&str, &str); 58] = [
    ("chapter", "chapter"),
    ("chapters", "chapter"),
    ("chap", "chapter"),
    ("ch", "chapter"),
    ("kapitel", "chapter"),
    ("kap", "chapter"),
    ("chapitre", "chapter"),
    ("capitulo", "chapter"),
    ("capitolo", "chapter"),
    ("章", "chapter"),
    ("section", "section"),
    ("sect", "section"),
    ("sec", "section"),
    ("abschnitt", "section"),
    ("seccion", "section"),
    ("sezione", "section"),
    ("节", "section"),
    ("§", "§"),
    ("paragraph", "§"),
    ("paragraf", "§"),
    ("article", "article"),
    ("art", "article"),
    ("artikel", "article"),
    ("articulo", "article"),
    ("articolo", "article"),
    ("条", "article"),
    ("part", "part"),
    ("teil", "part"),
    ("partie", "part"),
    ("parte", "part"),
    ("部分", "part"),
    ("volume", "volume"),
    ("vol", "volume"),
    ("band", "volume"),
    ("bd", "volume"),
    ("tome", "volume"),
    ("卷", "volume"),
    ("册", "volume"),
    ("figure", "figure"),
    ("fig", "figure"),
    ("abbildung", "figure"),
    ("abb", "figure"),
    ("图", "figure"),
    ("table", "table"),
    ("tabelle", "table"),
    ("tab", "table"),
    ("表", "table"),
    ("appendix", "appendix"),
    ("annex", "appendix"),
    ("anhang", "appendix"),
    ("附录", "appendix"),
    ("page", "page"),
    ("seite", "page"),
    ("页", "page"),
    ("lesson", "lesson"),
    ("lektion", "lesson"),
    ("课", "lesson"),
    ("akt", "act"),
];

/// Returns the common word of a label in any language.
pub(in crate::lexical::analysis) fn label(word: &str) -> Option<&'static str> {
    if word.is_empty() || word.len() > MAX_BYTES {
        return None;
    }
    LABELS.iter().find(|(written, _)| written.eq_ignore_ascii_case(word)).map(|(_, label)| *label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_several_scripts() {
        for (text, wanted) in [
            ("um wide", Some(("um", 2))),
            ("kΩ", Some(("kohm", 3))),
            ("kOhm", Some(("kohm", 4))),
            ("m2.", Some(("m2", 2))),
            ("平方米的", Some(("m2", 9))),
            ("米", Some(("m", 3))),
            ("%的", Some(("%", 1))),
            ("kg重", Some(("kg", 2))),
            ("might", None),
            ("mm_x", None),
            ("元", None),
            ("", None),
        ] {
            assert_eq!(at_beginning(text), wanted, "{text}");
        }
    }

    #[test]
    fn labels_of_several_languages() {
        for (word, wanted) in [("Kapitel", Some("chapter")), ("§", Some("§")), ("章", Some("chapter")), ("the", None)]
        {
            assert_eq!(label(word), wanted, "{word}");
        }
    }
}
