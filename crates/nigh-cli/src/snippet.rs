//! The part of a passage to show, and the query words to mark in it.

use std::ops::Range;

use nigh_text::script::is_han_or_kana;

/// Maximum width of a snippet in columns; a Chinese character takes two.
const MAX_COLUMNS: usize = 360;

/// English words too common to mark.
const COMMON_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is", "it",
    "my", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "which", "who", "why", "with",
    "you",
];

/// The terms of a query: words in lower case, and pairs of adjacent Chinese characters.
pub struct MarkedTerms(Vec<String>);

impl MarkedTerms {
    pub fn new(query: &str) -> Self {
        let mut terms = Vec::new();
        for run in query.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
            let characters: Vec<char> = run.chars().collect();
            for part in characters.chunk_by(|a, b| is_han_or_kana(*a) == is_han_or_kana(*b)) {
                if !part.first().copied().is_some_and(is_han_or_kana) {
                    let word: String = part.iter().collect();
                    if !COMMON_WORDS.contains(&word.as_str()) {
                        terms.push(word);
                    }
                } else if part.len() == 1 {
                    terms.push(part.iter().collect());
                } else {
                    terms.extend(part.windows(2).map(|pair| pair.iter().collect::<String>()));
                }
            }
        }
        terms.retain(|term| !term.is_empty());
        terms.sort_unstable();
        terms.dedup();
        Self(terms)
    }

    /// Finds the terms in a text: byte ranges in order, merged if they touch. A word matches exactly, or with an ending of up to
    /// three letters.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for term in &self.0 {
            let cjk = term.chars().next().is_some_and(is_han_or_kana);
            for start in text.char_indices().map(|(at, _)| at) {
                let Some(length) = match_length(&text[start..], term) else { continue };
                let end = start + length;
                let before = text[..start].chars().next_back();
                let tail = text[end..].chars().take_while(|c| c.is_alphanumeric() && !is_han_or_kana(*c)).count();
                let inside_word = before.is_some_and(|c| c.is_alphanumeric() && !is_han_or_kana(c)) || tail > 3;
                if cjk || !inside_word {
                    found.push(start..end);
                }
            }
        }
        // Merge ranges that touch or overlap.
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in found {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }
}

/// Returns the length in bytes of `term` at the start of `text`, ignoring case; `None` if the text does not start with it.
fn match_length(text: &str, term: &str) -> Option<usize> {
    let mut wanted = term.chars();
    let mut length = 0;
    for c in text.chars() {
        for lower in c.to_lowercase() {
            match wanted.next() {
                Some(want) if want == lower => {}
                Some(_) => return None,
                None => return Some(length),
            }
        }
        length += c.len_utf8();
        if wanted.as_str().is_empty() {
            return Some(length);
        }
    }
    None
}

/// Returns the range of `text` with most of the terms: [`MAX_COLUMNS`] columns from the start of a line (with its indentation) or sentence.
pub fn best_part(text: &str, found: &[Range<usize>]) -> Range<usize> {
    if fitting_length(text) == text.len() {
        return 0..text.len();
    }
    // The starts of lines and sentences.
    let mut starts = vec![0];
    let ends = |c: char| matches!(c, '\n' | '。' | '\u{ff01}' | '\u{ff1f}') || c == '.';
    for (at, c) in text.char_indices().filter(|&(_, c)| ends(c)) {
        let next = at + c.len_utf8();
        // A full stop ends a sentence only before white space: not within 3.14 or e.g. names.
        if c != '.' || text[next..].starts_with(char::is_whitespace) {
            starts.push(next);
        }
    }
    // The part from a start, and the bytes of terms in it.
    let part = |start: usize| {
        let blank = &text[start..text.len() - text[start..].trim_start().len()];
        // Keep the indentation of a line, but not the space after a sentence.
        let kept = blank.rfind('\n').map_or(if start == 0 { 0 } else { blank.len() }, |end| end + 1);
        let start = start + kept;
        start..start + fitting_length(&text[start..])
    };
    let weight = |range: &Range<usize>| {
        found.iter().filter(|f| range.start <= f.start && f.end <= range.end).map(Range::len).sum::<usize>()
    };
    // The first of the best parts.
    let mut best = part(0);
    for start in starts {
        let candidate = part(start);
        if weight(&candidate) > weight(&best) {
            best = candidate;
        }
    }
    best
}

/// Bytes of a text that fit in [`MAX_COLUMNS`] columns.
fn fitting_length(text: &str) -> usize {
    let mut columns = 0;
    let full = text.char_indices().find(|&(_, c)| {
        columns += if is_han_or_kana(c) { 2 } else { 1 };
        columns > MAX_COLUMNS
    });
    full.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'a>(query: &str, text: &'a str) -> Vec<&'a str> {
        MarkedTerms::new(query).find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn terms_match_english_words_with_endings() {
        assert_eq!(
            marked("How does the model pool?", "Models POOLED; carpool, poolside, the pool"),
            ["Model", "POOL", "pool"]
        );
    }

    #[test]
    fn terms_of_chinese_pairs_are_merged_to_words() {
        assert_eq!(marked("为什么用平均池化", "这里平均池化很好,平均值也行"), ["平均池化", "平均"]);
        assert_eq!(marked("GPU显存", "一块GPU的显存"), ["GPU", "显存"]);
    }

    #[test]
    fn terms_of_odd_texts_do_not_fail() {
        assert!(marked("😀", "😀").is_empty());
        assert_eq!(marked("straße", "STRASSE Straße"), ["Straße"]);
        assert!(MarkedTerms::new("").find("text").is_empty());
    }

    #[test]
    fn snippet_contains_the_terms() {
        let text = format!(
            "{}The pooling step averages states. {}",
            "Filler words here. ".repeat(40),
            "More filler. ".repeat(40)
        );
        let found = MarkedTerms::new("pooling averages").find(&text);
        let part = best_part(&text, &found);
        assert!(text[part.clone()].contains("pooling") && text[part.clone()].contains("averages"), "{}", &text[part]);
        assert_eq!(best_part("short", &[]), 0..5);
    }
}
