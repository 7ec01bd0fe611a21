//! The spelling of languages: which letter follows which.

use std::sync::OnceLock;

/// For each language: a line with its code and its letters, then one line for the beginning of a word and for each letter. Such a
/// line has one sign for the end of a word and for each letter that may follow: minus the logarithm of its probability, in fifths of
/// bits; `#` is 0.
///
/// `cargo xtask count-pairs` counts them in lists of words (CONTRIBUTING.md describes how). The lists were those of wordfreq 3.1, and for
/// Estonian that of its spelling checker. The file holds only counts of letter pairs, no words.
const LETTER_PAIRS: &str = include_str!("pairs.txt");
/// The sign for 0.
const ZERO_SIGN: u8 = b'#';
/// Tenths of bits between two successive signs.
const STEP_TENTHS: u32 = 2;
/// Tenths of bits of a letter that the language lacks.
const FOREIGN_LETTER_COST: u32 = 170;
/// The number of codes up to the last letter of Latin, Greek, Cyrillic, Hebrew and Arabic.
const LETTER_CODES: usize = 0x660;

/// Penalties in tenths of bits for languages that are rarer than the others of their charset.
const RARITY_PENALTIES: [(&str, u32); 6] = [("is", 50), ("et", 30), ("ca", 25), ("lv", 10), ("lt", 5), ("bg", 10)];

/// The letter statistics of a language.
pub(super) struct LetterStatistics {
    pub(super) code: &'static str,
    /// Its penalty in tenths of bits.
    pub(super) penalty: u32,
    /// For each character code, the number of the letter in the language, from 1; 0 if the language lacks it.
    letter_numbers: Vec<u8>,
    /// One line for the beginning of a word and for each letter, with one sign for the end of a word and for each letter.
    lines: Vec<&'static [u8]>,
}

/// Returns all languages.
pub(super) fn languages() -> &'static [LetterStatistics] {
    static LANGUAGES: OnceLock<Vec<LetterStatistics>> = OnceLock::new();
    LANGUAGES.get_or_init(|| {
        let mut lines = LETTER_PAIRS.lines();
        let mut all = Vec::new();
        while let Some((code, letters)) = lines.next().and_then(|line| line.split_once(' ')) {
            let mut letter_numbers = vec![0_u8; LETTER_CODES];
            let mut count = 1_u8;
            for c in letters.chars() {
                if let Some(place) = letter_numbers.get_mut(c as usize) {
                    *place = count;
                }
                count += 1;
            }
            let lines = lines.by_ref().take(usize::from(count)).map(str::as_bytes).collect();
            let penalty =
                RARITY_PENALTIES.iter().find(|(seldom, _)| *seldom == code).map_or(0, |(_, penalty)| *penalty);
            all.push(LetterStatistics { code, penalty, letter_numbers, lines });
        }
        all
    })
}

impl LetterStatistics {
    /// Returns the tenths of bits of a word in lower case.
    pub(super) fn bits(&self, word: &[char]) -> u32 {
        let (mut bits, mut before) = (0_u32, 0_usize);
        for c in word {
            match self.letter_numbers.get(*c as usize) {
                Some(place) if *place > 0 => {
                    bits = bits.saturating_add(self.pair_cost(before, usize::from(*place)));
                    before = usize::from(*place);
                }
                _ => {
                    bits = bits.saturating_add(FOREIGN_LETTER_COST);
                    before = 0;
                }
            }
        }
        bits.saturating_add(self.pair_cost(before, 0))
    }

    /// Returns the tenths of bits of a letter after another, by their numbers.
    fn pair_cost(&self, before: usize, after: usize) -> u32 {
        let sign = self.lines.get(before).and_then(|line| line.get(after)).copied().unwrap_or(u8::MAX);
        u32::from(sign.saturating_sub(ZERO_SIGN)) * STEP_TENTHS
    }
}
