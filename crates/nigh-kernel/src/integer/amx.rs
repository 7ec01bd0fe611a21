//! AMX: products of bytes in tile registers. A tile of A has up to 16 rows × 64 bytes of k; one of B 16 groups of k × 16 columns, which is
//! the packed layout with half of a panel; a tile of C has 16 × 16 sums. Four tiles of C are computed together: 32 rows × a panel.
//!
//! The compiler knows nothing of tile registers, so that they need no clobbers: they are configured, used and released in [`product`].
//! Sums are exact, and become results as in `avx512.rs`.

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

use super::operand::{PANEL, Packed, Rows};
use super::rows512::mask_of_first;
use super::{Tile, avx512};

/// The most rows that are computed together: two tiles.
const MAX_ROWS: usize = 32;

/// The rows of a tile.
const TILE_ROWS: usize = 16;

/// The bytes of k in a row of a tile of A, and of a row of sums of half a panel.
const TILE_BYTES: usize = 64;

/// The bytes of a group of k in a panel.
const GROUP_BYTES: usize = PANEL * 4;

/// True for products whose k fills whole tiles.
pub(super) fn takes(k: usize) -> bool {
    k.is_multiple_of(TILE_BYTES)
}

/// What `ldtilecfg` reads: the rows and the bytes per row of each tile.
#[repr(C, align(64))]
struct Config {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Config {
    /// C in tiles 0 to 3, A in 4 and 5, B in 6 and 7; for this many rows of A.
    fn new(rows: usize) -> Self {
        let (top, bottom) = halves(rows);
        let (top, bottom, all) = (top as u8, bottom as u8, TILE_ROWS as u8);
        let heights = [top, top, bottom, bottom, top, bottom, all, all];
        let mut config = Self { palette: 1, start_row: 0, reserved: [0; 14], row_bytes: [0; 16], rows: [0; 16] };
        for (tile, height) in heights.into_iter().enumerate().filter(|(_, height)| *height > 0) {
            config.rows[tile] = height;
            config.row_bytes[tile] = TILE_BYTES as u16;
        }
        config
    }
}

/// Returns the rows of the first and of the second tile of A.
fn halves(rows: usize) -> (usize, usize) {
    (rows.min(TILE_ROWS), rows.saturating_sub(TILE_ROWS))
}

/// The sums of up to [`MAX_ROWS`] rows of a panel.
#[repr(C, align(64))]
struct Sums([[i32; PANEL]; MAX_ROWS]);

/// Multiplies all rows by the panels. `output` returns the tile that starts at a row and a panel, of which only C, scales, offsets and bias
/// count.
///
/// # Safety
/// The process may use AMX, and the CPU has AVX-512. `a.rows` ≥ 1, [`takes`]`(b.k)`; the rows and B have `b.k` bytes for each row and column;
/// the tiles that `output` returns are valid for the rows from there to the last one.
pub(super) unsafe fn product(
    a: Rows<'_, u8>,
    b: Packed<'_, i8>,
    panels: Range<usize>,
    output: impl Fn(usize, usize) -> Tile,
) {
    // Blocks of equal height, so that one configuration serves them all; the last one overlaps the one before it.
    let height = a.rows.div_ceil(a.rows.div_ceil(MAX_ROWS));
    let config = Config::new(height);
    let mut sums = Sums([[0; PANEL]; MAX_ROWS]);
    // SAFETY: the caller may use AMX; the configuration is valid: palette 1, at most 16 rows of 64 bytes in 8 tiles.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &config, options(nostack, readonly)) };
    for panel in panels {
        let columns = b.data[panel * b.k * PANEL..][..b.k * PANEL].as_ptr();
        let mut done = 0;
        while done < a.rows {
            let first = done.min(a.rows - height);
            let rows = a.data[first * a.stride..].as_ptr();
            // SAFETY: A has `height` rows from `first` on, of whole tiles as `takes` says, and B the panel; C and what belongs to it have
            // the rows from `done` on, up to `first + height`.
            unsafe {
                multiply(height, rows, a.stride, columns, b.k / TILE_BYTES, &mut sums);
                store(output(done, panel), &sums.0[done - first..height]);
            }
            done = first + height;
        }
    }
    // SAFETY: the caller may use AMX.
    unsafe { asm!("tilerelease", options(nostack, nomem)) };
}

/// Computes the sums of `rows` rows of A and a panel, over `steps` tiles of k.
///
/// # Safety
/// The tiles are configured for `rows` rows; `a` has so many, `stride` apart, of `steps` × 64 bytes, and `b` as many groups.
unsafe fn multiply(rows: usize, a: *const u8, stride: usize, b: *const i8, steps: usize, sums: &mut Sums) {
    let (top, bottom) = halves(rows);
    // Of the second tile of A, if there is one.
    let below = a.wrapping_add(if bottom > 0 { top * stride } else { 0 });
    let (upper, lower) = sums.0.split_at_mut(top);
    // SAFETY: the caller's obligation: step by step, the loads read 64 bytes of each row and 16 groups of the panel. The sums have 32 rows of
    // 128 bytes. Loads and products take turns, since a product does not wait for later loads.
    unsafe {
        if bottom > 0 {
            asm!(
                "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                "2:",
                "tileloadd tmm4, [{a} + {stride}]",
                "tileloadd tmm6, [{b} + {group}]",
                "tdpbusd tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{b} + {group} + 64]",
                "tdpbusd tmm1, tmm4, tmm7",
                "tileloadd tmm5, [{below} + {stride}]",
                "tdpbusd tmm2, tmm5, tmm6",
                "tdpbusd tmm3, tmm5, tmm7",
                "add {a}, 64", "add {below}, 64", "add {b}, 2048",
                "dec {steps}", "jnz 2b",
                "tilestored [{upper} + {group}], tmm0",
                "tilestored [{upper} + {group} + 64], tmm1",
                "tilestored [{lower} + {group}], tmm2",
                "tilestored [{lower} + {group} + 64], tmm3",
                a = inout(reg) a => _, below = inout(reg) below => _, b = inout(reg) b => _,
                steps = inout(reg) steps => _, stride = in(reg) stride, group = in(reg) GROUP_BYTES,
                upper = in(reg) upper.as_mut_ptr(), lower = in(reg) lower.as_mut_ptr(), options(nostack)
            );
        } else {
            asm!(
                "tilezero tmm0", "tilezero tmm1",
                "2:",
                "tileloadd tmm4, [{a} + {stride}]",
                "tileloadd tmm6, [{b} + {group}]",
                "tdpbusd tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{b} + {group} + 64]",
                "tdpbusd tmm1, tmm4, tmm7",
                "add {a}, 64", "add {b}, 2048",
                "dec {steps}", "jnz 2b",
                "tilestored [{upper} + {group}], tmm0",
                "tilestored [{upper} + {group} + 64], tmm1",
                a = inout(reg) a => _, b = inout(reg) b => _, steps = inout(reg) steps => _,
                stride = in(reg) stride, group = in(reg) GROUP_BYTES, upper = in(reg) upper.as_mut_ptr(), options(nostack)
            );
        }
    }
}

/// Scales and stores the sums of some rows of a panel.
///
/// # Safety
/// The CPU has AVX-512 F; the tile is valid for these rows.
#[target_feature(enable = "avx512f")]
unsafe fn store(t: Tile, sums: &[[i32; PANEL]]) {
    for half in 0..t.columns.div_ceil(TILE_ROWS) {
        let at = half * TILE_ROWS;
        let mask = mask_of_first(t.columns - at);
        // SAFETY: the mask is that of the panel's columns; the caller promises the rest.
        unsafe {
            let scale = _mm512_maskz_loadu_ps(mask, t.column_scales.add(at));
            let offset = if t.offsets.is_null() {
                _mm512_setzero_si512()
            } else {
                _mm512_maskz_loadu_epi32(mask, t.offsets.add(at))
            };
            for (r, sums) in sums.iter().enumerate() {
                let sum = _mm512_add_epi32(_mm512_loadu_si512(sums.as_ptr().add(at).cast()), offset);
                avx512::store_half(t, r, half, mask, scale, sum);
            }
        }
    }
}

/// See [`super::from_registers`].
///
/// # Safety
/// The process may use AMX.
pub(super) unsafe fn from_registers(steps: usize) -> usize {
    let config = Config::new(MAX_ROWS);
    // SAFETY: the caller may use AMX; see `product`.
    unsafe {
        asm!("ldtilecfg [{}]", in(reg) &config, options(nostack, readonly));
        asm!(
            "2:",
            "tdpbusd tmm0, tmm4, tmm6", "tdpbusd tmm1, tmm4, tmm7", "tdpbusd tmm2, tmm5, tmm6", "tdpbusd tmm3, tmm5, tmm7",
            "dec {}", "jnz 2b", inout(reg) steps.max(1) => _, options(nostack, nomem)
        );
        asm!("tilerelease", options(nostack, nomem));
    }
    steps.max(1) * 2 * MAX_ROWS * PANEL * TILE_BYTES
}
