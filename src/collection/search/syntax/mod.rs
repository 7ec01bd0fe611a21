//! The query syntax: phrases in quotes, parts to leave out, short filters.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`QuerySyntax`]: what a query asks for |
//! | `scan.rs` | finds the parts of a query, and keeps the rest as text |
//! | `quotes.rs` | which quotation marks open and close a phrase |
//! | `field.rs` | `path:`, `ext:`, `lang:` and their values as filters |
//! | `path.rs` | the filter for a part of a path |
//! | `tests.rs` | what is syntax and what is text |

mod field;
mod path;
mod quotes;
mod scan;

#[cfg(test)]
mod tests;

use crate::filter::Filter;

/// A query in the syntax of `nigh search`, taken apart. A search reads a query as plain text, unless it is given with
/// [`SearchBuilder::syntax`](super::SearchBuilder::syntax).
///
/// | part | meaning |
/// |---|---|
/// | `"disk full"` | only documents with exactly this text; also `“…”`, `„…“`, `「…」`, `『…』` |
/// | `-draft`, `-"first draft"` | no document with this word or text |
/// | `path:notes/`, `path:*.md` | only paths that contain this text, or that the glob matches |
/// | `ext:md`, `ext:md,txt` | only files with one of these extensions |
/// | `lang:zh`, `language:zh` | only documents in this language |
///
/// The last three are negated by a `-` before them. Each part begins the query or follows white space; a phrase may also
/// stand directly between Chinese characters. What cannot be syntax stays text.
///
/// ```
/// use nigh::QuerySyntax;
///
/// let syntax = QuerySyntax::parse("why is the \"disk full\" -draft ext:md");
/// assert_eq!(syntax.text, "why is the disk full");
/// assert_eq!((&*syntax.phrases, &*syntax.excluded), (&["disk full".to_owned()][..], &["draft".to_owned()][..]));
/// assert_eq!(syntax.filter.map(|filter| filter.to_string()).as_deref(), Some("extension = md"));
/// assert!(QuerySyntax::parse("RTX-4090 at 12:30 - 5\" or -5 °C?").is_plain());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct QuerySyntax {
    /// The question: the query without its syntax, but with the words of [`QuerySyntax::phrases`]. Empty if nothing else is left.
    pub text: String,
    /// Texts that a document must contain, all of them. Case, width and the kind of Chinese characters make no difference,
    /// nor does the amount of white space. A word must be whole.
    pub phrases: Vec<String>,
    /// Texts that a document must not contain, none of them.
    pub excluded: Vec<String>,
    /// The conditions on path, extension and language.
    pub filter: Option<Filter>,
    /// The parts of the query that became [`QuerySyntax::filter`], as they were written.
    pub filter_parts: Vec<String>,
}

impl QuerySyntax {
    /// The most parts of a query that are read as syntax. Further ones are text.
    pub const MAX_PARTS: usize = 32;

    /// Takes a query apart. Every text is a query: what cannot be syntax is text.
    pub fn parse(query: &str) -> Self {
        scan::parse(query)
    }

    /// True if nothing in the query was syntax: [`QuerySyntax::text`] is then the whole query, unchanged.
    pub fn is_plain(&self) -> bool {
        self.phrases.is_empty() && self.excluded.is_empty() && self.filter.is_none()
    }
}
