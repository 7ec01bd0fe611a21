//! Texts of all encodings, short and long, whole and damaged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::super::text::decode;
use super::*;
use crate::error::Result;

fn encoded(text: &str, label: &str) -> Vec<u8> {
    let (bytes, encoding, unmappable) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text);
    assert!(!unmappable && encoding != UTF_8, "{text:?} is not in {label}");
    bytes.into_owned()
}

fn read(bytes: &[u8], declared: Option<&str>) -> Result<Decoded> {
    decode(bytes.to_vec(), declared)
}

#[test]
fn short_texts_are_recognised_in_many_charsets() {
    for (label, texts) in [
        (
            "gbk",
            "你好世界|测试|中文|目录|李四|联通|数据库连接失败|第一章 总则|价格\u{ff1a}100元|name: 张三|他说“好”|朱镕基",
        ),
        ("big5", "你好世界|繁體中文文件說明|今天天氣很好。|資料庫連線失敗|台灣"),
        ("shift_jis", "こんにちは世界|テスト|日本語の文章です。|ファイル"),
        ("euc-jp", "こんにちは世界|テスト|日本語の文章です。"),
        ("euc-kr", "안녕하세요 세계|테스트|한국어 문서입니다.|데이터베이스 연결"),
        ("windows-1252", "café|naïve résumé|Größe|¿Qué tal?|“quoted” text — dash|it’s|25 °C|über"),
        ("windows-1251", "Привет мир|тест|Документ о настройке"),
        ("koi8-u", "Привет мир"),
        ("windows-1250", "Příliš žluťoučký kůň"),
        ("windows-1253", "Καλημέρα κόσμε"),
        ("iso-2022-jp", "こんにちは世界|ASCII と 日本語"),
    ] {
        for text in texts.split('|') {
            let decoded = read(&encoded(text, label), None).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.loss), (text, None), "{label}");
            assert!(decoded.encoding.as_str().eq_ignore_ascii_case(label), "{text}: {}", decoded.encoding);
        }
    }
    let gb18030 = "\u{20000}\u{20001} 生僻字𠮷野家";
    assert_eq!(read(&encoded(gb18030, "gb18030"), None).unwrap().text, gb18030);
}

#[test]
fn few_invalid_bytes_are_reported_as_a_loss() {
    let text = "数据库连接失败时请检查配置文件中的端口。\n".repeat(40);
    let mut bytes = encoded(&text, "gbk");
    bytes[100] = 0xff;
    let decoded = read(&bytes, None).unwrap();
    assert_eq!(decoded.encoding, Encoding::Other("GBK"));
    assert_eq!(decoded.loss.unwrap(), "2 bytes are not valid GBK and were replaced");
    assert!(decoded.text.ends_with(&text[text.len() / 2..]));
    let decoded = read(&encoded(&text, "gbk")[..1000], None).unwrap();
    assert_eq!((decoded.encoding, decoded.loss), (Encoding::Other("GBK"), None));

    let mut utf8 = text.clone().into_bytes();
    utf8[100] = 0xff;
    let decoded = read(&utf8, None).unwrap();
    assert_eq!(decoded.encoding, Encoding::Utf8);
    assert!(decoded.loss.unwrap().contains("not valid UTF-8"));
    // A character that is cut at the end.
    let cut = "中文字符".as_bytes();
    let decoded = read(&cut[..cut.len() - 1], None).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding), ("中文字\u{fffd}", Encoding::Utf8));
}

#[test]
fn utf16_without_a_mark_is_read_in_both_byte_orders() {
    for text in ["plain words", "第一行\r\n第二行 with words\r\n", "Grüße\n", "ab"] {
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let [le, be] = [le, be].map(|bytes| read(&bytes, None).unwrap());
        assert_eq!((le.text.as_str(), le.encoding), (text, Encoding::Utf16Le));
        assert_eq!((be.text.as_str(), be.encoding), (text, Encoding::Utf16Be));
    }
}

#[test]
fn binary_data_is_refused() {
    let mut state = 1_u32;
    let mut random = |min_byte: u8| -> Vec<u8> {
        let bytes = (0..3000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        bytes.map(|b| b.max(min_byte)).collect()
    };
    for min_byte in [0, 1] {
        assert_eq!(read(&random(min_byte), None).unwrap_err().to_string(), "binary");
    }
    let integers: Vec<u8> = (0_u16..500).flat_map(|n| (n * 7).to_le_bytes()).collect();
    assert_eq!(read(&integers, None).unwrap_err().to_string(), "binary");
    assert_eq!(read(b"\0\x01\0\x02\0\x03", None).unwrap_err().to_string(), "binary");
}

#[test]
fn declared_charset_comes_after_utf8_and_before_guesses() {
    assert_eq!(read(&encoded("東京", "shift_jis"), Some("Shift_JIS")).unwrap().text, "東京");
    assert_eq!(read(&encoded("목록", "euc-kr"), Some(" EUC-KR ")).unwrap().text, "목록");
    for text in ["目录", "żółć", "£5 ½", "αβγ", "éè", "Ŀ"] {
        assert_eq!(read(text.as_bytes(), Some("gb2312")).unwrap().text, text);
    }
    // A wrong or unknown label is ignored.
    assert_eq!(read(&encoded("你好世界", "gbk"), Some("utf-8")).unwrap().text, "你好世界");
    assert_eq!(read(&encoded("你好世界", "gbk"), Some("euc-kr-x")).unwrap().text, "你好世界");
}

#[test]
fn encoding_names_round_trip() {
    for encoding in [Encoding::Utf8, Encoding::Utf16Be, Encoding::Other("GBK"), Encoding::Other("windows-1252")] {
        let json = serde_json::to_string(&encoding).unwrap();
        assert_eq!(json, format!("\"{encoding}\""));
        assert_eq!(serde_json::from_str::<Encoding>(&json).unwrap(), encoding);
    }
    assert!(serde_json::from_str::<Encoding>("\"no-such\"").is_err());
}
