//! Facts about texts that several crates need, each in one place.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `script.rs` | which characters are Chinese, Japanese or Korean: every set in use, with its Unicode blocks |
//! | `language.rs` | the language of a text, by the scripts of its letters |
//! | `sentence.rs` | where sentences end |
//! | `words.rs` | the words of a text, and the pairs of its Chinese characters |
//! | `columns.rs` | the width of text on a terminal, and where a line may be broken |
//! | `hex.rs` | bytes to hexadecimal digits and back |
//!
//! Uses no other crate of nigh. Stored data depends on the sets of characters (lexical indexes, passages, encodings of files),
//! so a set never changes: a new purpose gets a new set.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

pub mod columns;
pub mod hex;
pub mod language;
pub mod script;
pub mod sentence;
pub mod words;
