use super::*;
use proptest::prelude::*;

/// Returns the reference: 64-bit sums of codes, one by one.
fn reference(query: &[i8], row: &[u8]) -> i32 {
    let dot: i64 = query.iter().zip(row).map(|(&q, &r)| i64::from(q) * (i64::from(r) - 128)).sum();
    dot as i32
}

fn random(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state >> 8
    }
}

proptest! {
    #[test]
    fn dot_rows_of_every_path_equals_the_reference(lines in 0usize..8, count in 0usize..23, seed: u32, extreme: bool) {
        let stride = lines * LINE;
        let mut next = random(seed);
        // All values of bytes; or only extreme ones, for which 16 bits would saturate.
        let mut byte = || if extreme { [255, 1][next() as usize % 2] } else { next() as u8 };
        let rows: Vec<u8> = (0..stride * count).map(|_| byte()).collect();
        let query: Vec<i8> = (0..stride).map(|_| (byte() ^ BIAS).cast_signed()).collect();
        let apart: Vec<&[u8]> = (0..count).rev().map(|i| &rows[i * stride..(i + 1) * stride]).collect();
        let expected: Vec<i32> = apart.iter().rev().map(|row| reference(&query, row)).collect();
        for simd in Simd::available() {
            let (mut dots, mut gathered) = (vec![7; count], vec![7; count]);
            dot_rows(simd, &query, correction(&query), &rows, &mut dots);
            dot_gathered(simd, &query, correction(&query), &apart, &mut gathered);
            gathered.reverse();
            prop_assert_eq!(&dots, &expected, "{:?}", simd);
            prop_assert_eq!(&gathered, &expected, "{:?}", simd);
        }
    }
}

#[test]
fn unbias_turns_a_row_into_a_query() {
    let mut query = [9; 4];
    unbias(&[128, 255, 1, 0], &mut query);
    assert_eq!(query.map(u8::cast_signed), [0, 127, -127, -128]);
    prefetch(&[0u8; 0]);
    prefetch(&[1u8; 65][..]);
}

#[test]
#[should_panic(expected = "stride")]
fn dot_rows_refuses_a_stride_of_half_a_line() {
    dot_rows(Simd::detect(), &[0; 32], 0, &[0; 32], &mut [0]);
}
