//! Bounds how much larger a tokenizer.json makes a text. The `tokenizers` crate obeys the file: a replacement of one letter by a
//! megabyte, or ten thousand steps that each double the characters beyond ASCII, would take all memory.
//!
//! A step turns `n` bytes into at most `factor · n + added`. Steps follow each other, so factors multiply.

use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::Value;

/// The largest accepted factor. Real models have a few hundred: a character of their tables becomes 33 bytes.
const MOST_FACTOR: u64 = 1024;
/// The most bytes that may be added to a text of any length.
const MOST_ADDED: u64 = 1 << 16;
/// The most steps. Real models have up to ten.
const MOST_STEPS: usize = 256;

/// The parts of a tokenizer.json that a text goes through. `serde_json` bounds how deep they are nested.
#[derive(Deserialize)]
struct Steps {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
}

/// The most that some steps make of a text.
struct Growth {
    factor: u64,
    added: u64,
    steps: usize,
}

/// Refuses a tokenizer.json that makes texts too large.
///
/// # Errors
/// The reason, in words. `Ok` for invalid JSON, which its reader reports.
pub(super) fn check(json: &[u8]) -> Result<(), String> {
    let Ok(Steps { normalizer, pre_tokenizer, post_processor }) = serde_json::from_slice(json) else { return Ok(()) };
    let mut growth = Growth { factor: 1, added: 0, steps: 0 };
    for part in [&normalizer, &pre_tokenizer, &post_processor] {
        if growth.follow(part).is_break() {
            return Err(format!(
                "its steps make a text more than {MOST_FACTOR} times as long, or are more than {MOST_STEPS}; copy the model again"
            ));
        }
    }
    Ok(())
}

impl Growth {
    /// Adds a step, or a sequence of steps. Breaks when a bound is exceeded.
    fn follow(&mut self, step: &Value) -> ControlFlow<()> {
        let text = |name: &str| step.get(name).and_then(Value::as_str).map_or(0, |text| text.len() as u64);
        match step.get("type").and_then(Value::as_str).unwrap_or_default() {
            "Sequence" => {
                let inner = ["normalizers", "pretokenizers", "processors"].iter().filter_map(|name| step.get(name));
                inner.filter_map(Value::as_array).flatten().try_for_each(|step| self.follow(step))
            }
            "Replace" => self.step(replaced(step, text("content")), 0),
            "Prepend" => self.step(1, text("prepend")),
            "Precompiled" => self.step(longest(step).max(1), 0),
            // Each byte that is not ASCII becomes a character of two, each space one of up to four; a space may be put before.
            "ByteLevel" | "Metaspace" => self.step(4, 4),
            // Spaces around every Chinese character.
            "BertNormalizer" => self.step(2, 0),
            "TemplateProcessing" => self.template(step),
            // Unicode's forms, case and what parts or takes away: at most a few times as long, and doing it again changes nothing.
            _ => self.step(1, 0),
        }
    }

    fn step(&mut self, factor: u64, added: u64) -> ControlFlow<()> {
        self.factor = self.factor.saturating_mul(factor);
        self.added = self.added.saturating_mul(factor).saturating_add(added);
        self.steps += 1;
        let fits = self.factor <= MOST_FACTOR && self.added <= MOST_ADDED && self.steps <= MOST_STEPS;
        if fits { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// A text may stand in a template several times, and a special token for many ids.
    fn template(&mut self, step: &Value) -> ControlFlow<()> {
        let pieces = |name: &str| step.get(name).and_then(Value::as_array).into_iter().flatten();
        let ids = |token: &Value| token.get("ids").and_then(Value::as_array).map_or(0, |ids| ids.len() as u64);
        let tokens = step.get("special_tokens").and_then(Value::as_object);
        let longest = tokens.into_iter().flat_map(|tokens| tokens.values()).map(ids).max().unwrap_or(0).max(1);
        let count = |name: &str, kind: &str| pieces(name).filter(|piece| piece.get(kind).is_some()).count() as u64;
        let most = |kind: &str| count("single", kind).max(count("pair", kind));
        self.step(most("Sequence").max(1), most("SpecialToken").saturating_mul(longest))
    }
}

/// How much larger a replacement makes a text. An expression may match where nothing is, before every byte.
fn replaced(step: &Value, content: u64) -> u64 {
    let pattern = step.get("pattern").and_then(|pattern| pattern.get("String")).and_then(Value::as_str);
    match pattern.filter(|pattern| !pattern.is_empty()) {
        Some(pattern) => content.div_ceil(pattern.len() as u64).max(1),
        None => match step.get("pattern").and_then(|pattern| pattern.get("Regex")).and_then(Value::as_str) {
            Some(regex) if !may_match_nothing(regex) => content.max(1),
            _ => content + 1,
        },
    }
}

/// Whether an expression might match where nothing is. One without any of these signs matches a character at least.
fn may_match_nothing(regex: &str) -> bool {
    let escaped = |letter: char| regex.contains(&format!("\\{letter}"));
    regex.is_empty()
        || regex.contains(['*', '?', '|', '^', '$', '('])
        || regex.contains("{0")
        || regex.contains("{,")
        || "bBAzZGK".chars().any(escaped)
}

/// The longest text that a table of SentencePiece replaces a character by; see `mapped/charsmap.rs`.
fn longest(step: &Value) -> u64 {
    let encoded = step.get("precompiled_charsmap").and_then(Value::as_str).unwrap_or_default();
    let bytes = base64(encoded);
    let Some((len, rest)) = bytes.split_first_chunk::<4>() else { return 1 };
    let replacements = rest.get(u32::from_le_bytes(*len) as usize..).unwrap_or_default();
    replacements.split(|&byte| byte == 0).map(<[u8]>::len).max().unwrap_or(0) as u64
}

/// The bytes that base64 stands for, up to what is none.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        (held, bits) = (held << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
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
    fn what_real_models_do_is_taken() {
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
        assert!(check(b"no json").is_ok(), "that is said elsewhere");
    }

    #[test]
    fn what_takes_all_memory_is_refused() {
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
    fn what_e5_does_is_taken() {
        // 4 bytes of units, then 33 bytes: the longest replacement of its table.
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
        assert!((30..40).contains(&longest(&e5["normalizer"]["normalizers"][0])));
        assert!(!refused(&e5));
    }

    #[test]
    fn a_table_counts_by_its_longest_replacement() {
        assert_eq!(base64("TWFu"), b"Man");
        assert_eq!(base64("TWE="), b"Ma");
        assert_eq!(base64("/+8="), [0xff, 0xef]);
        let step = |encoded: &str| json!({"type": "Precompiled", "precompiled_charsmap": encoded});
        // Four bytes of units, then "ab", "c".
        assert_eq!(longest(&step("BAAAAAAAAABhYgBjAA==")), 2);
        let long = "AAAAAGFh".to_owned() + &"YWFh".repeat(400);
        assert!(refused(&json!({"normalizer": step(&long)})));
        assert_eq!((longest(&step("")), longest(&json!({}))), (1, 1));
    }
}
