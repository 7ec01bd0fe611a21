//! Vectors to neighbours.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `codes.rs` | vectors as int8 codes with a scale each, and how far that is off |
//! | `graph/` | a graph over codes: built, frozen to flat arrays, searched |
//! | `stored.rs` | how stored bytes are read: through a check |
//! | `flat.rs` | [`FlatIndex`]: every vector in one flat array, scanned exactly, the best passage of each document |
//!
//! Segments, graphs and a planner come to stand beside the flat index; the scan stays as their reference and for what is
//! small. May import `kernel`, `document`, `error`.

#[allow(dead_code, reason = "read by segments, which are made next")]
pub mod codes;
mod flat;
#[allow(dead_code, unused_imports, reason = "searched by segments, which are made next")]
pub mod graph;
#[allow(dead_code, reason = "implemented by segments, which are made next")]
pub mod stored;

pub use flat::{FlatIndex, Match, RowKey};
