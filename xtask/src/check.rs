//! `cargo xtask check`: rules that Cargo does not enforce. Cargo enforces the boundaries between crates; within `src/` this checks which
//! module imports which, by the paths in the source text.

use crate::run::{Result, TaskFailure, Workspace};
use std::fs;
use std::path::Path;

/// The modules of `src/` by rank. A module may import modules of a lower rank, and itself.
const RANKS: [&[&str]; 6] =
    [&["error"], &["document", "row"], &["filter"], &["records", "index", "lexical"], &["ingest"], &["collection"]];

/// Outside crates, and the only folders of `src/` that may import them.
const OWNERS: [(&str, &[&str]); 10] = [
    ("hnsw_rs", &["index/graph/"]),
    ("sled", &["records/"]),
    ("tantivy", &["lexical/"]),
    ("jieba_rs", &["lexical/"]),
    ("rust_stemmers", &["lexical/"]),
    ("regex_automata", &["filter/glob/"]),
    ("whatlang", &["filter/"]),
    ("walkdir", &["ingest/walk/"]),
    ("nigh_formats", &["document.rs", "ingest/", "collection/folder/", "lib.rs"]),
    ("nigh_encoder", &["error/", "lib.rs"]),
];

/// Our own crates that lib.rs gives a short name, and the modules that may use it; empty: all modules.
const CRATES: [(&str, &[&str]); 4] =
    [("kernel", &[]), ("disk", &[]), ("text", &[]), ("encoder", &["ingest", "collection"])];

/// Prints every violation of the rules; fails if there is one.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let (mut problems, mut count) = (Vec::new(), 0);
    let mut roots = vec![workspace.root.join("src")];
    let crates = workspace.root.join("crates");
    for entry in fs::read_dir(&crates).map_err(TaskFailure::io("list", &crates))? {
        roots.push(entry.map_err(TaskFailure::io("list", &crates))?.path().join("src"));
    }
    for root in &roots {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        count += files.len();
        let shown = workspace.relative(root).display().to_string();
        let mut found = folders_without_table(&files);
        if root == &roots[0] {
            found.extend(files.iter().flat_map(|(file, text)| breaches(file, text)));
        }
        problems.extend(found.into_iter().map(|(file, line, what)| match line {
            0 => format!("{shown}/{file}: {what}"),
            line => format!("{shown}/{file}:{line}: {what}"),
        }));
    }
    let (found, pages) = crate::pages::problems(workspace)?;
    problems.extend(found);
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("check: {count} source files and {pages} pages follow the rules");
        return Ok(());
    }
    Err(TaskFailure::new(format!(
        "{} breaches of the rules (see xtask/src/check.rs and xtask/src/pages.rs)",
        problems.len()
    )))
}

/// A file, a line in it (0: the whole file), and the problem.
type RuleBreach = (String, usize, String);

/// Finds the forbidden imports in a file of `src/`.
fn breaches(file: &str, text: &str) -> Vec<RuleBreach> {
    let module = file.split(['/', '.']).next().unwrap_or_default();
    let rank = |module: &str| RANKS.iter().position(|modules| modules.contains(&module));
    let mut problems = Vec::new();
    let mut report = |line: usize, what: String| problems.push((file.to_owned(), line, what));
    if module != "lib" && rank(module).is_none() {
        report(0, "is in no known module".to_owned());
        return problems;
    }
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::").filter(|_| module != "lib") {
            let named = first_word(&code[at + "crate::".len()..]);
            let short = CRATES.iter().find(|(name, _)| *name == named);
            let allowed = match short {
                Some((_, modules)) => modules.is_empty() || modules.contains(&module),
                None => named == module || rank(named).is_some_and(|other| Some(other) < rank(module)),
            };
            // Skip `$crate::`, and longer words with this ending.
            let is_own_crate = at == 0 || !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if is_own_crate && !allowed {
                report(number, format!("{module} may not import `crate::{named}`"));
            }
        }
        for (owned, places) in OWNERS {
            let names = |(at, _): (usize, &str)| {
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"')
                    && code[at + owned.len()..].starts_with("::")
            };
            if code.match_indices(owned).any(names) && !places.iter().any(|place| file.starts_with(place)) {
                report(number, format!("only {} may use `{owned}`", places.join(", ")));
            }
        }
    }
    problems
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Finds the folders without a table of their files. `files`: path below the root, and text.
fn folders_without_table(files: &[(String, String)]) -> Vec<RuleBreach> {
    let mut folders: Vec<&str> = vec![""];
    folders.extend(files.iter().flat_map(|(file, _)| file.match_indices('/').map(|(slash, _)| &file[..=slash])));
    folders.sort_unstable();
    folders.dedup();
    let problem = |folder: &str| {
        let head = files.iter().find(|(file, _)| {
            file.strip_prefix(folder).is_some_and(|name| ["mod.rs", "main.rs", "lib.rs"].contains(&name))
        });
        let what = match head {
            None => "has no mod.rs (or main.rs, lib.rs) with a table of its files",
            Some((_, text)) if text.lines().any(|line| line.starts_with("//! |")) => return None,
            Some(_) => "has no table in its doc comment: file → what it is responsible for (lines beginning `//! |`)",
        };
        Some((head.map_or_else(|| folder.to_owned(), |(file, _)| file.clone()), 0, what.to_owned()))
    };
    folders.into_iter().filter_map(problem).collect()
}

/// Collects the Rust files under a folder, in order: path below the first one with forward slashes, and text.
fn collect(folder: &Path, below: &str, files: &mut Vec<(String, String)>) -> Result {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut entries = entries.map_err(TaskFailure::io("list", folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".rs") {
            files.push((name, fs::read_to_string(&path).map_err(TaskFailure::io("read", &path))?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(file: &str, text: &str) -> Vec<String> {
        breaches(file, text).into_iter().map(|(_, line, what)| format!("{line}: {what}")).collect()
    }

    #[test]
    fn module_imports_only_modules_below_it() {
        assert_eq!(wrong("ingest/walk/mod.rs", "use crate::error::Error;\nuse crate::ingest::rules;\n"), [""; 0]);
        assert_eq!(
            wrong("index/mod.rs", "use crate::kernel::Simd;\nlet x = crate::records::Store;\n"),
            ["2: index may not import `crate::records`"]
        );
        assert_eq!(
            wrong("error.rs", "fn f() -> crate::collection::X"),
            ["1: error may not import `crate::collection`"]
        );
        assert_eq!(
            wrong("records/open.rs", "use crate::encoder::Encoder;"),
            ["1: records may not import `crate::encoder`"]
        );
        assert_eq!(wrong("records/open.rs", "use crate::{index, error};"), ["1: records may not import `crate::`"]);
        assert_eq!(wrong("records/open.rs", "// crate::collection\nother_crate::collection"), [""; 0]);
        assert_eq!(wrong("attic/mod.rs", ""), ["0: is in no known module"]);
    }

    #[test]
    fn outside_crate_stays_in_its_folder() {
        assert_eq!(wrong("records/tree.rs", "use sled::Batch;"), [""; 0]);
        assert_eq!(wrong("index/graph/seed.rs", "hnsw_rs::prelude::Hnsw"), [""; 0]);
        assert_eq!(wrong("collection/mod.rs", "let x: sled::Db = open();"), ["1: only records/ may use `sled`"]);
        assert_eq!(wrong("collection/mod.rs", "let x: assailed::Db;"), [""; 0]);
    }

    #[test]
    fn folder_without_a_table_is_reported() {
        let files = |head: &str| vec![("lib.rs".into(), "//! | x |".into()), ("a/mod.rs".into(), head.into())];
        assert_eq!(folders_without_table(&files("//! | `b.rs` | b |")), []);
        assert_eq!(folders_without_table(&files("//! No table.")).len(), 1);
        assert_eq!(folders_without_table(&[("a/b.rs".into(), String::new())]).len(), 2);
    }
}
