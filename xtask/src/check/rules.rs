//! The rules of the house: which room may name which, and what belongs to one room alone.

use super::source::{Reference, Source, module_of};

/// The rooms by rank. A room may import those of a lower rank, and itself.
const RANKS: [&[&str]; 6] = [
    &["error"],
    &["document", "disk"],
    &["filter", "kernel"],
    &["encoder", "records", "index", "lexical"],
    &["ingest"],
    &["collection"],
];

/// A path that belongs to one place alone, or a word (`unsafe`, a macro with its `!`).
struct Restricted {
    what: &'static str,
    /// A room or a folder of one; with a `*`, every file and folder of that beginning.
    place: &'static str,
    /// Whether code of test builds may use it anywhere.
    tests_may: bool,
}

const fn only(what: &'static str, place: &'static str) -> Restricted {
    Restricted { what, place, tests_may: false }
}

const fn outside_tests(what: &'static str, place: &'static str) -> Restricted {
    Restricted { what, place, tests_may: true }
}

const RESTRICTED: [Restricted; 35] = [
    only("ort", "encoder/backend/ort*"),
    only("tokenizers", "encoder/tokenizer*"),
    only("unicode_categories", "encoder/tokenizer*"),
    only("hnsw_rs", "index/graph*"),
    only("anndists", "index/graph*"),
    only("sled", "records"),
    only("tantivy", "lexical"),
    only("globset", "filter"),
    only("whatlang", "filter"),
    only("walkdir", "ingest/walk"),
    only("memmap2", "kernel"),
    only("libc", "kernel"),
    only("jieba_rs", "lexical"),
    only("csv", "ingest/extract*"),
    only("encoding_rs", "ingest/extract*"),
    only("html5ever", "ingest/extract/html*"),
    only("mail_parser", "ingest/extract/mail*"),
    only("quick_xml", "ingest/extract*"),
    only("unpdf", "ingest/extract/pdf*"),
    only("cfb", "ingest/extract/office*"),
    only("notify", "bin"),
    only("toml", "bin"),
    only("clap", "bin"),
    only("clap_complete", "bin"),
    only("indicatif", "bin"),
    only("ctrlc", "bin"),
    only("unsafe", "kernel"),
    outside_tests("std::env", "bin"),
    outside_tests("std::process::exit", "bin"),
    outside_tests("std::process::abort", "bin"),
    outside_tests("print!", "bin"),
    outside_tests("println!", "bin"),
    outside_tests("eprint!", "bin"),
    outside_tests("eprintln!", "bin"),
    outside_tests("dbg!", "bin"),
];

/// Facts of the build, not of the environment.
const FREE: &str = "std::env::consts";

/// A breach: where, and what is wrong.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) file: String,
    /// From 1; 0 when it is about the file or folder as a whole.
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// Every breach of the import rules in `source`. `root` is lib.rs, whose re-exports other files can name.
pub(crate) fn breaches(source: &Source, root: &Source, in_test_file: bool) -> Vec<Problem> {
    let room = room_of(&source.file);
    let mut problems = Vec::new();
    let mut report = |line, what| problems.push(Problem { file: source.file.clone(), line, what });
    if !matches!(room, "lib" | "bin") && rank(room).is_none() {
        report(0, format!("belongs to no room; the rooms are {}", below(RANKS.len())));
        return problems;
    }
    for reference in &source.references {
        let problem = |path: &[String]| {
            let absolute = source.absolute(path, &reference.module, reference.global);
            let in_test = reference.in_test || in_test_file;
            direction(room, &absolute, root).or_else(|| belonging(&source.file, &absolute.join("::"), in_test))
        };
        if already_reported(source, reference, &problem) {
            continue;
        }
        if let Some(why) = problem(&reference.path) {
            let verb = if reference.import { "imports" } else { "uses" };
            let global = if reference.global { "::" } else { "" };
            report(reference.line, format!("{verb} {global}{}: {why}", reference.path.join("::")));
        }
    }
    for word in &source.words {
        if let Some(why) = belonging(&source.file, &word.text, word.in_test || in_test_file) {
            report(word.line, format!("uses {}: {why}", word.text));
        }
    }
    problems.sort_by_key(|problem| problem.line);
    problems
}

/// Whether a path in code only goes on from an import that is itself a breach; one report of it is enough.
fn already_reported(source: &Source, reference: &Reference, problem: &dyn Fn(&[String]) -> Option<String>) -> bool {
    let imported = || source.meaning(&reference.path[0], &reference.module);
    !reference.import && !reference.global && imported().is_some_and(|meaning| problem(meaning).is_some())
}

/// Why `room` may not name a path of this crate, if it may not.
fn direction(room: &str, absolute: &[String], root: &Source) -> Option<String> {
    if matches!(room, "lib" | "bin") || absolute.first()? != "crate" {
        return None;
    }
    let Some(named) = absolute.get(1).filter(|name| *name != "*") else {
        return Some("the crate's root holds every room; name the one that is meant".to_owned());
    };
    let path = if rank(named).is_some() { absolute.to_vec() } else { root.absolute(&absolute[1..], &[], false) };
    let other = path.get(1).filter(|_| path[0] == "crate").map_or("", String::as_str);
    let (from, Some(to)) = (rank(room)?, rank(other)) else {
        return Some(format!("{named} is no room and lib.rs does not re-export it from one; import it from its room"));
    };
    if other == room || to < from {
        return None;
    }
    let relation = if to == from { "beside" } else { "above" };
    Some(match from {
        0 => format!("{other} is {relation} {room}, which may import no other room"),
        _ => format!("{other} is {relation} {room}, which may import only {}", below(from)),
    })
}

/// Why `what`, a path from its root or a word, may not stand in `file`, if it may not.
fn belonging(file: &str, what: &str, in_test: bool) -> Option<String> {
    if starts_with(what, FREE) {
        return None;
    }
    let rule = RESTRICTED.iter().find(|rule| starts_with(what, rule.what))?;
    if is_in(file, rule.place) || (rule.tests_may && in_test) {
        return None;
    }
    Some(format!("{} belongs in src/{} alone", rule.what, rule.place))
}

/// Whether a path begins with another, segment by segment.
fn starts_with(path: &str, beginning: &str) -> bool {
    path.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_in(file: &str, place: &str) -> bool {
    match place.strip_suffix('*') {
        Some(beginning) => file.starts_with(beginning),
        None => file.strip_prefix(place).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')),
    }
}

fn room_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn rank(room: &str) -> Option<usize> {
    RANKS.iter().position(|rooms| rooms.contains(&room))
}

fn below(rank: usize) -> String {
    RANKS[..rank].concat().join(", ")
}

/// Every file or folder without the table that tells what its files are for. `files`: path from `src/`, and text.
pub(crate) fn folders_without_table(files: &[(String, String)]) -> Vec<Problem> {
    let mut folders: Vec<&str> = files
        .iter()
        .flat_map(|(file, _)| file.match_indices('/').map(|(slash, _)| &file[..slash]).chain([""]))
        // Cargo's folder of programs is no module.
        .filter(|folder| *folder != "bin")
        .collect();
    folders.sort_unstable();
    folders.dedup();
    folders.into_iter().filter_map(|folder| folder_problem(folder, files)).collect()
}

fn folder_problem(folder: &str, files: &[(String, String)]) -> Option<Problem> {
    let inside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let heads = ["mod.rs", "main.rs", "lib.rs"].map(inside);
    let Some((file, text)) = files.iter().find(|(file, _)| heads.contains(file)) else {
        let what = "has no mod.rs (or main.rs, lib.rs) to say what its files are for".to_owned();
        return Some(Problem { file: folder.to_owned(), line: 0, what });
    };
    if text.lines().any(|line| line.starts_with("//! |")) {
        return None;
    }
    let what =
        "has no table in its doc comment: file → what it is responsible for (lines beginning `//! |`)".to_owned();
    Some(Problem { file: file.clone(), line: 0, what })
}

/// Whether a file is, or is inside, one of the modules that only test builds have.
pub(crate) fn is_test_file(file: &str, test_modules: &[Vec<String>]) -> bool {
    // A program's modules are named like the library's but are others.
    room_of(file) != "bin" && test_modules.iter().any(|module| module_of(file).starts_with(module))
}
