//! Exact names of a document: its file name with and without extension, the file name with its folder, the path, the title, its aliases;
//! also the file name without signs between the words, and numbers in it (`numbered.rs`). A query that equals or contains a name searches for
//! that document.

use super::{normalise, numbered};

/// The first character of the terms of names. Words do not begin with it.
const MARK: char = '\u{1}';
/// The most bytes of a name that becomes a term.
const MAX_NAME_BYTES: usize = 512;
/// The most names of a document besides its title and its path.
const MAX_OTHER_NAMES: usize = 20;
/// The most words of a query that are tried as names.
const MAX_QUERY_NAMES: usize = 8;
/// The most bytes of a file extension. A longer ending after a dot is a part of the name.
const MAX_EXTENSION_BYTES: usize = 5;
/// The most folders above a file for which a query by its file name alone prefers it to deeper files of the same name.
const MAX_DEPTH: usize = 6;

/// Emits the terms of a document's names: from its id, the first line of its title, and its other names.
pub(super) fn of_document(id: &str, title: &str, others: &[String], emit: &mut dyn FnMut(&str)) {
    let path = normalised(id);
    let path = path.trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let last_slash = path.len().saturating_sub(name.len() + 1);
    // The byte where the folder's name begins.
    let parent = path[..last_slash].rfind('/').map_or(0, |slash| slash + 1);
    let mut emitted: Vec<&str> = Vec::new();
    let others = others.iter().map(String::as_str).take(MAX_OTHER_NAMES);
    let titles: Vec<String> = title.lines().take(1).chain(others).map(normalised).collect();
    let titles = titles.iter().map(String::as_str);
    for form in [name, stem, &path[parent..], path].into_iter().chain(titles) {
        if !form.is_empty() && form.len() <= MAX_NAME_BYTES && !emitted.contains(&form) {
            emitted.push(form);
            emit(&term(form));
        }
    }
    if path.is_empty() || path.len() > MAX_NAME_BYTES {
        return;
    }
    emit(&whole_path(path));
    let depth = path.matches('/').count();
    if depth <= MAX_DEPTH {
        emit(&at_depth(depth, name));
        if stem != name && !stem.is_empty() {
            emit(&at_depth(depth, stem));
        }
    }
    let letters = without_signs(stem);
    if !letters.is_empty() {
        emit(&letters);
    }
    let folder = path[parent..].split_once('/').map_or("", |(folder, _)| folder);
    numbered::of_file(stem, folder, &mut |numbered| emit(&term(&format!("#{numbered}"))));
}

/// A possible name in a query.
#[derive(Debug, PartialEq)]
pub(super) struct Name<'a> {
    /// The terms of the best documents: the document with this path, then those with this file name, from the top folder down.
    pub(super) paths: Vec<String>,
    /// The terms of names, the longest first, because a path of another machine may end with a path of the collection. The last one is
    /// the term of names with other signs between their words.
    pub(super) names: Vec<String>,
    /// The part of the query.
    pub(super) part: &'a str,
    /// True if it looks like a file name; then it counts even if the query has other words.
    pub(super) is_file: bool,
}

/// Returns possible names in a query: the whole query, and its words that look like file names.
pub(super) fn in_question(text: &str) -> Vec<Name<'_>> {
    let trimmed = unquoted(text);
    let looks_like_name =
        |word: &&str| word.contains(['.', '/', '\\', '_', '-']) && word.chars().any(char::is_alphanumeric);
    let words = trimmed.split_whitespace().map(unquoted).filter(looks_like_name).take(MAX_QUERY_NAMES);
    let mut found: Vec<Name<'_>> = Vec::new();
    for part in [trimmed].into_iter().chain(words) {
        let name = normalised(&part.replace('\\', "/"));
        let name = without_line(name.strip_prefix("./").unwrap_or(&name).trim_start_matches('/'));
        if name.is_empty() || name.len() > MAX_NAME_BYTES || found.iter().any(|known| known.part == part) {
            continue;
        }
        let file = name.rsplit('/').next().unwrap_or(name);
        let folders = name[..name.len() - file.len()].trim_end_matches('/');
        let file_with_folder = &name[folders.rfind('/').map_or(0, |slash| slash + 1)..];
        let forms = [name, file_with_folder, file].into_iter().filter(|name| !name.is_empty());
        let mut names: Vec<String> = forms.map(term).collect();
        names.dedup();
        let mut paths = vec![whole_path(name)];
        if folders.is_empty() {
            paths.extend((0..=MAX_DEPTH).map(|depth| at_depth(depth, name)));
        }
        let has_extension = file.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty() && extension.len() <= MAX_EXTENSION_BYTES && extension.chars().any(char::is_alphabetic)
        });
        let stem = if has_extension { file.rsplit_once('.').map_or(file, |(stem, _)| stem) } else { file };
        names.extend(Some(without_signs(stem)).filter(|letters| !letters.is_empty()));
        let is_file = !part.contains(char::is_whitespace) && (has_extension || name.contains('/'));
        found.push(Name { paths, names, part, is_file });
    }
    for (numbered, part) in numbered::in_question(trimmed).into_iter().take(MAX_QUERY_NAMES) {
        found.push(Name { paths: vec![term(&format!("#{numbered}"))], names: Vec::new(), part, is_file: false });
    }
    found
}

/// Removes the line and column that compilers write after a path: `src/main.rs:12:5`.
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

/// Returns the term of a whole path.
fn whole_path(path: &str) -> String {
    format!("{MARK}/{path}")
}

/// Returns the term of a name `depth` folders below the top.
fn at_depth(depth: usize, name: &str) -> String {
    format!("{MARK}{depth}//{name}")
}

/// Returns the term of a name without the signs between its words; empty if it has neither letters nor digits.
fn without_signs(stem: &str) -> String {
    let letters: String = stem.chars().filter(|c| c.is_alphanumeric()).collect();
    if letters.is_empty() { letters } else { format!("{MARK}~{letters}") }
}

/// Returns a term as a person reads it: without [`MARK`].
pub(super) fn readable(term: &str) -> &str {
    term.strip_prefix(MARK).unwrap_or(term)
}

fn term(name: &str) -> String {
    format!("{MARK}{name}")
}

/// Removes quotation marks and punctuation at the end. A dot before a word may belong to its name (`.env`).
fn unquoted(text: &str) -> &str {
    const QUOTES: [char; 11] = ['"', '\'', '`', '“', '”', '‘', '’', '「', '」', '《', '》'];
    let ends = |c: char| {
        c.is_whitespace() || QUOTES.contains(&c) || matches!(c, '?' | '？' | ',' | '，' | '。' | ':' | ';' | '!' | '！')
    };
    text.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).trim_end_matches(ends)
}

/// Normalises a name: lower case, single spaces. Newlines become spaces, because a newline ends a term.
fn normalised(name: &str) -> String {
    let name = normalise::normalise(name);
    let mut normalised = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !normalised.is_empty() {
            normalised.push(' ');
        }
        normalised.extend(word.chars().flat_map(char::to_lowercase));
    }
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(id: &str, title: &str) -> Vec<String> {
        let mut found = Vec::new();
        of_document(id, title, &[], &mut |name| found.push(readable(name).to_owned()));
        found
    }

    #[test]
    fn names_of_a_document() {
        assert_eq!(
            names_of("a/src/Parser.rs", ""),
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
        assert_eq!(names_of("Dockerfile", "Dockerfile"), ["dockerfile", "/dockerfile", "0//dockerfile", "~dockerfile"]);
        assert_eq!(
            names_of("會議 紀要.md", "第三次"),
            ["会议 纪要.md", "会议 纪要", "第三次", "/会议 纪要.md", "0//会议 纪要.md", "0//会议 纪要", "~会议纪要"]
        );
        assert!(names_of("b\nc.txt", "").contains(&"b c.txt".to_owned()));
        assert!(names_of("rfcs/0024-async.md", "").contains(&"#rfc 24".to_owned()));
        assert!(names_of(&"x".repeat(600), "").is_empty());
        let (aliases, mut found) =
            (["Nachtzug  nach Wien".to_owned(), "夜车".to_owned(), "夜车".to_owned()], Vec::new());
        of_document("a.md", "Night train", &aliases, &mut |name| found.push(readable(name).to_owned()));
        assert_eq!(found[..5], ["a.md", "a", "night train", "nachtzug nach wien", "夜车"]);
        assert_eq!(found.iter().filter(|name| *name == "夜车").count(), 1);
    }

    #[test]
    fn names_in_a_query() {
        let asked = |text| {
            let names = in_question(text).into_iter();
            names.map(|name| (readable(&name.paths[0]).to_owned(), name.names.len(), name.is_file)).collect::<Vec<_>>()
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
