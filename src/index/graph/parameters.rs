//! The parameters of building a graph.

/// Degree and effort of building. The defaults are common for hnswlib, faiss and usearch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphParameters {
    /// The neighbours that a new node chooses; it keeps up to twice as many. 4 to 64; 16 by default.
    pub m: usize,
    /// The candidates that a new node chooses from; at least `m`. 200 by default.
    pub ef_construction: usize,
}

impl Default for GraphParameters {
    fn default() -> Self {
        Self { m: 16, ef_construction: 200 }
    }
}

impl GraphParameters {
    /// Returns the nearest valid parameters.
    pub(super) fn clamped(self) -> Self {
        let m = self.m.clamp(4, 64);
        Self { m, ef_construction: self.ef_construction.clamp(m, 4096) }
    }
}
