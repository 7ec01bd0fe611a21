//! The command line as typed. Nothing here looks at the world.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const STYLES: Styles =
    Styles::styled().header(AnsiColor::Green.on_default().bold()).usage(AnsiColor::Green.on_default().bold());

/// Ask your documents in plain words, in Chinese and in English: everything runs in this process.
#[derive(Debug, Parser)]
#[command(name = "nigh", version, styles = STYLES, max_term_width = 110, after_help = "\
Exit codes: 0 found, 1 nothing found, 2 error, 130 stopped by Ctrl-C (`nigh watch`: 0).
Start with:  nigh index ~/notes  &&  cd ~/notes  &&  nigh search \"what did we decide about backups\"")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The collection's directory, or the folder that holds its .nigh. Default: the nearest .nigh, from here upwards.
    #[arg(long, global = true, value_name = "PATH", env = "NIGH_COLLECTION", hide_env_values = true)]
    pub collection: Option<PathBuf>,
    /// Where models are kept. Default: the user's data directory.
    #[arg(long, global = true, value_name = "DIR", env = "NIGH_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
    /// A directory with models by name, looked into before any other source.
    #[arg(long, global = true, value_name = "DIR", env = "NIGH_MODELS", hide_env_values = true)]
    pub models: Option<PathBuf>,
    /// Obey what is written in the collection, for this run: its settings, the folders it names, where its model is. See `nigh trust`.
    #[arg(long, global = true)]
    pub trust: bool,
    /// Output for programs: one JSON object (or JSON lines) instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Never use the network.
    #[arg(long, global = true)]
    pub offline: bool,
    /// The model hub, for mirrors.
    #[arg(long, global = true, value_name = "URL", env = "HF_ENDPOINT", hide_env_values = true, default_value = nigh::DEFAULT_ENDPOINT)]
    pub endpoint: String,
    /// Print results and errors only: no progress, no notes, no summary.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// Threads of the encoder, up to 256. Default: the cores this process may use.
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
    /// What runs the model. Default: native where it has safetensors, else ort.
    #[arg(long, global = true, value_enum)]
    pub backend: Option<Backend>,
    /// Arithmetic. Default: int8 for the native backend, what the file holds for ort.
    #[arg(long, global = true, value_enum)]
    pub precision: Option<Precision>,
    /// Forces an instruction set, for comparisons. Default: the CPU's best.
    #[arg(long, global = true, value_enum)]
    pub simd: Option<Simd>,
    /// ONNX Runtime's shared library, for the ort backend. Default: the one that `nigh model pull --runtime` installs.
    #[arg(long, global = true, value_name = "FILE", env = "ORT_DYLIB_PATH", hide_env_values = true)]
    pub runtime_library: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// nigh's own BERT.
    Native,
    /// ONNX Runtime.
    Ort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Simd {
    Portable,
    Avx2,
    AvxVnni,
    Avx512,
    Avx512Vnni,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// By meaning and by words.
    Hybrid,
    /// By meaning: the cosine of query and passage vectors.
    Dense,
    /// By words: BM25.
    Lexical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// 32-bit floating point: the reference.
    F32,
    /// 8-bit integers: two to three times as fast.
    Int8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Index or refresh folders: only what changed is read and encoded.
    Index(Index),
    /// Ask in plain words.
    Search(Search),
    /// What is like this file.
    Similar(Similar),
    /// Keep the collection in step with its folders while files change.
    Watch(Watch),
    /// What the collection holds, and the settings in force.
    Status(Status),
    /// Check every row of the collection's records, and every byte of what is published of them.
    Verify,
    /// Make what is published again from the records; or the records from what is published, where they are lost.
    Rebuild,
    /// Bring the collection's records to this version's format.
    Migrate,
    /// Trust a collection that was not made here: its settings, the folders it names, where its model is.
    Trust(Trust),
    /// Text lines on stdin to vectors.
    Encode(Encode),
    /// Measure models and modes: on sets with known answers, or on your own documents.
    Eval(Eval),
    /// List, show, fetch and import models.
    #[command(subcommand)]
    Model(Model),
    /// Documents as JSON lines.
    Export(Export),
    /// Documents from JSON lines.
    Import(Import),
    /// Reads files for another nigh; not for people.
    #[command(hide = true)]
    ExtractWorker(ExtractWorker),
    /// Completions for a shell, on stdout.
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub struct Index {
    /// Folders or files. Default: the folders that were indexed; in a new collection the current directory.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The model of a new collection: a name (see `nigh model list`) or the path of a Hugging Face BERT directory.
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// The longest passage in tokens, for a new collection. Default: the model's window.
    #[arg(long, value_name = "N")]
    pub passage_tokens: Option<usize>,
    /// How many tokens passages share where a paragraph is cut, for a new collection. Default: an eighth of a passage.
    #[arg(long, value_name = "N")]
    pub overlap_tokens: Option<usize>,
    /// Read every file again, whatever its size and times say; only what changed is encoded.
    #[arg(long)]
    pub reread: bool,
    /// Remove all documents of a folder that is not there, or is there and has no files at all, as where a disk is not mounted.
    #[arg(long)]
    pub allow_empty: bool,
    #[command(flatten)]
    pub files: Files,
    /// Name every skipped file, not only the first ones.
    #[arg(long, short)]
    pub verbose: bool,
}

/// Which files are taken. What is not said here is taken from the collection's config.toml.
#[derive(Debug, Clone, Default, Args)]
pub struct Files {
    /// Take only files that match, in the syntax of .gitignore; may be given several times. In this run: documents of other files
    /// stay as they are.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out what matches, in the syntax of .gitignore; may be given several times. In this run: documents of these files
    /// stay as they are.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Index hidden files and folders, too. Default: no.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub hidden: Option<bool>,
    /// Follow symbolic links. Default: no.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub follow_links: Option<bool>,
    /// The largest file to take: bytes, or with K, M, G. Default: 32M.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_file_size: Option<u64>,
    /// How long `nigh watch` waits for files to stop changing, in milliseconds. Default: 500.
    #[arg(skip)]
    pub watch_delay_ms: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Watch {
    /// Folders. Default: those that were indexed.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub files: Files,
    /// How long to wait for files to stop changing, in milliseconds. Default: 500.
    #[arg(long, value_name = "N")]
    pub delay_ms: Option<u64>,
    /// Say what every run did, also where nothing changed.
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct Status {
    /// Say what `nigh index` would find to do, without doing it. The exit code is 1 where there is something.
    #[arg(long)]
    pub stale: bool,
    /// Say what --where can ask of the documents here: the names of fields and their values.
    #[arg(long, conflicts_with = "stale")]
    pub fields: bool,
    /// The folders to look at, with --stale. Default: those that were indexed.
    #[arg(value_name = "PATH", requires = "stale")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub files: Files,
    /// Name every file, not only the first ones.
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct Trust {
    /// The collection's directory, or the folder that holds its .nigh. Default: the nearest .nigh, from here upwards.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Trust it no longer.
    #[arg(long)]
    pub remove: bool,
}

#[derive(Debug, Args)]
pub struct ExtractWorker {
    /// The most address space, in bytes.
    pub memory: u64,
    /// What a file may take, in seconds.
    pub seconds: f64,
}

#[derive(Debug, Args)]
pub struct Search {
    /// The question; several words are taken as one.
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    #[command(flatten)]
    pub show: Show,
}

#[derive(Debug, Args)]
pub struct Similar {
    /// A file, in the collection or not.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub show: Show,
}

/// How many hits, and how they are shown.
#[derive(Debug, Args)]
pub struct Show {
    /// The most documents to show.
    #[arg(short = 'k', long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub limit: usize,
    /// What is compared.
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    pub mode: Mode,
    /// Search only documents that match: for example 'lang = zh and (path glob "docs/**" or size < 10KB)'; `nigh status --fields` names what can be asked.
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Option<String>,
    /// Leave out what is less relevant, 0 to 1. Scores of one mode or model are not those of another; relevance is.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_relevance: Option<f32>,
    /// Leave out what scores less, in the mode's own scores (dense: cosine, -1 to 1).
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = score)]
    pub min_score: Option<f32>,
    /// Compare with every passage, whatever it costs. Default: large segments are searched by their graphs.
    #[arg(long)]
    pub exact: bool,
    /// The share of the best passages that graphs are to find on average, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = nigh::SearchBuilder::DEFAULT_RECALL, value_parser = share)]
    pub recall: f32,
    /// Say how each hit came by its place, and how the search went about it.
    #[arg(long)]
    pub explain: bool,
    /// Mark the sentence that answers best: some milliseconds a hit. Default: on a terminal.
    #[arg(long, overrides_with = "no_highlight", conflicts_with_all = ["files_only", "null"])]
    pub highlight: bool,
    /// Do not look for the sentence that answers best.
    #[arg(long)]
    pub no_highlight: bool,
    /// Only the paths, one a line. What is hidden in a path is spelt out, as in \n; --null gives it as it is.
    #[arg(long, short = 'l', conflicts_with_all = ["json", "explain", "context"])]
    pub files_only: bool,
    /// Only the paths, as they are, with a NUL after each: for xargs -0.
    #[arg(long, short = '0', conflicts_with_all = ["json", "explain", "context"])]
    pub null: bool,
    /// Show the whole passage and this many lines around it. Default: the part of the passage that fits best.
    #[arg(long, short = 'C', value_name = "N")]
    pub context: Option<usize>,
}

#[derive(Debug, Args)]
pub struct Encode {
    /// The model. Default: the collection's, where there is one here, else the default model.
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// The lines are questions: put the model's query prefix in front.
    #[arg(long, conflicts_with = "passage")]
    pub query: bool,
    /// The lines are passages: put the model's passage prefix in front. Default: no prefix.
    #[arg(long)]
    pub passage: bool,
    /// Write the vectors to this NumPy file, [lines, dimension] f32, instead of JSON lines to stdout.
    #[arg(long, value_name = "FILE")]
    pub npy: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("chance").args(["own", "irrelevant"]).multiple(true)))]
#[command(after_help = "\
A set is a BEIR directory (corpus.jsonl, queries.jsonl, qrels/test.tsv): nDCG@10, recall@100 and MRR@10 of an exact \
search; or a TSV file with the header score, sentence1, sentence2: Spearman's rank correlation of the cosine with the \
score, both sentences with the model's query prefix (\"query: \" for e5). Several settings, or several sets, make a table.")]
pub struct Eval {
    /// Sets: BEIR directories and TSV files of sentence pairs.
    #[arg(value_name = "DIR|TSV", required_unless_present = "own", conflicts_with = "own")]
    pub sets: Vec<PathBuf>,
    /// Search the corpus of this BEIR directory instead of each set's own.
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Ask the questions of this BEIR directory, with its judgements, instead of each set's own.
    #[arg(long, value_name = "DIR")]
    pub queries: Option<PathBuf>,
    /// The judgements. Default: qrels/test.tsv of the directory that the questions come from.
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// Keep only what fits the model's window of each document, as published figures do. Default: longer documents are cut
    /// into passages, and count by their best one.
    #[arg(long)]
    pub truncate: bool,
    /// What is compared; several with commas. Default: as `nigh search`; with --own every mode.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub mode: Vec<Mode>,
    /// Models, with commas. Default: the default model; with --own the collection's.
    #[arg(long, value_name = "NAME|DIR,…", value_delimiter = ',')]
    pub model: Vec<PathBuf>,
    /// Arithmetic; several with commas. Default: the backend's.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub precision: Vec<Precision>,
    /// How token states become one vector; several with commas. Default: as the model says.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub pooling: Vec<Pooling>,
    /// Measure on the collection here: headings and sentences are taken out of its documents, and asked for. The
    /// collection itself is only read.
    #[arg(long, conflicts_with_all = ["corpus", "queries", "qrels", "truncate"])]
    pub own: bool,
    /// How many documents questions are made from, with --own.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = at_least_one, conflicts_with = "sets")]
    pub sample: usize,
    /// Measure relevance, too: questions of these BEIR directories, with commas, have no answer in the sets, and half of the
    /// documents that answer a set's own questions are left out.
    #[arg(long, value_name = "DIR,…", value_delimiter = ',', conflicts_with = "own")]
    pub irrelevant: Vec<PathBuf>,
    /// Measure relevance in parts of so many documents as well, with commas. Default: 20,60,300,1000.
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = at_least_one, requires = "irrelevant")]
    pub sizes: Vec<usize>,
    /// Which documents and questions chance picks, with --own or --irrelevant.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "chance")]
    pub seed: u64,
}

/// How token states become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pooling {
    /// The mean of all tokens.
    Mean,
    /// The first token's state.
    Cls,
    /// The largest value of each dimension.
    Max,
    /// The sum divided by the root of the number of tokens.
    MeanSqrtLen,
}

#[derive(Debug, Subcommand)]
pub enum Model {
    /// The models known by name, and which are here.
    List,
    /// What a model says of itself.
    Show {
        #[arg(value_name = "NAME|DIR")]
        model: PathBuf,
    },
    /// Fetch a model (the default one where none is named), or ONNX Runtime.
    Pull {
        /// Its name.
        name: Option<String>,
        /// ONNX Runtime's shared library, for the ort backend.
        #[arg(long, conflicts_with = "name")]
        runtime: bool,
    },
    /// Copy a Hugging Face directory, or convert an e5-small-q4.bin, into the user's models.
    Import {
        /// The directory or file.
        path: PathBuf,
        /// Its name here. Default: its directory's name.
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Export {
    /// Where to. Default: stdout.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// With passages and their vectors.
    #[arg(long)]
    pub vectors: bool,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Where from; "-" is stdin. Default: stdin.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The model of a new collection.
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// Makes a new collection for brought vectors of this many numbers.
    #[arg(long, value_name = "N", conflicts_with = "model")]
    pub dimension: Option<usize>,
}

/// A share, from 0 to 1.
fn share(text: &str) -> Result<f32, String> {
    let share: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("it must be from 0 to 1".to_owned()) }
}

/// A score: any number but those that nothing compares with.
fn score(text: &str) -> Result<f32, String> {
    text.parse().ok().filter(|score: &f32| score.is_finite()).ok_or_else(|| "a finite number is wanted".to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    const MOST: usize = nigh::EncoderOptions::MAX_THREADS;
    text.parse()
        .ok()
        .filter(|n| (1..=MOST).contains(n))
        .ok_or_else(|| format!("a whole number from 1 to {MOST} is wanted"))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "a whole number from 1 on is wanted".to_owned())
}

/// Bytes: a number, or one with K, M, G.
pub fn size(text: &str) -> Result<u64, String> {
    let upper = text.to_ascii_uppercase();
    let digits = upper.trim_end_matches('B').trim_end_matches('I');
    let (digits, shift) = match digits.as_bytes().last() {
        Some(b'K') => (&digits[..digits.len() - 1], 10),
        Some(b'M') => (&digits[..digits.len() - 1], 20),
        Some(b'G') => (&digits[..digits.len() - 1], 30),
        _ => (digits, 0),
    };
    let number: Option<u64> = digits.trim().parse().ok();
    number.and_then(|n| n.checked_mul(1 << shift)).ok_or_else(|| "a size like 500000, 32M or 1G is wanted".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(size("32M"), Ok(32 << 20));
        assert_eq!(size("1 GiB"), Ok(1 << 30));
        assert_eq!(size("500"), Ok(500));
        assert_eq!(size("10kb"), Ok(10 << 10));
        assert!(size("").is_err() && size("-1").is_err() && size("99999999999G").is_err());
    }
}
