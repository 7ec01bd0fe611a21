//! The ends of lines: hyphens joined, ligatures spelled out, spaces where the language has them.

use std::collections::HashSet;

/// Of a page's characters, more than one in so many without a meaning make it garbled.
const GARBLED_SHARE: usize = 20;

/// Words after which a hyphen stands for a part left out: "pre- and post-war", "Haus- und Hofhund".
const HANGING: [&str; 10] = ["and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "e"];

/// The words of a whole text, by which a hyphen at the end of a line is judged.
pub(super) struct Vocabulary {
    words: HashSet<String>,
}

impl Vocabulary {
    /// Takes the words of paragraphs as they come, hyphenated ones whole.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut words = HashSet::new();
        for text in texts {
            for word in text.split(|c: char| !(c.is_alphabetic() || is_hyphen(c))) {
                let word = word.to_lowercase().replace('\u{2010}', "-");
                let ends_in_hyphen = word.ends_with('-') || word.starts_with('-');
                if word.len() > 2 && !ends_in_hyphen {
                    words.insert(word);
                }
            }
        }
        Self { words }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether "left-" at a line's end and "right" at the next's start are one word without the hyphen.
    fn is_one_word(&self, left: &str, right: &str) -> bool {
        let (left, right) = (left.to_lowercase(), right.to_lowercase());
        if self.has(&format!("{left}{right}")) {
            return true;
        }
        let both_are_words = left.len() > 2 && self.has(&left) && self.has(&right);
        !both_are_words && !self.has(&format!("{left}-{right}"))
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{ad}')
}

/// The text of a paragraph as its author would have typed it.
pub(super) fn tidy(paragraph: &str, vocabulary: &Vocabulary) -> String {
    let text = plain_letters(paragraph);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(is_hyphen) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        let hyphen = chars.next().unwrap_or('-');
        let after = chars.as_str();
        let next = after.trim_start_matches([' ', '\n']);
        let left = out.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        let right: &str = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        // A soft hyphen inside a line is where it could have been broken, and is none.
        let at_line_end = next.len() < after.len() && right.starts_with(|c: char| c.is_lowercase()) && !left.is_empty();
        // Those are typed; the other hyphens are a typesetter's, at the ends of lines.
        let hanging = hyphen == '-' && HANGING.contains(&right);
        if hyphen == '\u{ad}' {
            rest = if at_line_end { next } else { after };
        } else if at_line_end && !hanging {
            if !vocabulary.is_one_word(left, right) {
                out.push('-');
            }
            rest = next;
        } else {
            out.push(hyphen);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// White space collapsed, but for line ends; ligatures spelled out; what has no meaning left out.
fn plain_letters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            '\n' => {
                if out.ends_with(' ') {
                    out.pop();
                }
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
            }
            c if c.is_whitespace() => {
                let beside = |c: Option<char>| c.is_some_and(is_wide_punctuation);
                let joined = (beside(out.chars().next_back()) && chars.peek().is_some_and(|&c| is_wide(c)))
                    || (beside(chars.peek().copied()) && out.chars().next_back().is_some_and(is_wide));
                if !joined && !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            c if is_meaningless(c) || c.is_control() => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Chinese and Japanese characters and their punctuation, between which no space is written.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301b}' | '，' | '！' | '？' | '：' | '；'
        | '（' | '）' | '“' | '”')
}

/// Signs of a font's own, and the mark of what could not be decoded.
fn is_meaningless(c: char) -> bool {
    matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Whether a page's text, as it was read, is in good part without a meaning.
pub(super) fn is_garbled(text: &str) -> bool {
    let (mut all, mut meaningless) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        all += 1;
        meaningless += usize::from(is_meaningless(c));
    }
    meaningless > 5 && meaningless * GARBLED_SHARE > all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn tidied(text: &str) -> String {
        tidy(text, &Vocabulary::of([text, "A well-known lighthouse. Rain and coats."].into_iter()))
    }

    #[test]
    fn hyphens_at_the_ends_of_lines() {
        assert_eq!(tidied("The light- house and extra-\nordinary storms"), "The lighthouse and extraordinary storms");
        assert_eq!(tidied("a well- known rain- coats story"), "a well-known rain-coats story");
        assert_eq!(
            tidied("pre- and post-war, 1914- 1918, A - b, x-ray"),
            "pre- and post-war, 1914- 1918, A - b, x-ray"
        );
        assert_eq!(
            tidied("refrigerat\u{2010} or, soft\u{ad}ware, hard\u{ad} ware"),
            "refrigerator, software, hardware"
        );
        assert_eq!(tidied("ends in -"), "ends in -");
    }

    #[test]
    fn letters_and_spaces() {
        assert_eq!(tidied(" oﬃce   of\tﬁre \u{e001}\u{fffd}"), "office of fire");
        assert_eq!(tidied("小卡片， 每天 “白”"), "小卡片，每天“白”");
        assert_eq!(tidied("姓名 王五 PDF 文件"), "姓名 王五 PDF 文件");
        assert_eq!(tidied("a \n b"), "a\nb");
    }

    #[test]
    fn garbled_text_is_told() {
        assert!(is_garbled(&"\u{e000}".repeat(6)) && is_garbled(&"a\u{fffd}".repeat(6)));
        assert!(
            !is_garbled(&"\u{e000}".repeat(5)) && !is_garbled(&format!("{}{}", "\u{e000}".repeat(6), "a".repeat(200)))
        );
    }
}
