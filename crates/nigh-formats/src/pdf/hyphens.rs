//! Hyphens at line ends: hyphens of words stay, those of the typesetter are removed.
//!
//! Lines come joined by a space, so "hyphen, space, letter" marks the end of a line. The decision uses, in this order: signs that no
//! typesetter divides at (digits, capitals, single letters); the word elsewhere in the document, with or without its hyphen; and a
//! few beginnings and endings of compounds.

use std::collections::{HashMap, HashSet};

use super::addresses::is_address;
use super::compounds::{BEGINS_COMPOUND, BEGINS_SOLID, ENDS_COMPOUND, ENDS_SOLID, HANGING, HANGING_IN, WITHIN};
use nigh_text::script::is_written_without_spaces;

/// Most different words that are counted: no language has more.
const MAX_WORDS: usize = 1 << 20;

/// The words of a whole text. They decide about a hyphen at the end of a line.
pub(super) struct Vocabulary {
    /// Words in lower case, hyphenated words as one, with their number.
    words: HashMap<String, u32>,
    /// Words as they are written.
    written: HashSet<String>,
}

/// The treatment of a hyphen and the space after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// One word without the hyphen.
    Solid,
    /// One word with the hyphen.
    Compound,
    /// Hyphen and space stay.
    Apart,
}

impl Vocabulary {
    /// Counts the words of paragraphs, hyphenated words as one. The rest of a broken word is not counted.
    pub(super) fn count_words<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut vocabulary = Self { words: HashMap::new(), written: HashSet::new() };
        for text in texts {
            let mut broken = false;
            for token in text.split_whitespace() {
                for (at, word) in token.split(|c: char| !(c.is_alphanumeric() || is_hyphen(c))).enumerate() {
                    let is_rest = broken && at == 0;
                    let has_room = vocabulary.words.len() < MAX_WORDS;
                    if has_room
                        && !is_rest
                        && word.len() > 2
                        && !word.starts_with(is_hyphen)
                        && !word.ends_with(is_hyphen)
                    {
                        let word: String = word.chars().filter_map(one_hyphen).collect();
                        *vocabulary.words.entry(word.to_lowercase()).or_default() += 1;
                        vocabulary.written.insert(word);
                    }
                }
                broken = token.len() > 1 && token.ends_with(is_hyphen);
            }
        }
        vocabulary
    }

    fn count(&self, word: &str) -> u32 {
        self.words.get(word).copied().unwrap_or(0)
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// Decides about the hyphen between two parts of a possible word. `whole` is the text before the hyphen, back to a space.
    fn judge(&self, whole: &str, left: &str, right: &str, hyphen: char) -> Join {
        let (first, last) = (right.chars().next().unwrap_or(' '), left.chars().next_back().unwrap_or(' '));
        let (small_left, small_right) = (left.to_lowercase(), right.to_lowercase());
        // People type this hyphen; the other hyphens come from a typesetter.
        let is_hanging = hyphen == '-'
            && (HANGING.contains(&right)
                || HANGING_IN.iter().any(|(word, marks)| right == *word && marks.iter().all(|mark| self.has(mark))));
        let solid_count = self.count(&format!("{small_left}{small_right}"));
        if is_hanging && solid_count == 0 || is_written_without_spaces(first) || is_written_without_spaces(last) {
            return Join::Apart;
        }
        if is_address(whole) || first.is_numeric() || last.is_numeric() {
            return Join::Compound;
        }
        let compound_count = self.count(&format!("{small_left}-{small_right}"));
        if solid_count != compound_count {
            return if solid_count > compound_count { Join::Solid } else { Join::Compound };
        }
        let is_capitals = |word: &str| word.chars().nth(1).is_some() && !word.chars().any(char::is_lowercase);
        let all_capitals = is_capitals(left) && is_capitals(right);
        if !all_capitals && (first.is_uppercase() || is_capitals(left)) || left.chars().nth(1).is_none() {
            return Join::Compound;
        }
        if solid_count > 0 || self.is_one_word(whole, &small_left, &small_right, right) {
            Join::Solid
        } else {
            Join::Compound
        }
    }

    /// The same for a soft hyphen, which marks where a word may be broken. It is removed, unless the word has a hyphen elsewhere.
    fn judge_soft(&self, left: &str, right: &str) -> Join {
        let (left, right) = (left.to_lowercase(), right.to_lowercase());
        let digits = left.ends_with(char::is_numeric) && right.starts_with(char::is_numeric);
        let compound = self.count(&format!("{left}-{right}")) > self.count(&format!("{left}{right}"));
        if digits || compound && !left.is_empty() { Join::Compound } else { Join::Solid }
    }

    /// True if two parts of a word that occurs nowhere else are joined without a hyphen.
    fn is_one_word(&self, whole: &str, left: &str, right: &str, written: &str) -> bool {
        let before = whole.strip_suffix(left).and_then(|before| before.strip_suffix('-'));
        if before.is_some_and(|before| before.ends_with(char::is_alphanumeric)) {
            // A third part: the word before the hyphen is complete, or the next part continues it.
            return !(WITHIN.contains(&left) || self.has(left));
        }
        if BEGINS_COMPOUND.contains(&left) && right.chars().nth(2).is_some() {
            return ENDS_SOLID.iter().any(|ending| right.starts_with(ending));
        }
        if BEGINS_SOLID.contains(&left) {
            return true;
        }
        let is_word = |word: &str| word.chars().nth(2).is_some();
        if is_word(left) && ENDS_COMPOUND.contains(&right) {
            return false;
        }
        // A German compound continues in lower case, although its second part alone is written with a capital.
        !(is_word(left) && is_word(right) && self.has(left) && self.written.contains(written))
    }
}

/// True for a hyphen of any kind; a soft hyphen is only visible at a line end.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{ad}')
}

fn one_hyphen(c: char) -> Option<char> {
    match c {
        '\u{ad}' => None,
        '\u{2010}' | '\u{2011}' => Some('-'),
        c => Some(c),
    }
}

/// Normalises the letters of a paragraph, and joins the words that its lines broke.
pub(super) fn join_words(text: &str, vocabulary: &Vocabulary) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_hyphen) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        let hyphen = chars.next().unwrap_or('-');
        let after = chars.as_str();
        let next = after.trim_start_matches([' ', '\n']);
        if next.len() == after.len() {
            // A hyphen within a line. A soft hyphen is kept only between digits, where it replaces a typed one.
            let between_digits = out.ends_with(char::is_numeric) && next.starts_with(char::is_numeric);
            out.push_str(if hyphen != '\u{ad}' || between_digits { "-" } else { "" });
            rest = after;
            continue;
        }
        // White space follows, so no part of the text is examined twice.
        let whole = out.rsplit(char::is_whitespace).next().unwrap_or("");
        let left = whole.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let right = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let judged = match () {
            // A typed hyphen before a soft one belongs to the word.
            () if right.is_empty() || left.is_empty() && !(hyphen == '\u{ad}' && whole.ends_with('-')) => Join::Apart,
            () if hyphen == '\u{ad}' => vocabulary.judge_soft(left, right),
            () if is_number_of_item(&out, whole, right) => Join::Apart,
            () => vocabulary.judge(whole, left, right, hyphen),
        };
        // Fonts and programs use different hyphens; people type only one.
        let stays = judged == Join::Compound || judged == Join::Apart && hyphen != '\u{ad}';
        out.push_str(if stays { "-" } else { "" });
        rest = if judged == Join::Apart { after } else { next };
    }
    out.push_str(rest);
    out
}

/// True if a number begins a line and a word follows it: "1- First".
fn is_number_of_item(out: &str, whole: &str, right: &str) -> bool {
    let before = out.strip_suffix(whole).unwrap_or("").trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with('\n');
    begins && whole.chars().all(char::is_numeric) && right.starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::letters;
    use super::*;

    /// Joins the words of a text as a whole document.
    fn join(text: &str) -> String {
        join_among(text, "A well-known lighthouse. Rain and coats.")
    }

    fn join_among(text: &str, others: &str) -> String {
        join_words(&letters::normalise(text), &Vocabulary::count_words([text, others].into_iter()))
    }

    #[test]
    fn hyphens_of_the_typesetter_are_removed() {
        assert_eq!(join("The light- house and extra-\nordinary storms"), "The lighthouse and extraordinary storms");
        assert_eq!(join("refrigerat\u{2010} or, soft\u{ad}ware, hard\u{ad} ware"), "refrigerator, software, hardware");
        for (left, right) in [
            ("infor", "mation"),
            ("re", "cord"),
            ("inter", "dependent"),
            ("four", "teen"),
            ("high", "lighted"),
            ("long", "itude"),
            ("self", "ish"),
            ("second", "ary"),
            ("Donau", "dampfschiff"),
            ("INFOR", "MATION"),
            ("under", "stand"),
            ("well", "ness"),
        ] {
            assert_eq!(join(&format!("the {left}- {right} of it")), format!("the {left}{right} of it"));
        }
        // In German, the second part of a compound is written with a capital when it is alone.
        assert_eq!(join_among("die Haus- tür", "Das Haus hat eine Tür."), "die Haustür");
        assert_eq!(join_among("the under- taking", "She is under it, taking it."), "the undertaking");
        assert_eq!(join_among("Old Mc- Donald", "McDonald had a farm"), "Old McDonald");
    }

    #[test]
    fn hyphens_of_words_stay() {
        assert_eq!(join("a well- known rain- coats story"), "a well-known rain-coats story");
        for (left, right) in [
            ("10", "20"),
            ("RTX", "4090"),
            ("twenty", "one"),
            ("long", "term"),
            ("n", "tridecanal"),
            ("DNA", "binding"),
            ("Baden", "Württemberg"),
            ("interferon", "dependent"),
            ("state-of-the", "art"),
            ("e", "mail"),
            ("20", "year"),
            ("price", "determining"),
            ("Mini", "Cons"),
            ("E", "Mail"),
            ("1914", "1918"),
            ("self", "contained"),
            ("six", "month"),
        ] {
            assert_eq!(join(&format!("the {left}- {right} of it")), format!("the {left}-{right} of it"));
        }
        let among = "The power and the performance. A cost-benefit study, an email.";
        assert_eq!(
            join_among("power- performance cost- benefit e- mail", among),
            "power-performance cost-benefit email"
        );
        // A soft hyphen after a typed one only marks the break.
        assert_eq!(
            join("Cross-\u{ad} sectional and Receiver-\u{ad}\noperating"),
            "Cross-sectional and Receiver-operating"
        );
        assert_eq!(join("pages 10\u{ad}20 and 30\u{ad} 40"), "pages 10-20 and 30-40");
        assert_eq!(join("a well\u{ad} known one"), "a well-known one");
        assert_eq!(join("well\u{2010}known, 10\u{2011}20"), "well-known, 10-20");
    }

    #[test]
    fn hyphens_within_a_line_stay() {
        for text in [
            "pre- and post-war, A - b, x-ray",
            "ends in -",
            "2- to 3-fold",
            "Haus- und Hofhund",
            "- one\n- two",
            "1- First\n2- second",
            "agreed – at last, so -- it went",
            "中文- 英文",
            "tea -\nmilk",
        ] {
            assert_eq!(join(text), text);
        }
        assert_eq!(join_among("vracht- en verzendkosten", "het een"), "vracht- en verzendkosten");
        assert_eq!(join_among("die Frau- en", "Das Haus"), "die Frauen");
    }
}
