//! Benchmarks each kernel with the encoder's shapes, on every instruction set of this CPU, on one core.
//!
//!     cargo bench --bench kernels [-- WORD...]
//!
//! Runs only kernels whose line contains every WORD: `avx512-vnni bytes`, `softmax`. Columns: instruction set, kernel and shape; then
//! Gop/s (a multiplication and an addition count as two) and the share of the peak, or nanoseconds per element. A time is the
//! median of 5 to 31 samples of 2 ms.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `main.rs` | the arguments; every instruction set in turn |
//! | `timing.rs` | timing, the filter, the output |
//! | `products.rs` | matrix products, and their peaks |
//! | `rows.rs` | quantisation, packing and softmax of attention, row operations, exact search |
//!
//! **Registers.** The speed of the instructions of a layer's product on registers alone, without loads and stores: the limit of this
//! processor for them. Lines `layer` give their share of it.
//!
//! **Peak.** The best speed of the same product's tile on 12 × k × 32 with all data in the L1 cache: the limit of this kernel, not of the
//! processor. It is printed first, with the best k. Shares slightly above 100 % come from a longer k, where the start and end of a tile
//! cost less, or from a changing clock.

#![allow(clippy::print_stdout, reason = "its result is what it prints")]

mod products;
mod rows;
mod timing;

use kernel::{Simd, SimdLevel};
use nigh_kernel as kernel;
use timing::Timing;

fn main() {
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    // `cargo bench` passes --bench; `cargo test --benches` does not, and must measure nothing.
    if !flags.iter().any(|flag| flag == "--bench") || flags.iter().any(|flag| flag == "--test") {
        println!("cargo bench --bench kernels [-- WORD...]");
        return;
    }
    println!("peak: best of the tile in L1 (12 x k x 32), on one core");
    for simd in SimdLevel::ALL.into_iter().filter_map(Simd::at) {
        let timing = Timing::new(simd.level().to_string(), &words);
        products::measure_all(simd, &timing);
        rows::measure_all(simd, &timing);
    }
}
