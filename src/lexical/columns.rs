//! Reads columns: the fields, and the values of one field.

use std::collections::BTreeSet;

use tantivy::SegmentReader;
use tantivy::columnar::{Column, DynamicColumn, StrColumn};

use super::fields::column_name;
use super::guard::{damaged, guard, unread, unreadable};
use super::lexicon::Lexicon;
use super::schema::FIELDS;
use crate::error::Result;
use crate::filter::{ValueRef, path_of_key};
use crate::row::RowId;

impl Lexicon {
    /// Returns the paths of all fields with a value in any row, also deleted rows; see [`super::Fields`].
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn paths(&self) -> Result<BTreeSet<String>> {
        guard(|| {
            let mut paths = BTreeSet::new();
            for (_, reader, _) in self.readers() {
                paths.extend(self::paths(reader)?);
            }
            Ok(paths)
        })
    }

    /// Calls `work` with each value of a path and its row. `rows`: the rows to read of each segment, ascending.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub(crate) fn values(
        &self,
        path: &str,
        rows: &[Vec<u32>],
        work: &mut dyn FnMut(RowId, ValueRef<'_>),
    ) -> Result<()> {
        guard(|| {
            for (segment, reader, map) in self.readers() {
                let rows = rows.get(segment).map_or(&[][..], Vec::as_slice);
                let at = |row| RowId { segment, row };
                let places = || rows.iter().filter_map(|&row| map.document(row).map(|document| (row, document)));
                for fractions in [false, true] {
                    let name = column_name(path, fractions);
                    for handle in reader.fast_fields().dynamic_column_handles(&name).map_err(unreadable)? {
                        match handle.open().map_err(unread)? {
                            DynamicColumn::Str(column) => texts(&column, places(), &mut |row, text| {
                                work(at(row), ValueRef::Text(text));
                            })?,
                            DynamicColumn::I64(column) => each(&column, places(), |row, number| {
                                work(at(row), ValueRef::Integer(number));
                            }),
                            DynamicColumn::U64(column) => each(&column, places(), |row, number: u64| {
                                let value =
                                    i64::try_from(number).map_or(ValueRef::Float(number as f64), ValueRef::Integer);
                                work(at(row), value);
                            }),
                            DynamicColumn::F64(column) => each(&column, places(), |row, number| {
                                work(at(row), ValueRef::Float(number));
                            }),
                            DynamicColumn::Bool(column) => each(&column, places(), |row, truth| {
                                work(at(row), ValueRef::Bool(truth));
                            }),
                            other => return Err(damaged(format!("{path:?} is a column of {:?}", other.column_type()))),
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

/// Returns the paths of all fields with a value in any row of a segment; see [`Lexicon::paths`].
pub(super) fn paths(reader: &SegmentReader) -> Result<BTreeSet<String>> {
    let fields = reader.fields_metadata().map_err(unreadable)?;
    let key = |name: &str| name.strip_prefix(FIELDS).and_then(|key| key.strip_prefix('.')).map(path_of_key);
    Ok(fields.iter().filter_map(|field| key(&field.field_name)).collect())
}

fn each<T>(column: &Column<T>, places: impl Iterator<Item = (u32, u32)>, mut work: impl FnMut(u32, T))
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    for (row, document) in places {
        column.values_for_doc(document).for_each(|value| work(row, value));
    }
}

/// The same as [`each`], for texts. A text that repeats the one of the row before is not looked up again.
fn texts(column: &StrColumn, places: impl Iterator<Item = (u32, u32)>, work: &mut dyn FnMut(u32, &str)) -> Result<()> {
    let (mut last, mut text) = (None, String::new());
    for (row, document) in places {
        for ordinal in column.term_ords(document) {
            if last != Some(ordinal) {
                text.clear();
                if !column.ord_to_str(ordinal, &mut text).map_err(unread)? {
                    return Err(damaged(format!("no term has the number {ordinal}")));
                }
                last = Some(ordinal);
            }
            work(row, &text);
        }
    }
    Ok(())
}
