//! Tests of encoded words, and of bodies, in charsets with escapes or shifts ("stateful").

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::header_tests::{attachment_name, encoded, read_with_body, subject, word};
use super::*;

/// Encodes Chinese in HZ or Korean in ISO-2022-KR: two 7-bit bytes for each character.
fn encode_stateful(text: &str, label: &str) -> Vec<u8> {
    let (begin, end, of): (&[u8], &[u8], _) = match label {
        "hz-gb-2312" => (b"~{", b"~}", "gbk"),
        "iso-2022-cn" => (b"\x1b$)A\x0e", b"\x0f", "gbk"),
        "iso-2022-kr" => (b"\x1b$)C\x0e", b"\x0f", "euc-kr"),
        label => return encoded(text, label),
    };
    let mut out = Vec::new();
    for run in text.split_inclusive(|c: char| c.is_ascii()) {
        let wide = run.trim_end_matches(|c: char| c.is_ascii());
        if !wide.is_empty() {
            out.extend([begin, &encoded(wide, of).iter().map(|byte| byte & 0x7f).collect::<Vec<u8>>(), end].concat());
        }
        out.extend(run.bytes().skip(wide.len()));
    }
    out
}

/// Encodes a text in UTF-16; `unit` gives the byte order.
fn utf16(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().fold(if mark { unit(0xfeff).to_vec() } else { Vec::new() }, |mut all, one| {
        all.extend(unit(one));
        all
    })
}

/// A label and three parts of a text.
const TEXTS: [(&str, [&str; 3]); 5] = [
    ("ISO-2022-JP", ["ボイラー点検の", "お知らせと", "ABC 日程"]),
    ("hz-gb-2312", ["关于锅炉年检", "及更换", "安全阀 2 的通知"]),
    ("iso-2022-cn", ["关于锅炉年检", "及更换", "安全阀 2 的通知"]),
    ("iso-2022-kr", ["보일러 점검", "안내", "문 10월"]),
    ("cp50220", ["定例会議", "のご案内", "です"]),
];

#[test]
fn encoded_words_in_stateful_charsets_are_joined() {
    for (label, parts) in TEXTS {
        let coded = if label == "cp50220" { "iso-2022-jp" } else { label };
        let bytes = parts.map(|part| encode_stateful(part, coded));
        for codings in [['B', 'B', 'B'], ['Q', 'Q', 'Q'], ['B', 'Q', 'B']] {
            for space in [" ", "\r\n ", "\r\n\t"] {
                let words: Vec<String> =
                    bytes.iter().zip(codings).map(|(bytes, coding)| word(label, coding, bytes)).collect();
                assert_eq!(subject(&words.join(space)), parts.concat(), "{label} {codings:?}");
            }
        }
    }
    // UTF-7 is recognised by its letters.
    assert_eq!(subject("=?utf-7?Q?+ZeVnLIqe-?=\r\n =?UTF-7?Q?_-_Hi_Mom_+Jjo-!?="), "日本語 - Hi Mom ☺!");
    assert_eq!(subject("=?utf-7?B?K1plVm5MSXFl?= =?utf-7?B?K1plVm5MSXFlLQ==?="), "日本語日本語");
}

#[test]
fn encoded_words_in_stateful_charsets_may_be_cut_anywhere() {
    let whole = encoded("ボイラー点検のお知らせ", "iso-2022-jp");
    for cut in 4..whole.len() - 4 {
        let (one, two) = whole.split_at(cut);
        let field = format!("{} {}", word("iso-2022-jp", 'B', one), word("iso-2022-jp", 'B', two));
        assert_eq!(subject(&field), "ボイラー点検のお知らせ", "{cut}");
    }
    // A word that does not return to ASCII, before an ASCII word; then before one that begins with an escape.
    let open = &whole[..whole.len() - 3];
    for (next, expected) in [
        (b"ABC".to_vec(), "ボイラー点検のお知らせABC"),
        (whole.clone(), "ボイラー点検のお知らせボイラー点検のお知らせ"),
    ] {
        let field = format!("{} {}", word("iso-2022-jp", 'B', open), word("iso-2022-jp", 'B', &next));
        assert_eq!(subject(&field), expected);
    }
    // Adjacent escapes.
    let twice = b"\x1b$B%F\x1b(B\x1b$B%9%H\x1b(B\x1b(B".to_vec();
    assert_eq!(subject(&word("iso-2022-jp", 'B', &twice)), "テスト");
}

#[test]
fn encoded_words_in_utf16_with_and_without_marks() {
    let (one, two) = ("冷凝器 A", "报价单😀");
    for (label, mark, unit) in [
        ("utf-16", true, u16::to_be_bytes as fn(u16) -> [u8; 2]),
        ("utf-16", true, u16::to_le_bytes),
        ("utf-16be", false, u16::to_be_bytes),
        ("utf-16be", true, u16::to_be_bytes),
        ("UTF-16LE", false, u16::to_le_bytes),
        ("utf-16", false, u16::to_be_bytes),
    ] {
        let field = [one, two].map(|text| word(label, 'B', &utf16(text, mark, unit))).join(" ");
        assert_eq!(subject(&field), "冷凝器 A报价单😀", "{label} {mark}");
        let bytes = utf16(two, mark, unit);
        let (first, rest) = bytes.split_at(bytes.len() - 2);
        let field = [first, rest].map(|text| word(label, 'B', text)).join(" ");
        assert_eq!(subject(&field), two, "{label} {mark}, cut");
    }
    let utf8 = word("utf-8", 'B', "\u{feff}报价单".as_bytes());
    assert_eq!(subject(&format!("{utf8} {utf8}")), "报价单报价单");
}

#[test]
fn encoded_words_that_break_the_rules_are_decoded() {
    for (field, expected) in [
        // An unescaped question mark.
        ("=?utf-8?Q?Quoi?=C3=A9t=C3=A9?=", "Quoi?été"),
        // A line break inside.
        ("=?utf-8?B?5Ya3\r\n 5Yed?=", "冷凝"),
        ("=?utf-8?Q?one=20\r\n two?=", "one two"),
        // Two base64 contents in one word.
        ("=?utf-8?B?YQ==YmM=?=", "abc"),
        // UTF-8 with a 7-bit label.
        ("=?iso-2022-jp?B?5Ya35Yed?=", "冷凝"),
        // Text that touches the word.
        ("=?utf-8?B?5Ya35Yed?=tail =?utf-8?B?5Ya3?=", "冷凝 tail 冷"),
    ] {
        assert_eq!(subject(field), expected, "{field}");
    }
    // Unencoded ISO-2022-JP in the header.
    let raw = [b"From: a@x.example\r\nSubject: Re: ".as_slice(), &encoded("お知らせ", "iso-2022-jp")].concat();
    assert_eq!(read_with_body(&raw).title.unwrap(), "Re: お知らせ");
}

#[test]
fn senders_and_attachment_names_in_stateful_charsets() {
    let name = "田中太郎";
    let encoded_part = |text: &str| word("iso-2022-jp", 'B', &encoded(text, "iso-2022-jp"));
    for from in [
        format!("{} {} <t@x.example>", encoded_part("田中"), encoded_part("太郎")),
        format!("\"{} {}\" <t@x.example>", encoded_part("田中"), encoded_part("太郎")),
        format!("t@x.example ({} {})", encoded_part("田中"), encoded_part("太郎")),
    ] {
        let found = read_with_body(format!("Subject: s\r\nFrom: {from}").as_bytes());
        assert_eq!(found.metadata["from"], format!("{name} <t@x.example>"), "{from}");
    }
    for field in [
        format!(
            "Content-Disposition: attachment; filename=\"{}\r\n {}\"",
            encoded_part("議事"),
            encoded_part("録.txt")
        ),
        format!(
            "Content-Type: text/plain; name=\"{} {}\"\r\nContent-Disposition: attachment",
            encoded_part("議事"),
            encoded_part("録.txt")
        ),
        format!("Content-Disposition: attachment; filename={}", encoded_part("議事録.txt")),
    ] {
        assert_eq!(attachment_name(&field), serde_json::json!(["議事録.txt"]), "{field}");
    }
}

#[test]
fn bodies_in_stateful_charsets_are_decoded() {
    for (label, parts) in TEXTS {
        let text = format!("{}\n{}", parts[0], parts[2]);
        let coded = if label == "cp50220" { "iso-2022-jp" } else { label };
        let body =
            text.split('\n').map(|line| encode_stateful(line, coded)).collect::<Vec<_>>().join(b"\r\n".as_slice());
        let labels = if coded.eq_ignore_ascii_case("iso-2022-kr") { vec![label] } else { vec![label, "us-ascii", ""] };
        for label in labels {
            let label = if label.is_empty() { String::new() } else { format!("; charset=\"{label}\"") };
            let head = format!("From: a@x.example\r\nSubject: s\r\nContent-Type: text/plain{label}\r\n\r\n");
            let found = extract(MailKind::Message, &[head.as_bytes(), &body, b"\r\n"].concat()).unwrap();
            assert_eq!((found.text, found.losses), (format!("s\n\n{text}\n"), Vec::new()), "{label}");
        }
    }
    for (label, body) in [
        ("utf-7", b"Hi +ZeVnLIqe".to_vec()),
        ("utf-16", utf16("Hi 日本語", true, u16::to_be_bytes)),
        ("utf-16be", utf16("Hi 日本語", false, u16::to_be_bytes)),
        ("cp437", b"Hi \x84\x81".to_vec()),
        ("windows-1251", "Hi 日本語".as_bytes().to_vec()),
    ] {
        let expected = if label == "cp437" { "Hi äü" } else { "Hi 日本語" };
        let base64 = header_tests::base64(&body);
        let mail = format!(
            "From: a@x.example\r\nSubject: s\r\nContent-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n"
        );
        let found = extract(MailKind::Message, mail.as_bytes()).unwrap();
        assert_eq!(found.text, format!("s\n\n{expected}\n"), "{label}");
    }
}

#[test]
fn subjects_report_undecodable_characters() {
    let bytes = [b"\x1b$B$H\x7f\x7f".as_slice(), &encoded("お知らせ", "iso-2022-jp")].concat();
    let field = format!("From: a@x.example\r\nSubject: {}", word("iso-2022-jp", 'B', &bytes));
    let found = read_with_body(field.as_bytes());
    assert_eq!(found.losses, ["some characters could not be decoded"], "{:?}", found.title);
}

#[test]
fn attached_table_is_decoded_by_its_label() {
    let mail = [
        b"From: a@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n\
         Content-Type: text/csv; charset=windows-1257; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n"
            .as_slice(),
        &encoded("x,y\r\nė,ų\r\n", "windows-1257"),
        b"--b--\r\n",
    ]
    .concat();
    let found = extract(MailKind::Message, &mail).unwrap();
    assert!(found.text.contains("x: ė; y: ų"), "{}", found.text);
}

#[test]
fn fields_from_public_bug_reports_are_decoded() {
    for (field, expected) in [
        // mikel/mail 1397: a word ends inside an escape.
        (
            "=?iso-2022-jp?Q?=1B=24B0F7o=3EpJs=1B=28B=5B200611=2D01_=1B=24?=\r\n \
             =?iso-2022-jp?Q?BBg=3Cj=3Bq=3B=3A1=3FMQ2q=3CR=1B=28B_=2D_=1B=24B=3B?=\r\n \
             =?iso-2022-jp?Q?q=3B=3A1=3FMQ=24K=24=2B=24=2B=24k=1B=28BDWH=1B=24B=24?=\r\n \
             =?iso-2022-jp?Q?NFs=3C=213=2BH=2F6HL3=1B=28B=5D?=",
            "案件情報[200611-01 大手資産運用会社 - 資産運用にかかるDWHの二次開発業務]",
        ),
        // postalsys/postal-mime 68: padding in the first word.
        (
            "=?ISO-2022-JP?B?UGFzc3dvcmQ6GyRCIVYbKEJSRTogGyRCRUUbKEI=?=\r\n\t\
             =?ISO-2022-JP?B?GyRCO1IlYSE8JWs+cEpzTzMxTEJQOnYlNyU5JUYlYCVGGyhC?=\r\n\t\
             =?ISO-2022-JP?B?GyRCJTklSCVhITwlayRHJDkhIyFXGyhC?=",
            "Password:「RE: 電子メール情報漏洩対策システムテストメールです。」",
        ),
        // freescout 3196 and 3312: characters of Microsoft's extension; four words.
        ("=?iso-2022-jp-ms?B?GyRCLWokIiQkJCYkKCQqfGIkKyQtJC8kMSQzGyhC?=", "㈱あいうえお髙かきくけこ"),
        (
            "=?ISO-2022-JP?B?GyRCJGQhIk1NITkkSktJP2U0WE8iQD1JSiRKJEkkciVUJUMlLyUiGyhC?=\r\n =?ISO-2022-JP?B?GyRCJUMlVxsoQg==?=",
            "や、様々な防水関連製品などをピックアップ",
        ),
        // sisimai 315: two spaces.
        (
            "=?ISO-2022-JP?B?GyRCIVowbEE3IVsbKEIgGyRCMnEwd0VQTz8kTkZiTUYkciQ0M04bKEI=?=  =?ISO-2022-JP?B?GyRCRyckLyRAJDUkJCEjGyhC?=",
            "【一膳】 会員登録の内容をご確認ください。",
        ),
        // thunderbird-android 2499: split characters, base64 without padding.
        (
            "=?gb2312?B?Obv9t9az6cnu29rHsLqju6rHyLPHSlfN8rrAvsa16qOsuPzT0DIwvNIzOTnU?=\r\n\t =?gb2312?B?qr6r0aG439DHytTLr77Gteq1yMTjwLSjoaOoQUSjqQ?=",
            "9积分抽深圳前海华侨城JW万豪酒店\u{ff0c}更有20家399元精选高星试睡酒店等你来\u{ff01}\u{ff08}AD\u{ff09}",
        ),
    ] {
        assert_eq!(subject(field), expected, "{field}");
    }
    // Webklex/php-imap 410: the value is escaped, but its name is not marked.
    let field =
        "Content-Disposition: attachment; filename=\"iso-8859-1''Elk%FCld%F6tt%20felsz%F3l%EDt%E1s%20ELK-F.pdf\"";
    assert_eq!(attachment_name(field), serde_json::json!(["Elküldött felszólítás ELK-F.pdf"]));
    assert_eq!(
        attachment_name("Content-Disposition: attachment; filename=\"it's 100%25 'x'.txt\""),
        serde_json::json!(["it's 100%25 'x'.txt"])
    );
    // mikel/mail 1423: UTF-8 with a 7-bit label.
    let mail = "From: a@x.example\r\nSubject: s\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\nほげ\r\n";
    assert_eq!(extract(MailKind::Message, mail.as_bytes()).unwrap().text, "s\n\nほげ\n");
}
