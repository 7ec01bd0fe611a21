//! Numbers that are written in groups of digits: telephone numbers, accounts, cards, amounts.
//!
//! | in the text | also emitted |
//! |---|---|
//! | `+44 (0)1234 567-890`, `138 0013 8000` | the digits as one number, with and without the country code |
//! | `1 299,50` | `1299.50`, `1299.5` |
//! | `DE89 3704 0044 0532 0130 00` | `de89370400440532013000` |

/// The fewest and the most digits of a number that is written in groups.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=20;
/// The most groups of a number.
const MAX_GROUPS: usize = 7;
/// The number of digits of a mobile number in China; it begins with 1.
const MOBILE_DIGITS: usize = 11;

/// Reads groups of digits with a space, hyphen, slash or bracket between them; the first group begins at the byte `at`. If the groups look
/// like a telephone number, an account or an amount, emits the digits as one number, also without the first groups. Returns the end of
/// the last group.
pub(super) fn digit_groups(text: &str, at: usize, buffer: &mut String, emit: &mut dyn FnMut(&str)) -> usize {
    let bytes = text.as_bytes();
    // The start and end of each group.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let (mut begin, mut digits) = (at, 0);
    let end = loop {
        let length = bytes[begin..].iter().take_while(|b| b.is_ascii_digit()).count();
        groups.push((begin, begin + length));
        digits += length;
        let end = begin + length;
        let signs = bytes[end..].iter().take(3).take_while(|b| matches!(b, b' ' | b'-' | b'/' | b'(' | b')')).count();
        let follows = bytes.get(end + signs).is_some_and(u8::is_ascii_digit);
        if !follows || !(1..=2).contains(&signs) || groups.len() > MAX_GROUPS {
            break end;
        }
        begin = end + signs;
    };
    if groups.len() < 2 {
        return end;
    }
    spaced_amount(text, &groups, end, buffer, emit);
    let goes_on = bytes.get(end).is_some_and(|&b| b.is_ascii_alphabetic() || b == b':');
    if groups.len() > MAX_GROUPS || !DIGITS.contains(&digits) || goes_on || !looks_like_number(text, &groups, digits) {
        return end;
    }
    // Leave out up to three groups at the beginning: people omit the codes of country and area.
    let mut digits_left = digits;
    for first in 0..groups.len().min(4) {
        if digits_left >= *DIGITS.start() {
            buffer.clear();
            groups[first..].iter().for_each(|&(begin, end)| buffer.push_str(&text[begin..end]));
            emit(buffer);
        }
        digits_left -= groups[first].1 - groups[first].0;
    }
    if text[..at].ends_with('+') || text[at..].starts_with("00") {
        emit_international(text, &groups, buffer, emit);
    }
    end
}

/// Emits a telephone number with the code of its country, without the zero after the code (`+44 (0)1234`) and the zeros before it
/// (`0049`); and as it is dialled inside the country, with one zero.
fn emit_international(text: &str, groups: &[(usize, usize)], buffer: &mut String, emit: &mut dyn FnMut(&str)) {
    let country = text[groups[0].0..groups[0].1].trim_start_matches('0');
    let rest = groups.iter().skip(1).map(|&(begin, end)| &text[begin..end]).skip_while(|group| *group == "0");
    let rest: String = rest.collect();
    for before in [country, "0"] {
        buffer.clear();
        buffer.push_str(before);
        buffer.push_str(rest.strip_prefix('0').unwrap_or(&rest));
        emit(buffer);
    }
}

/// True if groups of digits look like a telephone number or an account. Dates and columns of numbers do not.
fn looks_like_number(text: &str, groups: &[(usize, usize)], digits: usize) -> bool {
    let (begin, end) = groups[0];
    let before = text[..begin].chars().next_back();
    let first = &text[begin..end];
    matches!(before, Some('+' | '('))
        || first.starts_with('0') && first.len() > 1
        || first.starts_with('1') && digits == MOBILE_DIGITS
        || groups.iter().all(|&(begin, end)| end - begin >= 3)
}

/// Emits `1 299,50` and `12 345` as `1299.50` and `12345`.
fn spaced_amount(text: &str, groups: &[(usize, usize)], end: usize, buffer: &mut String, emit: &mut dyn FnMut(&str)) {
    let bytes = text.as_bytes();
    // Groups of three digits after the first, with one space between the groups.
    let has_spaces = groups.windows(2).all(|pair| pair[1].0 - pair[0].1 == 1 && bytes[pair[0].1] == b' ');
    let has_threes = groups[1..].iter().all(|&(begin, end)| end - begin == 3);
    let (first, first_end) = groups[0];
    if !has_spaces || !has_threes || first_end - first > 3 || bytes[first] == b'0' || groups.len() > 4 {
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
    emit(buffer);
    if buffer.ends_with('0') && buffer.contains('.') {
        let length = buffer.trim_end_matches('0').trim_end_matches('.').len();
        buffer.truncate(length);
        emit(buffer);
    }
}

/// The length of an international account number, in characters.
const ACCOUNT_LENGTH: std::ops::RangeInclusive<usize> = 15..=34;

/// Emits an international account number (IBAN) that is written in groups of four as one word. `at`: the start of its two check digits.
/// Returns its start and end.
pub(super) fn account(
    text: &str,
    at: usize,
    buffer: &mut String,
    emit: &mut dyn FnMut(&str),
) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = at.checked_sub(2).filter(|&start| bytes[start..at].iter().all(u8::is_ascii_alphabetic))?;
    let is_word_start = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
    let group_length = |begin: usize| bytes[begin..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    if !is_word_start || group_length(start) != 4 || !bytes[at..start + 4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    buffer.clear();
    let (mut begin, mut length) = (start, 4);
    let end = loop {
        buffer.push_str(&text[begin..begin + length]);
        let end = begin + length;
        // A shorter group is the last one and has a digit; otherwise it is the next word.
        let next = if length == 4 && bytes.get(end) == Some(&b' ') { group_length(end + 1) } else { 0 };
        let is_group = (1..=4).contains(&next)
            && bytes[end + 1..end + 1 + next].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && (next == 4 || bytes[end + 1..end + 1 + next].iter().any(u8::is_ascii_digit));
        if !is_group || buffer.len() + next > *ACCOUNT_LENGTH.end() {
            break end;
        }
        (begin, length) = (end + 1, next);
    };
    let digits = buffer.bytes().filter(u8::is_ascii_digit).count();
    if !ACCOUNT_LENGTH.contains(&buffer.len()) || digits < buffer.len() / 2 {
        return None;
    }
    buffer.make_ascii_lowercase();
    emit(buffer);
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::super::tests::codes;

    #[test]
    fn telephone_numbers_are_found_in_any_grouping() {
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
            assert!(codes(written).contains(&asked.to_owned()), "{written}: {:?}", codes(written));
        }
    }

    #[test]
    fn dates_and_columns_are_not_telephone_numbers() {
        for text in ["2024-03-15 14:30:22", "12 34 56 78", "1 2 3 4 5 6 7 8 9", "3/15/2024 10", "2024 12 31"] {
            let long = codes(text).into_iter().filter(|whole| whole.len() > 8).collect::<Vec<_>>();
            assert!(long.is_empty(), "{text}: {long:?}");
        }
    }

    #[test]
    fn accounts_have_one_form() {
        for (written, asked) in [
            ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
            ("IBAN: GB29 NWBK 6016 1331 9268 19.", "gb29nwbk60161331926819"),
            ("FR14 2004 1010 0505 0001 3M02 606", "fr1420041010050500013m02606"),
        ] {
            assert!(codes(written).contains(&asked.to_owned()), "{written}: {:?}", codes(written));
        }
        assert!(!codes("in AB12 case THEN WE GO AWAY NOW").iter().any(|code| code.starts_with("ab12")));
    }

    #[test]
    fn spaced_amounts_have_one_form() {
        for written in ["1 299,50", "1\u{202f}299.50"] {
            assert_eq!(codes(written), ["1299.50", "1299.5"], "{written}");
        }
        assert_eq!(codes("12 345"), ["12345"]);
    }
}
