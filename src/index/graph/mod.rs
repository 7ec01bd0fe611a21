//! A graph over rows of codes (HNSW): built by hnsw_rs and by us, searched in flat arrays.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Graph`], an opened section |
//! | `parameters.rs` | [`GraphParameters`] |
//! | `build.rs` | `build`: the steps of building, insertion, freezing |
//! | `groups.rs` | rows that are equal share a node |
//! | `seed.rs` | hnsw_rs builds the upper levels; the only file that uses it |
//! | `lists.rs` | level 0 while many threads change it; the choice of neighbours |
//! | `repair.rs` | makes every node reachable and found by its own vector |
//! | `tune.rs` | recall measured for many ef; the ef for a recall |
//! | `layout.rs` | the bytes, and where each part is |
//! | `explore.rs` | the search itself: of a frozen graph, or of one that is being built |
//! | `scratch.rs` | the workspace of a search: visited rows, the best so far |
//! | `walk.rs` | [`Graph::search`] |
//!
//! A node is a row, or the first of several equal ones; a higher score is nearer. Imports `codes` and `stored` of its module,
//! `kernel`, `error`.

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

/// A search takes so many times as long for a row as a scan, measured on one thread with 100,000 × 384: about 90 ns and 15 ns.
pub const SCATTERED: usize = 6;

/// Scanning fewer rows than this is faster than a graph, at a recall of 0.95 on queries that nothing answers (384 numbers,
/// one thread: 20,000 rows 0.12 ms scanned, 0.28 ms searched; 50,000 rows 0.76 and 0.43). For more recall, ask
/// [`Graph::compared`].
pub const GRAPH_MIN_ROWS: usize = 40_000;

/// A frozen graph, in a file or in memory.
pub struct Graph<G> {
    section: G,
    layout: Layout,
}

impl<G: Stored> Graph<G> {
    /// Opens a graph over `rows` rows: reads its header.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] when it is not a graph.
    pub fn open(section: G, rows: usize) -> Result<Self> {
        let layout = Layout::read(&section, rows)?;
        Ok(Self { section, layout })
    }

    /// The ef whose recall@k was at least `recall` when the graph was built, with a margin; `None` when no measured ef reached it, so
    /// that only a scan does.
    pub fn ef_for(&self, recall: f32, k: usize) -> Option<usize> {
        self.layout.table.ef_for(recall, k)
    }

    /// About how many rows a search compares. Comparing rows that lie apart takes [`SCATTERED`] times as long as
    /// scanning them: beyond `rows / SCATTERED` a scan is quicker, and exact.
    pub fn compared(&self, ef: usize) -> usize {
        self.layout.table.compared(ef)
    }

    /// Nodes that were given an edge after building, because a search did not reach them.
    pub fn repaired(&self) -> usize {
        self.layout.repaired
    }

    /// The recall that was measured when it was built.
    pub fn recall_table(&self) -> &RecallTable {
        &self.layout.table
    }
}
