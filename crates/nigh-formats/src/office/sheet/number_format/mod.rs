//! The formats of a workbook's cells: which numbers are dates or times, and how numbers are displayed.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | formats of cells and the meaning of format codes |
//! | `days.rs` | dates and times |
//! | `words.rs` | dates whose format codes show more than digits |
//! | `names.rs` | names of months, weekdays and eras in the languages of format codes |
//! | `tests.rs` | tests |

mod days;
mod names;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::rc::Rc;

use crate::office::namespace::Ns;
use crate::office::sheet::CellValue;
use crate::office::sheet::number_format::days::{elapsed, iso_text};
use crate::office::sheet::number_format::words::in_words;
use crate::office::sheet::number_pattern::NumberPattern;
use crate::office::xml::{Xml, XmlNode};

/// The meaning of a number according to its format.
#[derive(Debug, Clone, Default)]
pub(in crate::office) enum NumberFormat {
    /// A number as it is.
    #[default]
    General,
    /// A number, displayed with this pattern.
    Number(Rc<NumberPattern>),
    /// A date, perhaps with a time. The format code, if it shows the date with more than digits.
    Day(Option<Rc<str>>),
    /// A time of the day.
    Time,
    /// Hours, minutes and seconds that may exceed a day, and the format code that shows them.
    Elapsed(Rc<str>),
}

/// The formats of cells, by the numbers that cells refer to.
#[derive(Debug, Default)]
pub(in crate::office) struct Formats {
    cells: Vec<NumberFormat>,
    /// True if one of them changes the display of texts.
    for_texts: bool,
}

impl Formats {
    /// Reads `styles.xml`.
    pub(in crate::office) fn read(text: &str) -> Self {
        let mut codes: HashMap<u32, NumberFormat> = HashMap::new();
        let mut formats = Vec::new();
        let mut cells = 0;
        let mut xml = Xml::new(text, Ns::Sheet);
        while let Some(node) = xml.next() {
            match node {
                XmlNode::Open(element) => match element.name() {
                    (Ns::Sheet, "numFmt") => {
                        let code = element.get("formatCode").unwrap_or_default();
                        if let Some(id) = element.number("numFmtId") {
                            codes.insert(id, of_code(&code));
                        }
                    }
                    (Ns::Sheet, "cellXfs") => cells = xml.depth(),
                    (Ns::Sheet, "xf") if cells > 0 => {
                        let id = element.number("numFmtId").unwrap_or(0);
                        formats.push(codes.get(&id).cloned().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                XmlNode::Close if xml.depth() < cells => cells = 0,
                _ => {}
            }
        }
        Self::new(formats)
    }

    /// Makes formats of codes and their numbers, for cells that refer to them by number.
    pub(in crate::office) fn of_codes(codes: Vec<(u16, String)>, cells: &[u16]) -> Self {
        let codes: HashMap<u16, NumberFormat> = codes.into_iter().map(|(id, code)| (id, of_code(&code))).collect();
        let format = |id: &u16| codes.get(id).cloned().unwrap_or_else(|| built_in(u32::from(*id)));
        Self::new(cells.iter().map(format).collect())
    }

    fn new(cells: Vec<NumberFormat>) -> Self {
        let for_texts =
            cells.iter().any(|format| matches!(format, NumberFormat::Number(pattern) if pattern.text("").is_some()));
        Self { cells, for_texts }
    }

    /// Returns the format of a cell of that style.
    fn of_cell(&self, style: usize) -> &NumberFormat {
        self.cells.get(style).unwrap_or(&NumberFormat::General)
    }

    /// Returns the value of a cell of that style that stores a number.
    pub(in crate::office) fn value(&self, style: usize, number: f64, from_1904: bool) -> CellValue {
        let as_it_is = || CellValue::Number(number, None);
        match self.of_cell(style) {
            NumberFormat::General => as_it_is(),
            NumberFormat::Number(pattern) => CellValue::Number(number, pattern.number(number).map(Into::into)),
            format => match iso_text(number, format, from_1904) {
                Some(date) => {
                    let shown = match format {
                        NumberFormat::Elapsed(code) => Some(elapsed(number, code)),
                        NumberFormat::Day(Some(code)) => {
                            in_words(&date, code).map(|words| format!("{} {words}", date.replace('T', " ")))
                        }
                        _ => None,
                    };
                    CellValue::Date(date, shown.map(Into::into))
                }
                None => as_it_is(),
            },
        }
    }

    /// Returns the displayed form of a text in a cell of that style; `None` if it is unchanged.
    pub(in crate::office) fn text(&self, style: impl Fn() -> usize, text: &str) -> Option<String> {
        match self.for_texts.then(|| self.of_cell(style())) {
            Some(NumberFormat::Number(pattern)) => pattern.text(text),
            _ => None,
        }
    }
}

/// Returns a built-in format, which no file defines; 27 to 36 and 50 to 58 are those of East Asian editions.
fn built_in(id: u32) -> NumberFormat {
    let code = match id {
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => return NumberFormat::Day(None),
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => return NumberFormat::Time,
        46 => return NumberFormat::Elapsed("[h]:mm:ss".into()),
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        // Amounts of money: the currency sign depends on where the file is opened.
        5 | 6 | 37 | 38 | 41 | 42 => "#,##0;-#,##0",
        7 | 8 | 39 | 40 | 43 | 44 => "#,##0.00;-#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        48 => "##0.0E+0",
        _ => return NumberFormat::General,
    };
    of_code(code)
}

/// Returns the meaning of a format code, by its first part and by the letters in it that are not literal.
fn of_code(code: &str) -> NumberFormat {
    let (mut day, mut time, mut month, mut other, mut words) = (false, false, false, false, false);
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let begins = |word: &str| rest.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        // These are not units of a date, though they have the same letters.
        if let Some(word) = ["general", "am/pm", "a/p", "b1", "b2"].into_iter().find(|word| begins(word)) {
            other |= word == "general";
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        let same = |c: char| c.eq_ignore_ascii_case(&first);
        let width = rest.len() - rest.trim_start_matches(same).len();
        rest = match first.to_ascii_lowercase() {
            ';' => break,
            '"' => behind.split_once('"').map_or("", |(_, behind)| behind),
            '\\' | '_' | '*' | '!' => behind.get(behind.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default(),
            '[' => {
                let (inside, behind) = behind.split_once(']').unwrap_or((behind, ""));
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty() && ['h', 'm', 's'].iter().any(|unit| inside.chars().all(|c| c == *unit)) {
                    return NumberFormat::Elapsed(code.into());
                }
                words |= inside.starts_with("dbnum");
                behind
            }
            'e' if matches!(behind.chars().next(), Some('+' | '-')) => {
                other = true;
                behind
            }
            unit @ ('y' | 'd' | 'e' | 'b' | 'm') => {
                day |= unit != 'm' && (unit != 'b' || width > 1);
                month |= unit == 'm';
                words |= matches!((unit, width), ('e' | 'b', _) | ('d' | 'm', 3..));
                rest.trim_start_matches(same)
            }
            'a' if width > 2 => {
                (day, words) = (true, true);
                rest.trim_start_matches(same)
            }
            'g' => {
                words = true;
                behind
            }
            'h' | 's' => {
                time = true;
                behind
            }
            '0' | '#' | '?' | '@' | '%' => {
                other = true;
                behind
            }
            _ => behind,
        };
    }
    // "ss.000" has decimal places after its seconds; a word with a "d" in it is not a date unit.
    match (day, time, month) {
        (true, ..) | (false, false, true) if !other => {
            let words = words || code.contains(['年', '月', '日', '년', '월', '일']);
            NumberFormat::Day(words.then(|| code.into()))
        }
        (_, true, _) => NumberFormat::Time,
        _ => NumberPattern::read(code).map_or(NumberFormat::General, |pattern| NumberFormat::Number(Rc::new(pattern))),
    }
}
