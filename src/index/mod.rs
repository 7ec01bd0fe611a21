//! Vectors to neighbours: the published generation, which readers map and the writer replaces.
//!
//! A published directory holds immutable segments and one manifest, `CURRENT`, which names them and says which of their
//! documents are dead. It is made from the records and holds everything that a hit shows, so readers need nothing else,
//! and the records can be restored from it.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `segment/` | a segment's file: format, writing, reading in place with checks |
//! | `manifest.rs` | `CURRENT`: which segments, which dead documents, what the records held |
//! | `snapshot.rs` | [`Snapshot`]: one generation, opened; documents by number and name |
//! | `found.rs` | [`Found`]: a document of it, read in place |
//! | `publish.rs` | [`Publisher`]: the writer's side; changes and merges become the next generation |
//! | `make.rs` | [`Making`]: a whole generation made anew |
//! | `merging.rs` | the publisher's merges carried out: by a commit, or while others go on |
//! | `merge.rs` | which segments are merged, and when |
//! | `background.rs` | [`Merger`]: merges on a thread of its own |
//! | `search.rs` | a search: candidates from every segment, scored with the kept vectors |
//! | `planner.rs` | by graph or by scan, for each segment |
//! | `exact.rs` | the scan of codes, with the proof that its answer is exact |
//! | `accept.rs` | which rows may be found: living, filtered, not left out |
//! | `given.rs` | for searches beside the vectors: which rows may be found, scores of given rows, samples |
//! | `best.rs` | the best passage of each of the best documents |
//! | `bitmap.rs` | sets of rows |
//! | `codes.rs` | vectors in 8 bits |
//! | `graph/` | HNSW: built with hnsw_rs, frozen to flat arrays, walked in place |
//! | `sidecar.rs` | [`Sidecar`]: what another room keeps beside the rows of a segment |
//! | `stored.rs` | how stored bytes are read |
//! | `fail.rs` | fail points for tests of crashes |
//! | `tests/` | a naive model, recall after deletes, crashes at every fail point, damage |
//!
//! May import `kernel`, `document`, `disk`, `error`. hnsw_rs is used in `graph/` alone.

mod accept;
mod background;
mod best;
mod bitmap;
pub mod codes;
mod exact;
mod fail;
mod found;
mod given;
pub mod graph;
mod make;
mod manifest;
mod merge;
mod merging;
mod planner;
mod publish;
mod search;
mod segment;
mod sidecar;
mod snapshot;
pub mod stored;

#[cfg(test)]
mod tests;

pub use accept::Rows;
pub use background::Merger;
pub use best::Match;
pub use found::Found;
pub use given::RowAt;
pub use make::Making;
pub use planner::Route;
pub use publish::{Changes, Publisher};
pub use search::Request;
pub use segment::{Published, PublishedPassage, Record, Section, Shape};
pub use sidecar::{Sidecar, SidecarPart};
pub use snapshot::{Place, Snapshot};
pub use stored::Out;
