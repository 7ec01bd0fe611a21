//! The marks in front of headings, questions and list items in plain text: `1.`, `2.3`, `(4)`, `Q5:`, `Chapter 6`, 第七章, 八、.
//! Also the times and names in front of the lines of logs and conversations.

use crate::text::script::is_han;
pub(super) use crate::text::sentence::starts_with_time;

/// The levels of numbered headings, by mark. Those with more parts are deeper.
const LEVEL_PART: u8 = 2;
const LEVEL_CHAPTER: u8 = 3;
const LEVEL_SECTION: u8 = 4;
const LEVEL_ARTICLE: u8 = 6;
/// 一、
const LEVEL_HAN_NUMBER: u8 = 7;
/// （一）
const LEVEL_HAN_IN_BRACKETS: u8 = 8;
/// `1.`; each further part, as in `1.2`, is one level deeper.
const LEVEL_NUMBER: u8 = 9;
/// `1)` or `(1)`
const LEVEL_IN_BRACKETS: u8 = 14;
const LEVEL_QUESTION: u8 = 15;
/// The most digits of a number, and the most numbers of a mark, as in `1.2.3.4`.
const MAX_DIGITS: usize = 3;
const MAX_PARTS: usize = 4;
/// The longest name of a speaker, in characters.
const MAX_NAME: usize = 24;

/// A mark at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    /// The level of the heading.
    pub(super) level: u8,
    /// The heading, with its number.
    pub(super) title: &'a str,
    pub(super) is_question: bool,
    /// True for words that hardly occur at the beginning of other lines, such as 第三章.
    pub(super) is_chapter: bool,
}

/// Reads the mark of a line without white space in front.
pub(super) fn mark(line: &str) -> Option<Mark<'_>> {
    let asks = line.ends_with(['?', '？']);
    if let Some(title) = question(line) {
        return Some(Mark { level: LEVEL_QUESTION, title, is_question: true, is_chapter: false });
    }
    if let Some(level) = han_chapter(line).or_else(|| english_chapter(line)) {
        return Some(Mark { level, title: line, is_question: asks, is_chapter: true });
    }
    let level = han_number(line).or_else(|| number(line))?;
    Some(Mark { level, title: line, is_question: asks, is_chapter: false })
}

/// `Q:`, `Q3.`, `Question 4:`, 问：, 问题5：. Returns the question without the mark.
fn question(line: &str) -> Option<&str> {
    let names = ["Question", "QUESTION", "Q", "问题", "問題", "问", "問"];
    let rest = names.iter().find_map(|name| line.strip_prefix(name))?;
    let rest = rest.trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || is_han_digit(c));
    let title = rest.strip_prefix([':', '.', ')', '：', '．', '、'])?.trim_start();
    (!title.is_empty()).then_some(title)
}

/// 第三章, 第2节, 第十条.
fn han_chapter(line: &str) -> Option<u8> {
    let rest = line.strip_prefix('第')?;
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || is_han_digit(c) || c == ' ');
    if after.len() == rest.len() {
        return None;
    }
    let level = match after.chars().next()? {
        '卷' | '部' | '编' | '編' | '篇' => LEVEL_PART,
        '章' | '回' | '讲' | '講' | '课' | '課' => LEVEL_CHAPTER,
        '节' | '節' => LEVEL_SECTION,
        '条' | '條' => LEVEL_ARTICLE,
        _ => return None,
    };
    // 第一章的内容…… is a sentence.
    let mut after = after.chars().skip(1);
    after.next().is_none_or(|c| c.is_whitespace() || !is_han(c) || level == LEVEL_ARTICLE).then_some(level)
}

/// Numbers as words, after `Chapter` and the like.
const NUMBER_WORDS: [&str; 20] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// `Chapter 3`, `Part II`, `PART FIVE`, `Section 2.1`, `Appendix A`.
fn english_chapter(line: &str) -> Option<u8> {
    let (word, rest) = line.split_once(' ')?;
    let level = match word {
        "Part" | "PART" | "Book" | "BOOK" => LEVEL_PART,
        "Chapter" | "CHAPTER" | "Appendix" | "APPENDIX" => LEVEL_CHAPTER,
        "Section" | "SECTION" => LEVEL_SECTION,
        "Article" | "ARTICLE" => LEVEL_ARTICLE,
        _ => return None,
    };
    let label = rest.split([' ', ':', '.', '—', '-']).next().unwrap_or_default();
    let is_number = label.bytes().all(|b| b.is_ascii_digit());
    let is_roman = label.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C'));
    let is_letter = label.len() == 1 && label.bytes().all(|b| b.is_ascii_uppercase());
    let is_word = NUMBER_WORDS.iter().any(|word| word.eq_ignore_ascii_case(label));
    (!label.is_empty() && (is_number || is_roman || is_letter || is_word)).then_some(level)
}

/// 一、 十二、 （三） (四)
fn han_number(line: &str) -> Option<u8> {
    let inside = line.strip_prefix(['(', '（']);
    let rest = inside.unwrap_or(line);
    let after = rest.trim_start_matches(is_han_digit);
    let digits = rest[..rest.len() - after.len()].chars().count();
    if digits == 0 || digits > MAX_DIGITS {
        return None;
    }
    match inside {
        Some(_) => after.starts_with([')', '）']).then_some(LEVEL_HAN_IN_BRACKETS),
        None => after.starts_with(['、', '．']).then_some(LEVEL_HAN_NUMBER),
    }
}

/// `1.`, `2.3`, `4)`, `(5)`, `6、`, each with text after it.
fn number(line: &str) -> Option<u8> {
    let inside = line.strip_prefix(['(', '（']);
    let mut rest = inside.unwrap_or(line);
    let mut parts = 0;
    loop {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = rest.len() - after.len();
        if digits == 0 || digits > MAX_DIGITS || parts == MAX_PARTS {
            break;
        }
        (rest, parts) = (after, parts + 1);
        match after.strip_prefix('.') {
            Some(more) if more.starts_with(|c: char| c.is_ascii_digit()) => rest = more,
            _ => break,
        }
    }
    if parts == 0 {
        return None;
    }
    let sign = rest.chars().next()?;
    let after = &rest[sign.len_utf8()..];
    let separated = after.starts_with(char::is_whitespace) || after.starts_with(is_han) || !sign.is_ascii();
    let has_text = after.contains(char::is_alphabetic);
    let level = match (inside.is_some(), sign) {
        (true, ')' | '）') | (false, ')' | '）') => LEVEL_IN_BRACKETS,
        (false, '.' | '、' | '．') => LEVEL_NUMBER + parts as u8 - 1,
        // "2.3 Title": a space ends the number. "3 apples" and "3.14 is pi" are not headings.
        (false, ' ') if parts > 1 => {
            let is_title = has_text && !after.trim_start().starts_with(char::is_lowercase);
            return is_title.then_some(LEVEL_NUMBER + parts as u8 - 1);
        }
        _ => return None,
    };
    (separated && has_text).then_some(level)
}

pub(super) fn is_han_digit(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千' | '零' | '〇' | '两')
}

/// True for a line that begins an item of a list without numbers.
pub(super) fn is_bullet(line: &str) -> bool {
    let rest = line.strip_prefix(['-', '*', '+', '•', '·', '●', '○', '▪', '◦', '–']);
    rest.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// True for a line that begins with the name of a speaker or of a field: `Ana: …`, 张伟：….
pub(super) fn starts_message(line: &str) -> bool {
    let Some(at) = line.find([':', '：']) else { return false };
    let (name, rest) = line.split_at(at);
    let separated = rest.starts_with('：') || rest[1..].is_empty() || rest[1..].starts_with(char::is_whitespace);
    let is_name = name.starts_with(char::is_alphabetic) && !name.starts_with(char::is_lowercase);
    separated
        && is_name
        && name.chars().count() <= MAX_NAME
        && name.split_whitespace().count() <= 3
        && name.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '.' | '-' | '\'' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(line: &str) -> Option<u8> {
        mark(line).map(|mark| mark.level)
    }

    #[test]
    fn marks_and_their_levels() {
        let ascending = [
            "第一部 山河",
            "第十二章 出发",
            "第3节",
            "第五条 员工应当准时",
            "一、概述",
            "（二）范围",
            "3. Scope",
            "3.1 Terms",
            "3.1.2. More",
            "(4) four",
            "Q5: Why?",
        ];
        let levels: Vec<Option<u8>> = ascending.iter().map(|line| level(line)).collect();
        assert!(levels.iter().all(Option::is_some), "{levels:?}");
        assert!(levels.is_sorted_by(|a, b| a < b), "{levels:?}");
        assert_eq!(mark("问题3：为什么？").map(|mark| mark.title), Some("为什么？"));
        assert_eq!(mark("Question 12: why").map(|mark| mark.title), Some("why"));
        for line in [
            "Chapter 3",
            "Chapter Nine",
            "PART FIVE: MONEY",
            "CHAPTER XII. The end",
            "Appendix B",
            "1、第一",
            "1．第一",
            "2)二",
            "Part II",
        ] {
            assert!(level(line).is_some(), "{line}");
        }
    }

    #[test]
    fn lines_without_marks() {
        for line in [
            "",
            "Quiet",
            "3 apples",
            "3.14 is pi",
            "2025-03-04",
            "10:30 lunch",
            "第一次去上海",
            "第一章的内容很长",
            "1234. no",
            "1.",
            "Part of it",
            "Chapter and verse",
            "一个人",
            "十分好",
            "v1.2 is out",
            "3.5",
            "(see 4)",
            "12345",
            "第",
            "第三",
        ] {
            assert_eq!(level(line), None, "{line}");
        }
    }

    #[test]
    fn lines_of_logs_and_conversations() {
        for line in
            ["2025-03-04 10:22:11 ERROR x", "[10:32] Ana: hi", "Mar  4 10:22:11 host", "10:05 lunch", "2025年3月4日 晴"]
        {
            assert!(starts_with_time(line), "{line}");
        }
        for line in ["May I", "1234", "12 apples", "1.5", "", "2025 was good"] {
            assert!(!starts_with_time(line), "{line}");
        }
        assert!(starts_message("Ana Silva: hello") && starts_message("张伟：你好") && starts_message("Tel: 123"));
        assert!(!starts_message("the reason: none") && !starts_message("http://x.y") && !starts_message("12:30"));
    }
}
