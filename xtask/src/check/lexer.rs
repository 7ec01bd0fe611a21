//! Just enough of Rust's lexical structure to tell code from what only looks like it.

/// A word (identifier, keyword, number, lifetime) or a sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    /// From 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(word_start)
    }
}

fn word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The source with every comment, string and character literal turned into spaces; line breaks stay where they are.
pub(crate) fn blank(source: &str) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < text.len() {
        if text[at].is_ascii_digit() || word_start(text[at]) {
            let end = at + text[at..].iter().take_while(|&&c| word_part(c)).count();
            let word: String = text[at..end].iter().collect();
            match literal_after(&word, &text, end) {
                Some(close) => erase(&text[at..close], &mut out),
                None => out.push_str(&word),
            }
            at = literal_after(&word, &text, end).unwrap_or(end);
            continue;
        }
        let end = match text[at] {
            '/' if text.get(at + 1) == Some(&'/') => {
                at + text[at..].iter().position(|&c| c == '\n').unwrap_or(text.len() - at)
            }
            '/' if text.get(at + 1) == Some(&'*') => block_comment_end(&text, at),
            '"' => string_end(&text, at),
            '\'' => char_end(&text, at).unwrap_or(at),
            _ => at,
        };
        if end > at {
            erase(&text[at..end], &mut out);
            at = end;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

fn erase(text: &[char], out: &mut String) {
    out.extend(text.iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
}

/// Where the literal ends that a prefix such as `br` begins, when one follows at `at`.
fn literal_after(word: &str, text: &[char], at: usize) -> Option<usize> {
    match (word, *text.get(at)?) {
        ("r" | "br" | "cr", '"' | '#') => raw_string_end(text, at),
        ("b" | "c", '"') => Some(string_end(text, at)),
        ("b", '\'') => char_end(text, at),
        _ => None,
    }
}

/// `at` is at the first `#` or the quote; `None` for a raw identifier such as `r#type`.
fn raw_string_end(text: &[char], at: usize) -> Option<usize> {
    let hashes = text[at..].iter().take_while(|&&c| c == '#').count();
    let body = at + hashes + 1;
    if text.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closes =
        |i: &usize| text[*i] == '"' && text[i + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes;
    Some((body..text.len()).find(closes).map_or(text.len(), |quote| quote + 1 + hashes))
}

fn string_end(text: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < text.len() {
        match text[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// `None` when the quote begins a lifetime or a label.
fn char_end(text: &[char], at: usize) -> Option<usize> {
    if text.get(at + 1) == Some(&'\\') {
        let close = (at + 3..text.len()).find(|&i| text[i] == '\'');
        return Some(close.map_or(text.len(), |quote| quote + 1));
    }
    (text.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

fn block_comment_end(text: &[char], at: usize) -> usize {
    let (mut i, mut depth) = (at, 0);
    while i + 1 < text.len() {
        match (text[i], text[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    text.len()
}

/// The tokens of a blanked source. `::`, `->`, `=>` and `..` are one token each, every other sign is one of its own.
pub(crate) fn tokens(blanked: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(c) = blanked[at..].chars().next() {
        let rest = &blanked[at..];
        let length = if c.is_whitespace() {
            line += usize::from(c == '\n');
            at += c.len_utf8();
            continue;
        } else if rest.starts_with("r#") && rest[2..].starts_with(word_start) {
            2 + word_length(&rest[2..])
        } else if word_start(c) {
            word_length(rest)
        } else if c.is_ascii_digit() {
            number_length(rest)
        } else if c == '\'' {
            1 + word_length(&rest[1..])
        } else if ["::", "->", "=>", ".."].iter().any(|sign| rest.starts_with(sign)) {
            2
        } else {
            c.len_utf8()
        };
        found.push(Token { text: &rest[..length], line });
        at += length;
    }
    found
}

fn word_length(text: &str) -> usize {
    text.find(|c| !word_part(c)).unwrap_or(text.len())
}

/// `1.5` is one number, but `1..5` and `1.max(5)` begin with one.
fn number_length(text: &str) -> usize {
    let whole = word_length(text);
    match text[whole..].strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => whole + 1 + word_length(fraction),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(&blank(source)).iter().map(|token| token.text.to_owned()).collect()
    }

    #[test]
    fn comments_go_even_when_nested() {
        assert_eq!(words("a // sled::x\n/// sled\n//! sled\n/* b /* sled */ sled */ c"), ["a", "c"]);
        assert_eq!(words("a /* never closed"), ["a"]);
    }

    #[test]
    fn strings_of_every_kind_go() {
        assert_eq!(words(r#"a("x \" sled::y", b"z\\", c"q") b"#), ["a", "(", ",", ",", ")", "b"]);
        assert_eq!(words(r####"r"sled" r#"a " sled"# br##"x "# sled"## end"####), ["end"]);
        assert_eq!(words("\"// not a comment\" a \"/*\" b"), ["a", "b"]);
    }

    #[test]
    fn characters_go_and_lifetimes_stay() {
        assert_eq!(
            words(r"f('\'', '\\', '\u{4e2d}', '中', b'x', ' ') a"),
            ["f", "(", ",", ",", ",", ",", ",", ")", "a"]
        );
        assert_eq!(
            words("<'a,'b> &'static x 'l: loop"),
            ["<", "'a", ",", "'b", ">", "&", "'static", "x", "'l", ":", "loop"]
        );
        assert_eq!(words("'\"' a '\"'"), ["a"]);
    }

    #[test]
    fn raw_identifiers_and_numbers_are_words() {
        assert_eq!(
            words("r#use 0..10 1.5e3 x.0.1 1.max"),
            ["r#use", "0", "..", "10", "1.5e3", "x", ".", "0.1", "1", ".", "max"]
        );
        assert_eq!(words("for_r \"x\" a::b->c=>d"), ["for_r", "a", "::", "b", "->", "c", "=>", "d"]);
    }

    #[test]
    fn lines_are_kept() {
        let text = blank("/*\n\n*/ a\n\"x\n\" b");
        assert_eq!(tokens(&text).iter().map(|token| token.line).collect::<Vec<_>>(), [3, 5]);
    }
}
