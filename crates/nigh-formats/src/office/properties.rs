//! The properties of an office document: author, dates, keywords.

use crate::office::archive::Archive;
use crate::office::markdown::one_line;
use crate::office::namespace::Ns;
use crate::office::xml::{Xml, XmlNode};
use crate::types::Metadata;

/// A value is cut to this many characters.
const MAX_VALUE_CHARS: usize = 1000;
/// Titles that programs write into new files.
const DEFAULT_TITLES: [&str; 6] =
    ["powerpoint presentation", "powerpoint 演示文稿", "word document", "untitled", "无标题", "presentation"];

/// A document's properties.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// Its title.
    pub(crate) title: Option<String>,
    /// Everything else, by the names that all formats share.
    pub(crate) metadata: Metadata,
}

impl Properties {
    /// Reads the properties of an OOXML document.
    pub(in crate::office) fn of_ooxml(archive: &mut Archive<'_>, losses: &mut Vec<String>) -> Self {
        let relations = archive.relations("").unwrap_or_default();
        let core = relations.into_values().find(|relation| relation.kind == "core-properties");
        let name = core.map_or_else(|| "docProps/core.xml".to_owned(), |relation| relation.target);
        let text = archive.optional(&name, losses);
        text.map_or_else(Self::default, |text| Self::read(&text))
    }

    /// Reads the properties of an OpenDocument.
    pub(in crate::office) fn of_odf(archive: &mut Archive<'_>, losses: &mut Vec<String>) -> Self {
        archive.optional("meta.xml", losses).map_or_else(Self::default, |text| Self::read(&text))
    }

    /// Reads the properties of both families of formats: Dublin Core and their own.
    pub(crate) fn read(text: &str) -> Self {
        let mut properties = Self::default();
        let mut first_author = None;
        let mut xml = Xml::new(text, Ns::None);
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            match element.name() {
                (Ns::Dc, "title") if properties.title.is_none() => {
                    let title = one_line(&xml.text());
                    let named = !title.is_empty() && !DEFAULT_TITLES.contains(&title.to_lowercase().as_str());
                    properties.title = named.then_some(title);
                }
                (Ns::Meta, "initial-creator") => first_author = Some(xml.text()),
                (Ns::Dc, "creator") => properties.add("author", &xml.text()),
                (Ns::DcTerms, "created") | (Ns::Meta, "creation-date") => properties.set_date("created", &xml.text()),
                (Ns::DcTerms, "modified") => properties.set_date("modified", &xml.text()),
                (Ns::Dc, "date") => properties.set_date("modified", &xml.text()),
                (Ns::Core, "keywords") | (Ns::Meta, "keyword") => properties.add("keywords", &xml.text()),
                (Ns::Dc, "subject") => properties.add("subject", &xml.text()),
                (Ns::Dc, "description") => {
                    // Programs write their own names here.
                    let text = xml.text();
                    if !text.trim_start().to_lowercase().starts_with("generated ") {
                        properties.set("description", &text);
                    }
                }
                (Ns::Dc, "language") => properties.set("language", &xml.text()),
                _ => {}
            }
        }
        // The creator of an OpenDocument is the person who saved it last.
        if let Some(author) = first_author {
            properties.set("author", &author);
        }
        properties
    }

    /// Sets a value, unless it is empty.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let value: String = one_line(value).chars().take(MAX_VALUE_CHARS).collect();
        if !value.is_empty() {
            self.metadata.insert(name.to_owned(), value.into());
        }
    }

    /// Adds one of several values: "Smith; Jones".
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let before = self.metadata.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        if before.is_empty() {
            self.set(name, value);
        } else if before.len() < MAX_VALUE_CHARS && !before.split("; ").any(|one| one == value) {
            let both = format!("{before}; {value}");
            self.set(name, &both);
        }
    }

    /// Sets a date if it is valid.
    pub(crate) fn set_date(&mut self, name: &str, value: &str) {
        if let Some(date) = rfc3339(value) {
            self.metadata.insert(name.to_owned(), date.into());
        }
    }
}

/// Converts a date in ISO 8601 to RFC 3339: the day, or with a time in seconds and an offset; a time without an offset is UTC.
pub(in crate::office) fn rfc3339(date: &str) -> Option<String> {
    let date = date.trim();
    let (day, time) = date.split_at_checked(10).unwrap_or((date, ""));
    let mut parts = day.split('-');
    let mut number = |digits: usize, range: std::ops::RangeInclusive<u32>| {
        let part = parts.next()?;
        let number =
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())??;
        range.contains(&number).then_some(())
    };
    number(4, 1..=9999)?;
    number(2, 1..=12)?;
    number(2, 1..=31)?;
    let Some(time) = time.strip_prefix(['T', ' ']) else { return time.is_empty().then(|| day.to_owned()) };
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let clock = clock.split(['.', ',']).next().unwrap_or_default();
    let fields: Vec<u32> = clock.split(':').map(|field| field.parse().ok()).collect::<Option<_>>()?;
    let (hour, minute, second) = match fields.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let shape: String = zone.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let zone = match shape.as_str() {
        "" | "Z" => "Z".to_owned(),
        "+00:00" | "-00:00" => zone.to_owned(),
        "+0000" | "-0000" => format!("{}:{}", &zone[..3], &zone[3..]),
        _ => return None,
    };
    (hour < 24 && minute < 60 && second <= 60).then(|| format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn dates_become_rfc3339() {
        for (date, expected) in [
            ("2024-05-06T09:30:00Z", Some("2024-05-06T09:30:00Z")),
            ("2024-05-06T09:30:00.123456789", Some("2024-05-06T09:30:00Z")),
            ("2024-05-06T09:30+0800", Some("2024-05-06T09:30:00+08:00")),
            ("2024-05-06", Some("2024-05-06")),
            ("2024-5-6", None),
            ("2024-13-06", None),
            ("0000-00-00T00:00:00", None),
            ("2024-05-06T99:00:00Z", None),
            ("二〇二四年五月六日到", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(date).as_deref(), expected, "{date}");
        }
    }

    #[test]
    fn properties_of_both_families_have_the_same_names() {
        let ooxml = "<cp:coreProperties><dc:title>T</dc:title><dc:creator>A</dc:creator><dcterms:created>2024-01-02T03:04:05Z\
            </dcterms:created><cp:keywords>k</cp:keywords><cp:lastModifiedBy>B</cp:lastModifiedBy></cp:coreProperties>";
        let odf = "<m><meta:creation-date>2024-01-02T03:04:05</meta:creation-date><dc:title>T</dc:title>\
            <dc:creator>B</dc:creator><meta:initial-creator>A</meta:initial-creator><meta:keyword>k</meta:keyword></m>";
        for text in [ooxml, odf] {
            let properties = Properties::read(text);
            assert_eq!(properties.title.as_deref(), Some("T"));
            let shown: Vec<_> = properties.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(shown, ["author=\"A\"", "created=\"2024-01-02T03:04:05Z\"", "keywords=\"k\""], "{text}");
        }
        assert_eq!(Properties::read("<c><dc:title>PowerPoint Presentation</dc:title></c>").title, None);
    }
}
