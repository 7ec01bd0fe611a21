//! Detects the language of a text.

use whatlang::{Lang, Script};

use crate::text::language::LetterCounts;

/// The characters of a text that are read.
const MAX_CHARACTERS: usize = 2000;

/// Returns the language of a text, ISO 639-1, from its first 2,000 characters; `None` if it has no letters or is uncertain.
///
/// If possible, the script decides: kana means Japanese, Hangul Korean, Han without both Chinese, even with Latin names and code in the
/// text. Among the languages of one script whatlang decides. It errs on short texts without accents. So a text of up to 40 words is
/// English if it has at least as many frequent English words as frequent words of other languages, or neither and fewer than eight
/// words.
pub fn language(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(end, _)| end);
    let text = &text[..end];
    let counts = LetterCounts::of(text);
    if let Some(language) = counts.east_asian() {
        return Some(language);
    }
    let LetterCounts { ascii, other, .. } = counts;
    if ascii + other == 0 {
        return None;
    }
    let found = whatlang::detect(text)?;
    if found.script() != Script::Latin {
        return Some(two_letters(found.lang()));
    }
    let (mut words, mut english, mut foreign) = (0, 0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        let one_of = |list: &[&str]| usize::from(list.iter().any(|known| known.eq_ignore_ascii_case(word)));
        (words, english, foreign) = (words + 1, english + one_of(&ENGLISH), foreign + one_of(&FOREIGN));
    }
    let accented = other * 16 > ascii;
    let is_english = if words > 40 && found.is_reliable() {
        false
    } else if accented {
        english > foreign && !found.is_reliable()
    } else {
        (english > 0 && english >= foreign) || (foreign == 0 && words < 8)
    };
    Some(if is_english { "en" } else { two_letters(found.lang()) })
}

/// Frequent words of English.
const ENGLISH: [&str; 40] = [
    "the", "a", "an", "and", "of", "to", "in", "on", "at", "as", "is", "are", "was", "were", "with", "for", "from",
    "by", "it", "be", "this", "that", "these", "how", "what", "why", "which", "who", "when", "you", "my", "her", "his",
    "their", "not", "does", "can", "using", "has", "have",
];

/// Frequent words of other languages in Latin script, without accents, that are rare in English.
const FOREIGN: [&str; 54] = [
    "de", "la", "le", "les", "des", "du", "et", "est", "une", "dans", "pour", "el", "los", "las", "que", "por", "para",
    "una", "il", "di", "che", "per", "non", "sono", "del", "und", "der", "das", "ist", "nicht", "ein", "eine", "mit",
    "het", "een", "van", "niet", "dat", "zijn", "os", "uma", "com", "och", "att", "det", "ikke", "yang", "bir", "zu",
    "wir", "es", "von", "auf", "sich",
];

/// Returns the ISO 639-1 code.
fn two_letters(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}
