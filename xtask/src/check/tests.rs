use super::*;

const TABLE: &str = "//! |---|\n";

/// The breaches of a tree of two-line files, as `file:line what`; every folder gets its table.
fn breaches(files: &[(&str, &str)]) -> Vec<String> {
    let mut tree: Vec<(String, String)> =
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    for (_, text) in &mut tree {
        text.push_str("\n\n");
        text.push_str(TABLE);
    }
    for head in
        ["lib.rs", "encoder/mod.rs", "encoder/backend/mod.rs", "records/mod.rs", "index/mod.rs", "bin/nigh/main.rs"]
    {
        let folder = head.trim_end_matches("mod.rs").trim_end_matches("main.rs").trim_end_matches("lib.rs");
        let used = files.iter().any(|(file, _)| file.starts_with(folder));
        if used && !files.iter().any(|(file, _)| *file == head) {
            tree.push((head.to_owned(), TABLE.to_owned()));
        }
    }
    let shown = |p: Problem| format!("{}:{} {}", p.file, p.line, p.what);
    examine(&tree).problems.into_iter().map(shown).collect()
}

fn one(file: &str, text: &str) -> String {
    let found = breaches(&[(file, text)]);
    assert_eq!(found.len(), 1, "{file}: {text}: {found:?}");
    found[0].clone()
}

fn none(file: &str, text: &str) {
    assert_eq!(breaches(&[(file, text)]), Vec::<String>::new(), "{file}: {text}");
}

#[test]
fn a_room_may_not_import_one_above_or_beside_it() {
    assert_eq!(
        one("encoder/pooling.rs", "\nuse crate::records::Store;"),
        "encoder/pooling.rs:2 imports crate::records::Store: records is beside encoder, which may import only error, document, disk, filter, kernel"
    );
    assert!(
        one("error.rs", "use crate::document::Document;")
            .contains("document is above error, which may import no other room")
    );
    assert!(
        one("index/mod.rs", "use crate::{error::Error, collection::{Hit}};").contains("imports crate::collection::Hit")
    );
    assert!(one("index/mod.rs", "fn f() -> crate::ingest::Report { todo() }").contains("uses crate::ingest::Report"));
    assert!(one("encoder/mod.rs", "use super::index::Hit;").contains("index is beside encoder"));
    assert!(one("encoder/backend/native.rs", "fn f() { super::super::super::records::open() }").contains("records"));
    assert!(one("encoder/mod.rs", "#[cfg(test)] mod tests { use crate::collection::Collection; }").contains("above"));
    assert!(one("encoder/mod.rs", "macro_rules! m { () => { $crate::index::x() } }").contains("uses crate::index::x"));
}

#[test]
fn a_room_may_import_those_below_it_and_itself() {
    none("collection/mod.rs", "use crate::{encoder::Encoder, error::{Error, Result}, ingest, records::*};");
    none("encoder/pooling.rs", "use super::Encoder; use crate::encoder::batch::Batch; use crate::kernel::dot;");
    none("encoder/mod.rs", "mod tests { use super::super::error::Error; use super::*; } use self::pooling::mean;");
    none("lib.rs", "pub mod collection; pub use collection::Collection; use crate::records::Store;");
    none("bin/nigh/args.rs", "use crate::records; use nigh::Collection; use super::collection::X;");
    none("encoder/mod.rs", "pub(crate) fn f() {} pub(in crate::encoder) fn g() {} fn h(kernel: u8) -> records::R {}");
}

#[test]
fn re_exports_count_as_the_room_they_come_from() {
    let lib = (
        "lib.rs",
        "mod error; mod collection;\npub use error::{Error, Result}; pub use crate::collection::Collection as C;",
    );
    assert_eq!(breaches(&[lib, ("encoder/mod.rs", "use crate::{Error, Result};")]), Vec::<String>::new());
    let found = breaches(&[lib, ("encoder/mod.rs", "use crate::C;")]);
    assert!(found.len() == 1 && found[0].contains("collection is above encoder"), "{found:?}");
    let found = breaches(&[lib, ("encoder/mod.rs", "use crate::Nothing;")]);
    assert!(found.len() == 1 && found[0].contains("Nothing is no room"), "{found:?}");
}

#[test]
fn the_root_is_no_way_round() {
    for text in
        ["use crate::*;", "use super::*;", "use crate as all;", "use super as all;", "use crate::{self as all};"]
    {
        assert!(one("records/mod.rs", text).contains("the crate's root holds every room"), "{text}");
    }
    none("records/store.rs", "use super::*;");
}

#[test]
fn restricted_dependencies_stay_in_their_rooms() {
    for (dependency, home) in [
        ("ort", "encoder/backend/ort.rs"),
        ("ort", "encoder/backend/ort/session.rs"),
        ("tokenizers", "encoder/tokenizer.rs"),
        ("hnsw_rs", "index/graph_build.rs"),
        ("anndists", "index/graph.rs"),
        ("sled", "records/store.rs"),
        ("tantivy", "lexical.rs"),
        ("memmap2", "kernel.rs"),
        ("clap", "bin/nigh/args.rs"),
        ("clap_complete", "bin/nigh/args.rs"),
        ("indicatif", "bin/nigh/args.rs"),
        ("ctrlc", "bin/nigh/main.rs"),
    ] {
        let tables = |text: String| {
            let folder = home.rsplit_once('/').map(|(folder, _)| format!("{folder}/mod.rs")).unwrap_or_default();
            breaches(&[(home, &text), (&folder, TABLE)])
                .into_iter()
                .filter(|p| p.contains("belongs in"))
                .collect::<Vec<_>>()
        };
        assert_eq!(tables(format!("use {dependency}::x::{{y}};")), Vec::<String>::new(), "{dependency}");
        let place = if home.starts_with("records") { "encoder/mod.rs" } else { "records/mod.rs" };
        for text in [
            format!("use {dependency};"),
            format!("use {dependency}::x;"),
            format!("use {{std::fs, {dependency}::x}};"),
            format!("use {dependency} as other;"),
            format!("fn f() {{ {dependency}::open() }}"),
            format!("fn f() -> ::{dependency}::Y {{}}"),
            format!("extern crate {dependency};"),
            format!("#[derive({dependency}::Parser)] struct S;"),
            format!("#[cfg(test)] mod tests {{ use {dependency}::x; }}"),
        ] {
            assert!(one(place, &text).contains(&format!("{dependency} belongs in src/")), "{text}");
        }
    }
}

#[test]
fn what_only_looks_like_a_dependency_is_left_alone() {
    none("records/mod.rs", "// use ort::x;\n/* clap::y */ /// tantivy::z\nfn f() { g(\"ort::x\", r#\"clap::y\"#) }");
    none(
        "encoder/mod.rs",
        "use sort::x; use transport::y; use ort_backend::z; fn f() { v.sled::<u8>(); a::sled::b() }",
    );
    none("encoder/backend/mod.rs", "#[cfg(feature = \"ort\")] mod ort; pub use self::ort::Ort; fn f() { ort::g() }");
    none("encoder/mod.rs", "use backend::ort; fn f() { ort::g() } mod backend;");
    none("encoder/mod.rs", "fn f(ort: u8, sled: u8) -> u8 { ort + sled }");
}

#[test]
fn unsafe_is_for_kernel_alone() {
    assert!(one("encoder/mod.rs", "fn f() {\n unsafe { g() } }").contains("encoder/mod.rs:2 uses unsafe"));
    assert!(one("bin/nigh/main.rs", "unsafe fn f() {}").contains("unsafe belongs in src/kernel alone"));
    none("kernel.rs", "unsafe fn f() {}");
    none("encoder/mod.rs", "#![deny(unsafe_code)] // unsafe\nfn f(is_unsafe: bool) { g(\"unsafe\") }");
}

#[test]
fn the_outside_world_is_for_bin_alone() {
    for text in [
        "use std::env;\nfn f() { env::var(x) }",
        "use std::{env::{self, consts}};",
        "fn f() { std::env::var(x) }",
        "fn f() { std::process::exit(1) }",
        "use std::process;\nfn f() { process::exit(1) }",
        "use std::process::exit;\nfn f() { exit(1) }",
        "fn f() { println!(a) }",
        "fn f() { std::eprintln!(a) }",
        "fn f() { dbg!(a) }",
    ] {
        assert!(one("records/mod.rs", text).contains("belongs in src/bin alone"), "{text}");
        none("bin/nigh/main.rs", text);
        none("records/mod.rs", &format!("#[cfg(test)]\nmod tests {{ {text} }}"));
    }
    none(
        "records/mod.rs",
        "use std::env::consts::ARCH; fn f() { std::env::consts::OS; env!(a); println != b; writeln!(c) }",
    );
    none("records/mod.rs", "use std::process::Command; use std::process; fn f() { process::id(); exit(1) }");
}

#[test]
fn a_test_module_in_its_own_file_is_a_test() {
    let declared = ("records/mod.rs", "#[cfg(test)] mod tests;");
    let body = ("records/tests.rs", "fn f() { println!(x) }");
    assert_eq!(breaches(&[declared, body]), Vec::<String>::new());
    assert_eq!(breaches(&[("records/mod.rs", "mod tests;"), body]).len(), 1);
}

#[test]
fn a_file_outside_every_room_is_reported() {
    assert!(one("helpers.rs", "").contains("helpers.rs:0 belongs to no room"));
}

#[test]
fn every_folder_has_a_table() {
    let tree = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        examine(&files).problems.into_iter().map(|p| format!("{} {}", p.file, p.what)).collect::<Vec<_>>()
    };
    assert!(tree(&[("lib.rs", TABLE), ("bin/nigh/main.rs", TABLE), ("index/mod.rs", TABLE)]).is_empty());
    let found = tree(&[("lib.rs", TABLE), ("index/graph/walk.rs", ""), ("index/mod.rs", "//! No table.\n")]);
    assert!(found.len() == 2 && found[0].starts_with("index/mod.rs has no table"), "{found:?}");
    assert!(found[1].starts_with("index/graph has no mod.rs"), "{found:?}");
}

#[test]
fn long_files_are_noted_but_no_breach() {
    let files = vec![("lib.rs".to_owned(), format!("{TABLE}{}", "\n".repeat(LONG)))];
    let report = examine(&files);
    assert!(report.problems.is_empty());
    assert_eq!(report.long, [("lib.rs".to_owned(), LONG + 1)]);
}
