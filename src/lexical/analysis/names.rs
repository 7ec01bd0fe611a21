//! Exact names of a document: the name of its file with and without extension, with the folder above, its path, its title; that name
//! without the signs between its words; numbers in it (`numbered.rs`). A query that is one of them, or contains one, asks for that
//! document.

use super::{normalise, numbered};

/// The first character of a name's terms. No word begins with it.
const MARK: char = '\u{1}';
/// The longest name that becomes a term, in bytes.
const LONGEST: usize = 512;
/// Words of a question that may be names.
const MOST_ASKED: usize = 8;
/// Folders above a file that is asked for by its name alone before those of the same name that lie deeper.
const DEEPEST: usize = 6;

/// Emits the terms of a document's names: its id, the first line of its title.
pub(super) fn of_document(id: &str, title: &str, show: &mut dyn FnMut(&str)) {
    let path = folded(id);
    let path = path.trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let slash = path.len().saturating_sub(name.len() + 1);
    let parent = path[..slash].rfind('/').map_or(0, |at| at + 1);
    let mut shown: Vec<&str> = Vec::new();
    let title = folded(title.lines().next().unwrap_or_default());
    for form in [name, stem, &path[parent..], path, &title] {
        if !form.is_empty() && form.len() <= LONGEST && !shown.contains(&form) {
            shown.push(form);
            show(&term(form));
        }
    }
    if path.is_empty() || path.len() > LONGEST {
        return;
    }
    show(&whole_path(path));
    let depth = path.matches('/').count();
    if depth <= DEEPEST {
        show(&at_depth(depth, name));
        if stem != name && !stem.is_empty() {
            show(&at_depth(depth, stem));
        }
    }
    let squeezed = squeezed(stem);
    if !squeezed.is_empty() {
        show(&squeezed);
    }
    let folder = path[parent..].split_once('/').map_or("", |(folder, _)| folder);
    numbered::of_file(stem, folder, &mut |numbered| show(&term(&format!("#{numbered}"))));
}

/// A possible name in a query.
#[derive(Debug, PartialEq)]
pub(super) struct Name<'a> {
    /// The terms of the documents that it is above all: the one whose whole path it is, those of this name from the top down.
    pub(super) first: Vec<String>,
    /// The terms of names, the longest first: a path from elsewhere ends with what is known here. The last one is that of names that
    /// are written with other signs between their words.
    pub(super) names: Vec<String>,
    /// The part of the question.
    pub(super) part: &'a str,
    /// Whether it looks like a file's, so that it is asked for whatever stands beside it.
    pub(super) is_file: bool,
}

/// Possible names in a query: the whole query, and its words that look like file names.
pub(super) fn in_question(text: &str) -> Vec<Name<'_>> {
    let trimmed = unquoted(text);
    let looks = |word: &&str| word.contains(['.', '/', '\\', '_', '-']) && word.chars().any(char::is_alphanumeric);
    let words = trimmed.split_whitespace().map(unquoted).filter(looks).take(MOST_ASKED);
    let mut found: Vec<Name<'_>> = Vec::new();
    for part in [trimmed].into_iter().chain(words) {
        let name = folded(&part.replace('\\', "/"));
        let name = without_line(name.strip_prefix("./").unwrap_or(&name).trim_start_matches('/'));
        if name.is_empty() || name.len() > LONGEST || found.iter().any(|known| known.part == part) {
            continue;
        }
        let last = name.rsplit('/').next().unwrap_or(name);
        let above = name[..name.len() - last.len()].trim_end_matches('/');
        let two = &name[above.rfind('/').map_or(0, |at| at + 1)..];
        let mut names: Vec<String> = [name, two, last].into_iter().filter(|name| !name.is_empty()).map(term).collect();
        names.dedup();
        let mut first = vec![whole_path(name)];
        if above.is_empty() {
            first.extend((0..=DEEPEST).map(|depth| at_depth(depth, name)));
        }
        let extension = last.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty() && extension.len() <= 5 && extension.chars().any(char::is_alphabetic)
        });
        let stem = if extension { last.rsplit_once('.').map_or(last, |(stem, _)| stem) } else { last };
        names.extend(Some(squeezed(stem)).filter(|squeezed| !squeezed.is_empty()));
        let is_file = !part.contains(char::is_whitespace) && (extension || name.contains('/'));
        found.push(Name { first, names, part, is_file });
    }
    for (numbered, part) in numbered::in_question(trimmed).into_iter().take(MOST_ASKED) {
        found.push(Name { first: vec![term(&format!("#{numbered}"))], names: Vec::new(), part, is_file: false });
    }
    found
}

/// Removes the line and column that a compiler writes after a path: `src/main.rs:12:5`.
fn without_line(name: &str) -> &str {
    let mut name = name;
    while let Some((before, number)) = name.rsplit_once(':')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        name = before;
    }
    name
}

/// The term of a whole path.
fn whole_path(path: &str) -> String {
    format!("{MARK}/{path}")
}

/// The term of a name so many folders below the top.
fn at_depth(depth: usize, name: &str) -> String {
    format!("{MARK}{depth}//{name}")
}

/// The term of a name without the signs between its words; nothing where it has no letters.
fn squeezed(stem: &str) -> String {
    let letters: String = stem.chars().filter(|c| c.is_alphanumeric()).collect();
    if letters.is_empty() { letters } else { format!("{MARK}~{letters}") }
}

/// A term without the mark of names, as a person reads it.
pub(super) fn readable(term: &str) -> &str {
    term.strip_prefix(MARK).unwrap_or(term)
}

fn term(name: &str) -> String {
    format!("{MARK}{name}")
}

/// Without quotation marks and what ends a sentence. What stands before a word may belong to its name (`.env`).
fn unquoted(text: &str) -> &str {
    const QUOTES: [char; 11] = ['"', '\'', '`', '“', '”', '‘', '’', '「', '」', '《', '》'];
    let ends = |c: char| {
        c.is_whitespace() || QUOTES.contains(&c) || matches!(c, '?' | '？' | ',' | '，' | '。' | ':' | ';' | '!' | '！')
    };
    text.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).trim_end_matches(ends)
}

/// In one spelling and lower case; blanks are one space. A newline would end a term.
fn folded(name: &str) -> String {
    let name = normalise::normalise(name);
    let mut folded = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, title: &str) -> Vec<String> {
        let mut found = Vec::new();
        of_document(id, title, &mut |name| found.push(readable(name).to_owned()));
        found
    }

    #[test]
    fn a_document_has_the_names_that_people_ask_for() {
        assert_eq!(
            of("a/src/Parser.rs", ""),
            [
                "parser.rs",
                "parser",
                "src/parser.rs",
                "a/src/parser.rs",
                "/a/src/parser.rs",
                "2//parser.rs",
                "2//parser",
                "~parser"
            ]
        );
        assert_eq!(of("Dockerfile", "Dockerfile"), ["dockerfile", "/dockerfile", "0//dockerfile", "~dockerfile"]);
        assert_eq!(
            of("會議 紀要.md", "第三次"),
            ["会议 纪要.md", "会议 纪要", "第三次", "/会议 纪要.md", "0//会议 纪要.md", "0//会议 纪要", "~会议纪要"]
        );
        assert!(of("b\nc.txt", "").contains(&"b c.txt".to_owned()));
        assert!(of("rfcs/0024-async.md", "").contains(&"#rfc 24".to_owned()));
        assert!(of(&"x".repeat(600), "").is_empty());
    }

    #[test]
    fn a_question_is_a_name_or_has_one() {
        let asked = |text| {
            let names = in_question(text).into_iter();
            names.map(|name| (readable(&name.first[0]).to_owned(), name.names.len(), name.is_file)).collect::<Vec<_>>()
        };
        let one = |path: &str, names, is_file| (path.to_owned(), names, is_file);
        assert_eq!(asked("./src/Parser.rs"), [one("/src/parser.rs", 3, true)]);
        assert_eq!(asked("\"README.md\"?"), [one("/readme.md", 2, true)]);
        assert_eq!(asked("a\\b\\c.rs:12:5"), [one("/a/b/c.rs", 4, true)]);
        let two = [one("/what does src/lex.rs do", 3, false), one("/src/lex.rs", 3, true)];
        assert_eq!(asked("what does src/lex.rs do"), two);
        assert_eq!(asked("covid-19"), [one("/covid-19", 2, false), one("#covid 19", 0, false)]);
        assert!(asked("  ").is_empty());
    }
}
