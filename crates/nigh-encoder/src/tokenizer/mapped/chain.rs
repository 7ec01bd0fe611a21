//! The normalisers that go with Unigram, and `Metaspace`: a text into words that begin with "▁".
//!
//! What hangs on nothing around it is taken from the table of characters. Where something does ([`Kind::Generic`]), it is
//! normalised together with the character before it, step by step as `tokenizers` would: neither step looks further.

use serde::{Deserialize, Serialize};
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization_alignments::{IsNormalized, is_nfkc_quick};

use super::aligned::{AlignedChar, aligned, nfkc};
use super::characters::{Characters, Class, Kind};
use super::charsmap::Charsmap;
use super::word::Word;

/// What stands for a space.
pub(super) const META: char = '▁';

/// One character, whichever of a set, becomes something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Replacement {
    pub(super) of: Vec<char>,
    pub(super) with: String,
}

/// What comes after the replacements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Form {
    AsItIs,
    Nfkc,
    /// By the table; there are no replacements before it.
    Precompiled,
}

/// Normaliser and pre-tokenizer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Chain {
    pub(super) replacements: Vec<Replacement>,
    pub(super) form: Form,
    /// Several spaces in a row become one, at last.
    pub(super) collapse: bool,
    /// White space parts the text before `Metaspace` sees it.
    pub(super) split_white: bool,
}

/// A chain at work.
#[derive(Clone, Copy)]
pub(super) struct Normaliser<'a> {
    pub(super) chain: &'a Chain,
    pub(super) charsmap: Option<Charsmap<'a>>,
}

impl Normaliser<'_> {
    /// All steps but the last. `None` where a [`Charsmap`] must have all of the part, which `whole` says it has.
    fn normalise(&self, mut text: Vec<AlignedChar>, origin: usize, whole: bool) -> Option<Vec<AlignedChar>> {
        for Replacement { of, with } in &self.chain.replacements {
            let replaced = |a: AlignedChar| {
                let (new, old) = if of.contains(&a.c) { (&with[..], None) } else { ("", Some(a)) };
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

    /// What becomes of a character on its own.
    pub(super) fn classify(&self, c: char) -> Class {
        let plain = |c: char| canonical_combining_class(c) == 0 && is_nfkc_quick([c].into_iter()) == IsNormalized::Yes;
        let becomes = self.normalise(aligned(c.encode_utf8(&mut [0; 4]), 0), 0, false).unwrap_or_default();
        let [AlignedChar { c: one, .. }] = becomes[..] else { return Class::GENERIC };
        let alone = match self.chain.form {
            Form::AsItIs => true,
            Form::Precompiled => Charsmap::stands_alone(c),
            Form::Nfkc => {
                let replaced = self.chain.replacements.iter().any(|replacement| replacement.of.contains(&c));
                let mut first = None;
                decompose_compatible(c, |part| {
                    first.get_or_insert(part);
                });
                plain(one) && (replaced || first.is_some_and(plain))
            }
        };
        if alone { Class::new(Kind::Letter, one) } else { Class::GENERIC }
    }

    /// Cuts a part of a text, at byte `base` of it, into words. `finish` takes each, and the word is empty afterwards.
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
            let hangs = |after: usize| match self.chain.form {
                Form::Precompiled => {
                    let len = part[after..].chars().next().map_or(0, char::len_utf8);
                    !Charsmap::parted(&part[start..after + len], len)
                }
                _ => false,
            };
            before = chars.by_ref().find(|&(at, _, class)| class.kind() != Kind::Generic && !hangs(at));
            let end = before.map_or(part.len(), |(at, ..)| at);
            let run = aligned(&part[start..end], base + start);
            let Some(run) = self.normalise(run, base + start, start == 0 && end == part.len()) else {
                // Nothing was given out yet, as these are the first characters.
                let all = self.normalise(aligned(part, base), base, true).unwrap_or_default();
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

/// The last step of the chain, and `Metaspace` behind it.
struct Metaspace<'a> {
    chain: &'a Chain,
    /// Whether the character before was a space.
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
            // Of several spaces the last is what remains.
            ' ' if after_space && self.chain.collapse => word.moved::<SPANS>(span),
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
