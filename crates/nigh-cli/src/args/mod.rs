//! The command line as typed. Nothing here reads files or directories.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Arguments`]: the commands, and the options of every command |
//! | `index.rs` | `index`, `watch`, `status`, `trust`, and which files they read |
//! | `search.rs` | `search`, `similar`, and how results are shown |
//! | `eval.rs` | `eval` |
//! | `bench.rs` | `bench` |
//! | `vectors.rs` | `encode`, `model`, `export`, `import` |
//! | `value.rs` | numbers, sizes and names, checked |
//! | `documented.rs` | (tests) the pages name only commands and options that exist |

mod bench;
#[cfg(test)]
mod documented;
mod eval;
mod index;
mod search;
mod value;
mod vectors;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use nigh::{BackendKind, Precision, SimdLevel};

pub use bench::BenchArgs;
pub use eval::{EvalArgs, Pooling};
pub use index::{FileArgs, IndexArgs, MigrateArgs, StatusArgs, TrustArgs, WatchArgs, WorkerArgs};
pub use search::{SearchArgs, ShowArgs, SimilarArgs};
pub use value::size;
pub use vectors::{EncodeArgs, ExportArgs, ImportArgs, ModelCommand};

const STYLES: Styles =
    Styles::styled().header(AnsiColor::Green.on_default().bold()).usage(AnsiColor::Green.on_default().bold());

/// Search your documents by meaning, in Chinese and in English, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "nigh", version, styles = STYLES, max_term_width = 110, after_help = "\
Start:       nigh index ~/notes  &&  cd ~/notes  &&  nigh search \"what did we decide about backups\"
Exit codes:  0 found or done, 1 nothing found (`nigh status --stale`: something to index), 2 error,
             130 stopped by Ctrl-C (`nigh watch`: 0)")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// The collection: its directory, or the folder that contains .nigh [default: the nearest .nigh, from the current folder upwards]
    #[arg(long, global = true, value_name = "PATH", env = "NIGH_COLLECTION", hide_env_values = true)]
    pub collection: Option<PathBuf>,
    /// The data directory, where models are installed [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "NIGH_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
    /// A directory with more models, searched first
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "NIGH_MODELS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub models: Option<PathBuf>,
    /// Use the settings, folders and model that the collection names, even if it was not made here (see `nigh trust`)
    #[arg(long, global = true, hide_short_help = true)]
    pub trust: bool,
    /// Print JSON for programs instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Never use the network
    #[arg(long, global = true)]
    pub offline: bool,
    /// The model hub, or a mirror of it
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "HF_ENDPOINT",
        hide_env_values = true,
        hide_short_help = true,
        default_value = nigh::DEFAULT_ENDPOINT
    )]
    pub endpoint: String,
    /// Print only results and errors: no progress, notes or summary
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, hide_short_help = true)]
    pub color: When,
    /// Threads of the encoder, up to 256 [default: the cores that this process may use]
    #[arg(long, global = true, value_name = "N", value_parser = value::threads, hide_short_help = true)]
    pub threads: Option<usize>,
    /// What runs the model [default: native if the model has safetensors, else ort]
    #[arg(long, global = true, value_name = "BACKEND", value_parser = value::named::<BackendKind>(BACKENDS), hide_short_help = true)]
    pub backend: Option<BackendKind>,
    /// Arithmetic of the model [default: int8 with the native backend, the file's own with ort]
    #[arg(long, global = true, value_name = "PRECISION", value_parser = value::named::<Precision>(PRECISIONS), hide_short_help = true)]
    pub precision: Option<Precision>,
    /// Space of the vectors, for a new collection, `nigh migrate`, `nigh encode` and `nigh eval` [default: that of the collection; in a new one the one that suits the model]
    #[arg(long, global = true, value_enum, hide_short_help = true)]
    pub space: Option<Space>,
    /// Use this instruction set, for comparisons [default: the best one of the CPU]
    #[arg(long, global = true, value_name = "SIMD", value_parser = value::named::<SimdLevel>(SIMD_LEVELS), hide_short_help = true)]
    pub simd: Option<SimdLevel>,
    /// ONNX Runtime's shared library, for the ort backend [default: the one that `nigh model pull --runtime` installs]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ORT_DYLIB_PATH",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub runtime_library: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

const BACKENDS: &[(&str, &str)] = &[("native", "nigh's own BERT"), ("ort", "ONNX Runtime")];
const PRECISIONS: &[(&str, &str)] = &[
    ("f32", "32-bit floating point: the reference"),
    ("int8", "8-bit integers: with VNNI two to three times as fast"),
];
const SIMD_LEVELS: &[(&str, &str)] =
    &[("portable", ""), ("avx2", ""), ("avx-vnni", ""), ("avx512", ""), ("avx512-vnni", ""), ("amx", "")];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Space {
    /// As the model's authors define them
    Original,
    /// Without the part that tells the language, so that a question finds answers in every language
    LanguageNeutral,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Index folders, or update their index: only changed files are read
    Index(IndexArgs),
    /// Search by meaning and by words
    Search(SearchArgs),
    /// Find documents that are like a file
    Similar(SimilarArgs),
    /// Watch the folders and index changes as they happen
    Watch(WatchArgs),
    /// Show what the collection holds and which settings apply
    Status(StatusArgs),
    /// Check the collection for damage
    ///
    /// Reads every stored byte of both copies of the documents, and names what is damaged. Changes nothing.
    Verify,
    /// Repair a damaged collection
    ///
    /// A collection has two copies of its documents: the records, and the published files that searches read. This command makes
    /// the published files again from the records. If the records are damaged, it first restores them from the published files, and
    /// keeps the damaged ones as records.damaged-N. Nothing is encoded again.
    Rebuild,
    /// Bring the collection to this version's format, or its vectors to another space
    ///
    /// Converts the collection in place. Without --passages, nothing is encoded again. Older versions of nigh cannot read it afterwards.
    /// With --space language-neutral, also moves the vectors from the original space to that one: then a question finds answers in
    /// every language. There is no way back without encoding the documents again.
    /// With --passages, also cuts the documents into passages by the rule of new collections: reads the files again, and encodes
    /// passages that differ.
    Migrate(MigrateArgs),
    /// Trust a collection that was not made here: use the settings, folders and model that it names
    Trust(TrustArgs),
    /// Turn lines of text from stdin into vectors
    Encode(EncodeArgs),
    /// Measure how fast nigh is on this machine, next to known machines
    Bench(BenchArgs),
    /// Measure search quality, on sets with known answers or on your own documents
    Eval(EvalArgs),
    /// List, show, download and import models
    #[command(subcommand)]
    Model(ModelCommand),
    /// Write documents as JSON lines
    ///
    /// docs/json.md describes the lines.
    Export(ExportArgs),
    /// Read documents from JSON lines into a collection
    ///
    /// Makes the collection if there is none. docs/json.md describes the lines.
    Import(ImportArgs),
    /// Reads files for another nigh; not for people.
    #[command(hide = true)]
    ExtractWorker(WorkerArgs),
    /// Print completions for a shell
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_valid_for_clap() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn arguments_list_all_names() {
        fn names<T>(listed: &[(&'static str, &str)], all: &[T], name: impl Fn(&T) -> &'static str) {
            let listed: Vec<&str> = listed.iter().map(|(name, _)| *name).collect();
            assert_eq!(listed, all.iter().map(name).collect::<Vec<_>>());
        }
        names(BACKENDS, &BackendKind::ALL, |backend| backend.name());
        names(PRECISIONS, &Precision::ALL, |precision| precision.name());
        names(SIMD_LEVELS, &SimdLevel::ALL, |level| level.name());
        names(search::MODES, &nigh::Mode::ALL, |mode| mode.name());
    }
}
