//! Tests of archives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

#[test]
fn parts_and_relations_are_found_by_name() {
    let relations = fixture::relations(&[("r1", "slide", "../slides/A.xml#x"), ("r2", "x", "/top.xml")]);
    let bytes = fixture::archive(&[("ppt/_rels/p.xml.rels", &relations), ("ppt/slides/a.xml", "<a/>")]);
    let mut archive = Archive::open(&bytes, "PPTX").unwrap();
    assert_eq!(archive.text("/ppt\\slides/A.xml").unwrap().as_deref(), Some("<a/>"));
    assert_eq!(archive.part("none").unwrap(), None);
    let found = archive.relations("ppt/p.xml").unwrap();
    assert_eq!(found["r1"].target, "slides/A.xml");
    assert_eq!(found["r2"], Relation { kind: "x".into(), target: "top.xml".into() });
    assert_eq!(resolve("a/b", "../../../../etc/passwd"), "etc/passwd");
}

#[test]
fn archive_limit_counts_unpacked_bytes() {
    let bytes = fixture::archive(&[("a", &"a".repeat(1000)), ("b", &"b".repeat(1000))]);
    let mut archive = Archive::open(&bytes, "DOCX").unwrap();
    archive.bytes_left = 1500;
    assert_eq!(archive.part("a").unwrap().unwrap().len(), 1000);
    assert!(archive.part("b").unwrap_err().to_string().contains("ZIP bomb"));
    assert!(archive.part("a").unwrap_err().to_string().contains("ZIP bomb"));
}

#[test]
fn damaged_archives_have_reasons() {
    let bytes = fixture::archive(&[("word/document.xml", &"text ".repeat(300))]);
    for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        let reason = Archive::open(&bytes[..cut], "DOCX").err();
        assert!(reason.is_some_and(|reason| reason.to_string().contains("incomplete DOCX")), "{cut}");
    }
    let mut broken = bytes.clone();
    broken[60..70].fill(0xff);
    let reason = Archive::open(&broken, "DOCX").unwrap().part("word/document.xml").unwrap_err().to_string();
    assert!(reason.contains("cannot be unpacked"), "{reason}");
}

#[test]
fn utf16_parts_are_decoded() {
    let mut archive_bytes = Vec::new();
    archive_bytes.extend([0xff, 0xfe]);
    archive_bytes.extend("<a>字</a>".encode_utf16().flat_map(u16::to_le_bytes));
    let mut zip = zip::write::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, &archive_bytes).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_eq!(Archive::open(&bytes, "X").unwrap().text("a").unwrap().unwrap(), "<a>字</a>");
}
