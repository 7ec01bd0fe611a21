//! The commands about folders, and which files they take.

use std::path::PathBuf;

use clap::Args;

use super::value::size;

#[derive(Debug, Default, Args)]
pub struct IndexArgs {
    /// Folders or files [default: the folders that were indexed before; in a new collection the current folder]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The model of a new collection: a name (see `nigh model list`), or a Hugging Face BERT directory
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// In a new collection: longest passage in tokens [default: 192, or one longer paragraph]
    #[arg(long, value_name = "N")]
    pub passage_tokens: Option<usize>,
    /// In a new collection: tokens that neighbouring passages share where a paragraph is split [default: an eighth of a passage]
    #[arg(long, value_name = "N")]
    pub overlap_tokens: Option<usize>,
    /// Read every file again, even if its size and time have not changed; only changed passages are encoded
    #[arg(long)]
    pub reread: bool,
    /// Remove the documents of a folder that is missing or empty; without this they stay, since its disk may not be mounted
    #[arg(long)]
    pub allow_empty: bool,
    /// Run with a lower CPU priority, so that other programs stay fast
    #[arg(long)]
    pub nice: bool,
    #[command(flatten)]
    pub files: FileArgs,
    /// Name every file that was not read, and show how fast texts were encoded
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub struct MigrateArgs {
    /// Cut the documents into passages by the rule of new collections: reads the files again, and encodes passages that differ
    #[arg(long)]
    pub passages: bool,
    /// With --passages: longest passage in tokens [default: 192, or one longer paragraph]
    #[arg(long, value_name = "N", requires = "passages")]
    pub passage_tokens: Option<usize>,
    /// With --passages: tokens that neighbouring passages share where a paragraph is split [default: an eighth of a passage]
    #[arg(long, value_name = "N", requires = "passages")]
    pub overlap_tokens: Option<usize>,
}

/// Which files are read. Missing options come from the collection's config.toml.
#[derive(Debug, Clone, Default, Args)]
pub struct FileArgs {
    /// In this run, only index files that match this glob, in the syntax of .gitignore; documents of other files are kept. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// In this run, do not index files that match this glob, in the syntax of .gitignore; documents already indexed from them are kept. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Index hidden files and folders too [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub hidden: Option<bool>,
    /// Follow symbolic links [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub follow_links: Option<bool>,
    /// Largest file to index: bytes, or a number with K, M or G [default: 32M]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_file_size: Option<u64>,
    /// From `--delay-ms` or the settings: how long `nigh watch` waits for files to stop changing.
    #[arg(skip)]
    pub watch_delay_ms: Option<u64>,
}

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Folders [default: those that were indexed before]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub files: FileArgs,
    /// How long to wait for files to stop changing, in milliseconds [default: 500]
    #[arg(long, value_name = "N")]
    pub delay_ms: Option<u64>,
    /// Run with a lower CPU priority, so that other programs stay fast [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub nice: Option<bool>,
    /// Report every run, even if nothing changed
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Show what `nigh index` would do, without doing it; the exit code is 1 if there is something to index
    #[arg(long)]
    pub stale: bool,
    /// Show the fields that --where can test, and their values
    #[arg(long, conflicts_with = "stale")]
    pub fields: bool,
    /// With --stale: the folders to look at [default: those that were indexed before]
    #[arg(value_name = "PATH", requires = "stale")]
    pub paths: Vec<PathBuf>,
    /// Show technical details; with --stale, name every file
    #[arg(long, short)]
    pub verbose: bool,
    #[command(flatten, next_help_heading = "With --stale: which files")]
    pub files: FileArgs,
}

#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The collection's directory, or the folder that contains .nigh [default: --collection, else the nearest .nigh, from the current folder upwards]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Stop trusting it
    #[arg(long)]
    pub remove: bool,
}

/// The limits of the process that reads risky formats.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Address space, in bytes.
    pub memory: u64,
    /// Time for one file, in seconds.
    pub seconds: f64,
}
