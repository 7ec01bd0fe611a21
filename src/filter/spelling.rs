//! Unicode normalisation: both sides of every comparison are in NFC. macOS and some archives give decomposed file names (`e` and an
//! accent); people type composed ones (`é`).

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Returns the text in NFC, borrowed if it already is.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// A text that is searched in others, ignoring case, width and other compatible forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContainedText {
    /// As it is written, in NFC.
    pub(crate) text: String,
    /// In the form in which texts are compared.
    folded: String,
}

impl ContainedText {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: composed(text).into_owned(), folded: folded(text).into_owned() }
    }

    /// True if a text contains this one.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.folded)
    }
}

/// Returns a text in lower case and NFKC, borrowed if it already is.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    let is_folded = |c: char| if c.is_ascii() { !c.is_ascii_uppercase() } else { is_plain_han(c) };
    if text.chars().all(is_folded) {
        return Cow::Borrowed(text);
    }
    // Lower case may need another normalisation: `İ` becomes `i` and a dot.
    Cow::Owned(text.nfkc().flat_map(char::to_lowercase).nfkc().collect())
}

/// True for characters that have neither case nor other forms.
fn is_plain_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Returns a name in NFC and in NFD.
pub fn spellings(name: &str) -> [String; 2] {
    [name.nfc().collect(), name.nfd().collect()]
}

/// True if two names are equal in NFC.
pub fn is_same_name(one: &str, other: &str) -> bool {
    one == other || composed(one) == composed(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contained_text_ignores_case_and_width() {
        for (part, text) in [
            ("wifi", "Guest WiFi.txt"),
            ("ＷＩＦＩ", "wifi"),
            ("abc", "ＡＢＣ公司"),
            ("É", "cafe\u{301}"),
            ("学校", "我的学校"),
            ("", "x"),
            ("ı̇", "ı\u{307}"),
            ("İ", "i\u{307}x"),
        ] {
            assert!(ContainedText::new(part).is_in(text), "{part} in {text}");
        }
        assert!(!ContainedText::new("e").is_in("É") && !ContainedText::new("學").is_in("学"));
    }

    #[test]
    fn composed_and_decomposed_names_are_equal() {
        for (given, wanted) in [("cafe\u{301}", "café"), ("café", "café"), ("plain", "plain"), ("가", "가")] {
            assert_eq!(composed(given), wanted);
        }
        assert!(matches!(composed("學校"), Cow::Borrowed(_)));
        assert_eq!(spellings("café"), ["café", "cafe\u{301}"]);
        assert!(is_same_name("Cafe\u{301}", "Café") && !is_same_name("cafe", "café"));
    }
}
