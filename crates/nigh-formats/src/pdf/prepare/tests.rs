//! Tests of the changes before parsing, on whole files and their text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;

use super::super::pdf;
use super::super::tests::file;
use super::*;
use crate::Extracted;

/// A page with these entries, and objects from number 6 on. Object 3 is the page, 5 is Helvetica.
#[derive(Default, Clone, Copy)]
pub(super) struct OnePageFile<'a> {
    pub(super) content: &'a str,
    pub(super) resources: &'a str,
    pub(super) page: &'a str,
    pub(super) catalog: &'a str,
    pub(super) trailer: &'a str,
}

pub(super) fn one_page_file(
    OnePageFile { content, resources, page, catalog, trailer }: OnePageFile<'_>,
    more: &[String],
) -> Vec<u8> {
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>{resources}>>{page}>>"
        ),
        stream("", content),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    objects.extend(more.iter().cloned());
    file(&objects, trailer)
}

pub(super) fn stream(dict: &str, data: &str) -> String {
    format!("<</Length {}{dict}>>stream\n{data}\nendstream", data.len())
}

pub(super) fn read(bytes: &[u8]) -> Extracted {
    pdf(bytes).unwrap()
}

/// Returns the text of a page whose content, within a text object, is `content`.
fn page_text(content: &str) -> String {
    read(&one_page_file(
        OnePageFile { content: &format!("BT /F1 12 Tf 72 700 Td 14 TL {content} ET"), ..OnePageFile::default() },
        &[],
    ))
    .text
}

/// Returns the text of a page in a font with two-byte codes and this table; `more` are objects from 9 on.
fn mapped(table: &str, dict: &str, codes: &str, encoding: &str, more: &[String]) -> String {
    let mut objects = vec![
        format!(
            "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding {encoding}/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>"
        ),
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
         /DW 500>>"
            .to_owned(),
        stream(dict, table),
    ];
    objects.extend(more.iter().cloned());
    let content = format!("BT /F2 12 Tf 72 700 Td <{codes}> Tj ET");
    read(&one_page_file(
        OnePageFile { content: &content, resources: "/Font<</F2 6 0 R>>", ..OnePageFile::default() },
        &objects,
    ))
    .text
}

const SPACE: &str = "1 begincodespacerange <0000> <FFFF> endcodespacerange\n";
const LETTERS: &str = "1 beginbfrange <0120> <017E> <0020> endbfrange\n";

/// Encodes letters in the codes of [`LETTERS`].
fn letters(text: &str) -> String {
    text.bytes().map(|byte| format!("01{byte:02X}")).collect()
}

#[test]
fn character_tables_in_any_notation() {
    let fish = letters("fish");
    let ish = format!("0200{}", letters("ish"));
    for (table, codes) in [
        (format!("{SPACE}{LETTERS}"), &fish),
        (format!("{SPACE}1 beginbfrange <01 20> <01\n7E> < 00 20 > endbfrange"), &fish),
        (
            format!("{SPACE}1 beginbfrange % <0120> <017E> <0040>\r<0120><017E><0020>endbfrange").replace('\n', "\r"),
            &fish,
        ),
        (format!("{SPACE}{LETTERS}1 beginbfchar <0200> <00 66> endbfchar"), &ish),
        (format!("{SPACE}{LETTERS}1 beginbfchar <0200> <066> endbfchar"), &ish),
        (format!("{SPACE}{LETTERS}1 beginbfchar <0200> /uni0066 endbfchar"), &ish),
        (format!("{SPACE}{LETTERS}1 beginbfrange <0200> <02FF> [<00 66>] endbfrange"), &ish),
        (format!("{SPACE}{LETTERS}1 beginbfchar <0200> <0066>\n"), &ish),
        (format!("{SPACE}0 beginbfchar endbfchar 0 beginbfrange endbfrange {LETTERS}"), &fish),
        (
            format!("{SPACE}{LETTERS}1 beginbfrange <0200> <0201> <00660069> endbfrange"),
            &format!("0200{}", letters("sh")),
        ),
    ] {
        assert_eq!(mapped(&table, "", codes, "/Identity-H", &[]), "fish\n", "{table}");
    }
    let pairs = format!("{SPACE}{LETTERS}1 beginbfrange <0200> <0203> <D83D DE00> endbfrange");
    assert_eq!(mapped(&pairs, "", &format!("{}0201", letters("Smile ")), "/Identity-H", &[]), "Smile 😁\n");
}

#[test]
fn character_tables_that_build_on_others() {
    let base = stream("", &format!("{SPACE}{LETTERS}"));
    let over = format!("{SPACE}1 beginbfchar <0200> <0066> endbfchar");
    let codes = format!("0200{}", letters("ish"));
    assert_eq!(mapped(&over, "/UseCMap 9 0 R", &codes, "/Identity-H", &[base]), "fish\n");
    let japanese = format!("/Adobe-Japan1-UCS2 usecmap {SPACE}1 beginbfchar <4200> <0066> endbfchar");
    assert_eq!(mapped(&japanese, "", "034B0022", "/Identity-H", &[]), "あA\n");
    // A cycle ends.
    assert_eq!(mapped(&over, "/UseCMap 8 0 R", "0200", "/Identity-H", &[]), "f\n");
    let spaced = "begincmap 1 begincodespacerange <00 00> <FF FF> endcodespacerange 1 begincidrange <00 00> <FF FF> 0 endcidrange";
    let encoding = stream("/Type/CMap/CMapName/X", spaced);
    assert_eq!(mapped(&format!("{SPACE}{LETTERS}"), "", &letters("fish"), "9 0 R", &[encoding]), "fish\n");
}

/// Fonts map to radicals and compatibility characters instead of those that people type; a search for these must find them.
#[test]
fn compatibility_characters_become_usual_ones() {
    let table = format!("{SPACE}4 beginbfchar <0201> <538B> <0202> <F98A> <0203> <2F12> <0204> <2ED8> endbfchar");
    assert_eq!(mapped(&table, "", "0201020202030204", "/Identity-H", &[]), "压力力青\n");
}

#[test]
fn replacement_texts_take_the_place_of_glyphs() {
    for (content, text) in [
        ("(The ) Tj /Span<</ActualText(curlew)>>BDC (\\220\\221) Tj EMC ( nests) Tj", "The curlew nests"),
        ("(of) Tj /Span<</ActualText<FEFF00660069>>>BDC (\\220) Tj EMC (ce hours) Tj", "office hours"),
        ("(an infor) Tj /Span<</ActualText<FEFF00AD>>>BDC (-) Tj EMC T* (mation desk) Tj", "an information desk"),
        ("(see ) Tj /Span<</ActualText(Ptolemaic)>>BDC (Pto) Tj T* (xxx) Tj EMC ( maps) Tj", "see Ptolemaic maps"),
        ("(visible) Tj /Span<</ActualText()>>BDC ( junk) Tj EMC ( end) Tj", "visible end"),
        (
            "(one ) Tj /Span<</ActualText(outer)>>BDC /Span<</ActualText(inner)>>BDC (ab) Tj EMC (cd) Tj EMC ( two) Tj",
            "one outer two",
        ),
        ("(go ) Tj /Span<</ActualText(straight)>>BDC [(s)-10(t)20(r)]TJ EMC ( on) Tj", "go straight on"),
        ("(first line) Tj /Span<</ActualText(second)>>BDC (xxxxxx) ' EMC ( line) Tj", "first line second line"),
        ("(Ore) Tj /Span<</ActualText<FEFF0161>>>BDC (M) Tj (s) Tj EMC (ic) Tj", "Orešic"),
        ("q 1 Tc /F1 9 Tf (a ) Tj /Span<</ActualText(wide)>>BDC (xy) Tj EMC Q ( word) Tj", "a wide word"),
        ("/Span<</ActualText<FEFF05E905DC05D505DD>>>BDC (abcd) Tj EMC", "שלום"),
        ("(left open ) Tj /Span<</ActualText(never)>>BDC (closed) Tj", "left open closed"),
    ] {
        assert_eq!(page_text(content), format!("{text}\n"), "{content}");
    }
}

#[test]
fn replacement_texts_by_name_and_in_forms() {
    let content = "BT /F1 12 Tf 72 700 Td (The ) Tj /Span/P0 BDC (xx) Tj EMC ( flew.) Tj ET /X0 Do";
    let resources = "/Properties<</P0<</ActualText(curlew)>>>>/XObject<</X0 6 0 R>>";
    let drawn = "BT /F1 12 Tf 72 600 Td (A ) Tj /Span<</ActualText(heron)>>BDC (yy) Tj EMC ( stood.) Tj ET";
    let form = stream("/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>", drawn);
    let found = read(&one_page_file(OnePageFile { content, resources, ..OnePageFile::default() }, &[form]));
    assert_eq!(found.text, "The curlew flew. A heron stood.\n");
}

#[test]
fn structure_gives_replacement_texts_and_picture_descriptions() {
    let content = "BT /F1 12 Tf 72 700 Td /P<</MCID 3>>BDC (The ) Tj EMC /Span<</MCID 0>>BDC (xx) Tj EMC \
                   /Span<</MCID 1>>BDC (yy) Tj EMC ( nests in heather) Tj ET \
                   /Figure<</MCID 2>>BDC 0 0 10 10 re f EMC /Figure<</Alt(A map of the bay)>>BDC 0 0 9 9 re f EMC";
    let more = [
        "<</Type/StructTreeRoot/K[7 0 R 8 0 R 9 0 R 6 0 R]>>",
        "<</S/Span/Pg 3 0 R/K[0 1]/ActualText(curlew)>>",
        "<</S/Figure/Pg 3 0 R/K 2/Alt(A heron on a post at dusk)>>",
        "<</S/Link/Pg 3 0 R/Alt(Link to the heather)/K[<</Type/MCR/Pg 3 0 R/MCID 3>> 9 0 R]>>",
    ];
    let more: Vec<String> = more.iter().map(|&object| object.to_owned()).collect();
    let found = read(&one_page_file(
        OnePageFile { content, catalog: "/StructTreeRoot 6 0 R", ..OnePageFile::default() },
        &more,
    ));
    assert_eq!(found.text, "The curlew nests in heather\n\nA heron on a post at dusk\n\nA map of the bay\n");
}

#[test]
fn damage_is_reported_even_if_the_file_is_changed() {
    let content = "BT /F1 12 Tf 72 700 Td (The ) Tj /Span<</ActualText(curlew)>>BDC (xx) Tj EMC ( nests) Tj ET";
    let whole = String::from_utf8(one_page_file(OnePageFile { content, ..OnePageFile::default() }, &[])).unwrap();
    let found = read(whole.replace("startxref\n", "startxref\n9").as_bytes());
    assert_eq!(found.text, "The curlew nests\n");
    assert_eq!(found.losses, ["the file is damaged and was read as far as possible"]);
}

/// Cycles in everything that is walked.
#[test]
fn cycles_between_objects_end() {
    let content = "BT /F1 12 Tf 72 700 Td (Still here.) Tj ET";
    let page = "/Annots[6 0 R 7 0 R 8 0 R]";
    let catalog = "/AcroForm<</Fields[8 0 R 9 0 R]>>/StructTreeRoot 10 0 R";
    let more = [
        "<</Type/Annot/Subtype/Text/Contents(one)/IRT 7 0 R>>",
        "<</Type/Annot/Subtype/Text/Contents(two)/IRT 6 0 R>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/Parent 9 0 R/Kids[9 0 R]>>",
        "<</Parent 8 0 R/Kids[8 0 R]>>",
        "<</K 11 0 R>>",
        "<</S/P/K[10 0 R 11 0 R[[[11 0 R]]]]/Pg 11 0 R/ActualText(x)/Alt(y)>>",
    ];
    let more: Vec<String> = more.iter().map(|&object| object.to_owned()).collect();
    let found = read(&one_page_file(OnePageFile { content, page, catalog, ..OnePageFile::default() }, &more));
    assert_eq!(found.text, "Still here.\n\nComment: one\n\nComment: two\n");
}

/// Many flipped bytes in a file with all features: a reason or a text, never a panic.
#[test]
fn damage_anywhere_does_not_panic() {
    let content =
        "BT /F1 12 Tf 72 700 Td 14 TL (The ) Tj /Span<</ActualText(curlew)>>BDC [(x)5(x)] TJ EMC ( nests) ' ET";
    let page = "/Annots[6 0 R 7 0 R 9 0 R]";
    let catalog = "/AcroForm<</Fields[9 0 R]>>/StructTreeRoot 10 0 R";
    let more = [
        "<</Type/Annot/Subtype/Text/T(Li)/Contents(one)>>".to_owned(),
        "<</Type/Annot/Subtype/Stamp/AP<</N 8 0 R>>>>".to_owned(),
        stream("/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 9 Tf (seen) Tj ET"),
        "<</Type/Annot/Subtype/Widget/FT/Ch/T(Port)/V(S)/Opt[[(S)(Stromness)]]>>".to_owned(),
        "<</K<</S/Figure/Pg 3 0 R/Alt(A heron)/K 0>>>>".to_owned(),
    ];
    let whole = one_page_file(OnePageFile { content, page, catalog, ..OnePageFile::default() }, &more);
    assert_eq!(read(&whole).text, "The curlew nests\n\nA heron\n\nComment by Li: one\n\nseen\n\nPort: Stromness\n");
    let mut seed = 20_261_128_u64;
    for _ in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
            bytes[at] = u8::try_from(seed >> 24 & 0xff).unwrap();
        }
        // Not through `pdf`, which would hide a panic.
        prepare(&bytes);
    }
}

/// Returns every PDF of the fixtures, by its name.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program/fixtures/formats");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pdfs = files.filter(|path| path.extension().is_some_and(|extension| extension == "pdf"));
    pdfs.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn rewritten_file_has_the_same_text() {
    let mut same = 0;
    for (name, bytes) in fixtures() {
        let Ok(raw) = RawDocument::load(&bytes) else { continue };
        let Some(root) = raw.trailer().get(b"Root".as_slice()).and_then(PdfObject::as_reference) else { continue };
        let info = raw.trailer().get(b"Info".as_slice()).and_then(PdfObject::as_reference);
        let anew = write::file(&raw, &ObjectChanges::new(0), root, info);
        let told = |bytes: &[u8]| {
            let document = unpdf::parse_bytes(bytes).unwrap();
            let pages: Vec<String> = document.pages.iter().map(|page| page.plain_text()).collect();
            (pages, document.metadata.title, document.metadata.author)
        };
        assert_eq!(told(&anew), told(&bytes), "{name}");
        same += 1;
    }
    assert!(same >= 8, "{same}");
}
