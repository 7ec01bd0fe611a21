//! Tests of encoded data that is left out, and of text that is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::extract;

/// Returns base64 of a picture, of this length; each seed gives different data.
fn base64(length: usize, seed: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let letters = (0..length).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(LETTERS[(state >> 58) as usize])
    });
    letters.collect()
}

/// Splits data into lines of this width.
fn lines(data: &str, width: usize, end: &str) -> String {
    data.as_bytes().chunks(width).map(|line| format!("{}{end}", std::str::from_utf8(line).unwrap())).collect()
}

/// Returns a text without its data.
fn text_without_data(text: &str) -> String {
    remove_data(text).0.into_owned()
}

#[test]
fn data_uris_keep_their_media_type() {
    let data = base64(900, 1);
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8z'/></svg>";
    let percent = svg.replace('<', "%3c").replace('>', "%3e").replace(' ', "%20");
    for (text, expected) in [
        // In Markdown, HTML and CSS.
        (format!("a ![x](data:image/png;base64,{data}) b"), "a ![x](data:image/png) b"),
        (format!("[i]: <data:image/png;base64,{data}>\nend"), "[i]: <data:image/png>\nend"),
        (format!("<img src='data:image/jpeg;base64, {data}==' alt='x'>"), "<img src='data:image/jpeg' alt='x'>"),
        (format!("url(data:font/woff2;charset=utf-8;base64,{data}) url(b)"), "url(data:font/woff2) url(b)"),
        // Escaped, as in JSON, in a program or a URI.
        (format!("{{\"a\":\"data:image\\/png;base64,{}\"}}", data.replace('/', "\\/")), "{\"a\":\"data:image\\/png\"}"),
        (format!("\"data:a/b;base64,{}\\u003d\" x", data.replace('+', "\\u002B")), "\"data:a/b\" x"),
        (format!("x,data:image/gif;base64,{}%3D,y", data.replace('+', "%2B")), "x,data:image/gif,y"),
        // With a superfluous semicolon; with a type that is not a picture; without a type.
        (format!("[img-0]:data:image/png;;base64,{data}\nend"), "[img-0]:data:image/png\nend"),
        (format!("[a link](data:application/pdf;base64,{data})"), "[a link](data:application/pdf)"),
        (format!("a data:;base64,{data} b"), "a data:… b"),
        // Pictures as text, quoted, plain and percent-encoded.
        (format!("url(\"data:image/svg+xml;utf8,{}\")", svg), "url(\"data:image/svg+xml\")"),
        (format!("url(data:image/svg+xml,{svg}) b"), "url(data:image/svg+xml) b"),
        (
            format!("url(data:image/svg+xml,{percent}) url(data:image/svg+xml,{percent})"),
            "url(data:image/svg+xml) url(data:image/svg+xml)",
        ),
        // Short data.
        ("a ![](data:image/png;base64,iVBORw0K) b".to_owned(), "a ![](data:image/png) b"),
    ] {
        assert_eq!(text_without_data(&text), expected);
    }
    for text in [
        // Text about URIs, other words, short or textual data.
        "data:image/png;base64,<data>",
        "data: image/png, and more",
        "metadata: a/b, c",
        "data:text/plain,hello there",
        "the scheme is data:[<mediatype>][;base64],<data>",
        "href='data:image/png,short'",
        "data:",
        "data:,",
    ] {
        assert_eq!(remove_data(text), (Cow::Borrowed(text), 0));
    }
}

#[test]
fn line_numbers_stay_when_data_is_removed() {
    let data = base64(700, 2);
    for end in ["\n", "\r\n"] {
        let text = format!("one{end}<img src=\"data:image/png;base64,{end}{}\">{end}last", lines(&data, 76, end));
        let found = text_without_data(&text);
        assert_eq!(found.lines().count(), text.lines().count(), "{found:?}");
        assert!(found.ends_with("\">\nlast") || found.ends_with("\">\r\nlast"), "{found:?}");
        // The last line of the data, which has no line end inside.
        let last_line = &data[data.len() / 76 * 76..];
        assert!(text.contains(last_line) && !found.contains(last_line), "{found:?}");
        let pem = format!(
            "A key:{end}-----BEGIN CERTIFICATE-----{end}{}-----END CERTIFICATE-----{end}last{end}",
            lines(&data, 64, end)
        );
        let found = text_without_data(&pem);
        assert_eq!(found.lines().count(), pem.lines().count());
        assert_eq!(
            found.split_whitespace().collect::<Vec<_>>().join(" "),
            "A key: -----BEGIN CERTIFICATE----- … -----END CERTIFICATE----- last"
        );
        assert_eq!(found.lines().last(), Some("last"));
    }
}

#[test]
fn base64_and_hexadecimal_runs_are_replaced() {
    let data = base64(600, 3);
    let hex: String = data.bytes().map(|byte| format!("{byte:02x}")).collect();
    let words = |text: &str| text_without_data(text).split_whitespace().collect::<Vec<_>>().join(" ");
    for (text, expected) in [
        // One run.
        (format!("key = \"{data}\"; next"), "key = \"…\"; next"),
        (
            // A block in a JSON string.
            format!("{{\"key\":\"-----BEGIN-----\\n{}-----END-----\\n\"}}", lines(&data, 64, "\\n")),
            "{\"key\":\"-----BEGIN-----\\n…\\n-----END-----\\n\"}",
        ),
        (
            // A block that begins within a line (vCard).
            format!(
                "PHOTO;ENCODING=b;TYPE=JPEG:{}\n {}\nEND:VCARD",
                &data[..48],
                lines(&data[48..], 74, "\n ").trim_end()
            ),
            "PHOTO;ENCODING=b;TYPE=JPEG:… END:VCARD",
        ),
        // With padding.
        (format!("ssh-rsa {data}== me@host\n"), "ssh-rsa …== me@host"),
        (
            format!(
                // Indented (YAML).
                "cert: |\n{}after: 1",
                lines(&data, 64, "\n").lines().map(|line| format!("    {line}\n")).collect::<String>()
            ),
            "cert: | … after: 1",
        ),
        (
            // Joined strings in a program.
            format!("let a = \"{}\";", lines(&data, 76, "\" +\n    \"").trim_end_matches(['"', ' ', '+', '\n'])),
            "let a = \"… \";",
        ),
        // Hexadecimal digits.
        (format!("code 0x{hex} end"), "code … end"),
    ] {
        let found = words(&text).replace("… ==", "…==");
        assert!(found == expected || found.replace("…==", "…") == expected.replace("…==", "…"), "{found}\n{expected}");
    }
}

#[test]
fn ordinary_text_is_not_data() {
    let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".repeat(2);
    let path = "src/main/java/com/example/services/billing/InvoiceRepositoryFactory/".repeat(6);
    let camel = "ThisIsAVeryLongNameOfAMethodThatNobodyShouldEverHaveWrittenInAnyProgramOfTheirs".repeat(4);
    let pi = "1415926535897932384626433832795028841971693993751058209749445923".repeat(12);
    let genome = "ACGTTGCAAGCTTAGCCATGGATCCGTA".repeat(40);
    let integrity = format!("sha512-{}==", base64(86, 4));
    let rule = "-".repeat(400);
    let snake = "this_is_a_long_name_of_something_2_".repeat(20);
    for text in [&sum, &path, &camel, &pi, &genome, &integrity, &rule, &snake] {
        assert_eq!(remove_data(&format!("a {text} b\n")).1, 0, "{text}");
    }
    let prose = "第一行 and a few words, as people write them.\n".repeat(200);
    assert_eq!(remove_data(&prose), (Cow::Borrowed(&*prose), 0));
}

#[test]
fn uuencoded_data_is_replaced() {
    let line = format!("M{}\n", "#0V%T".repeat(12));
    let text = format!("Here it is:\nbegin 644 cat.gif\n{}`\nend\nBye\n", line.repeat(5));
    assert_eq!(text_without_data(&text), format!("Here it is:\nbegin 644 cat.gif\n…{}\nend\nBye\n", "\n".repeat(5)));
    for text in ["begin 644 x\nsome words\nend\n", "begin with this\n", "to begin 644 x\n", "begin 644"] {
        assert_eq!(text_without_data(text), text);
    }
}

/// Extracts a text; returns the text and its losses.
fn losses(name: &str, text: &str) -> (String, Vec<String>) {
    let found = extract(text.as_bytes().to_vec(), Path::new(name)).unwrap();
    (found.text, found.losses)
}

#[test]
fn data_is_removed_from_every_kind_of_text() {
    let data = base64(3000, 5);
    let uri = format!("data:image/png;base64,{data}");
    let one = ["a picture or other data in letters (base64) is left out"];
    let (text, message) = losses("a.csv", &format!("id,photo,name\n1,{uri},Ada\n2,,Ben\n"));
    assert_eq!(text, "id: 1; photo: data:image/png; name: Ada\nid: 2; name: Ben");
    assert_eq!(message, one);
    let (text, _) = losses("a.jsonl", &format!("{{\"id\":1,\"photo\":\"{uri}\",\"raw\":\"{data}\"}}\n{{\"id\":2}}\n"));
    assert_eq!(text, "id: 1; photo: data:image/png; raw: …\nid: 2");
    for name in ["a.md", "a.txt", "a.org", "a.rst", "a.tex", "a.css", "a.js", "a.svg", "a.json", "a.yaml"] {
        let (text, message) = losses(name, &format!("first words\n\"{uri}\"\nlast words\n"));
        assert_eq!(
            (text.as_str(), message.as_slice()),
            ("first words\n\"data:image/png\"\nlast words\n", &one.map(str::to_owned)[..]),
            "{name}"
        );
    }
    let cell = format!(
        "{{\"cells\":[{{\"cell_type\":\"markdown\",\"source\":[\"# T\\n\",\"![a]({}\",\"{})\\n\",\"end\"]}}]}}",
        &uri[..900],
        &uri[900..]
    );
    assert_eq!(losses("a.ipynb", &cell).0, "# T\n![a](data:image/png)\nend");
    let alone = extract(lines(&data, 76, "\n").into_bytes(), Path::new("a.b64")).unwrap_err().to_string();
    assert_eq!(alone, "only encoded data (base64), no text");
}

#[test]
fn section_starts_move_with_the_text() {
    let data = base64(600, 6);
    let rows: String = (0..50).map(|row| format!("{row},{data},名{row}\n")).collect();
    let found = extract(format!("id,blob,name\n{rows}").into_bytes(), Path::new("a.csv")).unwrap();
    assert_eq!(found.sections.len(), 50);
    for (row, section) in found.sections.iter().enumerate() {
        assert!(found.text[section.start..].starts_with(&format!("id: {row}; blob: …; name: 名{row}")));
        assert_eq!(section.metadata["blob"], "…");
    }
}

#[test]
fn hostile_texts_take_less_than_20_s() {
    const N: usize = 2 << 20;
    let uri = "data:image/svg+xml,<".repeat(N / 20);
    let quoted = "'data:image/svg+xml,%3c".repeat(N / 23);
    let begun = Instant::now();
    for text in [
        uri,
        quoted,
        "data:a/b;base64,A\n".repeat(N / 18),
        "begin 644 x\n!\n".repeat(N / 14),
        "A".repeat(N),
        "Aa1\\n".repeat(N / 5),
        format!("{}\n", "a".repeat(61)).repeat(N / 62),
        base64(N, 7),
        "\\/".repeat(N / 2),
    ] {
        let _ = remove_data(&text);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
