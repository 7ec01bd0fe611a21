//! Compares the mapped form with the `tokenizers` crate.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | both forms on the same texts; tokenizers that are not supported |
//! | `packed.rs` | the packed file: written, outdated, damaged, not writable |
//! | `tiny.rs` | small tokenizers of each supported kind |
//! | `nasty.rs` | generates unusual texts |

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests may fail loudly")]

mod nasty;
mod packed;
mod tiny;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use self::nasty::{Random, nasty};
use super::*;

/// A tokenizer.json in a directory of its own.
struct TokenizerFolder(tempfile::TempDir);

impl TokenizerFolder {
    /// Writes `document` as a tokenizer.json.
    fn with(document: &Value) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.json(), serde_json::to_vec(document).unwrap()).unwrap();
        folder
    }

    fn json(&self) -> PathBuf {
        self.0.path().join("tokenizer.json")
    }

    fn packed(&self) -> PathBuf {
        mapped::packed_path(&self.json())
    }

    fn load(&self) -> Tokenizer {
        Tokenizer::load(&self.json()).unwrap()
    }
}

/// The mapped and the general form of one tokenizer.
struct BothForms {
    mapped: Box<Mapped>,
    general: General,
    _folder: TokenizerFolder,
}

impl BothForms {
    fn load(document: &Value) -> Self {
        let folder = TokenizerFolder::with(document);
        let why = mapped::refusal(&serde_json::to_vec(document).unwrap());
        let Tokenizer { mapped: Some(mapped), general, .. } = folder.load() else { panic!("not supported: {why:?}") };
        assert!(general.get().is_none(), "the general form was loaded in addition to the mapped one");
        Self { mapped, general: General::load(&folder.json()).unwrap(), _folder: folder }
    }

    fn compare(&self, text: &str) {
        let ids = self.general.encode(text).unwrap().ids;
        assert_eq!(self.mapped.encode(text).unwrap().ids, ids, "ids of {text:?}");
        let offsets = self.general.offsets(text).unwrap();
        assert_eq!(self.mapped.offsets(text).unwrap(), offsets, "offsets of {text:?}");
        assert_eq!(self.mapped.count(text).unwrap(), offsets.len(), "tokens of {text:?}");
        let (input, plain) = self.mapped.with_plain_tokens(text).unwrap();
        let (same_input, same_plain) = self.general.with_plain_tokens(text).unwrap();
        assert_eq!((&input.ids, &same_input.ids), (&ids, &ids), "ids with plain tokens of {text:?}");
        assert_eq!((&plain.ids, &plain.ranges), (&same_plain.ids, &same_plain.ranges), "plain tokens of {text:?}");
        assert_eq!(plain.ranges, offsets, "ranges of plain tokens of {text:?}");
    }

    fn compare_pair(&self, first: &str, second: &str) {
        let (mapped, general) =
            (self.mapped.encode_pair(first, second).unwrap(), self.general.encode_pair(first, second).unwrap());
        assert_eq!((mapped.ids, mapped.token_type_ids), (general.ids, general.token_type_ids), "{first:?} {second:?}");
    }
}

/// Returns a WordPiece tokenizer with these options of its normaliser.
fn bert(clean: bool, chinese: bool, strip: Value, lower: bool) -> Value {
    let mut document = tiny::wordpiece();
    document["normalizer"] = json!({ "type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
        "strip_accents": strip, "lowercase": lower });
    document
}

/// Returns tokenizers of every supported kind.
fn supported() -> Vec<Value> {
    let mut all = vec![
        tiny::wordpiece(),
        bert(false, true, json!(true), false),
        bert(true, false, json!(false), true),
        bert(true, true, json!(true), false),
        bert(false, false, json!(false), false),
        tiny::unigram(-14.5, 0.07),
        // With such high scores, two unknown characters are better than a piece.
        tiny::unigram(30.0, 0.25),
        tiny::xlm_roberta(&tiny::small_charsmap()),
    ];
    let mut processed = tiny::wordpiece();
    processed["post_processor"] = json!({ "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] });
    processed["model"]["max_input_chars_per_word"] = json!(7);
    processed["model"]["continuing_subword_prefix"] = json!("");
    // An added token that is not a piece, and takes white space on both sides.
    let mut new = tiny::special(processed["model"]["vocab"].as_object().unwrap().len(), "[MASK]x");
    new["rstrip"] = json!(true);
    new["lstrip"] = json!(true);
    processed["added_tokens"].as_array_mut().unwrap().push(new);
    all.push(processed);
    let mut plain = tiny::unigram(-9.0, 0.1);
    plain["normalizer"] = Value::Null;
    plain["post_processor"] = json!({ "type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
        "trim_offsets": false, "add_prefix_space": true });
    all.push(plain);
    let mut literal = tiny::unigram(-9.0, 0.1);
    literal["normalizer"] = json!({ "type": "Sequence", "normalizers": [
        { "type": "Replace", "pattern": { "String": "`" }, "content": "''" },
        { "type": "Replace", "pattern": { "Regex": r"[\x{301}\x{61}]" }, "content": "e\u{323}" },
        { "type": "Sequence", "normalizers": [] },
    ] });
    literal["normalizer"]["normalizers"].as_array_mut().unwrap().pop();
    all.push(literal);
    let mut collapsed = tiny::xlm_roberta(&tiny::small_charsmap());
    let step = json!({ "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " });
    collapsed["normalizer"] = json!({ "type": "Sequence", "normalizers": [collapsed["normalizer"], step] });
    collapsed["pre_tokenizer"] = json!({ "type": "Metaspace", "replacement": "▁", "add_prefix_space": true });
    all.push(collapsed);
    all
}

#[test]
fn both_forms_agree_on_samples_and_random_texts() {
    for (i, document) in supported().iter().enumerate() {
        let both = BothForms::load(document);
        SAMPLES.iter().for_each(|text| both.compare(text));
        let mut random = Random(i as u64);
        for _ in 0..4000 {
            both.compare(&nasty(&mut random));
        }
        for _ in 0..300 {
            both.compare_pair(&nasty(&mut random), &nasty(&mut random));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same as above, but proptest shrinks a failing text to the shortest one.
    #[test]
    fn both_forms_agree_on_any_text(
        parts in prop::collection::vec(
            prop_oneof![any::<char>().prop_map(String::from), any::<u64>().prop_map(|seed| nasty(&mut Random(seed)))], 0..6
        ),
        any in ".{0,40}",
    ) {
        static ALL: OnceLock<Vec<BothForms>> = OnceLock::new();
        let text = parts.concat() + &any;
        for both in ALL.get_or_init(|| supported().iter().map(BothForms::load).collect()) {
            both.compare(&text);
        }
    }
}

/// Tests every code point, alone and between others that it may depend on.
#[test]
fn both_forms_agree_on_every_character() {
    for document in [tiny::wordpiece(), tiny::unigram(-14.5, 0.07), tiny::xlm_roberta(&tiny::small_charsmap())] {
        let both = BothForms::load(&document);
        let all: Vec<char> = ('\0'..=char::MAX).collect();
        for some in all.chunks(97) {
            both.compare(&some.iter().collect::<String>());
            both.compare(&some.iter().flat_map(|&c| [c, 'a']).collect::<String>());
            both.compare(&some.iter().flat_map(|&c| ['e', c, '\u{301}']).collect::<String>());
        }
    }
}

#[test]
fn unsupported_tokenizers_are_left_to_the_general_form() {
    type Change = fn(&mut Value);
    let wordpiece: [Change; 14] = [
        |d| d["unheard_of"] = json!(1),
        |d| d["version"] = json!(null),
        |d| d["normalizer"]["unheard_of"] = json!(1),
        |d| d["normalizer"] = json!(null),
        |d| d["normalizer"] = json!({ "type": "Lowercase" }),
        |d| d["pre_tokenizer"] = json!({ "type": "Whitespace" }),
        |d| d["pre_tokenizer"] = json!(null),
        |d| d["post_processor"] = json!(null),
        |d| {
            d["post_processor"]["single"]
                .as_array_mut()
                .unwrap()
                .insert(1, json!({ "Sequence": { "id": "A", "type_id": 0 } }))
        },
        |d| d["model"]["unk_token"] = json!("[NONE]"),
        |d| d["added_tokens"][4]["normalized"] = json!(true),
        |d| d["added_tokens"][4]["single_word"] = json!(true),
        |d| d["added_tokens"][4]["id"] = json!(77),
        |d| d["model"] = json!({ "type": "WordLevel", "unk_token": "[UNK]", "vocab": { "[UNK]": 0 } }),
    ];
    let unigram: [Change; 14] = [
        |d| d["model"]["unk_id"] = json!(null),
        |d| d["model"]["byte_fallback"] = json!(true),
        |d| d["model"]["fuse_unk"] = json!(true),
        |d| d["pre_tokenizer"]["prepend_scheme"] = json!("first"),
        |d| d["pre_tokenizer"]["prepend_scheme"] = json!("never"),
        |d| d["pre_tokenizer"]["split"] = json!(false),
        |d| d["pre_tokenizer"]["replacement"] = json!("_"),
        |d| d["normalizer"]["normalizers"][2] = json!({ "type": "NFC" }),
        |d| d["normalizer"]["normalizers"][3]["pattern"] = json!({ "Regex": r"\s+" }),
        |d| d["normalizer"]["normalizers"][3]["content"] = json!("▁"),
        |d| d["normalizer"]["normalizers"][1]["pattern"] = json!({ "String": "``" }),
        |d| d["normalizer"]["normalizers"].as_array_mut().unwrap().reverse(),
        |d| d["normalizer"]["normalizers"].as_array_mut().unwrap().push(json!({ "type": "NFKC" })),
        |d| {
            d["post_processor"] = json!({ "type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
                "trim_offsets": true, "add_prefix_space": true });
        },
    ];
    let changed = |base: Value| {
        move |change: Change| {
            let mut document = base.clone();
            change(&mut document);
            document
        }
    };
    let all =
        wordpiece.map(changed(tiny::wordpiece())).into_iter().chain(unigram.map(changed(tiny::unigram(-9.0, 0.1))));
    for (i, document) in all.enumerate() {
        let folder = TokenizerFolder::with(&document);
        assert!(mapped::refusal(&fs::read(folder.json()).unwrap()).is_some(), "change {i} is supported");
        let Ok(general) = Tokenizer::load_general(&folder.json()) else { continue };
        for _ in 0..2 {
            let tokenizer = folder.load();
            assert!(tokenizer.mapped.is_none(), "change {i} is supported");
            let text = "the q'uery 词 <s>[MASK]";
            let (ours, theirs) = (tokenizer.encode(text), general.encode(text));
            assert_eq!(ours.map(|input| input.ids).ok(), theirs.map(|input| input.ids).ok());
            let stamp = mapped::stamp(&folder.json()).unwrap();
            assert!(matches!(Mapped::open(&folder.packed(), &stamp), Found::General), "change {i} is tried each time");
        }
    }
}

/// To be run by hand:
/// `NIGH_FUZZ=tokenizer.json NIGH_FUZZ_TEXTS=1000000 cargo test --release ... fuzz -- --ignored --nocapture`, with
/// `NIGH_FUZZ_SEED` for other texts, and `NIGH_FUZZ_CHARSMAP` for a table that replaces the normaliser of the file.
#[test]
#[ignore = "runs for as many texts as the environment says"]
fn fuzz() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let Some(path) = std::env::var_os("NIGH_FUZZ") else { return };
    let mut document: Value = serde_json::from_slice(&fs::read(Path::new(&path)).unwrap()).unwrap();
    if let Some(charsmap) = std::env::var_os("NIGH_FUZZ_CHARSMAP") {
        let precompiled = tiny::base64(&fs::read(charsmap).unwrap());
        document["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": precompiled });
    }
    let both = BothForms::load(&document);
    let (seed, texts) = (number("NIGH_FUZZ_SEED").unwrap_or(0), number("NIGH_FUZZ_TEXTS").unwrap_or(100_000));
    let mut random = Random(seed);
    let (mut bytes, mut tokens) = (0, 0);
    for _ in 0..texts {
        let text = nasty(&mut random);
        both.compare(&text);
        bytes += text.len();
        tokens += both.mapped.count(&text).unwrap();
    }
    println!("seed {seed}: {texts} texts, {bytes} bytes, {tokens} tokens: the same");
}

#[test]
fn chunks_cover_the_text_and_stay_small() {
    let text = "词 word ".repeat(40_000);
    let chunks = chunks(&text);
    assert!(chunks.len() > 4 && chunks.iter().all(|c| c.len() <= CHUNK_BYTES));
    assert_eq!(chunks.iter().map(|c| &text[c.clone()]).collect::<String>(), text);
}
