//! Displays numbers by format codes such as `0.00" kg";[Red]-0`: leading zeros, separators, fractions, units, a section for negative
//! numbers. Codes for dates and times are in `number_format`.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | a format code as sections; selects the applicable section |
//! | `section.rs` | displays numbers with the placeholders of a section |
//! | `digits.rs` | rounded digits of a number, and fractions near it |
//! | `tests.rs` | tests |

mod digits;
mod section;
#[cfg(test)]
mod tests;

use section::{PatternPiece, PatternSection};

/// A longer format code is ignored.
const MAX_CODE_CHARS: usize = 1000;
/// A format code is ignored if a section has more placeholders (`0`, `#`, `?`).
const MAX_PLACEHOLDERS: usize = 60;

/// A format code as sections.
#[derive(Debug, Clone, Default)]
pub(in crate::office) struct NumberPattern(Vec<PatternSection>);

impl NumberPattern {
    /// Parses a format code; returns `None` if it shows numbers unchanged, or is too long ([`MAX_CODE_CHARS`], [`MAX_PLACEHOLDERS`]).
    pub(in crate::office) fn read(code: &str) -> Option<Self> {
        if code.chars().count() > MAX_CODE_CHARS {
            return None;
        }
        let mut sections = vec![PatternSection::default()];
        let mut characters = code.chars().peekable();
        while let Some(character) = characters.next() {
            let Some(section) = sections.last_mut() else { break };
            match character {
                ';' => sections.push(PatternSection::default()),
                '"' => section.pieces.extend(characters.by_ref().take_while(|c| *c != '"').map(PatternPiece::Literal)),
                '\\' | '!' => section.pieces.extend(characters.next().map(PatternPiece::Literal)),
                // "_" leaves the width of a character; "*" fills the cell with a character.
                '_' => section.pieces.extend(characters.next().map(|_| PatternPiece::Literal(' '))),
                '*' => drop(characters.next()),
                '[' => {
                    let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                    section.bracket(&inside);
                }
                '0' | '#' | '?' => section.pieces.push(PatternPiece::Place(character)),
                // Other digits are shown as they are: the fixed denominator of a fraction, `# ?/8`.
                '1'..='9' => section.pieces.push(PatternPiece::Literal(character)),
                ',' => add_comma(section, characters.peek().copied()),
                '.' => section.pieces.push(PatternPiece::Point),
                '/' => section.pieces.push(PatternPiece::Slash),
                '%' => {
                    section.percents += 1;
                    section.pieces.push(PatternPiece::Literal('%'));
                }
                '@' => section.pieces.push(PatternPiece::Text),
                'E' | 'e' if matches!(characters.peek(), Some('+' | '-')) => {
                    section.pieces.push(PatternPiece::Exponent(characters.next() == Some('+')));
                }
                'G' | 'g' => {
                    let rest: String = characters.clone().take(6).collect();
                    if rest.eq_ignore_ascii_case("eneral") {
                        characters.by_ref().take(6).for_each(drop);
                        section.pieces.push(PatternPiece::General);
                    } else {
                        section.pieces.push(PatternPiece::Literal(character));
                    }
                }
                other => section.pieces.push(PatternPiece::Literal(other)),
            }
        }
        sections.iter_mut().for_each(PatternSection::finish);
        let is_unchanged = sections.len() == 1
            && sections.iter().all(|section| section.numerals.is_none())
            && matches!(
                sections.first().map(|section| section.pieces.as_slice()),
                Some([] | [PatternPiece::General | PatternPiece::Text])
            );
        let fits = sections.iter().all(|section| section.places <= MAX_PLACEHOLDERS);
        (!is_unchanged && fits).then_some(Self(sections))
    }

    /// Returns the displayed text of a number; `None` if the number itself is to be taken: it is displayed unchanged, or the code displays
    /// nothing (the value is indexed even if it is hidden).
    pub(in crate::office) fn number(&self, number: f64) -> Option<String> {
        if !number.is_finite() {
            return None;
        }
        let (section, shows_sign) = self.section(number)?;
        if section.has_text {
            return None;
        }
        let mut shown = section.display(number.abs())?;
        if number < 0.0 && !shows_sign {
            shown.insert(0, '-');
        }
        if shown.contains(char::is_whitespace) {
            shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        let is_zero_or_sign = |c: char| c == '0' || !c.is_alphanumeric();
        // A number that is rounded to zero has no minus.
        let shown = match shown.strip_prefix('-') {
            Some(rest) if rest.chars().all(is_zero_or_sign) && rest.contains('0') => rest.to_owned(),
            _ => shown,
        };
        (!shown.is_empty()).then_some(shown)
    }

    /// Returns the displayed form of a text; `None` for the text unchanged.
    pub(in crate::office) fn text(&self, text: &str) -> Option<String> {
        let section = match self.0.as_slice() {
            [_, _, _, section, ..] => section,
            sections => sections.iter().find(|section| section.has_text)?,
        };
        let literal =
            section.pieces.iter().any(|piece| matches!(piece, PatternPiece::Literal(c) if !c.is_whitespace()));
        if !literal || !section.has_text {
            return None;
        }
        let mut shown = String::new();
        for piece in &section.pieces {
            match piece {
                PatternPiece::Literal(character) => shown.push(*character),
                PatternPiece::Text => shown.push_str(text),
                _ => {}
            }
        }
        Some(shown)
    }

    /// Returns the section for a number, and whether that section itself shows that the number is negative.
    fn section(&self, number: f64) -> Option<(&PatternSection, bool)> {
        let numbers = self.0.get(..self.0.len().min(3))?;
        if numbers.iter().any(|section| section.condition.is_some()) {
            // The first section whose condition holds, else the last one without a condition.
            let matching = numbers.iter().find(|section| section.holds(number));
            let otherwise = numbers.iter().rev().find(|section| section.condition.is_none());
            let section = matching.or(otherwise)?;
            // A section for negative numbers alone has its own sign. "<>" counts too, like "<" and "<=".
            let shows_sign =
                matches!(&section.condition, Some((sign, limit)) if sign.starts_with('<') && *limit <= 0.0);
            return Some((section, shows_sign));
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

/// Adds a comma of a format code. Between placeholders it asks for groups of digits; behind the last one it divides by 1000; before the
/// first one it is shown as it is. `next` is the character after it.
fn add_comma(section: &mut PatternSection, next: Option<char>) {
    if section.pieces.iter().any(|piece| matches!(piece, PatternPiece::Place(_))) {
        match next {
            Some('0' | '#' | '?') => section.grouped = true,
            _ => section.thousands += 1,
        }
    } else {
        section.pieces.push(PatternPiece::Literal(','));
    }
}
