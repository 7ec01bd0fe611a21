//! Numbers: versions inside names, amounts in one notation.
//!
//! | in the text | also emitted |
//! |---|---|
//! | `v2.1.0`, `python3.12`, `tool-3.11.4.tar.gz` | the dotted number, and its neighbouring parts |
//! | `1,299.50`, `1.299,50` | `1299.50`, `1299.5` |
//! | `802.11ax` | `80211ax` |

use super::{MAX_WORD_BYTES, Piece, notations};

/// Emits dotted numbers inside a chunk, and amounts in one notation.
pub(super) fn in_chunk(chunk: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    if chunk.len() > MAX_WORD_BYTES || !chunk.bytes().any(|b| b.is_ascii_digit()) {
        return;
    }
    emit_undotted(chunk, buffer, emit);
    let is_numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'');
    for run in chunk.split(|c| !is_numeric(c)) {
        let run = run.trim_matches(['.', ',', '\'']);
        let was_rewritten = write_amount(run, buffer);
        if was_rewritten {
            emit(Piece::Whole(buffer));
        } else {
            buffer.clear();
            buffer.push_str(run);
        }
        let whole = buffer.split_once('.').map_or(0, |(whole, _)| whole.len());
        // `3.10` is a version and must not become `3.1`.
        if (was_rewritten || whole >= MIN_AMOUNT_DIGITS) && !buffer.contains([',', '\'']) && remove_zeros(buffer) {
            emit(Piece::Whole(buffer));
        }
        if run.len() < chunk.len() {
            emit_dotted(run, emit);
        }
    }
}

/// The fewest digits before the point of an amount; a number with fewer may be a version.
const MIN_AMOUNT_DIGITS: usize = 3;

/// Removes trailing zeros after the point. Returns true if there were any; false if the text is not an amount.
fn remove_zeros(number: &mut String) -> bool {
    let Some((whole, fraction)) = number.split_once('.').filter(|(_, fraction)| !fraction.contains('.')) else {
        return false;
    };
    let fraction_digits = fraction.trim_end_matches('0').len();
    let length = if fraction_digits == 0 { whole.len() } else { whole.len() + 1 + fraction_digits };
    let changed = length < number.len();
    number.truncate(length);
    changed
}

/// Writes a number with a point, without group signs and trailing zeros. Returns true if it is a number, false for a version.
pub(super) fn write_canonical(run: &str, buffer: &mut String) -> bool {
    if !write_amount(run, buffer) {
        buffer.clear();
        if run.contains([',', '\'']) || run.matches('.').count() > 1 {
            return false;
        }
        buffer.push_str(run);
    }
    remove_zeros(buffer);
    true
}

/// Emits `802.11ax` without its point. Three digits, a point and letters that are not a unit are a name, not an amount.
fn emit_undotted(chunk: &str, buffer: &mut String, emit: &mut dyn FnMut(Piece<'_>)) {
    let Some((whole, after)) = chunk.split_once('.') else { return };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let letters = &after[digits..];
    let is_code = whole.len() >= MIN_AMOUNT_DIGITS
        && whole.bytes().all(|b| b.is_ascii_digit())
        && digits > 0
        && (1..=3).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && !notations::is_unit(letters);
    if is_code {
        buffer.clear();
        buffer.push_str(whole);
        buffer.extend(after.chars().flat_map(char::to_lowercase));
        emit(Piece::Whole(buffer));
    }
}

/// Emits a dotted number, and each pair of neighbouring parts.
fn emit_dotted(run: &str, emit: &mut dyn FnMut(Piece<'_>)) {
    if !run.contains('.') || run.contains([',', '\'']) || run.contains("..") {
        return;
    }
    let starts: Vec<usize> = [0].into_iter().chain(run.match_indices('.').map(|(at, _)| at + 1)).collect();
    if starts.len() > 2 {
        for (part, &start) in starts.iter().enumerate().take(starts.len() - 1) {
            let end = starts.get(part + 2).map_or(run.len(), |&next| next - 1);
            emit(Piece::Pair(&run[start..end]));
        }
    }
    emit(Piece::Whole(run));
}

/// Writes an amount without group signs, with a decimal point. Returns true if this changed the amount.
///
/// If there are two kinds of signs, the last sign is the decimal sign. A single kind groups digits if three digits follow each sign;
/// otherwise it is the decimal sign. `1.234` may be either, and gives `1234` in addition to itself. If commas are the only group signs
/// (`1,000`), returns false, because `latin.rs` removes them.
fn write_amount(run: &str, buffer: &mut String) -> bool {
    let (points, commas) = (run.matches('.').count(), run.matches([',', '\'']).count());
    let is_grouped = |whole: &str, sign: &[char]| {
        let mut parts = whole.split(sign);
        let first = parts.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && first != "0" && parts.all(|part| part.len() == 3)
    };
    buffer.clear();
    let push_digits = |text: &str, buffer: &mut String| buffer.extend(text.chars().filter(char::is_ascii_digit));
    let comma = &[',', '\''][..];
    match (points, commas) {
        // `1,299.50`
        (1, 1..) if run.rfind('.') > run.rfind(comma) => {
            let Some((whole, fraction)) = run.split_once('.') else { return false };
            if !is_grouped(whole, comma) {
                return false;
            }
            push_digits(whole, buffer);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        // `1.299,50`
        (1.., 1) => {
            let Some((whole, fraction)) = run.split_once(comma) else { return false };
            if !is_grouped(whole, &['.']) || fraction.contains('.') {
                return false;
            }
            push_digits(whole, buffer);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        // `12,5`
        (0, 1) if !is_grouped(run, comma) => {
            let Some((whole, fraction)) = run.split_once(',') else { return false };
            buffer.push_str(whole);
            buffer.push('.');
            buffer.push_str(fraction);
        }
        // `1.234.567`
        (1.., 0) if is_grouped(run, &['.']) => push_digits(run, buffer),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::super::{normalise::normalise, pieces};
    use super::*;

    /// Returns the [`Piece::Whole`]s of a text.
    fn wholes(text: &str) -> Vec<String> {
        let (mut found, mut buffer) = (Vec::new(), String::new());
        pieces(&normalise(text), &mut buffer, &mut |piece| {
            if let Piece::Whole(whole) = piece {
                found.push(whole.to_owned());
            }
        });
        found
    }

    #[test]
    fn amounts_have_one_notation() {
        for written in ["1,299.50", "1.299,50", "1'299.50", "1299,50", "1299.50", "1299.50EUR", "$1,299.50"] {
            assert!(wholes(written).contains(&"1299.50".to_owned()), "{written}: {:?}", wholes(written));
        }
        for (written, wanted) in [
            ("1,000,000", "1000000"),
            ("1.000.000", "1000000"),
            ("1.185,50", "1185.5"),
            ("1185.50", "1185.5"),
            ("3,5", "3.5"),
        ] {
            assert!(wholes(written).contains(&wanted.to_owned()), "{written}: {:?}", wholes(written));
        }
        assert!(!wholes("0.125").contains(&"0125".to_owned()));
        assert!(!wholes("3.14").contains(&"314".to_owned()));
        assert!(wholes("1,299.00").contains(&"1299".to_owned()));
        assert!(!wholes("python3.10").contains(&"3.1".to_owned()) && !wholes("3.10").contains(&"3.1".to_owned()));
        assert!(wholes("802.11ax").contains(&"80211ax".to_owned()));
        assert!(!wholes("120.5kg").contains(&"1205kg".to_owned()));
    }

    #[test]
    fn versions_inside_names_are_emitted() {
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
