//! Writes numbers in East Asian numerals, as the format codes "[DBNum1]" and "[DBNum2]" require.

/// A set of numerals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum Numerals {
    /// 一百二十三
    Common,
    /// 壹佰贰拾叁, which cannot be changed on paper.
    Formal,
}

impl Numerals {
    /// Returns the numerals for the text in brackets in a format code.
    pub(in crate::office) fn from_bracket(inside: &str) -> Option<Self> {
        match inside.to_ascii_lowercase().as_str() {
            "dbnum1" => Some(Self::Common),
            "dbnum2" => Some(Self::Formal),
            _ => None,
        }
    }

    fn digit(self, digit: u64) -> Option<char> {
        let digits = match self {
            Self::Common => "〇一二三四五六七八九",
            Self::Formal => "零壹贰叁肆伍陆柒捌玖",
        };
        digits.chars().nth(usize::try_from(digit).ok()?)
    }

    /// Writes each digit of a text as a numeral: 二〇二四.
    pub(in crate::office) fn one_by_one(self, text: &str) -> String {
        let numeral = |c: char| c.to_digit(10).and_then(|digit| self.digit(u64::from(digit))).unwrap_or(c);
        text.chars().map(numeral).collect()
    }

    /// Writes a whole number below 10^16 as it is counted: 一百二十三, 一万〇五.
    pub(in crate::office) fn counted(self, number: u64) -> Option<String> {
        if number == 0 {
            return self.digit(0).map(String::from);
        }
        let (tens, zero) = match self {
            Self::Common => (["", "十", "百", "千"], '〇'),
            Self::Formal => (["", "拾", "佰", "仟"], '零'),
        };
        let mut shown = String::new();
        let mut gap = false;
        for (group, unit) in [(1_000_000_000_000, "万亿"), (100_000_000, "亿"), (10_000, "万"), (1, "")] {
            let part = number / group % 10_000;
            for (step, ten) in [(1000, tens[3]), (100, tens[2]), (10, tens[1]), (1, tens[0])] {
                let digit = part / step % 10;
                if digit == 0 {
                    gap = true;
                    continue;
                }
                if std::mem::take(&mut gap) && !shown.is_empty() {
                    shown.push(zero);
                }
                shown.push(self.digit(digit)?);
                shown += ten;
            }
            if part > 0 {
                // Zeros at the end of a group are not written.
                gap = false;
                let next_is_same = unit == "万亿" && !(number / 100_000_000).is_multiple_of(10_000);
                shown += if next_is_same { "万" } else { unit };
            }
        }
        (number < 10_000_000_000_000_000).then_some(shown)
    }

    /// Writes a day or month as in dates: 十二, not 一十二.
    pub(in crate::office) fn of_date(self, number: u64) -> Option<String> {
        let shown = self.counted(number)?;
        let short = shown.strip_prefix('一').filter(|rest| self == Self::Common && rest.starts_with('十'));
        Some(short.map_or_else(|| shown.clone(), str::to_owned))
    }
}
