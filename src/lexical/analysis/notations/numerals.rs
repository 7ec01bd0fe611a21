//! Chinese and Roman numerals.

/// The longest Chinese numeral that is parsed, in characters.
const MAX_CHARACTERS: usize = 16;

/// Returns the value of a Chinese digit.
fn digit(c: char) -> Option<u64> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Returns the value of a Chinese power of ten.
fn power(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// True if a Chinese numeral may begin with `c`.
pub(super) fn begins(c: char) -> bool {
    digit(c).is_some() || matches!(c, '十' | '拾')
}

/// Parses the Chinese numeral at the beginning of a text. Returns its value, its bytes and its characters.
pub(super) fn chinese(text: &str) -> Option<(u64, usize, usize)> {
    let (mut length, mut count, mut has_powers) = (0, 0, false);
    for c in text.chars() {
        let is_power = power(c).is_some();
        if !is_power && digit(c).is_none() {
            break;
        }
        has_powers |= is_power;
        length += c.len_utf8();
        count += 1;
    }
    if count == 0 || count > MAX_CHARACTERS {
        return None;
    }
    let numeral = &text[..length];
    let number = if has_powers { parse_powers(numeral)? } else { parse_positional(numeral)? };
    Some((number, length, count))
}

/// Parses digits without powers: `二〇二四`.
fn parse_positional(numeral: &str) -> Option<u64> {
    numeral.chars().try_fold(0_u64, |number, c| number.checked_mul(10)?.checked_add(digit(c)?))
}

/// Parses digits with powers: `三百五十`, `一万二千`, `三百五` (350), `一百零五`.
fn parse_powers(numeral: &str) -> Option<u64> {
    // The sums of the multiples of 亿 and of 万, and of the parts below.
    let (mut yi, mut wan, mut below) = (0_u64, 0_u64, 0_u64);
    // The digit before the next power, and the factor of a digit that ends the numeral (10 in 三百五).
    let (mut pending, mut last_factor) = (None, 1);
    for (number, c) in numeral.chars().enumerate() {
        if let Some(digit) = digit(c) {
            match (pending, digit) {
                (None, 0) => last_factor = 1,
                (None, _) => pending = Some(digit),
                _ => return None,
            }
            continue;
        }
        let power = power(c)?;
        if power >= 10_000 {
            // 万 or 亿 multiplies everything before it that is smaller.
            below = below.checked_add(pending.take().unwrap_or(0))?;
            // 千万 without a digit is a word.
            if below == 0 && wan == 0 && yi == 0 {
                return None;
            }
            let wan_before = if power > 10_000 { std::mem::take(&mut wan) } else { 0 };
            let product = wan_before.checked_add(std::mem::take(&mut below))?.checked_mul(power)?;
            let sum = if power > 10_000 { &mut yi } else { &mut wan };
            *sum = sum.checked_add(product)?;
        } else {
            let factor = match pending.take() {
                Some(digit) => digit,
                // 十 at the beginning or after a larger power is 10.
                None if power == 10 && (number == 0 || below > 0 || wan > 0 || yi > 0) => 1,
                None => return None,
            };
            below = below.checked_add(factor.checked_mul(power)?)?;
        }
        last_factor = if power > 10 { power / 10 } else { 1 };
    }
    yi.checked_add(wan)?.checked_add(below)?.checked_add(pending.unwrap_or(0).checked_mul(last_factor)?)
}

/// The most letters of a Roman numeral that is parsed.
const MAX_ROMAN_LETTERS: usize = 9;

/// Parses a Roman numeral in upper or lower case; `None` for a wrong one (`IIII`).
pub(super) fn roman(word: &str) -> Option<u64> {
    const SIGNS: [(&str, u64); 13] = [
        ("m", 1000),
        ("cm", 900),
        ("d", 500),
        ("cd", 400),
        ("c", 100),
        ("xc", 90),
        ("l", 50),
        ("xl", 40),
        ("x", 10),
        ("ix", 9),
        ("v", 5),
        ("iv", 4),
        ("i", 1),
    ];
    if word.is_empty() || word.len() > MAX_ROMAN_LETTERS {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let (mut rest, mut number) = (lower.as_str(), 0);
    for (sign, value) in SIGNS {
        let max_repeats = if matches!(sign, "m" | "c" | "x" | "i") { 3 } else { 1 };
        for _ in 0..max_repeats {
            let Some(after) = rest.strip_prefix(sign) else { break };
            rest = after;
            number += value;
        }
    }
    rest.is_empty().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numerals_are_parsed() {
        for (written, number) in [
            ("三百五十元", 350),
            ("五", 5),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("一百零五", 105),
            ("一百一十", 110),
            ("一百十", 110),
            ("三百五", 350),
            ("一万二", 12_000),
            ("一万零二", 10_002),
            ("一万二千", 12_000),
            ("两千零一万", 20_010_000),
            ("一千万", 10_000_000),
            ("三亿五千万", 350_000_000),
            ("二〇二一年", 2021),
            ("二零二一", 2021),
            ("叁佰伍拾元整", 350),
        ] {
            assert_eq!(chinese(written).map(|found| found.0), Some(number), "{written}");
        }
        for written in ["千万", "百", "万一", "元", "", "三四十", "一二三四五六七八九一二三四五六七八九"]
        {
            assert_eq!(chinese(written), None, "{written}");
        }
    }

    #[test]
    fn roman_numerals_are_parsed() {
        for (written, number) in [("I", 1), ("iv", 4), ("VI", 6), ("XLII", 42), ("MCMXCIV", 1994)] {
            assert_eq!(roman(written), Some(number), "{written}");
        }
        for written in ["", "IIII", "VV", "IC", "IM", "A", "MMMMMMMMMM"] {
            assert_eq!(roman(written), None, "{written}");
        }
    }
}
