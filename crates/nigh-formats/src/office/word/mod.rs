//! Word documents: which parts there are, and in what order they are read.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | Word documents: their parts |
//! | `body.rs` | paragraphs and notes of a Word document |
//! | `runs.rs` | what stands in a paragraph: runs, fields, drawings |
//! | `forms.rs` | form fields and content controls |
//! | `numbering.rs` | the numbers of lists and headings |
//! | `styles.rs` | which styles are headings, titles, code |
//! | `table.rs` | its tables |

pub(in crate::office) mod body;
pub(in crate::office) mod forms;
pub(in crate::office) mod numbering;
pub(in crate::office) mod runs;
pub(in crate::office) mod styles;
pub(in crate::office) mod table;

use crate::Extracted;
use crate::error::Result;
use crate::office::archive::Archive;
use crate::office::drawing::{drawing_text, embedded_losses};
use crate::office::markdown::{Block, cell_line, one_line};
use crate::office::namespace::Ns;
use crate::office::parts::whole;
use crate::office::properties::Properties;
use crate::office::symbols;
use crate::office::word::body::{Body, NoteKind};
use crate::office::word::numbering::Numbering;
use crate::office::word::styles::Styles;
use crate::office::xml::Xml;

/// The text of a Word document as Markdown: the body with its notes after the blocks that refer to them, then
/// headers, footers, diagrams and charts.
///
/// # Errors
/// The reason when it is damaged, encrypted or has no text.
pub fn docx(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "DOCX")?;
    let mut losses = Vec::new();
    let main = archive.main_part("word/document.xml")?;
    let properties = Properties::of_ooxml(&mut archive, &mut losses);
    let mut others: Vec<(String, String)> = archive
        .relations(&main)
        .map_err(|reason| losses.push(reason.to_string()))
        .unwrap_or_default()
        .into_values()
        .map(|relation| (relation.kind, relation.target))
        .collect();
    // The order of a map is none.
    others.sort();
    others.dedup();

    let mut body = Body::default();
    for (kind, name) in &others {
        let note = match kind.as_str() {
            "styles" | "numbering" => None,
            "footnotes" => Some(NoteKind::Footnote),
            "endnotes" => Some(NoteKind::Endnote),
            "comments" => Some(NoteKind::Comment),
            _ => continue,
        };
        let Some(text) = archive.optional(name, &mut losses) else { continue };
        match note {
            Some(note) => read_notes(&mut body, note, &text, name, &mut losses),
            None if kind == "styles" => body.styles = Styles::read(&text),
            None => body.numbering = Numbering::read(&text),
        }
    }

    let text = archive.text(&main)?.unwrap_or_default();
    let mut xml = Xml::new(&text, Ns::Word);
    // The background is outside the body and may hold a picture only.
    xml.child();
    body.write(&mut xml);
    xml.losses(&main, &mut losses);
    drop(text);

    write_comments(&mut body);
    // A title at the head of each page says nothing new.
    let mut seen: Vec<String> = properties.title.iter().cloned().collect();
    for (kind, name) in &others {
        let label = match kind.as_str() {
            "header" => "Header: ",
            "footer" => "Footer: ",
            "diagramData" | "chart" | "chartEx" => "",
            _ => continue,
        };
        let Some(text) = archive.optional(name, &mut losses) else { continue };
        let mut xml = Xml::new(&text, Ns::Word);
        let said = if label.is_empty() {
            drawing_text(&mut xml)
        } else {
            xml.child();
            let blocks = body.blocks(&mut xml);
            cell_line(&blocks)
        };
        xml.losses(name, &mut losses);
        // The first page, even pages and each section have headers of their own, mostly the same.
        if said.chars().any(char::is_alphabetic) && !seen.contains(&said) {
            body.writer.push(&Block::Text(format!("{label}{said}")));
            seen.push(said);
        }
    }
    let embedded = others.iter().filter(|(kind, _)| matches!(kind.as_str(), "package" | "oleObject")).count();
    embedded_losses(embedded + body.foreign, &mut losses);
    symbols::losses(body.unknown_signs, &mut losses);
    whole(body.writer, properties, losses, "a DOCX without text (pictures only?)")
}

/// Reads footnotes, endnotes or comments, for the body to refer to.
fn read_notes(body: &mut Body, kind: NoteKind, text: &str, name: &str, losses: &mut Vec<String>) {
    let mut xml = Xml::new(text, Ns::Word);
    xml.child();
    while let Some(element) = xml.child() {
        // Lines between text and notes are notes of a type of their own.
        let separator = element.get("type").is_some_and(|kind| kind != "normal");
        let (Some(id), false) = (element.get("id"), separator) else {
            xml.skip();
            continue;
        };
        let author = element.get("author").filter(|author| !author.trim().is_empty());
        let blocks = body.blocks(&mut xml);
        let said = cell_line(&blocks);
        let said = match (kind, author) {
            _ if said.is_empty() => continue,
            (NoteKind::Comment, Some(author)) => format!("Comment by {}: {said}", one_line(&author)),
            (NoteKind::Comment, None) => format!("Comment: {said}"),
            _ => said,
        };
        body.notes.insert((kind, id), said);
    }
    xml.losses(name, losses);
}

/// Writes the comments that no mark in the text refers to.
fn write_comments(body: &mut Body) {
    let notes = std::mem::take(&mut body.notes);
    let mut left: Vec<(String, String)> =
        notes.into_iter().filter_map(|((kind, id), text)| (kind == NoteKind::Comment).then_some((id, text))).collect();
    left.sort();
    left.into_iter().for_each(|(_, text)| body.writer.push(&Block::Text(text)));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::office::archive::fixture::{archive, relations};
    use crate::types::{PlaceKind, Syntax};

    fn document(body: &str) -> Extracted {
        docx(&package(body, &[])).unwrap()
    }

    fn package(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
        let list = relations(&[
            ("1", "styles", "styles.xml"),
            ("2", "numbering", "numbering.xml"),
            ("3", "footnotes", "footnotes.xml"),
            ("4", "comments", "comments.xml"),
            ("5", "header", "header1.xml"),
            ("6", "header", "header2.xml"),
            ("7", "footer", "footer1.xml"),
            ("8", "diagramData", "diagrams/data1.xml"),
            ("9", "settings", "gone.xml"),
        ]);
        let whole = format!("<w:document><w:body>{body}<w:sectPr/></w:body></w:document>");
        let mut parts = vec![
            ("[Content_Types].xml", "<Types/>"),
            ("word/document.xml", whole.as_str()),
            ("word/_rels/document.xml.rels", list.as_str()),
            (
                "word/styles.xml",
                "<w:styles><w:style w:type='paragraph' w:styleId='2'><w:name w:val='heading 1'/></w:style>\
              <w:style w:type='paragraph' w:styleId='T'><w:name w:val='Title'/></w:style>\
              <w:style w:type='paragraph' w:styleId='C1'><w:name w:val='toc 1'/></w:style></w:styles>",
            ),
            (
                "word/numbering.xml",
                "<w:numbering><w:abstractNum w:abstractNumId='0'><w:lvl><w:numFmt w:val='bullet'/></w:lvl>\
              <w:lvl><w:start w:val='3'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%2.'/></w:lvl></w:abstractNum>\
              <w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>",
            ),
        ];
        parts.extend(more);
        archive(&parts)
    }

    fn p(style: &str, text: &str) -> String {
        format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    }

    #[test]
    fn headings_lists_and_runs() {
        let item = |level, text| {
            format!(
                "<w:p><w:pPr><w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='1'/></w:numPr></w:pPr>\
                <w:r><w:t>{text}</w:t></w:r></w:p>"
            )
        };
        let body = [
            p("T", "The Title"), p("C1", "One 3"), p("2", "One"), item(0, "a"), item(1, "b"), item(1, "c"),
            "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Hel</w:t></w:r><w:r><w:t>lo&amp;</w:t><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r>\
             <w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins>\
             <w:hyperlink><w:r><w:t> link</w:t></w:r></w:hyperlink>\
             <w:r><w:fldChar w:fldCharType='begin'/><w:instrText>DATE</w:instrText><w:fldChar w:fldCharType='separate'/><w:t> today</w:t></w:r>\
             <m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup><m:sub/></m:oMath><w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:p>".into(),
            "<w:sdt><w:sdtPr><w:t>no</w:t></w:sdtPr><w:sdtContent><w:p><w:pPr><w:outlineLvl w:val='1'/></w:pPr><w:r><w:t>Two</w:t></w:r></w:p></w:sdtContent></w:sdt>".into(),
            p("SourceCode", "if x:"), p("SourceCode", "    y"),
            p("none", "# not a heading"),
        ]
        .concat();
        let found = document(&body);
        assert_eq!(
            found.text,
            "# The Title\n\n## One\n\n- a\n  3. b\n  4. c\n\nHello& x\ny new link todayx^2漢\n\n### Two\n\n```\nif x:\n    y\n```\n\n\\# not a heading"
        );
        assert_eq!((found.title.as_deref(), found.syntax), (Some("The Title"), Syntax::Markdown));
        assert_eq!((found.sections.len(), found.sections[0].place.kind), (1, PlaceKind::Text));
        assert_eq!(found.losses, Vec::<String>::new());
    }

    #[test]
    fn tables_boxes_notes_and_margins() {
        let cell = |properties: &str, text: &str| {
            format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
        };
        let row = |cells: &str| format!("<w:tr>{cells}</w:tr>");
        let table = format!(
            "<w:tbl>{}{}{}<w:tr><w:trPr><w:del/></w:trPr>{}{}</w:tr></w:tbl><w:tbl>{}</w:tbl>",
            row(&[cell("", "h"), cell("", "k")].concat()),
            row(&[cell("<w:vMerge w:val='restart'/>", "a"), cell("", "1")].concat()),
            row(&[cell("<w:vMerge/>", ""), cell("", "2")].concat()),
            cell("", "deleted"),
            cell("", "row"),
            row("<w:tc><w:p><w:r><w:t>one</w:t></w:r></w:p><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc>"),
        );
        let boxed = "<w:p><w:r><w:t>Anchor</w:t><w:footnoteReference w:id='2'/><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>\
            <w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice>\
            <mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>\
            </mc:AlternateContent><w:commentReference w:id='0'/></w:r></w:p>";
        let part = |name: &str, text: &str| format!("<w:{name}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{name}>");
        let bytes = package(
            &(table + boxed),
            &[
                (
                    "word/footnotes.xml",
                    "<w:footnotes><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>no</w:t></w:r></w:p></w:footnote>\
              <w:footnote w:id='2'><w:p><w:r><w:footnoteRef/><w:t>Below</w:t></w:r></w:p></w:footnote></w:footnotes>",
                ),
                (
                    "word/comments.xml",
                    "<w:comments><w:comment w:id='0' w:author='Li'><w:p><w:r><w:t>Why?</w:t></w:r></w:p></w:comment>\
              <w:comment w:id='1'><w:p><w:r><w:t>Lost</w:t></w:r></w:p></w:comment></w:comments>",
                ),
                ("word/header1.xml", &part("hdr", "Secret")),
                ("word/header2.xml", &part("hdr", "Secret")),
                ("word/footer1.xml", &part("ftr", "12")),
                (
                    "word/diagrams/data1.xml",
                    "<d><dgm:t><a:p><a:r><a:t>Step </a:t></a:r><a:r><a:t>one</a:t></a:r></a:p></dgm:t><a:p><a:t>Step two</a:t></a:p></d>",
                ),
            ],
        );
        assert_eq!(
            docx(&bytes).unwrap().text,
            "h | k\na | 1\na | 2\n\none\n\ncell\n\nAnchor[^1]\n\nIn a box\n\n[^1]: Below\n\nComment by Li: Why?\n\n\
             Comment: Lost\n\nStep one; Step two\n\nHeader: Secret"
        );
    }

    #[test]
    fn damaged_and_empty_documents() {
        let cut = archive(&[(
            "word/document.xml",
            "<w:document><w:body><w:p><w:r><w:t>Kept</w:t></w:r></w:p><w:p><w:r><w:t>to",
        )]);
        let found = docx(&cut).unwrap();
        assert_eq!((found.text.as_str(), found.losses.len()), ("Kept\n\nto", 1));
        assert!(found.losses[0].contains("damaged"));
        assert!(docx(&package("<w:p/>", &[])).unwrap_err().to_string().contains("without text"));
        assert!(docx(&archive(&[("a", "b")])).unwrap_err().to_string().contains("word/document.xml is missing"));
        assert!(docx(&archive(&[("word/document.xml", "")])).unwrap_err().to_string().contains("without text"));
        let deep = format!("<w:p><w:r><w:t>Up</w:t></w:r></w:p>{}", "<w:tbl><w:tr><w:tc>".repeat(50_000));
        let found = docx(&package(&deep, &[])).unwrap();
        assert!(found.text == "Up" && found.losses.len() == 2, "{found:?}");
    }
}
