//! The commands that search, and how results are shown.

use std::path::PathBuf;

use clap::Args;
use nigh::Mode;

use super::value::{at_least_one, named, score, share};

/// The modes of search, with their help.
pub(super) const MODES: &[(&str, &str)] =
    &[("hybrid", "By meaning and by words"), ("dense", "By meaning: cosine of vectors"), ("lexical", "By words: BM25")];

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The question; several words make one question. In it, "a phrase" must be in the document, -word and -"a phrase" must not;
    /// path:notes/, path:*.md, ext:md, lang:zh and their negations with - are filters. Quote the whole for the shell
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Take the whole question as text: quotes, -word, path:, ext: and lang: have no meaning
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    pub show: ShowArgs,
}

#[derive(Debug, Args)]
pub struct SimilarArgs {
    /// A file, in the collection or not
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub show: ShowArgs,
}

/// How many results, which, and how they are shown.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Number of results
    #[arg(short = 'k', long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub limit: usize,
    /// How to search
    #[arg(long, value_name = "MODE", value_parser = named::<Mode>(MODES), default_value_t = Mode::Hybrid)]
    pub mode: Mode,
    /// Search only documents that match, for example 'lang = zh and (path glob "docs/**" or size < 10KB)'; `nigh status --fields` lists the fields
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Option<String>,
    /// Leave out results that are less relevant than this: 0 to 1, comparable between questions and models
    #[arg(long, value_name = "RELEVANCE", value_parser = share)]
    pub min_relevance: Option<f32>,
    /// Leave out results with a lower score, on the mode's own scale (dense: cosine, -1 to 1)
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = score)]
    pub min_score: Option<f32>,
    /// Compare with every passage: slower in large collections [default: large collections use an approximate index, a graph]
    #[arg(long, hide_short_help = true)]
    pub exact: bool,
    /// Share of the best passages that the approximate index must find on average, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = nigh::SearchBuilder::DEFAULT_RECALL, value_parser = share, hide_short_help = true)]
    pub recall: f32,
    /// Explain each result's score, and how the search ran
    #[arg(long)]
    pub explain: bool,
    /// Most passages to show of one file: further ones only if they answer about as well as the best [default: 3; if only one file is found, the best ones up to --limit]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub per_file: Option<usize>,
    /// Mark the sentence that answers best [default: on a terminal]
    #[arg(long, overrides_with = "no_highlight", conflicts_with_all = ["files_only", "null"])]
    pub highlight: bool,
    /// Do not mark the sentence that answers best
    #[arg(long)]
    pub no_highlight: bool,
    /// Print only paths, one on each line; control characters are escaped, for example a line break as \n
    #[arg(long, short = 'l', conflicts_with_all = ["json", "explain", "context"])]
    pub files_only: bool,
    /// Print only paths, as -l, but unchanged and with a NUL after each, for `xargs -0`
    #[arg(long, short = '0', conflicts_with_all = ["json", "explain", "context"])]
    pub null: bool,
    /// Show the whole passage and N lines around it [default: the part of the passage that fits best]
    #[arg(long, short = 'C', value_name = "N")]
    pub context: Option<usize>,
}
