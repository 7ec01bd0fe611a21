//! TEMPORARY stand-in until the graph branch lands.
use super::codes::{CodedQuery, Codes, CodesBuffer};
use super::stored::Stored;
use crate::error::Result;
use crate::kernel::Simd;
use std::sync::atomic::AtomicBool;
pub(crate) const GRAPH_MIN_ROWS: u32 = 10_000_000;
#[derive(Default, Clone, Copy)]
pub(crate) struct GraphParameters;
#[derive(Default)]
pub(crate) struct Scratch;
pub(crate) struct Graph<S>(#[allow(dead_code)] S);
pub(crate) struct Walk {
    pub(crate) candidates: Vec<(f32, u32)>,
    pub(crate) compared: usize,
    pub(crate) complete: bool,
}
impl<S: Stored> Graph<S> {
    pub(crate) fn open(s: S, _rows: usize) -> Result<Self> {
        Ok(Self(s))
    }
    pub(crate) fn ef_for(&self, _: f32, k: usize) -> usize {
        k
    }
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn search(
        &self,
        _: Simd,
        _: &Codes<S>,
        _: &CodedQuery,
        _: usize,
        _: &dyn Fn(u32) -> bool,
        _: usize,
        _: &mut Scratch,
    ) -> Result<Walk> {
        Ok(Walk { candidates: vec![], compared: 0, complete: false })
    }
}
pub(crate) fn build(_: &CodesBuffer, _: &GraphParameters, _: &rayon::ThreadPool, _: &AtomicBool) -> Result<Vec<u8>> {
    Ok(vec![])
}
