//! Translates the paths in a filter from printed paths to the collection's.
//!
//! A collection knows documents by their path relative to its folder, or by their absolute path if they are elsewhere. Printed paths
//! are relative to the current folder. So in a filter, `./`, `../` and absolute paths mean the file that they lead to. Any other path
//! is relative to the collection's folder, except the path of a document that exists only relative to the current folder.

use std::path::{Component, Path};

use nigh::{Collection, Filter, PathTest};

use crate::paths::from;
use crate::plan::Plan;

/// Translates all paths of a filter.
pub fn with_known_paths(filter: Filter, plan: &Plan, collection: &Collection) -> Filter {
    let base = Plan::base(collection.path());
    let known = |id: &str| collection.document(id).is_ok_and(|document| document.is_some());
    filter.with_paths(|test, text| translate(plan.directory(), &base, test, text, &known))
}

/// Translates a path to one relative to the collection's folder, `base`; `None` if it is relative to `base` already. `directory`: the
/// current folder.
fn translate(
    directory: &Path,
    base: &Path,
    test: PathTest,
    text: &str,
    known: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let is_relative_to_current = matches!(text, "." | "..") || text.starts_with("./") || text.starts_with("../");
    let is_absolute = Path::new(text).is_absolute();
    if !is_relative_to_current && !is_absolute {
        let shown = relative_id(base, &from(directory, Path::new(text)))?;
        return (test == PathTest::Whole && shown != text && !known(text) && known(&shown)).then_some(shown);
    }
    // Only the folders before the first wildcard of a glob are translated.
    let (head, rest) = match test {
        PathTest::Glob => text.split_at(
            text.find(['*', '?', '[', '{', '\\'])
                .map_or(text.len(), |sign| text[..sign].rfind('/').map_or(0, |slash| slash + 1)),
        ),
        _ => (text, ""),
    };
    let path = from(directory, Path::new(head));
    // Links stay, except one that leads into the collection's folder.
    let inside = relative_id(base, &path).or_else(|| relative_id(base, &path.canonicalize().ok()?));
    let folder = head.ends_with('/') && inside.as_ref().is_none_or(|inside| !inside.is_empty());
    let end = if folder { "/" } else { "" };
    match (test, inside) {
        (PathTest::Glob, Some(inside)) => Some(format!("/{}{end}{rest}", escape_glob(&inside))),
        // A leading slash of a glob means the collection's folder.
        (PathTest::Glob, None) if is_absolute => None,
        (PathTest::Glob, None) => Some(format!("{}{end}{rest}", escape_glob(&path.to_string_lossy()))),
        (_, Some(inside)) => Some(format!("{inside}{end}")),
        (_, None) if is_absolute => None,
        (_, None) => Some(format!("{}{end}", path.to_string_lossy())),
    }
}

/// Returns the path relative to a folder, written like an id.
fn relative_id(base: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(base).ok()?.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    parts.collect::<Option<Vec<&str>>>().map(|parts| parts.join("/"))
}

/// Returns a glob that matches only this path.
fn escape_glob(path: &str) -> String {
    let is_special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\' | ',');
    path.chars().flat_map(|c| is_special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn filter_paths_are_translated_from_printed_paths() {
        let known = |id: &str| ["notes/a.md", "b.md"].contains(&id);
        for (directory, test, text, wanted) in [
            ("/u/c", PathTest::Whole, "./notes/a.md", Some("notes/a.md")),
            ("/u/c", PathTest::Whole, "notes/a.md", None),
            ("/u/c/notes", PathTest::Whole, "notes/a.md", None),
            ("/u/c/notes", PathTest::Whole, "a.md", Some("notes/a.md")),
            ("/u/c/notes", PathTest::Whole, "b.md", None),
            ("/u/c/notes", PathTest::Whole, "x.md", None),
            ("/u/c/notes", PathTest::Whole, "../b.md", Some("b.md")),
            ("/u/c/notes/x y", PathTest::Whole, "../../b.md", Some("b.md")),
            ("/u/d", PathTest::Whole, "../c/b.md", Some("b.md")),
            ("/u/d", PathTest::Whole, "../e/b.md", Some("/u/e/b.md")),
            ("/u/d", PathTest::Whole, "/u/c/notes/a.md", Some("notes/a.md")),
            ("/u/d", PathTest::Whole, "/u/e/b.md", None),
            ("/u/c/notes", PathTest::Prefix, "./", Some("notes/")),
            ("/u/c", PathTest::Prefix, "./no", Some("no")),
            ("/u/c", PathTest::Prefix, "./", Some("")),
            ("/u/c/notes", PathTest::Prefix, "notes/", None),
            ("/u/c/notes", PathTest::Prefix, "../docs/", Some("docs/")),
            ("/u/c/notes", PathTest::Glob, "../docs/*", Some("/docs/*")),
            ("/u/c/notes", PathTest::Glob, "./*.md", Some("/notes/*.md")),
            ("/u/c", PathTest::Glob, "./*.md", Some("/*.md")),
            ("/u/c", PathTest::Glob, "*.md", None),
            ("/u/c/notes", PathTest::Glob, "*.md", None),
            ("/u/c/notes", PathTest::Glob, "/docs/*", None),
            ("/u/c/[x]", PathTest::Glob, "./**/?.md", Some("/\\[x\\]/**/?.md")),
            ("/u/d", PathTest::Glob, "/u/c/docs/**", Some("/docs/**")),
            ("/u/d", PathTest::Glob, "../e/*.md", Some("/u/e/*.md")),
            ("/u/c/notes", PathTest::Glob, "../docs/", Some("/docs/")),
            ("/u/c/notes", PathTest::Glob, "../{a,b}*/x", Some("/{a,b}*/x")),
        ] {
            let found = translate(Path::new(directory), Path::new("/u/c"), test, text, &known);
            assert_eq!(found.as_deref(), wanted, "{text} in {directory}");
        }
    }
}
