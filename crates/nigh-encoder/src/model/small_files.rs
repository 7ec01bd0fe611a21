//! Writes the small JSON files of a model's directory, for models whose own files are not pinned or do not exist.

use serde::Serialize;

use super::catalogue::CatalogueEntry;

/// The facts that the small files state. All models of this kind are BERT, mean-pooled and normalised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) layers: usize,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) intermediate: usize,
    pub(super) vocabulary: usize,
    pub(super) positions: usize,
    pub(super) token_types: usize,
    pub(super) context_length: usize,
    pub(super) query_prefix: &'a str,
    pub(super) passage_prefix: &'a str,
}

impl From<&CatalogueEntry> for Facts<'static> {
    fn from(entry: &CatalogueEntry) -> Self {
        let &CatalogueEntry { layers, hidden, heads, intermediate, vocabulary, positions, context_length, .. } = entry;
        let (query_prefix, passage_prefix) = (entry.query_prefix, entry.passage_prefix);
        let token_types = 2;
        Self {
            layers,
            hidden,
            heads,
            intermediate,
            vocabulary,
            positions,
            token_types,
            context_length,
            query_prefix,
            passage_prefix,
        }
    }
}

/// Returns the files: paths within the model's directory, and contents (JSON, with members in the order of the structs below).
///
/// # Errors
/// Never in practice: only numbers and texts are written.
pub(super) fn small_files(facts: &Facts<'_>) -> serde_json::Result<Vec<(&'static str, String)>> {
    let config = Config {
        architectures: ["BertModel"],
        model_type: "bert",
        hidden_act: "gelu",
        hidden_size: facts.hidden,
        num_hidden_layers: facts.layers,
        num_attention_heads: facts.heads,
        intermediate_size: facts.intermediate,
        max_position_embeddings: facts.positions,
        type_vocab_size: facts.token_types,
        vocab_size: facts.vocabulary,
        layer_norm_eps: 1e-12,
        pad_token_id: 0,
        position_embedding_type: "absolute",
    };
    let pooling = Pooling {
        word_embedding_dimension: facts.hidden,
        pooling_mode_cls_token: false,
        pooling_mode_mean_tokens: true,
        pooling_mode_max_tokens: false,
        pooling_mode_mean_sqrt_len_tokens: false,
    };
    let modules = [
        Module { idx: 0, name: "0", path: "", kind: "sentence_transformers.models.Transformer" },
        Module { idx: 1, name: "1", path: "1_Pooling", kind: "sentence_transformers.models.Pooling" },
        Module { idx: 2, name: "2", path: "2_Normalize", kind: "sentence_transformers.models.Normalize" },
    ];
    let mut files = vec![
        ("config.json", text(&config)?),
        ("1_Pooling/config.json", text(&pooling)?),
        (
            "sentence_bert_config.json",
            text(&SentenceBert { max_seq_length: facts.context_length, do_lower_case: false })?,
        ),
        ("modules.json", text(&modules)?),
    ];
    if !(facts.query_prefix.is_empty() && facts.passage_prefix.is_empty()) {
        let prompts = Prompts { query: facts.query_prefix, passage: facts.passage_prefix };
        files.push(("config_sentence_transformers.json", text(&WithPrompts { prompts })?));
    }
    Ok(files)
}

fn text(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

#[derive(Serialize)]
struct Config {
    architectures: [&'static str; 1],
    model_type: &'static str,
    hidden_act: &'static str,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f64,
    pad_token_id: usize,
    position_embedding_type: &'static str,
}

#[derive(Serialize)]
struct Pooling {
    word_embedding_dimension: usize,
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_max_tokens: bool,
    pooling_mode_mean_sqrt_len_tokens: bool,
}

#[derive(Serialize)]
struct SentenceBert {
    max_seq_length: usize,
    do_lower_case: bool,
}

#[derive(Serialize)]
struct Module {
    idx: usize,
    name: &'static str,
    path: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct WithPrompts<'a> {
    prompts: Prompts<'a>,
}

#[derive(Serialize)]
struct Prompts<'a> {
    query: &'a str,
    passage: &'a str,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::super::catalogue::{DEFAULT_MODEL, entry};
    use super::*;

    #[test]
    fn small_files_have_the_facts_of_the_catalogue() {
        let files = small_files(&Facts::from(entry(DEFAULT_MODEL).unwrap())).unwrap();
        let file = |path: &str| -> serde_json::Value {
            serde_json::from_str(&files.iter().find(|(p, _)| *p == path).unwrap().1).unwrap()
        };
        assert_eq!(file("config.json")["vocab_size"], 250_037);
        assert_eq!(file("sentence_bert_config.json")["max_seq_length"], 512);
        assert_eq!(file("config_sentence_transformers.json")["prompts"]["passage"], "passage: ");
        assert_eq!(file("modules.json")[2]["type"], "sentence_transformers.models.Normalize");
        let plain = small_files(&Facts::from(entry("all-MiniLM-L6-v2").unwrap())).unwrap();
        assert!(plain.iter().all(|(path, _)| *path != "config_sentence_transformers.json"));
    }
}
