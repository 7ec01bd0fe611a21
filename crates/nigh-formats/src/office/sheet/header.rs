//! Which row of a sheet names its columns.

use std::collections::{HashMap, HashSet};

use crate::office::sheet::{Sheet, Value};

/// A longer text is no name of a column.
const NAME_MAX: usize = 100;
/// The header is looked for below at most this many rows that have a single cell.
const TITLES_MAX: usize = 8;
/// This many rows below a header are looked at.
const LOOK_AHEAD: usize = 200;

impl Sheet {
    /// The row that names the columns: the first of at least two cells, when every cell is a different short text (or
    /// they are years or days in a row after a text), most cells below stand under one, and none of them is said again
    /// in its column.
    pub(in crate::office) fn header(&self) -> Option<usize> {
        let at = self.rows.iter().take(TITLES_MAX).position(|row| row.cells.len() > 1)?;
        let row = self.rows.get(at)?;
        let below = self.rows.get(at + 1..).filter(|below| !below.is_empty())?;
        let mut seen = HashSet::new();
        let mut texts = 0;
        let mut steps: Vec<String> = Vec::new();
        for (_, value) in &row.cells {
            let shown = value.shown();
            match value {
                Value::Text(_) => {
                    let name = !shown.is_empty()
                        && shown.chars().count() <= NAME_MAX
                        && !shown.contains("://")
                        && shown.parse::<f64>().is_err();
                    if !name {
                        return None;
                    }
                    texts += 1;
                }
                Value::Number(year, false) if year.fract() == 0.0 && (1900.0..=2100.0).contains(year) => {
                    steps.push(shown.clone());
                }
                Value::Date(_) => steps.push(shown.clone()),
                _ => return None,
            }
            if !seen.insert(shown) {
                return None;
            }
        }
        let in_a_row = steps.is_sorted() || steps.iter().rev().is_sorted();
        if texts == 0 || steps.len() == 1 || !in_a_row {
            return None;
        }
        let columns: HashMap<u32, &Value> = row.cells.iter().map(|(column, value)| (*column, value)).collect();
        let (mut under, mut cells) = (0, 0);
        for (column, value) in below.iter().take(LOOK_AHEAD).flat_map(|row| &row.cells) {
            cells += 1;
            under += usize::from(columns.contains_key(column));
            if columns.get(column) == Some(&value) {
                return None;
            }
        }
        (under * 4 >= cells * 3).then_some(at)
    }
}
