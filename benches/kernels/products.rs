//! Matrix products, and their peaks.

use crate::kernel::gemm::{self, Store, gemm};
use crate::kernel::integer::{
    Activations, I16xI16, Output, PANEL, Packed, Product, Rows, Steps, U8xI8, from_registers, groups, multiply,
    offsets, packed_len, product, quantise_weights,
};
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
    measure_layers(simd, timing);
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

/// Measures the products of the layers, and what share they reach of the speed that the same instructions have on registers alone.
fn measure_layers(simd: Simd, timing: &Timing<'_>) {
    const STEPS: usize = 1000;
    let shapes = ROWS.iter().flat_map(|&m| LAYERS.map(|(k, n)| (m, k, n)));
    let name = |(m, k, n): Shape| format!("layer {m}x{k}x{n}");
    let shapes: Vec<Shape> = shapes.filter(|&shape| timing.wants(&name(shape))).collect();
    let Some(work) = from_registers(simd, STEPS).filter(|_| !shapes.is_empty() || timing.wants("registers")) else {
        return;
    };
    let peak = best(work, || {
        from_registers(simd, STEPS);
    });
    timing.line("registers", &format!("{peak:9.1} Gop/s"));
    for shape in shapes {
        timing.product(&name(shape), ops(shape), peak, layer(simd, shape));
    }
}

/// Returns the product of a layer: activations and weights about 0 with the spread of real ones; above a floor if k is that of the second
/// feed-forward product.
fn layer(simd: Simd, (m, k, n): Shape) -> impl FnMut() {
    let x = bell(m * k, 1);
    let mut activations = Activations::default();
    if k > n {
        let x: Vec<f32> = x.iter().map(|&x| (x - 1.0).max(-0.17)).collect();
        activations.fill(simd, &x, Steps::Above { floor: -0.1701, width: k });
    } else {
        activations.fill(simd, &x, Steps::Symmetric(&vec![1.0; k]));
    }
    let (b, scales) = quantise_weights(&bell(k * n, 2), n, &vec![1.0; k]);
    let offsets = (k <= n).then(|| offsets(&b, n, k));
    let bias = vec![0.01; n];
    let mut c = Aligned::<f32>::zeroed(m * n);
    move || {
        let output = Output {
            row_scales: activations.scales(),
            column_scales: &scales,
            offsets: offsets.as_deref(),
            bias: Some(&bias),
            accumulate: false,
        };
        multiply(&activations, Packed { data: &b, k, n }, 0..n.div_ceil(PANEL), output, &mut c, n);
    }
}

/// Returns numbers with a bell-shaped distribution about 0: sums of twelve random numbers, with a few large ones.
fn bell(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut uniform = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 24) as f32
    };
    (0..len).map(|i| (0..12).map(|_| uniform()).sum::<f32>() - 6.0 + if i % 200 == 0 { 3.0 } else { 0.0 }).collect()
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
