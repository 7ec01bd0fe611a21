//! The language-neutral space: answers in the other language, its fingerprint, models that it does not suit.

use nigh::{Collection, CollectionOptions, Document, Encoder, EncoderOptions, Error, TextKind, VectorSpace};

use crate::support::Place;
use crate::support::real::model;

/// Documents in both languages. Those in a question's language share its everyday words, but do not answer it.
const TEXTS: [(&str, &str); 8] = [
    ("leave-en", "Employees receive twenty-five days of paid leave a year. Unused days expire at the end of March."),
    ("parking-zh", "员工停车场每月收费一百元，请在前台登记车牌号码。访客停车每小时五元，最多不超过八小时。"),
    ("canteen-zh", "食堂午餐时间为十一点半到一点。员工每天可以领取一份水果，请刷工卡。"),
    ("overtime-zh", "加班需要提前申请，由部门经理批准。周末加班可以换成工作日的休息时间。"),
    ("printer-zh", "三楼的打印机已经更换墨盒。员工打印彩色文件需要输入部门代码。"),
    ("boiler-zh", "锅炉每年十月检修一次。如果暖气不热，先检查阀门，再打电话给物业。"),
    ("visitors-en", "Visitors sign in at the front desk and wear a badge. The desk is open from eight to six."),
    ("coffee-en", "The coffee machine on the second floor is cleaned every Friday. Please bring your own cup."),
];

#[test]
fn space_that_does_not_suit_the_model_is_refused() {
    let place = Place::new();
    let refused =
        place.options().vector_space(VectorSpace::LanguageNeutral).open(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::InvalidOptions { .. }), "{refused}");
    assert!(refused.to_string().contains("multilingual"), "{refused}");
    assert!(!Collection::exists(place.path("notes.nigh")));
    assert_eq!(place.open().status().unwrap().space, Some(VectorSpace::Original));
}

#[test]
fn space_without_languages_finds_the_answer_in_the_other_language() {
    let Some(info) = model("multilingual-e5-small-q4") else { return };
    let place = Place::new();
    let open = |name: &str, space: VectorSpace| {
        let options = CollectionOptions::new().model(info.path()).vector_space(space);
        let collection = options.open(place.path(name)).unwrap();
        let mut writer = collection.writer().unwrap();
        writer.upsert_all(TEXTS.map(|(id, text)| Document::new(id, text))).run().unwrap();
        writer.commit().unwrap();
        collection
    };
    let original = open("original.nigh", VectorSpace::Original);
    let neutral = open("neutral.nigh", VectorSpace::LanguageNeutral);
    let rank = |collection: &Collection, question: &str, wanted: &str| {
        let hits = collection.search(question).limit(TEXTS.len()).run().unwrap().hits;
        hits.iter().position(|hit| hit.document.id.as_str() == wanted).map(|rank| rank + 1)
    };
    for (question, answer) in [
        ("我一年有多少天带薪年假？", "leave-en"),
        ("没用完的年假什么时候作废？", "leave-en"),
        ("How much do guests pay for leaving a car?", "parking-zh"),
        ("The radiators stay cold, what do I check?", "boiler-zh"),
    ] {
        assert_eq!(rank(&neutral, question, answer), Some(1), "{question}");
    }
    // In the question's own language nothing changes.
    for (question, answer) in
        [("打印彩色文件要什么？", "printer-zh"), ("When is the coffee machine cleaned?", "coffee-en")]
    {
        assert_eq!(
            (rank(&original, question, answer), rank(&neutral, question, answer)),
            (Some(1), Some(1)),
            "{question}"
        );
    }

    // The space is a part of the fingerprint: a collection keeps it, and refuses the other one.
    let [first, second] = [&original, &neutral].map(|collection| collection.status().unwrap());
    assert_ne!(first.fingerprint, second.fingerprint);
    drop(neutral);
    let reopened = CollectionOptions::new().model(info.path()).open(place.path("neutral.nigh")).unwrap();
    assert_eq!(reopened.status().unwrap().space, Some(VectorSpace::LanguageNeutral));
    drop(reopened);
    let other = CollectionOptions::new().model(info.path()).vector_space(VectorSpace::Original);
    let refused = other.open(place.path("neutral.nigh")).err().unwrap();
    assert!(matches!(refused, Error::SpaceMismatch { .. }), "{refused}");

    // Encoders: the space is used only for texts with a role, and only if it is asked for.
    let [plain, moved] = [VectorSpace::Original, VectorSpace::LanguageNeutral]
        .map(|space| Encoder::with_options(info.clone(), EncoderOptions::new().space(space)).unwrap());
    let texts = ["a small dog", "一只小狗"];
    assert_eq!(plain.encode(&texts).unwrap(), moved.encode(&texts).unwrap());
    for kind in [TextKind::Query, TextKind::Passage] {
        let vectors = moved.encode_as(kind, &texts).unwrap();
        assert!(vectors.iter().all(|vector| (vector.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-4));
        assert_ne!(vectors, plain.encode_as(kind, &texts).unwrap());
    }
}
