//! Filters: which documents a search may find, asked of their metadata and of what is known of their files.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `expression.rs` | [`Filter`], its steps, and the builder | `name`, `glob`, `value` |
//! | `token.rs` | an expression's text to tokens, full-width punctuation too | `problem` |
//! | `parse.rs` | tokens to a filter; what to write for the operators of other languages | the above |
//! | `display.rs` | a filter to the text that parses to it | `expression`, `token` |
//! | `problem.rs` | what is wrong where, and the line of carets | `error` |
//! | `close.rs` | "did you mean" | nothing |
//! | `name.rs` | built-in names and metadata names | `close` |
//! | `glob.rs` | globs, compiled | `name` |
//! | `value.rs` | literals and how values compare with them | `name`, `time` |
//! | `time.rs` | dates | nothing |
//! | `fields.rs` | [`Fields`]: the values of a document that filters are asked of | `document`, `name`, `value` |
//! | `spelling.rs` | one spelling of what Unicode writes in several ways | nothing |
//! | `evaluate.rs` | whether a document matches | the above |
//! | `language.rs` | which language a text is in | nothing |
//! | `tests/` | against a naive evaluator; texts; carets; languages | all |
//!
//! # Expressions
//!
//! ```text
//! filter     = all { ("or" | "||" | "|") all }
//! all        = one { ("and" | "&&" | "&") one }
//! one        = ("not" | "!") one | "(" filter ")" | "exists" "(" name ")" | name test
//! test       = ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=") value
//!            | ["not"] "in" "(" [value { "," value }] ")"
//!            | ["not"] ("prefix" | "^=") value | ["not"] "glob" value | ["not"] "exists"
//! name       = word | `anything but a backtick`
//! value      = word | "text" | 'text'
//! word       = letters of any script, digits, _ - . / : * @ +
//! ```
//!
//! `and` binds closer than `or`. Keywords in any case; they are no words: quote a value, or set a name in backticks, that is
//! one. In quotes and backticks a backslash takes the next character as it is, but `\n` and `\t`. Full-width `（），＝＂“”＜＞！` stand
//! for `(),=""<>!` outside of quotes. At most [`Filter::MAX_BYTES`] of text and [`Filter::MAX_DEPTH`] parentheses
//! and negations in one another.
//!
//! # Meaning
//!
//! | name | its value |
//! |---|---|
//! | `path` | the document's id |
//! | `extension` | what follows the last dot of the id's last part, lower case; missing in `Makefile` and `.profile` |
//! | `language`, `lang` | the language of the text, ISO 639-1, lower case |
//! | `modified` | when the file was modified; missing where there is no file |
//! | `size` | the file's bytes, or the text's where there is no file |
//! | any other | the document's metadata of that name; a title is metadata too |
//!
//! Values within objects have dotted names, `author.name`; a dot within a name is not told from it. A metadata name that
//! is also built in is reached as `metadata.size`. An array is the values of its elements: a test holds when it holds for any.
//! An object is no value itself. null, `[]` and `{}` are missing.
//!
//! - Of a text in the metadata its first 60,000 bytes count. A name of more than 30,000 bytes is missing.
//! - A test of a missing value does not hold. `!=`, `not in`, `not prefix`, `not glob` hold exactly where `=`, `in`, `prefix`,
//!   `glob` do not: also where the value is missing. So `tag != x` asks for documents with no tag `x`.
//! - Text equals text where both are the same in NFC, so `é` is found however it is encoded; `extension` and `language` take their literal in any case, and `extension` with its dot.
//!   `<` on text goes by code points.
//! - A bare `2024`, `2.5` or `true` (any case) stands for the number or truth, and for the text as it is written. A quoted
//!   literal is text alone. The builder's numbers and truths stand for the same as bare ones.
//! - Two integers compare exactly. Where one side has a fraction both compare as f64. Integers beyond i64 are f64.
//! - Truths have no order. Values of different kinds are never equal and have no order.
//! - `prefix` and `glob` hold for text alone. In a glob `*` and `?` do not cross `/`, `**` does, `[a-z]` and `{a,b}` are alternatives,
//!   a backslash takes the next character as it is. Of `path`, as in `.gitignore`, a glob without a slash is a name at any depth, of the
//!   file or a folder above it: `*.md`, `notes`; `notes/` means what is in such a folder, `/*.md` files at the top alone.
//! - `size` takes bytes, or KB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB (1024s).
//! - `modified` takes 2024, 2024-05, 2024-05-01, 2024-05-01T10:00 with `:00` and `.0` as wanted, then `Z` or `+08:00`; without it is UTC. All
//!   of them are the whole of what is written: `= 2024-05` is any time in May, `> 2024-05` begins with June, `>= 2024-05` with May.
//!   `7d-ago` is that long before the filter was parsed: min, h, d, w. `modified > 7d-ago` is what changed in the last week.

mod close;
mod display;
mod evaluate;
mod expression;
mod fields;
mod glob;
mod language;
mod name;
mod parse;
mod problem;
mod spelling;
mod time;
mod token;
mod value;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use close::closest;
pub(crate) use display::written;
#[cfg(feature = "lexical")]
pub(crate) use expression::Step;
pub use expression::{Filter, FilterField};
pub(crate) use expression::{Leaf, Test};
pub use fields::{FieldValue, Fields};
#[cfg(feature = "lexical")]
pub(crate) use fields::{column_key, path_of_key};
pub use language::language;
pub(crate) use name::Field;
pub(crate) use spelling::composed;
#[doc(hidden)]
pub use spelling::{is_same_name, spellings};
pub use value::Value;
pub(crate) use value::ValueRef;
#[cfg(feature = "lexical")]
pub(crate) use value::{Literal, Order, Reading};
