//! The two kinds of integer product, the packed layout of their right side, and how a sum becomes a result.

/// Columns of a panel: two AVX-512 registers of 4-byte groups.
pub const PANEL: usize = 32;

/// A kind of product: the element types of A and B.
pub trait Product: sealed::Sealed {
    /// An element of A.
    type A: Copy;
    /// An element of B.
    type B: Copy + Default;
    /// Elements of k that are multiplied together: 4 bytes.
    const GROUP: usize;
    /// Whether A is u8 and B i8.
    const BYTES: bool;
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
}

/// i16 by i16. The caller keeps the values so small that sums fit an i32.
#[derive(Debug)]
pub enum I16xI16 {}

impl Product for I16xI16 {
    type A = i16;
    type B = i16;
    const GROUP: usize = 2;
    const BYTES: bool = false;
}

/// How many groups k elements make, the last one padded.
pub fn groups<P: Product>(k: usize) -> usize {
    k.div_ceil(P::GROUP)
}

/// How many elements a packed k × n matrix takes.
pub fn packed_len<P: Product>(k: usize, n: usize) -> usize {
    n.div_ceil(PANEL) * PANEL * groups::<P>(k) * P::GROUP
}

/// A: `rows` rows of k elements, padded to whole groups with anything (B has zeros there), `stride` apart.
#[derive(Clone, Copy)]
pub struct Rows<'a, T> {
    /// Where the first row starts.
    pub data: &'a [T],
    /// How many rows.
    pub rows: usize,
    /// Elements from one row to the next.
    pub stride: usize,
}

/// B in the packed layout, borrowed.
#[derive(Clone, Copy)]
pub struct Packed<'a, T> {
    /// `packed_len(k, n)` elements.
    pub data: &'a [T],
    /// Rows of B: the length of each sum.
    pub k: usize,
    /// Columns of B.
    pub n: usize,
}

/// How sums become results; see [`super::product`].
#[derive(Clone, Copy)]
pub struct Output<'a> {
    /// One factor per row of A.
    pub row_scales: &'a [f32],
    /// One factor per column of B.
    pub column_scales: &'a [f32],
    /// Added to the sums, one per column.
    pub offsets: Option<&'a [i32]>,
    /// Added after the scales, one per column.
    pub bias: Option<&'a [f32]>,
    /// Whether the result is added to C's old values.
    pub accumulate: bool,
}
