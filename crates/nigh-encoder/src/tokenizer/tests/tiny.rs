//! Small tokenizers of every kind that the mapped form supports.

use serde_json::{Value, json};

/// Characters, each of which is a piece.
const CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"#<>/[]()-_&%$@*+=|~^`{}\\ \
    éèçñßσςикй。，？、：！的一是不了人我在有他词向量句平均文本かがバカ가각한국ก\u{e33}ا\u{644}अक\u{94d}ष\u{301}\u{308}\u{1100}\u{1161}\u{11a8}🇨🇳👍☺";

const PARTS: &str = "the query passage pass age un aff able affable ing in on don do ma as ask mask a<s e\u{301} 词向量 向量 词向 가각 \
    바 unk <u nk> 👩 :: ... .. fi TM the▁q sal ala sa صلى";

pub(super) fn special(id: usize, content: &str) -> Value {
    json!({ "id": id, "content": content, "special": true, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false })
}

/// Returns a template: `first A last`, and a pair like XLM-RoBERTa's or, with `segments`, like BERT's.
fn template(first: (&str, usize), last: (&str, usize), segments: bool) -> Value {
    let token = |(name, _): (&str, usize), kind: u32| json!({ "SpecialToken": { "id": name, "type_id": kind } });
    let sequence = |name: &str, kind: u32| json!({ "Sequence": { "id": name, "type_id": kind } });
    let entry = |(name, id): (&str, usize)| json!({ "id": name, "ids": [id], "tokens": [name] });
    let second = u32::from(segments);
    let mut pair = vec![token(first, 0), sequence("A", 0), token(last, 0)];
    if !segments {
        pair.push(token(last, 0));
    }
    pair.extend([sequence("B", second), token(last, second)]);
    json!({
        "type": "TemplateProcessing",
        "single": [token(first, 0), sequence("A", 0), token(last, 0)],
        "pair": pair,
        "special_tokens": { first.0: entry(first), last.0: entry(last) },
    })
}

/// Returns a WordPiece with a BERT normaliser.
pub(super) fn wordpiece() -> Value {
    let mut pieces: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).into();
    for text in CHARACTERS.chars().map(String::from).chain(PARTS.split(' ').map(str::to_owned)) {
        pieces.push(format!("##{text}"));
        pieces.push(text);
    }
    let ids: serde_json::Map<String, Value> = pieces.iter().enumerate().map(|(id, t)| (t.clone(), json!(id))).collect();
    let added: Vec<Value> = (0..5).map(|id| special(id, &pieces[id])).collect();
    json!({
        "version": "1.0",
        "truncation": { "max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right" },
        "padding": { "strategy": { "Fixed": 8 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                     "pad_type_id": 0, "pad_token": "[PAD]" },
        "added_tokens": added,
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                        "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": template(("[CLS]", 2), ("[SEP]", 3), true),
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": ids },
    })
}

/// Returns a Unigram with the steps of our own multilingual-e5-small-q4. The lowest score is `least`; the others are at most 96 times
/// `step` above it.
pub(super) fn unigram(least: f64, step: f64) -> Value {
    let mut pieces: Vec<String> = ["<s>", "<pad>", "</s>", "<unk>", "▁"].map(str::to_owned).into();
    for text in CHARACTERS.chars().map(String::from).chain(PARTS.split(' ').map(str::to_owned)) {
        pieces.push(format!("▁{text}"));
        pieces.push(text);
    }
    // Pieces made of unknown characters, a piece for the second time, and an empty one.
    pieces.extend(["☃☃", "☃\u{2602}\u{2602}", "the", ""].map(str::to_owned));
    // Scores that are unordered, with ties. The last four pieces have the lowest score.
    let score = |i: usize| match i {
        0..4 => least.min(0.0) + 2.0 * least.max(0.0),
        _ if i + 4 >= pieces.len() => least,
        _ => least + step * ((i * 7919) % 97) as f64,
    };
    let vocabulary: Vec<Value> = pieces.iter().enumerate().map(|(i, piece)| json!([piece, score(i)])).collect();
    let replace =
        |regex: &str, content: &str| json!({ "type": "Replace", "pattern": { "Regex": regex }, "content": content });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": (0..4).map(|id| special(id, &pieces[id])).collect::<Vec<_>>(),
        "normalizer": { "type": "Sequence", "normalizers": [
            replace(r"[\x{1}\x{2}\x{b}\x{7f}\x{9f}]", ""),
            replace(r"[\x{9}\x{a}\x{d}\x{200b}\x{200d}\x{2028}\x{2581}\x{feff}\x{fffd}]", " "),
            { "type": "NFKC" },
            replace(" {2,}", " "),
        ] },
        "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
        "post_processor": template(("<s>", 0), ("</s>", 2), false),
        "decoder": null,
        "model": { "type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": false },
    })
}

/// Returns a Unigram like that of XLM-RoBERTa: a table of characters, and a `<mask>` that takes the space before it.
pub(super) fn xlm_roberta(charsmap: &[u8]) -> Value {
    let mut document = unigram(-12.0, 0.1);
    document["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": base64(charsmap) });
    let metaspace = json!({ "type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": true });
    document["pre_tokenizer"] =
        json!({ "type": "Sequence", "pretokenizers": [{ "type": "WhitespaceSplit" }, metaspace] });
    let vocabulary = document["model"]["vocab"].as_array_mut().unwrap();
    vocabulary.push(json!(["<mask>", 0.0]));
    let mut mask = special(vocabulary.len() - 1, "<mask>");
    mask["lstrip"] = json!(true);
    document["added_tokens"].as_array_mut().unwrap().push(mask);
    document
}

/// Returns a table of characters with every kind of entry that the real one has.
pub(super) fn small_charsmap() -> Vec<u8> {
    charsmap(&[
        ("\u{1}", ""),
        ("\u{7f}", ""),
        ("\t", " "),
        ("\n", " "),
        ("\r", " "),
        ("\u{a0}", " "),
        ("\u{3000}", " "),
        ("\u{200b}", " "),
        ("\u{200d}", " "),
        ("▁", " "),
        ("™", "TM"),
        ("…", "..."),
        ("ﬁ", "fi"),
        ("，", ","),
        ("e\u{301}", "é"),
        ("a\u{300}", "à"),
        ("\u{301}", "'"),
        ("\u{344}", "\u{308}\u{301}"),
        ("가", "\u{1100}\u{1161}"),
        ("\u{1100}\u{1161}", "가"),
        ("ﾊﾞ", "バ"),
        ("ﾊ", "ハ"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("\u{600}", ""),
        ("👍", "+1"),
        ("🇨", "C"),
        ("क", "k"),
    ])
}

/// Builds a table in darts-clone's layout. Each node has 256 units of its own, which wastes space but is simple.
fn charsmap(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut units, mut replacements) = (vec![0u32; 256], Vec::new());
    // Known nodes: the prefix, its unit, and the first unit of its children.
    let mut nodes: Vec<(Vec<u8>, usize, usize)> = Vec::new();
    let mut node = |units: &mut Vec<u32>, prefix: &[u8], at: usize| -> usize {
        if let Some((.., group)) = nodes.iter().find(|(known, ..)| known == prefix) {
            return *group;
        }
        let group = units.len();
        units.resize(group + 256, 0);
        let distance = (at ^ group) as u32;
        assert!(distance < 1 << 21);
        units[at] = prefix.last().map_or(0, |&label| u32::from(label)) | distance << 10;
        nodes.push((prefix.to_vec(), at, group));
        group
    };
    for (key, replacement) in entries {
        let mut group = node(&mut units, b"", 0);
        for end in 1..=key.len() {
            let prefix = &key.as_bytes()[..end];
            let at = group ^ usize::from(prefix[end - 1]);
            group = node(&mut units, prefix, at);
            if end == key.len() {
                units[at] |= 1 << 8;
                units[group] = replacements.len() as u32 | 1 << 31;
            }
        }
        replacements.extend_from_slice(replacement.as_bytes());
        replacements.push(0);
    }
    let mut bytes = (4 * units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes.extend(replacements);
    bytes
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |part: &[u8]| {
        let number = (0..3).fold(0u32, |n, i| n << 8 | u32::from(part.get(i).copied().unwrap_or(0)));
        let digit =
            |i: usize| if i <= part.len() { char::from(DIGITS[(number >> (18 - 6 * i) & 63) as usize]) } else { '=' };
        [0, 1, 2, 3].map(digit)
    };
    bytes.chunks(3).flat_map(group).collect()
}
