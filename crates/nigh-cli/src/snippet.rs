//! The part of a passage to show, and the words to mark in it: those of the question.

use std::ops::Range;

use nigh_text::script::is_han_or_kana;

/// The most columns of a snippet; a Chinese character takes two.
const COLUMNS: usize = 360;

/// English words too common to mark.
const COMMON: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is", "it",
    "my", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "which", "who", "why", "with",
    "you",
];

/// The question's terms as they are looked for: words in lower case, and pairs of neighbouring Chinese characters.
pub struct Terms(Vec<String>);

impl Terms {
    pub fn of(query: &str) -> Self {
        let mut terms = Vec::new();
        for run in query.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
            let characters: Vec<char> = run.chars().collect();
            for part in characters.chunk_by(|a, b| is_han_or_kana(*a) == is_han_or_kana(*b)) {
                if !part.first().copied().is_some_and(is_han_or_kana) {
                    let word: String = part.iter().collect();
                    if !COMMON.contains(&word.as_str()) {
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

    /// Where they stand in a text: byte ranges, in order, joined where they touch. A word counts only whole, or with an
    /// ending of up to three letters.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for term in &self.0 {
            let cjk = term.chars().next().is_some_and(is_han_or_kana);
            for start in text.char_indices().map(|(at, _)| at) {
                let Some(length) = matched(&text[start..], term) else { continue };
                let end = start + length;
                let before = text[..start].chars().next_back();
                let tail = text[end..].chars().take_while(|c| c.is_alphanumeric() && !is_han_or_kana(*c)).count();
                let inside_word = before.is_some_and(|c| c.is_alphanumeric() && !is_han_or_kana(c)) || tail > 3;
                if cjk || !inside_word {
                    found.push(start..end);
                }
            }
        }
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

/// The bytes at the start of `text` that are `term` when case is ignored; none when it does not start with it.
fn matched(text: &str, term: &str) -> Option<usize> {
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

/// The range of `text`, about [`COLUMNS`] columns from a line (with its indentation) or sentence start, that holds most of the terms.
pub fn best_part(text: &str, found: &[Range<usize>]) -> Range<usize> {
    if length_of(text) == text.len() {
        return 0..text.len();
    }
    let mut starts = vec![0];
    let ends = |c: char| matches!(c, '\n' | '。' | '\u{ff01}' | '\u{ff1f}') || c == '.';
    for (at, c) in text.char_indices().filter(|&(_, c)| ends(c)) {
        let next = at + c.len_utf8();
        // A full stop ends a sentence only before white space: not within 3.14 or e.g. names.
        if c != '.' || text[next..].starts_with(char::is_whitespace) {
            starts.push(next);
        }
    }
    let part = |start: usize| {
        let blank = &text[start..text.len() - text[start..].trim_start().len()];
        // The indentation of a line stays; the space after a sentence goes.
        let kept = blank.rfind('\n').map_or(if start == 0 { 0 } else { blank.len() }, |end| end + 1);
        let start = start + kept;
        start..start + length_of(&text[start..])
    };
    let weight = |range: &Range<usize>| {
        found.iter().filter(|f| range.start <= f.start && f.end <= range.end).map(Range::len).sum::<usize>()
    };
    let mut best = part(0);
    for start in starts {
        let candidate = part(start);
        if weight(&candidate) > weight(&best) {
            best = candidate;
        }
    }
    best
}

/// How many bytes of a text fill [`COLUMNS`] columns, or all of them.
fn length_of(text: &str) -> usize {
    let mut columns = 0;
    let full = text.char_indices().find(|&(_, c)| {
        columns += if is_han_or_kana(c) { 2 } else { 1 };
        columns > COLUMNS
    });
    full.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'a>(query: &str, text: &'a str) -> Vec<&'a str> {
        Terms::of(query).find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn english_words_and_their_endings() {
        assert_eq!(
            marked("How does the model pool?", "Models POOLED; carpool, poolside, the pool"),
            ["Model", "POOL", "pool"]
        );
    }

    #[test]
    fn chinese_pairs_join_to_words() {
        assert_eq!(marked("为什么用平均池化", "这里平均池化很好,平均值也行"), ["平均池化", "平均"]);
        assert_eq!(marked("GPU显存", "一块GPU的显存"), ["GPU", "显存"]);
    }

    #[test]
    fn odd_texts() {
        assert!(marked("😀", "😀").is_empty());
        assert_eq!(marked("straße", "STRASSE Straße"), ["Straße"]);
        assert!(Terms::of("").find("text").is_empty());
    }

    #[test]
    fn the_best_part_holds_the_terms() {
        let text = format!(
            "{}The pooling step averages states. {}",
            "Filler words here. ".repeat(40),
            "More filler. ".repeat(40)
        );
        let found = Terms::of("pooling averages").find(&text);
        let part = best_part(&text, &found);
        assert!(text[part.clone()].contains("pooling") && text[part.clone()].contains("averages"), "{}", &text[part]);
        assert_eq!(best_part("short", &[]), 0..5);
    }
}
