//! Uuencoded files: lines between "begin 644 NAME" and "end".

use super::Blob;

/// A file has at least this many lines.
const MIN_LINES: usize = 3;

/// Finds the data of uuencoded files, without the lines with their names.
pub(super) fn find(text: &str) -> Vec<Blob> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(bytes.get(from..).unwrap_or(&[]), b"begin ") {
        let begin = from + at;
        from = begin + "begin ".len();
        let first = begin == 0 || bytes.get(begin - 1) == Some(&b'\n');
        let Some((start, line)) = line(bytes, begin).filter(|_| first) else { continue };
        if !is_begin(line) {
            continue;
        }
        let (mut end, mut lines) = (start, 0);
        while let Some((next, line)) = self::line(bytes, end).filter(|(_, line)| is_data(line)) {
            end = next;
            lines += 1;
            from = end;
            if line.len() <= 1 {
                break;
            }
        }
        if lines >= MIN_LINES {
            // The last line end is kept, so that the placeholder has its own line.
            let last = if bytes.get(end.saturating_sub(1)) == Some(&b'\n') { end - 1 } else { end };
            found.push(Blob { bytes: start..last, mark: true });
        }
    }
    found
}

/// Returns the line that begins here without its end, and the start of the next line.
fn line(bytes: &[u8], at: usize) -> Option<(usize, &[u8])> {
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

/// True if the line declares a number of bytes and has enough letters for them. Spaces at its end may be lost.
fn is_data(line: &[u8]) -> bool {
    let Some((&first, letters)) = line.split_first() else { return false };
    let wanted = usize::from(first.wrapping_sub(b' ') & 63).div_ceil(3) * 4;
    line.iter().all(|byte| (b' '..=b'`').contains(byte))
        && letters.len() <= wanted + 2
        && letters.len() + 12 >= wanted
        && (wanted > 0 || letters.is_empty())
}
