//! Finds the values of a text: a number and the unit after it. The words before a number are in `series.rs`.

use std::ops::Range;

use super::series::word_before;
use super::{Form, Found, Side, date_terms, dates, groups, numerals, units};
use crate::lexical::analysis::numbers;
use crate::lexical::analysis::{Script, script};

/// The longest number that may have a unit, in bytes.
const MAX_NUMBER_BYTES: usize = 24;

type Emit<'a> = dyn FnMut(Range<usize>, Found) + 'a;

/// Emits every grouped code and every value of a normalised text, with its range.
pub(in crate::lexical::analysis) fn in_text(text: &str, side: Side, emit: &mut Emit<'_>) {
    let bytes = text.as_bytes();
    let mut scan = Scan { text, side, buffer: String::new(), emit };
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at = match byte {
            b'0'..=b'9' => scan.number(at),
            b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M' => scan.roman(at),
            b'i' | b'v' | b'x' if side == Side::Asked => scan.roman(at),
            // The first bytes of Chinese characters in UTF-8.
            0xe3..=0xe9 => scan.chinese(at),
            _ => at + 1,
        };
    }
}

pub(super) struct Scan<'a, 'b> {
    pub(super) text: &'a str,
    pub(super) side: Side,
    buffer: String,
    emit: &'a mut Emit<'b>,
}

/// A number and its range in the text.
pub(super) struct Number {
    /// Its decimal digits, with a decimal point.
    pub(super) digits: String,
    pub(super) range: Range<usize>,
    /// True if the text writes the number in another way than `digits`.
    is_other: bool,
}

impl Scan<'_, '_> {
    pub(super) fn value(&mut self, range: Range<usize>, forms: Vec<Form>) {
        if !forms.is_empty() {
            (self.emit)(range, Found::Value(forms));
        }
    }

    /// Reads the number in digits that begins at the byte `at`. Returns the byte at which to continue.
    fn number(&mut self, at: usize) -> usize {
        let text = self.text;
        let mut before = text[..at].chars().rev();
        let is_free = match before.next() {
            Some('-' | '.' | ',' | '\'' | '_' | '&' | ':') => !before.next().is_some_and(char::is_alphanumeric),
            Some(c) => !matches!(script(c), Script::Letters),
            None => true,
        };
        // First try a date, with the month before or after the number.
        let word = word_before(text, at);
        if is_free {
            let day_first = dates::parse_date(text, at).map(|(end, dates)| (at..end, dates));
            let month_first =
                || dates::parse_after_month(text, at, &text[word.clone()]).map(|(end, dates)| (word.start..end, dates));
            if let Some((range, dates)) = day_first.or_else(month_first) {
                let end = range.end;
                self.value(range, date_terms(&dates, self.side));
                return end;
            }
        }
        // Then try a number with a unit or a label.
        let is_numeric = |c: &u8| c.is_ascii_digit() || matches!(c, b'.' | b',' | b'\'');
        let length = text[at..].bytes().take_while(|b| is_numeric(b)).count();
        let run = text[at..at + length].trim_end_matches(['.', ',', '\'']);
        let range = at..at + run.len();
        let mut end = range.end;
        // Most numbers have no unit and no label, above all in tables; they are not parsed.
        let is_counted = is_free && (self.may_have_unit(range.end) || text[..at].ends_with(['第', '之']));
        if (is_counted || !word.is_empty())
            && run.len() <= MAX_NUMBER_BYTES
            && numbers::write_canonical(run, &mut self.buffer)
        {
            let is_plain = self.buffer == run && run.bytes().all(|b| b.is_ascii_digit());
            let number = self.scaled(Number { digits: self.buffer.clone(), range: range.clone(), is_other: false });
            if is_counted {
                self.emit_with_unit(&number);
            }
            if is_plain {
                end = self.numbered(word, &number);
            }
        }
        // At last try an account or digits in groups.
        let mut forms = Vec::new();
        let mut found = |code: &str| forms.push(code.to_owned());
        if let Some((start, end)) = groups::account(text, at, &mut self.buffer, &mut found) {
            (self.emit)(start..end, Found::Code(forms));
            return end;
        }
        if is_free {
            let grouped = groups::digit_groups(text, at, &mut self.buffer, &mut found);
            if !forms.is_empty() {
                (self.emit)(at..grouped, Found::Code(forms));
            }
            end = end.max(grouped);
        }
        end
    }

    /// True if a unit may begin at the byte `at`.
    fn may_have_unit(&self, at: usize) -> bool {
        let after = &self.text[at..];
        let after = after.strip_prefix(' ').unwrap_or(after);
        after.starts_with(|c: char| c.is_alphabetic() || matches!(c, '%' | '°'))
    }

    /// Multiplies the number by the 万 or 亿 after it: `1.2万` is 12000.
    fn scaled(&self, number: Number) -> Number {
        let after = &self.text[number.range.end..];
        let zeros = match after.chars().next() {
            Some('万') => 4,
            Some('亿') => 8,
            _ => return number,
        };
        let (whole, fraction) = number.digits.split_once('.').unwrap_or((&number.digits, ""));
        if fraction.len() > zeros {
            return number;
        }
        let digits = format!("{whole}{fraction:0<zeros$}");
        let digits = digits.trim_start_matches('0').to_owned();
        let range = number.range.start..number.range.end + '万'.len_utf8();
        if digits.is_empty() { number } else { Number { digits, range, is_other: true } }
    }

    /// Reads the Chinese numeral that may begin at the byte `at`. Returns the byte at which to continue.
    fn chinese(&mut self, at: usize) -> usize {
        let text = self.text;
        let Some(first) = text[at..].chars().next() else { return text.len() };
        let next = at + first.len_utf8();
        if !numerals::begins(first) {
            return next;
        }
        if let Some((end, dates)) = dates::parse_date(text, at) {
            self.value(at..end, date_terms(&dates, self.side));
            return end;
        }
        let Some((number, length, characters)) = numerals::chinese(&text[at..]) else {
            // These characters are not a numeral, so their parts are not numerals either.
            let rest = &text[at..];
            return at + rest.find(|c| !numerals::begins(c)).unwrap_or(rest.len()).max(first.len_utf8());
        };
        let number = Number { digits: number.to_string(), range: at..at + length, is_other: characters > 1 };
        // A single character is a number only next to certain words: 第三章, 三元, not 一个 or 十分.
        let is_one = characters == 1;
        let is_counted = text[at + length..]
            .starts_with(['元', '块', '章', '节', '条', '款', '卷', '课', '层', '楼', '班', '届', '页']);
        let is_ordinal = text[..at].ends_with('第');
        let is_share = text[..at].ends_with("百分之");
        if is_ordinal || is_share || !is_one || first != '一' && is_counted {
            self.emit_with_unit(&number);
        }
        at + length
    }

    /// Emits a number with the unit after it.
    fn emit_with_unit(&mut self, number: &Number) {
        let text = self.text;
        let Range { start, end } = number.range;
        let digits = &number.digits;
        let blank = usize::from(text[end..].starts_with(' '));
        let after = &text[end + blank..];
        let (before, rest) = (&text[..start], &text[end..]);
        let (range, marked) = if let Some(share) = before.strip_suffix("百分之") {
            (share.len()..end, Some(format!("{digits}%")))
        } else if let Some(of) = before.strip_suffix('第') {
            let Some(unit) = rest.chars().next().filter(|&c| script(c) == Script::Han) else { return };
            let label = units::label(rest.get(..unit.len_utf8()).unwrap_or_default());
            let marked = label.map_or_else(|| format!("第{digits}{unit}"), |label| format!("{label} {digits}"));
            (of.len()..end + unit.len_utf8(), Some(marked))
        } else if let Some((unit, length)) = units::at_beginning(after) {
            (start..end + blank + length, Some(format!("{digits}{unit}")))
        } else {
            let unit = after.chars().next().filter(|&c| script(c) == Script::Han && !is_not_unit(c));
            match unit {
                // A year in digits has no unit: `2024` is a code already.
                Some('年') if digits.len() == 4 => (start..end + blank + '年'.len_utf8(), None),
                Some(unit) => (start..end + blank + unit.len_utf8(), Some(format!("{digits}{unit}"))),
                None => (start..end, None),
            }
        };
        let is_known = marked.is_some();
        let mut forms: Vec<Form> = marked.iter().map(|marked| Form::marked(marked)).collect();
        if digits.len() > 1 && (number.is_other || self.side == Side::Asked && is_known) {
            forms.push(Form::number(digits));
        }
        self.value(range, forms);
    }
}

/// True if a Chinese character after a number is not a unit.
fn is_not_unit(c: char) -> bool {
    matches!(c, '的' | '和' | '与' | '或' | '至' | '到' | '在' | '是' | '及' | '了' | '万' | '亿')
}
