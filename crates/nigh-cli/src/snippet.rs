//! The part of a passage to show, and the query words to mark in it.

use std::ops::Range;

use nigh_text::columns;
use nigh_text::script::is_han_or_kana;
use nigh_text::words::words;

/// The most that a snippet shows.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// A Chinese character takes two.
    columns: usize,
    /// Lines of the text, before they are wrapped.
    lines: usize,
}

impl Room {
    /// For most passages.
    pub const USUAL: Self = Self { columns: 360, lines: 8 };
    /// For the best passage of the first hit: enough for most passages, as this one is read.
    pub const FIRST: Self = Self { columns: 720, lines: 20 };

    /// Returns the bytes at the start of a text that fit, at least one character.
    fn fitting(self, text: &str) -> usize {
        let lines = text.match_indices('\n').nth(self.lines - 1).map_or(text.len(), |(at, _)| at);
        columns::fitting(text, self.columns).min(lines)
    }

    /// True if this text in front of a sentence leaves most of the room for the sentence and what follows it.
    fn allows_before(self, text: &str) -> bool {
        columns::width(text) <= self.columns / 4 && text.matches('\n').count() <= self.lines / 4
    }
}

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
        let mut terms = words(query);
        terms.retain(|term| !COMMON_WORDS.contains(&term.as_str()));
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

/// Returns the range of `text` to show, that fits from the start of a line (with its indentation) or
/// sentence: around the best sentence, or else with most of the terms.
pub fn best_part(text: &str, found: &[Range<usize>], sentence: Option<Range<usize>>, room: Room) -> Range<usize> {
    if room.fitting(text) == text.len() {
        return 0..text.len();
    }
    let starts = starts(text);
    let part = |start: usize| {
        let length = room.fitting(&text[start..]);
        if start + length == text.len() {
            return start..text.len();
        }
        let end = start + columns::break_before(&text[start..], length);
        start..start + text[start..end].trim_end().len()
    };
    if let Some(sentence) = sentence {
        // The earliest start that leaves most columns for the sentence and what follows it.
        let fits = |&&start: &&usize| {
            start <= sentence.start
                && room.allows_before(&text[start..sentence.start])
                && part(start).end >= sentence.end
        };
        return part(starts.iter().find(fits).copied().unwrap_or(sentence.start));
    }
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

/// Returns the starts of lines, with their indentation, and of sentences.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let ends = |c: char| matches!(c, '\n' | '。' | '\u{ff01}' | '\u{ff1f}') || c == '.';
    for (at, c) in text.char_indices().filter(|&(_, c)| ends(c)) {
        let next = at + c.len_utf8();
        // A full stop ends a sentence only before white space: not within 3.14 or e.g. names.
        if c != '.' || text[next..].starts_with(char::is_whitespace) {
            let blank = &text[next..text.len() - text[next..].trim_start().len()];
            // Keep the indentation of a line, but not the space after a sentence.
            let is_line = c == '\n';
            let kept = blank.rfind('\n').map_or(if is_line { 0 } else { blank.len() }, |end| end + 1);
            starts.push(next + kept);
        }
    }
    starts
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
        let part = best_part(&text, &found, None, Room::USUAL);
        assert!(text[part.clone()].contains("pooling") && text[part.clone()].contains("averages"), "{}", &text[part]);
        assert_eq!(best_part("short", &[], None, Room::USUAL), 0..5);
    }

    #[test]
    fn snippet_is_built_around_the_sentence() {
        let filler = "Filler words here. ".repeat(40);
        let text = format!("{filler}Backups are kept for thirty days. {filler}");
        let at = text.find("Backups").unwrap_or_default();
        let part = best_part(&text, &[], Some(at..at + 33), Room::USUAL);
        assert!(part.start < at && at - part.start <= Room::USUAL.columns / 4 && part.end >= at + 33, "{part:?} {at}");
        let shown = &text[part.clone()];
        assert!(shown.starts_with("Filler") && shown.trim() == shown && text[part.end..].starts_with(' '), "{shown:?}");
        // Short lines are limited, too.
        let list: String = (1..=60).map(|i| format!("leaf {i}\n")).collect();
        let at = list.find("leaf 44").unwrap_or_default();
        let part = best_part(&list, &[], Some(at..at + 7), Room::USUAL);
        assert!(list[part.clone()].lines().count() == 8 && part.start < at && part.end > at + 7, "{}", &list[part]);
        // A sentence that is longer than a snippet begins it.
        let long = format!("First. {}", "very ".repeat(200));
        let part = best_part(&long, &[], Some(7..long.len()), Room::USUAL);
        assert!(part.start <= 7 && part.len() > 300, "{part:?}");
    }
}
