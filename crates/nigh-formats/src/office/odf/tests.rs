//! Tests of OpenDocument texts and presentations.

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
fn odt_is_read_as_markdown() {
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
fn odp_is_read_as_markdown() {
    let styles =
        "<style:style style:name='d2'><style:drawing-page-properties presentation:visibility='hidden'/></style:style>";
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
    let places: Vec<_> = found.sections.iter().map(|s| (s.place.number, s.metadata.contains_key("hidden"))).collect();
    assert_eq!(places, [(1, false), (3, true)]);
    assert_eq!(found.losses, ["slide 2 has no text (pictures only?)"]);
}

#[test]
fn damaged_documents_are_refused_with_reasons() {
    let manifest = "<manifest:file-entry><manifest:encryption-data></manifest:encryption-data></manifest:file-entry>";
    let locked = archive(&[("content.xml", "??"), ("META-INF/manifest.xml", manifest)]);
    assert!(odt(&locked).unwrap_err().to_string().starts_with("encrypted ODT; "));
    assert!(odp(&archive(&[("encrypted-package", "??")])).unwrap_err().to_string().starts_with("encrypted ODP"));
    assert!(odt(&archive(&[("a", "b")])).unwrap_err().to_string().contains("content.xml is missing"));
    assert!(
        odt(&archive(&[("content.xml", "<office:text><text:p/></office:text>")]))
            .unwrap_err()
            .to_string()
            .contains("without text")
    );
}

#[test]
fn symbols_and_form_fields_are_read() {
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

#[test]
fn descriptions_of_tables_and_form_controls_are_read() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let control = |id: &str| format!("<draw:control draw:control='{id}'/>");
    let forms = "<office:forms><form:form><form:hidden form:id='h' form:value='no'/>\
        <form:text xml:id='t' form:id='t' form:current-value='Typed' form:value='Usual'><form:properties/></form:text>\
        <form:checkbox form:id='c' form:label='Insured' form:current-state='checked'/><form:radio form:id='r' form:label='By sea'/>\
        <form:listbox form:id='l' form:dropdown='true'><form:option form:label='Oban'/><form:option form:label='Wick' form:current-selected='true'/></form:listbox>\
        <form:listbox form:id='o'><form:option form:label='Red'/><form:option form:label='Blue'/></form:listbox>\
        <form:fixed-text form:id='f' form:label='Fill in by hand'/><form:password form:id='p' form:current-value='secret'/></form:form></office:forms>";
    let shown = ["t", "c", "r", "l", "o", "f", "p", "h", "gone"].map(control).concat();
    let body = format!(
        "<office:text>{forms}<text:p>Form{shown}</text:p><table:table><table:title>Tides</table:title><table:desc>By day</table:desc>\
         <table:table-row>{}{}</table:table-row></table:table></office:text>",
        cell("a"),
        cell("b")
    );
    let found = odt(&archive(&[("content.xml", &content("", &body))])).unwrap();
    assert_eq!(
        found.text,
        "Form\n\nTyped\n\n☒ Insured\n\n☐ By sea\n\nWick\n\nRed, Blue\n\nFill in by hand\n\nTides\n\nBy day\n\na | b"
    );
}

#[test]
fn slides_write_shared_text_once() {
    let shape = |class: &str, text: &str| {
        format!("<draw:frame {class}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>")
    };
    let page = |text: &str| {
        let of = "draw:master-page-name='M' presentation:use-footer-name='ftr1'";
        format!(
            "<draw:page {of}>{}<presentation:notes>{}</presentation:notes></draw:page>",
            shape("", text),
            shape("presentation:class='notes'", "Say")
        )
    };
    let masters = format!(
        "<s><office:master-styles><style:master-page style:name='M'>{}{}<presentation:notes>{}</presentation:notes></style:master-page>\
         <style:master-page style:name='N'>{}</style:master-page></office:master-styles></s>",
        shape("", "Harbour Trust"),
        shape("presentation:class='title' presentation:placeholder='true'", "Click"),
        shape("", "of notes"),
        shape("", "of no slide"),
    );
    let video = "<draw:page><draw:frame><draw:plugin xlink:href='Media/a.mp4'/></draw:frame></draw:page>";
    let body = format!(
        "<office:presentation><presentation:footer-decl presentation:name='ftr1'>Internal only</presentation:footer-decl>{}{}{video}</office:presentation>",
        page("one"),
        page("two")
    );
    let found = odp(&archive(&[("content.xml", &content("", &body)), ("styles.xml", &masters)])).unwrap();
    assert_eq!(found.text, "one\n\nHarbour Trust\n\nFooter: Internal only\n\nNotes: Say\n\ntwo\n\nNotes: Say");
    assert_eq!(
        found.losses,
        ["slide 3 has no text (pictures only?)", "an embedded object (formula, sheet, file) was not read"]
    );
}
