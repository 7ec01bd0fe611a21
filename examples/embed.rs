//! Search in an application: open a collection, add documents, search.
//!
//!     cargo run --example embed [DIRECTORY]
//!
//! Run it twice: the second time nothing is encoded again, because no text has changed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows its result")]

use std::process::ExitCode;

use nigh::{CollectionOptions, Document, ModelStore, Result};

/// Name, language and text of each document.
const NOTES: [(&str, &str, &str); 8] = [
    ("tea", "zh", "绿茶用八十度左右的水冲泡，水太烫会发苦。乌龙和普洱可以用沸水。"),
    ("bike", "zh", "自行车链条每骑两百公里上一次油，上油前先用抹布擦掉旧油和泥沙。"),
    ("sleep", "zh", "睡前一小时放下手机，屏幕的蓝光会推迟困意，让人更难入睡。"),
    ("passport", "zh", "办理护照需要身份证和一张白底照片，十个工作日左右可以领取。"),
    ("sourdough", "en", "Feed a sourdough starter once a day with equal weights of flour and water."),
    ("cactus", "en", "A cactus dies of too much water far more often than of too little: wait until the soil is dry."),
    ("backup", "en", "Keep three copies of your photos, on two kinds of media, and one of them away from home."),
    ("knee", "en", "Runners whose knees hurt should shorten their stride and add rest days before buying new shoes."),
];

/// The last two questions are in English; the documents that answer them are in Chinese.
const QUESTIONS: [&str; 4] =
    ["链条多久上一次油？", "my knees ache after a run", "how hot should the water be for tea?", "can't fall asleep"];

fn main() -> ExitCode {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/examples/embed.nigh");
    match run(&std::env::args().nth(1).unwrap_or_else(|| default.to_owned())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("embed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(directory: &str) -> Result<()> {
    // `Collection::open(directory)` does the same with the user's own models.
    let notes = options().open(directory)?;

    let mut writer = notes.writer()?;
    writer.upsert_all(NOTES.map(|(id, lang, text)| Document::new(id, text).with("lang", lang))).run()?;
    let committed = writer.commit()?; // makes the documents durable and visible to searches
    println!("{directory}: {} documents written, {} in the collection", committed.stored, notes.status()?.documents);

    for question in QUESTIONS {
        println!("\n{question}");
        for hit in notes.search(question).limit(2).run()? {
            let lang = hit.document.metadata["lang"].as_str().unwrap_or_default();
            println!("  {:.2}  {} {lang}  {}", hit.relevance, hit.document.id, hit.passage.text);
        }
    }
    Ok(())
}

/// Returns the default options. Uses the models of the program `nigh`: in the directory NIGH_DATA, if that is set.
fn options() -> CollectionOptions {
    let options = CollectionOptions::new();
    std::env::var_os("NIGH_DATA").map_or(options.clone(), |data| options.model_store(ModelStore::at(data)))
}
