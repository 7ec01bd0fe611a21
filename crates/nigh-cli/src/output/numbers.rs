//! Numbers for people: thousands, sizes, times, and counts with their noun. Pure.

/// 1234567 as 1,234,567.
pub fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().map_or_else(|_| "?".to_owned(), |n: u64| n.to_string());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a size in the largest unit that fits: 470.6 MB.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Returns a number with its noun: "1 document", "2 documents".
pub fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number as u64), if number == 1 { "" } else { "s" })
}

/// Returns a time for people: 0.6 s, 45 s, 3 min 20 s, 2 h 5 min.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match seconds {
        ..9.95 => format!("{seconds:.1} s"),
        ..99.5 => format!("{whole} s"),
        ..5999.5 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(thousands(1_234_567u64), "1,234,567");
        assert_eq!(thousands(123u64), "123");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(470_641_600), "470.6 MB");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }

    #[test]
    fn durations_have_the_digits_that_matter() {
        for (seconds, shown) in [
            (0.04, "0.0 s"),
            (9.94, "9.9 s"),
            (9.96, "10 s"),
            (44.9, "45 s"),
            (99.6, "1 min 40 s"),
            (200.0, "3 min 20 s"),
            (7500.0, "2 h 5 min"),
        ] {
            assert_eq!(duration(seconds), shown);
        }
    }
}
