//! A graph over rows of codes (HNSW). hnsw_rs builds its upper levels, this module builds level 0. A search reads flat arrays.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Graph`], an opened section |
//! | `parameters.rs` | [`GraphParameters`] |
//! | `build.rs` | `build`: the steps of building, insertion, freezing |
//! | `groups.rs` | equal rows share a node |
//! | `seed.rs` | hnsw_rs builds the upper levels; the only file that uses it |
//! | `lists.rs` | level 0 while many threads change it; the choice of neighbours |
//! | `repair.rs` | makes every node reachable and found by its own vector |
//! | `tune.rs` | the recall measured for many ef; the ef for a recall |
//! | `layout.rs` | the bytes and the offsets of the parts |
//! | `explore.rs` | the search itself, of a frozen graph or of one that is being built |
//! | `scratch.rs` | the workspace of a search: visited rows, the best so far |
//! | `walk.rs` | [`Graph::search`] |
//!
//! A node is a row, or the first of several equal rows. A higher score is nearer. These files use `codes` and `stored` of `index`,
//! `kernel` and `error`.

mod build;
mod explore;
mod groups;
mod layout;
mod lists;
mod parameters;
mod repair;
mod scratch;
mod seed;
#[cfg(test)]
mod tests;
mod tune;
mod walk;

use super::stored::Stored;
use crate::error::Result;
use layout::Layout;

pub use build::build;
pub use layout::RecallTable;
pub use parameters::GraphParameters;
pub use scratch::Scratch;
pub use walk::Walk;

/// The time to compare a scattered row in a graph search, divided by the time for a row in a scan. Measured on one thread with
/// 100,000 × 384: 90 ns and 15 ns.
pub const SCATTERED: usize = 6;

/// With fewer rows a scan is faster than a graph, at a recall of 0.95 on queries without relevant rows (dimension 384, one
/// thread: 20,000 rows 0.12 ms scanned, 0.28 ms searched; 50,000 rows 0.76 and 0.43). For a higher recall use
/// [`Graph::compared`].
pub const GRAPH_MIN_ROWS: usize = 40_000;

/// A frozen graph, in a file or in memory.
pub struct Graph<G> {
    section: G,
    layout: Layout,
}

impl<G: Stored> Graph<G> {
    /// Opens a graph over `rows` rows. Reads its header.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] if it is not a graph.
    pub fn open(section: G, rows: usize) -> Result<Self> {
        let layout = Layout::read(&section, rows)?;
        Ok(Self { section, layout })
    }

    /// Returns the ef whose measured recall@k was at least `recall`, with a margin. `None` if no measured ef reached it: then only a scan
    /// does.
    pub fn ef_for(&self, recall: f32, k: usize) -> Option<usize> {
        self.layout.table.ef_for(recall, k)
    }

    /// Returns about how many rows a search compares. To compare scattered rows takes [`SCATTERED`] times as long as to scan them: beyond
    /// `rows / SCATTERED` a scan is faster, and exact.
    pub fn compared(&self, ef: usize) -> usize {
        self.layout.table.compared(ef)
    }

    /// Returns the number of nodes that got an edge after building, because a search did not reach them.
    pub fn repaired(&self) -> usize {
        self.layout.repaired
    }

    /// Returns the recall that was measured during the build.
    pub fn recall_table(&self) -> &RecallTable {
        &self.layout.table
    }
}
