//! Tests of number patterns.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;

#[test]
fn numbers_are_displayed_by_their_format_codes() {
    for (code, number, shown) in [
        // Leading zeros and literal signs, as in telephone numbers.
        ("00000", 2134.0, "02134"),
        ("000-0000", 1_600_022.0, "160-0022"),
        ("000\\-0000", 1_600_022.0, "160-0022"),
        ("(000) 000-0000", 2_025_550_123.0, "(202) 555-0123"),
        ("000-00-0000", 12_345_678.0, "012-34-5678"),
        ("0", 4_006_381_333_931.0, "4006381333931"),
        // Rounded half up.
        ("0.00", 2.005, "2.01"),
        ("0.00", 0.125, "0.13"),
        ("0", 0.5, "1"),
        // Groups of digits; brackets for negative numbers.
        ("#,##0", 1_234_567.0, "1,234,567"),
        ("#,##0.00", 1185.55, "1,185.55"),
        ("#,##0", 0.0, "0"),
        ("#,###", 12.0, "12"),
        ("#,##0.00_);(#,##0.00)", -1234.5, "(1,234.50)"),
        // Percentages.
        ("0.0%", 0.125, "12.5%"),
        ("0%", 0.07, "7%"),
        ("0.00%", 0.5, "50.00%"),
        // Currencies and units.
        ("\"$\"#,##0.00", 5.0, "$5.00"),
        ("[$€-407] #,##0.00", 1234.5, "€ 1,234.50"),
        ("#,##0.00 [$€-407]", -3.0, "-3.00 €"),
        ("[$-409]0.0", 1.25, "1.3"),
        ("\"day \"0.0", 3.5, "day 3.5"),
        ("0.0\" kg\"", 12.0, "12.0 kg"),
        ("0\"元\"", 30.0, "30元"),
        // Fractions.
        ("# ?/?", 2.25, "2 1/4"),
        ("# ??/??", 0.333_333, "1/3"),
        ("# ?/8", 1.5, "1 4/8"),
        ("?/?", 1.5, "3/2"),
        ("# ?/?", 3.0, "3"),
        // Exponents; several places before the point give the step of the exponent.
        ("0.00E+00", 12_345.0, "1.23E+04"),
        ("0.00E+00", 0.00012, "1.20E-04"),
        ("##0.0E+0", 12_345.0, "12.3E+3"),
        ("0.0E+0", 9.96, "1.0E+1"),
        ("0.0E+0", 0.0, "0.0E+0"),
        // Sections for positive and negative numbers and zero, or with conditions.
        ("0.00;-0.00;\"none\"", 0.0, "none"),
        ("0;0;0", -4.0, "4"),
        ("0;[Red]-0", -4.0, "-4"),
        ("[>=100]\"many\";0", 150.0, "many"),
        ("[>=100]\"many\";0", 7.0, "7"),
        ("[<1]0.00;[<10]0.0;0", 5.25, "5.3"),
        ("[<=9999999]###-####;(###) ###-####", 5_551_234.0, "555-1234"),
        ("[<=9999999]###-####;(###) ###-####", 2_025_551_234.0, "(202) 555-1234"),
        // A comma at the end divides by 1000.
        ("#,##0,", 1_234_567.0, "1,235"),
        ("0.0,,\"M\"", 1_250_000.0, "1.3M"),
        // Places that show no zeros.
        ("0.###", 1.5, "1.5"),
        ("#.##", 0.5, ".5"),
        ("0.0#", 2.0, "2.0"),
        // The general format, spaces as wide as a character, and texts.
        ("General\" pcs\"", 1.5, "1.5 pcs"),
        ("_-* #,##0.00\\ _€_-;-* #,##0.00\\ _€_-", -2.5, "-2.50"),
        ("\"Yes\";;\"No\"", 1.0, "Yes"),
        ("0.00", -0.001, "0.00"),
        ("00\":\"00", 930.0, "09:30"),
        ("\"INV-\"000000", 42.0, "INV-000042"),
        // Only 15 digits of a number count.
        ("0", 1.234_567_890_123_45e16, "12345678901234500"),
        ("0.00", 9.995, "10.00"),
        ("0.00", 0.049, "0.05"),
        ("#,##0.0", 999_999.95, "1,000,000.0"),
        ("0.0", 0.000_1, "0.0"),
        ("#,##0.00%", 12.345_678, "1,234.57%"),
        // Groups in codes with zeros and literal signs.
        ("000,000", 1234.0, "001,234"),
        ("#,#0#", 0.0, "0"),
        ("#-##0", 1_234_567.0, "1234-567"),
        ("0.000", 1e-7, "0.000"),
        // Conditions with divisions by 1000.
        ("[>=1000]#,##0,\" K\"", 12_345.0, "12 K"),
        ("[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", 1_500_000.0, "1.5M"),
        ("[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", 2500.0, "2.5K"),
        ("[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", -12.0, "-12"),
        ("[=1]\"Yes\";[=0]\"No\";0", 0.0, "No"),
        ("[=1]\"Yes\";[=0]\"No\";0", 7.0, "7"),
        ("[<0]\"neg \"0;0", -5.0, "neg 5"),
        // Accounting formats.
        ("_-* #,##0.00 €_-;-* #,##0.00 €_-;_-* \"-\"?? €_-;_-@_-", 1234.5, "1,234.50 €"),
        ("_-* #,##0.00 €_-;-* #,##0.00 €_-;_-* \"-\"?? €_-;_-@_-", -1.0, "-1.00 €"),
        ("_-* #,##0.00 €_-;-* #,##0.00 €_-;_-* \"-\"?? €_-;_-@_-", 0.0, "- €"),
        ("#,##0.00_);[Red](#,##0.00)", -5.0, "(5.00)"),
        // Fractions with a fixed denominator, or with more digits.
        ("# ?/100", 2.5, "2 50/100"),
        ("??/100", 0.25, "25/100"),
        ("0 0/0", 2.5, "2 1/2"),
        ("# ???/???", 2.718_5, "2 268/373"),
        ("# ?/?", -0.5, "-1/2"),
        ("# ??/??", 0.0, "0"),
        // `E-` shows no plus.
        ("0.00E-00", 12_345.0, "1.23E04"),
        ("0E+0", 1.5e10, "2E+10"),
        ("##0.00E+0", 0.000_12, "120.00E-6"),
        ("0.00E+00", -12_345.0, "-1.23E+04"),
        // A percent sign that is literal does not multiply.
        ("0.0 %", 0.125, "12.5 %"),
        ("0.0\" %\"", 12.5, "12.5 %"),
        ("0\\%", 12.0, "12%"),
        // Literal signs between digits.
        ("000\\.000\\.000\\-00", 12_345_678_901.0, "123.456.789-01"),
        ("0#\\ ##\\ ##\\ ##\\ ##", 612_345_678.0, "06 12 34 56 78"),
        ("#\\ ##0", 1_234_567.0, "1234 567"),
        // Own signs, colours and currencies.
        ("+0;-0;0", 5.0, "+5"),
        ("▲#,##0;▼#,##0", -5.0, "▼5"),
        ("General;[Red]-General", -5.5, "-5.5"),
        ("[Color10]0", 5.0, "5"),
        ("[$R$-416] #,##0.00", 5.0, "R$ 5.00"),
        ("[$$-409]#,##0.00", 5.0, "$5.00"),
        ("\"€\" #,##0.00;[Red]\"€\" -#,##0.00", -5.0, "€ -5.00"),
        ("#,##0.0,", 1234.0, "1.2"),
        ("00,000.0", 5.0, "00,005.0"),
        ("0:00", 930.0, "9:30"),
        ("???", 5.0, "5"),
        ("0.00_ ;[Red]\\-0.00\\ ", -3.0, "-3.00"),
        ("#,##0 _€", 1234.0, "1,234"),
        // Without the point that Excel would show at the end.
        ("0.##", 5.0, "5"),
        // East Asian numerals.
        ("[DBNum1][$-804]General", 123.0, "123 一百二十三"),
        ("[DBNum1][$-804]General", 1_000_005.0, "1000005 一百万〇五"),
        ("[DBNum1][$-804]General", 12_003_000.0, "12003000 一千二百万三千"),
        ("[DBNum2][$-804]General\"元整\"", 10_203.0, "10203 壹万零贰佰零叁元整"),
        ("[DBNum1]0", 2024.0, "2024 二〇二四"),
        ("[DBNum1]General", 1.5, "1.5"),
    ] {
        let found = NumberPattern::read(code).and_then(|pattern| pattern.number(number));
        assert_eq!(found.as_deref(), Some(shown), "{code} {number}");
    }
    // Displayed unchanged or not at all, and numbers that are not finite.
    for (code, number) in [("General", 1.5), ("@", 1.5), (";;;", 1.0), ("0", f64::NAN)] {
        assert_eq!(NumberPattern::read(code).and_then(|pattern| pattern.number(number)), None, "{code}");
    }
}

#[test]
fn texts_are_displayed_by_their_section() {
    for (code, text, shown) in [
        ("\"Dr. \"@", "No", Some("Dr. No")),
        ("@", "x", None),
        ("0;0;0;\"<\"@\">\"", "x", Some("<x>")),
        ("0.0", "x", None),
    ] {
        assert_eq!(NumberPattern::read(code).and_then(|pattern| pattern.text(text)).as_deref(), shown, "{code}");
    }
}

#[test]
fn extreme_numbers_and_long_codes_give_bounded_texts() {
    for code in ["0%", "0.00E+00", "# ?/?", "#,##0.00", "[DBNum1]0", "[DBNum2]General", "0,,", "##0.0E+0"] {
        for number in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e16, 9e15, -1e300] {
            let shown = NumberPattern::read(code).and_then(|pattern| pattern.number(number));
            assert!(shown.as_ref().is_none_or(|shown| shown.len() < 500), "{code} {number} {shown:?}");
        }
    }
    assert!(NumberPattern::read(&"0".repeat(900)).is_none() && NumberPattern::read(&"x".repeat(2000)).is_none());
}
