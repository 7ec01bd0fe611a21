//! Results of searches: words of both languages, filters, relevance, the best sentence.

use std::str::FromStr;

use nigh::{Document, Filter, Mode, Syntax};

use crate::support::{Place, Random, text};

/// A query, and the id and text of the document that both modes with words must rank first.
const WORDS: [(&str, &str, &str); 8] = [
    ("gpu", "GPU显存", "训练时GPU显存不够，只好减小批量。"),
    ("wide", "\u{ff27}\u{ff30}\u{ff35}\u{3000}显卡", "这块GPU显卡很快。"),
    ("name", "欧阳娜娜", "昨晚欧阳娜娜演奏了大提琴。"),
    ("code", "RTX-4090", "显卡换成了RTX4090。"),
    ("one", "鲲", "北冥有鱼，其名为鲲。"),
    ("two", "雹灾", "去年的雹灾使收成减半。"),
    ("traditional", "臺灣大學", "他毕业于台湾大学物理系。"),
    ("simplified", "忧郁的乌龟", "憂鬱的烏龜在河邊曬太陽。"),
];

#[test]
fn chinese_words_of_every_kind_are_found_by_their_words() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(WORDS.map(|(id, _, text)| Document::new(id, text)).to_vec()).run().unwrap();
    writer.commit().unwrap();
    for (id, question, _) in WORDS {
        let hits = collection.search(question).mode(Mode::Lexical).limit(usize::MAX).run().unwrap().hits;
        assert_eq!(hits[0].document.id.as_str(), id, "{question}");
        assert!(hits.iter().all(|hit| hit.relevance <= hits[0].relevance), "{question}");
        let hybrid = collection.search(question).run().unwrap().hits;
        assert_eq!(hybrid[0].document.id.as_str(), id, "{question}");
    }
    let nothing = collection.search("quicksort").mode(Mode::Lexical).run().unwrap();
    assert_eq!(nothing.hits, []);
}

#[test]
fn limit_is_reached_if_enough_documents_match() {
    let place = Place::new();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let mut random = Random(5);
    let documents = (0..120).map(|i| {
        let text = format!("{} {i}", text::sentence(&mut random));
        Document::new(format!("d{i:03}"), text).with("number", i as i64).with("even", i % 2 == 0)
    });
    writer.upsert_all(documents.collect::<Vec<_>>()).run().unwrap();
    writer.commit().unwrap();
    for (filter, matching) in [
        ("number < 1", 1),
        ("number in (3, 50, 119)", 3),
        ("even = true", 60),
        ("number >= 7", 113),
        ("number > 500", 0),
    ] {
        for limit in [1, 2, 10, 100, usize::MAX] {
            for mode in [Mode::Hybrid, Mode::Dense] {
                let filter = Filter::from_str(filter).unwrap();
                let hits =
                    collection.search("平均 pooling").mode(mode).filter(filter.clone()).limit(limit).run().unwrap();
                assert_eq!(hits.hits.len(), limit.min(matching), "{filter:?} {limit} {mode:?}");
            }
        }
    }
}

#[test]
fn min_relevance_leaves_out_less_relevant_hits() {
    let place = Place::new();
    let collection = super::collection::filled(&place);
    let all = collection.search("平均池化").run().unwrap().hits;
    assert!(all.iter().all(|hit| (0.0..=1.0).contains(&hit.relevance)));
    // Hits are ordered by score, not by relevance.
    assert!(all.is_sorted_by(|a, b| a.score >= b.score));
    let least = all[1].relevance;
    let some = collection.search("平均池化").min_relevance(least).run().unwrap().hits;
    assert_eq!(some.len(), all.iter().filter(|hit| hit.relevance >= least).count());
    assert_eq!(collection.search("平均池化").min_relevance(1.0).run().unwrap().hits, []);
}

#[test]
fn highlight_is_the_best_sentence_at_its_place() {
    let (english, chinese) = ("Mean pooling averages all tokens.", "句向量用平均池化。");
    let whole = format!("# Notes\n\nA cat sat here. {english}\nThe dog ran.\n\n今天下雨。{chinese}明天晴。\n");
    let place = Place::with(&crate::support::TinyModel { prompts: None, ..Default::default() });
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("notes", whole.as_str()).with_syntax(Syntax::Plain)).unwrap();
    writer.commit().unwrap();
    for (sentence, line) in [(english, 3), (chinese, 6)] {
        let hit = collection.search(sentence).highlight(true).run().unwrap().hits.remove(0);
        let mark = hit.highlight.unwrap();
        assert_eq!(mark.text, sentence);
        assert_eq!(&whole[mark.span.bytes.clone()], sentence);
        assert_eq!(mark.span.lines, line..line + 1);
        assert!(mark.score > 0.0, "{}", mark.score);
    }
}

#[test]
fn several_passages_of_a_document_are_returned_if_they_answer() {
    let place = Place::new();
    let collection = place.open();
    let text = "# Boats\n\n## One\n\nThe anchor is rusty.\n\n## Two\n\nNothing of the kind.\n\n## Three\n\nThe anchor is new.\n\n\
                ## Four\n\nThe anchor is lost.\n";
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("boats", text).with_syntax(Syntax::Markdown)).unwrap();
    writer.upsert(Document::new("cars", "A car has no such thing.")).unwrap();
    writer.commit().unwrap();
    for mode in [Mode::Lexical, Mode::Hybrid] {
        let search = |passages| collection.search("anchor").mode(mode).passages_per_document(passages).run().unwrap();
        let hit = search(1).hits.remove(0);
        assert_eq!((hit.passages.len(), &hit.passages[0].passage), (1, &hit.passage), "{mode}");
        let hit = search(2).hits.remove(0);
        assert_eq!(hit.passages.len(), 2, "{mode}");
        assert_eq!(hit.passages[0].passage, hit.passage, "{mode}");
        assert!(hit.passages[0].score >= hit.passages[1].score && hit.passages[0].score == hit.score, "{mode}");
        assert!(hit.passages.iter().all(|found| found.passage.text.contains("anchor")), "{mode}: {:?}", hit.passages);
        assert!(hit.matching_passages >= 3, "{mode}: {}", hit.matching_passages);
    }
    let hit = collection.search("anchor").mode(Mode::Lexical).passages_per_document(9).highlight(true).run().unwrap();
    let hit = &hit.hits[0];
    assert_eq!((hit.passages.len(), hit.matching_passages), (3, 3));
    for found in &hit.passages {
        let mark = found.highlight.as_ref().unwrap();
        assert!(mark.text.starts_with("The anchor is") && text[mark.span.bytes.clone()] == mark.text, "{mark:?}");
    }
}

#[test]
fn every_line_of_a_long_list_can_be_highlighted() {
    let long = crate::support::TinyModel { positions: 256, context_length: 240, texts: "anchor", ..Default::default() };
    let place = Place::with(&long);
    let collection = place.open();
    let list: String = (1..=60).map(|i| if i == 55 { "anchor\n" } else { "dog\n" }).collect();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("list", list).with_syntax(Syntax::Plain)).unwrap();
    writer.commit().unwrap();
    for mode in [Mode::Lexical, Mode::Hybrid] {
        let hit = collection.search("anchor").mode(mode).highlight(true).run().unwrap().hits.remove(0);
        assert!(hit.passage.span.lines.contains(&55) && hit.passage.span.lines.start < 10, "{:?}", hit.passage.span);
        let mark = hit.highlight.unwrap();
        assert_eq!((mark.text.as_str(), mark.span.lines), ("anchor", 55..56), "{mode}");
    }
}

#[test]
fn only_document_shows_its_best_passages() {
    let place = Place::new();
    let collection = place.open();
    let book: String = (1..=9).map(|i| format!("## Chapter {i}\n\nThe keeper saw {} ships.\n\n", i * 7)).collect();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("book", book).with_syntax(Syntax::Markdown)).unwrap();
    writer.commit().unwrap();
    let passages = |mode, limit| {
        let search = collection.search("the anchor of chapter 3").mode(mode).limit(limit);
        search.passages_per_document(2).passages_of_only_document(5).run().unwrap().hits[0].passages.len()
    };
    for mode in [Mode::Hybrid, Mode::Dense] {
        assert_eq!((passages(mode, 10), passages(mode, 1)), (5, 5), "{mode}");
    }
    // A limit of one hit does not make it the only document.
    writer.upsert(Document::new("cars", "A car has no such thing.")).unwrap();
    writer.commit().unwrap();
    for mode in [Mode::Hybrid, Mode::Dense] {
        assert!(passages(mode, 10) <= 2 && passages(mode, 1) <= 2, "{mode}");
    }
}

#[test]
fn headings_are_encoded_with_their_text() {
    let place = Place::with(&crate::support::TinyModel { prompts: None, ..Default::default() });
    let collection = place.open();
    let body = "A cat and a dog near the line.";
    let document = |id: &str, heading: &str| {
        let text = format!("# {heading}\n\n{}\n\n{body}", "The rust encoder reads a model folder. ".repeat(20));
        Document::new(id, text).with_syntax(Syntax::Markdown)
    };
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(vec![document("a", "平均池化"), document("b", "搜索数据库")]).run().unwrap();
    writer.commit().unwrap();
    let best = |question: &str| {
        let hits = collection.search(question).mode(Mode::Dense).run().unwrap().hits;
        (hits[0].document.id.as_str().to_owned(), hits[0].passage.headings.clone(), hits[0].score)
    };
    // Both documents have the same text; only the heading above it differs.
    for (id, heading) in [("a", "平均池化"), ("b", "搜索数据库")] {
        let (found, headings, score) = best(&format!("{heading}: {body}"));
        assert_eq!((found.as_str(), headings), (id, vec![heading.to_owned()]), "{score}");
    }
}
