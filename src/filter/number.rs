//! Numbers in texts, in all usual notations with only one possible reading.

use super::reading::Read;
use super::value::FilterNumber;

/// The longest text that is parsed, in bytes.
const MAX_BYTES: usize = 64;

/// Signs and names of currencies, and percent signs, before or after a number; true if a comma before three digits groups digits in that
/// currency.
const UNITS: [(&str, bool); 45] = [
    ("%", false),
    ("‰", false),
    ("€", false),
    ("R$", false),
    ("US$", true),
    ("HK$", true),
    ("NZ$", true),
    ("A$", true),
    ("C$", true),
    ("S$", true),
    ("$", true),
    ("£", true),
    ("¥", true),
    ("元", true),
    ("円", true),
    ("₩", true),
    ("원", true),
    ("₹", true),
    ("Rs.", true),
    ("Rs", true),
    ("₽", false),
    ("₺", false),
    ("₴", false),
    ("zł", false),
    ("kr.", false),
    ("kr", false),
    ("Kč", false),
    ("Ft", false),
    ("Fr.", false),
    ("CHF", false),
    ("Euro", false),
    ("EUR", false),
    ("USD", true),
    ("GBP", true),
    ("JPY", true),
    ("CNY", true),
    ("RMB", true),
    ("INR", true),
    ("SEK", false),
    ("NOK", false),
    ("DKK", false),
    ("PLN", false),
    ("CZK", false),
    ("HUF", false),
    ("BRL", false),
];

/// Reads `1234.5`, `1,234.50`, `1.234,50`, `1 234,5`, `1'234.50`, `2,50`, `950,00 €`, `$1,200.50`, `12,5 %`, `(12.00)`, `5,–`, `1.5E+3`.
/// One comma or point before three digits, as in `1,234`, can group digits or begin a fraction: it has two readings, unless a currency
/// decides. A plain `1.234` is a fraction, as programs write it.
pub(super) fn read(text: &str) -> Read<FilterNumber> {
    if text.len() > MAX_BYTES || !text.chars().any(|c| digit(c).is_some()) {
        return Read::Not;
    }
    let narrow: String = text.chars().map(common_form).collect();
    let text = narrow.trim();
    let (mut text, mut minus) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), 1),
        None => (text, 0),
    };
    let mut unit = None;
    // The minus is before or after the currency.
    for _ in 0..2 {
        if let Some(rest) = text.strip_prefix('-') {
            (text, minus) = (rest.trim_start(), minus + 1);
        } else if let Some(rest) = text.strip_prefix('+') {
            text = rest;
        }
        if unit.is_none() {
            (text, unit) = without_unit(text);
        }
    }
    // `5,–` is a whole amount; `5-` is negative.
    if let Some(round) = [",--", ".--", ",-", ".-"].iter().find_map(|end| text.strip_suffix(end)) {
        text = round;
    } else if let Some(rest) = text.strip_suffix('-') {
        (text, minus) = (rest.trim_end(), minus + 1);
    }
    if minus > 1 {
        return Read::Not;
    }
    let sign = if minus == 1 { "-" } else { "" };
    match digits(text, unit) {
        Read::As(plain) => number(&format!("{sign}{plain}")).map_or(Read::Not, Read::As),
        Read::TwoWays => Read::TwoWays,
        Read::Not => Read::Not,
    }
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    }
}

/// Returns the common form of a sign with several forms.
fn common_form(c: char) -> char {
    match c {
        '．' => '.',
        '，' => ',',
        '％' => '%',
        '￥' => '¥',
        '＄' => '$',
        '−' | '–' | '—' | '－' => '-',
        '’' => '\'',
        c if c.is_whitespace() => ' ',
        c => digit(c).unwrap_or(c),
    }
}

/// Returns a text without its unit, and whether a comma groups digits with that unit.
fn without_unit(text: &str) -> (&str, Option<bool>) {
    let bare = |c: Option<char>| c.is_none_or(|c| c.is_ascii_digit());
    if bare(text.chars().next()) && bare(text.chars().next_back()) {
        return (text, None);
    }
    for (unit, groups) in UNITS {
        // `Ft` is money, `ft` a length.
        let code = unit.len() > 2 && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
        let same = |part: Option<&str>| {
            part.is_some_and(|part| if code { part.eq_ignore_ascii_case(unit) } else { part == unit })
        };
        if same(text.get(..unit.len())) {
            return (text[unit.len()..].trim_start(), Some(groups));
        }
        if let Some(start) = text.len().checked_sub(unit.len())
            && same(text.get(start..))
        {
            return (text[..start].trim_end(), Some(groups));
        }
    }
    (text, None)
}

/// Converts digits with separators to the notation of programs.
fn digits(text: &str, unit: Option<bool>) -> Read<String> {
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all(text) {
        return Read::As(text.to_owned());
    }
    // `1.5E+3`, but not `12e4`, which may be a name.
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let signed = exponent.strip_prefix(['-', '+']);
        let sound = all(whole) && (fraction.is_empty() || all(fraction)) && all(signed.unwrap_or(exponent));
        let is_number = unit.is_none() && (signed.is_some() || !fraction.is_empty());
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        return if sound && is_number { Read::As(format!("{whole}.{fraction}e{exponent}")) } else { Read::Not };
    }
    // One separator: decimal or, before three digits, maybe a group sign.
    let Some(last) = text.rfind(|c: char| !c.is_ascii_digit()) else { return Read::Not };
    let separator = text.as_bytes().get(last).copied().map_or(' ', char::from);
    let (whole, fraction) = (&text[..last], text.get(last + 1..).unwrap_or_default());
    if matches!(separator, '.' | ',') && all(fraction) && !whole.contains(separator) {
        if !whole.is_empty() && !all(whole) {
            return grouped(whole).map_or(Read::Not, |whole| Read::As(format!("{whole}.{fraction}")));
        }
        let group = fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
        return match (group, separator, unit) {
            (true, ',', Some(true)) => Read::As(format!("{whole}{fraction}")),
            (true, ',', _) | (true, _, Some(_)) => Read::TwoWays,
            _ => Read::As(format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole })),
        };
    }
    grouped(text).map_or(Read::Not, Read::As)
}

/// Returns the digits of a whole number in groups of three, or as in India: `12,34,567`.
fn grouped(text: &str) -> Option<String> {
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '.' | ',' | ' ' | '\''))?;
    let groups: Vec<&str> = text.split(separator).collect();
    let ([first, middle @ .., last], true) =
        (groups.as_slice(), groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit())))
    else {
        return None;
    };
    let threes = (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
    let india = separator == ',' && (1..=2).contains(&first.len()) && middle.iter().all(|group| group.len() == 2);
    let sound = last.len() == 3 && !first.starts_with('0') && (threes || india);
    sound.then(|| groups.concat())
}

/// Parses a number as programs write it: `-12`, `2.5`, `1e-3`.
pub(super) fn number(text: &str) -> Option<FilterNumber> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if digits(unsigned) {
        if let Ok(number) = text.parse() {
            return Some(FilterNumber::Integer(number));
        }
    } else {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if !(digits(whole) && digits(fraction) && digits(exponent)) {
            return None;
        }
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(FilterNumber::Float)
}
