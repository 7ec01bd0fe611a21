//! Finds the one-byte charset of a text: the one in which its words are spelt like words of a language.
//!
//! Central European, Turkish and Baltic charsets differ from the western one in a few letters of each language; those of DOS and
//! of old Macs in all; those of other alphabets in their order. The usual sequences of letters show which letter a byte is.

use std::sync::OnceLock;

use encoding_rs::{
    IBM866, ISO_8859_2, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, KOI8_U, MACINTOSH, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, X_MAC_CYRILLIC,
};

use super::language::languages;
use crate::charset::{Charset, IBM437, IBM775, IBM850, IBM852, IBM857, lossy};

/// This many ASCII words are enough to find the language.
const MAX_WORDS: usize = 200;
/// Longer sequences of letters are not words.
const MAX_WORD_LETTERS: usize = 60;
/// Tenths of bits added for a word in another language than the text's.
const OTHER_LANGUAGE_COST: u32 = 70;
/// Tenths of bits of an invalid reading.
const INVALID_COST: u32 = 1000;
/// Tenths of bits of an ASCII character in other readings.
const ASCII_COST: i64 = 50;
/// Tenths of bits of the end of a word, which other readings do not count.
const WORD_END_COST: i64 = 30;

/// A charset, the languages written in it, and its penalty in tenths of bits: the rarer its files, the higher the penalty.
struct CharsetCandidate {
    charset: Charset,
    languages: Vec<usize>,
    penalty: u32,
    /// The characters of the bytes from 0x80 on.
    high: Vec<char>,
}

const WEST: &str = "en de fr es pt it nl sv da fi is ca et";
const CENTRE: &str = "en pl cs sk hu sh ro de";

fn candidates() -> &'static [CharsetCandidate] {
    static CANDIDATES: OnceLock<Vec<CharsetCandidate>> = OnceLock::new();
    CANDIDATES.get_or_init(|| {
        let all: [(Charset, &str, u32); 22] = [
            (WINDOWS_1252.into(), WEST, 0),
            (WINDOWS_1250.into(), CENTRE, 10),
            (WINDOWS_1254.into(), "en tr de", 15),
            (WINDOWS_1257.into(), "en lt lv et pl", 25),
            (ISO_8859_2.into(), CENTRE, 25),
            (Charset::Dos(IBM850), WEST, 60),
            (Charset::Dos(IBM437), "en de fr es it nl sv", 65),
            (Charset::Dos(IBM852), CENTRE, 70),
            (Charset::Dos(IBM857), "en tr", 70),
            (Charset::Dos(IBM775), "en lt lv et pl", 90),
            (MACINTOSH.into(), WEST, 70),
            (WINDOWS_1251.into(), "en ru uk bg", 5),
            (KOI8_U.into(), "en ru uk", 45),
            (IBM866.into(), "en ru uk bg", 75),
            (ISO_8859_5.into(), "en ru uk bg", 110),
            (X_MAC_CYRILLIC.into(), "en ru uk", 100),
            (WINDOWS_1253.into(), "en el", 45),
            (ISO_8859_7.into(), "en el", 55),
            (WINDOWS_1255.into(), "en he", 25),
            (ISO_8859_8.into(), "en he", 60),
            (WINDOWS_1256.into(), "en ar fr", 25),
            (ISO_8859_6.into(), "en ar", 40),
        ];
        let bytes: Vec<u8> = (0x80..=0xff).collect();
        let known = languages();
        let number = |code: &str| known.iter().position(|language| language.code == code);
        let candidate = |(charset, codes, penalty): (Charset, &str, u32)| CharsetCandidate {
            charset,
            languages: codes.split(' ').filter_map(number).collect(),
            penalty,
            high: bytes.iter().map(|byte| lossy(&[*byte], charset).0.chars().next().unwrap_or('\u{fffd}')).collect(),
        };
        all.into_iter().map(candidate).collect()
    })
}

/// The result of reading a text in a charset.
#[derive(Debug, Clone, Copy)]
pub(super) struct CharsetReading {
    pub(super) charset: Charset,
    /// Tenths of bits, to be compared with those of other charsets of this module.
    bits: u32,
    /// Tenths of bits where each ASCII character takes [`ASCII_COST`], to be compared with multi-byte charsets.
    pub(super) weight: i64,
}

impl CharsetReading {
    /// Subtracts a bonus from the cost, because statistics suggest the same charset.
    fn with_bonus(self, by: u32) -> Self {
        Self { bits: self.bits.saturating_sub(by), weight: self.weight - i64::from(by), ..self }
    }
}

/// True if this module can recognise the charset.
pub(super) fn is_known(charset: Charset) -> bool {
    candidates().iter().any(|candidate| candidate.charset == charset)
}

/// Returns the reading of a text in the charset that fits best. `guess` is the charset by statistics, and `bonus` its bonus in tenths of
/// bits. The text has few bytes beyond ASCII.
pub(super) fn best(bytes: &[u8], guess: Charset, bonus: u32) -> Option<CharsetReading> {
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let words: Vec<&[u8]> = bytes.split(|byte| !is_word(byte)).filter(|word| !word.is_empty()).collect();
    let is_ascii_word = |word: &&&[u8]| word.is_ascii() && (2..=MAX_WORD_LETTERS).contains(&word.len());
    let ascii: Vec<Vec<char>> = words
        .iter()
        .filter(is_ascii_word)
        .take(MAX_WORDS)
        .map(|word| word.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect())
        .collect();
    let all_languages = languages();
    // The bits of each word in each language.
    let ascii: Vec<Vec<u32>> =
        ascii.iter().map(|word| all_languages.iter().map(|language| language.bits(word)).collect()).collect();
    let other: Vec<&[u8]> = words.into_iter().filter(|word| !word.is_ascii()).collect();
    let outside = bytes.len() - other.iter().map(|word| word.len()).sum::<usize>();
    let is_control = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let controls = i64::from(INVALID_COST) * bytes.iter().filter(is_control).count() as i64;
    let readings = candidates().iter().map(|candidate| {
        let reading = candidate.reading(&ascii, &other, outside);
        if candidate.charset == guess { reading.with_bonus(bonus) } else { reading }
    });
    let best = readings.min_by_key(|reading| reading.bits);
    best.map(|best| CharsetReading { weight: best.weight + controls, ..best })
}

impl CharsetCandidate {
    /// Reads a text in this charset. `ascii` are the bits of the ASCII words in each language, `other` the words with other bytes, and
    /// `outside` is the number of bytes outside the latter.
    fn reading(&self, ascii: &[Vec<u32>], other: &[&[u8]], outside: usize) -> CharsetReading {
        let all_languages = languages();
        let mut signs = 0_u32;
        let mut words: Vec<Vec<u32>> = Vec::new();
        for word in other {
            let high = |byte: u8| self.high.get(usize::from(byte) & 0x7f).copied().unwrap_or('\u{fffd}');
            let text: Vec<char> =
                word.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { high(*byte) }).collect();
            signs = signs.saturating_add(sign_cost(&text));
            for part in text.split(|c| !is_letter(*c)).filter(|part| !part.is_empty()) {
                let small: Vec<char> = part.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
                words.push(
                    self.languages
                        .iter()
                        .map(|language| {
                            all_languages.get(*language).map_or(INVALID_COST, |language| language.bits(&small))
                        })
                        .collect(),
                );
            }
        }
        let ascii: Vec<Vec<u32>> = ascii
            .iter()
            .map(|bits| {
                self.languages.iter().map(|language| bits.get(*language).copied().unwrap_or(INVALID_COST)).collect()
            })
            .collect();
        // A word of another language is rated in the language that fits it best.
        let cost_in = |words: &[Vec<u32>], main: usize| -> u32 {
            let bits = words.iter().map(|bits| {
                let least = bits.iter().min().copied().unwrap_or(INVALID_COST);
                bits.get(main).copied().unwrap_or(INVALID_COST).min(least.saturating_add(OTHER_LANGUAGE_COST))
            });
            bits.fold(0, u32::saturating_add)
        };
        let per_language = self.languages.iter().enumerate().map(|(main, language)| {
            let penalty = all_languages.get(*language).map_or(0, |language| language.penalty);
            let cost_of_words = cost_in(&words, main).saturating_add(penalty);
            (cost_of_words.saturating_add(cost_in(&ascii, main)), cost_of_words)
        });
        let (bits, cost_of_words) = per_language.min().unwrap_or((INVALID_COST, INVALID_COST));
        CharsetReading {
            charset: self.charset,
            bits: bits.saturating_add(signs).saturating_add(self.penalty),
            weight: i64::from(cost_of_words) - WORD_END_COST * words.len() as i64
                + i64::from(signs)
                + i64::from(self.penalty)
                + ASCII_COST * outside as i64,
        }
    }
}

/// True for a letter of words, except signs that Unicode calls letters.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'ª' | 'º' | 'µ' | 'ˇ')
}

/// Returns the tenths of bits of characters in a word that are not letters, and of capital letters in wrong places.
fn sign_cost(text: &[char]) -> u32 {
    let mut bits = 0_u32;
    for (at, &c) in text.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(' ');
        let after = text.get(at + 1).copied().unwrap_or(' ');
        let within = is_letter(before) && is_letter(after);
        let strange = if is_letter(before) || is_letter(after) { 30 } else { 0 };
        bits += match c {
            '\0'..='\x7f' => 0,
            '\u{80}'..='\u{9f}' | char::REPLACEMENT_CHARACTER => INVALID_COST,
            c if is_letter(c) => {
                let is_within = before.is_lowercase() || (before.is_uppercase() && after.is_lowercase());
                if c.is_uppercase() && is_within { 80 } else { 0 }
            }
            // These marks also occur within words.
            '’' => 60,
            '\u{a0}' if within => 75,
            '\u{ad}' if within => 120,
            '–' | '—' | '…' if strange == 0 => 65,
            '–' | '—' | '…' => 75,
            '„' | '‚' if !is_letter(before) => 65,
            '“' | '”' | '‘' if !within => 65,
            '«' | '»' | '°' | '£' | '®' | '™' | 'µ' | '²' | '³' | '±' | '×' | '÷' | '½' | '№' if !within => {
                70
            }
            '§' | '©' | '€' | '\u{a0}' if strange == 0 => 70,
            // A line drawn with box characters.
            '\u{2500}'..='\u{259f}' if before == c || after == c => 20,
            '\u{2500}'..='\u{259f}' => 100 + strange,
            _ if within => 170,
            _ => 100 + strange,
        };
    }
    bits
}
