//! Checks the Markdown pages: each path and each `cargo` command in a page exists, and the README is short.

use crate::run::{Result, TaskFailure, Workspace};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Maximum size of the README in bytes, and of its lines in characters.
const README_BYTES: usize = 8 * 1024;
const README_LINE: usize = 120;

/// Top-level folders. A path in a code span that begins with one of them is a path of this repository.
const FOLDERS: [&str; 9] =
    [".ci/", "benches/", "crates/", "docs/", "examples/", "migrations/", "src/", "tests/", "xtask/"];

/// Returns the problems as `page:line: problem`, and the number of pages.
pub(crate) fn problems(workspace: &Workspace) -> Result<(Vec<String>, usize)> {
    let mut pages = Vec::new();
    collect(&workspace.root, "", false, &mut pages)?;
    collect(&workspace.root.join("docs"), "docs/", true, &mut pages)?;
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect_sources(&workspace.root.join(folder), folder, &mut sources)?;
    }
    let mut problems = Vec::new();
    for page in &pages {
        let path = workspace.root.join(page);
        let text = fs::read_to_string(&path).map_err(TaskFailure::io("read", &path))?;
        if page.starts_with("README") {
            problems.extend(too_long(page, &text));
        }
        for (number, line) in (1..).zip(text.lines()) {
            let missing = find_missing(line, |named| match named.strip_prefix("**/") {
                Some(end) => sources.iter().any(|source| source.ends_with(&format!("/{end}"))),
                None => exists(&workspace.root, page, named),
            });
            problems.extend(missing.into_iter().map(|what| format!("{page}:{number}: {what}")));
        }
    }
    Ok((problems, pages.len()))
}

fn collect(folder: &Path, prefix: &str, deep: bool, pages: &mut Vec<String>) -> Result {
    for entry in fs::read_dir(folder).map_err(TaskFailure::io("list", folder))? {
        let entry = entry.map_err(TaskFailure::io("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            if deep {
                collect(&entry.path(), &format!("{prefix}{name}/"), deep, pages)?;
            }
        } else if name.ends_with(".md") {
            pages.push(format!("{prefix}{name}"));
        }
    }
    pages.sort();
    Ok(())
}

/// The paths of all Rust files below a folder, from the root.
fn collect_sources(folder: &Path, prefix: &str, sources: &mut Vec<String>) -> Result {
    for entry in fs::read_dir(folder).map_err(TaskFailure::io("list", folder))? {
        let entry = entry.map_err(TaskFailure::io("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            collect_sources(&entry.path(), &format!("{prefix}{name}/"), sources)?;
        } else if name.ends_with(".rs") {
            sources.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

fn too_long(page: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > README_BYTES {
        problems.push(format!("{page}: {} bytes; at most {README_BYTES}", text.len()));
    }
    for (number, line) in (1..).zip(text.lines()) {
        let length = line.chars().count();
        if length > README_LINE {
            problems.push(format!("{page}:{number}: {length} characters; at most {README_LINE}"));
        }
    }
    problems
}

/// Returns the paths and commands in a line of a page that do not exist. `exists`: whether a path exists, as the page writes it; after
/// `**/`, whether a source file's path ends with it, because pages also write paths from the folder that they are about.
fn find_missing(line: &str, exists: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for target in link_targets(line) {
        let file = target.split('#').next().unwrap_or_default();
        if !file.is_empty() && !file.contains("://") && !exists(file) {
            missing.insert(format!("the link to {file} leads nowhere"));
        }
    }
    for word in line.split(|c: char| c.is_whitespace() || "`|()，。；（）、".contains(c)) {
        let word = word.split('#').next().unwrap_or_default();
        let word = word.trim_end_matches([',', '.', ';', ':', '"']).trim_start_matches('"');
        if FOLDERS.iter().any(|folder| word.starts_with(folder)) {
            missing
                .extend(expand_braces(word).into_iter().filter(|path| !exists(path)).map(|path| format!("no {path}")));
        } else if word.ends_with(".rs") && word.len() > ".rs".len() {
            let wrong = expand_braces(word).into_iter().filter(|path| !exists(&format!("**/{path}")));
            missing.extend(wrong.map(|path| format!("no source file {path}")));
        }
    }
    let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == '`').collect();
    for command in words.windows(3) {
        match command {
            ["cargo", "xtask", task] if task.chars().all(char::is_lowercase) && !task.is_empty() && !is_task(task) => {
                missing.insert(format!("cargo xtask has no task {task}"));
            }
            [_, "--bench", name] if !exists(&format!("/benches/{name}")) => {
                missing.insert(format!("no bench {name}"));
            }
            [_, "--example", name] if !exists(&format!("/examples/{name}.rs")) => {
                missing.insert(format!("no example {name}"));
            }
            _ => {}
        }
    }
    missing
}

/// True if the usage of `cargo xtask` has a line for the task.
fn is_task(name: &str) -> bool {
    let tasks = crate::USAGE.lines().filter_map(|line| line.strip_prefix("cargo xtask "));
    tasks.filter_map(|task| task.split_whitespace().next()).any(|task| task == name)
}

/// Returns the targets of links: the text between `](` and `)`.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// Expands `a/{b,c}.rs` to `a/b.rs` and `a/c.rs`. A path with a placeholder (`…`, `*`, a quote, capitals such as NAME) gives nothing.
fn expand_braces(word: &str) -> Vec<String> {
    let placeholder = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default();
        stem.len() > 1 && stem != "README" && stem.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    if word.contains(['…', '*', '<', '$', '"', '\'']) || word.split('/').any(placeholder) {
        return Vec::new();
    }
    match word.split_once('{').and_then(|(head, rest)| rest.split_once('}').map(|(inner, tail)| (head, inner, tail))) {
        Some((head, inner, tail)) => inner.split(',').map(|one| format!("{head}{}{tail}", one.trim())).collect(),
        None => vec![word.to_owned()],
    }
}

/// True if a path exists, from the page's folder or from the root. A line number or a slash at its end is allowed.
fn exists(root: &Path, page: &str, named: &str) -> bool {
    let named = named.split(':').next().unwrap_or_default();
    if let Some(from_root) = named.strip_prefix('/') {
        return root.join(from_root).exists();
    }
    let folder_of_page = Path::new(page).parent().unwrap_or(Path::new(""));
    root.join(folder_of_page).join(named).exists() || root.join(named).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_that_names_a_missing_file_or_command_is_reported() {
        let there =
            |named: &str| ["docs/a.md", "src/x/b.rs", "src/x/c.rs", "**/x/b.rs", "/benches/speed"].contains(&named);
        let missing = |line| find_missing(line, there).into_iter().collect::<Vec<_>>();
        assert!(missing("See [a](docs/a.md#part), `src/x/{b,c}.rs` and `cargo xtask test`.").is_empty());
        assert!(missing("    cargo bench --bench speed -- FILE").is_empty());
        assert!(missing("`tests/NAME.rs`, `crates/…/lib.rs` and [outside](https://example.org)").is_empty());
        assert_eq!(missing("See [b](docs/b.md)."), ["no docs/b.md", "the link to docs/b.md leads nowhere"]);
        assert_eq!(missing("`src/x/{b,d}.rs`"), ["no src/x/d.rs"]);
        assert!(missing("`x/b.rs` and files that end in `.rs`").is_empty());
        assert_eq!(missing("`x/{b,d}.rs`"), ["no source file x/d.rs"]);
        assert_eq!(missing("run `cargo xtask tests` now"), ["cargo xtask has no task tests"]);
        assert_eq!(missing("cargo bench --bench slow"), ["no bench slow"]);
        assert_eq!(missing("cargo run --example gone"), ["no example gone"]);
    }

    #[test]
    fn readme_that_is_too_long_is_reported() {
        let long = format!("{}\n{}\n", "字".repeat(120), "a".repeat(121));
        assert_eq!(too_long("README.md", &long), ["README.md:2: 121 characters; at most 120"]);
        let large = "line\n".repeat(1639);
        assert_eq!(too_long("README.md", &large), ["README.md: 8195 bytes; at most 8192"]);
    }
}
