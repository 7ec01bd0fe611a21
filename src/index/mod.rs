//! Nearest neighbours of vectors: the published generation, which readers map and the writer replaces.
//!
//! A published directory holds immutable segments and one manifest, `CURRENT`, which lists them and their deleted documents. It is made
//! from the records and holds everything that a hit shows. So readers need nothing else, and the records can be restored from it.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `segment/` | a segment's file: format, writing, reading in place with checks; [`Sidecar`]: the section of another module |
//! | `manifest.rs` | `CURRENT`: the segments, their deleted documents, the totals of the records |
//! | `snapshot.rs` | [`Snapshot`]: one generation, opened; documents by number and by id |
//! | `found_document.rs` | [`FoundDocument`]: a document of a snapshot, read in place |
//! | `publisher.rs` | [`Publisher`]: the writer's side; changes and merges become the next generation |
//! | `rebuild.rs` | [`GenerationBuilder`]: builds a whole generation from scratch |
//! | `merge_policy.rs` | which segments to merge, and when |
//! | `merge_exec.rs` | the publisher's merges: in a commit, or in the background |
//! | `merge_thread.rs` | [`Merger`]: merges on a thread of its own |
//! | `request.rs` | [`VectorRequest`], [`VectorAnswer`], [`SegmentPlan`] |
//! | `search.rs` | a search by a vector: candidates from every segment, scored again by their stored vectors |
//! | `planner.rs` | chooses graph or scan for each segment |
//! | `scan.rs` | the scan of codes, with the proof that its answer is exact |
//! | `scoring.rs` | scores by codes and their error bound, scores by stored vectors |
//! | `row_filter.rs` | [`RowSet`]; the rows of a segment that a search may find |
//! | `row_access.rs` | [`AcceptedRows`]; documents, scores and samples of single rows, for searches that combine vectors with something else |
//! | `best_documents.rs` | the best row of each of the best documents |
//! | `bitmap.rs` | sets of numbers |
//! | `codes.rs` | vectors in 8 bits |
//! | `graph/` | HNSW: built with hnsw_rs, frozen to flat arrays, searched in place |
//! | `stored.rs` | reading and writing stored bytes |
//! | `fail_point.rs` | fail points for tests of crashes |
//! | `tests/` | a naive model, recall after deletions, crashes at every fail point, damage |
//!
//! May import `row`, `document`, `error` and the crates `kernel` and `disk`. Only `graph/` uses hnsw_rs.

mod best_documents;
mod bitmap;
pub mod codes;
mod fail_point;
mod found_document;
pub mod graph;
mod manifest;
mod merge_exec;
mod merge_policy;
mod merge_thread;
mod planner;
mod publisher;
mod rebuild;
mod request;
mod row_access;
mod row_filter;
mod scan;
mod scoring;
mod search;
mod segment;
mod snapshot;
pub mod stored;

#[cfg(test)]
mod tests;

pub use crate::row::{RowId, ScoredRow};
pub use found_document::{FoundDocument, FoundPassage};
pub use merge_thread::Merger;
pub use publisher::{Changes, Publisher};
pub use rebuild::GenerationBuilder;
pub use request::{SegmentPlan, VectorAnswer, VectorRequest};
pub use row_access::{AcceptedRows, best_documents};
pub use row_filter::RowSet;
pub use segment::{Published, PublishedPassage, Record, Section, Shape, Sidecar, SidecarPart};
pub use snapshot::{DocumentRef, Snapshot};
pub use stored::Out;
