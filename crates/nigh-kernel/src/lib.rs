//! SIMD kernels, aligned buffers and memory maps: the only crate with `unsafe`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `simd.rs` | detects the instruction sets of the CPU; a [`Simd`] value proves that one can be used |
//! | `gemm/` | f32 matrix products over packed weights: packing, the blocked driver, one tile file per path |
//! | `integer/` | u8·i8 and i16·i16 matrix products over packed weights, and quantisation |
//! | `elementwise.rs` | exp, softmax, GELU, ReLU, layer norm: one body in plain Rust, compiled for every path |
//! | `dot.rs` | dot products of one f32 query with many stored vectors, f16 or f32 |
//! | `codes/` | dot products of one quantised query with rows of int8 codes, contiguous or scattered; prefetching |
//! | `vector.rs` | operations on single vectors: normalisation, a dot product with the same bits on every CPU |
//! | `aligned.rs` | [`Aligned`]: 64-byte aligned buffers of f32 or bytes |
//! | `view.rs` | views of bytes as little-endian numbers |
//! | `sync.rs` | takes locks, even if another holder panicked |
//! | `sys/` | memory maps of files, and their guard; free memory returned to the system |
//!
//! Uses no other crate of nigh. Every kernel is a safe function that checks its slices and then calls one `unsafe` path; each
//! path is tested against a scalar reference over odd shapes, on every path that the testing machine can run.

#![allow(unsafe_code, reason = "the one crate where it is allowed; each block states its obligation")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

mod aligned;
pub mod codes;
pub mod dot;
pub mod elementwise;
pub mod gemm;
pub mod integer;
pub mod simd;
pub mod sync;
mod sys;
pub mod vector;
pub mod view;

pub use aligned::{Aligned, Element};
pub use simd::{ParseSimdLevelError, Simd, SimdLevel};
pub use sys::{FileMap, SharedBytes, heap};
