//! Tests of character tables.

use super::*;

fn map(data: &str) -> Vec<(u32, String)> {
    read(data.as_bytes(), None).codes.into_iter().collect()
}

fn pairs<const N: usize>(pairs: [(u32, &str); N]) -> Vec<(u32, String)> {
    pairs.into_iter().map(|(code, text)| (code, text.to_owned())).collect()
}

#[test]
fn cmap_in_any_notation_gives_the_same_table() {
    let a_and_b = pairs([(3, "a"), (4, "b")]);
    for data in [
        "2 beginbfchar\n<0003> <0061>\n<0004> <0062>\nendbfchar",
        "beginbfchar<0003><0061><0004><0062>endbfchar",
        "beginbfchar <00 03>\r< 0061 >\r<0004> <00\n62> endbfchar",
        "beginbfchar % <0005> <0041>\n<0003> <0061> % endbfchar\n<0004> <0062> endbfchar",
        "beginbfchar <03> <61> <04> <62> endbfchar",
        "beginbfchar <3> <061> <04> <00062> endbfchar",
        "beginbfchar <0003> /a <0004> /uni0062 endbfchar",
        "beginbfchar (\\000\\003) (\\000a) <0004> <0062> endbfchar",
        "beginbfrange <0003> <0004> <0061> endbfrange",
        "beginbfrange <0003> <0004> [<0061>\n<0062>] endbfrange",
        "beginbfrange <0003> <0004> [ <00 61> /b ] endbfrange",
        "beginbfrange <0003> <0004> 97 endbfrange",
        "beginbfchar <0003> <0061> beginbfrange <0004> <0004> <0062>",
    ] {
        assert_eq!(map(data), a_and_b, "{data}");
    }
}

#[test]
fn cmap_destinations_may_be_several_characters() {
    assert_eq!(map("beginbfchar <01> <0066 0066 0069> endbfchar"), pairs([(1, "ffi")]));
    assert_eq!(map("beginbfrange <01> <02> <00660069> endbfrange"), pairs([(1, "fi"), (2, "fj")]));
    assert_eq!(map("beginbfrange <01> <02> <D83DDE00> endbfrange"), pairs([(1, "😀"), (2, "😁")]));
    assert_eq!(map("beginbfrange <05> <04> <0041> <01> <01> <0042> endbfrange"), pairs([(1, "B")]));
    assert_eq!(map("beginbfchar <01> <D83D> <02> <> <03> <0041> endbfchar"), pairs([(3, "A")]));
}

#[test]
fn cmap_builds_on_other_tables() {
    let base = read(b"beginbfchar <0003> <0061> <0004> <0062> endbfchar", None);
    let over = read(b"beginbfchar <0004> <0063> endbfchar", Some(&base));
    assert_eq!(over.codes.into_iter().collect::<Vec<_>>(), pairs([(3, "a"), (4, "c")]));
    let japanese = map("/Adobe-Japan1-UCS2 usecmap beginbfchar <0001> <0041> endbfchar");
    assert!(japanese.contains(&(843, "あ".to_owned())) && japanese.contains(&(1, "A".to_owned())));
}

#[test]
fn cmap_in_plain_form_is_unchanged_and_a_huge_one_ends() {
    let table = "%!PS-Adobe-3.0 Resource-CMap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n2 beginbfchar\n\
                 <0003> <0061>\n<0004> <00660069>\nendbfchar\n1 beginbfrange\n<0005> <0006> <0063>\nendbfrange";
    assert_eq!(write_plain(&read(table.as_bytes(), None)), None);
    assert_eq!(plain_encoding(table.as_bytes()), None);
    let misread = read(table.replace("0003", "00 03").as_bytes(), None);
    let again = read(&write_plain(&misread).unwrap(), None);
    assert_eq!((again.width, &again.codes, again.misread), (misread.width, &misread.codes, false));
    let huge = read(b"beginbfrange <00000000> <ffffffff> <0041> endbfrange", None);
    assert!(huge.misread && huge.codes.len() <= MAX_CODES);
    assert!(huge.codes.get(&1).is_some_and(|text| text == "B"));
}
