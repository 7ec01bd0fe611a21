//! Filters limit a search to documents by their metadata, path, language, size and time.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `expression.rs` | [`Filter`] and its steps | `name`, `glob`, `literal` |
//! | `builder.rs` | the builder | `expression`, `glob`, `literal` |
//! | `token.rs` | splits an expression into tokens, also full-width punctuation | `problem` |
//! | `parse.rs` | parses tokens into a filter | the above |
//! | `advice.rs` | suggestions for operators of other query languages | `parse`, `close`, `display` |
//! | `paths.rs` | rewrites the paths in a filter |
//! | `display.rs` | writes a filter as text that parses to the same filter | `expression`, `token` |
//! | `problem.rs` | a mistake with its place, and the line of carets | `error` |
//! | `close.rs` | the nearest known word, for "Did you mean" | nothing |
//! | `name.rs` | built-in names and metadata names | `close` |
//! | `glob/` | globs: their syntax, compiled | `name` |
//! | `value.rs` | values of the builder and of documents | nothing |
//! | `literal.rs` | literals, and comparing values with them | `name`, `reading`, `time` |
//! | `reading.rs` | texts of documents as numbers and dates | `number`, `date` |
//! | `number.rs` | numbers in all usual notations | `value` |
//! | `date.rs` | dates in all usual notations | `time` |
//! | `size.rs` | sizes of files | `number` |
//! | `time.rs` | dates and times in expressions, the calendar | nothing |
//! | `fields.rs` | [`Fields`]: the values of a document that filters test | `document`, `name`, `value` |
//! | `spelling.rs` | Unicode normalisation (NFC), texts without case and width | nothing |
//! | `evaluate.rs` | decides which documents match | the above |
//! | `language.rs` | detects the language of a text | nothing |
//! | `tests/` | compared with a naive evaluator; texts; carets; languages | all |
//!
//! # Expressions
//!
//! ```text
//! filter     = all { ("or" | "||" | "|") all }
//! all        = one { ("and" | "&&" | "&") one }
//! one        = ("not" | "!") one | "(" filter ")" | "exists" "(" name ")" | name test
//! test       = ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=") value
//!            | ["not"] "in" "(" [value { "," value }] ")"
//!            | ["not"] ("prefix" | "^=") value | ["not"] "glob" value | ["not"] "contains" value
//!            | ["not"] "exists"
//! name       = word | `anything but a backtick`
//! value      = word | "text" | 'text'
//! word       = letters of any script, digits, _ - . / : * @ +
//! ```
//!
//! `and` binds stronger than `or`. Keywords are in any case. To use a keyword as a value, quote it; as a name, write it in backticks.
//! In quotes and backticks a backslash escapes the next character; `\n` and `\t` are line feed and tab. Full-width
//! `（），＝＂“”＜＞！` mean `(),=""<>!` outside of quotes. A filter has at most [`Filter::MAX_BYTES`] of text and [`Filter::MAX_DEPTH`]
//! nested parentheses and negations.
//!
//! # Meaning
//!
//! | name | value |
//! |---|---|
//! | `path` | the document's id |
//! | `extension` | the text after the last dot of the id's last part, in lower case; missing in `Makefile` and `.profile`, and if it has white space or more than 24 characters |
//! | `language`, `lang` | the language, lower case: the text in the metadata `lang`, or else `language`, or else detected, ISO 639-1 |
//! | `modified` | when the file was modified; missing if the document is not a file |
//! | `size` | bytes of the file, or of the text if the document is not a file |
//! | any other | the document's metadata of that name; a title is metadata, too |
//!
//! Values in objects have dotted names, `author.name`; a name that contains a dot looks the same. Metadata with the name of a built-in
//! field is `metadata.size`. An array has the values of its elements: a test holds if it holds for any of them. An object is
//! not a value itself, but `exists` holds if there is a value inside it. `null`, `[]` and `{}` count as missing.
//!
//! - Only the first 60,000 bytes of a metadata text count. A name of more than 30,000 bytes counts as missing.
//! - A test of a missing value is false. `!=`, `not in`, `not prefix`, `not glob`, `not contains` are true exactly where `=`, `in`, `prefix`, `glob`,
//!   `contains` are false, also if the value is missing. So `tag != x` finds documents without a tag `x`.
//! - Text is compared in NFC, so `é` matches however it is encoded. `extension` and `language` ignore case, and `extension` accepts a
//!   leading dot. `<` compares code points, unless the literal is a number or a date.
//! - A bare `2024`, `2.5` or `true` (any case) means the number or truth value, and also the same text. A bare date means the date (in any
//!   notation of `modified` or of texts), and also the same text. After `=`, `!=` and `in` a quoted literal is only text, except
//!   that a quoted day is also that date. After `<`, `<=`, `>` and `>=` quotes make no difference to numbers and dates. The builder's
//!   numbers and truth values mean the same as bare ones; its texts are quoted after `eq`, `ne` and `is_in`, and bare after the others.
//! - A bare word that looks like a time but is not one is an error: `30x-ago`, `now-30d`; after `<`, `<=`, `>` and `>=` also `2024-13`.
//! - A metadata text is read as a number if the literal is a number, and as a date if the literal is a date: `price > 1000` finds
//!   `1.234,50` and `$1,200.50`; `date > 7d-ago` finds a mail's `2024-03-04T10:00:00+01:00`; `date = 2023-01-28` also finds `28.01.2023`.
//!   A text that is neither, or has two readings (`03/04/2024`, `1,234`), does not match.
//! - Two integers compare exactly. If one side has a fraction, both compare as f64. Integers beyond i64 are f64.
//! - Truth values have no order. Values of different kinds are never equal and have no order.
//! - `contains` ignores case, width and other compatible forms (NFKC): `wifi` is in `Guest ＷｉＦｉ`. Traditional and simplified characters differ.
//! - `prefix`, `glob` and `contains` match only text. In a glob `?` is one character and `*` any number of them; both do not cross `/`, but `**`
//!   does. `[a-z]` and `{a,b}` are alternatives; a backslash makes the next character literal. For `path`, as in `.gitignore`, a glob
//!   without a slash is a name at any depth, of the file or of a folder above it: `*.md`, `notes`. `notes/` means the content of such a
//!   folder, `/*.md` only files in the top folder.
//! - `size` takes bytes, or KB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB (1024s).
//! - `modified` takes 2024, 2024-05, 2024-05-01, 2024-05-01T10:00, optionally with seconds and a fraction, then `Z` or `+08:00`; without
//!   an offset it is UTC. A time means the whole period that is written: `= 2024-05` is any time in May, `> 2024-05` begins with June,
//!   `>= 2024-05` with May. `7d-ago` is that long before the filter was parsed; units are min, h, d, w, mo, y. `yesterday`, `today` and
//!   `tomorrow` are days in UTC; `now` is an instant, for metadata only after `<`, `<=`, `>` and `>=`.
//!
//! # Texts as numbers and dates
//!
//! Stored values stay as they are in their files. They are read as numbers or dates when they are compared.
//!
//! - Numbers: `1234.5`, `1.234,50`, `1,234.50`, `1 234,5`, `1'234.50`, `12,34,567`, `2,50`, `1.5E+3`. A minus before or after a number, or
//!   parentheses, make it negative. A currency or `%` before or after it is ignored, so `12,5 %` is 12.5. Leading zeros are ignored. One
//!   comma or point before three digits can group digits or begin a fraction: with `$`, `£`, `¥` and similar signs a comma groups; a
//!   plain `1.234` is a fraction; all others (`1,234`, `1.234 €`) are not read. Numbers with other units are not read.
//! - Dates: `2024-03-04`, `2024/3/4`, `2024.03.04`, `2024-03`, `2024`, `03/2024`, `28.01.2023`, `28.01.23` (69 to 99 are 1969 to 1999);
//!   `28/01/2023` and `01/28/2023` if only one of the numbers can be the day; `2024年3月4日`; months by their English, German, French and
//!   Spanish names (`28. Januar 2023`, `Mar 4, 2024`, `4-Mar-24`). A time may follow a day, with `Z`, `UTC` or an offset; without one it
//!   is UTC. Times with offsets compare as instants. `03/04/2024` is not read, and neither is a time without a day. After `<`, `<=`, `>`
//!   and `>=`, a literal with two readings is an error.
//! - A date means the whole period that is written, in texts and in literals: `= 2024` matches `2024-05-01`, but not the reverse. An instant
//!   (`7d-ago`, `now`, a `SystemTime`) is also equal to a text whose period contains it. A text that is not equal is less if it begins
//!   before the literal, and greater if not: exactly one of `<`, `=`, `>` holds. A number is not a date.

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
pub(crate) use display::{quoted, written};
pub(crate) use evaluate::is_inside;
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
pub(crate) use spelling::{composed, folded};
#[doc(hidden)]
pub use spelling::{is_same_name, spellings};
pub(crate) use time::write_seconds;
pub use value::FilterValue;
pub(crate) use value::ValueRef;
