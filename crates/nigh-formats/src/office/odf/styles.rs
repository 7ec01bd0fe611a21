//! The relevant facts of an OpenDocument's styles, and the texts of its embedded objects.

use std::collections::{HashMap, HashSet};

use crate::office::markdown::tidy;
use crate::office::namespace::Ns;
use crate::office::symbols::{RunFont, SymbolFont};
use crate::office::xml::{Xml, XmlNode};

/// A longer chain of styles is a cycle.
const MAX_STYLE_CHAIN: usize = 20;

/// The relevant facts of a document's styles.
#[derive(Debug, Default)]
pub(in crate::office) struct OdfStyles {
    parents: HashMap<String, String>,
    /// For each list style, the levels that are numbered, from 1.
    pub(in crate::office) numbered: HashMap<String, HashSet<u32>>,
    /// The styles of hidden slides.
    hidden: HashSet<String>,
    /// Symbol fonts, by their declared names.
    faces: HashMap<String, SymbolFont>,
    /// The symbol fonts of text styles.
    fonts: HashMap<String, SymbolFont>,
}

impl OdfStyles {
    /// Reads the styles before the body of `content.xml`, or all of `styles.xml`.
    pub(in crate::office) fn read(&mut self, text: &str) {
        let mut xml = Xml::new(text, Ns::Office);
        let (mut style, mut list) = (String::new(), String::new());
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            match element.name() {
                (Ns::Office, "body") => return,
                (Ns::Style, "font-face") => {
                    let family = element.get_in(Ns::Svg, "font-family").unwrap_or_default();
                    let font = SymbolFont::from_name(family.trim_matches(['"', '\'']));
                    self.faces.extend(element.get("name").zip(font));
                }
                (Ns::Style, "text-properties") => {
                    let declared = element.get("font-name");
                    let named = declared
                        .as_deref()
                        .and_then(|name| self.faces.get(name).copied().or(SymbolFont::from_name(name)));
                    let family = element
                        .get_in(Ns::Fo, "font-family")
                        .and_then(|name| SymbolFont::from_name(name.trim_matches('\'')));
                    self.fonts.extend(named.or(family).map(|font| (style.clone(), font)));
                }
                (Ns::Style, "style") => {
                    style = element.get("name").unwrap_or_default();
                    if let Some(parent) = element.get("parent-style-name") {
                        self.parents.insert(style.clone(), parent);
                    }
                }
                (Ns::Text, "list-style") => list = element.get_in(Ns::Style, "name").unwrap_or_default(),
                (Ns::Text, "list-level-style-number")
                    if element.get_in(Ns::Style, "num-format").is_some_and(|format| !format.is_empty()) =>
                {
                    self.numbered.entry(list.clone()).or_default().extend(element.number("level"));
                }
                (Ns::Style, "drawing-page-properties")
                    if element.get_in(Ns::Presentation, "visibility").is_some_and(|value| value == "hidden") =>
                {
                    self.hidden.insert(style.clone());
                }
                _ => {}
            }
        }
    }

    /// True if a slide of that style is hidden.
    pub(in crate::office) fn hides(&self, style: &str) -> bool {
        self.hidden.contains(style)
    }

    /// Returns the symbol font of a text of that style.
    pub(in crate::office) fn font(&self, style: &str) -> Option<RunFont> {
        if self.fonts.is_empty() {
            return None;
        }
        let mut name = style;
        for _ in 0..MAX_STYLE_CHAIN {
            if let Some(font) = self.fonts.get(name) {
                return Some(RunFont { font: *font, letters: true });
            }
            name = self.parents.get(name)?;
        }
        None
    }

    /// True if the name of a style, or of one of its ancestors, is wanted.
    pub(in crate::office) fn has(&self, style: &str, wanted: impl Fn(&str) -> bool) -> bool {
        let mut name = style;
        for _ in 0..MAX_STYLE_CHAIN {
            if wanted(name) {
                return true;
            }
            let Some(parent) = self.parents.get(name) else { break };
            name = parent;
        }
        false
    }
}

/// The text of an embedded object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::office) enum Object {
    /// A formula, on one line.
    Formula(String),
    /// The texts of a chart or of another document.
    Other(String),
}

impl Object {
    /// Reads an object's `content.xml`.
    pub(in crate::office) fn read(text: &str) -> Self {
        let mut xml = Xml::new(text, Ns::MathMl);
        let Some(root) = xml.child() else { return Self::Other(String::new()) };
        let formula = root.has_name(Ns::MathMl, "math");
        let mut texts: Vec<String> = Vec::new();
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            match element.name() {
                (Ns::MathMl, "annotation") if formula => xml.skip(),
                (Ns::MathMl, "mi" | "mn" | "mo" | "mtext") if formula => texts.push(xml.text()),
                (Ns::Text, "p") | (Ns::Svg, "title" | "desc") if !formula => texts.push(tidy(&xml.text())),
                _ => {}
            }
        }
        if formula {
            return Self::Formula(texts.concat());
        }
        // The numbers of a chart are useless without their picture.
        let mut seen = HashSet::new();
        texts.retain(|text| text.chars().any(char::is_alphabetic) && seen.insert(text.clone()));
        Self::Other(texts.join("; "))
    }
}
