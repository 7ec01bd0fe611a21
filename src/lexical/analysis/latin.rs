//! Words with case, digits and joiners. A chunk (`RTX-4090`, `std::io`, `fooBarBaz`) gives its words, the whole without hyphens, and
//! the parts of its words, so that each way to write it finds the others.

use super::{MAX_WORD, Piece, Script, capped, script};

/// A chunk of more words gives no whole.
const MAX_JOINED: usize = 8;

fn is_letter(c: char) -> bool {
    script(c) == Script::Letters
}

/// Where the chunk that begins at `start` ends: words and the joiners between them, and `+` or `#` behind.
pub(super) fn chunk_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut last = ' ';
    loop {
        let mut rest = text[end..].chars();
        match rest.next() {
            Some(c) if is_letter(c) => {
                end += c.len_utf8();
                last = c;
            }
            Some(c) if joins(c, last, rest.clone().next()) => end += c.len_utf8(),
            Some(':') if rest.next() == Some(':') && rest.next().is_some_and(is_letter) => end += 2,
            _ => break,
        }
    }
    let suffix = text[end..].bytes().take_while(|b| matches!(b, b'+' | b'#')).take(2).count();
    let followed = text[end + suffix..].chars().next().is_some_and(is_letter);
    if last.is_alphabetic() && !followed { end + suffix } else { end }
}

fn joins(c: char, before: char, after: Option<char>) -> bool {
    let Some(after) = after.filter(|&after| is_letter(after)) else { return false };
    match c {
        '-' | '_' | '.' | '\'' | '&' => true,
        ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => false,
    }
}

/// Shows the words of a chunk.
pub(super) fn words(chunk: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    let bare = chunk.trim_end_matches(['+', '#']);
    let mut count = 0;
    for word in bare.split(['-', '_', '.', '&', ',', ':']).filter(|word| !word.is_empty()) {
        count += 1;
        whole_word(word, buffer, show);
    }
    if bare.len() < chunk.len() {
        lower(bare.rsplit(['-', '_', '.', '&', ',', ':', '\'']).next().unwrap_or(bare), buffer);
        buffer.push_str(&chunk[bare.len()..]);
        show(Piece::Code(capped(buffer)));
    }
    if (2..=MAX_JOINED).contains(&count) && bare.len() <= MAX_WORD {
        buffer.clear();
        for c in bare.chars().filter(|c| !matches!(c, '-' | '_' | ',' | '\'')) {
            buffer.extend(c.to_lowercase());
        }
        show(Piece::Code(buffer));
    }
}

fn whole_word(word: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    lower(word, buffer);
    if buffer.contains('\'') {
        let bare = buffer.strip_suffix("'s").unwrap_or(buffer).replace('\'', "");
        *buffer = bare;
    }
    show(Piece::Word(capped(buffer)));
    if word.len() > MAX_WORD {
        return;
    }
    // iPhone15: iPhone and 15; iPhone: i and Phone.
    for part in parts(word, |before, after, _| before.is_numeric() != after.is_numeric()) {
        if part.len() < word.len() {
            lower(part, buffer);
            show(Piece::Code(buffer));
        }
        for hump in parts(part, is_hump) {
            if hump.len() < part.len() {
                lower(hump, buffer);
                show(Piece::Code(buffer));
            }
        }
    }
}

/// Whether a word begins between two letters of camel case: `foo|Bar`, `HTTP|Server`.
fn is_hump(before: char, after: char, next: Option<char>) -> bool {
    after.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next.is_some_and(char::is_lowercase))
}

/// Cuts where `between` says so of the characters before and after a place, and the one that follows those.
fn parts(word: &str, between: fn(char, char, Option<char>) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices();
        let mut before = characters.next()?.1;
        while let Some((at, c)) = characters.next() {
            if between(before, c, characters.clone().next().map(|(_, c)| c)) {
                let (part, after) = rest.split_at(at);
                rest = after;
                return Some(part);
            }
            before = c;
        }
        Some(std::mem::take(&mut rest))
    })
}

fn lower(word: &str, into: &mut String) {
    into.clear();
    if word.is_ascii() {
        into.push_str(word);
        into.make_ascii_lowercase();
    } else {
        into.extend(word.chars().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use super::super::pieces;
    use super::*;

    fn cut(text: &str) -> String {
        let (mut found, mut buffer) = (Vec::new(), String::new());
        pieces(text, &mut buffer, &mut |piece| {
            found.push(match piece {
                Piece::Word(word) => word.to_owned(),
                Piece::Code(code) => format!("={code}"),
                Piece::Han(run) | Piece::Dense(run) | Piece::Hangul(run) => format!("[{run}]"),
            });
        });
        found.join(" ")
    }

    #[test]
    fn codes_and_compounds() {
        for (text, wanted) in [
            ("The quick fox's den.", "the quick fox den"),
            ("don't stop", "dont stop"),
            ("RTX-4090", "rtx 4090 =rtx4090"),
            ("RTX4090", "rtx4090 =rtx =4090"),
            ("GPT-4o", "gpt 4o =4 =o =gpt4o"),
            ("foo_bar fooBarBaz", "foo bar =foobar foobarbaz =foo =bar =baz"),
            ("HTTPServer", "httpserver =http =server"),
            ("iPhone15手机", "iphone15 =iphone =i =phone =15 [手机]"),
            ("std::io", "std io =std::io"),
            ("v1.2.3,", "v1 =v =1 2 3 =v1.2.3"),
            ("C++ and C#, not a+b", "c =c++ and c =c# not a b"),
            ("R&D costs 1,000", "r d =r&d costs 1 000 =1000"),
            ("第3章 GPU显存", "[第] 3 [章] gpu [显存]"),
            ("パソコンを買う", "[パソコンを] [买] [う]"),
            ("Москва и Ελλάδα", "москва и ελλάδα"),
            ("... -- ## ++", ""),
        ] {
            assert_eq!(cut(text), wanted, "{text}");
        }
    }

    #[test]
    fn long_words_count_as_their_beginning() {
        let long = "é汉".repeat(3) + &"x".repeat(500);
        assert!(cut(&long).len() < 100);
        assert_eq!(cut(&"a".repeat(70)), "a".repeat(64));
    }
}
