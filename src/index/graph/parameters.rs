//! What a graph is built with.

/// Degree and effort of building. The defaults are what hnswlib, faiss and usearch are commonly run with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphParameters {
    /// Neighbours that a new node chooses; it keeps up to twice as many. 4 to 64; 16 by default.
    pub m: usize,
    /// Candidates that a new node chooses from; at least `m`. 200 by default.
    pub ef_construction: usize,
}

impl Default for GraphParameters {
    fn default() -> Self {
        Self { m: 16, ef_construction: 200 }
    }
}

impl GraphParameters {
    /// The nearest that can be built.
    pub(super) fn clamped(self) -> Self {
        let m = self.m.clamp(4, 64);
        Self { m, ef_construction: self.ef_construction.clamp(m, 4096) }
    }
}
