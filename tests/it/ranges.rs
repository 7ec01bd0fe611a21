//! Places of passages: byte and line ranges are exactly those of the file.

use std::fs;
use std::path::Path;

use nigh::{Collection, Syntax};

use crate::support::{Place, assert_sound, exported, text};

/// Files with passages whose places are easy to get wrong.
fn folder() -> Place {
    let place = Place::new();
    place.write("guide.md", text::markdown(1, 20));
    place.write("windows.md", text::markdown(2, 10).replace('\n', "\r\n"));
    place.write(
        "long line.txt",
        (0..200).map(|i| format!("sentence {i} of a long line. 句子{i}。")).collect::<String>(),
    );
    place.write("no break.txt", "词".repeat(3_000));
    place.write("word.txt", "x".repeat(5_000));
    place.write("blank lines.txt", "\n\n\n  first\n\n\n\n\tsecond  \n\n\n");
    place.write(
        "wide.txt",
        "ｆｕｌｌ　ｗｉｄｔｈ，e\u{301}\u{301}, 🦀👩‍👩‍👧‍👧 and\u{2028}line separator\u{85}next".repeat(40),
    );
    place.write(
        "code.rs",
        (0..80).map(|i| format!("fn f{i}() {{\n    let x = {i};\n\n    x + 1;\n}}\n\n")).collect::<String>(),
    );
    place.write(
        "table.md",
        "---\ntitle: A table\n---\n\n# One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {\n\n}\n```\n\n- a\n  - b\n\n> quoted\n",
    );
    place
}

/// Counts lines: returns the first line, and one past the last line that the bytes touch.
fn lines(text: &str, start: usize, end: usize) -> (usize, usize) {
    let breaks = |part: &str| part.bytes().filter(|&b| b == b'\n').count();
    let first = 1 + breaks(&text[..start]);
    (first, first + breaks(&text[start..end]) + 1)
}

fn check_passages(place: &Place, collection: &Collection, context_length: usize) {
    let encoder = collection.encoder().unwrap();
    for document in exported(collection) {
        let file = fs::read_to_string(place.docs().join(&document.id)).unwrap();
        assert_eq!(document.text, file);
        // Front matter is in no passage.
        let front = if file.starts_with("---\n") { file.find("\n---\n").map_or(0, |at| at + 5) } else { 0 };
        let mut covered = front;
        let passages = document.passages.unwrap();
        assert!(!passages.is_empty());
        for passage in &passages {
            let (start, end) = (passage.start_byte, passage.end_byte);
            assert!(start >= front, "{}", document.id);
            let own = &file[start..end];
            assert_eq!(own.trim(), own, "{}", document.id);
            let (first, past) = lines(&file, start, end);
            assert_eq!((passage.start_line, passage.end_line + 1), (first, past), "{}: {own:?}", document.id);
            assert!(encoder.tokenise(nigh::TextKind::Passage, own).unwrap().ids.len() <= context_length, "{own:?}");
            if covered < start {
                assert_eq!(file[covered..start].trim(), "", "{}: left out before {own:?}", document.id);
            }
            covered = covered.max(end);
            // The vector is that of exactly these bytes, with as many headings above them as the context length allows.
            let begins_with = |heading: &String| own.lines().next().unwrap().contains(heading.as_str());
            let above = match passage.headings.split_last() {
                Some((last, above)) if begins_with(last) => above,
                _ => &passage.headings,
            };
            let paths = (0..above.len()).map(|from| format!("{}: {own}", above[from..].join(" > ")));
            let fits = |text: &String| encoder.tokenise(nigh::TextKind::Passage, text).unwrap().ids.len() <= 48;
            let encoded = paths.chain([own.to_owned()]).find(fits).unwrap();
            let vector = encoder.encode_as(nigh::TextKind::Passage, &[&encoded]).unwrap().into_vec();
            assert!(crate::support::largest_difference(&vector, &passage.vector) < 1e-3, "{}: {own:?}", document.id);
        }
        assert_eq!(file[covered..].trim(), "", "{}: its end is left out", document.id);
    }
}

fn check_hits(docs: &Path, collection: &Collection) {
    for query in ["a long line", "句子", "let x", "词", "full width crab", "平均池化 的 模型", "quoted"] {
        let hits = collection.search(query).limit(100).run().unwrap().hits;
        assert!(hits.len() >= 9, "{}", hits.len());
        for hit in hits {
            let file = fs::read_to_string(docs.join(hit.document.id.as_str())).unwrap();
            let span = hit.passage.span;
            assert_eq!(hit.passage.text, file[span.bytes.clone()]);
            assert_eq!((span.lines.start, span.lines.end), lines(&file, span.bytes.start, span.bytes.end));
            assert!(hit.document.passage_count > 0 && hit.rank > 0);
        }
    }
}

#[test]
fn ranges_are_exact_in_every_file() {
    let place = folder();
    let collection = place.open();
    assert_eq!(place.index(&collection).added, 9);
    check_passages(&place, &collection, 48);
    check_hits(&place.docs(), &collection);
    // Again after the index was loaded from the disk.
    drop(collection);
    check_hits(&place.docs(), &place.open());
}

#[test]
fn passage_tokens_option_is_respected() {
    let place = folder();
    let collection = place.options().passage_tokens(12).overlap_tokens(4).open(place.path("short.nigh")).unwrap();
    place.index(&collection);
    // `passage_tokens` does not count the special tokens and the prefix.
    let overhead = collection.encoder().unwrap().tokenise(nigh::TextKind::Passage, "").unwrap().ids.len();
    check_passages(&place, &collection, 12 + overhead);
    assert_sound(&collection);
    let too_long = place.options().passage_tokens(48).open(place.path("long.nigh")).unwrap();
    let refused = too_long.writer().unwrap().upsert(nigh::Document::new("a", "text")).unwrap_err();
    assert!(matches!(refused, nigh::Error::InvalidOptions { .. }) && refused.to_string().contains("48"), "{refused}");
}

#[test]
fn headings_of_a_passage_are_those_above_it() {
    let place = Place::new();
    let body = "句向量 and mean pooling of token vectors in a sentence. ".repeat(4);
    place.write("a.md", format!("# Top\n\n{body}\n\n## Left\n\n{body}\n\n### Down\n\n{body}\n\n## Right\n\n{body}\n"));
    let collection = place.open();
    place.index(&collection);
    let document = &exported(&collection)[0];
    assert_eq!((document.syntax, document.metadata["title"].as_str()), (Syntax::Markdown, Some("Top")));
    let mut paths: Vec<String> =
        document.passages.iter().flatten().map(|passage| passage.headings.join(" > ")).collect();
    paths.dedup();
    assert_eq!(paths, ["Top", "Top > Left", "Top > Left > Down", "Top > Right"]);
    let hit = collection.search("x").limit(1).run().unwrap().hits.remove(0);
    assert_eq!(hit.passage.headings[0], "Top");
}

#[test]
fn byte_order_mark_is_not_part_of_the_text() {
    let place = Place::new();
    place.write("utf8.md", "\u{feff}# 标题\n\n正文 text\n");
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("# 标题\n\n正文 text\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    place.write("utf16.md", utf16);
    let collection = place.open();
    assert_eq!(place.index(&collection).added, 2);
    let all = exported(&collection);
    assert_eq!((all[0].text.as_str(), &all[0].passages), (all[1].text.as_str(), &all[1].passages));
    assert!(all[0].text.starts_with("# 标题") && all[0].metadata["title"] == "标题");
}
