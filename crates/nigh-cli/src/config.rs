//! A collection's config.toml: reads it, reports mistakes with their line, writes the template.

use std::path::{Path, PathBuf};

use nigh::{Collection, FolderOptions, VectorSpace};
use serde::Deserialize;
use toml::Spanned;

use crate::output::Failure;

/// The file within a collection's directory.
pub const FILE: &str = "config.toml";

/// The template for a new collection: every setting with its default.
pub const TEMPLATE: &str = include_str!("config.toml");
/// The model in the template, to be replaced by the collection's.
const DEFAULT_MODEL: &str = "multilingual-e5-small";

/// The settings in the file; a missing one has the default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    pub model: Option<PathBuf>,
    pub space: Option<VectorSpace>,
    pub passage_tokens: Option<usize>,
    pub overlap_tokens: Option<usize>,
    pub include: Option<Spanned<Vec<String>>>,
    pub exclude: Option<Spanned<Vec<String>>>,
    pub hidden: Option<bool>,
    pub follow_links: Option<bool>,
    pub max_file_size: Option<Size>,
    pub extract_seconds: Option<f64>,
    pub extract_memory: Option<Size>,
    pub watch_delay_ms: Option<u64>,
}

/// A number of bytes, or a text like "32M".
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Size {
    Bytes(u64),
    Text(String),
}

/// Writes the file with every setting commented out, if there is none. Errors are ignored: it is only a template.
pub fn write_template(collection: &Path, model: Option<&str>) {
    if matches!(Collection::read_beside(collection, FILE), Ok(None)) {
        let text = match model {
            // The name of a hostile model must not become a setting.
            Some(model) if model.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) => {
                TEMPLATE.replace(DEFAULT_MODEL, model)
            }
            _ => TEMPLATE.to_owned(),
        };
        let _ = Collection::write_beside(collection, FILE, &text);
    }
}

/// Describes the mistake in a collection's file; `None` if there is none.
pub fn problem(collection: &Path) -> Option<String> {
    read(collection).err().map(|failure| failure.to_string())
}

/// Checks that globs are valid.
pub fn check(globs: &[String]) -> Result<(), String> {
    match FolderOptions::new().exclude(globs).check() {
        Err(nigh::Error::InvalidGlob { problem, .. }) => Err(problem),
        Err(other) => Err(other.to_string()),
        Ok(()) => Ok(()),
    }
}

/// Reads the file of a collection.
pub fn read(collection: &Path) -> Result<ConfigFile, Failure> {
    let path = collection.join(FILE);
    let Some(text) = Collection::read_beside(collection, FILE)? else { return Ok(ConfigFile::default()) };
    let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let config: ConfigFile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line_of(span.start));
        let at = line.map_or(String::new(), |line| format!("line {line}: "));
        let written = line.and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
        let problem = value_advice(written, error.message()).unwrap_or_else(|| error.message().to_owned());
        wrong(&path, &format!("{at}{problem}"))
    })?;
    for (name, globs) in [("include", &config.include), ("exclude", &config.exclude)] {
        if let Some(globs) = globs {
            check(globs.get_ref())
                .map_err(|problem| wrong(&path, &format!("line {}: {name}: {problem}", line_of(globs.span().start))))?;
        }
    }
    Ok(config)
}

/// Describes the value that this line needs, if its type is wrong.
fn value_advice(line: &str, message: &str) -> Option<String> {
    let is_type_error = ["invalid type", "invalid value", "data did not match", "wanted string"]
        .iter()
        .any(|kind| message.starts_with(kind));
    let name = line.split_once('=')?.0.trim();
    let wanted = match name {
        "include" | "exclude" => "write a list, [\"*.md\"]",
        "hidden" | "follow_links" => "write true or false",
        "max_file_size" | "extract_memory" => "write a size, \"32M\"",
        "extract_seconds" => "write a number of seconds, 30.0",
        "watch_delay_ms" => "write a whole number of milliseconds, 0 or more",
        "passage_tokens" | "overlap_tokens" => "write a whole number of tokens, 0 or more",
        "model" => "write a name or a directory in quotes",
        "space" => "write \"original\" or \"language-neutral\"",
        _ => return None,
    };
    is_type_error.then(|| format!("{name}: {wanted}"))
}

/// Returns the error for a mistake in the file.
pub fn wrong(path: &Path, problem: &str) -> Failure {
    Failure::message(format!("{}: {problem}; correct it, or delete the line for the default", path.display()))
}
