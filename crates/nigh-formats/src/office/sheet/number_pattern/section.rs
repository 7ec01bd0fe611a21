//! One section of a format code: displays numbers with its placeholders.

use crate::office::sheet::decimal;
use crate::office::sheet::han::Numerals;
use crate::office::sheet::number_pattern::digits::{Digits, nearest_fraction};

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PatternPiece {
    /// A placeholder for a digit: `0`, `#` or `?`.
    Place(char),
    Point,
    Literal(char),
    Slash,
    /// "E+" or "E-"; true if a plus is shown.
    Exponent(bool),
    /// The text of the cell, if it holds text.
    Text,
    /// The number in the general format.
    General,
}

/// One section of a code.
#[derive(Debug, Clone, Default)]
pub(super) struct PatternSection {
    pub(super) condition: Option<(String, f64)>,
    pub(super) pieces: Vec<PatternPiece>,
    pub(super) grouped: bool,
    /// The number of percent signs, and the number of commas that each divide by a thousand.
    pub(super) percents: i32,
    pub(super) thousands: i32,
    /// Facts about the pieces, set once all are read.
    pub(super) places: usize,
    pub(super) has_text: bool,
    has_general: bool,
    slash: Option<usize>,
    exponent: Option<usize>,
    /// East Asian numerals for the digits, if any.
    pub(super) numerals: Option<Numerals>,
}

impl PatternSection {
    /// Reads brackets: a colour, a condition, a currency: "[Red]", "[>=100]", "[$€-407]".
    pub(super) fn bracket(&mut self, inside: &str) {
        if let Some(currency) = inside.strip_prefix('$') {
            let sign = currency.split('-').next().unwrap_or_default();
            self.pieces.extend(sign.chars().map(PatternPiece::Literal));
            return;
        }
        self.numerals = self.numerals.or(Numerals::from_bracket(inside));
        let signs = inside.len() - inside.trim_start_matches(['<', '>', '=']).len();
        if let Some((sign, limit)) = inside.split_at_checked(signs).filter(|_| signs > 0)
            && let Ok(limit) = limit.trim().parse()
        {
            self.condition = Some((sign.to_owned(), limit));
        }
    }

    pub(super) fn holds(&self, number: f64) -> bool {
        match &self.condition {
            Some((sign, limit)) => match sign.as_str() {
                "<" => number < *limit,
                "<=" => number <= *limit,
                ">" => number > *limit,
                ">=" => number >= *limit,
                "=" => number == *limit,
                "<>" => number != *limit,
                _ => false,
            },
            None => false,
        }
    }

    /// Computes the facts about the pieces, once all are read.
    pub(super) fn finish(&mut self) {
        self.places = places(&self.pieces);
        self.has_text = self.pieces.contains(&PatternPiece::Text);
        self.has_general = self.pieces.contains(&PatternPiece::General);
        self.slash = self.pieces.iter().position(|piece| *piece == PatternPiece::Slash);
        self.exponent = self.pieces.iter().position(|piece| matches!(piece, PatternPiece::Exponent(_)));
    }

    /// Returns the displayed text of a number that is not negative, and converts its digits to East Asian numerals.
    pub(super) fn display(&self, number: f64) -> Option<String> {
        let shown = self.in_digits(number)?;
        let Some(numerals) = self.numerals.filter(|_| number.fract() == 0.0 && number < 1e16) else {
            return Some(shown);
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, below 2^54, not negative")]
        let words = match self.has_general {
            true => self.around(|piece| matches!(piece, PatternPiece::General), &numerals.counted(number as u64)?),
            false => numerals.one_by_one(&shown),
        };
        Some(if self.places == 0 && !self.has_general { shown } else { format!("{} {words}", decimal(number)) })
    }

    /// Displays a number in European digits: as general number, fraction, with exponent, or decimal.
    fn in_digits(&self, number: f64) -> Option<String> {
        let number = number * 100f64.powi(self.percents) / 1000f64.powi(self.thousands);
        if self.has_general {
            return Some(self.around(|piece| matches!(piece, PatternPiece::General), &decimal(number)));
        }
        if self.places == 0 {
            // A word instead of the number.
            return Some(self.around(|_| false, ""));
        }
        if let Some(fraction) = self.slash.and_then(|slash| self.fraction(number, slash)) {
            return Some(fraction);
        }
        match self.exponent {
            Some(exponent) => self.scientific(number, exponent),
            None => Some(self.in_decimal(number, &self.pieces)),
        }
    }

    /// Returns the literal pieces, with `number` in place of the wanted pieces.
    fn around(&self, wanted: impl Fn(&PatternPiece) -> bool, number: &str) -> String {
        let mut shown = String::new();
        for piece in &self.pieces {
            match piece {
                PatternPiece::Literal(character) => shown.push(*character),
                PatternPiece::Slash => shown.push('/'),
                PatternPiece::Point => shown.push('.'),
                piece if wanted(piece) => shown.push_str(number),
                _ => {}
            }
        }
        shown
    }

    /// Displays a number with the placeholders before and after the point.
    fn in_decimal(&self, number: f64, pieces: &[PatternPiece]) -> String {
        let point = pieces.iter().position(|piece| *piece == PatternPiece::Point).unwrap_or(pieces.len());
        let (before, behind) = pieces.split_at(point);
        let digits = Digits::new(number, places(behind));
        let mut shown = String::with_capacity(pieces.len() + digits.integer_digits().len() * 2);
        self.put_whole(if digits.integer_digits() == "0" { "" } else { digits.integer_digits() }, before, &mut shown);
        // After the point, `#` and `?` show no trailing zeros.
        let needed = places(behind).min(digits.fraction().trim_end_matches('0').len());
        let mut fraction = digits.fraction().chars();
        let (mut point_due, mut taken) = (!behind.is_empty(), 0);
        for piece in behind.iter().skip(1) {
            match piece {
                PatternPiece::Place(kind) => {
                    let digit = fraction.next().unwrap_or('0');
                    taken += 1;
                    if *kind == '0' || taken <= needed {
                        if std::mem::take(&mut point_due) {
                            shown.push('.');
                        }
                        shown.push(digit);
                    }
                }
                PatternPiece::Literal(character) => shown.push(*character),
                _ => {}
            }
        }
        shown
    }

    /// Writes the digits before the point: each placeholder takes one, counted from the right, and the first takes all that are left.
    fn put_whole(&self, whole: &str, pieces: &[PatternPiece], shown: &mut String) {
        let all = places(pieces);
        // Placeholders without a digit: those that show a zero count as digits.
        let vacant = all.saturating_sub(whole.len());
        let kinds =
            pieces.iter().filter_map(|piece| if let PatternPiece::Place(kind) = piece { Some(*kind) } else { None });
        let mut left = whole.len() + kinds.take(vacant).filter(|kind| *kind == '0').count();
        // `left` digits follow: a comma after each group of three.
        let mut put = |digit: char, shown: &mut String| {
            shown.push(digit);
            left = left.saturating_sub(1);
            if self.grouped && left > 0 && left.is_multiple_of(3) {
                shown.push(',');
            }
        };
        let (mut digits, mut at) = (whole.chars(), 0);
        for piece in pieces {
            match piece {
                PatternPiece::Place(kind) => {
                    if at >= vacant {
                        let several = if at == 0 { whole.len().saturating_sub(all) } else { 0 };
                        digits.by_ref().take(several + 1).for_each(|digit| put(digit, shown));
                    } else if *kind == '0' {
                        put('0', shown);
                    }
                    at += 1;
                }
                PatternPiece::Literal(character) => shown.push(*character),
                _ => {}
            }
        }
        // ".5" of "#.0": no placeholder took the digits before the point.
        shown.extend(digits);
    }

    /// Displays "1.50E+03": the number of placeholders before the point is the step of the exponent.
    fn scientific(&self, number: f64, exponent: usize) -> Option<String> {
        let (mantissa, rest) = self.pieces.split_at_checked(exponent)?;
        let (PatternPiece::Exponent(shows_plus), rest) = rest.split_first()? else { return None };
        let point = mantissa.iter().position(|piece| *piece == PatternPiece::Point).unwrap_or(mantissa.len());
        let before = mantissa.get(..point)?.iter().filter(|piece| matches!(piece, PatternPiece::Place(_))).count();
        // The exponent is a multiple of `step`.
        let step = i32::try_from(before.max(1)).ok()?;
        #[allow(clippy::cast_possible_truncation, reason = "an exponent of f64")]
        let mut power = if number == 0.0 { 0 } else { number.log10().floor() as i32 };
        power = power.div_euclid(step) * step;
        let mut shown = self.in_decimal(number / 10f64.powi(power), mantissa);
        if shown.chars().filter(char::is_ascii_digit).collect::<String>().starts_with("10")
            && step == 1
            && number != 0.0
        {
            // The mantissa was rounded up to the next power.
            let next = self.in_decimal(number / 10f64.powi(power + 1), mantissa);
            if Digits::new(number / 10f64.powi(power), 15).integer_digits() != "10"
                && next.trim_start().starts_with('1')
            {
                (shown, power) = (next, power + 1);
            }
        }
        // The exponent has at least as many digits as zeros in the pattern.
        let places = rest.iter().filter(|piece| matches!(piece, PatternPiece::Place('0'))).count();
        let sign = if power < 0 {
            "-"
        } else if *shows_plus {
            "+"
        } else {
            ""
        };
        let after: String =
            rest.iter().filter_map(|p| if let PatternPiece::Literal(c) = p { Some(*c) } else { None }).collect();
        Some(format!("{shown}E{sign}{:0places$}{after}", power.abs()))
    }

    /// Displays "2 1/4": placeholders before the last space belong to the whole number.
    fn fraction(&self, number: f64, slash: usize) -> Option<String> {
        let (before, behind) = (self.pieces.get(..slash)?, self.pieces.get(slash + 1..)?);
        // The whole number, if the pattern has a place for it.
        let gap = before.iter().rposition(|piece| *piece == PatternPiece::Literal(' '));
        let whole_places = gap.and_then(|gap| before.get(..gap)).unwrap_or_default();
        let has_whole = whole_places.iter().any(|piece| matches!(piece, PatternPiece::Place(_)));
        // A literal denominator begins with a digit other than 0; later digits may be 0.
        let mut literal_denominator = String::new();
        for piece in behind {
            match piece {
                PatternPiece::Literal(digit @ '0'..='9') => literal_denominator.push(*digit),
                PatternPiece::Place('0') if !literal_denominator.is_empty() => literal_denominator.push('0'),
                _ => break,
            }
        }
        let places = behind.iter().take_while(|piece| matches!(piece, PatternPiece::Place(_))).count();
        let used = if literal_denominator.is_empty() { places } else { literal_denominator.len() };
        if used == 0 || number >= 1e12 {
            return None;
        }
        // The fraction: with the literal denominator, or the nearest one with this many digits.
        let whole = if has_whole { number.floor() } else { 0.0 };
        let part = number - whole;
        let (numerator, denominator) = match literal_denominator.parse::<u32>() {
            Ok(denominator) if denominator > 0 => ((part * f64::from(denominator)).round(), f64::from(denominator)),
            _ => nearest_fraction(part, 10u32.checked_pow(u32::try_from(places.min(5)).ok()?)? - 1),
        };
        // A fraction that is rounded to 1 increases the whole number.
        let (whole, numerator) =
            if has_whole && numerator == denominator { (whole + 1.0, 0.0) } else { (whole, numerator) };
        let literal = |pieces: &[PatternPiece]| -> String {
            pieces.iter().filter_map(|p| if let PatternPiece::Literal(c) = p { Some(*c) } else { None }).collect()
        };
        let tail = literal(behind.get(used..)?);
        Some(match (has_whole, numerator == 0.0) {
            (true, true) => format!("{whole}{tail}"),
            (true, false) if whole == 0.0 => format!("{numerator}/{denominator}{tail}"),
            (true, false) => format!("{whole} {numerator}/{denominator}{tail}"),
            (false, _) => format!("{}{numerator}/{denominator}{tail}", literal(before)),
        })
    }
}

/// Returns the number of placeholders.
fn places(pieces: &[PatternPiece]) -> usize {
    pieces.iter().filter(|piece| matches!(piece, PatternPiece::Place(_))).count()
}
