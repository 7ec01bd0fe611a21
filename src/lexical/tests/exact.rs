//! Queries with exact words: file names, codes, versions, numbers, words of scripts with marks. Each query must find its passage first
//! among the passages of its group.

use std::sync::Arc;

use super::world::{assert_each_query_finds, best_rows, in_segment, lexicon_bytes, open_texts};
use crate::kernel::SharedBytes;
use crate::lexical::{Fields, Lexicon, Passage};

#[test]
fn versions_are_found_without_their_prefix() {
    let texts = [
        "Server alpha runs firmware v2.1.0 since spring.",
        "Server beta runs firmware v1.0.2 since spring.",
        "Server delta has address 10.2.1.0 in rack 1, slot 0, unit 2.",
        "Download tidegauge-3.11.4.tar.gz from the mirror.",
        "Download tidegauge-4.3.11.tar.gz from the mirror.",
        "The script needs python3.12 and nothing else.",
        "The script needs python3.9 and item 12 of the list.",
        "Gate 5.0.1-rc2 was withdrawn.",
        "Chapter 5.1 and table 0.5 list rc2 1 gates.",
        "升级到V3.2.10版后请重启。",
        "升级到V3.10.2版后请重启。",
    ];
    let queries = [
        ("2.1.0", 0),
        ("version 2.1.0", 0),
        ("firmware 2.1.0", 0),
        ("v2.1", 0),
        ("1.0.2", 1),
        ("10.2.1.0", 2),
        ("3.11.4", 3),
        ("tidegauge 4.3.11", 4),
        ("3.12", 5),
        ("python 3.12", 5),
        ("5.0.1", 7),
        ("3.2.10", 9),
        ("3.10.2版本", 10),
    ];
    assert_each_query_finds(&texts, &queries);
}

#[test]
fn codes_numbers_and_names_are_found() {
    let texts = [
        "Upgrading to .NET 8 needs a new runtime on the build server.",
        "The net for herring is mended on the quay every spring; a net is a net.",
        "Node.js event loop and streams explained.",
        "Call the harbour office: +44 (0)1234 567-890.",
        "Bisected to commit 9e107d9d372bb6826bd81d3542a419d6, 01234 of the list, 567 and 890 more.",
        "The pump costs $1,299.50 with fittings.",
        "Pay 1 of 299 or 50 of 1; 299 50.",
        "Die Rechnung über 1.185,55 EUR ist offen.",
        "客服热线 400-820-8820，手机 138 0013 8000。",
        "Ticket 3f2504e0-4f89-11d3-9a0c-0305e82c3301 was closed.",
        "Ticket 3f2504e0-4f89-11d3-9a0c-0305e82c9999 was opened.",
        "Page 80-117 of the manual tells of it.",
        "80 80 117 117 80 117 requests, 117 of them slow, 80 fast.",
        "Copy .env.example before you start; env is short.",
        "The U.S.A. and the U.K. signed.",
        "Edit docker-compose.yml and start.",
    ];
    let queries = [
        (".NET", 0),
        ("nodejs", 2),
        ("Node.js", 2),
        ("01234567890", 3),
        ("+441234567890", 3),
        ("1299.50", 5),
        ("1,299.50", 5),
        ("1185.55", 7),
        ("1,185.55", 7),
        ("4008208820", 8),
        ("13800138000", 8),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c9999", 10),
        ("0305e82c3301", 9),
        ("80-117", 11),
        (".env.example", 13),
        ("USA", 14),
        ("docker-compose", 15),
    ];
    assert_each_query_finds(&texts, &queries);
}

#[test]
fn prefix_of_a_code_finds_it() {
    let texts = [
        "Bisected to commit 9e107d9d372bb6826bd81d3542a419d6.",
        "Reverted in 9e107aaa372bb6826bd81d3542a419d6, 9 e 107 d 9 of 9.",
        "订单 JD014600003828 已发货。",
        "订单 JD024600003828 已退货，JD 与 0146 不在此列。",
        "The beginning of 2024 was cold.",
    ];
    assert_each_query_finds(
        &texts,
        &[("9e107d9", 0), ("9e107aaa", 1), ("JD0146", 2), ("JD024600", 3), ("commit 9e107d9d37", 0)],
    );
}

#[test]
fn words_after_an_apostrophe_are_found() {
    let texts = [
        "L'eau du puits est potable.",
        "Il faut aller à l’hôpital demain.",
        "La qualità dell'acqua è buona.",
        "Toplantı İstanbul'da yapılacak.",
        "Ask O'Brien about the mooring.",
        "Rock'n'roll night on Friday.",
        "The dogs' bowls are in the shed.",
        "d'Artagnan et l'homme",
        "Сім'я живе біля моря.",
        "She doesn't know; they won't come.",
    ];
    let queries = [
        ("eau", 0),
        ("l'eau", 0),
        ("hôpital", 1),
        ("hopital", 1),
        ("acqua", 2),
        ("istanbul", 3),
        ("Brien", 4),
        ("OBrien", 4),
        ("O’Brien", 4),
        ("roll", 5),
        ("dog", 6),
        ("Artagnan", 7),
        ("homme", 7),
        ("сімʼя", 8),
        ("doesnt", 9),
    ];
    assert_each_query_finds(&texts, &queries);
}

#[test]
fn marks_and_letter_forms_of_other_scripts_do_not_matter() {
    let texts = [
        "كُتَّابٌ جديد عن تاريخ البحر.",
        "افتتحت المكتبة الجديدة أمس.",
        "שָׁלוֹם לכולם מהנמל.",
        "किताबें पुस्तकालय में मिलती हैं।",
        "Ёлка стоит у причала, ежик спит.",
        "Η Ελλάδα έχει νησιά.",
        "コンピュータの電源を入れる前に説明書を読む。",
        "ｺﾝﾋﾟｭｰﾀｰ室は三階です。",
        "进度 ✅ 完成 ❌ 失败",
        "الغرفة رقم ٤٢ في الطابق",
        "کتابخانه در خیابان اصلی است",
        "Ünïcödé résumé",
    ];
    let queries = [
        ("كتاب", 0),
        ("مكتبة", 1),
        ("والمكتبة", 1),
        ("שלום", 2),
        ("किताब", 3),
        ("елка", 4),
        ("ёжик", 4),
        ("Ελλαδα", 5),
        ("ΕΛΛΆΔΑΣ", 5),
        ("コンピュータ", 6),
        ("コンピューター室", 7),
        ("✅", 8),
        ("42", 9),
        ("كتابخانه", 10),
        ("re\u{301}sume\u{301}", 11),
    ];
    assert_each_query_finds(&texts, &queries);
}

/// From bug reports of other programs: search-index#180, NuGetGallery#4878, TraduXio#53, librisxl#884, dokuwiki#769, koreader#10366,
/// RATQ#287, stella#916, fsearch#303, omnisearch#520, Expensify#16099, phoneblock#62, SHFB#1049, geniza#9.
#[test]
fn bugs_of_other_programs_do_not_occur() {
    let texts = [
        "Nexion Smart ERP 14.2.1.0, release de ejemplo",
        "Tags: Storage_2019-04-01, 2017-01-01",
        "Une statue d'airain gardait la porte.",
        "Le parfum de L'Opoponax reste.",
        "هذا كِتَابُ النحو",
        "aʼr brezhoneg, c’hoar",
        "جدول مباريات الدورى",
        "ا\u{654}حمد وصل",
        "رابطهٔ دوستی",
        "תִּקּוּן עולם",
        "Ring (301 123) 4567 before noon.",
        "Zentrale: +49 89 123456",
        "Error 1,000 is raised where the value is missing.",
        "Letter of Mīkhāʾīl to Yeshuʿa",
        "The 4 of 14, 2 of 1, 0; 2019 04 01 2017; 301 123 of 4567; 49, 89 and 123456; 1 of 000.",
    ];
    let queries = [
        ("14.2.1.0", 0),
        ("2017-01-01", 1),
        ("Storage_2019-04-01", 1),
        ("2019-04-01", 1),
        ("airain", 2),
        ("d’airain", 2),
        ("Opoponax", 3),
        ("كتاب", 4),
        ("c'hoar", 5),
        ("a'r", 5),
        ("الدوري", 6),
        ("أحمد", 7),
        ("رابطه", 8),
        ("תקון", 9),
        ("3011234567", 10),
        ("301-123-4567", 10),
        ("089123456", 11),
        ("0049 89 123456", 11),
        ("+49 89 123456", 11),
        ("1000", 12),
        ("Mikhail", 13),
        ("Yeshua", 13),
        ("Yeshu‘a", 13),
    ];
    assert_each_query_finds(&texts, &queries);
}

/// The passages of documents: path, title, text.
const FILES: [(&str, &str, &str); 17] = [
    ("vestry-2019-04.md", "vestry-2019-04", "Minutes: the roof, the drains, the choir."),
    (
        "vestry-2019-05.md",
        "vestry-2019-05",
        "Minutes: the bells, the drains, the roof, the choir and the vestry, the vestry.",
    ),
    ("zebra-77.md", "zebra-77", "Nothing here at all."),
    ("notes/list.txt", "list", "The image of the quay of 2024 was lost; see the zebra crossing too, zebra 77."),
    ("notes/IMG_20240312_quay.txt", "IMG_20240312_quay", "A photograph."),
    ("会议纪要-三月.md", "会议纪要-三月", "讨论了屋顶。"),
    ("会议纪要-四月.md", "会议纪要-四月", "讨论了三月的会议纪要，三月的会议纪要。"),
    ("Dockerfile", "Dockerfile", "FROM scratch"),
    ("docs/docker.md", "docker", "How the Dockerfile is built: the dockerfile has one line."),
    ("src/parser.rs", "parser", "fn go() {}"),
    ("README.md", "Harbour tools", "See docs."),
    ("docs/readme-style.md", "readme-style", "How to write a README: a readme has a title. README.md is short."),
    ("docs/README.md", "README", "The documents."),
    ("wifi.txt", "wifi", "The code is on the fridge."),
    ("gateway.txt", "gateway", "wifi wifi wifi.txt: see the file wifi.txt for the wifi password."),
    ("old/src/main.rs", "main", "fn main() {}"),
    ("todo.txt", "todo", "Refactor src/main.rs and then main.rs again; main.rs is long."),
];

#[test]
fn document_name_in_a_query_finds_it_first() {
    let fields = Fields::default();
    let passages =
        FILES.iter().map(|&(id, title, text)| Passage { text, id, title, names: &[], headings: &[], fields: &fields });
    let lexicon = Lexicon::open(vec![Arc::new(SharedBytes::from(lexicon_bytes(passages)))]).unwrap();
    for (question, wanted) in [
        ("vestry-2019-04", 0),
        ("vestry-2019-04.md", 0),
        ("zebra-77.md", 2),
        ("zebra-77", 2),
        ("IMG_20240312_quay.txt", 4),
        ("会议纪要-三月", 5),
        ("會議紀要-三月.md", 5),
        ("Dockerfile", 7),
        ("dockerfile", 7),
        ("parser.rs", 9),
        ("./src/parser.rs", 9),
        ("src/parser", 9),
        ("README.md", 10),
        ("\"README.md\"", 10),
        ("harbour tools", 10),
        ("docs/README.md", 12),
        ("wifi.txt", 13),
        ("where is wifi.txt", 13),
        ("open wifi.txt", 13),
        ("main.rs", 15),
        ("src/main.rs:12:5", 15),
        ("src\\main.rs", 15),
        ("/home/li/project/src/main.rs", 15),
    ] {
        assert_eq!(best_rows(&lexicon, question, 1), [wanted], "{question}");
    }
}

#[test]
fn exact_words_give_a_score_an_exact_share_and_a_bonus() {
    let texts = ["Server alpha runs v2.1.0.", "Section 2.1, table 1.0, item 0 of 2.", "Nothing of it."];
    let lexicon = open_texts(&texts);
    let query = lexicon.query("2.1.0").unwrap();
    let scores = lexicon.score(&query, &[in_segment(0, 0), in_segment(0, 1), in_segment(0, 2)]).unwrap();
    assert!(scores[0].exact > 0.99 && scores[0].bonus > 0.5 * scores[0].score, "{scores:?}");
    assert!(scores[1].exact == 0.0 && scores[1].bonus == 0.0 && scores[1].score > 0.0);
    // In a long query one exact word has a small share.
    let query = lexicon.query("which server alpha runs firmware 2.1.0 since the spring storm").unwrap();
    let scores = lexicon.score(&query, &[in_segment(0, 0)]).unwrap();
    assert!((0.1..0.7).contains(&scores[0].exact), "{scores:?}");
}

#[test]
fn passage_whose_title_has_all_words_is_found_as_if_by_name() {
    let fields = Fields::default();
    let files = [
        ("trips/trade-fair-travel.md", "trade-fair-travel\ntrips", "A guest house near the tram."),
        ("costs.md", "costs", "Train tickets to the trade fair in Lyon."),
        ("fair.md", "fair", "Clouds over the trade winds."),
    ];
    let passages =
        files.iter().map(|&(id, title, text)| Passage { text, id, title, names: &[], headings: &[], fields: &fields });
    let lexicon = Lexicon::open(vec![Arc::new(SharedBytes::from(lexicon_bytes(passages)))]).unwrap();
    let rows = [in_segment(0, 0), in_segment(0, 1), in_segment(0, 2)];
    let exact = |query: &str| -> Vec<f32> {
        let scores = lexicon.score(&lexicon.query(query).unwrap(), &rows).unwrap();
        scores.iter().map(|score| score.exact).collect()
    };
    for query in ["trade fair", "fair trade", "trips travel fair"] {
        let found = exact(query);
        assert!(found[0] > 0.5 && found[1] == 0.0 && found[2] == 0.0, "{query}: {found:?}");
    }
    // One word says less; words that no title has say that the title is not meant.
    assert!((0.3..0.5).contains(&exact("travel")[0]), "{:?}", exact("travel"));
    for query in ["trade fair Lyon", "trade fair zebra", "what does the trade fair cost"] {
        assert_eq!(exact(query)[0], 0.0, "{query}");
    }
}
