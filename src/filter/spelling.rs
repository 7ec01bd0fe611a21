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
    fn composed_and_decomposed_names_are_equal() {
        for (given, wanted) in [("cafe\u{301}", "café"), ("café", "café"), ("plain", "plain"), ("가", "가")] {
            assert_eq!(composed(given), wanted);
        }
        assert!(matches!(composed("學校"), Cow::Borrowed(_)));
        assert_eq!(spellings("café"), ["café", "cafe\u{301}"]);
        assert!(is_same_name("Cafe\u{301}", "Café") && !is_same_name("cafe", "café"));
    }
}
