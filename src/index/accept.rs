//! Which rows of a segment a search may give.

use std::ops::Range;

use super::bitmap::Bitmap;
use super::snapshot::{Live, Snapshot};
use crate::document::PassageId;
use crate::error::Result;

/// Rows of every segment of one snapshot: a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(Vec<Bitmap>);

impl Rows {
    /// The rows of passages, those that live.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn of_passages(snapshot: &Snapshot, passages: impl IntoIterator<Item = PassageId>) -> Result<Self> {
        let mut rows: Vec<Bitmap> = snapshot.segments().iter().map(|live| Bitmap::none(live.segment.rows())).collect();
        for passage in passages {
            if let Some((segment, row)) = snapshot.find_passage(passage)? {
                rows[segment].insert(row);
            }
        }
        Ok(Self(rows))
    }

    /// Rows by segment; those that are not there are left out.
    pub fn of(snapshot: &Snapshot, rows: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let of_segment = |(live, rows): (&Live, Vec<u32>)| {
            let mut bitmap = Bitmap::none(live.segment.rows());
            rows.into_iter().for_each(|row| bitmap.insert(row));
            bitmap
        };
        Self(snapshot.segments().iter().zip(rows).map(of_segment).collect())
    }

    /// The rows that both have.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a.and(b)).collect())
    }

    /// The rows of one segment.
    pub(super) fn of_segment(&self, segment: usize) -> Option<&Bitmap> {
        self.0.get(segment)
    }
}

/// The rows of one segment that live, pass the filter, and are not of the document that is left out.
#[derive(Debug)]
pub(super) struct Accept<'a> {
    rows: Chosen<'a>,
    skip: Range<u32>,
    count: u32,
}

#[derive(Debug)]
enum Chosen<'a> {
    All(u32),
    These(&'a Bitmap),
    Both(Bitmap),
}

impl<'a> Accept<'a> {
    pub(super) fn new(live: &'a Live, among: Option<&'a Bitmap>, skip: Range<u32>) -> Self {
        let rows = match (&live.rows, among) {
            (None, None) => Chosen::All(live.segment.rows()),
            (Some(rows), None) | (None, Some(rows)) => Chosen::These(rows),
            (Some(live), Some(among)) => Chosen::Both(live.and(among)),
        };
        let mut accept = Self { rows, skip: 0..0, count: 0 };
        let skipped = skip.clone().filter(|&row| accept.contains(row)).count() as u32;
        let whole = match &accept.rows {
            Chosen::All(rows) => *rows,
            Chosen::These(bitmap) => bitmap.count(),
            Chosen::Both(bitmap) => bitmap.count(),
        };
        (accept.skip, accept.count) = (skip, whole - skipped);
        accept
    }

    /// How many rows.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    #[inline]
    pub(super) fn contains(&self, row: u32) -> bool {
        let chosen = match &self.rows {
            Chosen::All(rows) => row < *rows,
            Chosen::These(bitmap) => bitmap.contains(row),
            Chosen::Both(bitmap) => bitmap.contains(row),
        };
        chosen && !self.skip.contains(&row)
    }
}
