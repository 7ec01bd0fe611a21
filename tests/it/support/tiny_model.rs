//! A BERT of a few thousand weights in a Hugging Face directory: complete, but not trained.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Map, Value, json};

use super::random::Random;

/// Characters in the vocabulary, besides ASCII; all other Chinese is `[UNK]`, as with real models.
pub const CHINESE: &str = "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家\
    十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从向量句平均池化文本模型语言词编码\
    检索相似度搜档案段落标题问答怎样什意思数据库存储索引接近邻居距离训练速快慢内外部件夹打开关闭写入读取删除更新提交结果第章节";

/// Words that are one token each; all others are split into letters.
const WORDS: &str = "the of and to in is that it for as with on by an be this are from or at which mean pooling token \
    vector sentence search model text query passage word document index near bert encoder layer attention head \
    embedding language meaning question answer cat dog rust code line file folder store commit version";

/// The properties of a tiny model. The defaults suit most tests.
#[derive(Debug, Clone)]
pub struct TinyModel {
    pub hidden: usize,
    pub layers: usize,
    pub heads: usize,
    pub intermediate: usize,
    pub positions: usize,
    pub context_length: usize,
    pub activation: &'static str,
    pub pooling: &'static str,
    pub normalise: bool,
    pub prompts: Option<(&'static str, &'static str)>,
    pub seed: u64,
    /// Texts whose words are one token each.
    pub texts: &'static str,
}

/// Texts in two scripts: a model that has their words is multilingual.
const TWO_SCRIPTS: &str = concat!(
    include_str!("../../../crates/nigh-encoder/src/reference_texts/passages/en.txt"),
    include_str!("../../../crates/nigh-encoder/src/reference_texts/passages/ru.txt"),
);

impl Default for TinyModel {
    fn default() -> Self {
        Self {
            hidden: 32,
            layers: 2,
            heads: 4,
            intermediate: 64,
            positions: 64,
            context_length: 48,
            activation: "gelu",
            pooling: "mean",
            normalise: true,
            prompts: Some(("query: ", "passage: ")),
            seed: 1,
            texts: "",
        }
    }
}

impl TinyModel {
    /// A model that the language-neutral space suits.
    pub fn multilingual() -> Self {
        Self { texts: TWO_SCRIPTS, ..Self::default() }
    }

    /// Writes the model's directory.
    pub fn write(&self, directory: &Path) {
        let put = |name: &str, value: Value| {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
        };
        let vocabulary = vocabulary(self.texts);
        put("config.json", self.config(vocabulary.len()));
        put("tokenizer.json", tokenizer(&vocabulary));
        let modes = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"];
        let flags = modes.map(|mode| {
            (
                format!("pooling_mode_{mode}"),
                json!(mode.trim_end_matches("_token").trim_end_matches("_tokens") == self.pooling),
            )
        });
        put("1_Pooling/config.json", Value::Object(Map::from_iter(flags)));
        put("sentence_bert_config.json", json!({ "max_seq_length": self.context_length, "do_lower_case": false }));
        let mut modules = vec!["Transformer", "Pooling"];
        if self.normalise {
            modules.push("Normalize");
        }
        let module = |(i, kind): (usize, &&str)| {
            let path = if i == 0 { String::new() } else { format!("{i}_{kind}") };
            json!({ "idx": i, "name": i.to_string(), "path": path, "type": format!("sentence_transformers.models.{kind}") })
        };
        put("modules.json", modules.iter().enumerate().map(module).collect());
        if let Some((query, passage)) = self.prompts {
            put("config_sentence_transformers.json", json!({ "prompts": { "query": query, "passage": passage } }));
        }
        self.write_weights(&directory.join("model.safetensors"), vocabulary.len());
    }

    fn config(&self, vocabulary: usize) -> Value {
        json!({
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": self.activation,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.intermediate,
            "max_position_embeddings": self.positions,
            "type_vocab_size": 2,
            "vocab_size": vocabulary,
            "layer_norm_eps": 1e-12,
        })
    }

    /// Names and shapes of all tensors.
    fn shapes(&self, vocabulary: usize) -> Vec<(String, Vec<usize>)> {
        let (h, wide) = (self.hidden, self.intermediate);
        let mut shapes = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![vocabulary, h]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![self.positions, h]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, h]),
            ("embeddings.LayerNorm.weight".to_owned(), vec![h]),
            ("embeddings.LayerNorm.bias".to_owned(), vec![h]),
        ];
        for layer in 0..self.layers {
            for (part, out, input) in [
                ("attention.self.query", h, h),
                ("attention.self.key", h, h),
                ("attention.self.value", h, h),
                ("attention.output.dense", h, h),
                ("intermediate.dense", wide, h),
                ("output.dense", h, wide),
            ] {
                shapes.push((format!("encoder.layer.{layer}.{part}.weight"), vec![out, input]));
                shapes.push((format!("encoder.layer.{layer}.{part}.bias"), vec![out]));
            }
            for part in ["attention.output.LayerNorm", "output.LayerNorm"] {
                shapes.push((format!("encoder.layer.{layer}.{part}.weight"), vec![h]));
                shapes.push((format!("encoder.layer.{layer}.{part}.bias"), vec![h]));
            }
        }
        shapes
    }

    fn write_weights(&self, path: &Path, vocabulary: usize) {
        let mut random = Random(self.seed);
        let mut bytes = BTreeMap::new();
        for (name, shape) in self.shapes(vocabulary) {
            // Large enough that every part of the network affects the vector.
            let (centre, spread) = match name.as_str() {
                name if name.ends_with("LayerNorm.weight") => (1.0, 0.2),
                name if name.contains("word_embeddings") => (0.0, 1.0),
                name if name.contains("embeddings") => (0.0, 0.3),
                name if name.ends_with("bias") => (0.0, 0.1),
                _ => (0.0, 1.5 / (*shape.last().unwrap() as f64).sqrt()),
            };
            let count: usize = shape.iter().product();
            let values = (0..count).flat_map(|_| ((centre + spread * random.normal()) as f32).to_le_bytes());
            bytes.insert(name, (shape, values.collect::<Vec<u8>>()));
        }
        let views =
            bytes.iter().map(|(name, (shape, data))| (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
        fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
    }
}

fn vocabulary(texts: &str) -> Vec<String> {
    let mut vocabulary: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map(str::to_owned).into();
    let printable = (b'!'..=b'~').filter(|byte| !byte.is_ascii_uppercase()).map(char::from);
    for c in printable {
        vocabulary.push(c.to_string());
        if c.is_ascii_alphanumeric() {
            vocabulary.push(format!("##{c}"));
        }
    }
    vocabulary.extend(["。", "，", "？", "、", "：", "！"].map(str::to_owned));
    vocabulary.extend(WORDS.split_whitespace().map(str::to_owned));
    vocabulary.extend(["##ing", "##ed", "##s"].map(str::to_owned));
    vocabulary.extend(CHINESE.chars().map(String::from));
    let words = texts.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // As BERT's normaliser writes them.
    vocabulary.extend(words.map(|word| word.to_lowercase().replace('й', "и").replace('ё', "е")));
    let mut seen = std::collections::HashSet::new();
    vocabulary.retain(|token| seen.insert(token.clone()));
    vocabulary
}

/// BERT's WordPiece. Like MiniLM's, the file asks for truncation and padding, which must be ignored.
fn tokenizer(vocabulary: &[String]) -> Value {
    let special = |id: usize| {
        json!({ "id": id, "content": vocabulary[id], "special": true, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false })
    };
    let token = |content: &str, kind: u32| json!({ "SpecialToken": { "id": content, "type_id": kind } });
    let sequence = |name: &str, kind: u32| json!({ "Sequence": { "id": name, "type_id": kind } });
    let named = |content: &str, id: usize| json!({ "id": content, "ids": [id], "tokens": [content] });
    let ids: Map<String, Value> = vocabulary.iter().enumerate().map(|(id, t)| (t.clone(), json!(id))).collect();
    json!({
        "version": "1.0",
        "truncation": { "max_length": 16, "strategy": "LongestFirst", "stride": 0, "direction": "Right" },
        "padding": { "strategy": { "Fixed": 16 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                     "pad_type_id": 0, "pad_token": "[PAD]" },
        "added_tokens": (0..4).map(special).collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                        "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0)],
            "pair": [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0), sequence("B", 1), token("[SEP]", 1)],
            "special_tokens": { "[CLS]": named("[CLS]", 2), "[SEP]": named("[SEP]", 3) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": ids },
    })
}
