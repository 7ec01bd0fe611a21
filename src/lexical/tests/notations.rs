//! Queries in another notation, script or spelling than the text. Each query must find its passage first among the passages of its
//! group.

use std::sync::Arc;

use super::world::{assert_each_query_finds, best_rows, in_segment, lexicon_bytes, open_texts};
use crate::kernel::SharedBytes;
use crate::lexical::{Fields, Lexicon, Passage};

#[test]
fn dates_are_found_in_any_notation() {
    let texts = [
        "Die Sitzung fand am 3.4.2024 im Rathaus statt.",
        "Die Sitzung fand am 4.3.2024 im Rathaus statt.",
        "会议定于2024年3月15日召开。",
        "会议定于2024年5月13日召开。",
        "Log of 2024/11/02: all quiet.",
        "Log of 2024-02-11: all quiet.",
        "The lease was signed on May 3, 2023 in the office.",
        "The lease was signed on 5 March 2023 in the office.",
        "Vertrag vom 9. Oktober 2021 über die Miete.",
        "Vertrag vom 10. September 2021 über die Miete.",
        "二〇二一年六月七日，天气晴。",
        // A version that could also be the date 3 April 2024.
        "Version 3.4.24 of the tool, May 2 of 3.",
    ];
    let asked = [
        ("03.04.2024", 0),
        ("2024-04-03", 0),
        ("3. April 2024", 0),
        ("2024年4月3日", 0),
        ("was war am 3. April 2024 im Rathaus", 0),
        ("2024-03-04", 1),
        ("2024-03-15", 2),
        ("March 15, 2024", 2),
        ("15.3.2024", 2),
        ("2024/5/13", 3),
        ("2024-11-02", 4),
        ("2 November 2024", 4),
        ("2.11.2024", 4),
        ("11.02.2024", 5),
        ("2023-05-03", 6),
        ("2023年5月3日", 6),
        ("3 May 2023", 6),
        ("May 2023", 6),
        ("5.3.2023", 7),
        ("9.10.2021", 8),
        ("2021-09-10", 9),
        ("2021-06-07", 10),
        ("2021年6月7日", 10),
        ("3.4.24", 11),
    ];
    assert_each_query_finds(&texts, &asked);
}

#[test]
fn numbers_are_found_in_any_notation() {
    let texts = [
        "Nach § 23 Abs. 2 ist der Antrag zu stellen.",
        "Nach § 2 Abs. 23 ist der Antrag zu stellen.",
        "Konto DE89 3704 0044 0532 0130 00 bei der Sparkasse.",
        "Konto DE12500105170648489890 bei der Bank.",
        "Card 4111-1111-1111-1111 is the test card.",
        "See RFC7321 for the algorithms.",
        "Kennzeichen B-MW 1234 steht im Hof.",
        "Kennzeichen BMW4321 steht im Hof.",
        "第三十二条 租赁期满，合同终止。",
        "第23条 押金不退。",
        "第一百零五条 本法自公布之日起施行。",
        "每人补贴三百五十元。",
        "每人补贴530元。",
        "总投资一万二千元。",
        "Der Preis beträgt 1.185,50 Euro.",
        "Der Preis beträgt 1.186,50 Euro.",
        "The gap is 5 mm wide, and 4 um of it.",
        "The gap is 5 µm wide.",
        "Chapter 7 is about the harbour.",
        "Kapitel IV handelt vom Hafen.",
        "Pull-up resistor 4.7 kΩ on the line, 3 of them.",
        "Pull-up resistor 3kΩ on the line.",
        "面积120㎡的房子，载重35㎏。",
        "The router speaks 80211n only.",
        "The router speaks 802.11ax and 802.11ac.",
        "增长率为百分之五。",
    ];
    let asked = [
        ("§23 Abs. 2", 0),
        ("§ 23", 0),
        ("§ 2 Absatz 23", 1),
        ("DE89370400440532013000", 2),
        ("DE12 5001 0517 0648 4898 90", 3),
        ("4111111111111111", 4),
        ("RFC 7321", 5),
        ("rfc-7321", 5),
        ("BMW1234", 6),
        ("BMW 4321", 7),
        ("B-MW 4321", 7),
        ("第32条", 8),
        ("第二十三条", 9),
        ("第105条", 10),
        ("350元", 11),
        ("五百三十元", 12),
        ("1.2万元", 13),
        ("1185.5", 14),
        ("1185,5", 14),
        ("1,186.50", 15),
        ("5 um", 17),
        ("5um", 17),
        ("5 mm", 16),
        ("chapter 7", 18),
        ("chapter VII", 18),
        ("Chapter 4", 19),
        ("3k\u{2126}", 21),
        ("3 kOhm", 21),
        ("120平方米", 22),
        ("35 kg", 22),
        ("80211ax", 24),
        ("5%", 25),
    ];
    assert_each_query_finds(&texts, &asked);
}

#[test]
fn words_are_found_in_other_spellings() {
    let texts = [
        "Երևան քաղաքը մեծ է։",
        "ԵՐԵՎԱՆԻ ՄԵՏՐՈ",
        "हिन्दी भाषा का व्याकरण।",
        "संबंध की बात।",
        "ᲑᲐᲗᲣᲛᲘ ზღვაზეა.",
        "ISPARTA gülleri ve ışık.",
        "Die Firma sitzt in München am Fluß.",
        "Die Firma sitzt in Koeln am Rhein.",
        "Byen Århus ligger ved havet.",
        "The pot is on the stove.",
    ];
    let asked = [
        ("ԵՐԵՎԱՆ", 0),
        ("Երեւան", 0),
        ("երևանի", 1),
        ("हिंदी", 2),
        ("सम्बन्ध", 3),
        ("ბათუმი", 4),
        ("ısparta", 5),
        ("IŞIK", 5),
        ("Muenchen", 6),
        ("Fluss", 6),
        ("Köln", 7),
        ("Aarhus", 8),
    ];
    assert_each_query_finds(&texts, &asked);
    assert!(best_rows(&open_texts(&texts), "poet", 9).is_empty(), "the oe of poet is not an ö, so pot is another word");
}

#[test]
fn file_names_are_found_in_any_notation() {
    const FILES: [(&str, &str, &str); 10] = [
        ("docs/README.md", "README", "The readme of the documents: readme."),
        ("README.md", "Harbour tools\nREADME", "See docs."),
        ("notes/1on1Mario.md", "1on1Mario", "Talked about the roadmap."),
        ("notes/1on1Anna.md", "1on1Anna", "Mario was mentioned; 1on1 with Mario soon."),
        ("rfcs/0024-rfc-async-io.md", "0024-rfc-async-io", "Async io as proposed."),
        ("rfcs/0042-rfc-closures.md", "0042-rfc-closures", "Closures; see RFC 0024 and rfc 24."),
        ("adr/0070-use-postgres.md", "0070-use-postgres", "We use the database."),
        ("adr/0007-use-redis.md", "0007-use-redis", "We use the cache. ADR 70 replaces it."),
        ("a/b/notes.txt", "notes", "notes notes"),
        ("a/notes.txt", "notes", "Other things."),
    ];
    let fields = Fields::default();
    let passages =
        FILES.iter().map(|&(id, title, text)| Passage { text, id, title, names: &[], headings: &[], fields: &fields });
    let lexicon = Lexicon::open(vec![Arc::new(SharedBytes::from(lexicon_bytes(passages)))]).unwrap();
    for (question, wanted) in [
        ("readme", 1),
        ("README", 1),
        ("readme.md", 1),
        ("docs/README.md", 0),
        ("1on1 Mario", 2),
        ("1on1-mario", 2),
        ("RFC 0024", 4),
        ("rfc 24", 4),
        ("RFC-42", 5),
        ("ADR 70", 6),
        ("ADR-070", 6),
        ("what does ADR-0070 say", 6),
        ("adr 7", 7),
        ("notes.txt", 9),
    ] {
        assert_eq!(best_rows(&lexicon, question, 1), [wanted], "{question}");
    }
}

#[test]
fn single_emoji_is_an_exact_query() {
    let lexicon = open_texts(&["Party after the release 🎉 at six.", "The party is over.", "🇩🇪 and 👍🏽"]);
    for (question, row) in [("🎉", 0), ("👍", 2), ("🇩🇪", 2)] {
        let query = lexicon.query(question).unwrap();
        let scores = lexicon.score(&query, &[in_segment(0, row), in_segment(0, 1)]).unwrap();
        assert!(scores[0].exact > 0.99 && scores[1].exact == 0.0, "{question}: {scores:?}");
    }
}

#[test]
fn date_does_not_match_dates_with_the_same_numbers() {
    let lexicon = open_texts(&["am 3.4.2024 im Rathaus", "2024-04-30 and 2024-03-04, 04 of 03", "3.4.2024"]);
    let query = lexicon.query("2024-04-03").unwrap();
    let scores = lexicon.score(&query, &[in_segment(0, 0), in_segment(0, 1), in_segment(0, 2)]).unwrap();
    assert!(scores[0].exact > 0.99 && scores[1].exact == 0.0 && scores[2].exact > 0.99, "{scores:?}");
}
