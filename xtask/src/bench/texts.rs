//! The texts of a benchmark, one on each line.

use crate::run::{self, Result, TaskFailure, Workspace};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Number of passages.
const PASSAGES: usize = 600;
/// Lengths of passages in words; about 150 tokens on average.
const WORDS: [usize; 6] = [60, 90, 110, 130, 150, 160];
/// The longest passage in [`pieces`]: hardly any is longer than MiniLM's context length of 256 tokens, where nigh would encode
/// several passages and the peers would truncate.
const MAX_PIECES: usize = 220;

/// Returns the file of texts: the given file; a file of the `text`s of JSON lines (BEIR's queries and corpora); or passages of an archive
/// (`.gz`), made once.
pub(super) fn prepare(workspace: &Workspace, folder: &Path, given: Option<&Path>) -> Result<PathBuf> {
    let advice = "name --texts FILE: one text on each line, JSON lines with a `text`, or a .tar.gz of texts to take passages from";
    let given = given.ok_or_else(|| TaskFailure::usage(format!("no texts to encode; {advice}")))?;
    // The benchmarks run in the workspace's root, not in the current folder.
    let given = given.canonicalize().map_err(TaskFailure::io("find", given))?;
    if given.extension().is_some_and(|extension| extension == "gz") {
        let name = given.file_name().unwrap_or_default().to_string_lossy();
        let path = folder.join(format!("passages-of-{name}.txt"));
        if !path.is_file() {
            let corpus = run::output(workspace.command("tar").arg("-xzOf").arg(&given))?;
            fs::write(&path, passages(&corpus)).map_err(TaskFailure::io("write", &path))?;
        }
        return Ok(path);
    }
    if given.extension().is_none_or(|extension| extension != "jsonl") {
        return Ok(given);
    }
    let text = fs::read_to_string(&given).map_err(TaskFailure::io("read", &given))?;
    let path = folder.join("texts.txt");
    fs::write(&path, read_texts(&text)?).map_err(TaskFailure::io("write", &path))?;
    Ok(path)
}

fn read_texts(lines: &str) -> Result<String> {
    let mut out = String::new();
    for (number, line) in lines.lines().enumerate() {
        let json: Value = serde_json::from_str(line).unwrap_or_default();
        let text =
            json["text"].as_str().ok_or_else(|| TaskFailure::new(format!("line {}: no \"text\"", number + 1)))?;
        out.extend(text.split_whitespace().flat_map(|word| [word, " "]));
        out.push('\n');
    }
    Ok(out)
}

/// Splits the corpus into passages of different lengths, and picks some evenly. The same ones every time.
fn passages(corpus: &str) -> String {
    let words: Vec<&str> = corpus.split_whitespace().collect();
    let mut random = TextRandom(1);
    let (mut passages, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let count = WORDS[random.below(WORDS.len())].min(words.len() - at);
        passages.push(words[at..at + count].join(" "));
        at += count;
    }
    passages.retain(|passage| (20..=MAX_PIECES).contains(&pieces(passage)));
    let mut out = String::new();
    for _ in 0..PASSAGES.min(passages.len()) {
        out += &passages.swap_remove(random.below(passages.len()));
        out.push('\n');
    }
    out
}

/// Estimates the number of WordPiece tokens of a text: one for every six letters of a word, one for every mark.
fn pieces(text: &str) -> usize {
    let (mut pieces, mut letters) = (0, 0);
    for c in text.chars() {
        if c.is_alphanumeric() {
            pieces += usize::from(letters % 6 == 0);
            letters += 1;
        } else {
            letters = 0;
            pieces += usize::from(!c.is_whitespace());
        }
    }
    pieces
}

/// Knuth's MMIX generator: good enough to choose texts. Do not change it, so that the passages stay the same.
struct TextRandom(u64);

impl TextRandom {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_one_on_each_line_and_the_same_every_time() {
        let corpus: String = (0..90_000).map(|i| format!("w{i}\n")).collect();
        let made = passages(&corpus);
        assert_eq!(made.lines().count(), PASSAGES);
        for line in made.lines() {
            assert!(line.split(' ').count() <= WORDS[WORDS.len() - 1], "{line}");
        }
        assert_eq!(made, passages(&corpus));
    }

    #[test]
    fn pieces_count_long_words_and_marks() {
        assert_eq!(pieces("a tokenizer, [CLS]"), 1 + 2 + 1 + 1 + 1 + 1);
    }

    #[test]
    fn texts_of_json_lines_are_one_line_each() {
        assert_eq!(read_texts("{\"_id\": \"q\", \"text\": \"two\\nlines\"}\n").unwrap(), "two lines \n");
        assert!(read_texts("{\"_id\": \"q\"}").unwrap_err().message.contains("line 1"));
    }
}
