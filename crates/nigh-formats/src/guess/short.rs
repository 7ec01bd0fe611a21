//! Finds the encoding of a short text: the one in which it consists of the most common characters.
//!
//! Statistics of bytes need more than a title or a name. Each reading of the text costs the bits of its characters, and a rare
//! character costs more. Encodings that users write often get a bonus. The lowest cost wins.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::frequency::{LEVEL_ONE, hangul, hanzi, simplified};
use super::letters;
use crate::charset::{Charset, lossy};
use nigh_text::script::{is_basic_han, is_hangul_syllable, is_hiragana, is_kana, is_katakana};

/// A text with more bytes beyond ASCII has enough for statistics.
pub(super) const MAX_NON_ASCII_BYTES: usize = 160;

/// Tenths of bits of characters that are in no list.
const ASCII_COST: u32 = 50;
const COMMON_MARK_COST: u32 = 75;
const MARK_COST: u32 = 140;
const RARE_COST: u32 = 230;
/// Numbers and list marks, which are common in Chinese.
const LIST_MARK_COST: u32 = 90;
const LIST_MARKS: &str = "☆★○●◎◇◆□■△▲※→←↑↓℃№×─";
/// The cost of a rare Chinese character that is repeated, as in names.
const REPEATED_COST: u32 = 100;
/// The second character of a compound such as 尴尬.
const COMPOUND_COST: u32 = 100;
/// The cost of an invalid reading.
const INVALID_COST: u32 = 1000;

/// Returns the most probable encoding of the text. `guess` is the encoding by statistics, and `bonus` its bonus against other one-byte
/// charsets, in tenths of bits.
pub(super) fn best(bytes: &[u8], guess: &'static encoding_rs::Encoding, bonus: u32) -> Charset {
    // The bonus of the guess, by how often users have such files. Statistics are most often wrong about rare encodings.
    let usual = [GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR].contains(&guess) || guess.name().starts_with("windows-");
    // Without kana the text is Chinese.
    let kana = lossy(bytes, EUC_JP).0.contains(is_kana);
    let japanese = if kana { 0 } else { -80 };
    let favour = if guess == EUC_JP {
        -80
    } else if usual {
        30
    } else {
        -60
    };
    let candidates = [
        (guess, favour),
        (GBK, 60),
        (BIG5, 0),
        (SHIFT_JIS, 0),
        (EUC_KR, 0),
        (EUC_JP, japanese),
        (UTF_16LE, -100),
        (UTF_16BE, -100),
    ];
    let weighed = candidates.into_iter().filter(|(encoding, _)| !letters::is_known((*encoding).into()));
    let weighed = weighed.filter_map(|(encoding, favour)| {
        let weight = weight(bytes, encoding)?;
        Some((i64::from(weight) - favour, Charset::from(encoding)))
    });
    let favour = if has_signs_alone(bytes) { 40 } else { 0 };
    let letters = letters::best(bytes, guess.into(), bonus).map(|reading| (reading.weight - favour, reading.charset));
    weighed.chain(letters).min_by_key(|(weight, _)| *weight).map_or(guess.into(), |(_, charset)| charset)
}

/// True if a text in valid UTF-8 is more probably GBK, as some words are valid in both: "目录" reads "Ŀ¼".
pub(super) fn is_rather_gbk(text: &str) -> bool {
    let as_utf8 = weight(text.as_bytes(), UTF_8);
    let as_gbk = weight(text.as_bytes(), GBK);
    as_gbk.zip(as_utf8).is_some_and(|(gbk, utf8)| gbk + 60 < utf8)
}

/// Returns the tenths of bits of a text in this encoding; `None` if it is not valid in it.
fn weight(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Option<u32> {
    if [UTF_16LE, UTF_16BE].contains(&encoding) && (bytes.len() % 2 == 1 || bytes.len() < 4) {
        return None;
    }
    let (text, wrong) = lossy(bytes, encoding);
    if wrong > 0 {
        return None;
    }
    let (mut before, mut earlier) = (' ', ' ');
    let mut weight = 0_u32;
    for c in text.chars() {
        weight = weight
            .saturating_add(character_cost(c, before, encoding))
            .saturating_add(within_word_cost(earlier, before, c));
        (earlier, before) = (before, c);
    }
    Some(weight.saturating_add(within_word_cost(earlier, before, ' ')))
}

/// Returns the penalty of one character inside an ASCII word, as if it were a letter of the word, in tenths of bits.
fn within_word_cost(before: char, c: char, after: char) -> u32 {
    let (left, right) = (before.is_ascii_lowercase(), after.is_ascii_lowercase());
    if c.is_ascii() {
        0
    } else if before.is_ascii_alphabetic() && right {
        130
    } else if left && after.is_ascii() && c.is_alphabetic() {
        if ('\u{ff01}'..='\u{ff9f}').contains(&c) { 80 } else { 40 }
    } else {
        0
    }
}

/// Returns the tenths of bits of a character after another.
fn character_cost(c: char, before: char, encoding: &'static encoding_rs::Encoding) -> u32 {
    let chinese = [GBK, UTF_16LE, UTF_16BE].contains(&encoding);
    match c {
        'a'..='z' | 'A'..='Z' if matches!(before, '±' | '½' | '¼' | '¾') => ASCII_COST + 40,
        // A letter next to a Chinese character, without a space.
        'a'..='z' | 'A'..='Z' if is_basic_han(before) => ASCII_COST + 25,
        '\t' | '\n' | '\r' | ' '..='~' => ASCII_COST,
        '\0'..='\u{9f}' => INVALID_COST,
        '①'..='⑳' | '㈠'..='㈩' | 'Ⅰ'..='Ⅻ' if encoding == GBK => LIST_MARK_COST,
        _ if encoding == GBK && LIST_MARKS.contains(c) => LIST_MARK_COST,
        '、' | '。' | '，' | '：' | '；' | '？' | '！' | '（' | '）' | '“' | '”' | '《' | '》' | '「' | '」' | '·'
        | '…' | '—' | '　' | '【' | '】' => COMMON_MARK_COST,
        '\u{ff01}'..='\u{ff5e}' => 95,
        'ー' if encoding == SHIFT_JIS || encoding == EUC_JP => 70,
        _ if is_hiragana(c) && (encoding == SHIFT_JIS || encoding == EUC_JP) => 62,
        _ if is_katakana(c) && (encoding == SHIFT_JIS || encoding == EUC_JP) => 72,
        // Half-width kana: one byte each, and rare today.
        '\u{ff61}'..='\u{ff9f}' => 100,
        _ if is_basic_han(c) && before.is_ascii_alphabetic() => 25 + character_cost(c, ' ', encoding),
        _ if is_basic_han(c) && chinese => {
            let bits = simplified(c, is_first_level(c, GBK, 0xb0..=0xd7));
            match before {
                before if before == c && bits > LEVEL_ONE => REPEATED_COST,
                before if is_compound(before, c) => bits.min(COMPOUND_COST),
                _ => bits,
            }
        }
        _ if is_basic_han(c) && encoding == BIG5 => hanzi(c, is_first_level(c, BIG5, 0xa4..=0xc6)),
        _ if is_basic_han(c) && encoding == EUC_KR => RARE_COST,
        _ if is_basic_han(c) => hanzi(c, is_first_level(c, EUC_JP, 0xb0..=0xcf)).saturating_add(10),
        '\u{2e80}'..='\u{2fdf}' => RARE_COST,
        // Syllables beyond KS X 1001 are rare in words.
        _ if is_hangul_syllable(c) && !is_first_level(c, EUC_KR, 0xb0..=0xc8) => RARE_COST,
        _ if is_hangul_syllable(c) => hangul(c),
        _ if c.is_alphabetic() => letter_cost(c, before, encoding),
        // Next to a letter beyond ASCII these marks do not form words.
        '\u{a0}'..='\u{bf}' if before.is_alphabetic() && !before.is_ascii() => MARK_COST + 20,
        '£' | '§' | '°' | '±' | '²' | '³' | '½' | '¼' | '¾' | '«' | '»' | '©' | '®' | '×' | '÷' => 70,
        '\u{a0}'..='\u{bf}' => 100,
        '€' => 75,
        '\u{2010}'..='\u{2122}' => 100,
        _ => MARK_COST.max(if c >= '\u{e000}' { INVALID_COST } else { 0 }),
    }
}

/// True if a text has signs and quotes of a Latin Windows charset, but none of its letters.
fn has_signs_alone(bytes: &[u8]) -> bool {
    let (text, _) = lossy(bytes, WINDOWS_1252);
    text.chars().all(|c| c.is_ascii() || "£§°±²³·½¼¾«»©®×÷€¥¢–—“”‘’…•".contains(c))
}

/// True if two Chinese characters are of the second level of GB 2312, which is ordered by radicals, and close together there, as the
/// rare characters of a compound are.
fn is_compound(before: char, c: char) -> bool {
    let row = |c: char| {
        let mut buffer = [0; 4];
        match *GBK.encode(c.encode_utf8(&mut buffer)).0 {
            [row @ 0xd8..=0xf7, 0xa1..=0xfe] => Some(row),
            _ => None,
        }
    };
    is_basic_han(before) && row(before).zip(row(c)).is_some_and(|(buffer, two)| buffer.abs_diff(two) <= 1)
}

/// True if the character is a common one of its character set: in rows with these first bytes, with a second byte above ASCII.
fn is_first_level(c: char, encoding: &'static encoding_rs::Encoding, rows: std::ops::RangeInclusive<u8>) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding.encode(c.encode_utf8(&mut buffer));
    let second = if encoding == BIG5 { 0x40 } else { 0xa1 };
    !unmappable && matches!(*bytes, [row, cell] if rows.contains(&row) && cell >= second)
}

/// Returns the cost of a letter beyond ASCII: between ASCII letters, or next to letters of its script.
fn letter_cost(c: char, before: char, encoding: &'static encoding_rs::Encoding) -> u32 {
    let many = [GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR, UTF_16LE, UTF_16BE].contains(&encoding);
    if many {
        // Two-byte Greek and Cyrillic, as in formulas.
        return MARK_COST + 30;
    }
    let script = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => 1,
        '\u{370}'..='\u{3ff}' => 2,
        '\u{400}'..='\u{45f}' | '\u{490}' | '\u{491}' => 3,
        '\u{5d0}'..='\u{5ea}' => 4,
        '\u{620}'..='\u{6ff}' => 5,
        '\u{e00}'..='\u{e7f}' => 6,
        _ => 0,
    };
    let (own, other) = (script(c), script(before));
    let mut bits = match own {
        // Letters that many languages use with ASCII; the others occur in few languages.
        1 if "éèàäöüßñçóáíúêâôåæøãõëîïû".contains(c) => 62,
        1 if "šžčřěůłążęśćńőűășțğışāēīÄÖÜÉÅØÇÑŠŽČŁÍÁÓ".contains(c) => 75,
        1 if c < '\u{100}' => 85,
        1 => 150,
        2 if "αοιετσνηυρπκμςλωάόίέή".contains(c) => 44,
        3 if "оеаинтсрвлкмдпу".contains(c) => 44,
        3 if !('А'..='я').contains(&c) && !"ёіїєґўЁІЇЄҐЎ".contains(c) => 120,
        3 if "ъщэф".contains(c) => 75,
        2 | 3 => 58,
        0 if ('\u{460}'..='\u{489}').contains(&c) => RARE_COST,
        0 => MARK_COST + 30,
        _ => 50,
    };
    // Two letters with marks are seldom adjacent, and a word has one script.
    bits += if own == 1 && other == 1 && !before.is_ascii() { 15 } else { 0 };
    bits += if other != 0 && own != 0 && other != own { 80 } else { 0 };
    // The same for a letter next to a sign that is not of its script.
    bits += if other == 0 && ('\u{a0}'..='\u{bf}').contains(&before) && before != '«' && before != '\u{a0}' {
        60
    } else {
        0
    };
    if c.is_uppercase() {
        // Within a word, a capital letter follows capital letters.
        bits += if before.is_lowercase() {
            60
        } else if own == 1 || before.is_uppercase() {
            0
        } else {
            12
        };
    }
    bits
}
