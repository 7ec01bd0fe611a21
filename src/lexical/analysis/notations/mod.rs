//! One term for values with several notations: dates, numerals, numbers with a unit, numbers of a series. The term is stored next to
//! the words, so that a query in another notation finds it.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `dates.rs` | days and months |
//! | `numerals.rs` | Chinese and Roman numerals |
//! | `units.rs` | units after a number, labels (`chapter`, `§`) before one |
//! | `groups.rs` | digits in groups: telephone numbers, accounts |
//! | `months.rs` | names of months |
//! | `scan.rs` | finds the values of a text: numbers and the units after them |
//! | `series.rs` | numbers by the word before them: `Chapter IV`, `§ 23`, `RFC 7321` |

mod dates;
mod groups;
mod months;
mod numerals;
mod scan;
mod series;
mod units;

pub(super) use scan::in_text;
pub(super) use units::label;

use dates::Date;

/// The first character of the terms of this module. Words and names do not begin with it.
const MARK: char = '\u{2}';

/// Returns a term as a person reads it: without [`MARK`].
pub(super) fn readable(term: &str) -> &str {
    term.strip_prefix(MARK).unwrap_or(term)
}

/// True if letters after a number are a unit.
pub(super) fn is_unit(letters: &str) -> bool {
    units::at_beginning(letters).is_some_and(|(_, length)| length == letters.len())
}

/// A code or a value in a text.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// A code and its possible forms, the likeliest first.
    Code(Vec<String>),
    /// A value and its terms.
    Value(Vec<Form>),
}

/// One term of a value.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(super) struct Form {
    pub(super) term: String,
    /// True for the number without its unit, which other texts may have, too.
    pub(super) is_number: bool,
}

impl Form {
    fn marked(text: &str) -> Self {
        Self { term: format!("{MARK}{text}"), is_number: false }
    }

    fn number(text: &str) -> Self {
        Self { term: text.to_owned(), is_number: true }
    }
}

/// The terms of stored text, or of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Stored,
    Asked,
}

/// Returns the terms of dates. A stored day also has terms without its day and without its year, so that a query for a month finds it.
fn date_terms(dates: &[Date], side: Side) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut push = |text: String| {
        let form = Form::marked(&text);
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    for Date { year, month, day } in dates.iter().copied() {
        let whole = match (year, day) {
            (Some(year), Some(day)) => format!("{year}-{month:02}-{day:02}"),
            (Some(year), None) => format!("{year}-{month:02}"),
            (None, day) => format!("{month:02}-{:02}", day.unwrap_or(0)),
        };
        push(whole);
        if let (Some(year), Some(day), Side::Stored) = (year, day, side) {
            push(format!("{year}-{month:02}"));
            push(format!("{month:02}-{day:02}"));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::super::normalise::normalise;
    use super::*;

    fn find_all(text: &str, side: Side) -> Vec<(String, Found)> {
        let text = normalise(text);
        let mut all = Vec::new();
        in_text(&text, side, &mut |range, found| all.push((text[range].to_owned(), found)));
        all
    }

    /// Returns the codes of a text.
    pub(super) fn codes(text: &str) -> Vec<String> {
        let codes = find_all(text, Side::Stored).into_iter().filter_map(|(_, found)| match found {
            Found::Code(forms) => Some(forms),
            Found::Value(_) => None,
        });
        codes.flatten().collect()
    }

    /// Returns the terms of the values of a text.
    fn values(text: &str, side: Side) -> Vec<String> {
        let values = find_all(text, side).into_iter().filter_map(|(_, found)| match found {
            Found::Value(forms) => Some(forms.into_iter().map(|form| readable(&form.term).to_owned())),
            Found::Code(_) => None,
        });
        values.flatten().collect()
    }

    /// Text in one notation is found by a query in the other notation, and the reverse.
    #[test]
    fn notations_of_a_value_have_a_term_in_common() {
        for (one, other, term) in [
            ("am 3.4.2024 im Rathaus", "2024-04-03", "2024-04-03"),
            ("会议定于2024年3月15日召开", "March 15, 2024", "2024-03-15"),
            ("二〇二一年六月七日", "7 June 2021", "2021-06-07"),
            ("on May 3, 2023", "2023年5月3日", "2023-05-03"),
            ("第三十二条", "第32条", "article 32"),
            ("Art. 32", "第32条", "article 32"),
            ("每人三百五十元", "350元", "350元"),
            ("总投资1.2万元", "一万二千元", "12000元"),
            ("百分之五", "5%", "5%"),
            ("5 percent", "5 %", "5%"),
            ("5 µm wide", "5um", "5um"),
            ("a 3kΩ resistor", "3 kOhm", "3kohm"),
            ("120㎡", "120平方米", "120m2"),
            ("35㎏", "35公斤", "35kg"),
            ("Kapitel IV", "chapter 4", "chapter 4"),
            ("第四章", "chapter 4", "chapter 4"),
            ("ch04.md", "chapter 4", "chapter 4"),
            ("§ 23 Abs. 2", "§23 Absatz 2", "§ 23/2"),
            ("RFC 7321", "rfc 7321", "rfc7321"),
            ("B-MW 1234", "BMW 1234", "bmw1234"),
        ] {
            for (stored, asked) in [(one, other), (other, one)] {
                assert!(
                    values(asked, Side::Asked).contains(&term.to_owned()),
                    "asked {asked}: {:?}",
                    find_all(asked, Side::Asked)
                );
                // In a query small letters may be a name; in a text names have capitals.
                if stored != "rfc 7321" {
                    assert!(
                        values(stored, Side::Stored).contains(&term.to_owned()),
                        "stored {stored}: {:?}",
                        find_all(stored, Side::Stored)
                    );
                }
            }
        }
    }

    #[test]
    fn numerals_are_stored_as_numbers_too() {
        for (text, wanted) in [("三百五十个", "350"), ("二〇一四年的事", "2014"), ("1.2万人", "12000")] {
            assert!(
                values(text, Side::Stored).contains(&wanted.to_owned()),
                "{text}: {:?}",
                values(text, Side::Stored)
            );
        }
    }

    #[test]
    fn words_are_not_values() {
        for text in [
            "千万不要",
            "万一下雨",
            "十分好",
            "一个人",
            "哪一年",
            "part of it",
            "I mix it",
            "in 2024",
            "MIX 4ever",
            "v1.2.3",
            "10.2.1.0",
            "",
            "§",
            "第",
            "Chapter",
            "chapter one",
        ] {
            assert_eq!(find_all(text, Side::Stored), [], "{text}");
        }
    }

    #[test]
    fn values_include_their_units_and_labels() {
        let spans = |text| find_all(text, Side::Asked).into_iter().map(|(span, _)| span).collect::<Vec<_>>();
        assert_eq!(spans("was geschah am 3. April 2024 dort"), ["3. April 2024"]);
        assert_eq!(spans("按照第三十二条的规定"), ["第三十二条"]);
        assert_eq!(spans("see § 23 Abs. 2 there"), ["§ 23 Abs. 2"]);
        assert_eq!(spans("IBAN DE89 3704 0044 0532 0130 00?"), ["DE89 3704 0044 0532 0130 00"]);
    }
}
