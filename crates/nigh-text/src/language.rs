//! Determines the language of a text by the scripts of its letters.
//!
//! There are three rules, for three purposes: the language of a document ([`LetterCounts::east_asian`]), the script that
//! decides how a query's scores are calibrated ([`is_mostly_han_or_kana`]), and the language that an evaluation reports
//! ([`by_share_of_han`]). Rankings and published figures depend on their thresholds.

use super::script::{is_han, is_han_or_kana_letter, is_hangul, is_kana_letter};

/// The number of letters of each script in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LetterCounts {
    /// Letters of kana.
    pub kana: usize,
    /// Letters and syllables of Hangul.
    pub hangul: usize,
    /// Han characters.
    pub han: usize,
    /// ASCII letters.
    pub ascii: usize,
    /// Letters of any other script, and accented Latin letters.
    pub other: usize,
}

impl LetterCounts {
    /// Counts a text's letters.
    pub fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for c in text.chars() {
            match c {
                c if is_kana_letter(c) => counts.kana += 1,
                c if is_hangul(c) => counts.hangul += 1,
                c if is_han(c) => counts.han += 1,
                c if c.is_ascii_alphabetic() => counts.ascii += 1,
                c if c.is_alphabetic() => counts.other += 1,
                _ => {}
            }
        }
        counts
    }

    /// Returns `ja`, `ko` or `zh` if the script determines it, even if the text contains Latin names and code; else `None`.
    /// Kana means Japanese, Hangul means Korean, Han without either means Chinese.
    pub fn east_asian(&self) -> Option<&'static str> {
        let Self { kana, hangul, han, ascii, other } = *self;
        // One East Asian character for five other letters is enough: it contains about as much as 2.5 letters, and names and code
        // are often Latin.
        let east = kana + hangul + han;
        if east == 0 || east * 5 < ascii + other {
            return None;
        }
        // Korean text may contain a few Han characters; Japanese text contains many, but at least one kana in twelve.
        Some(if hangul > kana + han / 4 {
            "ko"
        } else if kana * 12 >= han + kana {
            "ja"
        } else {
            "zh"
        })
    }
}

/// True if at least a fifth of a text's letters are Han or kana. In a Chinese text, names and code are often Latin.
pub fn is_mostly_han_or_kana(text: &str) -> bool {
    let (mut han, mut letters) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        han += usize::from(is_han_or_kana_letter(c));
    }
    han > 0 && han * 5 >= letters
}

/// Returns `zh` if at least three of ten letters are Han characters, else `en`, whatever the script.
pub fn by_share_of_han(text: &str) -> &'static str {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let chinese = text.chars().filter(|&c| is_han(c)).count();
    if letters > 0 && chinese * 10 >= letters * 3 { "zh" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn east_asian_language_follows_the_script() {
        let language = |text| LetterCounts::of(text).east_asian();
        assert_eq!(language("句向量为什么用平均池化?"), Some("zh"));
        assert_eq!(language("東京の天気です"), Some("ja"));
        assert_eq!(language("한국어 문장입니다"), Some("ko"));
        assert_eq!(language("the word 池 in an English sentence"), None);
        assert_eq!(language("ﾊﾛｰ world"), Some("ja"));
        assert_eq!(LetterCounts::of("a é 1"), LetterCounts { ascii: 1, other: 1, ..LetterCounts::default() });
    }

    #[test]
    fn share_of_han_decides() {
        assert!(is_mostly_han_or_kana("BERT 和 RoBERTa 的 tokenizer 有何不同") && is_mostly_han_or_kana("カタカナ"));
        assert!(!is_mostly_han_or_kana("the word 池 in an English sentence") && !is_mostly_han_or_kana(""));
        assert_eq!(by_share_of_han("GPU 显存不足怎么办"), "zh");
        assert_eq!((by_share_of_han("the word 池 in English text"), by_share_of_han("")), ("en", "en"));
    }
}
