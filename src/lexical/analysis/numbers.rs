//! Numbers: versions inside of names, one way to write amounts, digits that stand in groups.
//!
//! | written | also |
//! |---|---|
//! | `v2.1.0`, `python3.12`, `tool-3.11.4.tar.gz` | the dotted number by itself, and its neighbouring parts |
//! | `1,299.50`, `1.299,50`, `1 299,50` | `1299.50` |
//! | `+44 (0)1234 567-890`, `138 0013 8000` | the digits as one, with and without what stands before the area |

use super::{MAX_WORD, Piece};

/// Shows what the dotted numbers inside of a chunk are by themselves, and amounts in one form.
pub(super) fn in_chunk(chunk: &str, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    if chunk.len() > MAX_WORD || !chunk.bytes().any(|b| b.is_ascii_digit()) {
        return;
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'');
    for run in chunk.split(|c| !numeric(c)) {
        let run = run.trim_matches(['.', ',', '\'']);
        if amount(run, buffer) {
            show(Piece::Whole(buffer));
        }
        if run.len() < chunk.len() {
            dotted(run, show);
        }
    }
}

/// Shows a dotted number, and each two neighbours of it.
fn dotted(run: &str, show: &mut dyn FnMut(Piece<'_>)) {
    if !run.contains('.') || run.contains([',', '\'']) || run.contains("..") {
        return;
    }
    let starts: Vec<usize> = [0].into_iter().chain(run.match_indices('.').map(|(at, _)| at + 1)).collect();
    if starts.len() > 2 {
        for (number, &start) in starts.iter().enumerate().take(starts.len() - 1) {
            let end = starts.get(number + 2).map_or(run.len(), |&next| next - 1);
            show(Piece::Pair(&run[start..end]));
        }
    }
    show(Piece::Whole(run));
}

/// Writes an amount without what groups its digits, and with a point: whether it was written otherwise.
///
/// The last of two signs is the decimal one. One sign alone groups where three digits follow it each time, else it is decimal;
/// `1.234` may be either and gives `1234` beside itself.
fn amount(run: &str, buffer: &mut String) -> bool {
    let (points, commas) = (run.matches('.').count(), run.matches([',', '\'']).count());
    let groups = |whole: &str, sign: &[char]| {
        let mut parts = whole.split(sign);
        let first = parts.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && first != "0" && parts.all(|part| part.len() == 3)
    };
    buffer.clear();
    let digits = |text: &str, buffer: &mut String| buffer.extend(text.chars().filter(char::is_ascii_digit));
    let comma = &[',', '\''][..];
    match (points, commas) {
        (1, 1..) if run.rfind('.') > run.rfind(comma) => {
            let Some((whole, fraction)) = run.split_once('.') else { return false };
            if !groups(whole, comma) {
                return false;
            }
            digits(whole, buffer);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        (1.., 1) => {
            let Some((whole, fraction)) = run.split_once(comma) else { return false };
            if !groups(whole, &['.']) || fraction.contains('.') {
                return false;
            }
            digits(whole, buffer);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        (0, 1) if !groups(run, comma) => {
            let Some((whole, fraction)) = run.split_once(',') else { return false };
            buffer.push_str(whole);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        (1.., 0) if groups(run, &['.']) => digits(run, buffer),
        _ => return false,
    }
    true
}

/// Fewest and most digits of a number that is written in groups.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=20;
/// Most groups of one.
const GROUPS: usize = 7;
/// Digits of a mobile number in China, which begins with 1.
const MOBILE: usize = 11;

/// Digits in groups, a space, hyphen, slash or bracket between them. Shows them as one, from the first groups on, where they look like
/// a telephone number, an account or an amount. `at`: where the first begins, before which no digit belongs to them. Returns where
/// they end.
pub(super) fn in_groups(text: &str, at: usize, buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) -> usize {
    let bytes = text.as_bytes();
    // [groups]: where each begins and ends.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let (mut begin, mut digits) = (at, 0);
    let end = loop {
        let length = bytes[begin..].iter().take_while(|b| b.is_ascii_digit()).count();
        groups.push((begin, begin + length));
        digits += length;
        let end = begin + length;
        let signs = bytes[end..].iter().take(3).take_while(|b| matches!(b, b' ' | b'-' | b'/' | b'(' | b')')).count();
        let follows = bytes.get(end + signs).is_some_and(u8::is_ascii_digit);
        if !follows || !(1..=2).contains(&signs) || groups.len() > GROUPS {
            break end;
        }
        begin = end + signs;
    };
    if groups.len() < 2 {
        return end;
    }
    spaced_amount(text, &groups, end, buffer, show);
    let cut = bytes.get(end).is_some_and(|&b| b.is_ascii_alphabetic() || b == b':');
    if groups.len() > GROUPS || !DIGITS.contains(&digits) || cut || !is_called(text, &groups, digits) {
        return end;
    }
    let mut left = digits;
    for from in 0..groups.len().min(4) {
        if left >= *DIGITS.start() {
            buffer.clear();
            groups[from..].iter().for_each(|&(begin, end)| buffer.push_str(&text[begin..end]));
            show(Piece::Whole(buffer));
        }
        left -= groups[from].1 - groups[from].0;
    }
    if text[..at].ends_with('+') || text[at..].starts_with("00") {
        abroad(text, &groups, buffer, show);
    }
    end
}

/// A telephone number with the code of its country: that without the nought behind it (`+44 (0)1234`) or before it (`0049`), and as it is
/// dialled at home, with one.
fn abroad(text: &str, groups: &[(usize, usize)], buffer: &mut String, show: &mut dyn FnMut(Piece<'_>)) {
    let country = text[groups[0].0..groups[0].1].trim_start_matches('0');
    let rest = groups.iter().skip(1).map(|&(begin, end)| &text[begin..end]).skip_while(|group| *group == "0");
    let rest: String = rest.collect();
    for before in [country, "0"] {
        buffer.clear();
        buffer.push_str(before);
        buffer.push_str(rest.strip_prefix('0').unwrap_or(&rest));
        show(Piece::Whole(buffer));
    }
}

/// Whether groups of digits look like a telephone number or an account: dates and columns of numbers do not.
fn is_called(text: &str, groups: &[(usize, usize)], digits: usize) -> bool {
    let (begin, end) = groups[0];
    let before = text[..begin].chars().next_back();
    let first = &text[begin..end];
    matches!(before, Some('+' | '('))
        || first.starts_with('0') && first.len() > 1
        || first.starts_with('1') && digits == MOBILE
        || groups.iter().all(|&(begin, end)| end - begin >= 3)
}

/// Shows `1 299,50` and `12 345` as `1299.50` and `12345`.
fn spaced_amount(
    text: &str,
    groups: &[(usize, usize)],
    end: usize,
    buffer: &mut String,
    show: &mut dyn FnMut(Piece<'_>),
) {
    let bytes = text.as_bytes();
    let spaced = groups.windows(2).all(|pair| pair[1].0 - pair[0].1 == 1 && bytes[pair[0].1] == b' ');
    let threes = groups[1..].iter().all(|&(begin, end)| end - begin == 3);
    let (first, last) = groups[0];
    if !spaced || !threes || last - first > 3 || bytes[first] == b'0' || groups.len() > 4 {
        return;
    }
    buffer.clear();
    groups.iter().for_each(|&(begin, end)| buffer.push_str(&text[begin..end]));
    if bytes.get(end).is_some_and(|b| matches!(b, b',' | b'.')) {
        let fraction = bytes[end + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if (1..=2).contains(&fraction) {
            buffer.push('.');
            buffer.push_str(&text[end + 1..=end + fraction]);
        }
    }
    show(Piece::Whole(buffer));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::super::pieces;
    use super::*;

    /// The wholes of a text.
    fn wholes(text: &str) -> Vec<String> {
        let (mut found, mut buffer) = (Vec::new(), String::new());
        pieces(text, &mut buffer, &mut |piece| {
            if let Piece::Whole(whole) = piece {
                found.push(whole.to_owned());
            }
        });
        found
    }

    #[test]
    fn amounts_have_one_form() {
        for written in [
            "1,299.50",
            "1.299,50",
            "1'299.50",
            "1 299,50",
            "1\u{202f}299.50",
            "1299,50",
            "1299.50",
            "1299.50EUR",
            "$1,299.50",
        ] {
            assert!(wholes(written).contains(&"1299.50".to_owned()), "{written}: {:?}", wholes(written));
        }
        for (written, wanted) in
            [("1,000,000", "1000000"), ("1.000.000", "1000000"), ("12 345", "12345"), ("3,5", "3.5")]
        {
            assert!(wholes(written).contains(&wanted.to_owned()), "{written}: {:?}", wholes(written));
        }
        assert!(!wholes("0.125").contains(&"0125".to_owned()));
        assert!(!wholes("3.14").contains(&"314".to_owned()));
    }

    #[test]
    fn telephone_numbers_have_one_form() {
        for (written, asked) in [
            ("+44 (0)1234 567-890", "01234567890"),
            ("+44 (0)1234 567-890", "441234567890"),
            ("+44 (0)1234 567-890", "1234567890"),
            ("138 0013 8000", "13800138000"),
            ("138-0013-8000", "13800138000"),
            ("电话(010) 8888-6666", "01088886666"),
            ("400-820-8820", "4008208820"),
            ("+49 89 123456", "089123456"),
            ("0049 89 123456", "4989123456"),
            ("(301 123) 4567", "3011234567"),
            ("6222 0212 3456 7890", "6222021234567890"),
        ] {
            assert!(wholes(written).contains(&asked.to_owned()), "{written}: {:?}", wholes(written));
        }
    }

    #[test]
    fn dates_and_columns_are_no_telephone_numbers() {
        for text in ["2024-03-15 14:30:22", "12 34 56 78", "1 2 3 4 5 6 7 8 9", "3/15/2024 10", "2024 12 31"] {
            let long = wholes(text).into_iter().filter(|whole| whole.len() > 8).collect::<Vec<_>>();
            assert!(long.is_empty(), "{text}: {long:?}");
        }
    }

    #[test]
    fn versions_stand_by_themselves() {
        for (text, wanted) in [
            ("v2.1.0", "2.1.0"),
            ("tidegauge-3.11.4.tar.gz", "3.11.4"),
            ("python3.12", "3.12"),
            ("5.0.1-rc2", "5.0.1"),
            ("10.2.1.0", "10.2.1.0"),
            ("name_1.0.2b", "1.0.2"),
        ] {
            assert!(wholes(text).contains(&wanted.to_owned()), "{text}: {:?}", wholes(text));
        }
        assert!(!wholes("10.2.1.0").contains(&"2.1.0".to_owned()));
    }
}
