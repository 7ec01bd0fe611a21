//! The encoder: the native BERT in f32 against a naive one, and conditions that must not change a vector. `int8.rs` tests the default
//! precision.

use nigh::{Encoder, EncoderError, EncoderOptions, ModelInfo, SimdLevel, TextKind, TokenInput};

use crate::support::{
    CHINESE, Place, Random, ReferenceBert, TinyModel, cosine, f32, int8, largest_difference, load, text,
};

fn default_encoder(place: &Place) -> Encoder {
    load(&place.model(), EncoderOptions::default())
}

/// Returns an encoder in f32, the precision that is compared with the naive BERT.
fn f32_encoder(place: &Place) -> Encoder {
    load(&place.model(), f32())
}

/// Token ids of any length, also ones that the tokenizer cannot produce.
fn random_ids(random: &mut Random, length: usize) -> Vec<u32> {
    (0..length).map(|_| 4 + random.below(300) as u32).collect()
}

/// Sequences of several lengths: plain, with segments, with gaps in their masks, and with both.
fn inputs() -> Vec<TokenInput> {
    let mut random = Random(7);
    let mut inputs = Vec::new();
    for length in [1, 2, 17, 47, 48] {
        for (segments, holes) in [(false, false), (true, false), (false, true), (true, true)] {
            let types = (0..length).map(|i| u32::from(i > length / 3)).collect();
            let mut mask: Vec<u8> = (0..length).map(|_| u8::from(random.below(3) > 0)).collect();
            mask[0] = 1;
            let mut input = TokenInput::new(random_ids(&mut random, length));
            input.token_type_ids = segments.then_some(types);
            input.attention_mask = holes.then_some(mask);
            inputs.push(input);
        }
    }
    inputs
}

fn assert_equals_naive(model: &TinyModel) {
    let place = Place::with(model);
    let reference = ReferenceBert::load(&place.model());
    let inputs = inputs();
    let vectors = f32_encoder(&place).encode_tokens(&inputs).unwrap();
    for (input, vector) in inputs.iter().zip(vectors.iter()) {
        let expected: Vec<f32> = reference.encode(input).iter().map(|&x| x as f32).collect();
        let off = largest_difference(vector, &expected);
        assert!(off < 1e-4, "{off:e} off for {} tokens: {model:?}, {input:?}", input.ids.len());
    }
}

#[test]
fn native_equals_the_naive_bert_for_every_head_size() {
    for (hidden, heads) in [(32, 4), (32, 1), (64, 2), (128, 2), (192, 2), (128, 16), (60, 5), (33, 3)] {
        let intermediate = 2 * hidden + 3;
        assert_equals_naive(&TinyModel { hidden, heads, intermediate, ..TinyModel::default() });
    }
}

#[test]
fn native_equals_the_naive_bert_for_every_activation_and_pooling() {
    for activation in ["gelu", "gelu_new", "relu"] {
        assert_equals_naive(&TinyModel { activation, seed: 2, ..TinyModel::default() });
    }
    for pooling in ["mean", "cls", "max", "mean_sqrt_len"] {
        for normalise in [true, false] {
            assert_equals_naive(&TinyModel { pooling, normalise, seed: 3, ..TinyModel::default() });
        }
    }
}

#[test]
fn token_types_default_to_zeros_and_the_mask_to_ones() {
    let encoder = default_encoder(&Place::new());
    let mut random = Random(1);
    for length in [1, 5, 48] {
        let ids = random_ids(&mut random, length);
        let absent = TokenInput::new(ids.clone());
        let given = TokenInput::new(ids).token_type_ids(vec![0; length]).attention_mask(vec![1; length]);
        assert_eq!(encoder.encode_tokens(&[absent]).unwrap(), encoder.encode_tokens(&[given]).unwrap());
    }
}

/// Texts from empty to several times the context length.
fn texts() -> Vec<String> {
    let mut random = Random(11);
    let mut texts: Vec<String> = vec![String::new(), "x".to_owned(), "🦀🦀".to_owned()];
    for i in 0..60 {
        let sentences = if i % 10 == 9 { 12 } else { 1 + i % 3 };
        texts.push((0..sentences).map(|_| text::sentence(&mut random)).collect::<Vec<_>>().join(" "));
    }
    texts
}

#[test]
fn batch_does_not_change_a_texts_vector() {
    let encoder = f32_encoder(&Place::new());
    let texts = texts();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let together = encoder.encode(&borrowed).unwrap();
    for (text, together) in borrowed.iter().zip(together.iter()) {
        let alone = encoder.encode(&[text]).unwrap();
        // Not only close, but equal: each product is summed in one fixed order, whatever else is in the batch.
        assert_eq!(alone.as_slice(), together, "{text:?}");
    }
}

#[test]
fn threads_do_not_change_vectors() {
    let place = Place::new();
    let texts = texts();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let with = |threads| load(&place.model(), f32().threads(threads)).encode(&borrowed).unwrap();
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(4));
}

#[test]
fn instruction_sets_give_the_same_vectors() {
    let place = Place::with(&TinyModel { hidden: 96, heads: 3, intermediate: 200, ..TinyModel::default() });
    let texts = texts();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let portable = load(&place.model(), f32().simd(SimdLevel::Portable)).encode(&borrowed).unwrap();
    for level in SimdLevel::ALL {
        let model = ModelInfo::open(place.model()).unwrap();
        match Encoder::with_options(model, f32().simd(level)) {
            Ok(encoder) => {
                assert_eq!(encoder.simd(), level);
                let off = largest_difference(portable.as_slice(), encoder.encode(&borrowed).unwrap().as_slice());
                assert!(off < 1e-4, "{level}: {off:e}");
            }
            Err(error) => {
                assert!(
                    matches!(error, EncoderError::InvalidOptions { .. }) && level != SimdLevel::Portable,
                    "{error}"
                );
                crate::support::real::skipped(&error.to_string());
            }
        }
    }
}

#[test]
fn pair_is_one_sequence_of_two_segments() {
    let place = Place::new();
    let encoder = f32_encoder(&place);
    let (first, second) = ("mean pooling", "句向量 is near");
    let [a, b] = [first, second].map(|text| encoder.tokenise(TextKind::Plain, text).unwrap().ids);
    let ids: Vec<u32> = a.iter().chain(&b[1..]).copied().collect();
    let types: Vec<u32> = (0..ids.len()).map(|i| u32::from(i >= a.len())).collect();
    let input = TokenInput::new(ids).token_type_ids(types);
    let pairs = encoder.encode_pairs(&[(first, second), (second, first)]).unwrap();
    assert_eq!(pairs.get(0), encoder.encode_tokens(std::slice::from_ref(&input)).unwrap().get(0));
    let expected: Vec<f32> = ReferenceBert::load(&place.model()).encode(&input).iter().map(|&x| x as f32).collect();
    assert!(largest_difference(pairs.get(0).unwrap(), &expected) < 1e-4);
    assert!(largest_difference(pairs.get(0).unwrap(), pairs.get(1).unwrap()) > 1e-3, "the order counts");
    let long = "word ".repeat(40);
    let error = encoder.encode_pairs(&[(&long, &long)]).unwrap_err();
    assert!(matches!(error, EncoderError::Encode { .. }) && error.to_string().contains("48"), "{error}");
}

#[test]
fn prompts_are_prepended_by_kind_of_text() {
    let encoder = default_encoder(&Place::new());
    let text = "什么是平均池化 and why";
    let plain = |text: &str| encoder.encode(&[text]).unwrap().into_vec();
    assert_eq!(encoder.encode_query(text).unwrap(), plain(&format!("query: {text}")));
    let passage = encoder.encode_as(TextKind::Passage, &[text]).unwrap().into_vec();
    assert_eq!(passage, plain(&format!("passage: {text}")));
    assert_ne!(passage, plain(text));
    let without = default_encoder(&Place::with(&TinyModel { prompts: None, ..TinyModel::default() }));
    assert_eq!(without.encode_query(text).unwrap(), without.encode(&[text]).unwrap().into_vec());
}

#[test]
fn query_vectors_and_coverage_are_those_of_tokenising_apart() {
    let place = Place::new();
    let encoder = default_encoder(&place);
    let texts = texts();
    let queries: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.trim().is_empty()).collect();
    let together = encoder.encode_queries(&queries).unwrap();
    let vectors = encoder.encode_as(TextKind::Query, &queries).unwrap();
    for ((query, encoded), vector) in queries.iter().zip(together).zip(vectors.iter()) {
        assert_eq!(encoded.vector, vector, "{query:?}");
        assert_eq!(encoded.vocabulary_coverage, encoder.vocabulary_coverage(query), "{query:?}");
        let alone = encoder.encode_queries(&[query]).unwrap();
        assert_eq!((&alone[0].vector[..], alone[0].vocabulary_coverage), (vector, encoded.vocabulary_coverage));
    }
    assert!(encoder.encode_queries(&["a", " "]).is_err());
}

#[test]
fn long_text_is_encoded_to_its_last_word() {
    let encoder = default_encoder(&Place::new());
    for words in [60, 500, 30_000] {
        let long = "mean pooling of token vectors ".repeat(words / 5);
        let [cat, dog] = ["cat", "dog"].map(|last| encoder.encode(&[&format!("{long}{last}")]).unwrap().into_vec());
        assert!(largest_difference(&cat, &dog) > 0.0, "{words} words: the last one is lost");
        assert!(cosine(&cat, &dog) > 0.9, "{words} words: the last one is not all there is");
        let first = encoder.encode(&[&format!("rust {long}cat")]).unwrap().into_vec();
        assert!(largest_difference(&cat, &first) > 0.0, "{words} words: the first one is lost");
    }
}

#[test]
fn long_text_is_the_mean_of_its_passages() {
    let place = Place::with(&TinyModel { normalise: false, prompts: None, ..TinyModel::default() });
    let encoder = default_encoder(&place);
    // Each character is one token, so the expected parts are known: 46 + 46 + 8 characters, each with [CLS] and [SEP].
    let characters: Vec<char> = CHINESE.chars().take(100).collect();
    let text: String = characters.iter().collect();
    let expected_parts: Vec<String> = characters.chunks(46).map(|c| c.iter().collect()).collect();
    assert_eq!(encoder.count_tokens(&text), 100);
    let borrowed: Vec<&str> = expected_parts.iter().map(String::as_str).collect();
    let parts = encoder.encode(&borrowed).unwrap();
    let mut expected = vec![0.0; encoder.dimension()];
    for (part, tokens) in parts.iter().zip([48.0, 48.0, 10.0]) {
        expected.iter_mut().zip(part).for_each(|(sum, x)| *sum += x * tokens / 106.0);
    }
    assert!(largest_difference(&encoder.encode(&[&text]).unwrap().into_vec(), &expected) < 1e-5);
}

#[test]
fn texts_that_are_odd_have_unit_vectors() {
    let encoder = default_encoder(&Place::new());
    let long_word = "a".repeat(100_000);
    let white = " \u{3000}\n".repeat(30_000);
    for text in ["", " ", "\n\t", "🦀", "\u{0}", "\u{feff}", "\u{fffd}", "e\u{301}", &long_word, &white, "[CLS]"] {
        let vector = encoder.encode(&[text]).unwrap().into_vec();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        let shown: String = text.chars().take(10).collect();
        assert!((length - 1.0).abs() < 1e-5, "{shown:?} of {} bytes: length {length}", text.len());
    }
    assert!(encoder.encode(&[]).unwrap().is_empty());
    assert_eq!(encoder.encode(&[" "]).unwrap(), encoder.encode(&[""]).unwrap());
}

#[test]
fn token_inputs_that_are_invalid_are_refused() {
    let encoder = default_encoder(&Place::new());
    let bad = [
        (TokenInput::default(), "no tokens"),
        (TokenInput::new(vec![5; 49]), "context length of 48"),
        (TokenInput::new(vec![999_999]), "999999"),
        (TokenInput::new(vec![5]).token_type_ids(vec![2]), "segment 2"),
        (TokenInput::new(vec![5]).token_type_ids(vec![]), "token_type_ids"),
        (TokenInput::new(vec![5]).attention_mask(vec![1, 1]), "attention_mask"),
        (TokenInput::new(vec![5]).attention_mask(vec![0]), "every token"),
    ];
    for (input, says) in bad {
        let error = encoder.encode_tokens(&[input]).unwrap_err();
        assert!(matches!(error, EncoderError::Encode { .. }) && error.to_string().contains(says), "{error}");
        assert!(error.is_user_error());
    }
    assert!(matches!(encoder.encode_query(" \n"), Err(EncoderError::EmptyQuery)));
}

/// The formula of `token_scores`, one number at a time.
fn naive_token_scores(reference: &ReferenceBert, query: &[u32], texts: &[Vec<u32>]) -> Vec<f64> {
    let mut all: Vec<u32> = texts.iter().flatten().chain(query).copied().collect();
    all.sort_unstable();
    all.dedup();
    let dimension = reference.token_embedding(0).len();
    let mean: Vec<f64> = (0..dimension)
        .map(|d| all.iter().map(|&id| reference.token_embedding(id)[d]).sum::<f64>() / all.len() as f64)
        .collect();
    let centred = |id: u32| -> Vec<f64> {
        let row: Vec<f64> = reference.token_embedding(id).iter().zip(&mean).map(|(x, mean)| x - mean).collect();
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter().map(|x| x / norm).collect()
    };
    let cosine = |a: u32, b: u32| centred(a).iter().zip(centred(b)).map(|(a, b)| a * b).sum::<f64>();
    let score = |text: &Vec<u32>| {
        let best = |token: u32| text.iter().map(|&other| cosine(token, other)).fold(0.0, f64::max);
        query.iter().map(|&token| f64::from(token + 1).ln() * best(token)).sum()
    };
    texts.iter().map(score).collect()
}

#[test]
fn token_scores_are_those_of_the_formula() {
    let place = Place::new();
    let reference = ReferenceBert::load(&place.model());
    let mut random = Random(11);
    let texts: Vec<String> = (0..6).map(|_| text::sentence(&mut random)).chain([String::new()]).collect();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    for options in [f32(), int8()] {
        let encoder = load(&place.model(), options);
        let special = encoder.tokenise(TextKind::Plain, "").unwrap().ids;
        let tokens = |text: &str| -> Vec<u32> {
            let ids = encoder.tokenise(TextKind::Plain, text).unwrap().ids;
            ids.into_iter().filter(|id| !special.contains(id)).collect()
        };
        let all: Vec<Vec<u32>> = borrowed.iter().map(|text| tokens(text)).collect();
        for query in ["a dog and a cat", borrowed[2], ""] {
            let scores = encoder.token_scores(query, &borrowed).unwrap().unwrap();
            let expected = naive_token_scores(&reference, &tokens(query), &all);
            for (score, expected) in scores.iter().zip(&expected) {
                assert!((f64::from(*score) - expected).abs() < 1e-3 * expected.abs().max(1.0), "{score} {expected}");
            }
            // A text that has all tokens of the query is the best; one without tokens has nothing.
            let best = scores.iter().copied().fold(0.0, f32::max);
            assert!(query != borrowed[2] || scores[2] == best && best > 0.0, "{scores:?}");
            assert_eq!(scores.last(), Some(&0.0));
        }
    }
    // Ids below and beyond the query's limit: what follows is ignored.
    let encoder = load(&place.model(), f32());
    let long = "dog ".repeat(5000);
    assert!(encoder.token_scores(&long, &["a dog"]).unwrap().unwrap()[0].is_finite());
}
