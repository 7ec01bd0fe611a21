//! The two kinds of integer product, the packed layout of their right side, and how a sum becomes a result.

/// The number of columns of a panel: two AVX-512 registers of 4-byte groups.
pub const PANEL: usize = 32;

/// A kind of product: the element types of A and B.
pub trait Product: sealed::Sealed {
    /// An element of A.
    type A: Copy;
    /// An element of B.
    type B: Copy + Default;
    /// The number of elements of k in a group of 4 bytes.
    const GROUP: usize;
    /// True if A is u8 and B is i8.
    const BYTES: bool;
    /// Returns A and B as bytes; `None` if they are words.
    fn bytes<'a>(a: &'a [Self::A], b: &'a [Self::B]) -> Option<(&'a [u8], &'a [i8])>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::U8xI8 {}
    impl Sealed for super::I16xI16 {}
}

/// u8 by i8. |sum| ≤ 255 · 128 · k, which fits an i32 for k ≤ 65,000.
#[derive(Debug)]
pub enum U8xI8 {}

impl Product for U8xI8 {
    type A = u8;
    type B = i8;
    const GROUP: usize = 4;
    const BYTES: bool = true;

    fn bytes<'a>(a: &'a [u8], b: &'a [i8]) -> Option<(&'a [u8], &'a [i8])> {
        Some((a, b))
    }
}

/// i16 by i16. The caller must keep the values so small that sums fit an i32.
#[derive(Debug)]
pub enum I16xI16 {}

impl Product for I16xI16 {
    type A = i16;
    type B = i16;
    const GROUP: usize = 2;
    const BYTES: bool = false;

    fn bytes<'a>(_: &'a [i16], _: &'a [i16]) -> Option<(&'a [u8], &'a [i8])> {
        None
    }
}

/// Returns the number of groups of k elements; the last one is padded.
pub fn groups<P: Product>(k: usize) -> usize {
    k.div_ceil(P::GROUP)
}

/// Returns the number of elements of a packed k × n matrix.
pub fn packed_len<P: Product>(k: usize, n: usize) -> usize {
    n.div_ceil(PANEL) * PANEL * groups::<P>(k) * P::GROUP
}

/// A: `rows` rows of k elements, padded to whole groups with any values (B has zeros there), `stride` apart.
#[derive(Clone, Copy)]
pub struct Rows<'a, T> {
    /// The elements, from the first row on.
    pub data: &'a [T],
    /// The number of rows.
    pub rows: usize,
    /// Elements from one row to the next.
    pub stride: usize,
}

/// B in the packed layout, borrowed.
#[derive(Clone, Copy)]
pub struct Packed<'a, T> {
    /// `packed_len(k, n)` elements.
    pub data: &'a [T],
    /// The number of rows of B: the length of each sum.
    pub k: usize,
    /// The number of columns of B.
    pub n: usize,
}

/// The numbers that turn sums into results; see [`super::product`].
#[derive(Clone, Copy)]
pub struct Output<'a> {
    /// One factor per row of A.
    pub row_scales: &'a [f32],
    /// One factor per column of B.
    pub column_scales: &'a [f32],
    /// Numbers added to the sums, one per column.
    pub offsets: Option<&'a [i32]>,
    /// Numbers added after the scales, one per column.
    pub bias: Option<&'a [f32]>,
    /// True if the result is added to the old values of C.
    pub accumulate: bool,
}
