//! Numbered files: `rfcs/0024-async.md`, `ADR-070.md`, `ch04-types.md`. People search for them as `RFC 24`, `ADR 70`, `chapter 4`.

use super::notations;

/// The most digits of such a number.
const MAX_DIGITS: usize = 5;
/// The number of letters in the word before a number.
const LABEL_LETTERS: std::ops::RangeInclusive<usize> = 2..=12;

/// Splits a text into words of letters and numbers of digits, with their starts. There is no gap inside `ch04`.
fn words(text: &str) -> Vec<(usize, &str)> {
    const OTHER: u8 = 0;
    const DIGIT: u8 = 1;
    const LETTER: u8 = 2;
    let kind_of = |c: char| match c {
        _ if c.is_ascii_digit() => DIGIT,
        _ if c.is_alphabetic() => LETTER,
        _ => OTHER,
    };
    let mut found: Vec<(usize, &str)> = Vec::new();
    // The start and the kind of the run of characters.
    let mut run: Option<(usize, u8)> = None;
    for (at, kind) in text.char_indices().map(|(at, c)| (at, kind_of(c))).chain([(text.len(), OTHER)]) {
        if run.is_some_and(|(_, last)| last == kind) {
            continue;
        }
        if let Some((start, DIGIT | LETTER)) = run {
            found.push((start, &text[start..at]));
        }
        run = Some((at, kind));
    }
    found
}

fn number(word: &str) -> Option<u32> {
    if word.len() > MAX_DIGITS || !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    word.parse().ok()
}

/// Returns the kind of a numbered document, as one word for all languages; `None` for other words.
fn label(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let is_label = LABEL_LETTERS.contains(&word.chars().count()) && word.chars().all(char::is_alphabetic);
    is_label.then(|| notations::label(&word).map_or(word, str::to_owned))
}

/// Emits the numbered names of a file, by the word before the number. If the number is first, by the word after it and by the folder.
pub(super) fn of_file(stem: &str, folder: &str, emit: &mut dyn FnMut(&str)) {
    let words = words(stem);
    let first = words.iter().enumerate().find_map(|(index, (_, word))| number(word).map(|number| (index, number)));
    let Some((index, number)) = first else { return };
    let mut emitted: Vec<String> = Vec::new();
    let mut emit_label = |word: &str| {
        if let Some(label) = label(word)
            && !emitted.contains(&label)
        {
            emit(&format!("{label} {number}"));
            emitted.push(label);
        }
    };
    if let Some(before) = index.checked_sub(1) {
        let (_, word) = words[before];
        return emit_label(word);
    }
    // The name begins with the number. `1on1` and `3d` are words.
    let (start, digits) = words[0];
    if stem[start + digits.len()..].starts_with(char::is_alphanumeric) {
        return;
    }
    if let Some((_, after)) = words.get(1) {
        emit_label(after);
    }
    if let Some((_, last)) = self::words(folder).last() {
        emit_label(last);
        emit_label(last.strip_suffix('s').unwrap_or(last));
    }
}

/// Returns the numbered names in a query, each with its part of the query.
pub(super) fn in_question(text: &str) -> Vec<(String, &str)> {
    let words = words(text);
    let pairs = words.windows(2).filter_map(|pair| {
        let ((start, word), (digits_at, digits)) = (pair[0], pair[1]);
        let between = text[start + word.len()..digits_at].chars();
        let is_joined = between.clone().count() <= 1 && between.clone().all(|c| matches!(c, ' ' | '-' | '_' | '#'));
        let number = number(digits).filter(|_| is_joined)?;
        Some((format!("{} {number}", label(word)?), &text[start..digits_at + digits.len()]))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(stem: &str, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        of_file(stem, folder, &mut |numbered| found.push(numbered.to_owned()));
        found
    }

    #[test]
    fn files_are_numbered_by_a_word_or_the_folder() {
        assert_eq!(names_of("0024-rfc-async-io", "rfcs"), ["rfc 24", "rfcs 24"]);
        assert_eq!(names_of("0070-use-postgres", "adr"), ["use 70", "adr 70"]);
        assert_eq!(names_of("adr-0070-use-postgres", "docs"), ["adr 70"]);
        assert_eq!(names_of("pep0008", "peps"), ["pep 8"]);
        assert_eq!(names_of("ch04-types", "src"), ["chapter 4"]);
        assert_eq!(names_of("05", "lectures"), ["lectures 5", "lecture 5"]);
        for stem in ["img_20240312_quay", "notes", "1on1mario", "a1", ""] {
            assert_eq!(names_of(stem, "2024"), [""; 0], "{stem}");
        }
    }

    #[test]
    fn numbered_names_in_a_query() {
        assert_eq!(in_question("what does ADR-070 say"), [("adr 70".to_owned(), "ADR-070")]);
        assert_eq!(in_question("RFC 0024"), [("rfc 24".to_owned(), "RFC 0024")]);
        assert_eq!(in_question("Kapitel 4"), [("chapter 4".to_owned(), "Kapitel 4")]);
        assert_eq!(in_question("two words, 3 more. 4"), []);
    }
}
