//! Filters: which documents a search may find, asked of their metadata and of what is known of their files.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `expression.rs` | [`Filter`] and its steps | `name`, `glob`, `literal` |
//! | `builder.rs` | the builder | `expression`, `glob`, `literal` |
//! | `token.rs` | an expression's text to tokens, full-width punctuation too | `problem` |
//! | `parse.rs` | tokens to a filter | the above |
//! | `advice.rs` | what to write for the operators of other languages | `parse`, `close`, `display` |
//! | `paths.rs` | filters whose paths are written for another place | `expression`, `builder` |
//! | `display.rs` | a filter to the text that parses to it | `expression`, `token` |
//! | `problem.rs` | what is wrong where, and the line of carets | `error` |
//! | `close.rs` | "did you mean" | nothing |
//! | `name.rs` | built-in names and metadata names | `close` |
//! | `glob/` | globs: their syntax, compiled | `name` |
//! | `value.rs` | values of the builder and of documents | nothing |
//! | `literal.rs` | literals and how values compare with them | `name`, `reading`, `time` |
//! | `reading.rs` | how texts of documents read as numbers and dates | `number`, `date` |
//! | `number.rs` | numbers in the notations of people | `value` |
//! | `date.rs` | dates in the notations of people | `time` |
//! | `size.rs` | sizes of files | `number` |
//! | `time.rs` | dates as expressions write them, the calendar | nothing |
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
//!   `<` goes by code points where the literal is no number and no date.
//! - A bare `2024`, `2.5` or `true` (any case) stands for the number or truth, and for the text as it is written. So does a bare
//!   date for the date: all that `modified` takes, and what is a date in a text. After `=`, `!=` and `in` a quoted literal is text
//!   alone, but for a whole date with its day, which is that date, too. After `<`, `<=`, `>` and `>=` quotes make no difference. The
//!   builder's numbers and truths stand for the same as bare ones.
//! - A text of the metadata is read as a number where the literal is one, and as a date where the literal is one: `price > 1000`
//!   finds `1.234,50` and `$1,200.50`, `date > 7d-ago` a mail's `2024-03-04T10:00:00+01:00`, `date = 2023-01-28` also `28.01.2023`. A text that
//!   cannot be read so, or reads two ways (`03/04/2024`, `1,234`), does not match; what is read, and what `=` compares as text
//!   beside, is told below.
//! - Two integers compare exactly. Where one side has a fraction both compare as f64. Integers beyond i64 are f64.
//! - Truths have no order. Values of different kinds are never equal and have no order.
//! - `prefix` and `glob` hold for text alone. In a glob `?` is one character and `*` any; they do not cross `/`, `**` does, `[a-z]` and `{a,b}` are alternatives,
//!   a backslash takes the next character as it is. Of `path`, as in `.gitignore`, a glob without a slash is a name at any depth, of the
//!   file or a folder above it: `*.md`, `notes`; `notes/` means what is in such a folder, `/*.md` files at the top alone.
//! - `size` takes bytes, or KB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB (1024s).
//! - `modified` takes 2024, 2024-05, 2024-05-01, 2024-05-01T10:00 with `:00` and `.0` as wanted, then `Z` or `+08:00`; without it is UTC. All
//!   of them are the whole of what is written: `= 2024-05` is any time in May, `> 2024-05` begins with June, `>= 2024-05` with May.
//!   `7d-ago` is that long before the filter was parsed: min, h, d, w. `modified > 7d-ago` is what changed in the last week.
//!
//! # Texts as numbers and dates
//!
//! Stored values stay as their files have them; they are read when they are compared, also those of older collections.
//!
//! - Numbers: `1234.5`, `1.234,50`, `1,234.50`, `1 234,5`, `1'234.50`, `12,34,567`, `2,50`, `1.5E+3`; a minus before or behind, or parentheses,
//!   turn the sign; a currency or `%` may stand before or behind and does not count, so `12,5 %` is 12.5. Leading zeros do not
//!   count. One comma or point before three digits may be a group or a fraction: with `$`, `£`, `¥` and the like a comma is a
//!   group, a plain `1.234` is a fraction, all others (`1,234`, `1.234 €`) are not read. Nor are numbers with other units.
//! - Dates: `2024-03-04`, `2024/3/4`, `2024.03.04`, `2024-03`, `2024`, `03/2024`, `28.01.2023`, `28.01.23` (69 to 99 are of 1900), `28/01/2023` and
//!   `01/28/2023` where one of both can only be the day, `2024年3月4日`, months by their English, German, French and Spanish names
//!   (`28. Januar 2023`, `Mar 4, 2024`, `4-Mar-24`); a time may follow a day, with `Z`, `UTC` or an offset, else it is UTC: times with
//!   offsets compare as instants. `03/04/2024` is not read, nor is a time without a day. A literal that reads two ways is
//!   refused after `<`, `<=`, `>` and `>=`.
//! - A date is the whole of what is written, in texts as in literals: `= 2024` holds for `2024-05-01`, not the other way round; `2024` is
//!   neither before nor after `2024-05`. A number is no date.

mod advice;
mod builder;
mod close;
mod date;
mod display;
mod evaluate;
mod expression;
mod fields;
pub(crate) mod glob;
mod language;
mod literal;
mod name;
mod number;
mod parse;
mod paths;
mod problem;
mod reading;
mod size;
mod spelling;
mod time;
mod token;
mod value;

#[cfg(test)]
pub(crate) mod tests;

pub use builder::FilterField;
pub(crate) use close::closest;
pub(crate) use display::written;
pub use expression::Filter;
#[cfg(feature = "lexical")]
pub(crate) use expression::FilterStep;
pub(crate) use expression::{Leaf, Test};
pub use fields::{FieldValue, Fields};
#[cfg(feature = "lexical")]
pub(crate) use fields::{column_key, path_of_key};
pub use language::language;
#[cfg(feature = "lexical")]
pub(crate) use literal::{Literal, Order, Reading};
pub(crate) use name::Field;
pub use paths::PathTest;
pub(crate) use spelling::composed;
#[doc(hidden)]
pub use spelling::{is_same_name, spellings};
pub use value::FilterValue;
pub(crate) use value::ValueRef;
