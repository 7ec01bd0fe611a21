//! `BertNormalizer` and `BertPreTokenizer`: split a text into normalised words.

use serde::{Deserialize, Serialize};
use unicode_categories::UnicodeCategories;
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_canonical};

use super::aligned::{AlignedChar, align_text, nfd};
use super::characters::{Characters, Class, Kind};
use super::word::Word;
use nigh_text::script::is_bert_han;

/// The steps of the normaliser that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Bert {
    /// Drop control characters, and turn all white space into spaces.
    pub(super) clean_text: bool,
    /// Make each Chinese character a word of its own.
    pub(super) handle_chinese_chars: bool,
    /// Decompose, and drop nonspacing marks.
    pub(super) strip_accents: bool,
    pub(super) lowercase: bool,
}

impl Bert {
    /// Runs all steps, one after the other. The result for `text` must not depend on the characters around it.
    fn normalise(self, mut text: Vec<AlignedChar>, origin: usize) -> Vec<AlignedChar> {
        if self.clean_text {
            text.retain(|a| !is_dropped(a.c));
            text.iter_mut().filter(|a| is_blank(a.c)).for_each(|a| a.c = ' ');
        }
        if self.handle_chinese_chars {
            let with_spaces = |a: AlignedChar| {
                let space = is_bert_han(a.c).then_some(AlignedChar { c: ' ', ..a });
                space.into_iter().chain([a]).chain(space)
            };
            text = text.into_iter().flat_map(with_spaces).collect();
        }
        if self.strip_accents {
            text = nfd(&text, origin);
            text.retain(|a| !a.c.is_mark_nonspacing());
        }
        if self.lowercase {
            text = text.into_iter().flat_map(|a| a.c.to_lowercase().map(move |c| AlignedChar { c, ..a })).collect();
        }
        text
    }

    /// Returns what a character becomes if it does not depend on its neighbours.
    pub(super) fn classify(self, c: char) -> Class {
        if self.clean_text && is_dropped(c) {
            return Class::new(Kind::Removed, '\0');
        }
        let mut decomposed = Vec::new();
        decompose_canonical(c, |part| decomposed.push(part));
        let starts_with_base = decomposed.first().is_some_and(|&first| canonical_combining_class(first) == 0);
        if self.strip_accents && !starts_with_base {
            return Class::GENERIC;
        }
        let becomes = self.normalise(align_text(c.encode_utf8(&mut [0; 4]), 0), 0);
        let becomes: Vec<char> = becomes.iter().map(|a| a.c).collect();
        let is_undecomposed = !self.strip_accents || decomposed == [c];
        match becomes[..] {
            [one] if one.is_whitespace() && is_undecomposed => Class::new(Kind::Space, one),
            [one] if is_punctuation(one) && is_undecomposed => Class::new(Kind::Isolated, one),
            [one] if one.is_whitespace() || is_punctuation(one) => Class::GENERIC,
            // The decomposition may contain marks. They are dropped in any order, also between those of the neighbours.
            [one] => Class::new(Kind::Letter, one),
            [' ', one, ' '] if is_undecomposed => Class::new(Kind::Isolated, one),
            _ => Class::GENERIC,
        }
    }

    /// Splits a part of a text, which starts at byte `base` of the text, into words. Calls `finish` for each word; `finish` must leave
    /// `word` empty.
    pub(super) fn words<const SPANS: bool, E>(
        self,
        characters: &Characters<'_>,
        ascii: &[Class; 128],
        (part, base): (&str, usize),
        word: &mut Word,
        mut finish: impl FnMut(&mut Word) -> Result<(), E>,
    ) -> Result<(), E> {
        let bytes = part.as_bytes();
        let mut start = 0;
        while let Some(&first) = bytes.get(start) {
            let (class, len) = if first < 128 {
                (ascii[usize::from(first)], 1)
            } else {
                let c = part[start..].chars().next().unwrap_or_default();
                (characters.class(c), c.len_utf8())
            };
            let span = (base + start, base + start + len);
            match class.kind() {
                Kind::Letter => word.push::<SPANS>(class.becomes(), span),
                Kind::Removed => {}
                Kind::Space => finish(word)?,
                Kind::Isolated => {
                    finish(word)?;
                    word.push::<SPANS>(class.becomes(), span);
                    finish(word)?;
                }
                Kind::Generic => {
                    // Normalise the longest run of characters that may depend on each other, then split it at spaces and
                    // punctuation.
                    let depends = |c: &char| matches!(characters.class(*c).kind(), Kind::Generic | Kind::Removed);
                    let more: usize = part[start + len..].chars().take_while(depends).map(char::len_utf8).sum();
                    let run = align_text(&part[start..start + len + more], base + start);
                    for a in self.normalise(run, base + start) {
                        let is_own_word = is_punctuation(a.c);
                        if is_own_word || a.c.is_whitespace() {
                            finish(word)?;
                        }
                        if !a.c.is_whitespace() {
                            word.push::<SPANS>(a.c, (a.start, a.end));
                        }
                        if is_own_word {
                            finish(word)?;
                        }
                    }
                    start += more;
                }
            }
            start += len;
        }
        finish(word)
    }
}

fn is_dropped(c: char) -> bool {
    matches!(c, '\0' | '\u{fffd}') || !matches!(c, '\t' | '\n' | '\r') && c.is_other()
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || c.is_whitespace()
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}
