//! A BERT of one layer with random weights in a Hugging Face folder: nothing is downloaded, and encoding is fast.

use super::corpus;
use super::random::Random;
use crate::run::{Result, TaskFailure};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const HIDDEN: usize = 64;
const INTERMEDIATE: usize = 128;
const POSITIONS: usize = 128;
/// The context length in tokens, special tokens included.
const CONTEXT_LENGTH: usize = 112;

/// Writes the model's folder.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write(folder: &Path, seed: u64) -> Result {
    let vocabulary = vocabulary();
    let write_file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, bytes)).map_err(TaskFailure::io("write", &path))
    };
    let config = json!({
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": HIDDEN,
        "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": INTERMEDIATE,
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "vocab_size": vocabulary.len(), "layer_norm_eps": 1e-12,
    });
    let module = |at: usize, kind: &str, path: &str| json!({ "idx": at, "name": at.to_string(), "path": path, "type": format!("sentence_transformers.models.{kind}") });
    let modules =
        json!([module(0, "Transformer", ""), module(1, "Pooling", "1_Pooling"), module(2, "Normalize", "2_Normalize")]);
    write_file("config.json", config.to_string().as_bytes())?;
    write_file("modules.json", modules.to_string().as_bytes())?;
    write_file("1_Pooling/config.json", json!({ "pooling_mode_mean_tokens": true }).to_string().as_bytes())?;
    write_file(
        "sentence_bert_config.json",
        json!({ "max_seq_length": CONTEXT_LENGTH, "do_lower_case": false }).to_string().as_bytes(),
    )?;
    write_file("tokenizer.json", tokenizer(&vocabulary).to_string().as_bytes())?;
    write_file("model.safetensors", &weights(vocabulary.len(), seed))
}

/// Special tokens, printable ASCII with its continuations, and the words and characters of the corpus.
fn vocabulary() -> Vec<String> {
    let mut vocabulary: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map(str::to_owned).into();
    for c in (b'!'..=b'~').filter(|byte| !byte.is_ascii_uppercase()).map(char::from) {
        vocabulary.push(c.to_string());
        if c.is_ascii_alphanumeric() {
            vocabulary.push(format!("##{c}"));
        }
    }
    vocabulary.extend(corpus::ENGLISH.split_whitespace().map(str::to_owned));
    vocabulary.extend(corpus::CHINESE.chars().filter(|c| !c.is_whitespace()).map(String::from));
    let mut seen = BTreeSet::new();
    vocabulary.retain(|token| seen.insert(token.clone()));
    vocabulary
}

fn tokenizer(vocabulary: &[String]) -> Value {
    let added = |id: usize| {
        json!({ "id": id, "content": vocabulary[id], "special": true, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false })
    };
    let special = |content: &str, kind: u8| json!({ "SpecialToken": { "id": content, "type_id": kind } });
    let sequence = |name: &str, kind: u8| json!({ "Sequence": { "id": name, "type_id": kind } });
    let special_token = |content: &str, id: usize| json!({ "id": content, "ids": [id], "tokens": [content] });
    let ids: Map<String, Value> = vocabulary.iter().enumerate().map(|(id, token)| (token.clone(), json!(id))).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": (0..4).map(added).collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                        "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
            "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
            "special_tokens": { "[CLS]": special_token("[CLS]", 2), "[SEP]": special_token("[SEP]", 3) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": ids },
    })
}

/// Returns the content of model.safetensors: the header's length, the header in JSON, the numbers.
fn weights(vocabulary: usize, seed: u64) -> Vec<u8> {
    let (h, wide) = (HIDDEN, INTERMEDIATE);
    let mut shapes: Vec<(String, Vec<usize>)> = vec![
        ("embeddings.word_embeddings.weight".into(), vec![vocabulary, h]),
        ("embeddings.position_embeddings.weight".into(), vec![POSITIONS, h]),
        ("embeddings.token_type_embeddings.weight".into(), vec![2, h]),
    ];
    let layer = "encoder.layer.0";
    for (part, rows, columns) in [
        ("attention.self.query", h, h),
        ("attention.self.key", h, h),
        ("attention.self.value", h, h),
        ("attention.output.dense", h, h),
        ("intermediate.dense", wide, h),
        ("output.dense", h, wide),
    ] {
        shapes.push((format!("{layer}.{part}.weight"), vec![rows, columns]));
        shapes.push((format!("{layer}.{part}.bias"), vec![rows]));
    }
    for norm in ["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"] {
        shapes.push((format!("{norm}.LayerNorm.weight"), vec![h]));
        shapes.push((format!("{norm}.LayerNorm.bias"), vec![h]));
    }
    let mut random = Random(seed);
    let (mut header, mut numbers) = (Map::new(), Vec::new());
    for (name, shape) in shapes {
        let (centre, spread) = match name.as_str() {
            name if name.ends_with("LayerNorm.weight") => (1.0, 0.1),
            name if name.ends_with("bias") => (0.0, 0.1),
            name if name.starts_with("embeddings.word") => (0.0, 1.0),
            _ => (0.0, 0.2),
        };
        let start = numbers.len();
        for _ in 0..shape.iter().product::<usize>() {
            numbers.extend_from_slice(&(centre + spread * random.normal()).to_le_bytes());
        }
        header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, numbers.len()] }));
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(numbers);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_where_the_header_says() {
        let file = weights(300, 1);
        let (length, rest) = file.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let header: Map<String, Value> = serde_json::from_slice(&rest[..length]).unwrap();
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for (name, tensor) in &header {
            let span = |at: usize| tensor["data_offsets"][at].as_u64().unwrap();
            let numbers: u64 = tensor["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).product();
            assert_eq!(span(1) - span(0), 4 * numbers, "{name}");
            spans.push((span(0), span(1)));
        }
        spans.sort_unstable();
        assert!(spans.windows(2).all(|two| two[0].1 == two[1].0));
        assert_eq!(spans.last().unwrap().1 as usize, rest.len() - length);
        assert_eq!(file, weights(300, 1));
        assert_ne!(file, weights(300, 2));
    }
}
