//! Times each kernel alone, with its share of the core's peak.
//!
//!     cargo bench --bench kernels [-- FILTER]
//!
//! The peaks are measured first, by loops of independent instructions of this CPU's best path.
#![allow(clippy::print_stdout, reason = "its result is what it prints")]
#![allow(
    unsafe_code,
    dead_code,
    missing_docs,
    unused,
    reason = "the kernels are private to nigh: this compiles them again"
)]

#[path = "../src/kernel/mod.rs"]
mod kernel;

use kernel::integer::*;
use kernel::{AlignedBuffer, Simd, SimdLevel, elementwise, gemm};
use std::hint::black_box;
use std::time::Instant;

/// Median seconds of a call, over at least 15 samples of about 2 ms.
fn seconds(mut act: impl FnMut()) -> f64 {
    act();
    let started = Instant::now();
    act();
    let once = started.elapsed().as_secs_f64().max(1e-8);
    let calls = (2e-3 / once).ceil() as usize;
    let mut samples: Vec<f64> = (0..31)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..calls {
                act();
            }
            started.elapsed().as_secs_f64() / calls as f64
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples[15]
}

fn main() {
    for simd in SimdLevel::ALL.into_iter().filter_map(Simd::at) {
        for (m, k, n) in [
            (48, 384, 96),
            (256, 384, 96),
            (48, 384, 384),
            (48, 384, 1536),
            (48, 1536, 384),
            (96, 1536, 384),
            (96, 384, 1536),
            (16, 384, 1536),
            (16, 1536, 384),
        ] {
            let a = vec![130u8; m * k];
            let w: Vec<f32> = (0..n * k).map(|i| (i % 255) as f32 - 127.0).collect();
            let (packed, scales) = quantise_weights(&w, n, &vec![1.0; k]);
            let offs = offsets(&packed, n, k);
            let rs = vec![0.01; m];
            let mut c = AlignedBuffer::zeroed(m * n);
            let s = seconds(|| {
                product::<Bytes>(
                    simd,
                    Rows { data: &a, rows: m, stride: k },
                    Packed { data: &packed, k, n },
                    0..n / 32,
                    Output {
                        row_scales: &rs,
                        column_scales: &scales,
                        offsets: Some(&offs),
                        bias: Some(&scales),
                        accumulate: false,
                    },
                    &mut c,
                    n,
                )
            });
            println!("{:12} bytes {m}x{k}x{n} {:8.1} Gop/s", simd.level().to_string(), 2e-9 * (m * k * n) as f64 / s);
        }
        for (m, k, n) in [(48, 32, 155), (48, 155, 32), (14, 32, 14), (14, 14, 32), (48, 32, 512), (48, 512, 32)] {
            let a = vec![130i16; m * (k + 1)];
            let packed = vec![3i16; packed_len::<Words>(k, n)];
            let rs = vec![0.01; m.max(n)];
            let mut c = AlignedBuffer::zeroed(m * n);
            let s = seconds(|| {
                product::<Words>(
                    simd,
                    Rows { data: &a, rows: m, stride: k.next_multiple_of(2) },
                    Packed { data: &packed, k, n },
                    0..n.div_ceil(32),
                    Output { row_scales: &rs, column_scales: &rs, offsets: None, bias: None, accumulate: false },
                    &mut c,
                    n,
                )
            });
            println!("{:12} words {m}x{k}x{n} {:8.1} Gop/s", simd.level().to_string(), 2e-9 * (m * k * n) as f64 / s);
        }
        let ns = |name: &str, elements: usize, s: f64| {
            println!("{:12} {name} {:8.3} ns/element", simd.level().to_string(), s * 1e9 / elements as f64)
        };
        let mut x: Vec<f32> = (0..48 * 1536).map(|i| (i % 1000) as f32 * 0.01 - 5.0).collect();
        let y = x.clone();
        ns(
            "gelu",
            x.len(),
            seconds(|| {
                x.copy_from_slice(&y);
                elementwise::gelu(simd, &mut x)
            }),
        );
        ns(
            "gelu_coarse",
            x.len(),
            seconds(|| {
                x.copy_from_slice(&y);
                elementwise::gelu_coarse(simd, &mut x)
            }),
        );
        let (mut q, mut sc) = (vec![0u8; 48 * 1536], vec![0.0; 48]);
        ns("quantise_rows", x.len(), seconds(|| quantise_rows(simd, &y, &[1.0; 1536], &mut q, 1536, &mut sc)));
        let g = vec![1.0; 384];
        ns("layer_norm", x.len(), seconds(|| elementwise::layer_norm(simd, &mut x, &g, &g, 1e-12)));
        for keys in [14, 155, 512] {
            let rows = 48;
            let (mut p, mut inv) = (vec![0i16; rows * 512], vec![0.0; rows]);
            ns(
                &format!("softmax_words {keys}"),
                rows * keys,
                seconds(|| softmax_words(simd, &y[..rows * keys], keys, &mut p, keys.next_multiple_of(2), &mut inv)),
            );
            let mut z = vec![0i16; 32 * 544];
            ns(
                &format!("pack_column_words {keys}"),
                32 * keys,
                seconds(|| pack_column_words(simd, &y[..keys * 96], keys, 32, 96, 100.0, &mut z)),
            );
            ns(
                &format!("largest {keys}"),
                32 * keys,
                seconds(|| {
                    black_box(largest(simd, &y[..keys * 96], 32, 96));
                }),
            );
        }
    }
}
