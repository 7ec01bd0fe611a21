//! The real models compared with vectors that other programs computed.

use std::fs;

use nigh::{BackendKind, Encoder, EncoderError, EncoderOptions, ModelInfo};
use serde_json::Value;

use crate::support::real::{model, skip, skipped, store};
use crate::support::{Place, cosine, f32, int8, largest_difference};

/// 101 texts and their vectors from sentence-transformers: mean pooling, normalised, context length 256, rounded to 7 decimals.
fn golden() -> (Vec<String>, Vec<Vec<f32>>) {
    let content = include_str!("fixtures/all-MiniLM-L6-v2.jsonl");
    let line = |line: &str| -> (String, Vec<f32>) {
        let value: Value = serde_json::from_str(line).unwrap();
        let vector = value["vector"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
        (value["text"].as_str().unwrap().to_owned(), vector)
    };
    content.lines().map(line).unzip()
}

fn encode(encoder: &Encoder, texts: &[String]) -> Vec<Vec<f32>> {
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    encoder.encode(&borrowed).unwrap().iter().map(<[f32]>::to_vec).collect()
}

fn assert_begins(encoder: &Encoder, expected: [f32; 5], tolerance: f32) {
    let vector = encoder.encode(&["hello world"]).unwrap().into_vec();
    let off = largest_difference(&vector[..5], &expected);
    assert!(off < tolerance, "{off:e} off: {:?}", &vector[..5]);
}

#[test]
fn minilm_native_gives_the_published_values() {
    let Some(model) = model("all-MiniLM-L6-v2") else { return };
    let encoder = Encoder::with_options(model, f32()).unwrap();
    assert_begins(&encoder, [-0.034478, 0.03102, 0.00673, 0.02611, -0.039362], 2e-5);
    let (texts, expected) = golden();
    assert!(texts.len() > 100);
    let together = encode(&encoder, &texts);
    let worst = together.iter().zip(&expected).map(|(a, b)| cosine(a, b)).fold(1.0, f64::min);
    println!("MiniLM, native f32: worst cosine {worst:.7}");
    assert!(worst >= 0.99999, "{worst}");
    for (text, together) in texts.iter().zip(&together).step_by(5) {
        let alone = encoder.encode(&[text]).unwrap().into_vec();
        let off = largest_difference(&alone, together);
        assert!(off <= 1e-5, "{off:e} off alone: {text:?}");
    }
}

#[test]
fn minilm_int8_is_near_the_published_model() {
    let Some(model) = model("all-MiniLM-L6-v2") else { return };
    let (texts, expected) = golden();
    let encoder = Encoder::with_options(model, int8()).unwrap();
    let vectors = encode(&encoder, &texts);
    let cosines: Vec<f64> = vectors.iter().zip(&expected).map(|(a, b)| cosine(a, b)).collect();
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    let worst = cosines.iter().copied().fold(1.0, f64::min);
    println!("MiniLM, native int8: mean cosine {mean:.5}, worst {worst:.5}");
    assert!(mean >= 0.995 && worst >= 0.98, "{mean} {worst}");
    for (text, together) in texts.iter().zip(&vectors).step_by(5) {
        assert_eq!(encoder.encode(&[text]).unwrap().as_slice(), together, "{text:?}");
    }
}

#[test]
fn e5_q4_gives_the_published_values() {
    let Some(model) = model("multilingual-e5-small-q4") else { return };
    assert_eq!((model.context_length(), model.dimension(), model.normalise()), (512, 384, true));
    assert_eq!((model.prompts().query.as_str(), model.prompts().passage.as_str()), ("query: ", "passage: "));
    let encoder = Encoder::with_options(model, f32()).unwrap();
    assert_begins(&encoder, [0.03369, 0.02344, -0.04032, -0.05898, 0.08011], 2e-5);
}

/// All in one test, since a process keeps the first ONNX Runtime that it loads.
#[test]
fn onnx_runtime_is_missing_then_installed() {
    if cfg!(not(feature = "ort")) {
        skipped("this build has no ONNX Runtime backend");
        return;
    }
    let place = Place::new();
    fs::write(place.model().join("model.onnx"), "no model").unwrap();
    let tiny = ModelInfo::open(place.model()).unwrap();
    let ort = || EncoderOptions::default().backend(BackendKind::Ort);
    let elsewhere = place.path("libonnxruntime.so");
    for options in [ort(), ort().runtime(&elsewhere)] {
        let error = Encoder::with_options(tiny.clone(), options).expect_err("no runtime is there");
        assert!(matches!(error, EncoderError::Runtime { .. }), "{error:?}");
        assert!(error.to_string().contains("ONNX Runtime"), "{error}");
    }
    fs::write(&elsewhere, "not a library").unwrap();
    let error = Encoder::with_options(tiny.clone(), ort().runtime(&elsewhere)).expect_err("no library");
    assert!(
        matches!(error, EncoderError::Runtime { .. }) && error.to_string().contains("libonnxruntime.so"),
        "{error}"
    );

    let Some(runtime) = store().runtime_library() else { return skip("ONNX Runtime") };
    let options = ort().runtime(runtime);
    let error = Encoder::with_options(tiny, options.clone()).expect_err("it is no model");
    assert!(matches!(error, EncoderError::ModelFile { .. }) && error.to_string().contains("model.onnx"), "{error}");
    let Some(model) = model("all-MiniLM-L6-v2-int8-onnx") else { return };
    let encoder = Encoder::with_options(model, options).unwrap();
    assert_eq!(encoder.backend(), BackendKind::Ort);
    let (texts, expected) = golden();
    let together = encode(&encoder, &texts);
    let mean = together.iter().zip(&expected).map(|(a, b)| cosine(a, b)).sum::<f64>() / texts.len() as f64;
    println!("MiniLM, int8 ONNX: mean cosine {mean:.4}");
    assert!(mean >= 0.98, "{mean}");
    for (text, together) in texts.iter().zip(&together).step_by(5) {
        let off = largest_difference(&encoder.encode(&[text]).unwrap().into_vec(), together);
        assert!(off <= 1e-5, "{off:e} off alone: {text:?}");
    }
}
