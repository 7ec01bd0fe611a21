//! Vectors to neighbours.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `flat.rs` | [`FlatIndex`]: every vector in one flat array, scanned exactly, the best passage of each document |
//!
//! Segments, graphs and a planner come to stand beside the flat index; the scan stays as their reference and for what is
//! small. May import `kernel`, `document`, `error`.

mod flat;

pub use flat::{FlatIndex, Match, RowKey};
