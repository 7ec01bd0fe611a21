//! Every file of a collection is damaged in every way, and every command must give the right answer, an error that reports
//! the file, or repair everything. Forbidden: a wrong answer, a panic, a signal, a hang, an unreported loss. Following printed
//! advice at most twice must end in a clean `verify`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `ways.rs` | the ways to damage a file |
//! | `matrix.rs` | file × way × command, as a table |
//! | `chance.rs` | random damage: `NIGH_TEST_DAMAGES` sets the number of cases, `NIGH_TEST_SEED` the choice |

mod chance;
mod matrix;
mod ways;
