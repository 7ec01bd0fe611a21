//! Tests of the mail reader.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use super::*;

fn eml(bytes: &[u8]) -> Result<Extracted> {
    extract(MailKind::Message, bytes)
}

fn mbox(bytes: &[u8]) -> Result<Extracted> {
    extract(MailKind::Mailbox, bytes)
}

fn join_lines(lines: &[&str]) -> Vec<u8> {
    lines.join("\r\n").into_bytes()
}

#[test]
fn message_has_metadata_and_text_of_attachments() {
    let mail = join_lines(&[
        "From: =?gb2312?B?us7LvLzO?= <hao@x.example>",
        "To: a@x.example, \"B, C\" <b@x.example>",
        "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
        " aus Bern",
        "Date: Tue, 3 Dec 2024 16:20:00 +0800",
        "Message-ID: <3@x.example>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=gb2312",
        "Content-Transfer-Encoding: base64",
        "",
        "ztLDx7z7w+aho8O/zOwK",
        "--b",
        "Content-Type: text/csv; name=list.csv",
        "Content-Disposition: attachment; filename=list.csv",
        "",
        "a,b",
        "1,2",
        "--b",
        "Content-Type: application/pdf",
        "Content-Disposition: attachment; filename*=utf-8''%E8%A1%A8.pdf",
        "Content-Transfer-Encoding: base64",
        "",
        "AAAA",
        "--b",
        "Content-Type: image/png",
        "Content-Disposition: inline",
        "Content-ID: <logo>",
        "",
        "x",
        "--b--",
    ]);
    let found = eml(&mail).unwrap();
    assert_eq!(found.text, "Grüße aus Bern\n\n我们见面。每天\n\nlist.csv\n\na: 1; b: 2\n");
    assert_eq!(found.title.as_deref(), Some("Grüße aus Bern"));
    assert_eq!(found.sections[0].headings, ["Grüße aus Bern"]);
    assert_eq!(found.metadata["from"], "何思嘉 <hao@x.example>");
    assert_eq!(found.metadata["to"], "a@x.example, B, C <b@x.example>");
    assert_eq!(found.metadata["date"], "2024-12-03T16:20:00+08:00");
    assert_eq!(found.metadata["message_id"], "3@x.example");
    assert_eq!(found.metadata["attachments"], serde_json::json!(["list.csv", "表.pdf"]));
    assert_eq!(found.losses, ["1 attachment is not read: 表.pdf (binary)"]);
}

const HEAD: &str = "From: a@x.example\nSubject: News\nMIME-Version: 1.0\n";
const PAGE: &str =
    "Content-Type: text/html; charset=utf-8\n\n<style>p{}</style><h1>One</h1><p># two</p><pre># three</pre>\n";

#[test]
fn html_bodies_become_markdown() {
    let found = eml(format!("{HEAD}{PAGE}").as_bytes()).unwrap();
    assert_eq!(found.text, "# News\n\n## One\n\n\\# two\n\n```\n# three\n```\n");
    // The section has no headings: those in Markdown text are found when it is split.
    assert_eq!((found.syntax, found.sections[0].headings.len()), (Syntax::Markdown, 0));
}

#[test]
fn alternative_bodies_prefer_plain_text_unless_it_is_a_stub() {
    let both = |plain: &str| {
        format!(
            "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{plain}\n--b\n{PAGE}--b--\n"
        )
    };
    let plain = eml(both("One, two and three in plain words.").as_bytes()).unwrap();
    assert_eq!(plain.text, "News\n\nOne, two and three in plain words.\n");
    assert_eq!(plain.syntax, Syntax::Plain);
    // A plain text that has far fewer words than the HTML body.
    let stub = eml(both("x").as_bytes()).unwrap();
    assert!(stub.text.contains("## One"), "{}", stub.text);
}

#[test]
fn flowed_lines_are_joined() {
    let mail = "From: a@x.example\nSubject: s\nContent-Type: text/plain; format=flowed\n\nOne \ntwo\n> three \n> four\n-- \nfive\n";
    assert_eq!(eml(mail.as_bytes()).unwrap().text, "s\n\nOne two\n> three four\n-- \nfive\n");
}

#[test]
fn nested_messages_are_read() {
    let inner = "From: b@x.example\nSubject: Inner\n\nThe first words.\n";
    let mail = format!(
        "From: a@x.example\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n--b\n\
                        Content-Type: message/rfc822\n\n{inner}\n--b--\n"
    );
    assert_eq!(eml(mail.as_bytes()).unwrap().text, "Fwd\n\nSee below.\n\nInner\n\nThe first words.\n");
}

#[test]
fn undeclared_charsets_are_guessed() {
    // "Subject: 会议改期" and a body in GBK.
    let mut mail = b"From: a@x.example\nSubject: \xbb\xe1\xd2\xe9\xb8\xc4\xc6\xda\n\n".to_vec();
    for _ in 0..4 {
        mail.extend(
            b"\xd4\xad\xb6\xa8\xd3\xda\xb1\xbe\xd6\xdc\xcb\xc4\xcf\xc2\xce\xe7\xb5\xc4\xbb\xe1\xd2\xe9\xa1\xa3",
        );
    }
    let found = eml(&mail).unwrap();
    assert!(found.text.starts_with("会议改期\n\n原定于本周四下午的会议。"), "{}", found.text);
}

#[test]
fn mail_without_text_is_refused() {
    assert_eq!(eml(b"From: a@x.example\n\n").unwrap_err().to_string(), "a mail without text");
    assert_eq!(eml(b"").unwrap_err().to_string(), "damaged or incomplete mail: it has no header lines");
    assert_eq!(mbox(b"no mail").unwrap_err().to_string(), "a mailbox without messages");
}

#[test]
fn encrypted_mail_is_refused() {
    let encrypted = "From: a@x.example\nSubject: s\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\
                  Content-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nxx\n--b--\n";
    let reason = eml(encrypted.as_bytes()).unwrap_err().to_string();
    assert_eq!(reason, "encrypted mail; decrypt it in a mail program and save it again");
}

#[test]
fn mailbox_has_one_section_for_each_message() {
    let one = "From a Mon Jan  1 00:00:00 2024\nFrom: a@x.example\nSubject: One\n\nFirst.\n";
    let two = "From b Mon Jan  1 00:00:00 2024\nFrom: b@x.example\nSubject: Two\nContent-Type: multipart/mixed; boundary=b\n\n\
               --b\n\nSecond.\n--b\nContent-Type: application/zip; name=z.zip\n\nPK\x03\x04\0\0\n--b--\n";
    let empty = "From c Mon Jan  1 00:00:00 2024\nFrom: c@x.example\n\n\n";
    let found = mbox(format!("{one}\n{empty}\n{two}").as_bytes()).unwrap();
    assert_eq!(found.text, "One\n\nFirst.\n\nTwo\n\nSecond.\n");
    let sections: Vec<_> =
        found.sections.iter().map(|section| (section.place.number, section.headings.join(""), section.start)).collect();
    assert_eq!(sections, [(1, "One".to_owned(), 0), (3, "Two".to_owned(), found.text.find("Two").unwrap())]);
    assert_eq!(found.sections[1].metadata["from"], "b@x.example");
    assert_eq!(found.metadata["messages"], 3);
    assert_eq!(
        found.losses,
        [
            "1 of 3 messages is without text",
            "1 attachment is not read: z.zip (ZIP archives are not read; unpack it to index what is in it)"
        ]
    );
}

#[test]
fn mailbox_from_lines_in_bodies_are_text() {
    let mailbox = [
        "From a Mon Jan  1 00:00:00 2024",
        "From: a@x.example",
        "Subject: One",
        "",
        "First.",
        "",
        // A header line follows, but it is not one of the usual ones, and there is no time of day.
        "From now on: text.",
        "http://x",
        "",
        // A time of day, but no header line follows.
        "From ten to 12:30",
        "we eat.",
        // Quoted "From " lines lose one ">".
        ">From here.",
        ">>From there.",
        "",
    ];
    assert_eq!(
        mbox(mailbox.join("\n").as_bytes()).unwrap().text,
        "One\n\nFirst.\n\nFrom now on: text.\nhttp://x\n\nFrom ten to 12:30\nwe eat.\nFrom here.\n>From there.\n"
    );
}

#[test]
fn large_and_deeply_nested_mail_takes_less_than_20_s() {
    let message = "From a Mon 10:00:00\nFrom: a@x.example\nSubject: s\n\nText. From here.\n\n";
    let many = message.repeat(20_000);
    let false_starts = format!("{message}{}", "\nFrom \n".repeat(300_000));
    let boundaries: String =
        (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let begun = Instant::now();
    assert_eq!(mbox(many.as_bytes()).unwrap().sections.len(), 20_000);
    assert_eq!(mbox(false_starts.as_bytes()).unwrap().sections.len(), 1);
    // Deeply nested parts: only the time counts.
    let _ = eml(format!("From: a\nSubject: s\n{boundaries}").as_bytes());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn mhtml_saved_web_page_is_read() {
    let page = join_lines(&[
        "From: <Saved by Blink>",
        "Snapshot-Content-Location: file:///a",
        "Subject: A page",
        "Date: Tue, 3 Dec 2024 16:20:00 +0000",
        "MIME-Version: 1.0",
        "Content-Type: multipart/related;",
        "\ttype=\"text/html\";",
        "\tboundary=\"b\"",
        "",
        "--b",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Gr=C3=BC=C3=9Fe</p>",
        "--b--",
    ]);
    assert_eq!(crate::kinds::mail::is_mail(&page), Some(MailKind::WebArchive));
    let found = extract(MailKind::WebArchive, &page).unwrap();
    assert_eq!((found.text.as_str(), found.title.as_deref()), ("Grüße\n", Some("A page")));
    assert!(mhtml(b"From: a\n\nx").is_err());
}
