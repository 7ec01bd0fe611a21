//! One pass over a file's tokens that gathers its paths, imports, modules and restricted words.

use super::lexer::{self, Token};
use super::source::{Path, Reference, Source, Word, module_of};
use super::test_items;

/// Fills an empty source from the text of its file.
pub(super) fn read(source: Source, text: &str) -> Source {
    let blanked = lexer::blank(text);
    let tokens = lexer::tokens(&blanked);
    let in_test = test_items::mark(&tokens);
    let module = module_of(&source.file);
    let mut reader = Reader { tokens, in_test, at: 0, module, opened_at: Vec::new(), depth: 0, source };
    reader.read();
    reader.source
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    in_test: Vec<bool>,
    at: usize,
    module: Path,
    /// The brace depth at which each inline module was opened.
    opened_at: Vec<usize>,
    depth: usize,
    source: Source,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                "{" => self.depth += 1,
                "}" => self.close(),
                "use" if !matches!(self.text(self.at + 1), "<" | "") => {
                    self.at += 1;
                    self.use_tree(Vec::new(), false);
                    continue;
                }
                "extern" if self.text(self.at + 1) == "crate" => {
                    self.at += 2;
                    self.use_tree(Vec::new(), true);
                    continue;
                }
                "mod" if self.tokens.get(self.at + 1).is_some_and(Token::is_word) => self.declaration(),
                "unsafe" => self.word("unsafe".to_owned(), self.at),
                _ if self.tokens[self.at].is_word() => {
                    self.path();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.opened_at.last() == Some(&self.depth) {
            self.opened_at.pop();
            self.module.pop();
        }
    }

    fn word(&mut self, text: String, at: usize) {
        self.source.words.push(Word { text, line: self.tokens[at].line, in_test: self.in_test[at] });
    }

    /// `mod name;` or `mod name {`; leaves the reader on the name.
    fn declaration(&mut self) {
        let name = self.text(self.at + 1).to_owned();
        let inner: Path = self.module.iter().cloned().chain([name.clone()]).collect();
        self.source.name(
            &self.module,
            name,
            std::iter::once("crate".to_owned()).chain(inner.iter().cloned()).collect(),
        );
        if self.text(self.at + 2) == "{" {
            self.module = inner;
            self.opened_at.push(self.depth);
        } else if self.in_test[self.at] {
            self.source.test_modules.push(inner);
        }
        self.at += 1;
    }

    /// A word in code and the path that it begins, or the macro that it calls; leaves the reader behind it.
    fn path(&mut self) {
        let start = self.at;
        let mut path = vec![self.text(start).to_owned()];
        self.at += 1;
        while self.text(self.at) == "::" && self.tokens.get(self.at + 1).is_some_and(Token::is_word) {
            path.push(self.text(self.at + 1).to_owned());
            self.at += 2;
        }
        if self.text(self.at) == "!" && matches!(self.text(self.at + 1), "(" | "[" | "{") {
            self.word(format!("{}!", self.text(self.at - 1)), self.at - 1);
        }
        let before = |back: usize| start.checked_sub(back).map_or("", |at| self.text(at));
        let leading = before(1) == "::";
        // `Vec<u8>::new` and `).field`: the path goes on from something that is not a name.
        let continued = leading && (matches!(before(2), ">" | ")" | "]") || is_name(before(2)));
        if path.len() > 1 && !continued && before(1) != "." {
            self.refer(path, start, leading, false);
        }
    }

    /// A `use` tree, or a branch of one after `prefix`; leaves the reader behind it.
    fn use_tree(&mut self, prefix: Path, mut global: bool) {
        let mut path = prefix;
        loop {
            match self.text(self.at) {
                "::" => {
                    global |= path.is_empty();
                    self.at += 1;
                }
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(self.at), "}" | ";" | "") {
                        self.use_tree(path.clone(), global);
                        self.at += usize::from(self.text(self.at) == ",");
                    }
                    self.at += usize::from(self.text(self.at) == "}");
                    return;
                }
                "as" => {
                    let alias = self.text(self.at + 1).to_owned();
                    self.import(path, Some(alias), global, self.at - 1);
                    self.at += 2;
                    return;
                }
                "," | "}" | ";" | "" => return self.import(path, None, global, self.at.saturating_sub(1)),
                segment => {
                    path.push(segment.to_owned());
                    self.at += 1;
                }
            }
        }
    }

    fn import(&mut self, mut path: Path, alias: Option<String>, global: bool, at: usize) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(last) = path.last().cloned() else { return };
        let name = alias.unwrap_or(last);
        if !matches!(name.as_str(), "*" | "_") {
            self.source.name(&self.module, name, path.clone());
        }
        self.refer(path, at, global, true);
    }

    fn refer(&mut self, path: Path, at: usize, global: bool, import: bool) {
        let (line, in_test, module) = (self.tokens[at].line, self.in_test[at], self.module.clone());
        self.source.references.push(Reference { path, line, module, global, import, in_test });
    }
}

/// Whether a word before `::` is a segment of the same path, and not a keyword that merely stands there.
fn is_name(word: &str) -> bool {
    const BEFORE_A_PATH: [&str; 20] = [
        "use", "as", "in", "return", "break", "else", "match", "if", "while", "for", "impl", "dyn", "mut", "ref",
        "move", "where", "const", "static", "let", "pub",
    ];
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && !BEFORE_A_PATH.contains(&word)
}
