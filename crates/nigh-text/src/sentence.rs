//! Finds sentences in a text.
//!
//! There are two functions, for two purposes. [`sentences`] finds all sentences of a text, as they are shown to people.
//! [`marked_sentences`] finds only those that end with a mark, which an evaluation needs. The splitting into passages has its
//! own rules, which use the marks of [`is_stop`] and [`is_closer`].

use std::ops::Range;

#[cfg(feature = "sentences")]
use unicode_segmentation::UnicodeSegmentation;

#[cfg(feature = "sentences")]
use super::columns;
use super::script::is_han;

/// Opening brackets and quotes, which belong to the sentence that follows.
#[cfg(feature = "sentences")]
const OPENING: [char; 10] = ['(', '[', '{', '\u{ff08}', '【', '《', '「', '『', '“', '‘'];

/// Closing brackets and quotes, which belong to the previous sentence.
#[cfg(feature = "sentences")]
const CLOSING: [char; 10] = [')', ']', '}', '\u{ff09}', '】', '》', '」', '』', '”', '’'];

/// Returns the sentences of a text as byte ranges, without the white space around them. The rules are those of Unicode (UAX
/// 29); text is also split at line ends, and after a Chinese stop with the closing quotes that follow the stop. An opening bracket
/// belongs to the sentence that follows. A line end within wrapped text does not end a sentence. Parts without a letter or digit
/// are left out.
#[cfg(feature = "sentences")]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let unwrapped = unwrapped(text);
    let text = &*unwrapped;
    // 1. Find the positions where a sentence may begin or end.
    let mut borders: Vec<usize> =
        text.split_sentence_bound_indices().map(|(start, _)| text[..start].trim_end_matches(OPENING).len()).collect();
    for (at, stop) in text.match_indices(['。', '\u{ff01}', '\u{ff1f}', '\u{ff1b}', '\n']) {
        let rest = &text[at + stop.len()..];
        borders.push(text.len() - rest.trim_start_matches(CLOSING).len());
    }
    borders.push(text.len());
    borders.sort_unstable();
    // 2. Take the parts between them, without the white space around.
    let mut found = Vec::new();
    for pair in borders.windows(2) {
        let part = &text[pair[0]..pair[1]];
        let start = pair[0] + (part.len() - part.trim_start().len());
        if part.chars().any(char::is_alphanumeric) {
            found.push(start..start + part.trim().len());
        }
    }
    found
}

/// The least width of a line that may be wrapped, in columns; a Chinese character takes two.
#[cfg(feature = "sentences")]
const MIN_WRAPPED_COLUMNS: usize = 44;

/// Returns a text of the same length, in which the line ends within wrapped text are spaces: those after a long line without
/// a stop at its end, before a line that does not begin as an item of a list, a heading or a row of a table does.
#[cfg(feature = "sentences")]
fn unwrapped(text: &str) -> std::borrow::Cow<'_, str> {
    let continues = |line: &str| {
        let first = line.chars().next();
        let mut after_digits = line.trim_start_matches(|c: char| c.is_ascii_digit()).chars();
        let is_numbered =
            first.is_some_and(|c| c.is_ascii_digit()) && matches!(after_digits.next(), Some('.' | ')' | '、'));
        first.is_some_and(char::is_alphanumeric)
            && !is_numbered
            && !starts_with_time(line)
            && !line.contains(['|', '\t'])
    };
    let is_wrapped = |line: &str| {
        let last = line.trim_end_matches(is_closer).chars().next_back();
        columns::width(line) >= MIN_WRAPPED_COLUMNS
            && last.is_some_and(|c| !is_stop(c) && !matches!(c, ':' | ';' | '\u{ff1a}' | '\u{ff1b}'))
            && !line.starts_with('#')
            && !line.contains(['|', '\t'])
    };
    let mut result = std::borrow::Cow::Borrowed(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let own = line.trim_end_matches(['\n', '\r']);
        if own.len() < line.len()
            && is_wrapped(own.trim())
            && continues(text[end..].lines().next().unwrap_or_default().trim_start())
        {
            result.to_mut().replace_range(start + own.len()..end, &"  "[..line.len() - own.len()]);
        }
        start = end;
    }
    result
}

/// Returns those sentences of a line that end with a mark, as byte ranges, without the white space around them. Marks of lists
/// and quotations at the beginning of the line are left out.
pub fn marked_sentences(line: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = line.len() - line.trim_start_matches(['>', '-', '*', '+', ' ', '\t']).len();
    let mut characters = line.char_indices().peekable();
    while let Some((i, c)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        let ends = match c {
            '。' | '！' | '？' => true,
            // A stop within a number, a name or an abbreviation such as "e.g.x" does not end a sentence.
            '.' | '!' | '?' => next.is_none_or(|next| next.is_whitespace() || is_han(next)),
            _ => false,
        };
        if ends && i >= start {
            let end = i + c.len_utf8();
            let text = line[start..end].trim_start();
            ranges.push(end - text.len()..end);
            start = end;
        }
    }
    ranges
}

/// True for a line that begins with a date or a time, in brackets or not, as the lines of a log do.
pub fn starts_with_time(line: &str) -> bool {
    let line = line.trim_start_matches(['[', '(', '<', '（', '【']);
    let bytes = line.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let after = &line[digits..];
    let number_follows = |separators: &[char]| {
        after.strip_prefix(separators).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    match digits {
        4 => number_follows(&['-', '/', '.', '年']),
        1 | 2 => number_follows(&[':', '/', '：']),
        0 => {
            // "Mar  4 10:22:11"
            let month = line.get(..3).unwrap_or_default();
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let day = line.get(3..).unwrap_or_default();
            months.contains(&month)
                && day.starts_with(' ')
                && day.trim_start().starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// True for marks that can end a sentence: Latin, Chinese (full and half width), danda, Arabic and Urdu.
pub fn is_stop(c: char) -> bool {
    let latin = matches!(c, '.' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉');
    // The ideographic full stop and its half-width form; full-width ! ? and full stop.
    let chinese = matches!(c, '。' | '\u{ff61}' | '\u{ff01}' | '\u{ff1f}' | '\u{ff0e}');
    // Danda and double danda; the Arabic question mark and Urdu full stop.
    let others = matches!(c, '\u{0964}' | '\u{0965}' | '\u{061f}' | '\u{06d4}');
    latin || chinese || others
}

/// True for closing quotes and brackets, and for marks that end emphasis in Markdown. They belong to the previous sentence.
pub fn is_closer(c: char) -> bool {
    let latin = matches!(c, '"' | '\'' | ')' | ']' | '}' | '”' | '’' | '»' | '›' | '`' | '*' | '_');
    let chinese = matches!(c, '」' | '』' | '》' | '〉' | '】' | '〕' | '〗');
    let full_width = matches!(c, '\u{ff09}' | '\u{ff3d}' | '\u{ff5d}');
    latin || chinese || full_width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sentences")]
    #[test]
    fn sentences_of_both_languages() {
        let text = "平均池化好。[CLS] 也行\u{ff01} Mean pooling works. It averages.\n\n- one item\n- 第二项\u{ff1b}完";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(
            found,
            [
                "平均池化好。",
                "[CLS] 也行\u{ff01}",
                "Mean pooling works.",
                "It averages.",
                "- one item",
                "- 第二项\u{ff1b}",
                "完"
            ]
        );
        let quoted = "他说：“好。”然后走了。";
        let found: Vec<&str> = sentences(quoted).into_iter().map(|range| &quoted[range]).collect();
        assert_eq!(found, ["他说：“好。”", "然后走了。"]);
        assert!(sentences("").is_empty() && sentences(" \n ").is_empty());
    }

    #[cfg(feature = "sentences")]
    #[test]
    fn wrapped_lines_are_one_sentence() {
        let text = "Backups are made every night at two o'clock on the\r\nserver in Bergen. They are kept\nfor thirty days, and longer for the books of\n\
                    - the first item of a list that follows it at once\n\
                    2. the second";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(
            found,
            [
                "Backups are made every night at two o'clock on the\r\nserver in Bergen.",
                "They are kept",
                "for thirty days, and longer for the books of",
                "- the first item of a list that follows it at once",
                "2. the second"
            ]
        );
        let text = "备份每天凌晨两点在卑尔根的服务器上进行，保留三十天，财务账\n簿保留更久。其他\n另说";
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["备份每天凌晨两点在卑尔根的服务器上进行，保留三十天，财务账\n簿保留更久。", "其他", "另说"]);
    }

    #[test]
    fn marked_sentences_in_both_languages() {
        let line = "  版本1.5很快。它比旧版好吗？ It costs 3.5 ms. Yes! and no end";
        let found: Vec<&str> = marked_sentences(line).into_iter().map(|range| &line[range]).collect();
        assert_eq!(found, ["版本1.5很快。", "它比旧版好吗？", "It costs 3.5 ms.", "Yes!"]);
    }
}
