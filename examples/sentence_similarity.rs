//! The encoder alone: encode texts, queries, pairs and token ids.
//!
//!     cargo run --example sentence_similarity [MODEL]      a model's name, or the path of its directory

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows its result")]

use std::path::PathBuf;
use std::process::ExitCode;

use nigh::{DEFAULT_MODEL, DEFAULT_MODEL_Q4, Encoder, ModelStore, Result, TextKind, TokenInput};

const SENTENCES: [(&str, &str); 5] = [
    ("A man is playing a guitar on the stage.", "Someone performs music for an audience."),
    ("A man is playing a guitar on the stage.", "一名男子在台上弹吉他。"),
    ("今天下了一整天的雨。", "外面一直在下雨。"),
    ("今天下了一整天的雨。", "The bank raised its interest rates."),
    ("The bank raised its interest rates.", "They had a picnic on the bank of the river."),
];

fn main() -> ExitCode {
    match run(std::env::args().nth(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sentence_similarity: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(model: Option<String>) -> Result<()> {
    let encoder = Encoder::load(find(model)?)?;
    println!("{}: {} numbers a vector", encoder.model().name(), encoder.dimension());

    println!("\nencode: texts as they are, many at once");
    let (left, right): (Vec<&str>, Vec<&str>) = SENTENCES.into_iter().unzip();
    let (lefts, rights) = (encoder.encode(&left)?, encoder.encode(&right)?);
    for ((a, b), (left, right)) in lefts.iter().zip(rights.iter()).zip(SENTENCES) {
        println!("  {:.3}  {left} | {right}", cosine(a, b));
    }

    println!(
        "\nencode_query and encode_as: questions and passages, each with the prefix that the model was trained with"
    );
    let question = encoder.encode_query("who invented the telephone?")?;
    let texts = ["Alexander Graham Bell patented the telephone in 1876.", "手机的电池一般能用三年。"];
    for (passage, text) in encoder.encode_as(TextKind::Passage, &texts)?.iter().zip(texts) {
        println!("  {:.3}  {text}", cosine(&question, passage));
    }

    println!("\nencode_pairs: two texts as one sequence, one vector for both (what a classifier of pairs starts from)");
    let pairs = encoder.encode_pairs(&[("Is it raining?", "Take an umbrella."), ("下雨了吗？", "带把伞吧。")])?;
    println!("  {} vectors of {}", pairs.len(), pairs.dimension());

    println!("\nencode_tokens: ids from a tokenizer of your own; segment ids and attention mask may be left out");
    let ids = encoder.tokenise(TextKind::Plain, left[0])?.ids;
    println!("  {} tokens: {ids:?}", ids.len());
    let same = encoder.encode_tokens(&[TokenInput::new(ids)])?;
    println!("  the same vector as encode gave: {}", same.get(0) == lefts.get(0));
    Ok(())
}

/// Most models return vectors of length 1; dividing by the lengths is correct for all.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Finds the given model, else the default one, else its 4-bit copy. Uses the models of the program `nigh`.
fn find(model: Option<String>) -> Result<PathBuf> {
    let models = std::env::var_os("NIGH_DATA").map_or_else(ModelStore::user, |data| Ok(ModelStore::at(data)))?;
    let found = match model {
        Some(model) => models.find(model),
        None => models.find(DEFAULT_MODEL).or_else(|error| models.find(DEFAULT_MODEL_Q4).map_err(|_| error)),
    };
    Ok(found?)
}
