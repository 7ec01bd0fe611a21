//! The rows that a search may find: sets of rows, and the filter of one segment.

use std::ops::Range;

use super::bitmap::Bitmap;
use super::snapshot::{LiveSegment, Snapshot};
use crate::document::PassageId;
use crate::error::Result;
use crate::row::RowId;

/// A set of rows of a snapshot: one bitmap for each segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSet(Vec<Bitmap>);

impl RowSet {
    /// Returns the rows of passages. Passages that the snapshot does not have are ignored.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn of_passages(snapshot: &Snapshot, passages: impl IntoIterator<Item = PassageId>) -> Result<Self> {
        let mut rows: Vec<Bitmap> = snapshot.segments().iter().map(|live| Bitmap::none(live.segment.rows())).collect();
        for passage in passages {
            if let Some(found) = snapshot.find_passage(passage)? {
                rows[found.segment].insert(found.row);
            }
        }
        Ok(Self(rows))
    }

    /// Returns the set of the given rows of each segment. Rows that the snapshot does not have are ignored.
    pub fn of(snapshot: &Snapshot, rows: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let of_segment = |(live, rows): (&LiveSegment, Vec<u32>)| {
            let mut bitmap = Bitmap::none(live.segment.rows());
            rows.into_iter().for_each(|row| bitmap.insert(row));
            bitmap
        };
        Self(snapshot.segments().iter().zip(rows).map(of_segment).collect())
    }

    /// Returns the intersection of both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a.and(b)).collect())
    }

    /// True if the set has this row.
    pub fn contains(&self, row: RowId) -> bool {
        self.0.get(row.segment).is_some_and(|rows| rows.contains(row.row))
    }

    /// Returns the rows of one segment.
    pub(super) fn of_segment(&self, segment: usize) -> Option<&Bitmap> {
        self.0.get(segment)
    }
}

/// The rows of one segment that a search may find: not deleted, in the requested set, not of the document to skip.
#[derive(Debug)]
pub(super) struct RowFilter<'a> {
    rows: Accepted<'a>,
    skip: Range<u32>,
    count: u32,
}

#[derive(Debug)]
enum Accepted<'a> {
    /// All rows, and their number.
    All(u32),
    Borrowed(&'a Bitmap),
    Owned(Bitmap),
}

impl<'a> RowFilter<'a> {
    pub(super) fn new(live: &'a LiveSegment, within: Option<&'a Bitmap>, skip: Range<u32>) -> Self {
        let rows = match (&live.rows, within) {
            (None, None) => Accepted::All(live.segment.rows()),
            (Some(rows), None) | (None, Some(rows)) => Accepted::Borrowed(rows),
            (Some(live), Some(within)) => Accepted::Owned(live.and(within)),
        };
        let mut filter = Self { rows, skip: 0..0, count: 0 };
        // Counted before `skip` is set: these rows are accepted otherwise.
        let skipped = skip.clone().filter(|&row| filter.accepts(row)).count() as u32;
        let total = match &filter.rows {
            Accepted::All(rows) => *rows,
            Accepted::Borrowed(bitmap) => bitmap.count(),
            Accepted::Owned(bitmap) => bitmap.count(),
        };
        (filter.skip, filter.count) = (skip, total - skipped);
        filter
    }

    /// Returns the number of accepted rows.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// True if the search may find a row.
    #[inline]
    pub(super) fn accepts(&self, row: u32) -> bool {
        let accepted = match &self.rows {
            Accepted::All(rows) => row < *rows,
            Accepted::Borrowed(bitmap) => bitmap.contains(row),
            Accepted::Owned(bitmap) => bitmap.contains(row),
        };
        accepted && !self.skip.contains(&row)
    }
}
