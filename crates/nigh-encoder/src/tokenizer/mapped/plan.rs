//! Turns a tokenizer.json into a plan for the mapped form, or says why the mapped form does not support it. Anything that is not
//! known exactly is refused.

use std::collections::HashSet;

use super::added::AddedToken;
use super::bert::Bert;
use super::chain::{Chain, Form, META, Replacement};
use super::source::{
    AddedTokenJson, Model, Normalizer, Pattern, PostProcessor, PreTokenizer, TemplatePiece, TemplateText, TokenizerJson,
};
use super::template::{Slot, Template};

/// The steps and the vocabulary of a supported tokenizer.json.
pub(super) struct Plan {
    pub(super) added: Vec<AddedToken>,
    pub(super) template: Template,
    pub(super) family: Family,
}

/// The kind of model, with its normaliser and vocabulary.
pub(super) enum Family {
    WordPiece { bert: Bert, unknown: u32, prefix: String, max_chars: u64, vocabulary: Vec<(String, u32)> },
    Unigram { chain: Chain, charsmap: Option<Vec<u8>>, unknown: u32, vocabulary: Vec<(String, f64)> },
}

/// The feature that the mapped form does not support, in a few words.
type Unsupported = String;

/// Reads a tokenizer.json.
pub(super) fn plan(json: &[u8]) -> Result<Plan, Unsupported> {
    let source: TokenizerJson = serde_json::from_slice(json).map_err(|cause| cause.to_string())?;
    if source.version != "1.0" {
        return Err("another version".to_owned());
    }
    let family = match (source.model, source.normalizer) {
        (
            Model::WordPiece { unk_token, continuing_subword_prefix, max_input_chars_per_word, vocab },
            Some(Normalizer::Bert { clean_text, handle_chinese_chars, strip_accents, lowercase }),
        ) => {
            if !matches!(source.pre_tokenizer, PreTokenizer::Bert {}) {
                return Err("WordPiece with another pre-tokenizer".to_owned());
            }
            let strip_accents = strip_accents.unwrap_or(lowercase);
            Family::WordPiece {
                bert: Bert { clean_text, handle_chinese_chars, strip_accents, lowercase },
                unknown: *vocab.get(&unk_token).ok_or("an unknown token that is not in the vocabulary")?,
                prefix: continuing_subword_prefix,
                max_chars: max_input_chars_per_word,
                vocabulary: vocab.into_iter().collect(),
            }
        }
        (Model::Unigram { unk_id, vocab, byte_fallback: false }, normalizer) => {
            let unknown =
                unk_id.filter(|&id| (id as usize) < vocab.len()).ok_or("a Unigram without an unknown token")?;
            let (mut chain, charsmap) = read_chain(normalizer)?;
            chain.split_white = read_pre_tokenizer(source.pre_tokenizer)?;
            Family::Unigram { chain, charsmap, unknown, vocabulary: vocab }
        }
        (Model::WordPiece { .. }, _) => return Err("WordPiece with another normaliser".to_owned()),
        (Model::Unigram { .. }, _) => return Err("byte fallback".to_owned()),
    };
    let added = read_added(source.added_tokens, &family)?;
    Ok(Plan { added, template: read_template(source.post_processor)?, family })
}

/// Checks the added tokens. `tokenizers` ignores the ids in the file: a token that is also a piece gets the id of the piece, any
/// other token the next id after the vocabulary. So a file with other ids is refused.
fn read_added(tokens: Vec<AddedTokenJson>, family: &Family) -> Result<Vec<AddedToken>, Unsupported> {
    let (pieces, len): (std::collections::HashMap<&str, u32>, usize) = match family {
        Family::WordPiece { vocabulary, .. } => {
            (vocabulary.iter().map(|(piece, id)| (&piece[..], *id)).collect(), vocabulary.len())
        }
        Family::Unigram { vocabulary, .. } => {
            (vocabulary.iter().map(|(piece, _)| &piece[..]).zip(0..).collect(), vocabulary.len())
        }
    };
    let strips = tokens.iter().any(|token| token.lstrip || token.rstrip);
    let (mut ids, mut contents) = (HashSet::new(), HashSet::new());
    let mut next = len as u32;
    let mut added = Vec::new();
    for token in tokens {
        let AddedTokenJson { id, content, single_word, lstrip, rstrip, normalized, .. } = token;
        if single_word || normalized || content.is_empty() || strips && content.contains(char::is_whitespace) {
            return Err(format!("the added token {content:?}"));
        }
        let assigned = pieces.get(&content[..]).copied().unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        if assigned != id || !ids.insert(id) || !contents.insert(content.clone()) {
            return Err(format!("the id of the added token {content:?}"));
        }
        added.push(AddedToken { content, id, takes_left: lstrip, takes_right: rstrip });
    }
    Ok(added)
}

/// Reads the normaliser: replacements of single characters and then NFKC, or a table; then, optionally, spaces collapsed.
fn read_chain(normalizer: Option<Normalizer>) -> Result<(Chain, Option<Vec<u8>>), Unsupported> {
    let steps = match normalizer {
        None => Vec::new(),
        Some(Normalizer::Sequence { normalizers }) => normalizers,
        Some(step) => vec![step],
    };
    let mut chain = Chain { replacements: Vec::new(), form: Form::AsItIs, collapse: false, split_white: false };
    let mut charsmap = None;
    for step in steps {
        if chain.collapse {
            return Err("a normaliser after the collapsing of spaces".to_owned());
        }
        let may_replace = chain.form == Form::AsItIs;
        match step {
            Normalizer::Replace { pattern: Pattern::Regex(regex), content } if regex == " {2,}" && content == " " => {
                chain.collapse = true;
            }
            Normalizer::Replace { pattern, content } if may_replace => {
                let from = single_characters(&pattern).ok_or("a pattern that is not a set of characters")?;
                chain.replacements.push(Replacement { from, with: content });
            }
            Normalizer::Nfkc {} if may_replace => chain.form = Form::Nfkc,
            Normalizer::Precompiled { precompiled_charsmap } if may_replace && chain.replacements.is_empty() => {
                chain.form = Form::Precompiled;
                let table =
                    base64(&precompiled_charsmap).filter(|bytes| super::charsmap::Charsmap::read(bytes).is_some());
                charsmap = Some(table.ok_or("an invalid table of normalised characters")?);
            }
            _ => return Err("normalisers in another order".to_owned()),
        }
    }
    Ok((chain, charsmap))
}

/// Returns the characters of a regular expression like `[\x{9}\x{a}]`, or of a string of one character.
fn single_characters(pattern: &Pattern) -> Option<Vec<char>> {
    match pattern {
        Pattern::String(text) => {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none()).map(|c| vec![c])
        }
        Pattern::Regex(regex) => {
            let escapes = regex.strip_prefix(r"[\x{")?.strip_suffix("}]")?;
            let point = |digits: &str| {
                let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
                is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32)
            };
            escapes.split(r"}\x{").map(point).collect()
        }
    }
}

/// Reads the pre-tokenizer. Returns whether white space separates words before `Metaspace` runs.
fn read_pre_tokenizer(pre_tokenizer: PreTokenizer) -> Result<bool, Unsupported> {
    let mut steps = match pre_tokenizer {
        PreTokenizer::Sequence { pretokenizers } => pretokenizers,
        step => vec![step],
    };
    let last = steps.pop();
    let split_white = match steps[..] {
        [] => false,
        [PreTokenizer::WhitespaceSplit {}] => true,
        _ => return Err("other pre-tokenizers before Metaspace".to_owned()),
    };
    let scheme_is_always = |scheme: &Option<String>| scheme.as_ref().is_none_or(|scheme| scheme == "always");
    match last {
        Some(PreTokenizer::Metaspace {
            replacement: META,
            add_prefix_space: None | Some(true),
            split: None | Some(true),
            prepend_scheme,
            ..
        }) if scheme_is_always(&prepend_scheme) => Ok(split_white),
        _ => Err("Unigram with another pre-tokenizer".to_owned()),
    }
}

/// Reads the template of the special tokens.
fn read_template(processor: PostProcessor) -> Result<Template, Unsupported> {
    let text = |second, segment| Slot::Text { second, segment };
    let special = |id: u32, segment| Slot::Special { ids: vec![id], segment };
    match processor {
        PostProcessor::Template { single, pair, special_tokens } => {
            let slots = |pieces: Vec<TemplatePiece>, texts: &[TemplateText]| {
                let used = |piece: &TemplatePiece| {
                    if let TemplatePiece::Sequence { id, .. } = piece { Some(*id) } else { None }
                };
                if pieces.iter().filter_map(used).collect::<Vec<_>>() != texts {
                    return Err("a template that does not use each text once, in order".to_owned());
                }
                let slot = |piece| match piece {
                    TemplatePiece::Sequence { id, type_id } => Ok(text(id == TemplateText::B, type_id)),
                    TemplatePiece::SpecialToken { id, type_id } => {
                        let token = special_tokens.get(&id).filter(|token| token.ids.len() == token.tokens.len());
                        let ids = token.ok_or_else(|| format!("the special token {id:?}"))?.ids.clone();
                        Ok(Slot::Special { ids, segment: type_id })
                    }
                };
                pieces.into_iter().map(slot).collect()
            };
            Ok(Template {
                single: slots(single, &[TemplateText::A])?,
                pair: slots(pair, &[TemplateText::A, TemplateText::B])?,
            })
        }
        PostProcessor::Bert { sep: (_, sep), cls: (_, cls) } => Ok(Template {
            single: vec![special(cls, 0), text(false, 0), special(sep, 0)],
            pair: vec![special(cls, 0), text(false, 0), special(sep, 0), text(true, 1), special(sep, 1)],
        }),
        PostProcessor::Roberta { sep: (_, sep), cls: (_, cls), trim_offsets: false, .. } => Ok(Template {
            single: vec![special(cls, 0), text(false, 0), special(sep, 0)],
            pair: vec![
                special(cls, 0),
                text(false, 0),
                special(sep, 0),
                special(sep, 0),
                text(true, 0),
                special(sep, 0),
            ],
        }),
        PostProcessor::Roberta { .. } => Err("offsets that are trimmed".to_owned()),
    }
}

/// Decodes base64 with the standard alphabet and padding. `None` for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    // The bits that are not yet a whole byte, and their number.
    let (mut pending, mut bits) = (0u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        pending = pending << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits) as u8);
            pending &= (1 << bits) - 1;
        }
    }
    (pending == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_strict() {
        assert_eq!(base64("AAECA/+/"), Some(vec![0, 1, 2, 3, 255, 191]));
        assert_eq!((base64("Zm8="), base64("Zg=="), base64("")), (Some(b"fo".into()), Some(b"f".into()), Some(vec![])));
        for wrong in ["Zg", "Zg=", "Z===", "Zh==", "Zm 8", "Zm=8", "Zm-8"] {
            assert_eq!(base64(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn single_characters_are_read_from_plain_sets_only() {
        let read = |regex: &str| single_characters(&Pattern::Regex(regex.to_owned()));
        assert_eq!(read(r"[\x{9}\x{200b}\x{10ffff}]"), Some(vec!['\t', '\u{200b}', '\u{10ffff}']));
        for other in
            [r"[]", r"[\x{}]", r"[^\x{9}]", r"[\x{9}-\x{c}]", r"[\x{9}]+", r"[\x{d800}]", r"[\x{+9}]", "[a]", ""]
        {
            assert_eq!(read(other), None, "{other}");
        }
        let literal = |text: &str| single_characters(&Pattern::String(text.to_owned()));
        assert_eq!((literal("é"), literal(""), literal("``")), (Some(vec!['é']), None, None));
    }
}
