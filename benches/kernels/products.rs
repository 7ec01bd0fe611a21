//! Matrix products, and their peaks.

use crate::kernel::gemm::{self, Store, gemm};
use crate::kernel::integer::{I16xI16, Output, PANEL, Packed, Product, Rows, U8xI8, groups, packed_len, product};
use crate::kernel::{Aligned, Simd};
use crate::timing::{Timing, best};

/// k × n of MiniLM's layers: query, key and value of a head; output of attention; into and out of the feed-forward layer.
const LAYERS: [(usize, usize); 4] = [(384, 96), (384, 384), (384, 1536), (1536, 384)];
/// Rows: a short query; a block that passes through a layer together; a large batch.
const ROWS: [usize; 3] = [16, 48, 256];
/// Tokens of a sequence: a query, a passage, the longest sequence.
pub const TOKENS: [usize; 3] = [14, 155, 512];
/// Width of a head.
pub const HEAD: usize = 32;
/// Query rows of a sequence in one block.
pub const QUERIES: usize = 48;

/// m × k × n, and its name.
type Shape = (usize, usize, usize);

/// Measures every product on every shape.
pub fn measure_all(simd: Simd, timing: &Timing<'_>) {
    // 12 rows of A, a panel of B, and C: under 32 KB.
    measure_kind(timing, "bytes", [256, 512], |shape| integers::<U8xI8>(simd, shape));
    measure_kind(timing, "words", [128, 256], |shape| integers::<I16xI16>(simd, shape));
    measure_kind(timing, "f32", [64, 128], |shape| floats(simd, shape));
}

/// Measures one kind of product: first the peak, the better one of two lengths, then the shapes.
fn measure_kind<A: FnMut()>(timing: &Timing<'_>, kind: &str, lengths: [usize; 2], make: impl Fn(Shape) -> A) {
    let layers = ROWS.iter().flat_map(|&m| LAYERS.map(|(k, n)| ("layer", (m, k, n))));
    let attention = TOKENS.iter().flat_map(|&tokens| {
        let rows = QUERIES.min(tokens);
        [("q·k", (rows, HEAD, tokens)), ("p·v", (rows, tokens, HEAD))]
    });
    let name = |what: &str, (m, k, n): Shape| format!("{kind} {what} {m}x{k}x{n}");
    let wanted = |&(what, shape): &(&str, Shape)| timing.wants(&name(what, shape));
    let shapes: Vec<(&str, Shape)> = layers.chain(attention).filter(wanted).collect();
    if shapes.is_empty() && !timing.wants(&format!("{kind} peak")) {
        return;
    }
    let rate = |k: usize| (best(ops((12, k, PANEL)), make((12, k, PANEL))), k);
    let (peak, k) = lengths.map(rate).into_iter().fold((0.0, 0), |a, b| if b.0 > a.0 { b } else { a });
    timing.line(&format!("{kind} peak 12x{k}x{PANEL}"), &format!("{peak:9.1} Gop/s"));
    for (what, shape) in shapes {
        timing.product(&name(what, shape), ops(shape), peak, make(shape));
    }
}

fn ops((m, k, n): Shape) -> usize {
    2 * m * k * n
}

/// Returns an integer product of constants, scaled and with a bias, as in a layer.
fn integers<P: Product>(simd: Simd, (m, k, n): Shape) -> impl FnMut()
where
    P::A: From<u8>,
    P::B: From<i8>,
{
    let stride = (groups::<P>(k) * P::GROUP).next_multiple_of(64 / size_of::<P::A>());
    let a = vec![P::A::from(130); m * stride];
    let b = vec![P::B::from(3); packed_len::<P>(k, n)];
    let (scales, columns, offsets) = (vec![0.01; m], vec![0.01; n], vec![-384; n]);
    let mut c = Aligned::<f32>::zeroed(m * n);
    move || {
        let output = Output {
            row_scales: &scales,
            column_scales: &columns,
            offsets: P::BYTES.then_some(&offsets),
            bias: Some(&columns),
            accumulate: false,
        };
        let rows = Rows { data: &a, rows: m, stride };
        product::<P>(simd, rows, Packed { data: &b, k, n }, 0..n.div_ceil(PANEL), output, &mut c, n);
    }
}

fn floats(simd: Simd, (m, k, n): Shape) -> impl FnMut() {
    let (mut a, mut b) = (Aligned::<f32>::zeroed(m * k), Aligned::<f32>::zeroed(gemm::packed_len(k, n)));
    a.fill(0.5);
    b.fill(0.25);
    let bias = vec![0.01; n];
    let mut c = Aligned::<f32>::zeroed(m * n);
    move || {
        let rows = gemm::Rows { data: &a, rows: m, stride: k };
        gemm(simd, rows, gemm::Packed { data: &b, k, n }, Store::Bias(&bias), &mut c, n);
    }
}
