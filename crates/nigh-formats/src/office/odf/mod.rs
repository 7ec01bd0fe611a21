//! OpenDocument texts and presentations.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | OpenDocument texts and presentations |
//! | `body.rs` | paragraphs, lists and notes of any OpenDocument |
//! | `fields.rs` | form fields |
//! | `styles.rs` | what styles say, and what embedded objects do |
//! | `table.rs` | tables in texts and presentations |

pub(in crate::office) mod body;
pub(in crate::office) mod fields;
pub(in crate::office) mod styles;
pub(in crate::office) mod table;

use crate::Extracted;
use crate::error::{Error, Result};
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::markdown::{Block, cell_line};
use crate::office::namespace::Ns;
use crate::office::odf::body::Body;
use crate::office::odf::styles::Object;
use crate::office::parts::{Parts, ranges, section, whole};
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::xml::{Element, Node, Xml};
use crate::types::{Place, PlaceKind, Syntax};

/// Opens an OpenDocument and reads its content and its styles.
pub(in crate::office) fn open<'a>(bytes: &'a [u8], format: &'static str) -> Result<(Archive<'a>, String)> {
    let mut archive = Archive::open(bytes, format)?;
    let encrypted = || Error::Encrypted(format!("an encrypted {format}; remove its password to have it indexed"));
    // Older files encrypt part by part, newer ones a package of all parts.
    if archive.text("META-INF/manifest.xml")?.is_some_and(|manifest| manifest.contains("encryption-data>")) {
        return Err(encrypted());
    }
    match archive.text("content.xml")? {
        Some(content) => Ok((archive, content)),
        None if archive.has("encrypted-package") => Err(encrypted()),
        None => Err(Error::Damaged(format!("a damaged {format} (content.xml is missing)"))),
    }
}

/// The text of an OpenDocument text as Markdown: the body with its notes after the blocks that refer to them, then
/// headers and footers.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn odt(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODT")?;
    let mut losses = Vec::new();
    let properties = Properties::of_odf(&mut archive, &mut losses);
    let styles = archive.optional("styles.xml", &mut losses).unwrap_or_default();
    let mut body = Body::default();
    body.styles.read(&styles);
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    if opened(&mut xml, "text") {
        body.write(&mut xml);
    }
    xml.losses("content.xml", &mut losses);

    let mut xml = Xml::new(&styles, Ns::Office);
    let mut seen: Vec<String> = properties.title.iter().cloned().collect();
    while let Some(node) = xml.next() {
        let Node::Open(element) = node else { continue };
        let label = match element.name() {
            (Ns::Style, "header" | "header-first" | "header-left") => "Header: ",
            (Ns::Style, "footer" | "footer-first" | "footer-left") => "Footer: ",
            _ => continue,
        };
        let said = cell_line(&body.blocks(&mut xml));
        body.pending.clear();
        if said.chars().any(char::is_alphabetic) && !seen.contains(&said) {
            body.writer.push(&Block::Text(format!("{label}{said}")));
            seen.push(said);
        }
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    whole(body.writer, properties, losses, "an ODT without text (pictures only?)")
}

/// Reads the formulas and charts that lie in folders of their own.
pub(in crate::office) fn read_objects(archive: &mut Archive<'_>, body: &mut Body, losses: &mut Vec<String>) {
    for name in archive.ending("/content.xml") {
        let Some(text) = archive.optional(&name, losses) else { continue };
        let folder = name.trim_end_matches("/content.xml").to_owned();
        body.objects.insert(folder, Object::read(&text));
    }
}

/// Goes on to the start of the body of that name.
pub(in crate::office) fn opened(xml: &mut Xml<'_>, name: &str) -> bool {
    while let Some(node) = xml.next() {
        if matches!(&node, Node::Open(element) if element.is(Ns::Office, name)) {
            return true;
        }
    }
    false
}

/// The text of an OpenDocument presentation as Markdown: of each slide the title as heading, then everything else, then
/// the notes. Hidden slides are read, and their sections say `hidden`.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn odp(bytes: &[u8]) -> Result<Extracted> {
    let (mut archive, content) = open(bytes, "ODP")?;
    let mut losses = Vec::new();
    let mut properties = Properties::of_odf(&mut archive, &mut losses);
    let mut body = Body::default();
    body.styles.read(&content);
    read_objects(&mut archive, &mut body, &mut losses);

    let mut xml = Xml::new(&content, Ns::Office);
    let mut parts = Parts::default();
    let (mut silent, mut first_title, mut number) = (Vec::new(), None, 0);
    if opened(&mut xml, "presentation") {
        while let Some(element) = xml.child() {
            if !element.is(Ns::Draw, "page") {
                xml.skip();
                continue;
            }
            number += 1;
            read_slide(&mut body, &mut xml);
            let (text, title) = std::mem::take(&mut body.writer).finish();
            first_title = first_title.or(title);
            let hidden = element.get("style-name").is_some_and(|style| body.styles.hides(&style));
            let written = parts.push("\n\n", &text, |start| {
                let mut section = section(start, Place::new(PlaceKind::Slide, number));
                if hidden {
                    section.metadata.insert("hidden".to_owned(), true.into());
                }
                section
            });
            if !written {
                silent.push(number);
            }
        }
    }
    xml.losses("content.xml", &mut losses);
    if !silent.is_empty() && parts.len() > 0 {
        let (noun, verb) = if silent.len() == 1 { ("slide", "has") } else { ("slides", "have") };
        losses.push(format!("{noun} {} {verb} no text (pictures only?)", ranges(&silent)));
    }
    embedded_losses(body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    properties.title = properties.title.or(first_title);
    parts.finish(Syntax::Markdown, properties, losses, "an ODP without text (pictures only?)")
}

fn read_slide(body: &mut Body, xml: &mut Xml<'_>) {
    let (mut titles, mut blocks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(element) = xml.child() {
        if element.is(Ns::Presentation, "notes") {
            while let Some(part) = xml.child() {
                if class(&part).is_some_and(|class| class == "notes") {
                    body.block(xml, &part, &mut notes);
                } else {
                    xml.skip();
                }
            }
            continue;
        }
        match class(&element).as_deref() {
            Some("title") => {
                let mut title = Vec::new();
                body.block(xml, &element, &mut title);
                titles.push(Block::Heading(1, cell_line(&title)));
            }
            // The same on every slide.
            Some("date-time" | "footer" | "page-number" | "header") => xml.skip(),
            _ => body.block(xml, &element, &mut blocks),
        }
    }
    titles.append(&mut blocks);
    body.flush(&mut titles);
    let said: Vec<String> = notes.iter().map(Block::line).filter(|line| !line.is_empty()).collect();
    if !said.is_empty() {
        body.flush(&mut vec![Block::Text(format!("Notes: {}", said.join("\n")))]);
    }
}

/// What a shape is for.
fn class(element: &Element<'_>) -> Option<String> {
    element.get_in(Ns::Presentation, "class")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::office::archive::fixture::archive;

    fn content(styles: &str, body: &str) -> String {
        format!(
            "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
            <office:body>{body}</office:body></office:document-content>"
        )
    }

    #[test]
    fn texts() {
        let styles = "<style:style style:name='P1' style:parent-style-name='Title'/>\
            <text:list-style style:name='L1'><text:list-level-style-bullet text:level='1'/>\
            <text:list-level-style-number text:level='2' style:num-format='1'/></text:list-style>";
        let body = "<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>\
            <text:p text:style-name='P1'>The title</text:p><text:table-of-content><text:p>One 3</text:p></text:table-of-content>\
            <text:h text:outline-level='1'><text:span>O</text:span>ne</text:h>\
            <text:list text:style-name='L1'><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item>\
            <text:list-item><text:p>c</text:p></text:list-item></text:list></text:list-item></text:list>\
            <text:p>Two<text:s text:c='3'/>words<text:line-break/>and\n\
            more<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Below</text:p></text:note-body></text:note>\
            <office:annotation><dc:creator>Li</dc:creator><dc:date>2024</dc:date><text:p>Why?</text:p></office:annotation>\
            <draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box><svg:title>alt</svg:title></draw:frame>\
            <text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>kan</text:ruby-text></text:ruby><draw:frame><draw:object xlink:href='./F 1'/></draw:frame></text:p>\
            <text:p text:style-name='Preformatted_20_Text'>if x:<text:line-break/><text:s text:c='4'/>y</text:p>\
            <table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>h</text:p></table:table-cell><table:table-cell><text:p>k</text:p></table:table-cell></table:table-row></table:table-header-rows>\
            <table:table-row><table:table-cell table:number-rows-spanned='2'><text:p>x</text:p></table:table-cell><table:table-cell><text:p>1</text:p></table:table-cell></table:table-row>\
            <table:table-row><table:covered-table-cell/><table:table-cell><text:p>2</text:p></table:table-cell><table:table-cell table:number-columns-repeated='4000000000'/></table:table-row></table:table></office:text>";
        let found = odt(&archive(&[
            ("content.xml", &content(styles, body)),
            ("styles.xml", "<s><style:header-style/><style:master-page><style:header><text:p>Top</text:p></style:header><style:footer><text:p>4</text:p></style:footer></style:master-page></s>"),
            ("F 1/content.xml", "<math><semantics><mrow><mi>x</mi><mo>=</mo><mn>1</mn></mrow><annotation>x = 1</annotation></semantics></math>"),
            ("meta.xml", "<m><dc:title>Named</dc:title></m>"),
        ])).unwrap();
        assert_eq!(
            found.text,
            "# The title\n\n## One\n\n- a\n  1. b\n  2. c\n\nTwo words\nand more[^1]漢x=1\n\nIn a box\n\nalt\n\n[^1]: Below\n\nComment by Li: Why?\n\n\
             ```\nif x:\n    y\n```\n\nh | k\nx | 1\nx | 2\n\nHeader: Top"
        );
        assert_eq!((found.title.as_deref(), found.losses.len()), (Some("Named"), 0));
    }

    #[test]
    fn presentations() {
        let styles = "<style:style style:name='d2'><style:drawing-page-properties presentation:visibility='hidden'/></style:style>";
        let page = |style: &str, shapes: &str| format!("<draw:page draw:style-name='{style}'>{shapes}</draw:page>");
        let frame = |class: &str, text: &str| {
            format!("<draw:frame presentation:class='{class}'><draw:text-box>{text}</draw:text-box></draw:frame>")
        };
        let list = "<text:list><text:list-item><text:p>one</text:p></text:list-item><text:list-item><text:p>two</text:p></text:list-item></text:list>";
        let notes = format!(
            "<presentation:notes><draw:page-thumbnail/>{}</presentation:notes>",
            frame("notes", "<text:p>Say</text:p>")
        );
        let body = [
            page(
                "d1",
                &[
                    frame("outline", list),
                    frame("title", "<text:p>First</text:p>"),
                    frame("footer", "<text:p>f</text:p>"),
                    notes,
                ]
                .concat(),
            ),
            page("d1", "<draw:frame><draw:image/></draw:frame>"),
            page("d2", "<draw:g><draw:custom-shape><text:p>Free</text:p></draw:custom-shape></draw:g>"),
        ];
        let body = format!("<office:presentation>{}</office:presentation>", body.concat());
        let found = odp(&archive(&[("content.xml", &content(styles, &body))])).unwrap();
        assert_eq!(found.text, "# First\n\n- one\n- two\n\nNotes: Say\n\nFree");
        let places: Vec<_> =
            found.sections.iter().map(|s| (s.place.number, s.metadata.contains_key("hidden"))).collect();
        assert_eq!(places, [(1, false), (3, true)]);
        assert_eq!(found.losses, ["slide 2 has no text (pictures only?)"]);
    }

    #[test]
    fn reasons() {
        let manifest =
            "<manifest:file-entry><manifest:encryption-data></manifest:encryption-data></manifest:file-entry>";
        let locked = archive(&[("content.xml", "??"), ("META-INF/manifest.xml", manifest)]);
        assert!(odt(&locked).unwrap_err().to_string().starts_with("an encrypted ODT; "));
        assert!(odp(&archive(&[("encrypted-package", "??")])).unwrap_err().to_string().starts_with("an encrypted ODP"));
        assert!(odt(&archive(&[("a", "b")])).unwrap_err().to_string().contains("content.xml is missing"));
        assert!(
            odt(&archive(&[("content.xml", "<office:text><text:p/></office:text>")]))
                .unwrap_err()
                .to_string()
                .contains("without text")
        );
    }

    #[test]
    fn symbols_form_fields_and_foreign_names() {
        let styles = "<style:font-face style:name='W' svg:font-family='Wingdings'/>\
            <style:style style:name='T1'><style:text-properties style:font-name='W'/></style:style>";
        let body = "<office:text><text:p><text:span text:style-name='T1'>\u{f0fe}</text:span> Insured \u{f0a8}</text:p>\
            <text:p><field:fieldmark field:type='vnd.oasis.opendocument.field.FORMCHECKBOX'><field:param field:name='Checkbox_Checked' field:value='true'/></field:fieldmark> ticked</text:p>\
            <text:p><field:fieldmark field:type='vnd.oasis.opendocument.field.FORMDROPDOWN'><field:param field:name='Dropdown_ListEntry' field:value='Oban'/>\
            <field:param field:name='Dropdown_ListEntry' field:value='Wick'/><field:param field:name='Dropdown_Selected' field:value='1'/></field:fieldmark> port</text:p>\
            <own:p xmlns:own='urn:mine'>not ours</own:p>\
            <text:p>Pic<draw:frame><draw:image/><svg:title>Weir</svg:title><svg:desc>Salmon leaping</svg:desc></draw:frame></text:p></office:text>";
        let found = odt(&archive(&[("content.xml", &content(styles, body))])).unwrap();
        assert_eq!(found.text, "☑ Insured \u{f0a8}\n\n☒ ticked\n\nWick port\n\nPic\n\nWeir\n\nSalmon leaping");
    }
}
