//! Front matter: the fields at the top of a Markdown file, in YAML between `---` lines or in TOML between `+++` lines.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | finds the lines; decides whether they are text |
//! | `yaml.rs` | YAML as fields |
//! | `toml.rs` | TOML as fields |
//! | `fields.rs` | tags and aliases as lists, dates as filters read them |
//! | `tests.rs` | hostile input, and what is not read |
//!
//! What is not read stays text, so nothing is lost: anchors, references and types of YAML, a name that occurs twice, deep nesting,
//! many values, and everything that is invalid.

mod fields;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use std::ops::Range;

pub(crate) use fields::{iso_date, tags};
use serde_json::{Map, Value};

use crate::types::Metadata;

/// Front matter with more than this many bytes is treated as text.
const MAX_BYTES: usize = 64 << 10;
/// The deepest nesting of lists and mappings, and the most values of all kinds. What exceeds them is text.
const MAX_DEPTH: usize = 6;
const MAX_VALUES: usize = 2000;

/// The language of front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Yaml,
    Toml,
}

/// Front matter that was found but not read.
struct Found {
    language: Language,
    /// From the first line to the end of the last, with both marks.
    bytes: Range<usize>,
    /// Without the marks.
    body: Range<usize>,
}

/// Finds front matter at the very start of a text. Its first line with text must be `key: …`, in TOML `key = …` or `[name]`.
fn find(text: &str) -> Option<Found> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    let language = match first.trim_end() {
        "---" => Language::Yaml,
        "+++" => Language::Toml,
        _ => return None,
    };
    let (mut end, mut keyed) = (first.len(), false);
    for line in lines {
        let start = end;
        end += line.len();
        if end > MAX_BYTES {
            return None;
        }
        let line = line.trim_end();
        match (language, line) {
            (Language::Yaml, "---" | "...") | (Language::Toml, "+++") => {
                return keyed.then_some(Found { language, bytes: 0..end, body: first.len()..start });
            }
            _ if keyed || line.is_empty() => {}
            (Language::Yaml, _) => {
                let key = line.split_once(':')?.0;
                keyed = !key.is_empty() && !key.contains(char::is_whitespace);
                if !keyed {
                    return None;
                }
            }
            (Language::Toml, _) if line.starts_with('#') => {}
            (Language::Toml, _) => {
                keyed = line.starts_with('[') || line.split_once('=').is_some_and(|(key, _)| !key.trim().is_empty());
                if !keyed {
                    return None;
                }
            }
        }
    }
    None
}

/// Returns the byte range of front matter, with the lines of its marks, even if its fields cannot be read.
pub fn front_matter(text: &str) -> Option<Range<usize>> {
    find(text).map(|found| found.bytes)
}

/// Returns the fields of front matter as they are written, and the end of the front matter. `None` if there is none that can be read.
fn read(text: &str) -> Option<(Map<String, Value>, usize)> {
    let found = find(text)?;
    let body = text.get(found.body)?;
    // A rule with a blank line below it, as converted pages have.
    if body.lines().next().is_none_or(|line| line.trim().is_empty()) {
        return None;
    }
    let fields = match found.language {
        Language::Yaml => yaml::read(body),
        Language::Toml => toml::read(body),
    }?;
    fields.values().any(|value| !value.is_null()).then_some((fields, found.bytes.end))
}

/// Returns the metadata in the front matter of a Markdown text: `tags` and `aliases` as lists of texts, dates as filters read them,
/// everything else as it is written. Empty if there is no front matter that can be read.
pub fn front_matter_fields(text: &str) -> Metadata {
    read(text).map_or_else(Metadata::new, |(fields, _)| fields::normalise(fields))
}

/// Returns the end of the front matter that is not text of the document, because it was read as fields and text follows it; 0 if
/// there is none. If only headings follow, the front matter is the best text that there is, and stays.
pub fn hidden_front_matter(text: &str) -> usize {
    let is_text = |line: &str| !line.trim_start().starts_with('#') && line.contains(char::is_alphanumeric);
    match read(text) {
        Some((_, end)) if text.get(end..).is_some_and(|body| body.lines().any(is_text)) => end,
        _ => 0,
    }
}

/// Counts values, so that their number is limited.
#[derive(Debug, Default)]
struct Budget(usize);

impl Budget {
    /// Counts one more value at a depth; `None` if that is too many, or too deep.
    fn take(&mut self, depth: usize) -> Option<()> {
        self.0 += 1;
        (self.0 <= MAX_VALUES && depth <= MAX_DEPTH).then_some(())
    }
}

/// Adds a field; `None` if there is one of this name.
fn insert(fields: &mut Map<String, Value>, key: String, value: Value) -> Option<()> {
    fields.insert(key, value).is_none().then_some(())
}
