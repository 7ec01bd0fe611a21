//! PowerPoint presentations: a section a slide, in the order of the presentation.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | PowerPoint presentations |
//! | `slide.rs` | one slide: shapes, tables, notes, comments |
//! | `text.rs` | the paragraphs of a shape |

pub(in crate::office) mod slide;
pub(in crate::office) mod text;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::drawing::embedded_losses;
use crate::office::namespace::Ns;
use crate::office::parts::{Parts, ranges, section};
use crate::office::properties::Properties;
use crate::office::slides::slide::read_slide;
use crate::office::symbols;
use crate::office::xml::{Node, Xml};
use crate::types::{Place, PlaceKind, Syntax};

/// The text of a presentation as Markdown: of each slide the title as heading, the shapes, tables, diagrams and charts,
/// then notes and comments. Hidden slides are read, and their sections say `hidden`.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn pptx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "PPTX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("ppt/presentation.xml")?;
    let mut properties = Properties::of_ooxml(&mut archive, &mut losses);
    let relations = archive.relations(&main)?;
    let text = archive.text(&main)?.unwrap_or_default();

    let mut parts = Parts::default();
    let (mut silent, mut first_title, mut embedded, mut unknown_signs) = (Vec::new(), None, 0, 0);
    for (number, id) in (1u32..).zip(slide_ids(&text, &main, &mut losses)) {
        let name = relations.get(&id).map(|relation| relation.target.clone()).unwrap_or_default();
        let found = match archive.text(&name) {
            Ok(Some(text)) => read_slide(&mut archive, &name, &text, &mut losses),
            Ok(None) => {
                losses.push(format!("slide {number} is missing from the file"));
                continue;
            }
            Err(reason) => {
                losses.push(format!("slide {number} could not be read: {reason}"));
                continue;
            }
        };
        embedded += found.embedded;
        unknown_signs += found.unknown_signs;
        let (text, title) = found.writer.finish();
        first_title = first_title.or(title);
        let written = parts.push("\n\n", &text, |start| {
            let mut section = section(start, Place::new(PlaceKind::Slide, number));
            if found.hidden {
                section.metadata.insert("hidden".to_owned(), true.into());
            }
            section
        });
        if !written {
            silent.push(number);
        }
    }
    if !silent.is_empty() && parts.len() > 0 {
        let (noun, verb) = if silent.len() == 1 { ("slide", "has") } else { ("slides", "have") };
        losses.push(format!("{noun} {} {verb} no text (pictures only?)", ranges(&silent)));
    }
    embedded_losses(embedded, &mut losses);
    symbols::losses(unknown_signs, &mut losses);
    properties.title = properties.title.or(first_title);
    parts.finish(Syntax::Markdown, properties, losses, "a PPTX without text (pictures only?)")
}

/// The relations of the slides, in the order in which they are shown.
fn slide_ids(text: &str, name: &str, losses: &mut Vec<String>) -> Vec<String> {
    let mut xml = Xml::new(text, Ns::Slide);
    let mut ids = Vec::new();
    while let Some(node) = xml.next() {
        if let Node::Open(element) = node
            && element.is(Ns::Slide, "sldId")
        {
            ids.extend(element.get_in(Ns::Relation, "id").or_else(|| element.get("id")));
        }
    }
    xml.losses(name, losses);
    ids
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::office::archive::fixture::{archive, relations};

    fn shape(kind: &str, paragraphs: &[&str]) -> String {
        let texts: String = paragraphs.iter().map(|text| format!("<a:p><a:r><a:t>{text}</a:t></a:r></a:p>")).collect();
        format!("<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody><a:bodyPr/>{texts}</p:txBody></p:sp>")
    }

    fn slide(shapes: &str) -> String {
        format!("<p:sld><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld><p:timing><p:sp/></p:timing></p:sld>")
    }

    #[test]
    fn slides_in_their_order_with_all_they_say() {
        let first = slide(
            &[
                shape("<p:ph idx='1'/>", &["one", "two"]),
                shape("<p:ph type='title'/>", &["The", "title"]),
                shape("<p:ph type='sldNum'/>", &["7"]),
                format!("<p:grpSp>{}</p:grpSp>", shape("", &["free", "standing"])),
                "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody><a:p><a:t>a</a:t></a:p></a:txBody></a:tc>\
                 <a:tc><a:txBody><a:p><a:t>b</a:t></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
                    .into(),
                "<p:graphicFrame><c:chart r:id='c'/></p:graphicFrame>".into(),
            ]
            .concat(),
        );
        let notes = slide(
            &[shape("<p:ph type='body'/>", &["Say this", "and that"]), shape("<p:ph type='sldNum'/>", &["1"])].concat(),
        );
        let hidden = slide(&shape("", &["behind"])).replace("<p:sld>", "<p:sld show='0'>");
        let bytes = archive(&[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='b'/><p:sldId id='257' r:id='e'/>\
              <p:sldId id='258' r:id='a'/><p:sldId id='259' r:id='gone'/></p:sldIdLst></p:presentation>",
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                &relations(&[
                    ("a", "slide", "slides/slide1.xml"),
                    ("b", "slide", "slides/slide2.xml"),
                    ("e", "slide", "slides/slide3.xml"),
                ]),
            ),
            ("ppt/slides/slide1.xml", &hidden),
            ("ppt/slides/slide2.xml", &first),
            ("ppt/slides/slide3.xml", &slide("<p:pic/>")),
            (
                "ppt/slides/_rels/slide2.xml.rels",
                &relations(&[
                    ("n", "notesSlide", "../notesSlides/n.xml"),
                    ("c", "chart", "../charts/c.xml"),
                    ("k", "comments", "../comments/k.xml"),
                ]),
            ),
            ("ppt/notesSlides/n.xml", &notes),
            ("ppt/comments/k.xml", "<p:cmLst><p:cm><p:pos x='1'/><p:text>Really?</p:text></p:cm></p:cmLst>"),
            (
                "ppt/charts/c.xml",
                "<c:chart><a:p><a:r><a:t>Sales</a:t></a:r></a:p><c:strCache><c:pt><c:v>May</c:v></c:pt></c:strCache>\
              <c:numCache><c:pt><c:v>3</c:v></c:pt></c:numCache></c:chart>",
            ),
        ]);
        let found = pptx(&bytes).unwrap();
        assert_eq!(
            found.text,
            "# The title\n\n- one\n- two\n\nfree\n\nstanding\n\na | b\n\nSales; May\n\nNotes: Say this\nand that\n\nComment: Really?\n\nbehind"
        );
        let places: Vec<_> = found.sections.iter().map(|s| (&found.text[s.start..][..3], s.place.number)).collect();
        assert_eq!(places, [("# T", 1), ("beh", 3)]);
        assert!(found.sections[0].metadata.is_empty() && found.sections[1].metadata["hidden"] == true);
        assert_eq!(found.title.as_deref(), Some("The title"));
        assert_eq!(found.losses, ["slide 4 is missing from the file", "slide 2 has no text (pictures only?)"]);
    }

    #[test]
    fn presentations_without_text() {
        let bytes = archive(&[("ppt/presentation.xml", "<p:presentation/>")]);
        assert_eq!(pptx(&bytes).unwrap_err().to_string(), "a PPTX without text (pictures only?)");
    }

    #[test]
    fn descriptions_and_symbols() {
        let shapes = [
            "<p:pic><p:nvPicPr><p:cNvPr id='3' name='Pic' descr='Gannet deaths by month'/><p:nvPr/></p:nvPicPr></p:pic>",
            "<p:sp><p:nvSpPr><p:cNvPr id='4' name='Arrow' descr='Points to the exit'/></p:nvSpPr><p:txBody><a:p><a:r><a:rPr>\
             <a:sym typeface='Wingdings'/></a:rPr><a:t>\u{f0e0} Next</a:t></a:r><a:r><a:t>\u{fc}</a:t></a:r></a:p></p:txBody></p:sp>",
            "<p:sp><p:nvSpPr><p:cNvPr id='5' name='x'/></p:nvSpPr><own:txBody xmlns:own='urn:mine'><own:p><own:t>no</own:t></own:p></own:txBody></p:sp>",
            "<mc:AlternateContent xmlns:new='urn:new'><mc:Choice Requires='new'><p:sp><p:txBody><a:p><a:t>new</a:t></a:p></p:txBody></p:sp>\
             </mc:Choice><mc:Fallback><p:pic><p:nvPicPr><p:cNvPr descr='Instead of it'/></p:nvPicPr></p:pic></mc:Fallback></mc:AlternateContent>",
        ];
        let bytes = archive(&[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='a'/></p:sldIdLst></p:presentation>",
            ),
            ("ppt/_rels/presentation.xml.rels", &relations(&[("a", "slide", "slides/slide1.xml")])),
            ("ppt/slides/slide1.xml", &slide(&shapes.concat())),
        ]);
        let found = pptx(&bytes).unwrap();
        assert_eq!(found.text, "Gannet deaths by month\n\n→ Nextü\n\nPoints to the exit\n\nInstead of it");
    }
}
