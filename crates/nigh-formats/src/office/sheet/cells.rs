//! Cells of a workbook: references, texts, merged cells.

use std::borrow::Cow;
use std::rc::Rc;

use crate::office::namespace::Ns;
use crate::office::sheet::{CellValue, SheetRow};
use crate::office::xml::Xml;

/// The number of rows in Excel.
pub(in crate::office) const MAX_ROW: u32 = 1_048_576;
/// The number of columns in Excel.
const MAX_COLUMN: u32 = 16_384;
/// A merged cell's text of at most this many bytes is repeated in the rows that the cell spans.
const MAX_MERGED_BYTES: usize = 200;
/// Texts of merged cells are repeated in at most this many cells of a sheet.
const MAX_FILLED_CELLS: usize = 200_000;

/// Makes a cell value of a text on one line; `None` if it is empty.
pub(in crate::office) fn text_value(text: Rc<str>) -> Option<CellValue> {
    (!text.is_empty()).then_some(CellValue::Text(text))
}

/// Returns the text of a shared or inline string, without the phonetic readings of its characters.
pub(in crate::office) fn rich_text(xml: &mut Xml<'_>) -> String {
    let mut text = String::new();
    while let Some(element) = xml.child() {
        match element.name() {
            (Ns::Sheet, "t") => text.push_str(&unescape(&xml.characters())),
            (Ns::Sheet, "r") => text.push_str(&rich_text(xml)),
            _ => xml.skip(),
        }
    }
    text
}

/// Decodes characters that XML cannot hold: "_x000D_".
pub(in crate::office) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                plain.push(character);
                rest = from.get(7..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Row, from 1, and column, from 0.
pub(in crate::office) type CellPlace = (u32, u32);

/// Parses a cell reference: "AB12" is row 12 and column 27.
pub(in crate::office) fn reference(text: &str) -> Option<CellPlace> {
    let text = text.trim_start_matches('$');
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at(letters);
    let column = letters.bytes().try_fold(0u32, |column, letter| {
        column.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    let row = digits.trim_start_matches('$').parse().ok().filter(|row| (1..=MAX_ROW).contains(row))?;
    (1..=MAX_COLUMN).contains(&column).then(|| (row, column - 1))
}

/// Repeats the value of a merged cell in the rows below that it spans, so that each row contains it.
pub(in crate::office) fn fill_merged(rows: &mut [SheetRow], merged: &[(CellPlace, CellPlace)]) {
    if !rows.is_sorted_by(|a, b| a.number < b.number) {
        return;
    }
    let mut filled = 0;
    for &((first, column), (last, _)) in merged {
        let Ok(at) = rows.binary_search_by_key(&first, |row| row.number) else { continue };
        let value = rows.get(at).and_then(|row| {
            let cell = row.cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
            row.cells.get(cell).map(|(_, value)| value.clone())
        });
        let Some(value) = value else { continue };
        if matches!(&value, CellValue::Text(text) if text.len() > MAX_MERGED_BYTES) {
            continue;
        }
        for row in rows.iter_mut().skip(at + 1).take_while(|row| row.number <= last) {
            filled += 1;
            if filled > MAX_FILLED_CELLS {
                return;
            }
            if let Err(place) = row.cells.binary_search_by_key(&column, |(column, _)| *column) {
                row.cells.insert(place, (column, value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn cell_references_and_escapes_are_decoded() {
        assert_eq!((reference("A1"), reference("$XFD$1048576")), (Some((1, 0)), Some((1_048_576, 16_383))));
        for wrong in ["", "1", "A", "A0", "XFE1", "ZZZZZZZZZZ1", "A1048577", "é1"] {
            assert_eq!(reference(wrong), None, "{wrong}");
        }
        assert_eq!(unescape("a_x0041_b_x_xé_x00"), "aAb_x_xé_x00");
    }
}
