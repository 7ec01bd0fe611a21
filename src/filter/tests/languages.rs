//! Detects the language of texts.

use crate::filter::language;

const TEXTS: [(&str, &str); 41] = [
    ("zh", "向量检索"),
    ("zh", "句向量为什么用平均池化?"),
    ("zh", "安装 PyTorch 和 CUDA 驱动"),
    ("zh", "GPU显存不足怎么办"),
    ("zh", "BERT 使用 WordPiece 分词器"),
    ("zh", "機器學習與深度學習"),
    ("zh", "买"),
    ("ja", "東京タワーに行きました"),
    ("ja", "機械学習の基礎"),
    ("ja", "これはペンです。"),
    ("ja", "株式会社の設立手続きについて"),
    ("ja", "コンピュータ"),
    ("ko", "안녕하세요 세계"),
    ("ko", "서울은 大韓民國의 수도이다"),
    ("en", "Mean pooling averages the token states."),
    ("en", "hello"),
    ("en", "A dog runs."),
    ("en", "install git"),
    ("en", "A man is playing a guitar."),
    ("en", "Vector search engine"),
    ("en", "The café on the corner serves naïve tourists."),
    ("en", "How do I reset my password?"),
    ("en", "Kubernetes"),
    ("en", "Release notes 2.0"),
    ("en", "The character 中 means middle, and it is written with four strokes in every script style."),
    ("de", "Der schnelle braune Fuchs springt über den faulen Hund, und niemand wundert sich darüber."),
    ("de", "Wir haben gestern die Fenster geöffnet, weil es in der Wohnung zu warm war."),
    ("fr", "Le petit chat est assis sur la table de la cuisine et regarde par la fenêtre."),
    ("es", "El perro grande corre por la calle mientras los niños juegan en el parque."),
    ("it", "Questa mattina siamo andati al mercato per comprare il pane e la frutta fresca."),
    ("pt", "Não sei se vou conseguir chegar a tempo para a reunião de amanhã de manhã."),
    ("nl", "Het is vandaag erg koud en daarom blijven wij liever de hele dag binnen zitten."),
    ("ru", "Быстрая коричневая лиса прыгает через ленивую собаку"),
    ("uk", "Україна є найбільшою країною, повністю розташованою в Європі"),
    ("el", "Η γρήγορη αλεπού πηδάει"),
    ("he", "שלום עולם, מה שלומך היום"),
    ("ar", "مرحبا بالعالم كيف حالك اليوم"),
    ("hi", "नमस्ते दुनिया, आप कैसे हैं"),
    ("th", "สวัสดีชาวโลก"),
    ("vi", "Hôm nay trời rất đẹp và chúng tôi đi dạo trong công viên cùng với các bạn"),
    ("tr", "Bugün hava çok güzel ve çocuklar bahçede oynuyorlar, biz de çay içiyoruz."),
];

#[test]
fn languages_are_detected() {
    let wrong: Vec<_> = TEXTS
        .iter()
        .filter(|(wanted, text)| language(text) != Some(wanted))
        .map(|(w, text)| (w, language(text), text))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(["", "2024", "!?。，", "\u{1f600}"].iter().all(|text| language(text).is_none()));
}

/// Only the beginning is read, and it is cut between characters.
#[test]
fn long_texts_are_detected_by_their_beginning() {
    let text = format!("{}{}", "学习".repeat(1000), "これはペンです".repeat(10_000));
    assert_eq!(language(&text), Some("zh"));
}

/// Measures how many short texts of the sets in `NIGH_TEST_FILES/eval` get the right language:
/// `cargo test --release -p nigh --lib filter::tests::languages::language_accuracy -- --ignored --nocapture`
#[test]
#[ignore = "prints figures; wants NIGH_TEST_FILES"]
#[expect(clippy::print_stderr, reason = "prints measurements")]
fn language_accuracy() {
    let files = [
        ("en", "sts/stsb-en-test.tsv"),
        ("en", "mlquestions-dev/queries.jsonl"),
        ("en", "scifact/queries.jsonl"),
        ("en", "xquad-en/queries.jsonl"),
        ("en", "xquad-en/corpus.jsonl"),
        ("zh", "sts/stsb-zh-dev.tsv"),
        ("zh", "sts/lcqmc-dev.tsv"),
        ("zh", "cmrc2018-dev/queries.jsonl"),
        ("zh", "xquad-zh/corpus.jsonl"),
    ];
    for (wanted, file) in files {
        let path = format!("{}/eval/{file}", std::env::var("NIGH_TEST_FILES").unwrap_or_default());
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no {path}");
            continue;
        };
        let texts: Vec<String> = if file.ends_with("jsonl") {
            let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
            text.lines().map(|line| value(line)["text"].as_str().unwrap().to_owned()).collect()
        } else {
            text.lines()
                .flat_map(|line| line.split('\t').filter(|cell| cell.parse::<f64>().is_err()))
                .map(str::to_owned)
                .collect()
        };
        let start = std::time::Instant::now();
        let wrong: Vec<_> =
            texts.iter().map(|text| (language(text), text)).filter(|(found, _)| *found != Some(wanted)).collect();
        let each = start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64;
        eprintln!("{file}: {} of {} right, {each:.0} us each", texts.len() - wrong.len(), texts.len());
        wrong
            .iter()
            .step_by(wrong.len().div_ceil(4).max(1))
            .for_each(|(found, text)| eprintln!("  {found:?} {text:.90}"));
    }
}
