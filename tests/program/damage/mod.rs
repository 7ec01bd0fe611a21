//! Every file of a collection damaged in every way, and what every command does then: the right answer, an error that
//! names the file, or all healed. Never a wrong answer, a panic, a signal, a hang or a loss without a word; and printed
//! advice, followed at most twice, ends in a clean `verify`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `ways.rs` | what can happen to a file |
//! | `matrix.rs` | file × way × command, as a table |
//! | `chance.rs` | damages that chance picks: `NIGH_TEST_DAMAGES` says how many, `NIGH_TEST_SEED` which |

mod chance;
mod matrix;
mod ways;
