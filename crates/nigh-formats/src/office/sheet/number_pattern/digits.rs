//! The digits of a number, rounded half up, and fractions near it.

/// Returns the nearest fraction to a number with a denominator of at most `max_denominator` (and 999): numerator and denominator.
pub(super) fn nearest_fraction(number: f64, max_denominator: u32) -> (f64, f64) {
    let mut best = (number.round(), 1.0);
    for denominator in 1..=max_denominator.min(999) {
        let denominator = f64::from(denominator);
        let numerator = (number * denominator).round();
        if (numerator / denominator - number).abs() + 1e-12 < (best.0 / best.1 - number).abs() {
            best = (numerator, denominator);
        }
    }
    best
}

/// The digits of a number before and after the point.
pub(super) struct Digits {
    text: String,
    /// The start of the digits after the point.
    point: usize,
}

impl Digits {
    /// Rounds half up, as people do. Only 15 digits of a number count.
    pub(super) fn new(number: f64, places: usize) -> Self {
        if number.fract() == 0.0 && number < 1e15 {
            let mut text = number.to_string();
            let point = text.len();
            text.extend(std::iter::repeat_n('0', places));
            return Self { text, point };
        }
        // The 15 significant digits, and the exponent.
        let exact = format!("{number:.14e}");
        let (mantissa, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        // The number of digits before the point. Leading zeros are added, so that there is at least one, and one more for a carry.
        let before = usize::try_from(exponent + 1).unwrap_or(0).max(1);
        let zeros = usize::try_from(-exponent).unwrap_or(0) + 1;
        let keep = 1 + before + places;
        let mut digits = Vec::with_capacity(zeros + 15 + keep);
        digits.resize(zeros, b'0');
        digits.extend(mantissa.bytes().filter(u8::is_ascii_digit));
        // Cuts after the wanted places, and rounds up with carries.
        let round_up = digits.get(keep).is_some_and(|digit| *digit >= b'5');
        digits.resize(keep, b'0');
        if round_up {
            for digit in digits.iter_mut().rev() {
                if *digit < b'9' {
                    *digit += 1;
                    break;
                }
                *digit = b'0';
            }
        }
        // One digit remains before the point.
        let leading = digits.iter().take(before).take_while(|digit| **digit == b'0').count();
        digits.drain(..leading);
        let point = digits.len() - places;
        Self { text: digits.into_iter().map(char::from).collect(), point }
    }

    pub(super) fn integer_digits(&self) -> &str {
        self.text.get(..self.point).unwrap_or_default()
    }

    pub(super) fn fraction(&self) -> &str {
        self.text.get(self.point..).unwrap_or_default()
    }
}
