//! Tests of Word documents: headings, lists, tables, notes, damaged files, symbols, forms, descriptions, tracked changes, namespaces.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::office::archive::fixture::{archive, relations};
use crate::types::{PlaceKind, Syntax};

/// Reads a document with this body.
pub(super) fn document(body: &str) -> Extracted {
    docx(&package(body, &[])).unwrap()
}

/// Makes a document of a body, default styles and numbering, and more parts.
pub(super) fn package(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let list = relations(&[
        ("1", "styles", "styles.xml"),
        ("2", "numbering", "numbering.xml"),
        ("3", "footnotes", "footnotes.xml"),
        ("4", "comments", "comments.xml"),
        ("5", "header", "header1.xml"),
        ("6", "header", "header2.xml"),
        ("7", "footer", "footer1.xml"),
        ("8", "diagramData", "diagrams/data1.xml"),
        // A relation to a part that is missing.
        ("9", "settings", "gone.xml"),
    ]);
    let whole = format!("<w:document><w:body>{body}<w:sectPr/></w:body></w:document>");
    let mut parts = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", whole.as_str()),
        ("word/_rels/document.xml.rels", list.as_str()),
        (
            "word/styles.xml",
            // Ids of styles are localised: the name counts, as here for the id 2.
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

/// Makes a paragraph of a style.
fn p(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn body_with_title_headings_lists_fields_formulas_ruby_and_controls() {
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
    // The title takes `#`, so a heading of level 1 gets `##`. The table of contents ("One 3") is left out.
    assert_eq!(
        found.text,
        "# The Title\n\n## One\n\n- a\n  3. b\n  4. c\n\nHello& x\ny new link todayx^2漢\n\n### Two\n\n```\nif x:\n    y\n```\n\n\\# not a heading"
    );
    assert_eq!((found.title.as_deref(), found.syntax), (Some("The Title"), Syntax::Markdown));
    assert_eq!((found.sections.len(), found.sections[0].place.kind), (1, PlaceKind::Text));
    assert_eq!(found.losses, Vec::<String>::new());
}

#[test]
fn tables_text_boxes_notes_comments_diagrams_headers_and_footers() {
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
    // A table of one cell is layout, so it becomes paragraphs. The comment "Lost" has no place in the body. Equal headers are written once,
    // and the footer "12" is only a page number.
    assert_eq!(
        docx(&bytes).unwrap().text,
        "h | k\na | 1\na | 2\n\none\n\ncell\n\nAnchor[^1]\n\nIn a box\n\n[^1]: Below\n\nComment by Li: Why?\n\n\
             Comment: Lost\n\nStep one; Step two\n\nHeader: Secret"
    );
}

#[test]
fn damaged_document_keeps_the_text_before_the_damage() {
    let cut =
        archive(&[("word/document.xml", "<w:document><w:body><w:p><w:r><w:t>Kept</w:t></w:r></w:p><w:p><w:r><w:t>to")]);
    let found = docx(&cut).unwrap();
    assert_eq!((found.text.as_str(), found.losses.len()), ("Kept\n\nto", 1));
    assert!(found.losses[0].contains("damaged"));
}

#[test]
fn empty_document_or_missing_part_is_refused() {
    assert!(docx(&package("<w:p/>", &[])).unwrap_err().to_string().contains("without text"));
    assert!(docx(&archive(&[("a", "b")])).unwrap_err().to_string().contains("word/document.xml is missing"));
    assert!(docx(&archive(&[("word/document.xml", "")])).unwrap_err().to_string().contains("without text"));
}

#[test]
fn deeply_nested_tables_are_cut() {
    let deep = format!("<w:p><w:r><w:t>Up</w:t></w:r></w:p>{}", "<w:tbl><w:tr><w:tc>".repeat(50_000));
    let found = docx(&package(&deep, &[])).unwrap();
    // The elements are nested too deeply, and the document ends inside them.
    assert!(found.text == "Up" && found.losses.len() == 2, "{found:?}");
}

/// Makes a run of text.
pub(super) fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>")
}

#[test]
fn descriptions_charts_and_word_art_are_read() {
    let drawing = |properties: &str| {
        format!(
            "<w:p><w:r><w:drawing><wp:inline>{properties}<a:graphic><a:graphicData><pic:pic><pic:nvPicPr>\
                <pic:cNvPr id='0' name='arch.png' descr='A collapsed arch'/></pic:nvPicPr></pic:pic></a:graphicData></a:graphic>\
                </wp:inline></w:drawing></w:r></w:p>"
        )
    };
    let decoration = "<wp:docPr id='2' name='x' descr='a line'><a:extLst><a:ext><adec:decorative \
            xmlns:adec='http://schemas.microsoft.com/office/drawing/2017/decorative' val='1'/></a:ext></a:extLst></wp:docPr>";
    let body = [
        drawing("<wp:docPr id='1' name='Picture 1' title='Culvert' descr='A cross-section'/>"),
        // A picture with the same description as its frame.
        drawing("<wp:docPr id='1' name='Picture 1' descr='A collapsed arch'/>"),
        format!("<w:p><w:r><w:drawing><wp:inline>{decoration}</wp:inline></w:drawing></w:r></w:p>"),
        "<w:p><w:r><w:pict><v:shape alt='An old map'><v:imagedata o:title='map.png'/></v:shape>\
             <v:shape><v:textpath string='DRAFT'/></v:shape></w:pict></w:r></w:p>"
            .to_owned(),
    ];
    let chart = "<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Landings</a:t></a:r></a:p></c:rich></c:tx></c:title>\
            <c:plotArea><c:ser><c:tx><c:strRef><c:strCache><c:pt><c:v>Crab</c:v></c:pt></c:strCache></c:strRef></c:tx>\
            <c:cat><c:numRef><c:numCache><c:formatCode>General</c:formatCode><c:pt><c:v>2019</c:v></c:pt></c:numCache></c:numRef></c:cat>\
            <c:val><c:numRef><c:numCache><c:pt><c:v>41</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>\
            <c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>Tonnes</a:t></a:r></a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart></c:chartSpace>";
    // Diagrams and charts are found by relations; here the relation of a diagram leads to a chart. The values of a chart (41) are not read.
    let bytes = package(&body.concat(), &[("word/diagrams/data1.xml", chart)]);
    assert_eq!(
        docx(&bytes).unwrap().text,
        "Culvert: A cross-section\n\nA collapsed arch\n\nA collapsed arch\n\nAn old map\n\nDRAFT\n\n\
             Landings; Crab; 2019; Tonnes"
    );
}

#[test]
fn symbols_form_fields_and_check_boxes_are_read() {
    let sym = |font: &str, code: &str| format!("<w:r><w:sym w:font='{font}' w:char='{code}'/></w:r>");
    let set = |font: &str, text: &str| {
        format!("<w:r><w:rPr><w:rFonts w:ascii='{font}' w:hAnsi='{font}'/></w:rPr><w:t>{text}</w:t></w:r>")
    };
    let field = |data: &str, result: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{data}</w:ffData></w:fldChar></w:r>\
                <w:r><w:instrText> FORM </w:instrText></w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r>{}\
                <w:r><w:fldChar w:fldCharType='end'/></w:r>",
            run(result)
        )
    };
    let list = |chosen: &str| {
        format!("<w:ddList>{chosen}<w:listEntry w:val='Kirkwall'/><w:listEntry w:val='Stromness'/></w:ddList>")
    };
    let control = |properties: &str, content: &str| {
        format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")
    };
    for (body, text) in [
            (run("5 ") + &sym("Symbol", "F06D") + &run("m ") + &sym("Symbol", "F0B3") + &run(" 3"), "5 μm ≥ 3"),
            (set("Symbol", "\u{f06d}") + &run("g ") + &set("Symbol", "m") + &run("l"), "μg μl"),
            (set("Wingdings", "\u{fc}") + &run(" done"), "✔ done"),
            (sym("Wingdings", "F0FE") + &run(" yes ") + &sym("Wingdings", "F0A8") + &run(" no"), "☑ yes ☐ no"),
            (field(&list("<w:result w:val='1'/>"), "old") + &run(" port"), "Stromness port"),
            (field(&list(""), "") + &run(" port"), "Kirkwall port"),
            (field("<w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox>", "") + &run(" a"), "☒ a"),
            (field("<w:checkBox><w:default w:val='0'/></w:checkBox>", "") + &run(" b"), "☐ b"),
            (field("<w:textInput/>", "typed"), "typed"),
            (control("<w14:checkbox><w14:checked w14:val='1'/></w14:checkbox>", &run("☒")) + &run(" c"), "☒ c"),
            (control("<w14:checkbox><w14:checked w14:val='1'/></w14:checkbox>", "") + &run(" c"), "☒ c"),
            (control("<w:dropDownList w:lastValue='2'><w:listItem w:displayText='Two' w:value='2'/></w:dropDownList>", ""), "Two"),
            (
                "<w:r><mc:AlternateContent><mc:Choice Requires='w16se'><w16se:symEx/></mc:Choice><mc:Fallback><w:t>😀</w:t>\
                 </mc:Fallback></mc:AlternateContent></w:r>".to_owned(),
                "😀",
            ),
        ] {
            assert_eq!(document(&format!("<w:p>{body}</w:p>")).text, text, "{body}");
        }
    let lost = document(&format!("<w:p>{}{}</w:p>", run("x"), sym("Webdings", "F0FF")));
    assert_eq!(
        (lost.text.as_str(), lost.losses),
        ("x", vec!["a character that exists only in a symbol font was left out".to_owned()])
    );
    // A field that never ends does not hide the text after it.
    let open = "<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox/></w:ffData></w:fldChar>\
            <w:fldChar w:fldCharType='separate'/></w:r></w:p>";
    assert_eq!(document(&format!("{open}<w:p>{}</w:p>", run("after"))).text, "☐\n\nafter");
}

#[test]
fn tracked_changes_are_accepted() {
    let deleted_mark = "<w:pPr><w:pStyle w:val='2'/><w:rPr><w:del w:id='9'/></w:rPr></w:pPr>";
    let cell = |text: &str, deleted: &str| format!("<w:tc><w:tcPr>{deleted}</w:tcPr><w:p>{}</w:p></w:tc>", run(text));
    for (body, text) in [
        // A paragraph without its mark is joined with the next one, whose style counts.
        (format!("<w:p>{deleted_mark}{}</w:p><w:p>{}</w:p>", run("weig"), run("hed")), "weighed"),
        (
            format!(
                "<w:p>{deleted_mark}{}</w:p><w:p>{deleted_mark}{}</w:p><w:p>{}</w:p><w:p>{}</w:p>",
                run("a"),
                run("b"),
                run("c"),
                run("d")
            ),
            "abc\n\nd",
        ),
        // No paragraph follows that could continue it.
        (format!("<w:p>{deleted_mark}{}</w:p>", run("last")), "# last"),
        // A table follows: it cannot continue the paragraph.
        (
            format!(
                "<w:p>{deleted_mark}{}</w:p><w:tbl><w:tr>{}{}</w:tr></w:tbl>",
                run("up"),
                cell("x", ""),
                cell("y", "")
            ),
            "# up\n\nx | y",
        ),
        // A deleted cell.
        (
            format!(
                "<w:tbl><w:tr>{}{}{}</w:tr></w:tbl>",
                cell("x", ""),
                cell("gone", "<w:cellDel w:id='1'/>"),
                cell("z", "")
            ),
            "x | z",
        ),
        // A moved paragraph is only where it was moved to.
        (
            format!(
                "<w:p><w:moveFrom>{}</w:moveFrom></w:p><w:p>{}</w:p><w:p><w:moveTo>{}</w:moveTo></w:p>",
                run("Dogs."),
                run("Bicycles."),
                run("Dogs.")
            ),
            "Bicycles.\n\nDogs.",
        ),
        // An inserted paragraph mark counts.
        (
            format!("<w:p><w:pPr><w:rPr><w:ins w:id='1'/></w:rPr></w:pPr>{}</w:p><w:p>{}</w:p>", run("a"), run("b")),
            "a\n\nb",
        ),
    ] {
        assert_eq!(document(&body).text, text, "{body}");
    }
}

#[test]
fn elements_of_other_namespaces_are_ignored() {
    let transitional = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    for (uri, w, colon) in [
        (transitional, "w", "w:"),
        ("http://purl.oclc.org/ooxml/wordprocessingml/main", "ns0", "ns0:"),
        (transitional, "", ""),
    ] {
        let declared = if w.is_empty() { format!("xmlns='{uri}'") } else { format!("xmlns:{w}='{uri}'") };
        let text = format!(
            "<{colon}document {declared} xmlns:own='urn:mine'><{colon}body>\
                 <own:p><own:t>not ours</own:t></own:p><{colon}p><{colon}r><{colon}t>ours</{colon}t><own:t>nor this</own:t></{colon}r>\
                 </{colon}p></{colon}body></{colon}document>"
        );
        assert_eq!(docx(&archive(&[("word/document.xml", &text)])).unwrap().text, "ours", "{text}");
    }
}
