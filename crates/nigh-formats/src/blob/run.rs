//! Long runs of base64 and of hexadecimal digits, on one line or on many lines of one length.

use super::Blob;

/// Fewest letters in a line of a block: 64 and 76 are usual.
const MIN_LINE_LETTERS: usize = 60;
/// Fewest letters in a whole run: the longest checksum in base64 has 88.
const MIN_RUN_LETTERS: usize = 180;
/// Fewest hexadecimal digits in a run: the longest checksum has 128.
const MIN_HEX_DIGITS: usize = 512;
/// Fewest letters in the first line of a block, which may begin within a line ("PHOTO:/9j/4AAQ").
const MIN_FIRST_LINE_LETTERS: usize = 24;
/// Only this many letters of a run are examined to recognise it.
const SAMPLE_LETTERS: usize = 4096;

/// The class of a byte in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base64Class {
    None,
    Upper,
    Lower,
    Digit,
    Sign,
}

/// Returns the class of a byte, in the usual alphabet or the one for addresses.
fn class(byte: u8) -> Base64Class {
    match byte {
        b'A'..=b'Z' => Base64Class::Upper,
        b'a'..=b'z' => Base64Class::Lower,
        b'0'..=b'9' => Base64Class::Digit,
        b'+' | b'/' | b'=' | b'-' | b'_' => Base64Class::Sign,
        _ => Base64Class::None,
    }
}

/// Finds the runs and blocks of data in a text.
pub(super) fn find(text: &str) -> Vec<Blob> {
    let bytes = text.as_bytes();
    let mut blobs = Vec::new();
    let mut search_from = 0;
    // The probed bytes are so far apart that each line of a block covers one, and most of a text is skipped.
    while let Some(&probe) = bytes.get(search_from + MIN_LINE_LETTERS - 1) {
        let probed = search_from + MIN_LINE_LETTERS - 1;
        if class(probe) == Base64Class::None && !is_escaped_slash(bytes, probed) {
            search_from = probed + 1;
            continue;
        }
        // Finds the run, and the block if the run is long enough for a line.
        let (start, end) = (run_start(bytes, search_from, probed), run_end(bytes, probed));
        search_from = end + 1;
        if end - start < MIN_LINE_LETTERS {
            continue;
        }
        let (pieces, end) = block(bytes, start, end);
        search_from = end + 1;
        // The block is data if it is long enough and its first letters look like base64 or hexadecimal digits.
        let total: usize = pieces.iter().map(|(start, end)| end - start).sum();
        let sample = pieces.iter().flat_map(|&(start, end)| bytes.get(start..end).unwrap_or(&[])).copied();
        let sample = sample.filter(|byte| *byte != b'\\').take(SAMPLE_LETTERS);
        if (total >= MIN_RUN_LETTERS && is_base64(sample.clone())) || (total >= MIN_HEX_DIGITS && is_hex(sample)) {
            let start = pieces.first().map_or(start, |(start, _)| *start);
            blobs.push(Blob { bytes: start..end, placeholder: true });
        }
    }
    blobs
}

/// True if the byte at `at` is the backslash of "\/", as JSON may write "/".
fn is_escaped_slash(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'/')
}

/// Returns the end of the run that contains `from`.
fn run_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if class(byte) == Base64Class::None && !is_escaped_slash(bytes, at) {
            break;
        }
        at += 1;
    }
    at
}

/// Returns the start of the run that contains `at`, but not before `lower_bound`.
fn run_start(bytes: &[u8], lower_bound: usize, at: usize) -> usize {
    let mut start = at;
    while start > lower_bound
        && bytes
            .get(start - 1)
            .is_some_and(|&byte| class(byte) != Base64Class::None || is_escaped_slash(bytes, start - 1))
    {
        start -= 1;
    }
    // The letter of "\n" in a string is not part of the run.
    let escape = start > 0 && bytes.get(start - 1) == Some(&b'\\') && matches!(bytes.get(start), Some(b'n' | b'r'));
    if escape { start + 1 } else { start }
}

/// Returns the lines of the block whose first long line is `start..end`, and the end of the block.
fn block(bytes: &[u8], start: usize, end: usize) -> (Vec<(usize, usize)>, usize) {
    let mut pieces = Vec::new();
    pieces.extend(line_before(bytes, start));
    pieces.push((start, end));
    let width = end - start;
    let mut at = end;
    while let Some(next) = next_line(bytes, at) {
        let after = run_end(bytes, next);
        let line = bytes.get(next..after).unwrap_or(&[]);
        let ends_line = next_line(bytes, after).is_some()
            || bytes.get(after).is_none_or(|byte| matches!(byte, b'"' | b'\'' | b'\n' | b'\r' | b'\\' | b')' | b'<'));
        let is_full = line.len() >= MIN_LINE_LETTERS;
        let is_last = !line.is_empty() && line.len() <= width && (line.ends_with(b"=") || is_mixed(line));
        if !ends_line || !(is_full || is_last) {
            break;
        }
        pieces.push((next, after));
        at = after;
        if !is_full {
            break;
        }
    }
    (pieces, at)
}

/// Returns the start of the next line's text: after a closing quote, the line end, indentation and an opening quote.
fn next_line(bytes: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    let skip = |at: &mut usize, signs: &[u8]| {
        while bytes.get(*at).is_some_and(|byte| signs.contains(byte)) {
            *at += 1;
        }
    };
    skip(&mut at, b"\"', \t\\+.r");
    if bytes.get(at) == Some(&b'\r') {
        at += 1;
    }
    match bytes.get(at) {
        Some(b'\n') => at += 1,
        // The line end in a JSON string.
        Some(b'n') if at > end && bytes.get(at - 1) == Some(&b'\\') => at += 1,
        _ => return None,
    }
    skip(&mut at, b"\"' \t#*>|+.");
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(b"// ")) {
        at += 3;
    }
    Some(at)
}

/// Returns the data at the end of the previous line, where it begins within that line.
fn line_before(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut end = start;
    while end > 0 && matches!(bytes.get(end - 1), Some(b' ' | b'\t')) {
        end -= 1;
    }
    if end == 0 || bytes.get(end - 1) != Some(&b'\n') {
        return None;
    }
    end -= 1;
    if end > 0 && bytes.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    let first = run_start(bytes, end.saturating_sub(2 * MIN_LINE_LETTERS), end);
    let line = bytes.get(first..end)?;
    (line.len() >= MIN_FIRST_LINE_LETTERS && is_mixed(line)).then_some((first, end))
}

/// True if the line has upper-case letters, lower-case letters and digits, as words and names seldom have.
fn is_mixed(line: &[u8]) -> bool {
    let has = |wanted: Base64Class| line.iter().any(|byte| class(*byte) == wanted);
    has(Base64Class::Upper) && has(Base64Class::Lower) && has(Base64Class::Digit)
}

/// True if the letters look like base64: of all classes, in no order. Words, names and paths have one class for many letters.
///
/// Random base64 has 26 of 64 letters upper-case, as many lower-case, 10 digits and 2 signs, and changes class at about 2 of 3 letters; the
/// limits leave room for data that is not random.
fn is_base64(letters: impl Iterator<Item = u8>) -> bool {
    let (mut class_counts, mut pairs, mut changes) = ([0_usize; 5], 0_usize, 0_usize);
    let mut previous: Option<u8> = None;
    for byte in letters.filter(|byte| *byte != b'=') {
        if let Some(count) = class_counts.get_mut(class(byte) as usize) {
            *count += 1;
        }
        // Zero bytes are "AAAA": a pair of equal letters says nothing.
        if let Some(previous) = previous.replace(byte).filter(|previous| *previous != byte) {
            pairs += 1;
            changes += usize::from(class(previous) != class(byte));
        }
    }
    let [_, upper, lower, digits, signs] = class_counts;
    let total = upper + lower + digits + signs;
    upper * 8 >= total
        && lower * 8 >= total
        && digits * 30 >= total
        && signs * 8 <= total
        && pairs >= 40
        && changes * 5 >= pairs * 2
}

/// True if the letters are hexadecimal digits, and not all decimal.
fn is_hex(letters: impl Iterator<Item = u8>) -> bool {
    let (mut total, mut letters_a_to_z, mut others) = (0_usize, 0_usize, 0_usize);
    for byte in letters {
        total += 1;
        letters_a_to_z += usize::from(byte.is_ascii_alphabetic());
        others += usize::from(!byte.is_ascii_hexdigit());
    }
    // Of random digits 6 in 16 are letters.
    others <= 1 && letters_a_to_z * 10 >= total && letters_a_to_z * 10 <= total * 8
}
