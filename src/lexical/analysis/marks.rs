//! Spelling in all scripts except Latin and Chinese: marks that people omit when they search, and letters with several forms.
//!
//! Folds like Lucene in Arabic, Persian and Hindi; also Hebrew points, Greek accents, the Russian ё, the Armenian ligature, nasals of
//! Indian scripts and the digits of all scripts of India, Arabia and South-East Asia.

use unicode_normalization::char::decompose_canonical;

/// True for a mark that is omitted: combining accents, Hebrew points, Arabic vowel signs, the Arabic stroke that stretches words, the
/// dot below Indian consonants.
pub(super) fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{93c}' | '\u{9bc}' | '\u{a3c}' | '\u{abc}' | '\u{b3c}')
}

/// Appends the common form of a letter or digit; it may depend on the text before.
pub(super) fn push(c: char, into: &mut String) {
    let c = common_form(c);
    match c {
        // Armenian և is decomposed to եւ, but its capitals are ԵՎ, which is եվ: both become եվ.
        'ւ' if into.ends_with('ե') => into.push('վ'),
        'Ւ' if into.ends_with('Ե') => into.push('Վ'),
        _ => {
            replace_nasal(c, into);
            into.push(c);
        }
    }
}

/// The first code points of Devanagari, Gujarati, Telugu and Kannada. A nasal before a consonant of the same place of articulation may
/// also be written as a sign: `हिन्दी`, `हिंदी`. The four blocks have the same letters at the same offsets.
const BLOCKS_WITH_NASAL_SIGN: [u32; 4] = [0x900, 0xa80, 0xc00, 0xc80];

/// Replaces the nasal before the consonant `c` by the sign, if both have the same place of articulation.
fn replace_nasal(c: char, into: &mut String) {
    let Some(block) = BLOCKS_WITH_NASAL_SIGN.iter().find(|&&block| (block..block + 0x80).contains(&u32::from(c)))
    else {
        return;
    };
    let letter = |offset| char::from_u32(block + offset);
    // Four stops and then their nasal, for each of five places of articulation. Offset 0x29 is skipped: only Devanagari has it, to
    // transcribe Tamil.
    let nasal = match u32::from(c) - block {
        0x15..=0x18 => letter(0x19),
        0x1a..=0x1d => letter(0x1e),
        0x1f..=0x22 => letter(0x23),
        0x24..=0x27 => letter(0x28),
        0x2a..=0x2d => letter(0x2e),
        _ => return,
    };
    let (Some(nasal), Some(virama), Some(sign)) = (nasal, letter(0x4d), letter(0x02)) else { return };
    let bare = into.strip_suffix(virama).and_then(|text| text.strip_suffix(nasal)).map(str::len);
    if let Some(bare) = bare {
        into.truncate(bare);
        into.push(sign);
    }
}

/// Returns the common form of a letter or digit.
fn common_form(c: char) -> char {
    match c {
        'ё' => 'е',
        'Ё' => 'Е',
        // Hamza and madda over alef, wavy alef; Persian and Urdu forms of Arabic letters.
        'آ' | 'أ' | 'إ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ئ' => 'ي',
        'ؤ' => 'و',
        'ة' | 'ۀ' | 'ہ' => 'ه',
        'ک' => 'ك',
        // The sign of a nasal vowel with or without its moon.
        'ँ' => 'ं',
        'ς' => 'σ',
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => without_accents(c),
        _ => ascii_digit(c).unwrap_or(c),
    }
}

/// Returns a letter without its accents.
fn without_accents(c: char) -> char {
    let mut base = None;
    decompose_canonical(c, |part| {
        base.get_or_insert(part);
    });
    base.unwrap_or(c)
}

/// The zero of each script. The other nine digits of the script follow it.
const ZEROS: [u32; 17] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
    0x17e0,
];

/// Returns the ASCII digit for a digit of another script.
fn ascii_digit(c: char) -> Option<char> {
    let zero = ZEROS.iter().rev().find(|&&zero| zero <= u32::from(c))?;
    char::from_digit(u32::from(c) - zero, 10)
}
