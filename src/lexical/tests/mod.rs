//! | file | what it is responsible for |
//! |---|---|
//! | `world.rs` | passages, distractors, a naive BM25 |
//! | `found.rs` | passages that must be found first |
//! | `model.rs` | compared with the naive model; splits and merges compared with one build |
//! | `damage.rs` | damaged bytes; indexes without passages or words |
//! | `columns.rs` | the values of columns |
//! | `scratch.rs` | the files of a merge |
//! | `exact.rs` | exact names, codes and numbers; marks of all scripts |
//! | `notations.rs` | queries in other notations and spellings than the text |
//! | `filter.rs` | filters over columns compared with a naive evaluator; their time |

mod columns;
mod damage;
mod exact;
mod filter;
mod found;
mod model;
mod notations;
mod scratch;
mod world;
