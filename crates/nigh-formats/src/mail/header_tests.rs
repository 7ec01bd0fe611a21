//! Tests of header fields as mail programs send them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use super::*;

/// Encodes a text in this charset.
pub(super) fn encoded(text: &str, label: &str) -> Vec<u8> {
    encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned()
}

/// Makes an encoded word of these bytes.
pub(super) fn word(label: &str, coding: char, bytes: &[u8]) -> String {
    let content: String = match coding {
        'B' => base64(bytes),
        _ => bytes.iter().map(|byte| format!("={byte:02X}")).collect(),
    };
    format!("=?{label}?{coding}?{content}?=")
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= three.len() { letter } else { '=' });
        }
    }
    out
}

/// Reads a message with these header fields, a Date field and a short body.
pub(super) fn read_with_body(head: &[u8]) -> Extracted {
    extract(MailKind::Message, &[head, b"\r\nDate: Thu, 1 Jun 2023 10:53:30 +0800\r\n\r\nBody.\r\n"].concat()).unwrap()
}

/// Returns the subject that is read from a Subject field.
pub(super) fn subject(field: &str) -> String {
    read_with_body(format!("From: a@x.example\r\nSubject: {field}").as_bytes()).title.unwrap_or_default()
}

#[test]
fn multibyte_characters_split_between_encoded_words() {
    for (label, text) in [
        ("utf-8", "关于锅炉年检及更换安全阀的通知"),
        ("gbk", "关于锅炉年检及更换安全阀的通知"),
        ("gb2312", "关于锅炉年检及更换安全阀的通知"),
        ("gb18030", "关于锅炉年检𠮷"),
        ("big5", "關於鍋爐年檢的通知"),
        ("Shift_JIS", "ボイラー点検のお知らせ"),
        ("EUC-KR", "보일러 점검 안내"),
        ("utf-8", "Kviečiame pasižadėjimų girliandą 😀"),
    ] {
        let bytes = encoded(text, label);
        for cut in 1..bytes.len() {
            let (one, two) = bytes.split_at(cut);
            for (a, b) in [('B', 'B'), ('Q', 'Q'), ('B', 'Q')] {
                for space in [" ", "\r\n ", "\r\n\t", ""] {
                    let field = format!("{}{space}{}", word(label, a, one), word(&label.to_lowercase(), b, two));
                    assert_eq!(subject(&field), text, "{field}");
                }
            }
        }
    }
}

#[test]
fn encoded_words_empty_unpadded_tagged_or_malformed() {
    let b = |text: &str| word("utf-8", 'B', text.as_bytes());
    for (field, expected) in [
        // Between other words.
        (format!("Re: {} again", b("冷凝器")), "Re: 冷凝器 again"),
        // A space is added after text that touches an encoded word.
        (format!("[SPAM]{}", b("冷凝器")), "[SPAM] 冷凝器"),
        // Empty words.
        ("Some =?utf-8?Q??= end =?utf-8?B??= tail".to_owned(), "Some end tail"),
        // Adjacent words in different charsets.
        (format!("{} {} x", word("gb2312", 'B', &encoded("冷凝器", "gbk")), b("报价单")), "冷凝器报价单 x"),
        // A language tag (RFC 2231), and a small `b`.
        (format!("=?utf-8*zh?b?{}?=", base64("冷凝器".as_bytes())), "冷凝器"),
        // Base64 without padding.
        (format!("=?utf-8?B?{}?=", base64("冷凝器报".as_bytes()).trim_end_matches('=')), "冷凝器报"),
        // In Q, `_` is a space.
        ("=?utf-8?Q?a_b=5Fc?=".to_owned(), "a b_c"),
        // Not an encoded word, and an unknown coding.
        ("what =? is this?= =?utf-8?X?y?=".to_owned(), "what =? is this?= =?utf-8?X?y?="),
    ] {
        assert_eq!(subject(&field), expected, "{field}");
    }
}

#[test]
fn encoded_words_with_wrong_or_unknown_charset() {
    let gbk = encoded("设备清单已经更新", "gbk");
    for label in ["gb2312", "cp936", "x-unknown", "utf-8", "us-ascii", "GB18030-2000", "no-such-charset"] {
        assert_eq!(subject(&word(label, 'B', &gbk)), "设备清单已经更新", "{label}");
    }
    for label in ["iso-8859-1", "us-ascii", "windows-1252", "unknown-8bit"] {
        assert_eq!(subject(&word(label, 'Q', "设备 Größe".as_bytes())), "设备 Größe", "{label}");
    }
    // Characters that gb2312 lacks but its successors have.
    assert_eq!(subject(&word("gb2312", 'B', &encoded("朱镕基 喆", "gbk"))), "朱镕基 喆");
    assert_eq!(subject(&word("iso-8859-1", 'Q', b"Gr\xf6\xdfe")), "Größe");
    assert_eq!(subject("=?utf-7?Q?Hi+2D3eCQ-?="), "Hi😉");
}

#[test]
fn raw_8bit_headers_are_guessed_with_any_content_type() {
    for (label, text) in [("gbk", "关于设备清单的通知"), ("big5", "關於設備清單的通知"), ("utf-8", "关于通知")]
    {
        let head =
            [b"From: ".as_slice(), &encoded("李四", label), b" <li@x.example>\r\nSubject: ", &encoded(text, label)];
        let type_of = |charset: &str| format!("\r\nContent-Type: text/plain; charset={charset}").into_bytes();
        for hint in [Vec::new(), type_of(label), type_of("utf-8")] {
            let found = read_with_body(&[&head.concat(), hint.as_slice()].concat());
            assert_eq!(found.title.as_deref(), Some(text), "{label}");
        }
    }
    let found = read_with_body(
        &[
            b"From: a@x.example\r\nContent-Type: text/plain; charset=windows-1251\r\nSubject: ".as_slice(),
            &encoded("Новости", "windows-1251"),
        ]
        .concat(),
    );
    assert_eq!(found.title.as_deref(), Some("Новости"));
}

#[test]
fn sender_names_with_encoded_words() {
    let name = "采购部王经理".as_bytes();
    for field in [
        format!("{} {} <boss@x.example>", word("UTF-8", 'B', &name[..7]), word("UTF-8", 'B', &name[7..])),
        format!("\"{}\" <boss@x.example>", word("UTF-8", 'B', name)),
        format!("\"{}\r\n {}\" <boss@x.example>", word("UTF-8", 'Q', &name[..7]), word("UTF-8", 'Q', &name[7..])),
    ] {
        let found = read_with_body(format!("Subject: s\r\nFrom: {field}").as_bytes());
        assert_eq!(found.metadata["from"], "采购部王经理 <boss@x.example>", "{field}");
    }
    let two = format!(
        "{} <a@x.example>,\r\n {} <b@x.example>",
        word("utf-8", 'B', "王, 经理".as_bytes()),
        word("utf-8", 'B', "李".as_bytes())
    );
    assert_eq!(
        read_with_body(format!("From: c@x.example\r\nTo: {two}").as_bytes()).metadata["to"],
        "王, 经理 <a@x.example>, 李 <b@x.example>"
    );
}

pub(super) fn attachment_name(fields: &str) -> serde_json::Value {
    let mail = format!(
        "From: a@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n\
         {fields}\r\n\r\nattached words\r\n--b--\r\n"
    );
    extract(MailKind::Message, mail.as_bytes()).unwrap().metadata["attachments"].clone()
}

#[test]
fn attachment_names_in_pieces_and_encoded_words() {
    let name = "设备清单.txt";
    let percent = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let (utf8, gbk) = (name.as_bytes(), encoded(name, "gbk"));
    let disposition = "Content-Type: text/plain\r\nContent-Disposition: attachment;";
    for fields in [
        // RFC 2231: percent-encoded with a charset.
        format!("{disposition} filename*=utf-8''{}", percent(utf8)),
        // `filename*` is preferred to `filename`.
        format!("{disposition} filename=\"???.txt\"; filename*=gb2312''{}", percent(&gbk)),
        // RFC 2231: in pieces, the last one unencoded.
        format!(
            "{disposition}\r\n filename*0*=utf-8''{};\r\n filename*1*={};\r\n filename*2=\".txt\"",
            percent(&utf8[..4]),
            percent(&utf8[4..12])
        ),
        // Pieces in reverse order, cut inside a character.
        format!("{disposition}\r\n filename*1*={};\r\n filename*0*=GBK'zh'{}", percent(&gbk[3..]), percent(&gbk[..3])),
        // Encoded words (RFC 2047) in a quoted parameter: two that cut a character, and one before plain text.
        format!("{disposition} filename=\"{}\r\n {}\"", word("gbk", 'B', &gbk[..3]), word("gbk", 'B', &gbk[3..])),
        format!("{disposition} filename=\"{}.txt\"", word("utf-8", 'Q', &utf8[..12])),
        // Only Content-Type has the name.
        format!("Content-Disposition: attachment\r\nContent-Type: text/plain; name=\"{}\"", word("utf-8", 'B', utf8)),
    ] {
        assert_eq!(attachment_name(&fields), serde_json::json!([name]), "{fields}");
    }
    // The charset of the first piece counts for all.
    assert_eq!(
        attachment_name(&format!("{disposition} filename*0*=ISO-8859-1''%E9; filename*1*=%E8.txt")),
        serde_json::json!(["éè.txt"])
    );
    // An encoded word may be split over pieces.
    let split_word = format!(
        "{disposition}\r\n filename*0=\"=?UTF-8?Q?a=F0=9F=98=81=F0?=\r\n =?UTF-8?Q?=9F=98=8\";\r\n filename*1=\"1=F0=9F=98=81.txt?=\""
    );
    assert_eq!(attachment_name(&split_word), serde_json::json!(["a😁😁😁.txt"]));
    // Escape sequences, whose state continues in the next piece.
    let japanese =
        format!("{disposition} filename*0*=ISO-2022-JP''%1B%24B%24%22%24%24%24; filename*1*=%26%24%28%1B%28B.txt");
    assert_eq!(attachment_name(&japanese), serde_json::json!(["あいうえ.txt"]));
    // In quotes, `;` and `*0=` are text.
    assert_eq!(attachment_name(&format!("{disposition} filename=\"a;b*0=c.txt\"")), serde_json::json!(["a;b*0=c.txt"]));
}

#[test]
fn hostile_fields_take_less_than_20_s() {
    let begun = Instant::now();
    for field in ["=?utf-8?B?", "=?utf-8?Q?=E5?= ", "=?", "=?a?b?", "?=", " \r\n ", "; a*0*=x'y'%41", "; a*1=\"", ";\""]
    {
        for name in ["Subject: ", "Content-Disposition: attachment"] {
            let _ = extract(
                MailKind::Message,
                format!("From: a\r\n{name}{}\r\n\r\nx\r\n", field.repeat(100_000)).as_bytes(),
            );
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
