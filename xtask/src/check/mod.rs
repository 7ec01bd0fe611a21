//! `cargo xtask check`: the import rules of the house, read from the text of `src/`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `lexer.rs` | code without its comments and literals, in tokens |
//! | `test_items.rs` | which code only test builds have |
//! | `reader.rs` | one pass over a file's tokens: its paths, imports, modules and words |
//! | `source.rs` | what was read from one file, and what its paths stand for |
//! | `rules.rs` | the ranks of the rooms, what belongs to one room alone, the tables |
//! | `tests.rs` | the rules tried on small sources, one breach or one innocent at a time |

mod lexer;
mod reader;
mod rules;
mod source;
mod test_items;
#[cfg(test)]
mod tests;

use crate::run::{Failure, Result, Workspace};
use rules::Problem;
use source::Source;
use std::fs;
use std::path::Path;

/// Longer files want a reason in their first lines.
const LONG: usize = 500;

/// What was found in a whole source tree.
struct Report {
    problems: Vec<Problem>,
    /// Files over [`LONG`] lines, with their length.
    long: Vec<(String, usize)>,
}

/// Prints what is wrong in `src/`; an error when something is.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let src = workspace.root.join("src");
    let mut files = Vec::new();
    collect(&src, "", &mut files)?;
    let report = examine(&files);
    for (file, lines) in &report.long {
        println!("note: src/{file} has {lines} lines; over {LONG} wants a reason in its first lines");
    }
    for Problem { file, line, what } in &report.problems {
        let colon = if *line == 0 { String::new() } else { format!(":{line}") };
        let file = format!("src/{file}");
        println!("{}{colon}: {what}", file.trim_end_matches('/'));
    }
    match report.problems.len() {
        0 => {
            println!("check: {} files under src/ keep the rules of the house", files.len());
            Ok(())
        }
        count => Err(Failure::new(format!(
            "{count} breach{} of the rules of the house (xtask/src/check/rules.rs has them)",
            if count == 1 { "" } else { "es" }
        ))),
    }
}

fn examine(files: &[(String, String)]) -> Report {
    let sources: Vec<Source> = files.iter().map(|(file, text)| Source::read(file, text)).collect();
    let nothing = Source::read("lib.rs", "");
    let root = sources.iter().find(|source| source.file == "lib.rs").unwrap_or(&nothing);
    let library = sources.iter().filter(|source| !source.file.starts_with("bin/"));
    let test_modules: Vec<_> = library.flat_map(|source| source.test_modules.iter().cloned()).collect();
    let breaches = |source| rules::breaches(source, root, rules::is_test_file(&source.file, &test_modules));
    let mut problems: Vec<Problem> = sources.iter().flat_map(breaches).collect();
    problems.extend(rules::folders_without_table(files));
    let lengths = files.iter().map(|(file, text)| (file.clone(), text.lines().count()));
    Report { problems, long: lengths.filter(|(_, lines)| *lines > LONG).collect() }
}

/// The Rust files under a folder, in order: path from `src/` with forward slashes, and text.
fn collect(folder: &Path, from_src: &str, files: &mut Vec<(String, String)>) -> Result {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut entries = entries.map_err(Failure::io("list", folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{from_src}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".rs") {
            files.push((name, fs::read_to_string(&path).map_err(Failure::io("read", &path))?));
        }
    }
    Ok(())
}
