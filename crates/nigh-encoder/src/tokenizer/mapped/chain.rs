//! The normalisers used with Unigram, and `Metaspace`: split a text into words that begin with "▁".
//!
//! A character that does not depend on its neighbours is looked up in the table of characters. A character that does
//! ([`Kind::Generic`]) is normalised together with the previous character, step by step as `tokenizers` does. No step depends on
//! a character further away.

use serde::{Deserialize, Serialize};
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization_alignments::{IsNormalized, is_nfkc_quick};

use super::aligned::{AlignedChar, align_text, nfkc};
use super::characters::{Characters, Class, Kind};
use super::charsmap::Charsmap;
use super::word::Word;

/// The character that replaces a space.
pub(super) const META: char = '▁';

/// A step that replaces each character of a set by a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Replacement {
    pub(super) from: Vec<char>,
    pub(super) with: String,
}

/// The step after the replacements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Form {
    AsItIs,
    Nfkc,
    /// The table of a [`Charsmap`]. There are no replacements before it.
    Precompiled,
}

/// The settings of normaliser and pre-tokenizer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Chain {
    pub(super) replacements: Vec<Replacement>,
    pub(super) form: Form,
    /// As the last step, several spaces in a row become one.
    pub(super) collapse: bool,
    /// White space separates words, before `Metaspace` runs.
    pub(super) split_white: bool,
}

/// A chain together with the table that it uses.
#[derive(Clone, Copy)]
pub(super) struct Normaliser<'a> {
    pub(super) chain: &'a Chain,
    pub(super) charsmap: Option<Charsmap<'a>>,
}

impl Normaliser<'_> {
    /// Runs all steps except the last. `whole`: true if `text` is the whole part between two added tokens. `None` if a [`Charsmap`]
    /// needs the whole part and `text` is not the whole.
    fn normalise(&self, mut text: Vec<AlignedChar>, origin: usize, whole: bool) -> Option<Vec<AlignedChar>> {
        for Replacement { from, with } in &self.chain.replacements {
            let replaced = |a: AlignedChar| {
                let (new, old) = if from.contains(&a.c) { (&with[..], None) } else { ("", Some(a)) };
                old.into_iter().chain(new.chars().map(move |c| AlignedChar { c, ..a }))
            };
            text = text.into_iter().flat_map(replaced).collect();
        }
        match (self.chain.form, self.charsmap) {
            (Form::Nfkc, _) => Some(nfkc(&text, origin)),
            (Form::Precompiled, Some(charsmap)) => charsmap.normalise(&text, origin, whole),
            _ => Some(text),
        }
    }

    /// Returns what a character becomes if it does not depend on its neighbours.
    pub(super) fn classify(&self, c: char) -> Class {
        let is_stable =
            |c: char| canonical_combining_class(c) == 0 && is_nfkc_quick([c].into_iter()) == IsNormalized::Yes;
        let becomes = self.normalise(align_text(c.encode_utf8(&mut [0; 4]), 0), 0, false).unwrap_or_default();
        let [AlignedChar { c: one, .. }] = becomes[..] else { return Class::GENERIC };
        let is_independent = match self.chain.form {
            Form::AsItIs => true,
            Form::Precompiled => Charsmap::stands_alone(c),
            Form::Nfkc => {
                let replaced = self.chain.replacements.iter().any(|replacement| replacement.from.contains(&c));
                let mut first = None;
                decompose_compatible(c, |part| {
                    first.get_or_insert(part);
                });
                is_stable(one) && (replaced || first.is_some_and(is_stable))
            }
        };
        if is_independent { Class::new(Kind::Letter, one) } else { Class::GENERIC }
    }

    /// Splits a part of a text, which starts at byte `base` of the text, into words. Calls `finish` for each word; `finish` must leave
    /// `word` empty.
    pub(super) fn words<const SPANS: bool, E>(
        &self,
        characters: &Characters<'_>,
        ascii: &[Class; 128],
        (part, base): (&str, usize),
        word: &mut Word,
        mut finish: impl FnMut(&mut Word) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut metaspace = Metaspace { chain: self.chain, after_space: false };
        let mut chars = part.char_indices().map(|(at, c)| {
            let class = if c.is_ascii() { ascii[c as usize] } else { characters.class(c) };
            (at, c, class)
        });
        let mut before: Option<(usize, char, Class)> = None;
        while let Some(next) = chars.next() {
            if next.2.kind() != Kind::Generic {
                if let Some((at, c, class)) = before.replace(next) {
                    let span = (base + at, base + at + c.len_utf8());
                    metaspace.push::<SPANS, E>(class.becomes(), span, word, &mut finish)?;
                }
                continue;
            }
            let start = before.map_or(next.0, |(at, ..)| at);
            // A generic character: find the end of the run that must be normalised together.
            let depends = |after: usize| match self.chain.form {
                Form::Precompiled => {
                    let len = part[after..].chars().next().map_or(0, char::len_utf8);
                    !Charsmap::ends_with_own_grapheme(&part[start..after + len], len)
                }
                _ => false,
            };
            before = chars.by_ref().find(|&(at, _, class)| class.kind() != Kind::Generic && !depends(at));
            let end = before.map_or(part.len(), |(at, ..)| at);
            let run = align_text(&part[start..end], base + start);
            let Some(run) = self.normalise(run, base + start, start == 0 && end == part.len()) else {
                // No word was finished yet, as these are the first characters: start again with the whole part.
                let all = self.normalise(align_text(part, base), base, true).unwrap_or_default();
                for a in all {
                    metaspace.push::<SPANS, E>(a.c, (a.start, a.end), word, &mut finish)?;
                }
                return finish(word);
            };
            for a in run {
                metaspace.push::<SPANS, E>(a.c, (a.start, a.end), word, &mut finish)?;
            }
        }
        if let Some((at, c, class)) = before {
            let span = (base + at, base + at + c.len_utf8());
            metaspace.push::<SPANS, E>(class.becomes(), span, word, &mut finish)?;
        }
        finish(word)
    }
}

/// The last step of the chain, followed by `Metaspace`.
struct Metaspace<'a> {
    chain: &'a Chain,
    /// True if the previous character was a space.
    after_space: bool,
}

impl Metaspace<'_> {
    #[inline]
    fn push<const SPANS: bool, E>(
        &mut self,
        c: char,
        span: (usize, usize),
        word: &mut Word,
        finish: &mut impl FnMut(&mut Word) -> Result<(), E>,
    ) -> Result<(), E> {
        let after_space = std::mem::replace(&mut self.after_space, c == ' ');
        if self.chain.split_white && c.is_whitespace() {
            return finish(word);
        }
        match c {
            // Of several spaces in a row, the last remains.
            ' ' if after_space && self.chain.collapse => word.set_span::<SPANS>(span),
            ' ' | META => {
                finish(word)?;
                word.push::<SPANS>(META, span);
            }
            _ => {
                if word.bytes.is_empty() {
                    word.push::<SPANS>(META, span);
                }
                word.push::<SPANS>(c, span);
            }
        }
        Ok(())
    }
}
