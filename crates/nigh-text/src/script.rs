//! Sets of characters by script. Each function names its Unicode blocks.
//!
//! | set | Han | kana | Hangul | also | used for |
//! |---|---|---|---|---|---|
//! | [`is_basic_han`] | basic block | | | | encodings of files, one spelling of Chinese, the halves of reference texts |
//! | [`is_han`] | all | | | | language of a text, evaluation |
//! | [`is_indexed_han`] | as assigned | | | 々 〇 | lexical index |
//! | [`is_bert_han`] | BERT's list | | | | BERT's own tokenizer |
//! | [`is_kana`] | | both blocks | | | encodings of files |
//! | [`is_kana_letter`] | | letters, half-width too | | | language of a text |
//! | [`is_hiragana`], [`is_katakana`] | | one block | | | encodings of files |
//! | [`is_indexed_hiragana`], [`is_indexed_katakana`] | | without the middle dot | | | lexical index |
//! | [`is_hangul`] | | | letters, whole block | | language of a text |
//! | [`is_indexed_hangul`] | | | letters, as assigned | | lexical index |
//! | [`is_hangul_syllable`] | | | syllables | | encodings of files |
//! | [`is_han_or_kana_letter`] | all, not compatibility | both blocks | | hexagrams | script of a query |
//! | [`is_han_or_kana`] | all | both blocks | | hexagrams | terms marked in a snippet |
//! | [`is_written_without_spaces`] | all | both blocks | | CJK and full-width punctuation | text of a PDF |

/// True for the basic block of Han characters: CJK Unified Ideographs, 4E00–9FFF.
#[inline]
pub const fn is_basic_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// True for all Han characters, and code points reserved for new ones: CJK Unified Ideographs (4E00–9FFF) and their Extension A
/// (3400–4DBF), CJK Compatibility Ideographs (F900–FAFF), the planes 2 and 3 (20000–3FFFF).
#[inline]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// True for Han characters as the lexical index defines them: those of [`is_han`], in the planes 2 and 3 only up to the end of Extension
/// H (20000–323AF), and the iteration mark 々 and the zero 〇, which words contain.
#[inline]
pub const fn is_indexed_han(c: char) -> bool {
    matches!(c, '々' | '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
        || matches!(c, '\u{20000}'..='\u{323af}')
}

/// True for Han characters as BERT's own tokenizer lists them: CJK Unified Ideographs, Extensions A, B, C, D and E (with
/// the bounds of that code: 2B820–2B91F is missing), both blocks of compatibility ideographs.
#[inline]
pub const fn is_bert_han(c: char) -> bool {
    matches!(
        c,
        '\u{4e00}'..='\u{9fff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{20000}'..='\u{2a6df}'
            | '\u{2a700}'..='\u{2b73f}'
            | '\u{2b740}'..='\u{2b81f}'
            | '\u{2b920}'..='\u{2ceaf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{2f800}'..='\u{2fa1f}'
    )
}

/// True for the blocks Hiragana and Katakana, 3040–30FF.
#[inline]
pub const fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}')
}

/// True for the block Hiragana, 3040–309F.
#[inline]
pub const fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{309f}')
}

/// True for the block Katakana, 30A0–30FF.
#[inline]
pub const fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a0}'..='\u{30ff}')
}

/// True for the letters of hiragana (3041–3096) and katakana (30A1–30FA), and half-width katakana (FF66–FF9D), without marks and
/// long-vowel sign.
#[inline]
pub const fn is_kana_letter(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}')
}

/// True for hiragana as the lexical index defines it, marks included: 3041–309F.
#[inline]
pub const fn is_indexed_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}')
}

/// True for katakana as the lexical index defines it: 30A1–30FF without the middle dot (30FB), which separates words.
#[inline]
pub const fn is_indexed_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}')
}

/// True for the blocks Hangul Jamo (1100–11FF) and Hangul Compatibility Jamo (3130–318F), and the Hangul syllables (AC00–D7A3).
#[inline]
pub const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}')
}

/// Hangul as the lexical index defines it: [`is_hangul`] without the two unassigned ends of the compatibility block
/// (3131–318E).
#[inline]
pub const fn is_indexed_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}')
}

/// True for the Hangul syllables, AC00–D7A3.
#[inline]
pub const fn is_hangul_syllable(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// Han and kana as relevance counts them in a query: 3041–30FF, 3400–9FFF (with the hexagrams between the blocks) and the planes
/// 2 and 3; no compatibility ideographs.
#[inline]
pub const fn is_han_or_kana_letter(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Han and kana as a snippet shows them, two columns each: 3040–30FF, 3400–9FFF (with the hexagrams between the blocks),
/// F900–FAFF, the planes 2 and 3.
#[inline]
pub const fn is_han_or_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters that are written without spaces between them: [`is_han`], kana, and the punctuation of both, CJK Symbols and
/// Punctuation (3000–303F) and full-width forms (FF00–FF60).
#[inline]
pub const fn is_written_without_spaces(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ff60}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the number of characters of a set, and the sum of their code points.
    fn pin(set: fn(char) -> bool) -> (u32, u64) {
        (char::MIN..=char::MAX).filter(|&c| set(c)).fold((0, 0), |(n, sum), c| (n + 1, sum + u64::from(u32::from(c))))
    }

    /// Stored data depends on these sets, so a change here is a new format.
    #[test]
    fn script_sets_never_change() {
        assert_eq!(pin(is_basic_han), (20_992, 639_489_792));
        assert_eq!(pin(is_han), (159_168, 26_551_472_416));
        assert_eq!(pin(is_indexed_han), (102_770, 13_357_083_604));
        assert_eq!(pin(is_bert_han), (81_264, 9_171_601_864));
        assert_eq!(pin(is_kana), (192, 2_389_920));
        assert_eq!(pin(is_hiragana), (96, 1_190_352));
        assert_eq!(pin(is_katakana), (96, 1_199_568));
        assert_eq!(pin(is_kana_letter), (232, 5_853_360));
        assert_eq!(pin(is_indexed_hiragana), (95, 1_178_000));
        assert_eq!(pin(is_indexed_katakana), (94, 1_174_581));
        assert_eq!(pin(is_hangul), (11_524, 556_686_854));
        assert_eq!(pin(is_indexed_hangul), (11_522, 556_661_575));
        assert_eq!(pin(is_hangul_syllable), (11_172, 554_326_710));
        assert_eq!(pin(is_han_or_kana_letter), (158_911, 26_522_358_112));
        assert_eq!(pin(is_han_or_kana), (159_424, 26_555_138_208));
        assert_eq!(pin(is_written_without_spaces), (159_521, 26_560_987_600));
    }
}
