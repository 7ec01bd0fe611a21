//! Rows with equal codes and scales share a node. Otherwise the copies of a vector would fill each other's lists and cut off all other
//! rows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::super::codes::Codes;
use super::super::stored::Stored;
use crate::error::{Error, Result};

/// The rows that are nodes, and their copies.
pub(super) struct Groups {
    /// The rows that are nodes, ascending.
    pub nodes: Vec<u32>,
    /// The first row and the copies of each group of equal rows, ascending.
    pub copies: Vec<(u32, Vec<u32>)>,
}

/// Finds equal rows. Reads each row once.
///
/// # Errors
/// [`Error::Interrupted`] on `cancel`; [`Error::IndexDamaged`] if a row cannot be read.
pub(super) fn find_groups<S: Stored>(codes: &Codes<S>, cancel: &AtomicBool) -> Result<Groups> {
    // For each hash, the different rows with this hash.
    let mut rows_by_hash: HashMap<u64, Vec<u32>> = HashMap::with_capacity(codes.rows());
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
        let same_hash = rows_by_hash.entry(hasher.finish()).or_default();
        let mut equal = None;
        for &other in &*same_hash {
            if codes.row(other as usize)? == bytes && codes.scale(other as usize)?.to_bits() == scale {
                equal = Some(other);
                break;
            }
        }
        match equal {
            Some(first) => copies.entry(first).or_default().push(row as u32),
            None => {
                same_hash.push(row as u32);
                nodes.push(row as u32);
            }
        }
    }
    let mut copies: Vec<(u32, Vec<u32>)> = copies.into_iter().collect();
    copies.sort_unstable();
    Ok(Groups { nodes, copies })
}
