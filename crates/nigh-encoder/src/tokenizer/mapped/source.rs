//! The fields and values of a tokenizer.json that the mapped form (our own tokenizer, see `mod.rs`) supports. A file with any other
//! field or value is left to the general form: the crate `tokenizers`.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A tokenizer.json.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenizerJson {
    pub(super) version: String,
    // Ignored: truncation and padding are always switched off.
    #[serde(rename = "truncation", default)]
    _truncation: Option<IgnoredAny>,
    #[serde(rename = "padding", default)]
    _padding: Option<IgnoredAny>,
    pub(super) added_tokens: Vec<AddedTokenJson>,
    pub(super) normalizer: Option<Normalizer>,
    pub(super) pre_tokenizer: PreTokenizer,
    pub(super) post_processor: PostProcessor,
    // Ignored: nothing is ever decoded.
    #[serde(rename = "decoder", default)]
    _decoder: Option<IgnoredAny>,
    pub(super) model: Model,
}

/// A token that is found in the text before the text is divided into words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddedTokenJson {
    pub(super) id: u32,
    pub(super) content: String,
    pub(super) single_word: bool,
    pub(super) lstrip: bool,
    pub(super) rstrip: bool,
    pub(super) normalized: bool,
    // Ignored: it only matters when tokens are decoded.
    #[serde(rename = "special")]
    _special: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Normalizer {
    #[serde(rename = "BertNormalizer")]
    Bert {
        clean_text: bool,
        handle_chinese_chars: bool,
        strip_accents: Option<bool>,
        lowercase: bool,
    },
    Sequence {
        normalizers: Vec<Self>,
    },
    Replace {
        pattern: Pattern,
        content: String,
    },
    #[serde(rename = "NFKC")]
    Nfkc {},
    Precompiled {
        precompiled_charsmap: String,
    },
}

#[derive(Deserialize)]
pub(super) enum Pattern {
    String(String),
    Regex(String),
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PreTokenizer {
    #[serde(rename = "BertPreTokenizer")]
    Bert {},
    WhitespaceSplit {},
    Metaspace {
        replacement: char,
        add_prefix_space: Option<bool>,
        prepend_scheme: Option<String>,
        split: Option<bool>,
        // Ignored: a copy of `replacement`.
        #[serde(rename = "str_rep")]
        _str_rep: Option<String>,
    },
    Sequence {
        pretokenizers: Vec<Self>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PostProcessor {
    #[serde(rename = "TemplateProcessing")]
    Template { single: Vec<TemplatePiece>, pair: Vec<TemplatePiece>, special_tokens: HashMap<String, SpecialTokenJson> },
    #[serde(rename = "BertProcessing")]
    Bert { sep: (String, u32), cls: (String, u32) },
    #[serde(rename = "RobertaProcessing")]
    Roberta {
        sep: (String, u32),
        cls: (String, u32),
        trim_offsets: bool,
        // Ignored: it only matters for offsets, which are not used.
        #[serde(rename = "add_prefix_space")]
        _add_prefix_space: bool,
    },
}

/// A part of the template of the model's input: a text or a special token, with its segment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum TemplatePiece {
    Sequence { id: TemplateText, type_id: u32 },
    SpecialToken { id: String, type_id: u32 },
}

/// The first or the second text of the input.
#[derive(Deserialize, Clone, Copy, PartialEq)]
pub(super) enum TemplateText {
    A,
    B,
}

/// The tokens that a special token of the template stands for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecialTokenJson {
    #[serde(rename = "id")]
    _id: String,
    pub(super) ids: Vec<u32>,
    pub(super) tokens: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Model {
    WordPiece {
        unk_token: String,
        continuing_subword_prefix: String,
        max_input_chars_per_word: u64,
        vocab: HashMap<String, u32>,
    },
    Unigram {
        unk_id: Option<u32>,
        vocab: Vec<(String, f64)>,
        #[serde(default)]
        byte_fallback: bool,
    },
}
