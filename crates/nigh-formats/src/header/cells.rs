//! Distinguishes cells that are column names from cells that are values.

use std::collections::{HashMap, HashSet};

use crate::header::Cells;

/// A longer text is not a column name.
const MAX_NAME_CHARS: usize = 100;
/// Placeholders for missing values.
const PLACEHOLDERS: [&str; 11] = ["n/a", "na", "-", "—", "–", "none", "null", "nil", "unknown", "tbd", "?"];

/// True if all cells of a row may be column names: different short texts, or years, days or quarters in a row next to a text.
pub(crate) fn is_names(row: &Cells<'_>) -> bool {
    repeats(row) == Some(0)
}

/// True if all cells of a row may be column names, even if some are repeated: "Balance, Currency, Amount, Currency".
pub(super) fn is_names_with_repeats(row: &Cells<'_>) -> bool {
    repeats(row).is_some_and(|repeats| repeats * 4 <= row.len())
}

/// Returns the number of cells that repeat an earlier name of the row; `None` if not all cells can be names.
fn repeats(row: &Cells<'_>) -> Option<usize> {
    let mut seen = HashSet::new();
    let (mut texts, mut repeats) = (0, 0);
    let mut steps: Vec<&str> = Vec::new();
    let mut shapes: HashMap<String, usize> = HashMap::new();
    for (_, cell) in row {
        shapes.extend(step_shape(cell).map(|shape| (shape, 0)));
    }
    for (_, cell) in row {
        if let Some(count) = step_shape(cell).and_then(|shape| shapes.get_mut(&shape)) {
            *count += 1;
        }
    }
    for (_, cell) in row {
        let cell = cell.trim();
        let stepped = || step_shape(cell).and_then(|shape| shapes.get(&shape)).is_some_and(|count| *count > 1);
        let is_new = seen.insert(cell);
        if is_year(cell) || is_day(cell) {
            steps.push(cell);
        } else if is_value(cell) && stepped() {
            // "FY2023", "FY2024"
        } else if is_name(cell) {
            texts += 1;
            repeats += usize::from(!is_new);
            continue;
        } else {
            return None;
        }
        if !is_new {
            return None;
        }
    }
    let in_order = steps.is_sorted() || steps.iter().rev().is_sorted();
    (texts > 0 && steps.len() != 1 && in_order).then_some(repeats)
}

fn is_name(cell: &str) -> bool {
    !is_value(cell)
        && cell.chars().count() <= MAX_NAME_CHARS
        && !cell.contains("://")
        && !cell.contains('@')
        && !PLACEHOLDERS.contains(&cell.to_lowercase().as_str())
}

/// True if a cell holds a number, a truth value, a date, an amount, a telephone number: mostly digits.
pub(crate) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.is_empty() || cell.parse::<f64>().is_ok() || ["true", "false"].iter().any(|w| cell.eq_ignore_ascii_case(w))
    {
        return true;
    }
    // Text may follow a date.
    if cell.get(..10).is_some_and(is_day) {
        return true;
    }
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    // An amount with a currency sign or unit is still a value.
    digits > 0 && digits * 2 > cell.chars().filter(|c| c.is_alphanumeric()).count()
}

/// True for a year that may be a column name.
fn is_year(cell: &str) -> bool {
    cell.len() == 4 && cell.parse::<u32>().is_ok_and(|year| (1900..=2100).contains(&year))
}

/// True for "2024-05", "2024-05-06", "2024-05-06 10:00:00".
fn is_day(cell: &str) -> bool {
    let shape: String = cell.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00" || shape.starts_with("0000-00-00")
}

/// Returns the pattern of a text with numbers that may count columns: "FY2023", "Q1 2024", "Jan 2024". `None` for other numbers.
fn step_shape(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let may_count = |number: &str| number.is_empty() || number.len() <= 2 || is_year(number);
    let begins = cell.starts_with(char::is_alphabetic) && cell.len() <= 20;
    if !begins || !cell.split(|c: char| !c.is_ascii_digit()).all(may_count) {
        return None;
    }
    let mut shape = String::new();
    for character in cell.chars() {
        let kind = match character {
            c if c.is_ascii_digit() => '0',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        if !shape.ends_with(kind) {
            shape.push(kind);
        }
    }
    shape.contains('0').then_some(shape)
}

/// The letter case of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellStyle {
    Small,
    Capitals,
    /// Begins with a capital letter.
    Title,
}

/// Returns the letter case of a cell; `None` for a script without capitals.
pub(super) fn style(cell: &str) -> Option<CellStyle> {
    let mut letters = cell.chars().filter(|c| c.is_lowercase() || c.is_uppercase());
    let first = letters.next()?;
    Some(match (first.is_uppercase(), letters.next().is_some_and(char::is_uppercase)) {
        (false, _) => CellStyle::Small,
        (true, true) => CellStyle::Capitals,
        (true, false) => CellStyle::Title,
    })
}

/// True if a cell is a placeholder for a missing value.
pub(super) fn is_placeholder(cell: &str) -> bool {
    PLACEHOLDERS.contains(&cell.trim().to_lowercase().as_str())
}
