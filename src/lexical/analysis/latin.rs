//! Words with case, digits and joiners. A chunk (`RTX-4090`, `std::io`, `fooBarBaz`, `O'Brien`) gives its words, the parts of its words,
//! each pair of neighbouring words as one word, and the whole chunk as one word, so that every spelling finds the others. Numbers are in
//! `numbers.rs`.

use super::{MAX_WORD_BYTES, Piece, Script, capped, numbers, script};

/// The most words of a chunk that is also emitted as one word.
const MAX_JOINED_WORDS: usize = 8;

/// Joiners between the words of a chunk.
const JOINERS: [char; 6] = ['-', '_', '.', '&', ',', ':'];

/// English endings after an apostrophe that are not words: `don't`, `we're`, `I'd`.
const CONTRACTED: [&str; 7] = ["t", "s", "re", "ve", "ll", "d", "m"];

fn is_letter(c: char) -> bool {
    script(c) == Script::Letters
}

/// Returns the end of the chunk that begins at `start`: words with joiners between them, and `+` or `#` after them.
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
    let letter_follows = text[end + suffix..].chars().next().is_some_and(is_letter);
    if last.is_alphabetic() && !letter_follows { end + suffix } else { end }
}

/// True if `c` between two characters joins two words of a chunk.
fn joins(c: char, before: char, after: Option<char>) -> bool {
    let Some(after) = after.filter(|&after| is_letter(after)) else { return false };
    match c {
        '-' | '_' | '.' | '\'' | '&' => true,
        ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => false,
    }
}

/// Emits the words of a chunk. `dotted`: true if a dot before the chunk belongs to it (`.NET`).
pub(super) fn words(chunk: &str, dotted: bool, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    // The words.
    let bare = chunk.trim_end_matches(['+', '#']);
    let mut count = 0;
    for word in bare.split(JOINERS).filter(|word| !word.is_empty()) {
        count += 1;
        emit_word(word, buffer, emit);
    }
    // The last word with its signs: `c++`.
    if bare.len() < chunk.len() {
        lower(bare.rsplit(JOINERS).next().and_then(|last| last.rsplit('\'').next()).unwrap_or(bare), buffer);
        buffer.push_str(&chunk[bare.len()..]);
        emit(Piece::Whole(capped(buffer)));
    }
    if dotted {
        buffer.clear();
        buffer.push('.');
        let first = bare.split(JOINERS).next().unwrap_or(bare);
        buffer.extend(first.chars().flat_map(char::to_lowercase));
        emit(Piece::Whole(capped(buffer)));
    }
    numbers::in_chunk(bare, buffer, emit);
    // Pairs of words, and the whole chunk.
    if (2..=MAX_JOINED_WORDS).contains(&count) && bare.len() <= MAX_WORD_BYTES {
        if count > 2 {
            emit_pairs(bare, buffer, emit);
        }
        write_joined(bare, buffer);
        emit(Piece::Whole(buffer));
        if has_optional_dots(bare) {
            buffer.retain(|c| c != '.');
            emit(Piece::Whole(buffer));
        }
    }
}

/// Emits each pair of neighbouring words as one: parts of a longer name (`2.1` of `v2.1.0`, `202403` of a date).
fn emit_pairs(bare: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    // The starts of the previous word and of this one.
    let (mut previous, mut start) = (None, 0);
    for (end, joiner) in bare.match_indices(JOINERS).chain([(bare.len(), "")]) {
        let next = end + joiner.len();
        if end == start {
            // Two joiners follow each other.
            start = next;
            continue;
        }
        if let Some(previous) = previous {
            write_joined(&bare[previous..end], buffer);
            emit(Piece::Pair(buffer));
        }
        (previous, start) = (Some(start), next);
    }
}

/// Writes a chunk in lower case without optional joiners: `rtx4090` for `RTX-4090`, `1000` for `1,000`; `1.2.3` keeps its dots.
fn write_joined(bare: &str, buffer: &mut String) {
    buffer.clear();
    for c in bare.chars().filter(|c| !matches!(c, '-' | '_' | ',' | '\'')) {
        buffer.extend(c.to_lowercase());
    }
}

/// True if all dots are between letters, and so optional: `Node.js`, `U.S.A`.
fn has_optional_dots(bare: &str) -> bool {
    let mut before = None;
    let mut dots = 0;
    let mut characters = bare.chars().peekable();
    while let Some(c) = characters.next() {
        if c == '.' {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
            if !(is_letter(before) && is_letter(characters.peek().copied())) {
                return false;
            }
            dots += 1;
        }
        before = Some(c);
    }
    dots > 0
}

/// Emits a word in lower case, and its parts.
fn emit_word(word: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    lower(word, buffer);
    if buffer.contains('\'') {
        let lowered = std::mem::take(buffer);
        emit_elided(lowered.strip_suffix("'s").unwrap_or(&lowered), buffer, emit);
        *buffer = lowered;
        return;
    }
    emit(Piece::Word(capped(buffer)));
    if word.len() > MAX_WORD_BYTES {
        return;
    }
    // iPhone15 gives iPhone and 15; iPhone gives i and Phone.
    for part in split_word(word, |before, after, _| before.is_numeric() != after.is_numeric()) {
        if part.len() < word.len() {
            lower(part, buffer);
            emit(Piece::Code(buffer));
        }
        for hump in split_word(part, is_hump) {
            if hump.len() < part.len() {
                lower(hump, buffer);
                emit(Piece::Code(buffer));
            }
        }
    }
}

/// Emits a word with apostrophes, in lower case: the parts that are words (`l'eau`, `O'Brien`, `rock'n'roll`), and the whole without
/// apostrophes.
fn emit_elided(word: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    buffer.clear();
    buffer.extend(word.chars().filter(|&c| c != '\''));
    let ending = word.rsplit_once('\'').map_or("", |(_, ending)| ending);
    if ending.is_empty() || CONTRACTED.contains(&ending) {
        return emit(Piece::Word(capped(buffer)));
    }
    for part in word.split('\'').filter(|part| part.chars().nth(1).is_some()) {
        emit(Piece::Word(capped(part)));
    }
    emit(Piece::Whole(capped(buffer)));
}

/// True if a new word begins between two letters of camel case: `foo|Bar`, `HTTP|Server`.
fn is_hump(before: char, after: char, next: Option<char>) -> bool {
    after.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next.is_some_and(char::is_lowercase))
}

/// Splits a word where `is_boundary` is true for the characters before and after it, and the character after these two.
fn split_word(word: &str, is_boundary: fn(char, char, Option<char>) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices();
        let mut before = characters.next()?.1;
        while let Some((at, c)) = characters.next() {
            if is_boundary(before, c, characters.clone().next().map(|(_, c)| c)) {
                let (part, after) = rest.split_at(at);
                rest = after;
                return Some(part);
            }
            before = c;
        }
        Some(std::mem::take(&mut rest))
    })
}

/// Writes a word in lower case.
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
    use super::super::normalise::normalise;
    use super::super::pieces;
    use super::*;

    fn pieces_of(text: &str) -> String {
        let (mut found, mut buffer) = (Vec::new(), String::new());
        pieces(&normalise(text), &mut buffer, &mut |piece| {
            found.push(match piece {
                Piece::Word(word) => word.to_owned(),
                Piece::Code(code) | Piece::Sign(code) => format!("={code}"),
                Piece::Pair(pair) => format!("={pair}"),
                Piece::Whole(whole) => format!("=={whole}"),
                Piece::Chunk => return,
                Piece::Han(run) | Piece::Dense(run) | Piece::Hangul(run) => format!("[{run}]"),
            });
        });
        found.join(" ")
    }

    #[test]
    fn chunks_are_cut_into_words_and_codes() {
        for (text, wanted) in [
            ("The quick fox's den.", "the quick fox den"),
            ("don't stop, we're", "dont stop were"),
            ("L’eau d'Artagnan", "eau ==leau artagnan ==dartagnan"),
            ("O'Brien's rock'n'roll, the dogs' end", "brien ==obrien rock roll ==rocknroll the dogs end"),
            ("RTX-4090", "rtx 4090 ==rtx4090"),
            ("RTX4090", "rtx4090 =rtx =4090"),
            ("GPT-4o", "gpt 4o =4 =o ==gpt4o"),
            ("foo_bar fooBarBaz", "foo bar ==foobar foobarbaz =foo =bar =baz"),
            ("HTTPServer", "httpserver =http =server"),
            ("iPhone15手机", "iphone15 =iphone =i =phone =15 [手机]"),
            ("std::io", "std io ==std::io"),
            ("v1.2.3,", "v1 =v =1 2 3 =1.2 =2.3 ==1.2.3 =v1.2 =2.3 ==v1.2.3"),
            ("C++ and C#, not a+b", "c ==c++ and c ==c# not a b"),
            (".NET and Node.js, U.S.A.", "net ==.net and node js ==node.js ==nodejs u s a =u.s =s.a ==u.s.a ==usa"),
            ("R&D costs 1,000", "r d ==r&d costs 1 000 ==1000"),
            ("2024-03-15", "2024 03 15 =202403 =0315 ==20240315"),
            ("a...b .. c", "a b c"),
            ("第3章 GPU显存", "[第] 3 [章] gpu [显存]"),
            ("パソコンを買う", "[パソコン] [を] [买] [う]"),
            ("Москва и Ελλάδα", "москва и ελλαδα"),
            ("好了✅❌", "[好了] =✅ =❌"),
            ("... -- ## ++", ""),
        ] {
            assert_eq!(pieces_of(text), wanted, "{text}");
        }
    }

    #[test]
    fn long_words_are_truncated() {
        let long = "é汉".repeat(3) + &"x".repeat(500);
        assert!(pieces_of(&long).len() < 100);
        assert_eq!(pieces_of(&"a".repeat(70)), "a".repeat(64));
    }
}
