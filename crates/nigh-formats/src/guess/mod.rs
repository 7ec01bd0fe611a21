//! Guesses the encoding of bytes that do not declare it: by their statistics, and by which files are common.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`guesses`]: the encodings of a text, most probable first |
//! | `short.rs` | the encoding of a text too short for statistics |
//! | `letters.rs` | the one-byte charset of a text |
//! | `language.rs`, `pairs.txt` | the spelling of languages |
//! | `frequency.rs` | how common characters are |

mod frequency;
mod language;
mod letters;
mod short;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, GBK, ISO_2022_JP, SHIFT_JIS};

use crate::charset::{Charset, lossy};
use nigh_text::script::is_kana;

/// The bonus of the charset that statistics suggest against other one-byte charsets, in tenths of bits: for a short and a long text.
const STATISTICS_BONUS_SHORT: u32 = 10;
const STATISTICS_BONUS_LONG: u32 = 60;
/// In a long text, at most this many bytes are read word by word.
const MAX_BEGINNING_BYTES: usize = 16 << 10;
/// The charset of a text with invalid bytes is decided by a vote of this many parts.
const VOTERS: usize = 16;
/// With fewer votes the guess over the whole text is used.
const MIN_VOTERS: usize = 3;

/// Returns the possible encodings, most probable first.
pub(super) fn guesses(bytes: &[u8]) -> impl Iterator<Item = Charset> {
    let guess = guess(bytes, true);
    let is_multi_byte = [GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR, ISO_2022_JP].map(Charset::from).contains(&guess);
    // One invalid byte rules a multi-byte encoding out. Most parts of the text do not contain it.
    let voted = if is_multi_byte { None } else { vote(bytes) };
    voted.into_iter().chain([guess])
}

fn guess(bytes: &[u8], last: bool) -> Charset {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, last);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == ISO_2022_JP {
        return guess.into();
    }
    if bytes.iter().filter(|byte| !byte.is_ascii()).count() <= short::MAX_NON_ASCII_BYTES {
        return short::best(&lines_with_non_ascii(bytes), guess, STATISTICS_BONUS_SHORT);
    }
    // Japanese without kana is Chinese, and so are pairs of bytes that are all common Chinese characters.
    let kana = |text: &str| text.contains(is_kana);
    let is_multi_byte = [GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR].contains(&guess);
    let doubtful = if guess == EUC_JP { !kana(&lossy(bytes, EUC_JP).0) } else { !is_multi_byte };
    if doubtful && is_common_chinese(bytes) {
        return GBK.into();
    }
    if is_multi_byte && lossy(bytes, guess).1 == 0 {
        return guess.into();
    }
    // The statistics have no DOS charset, and few of the others.
    let begin = short::best(beginning(bytes), guess, STATISTICS_BONUS_LONG);
    if letters::is_known(begin) { begin } else { guess.into() }
}

/// Returns the lines of a text that have bytes beyond ASCII, and its beginning.
fn lines_with_non_ascii(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.len() <= MAX_BEGINNING_BYTES {
        return Cow::Borrowed(bytes);
    }
    let mut at = 0;
    let tells = |line: &&[u8]| {
        at += line.len();
        at <= MAX_BEGINNING_BYTES || !line.is_ascii()
    };
    Cow::Owned(bytes.split_inclusive(|byte| *byte == b'\n').filter(tells).collect::<Vec<_>>().concat())
}

/// Returns the beginning of a text, with as many bytes beyond ASCII as a short text may have, up to the end of a word.
fn beginning(bytes: &[u8]) -> &[u8] {
    let last =
        bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()).nth(short::MAX_NON_ASCII_BYTES).map(|(at, _)| at);
    let begin = last.and_then(|last| bytes.get(..last)).unwrap_or(bytes);
    let end = begin.iter().rposition(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    let begin = end.and_then(|end| begin.get(..end)).unwrap_or(begin);
    begin.get(begin.len().saturating_sub(MAX_BEGINNING_BYTES)..).unwrap_or(begin)
}

/// True if a text is valid UTF-8 but nevertheless GBK, as some words are: "目录" reads "Ŀ¼", "通讯录" reads "ͨѶ¼".
pub(super) fn is_gbk_as_utf8(text: &str) -> bool {
    // Only two-byte characters: Chinese in UTF-8 has three bytes.
    let doubtful =
        text.len() <= 4 * short::MAX_NON_ASCII_BYTES && text.chars().all(|c| c < '\u{800}') && !text.is_ascii();
    doubtful && is_common_chinese(text.as_bytes()) && short::is_rather_gbk(text)
}

/// True if all characters beyond ASCII are of the first level of GB 2312 (3755 characters, ordered by sound) or its marks.
fn is_common_chinese(bytes: &[u8]) -> bool {
    let (mut at, mut characters) = (0, 0_usize);
    while let Some(&first) = bytes.get(at) {
        if first.is_ascii() {
            at += 1;
            continue;
        }
        let second = bytes.get(at + 1).copied().unwrap_or(0);
        if !matches!(first, 0xa1..=0xa3 | 0xb0..=0xd7) || !matches!(second, 0xa1..=0xfe) {
            return false;
        }
        characters += usize::from(first >= 0xb0);
        at += 2;
    }
    characters >= 2
}

/// Returns the multi-byte encoding of most parts of the text, weighted by their bytes beyond ASCII.
fn vote(bytes: &[u8]) -> Option<Charset> {
    let size = bytes.len().div_ceil(VOTERS).max(64);
    let mut votes: Vec<(Charset, usize)> = Vec::new();
    let (mut rest, mut all, mut voters) = (bytes, 0, 0);
    while !rest.is_empty() {
        // No encoding has a line end inside a character.
        let least = size.min(rest.len());
        let line = rest.get(least..).and_then(|after| after.iter().position(|b| *b == b'\n'));
        let (part, after) = rest.split_at_checked(line.map_or(rest.len(), |at| least + at))?;
        rest = after;
        let weight = part.iter().filter(|b| !b.is_ascii()).count();
        all += weight;
        if weight > 0 {
            voters += 1;
            let guess = guess(part, false);
            match votes.iter_mut().find(|(encoding, _)| *encoding == guess) {
                Some((_, votes)) => *votes += weight,
                None => votes.push((guess, weight)),
            }
        }
    }
    let (best, weight) = votes.into_iter().max_by_key(|(_, weight)| *weight)?;
    ([GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR].map(Charset::from).contains(&best)
        && voters >= MIN_VOTERS
        && weight * 2 > all)
        .then_some(best)
}

#[cfg(test)]
mod letters_tests;
#[cfg(test)]
mod tests;
