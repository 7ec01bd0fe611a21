//! Tests of the PDF reader.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use unpdf::Document;

use super::*;

/// Makes a PDF of numbered objects; the first is the catalog. `trailer` is added to its trailer.
pub(super) fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{table}\n%%EOF\n").bytes());
    out
}

/// Makes the objects of a document whose pages have these contents, in font 4 (Helvetica) and font 5.
fn document(contents: &[String], font: &str, outline: bool) -> Vec<String> {
    let kids: String = (0..contents.len()).map(|at| format!("{} 0 R ", 8 + 2 * at)).collect();
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{}>>", if outline { "/Outlines 6 0 R" } else { "" }),
        format!("<</Type/Pages/Kids[{kids}]/Count {}>>", contents.len()),
        "<</Title(Microsoft Word - The Log)/Author(A. Keeper)/CreationDate(D:20240501100000+02'00')>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        font.to_owned(),
        "<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>".to_owned(),
        "<</Title(Part One)/Parent 6 0 R/Dest[8 0 R/Fit]>>".to_owned(),
    ];
    for (at, content) in contents.iter().enumerate() {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {} 0 R/Resources<</Font<</F1 4 0 R/F2 5 0 R>>>>>>",
            9 + 2 * at
        ));
        objects.push(format!("<</Length {}>>stream\n{content}\nendstream", content.len()));
    }
    objects
}

fn lines(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("({line}) Tj T*\n")).collect();
    format!("BT /F1 12 Tf 72 600 Td 14 TL\n{lines}ET")
}

fn cid_font(encoding: &str, ordering: &str) -> String {
    format!(
        "<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{encoding}/DescendantFonts[<</Type/Font/Subtype/CIDFontType2\
         /BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>/DW 1000>>]>>"
    )
}

fn chinese(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("BT /F2 12 Tf 72 600 Td <{hex}> Tj ET")
}

#[test]
fn pages_become_sections_under_bookmarks() {
    let contents = [
        lines(&["Part One", "Every night the light-", "house keeper writes"]),
        String::new(),
        lines(&["The second page goes on."]),
    ];
    let found = pdf(&file(&document(&contents, "null", true), "/Info 3 0 R")).unwrap();
    assert!(found.text.contains("the lighthouse keeper writes"), "{}", found.text);
    let places: Vec<_> = found.sections.iter().map(|at| (at.start, at.place.number, at.headings.join(">"))).collect();
    let second = found.text.find("The second page").unwrap();
    assert_eq!(places, [(0, 1, "Part One".to_owned()), (second, 3, "Part One".to_owned())]);
    assert!(found.text[..second].ends_with("\n\n"));
    assert_eq!(found.title.as_deref(), Some("The Log"));
    assert_eq!(found.metadata["author"], "A. Keeper");
    assert_eq!(found.metadata["created"], "2024-05-01T10:00:00+02:00");
    assert_eq!(found.metadata["pages"], 3);
    assert_eq!((found.losses, found.syntax), (Vec::new(), Syntax::Plain));
}

#[test]
fn chinese_font_without_a_mapping_is_read_by_its_collection() {
    let utf16: Vec<u8> = "灯塔看守人".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let gbk = b"\xb5\xc6\xcb\xfe\xbf\xb4\xca\xd8\xc8\xcb";
    for (encoding, bytes) in [("UniGB-UCS2-H", &utf16[..]), ("UniGB-UTF16-H", &utf16), ("GBK-EUC-H", gbk)] {
        let made = document(&[chinese(bytes)], &cid_font(encoding, "GB1"), false);
        assert_eq!(pdf(&file(&made, "")).unwrap().text, "灯塔看守人\n", "{encoding}");
    }
}

#[test]
fn pdf_fonts_without_a_mapping_are_reported() {
    let unknown = cid_font("Identity-H", "Identity");
    let only = document(&[chinese(b"\x12\x34\x12\x35")], &unknown, false);
    let reason = pdf(&file(&only, "")).unwrap_err().to_string();
    assert_eq!(reason, "a PDF of 1 page whose fonts have no mapping to Unicode (SimSun); run OCR on it first");
    let both = document(&[lines(&["Some text."]), chinese(b"\x12\x34\x12\x35")], &unknown, false);
    let found = pdf(&file(&both, "")).unwrap();
    assert_eq!(found.text, "Some text.\n");
    assert_eq!(found.losses, ["text of page 2 uses a font without a mapping to Unicode: SimSun"]);
}

#[test]
fn damaged_encrypted_and_empty_files_are_refused_with_reasons() {
    let whole = file(&document(&[lines(&["Some text."]), lines(&["More of it."])], "null", false), "/Info 3 0 R");
    assert_eq!(pdf(b"").unwrap_err().to_string(), "not a PDF, despite its name");
    assert_eq!(pdf(b"<html>").unwrap_err().to_string(), "not a PDF, despite its name");
    assert_eq!(
        pdf(&whole[..40]).unwrap_err().to_string(),
        "damaged or incomplete PDF: its end is cut off; get a complete copy"
    );
    let moved = String::from_utf8(whole.clone()).unwrap().replace("startxref\n", "startxref\n9");
    let found = pdf(moved.as_bytes()).unwrap();
    assert!(found.text.starts_with("Some text.\n\nMore of it."), "{}", found.text);
    assert_eq!(found.losses, ["the file is damaged and was read as far as possible"]);
    let blank = file(&document(&[String::new(), String::new()], "null", false), "");
    assert_eq!(pdf(&blank).unwrap_err().to_string(), "a PDF of 2 pages without text (blank?)");
    let zeros = "0".repeat(64);
    let lock = format!("/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O<{zeros}>/U<{zeros}>>>/ID[<00><00>]");
    let locked = file(&document(&[lines(&["Some text."])], "null", false), &lock);
    assert_eq!(pdf(&locked).unwrap_err().to_string(), "encrypted PDF; save a copy without a password");
}

#[test]
fn scanned_pages_are_reported() {
    let picture = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \u{7f} EI Q".to_owned();
    let scan = file(&document(&[picture.clone(), picture.clone()], "null", false), "");
    assert_eq!(pdf(&scan).unwrap_err().to_string(), "a PDF of 2 pages without text (scanned?); run OCR on it first");
    let part = file(&document(&[lines(&["Some text."]), picture], "null", false), "");
    assert_eq!(pdf(&part).unwrap().losses, ["page 2 has no text (scanned?)"]);
}

/// Each prefix and many flipped bytes: a reason or a text, never a panic or a wrong section.
#[test]
fn damage_anywhere_does_not_panic() {
    let whole = file(&document(&[lines(&["Some text."]), lines(&["More of it."])], "null", true), "/Info 3 0 R");
    let sound = |bytes: &[u8]| {
        if let Ok(found) = pdf(bytes) {
            assert!(!found.text.trim().is_empty());
            assert_eq!(found.sections.first().map(|section| section.start), Some(0));
            assert!(found.sections.iter().all(|section| found.text.is_char_boundary(section.start)));
        }
    };
    for end in (0..whole.len()).step_by(7) {
        sound(&whole[..end]);
    }
    let mut seed = 20_240_501_u64;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
            bytes[at] = u8::try_from(seed >> 24 & 0xff).unwrap();
        }
        sound(&bytes);
    }
}

#[test]
fn page_numbers_in_reports_are_joined_to_ranges() {
    assert_eq!(losses::list_pages(&[3]), "page 3");
    assert_eq!(losses::list_pages(&[3, 4]), "pages 3, 4");
    assert_eq!(losses::list_pages(&[3, 4, 5, 9]), "pages 3 to 5 and 9");
    assert_eq!(losses::list_pages(&[1, 3, 5, 7, 9, 11, 12]), "pages 1, 3, 5, 7, 9 and 2 more");
}

#[test]
fn titles_that_are_file_or_program_names_are_dropped() {
    for (written, title) in [
        ("untitled", None),
        ("Untitled-3", None),
        ("(anonymous)", None),
        ("Microsoft Word - 报告.doc", None),
        ("Microsoft Word - The Log", Some("The Log")),
        ("thesis_final.tex", None),
        ("12-34", None),
        ("  A   Walk ", Some("A Walk")),
    ] {
        let mut document = Document::new();
        document.metadata.title = Some(written.to_owned());
        assert_eq!(facts::read_metadata(&document, b"").0.as_deref(), title, "{written}");
    }
}

#[test]
fn hyphens_and_urls_at_line_ends_are_joined() {
    let ends = [
        "The well-",
        "known pilot read the infor-",
        "mation on pages 10-",
        "20 of the re-",
        "cord and typed https://example.org/tide/",
        "tables into the form. Part RTX-",
        "4090 was out of stock; the long-",
        "term plan is agreed \\226",
        "at last. Soft\\255",
        "hyphen and twenty-",
        "one more from www.example.org/",
        "and doi:10.1371/journal.",
        "pone.0260149 here.",
    ];
    let found = pdf(&file(&document(&[lines(&ends)], "null", false), "")).unwrap();
    assert_eq!(
        found.text,
        "The well-known pilot read the information on pages 10-20 of the record and typed \
         https://example.org/tide/tables into the form. Part RTX-4090 was out of stock; the long-term plan is agreed – at \
         last. Softhyphen and twenty-one more from www.example.org/ and doi:10.1371/journal.pone.0260149 here.\n"
    );
    // The same address within a line is followed by a word.
    let within = lines(&["See https://example.org/tide/ tables", "and more of them."]);
    let found = pdf(&file(&document(&[within], "null", false), "")).unwrap();
    assert_eq!(found.text, "See https://example.org/tide/ tables and more of them.\n");
}

#[test]
fn bookmarks_missing_from_the_text_are_added() {
    let mut objects = document(&[lines(&["PART ONE begins", "and goes on."]), lines(&["More of it."])], "<<>>", true);
    objects[5] = "<</Type/Outlines/First 7 0 R/Last 13 0 R/Count 4>>".to_owned();
    objects[6] = "<</Title(Part One)/Parent 6 0 R/Dest[8 0 R/Fit]/Next 12 0 R>>".to_owned();
    objects.push("<</Title(Tide tables)/Parent 6 0 R/Dest[10 0 R/Fit]/Prev 7 0 R/Next 13 0 R>>".to_owned());
    objects.push("<</Title(Moorings)/Parent 6 0 R/Dest[10 0 R/Fit]/Prev 12 0 R/Next 14 0 R>>".to_owned());
    objects.push("<</Title(Leads nowhere)/Parent 6 0 R/Prev 13 0 R>>".to_owned());
    let found = pdf(&file(&objects, "")).unwrap();
    assert_eq!(
        found.text,
        "PART ONE begins and goes on.\n\nMore of it.\n\nBookmarks: Tide tables; Moorings; Leads nowhere\n"
    );
    assert_eq!(found.sections[0].headings, ["Part One"]);
}
