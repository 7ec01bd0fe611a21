//! Limits how much longer a tokenizer.json may make a text. The `tokenizers` crate runs any steps that the file contains: a
//! replacement of one letter by a megabyte, or ten thousand steps that each double the characters beyond ASCII, would take all
//! memory.
//!
//! A step turns `n` bytes into at most `factor · n + added`. Steps run one after the other, so their factors multiply.

use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::Value;

/// The largest accepted factor. Real models have a few hundred: a character of their tables becomes 33 bytes.
const MAX_FACTOR: u64 = 1024;
/// The largest accepted number of bytes added to a text, whatever its length.
const MAX_ADDED_BYTES: u64 = 1 << 16;
/// The largest accepted number of steps. Real models have up to ten.
const MAX_STEPS: usize = 256;

/// The parts of a tokenizer.json that change a text. `serde_json` limits how deeply they are nested.
#[derive(Deserialize)]
struct Steps {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
}

/// The largest growth of a text in the steps added so far.
struct Growth {
    factor: u64,
    added: u64,
    steps: usize,
}

/// Refuses a tokenizer.json that makes texts too large.
///
/// # Errors
/// The reason, as text. `Ok` for invalid JSON, which is reported where the file is read.
pub(super) fn check(json: &[u8]) -> Result<(), String> {
    let Ok(Steps { normalizer, pre_tokenizer, post_processor }) = serde_json::from_slice(json) else { return Ok(()) };
    let mut growth = Growth { factor: 1, added: 0, steps: 0 };
    for part in [&normalizer, &pre_tokenizer, &post_processor] {
        if growth.add(part).is_break() {
            return Err(format!(
                "its steps make a text more than {MAX_FACTOR} times as long, or are more than {MAX_STEPS}; copy the model again"
            ));
        }
    }
    Ok(())
}

impl Growth {
    /// Adds a step, or a sequence of steps. Breaks when a limit is exceeded.
    fn add(&mut self, step: &Value) -> ControlFlow<()> {
        let text = |name: &str| step.get(name).and_then(Value::as_str).map_or(0, |text| text.len() as u64);
        match step.get("type").and_then(Value::as_str).unwrap_or_default() {
            "Sequence" => {
                let inner = ["normalizers", "pretokenizers", "processors"].iter().filter_map(|name| step.get(name));
                inner.filter_map(Value::as_array).flatten().try_for_each(|step| self.add(step))
            }
            "Replace" => self.add_step(replacement_factor(step, text("content")), 0),
            "Prepend" => self.add_step(1, text("prepend")),
            "Precompiled" => self.add_step(longest_replacement(step).max(1), 0),
            // Each non-ASCII byte becomes a character of two bytes, each space one of up to four; a space may be added in
            // front.
            "ByteLevel" | "Metaspace" => self.add_step(4, 4),
            // Each Chinese character (3 bytes) gets a space on both sides.
            "BertNormalizer" => self.add_step(2, 0),
            "TemplateProcessing" => self.add_template(step),
            // Normal forms, case, splitting and stripping: at most a few times as long, and repeating them changes nothing.
            _ => self.add_step(1, 0),
        }
    }

    fn add_step(&mut self, factor: u64, added: u64) -> ControlFlow<()> {
        self.factor = self.factor.saturating_mul(factor);
        self.added = self.added.saturating_mul(factor).saturating_add(added);
        self.steps += 1;
        let fits = self.factor <= MAX_FACTOR && self.added <= MAX_ADDED_BYTES && self.steps <= MAX_STEPS;
        if fits { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Adds a template. It may contain a text several times, and a special token may have many ids.
    fn add_template(&mut self, step: &Value) -> ControlFlow<()> {
        let pieces = |name: &str| step.get(name).and_then(Value::as_array).into_iter().flatten();
        let ids = |token: &Value| token.get("ids").and_then(Value::as_array).map_or(0, |ids| ids.len() as u64);
        let tokens = step.get("special_tokens").and_then(Value::as_object);
        let longest = tokens.into_iter().flat_map(|tokens| tokens.values()).map(ids).max().unwrap_or(0).max(1);
        let count = |name: &str, kind: &str| pieces(name).filter(|piece| piece.get(kind).is_some()).count() as u64;
        let max_count = |kind: &str| count("single", kind).max(count("pair", kind));
        self.add_step(max_count("Sequence").max(1), max_count("SpecialToken").saturating_mul(longest))
    }
}

/// Returns the factor of a replacement. A regular expression that matches the empty text inserts `content` before every byte.
fn replacement_factor(step: &Value, content: u64) -> u64 {
    let pattern = step.get("pattern").and_then(|pattern| pattern.get("String")).and_then(Value::as_str);
    match pattern.filter(|pattern| !pattern.is_empty()) {
        Some(pattern) => content.div_ceil(pattern.len() as u64).max(1),
        None => match step.get("pattern").and_then(|pattern| pattern.get("Regex")).and_then(Value::as_str) {
            Some(regex) if !may_match_empty(regex) => content.max(1),
            _ => content + 1,
        },
    }
}

/// True if a regular expression may match the empty text. An expression without any of these signs matches at least one character.
fn may_match_empty(regex: &str) -> bool {
    let escaped = |letter: char| regex.contains(&format!("\\{letter}"));
    regex.is_empty()
        || regex.contains(['*', '?', '|', '^', '$', '('])
        || regex.contains("{0")
        || regex.contains("{,")
        || "bBAzZGK".chars().any(escaped)
}

/// Returns the length in bytes of the longest replacement in a SentencePiece table; see `mapped/charsmap.rs`.
fn longest_replacement(step: &Value) -> u64 {
    let encoded = step.get("precompiled_charsmap").and_then(Value::as_str).unwrap_or_default();
    let bytes = decode_base64(encoded);
    let Some((len, rest)) = bytes.split_first_chunk::<4>() else { return 1 };
    let replacements = rest.get(u32::from_le_bytes(*len) as usize..).unwrap_or_default();
    replacements.split(|&byte| byte == 0).map(<[u8]>::len).max().unwrap_or(0) as u64
}

/// Decodes base64 up to the first character that is not part of its alphabet.
fn decode_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    // The bits that are not yet a whole byte, and their number.
    let (mut pending, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        (pending, bits) = (pending << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits) as u8);
            pending &= (1 << bits) - 1;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn refused(parts: &Value) -> bool {
        check(parts.to_string().as_bytes()).is_err()
    }

    #[test]
    fn growth_of_real_models_is_accepted() {
        let bert = json!({
            "normalizer": {"type": "BertNormalizer", "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "[SEP]"}}],
                "pair": [{"Sequence": {"id": "A"}}, {"Sequence": {"id": "B"}}],
                "special_tokens": {"[CLS]": {"ids": [101]}, "[SEP]": {"ids": [102]}}},
        });
        let replace = |from: &str, to: &str| json!({"type": "Replace", "pattern": {"String": from}, "content": to});
        let albert = json!({"normalizer": {"type": "Sequence", "normalizers": [
            replace("``", "\""), replace("''", "\""), {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"},
            {"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAABhYgBjAA=="},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        ]}, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"}});
        let null = json!({"normalizer": null, "pre_tokenizer": null, "post_processor": null});
        assert!(!refused(&bert) && !refused(&albert) && !refused(&null) && !refused(&json!({})));
        assert!(check(b"no json").is_ok(), "reported where the file is read");
    }

    #[test]
    fn growth_that_takes_all_memory_is_refused() {
        let replace = |to: usize| json!({"type": "Replace", "pattern": {"String": "a"}, "content": "a".repeat(to)});
        let sequence = |steps: Vec<Value>| json!({"normalizer": {"type": "Sequence", "normalizers": steps}});
        assert!(!refused(&sequence(vec![replace(16), replace(16)])));
        assert!(refused(&sequence(vec![replace(16); 3])));
        assert!(refused(&json!({"normalizer": replace(1_000_000)})));
        assert!(refused(&sequence(vec![sequence(vec![replace(16); 3])["normalizer"].clone()])), "nested");
        let everywhere = json!({"type": "Replace", "pattern": {"Regex": "x*"}, "content": "y".repeat(1100)});
        assert!(refused(&json!({"normalizer": everywhere})));
        assert!(refused(&json!({"normalizer": {"type": "Prepend", "prepend": "p".repeat(100_000)}})));
        assert!(refused(&sequence(vec![json!({"type": "ByteLevel"}); 9])));
        assert!(refused(&sequence(vec![json!({"type": "NFC"}); 1000])));
        let levels = vec![json!({"type": "ByteLevel"}); 6];
        assert!(refused(&json!({"pre_tokenizer": {"type": "Sequence", "pretokenizers": levels}})));
        let template = json!({"type": "TemplateProcessing", "single": vec![json!({"Sequence": {"id": "A"}}); 1100]});
        assert!(refused(&json!({"post_processor": template})));
        let many = json!({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}],
            "special_tokens": {"x": {"ids": vec![1; 100_000]}}});
        assert!(refused(&json!({"post_processor": many})));
    }

    #[test]
    fn growth_of_e5_is_accepted() {
        // Four bytes of units, then 33 bytes, as many as the longest replacement of its table.
        let table = format!("BAAAAAAAAABh{}YQA=", "YWFh".repeat(10) + "YWE");
        let e5 = json!({
            "normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": table},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁"},
            ]},
        });
        assert!((30..40).contains(&longest_replacement(&e5["normalizer"]["normalizers"][0])));
        assert!(!refused(&e5));
    }

    #[test]
    fn growth_of_a_table_is_that_of_its_longest_replacement() {
        assert_eq!(decode_base64("TWFu"), b"Man");
        assert_eq!(decode_base64("TWE="), b"Ma");
        assert_eq!(decode_base64("/+8="), [0xff, 0xef]);
        let step = |encoded: &str| json!({"type": "Precompiled", "precompiled_charsmap": encoded});
        // Four bytes of units, then the replacements "ab" and "c".
        assert_eq!(longest_replacement(&step("BAAAAAAAAABhYgBjAA==")), 2);
        let long = "AAAAAGFh".to_owned() + &"YWFh".repeat(400);
        assert!(refused(&json!({"normalizer": step(&long)})));
        assert_eq!((longest_replacement(&step("")), longest_replacement(&json!({}))), (1, 1));
    }
}
