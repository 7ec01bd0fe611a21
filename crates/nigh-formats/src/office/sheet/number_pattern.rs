//! Numbers as a format's code shows them: leading zeros, separators, fractions, units in the code, and which section holds.

/// A format's code of more characters is not followed, and a section's number has at most this many places.
const CODE_MAX: usize = 1000;
const PLACES_MAX: usize = 60;

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// A place for a digit: `0`, `#` or `?`.
    Place(char),
    Point,
    Literal(char),
    Slash,
    /// "E+" or "E-": whether a plus is shown.
    Exponent(bool),
    /// The text of a cell of text.
    Text,
    /// The number as it is.
    General,
}

/// One section of a code.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct Section {
    condition: Option<(String, f64)>,
    pieces: Vec<Piece>,
    grouped: bool,
    /// Percent signs, and commas that divide by a thousand each.
    percents: i32,
    thousands: i32,
}

/// A format's code, in sections.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct Pattern(Vec<Section>);

impl Pattern {
    /// Reads a code; none for one that shows numbers as they are.
    pub(in crate::office) fn read(code: &str) -> Option<Self> {
        if code.chars().count() > CODE_MAX {
            return None;
        }
        let mut sections = vec![Section::default()];
        let mut characters = code.chars().peekable();
        while let Some(character) = characters.next() {
            let Some(section) = sections.last_mut() else { break };
            match character {
                ';' => sections.push(Section::default()),
                '"' => section.pieces.extend(characters.by_ref().take_while(|c| *c != '"').map(Piece::Literal)),
                '\\' | '!' => section.pieces.extend(characters.next().map(Piece::Literal)),
                // The width of a character; a character that fills the cell.
                '_' => section.pieces.extend(characters.next().map(|_| Piece::Literal(' '))),
                '*' => drop(characters.next()),
                '[' => {
                    let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                    section.bracket(&inside);
                }
                '0' | '#' | '?' => section.pieces.push(Piece::Place(character)),
                // A denominator.
                '1'..='9' => section.pieces.push(Piece::Literal(character)),
                ',' => {
                    let next = characters.peek();
                    if section.pieces.iter().any(|piece| matches!(piece, Piece::Place(_))) {
                        match next {
                            Some('0' | '#' | '?') => section.grouped = true,
                            _ => section.thousands += 1,
                        }
                    } else {
                        section.pieces.push(Piece::Literal(','));
                    }
                }
                '.' => section.pieces.push(Piece::Point),
                '/' => section.pieces.push(Piece::Slash),
                '%' => {
                    section.percents += 1;
                    section.pieces.push(Piece::Literal('%'));
                }
                '@' => section.pieces.push(Piece::Text),
                'E' | 'e' if matches!(characters.peek(), Some('+' | '-')) => {
                    section.pieces.push(Piece::Exponent(characters.next() == Some('+')));
                }
                'G' | 'g' => {
                    let rest: String = characters.clone().take(6).collect();
                    if rest.eq_ignore_ascii_case("eneral") {
                        characters.by_ref().take(6).for_each(drop);
                        section.pieces.push(Piece::General);
                    } else {
                        section.pieces.push(Piece::Literal(character));
                    }
                }
                other => section.pieces.push(Piece::Literal(other)),
            }
        }
        let plain = sections.len() == 1
            && matches!(
                sections.first().map(|section| section.pieces.as_slice()),
                Some([] | [Piece::General | Piece::Text])
            );
        let fits = sections.iter().all(|section| section.places() <= PLACES_MAX);
        (!plain && fits).then_some(Self(sections))
    }

    /// What is shown of a number; none where nothing is, or the number as it is.
    pub(in crate::office) fn number(&self, number: f64) -> Option<String> {
        if !number.is_finite() {
            return None;
        }
        let (section, positive) = self.section(number)?;
        if section.pieces.contains(&Piece::Text) {
            return None;
        }
        let shown = section.shown(number.abs())?;
        let shown = if number < 0.0 && !positive { format!("-{shown}") } else { shown };
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let zero = |c: char| c == '0' || !c.is_alphanumeric();
        // No minus before what is rounded to nothing.
        let shown = match shown.strip_prefix('-') {
            Some(rest) if rest.chars().all(zero) && rest.contains('0') => rest.to_owned(),
            _ => shown,
        };
        (!shown.is_empty()).then_some(shown)
    }

    /// What is shown of a text; none for the text as it is.
    pub(in crate::office) fn text(&self, text: &str) -> Option<String> {
        let section = match self.0.as_slice() {
            [_, _, _, section, ..] => section,
            sections => sections.iter().find(|section| section.pieces.contains(&Piece::Text))?,
        };
        let literal = section.pieces.iter().any(|piece| matches!(piece, Piece::Literal(c) if !c.is_whitespace()));
        if !literal || !section.pieces.contains(&Piece::Text) {
            return None;
        }
        let mut shown = String::new();
        for piece in &section.pieces {
            match piece {
                Piece::Literal(character) => shown.push(*character),
                Piece::Text => shown.push_str(text),
                _ => {}
            }
        }
        Some(shown)
    }

    /// The section that holds for a number, and whether it says itself that the number is negative.
    fn section(&self, number: f64) -> Option<(&Section, bool)> {
        let numbers = self.0.get(..self.0.len().min(3))?;
        if numbers.iter().any(|section| section.condition.is_some()) {
            let found = numbers.iter().find(|section| section.holds(number));
            let last = numbers.iter().rev().find(|section| section.condition.is_none());
            let section = found.or(last)?;
            let negative = matches!(&section.condition, Some((sign, limit)) if sign.starts_with('<') && *limit <= 0.0);
            return Some((section, negative));
        }
        match numbers {
            [only] => Some((only, false)),
            [_, below] if number < 0.0 => Some((below, true)),
            [above, _] => Some((above, false)),
            [_, below, _] if number < 0.0 => Some((below, true)),
            [_, _, zero] if number == 0.0 => Some((zero, false)),
            [above, ..] => Some((above, false)),
            [] => None,
        }
    }
}

impl Section {
    /// A colour, a condition, a currency: "[Red]", "[>=100]", "[$€-407]".
    fn bracket(&mut self, inside: &str) {
        if let Some(currency) = inside.strip_prefix('$') {
            let sign = currency.split('-').next().unwrap_or_default();
            self.pieces.extend(sign.chars().map(Piece::Literal));
            return;
        }
        let signs = inside.len() - inside.trim_start_matches(['<', '>', '=']).len();
        if let Some((sign, limit)) = inside.split_at_checked(signs).filter(|_| signs > 0)
            && let Ok(limit) = limit.trim().parse()
        {
            self.condition = Some((sign.to_owned(), limit));
        }
    }

    fn holds(&self, number: f64) -> bool {
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

    fn places(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Place(_))).count()
    }

    fn shown(&self, number: f64) -> Option<String> {
        let number = number * 100f64.powi(self.percents) / 1000f64.powi(self.thousands);
        let at = |wanted: fn(&Piece) -> bool| self.pieces.iter().position(wanted);
        if self.pieces.contains(&Piece::General) {
            let plain = super::decimal(number);
            return Some(self.around(|piece| matches!(piece, Piece::General), &plain));
        }
        if self.places() == 0 {
            // A word in place of the number.
            return Some(self.around(|_| false, ""));
        }
        if let Some(slash) = at(|piece| *piece == Piece::Slash)
            && let Some(fraction) = self.fraction(number, slash)
        {
            return Some(fraction);
        }
        if let Some(exponent) = at(|piece| matches!(piece, Piece::Exponent(_))) {
            return self.scientific(number, exponent);
        }
        Some(self.plain(number, &self.pieces))
    }

    /// The literal pieces, with this in the place of those that are wanted.
    fn around(&self, wanted: impl Fn(&Piece) -> bool, number: &str) -> String {
        let mut shown = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(character) => shown.push(*character),
                Piece::Slash => shown.push('/'),
                Piece::Point => shown.push('.'),
                piece if wanted(piece) => shown.push_str(number),
                _ => {}
            }
        }
        shown
    }

    /// A number in places before and behind the point.
    fn plain(&self, number: f64, pieces: &[Piece]) -> String {
        let point = pieces.iter().position(|piece| *piece == Piece::Point).unwrap_or(pieces.len());
        let (before, behind) = pieces.split_at(point);
        let places = |pieces: &[Piece]| pieces.iter().filter(|piece| matches!(piece, Piece::Place(_))).count();
        let (whole, fraction) = fixed(number, places(behind));
        let mut digits: Vec<char> = if whole == "0" { Vec::new() } else { whole.chars().collect() };
        // From the right: each place takes a digit, the first one what is left.
        let mut reversed = String::new();
        let (mut left, mut count) = (places(before), 0);
        for piece in before.iter().rev() {
            match piece {
                Piece::Place(kind) => {
                    left -= 1;
                    let mut put = |digit: char, reversed: &mut String| {
                        if self.grouped && count > 0 && count % 3 == 0 {
                            reversed.push(',');
                        }
                        reversed.push(digit);
                        count += 1;
                    };
                    match digits.pop() {
                        Some(digit) => put(digit, &mut reversed),
                        None if *kind == '0' => put('0', &mut reversed),
                        None => {}
                    }
                    while left == 0
                        && let Some(digit) = digits.pop()
                    {
                        put(digit, &mut reversed);
                    }
                }
                Piece::Literal(character) => reversed.push(*character),
                _ => {}
            }
        }
        let mut shown: String = reversed.chars().rev().collect();
        // ".5" of "#.0": no place took what stands before the point.
        shown.extend(digits);
        let needed = places(behind).min(fraction.trim_end_matches('0').len());
        let mut fraction = fraction.chars();
        let (mut point_due, mut taken) = (!behind.is_empty(), 0);
        for piece in behind.iter().skip(1) {
            match piece {
                Piece::Place(kind) => {
                    let digit = fraction.next().unwrap_or('0');
                    taken += 1;
                    if *kind == '0' || taken <= needed {
                        if std::mem::take(&mut point_due) {
                            shown.push('.');
                        }
                        shown.push(digit);
                    }
                }
                Piece::Literal(character) => shown.push(*character),
                _ => {}
            }
        }
        shown
    }

    /// "1.50E+03": the digits before the point say by how many the exponent steps.
    fn scientific(&self, number: f64, exponent: usize) -> Option<String> {
        let (mantissa, rest) = self.pieces.split_at_checked(exponent)?;
        let (Piece::Exponent(plus), rest) = rest.split_first()? else { return None };
        let point = mantissa.iter().position(|piece| *piece == Piece::Point).unwrap_or(mantissa.len());
        let before = mantissa.get(..point)?.iter().filter(|piece| matches!(piece, Piece::Place(_))).count();
        let step = i32::try_from(before.max(1)).ok()?;
        #[allow(clippy::cast_possible_truncation, reason = "an exponent of f64")]
        let mut power = if number == 0.0 { 0 } else { number.log10().floor() as i32 };
        power = power.div_euclid(step) * step;
        let mut shown = self.plain(number / 10f64.powi(power), mantissa);
        if shown.chars().filter(char::is_ascii_digit).collect::<String>().starts_with("10")
            && step == 1
            && number != 0.0
        {
            // Rounded up to the next power.
            let next = self.plain(number / 10f64.powi(power + 1), mantissa);
            if fixed(number / 10f64.powi(power), 15).0 != "10" && next.trim_start().starts_with('1') {
                (shown, power) = (next, power + 1);
            }
        }
        let places = rest.iter().filter(|piece| matches!(piece, Piece::Place('0'))).count();
        let sign = if power < 0 {
            "-"
        } else if *plus {
            "+"
        } else {
            ""
        };
        let after: String =
            rest.iter().filter_map(|p| if let Piece::Literal(c) = p { Some(*c) } else { None }).collect();
        Some(format!("{shown}E{sign}{:0places$}{after}", power.abs()))
    }

    /// "2 1/4": places before the last space are of the whole number.
    fn fraction(&self, number: f64, slash: usize) -> Option<String> {
        let (before, behind) = (self.pieces.get(..slash)?, self.pieces.get(slash + 1..)?);
        let gap = before.iter().rposition(|piece| *piece == Piece::Literal(' '));
        let whole_places = gap.and_then(|gap| before.get(..gap)).unwrap_or_default();
        let has_whole = whole_places.iter().any(|piece| matches!(piece, Piece::Place(_)));
        let written: String =
            behind.iter().map_while(|p| if let Piece::Literal(c @ '0'..='9') = p { Some(*c) } else { None }).collect();
        let places = behind.iter().take_while(|piece| matches!(piece, Piece::Place(_))).count();
        let used = if written.is_empty() { places } else { written.len() };
        if used == 0 || number >= 1e12 {
            return None;
        }
        let whole = if has_whole { number.floor() } else { 0.0 };
        let part = number - whole;
        let (over, under) = match written.parse::<u32>() {
            Ok(under) if under > 0 => ((part * f64::from(under)).round(), f64::from(under)),
            _ => nearest(part, 10u32.checked_pow(u32::try_from(places.min(5)).ok()?)? - 1),
        };
        let (whole, over) = if has_whole && over == under { (whole + 1.0, 0.0) } else { (whole, over) };
        let literal = |pieces: &[Piece]| -> String {
            pieces.iter().filter_map(|p| if let Piece::Literal(c) = p { Some(*c) } else { None }).collect()
        };
        let tail = literal(behind.get(used..)?);
        Some(match (has_whole, over == 0.0) {
            (true, true) => format!("{whole}{tail}"),
            (true, false) if whole == 0.0 => format!("{over}/{under}{tail}"),
            (true, false) => format!("{whole} {over}/{under}{tail}"),
            (false, _) => format!("{}{over}/{under}{tail}", literal(before)),
        })
    }
}

/// The fraction nearest to a number whose denominator is at most that.
fn nearest(number: f64, most: u32) -> (f64, f64) {
    let mut best = (number.round(), 1.0);
    for under in 1..=most.min(999) {
        let under = f64::from(under);
        let over = (number * under).round();
        if (over / under - number).abs() + 1e-12 < (best.0 / best.1 - number).abs() {
            best = (over, under);
        }
    }
    best
}

/// The digits before and behind the point, rounded as people do: a half goes up. Only 15 digits of a number count.
fn fixed(number: f64, places: usize) -> (String, String) {
    let exact = format!("{number:.14e}");
    let (mantissa, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    // How many digits stand before the point; zeros are put in front, so that there is one.
    let mut before = exponent + 1;
    while before < 1 {
        digits.insert(0, 0);
        before += 1;
    }
    let before = usize::try_from(before).unwrap_or(1);
    let keep = before + places;
    let round_up = digits.get(keep).is_some_and(|digit| *digit >= 5);
    digits.resize(keep, 0);
    if round_up {
        let mut at = keep;
        loop {
            let Some(digit) = at.checked_sub(1).and_then(|at| digits.get_mut(at)) else {
                digits.insert(0, 1);
                break;
            };
            *digit += 1;
            if *digit < 10 {
                break;
            }
            *digit = 0;
            at -= 1;
        }
    }
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let (whole, fraction) = text.split_at(text.len() - places);
    let whole = whole.trim_start_matches('0');
    (if whole.is_empty() { "0" } else { whole }.to_owned(), fraction.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn numbers_as_their_formats_show_them() {
        for (code, number, shown) in [
            ("00000", 2134.0, "02134"),
            ("000-0000", 1_600_022.0, "160-0022"),
            ("000\\-0000", 1_600_022.0, "160-0022"),
            ("(000) 000-0000", 2_025_550_123.0, "(202) 555-0123"),
            ("000-00-0000", 12_345_678.0, "012-34-5678"),
            ("0", 4_006_381_333_931.0, "4006381333931"),
            ("0.00", 2.005, "2.01"),
            ("0.00", 0.125, "0.13"),
            ("0", 0.5, "1"),
            ("#,##0", 1_234_567.0, "1,234,567"),
            ("#,##0.00", 1185.55, "1,185.55"),
            ("#,##0", 0.0, "0"),
            ("#,###", 12.0, "12"),
            ("#,##0.00_);(#,##0.00)", -1234.5, "(1,234.50)"),
            ("0.0%", 0.125, "12.5%"),
            ("0%", 0.07, "7%"),
            ("0.00%", 0.5, "50.00%"),
            ("\"$\"#,##0.00", 5.0, "$5.00"),
            ("[$€-407] #,##0.00", 1234.5, "€ 1,234.50"),
            ("#,##0.00 [$€-407]", -3.0, "-3.00 €"),
            ("[$-409]0.0", 1.25, "1.3"),
            ("\"day \"0.0", 3.5, "day 3.5"),
            ("0.0\" kg\"", 12.0, "12.0 kg"),
            ("0\"元\"", 30.0, "30元"),
            ("# ?/?", 2.25, "2 1/4"),
            ("# ??/??", 0.333_333, "1/3"),
            ("# ?/8", 1.5, "1 4/8"),
            ("?/?", 1.5, "3/2"),
            ("# ?/?", 3.0, "3"),
            ("0.00E+00", 12_345.0, "1.23E+04"),
            ("0.00E+00", 0.00012, "1.20E-04"),
            ("##0.0E+0", 12_345.0, "12.3E+3"),
            ("0.0E+0", 9.96, "1.0E+1"),
            ("0.0E+0", 0.0, "0.0E+0"),
            ("0.00;-0.00;\"none\"", 0.0, "none"),
            ("0;0;0", -4.0, "4"),
            ("0;[Red]-0", -4.0, "-4"),
            ("[>=100]\"many\";0", 150.0, "many"),
            ("[>=100]\"many\";0", 7.0, "7"),
            ("[<1]0.00;[<10]0.0;0", 5.25, "5.3"),
            ("[<=9999999]###-####;(###) ###-####", 5_551_234.0, "555-1234"),
            ("[<=9999999]###-####;(###) ###-####", 2_025_551_234.0, "(202) 555-1234"),
            ("#,##0,", 1_234_567.0, "1,235"),
            ("0.0,,\"M\"", 1_250_000.0, "1.3M"),
            ("0.###", 1.5, "1.5"),
            ("#.##", 0.5, ".5"),
            ("0.0#", 2.0, "2.0"),
            ("General\" pcs\"", 1.5, "1.5 pcs"),
            ("_-* #,##0.00\\ _€_-;-* #,##0.00\\ _€_-", -2.5, "-2.50"),
            ("\"Yes\";;\"No\"", 1.0, "Yes"),
            ("0.00", -0.001, "0.00"),
            ("00\":\"00", 930.0, "09:30"),
            ("\"INV-\"000000", 42.0, "INV-000042"),
            ("0", 1.234_567_890_123_45e16, "12345678901234500"),
        ] {
            let found = Pattern::read(code).and_then(|pattern| pattern.number(number));
            assert_eq!(found.as_deref(), Some(shown), "{code} {number}");
        }
        for (code, number) in [("General", 1.5), ("@", 1.5), (";;;", 1.0), ("0", f64::NAN)] {
            assert_eq!(Pattern::read(code).and_then(|pattern| pattern.number(number)), None, "{code}");
        }
        for (code, text, shown) in [
            ("\"Dr. \"@", "No", Some("Dr. No")),
            ("@", "x", None),
            ("0;0;0;\"<\"@\">\"", "x", Some("<x>")),
            ("0.0", "x", None),
        ] {
            assert_eq!(Pattern::read(code).and_then(|pattern| pattern.text(text)).as_deref(), shown, "{code}");
        }
        assert!(Pattern::read(&"0".repeat(900)).is_none() && Pattern::read(&"x".repeat(2000)).is_none());
    }
}
