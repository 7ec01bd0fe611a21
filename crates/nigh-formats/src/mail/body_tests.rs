//! Tests of message bodies: their charsets, and encoded words in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::header_tests::{base64, encoded, word};
use super::*;

#[test]
fn bodies_with_a_wrong_charset_label() {
    let text = "原定于本周四下午的会议改到周五上午。";
    for (label, bytes) in [
        ("utf-8", encoded(text, "gbk")),
        ("us-ascii", encoded(text, "gbk")),
        ("gb2312", encoded(text, "gbk")),
        ("iso-8859-1", text.as_bytes().to_vec()),
        ("x-none", encoded(text, "gbk")),
    ] {
        for (coding, body) in [
            ("8bit", bytes.clone()),
            ("base64", base64(&bytes).into_bytes()),
            ("quoted-printable", bytes.iter().flat_map(|byte| format!("={byte:02X}").into_bytes()).collect()),
        ] {
            let head = format!(
                "From: a@x.example\nSubject: s\nContent-Type: text/plain; charset={label}\nContent-Transfer-Encoding: {coding}\n\n"
            );
            let found = extract(MailKind::Message, &[head.as_bytes(), &body, b"\n"].concat()).unwrap();
            assert_eq!(found.text, format!("s\n\n{text}\n"), "{label} {coding}");
        }
    }
}

#[test]
fn encoded_words_in_bodies_are_not_decoded() {
    let words = format!("{}\r\n {}", word("utf-8", 'B', b"one"), word("utf-8", 'B', b"two"));
    let mail = format!("From: a@x.example\r\nSubject: {words}\r\n\r\nA word: {words}");
    let found = extract(MailKind::Message, mail.as_bytes()).unwrap();
    assert!(found.text.starts_with(&format!("onetwo\n\nA word: {}", words.replace("\r\n", "\n"))), "{}", found.text);
}
