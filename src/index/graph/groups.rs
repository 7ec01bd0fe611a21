//! Rows with the same codes and scale share a node: many copies of one vector would fill each other's lists and cut
//! everything else off.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::super::codes::Codes;
use super::super::stored::Stored;
use crate::error::{Error, Result};

/// Which rows are nodes, and which are copies of one.
pub(super) struct Groups {
    /// Rows that are nodes, ascending.
    pub nodes: Vec<u32>,
    /// First row and copies of each group of equal rows, ascending.
    pub copies: Vec<(u32, Vec<u32>)>,
}

/// Finds equal rows; reads each row once.
///
/// # Errors
/// [`Error::Interrupted`] on `cancel`; [`Error::IndexDamaged`] when a row cannot be read.
pub(super) fn groups<S: Stored>(codes: &Codes<S>, cancel: &AtomicBool) -> Result<Groups> {
    // Rows of one hash, of which each differs from the others.
    let mut seen: HashMap<u64, Vec<u32>> = HashMap::with_capacity(codes.rows());
    let mut copies: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut nodes = Vec::with_capacity(codes.rows());
    for row in 0..codes.rows() {
        if cancel.load(Relaxed) {
            return Err(Error::Interrupted);
        }
        let (bytes, scale) = (codes.row(row)?, codes.scale(row)?.to_bits());
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        hasher.write_u32(scale);
        let alike = seen.entry(hasher.finish()).or_default();
        let mut equal = None;
        for &other in &*alike {
            if codes.row(other as usize)? == bytes && codes.scale(other as usize)?.to_bits() == scale {
                equal = Some(other);
                break;
            }
        }
        match equal {
            Some(first) => copies.entry(first).or_default().push(row as u32),
            None => {
                alike.push(row as u32);
                nodes.push(row as u32);
            }
        }
    }
    let mut copies: Vec<(u32, Vec<u32>)> = copies.into_iter().collect();
    copies.sort_unstable();
    Ok(Groups { nodes, copies })
}
