//! Characters with the bytes of the original text that they come from, under the alignment rules of `tokenizers`.

use unicode_normalization_alignments::UnicodeNormalization;

/// A character of the normalised text. All its bytes come from bytes `start..end` of the original text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AlignedChar {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A text that begins at byte `base` of the original.
pub(super) fn aligned(text: &str, base: usize) -> Vec<AlignedChar> {
    text.char_indices().map(|(at, c)| AlignedChar { c, start: base + at, end: base + at + c.len_utf8() }).collect()
}

/// Puts `normalised` in the place of `source`. With each character comes the change in their number, as
/// `NormalizedString::transform` takes it: 0 where it replaces one, -n where n after that one fall away, 1 where it is new and
/// shares the bytes of what stands before it, which at the very beginning is byte `origin`, none of it.
pub(super) fn transform(
    source: &[AlignedChar],
    origin: usize,
    normalised: impl Iterator<Item = (char, isize)>,
) -> Vec<AlignedChar> {
    let nothing = AlignedChar { c: '\0', start: origin, end: origin };
    let mut next = 0usize;
    let place = |(c, change): (char, isize)| {
        let from = if change > 0 { next.checked_sub(1) } else { Some(next.min(source.len().saturating_sub(1))) };
        if change <= 0 {
            next = source.len().min(next + 1 + change.unsigned_abs());
        }
        AlignedChar { c, ..from.and_then(|i| source.get(i)).copied().unwrap_or(nothing) }
    };
    normalised.map(place).collect()
}

/// Canonical decomposition.
pub(super) fn nfd(source: &[AlignedChar], origin: usize) -> Vec<AlignedChar> {
    transform(source, origin, source.iter().map(|a| a.c).nfd())
}

/// Compatibility decomposition, then canonical composition.
pub(super) fn nfkc(source: &[AlignedChar], origin: usize) -> Vec<AlignedChar> {
    transform(source, origin, source.iter().map(|a| a.c).nfkc())
}
