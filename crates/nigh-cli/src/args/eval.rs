//! `nigh eval`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use nigh::{Mode, Precision};

use super::PRECISIONS;
use super::search::MODES;
use super::value::{at_least_one, named};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("chance").args(["own", "irrelevant"]).multiple(true)))]
#[command(after_help = "\
A set is one of two things:
- a BEIR directory (corpus.jsonl, queries.jsonl, qrels/test.tsv): nDCG@10, recall@100 and MRR@10 of an exact search;
- a TSV file with the header score, sentence1, sentence2: Spearman's correlation of the cosine with the score. Both
  sentences get the model's query prefix (\"query: \" for e5).
Several settings or several sets make a table.")]
pub struct EvalArgs {
    /// Sets: BEIR directories and TSV files of sentence pairs
    #[arg(value_name = "DIR|TSV", required_unless_present_any = ["own", "questions"], conflicts_with = "own")]
    pub sets: Vec<PathBuf>,
    /// Search the documents of this BEIR directory instead of each set's own
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Use the questions and judgements of this BEIR directory instead of each set's own
    #[arg(long, value_name = "DIR")]
    pub queries: Option<PathBuf>,
    /// The judgements: which documents answer which question [default: qrels/test.tsv of the directory with the questions]
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// Keep only the beginning of each document, up to the model's limit, as published benchmark results do [default: cut longer documents into passages; the best one counts]
    #[arg(long)]
    pub truncate: bool,
    /// How to search; several with commas [default: hybrid; with --own every mode]
    #[arg(long, value_name = "MODE", value_parser = named::<Mode>(MODES), value_delimiter = ',')]
    pub mode: Vec<Mode>,
    /// Models, with commas [default: the default model; with --own the collection's]
    #[arg(long, value_name = "NAME|DIR,…", value_delimiter = ',')]
    pub model: Vec<PathBuf>,
    /// Arithmetic of the model; several with commas [default: int8 with the native backend, the file's own with ort]
    #[arg(long, value_name = "PRECISION", value_parser = named::<Precision>(PRECISIONS), value_delimiter = ',')]
    pub precision: Vec<Precision>,
    /// How the states of all tokens become one vector; several with commas [default: the model's]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub pooling: Vec<Pooling>,
    /// Measure on your own collection: headings and sentences of its documents are used as questions. The collection is only read
    #[arg(long, conflicts_with_all = ["corpus", "queries", "qrels", "truncate"])]
    pub own: bool,
    /// Measure on your own collection with your own questions, a file of JSON lines: {"question": "…", "files": ["a.md"]}; also "answer", "kind", "lang", "id". The collection is only read
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "sets", "own", "corpus", "queries", "qrels", "truncate", "model", "precision", "pooling", "sample", "irrelevant",
    ])]
    pub questions: Option<PathBuf>,
    /// With --questions: also list the questions whose answer was not found, not shown, or found though there is none
    #[arg(long, short, requires = "questions")]
    pub verbose: bool,
    /// With --questions: most passages of one file that can show the answer, as in `nigh search`
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = at_least_one, requires = "questions")]
    pub per_file: usize,
    /// With --own: number of documents that questions are taken from
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = at_least_one, conflicts_with = "sets")]
    pub sample: usize,
    /// Also measure how well relevance separates answers from other results, with questions that the sets do not answer: BEIR directories, with commas
    #[arg(long, value_name = "DIR,…", value_delimiter = ',', conflicts_with = "own")]
    pub irrelevant: Vec<PathBuf>,
    /// With --irrelevant: numbers of documents, with commas; measures in a random part of the corpus for each [default: 20,60,300,1000]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = at_least_one, requires = "irrelevant")]
    pub sizes: Vec<usize>,
    /// With --own or --irrelevant: seed of the random choice of documents and questions
    #[arg(long, value_name = "N", default_value_t = 1, requires = "chance")]
    pub seed: u64,
}

/// How the states of all tokens become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pooling {
    /// The mean of all tokens
    Mean,
    /// The state of the first token
    Cls,
    /// The largest value of each dimension
    Max,
    /// The sum divided by the square root of the number of tokens
    MeanSqrtLen,
}
