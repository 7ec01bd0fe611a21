//! Texts of Word documents apart from the body: titles of tables and controls, defaults and hints of form fields.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::docx;
use super::tests::{document, package, run};

fn paragraph(content: &str) -> String {
    format!("<w:p>{content}</w:p>")
}

fn cell(content: &str) -> String {
    format!("<w:tc>{}</w:tc>", paragraph(&run(content)))
}

#[test]
fn titles_and_descriptions_of_tables_are_read() {
    let table = |properties: &str| {
        format!("<w:tbl><w:tblPr>{properties}</w:tblPr><w:tr>{}{}</w:tr></w:tbl>", cell("a"), cell("b"))
    };
    for (properties, text) in [
        (
            "<w:tblStyle w:val='x'/><w:tblCaption w:val='Tides'/><w:tblDescription w:val='High water by day'/>",
            "Tides: High water by day\n\na | b",
        ),
        ("<w:tblDescription w:val='High water'/>", "High water\n\na | b"),
        ("<w:tblCaption w:val=' '/>", "a | b"),
        ("<w:tblPrChange><w:tblPr><w:tblCaption w:val='Old'/></w:tblPr></w:tblPrChange>", "a | b"),
    ] {
        assert_eq!(document(&table(properties)).text, text);
    }
}

#[test]
fn titles_of_content_controls_are_read() {
    let control = |properties: &str, content: &str| {
        format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")
    };
    let named = "<w:alias w:val='Name of vessel'/><w:tag w:val='v1'/>";
    let bound = "<w:alias w:val='Title'/><w:dataBinding w:xpath='/ns1:coreProperties[1]/ns0:title[1]'/>";
    let contents =
        "<w:alias w:val='Contents'/><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>";
    let gull = || run("The Gull");
    for (body, text) in [
        (
            paragraph(&(run("Vessel ") + &control(named, &gull()) + &run(" sails"))),
            "Vessel The Gull sails\n\nName of vessel",
        ),
        (control(named, &paragraph(&gull())), "Name of vessel\n\nThe Gull"),
        (paragraph(&control(named, &run("Name of vessel here"))), "Name of vessel here"),
        (paragraph(&control(bound, &gull())), "The Gull"),
        (control(contents, &paragraph(&gull())), "The Gull"),
        (format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell("a"), control(named, &cell("b"))), "a | Name of vessel b"),
        (
            format!("<w:tbl><w:tr><w:tc>{}</w:tc>{}</w:tr></w:tbl>", control(named, &paragraph(&gull())), cell("b")),
            "Name of vessel The Gull | b",
        ),
        (
            format!("<w:tbl>{}</w:tbl>", control(named, &format!("<w:tr>{}{}</w:tr>", cell("a"), cell("b")))),
            "Name of vessel\na | b",
        ),
    ] {
        assert_eq!(document(&body).text, text, "{body}");
    }
}

#[test]
fn fields_without_a_result_show_their_instruction_text() {
    let mark = |kind: &str, data: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'>{data}</w:fldChar></w:r>");
    let field = |data: &str, instruction: &str, result: &str| {
        let instruction = format!("<w:r><w:instrText>{instruction}</w:instrText></w:r>");
        let data = format!("<w:ffData>{data}</w:ffData>");
        paragraph(
            &[&mark("begin", &data), &instruction, &mark("separate", ""), result, &mark("end", "")]
                .map(String::from)
                .concat(),
        )
    };
    let usual = "<w:textInput><w:default w:val='Enter the port'/></w:textInput>";
    let help = "<w:helpText w:type='text' w:val='Where the vessel lies'/><w:statusText w:type='text' w:val='Where the vessel lies'/>\
        <w:helpText w:type='autoText' w:val='Entry7'/><w:textInput/>";
    for (body, text) in [
        (field(usual, "FORMTEXT", &run("Stromness")), "Stromness"),
        (field(usual, "FORMTEXT", &run("\u{2002}\u{2002}")), "Enter the port"),
        (field(help, "FORMTEXT", &run("Kirkwall")), "Kirkwall\n\nWhere the vessel lies"),
        (field("", " MACROBUTTON  NoMacro [Click to name the skipper] ", ""), "[Click to name the skipper]"),
        (field("", " SYMBOL 252 \\f &quot;Wingdings&quot; \\s 12 ", ""), "✔"),
        (field("", " PAGEREF _Toc1 ", ""), ""),
        (paragraph("<w:fldSimple w:instr=' MACROBUTTON None Press here '/>"), "Press here"),
        (paragraph(&format!("<w:fldSimple w:instr=' AUTHOR '>{}</w:fldSimple>", run("Li"))), "Li"),
    ] {
        let found = docx(&package(&(body.clone() + &paragraph(&run("End"))), &[])).unwrap();
        assert_eq!(found.text, format!("{text}\n\nEnd").trim_start(), "{body}");
    }
}
