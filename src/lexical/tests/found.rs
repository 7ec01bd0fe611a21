//! Passages that must be found first.

use super::world::{best_rows, build_texts, distractors, lexicon_bytes, open_texts};
use crate::lexical::score::TermKind;
use crate::lexical::{Fields, Lexicon, Passage};
use crate::row::RowId;
use std::sync::Arc;

use crate::kernel::SharedBytes;

/// A query, and the passage that it must find first among real text.
const CASES: [(&str, &str); 30] = [
    ("欧阳娜娜", "昨晚的音乐会上,欧阳娜娜演奏了大提琴协奏曲。"),
    ("龚俊杰", "负责这个项目的是龚俊杰和他的同事。"),
    ("魑魅魍魉", "庙里画着魑魅魍魉,孩子们不敢进去。"),
    ("RTX 4090", "The workstation has an RTX-4090 and a quiet fan."),
    ("RTX-4090", "显卡换成了RTX4090,风扇声音很小。"),
    ("rtx4090", "The workstation has an RTX-4090 and a quiet fan."),
    ("GPU显存", "训练时GPU显存不够,只好减小批量。"),
    ("gpu 显存不够怎么办", "训练时GPU显存不够,只好减小批量。"),
    ("ＧＰＵ　显存", "训练时GPU显存不够,只好减小批量。"),
    ("第3章", "结果见第3章的表格。"),
    ("iPhone15", "新买的iPhone15手机屏幕很亮。"),
    ("iphone 手机", "新买的iPhone15手机屏幕很亮。"),
    ("雹", "下午下了一场雹,菜地全毁了。"),
    ("鲲", "北冥有鱼,其名为鲲。"),
    ("雹灾", "去年的雹灾使收成减半。"),
    ("臺灣大學", "他毕业于台湾大学物理系。"),
    ("台湾大学", "他畢業於臺灣大學物理系。"),
    ("憂鬱的烏龜", "忧郁的乌龟在河边晒太阳。"),
    ("忧郁的乌龟", "憂鬱的烏龜在河邊曬太陽。"),
    ("长江大桥", "南京市长江大桥今天通车。"),
    ("南京市长", "南京市长江大桥今天通车。"),
    ("江大桥", "南京市长江大桥今天通车。"),
    ("C++ 模板", "这本书讲C++模板元编程。"),
    ("std::io", "Import std::io before you read a line."),
    ("foobarbaz", "Call fooBarBaz with two arguments."),
    ("bar baz", "Call fooBarBaz with two arguments."),
    ("v1.2.3", "Upgraded from v1.2.3 without trouble."),
    ("cafe ångström", "A Café near the Angstrom laboratory."),
    ("who was running marathons", "She runs a marathon every spring."),
    ("ﾊﾟｿｺﾝ", "新しいパソコンを買った。"),
];

#[test]
fn right_passages_come_first_among_real_text() {
    for (question, text) in CASES {
        let mut texts = distractors();
        assert!(texts.len() > 100);
        texts.insert(texts.len() / 2, text.to_owned());
        let lexicon = open_texts(&texts);
        let best = best_rows(&lexicon, question, 3);
        let best_text = best.first().map(|&row| texts[row as usize].as_str());
        assert_eq!(best_text, Some(text), "{question}");
    }
}

/// Every character and every word of a passage finds it.
#[test]
fn passages_are_found_by_each_character_and_word() {
    let mut texts = distractors();
    let wanted = "量子计算机Q-System的Ünal教授说:第42號實驗(한국어 자료、カタカナ)成功了。";
    texts.push(wanted.to_owned());
    let (lexicon, row) = (open_texts(&texts), texts.len() as u32 - 1);
    let characters = wanted.chars().filter(|c| c.is_alphanumeric()).filter(|c| !c.is_ascii() && *c != 'Ü');
    let words =
        ["量子", "计算机", "計算機", "q-system", "qsystem", "system", "unal", "ünal", "教授", "42", "42号", "实验"];
    let more = ["한국어", "자료", "カタカナ", "タカ", "成功"];
    for asked in characters.map(String::from).chain(words.into_iter().chain(more).map(str::to_owned)) {
        assert!(best_rows(&lexicon, &asked, texts.len()).contains(&row), "{asked}");
    }
}

#[test]
fn function_words_do_not_decide() {
    let texts = ["什么是什么,为什么", "what is the what of what", "光合作用需要光", "photosynthesis needs light"];
    let lexicon = open_texts(&texts);
    assert_eq!(best_rows(&lexicon, "什么是光合作用?", 9), [2]);
    assert_eq!(best_rows(&lexicon, "What is photosynthesis?", 9), [3]);
    // Unless the query has no other words.
    assert_eq!(best_rows(&lexicon, "什么", 9), [0]);
    assert_eq!(best_rows(&lexicon, "what is the", 9), [1]);
    assert!(best_rows(&lexicon, "?!", 9).is_empty() && best_rows(&lexicon, "", 9).is_empty());
    assert!(best_rows(&lexicon, "zymurgy", 9).is_empty());
}

#[test]
fn titles_and_headings_raise_the_score() {
    let fields = Fields::default();
    let headings = ["Installation".to_owned(), "显卡驱动".to_owned()];
    let plain = |text| Passage { text, id: "", title: "", names: &[], headings: &[], fields: &fields };
    let titled = Passage {
        text: "Run the script.",
        id: "",
        title: "nvidia-driver.md",
        names: &[],
        headings: &headings,
        fields: &fields,
    };
    let passages = [plain("Run the script twice."), titled, plain("Drivers are run by scripts.")];
    let words = SharedBytes::from(lexicon_bytes(passages.into_iter()));
    let lexicon = Lexicon::open(vec![Arc::new(words)]).unwrap();
    for question in ["nvidia", "nvidia-driver", "显卡", "installing", "显卡驱动 script"] {
        assert_eq!(best_rows(&lexicon, question, 1), [1], "{question}");
    }
    let query = lexicon.query("nvidia driver").unwrap();
    let kinds: Vec<TermKind> = lexicon
        .explain(&query, RowId { segment: 0, row: 1 })
        .unwrap()
        .into_iter()
        .map(|matched| matched.kind)
        .collect();
    for kind in [TermKind::Word, TermKind::Exact, TermKind::Title] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn explained_terms_sum_to_the_score() {
    let texts = distractors();
    let lexicon = open_texts(&texts);
    for question in ["how are attention scores scaled", "为什么要用平均池化", "BERT的位置编码", "residual 层归一化"]
    {
        let query = lexicon.query(question).unwrap();
        let found = lexicon.search(&query, 5, &|row| Ok(Some(u64::from(row.row)))).unwrap();
        assert!(!found.is_empty());
        for found in found {
            let terms = lexicon.explain(&query, found.row).unwrap();
            let sum: f32 = terms.iter().map(|term| term.score).sum();
            assert!((sum - found.score).abs() < 1e-4 * sum && !terms.is_empty(), "{question}");
            let coverage = lexicon.score(&query, &[found.row]).unwrap()[0].coverage;
            assert!((0.0..=1.0).contains(&coverage) && coverage <= query.known() + 1e-5);
        }
    }
    let query = lexicon.query("attention zymurgy").unwrap();
    assert!((0.1..0.9).contains(&query.known()), "{}", query.known());
}

#[test]
fn builds_of_the_same_passages_are_equal() {
    let texts = distractors();
    let (one, other) = (build_texts(&texts), build_texts(&texts));
    assert!(one.read(0..one.len()).unwrap()[..] == other.read(0..other.len()).unwrap()[..]);
}

#[test]
fn long_queries_keep_the_heaviest_terms() {
    let texts = distractors();
    let lexicon = open_texts(&texts);
    let wanted = texts.iter().position(|text| text.len() > 200).unwrap();
    for question in [texts[wanted].repeat(40), texts[wanted..wanted + 30].concat()] {
        let query = lexicon.query(&question).unwrap();
        assert!(query.terms.len() <= 64 && query.known() <= 1.0 + 1e-5);
        let found = lexicon.search(&query, 3, &|row| Ok(Some(u64::from(row.row)))).unwrap();
        let rows: Vec<RowId> = found.iter().map(|found| found.row).collect();
        let scores = lexicon.score(&query, &rows).unwrap();
        assert!(scores.len() == 3 && scores.iter().all(|score| score.coverage <= 1.0));
    }
    assert_eq!(best_rows(&lexicon, &texts[wanted], 1), [wanted as u32]);
    assert!(best_rows(&lexicon, &"显".repeat(10_000), 1).len() <= 1);
}
