//! Search an FAQ: find the entry with the same question and print its answer, or report that there is none.
//!
//!     cargo run --example faq [QUESTION]...
//!     cargo run --example faq -- --measure
//!
//! Only the questions of examples/faq.jsonl are encoded. The answers are stored as metadata.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows its result")]

use std::error::Error;
use std::process::ExitCode;

use nigh::{Collection, CollectionOptions, Document, ModelStore};
use serde::Deserialize;

/// The least relevance of an answer.
///
/// [`nigh::Hit::relevance`] is comparable between questions; a score is not. The right threshold depends on the texts, so measure
/// it: `cargo run --example faq -- --measure` searches the questions of faq-questions.jsonl. Results with
/// multilingual-e5-small-q4: all 23 questions that found their entry are at 0.05 or above; all 30 questions about other subjects
/// are below; of 25 questions that found a similar entry, 12 are below. Measure again for your model and your texts.
const MIN_RELEVANCE: f32 = 0.05;

/// The first questions are about a bookshop; two have nothing to do with it.
const QUESTIONS: [&str; 6] = [
    "运费怎么算，买多少包邮？",
    "手机号换了，登录不上账号",
    "can I read the e-books on a Kindle?",
    "I want to stop my order before it is sent",
    "今天北京的天气怎么样？",
    "who won the world cup in 2018?",
];

/// A line of faq-questions.jsonl: a question, and the line of the entry that answers it; `None` for an unrelated question.
#[derive(Deserialize)]
struct TestQuestion {
    question: String,
    entry: Option<usize>,
}

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
    if questions == ["--measure"] {
        return measure(&faq);
    }
    for question in questions {
        println!("\n{question}");
        let best = faq.search(question).limit(1).run()?.into_iter().next();
        match best {
            Some(hit) if hit.relevance >= MIN_RELEVANCE => {
                println!("  {:.2}  {}", hit.relevance, hit.passage.text);
                println!("        {}", hit.document.metadata["answer"].as_str().unwrap_or_default());
            }
            Some(hit) => println!("  no answer (the closest question: {:.2}  {})", hit.relevance, hit.passage.text),
            None => println!("  no answer (the FAQ is empty)"),
        }
    }
    Ok(())
}

/// Prints for several thresholds how many questions get the right entry, a wrong one, or an answer although there is no entry.
fn measure(faq: &Collection) -> Result<(), Box<dyn Error>> {
    let lines = include_str!("faq-questions.jsonl").lines();
    let questions = lines.map(serde_json::from_str).collect::<Result<Vec<TestQuestion>, _>>()?;
    let (mut right, mut wrong, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for TestQuestion { question, entry } in &questions {
        let Some(best) = faq.search(question).limit(1).run()?.into_iter().next() else { continue };
        let found = best.document.id.as_str().parse().ok();
        match entry {
            None => without.push(best.relevance),
            Some(_) if found == *entry => right.push(best.relevance),
            Some(_) => wrong.push(best.relevance),
        }
    }
    println!("limit  right entry  wrong entry  answered without an entry");
    for limit in [0.0, 0.02, 0.05, 0.1, 0.2, 0.3] {
        let [right, wrong, without] =
            [&right, &wrong, &without].map(|all| all.iter().filter(|&&relevance| relevance >= limit).count());
        println!("{limit:<5}  {right:<11}  {wrong:<11}  {without}");
    }
    Ok(())
}

/// Stores every entry under its line number. Entries that have not changed since the last run are not encoded again.
fn fill(faq: &Collection) -> Result<(), Box<dyn Error>> {
    let lines = include_str!("faq.jsonl").lines();
    let entries = lines.map(serde_json::from_str).collect::<Result<Vec<Entry>, _>>()?;
    let document = |(number, Entry { question, answer })| {
        Document::new(format!("{}", number + 1), question).with("answer", answer)
    };
    let mut writer = faq.writer()?;
    writer.upsert_all(entries.into_iter().enumerate().map(document)).run()?;
    writer.commit()?;
    Ok(())
}

/// Returns the default options. Uses the models of the program `nigh`: in the directory NIGH_DATA, if that is set.
fn options() -> CollectionOptions {
    let options = CollectionOptions::new();
    std::env::var_os("NIGH_DATA").map_or(options.clone(), |data| options.model_store(ModelStore::at(data)))
}
