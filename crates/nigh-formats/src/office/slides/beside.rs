//! Texts of a slide apart from its shapes: common texts, notes, comments.

use std::collections::{HashMap, HashSet};

use crate::office::archive::{Archive, Relation};
use crate::office::markdown::{MarkdownBlock, one_line};
use crate::office::namespace::Ns;
use crate::office::slides::slide::Slide;
use crate::office::xml::{Element, Xml, XmlNode};

/// Data shared by the slides of a presentation.
#[derive(Debug, Default)]
pub(in crate::office) struct Deck {
    /// The names of the commenters, by their ids.
    people: HashMap<String, String>,
    /// Layouts and masters that an earlier slide has shown.
    masters: HashSet<String>,
    /// Texts that are the same on many slides; each is written once.
    written: HashSet<String>,
}

impl Deck {
    /// Reads the names of the commenters, both of old and of new comments.
    pub(in crate::office) fn read_people(&mut self, text: &str) {
        let mut xml = Xml::new(text, Ns::Slide);
        while let Some(node) = xml.next() {
            if let XmlNode::Open(element) = node
                && matches!(element.name(), (Ns::Slide, "cmAuthor") | (Ns::SlideComment, "author"))
            {
                self.people.extend(element.get("id").zip(element.get("name")));
            }
        }
    }

    /// True if a text has letters and was not written before.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        text.chars().any(char::is_alphabetic) && self.written.insert(text.to_owned())
    }

    /// Returns the texts of a slide's layout and master, unless an earlier slide had them.
    pub(super) fn masters(
        &mut self,
        archive: &mut Archive<'_>,
        relations: &HashMap<String, Relation>,
        losses: &mut Vec<String>,
    ) -> Vec<MarkdownBlock> {
        let target_of = |relations: &HashMap<String, Relation>, kind: &str| {
            relations.values().find(|relation| relation.kind == kind).map(|relation| relation.target.clone())
        };
        let Some(layout) = target_of(relations, "slideLayout") else { return Vec::new() };
        if self.masters.contains(&layout) {
            return Vec::new();
        }
        let (mut blocks, hides_master) = self.master(archive, &layout, losses);
        let master = archive.relations(&layout).ok().and_then(|relations| target_of(&relations, "slideMaster"));
        if let Some(master) = master.filter(|master| !hides_master && !self.masters.contains(master)) {
            blocks.append(&mut self.master(archive, &master, losses).0);
        }
        blocks
    }

    /// Returns the texts of a layout or master itself, and whether it hides the texts of its master.
    fn master(
        &mut self,
        archive: &mut Archive<'_>,
        name: &str,
        losses: &mut Vec<String>,
    ) -> (Vec<MarkdownBlock>, bool) {
        self.masters.insert(name.to_owned());
        let Some(text) = archive.optional(name, losses) else { return (Vec::new(), false) };
        let mut master = Slide { is_master: true, ..Slide::default() };
        let mut xml = Xml::new(&text, Ns::Slide);
        let root = xml.child();
        let hides_master =
            root.and_then(|root| root.get("showMasterSp")).is_some_and(|shown| shown == "0" || shown == "false");
        master.shapes(&mut xml);
        master.blocks.retain(|block| self.is_new(&block.line()));
        (master.blocks, hides_master)
    }
}

/// Returns the texts apart from a slide's shapes: its notes, then its comments.
pub(super) fn notes_and_comments(
    archive: &mut Archive<'_>,
    relations: &HashMap<String, Relation>,
    deck: &Deck,
    losses: &mut Vec<String>,
) -> Vec<String> {
    let mut words = Vec::new();
    let mut others: Vec<&Relation> = relations.values().collect();
    others.sort_by(|a, b| b.kind.cmp(&a.kind).then_with(|| a.target.cmp(&b.target)));
    for Relation { kind, target } in others {
        if kind != "notesSlide" && kind != "comments" {
            continue;
        }
        let Some(text) = archive.optional(target, losses) else { continue };
        let mut xml = Xml::new(&text, Ns::Slide);
        if kind == "notesSlide" {
            xml.child();
            let mut notes = Slide { hidden: true, ..Slide::default() };
            notes.shapes(&mut xml);
            let lines: Vec<String> =
                notes.blocks.iter().map(MarkdownBlock::line).filter(|line| !line.is_empty()).collect();
            if !lines.is_empty() {
                words.push(format!("Notes: {}", lines.join("\n")));
            }
        } else {
            words.append(&mut comments(&mut xml, &deck.people));
        }
        xml.losses(target, losses);
    }
    words
}

/// Reads comments and their answers. The text is `p:text` in the old kind, `a:t` in the new one, where answers precede the comment.
fn comments(xml: &mut Xml<'_>, people: &HashMap<String, String>) -> Vec<String> {
    let mut comment_texts: Vec<(String, String)> = Vec::new();
    // The places of the open comments.
    let mut open: Vec<(usize, usize)> = Vec::new();
    while let Some(node) = xml.next() {
        match node {
            XmlNode::Open(element) => match element.name() {
                (Ns::Slide | Ns::SlideComment, "cm") | (Ns::SlideComment, "reply") => {
                    open.push((xml.depth(), comment_texts.len()));
                    comment_texts.push((author(&element, people), String::new()));
                }
                (Ns::Slide, "text") | (Ns::Drawing, "t") => {
                    let text = xml.text();
                    if let Some((_, all)) = open.last().and_then(|(_, at)| comment_texts.get_mut(*at)) {
                        all.push_str(&text);
                        all.push(' ');
                    }
                }
                _ => {}
            },
            XmlNode::Close => {
                open.pop_if(|(depth, _)| xml.depth() < *depth);
            }
            XmlNode::Text(_) => {}
        }
    }
    let comment_texts =
        comment_texts.into_iter().map(|(by, text)| (by, one_line(&text))).filter(|(_, text)| !text.is_empty());
    comment_texts.map(|(by, text)| format!("Comment{by}: {text}")).collect()
}

/// Returns " by Li" for a comment.
fn author(comment: &Element<'_>, people: &HashMap<String, String>) -> String {
    let name = comment.get("authorId").and_then(|id| people.get(&id));
    name.map(|name| one_line(name))
        .filter(|name| !name.is_empty())
        .map(|name| format!(" by {name}"))
        .unwrap_or_default()
}
