//! Uuencoded files: lines between "begin 644 NAME" and "end".

use super::Blob;

/// Fewer data lines are not recognised as a uuencoded file.
const MIN_DATA_LINES: usize = 3;
/// Some encoders append a checksum: a line has at most this many more letters than its bytes need.
const MAX_EXTRA_LETTERS: usize = 2;
/// Spaces at the end of a line may be lost: a line has at most this many letters less than its bytes need.
const MAX_MISSING_LETTERS: usize = 12;

/// Finds the data of uuencoded files, without the lines with their names.
pub(super) fn find(text: &str) -> Vec<Blob> {
    let bytes = text.as_bytes();
    let mut blobs = Vec::new();
    let mut search_from = 0;
    while let Some(offset) = memchr::memmem::find(bytes.get(search_from..).unwrap_or(&[]), b"begin ") {
        let begin = search_from + offset;
        search_from = begin + "begin ".len();
        let at_line_start = begin == 0 || bytes.get(begin - 1) == Some(&b'\n');
        let Some((start, line)) = line_at(bytes, begin).filter(|_| at_line_start) else { continue };
        if !is_begin(line) {
            continue;
        }
        let (mut end, mut lines) = (start, 0);
        while let Some((next, line)) = line_at(bytes, end).filter(|(_, line)| is_data(line)) {
            end = next;
            lines += 1;
            search_from = end;
            if line.len() <= 1 {
                break;
            }
        }
        if lines >= MIN_DATA_LINES {
            // The last line end is not removed, so that the placeholder has its own line.
            let last = if bytes.get(end.saturating_sub(1)) == Some(&b'\n') { end - 1 } else { end };
            blobs.push(Blob { bytes: start..last, placeholder: true });
        }
    }
    blobs
}

/// Returns the start of the next line, and the line that begins at `at`, without its line end.
fn line_at(bytes: &[u8], at: usize) -> Option<(usize, &[u8])> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = rest.get(..length)?;
    Some(((at + length + 1).min(bytes.len()), line.strip_suffix(b"\r").unwrap_or(line)))
}

/// True for "begin 644 NAME".
fn is_begin(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |byte| *byte == b' ').skip(1);
    let mode = words.next().unwrap_or(&[]);
    (3..=4).contains(&mode.len()) && mode.iter().all(|byte| (b'0'..=b'7').contains(byte)) && words.next().is_some()
}

/// True if the line declares a number of bytes and has about as many letters as they need.
fn is_data(line: &[u8]) -> bool {
    let Some((&first, letters)) = line.split_first() else { return false };
    let wanted = usize::from(first.wrapping_sub(b' ') & 63).div_ceil(3) * 4;
    line.iter().all(|byte| (b' '..=b'`').contains(byte))
        && letters.len() <= wanted + MAX_EXTRA_LETTERS
        && letters.len() + MAX_MISSING_LETTERS >= wanted
        && (wanted > 0 || letters.is_empty())
}
