//! SIMD kernels, memory maps and the heap: the only room with `unsafe`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `simd.rs` | which instruction sets the CPU has; a [`Simd`] value is the proof that one may be used |
//! | `gemm/` | f32 matrix products over packed weights: packing, the blocked driver, one tile file a path |
//! | `integer/` | u8·i8 and i16·i16 matrix products over packed weights, and quantisation |
//! | `elementwise.rs` | exp, softmax, GELU, ReLU, layer norm, add: one body in plain Rust, compiled for every path |
//! | `dot.rs` | a query against many stored vectors, kept as f16 or f32 |
//! | `codes/` | a coded query against rows of int8 codes, side by side or apart; prefetching |
//! | `buffer.rs` | 64-byte aligned f32 buffers |
//! | `bytes.rs` | 64-byte aligned bytes; bytes seen as little-endian numbers |
//! | `map.rs` | read-only memory maps of files |
//! | `guard.rs` | the handler that keeps a process alive when a mapped file is cut or cannot be read |
//! | `heap.rs` | free memory, given back to the system |
//! | `shared.rs` | parts of a map, or of memory, that several hold |
//!
//! Imports no other room. Every kernel is a safe function that checks its slices and then calls one `unsafe` path; each
//! path is tested against a scalar twin over odd shapes, for every path that the testing machine can run.

#![allow(unsafe_code, reason = "the one crate where it is allowed; each block states its obligation")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

pub mod buffer;
pub mod bytes;
pub mod codes;
pub mod dot;
pub mod elementwise;
pub mod gemm;
mod guard;
pub mod heap;
pub mod integer;
pub mod map;
pub mod shared;
pub mod simd;

pub use buffer::AlignedBuffer;
pub use shared::SharedBytes;
pub use simd::{Simd, SimdLevel};
