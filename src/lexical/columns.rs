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
                let row_id = |row| RowId { segment, row };
                let row_documents = || rows.iter().filter_map(|&row| map.document(row).map(|document| (row, document)));
                // Floats are in columns of their own.
                for fractions in [false, true] {
                    let name = column_name(path, fractions);
                    for handle in reader.fast_fields().dynamic_column_handles(&name).map_err(unreadable)? {
                        match handle.open().map_err(unread)? {
                            DynamicColumn::Str(column) => texts(&column, row_documents(), &mut |row, text| {
                                work(row_id(row), ValueRef::Text(text));
                            })?,
                            DynamicColumn::I64(column) => each(&column, row_documents(), |row, number| {
                                work(row_id(row), ValueRef::Integer(number));
                            }),
                            DynamicColumn::U64(column) => each(&column, row_documents(), |row, number: u64| {
                                let value =
                                    i64::try_from(number).map_or(ValueRef::Float(number as f64), ValueRef::Integer);
                                work(row_id(row), value);
                            }),
                            DynamicColumn::F64(column) => each(&column, row_documents(), |row, number| {
                                work(row_id(row), ValueRef::Float(number));
                            }),
                            DynamicColumn::Bool(column) => each(&column, row_documents(), |row, truth| {
                                work(row_id(row), ValueRef::Bool(truth));
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

/// Calls `work` with each value of a column. `row_documents`: each row, and its document in tantivy.
fn each<T>(column: &Column<T>, row_documents: impl Iterator<Item = (u32, u32)>, mut work: impl FnMut(u32, T))
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    for (row, document) in row_documents {
        column.values_for_doc(document).for_each(|value| work(row, value));
    }
}

/// The same as [`each`], for texts. If a row has the same text as the previous one, the text is not looked up again.
fn texts(
    column: &StrColumn,
    row_documents: impl Iterator<Item = (u32, u32)>,
    work: &mut dyn FnMut(u32, &str),
) -> Result<()> {
    let (mut last, mut text) = (None, String::new());
    for (row, document) in row_documents {
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
