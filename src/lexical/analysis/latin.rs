//! Words with case, digits and joiners. A chunk (`RTX-4090`, `std::io`, `fooBarBaz`, `O'Brien`) gives its words, the parts of its words,
//! two neighbouring words as one, and the whole, so that each spelling finds the others. `numbers.rs` has numbers.

use super::{MAX_WORD, Piece, Script, capped, numbers, script};

/// A chunk of more words gives no whole.
const MAX_JOINED: usize = 8;

/// Joiners between the words of a chunk.
const JOINERS: [char; 6] = ['-', '_', '.', '&', ',', ':'];

/// English endings after an apostrophe that are not words: `don't`, `we're`, `I'd`.
const CONTRACTED: [&str; 7] = ["t", "s", "re", "ve", "ll", "d", "m"];

fn is_letter(c: char) -> bool {
    script(c) == Script::Letters
}

/// The end of the chunk that begins at `start`: words with joiners between them, and `+` or `#` after them.
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

/// Emits the words of a chunk. `dotted`: whether a dot before it belongs to it (`.NET`).
pub(super) fn words(chunk: &str, dotted: bool, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    let bare = chunk.trim_end_matches(['+', '#']);
    let mut count = 0;
    for word in bare.split(JOINERS).filter(|word| !word.is_empty()) {
        count += 1;
        whole_word(word, buffer, show);
    }
    if bare.len() < chunk.len() {
        lower(bare.rsplit(JOINERS).next().and_then(|last| last.rsplit('\'').next()).unwrap_or(bare), buffer);
        buffer.push_str(&chunk[bare.len()..]);
        show(Piece::Whole(capped(buffer)));
    }
    if dotted {
        buffer.clear();
        buffer.push('.');
        let first = bare.split(JOINERS).next().unwrap_or(bare);
        buffer.extend(first.chars().flat_map(char::to_lowercase));
        show(Piece::Whole(capped(buffer)));
    }
    numbers::in_chunk(bare, buffer, show);
    if (2..=MAX_JOINED).contains(&count) && bare.len() <= MAX_WORD {
        if count > 2 {
            pairs(bare, buffer, show);
        }
        joined(bare, buffer);
        show(Piece::Whole(buffer));
        if undotted(bare) {
            buffer.retain(|c| c != '.');
            show(Piece::Whole(buffer));
        }
    }
}

/// Each two neighbouring words, joined as the whole is: part of a longer name (`2.1` of `v2.1.0`, `2024-03` of a date).
fn pairs(bare: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    // Where the last two words begin.
    let mut begun = (None, 0);
    for (at, joiner) in bare.match_indices(JOINERS).chain([(bare.len(), "")]) {
        if at == begun.1 {
            begun.1 = at + joiner.len();
            continue;
        }
        if let (Some(first), _) = begun {
            joined(&bare[first..at], buffer);
            show(Piece::Pair(buffer));
        }
        begun = (Some(begun.1), at + joiner.len());
    }
}

/// In lower case, without the joiners that come and go: `rtx4090` for `RTX-4090`, `1000` for `1,000`, `1.2.3` for itself.
fn joined(bare: &str, buffer: &mut String) {
    buffer.clear();
    for c in bare.chars().filter(|c| !matches!(c, '-' | '_' | ',' | '\'')) {
        buffer.extend(c.to_lowercase());
    }
}

/// Whether dots stand between letters alone, so that they may be left out: `Node.js`, `U.S.A`.
fn undotted(bare: &str) -> bool {
    let mut before = None;
    let mut dots = 0;
    let mut characters = bare.chars().peekable();
    while let Some(c) = characters.next() {
        if c == '.' {
            let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
            if !(letter(before) && letter(characters.peek().copied())) {
                return false;
            }
            dots += 1;
        }
        before = Some(c);
    }
    dots > 0
}

fn whole_word(word: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    lower(word, buffer);
    if buffer.contains('\'') {
        let written = std::mem::take(buffer);
        elided(written.strip_suffix("'s").unwrap_or(&written), buffer, show);
        *buffer = written;
        return;
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

/// Shows a word with apostrophes, in lower case: the parts that are words by themselves (`l'eau`, `O'Brien`, `rock'n'roll`), and the
/// whole without them.
fn elided(word: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    buffer.clear();
    buffer.extend(word.chars().filter(|&c| c != '\''));
    let behind = word.rsplit_once('\'').map_or("", |(_, behind)| behind);
    if behind.is_empty() || CONTRACTED.contains(&behind) {
        return show(Piece::Word(capped(buffer)));
    }
    for part in word.split('\'').filter(|part| part.chars().nth(1).is_some()) {
        show(Piece::Word(capped(part)));
    }
    show(Piece::Whole(capped(buffer)));
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
    use super::super::normalise::normalise;
    use super::super::pieces;
    use super::*;

    fn cut(text: &str) -> String {
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
    fn codes_and_compounds() {
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
