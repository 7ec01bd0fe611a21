//! Compares every path with plain sums, for odd shapes.

use proptest::prelude::*;

use super::*;

fn noise(len: usize, seed: u32) -> Vec<u32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        })
        .collect()
}

fn floats(len: usize, seed: u32) -> Vec<f32> {
    noise(len, seed).into_iter().map(|x| x as f32 / (1u32 << 23) as f32 - 1.0).collect()
}

/// Packs `[k][n]` by the definition of the layout, one element at a time.
fn packed<P: Product>(b: &[P::B], k: usize, n: usize) -> Vec<P::B> {
    let mut out = vec![P::B::default(); packed_len::<P>(k, n)];
    for p in 0..k {
        for j in 0..n {
            let (panel, group) = (j / PANEL, p / P::GROUP);
            out[((panel * groups::<P>(k) + group) * PANEL + j % PANEL) * P::GROUP + p % P::GROUP] = b[p * n + j];
        }
    }
    out
}

/// Tests one shape on every path and in every way of storing. Results must equal sums in plain order, bit for bit.
fn check<P: Product>(m: usize, k: usize, n: usize, extra: usize, seed: u32, a: &[P::A], b: &[P::B])
where
    i64: From<P::A> + From<P::B>,
{
    let (a_stride, c_stride) = ((k + extra).next_multiple_of(4), n + extra);
    let b_packed = packed::<P>(b, k, n);
    let rows = Rows { data: &a[..m * a_stride], rows: m, stride: a_stride };
    let (row_scales, column_scales) = (floats(m, seed ^ 2), floats(n, seed ^ 3));
    let (bias, before) = (floats(n, seed ^ 4), floats(m * c_stride, seed ^ 5));
    let offsets: Vec<i32> = noise(n, seed ^ 6).into_iter().map(|x| (x % 2000) as i32 - 1000).collect();
    for (with_offsets, with_bias, accumulate) in [(true, true, true), (false, false, false), (true, true, false)] {
        let output = Output {
            row_scales: &row_scales,
            column_scales: &column_scales,
            offsets: with_offsets.then_some(&offsets),
            bias: with_bias.then_some(&bias),
            accumulate,
        };
        let mut expected = before.clone();
        for i in 0..m {
            for j in 0..n {
                let sum: i64 = (0..k).map(|p| i64::from(a[i * a_stride + p]) * i64::from(b[p * n + j])).sum::<i64>();
                let sum = i32::try_from(sum + if with_offsets { i64::from(offsets[j]) } else { 0 }).unwrap();
                let mut value = sum as f32 * row_scales[i] * column_scales[j];
                if with_bias {
                    value += bias[j];
                }
                expected[i * c_stride + j] = if accumulate { expected[i * c_stride + j] + value } else { value };
            }
        }
        for simd in Simd::available() {
            let packed = Packed { data: &b_packed, k, n };
            let mut c = before.clone();
            product::<P>(simd, rows, packed, 0..n.div_ceil(PANEL), output, &mut c, c_stride);
            assert_eq!(c, expected, "{simd:?} {m}×{k}×{n}");
            let last = n.div_ceil(PANEL) - 1;
            let mut c = vec![7.0; m * PANEL];
            let plain = Output { accumulate: false, ..output };
            product::<P>(simd, rows, packed, last..last + 1, plain, &mut c, PANEL);
            if !accumulate {
                for i in 0..m {
                    let columns = n - last * PANEL;
                    assert_eq!(c[i * PANEL..][..columns], expected[i * c_stride + last * PANEL..][..columns]);
                    assert!(c[i * PANEL + columns..(i + 1) * PANEL].iter().all(|&x| x == 7.0), "wrote past column {n}");
                }
            }
        }
    }
}

fn check_bytes(m: usize, k: usize, n: usize, extra: usize, seed: u32) {
    let a: Vec<u8> = noise(m * (k + extra).next_multiple_of(4), seed).into_iter().map(|x| x as u8).collect();
    let b: Vec<i8> = noise(k * n, seed ^ 1).into_iter().map(|x| x as i8).collect();
    check::<U8xI8>(m, k, n, extra, seed, &a, &b);
}

/// Tests a product of activations on every path: the same bits as plain sums over the bytes of the portable path.
fn check_activations(m: usize, k: usize, n: usize, x: &[f32], above: Option<f32>, seed: u32) {
    let factors = vec![1.0; k];
    let (b, column_scales) = quantise_weights(&floats(n * k, seed ^ 1), n, &factors);
    let weights = Packed { data: &b, k, n };
    let (bias, weight_offsets) = (floats(n, seed ^ 2), offsets(&b, n, k));
    let portable = Simd::at(SimdLevel::Portable).unwrap();
    let (mut bytes, mut scales) = (vec![0; m * k], vec![0.0; m]);
    let steps = match above {
        Some(floor) => {
            quantise_rows_above(portable, x, k, floor, &mut bytes, k, &mut scales);
            Steps::Above { floor, width: k }
        }
        None => {
            quantise_rows(portable, x, &factors, &mut bytes, k, &mut scales);
            Steps::Symmetric(&factors)
        }
    };
    let offsets = above.is_none().then_some(&weight_offsets[..]);
    let output =
        Output { row_scales: &scales, column_scales: &column_scales, offsets, bias: Some(&bias), accumulate: false };
    let mut expected = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            let weight = |p: usize| b[((j / PANEL * k.div_ceil(4) + p / 4) * PANEL + j % PANEL) * 4 + p % 4];
            let sum: i32 = (0..k).map(|p| i32::from(bytes[i * k + p]) * i32::from(weight(p))).sum();
            let sum = sum + offsets.map_or(0, |offsets| offsets[j]);
            expected[i * n + j] = sum as f32 * scales[i] * column_scales[j] + bias[j];
        }
    }
    for simd in Simd::available() {
        // What a longer batch leaves behind must not matter.
        let mut activations = Activations::default();
        activations.fill(simd, &vec![0.7; (m + 5) * (k + 70)], Steps::Above { floor: -1.0, width: k + 70 });
        activations.fill(simd, x, steps);
        let mut c = vec![7.0; m * n];
        multiply(&activations, weights, 0..n.div_ceil(PANEL), output, &mut c, n);
        assert!(c == expected && activations.scales() == scales, "{simd:?} {m}×{k}×{n} above {above:?}");
        let output = Output { accumulate: true, ..output };
        let mut twice = c.clone();
        multiply(&activations, weights, 0..n.div_ceil(PANEL), output, &mut twice, n);
        assert!(twice.iter().zip(&c).all(|(twice, once)| *twice == once + once), "{simd:?} {m}×{k}×{n} added");
    }
}

#[test]
fn products_of_activations_are_exact_where_sums_of_four_would_not_fit() {
    for (m, k, n) in [
        (1, 1, 1),
        (3, 4, 16),
        (4, 36, 17),
        (5, 384, 96),
        (14, 1536, 33),
        (9, 770, 70),
        (33, 64, 40),
        (49, 128, 70),
        (100, 192, 31),
    ] {
        let rows = |value: &dyn Fn(usize) -> f32| -> Vec<f32> { (0..m * k).map(value).collect() };
        // All bytes are the largest ones, of one sign or the other, or both by turns of one, two, three and five.
        let mut cases = vec![rows(&|_| 1.0), rows(&|_| -1.0), rows(&|_| 0.0)];
        cases.extend([1, 2, 3, 5].map(|turn| rows(&|i| if i / turn % 2 == 0 { 1.0 } else { -1.0 })));
        // A few large values among small ones, as in real rows.
        cases.push(rows(&|i| if i % 37 < 3 { 1.0 } else { 0.1 }));
        for x in cases {
            check_activations(m, k, n, &x, None, 5);
            check_activations(m, k, n, &x, Some(-1.0), 5);
        }
    }
}

fn check_words(m: usize, k: usize, n: usize, extra: usize, seed: u32) {
    let word = |x: u32| (x % 4095) as i16 - 2047;
    let a: Vec<i16> = noise(m * (k + extra).next_multiple_of(4), seed).into_iter().map(word).collect();
    let b: Vec<i16> = noise(k * n, seed ^ 1).into_iter().map(word).collect();
    check::<I16xI16>(m, k, n, extra, seed, &a, &b);
}

#[test]
fn product_is_right_for_the_encoders_shapes() {
    for (m, k, n) in [
        (1, 384, 1152),
        (13, 384, 384),
        (25, 1536, 384),
        (1, 1, 1),
        (2, 128, 512),
        (5, 768, 96),
        (3, 1024, 64),
        (11, 312, 1200),
        // Several chunks of AVX2's words, and what a larger product leaves in them.
        (101, 384, 96),
        (49, 36, 7),
        (97, 8, 41),
    ] {
        check_bytes(m, k, n, 0, 7);
    }
    for (m, k, n) in [(511, 32, 511), (14, 64, 512), (14, 511, 32), (12, 512, 64), (1, 1, 1), (7, 24, 33)] {
        check_words(m, k, n, 0, 7);
    }
}

#[test]
fn product_does_not_saturate() {
    let (m, k, n) = (7, 1536, 40);
    for (a, b) in [(255u8, 127i8), (255, -128), (0, -128)] {
        check::<U8xI8>(m, k, n, 0, 3, &vec![a; m * k], &vec![b; k * n]);
    }
    let (k, n) = (512, 40);
    for (a, b) in [(4095i16, 1023i16), (4095, -1023), (-2047, 2047)] {
        check::<I16xI16>(m, k, n, 0, 3, &vec![a; m * k], &vec![b; k * n]);
    }
}

#[test]
fn quantise_passes_nan_on_to_the_scale() {
    for simd in Simd::available() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for at in [0, 15, 16, 39] {
                let mut x = vec![0.5; 40];
                x[at] = bad;
                let (mut q, mut scales) = (vec![0; 40], vec![0.0; 1]);
                quantise_rows(simd, &x, &[1.0; 40], &mut q, 40, &mut scales);
                assert!(!scales[0].is_finite() && !max_abs(simd, &x, 40, 40).is_finite(), "{simd:?} {bad} at {at}");
            }
        }
    }
}

/// Runs `act` on every path, checks that all results are equal, and returns one.
fn same_on_every_path<T: PartialEq + std::fmt::Debug>(act: impl Fn(Simd) -> T) -> T {
    let first = act(Simd::at(SimdLevel::Portable).unwrap());
    for simd in Simd::available() {
        assert_eq!(act(simd), first, "{simd:?}");
    }
    first
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn product_of_bytes_for_any_shape(m in 1usize..30, k in 1usize..140, n in 1usize..100, extra in 0usize..5, seed: u32) {
        check_bytes(m, k, n, extra, seed);
    }

    #[test]
    fn product_of_i16_for_any_shape(m in 1usize..30, k in 1usize..140, n in 1usize..100, extra in 0usize..5, seed: u32) {
        check_words(m, k, n, extra, seed);
    }

    #[test]
    fn products_of_activations_for_any_shape(m in 1usize..70, k in 1usize..140, tiles: bool, n in 1usize..100, seed: u32, above: bool) {
        // Of whole tiles, half of the times.
        let k = if tiles { k.next_multiple_of(64) } else { k };
        let x = floats(m * k, seed);
        check_activations(m, k, n, &x, above.then_some(-1.0), seed);
    }

    #[test]
    fn quantise_rows_is_within_half_a_step(rows in 1usize..4, width in 1usize..300, extra in 0usize..9, seed: u32) {
        let x = floats(rows * width, seed);
        let factors = floats(width, seed ^ 1);
        let stride = width + extra;
        let (q, scales) = same_on_every_path(|simd| {
            let (mut q, mut scales) = (vec![9u8; rows * stride], vec![0.0; rows]);
            quantise_rows(simd, &x, &factors, &mut q, stride, &mut scales);
            (q, scales)
        });
        for i in 0..rows {
            for j in 0..width {
                let value = x[i * width + j] * factors[j];
                let back = scales[i] * (f32::from(q[i * stride + j]) - 128.0);
                prop_assert!((value - back).abs() <= scales[i] * 0.5001, "{value} became {back}");
            }
        }
    }

    #[test]
    fn quantise_rows_above_is_within_half_a_step(rows in 1usize..4, width in 1usize..300, extra in 0usize..9, seed: u32) {
        let x: Vec<f32> = floats(rows * width, seed).iter().map(|x| (x * 3.0).max(-0.17)).collect();
        let stride = width + extra;
        let (q, scales) = same_on_every_path(|simd| {
            let (mut q, mut scales) = (vec![9u8; rows * stride], vec![0.0; rows]);
            quantise_rows_above(simd, &x, width, -0.1701, &mut q, stride, &mut scales);
            (q, scales)
        });
        for i in 0..rows {
            for j in 0..width {
                let back = scales[i] * f32::from(q[i * stride + j]) - 0.1701;
                prop_assert!((x[i * width + j] - back).abs() <= scales[i] * 0.5001 + 1e-6);
            }
        }
    }

    #[test]
    fn quantise_weights_is_within_half_a_step_and_offsets_cancel_the_zero_point(n in 1usize..70, k in 1usize..70, seed: u32) {
        let w = floats(n * k, seed);
        let factors = floats(k, seed ^ 1);
        let (q, scales) = quantise_weights(&w, n, &factors);
        let offsets = offsets(&q, n, k);
        for j in 0..n {
            let mut sum = 0;
            for p in 0..k {
                let q = q[((j / PANEL * k.div_ceil(4) + p / 4) * PANEL + j % PANEL) * 4 + p % 4];
                sum += i32::from(q);
                let value = w[j * k + p] * factors[p];
                prop_assert!((value - scales[j] * f32::from(q)).abs() <= scales[j] * 0.5001);
            }
            prop_assert_eq!(offsets[j], -128 * sum);
        }
    }

    #[test]
    fn pack_follows_the_layout(k in 1usize..80, n in 1usize..80, extra in 0usize..4, seed: u32) {
        let factor = 2000.0;
        let word = |x: f32| (x * factor).round_ties_even() as i16;
        let x = floats(n.max(k) * (n.max(k) + extra), seed);
        let stride = k + extra;
        let byte = |x: f32| (x * 127.0).round_ties_even() as i8;
        let keys: Vec<i8> = (0..k * n).map(|i| byte(x[(i % n) * stride + i / n])).collect();
        let (made, offsets) = same_on_every_path(|simd| {
            let (mut out, mut offsets) = (vec![9; packed_len::<U8xI8>(k, n)], vec![9; n]);
            pack_rows_i8(simd, Rows { data: &x, rows: n, stride }, k, 127.0, &mut out, &mut offsets);
            (out, offsets)
        });
        prop_assert_eq!(&offsets, &super::offsets(&made, n, k));
        prop_assert_eq!(made, packed::<U8xI8>(&keys, k, n));
        let stride = n + extra;
        let values: Vec<i16> = (0..k * n).map(|i| word(x[(i / n) * stride + i % n])).collect();
        let made = same_on_every_path(|simd| {
            let mut out = vec![9; packed_len::<I16xI16>(k, n)];
            pack_columns_i16(simd, &x, k, n, stride, factor, &mut out);
            out
        });
        prop_assert_eq!(made, packed::<I16xI16>(&values, k, n));
        let made = same_on_every_path(|simd| {
            let mut out = vec![9; k * n.next_multiple_of(4)];
            rows_to_u8(simd, &x[..k * stride], n, stride, 127.0, &mut out);
            out
        });
        for (i, &q) in made.iter().enumerate() {
            let (row, column) = (i / n.next_multiple_of(4), i % n.next_multiple_of(4));
            prop_assert_eq!(i32::from(q), if column < n { i32::from(byte(x[row * stride + column])) + 128 } else { 9 });
        }
    }

    #[test]
    fn softmax_equals_the_scalar_softmax(rows in 1usize..4, keys in 1usize..600, seed: u32) {
        let scores: Vec<f32> = floats(rows * keys, seed).iter().map(|x| x * 12.0).collect();
        let stride = keys.next_multiple_of(2);
        let (p, inverses) = same_on_every_path(|simd| {
            let (mut p, mut inverses) = (vec![9; rows * stride], vec![0.0; rows]);
            softmax_i16(simd, &scores, keys, &mut p, stride, &mut inverses);
            (p, inverses)
        });
        for (i, row) in scores.chunks(keys).enumerate() {
            let peak = row.iter().copied().fold(f32::MIN, f32::max);
            let p = &p[i * stride..][..stride];
            for (&x, &p) in row.iter().zip(p) {
                let exact = 4095.0 * (f64::from(x) - f64::from(peak)).exp2();
                prop_assert!((f64::from(p) - exact).abs() < 0.52, "{p} for {exact}");
            }
            prop_assert!(p[keys..].iter().all(|&p| p == 0));
            let sum: i32 = p.iter().map(|&p| i32::from(p)).sum();
            prop_assert_eq!(inverses[i], 1.0 / sum as f32);
        }
    }
}

#[test]
fn softmax_gives_masked_keys_no_weight() {
    let scores = [1.0, f32::NEG_INFINITY, 1.0];
    for simd in Simd::available() {
        let (mut p, mut inverse) = ([9i16; 4], [0.0]);
        softmax_i16(simd, &scores, 3, &mut p, 4, &mut inverse);
        assert_eq!((p, inverse), ([4095, 0, 4095, 0], [1.0 / 8190.0]));
    }
}
