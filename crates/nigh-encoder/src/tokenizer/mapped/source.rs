//! The parts of a tokenizer.json that the mapped form supports. A file with any other field or value is left to the general
//! form.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A tokenizer.json.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) version: String,
    // Ignored: truncation and padding are always switched off.
    #[serde(rename = "truncation", default)]
    _truncation: Option<IgnoredAny>,
    #[serde(rename = "padding", default)]
    _padding: Option<IgnoredAny>,
    pub(super) added_tokens: Vec<Added>,
    pub(super) normalizer: Option<Normalizer>,
    pub(super) pre_tokenizer: PreTokenizer,
    pub(super) post_processor: PostProcessor,
    // Ignored: nothing is ever decoded.
    #[serde(rename = "decoder", default)]
    _decoder: Option<IgnoredAny>,
    pub(super) model: Model,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) content: String,
    pub(super) single_word: bool,
    pub(super) lstrip: bool,
    pub(super) rstrip: bool,
    pub(super) normalized: bool,
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
    Template { single: Vec<Piece>, pair: Vec<Piece>, special_tokens: HashMap<String, Special> },
    #[serde(rename = "BertProcessing")]
    Bert { sep: (String, u32), cls: (String, u32) },
    #[serde(rename = "RobertaProcessing")]
    Roberta {
        sep: (String, u32),
        cls: (String, u32),
        trim_offsets: bool,
        #[serde(rename = "add_prefix_space")]
        _add_prefix_space: bool,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Piece {
    Sequence { id: Text, type_id: u32 },
    SpecialToken { id: String, type_id: u32 },
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
pub(super) enum Text {
    A,
    B,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Special {
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
