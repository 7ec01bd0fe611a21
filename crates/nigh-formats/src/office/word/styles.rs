//! The roles of a Word document's paragraph styles.

use std::collections::HashMap;

use crate::office::namespace::Ns;
use crate::office::xml::{Xml, XmlNode};

/// A longer chain of styles is a cycle.
const MAX_STYLE_CHAIN: usize = 20;
/// Names of heading styles before their number, in lower case: Word writes the first in every language; other
/// programs translate it.
const HEADINGS: [&str; 12] = [
    "heading",
    "标题",
    "標題",
    "見出し",
    "제목",
    "überschrift",
    "titre",
    "título",
    "titolo",
    "заголовок",
    "kop",
    "nagłówek",
];

/// A paragraph style as it is stored.
#[derive(Debug, Default)]
struct WordStyle {
    name: String,
    based_on: Option<String>,
    outline: Option<u32>,
    list: (Option<String>, Option<u32>),
}

/// The role that a style gives to a paragraph.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::office) struct ParagraphRole {
    /// The level of a heading, from 0.
    pub(in crate::office) heading: Option<u32>,
    /// True for the document's title.
    pub(in crate::office) is_title: bool,
    /// True for a line of a table of contents.
    pub(in crate::office) is_contents: bool,
    /// True for program text.
    pub(in crate::office) is_code: bool,
    /// The id of its list and its level in it.
    pub(in crate::office) list: (Option<String>, Option<u32>),
}

/// The paragraph styles by id.
#[derive(Debug, Default)]
pub(in crate::office) struct WordStyles(HashMap<String, WordStyle>);

impl WordStyles {
    /// Reads `styles.xml`.
    pub(in crate::office) fn read(text: &str) -> Self {
        let mut styles = HashMap::new();
        let mut xml = Xml::new(text, Ns::Word);
        xml.child();
        while let Some(element) = xml.child() {
            let paragraph = element.get("type").is_none_or(|kind| kind == "paragraph");
            let id = (element.has_name(Ns::Word, "style") && paragraph).then(|| element.get("styleId")).flatten();
            let Some(id) = id else {
                xml.skip();
                continue;
            };
            let mut style = WordStyle::default();
            let inside = xml.depth();
            // The relevant properties may be at any depth: "pPr", "numPr".
            while let Some(node) = xml.next() {
                if let XmlNode::Open(element) = &node {
                    match element.name() {
                        (Ns::Word, "name") => style.name = element.get("val").unwrap_or_default().trim().to_lowercase(),
                        (Ns::Word, "basedOn") => style.based_on = element.get("val"),
                        (Ns::Word, "outlineLvl") => style.outline = element.number("val"),
                        (Ns::Word, "numId") => style.list.0 = element.get("val"),
                        (Ns::Word, "ilvl") => style.list.1 = element.number("val"),
                        _ => {}
                    }
                }
                if xml.depth() < inside {
                    break;
                }
            }
            styles.insert(id, style);
        }
        Self(styles)
    }

    /// Returns the role of the style with that id.
    pub(in crate::office) fn role(&self, id: &str) -> ParagraphRole {
        let mut role = ParagraphRole::default();
        let mut outline = None;
        let mut next = Some(id.to_owned());
        for step in 0..MAX_STYLE_CHAIN {
            let Some(id) = next.take() else { break };
            let found = self.0.get(&id);
            let lower = id.to_lowercase();
            let name = found.map_or(lower.as_str(), |style| style.name.as_str());
            if step == 0 {
                role.is_title = matches!(name, "title" | "标题" | "標題");
                role.is_code = is_code(name);
                let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
                role.is_contents =
                    !digits.is_empty() && matches!(name.strip_suffix(digits).map(str::trim), Some("toc" | "contents"));
            }
            let level_in_name = HEADINGS.iter().find_map(|word| name.strip_prefix(word)?.trim().parse::<u32>().ok());
            outline = outline.or(found.and_then(|style| style.outline));
            outline = outline.or(level_in_name.and_then(|level| level.checked_sub(1)));
            let Some(style) = found else { break };
            role.list.0 = role.list.0.or_else(|| style.list.0.clone());
            role.list.1 = role.list.1.or(style.list.1);
            next = style.based_on.clone();
        }
        role.heading = outline.filter(|level| *level < 9);
        role
    }
}

/// True if a style of that name, in lower case, is for program text.
pub(in crate::office) fn is_code(name: &str) -> bool {
    let names = ["code", "source code", "code block", "html preformatted", "preformatted text", "代码", "代码块"];
    names.contains(&name.replace(['_', '-'], " ").as_str()) || name == "sourcecode"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn headings_by_name_outline_and_parent_style() {
        let styles = WordStyles::read(
            "<w:styles><w:docDefaults><w:pPr/></w:docDefaults>\
            <w:style w:type='paragraph' w:styleId='2'><w:name w:val='heading 1'/></w:style>\
            <w:style w:type='paragraph' w:styleId='Mine'><w:name w:val='Mine'/><w:basedOn w:val='2'/></w:style>\
            <w:style w:type='paragraph' w:styleId='Out'><w:name w:val='x'/><w:pPr><w:outlineLvl w:val='3'/></w:pPr></w:style>\
            <w:style w:type='paragraph' w:styleId='Body'><w:name w:val='y'/><w:basedOn w:val='2'/>\
            <w:pPr><w:outlineLvl w:val='9'/></w:pPr></w:style>\
            <w:style w:type='paragraph' w:styleId='A'><w:name w:val='a'/><w:basedOn w:val='B'/></w:style>\
            <w:style w:type='paragraph' w:styleId='B'><w:name w:val='b'/><w:basedOn w:val='A'/></w:style>\
            <w:style w:type='paragraph' w:styleId='T'><w:name w:val='Title'/></w:style>\
            <w:style w:type='paragraph' w:styleId='C'><w:name w:val='toc 2'/></w:style>\
            <w:style w:type='character' w:styleId='Z'><w:name w:val='heading 1'/></w:style></w:styles>",
        );
        for (id, level) in [
            ("2", Some(0)),
            ("Mine", Some(0)),
            ("Out", Some(3)),
            ("Body", None),
            ("A", None),
            ("Z", None),
            ("Heading2", Some(1)),
            ("标题 3", Some(2)),
        ] {
            assert_eq!(styles.role(id).heading, level, "{id}");
        }
        assert!(styles.role("T").is_title && styles.role("C").is_contents && !styles.role("2").is_contents);
    }
}
