//! Normalises spelling: width, accents, traditional characters; the other scripts are in `marks.rs`. Case is kept: in camel case it
//! shows where a word begins (`fooBar`).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

use super::marks;
use crate::text::script::is_basic_han;

/// Pairs of a traditional character and its simplified one: `[n]` records of 7 bytes (3 + 3 of UTF-8, a newline), sorted by the
/// traditional character. Each character has one replacement, the most common one, in documents and queries, even if the right one
/// depends on the neighbours. Taken from the table of fast2s 0.3.1 (MIT, copyright 2021 Tyr Chen).
const SIMPLIFIED: &[u8] = include_bytes!("simplified.txt");
const RECORD_BYTES: usize = 7;

/// Normalises a text: NFKC; no accents, points or vowel marks; one form of each letter; simplified characters; ASCII digits; no invisible
/// characters.
pub(crate) fn normalise(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut characters = text.nfkc().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\0'..='\x7f' => folded.push(c),
            // The prefix of a unit, as people type it: `5 um`.
            'μ' if characters.peek().is_some_and(char::is_ascii_alphabetic) => folded.push('u'),
            _ if is_basic_han(c) => folded.push(simplified(c)),
            // Soft hyphen, zero-width characters, byte order mark, variation selectors.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {}
            // Apostrophes: typographic, of Ukrainian and Breton, of Hawaiian, of transcribed Arabic and Hebrew, a prime.
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2b9}'..='\u{2bf}' | '\u{2032}' => folded.push('\''),
            '\u{2010}' | '\u{2011}' => folded.push('-'),
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => fold_latin(c, &mut folded),
            _ if marks::is_dropped(c) => {}
            _ => marks::push(c, &mut folded),
        }
    }
    Cow::Owned(folded)
}

/// Appends a Latin letter without accents, or the ASCII letters for it.
fn fold_latin(c: char, into: &mut String) {
    let letters = match c {
        'ß' => "ss",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "TH",
        'ı' => "i",
        _ => {
            let mut base = None;
            decompose_canonical(c, |part| {
                base.get_or_insert(part);
            });
            into.push(base.unwrap_or(c));
            return;
        }
    };
    into.push_str(letters);
}

/// Returns the simplified character of a traditional one, or the character itself.
fn simplified(c: char) -> char {
    let mut key = [0; 4];
    let key = c.encode_utf8(&mut key).as_bytes();
    // UTF-8 sorts in the order of the characters.
    let (mut low, mut high) = (0, SIMPLIFIED.len() / RECORD_BYTES);
    while low < high {
        let middle = (low + high) / 2;
        let record = &SIMPLIFIED[middle * RECORD_BYTES..(middle + 1) * RECORD_BYTES];
        match record[..3].cmp(key) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => {
                return std::str::from_utf8(&record[3..6]).ok().and_then(|s| s.chars().next()).unwrap_or(c);
            }
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplified_table_is_sorted_and_complete() {
        assert_eq!(SIMPLIFIED.len() % RECORD_BYTES, 0);
        let keys: Vec<&[u8]> = SIMPLIFIED.chunks(RECORD_BYTES).map(|record| &record[..3]).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]) && keys.len() > 2_500);
        for record in SIMPLIFIED.chunks(RECORD_BYTES) {
            let text = std::str::from_utf8(record).unwrap();
            assert_eq!((text.chars().count(), record[6]), (3, b'\n'), "{text}");
            let to = text.chars().nth(1).unwrap();
            assert_eq!(simplified(to), to, "a simplified character has a replacement: {text}");
        }
    }

    #[test]
    fn spellings_become_one() {
        for (given, wanted) in [
            ("plain", "plain"),
            ("ＧＰＵ顯存", "GPU显存"),
            ("①ﾊﾟｿｺﾝ", "1パソコン"),
            ("Café Ångström naïve", "Cafe Angstrom naive"),
            ("cafe\u{301}", "cafe"),
            ("Straße Øre Łódź", "Strasse Ore Lodz"),
            ("機器學習與資訊檢索", "机器学习与资讯检索"),
            ("co\u{ad}operate\u{200b}", "cooperate"),
            ("한국어", "한국어"),
            ("שָׁלוֹם", "שלום"),
            ("كُتَّابٌ أحمد مكتبة ٤٢", "كتاب احمد مكتبه 42"),
            ("ёлка Й", "елка Й"),
            ("Άνθρωπος", "Ανθρωποσ"),
            ("फ़िल्म १२ चाँद", "फिल्म 12 चांद"),
            ("हिन्दी सम्बन्ध अङ्क गङ्गा पञ्च घण्टा", "हिंदी संबंध अंक गंगा पंच घंटा"),
            ("अन्न जन्म ગુજરાતી સમ્બન્ધ", "अन्न जन्म ગુજરાતી સંબંધ"),
            ("Երևան ԵՐԵՎԱՆ Երեւան ու", "Երեվան ԵՐԵՎԱՆ Երեվան ու"),
            ("5 µm 3 μs, μ μία", "5 um 3 us, μ μια"),
            ("3k\u{2126} 120㎡ 35㎏", "3kΩ 120m2 35kg"),
            ("O\u{2bc}Brien l’eau", "O'Brien l'eau"),
            ("в‍‌ о", "в о"),
        ] {
            assert_eq!(normalise(given), wanted);
            assert_eq!(normalise(&normalise(given)), wanted, "normalised twice: {given}");
        }
    }
}
