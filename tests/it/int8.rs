//! The default precision: the same bits on every path and in every batch, and vectors near those of f32.

use std::path::Path;

use nigh::{Embeddings, Encoder, EncoderError, ModelInfo, SimdLevel, TextKind, TokenInput};

use crate::support::{Place, Random, TinyModel, cosine, f32, int8, load, text};

/// Shapes that the kernels treat differently: heads of 32, 64, 26, 25 and 1; inner sizes that are not multiples of 32 (a panel)
/// or 4 (a group); hidden sizes that are not multiples of 64 (a block); every activation.
fn shapes() -> Vec<TinyModel> {
    let shape = |hidden, heads, intermediate, layers, activation| TinyModel {
        hidden,
        heads,
        intermediate,
        layers,
        activation,
        positions: 640,
        context_length: 640,
        seed: hidden as u64,
        ..TinyModel::default()
    };
    vec![
        shape(128, 4, 250, 2, "gelu"),
        shape(312, 12, 601, 1, "gelu"),
        shape(384, 12, 1536, 1, "gelu"),
        shape(128, 2, 131, 2, "relu"),
        shape(100, 4, 90, 2, "gelu_new"),
        shape(16, 16, 33, 2, "gelu"),
        shape(768, 12, 333, 1, "gelu"),
        shape(1024, 16, 96, 1, "relu"),
    ]
}

/// Lengths of a model's sequences: all special lengths for small models; for large models, which take longer, only those
/// that change how matrices are split.
fn lengths(model: &TinyModel) -> &'static [usize] {
    if model.hidden <= 128 { &[1, 2, 31, 33, 511, 512, 600] } else { &[1, 2, 31, 33] }
}

fn sequence(random: &mut Random, length: usize) -> TokenInput {
    TokenInput::new((0..length).map(|_| 4 + random.below(300) as u32).collect())
}

fn sequences(model: &TinyModel) -> Vec<TokenInput> {
    let mut random = Random(model.seed);
    lengths(model).iter().map(|&length| sequence(&mut random, length)).collect()
}

/// Returns the vectors as bits, since −0 == 0 and NaN != NaN.
fn bits(vectors: &Embeddings) -> Vec<Vec<u32>> {
    vectors.iter().map(|vector| vector.iter().map(|x| x.to_bits()).collect()).collect()
}

/// Returns the instruction sets of this machine.
fn levels() -> impl Iterator<Item = SimdLevel> {
    let place = Place::new();
    SimdLevel::ALL.into_iter().filter(move |&level| {
        match Encoder::with_options(ModelInfo::open(place.model()).unwrap(), int8().simd(level)) {
            Ok(encoder) => encoder.simd() == level,
            Err(error) => {
                assert!(
                    matches!(error, EncoderError::InvalidOptions { .. }) && level != SimdLevel::Portable,
                    "{error}"
                );
                crate::support::real::skipped(&error.to_string());
                false
            }
        }
    })
}

#[test]
fn instruction_sets_give_the_same_bits() {
    let levels: Vec<SimdLevel> = levels().collect();
    for model in shapes() {
        let place = Place::with(&model);
        let inputs = sequences(&model);
        let at = |level| bits(&load(&place.model(), int8().simd(level)).encode_tokens(&inputs).unwrap());
        let portable = at(SimdLevel::Portable);
        for &level in &levels {
            for ((expected, found), length) in portable.iter().zip(at(level)).zip(lengths(&model)) {
                assert!(*expected == found, "{level} differs on {length} tokens: {model:?}");
            }
        }
    }
}

#[test]
fn int8_is_near_f32_for_every_shape() {
    let mut worst = (1.0, String::new());
    for model in shapes() {
        let place = Place::with(&model);
        let inputs = sequences(&model);
        let [rounded, exact] =
            [int8(), f32()].map(|options| load(&place.model(), options).encode_tokens(&inputs).unwrap());
        for ((a, b), length) in rounded.iter().zip(exact.iter()).zip(lengths(&model)) {
            let cosine = cosine(a, b);
            assert!(cosine >= 0.99, "{cosine} on {length} tokens: {model:?}");
            if cosine < worst.0 {
                worst = (cosine, format!("{length} tokens of hidden {}", model.hidden));
            }
        }
        assert_ne!(rounded, exact, "int8 was not int8: {model:?}");
    }
    println!("int8 against f32, random models: worst cosine {:.5}, {}", worst.0, worst.1);
}

#[test]
fn batch_and_threads_change_no_bit() {
    let model = TinyModel {
        hidden: 96,
        heads: 3,
        intermediate: 200,
        positions: 512,
        context_length: 512,
        ..TinyModel::default()
    };
    let place = Place::with(&model);
    let mut random = Random(5);
    let mut inputs: Vec<TokenInput> =
        [1, 2, 3, 31, 33, 47, 48, 49, 96, 97, 300, 512, 1, 7].map(|length| sequence(&mut random, length)).into();
    // Some inputs have masks: they must not change the others.
    for length in [5, 40, 200] {
        let mut mask = vec![1; length];
        mask[length / 2..length / 2 + 2].fill(0);
        inputs.push(sequence(&mut random, length).attention_mask(mask));
    }
    let one = load(&place.model(), int8().threads(1));
    let expected = bits(&one.encode_tokens(&inputs).unwrap());
    for (input, expected) in inputs.iter().zip(&expected) {
        let alone = bits(&one.encode_tokens(std::slice::from_ref(input)).unwrap());
        assert!(alone[0] == *expected, "{} tokens alone", input.ids.len());
    }
    for threads in [1, 2, 4] {
        let encoder = load(&place.model(), int8().threads(threads));
        assert!(bits(&encoder.encode_tokens(&inputs).unwrap()) == expected, "{threads} threads");
        for step in [3, 5, 16] {
            // There are 17 inputs, a prime number: each step visits all, in another order.
            let order: Vec<usize> = (0..inputs.len()).map(|i| i * step % inputs.len()).collect();
            let permuted: Vec<TokenInput> = order.iter().map(|&i| inputs[i].clone()).collect();
            let found = bits(&encoder.encode_tokens(&permuted).unwrap());
            for (&i, found) in order.iter().zip(&found) {
                assert!(expected[i] == *found, "{} tokens, {threads} threads, step {step}", inputs[i].ids.len());
            }
        }
    }
}

#[test]
fn batch_of_any_texts_gives_each_its_own_vector() {
    let place = Place::new();
    let mut random = Random(23);
    let texts: Vec<String> = (0..60).map(|_| text::sentence(&mut random)).chain(["word ".repeat(400)]).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let encoder = load(&place.model(), int8().threads(2));
    let together = bits(&encoder.encode(&texts).unwrap());
    for (text, together) in texts.iter().zip(&together) {
        assert!(bits(&encoder.encode(&[text]).unwrap())[0] == *together, "{text}");
    }
}

/// Sequences with gaps in their masks: at the end like padding, at the start, and scattered.
fn masked_inputs() -> Vec<TokenInput> {
    let mut random = Random(17);
    let mut inputs = Vec::new();
    for length in [2, 20, 33, 300] {
        let masks: [Vec<u8>; 3] = [
            (0..length).map(|i| u8::from(i <= length / 2)).collect(),
            (0..length).map(|i| u8::from(i >= length / 2)).collect(),
            (0..length).map(|i| u8::from(i % 3 != 1)).collect(),
        ];
        for mask in masks {
            let types: Vec<u32> = (0..length).map(|i| u32::from(i > length / 3)).collect();
            inputs.push(sequence(&mut random, length).token_type_ids(types).attention_mask(mask));
        }
    }
    inputs
}

fn small_model() -> TinyModel {
    TinyModel { hidden: 64, heads: 2, intermediate: 130, positions: 320, context_length: 320, ..TinyModel::default() }
}

#[test]
fn masks_and_segments_work_as_in_f32() {
    for pooling in ["mean", "cls", "max"] {
        // CLS pooling needs an unmasked first token.
        let inputs: Vec<TokenInput> = masked_inputs()
            .into_iter()
            .filter(|input| pooling != "cls" || input.attention_mask.as_ref().unwrap()[0] == 1)
            .collect();
        let place = Place::with(&TinyModel { pooling, ..small_model() });
        let [rounded, exact] =
            [int8(), f32()].map(|options| load(&place.model(), options).encode_tokens(&inputs).unwrap());
        let mut without = inputs.clone();
        without.iter_mut().for_each(|input| input.attention_mask = None);
        let whole = load(&place.model(), int8()).encode_tokens(&without).unwrap();
        let mut worst = 1.0f64;
        for (((a, b), whole), input) in rounded.iter().zip(exact.iter()).zip(whole.iter()).zip(&inputs) {
            worst = worst.min(cosine(a, b));
            assert!(cosine(a, b) >= 0.99, "{} by {pooling}, {} tokens", cosine(a, b), input.ids.len());
            let masked = input.attention_mask.as_ref().unwrap().contains(&0);
            assert!(a != whole || !masked, "the mask of {} tokens counts", input.ids.len());
        }
        println!("int8 against f32, masked, {pooling}: worst cosine {worst:.5}");
    }
}

/// Not even slightly: masked tokens must not affect any scale that other tokens are rounded with.
#[test]
fn masked_tokens_change_no_bit() {
    for activation in ["gelu", "relu"] {
        let place = Place::with(&TinyModel { activation, ..small_model() });
        let encoder = load(&place.model(), int8());
        let inputs = masked_inputs();
        let expected = bits(&encoder.encode_tokens(&inputs).unwrap());
        for seed in 0..8 {
            let mut random = Random(seed);
            let mut others = inputs.clone();
            for input in &mut others {
                let mask = input.attention_mask.as_ref().unwrap();
                for (id, _) in input.ids.iter_mut().zip(mask).filter(|(_, kept)| **kept == 0) {
                    *id = 4 + random.below(300) as u32;
                }
            }
            let found = bits(&encoder.encode_tokens(&others).unwrap());
            for ((expected, found), input) in expected.iter().zip(&found).zip(&inputs) {
                assert!(expected == found, "{} tokens, {:?}", input.ids.len(), input.attention_mask);
            }
        }
    }
}

#[test]
fn pairs_and_segments_work_as_in_f32() {
    let place = Place::new();
    let pairs = [("mean pooling", "句向量 is near"), ("句向量 is near", "mean pooling"), ("a cat", ""), ("", "")];
    let [rounded, exact] = [int8(), f32()].map(|options| load(&place.model(), options).encode_pairs(&pairs).unwrap());
    for ((a, b), pair) in rounded.iter().zip(exact.iter()).zip(pairs) {
        assert!(cosine(a, b) >= 0.99, "{} for {pair:?}", cosine(a, b));
    }
    assert_ne!(rounded.get(0), rounded.get(1), "the order counts");
    let encoder = load(&place.model(), int8());
    let ids = encoder.tokenise(TextKind::Plain, "what is pooling").unwrap().ids;
    let with = |types: Option<Vec<u32>>| {
        let mut input = TokenInput::new(ids.clone());
        input.token_type_ids = types;
        encoder.encode_tokens(&[input]).unwrap()
    };
    assert_eq!(bits(&with(None)), bits(&with(Some(vec![0; ids.len()]))));
    assert_ne!(with(None), with(Some(vec![1; ids.len()])), "the segment counts");
}

/// Queries of a set, every n-th. The texts have all kinds of words.
fn queries(path: &Path, every: usize) -> Vec<String> {
    let text = |line: &str| -> String {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned()
    };
    std::fs::read_to_string(path).unwrap().lines().step_by(every).map(text).collect()
}

#[test]
fn e5_is_near_its_f32() {
    let Some(model) = crate::support::real::model("multilingual-e5-small-q4") else { return };
    let Some(eval) = crate::support::real::files("eval") else { return };
    let mut texts = Vec::new();
    for set in ["cmrc2018-dev", "scifact", "xquad-zh"] {
        texts.extend(queries(&eval.join(set).join("queries.jsonl"), 20));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let [rounded, exact] = [int8(), f32()].map(|options| {
        Encoder::with_options(model.clone(), options).unwrap().encode_as(TextKind::Query, &texts).unwrap()
    });
    let cosines: Vec<f64> = rounded.iter().zip(exact.iter()).map(|(a, b)| cosine(a, b)).collect();
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    let worst = cosines.iter().copied().fold(1.0, f64::min);
    println!("e5, int8 against f32: mean cosine {mean:.5}, worst {worst:.5}, {} queries", texts.len());
    assert!(mean >= 0.995 && worst >= 0.98, "{mean} {worst}");
}
