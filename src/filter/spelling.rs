//! One spelling of text that Unicode can write in several ways: NFC, on both sides of every comparison. macOS and some archives give
//! file names decomposed (`e` and an accent), people type them composed (`é`).

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in NFC, borrowed where it is already.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one() {
        for (given, wanted) in [("cafe\u{301}", "café"), ("café", "café"), ("plain", "plain"), ("가", "가")] {
            assert_eq!(composed(given), wanted);
        }
        assert!(matches!(composed("學校"), Cow::Borrowed(_)));
    }
}
