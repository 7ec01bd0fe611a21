//! | file | what it is responsible for |
//! |---|---|
//! | `world.rs` | passages, distractors, a naive BM25 |
//! | `found.rs` | what must be found, and what must not hide it |
//! | `model.rs` | against the naive model; splits and merges against one build |
//! | `damage.rs` | bytes that are not what was written; nothing at all |
//! | `columns.rs` | the values that filters ask for |
//! | `scratch.rs` | files that are written while words are merged |
//! | `exact.rs` | exact names, codes and numbers; marks of all scripts |
//! | `notations.rs` | dates, numbers, names and words in other notations than the text has them |
//! | `filter.rs` | filters over columns against a naive evaluator; how long they take |

mod columns;
mod damage;
mod exact;
mod filter;
mod found;
mod model;
mod notations;
mod scratch;
mod world;
