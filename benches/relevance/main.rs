//! Fits the weights of relevance: `cargo xtask fit-relevance [--model DIR] [--sizes 20,60,300] SET…`.
//!
//! Each SET is a BEIR directory: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`. At least two sets are needed: the queries of the
//! other sets are the irrelevant ones.
//!
//! An observation is the first hit of a query in a part of a set. The parts have the requested sizes, and one has all documents. The
//! observation is relevant if the judgements say so, and irrelevant if the query is from another set. Wrong first hits, and queries
//! whose documents the part lacks, are ignored. Relevant and irrelevant observations have the same total weight. Prints one JSON object
//! for each kind of search: the fitted weights, the mean log loss with them, and the mean log loss with the current weights.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | sets, parts, observations |
//! | `logistic.rs` | logistic regression by Newton's method |

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its result is what it prints")]

mod logistic;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use nigh::internals::search::RelevanceFeatures;
use nigh::{Collection, CollectionOptions, Document, Hits, Mode};
use serde_json::{Value, json};

use logistic::Observation;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "cargo xtask fit-relevance [--model NAME|DIR] [--sizes 20,60,300] SET SET...";
/// The most queries of a kind for one part.
const MAX_QUERIES: usize = 200;

fn main() -> ExitCode {
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--bench");
    if flags.is_empty() || words.is_empty() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fit-relevance: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A BEIR directory.
struct Set {
    /// The id and the text.
    documents: Vec<(String, String)>,
    /// The text, and the ids of its relevant documents.
    queries: Vec<(String, HashSet<String>)>,
}

fn run(words: &[String]) -> Result<(), Failure> {
    let (mut model, mut sizes, mut sets) = (None, vec![20, 60, 300], Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--model" => model = words.next().cloned(),
            "--sizes" => sizes = words.next().ok_or(USAGE)?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            set => sets.push(read(Path::new(set)).map_err(|error| format!("{set}: {error}"))?),
        }
    }
    if sets.len() < 2 {
        return Err(USAGE.into());
    }
    let mut observations: BTreeMap<&str, Vec<Observation>> = BTreeMap::new();
    for (number, set) in sets.iter().enumerate() {
        let others = sets.iter().enumerate().filter(|(other, _)| *other != number);
        let mut foreign: Vec<&str> = Vec::new();
        for (_, other) in others {
            let queries = shuffled(other.queries.len()).into_iter().take(MAX_QUERIES.div_ceil(sets.len() - 1));
            foreign.extend(queries.map(|query| other.queries[query].0.as_str()));
        }
        let mut ends: Vec<usize> = sizes.iter().copied().filter(|&size| size < set.documents.len()).collect();
        ends.push(set.documents.len());
        for end in ends {
            observe(set, &shuffled(set.documents.len())[..end], &foreign, model.as_deref(), &mut observations)?;
        }
    }
    for (kind, observations) in &observations {
        println!("{}", fit_kind(kind, observations));
    }
    Ok(())
}

/// Adds the first hits of one part of a set, in every mode.
fn observe(
    set: &Set,
    part: &[usize],
    foreign: &[&str],
    model: Option<&str>,
    into: &mut BTreeMap<&str, Vec<Observation>>,
) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let options = CollectionOptions::new();
    let options = model.into_iter().fold(options, |options, model| options.model(model));
    let collection = options.open(folder.path().join("part.nigh"))?;
    let documents = part.iter().map(|&at| {
        let (id, text) = &set.documents[at];
        Document::new(id.as_str(), text.as_str())
    });
    let mut writer = collection.writer()?;
    writer.upsert_all(documents).run()?;
    writer.commit()?;
    let ids_of_part: HashSet<&str> = part.iter().map(|&at| set.documents[at].0.as_str()).collect();
    let answered = shuffled(set.queries.len()).into_iter().map(|query| &set.queries[query]);
    let answered = answered.filter(|(_, relevant)| relevant.iter().any(|id| ids_of_part.contains(id.as_str())));
    let answered: Vec<_> = answered.take(MAX_QUERIES).collect();
    for mode in [Mode::Hybrid, Mode::Dense, Mode::Lexical] {
        for (query, relevant) in &answered {
            let hits = first_hit(&collection, query, mode)?;
            let is_relevant = |hit: &&nigh::Hit| relevant.contains(hit.document.id.as_str());
            hits.first().filter(is_relevant).into_iter().for_each(|hit| add(hit.relevance_features(), true, into));
        }
        for query in foreign {
            let hits = first_hit(&collection, query, mode)?;
            hits.first().into_iter().for_each(|hit| add(hit.relevance_features(), false, into));
        }
    }
    Ok(())
}

fn first_hit(collection: &Collection, query: &str, mode: Mode) -> Result<Hits, Failure> {
    Ok(collection.search(query).mode(mode).limit(1).run()?)
}

fn add(features: RelevanceFeatures, relevant: bool, into: &mut BTreeMap<&str, Vec<Observation>>) {
    let (kind, values) = match features {
        RelevanceFeatures::Hybrid { sum, ln_passages } => ("hybrid", vec![sum, ln_passages]),
        RelevanceFeatures::Dense { z_score } => ("dense", vec![z_score]),
        RelevanceFeatures::Lexical { coverage, bm25 } => ("lexical", vec![coverage, bm25]),
        _ => return,
    };
    let values = values.into_iter().map(f64::from).chain([1.0]).collect();
    into.entry(kind).or_default().push(Observation { values, relevant, today: f64::from(features.relevance()) });
}

fn fit_kind(kind: &str, observations: &[Observation]) -> Value {
    let names: &[&str] = match kind {
        "hybrid" => &["sum", "ln_passages", "bias"],
        "dense" => &["z_score", "bias"],
        _ => &["coverage", "bm25", "bias"],
    };
    let weights = logistic::fit(observations);
    let weights_by_name: serde_json::Map<String, Value> =
        names.iter().zip(&weights).map(|(name, weight)| ((*name).to_owned(), json!(weight))).collect();
    let relevant = observations.iter().filter(|one| one.relevant).count();
    json!({
        "kind": kind, "relevant": relevant, "irrelevant": observations.len() - relevant, "weights": weights_by_name,
        "loss": logistic::loss(observations, |one| logistic::probability(&weights, one)),
        "loss_today": logistic::loss(observations, |one| one.today),
    })
}

/// Returns the numbers below `len` in a reproducible random order.
fn shuffled(len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by_key(|&i| {
        (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0x94d0_49bb_1331_11eb)
    });
    order
}

fn read(directory: &Path) -> Result<Set, Failure> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let documents = lines(&directory.join("corpus.jsonl"))?;
    let title_and_text =
        |document: &Value| format!("{} {}", text(document, "title"), text(document, "text")).trim().to_owned();
    let documents = documents.iter().map(|document| (text(document, "_id"), title_and_text(document))).collect();
    let mut relevant: HashMap<String, HashSet<String>> = HashMap::new();
    for line in std::fs::read_to_string(directory.join("qrels/test.tsv"))?.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if let [query, document, score] = cells[..]
            && score.trim().parse::<f64>()? > 0.0
        {
            relevant.entry(query.to_owned()).or_default().insert(document.to_owned());
        }
    }
    let queries = lines(&directory.join("queries.jsonl"))?;
    let judged = queries.iter().filter_map(|query| Some((text(query, "text"), relevant.remove(&text(query, "_id"))?)));
    Ok(Set { documents, queries: judged.filter(|(text, _)| !text.trim().is_empty()).collect() })
}

fn lines(path: &PathBuf) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
