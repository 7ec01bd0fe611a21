//! The numbers that a Word document gives to lists and headings.

use std::collections::HashMap;

use crate::office::namespace::Ns;
use crate::office::xml::Xml;

/// A list's mark is cut to this many characters.
const MAX_MARK_CHARS: usize = 20;

/// One level of a list.
#[derive(Debug, Clone, Default)]
struct ListLevel {
    format: String,
    text: String,
    start: u32,
}

/// The lists of a document, and the current count of each.
#[derive(Debug, Default)]
pub(in crate::office) struct Numbering {
    /// Levels by the id of their definition.
    definitions: HashMap<String, Vec<ListLevel>>,
    /// For each list id: its definition, and whether the list has its own count.
    lists: HashMap<String, (String, bool)>,
    counts: HashMap<(bool, String), Vec<u32>>,
}

impl Numbering {
    /// Reads `numbering.xml`.
    pub(in crate::office) fn read(text: &str) -> Self {
        let mut numbering = Self::default();
        let mut xml = Xml::new(text, Ns::Word);
        xml.child();
        while let Some(element) = xml.child() {
            match element.name() {
                (Ns::Word, "abstractNum") => {
                    let id = element.get("abstractNumId").unwrap_or_default();
                    let levels = read_levels(&mut xml);
                    numbering.definitions.insert(id, levels);
                }
                (Ns::Word, "num") => {
                    let id = element.get("numId").unwrap_or_default();
                    let (mut definition, mut restarts) = (String::new(), false);
                    while let Some(child) = xml.child() {
                        match child.name() {
                            (Ns::Word, "abstractNumId") => definition = child.get("val").unwrap_or_default(),
                            (Ns::Word, "lvlOverride") => restarts = true,
                            _ => {}
                        }
                        xml.skip();
                    }
                    numbering.lists.insert(id, (definition, restarts));
                }
                _ => xml.skip(),
            }
        }
        numbering
    }

    /// Counts a paragraph of a list and returns its mark: "-" for a bullet, "3." or "一、" for a number. Returns `None` for an
    /// unknown list, and for one without marks.
    pub(in crate::office) fn mark(&mut self, list: &str, level: usize) -> Option<String> {
        let (definition, restarts) = self.lists.get(list)?;
        let levels = self.definitions.get(definition)?;
        let this = levels.get(level)?;
        let counter = if *restarts { (true, list.to_owned()) } else { (false, definition.clone()) };
        let counts = self.counts.entry(counter).or_default();
        counts.truncate(level + 1);
        for above in levels.iter().take(level).skip(counts.len()) {
            counts.push(above.start);
        }
        match counts.get_mut(level) {
            Some(count) => *count = count.saturating_add(1),
            None => counts.push(this.start),
        }
        match this.format.as_str() {
            "bullet" => return Some("-".to_owned()),
            "none" => return None,
            _ => {}
        }
        let mut mark = String::new();
        let mut characters = this.text.chars();
        while let Some(character) = characters.next() {
            let digit = if character == '%' { characters.next().and_then(|c| c.to_digit(10)) } else { None };
            match digit.and_then(|digit| usize::try_from(digit.checked_sub(1)?).ok()) {
                Some(at) => {
                    let format = levels.get(at).map_or("decimal", |level| level.format.as_str());
                    mark.push_str(&format_number(counts.get(at).copied().unwrap_or(1), format));
                }
                None => mark.push(character),
            }
        }
        let mark: String = mark.trim().chars().filter(|c| !c.is_control()).take(MAX_MARK_CHARS).collect();
        (!mark.is_empty()).then_some(mark)
    }
}

fn read_levels(xml: &mut Xml<'_>) -> Vec<ListLevel> {
    let mut levels = Vec::new();
    while let Some(element) = xml.child() {
        if !element.has_name(Ns::Word, "lvl") || levels.len() >= 9 {
            xml.skip();
            continue;
        }
        let mut level = ListLevel { start: 1, ..ListLevel::default() };
        while let Some(child) = xml.child() {
            match child.name() {
                (Ns::Word, "start") => level.start = child.number("val").unwrap_or(1),
                (Ns::Word, "numFmt") => level.format = child.get("val").unwrap_or_default(),
                (Ns::Word, "lvlText") => {
                    level.text = child.get("val").unwrap_or_default().chars().take(MAX_MARK_CHARS).collect()
                }
                _ => {}
            }
            xml.skip();
        }
        levels.push(level);
    }
    levels
}

/// Writes a number in the format of a list.
fn format_number(number: u32, format: &str) -> String {
    match format {
        "lowerLetter" | "upperLetter" if (1..=26).contains(&number) => {
            let base = if format == "lowerLetter" { b'a' } else { b'A' };
            u8::try_from(number - 1).map_or_else(|_| number.to_string(), |at| char::from(base + at).to_string())
        }
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "chineseCounting"
        | "chineseCountingThousand"
        | "ideographDigital"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand" => chinese(number),
        "decimalZero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

fn roman(number: u32) -> String {
    if number == 0 || number > 3999 {
        return number.to_string();
    }
    let marks = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut left, mut text) = (number, String::new());
    for (value, mark) in marks {
        while left >= value {
            text.push_str(mark);
            left -= value;
        }
    }
    text
}

/// Writes a number up to 99 in Chinese characters: "十二", "二十".
fn chinese(number: u32) -> String {
    let digit = |n: u32| "零一二三四五六七八九".chars().nth(n as usize).map(String::from).unwrap_or_default();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones),
        (tens @ 1..=9, ones) => {
            let tens = if tens == 1 { String::new() } else { digit(tens) };
            format!("{tens}十{}", if ones == 0 { String::new() } else { digit(ones) })
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn lists_are_counted() {
        let mut numbering = Numbering::read(
            "<w:numbering><w:abstractNum w:abstractNumId='0'>\
            <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='chineseCounting'/><w:lvlText w:val='第%1章'/></w:lvl>\
            <w:lvl w:ilvl='1'><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.%2'/></w:lvl></w:abstractNum>\
            <w:abstractNum w:abstractNumId='1'><w:lvl><w:numFmt w:val='bullet'/><w:lvlText w:val=''/></w:lvl>\
            <w:lvl><w:numFmt w:val='none'/></w:lvl></w:abstractNum>\
            <w:num w:numId='5'><w:abstractNumId w:val='0'/></w:num><w:num w:numId='6'><w:abstractNumId w:val='1'/></w:num>\
            <w:num w:numId='7'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'/></w:num></w:numbering>",
        );
        let marks: Vec<_> = [("5", 0), ("5", 1), ("5", 1), ("5", 0), ("5", 1), ("7", 0), ("6", 0)]
            .map(|(list, level)| numbering.mark(list, level).unwrap())
            .into();
        assert_eq!(marks, ["第一章", "一.1", "一.2", "第二章", "二.1", "第一章", "-"]);
        assert_eq!((numbering.mark("6", 1), numbering.mark("9", 0), numbering.mark("5", 99)), (None, None, None));
        assert_eq!(
            (roman(1994), chinese(20), chinese(11)),
            ("MCMXCIV".to_owned(), "二十".to_owned(), "十一".to_owned())
        );
    }
}
