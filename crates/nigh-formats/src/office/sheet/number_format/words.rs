//! Dates whose format codes show more than digits: weekdays, months, eras, East Asian words.

use crate::office::sheet::han::Numerals;
use crate::office::sheet::number_format::names::FormatLanguage;

/// The words for the two halves of a day.
const HALVES: [(&str, [&str; 2]); 4] =
    [("am/pm", ["AM", "PM"]), ("a/p", ["A", "P"]), ("上午/下午", ["上午", "下午"]), ("午前/午後", ["午前", "午後"])];

/// Writes a date, "2024-01-01" or "2024-01-01T10:00:00", as a format code displays it: "2024年1月1日". Returns `None` if the code needs
/// names that are unknown here.
pub(super) fn in_words(date: &str, code: &str) -> Option<String> {
    // Only the first section of the code is used.
    let code =
        code.split_once(';').filter(|(first, _)| first.matches('"').count() % 2 == 0).map_or(code, |(first, _)| first);
    let mut words =
        DateWords { date, language: Some(None), numerals: None, half: None, has_era: false, shown: String::new() };
    words.half = HALVES.iter().find(|(sign, _)| code.to_lowercase().contains(sign)).map(|(_, names)| *names);
    let mut rest = code;
    let mut after_hours = false;
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        if let Some((sign, names)) = half(rest) {
            words.shown += names[usize::from(words.number(11..13).unwrap_or(0) >= 12)];
            rest = rest.get(sign.len()..)?;
            continue;
        }
        rest = match first {
            '"' => {
                let (literal, behind) = behind.split_once('"').unwrap_or((behind, ""));
                words.shown += literal;
                behind
            }
            '\\' | '!' => {
                words.shown.extend(behind.chars().next());
                skip_char(behind)
            }
            '_' | '*' => {
                words.shown.push(' ');
                skip_char(behind)
            }
            '[' => {
                let (inside, behind) = behind.split_once(']').unwrap_or((behind, ""));
                words.bracket(inside);
                behind
            }
            '@' => behind,
            // A unit: the same letter, repeated. "m" after hours means minutes.
            unit if unit.is_ascii_alphabetic() => {
                let same = |c: char| c.eq_ignore_ascii_case(&unit);
                let behind = rest.trim_start_matches(same);
                let width = rest.len() - behind.len();
                words.write_unit(unit.to_ascii_lowercase(), width, after_hours)?;
                after_hours = same('h') || (after_hours && same('s'));
                behind
            }
            other => {
                words.shown.push(other);
                behind
            }
        };
    }
    Some(words.shown.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Returns the code at this place for the half of a day.
fn half(rest: &str) -> Option<(&'static str, [&'static str; 2])> {
    HALVES.into_iter().find(|(sign, _)| rest.get(..sign.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(sign)))
}

fn skip_char(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

struct DateWords<'d> {
    date: &'d str,
    /// The outer `None`: an unknown language. The inner `None`: no language was given.
    language: Option<Option<FormatLanguage>>,
    numerals: Option<Numerals>,
    half: Option<[&'static str; 2]>,
    has_era: bool,
    shown: String,
}

impl DateWords<'_> {
    fn bracket(&mut self, inside: &str) {
        if let Some(currency) = inside.strip_prefix('$') {
            if let Some((_, locale)) = currency.split_once('-').filter(|(_, locale)| !locale.is_empty()) {
                self.language = FormatLanguage::from_locale(locale).map(Some);
            }
        } else if let Some(numerals) = Numerals::from_bracket(inside) {
            self.numerals = Some(numerals);
        }
    }

    fn number(&self, range: std::ops::Range<usize>) -> Option<u32> {
        self.date.get(range).and_then(|digits| digits.parse().ok())
    }

    /// Returns the weekday, Sunday is 0: Tomohiko Sakamoto's method.
    fn weekday(&self) -> Option<usize> {
        let (year, month, day) = (self.number(0..4)?, self.number(5..7)?, self.number(8..10)?);
        let year = if month < 3 { year - 1 } else { year };
        let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4].get(month.checked_sub(1)? as usize)?;
        Some(((year + year / 4 - year / 100 + year / 400 + shift + day) % 7) as usize)
    }

    /// Writes one unit of the code, with this many letters.
    fn write_unit(&mut self, unit: char, width: usize, after_hours: bool) -> Option<()> {
        let language = self.language;
        let language_or = |default: FormatLanguage| language.map(|known| known.unwrap_or(default));
        let year = self.number(0..4)?;
        match (unit, width) {
            ('m', _) if after_hours => self.digits(self.number(14..16).unwrap_or(0), width)?,
            ('m', 3 | 4) => {
                let name = language_or(FormatLanguage::English)?.month(self.number(5..7)? as usize, width == 4)?;
                self.shown += &name;
            }
            ('d', 3..) => self.shown += &language_or(FormatLanguage::English)?.weekday(self.weekday()?, width > 3)?,
            ('a', 3..) => self.shown += &language_or(FormatLanguage::Chinese)?.weekday(self.weekday()?, width > 3)?,
            ('y', ..=2) => self.digits(year % 100, 2)?,
            ('y', _) => self.digits(year, 4)?,
            ('b', ..=2) => self.digits((year + 543) % 100, 2)?,
            ('b', _) => self.digits(year + 543, 4)?,
            ('g', _) => {
                let (name, _) = language_or(FormatLanguage::Japanese)?.era(self.date, year, width);
                self.shown += &name;
                self.has_era = true;
            }
            ('e', _) => {
                // After the name of an era without a language, the year is counted in that era.
                let default = if self.has_era { FormatLanguage::Japanese } else { FormatLanguage::English };
                let (_, year) = language_or(default).unwrap_or(default).era(self.date, year, 0);
                self.digits(year, width.min(2))?;
            }
            ('m', ..=2) => self.digits(self.number(5..7)?, width)?,
            ('d', ..=2) => self.digits(self.number(8..10)?, width)?,
            ('h', ..=2) => {
                let hour = self.number(11..13).unwrap_or(0);
                self.digits(if self.half.is_some() { (hour + 11) % 12 + 1 } else { hour }, width)?;
            }
            ('s', ..=2) => self.digits(self.number(17..19).unwrap_or(0), width)?,
            _ => return None,
        }
        Some(())
    }

    fn digits(&mut self, number: u32, width: usize) -> Option<()> {
        let digits = format!("{number:0width$}");
        self.shown += &match self.numerals {
            None => digits,
            Some(numerals) if width > 2 => numerals.one_by_one(&digits),
            Some(numerals) => numerals.of_date(u64::from(number))?,
        };
        Some(())
    }
}
