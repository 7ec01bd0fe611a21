//! Tests of presentations: the order of slides, their own and shared texts, comments.

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
fn slides_are_in_order_with_all_texts() {
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
fn presentations_without_text_are_refused() {
    let bytes = archive(&[("ppt/presentation.xml", "<p:presentation/>")]);
    assert_eq!(pptx(&bytes).unwrap_err().to_string(), "a PPTX without text (pictures only?)");
}

#[test]
fn descriptions_and_symbols_are_read() {
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

#[test]
fn slides_write_shared_text_once() {
    let part = |name: &str, shapes: &str, more: &str| {
        format!("<p:{name} {more}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{name}>")
    };
    let footer = shape("<p:ph type='ftr' idx='11'/>", &["Internal only"]);
    let number = shape("<p:ph type='sldNum'/>", &["7"]);
    let master = part(
        "sldMaster",
        &[shape("<p:ph type='title'/>", &["Click to edit"]), shape("", &["Harbour Trust"])].concat(),
        "",
    );
    let layout = part("sldLayout", &[shape("", &["Draft of May"]), shape("", &["“"])].concat(), "");
    let of_slide = relations(&[("l", "slideLayout", "../slideLayouts/l.xml")]);
    let bytes = archive(&[
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId r:id='a'/><p:sldId r:id='b'/><p:sldId r:id='c'/></p:sldIdLst></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&[
                ("a", "slide", "slides/1.xml"),
                ("b", "slide", "slides/2.xml"),
                ("c", "slide", "slides/3.xml"),
            ]),
        ),
        ("ppt/slides/1.xml", &part("sld", &[shape("", &["alone"]), number].concat(), "showMasterSp='0'")),
        ("ppt/slides/2.xml", &part("sld", &[shape("", &["one"]), footer.clone()].concat(), "")),
        ("ppt/slides/3.xml", &part("sld", &[shape("", &["two"]), footer].concat(), "")),
        ("ppt/slides/_rels/1.xml.rels", &of_slide),
        ("ppt/slides/_rels/2.xml.rels", &of_slide),
        (
            "ppt/slides/_rels/3.xml.rels",
            &of_slide.replace(
                "</",
                "<Relationship Id='v' Target='../media/m.mp4' \
          Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/video'/></",
            ),
        ),
        ("ppt/slideLayouts/l.xml", &layout),
        ("ppt/slideLayouts/_rels/l.xml.rels", &relations(&[("m", "slideMaster", "../slideMasters/m.xml")])),
        ("ppt/slideMasters/m.xml", &master),
    ]);
    let found = pptx(&bytes).unwrap();
    assert_eq!(found.text, "alone\n\none\n\nDraft of May\n\nHarbour Trust\n\nFooter: Internal only\n\ntwo");
    assert_eq!(found.losses, ["audio or video on slide 3 is not read"]);
}

#[test]
fn comments_of_both_kinds_have_authors_and_answers() {
    let new = "<p188:cmLst xmlns:p188='http://schemas.microsoft.com/office/powerpoint/2018/8/main'><p188:cm authorId='{A}'>\
        <p188:replyLst><p188:reply authorId='{B}'><p188:txBody><a:p><a:r><a:t>Yes, </a:t></a:r><a:r><a:t>it is</a:t></a:r></a:p></p188:txBody>\
        </p188:reply></p188:replyLst><p188:txBody><a:p><a:r><a:t>Is it?</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>";
    let authors = "<p188:authorLst xmlns:p188='http://schemas.microsoft.com/office/powerpoint/2018/8/main'>\
        <p188:author id='{A}' name='Ada'/><p188:author id='{B}' name='Bo'/></p188:authorLst>";
    let bytes = archive(&[
        ("ppt/presentation.xml", "<p:presentation><p:sldIdLst><p:sldId r:id='a'/></p:sldIdLst></p:presentation>"),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&[
                ("a", "slide", "slides/1.xml"),
                ("o", "commentAuthors", "old.xml"),
                ("n", "authors", "new.xml"),
            ]),
        ),
        ("ppt/old.xml", "<p:cmAuthorLst><p:cmAuthor id='0' name='Li Bai'/></p:cmAuthorLst>"),
        ("ppt/new.xml", authors),
        ("ppt/slides/1.xml", &slide(&shape("", &["one"]))),
        (
            "ppt/slides/_rels/1.xml.rels",
            &relations(&[("x", "comments", "../comments/1.xml"), ("y", "comments", "../comments/2.xml")]),
        ),
        (
            "ppt/comments/1.xml",
            "<p:cmLst><p:cm authorId='0'><p:text>Really?</p:text></p:cm><p:cm><p:text>No</p:text></p:cm></p:cmLst>",
        ),
        ("ppt/comments/2.xml", new),
    ]);
    assert_eq!(
        pptx(&bytes).unwrap().text,
        "one\n\nComment by Li Bai: Really?\n\nComment: No\n\nComment by Ada: Is it?\n\nComment by Bo: Yes, it is"
    );
}
