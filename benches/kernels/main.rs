//! Times each kernel alone, on the encoder's shapes, on every instruction set of this CPU and on one core.
//!
//!     cargo bench --bench kernels [-- WORD...]
//!
//! Only lines that contain every WORD: `avx512-vnni bytes`, `softmax`. Columns: instruction set, kernel and shape, then
//! Gop/s (a multiplication and an addition are two) and the share of the peak, or nanoseconds an element. A time is the
//! median of 5 to 31 samples of 2 ms.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | the arguments; every instruction set in turn |
//! | `timing.rs` | times, the filter, the lines |
//! | `products.rs` | matrix products, and the peaks they are measured by |
//! | `rows.rs` | quantisation, attention's packing and softmax, row operations, the exact scan |
//!
//! **Peak.** What the same product's tile reaches at best on 12 × k × 32, everything in L1: what the kernel could be,
//! not what the processor could do in other hands. It is printed first, with the k that was best. Shares a little above
//! 100 % are a longer k, which pays for a tile's start and end less often, or a machine whose clock moves.

#![allow(clippy::print_stdout, reason = "its result is what it prints")]

mod products;
mod rows;
mod timing;

use kernel::{Simd, SimdLevel};
use nigh_kernel as kernel;
use timing::Timing;

fn main() {
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    // `cargo bench` gives --bench; `cargo test --benches` does not, and wants nothing measured.
    if !flags.iter().any(|flag| flag == "--bench") || flags.iter().any(|flag| flag == "--test") {
        println!("cargo bench --bench kernels [-- WORD...]");
        return;
    }
    println!("peak: best of the tile in L1 (12 x k x 32), on one core");
    for simd in SimdLevel::ALL.into_iter().filter_map(Simd::at) {
        let timing = Timing::new(simd.level().to_string(), &words);
        products::all(simd, &timing);
        rows::all(simd, &timing);
    }
}
