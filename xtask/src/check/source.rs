//! What one source file names: paths, imports, and the words that some rooms may not use.

use super::reader;
use std::collections::HashMap;

/// Segments, `crate`, `self` and `super` included.
pub(crate) type Path = Vec<String>;

/// A path somewhere in a file.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) path: Path,
    pub(crate) line: usize,
    /// The module it stands in, from the crate's root.
    pub(crate) module: Path,
    /// Written with a leading `::`, so the first segment is a crate.
    pub(crate) global: bool,
    /// A leaf of a `use` tree, as opposed to a path in code.
    pub(crate) import: bool,
    pub(crate) in_test: bool,
}

/// `unsafe`, or a macro's name with its `!`.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) in_test: bool,
}

/// One file, read.
#[derive(Debug)]
pub(crate) struct Source {
    /// From `src/`, with forward slashes.
    pub(crate) file: String,
    pub(crate) references: Vec<Reference>,
    pub(crate) words: Vec<Word>,
    /// Modules declared in files of their own under `#[cfg(test)]`.
    pub(crate) test_modules: Vec<Path>,
    /// By module: the names it declares with `mod` or imports with `use`, and what each stands for.
    names: HashMap<Path, HashMap<String, Path>>,
}

impl Source {
    pub(crate) fn read(file: &str, text: &str) -> Self {
        let source = Self {
            file: file.to_owned(),
            references: Vec::new(),
            words: Vec::new(),
            test_modules: Vec::new(),
            names: HashMap::new(),
        };
        reader::read(source, text)
    }

    /// Says what a name stands for in a module.
    pub(super) fn name(&mut self, module: &[String], name: String, meaning: Path) {
        self.names.entry(module.to_vec()).or_default().insert(name, meaning);
    }

    /// What a name stands for in a module, with `self` and `super` still in it.
    pub(crate) fn meaning(&self, name: &str, module: &[String]) -> Option<&Path> {
        (0..=module.len()).rev().find_map(|end| self.names.get(&module[..end])?.get(name))
    }

    /// A path from its root: `crate` or the name of another crate.
    pub(crate) fn absolute(&self, path: &[String], module: &[String], global: bool) -> Path {
        // An import can name another import, which can name another; no honest chain is longer.
        self.expand(path.to_vec(), module, global, 8)
    }

    fn expand(&self, path: Path, module: &[String], global: bool, hops: usize) -> Path {
        let Some(first) = path.first() else { return path };
        match first.as_str() {
            _ if global => path,
            "crate" => path,
            "self" | "super" => {
                let ups = path.iter().take_while(|segment| matches!(segment.as_str(), "self" | "super")).count();
                let climbed = path[..ups].iter().filter(|segment| *segment == "super").count();
                let kept = module.len().saturating_sub(climbed);
                let root = std::iter::once("crate".to_owned());
                root.chain(module[..kept].iter().cloned()).chain(path[ups..].iter().cloned()).collect()
            }
            name => match self.meaning(name, module) {
                Some(meaning) if hops > 0 && meaning.first() != Some(first) => {
                    let longer = meaning.iter().chain(&path[1..]).cloned().collect();
                    self.expand(longer, module, false, hops - 1)
                }
                _ => path,
            },
        }
    }
}

/// The module a file is, from its crate's root; files under `bin/` belong to crates of their own.
pub(crate) fn module_of(file: &str) -> Path {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut module: Path = stem.split('/').map(str::to_owned).collect();
    if module.first().is_some_and(|first| first == "bin") {
        module.drain(..module.len().min(2));
    }
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absolutes(file: &str, text: &str) -> Vec<String> {
        let source = Source::read(file, text);
        let absolute = |r: &Reference| source.absolute(&r.path, &r.module, r.global).join("::");
        source.references.iter().map(absolute).collect()
    }

    #[test]
    fn use_trees_are_taken_apart() {
        let text = "use crate::{error::{self, Error as E}, records::*};\nuse ::sled;\npub(crate) use a::b;";
        assert_eq!(
            absolutes("index/mod.rs", text),
            ["crate::error", "crate::error::Error", "crate::records::*", "sled", "a::b"]
        );
        let source = Source::read("index/mod.rs", "use a::{\n  b,\n  c::{d,\n e}};");
        assert_eq!(source.references.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn super_climbs_from_where_it_stands() {
        assert_eq!(absolutes("encoder/pooling.rs", "fn f() { super::super::records::g() }"), ["crate::records::g"]);
        assert_eq!(
            absolutes("encoder/mod.rs", "use super::index::Hit; mod m { use super::X; use super::super::Y; }"),
            ["crate::index::Hit", "crate::encoder::X", "crate::Y"]
        );
        assert_eq!(
            absolutes("encoder/mod.rs", "mod a { fn f() {} } fn g() { self::super::Z::new() }"),
            ["crate::Z::new"]
        );
    }

    #[test]
    fn a_name_stands_for_what_it_was_imported_as() {
        assert_eq!(absolutes("a/mod.rs", "use std::process; fn f() { process::exit(1) }")[1], "std::process::exit");
        assert_eq!(absolutes("a/mod.rs", "use std as s; use s::env as e; fn f() { e::var() }")[2], "std::env::var");
        assert_eq!(
            absolutes("a/b/mod.rs", "mod ort; fn f() { ort::g(); ::ort::h() }"),
            ["crate::a::b::ort::g", "ort::h"]
        );
    }

    #[test]
    fn only_roots_of_paths_are_references() {
        let text = "fn f() -> ::a::B { Vec::<u8>::sled::x; v.sled::<u8>(); <T as a::X>::sled::y(); a.. b::C }";
        assert_eq!(absolutes("kernel/mod.rs", text), ["a::B", "a::X", "b::C"]);
        assert!(absolutes("kernel/mod.rs", "fn f<'a>() -> impl Sized + use<'a> {} pub(crate) fn g() {}").is_empty());
    }

    #[test]
    fn files_are_modules() {
        assert!(module_of("lib.rs").is_empty() && module_of("bin/nigh/main.rs").is_empty());
        assert_eq!(module_of("encoder/backend/mod.rs"), ["encoder", "backend"]);
        assert_eq!(module_of("bin/nigh/commands/search.rs"), ["commands", "search"]);
    }
}
