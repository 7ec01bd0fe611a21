//! The small JSON files of a model's directory, for the models whose own are not pinned, or do not exist.

use serde_json::{Value, json};

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
    pub(super) window: usize,
    pub(super) query_prefix: &'a str,
    pub(super) passage_prefix: &'a str,
}

impl From<&CatalogueEntry> for Facts<'static> {
    fn from(entry: &CatalogueEntry) -> Self {
        let &CatalogueEntry { layers, hidden, heads, intermediate, vocabulary, positions, window, .. } = entry;
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
            window,
            query_prefix,
            passage_prefix,
        }
    }
}

/// Paths within the model's directory, and contents.
pub(super) fn of(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let mut files = vec![
        (
            "config.json",
            json!({
                "architectures": ["BertModel"],
                "model_type": "bert",
                "hidden_act": "gelu",
                "hidden_size": facts.hidden,
                "num_hidden_layers": facts.layers,
                "num_attention_heads": facts.heads,
                "intermediate_size": facts.intermediate,
                "max_position_embeddings": facts.positions,
                "type_vocab_size": facts.token_types,
                "vocab_size": facts.vocabulary,
                "layer_norm_eps": 1e-12,
                "pad_token_id": 0,
                "position_embedding_type": "absolute",
            }),
        ),
        (
            "1_Pooling/config.json",
            json!({
                "word_embedding_dimension": facts.hidden,
                "pooling_mode_cls_token": false,
                "pooling_mode_mean_tokens": true,
                "pooling_mode_max_tokens": false,
                "pooling_mode_mean_sqrt_len_tokens": false,
            }),
        ),
        ("sentence_bert_config.json", json!({ "max_seq_length": facts.window, "do_lower_case": false })),
        (
            "modules.json",
            json!([
                { "idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer" },
                { "idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling" },
                { "idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize" },
            ]),
        ),
    ];
    if !(facts.query_prefix.is_empty() && facts.passage_prefix.is_empty()) {
        files.push((
            "config_sentence_transformers.json",
            json!({ "prompts": { "query": facts.query_prefix, "passage": facts.passage_prefix } }),
        ));
    }
    files
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::super::catalogue::{DEFAULT_MODEL, entry};
    use super::*;

    #[test]
    fn the_catalogues_facts_arrive() {
        let files = of(&Facts::from(entry(DEFAULT_MODEL).unwrap()));
        let file = |path: &str| &files.iter().find(|(p, _)| *p == path).unwrap().1;
        assert_eq!(file("config.json")["vocab_size"], 250_037);
        assert_eq!(file("sentence_bert_config.json")["max_seq_length"], 512);
        assert_eq!(file("config_sentence_transformers.json")["prompts"]["passage"], "passage: ");
        assert_eq!(file("modules.json")[2]["type"], "sentence_transformers.models.Normalize");
        let plain = of(&Facts::from(entry("all-MiniLM-L6-v2").unwrap()));
        assert!(plain.iter().all(|(path, _)| *path != "config_sentence_transformers.json"));
    }
}
