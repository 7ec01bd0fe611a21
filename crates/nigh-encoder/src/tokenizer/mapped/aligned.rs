//! Characters, each with the bytes of the original text that it comes from, by the alignment rules of `tokenizers`.

use unicode_normalization_alignments::UnicodeNormalization;

/// A character of the normalised text. It comes from bytes `start..end` of the original text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AlignedChar {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Returns the characters of a text that begins at byte `base` of the original.
pub(super) fn align_text(text: &str, base: usize) -> Vec<AlignedChar> {
    let align = |(offset, c): (usize, char)| {
        let start = base + offset;
        AlignedChar { c, start, end: start + c.len_utf8() }
    };
    text.char_indices().map(align).collect()
}

/// Replaces the characters `source` by `normalised`. Each new character has a change, as in `NormalizedString::transform`:
/// - `0`: the new character replaces one old character;
/// - `-n`: the new character replaces one old character, and the n old characters after that one are removed;
/// - `1`: the new character is inserted, and gets the bytes of the old character before it; at the very beginning, the empty range
///   at `origin`.
pub(super) fn transform(
    source: &[AlignedChar],
    origin: usize,
    normalised: impl Iterator<Item = (char, isize)>,
) -> Vec<AlignedChar> {
    let nothing = AlignedChar { c: '\0', start: origin, end: origin };
    let mut next = 0usize;
    let align = |(c, change): (char, isize)| {
        let from = if change > 0 { next.checked_sub(1) } else { Some(next.min(source.len().saturating_sub(1))) };
        if change <= 0 {
            next = source.len().min(next + 1 + change.unsigned_abs());
        }
        AlignedChar { c, ..from.and_then(|i| source.get(i)).copied().unwrap_or(nothing) }
    };
    normalised.map(align).collect()
}

/// Applies canonical decomposition (NFD).
pub(super) fn nfd(source: &[AlignedChar], origin: usize) -> Vec<AlignedChar> {
    transform(source, origin, source.iter().map(|a| a.c).nfd())
}

/// Applies compatibility decomposition, then canonical composition (NFKC).
pub(super) fn nfkc(source: &[AlignedChar], origin: usize) -> Vec<AlignedChar> {
    transform(source, origin, source.iter().map(|a| a.c).nfkc())
}
