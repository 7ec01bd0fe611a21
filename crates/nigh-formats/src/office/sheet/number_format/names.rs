//! Names of months, weekdays and eras, by the language of a format code.

/// A language, by its number in format codes: "[$-804]" is Chinese. `None` for the system's language, and for one whose names are
/// unknown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatLanguage {
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    Chinese,
    /// Taiwan's Chinese: its calendar counts from 1912.
    Taiwanese,
    Japanese,
    Korean,
}

impl FormatLanguage {
    /// Returns the language in brackets, after the currency sign: "804", "D07041E", "ja-JP".
    pub(super) fn from_locale(locale: &str) -> Option<Self> {
        let Ok(number) = u32::from_str_radix(locale, 16) else { return Self::from_name(&locale.to_ascii_lowercase()) };
        let number = number & 0xffff;
        Some(match (number, number & 0x3ff) {
            (0x404 | 0xc04 | 0x1404, _) => Self::Taiwanese,
            (0xf800.., _) => return None,
            (_, 0x04) => Self::Chinese,
            (_, 0x07) => Self::German,
            (_, 0x09) => Self::English,
            (_, 0x0a) => Self::Spanish,
            (_, 0x0c) => Self::French,
            (_, 0x10) => Self::Italian,
            (_, 0x11) => Self::Japanese,
            (_, 0x12) => Self::Korean,
            (_, 0x13) => Self::Dutch,
            (_, 0x16) => Self::Portuguese,
            _ => return None,
        })
    }

    fn from_name(locale: &str) -> Option<Self> {
        Some(match locale.split(['-', '_', ',']).next()? {
            "zh" if locale.starts_with("zh-tw") || locale.starts_with("zh-hant") => Self::Taiwanese,
            "zh" => Self::Chinese,
            "de" => Self::German,
            "en" => Self::English,
            "es" => Self::Spanish,
            "fr" => Self::French,
            "it" => Self::Italian,
            "ja" => Self::Japanese,
            "ko" => Self::Korean,
            "nl" => Self::Dutch,
            "pt" => Self::Portuguese,
            _ => return None,
        })
    }

    /// Returns the month's name, from 1: in full, or short as for "mmm".
    pub(super) fn month(self, month: usize, whole: bool) -> Option<String> {
        let names = match self {
            Self::Chinese | Self::Taiwanese if whole => {
                let digits = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
                return Some(format!("{}月", digits.get(month.checked_sub(1)?)?));
            }
            Self::Chinese | Self::Taiwanese | Self::Japanese => return Some(format!("{month}月")),
            Self::Korean => return Some(format!("{month}월")),
            Self::English => "January February March April May June July August September October November December",
            Self::German => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            Self::French => "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            Self::Spanish => "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            Self::Italian => {
                "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
            }
            Self::Portuguese => {
                "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
            }
            Self::Dutch => "januari februari maart april mei juni juli augustus september oktober november december",
        };
        self.pick_name(names, month.checked_sub(1)?, whole)
    }

    /// Returns the weekday's name, Sunday first: in full, or short as for "ddd" and "aaa".
    pub(super) fn weekday(self, day: usize, whole: bool) -> Option<String> {
        let sign = |signs: &str| signs.chars().nth(day);
        let names = match self {
            Self::Chinese | Self::Taiwanese => {
                let week = match (whole, self) {
                    (true, _) => "星期",
                    (false, Self::Chinese) => "周",
                    (false, _) => "週",
                };
                return Some(format!("{week}{}", sign("日一二三四五六")?));
            }
            Self::Japanese => return Some(format!("{}{}", sign("日月火水木金土")?, if whole { "曜日" } else { "" })),
            Self::Korean => return Some(format!("{}{}", sign("일월화수목금토")?, if whole { "요일" } else { "" })),
            Self::English => "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
            Self::German => "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
            Self::French => "dimanche lundi mardi mercredi jeudi vendredi samedi",
            Self::Spanish => "domingo lunes martes miércoles jueves viernes sábado",
            Self::Italian => "domenica lunedì martedì mercoledì giovedì venerdì sabato",
            Self::Portuguese => "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
            Self::Dutch => "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
        };
        self.pick_name(names, day, whole)
    }

    /// Returns one of these names. Only English shortens all of them to their first letters.
    fn pick_name(self, names: &str, at: usize, whole: bool) -> Option<String> {
        let name = names.split(' ').nth(at)?;
        match (whole, self) {
            (true, _) => Some(name.to_owned()),
            (false, Self::English) => name.get(..3).map(str::to_owned),
            (false, _) => None,
        }
    }

    /// Returns the year in the language's calendar, and the era's name in this many characters.
    pub(super) fn era(self, date: &str, year: u32, signs: usize) -> (String, u32) {
        let japanese = [
            ("2019-05-01", "R", "令和", 2018),
            ("1989-01-08", "H", "平成", 1988),
            ("1926-12-25", "S", "昭和", 1925),
            ("1912-07-30", "T", "大正", 1911),
            ("1868-01-01", "M", "明治", 1867),
        ];
        match self {
            Self::Japanese => {
                let Some((_, letter, name, before)) = japanese.iter().find(|(from, ..)| date >= *from) else {
                    return (String::new(), year);
                };
                let name = match signs {
                    0 => String::new(),
                    1 => (*letter).to_owned(),
                    2 => name.chars().take(1).collect(),
                    _ => (*name).to_owned(),
                };
                (name, year.saturating_sub(*before))
            }
            Self::Taiwanese if year > 1911 => {
                let name = match signs {
                    0 => "",
                    1 | 2 => "民國",
                    _ => "中華民國",
                };
                (name.to_owned(), year - 1911)
            }
            _ => (String::new(), year),
        }
    }
}
