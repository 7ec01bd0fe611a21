//! `bench`.

use std::path::PathBuf;

use clap::Args;

use super::value::seconds;

#[derive(Debug, Args)]
#[command(after_help = "\
Encodes built-in texts and searches random vectors, and prints the medians next to stored figures of known machines.
--threads, --precision, --simd and --backend apply, to compare them. Close other programs first: they make nigh slower.")]
pub struct BenchArgs {
    /// The model [default: the default model]
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// About how long to measure, in seconds; loading and a slow CPU take longer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub seconds: f64,
}
