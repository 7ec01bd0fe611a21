//! Search an FAQ: find the entry that asks the same, give its answer, and say so when there is none.
//!
//!     cargo run --example faq [QUESTION]...
//!
//! Only the questions of examples/faq.jsonl are encoded. The answers ride along as metadata.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows its result")]

use std::error::Error;
use std::process::ExitCode;

use nigh::{Collection, CollectionOptions, Document, ModelStore};
use serde::Deserialize;

/// The lowest score that counts as an answer.
///
/// Scores of E5 models lie close together, so a threshold has to be measured. With multilingual-e5-small-q4 and this FAQ,
/// 28 questions about other things (the weather, cooking, history …) scored 0.74 to 0.87, 25 of them below 0.86; of 21
/// paraphrases that found their entry, 17 scored above it (0.81 to 0.94). Measure again for your model and your texts.
const ENOUGH: f32 = 0.86;

/// Two of them have nothing to do with a bookshop.
const QUESTIONS: [&str; 6] = [
    "运费怎么算，买多少包邮？",
    "手机号换了，登录不上账号",
    "can I read the e-books on a Kindle?",
    "I want to stop my order before it is sent",
    "今天北京的天气怎么样？",
    "who won the world cup in 2018?",
];

/// A line of faq.jsonl.
#[derive(Deserialize)]
struct Entry {
    question: String,
    answer: String,
}

fn main() -> ExitCode {
    let mut questions: Vec<String> = std::env::args().skip(1).collect();
    if questions.is_empty() {
        questions = QUESTIONS.map(str::to_owned).to_vec();
    }
    match run(&questions) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faq: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(questions: &[String]) -> Result<(), Box<dyn Error>> {
    let faq = options().open(concat!(env!("CARGO_MANIFEST_DIR"), "/target/examples/faq.nigh"))?;
    fill(&faq)?;
    for question in questions {
        println!("\n{question}");
        let best = faq.search(question).limit(1).run()?.into_iter().next();
        match best {
            Some(hit) if hit.score >= ENOUGH => {
                println!("  {:.3}  {}", hit.score, hit.passage.text);
                println!("         {}", hit.document.metadata["answer"].as_str().unwrap_or_default());
            }
            Some(hit) => println!("  no answer (the closest question scores {:.3})", hit.score),
            None => println!("  no answer (the FAQ is empty)"),
        }
    }
    Ok(())
}

/// Writes every entry under its line number. Entries that have not changed since the last run are not encoded again.
fn fill(faq: &Collection) -> Result<(), Box<dyn Error>> {
    let lines = include_str!("faq.jsonl").lines();
    let entries = lines.map(serde_json::from_str).collect::<Result<Vec<Entry>, _>>()?;
    let document = |(number, Entry { question, answer })| {
        Document::new(format!("{}", number + 1), question).with("answer", answer)
    };
    let mut writer = faq.writer()?;
    writer.upsert_all(entries.into_iter().enumerate().map(document))?;
    writer.commit()?;
    Ok(())
}

/// The defaults. Models are looked for where the program `nigh` does: below NIGH_DATA, if that is set.
fn options() -> CollectionOptions {
    let options = CollectionOptions::new();
    std::env::var_os("NIGH_DATA").map_or(options.clone(), |data| options.models(ModelStore::at(data)))
}
