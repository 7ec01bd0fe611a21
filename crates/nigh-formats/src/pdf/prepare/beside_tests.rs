//! Tests of texts apart from the content of a page: notes, stamps, forms, files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::tests::{OnePageFile, one_page_file, read, stream};
use crate::Extracted;

/// Reads a page with these annotations, and more objects after them.
fn noted(annotations: &[&str], more: &[String]) -> Extracted {
    let numbers: String = (0..annotations.len()).map(|at| format!("{} 0 R ", at + 6)).collect();
    let page = format!("/Annots[{numbers}]");
    let mut objects: Vec<String> =
        annotations.iter().map(|more| format!("<</Type/Annot/Rect[100 500 300 520]{more}>>")).collect();
    objects.extend(more.iter().cloned());
    let catalog = format!("/AcroForm<</Fields[{numbers}]>>");
    let content = "BT /F1 12 Tf 72 700 Td (Survey of the north wall.) Tj ET";
    read(&one_page_file(OnePageFile { content, page: &page, catalog: &catalog, ..OnePageFile::default() }, &objects))
}

/// Returns the text after the page's own text.
fn text_beside(annotations: &[&str], more: &[String]) -> String {
    let text = noted(annotations, more).text;
    text.strip_prefix("Survey of the north wall.").unwrap_or_else(|| panic!("{text}")).trim().to_owned()
}

#[test]
fn notes_and_typed_text_are_read() {
    for (annotation, text) in [
        ("/Subtype/FreeText/Contents(Crack monitor fitted in May)", "Crack monitor fitted in May"),
        ("/Subtype/FreeText/RC(<?xml?><body><p>rich &amp; typed</p></body>)", "rich & typed"),
        ("/Subtype/FreeText/Contents<FEFF706F5854>", "灯塔"),
        ("/Subtype/Text/T(Li)/Contents(Why lime?)", "Comment by Li: Why lime?"),
        ("/Subtype/Highlight/Contents(Ask the mason)", "Comment: Ask the mason"),
        ("/Subtype/Ink/Contents(caf\\351)", "Comment: café"),
        ("/Subtype/Popup/Contents(of its own)", "Comment: of its own"),
        ("/Subtype/Stamp/Name/NotApproved", "Not Approved"),
        // A mark may repeat the text that it marks.
        ("/Subtype/Highlight/Contents(Survey of the north wall.)", ""),
        ("/Subtype/Popup/Parent 6 0 R", ""),
        // A link whose description is neither its text nor its address.
        ("/Subtype/Link/Contents(To the tide tables)", "To the tide tables"),
        ("/Subtype/Link/Contents(north wall)", ""),
        ("/Subtype/Link/Contents(https://example.org/)", ""),
        ("/Subtype/Redact/OverlayText(Withheld under rule 5)", "Withheld under rule 5"),
        ("/Subtype/Redact/T(Li)/Contents(Names)/OverlayText(Withheld)", "Withheld\nComment by Li: Names"),
        ("/Subtype/Redact/Contents(Names)", "Comment: Names"),
        // Hidden, or not written by a person.
        ("/Subtype/Text/F 2/Contents(hidden)", ""),
        ("/Subtype/FreeText/F 32/Contents(not viewed)", ""),
        ("/Subtype/Text/StateModel(Review)/State(Accepted)/Contents(accepted by Li)", ""),
    ] {
        assert_eq!(text_beside(&[annotation], &[]), text, "{annotation}");
    }
    let answered = text_beside(
        &[
            "/Subtype/Text/T(Ann)/IRT 7 0 R/Contents(Yes)",
            "/Subtype/Text/T(Li)/Contents(Lime?)",
            "/Subtype/Text/Contents(z)",
        ],
        &[],
    );
    assert_eq!(answered, "Comment by Li: Lime?\n\nComment by Ann: Yes\n\nComment: z");
}

#[test]
fn pages_with_only_notes_are_read_and_hidden_layers_are_not() {
    let catalog = "/OCProperties<</OCGs[7 0 R 8 0 R]/D<</OFF[7 0 R]>>>>";
    let page = "/Annots[6 0 R<</Type/Annot/Subtype/FreeText/OC 8 0 R/Contents(On a layer)>>]";
    let more = [
        "<</Type/Annot/Subtype/FreeText/OC 7 0 R/Contents(On a hidden layer)>>",
        "<</Type/OCG/Name(a)>>",
        "<</Type/OCG/Name(b)>>",
    ];
    let more: Vec<String> = more.iter().map(|&object| object.to_owned()).collect();
    let found = read(&one_page_file(OnePageFile { page, catalog, ..OnePageFile::default() }, &more));
    assert_eq!(found.text, "On a layer\n");
}

#[test]
fn stamps_and_signatures_are_read_from_their_appearance() {
    let drawn = |matrix: &str| {
        stream(
            &format!("/Type/XObject/Subtype/Form/BBox[0 0 200 20]{matrix}/Resources<</Font<</F1 5 0 R>>>>"),
            "BT /F1 12 Tf 2 4 Td (APPROVED BY HARBOURMASTER) Tj ET",
        )
    };
    for (annotation, matrix, text) in [
        ("/Subtype/Stamp/AP<</N 7 0 R>>", "", "APPROVED BY HARBOURMASTER"),
        ("/Subtype/Stamp/AS/On/AP<</N<</On 7 0 R>>>>", "", "APPROVED BY HARBOURMASTER"),
        ("/Subtype/Stamp/AP<</N 7 0 R>>", "/Matrix[0 1 -1 0 0 0]", "APPROVED BY HARBOURMASTER"),
        ("/Subtype/Stamp/Contents(Seen by Li)/AP<</N 7 0 R>>", "", "APPROVED BY HARBOURMASTER\nSeen by Li"),
        ("/Subtype/FreeText/AP<</N 7 0 R>>", "", "APPROVED BY HARBOURMASTER"),
        ("/Subtype/FreeText/Contents(Typed)/AP<</N 7 0 R>>", "", "Typed"),
        ("/Subtype/Widget/FT/Sig/T(s)/AP<</N 7 0 R>>", "", "APPROVED BY HARBOURMASTER"),
    ] {
        assert_eq!(text_beside(&[annotation], &[drawn(matrix)]), text, "{annotation}");
    }
}

#[test]
fn form_values_are_on_their_pages() {
    for (field, text) in [
        ("/FT/Tx/T(vessel)/V(Black Guillemot)", "vessel: Black Guillemot"),
        ("/FT/Tx/T(t1)/TU(Name of vessel:)/V(Black Guillemot)", "Name of vessel: Black Guillemot"),
        ("/FT/Ch/T(Port)/V(S)/Opt[[(K)(Kirkwall)][(S)(Stromness)]]", "Port: Stromness"),
        ("/FT/Ch/T(Ports)/V[(a)(b)]/Opt[(a)(b)(c)]", "Ports: a, b"),
        ("/FT/Btn/T(Insured)/V/Yes/AS/Yes", "Insured: [x]"),
        ("/FT/Btn/T(Insured)/V/Off/AS/Off", ""),
        ("/FT/Btn/Ff 32768/T(Colour)/V/Red", "Colour: Red"),
        ("/FT/Btn/Ff 65536/T(go)/MK<</CA(Send the form)>>", "Send the form"),
        ("/FT/Sig/T(By)/V<</Type/Sig/Name(A. Keeper)/Reason(I agree)>>", "By: signed A. Keeper, I agree"),
        ("/FT/Tx/Ff 8192/T(password)/V(secret)", ""),
        ("/FT/Tx/F 2/T(hidden)/V(secret)", ""),
        ("/FT/Tx/T(empty)/V()", ""),
        // The help text, unless the page has the same text; the visible choices.
        ("/FT/Tx/T(t1)/TU(Name of vessel:)", "Name of vessel"),
        ("/FT/Tx/T(t1)/TU(north wall)", ""),
        ("/FT/Ch/T(c1)/TU(Port)/Opt[[(K)(Kirkwall)](Wick)]", "Port: Kirkwall, Wick"),
        ("/FT/Ch/Ff 131072/T(c1)/TU(Port)/Opt[(Kirkwall)(Wick)]", "Port"),
        // The value is in the field, and its widgets are below it.
        ("/Parent 7 0 R", "vessel: Fulmar"),
    ] {
        let above = "<</FT/Tx/T(vessel)/V(Fulmar)/Kids[6 0 R]>>".to_owned();
        assert_eq!(text_beside(&[&format!("/Subtype/Widget{field}")], &[above]), text, "{field}");
    }
}

#[test]
fn annotations_not_read_are_reported() {
    let media = noted(&["/Subtype/RichMedia", "/Subtype/FileAttachment/Contents(The plan)"], &[]);
    assert!(media.text.contains("Comment: The plan"), "{}", media.text);
    assert_eq!(
        media.losses,
        ["audio, video or 3D models on page 1 are not read", "files attached inside the PDF are not read"]
    );
    let many = format!("/Annots[{}]", "<</Subtype/Text/Contents(A note)>>".repeat(10_001));
    let many = read(&one_page_file(OnePageFile { page: &many, ..OnePageFile::default() }, &[]));
    assert_eq!(many.losses, ["1 notes and stamps were left out: the file has too many"]);
    let named = ["/Subtype/FileAttachment/FS<</Type/Filespec/F(log.csv)/UF(log of May.csv)>>"];
    assert_eq!(noted(&named, &[]).losses, ["files attached inside the PDF are not read: log of May.csv"]);
    let tree = "/Names<</EmbeddedFiles<</Kids[6 0 R<</Names[(a)<</F(plan.dwg)>>(listed.txt)7 0 R]>>]>>>>";
    let more = ["<</Kids[6 0 R]>>".to_owned(), "<</Type/Filespec>>".to_owned()];
    let tree = read(&one_page_file(
        OnePageFile { content: "BT /F1 12 Tf 72 700 Td (Text) Tj ET", catalog: tree, ..OnePageFile::default() },
        &more,
    ));
    assert_eq!(tree.losses, ["files attached inside the PDF are not read: listed.txt, plan.dwg"]);
    let content = "BT /F1 12 Tf 72 700 Td (Please wait.) Tj ET";
    let other = read(&one_page_file(
        OnePageFile { content, catalog: "/AcroForm<</Fields[]/XFA[(a)]>>", ..OnePageFile::default() },
        &[],
    ));
    assert_eq!(other.losses, ["its form is in XFA, which is not read; print it to a new PDF"]);
    for (catalog, is_other) in [
        ("/AcroForm<</Fields[6 0 R]/XFA[(a)]>>", true),
        ("/NeedsRendering true/AcroForm<</Fields[7 0 R]/XFA[(a)]>>", true),
        ("/AcroForm<</Fields[7 0 R]/XFA[(a)]>>", false),
    ] {
        let page = if catalog.contains("7 0 R") { "/Annots[7 0 R]" } else { "" };
        let more = ["<</T(form1)/Kids[]>>".to_owned(), "<</Subtype/Widget/FT/Tx/T(a)/V(b)>>".to_owned()];
        let form = read(&one_page_file(OnePageFile { content, page, catalog, ..OnePageFile::default() }, &more));
        assert_eq!(!form.losses.is_empty(), is_other, "{catalog}: {:?}", form.losses);
    }
}
