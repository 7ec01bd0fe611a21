//! Tests of attachments: real files of every format in a message and in a mailbox.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

use super::*;

/// Reads a file of the program's fixtures.
fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program/fixtures/formats").join(name)).unwrap()
}

/// Makes a message with these attachments: name, media type, bytes.
fn message(files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut mail = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: Papers\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the papers.\r\n-- \r\nAda\r\n"
        .to_vec();
    for (name, media, bytes) in files {
        let hex: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        // Lines of 75 characters, each but the last with the sign that it continues.
        let lines: Vec<&str> = hex.as_bytes().chunks(75).map(|line| std::str::from_utf8(line).unwrap()).collect();
        mail.extend(
            format!(
                "--b\r\nContent-Type: {media}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
                lines.join("=\r\n")
            )
            .bytes(),
        );
    }
    mail.extend(b"--b--\r\n");
    mail
}

/// The media type of a file of any format.
const OCTETS: &str = "application/octet-stream";

/// Reads a message with these attachments.
fn eml(files: &[(&str, &str, &[u8])]) -> Extracted {
    extract(MailKind::Message, &message(files)).unwrap()
}

/// Returns the place, the headings and the text of each section.
fn describe_sections(found: &Extracted) -> Vec<(String, String, &str)> {
    let ends = found.sections.iter().skip(1).map(|section| section.start).chain([found.text.len()]);
    let shown = |(section, end): (&crate::Section, usize)| {
        (section.place.to_string(), section.headings.join(" > "), found.text[section.start..end].trim_end())
    };
    found.sections.iter().zip(ends).map(shown).collect()
}

#[test]
fn attached_texts_are_read_by_their_readers() {
    let csv = "港口,水深\n青岛,12\n宁波,17\n".as_bytes();
    let found =
        eml(&[("ports.csv", "text/csv", csv), ("a.txt", OCTETS, &encoding_rs::GBK.encode("会议改到周五上午举行").0)]);
    assert_eq!(found.syntax, Syntax::Plain);
    let row = |number| format!("ports.csv row {number}");
    assert_eq!(
        describe_sections(&found),
        [
            ("text".to_owned(), "Papers".to_owned(), "Papers\n\nSee the papers.\n-- \nAda"),
            (row(2), "Papers > ports.csv".to_owned(), "ports.csv\n\n港口: 青岛; 水深: 12"),
            (row(3), "Papers > ports.csv".to_owned(), "港口: 宁波; 水深: 17"),
            ("text".to_owned(), "Papers > a.txt".to_owned(), "a.txt\n\n会议改到周五上午举行"),
        ]
    );
    assert_eq!(found.sections[2].metadata["水深"], 17);
    assert_eq!(found.metadata["attachments"], serde_json::json!(["ports.csv", "a.txt"]));
    assert!(found.losses.is_empty(), "{:?}", found.losses);
}

#[test]
fn attached_headings_are_below_the_subject() {
    let page = "<html><body><h1>Kiln</h1><p>It is hot.</p></body></html>".as_bytes();
    let found = eml(&[
        ("kiln.html", "text/html", page),
        ("n.md", "text/markdown", b"# Note\n\nText.\n"),
        ("x.py", "text/x-python", b"# no heading\nx = 1\n"),
    ]);
    assert_eq!(found.syntax, Syntax::Markdown);
    assert_eq!(
        found.text,
        "Papers\n\nSee the papers.\n\\-- \nAda\n\n## kiln.html\n\n### Kiln\n\nIt is hot.\n\n## n.md\n\n### Note\n\nText.\n\n## x.py\n\n\
         ```\n# no heading\nx = 1\n```\n"
    );
}

#[cfg(all(feature = "office", feature = "pdf"))]
#[test]
fn attached_documents_of_every_format() {
    for name in [
        "coffee-roasting.docx",
        "budget-2025.xlsx",
        "tide-table.xls",
        "onboarding.pptx",
        "beekeeping.odt",
        "bird-survey.ods",
        "salt-road.epub",
        "bread-science.pdf",
        "供应商名单.xlsx",
        "bike-share.ipynb",
        "tickets.jsonl",
        "cache-guide.html",
        "garden-irrigation.md",
        "fermentation-log.org",
        "bridge-soundings.eml",
        "choir-list.mbox",
    ] {
        let bytes = fixture(name);
        let read_directly = crate::extract(bytes.clone(), Path::new(name)).unwrap();
        let found = eml(&[(name, OCTETS, &bytes)]);
        let long_lines = |text: &str| {
            text.lines().map(str::trim).filter(|line| line.len() > 30).map(str::to_owned).collect::<Vec<_>>()
        };
        let lines = long_lines(&read_directly.text);
        // At most 5 % of the long lines may be laid out differently.
        let lost: Vec<&String> =
            lines.iter().filter(|line| !found.text.contains(line.trim_start_matches(['#', ' ']))).collect();
        assert!(lost.len() * 20 <= lines.len() && !lines.is_empty(), "{name}: {lost:?}");
        assert_eq!(
            found.losses.iter().filter(|loss| loss.contains("not read")).count(),
            read_directly.losses.iter().filter(|loss| loss.contains("not read")).count(),
            "{name}: {:?}",
            found.losses
        );
        let mailbox = [b"From a Mon Jan  1 00:00:00 2024\r\n".as_slice(), &message(&[(name, OCTETS, &bytes)])].concat();
        let mailbox = extract(MailKind::Mailbox, &mailbox).unwrap();
        assert!(mailbox.sections.iter().all(|section| section.place == Place::new(PlaceKind::Message, 1)), "{name}");
        assert!(mailbox.sections.len() > 1 && mailbox.sections[1].headings.contains(&name.to_owned()), "{name}");
        assert_eq!(mailbox.sections[1].metadata["from"], "a@x.example");
    }
    let found = eml(&[("bread-science.pdf", OCTETS, &fixture("bread-science.pdf"))]);
    assert!(found.sections.iter().any(|section| section.place.kind == PlaceKind::Page && section.place.number == 2));
}

#[test]
fn unread_attachments_are_reported_with_a_reason() {
    let found = eml(&[
        ("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0\0\0"),
        ("all.zip", OCTETS, b"PK\x03\x04\0\0"),
        ("empty.txt", OCTETS, b" \n"),
        ("x.bin", OCTETS, b"\0\x01\0\x02\0\x03"),
    ]);
    let loss = &found.losses[0];
    for part in [
        "4 attachments are not read: ",
        "photo.jpg (JPEG pictures are not read: no OCR)",
        "all.zip (ZIP archives are not read",
        "empty.txt (empty)",
        "x.bin (binary)",
    ] {
        assert!(loss.contains(part), "{loss}");
    }
    #[cfg(feature = "office")]
    {
        let bytes = fixture("board-offer-encrypted.docx");
        let found = eml(&[("offer.docx", OCTETS, &bytes)]);
        assert!(found.losses[0].starts_with("1 attachment is not read: offer.docx (encrypted"), "{:?}", found.losses);
    }
    #[cfg(not(feature = "pdf"))]
    assert!(
        eml(&[("a.pdf", OCTETS, b"%PDF-1.4\n")]).losses[0]
            .contains("a.pdf (a PDF, and this build has no reader for it")
    );
    #[cfg(not(feature = "office"))]
    assert!(
        eml(&[("a.docx", OCTETS, &fixture("coffee-roasting.docx"))]).losses[0]
            .contains("this build has no reader for it")
    );
}

#[test]
fn nested_messages_have_a_depth_limit() {
    let mut mail = message(&[("deep.txt", OCTETS, b"the deepest words")]);
    for level in 0..3 {
        let name = format!("level{level}.eml");
        mail = message(&[(&name, OCTETS, &mail)]);
    }
    let found = extract(MailKind::Message, &mail).unwrap();
    assert!(found.text.contains("the deepest words"), "{:?}", found.losses);
    let last = found.sections.last().unwrap();
    assert_eq!(last.headings, ["Papers", "level2.eml", "level1.eml", "level0.eml", "deep.txt"]);
    for level in 3..6 {
        let name = format!("level{level}.eml");
        mail = message(&[(&name, OCTETS, &mail)]);
    }
    let found = extract(MailKind::Message, &mail).unwrap();
    assert!(!found.text.contains("the deepest words") && found.losses[0].contains("too deep"), "{:?}", found.losses);
}

#[test]
fn message_is_read_without_attachments() {
    let mail = message(&[("a.txt", OCTETS, b"words")]);
    let found = without_attachments(MailKind::Message, &mail).unwrap();
    assert_eq!(found.text, "Papers\n\nSee the papers.\n-- \nAda\n");
    assert_eq!(found.losses, ["1 attachment is not read: a.txt (the reader of one of them hung or died)"]);
}

#[test]
fn attachment_of_10_mb_takes_less_than_60_s() {
    let begun = std::time::Instant::now();
    let large = "word ".repeat(2 << 20);
    assert!(extract(MailKind::Message, &message(&[("a.txt", OCTETS, large.as_bytes())])).is_ok());
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
}
