//! The e5 model that nigh imports, compared with the directory that the reference converter made from the same file.

use std::fs;
use std::path::Path;

use nigh::{Encoder, TextKind};
use serde_json::Value;

use crate::support::real::{files, model, skip, skipped};
use crate::support::{f32, largest_difference, load};

const SETS: [&str; 5] = ["cmrc2018-dev", "mlquestions-dev", "scifact", "xquad-en", "xquad-zh"];
/// Number of texts of each set whose vectors are compared.
const VECTORS: usize = 40;

fn queries(path: &Path) -> Vec<String> {
    let text = |line: &str| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    fs::read_to_string(path).unwrap().lines().map(text).collect()
}

#[test]
fn e5_import_equals_the_reference_converter() {
    let Some(reference) = std::env::var_os("NIGH_E5_REFERENCE") else {
        skipped("NIGH_E5_REFERENCE names no directory made by e5_q4_to_hf.py; `cargo xtask test` makes one");
        return;
    };
    let Some(model) = model("multilingual-e5-small-q4") else { return };
    let Some(eval) = files("eval") else { return };
    let ours = Encoder::with_options(model, f32()).unwrap();
    let reference = load(Path::new(&reference), f32());
    assert_eq!(ours.model().prompts(), reference.model().prompts());
    assert_eq!(
        (ours.model().context_length(), ours.model().pooling()),
        (reference.model().context_length(), reference.model().pooling())
    );

    let (mut compared, mut worst) = (0, 0.0f32);
    for set in SETS {
        let path = eval.join(set).join("queries.jsonl");
        if !path.exists() {
            skip(&path.display().to_string());
            continue;
        }
        let texts = queries(&path);
        for text in &texts {
            let [a, b] = [&ours, &reference].map(|encoder| encoder.tokenise(TextKind::Query, text).unwrap().ids);
            assert_eq!(a, b, "{set}: {text:?}");
        }
        compared += texts.len();
        let some: Vec<&str> = texts.iter().step_by(texts.len() / VECTORS).take(VECTORS).map(String::as_str).collect();
        assert_eq!(some.len(), VECTORS);
        let [a, b] = [&ours, &reference].map(|encoder| encoder.encode_as(TextKind::Query, &some).unwrap());
        worst = worst.max(largest_difference(a.as_slice(), b.as_slice()));
    }
    println!("e5: {compared} queries token for token, vectors at most {worst:e} off");
    assert!(compared > 8000, "{compared}");
    assert!(worst <= 1e-4, "{worst:e}");
}
