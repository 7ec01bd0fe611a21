//! Tests of quotes in delimited text, also damaged ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::delimited;
use super::tests::texts;

#[test]
fn quotes_open_and_close_fields_only_where_they_may() {
    for (text, expected) in [
        // After blanks, before blanks, over several lines.
        ("a, b, c\nx, \"y, z\", 3\nw, \"u, \"\"v\"\"\" , 4\n", &["a: x; b: y, z; c: 3", "a: w; b: u, \"v\"; c: 4"][..]),
        ("\"a\", \"b\"\n\"x\", \"y,\nz\"\n\"u\", \"v\"\n", &["a: x; b: y, z", "a: u; b: v"]),
        ("a; \"b; c\"; d\n1; \"x; y\"; 2\n3; \"z\"; 4\n", &["a: 1; b; c: x; y; d: 2", "a: 3; b; c: z; d: 4"]),
        // Quotes that do not open a field, or do not close one.
        (
            "a,b\n1,John \"Jo\" Doe\n2,\"Al\" Bo\n3,5\" long\n",
            &["a: 1; b: John \"Jo\" Doe", "a: 2; b: \"Al\" Bo", "a: 3; b: 5\" long"],
        ),
        ("a\tb\n\"5 long\tx\nnut\ty\nrod\tz\n", &["a: \"5 long; b: x", "a: nut; b: y", "a: rod; b: z"]),
        ("a\tb\nbolt\t\"big\nnut\ty\nrod\t\"z\n", &["a: bolt; b: \"big", "a: nut; b: y", "a: rod; b: \"z"]),
        // A stray quote, and another one some rows below that could close its field.
        (
            "a\tb\tc\nbolt\t\"5 long\t1\nnut\tx\t3\npin\t5\"\t7\n",
            &["a: bolt; b: \"5 long; c: 1", "a: nut; b: x; c: 3", "a: pin; b: 5\"; c: 7"],
        ),
        (
            "a,b,c\nbolt,\"5 long,1\nnut,x,3\npin,\"y\",7\nrod,z,8\n",
            &["a: bolt; b: \"5 long; c: 1", "a: nut; b: x; c: 3", "a: pin; b: y; c: 7", "a: rod; b: z; c: 8"],
        ),
        (
            "a,b,c\nx,1,\"first\ny,2,second\"\nz,3,third\n",
            &["a: x; b: 1; c: \"first", "a: y; b: 2; c: second\"", "a: z; b: 3; c: third"],
        ),
        // Cases reported for other readers.
        ("col1,col2\n\"val1,val2\nval3,val4\n", &["col1: \"val1; col2: val2", "col1: val3; col2: val4"]),
        (
            "Row,Content\n1,\"an unclosed comment”\n2,Lorem ipsum dolor\n3,sit\n",
            &["Row: 1; Content: \"an unclosed comment”", "Row: 2; Content: Lorem ipsum dolor", "Row: 3; Content: sit"],
        ),
        (
            "A,AA,12277,CARRS,1.TXT\nB,BB,12335,\"CARRS\",2.TXT\nC,CC,18543,CARRS,3.TXT\nD,DD,18543,\"CARRS,4.TXT\n",
            &[
                "A; AA; 12277; CARRS; 1.TXT",
                "B; BB; 12335; CARRS; 2.TXT",
                "C; CC; 18543; CARRS; 3.TXT",
                "D; DD; 18543; \"CARRS; 4.TXT",
            ],
        ),
        ("a, \"b,c\"\nd,e\nf,g\n", &["a: d; b,c: e", "a: f; b,c: g"]),
        // Fields over several lines that could be rows, except for their number of fields.
        (
            "a,b,c\n1,\"12 High St,\nLondon, UK\",5\n2,\"3 Low St\nParis\",6\n",
            &["a: 1; b: 12 High St, London, UK; c: 5", "a: 2; b: 3 Low St Paris; c: 6"],
        ),
        ("a,b\n1,\"one\ntwo, three\"\n2,x\n", &["a: 1; b: one two, three", "a: 2; b: x"]),
        ("a,b\r\"x\ry\",5\rz,\"3\"\r", &["a: x y; b: 5", "a: z; b: 3"]),
        // Quotes with backslashes, as databases write them; paths have backslashes, too.
        (
            "\"id\",\"b\",\"c\"\n\"1\",\"she said \\\"hi\\\", loud\",\\N\n\"2\",\"x\\\ny\",\"\\N\"\n\"3\",\"end\\\\\",\"z\"\n",
            &["id: 1; b: she said \"hi\", loud", "id: 2; b: x y", "id: 3; b: end\\; c: z"],
        ),
        ("id,b\n1,\"{\\\"a\\\": 1}\"\n2,\"{\\\"a\\\": 2}\"\n", &["id: 1; b: {\"a\": 1}", "id: 2; b: {\"a\": 2}"]),
        ("1\tab\\\tcd\t\\N\n2\tef\\ngh\tx\n3\t\\N\tc\\\\d\n", &["1; ab cd", "2; ef gh; x", "3; c\\d"]),
        (
            "id,path,c\n1,\"C:\\dir\\\",x\n2,\"C:\\new\\other\",y\n",
            &["id: 1; path: C:\\dir\\; c: x", "id: 2; path: C:\\new\\other; c: y"],
        ),
        // Apostrophes as quotes, and as letters.
        (
            "name,note\n'Heron','grey, tall'\n'Wren','it''s small'\n",
            &["name: Heron; note: grey, tall", "name: Wren; note: it's small"],
        ),
        (
            "name,note\nO'Brien,it's ok\nJane,'quoted'\nBo,'tis\n",
            &["name: O'Brien; note: it's ok", "name: Jane; note: 'quoted'", "name: Bo; note: 'tis"],
        ),
        // Quotes around lines, quotes around quotes.
        ("name,size\r\n\"bolt,\"\"5\"\"\"\r\n\"nut,3\"\r\n", &["name: bolt; size: 5", "name: nut; size: 3"]),
        ("\"\"name\"\",\"\"size\"\"\n\"\"bolt, long\"\",\"\"5\"\"\n", &["name: bolt, long; size: 5"]),
    ] {
        assert_eq!(texts(text), expected, "{text:?}");
        assert_eq!(delimited(text).unwrap().losses, [""; 0], "{text:?}");
    }
}

#[test]
fn damaged_quotes_take_less_than_60_s() {
    let begun = std::time::Instant::now();
    for row in [
        "1,\"2\n",
        "1,\"\"2\n",
        "1,\"\"\"2\n",
        "\"a\",\"\n",
        "\"x\",\"y\"z\",\n",
        "a, \"b\n",
        "1,\\\"2,\"\\\"\n",
        "a,'b\n",
    ] {
        for end in ["", "x\"\n", "z,\"\n"] {
            let _ = delimited(&format!("a,b\n{}{end}", row.repeat(20_000)));
            let _ = delimited(&format!("a,b,c\n\"{}{end}", row.repeat(20_000)));
        }
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn fields_longer_than_the_sample_are_whole() {
    let long = "one, two\nthree \"\"four\"\"; five\n".repeat(3000);
    let found = delimited(&format!("id,body\n1,\"{long}\"\n2,\"{long}\"\n3,end\n")).unwrap();
    assert_eq!((found.sections.len(), found.losses.len()), (3, 0));
    assert!(
        found.text.starts_with("id: 1; body: one, two three \"four\"; five")
            && found.text.ends_with("id: 3; body: end")
    );
    let word = "word ".repeat(20_000);
    let found = delimited(&format!("id;body\n1;{word}\n2;x\n")).unwrap();
    assert!(found.text.starts_with("id: 1; body: word word") && found.text.ends_with("id: 2; body: x"));
    // A quote that never closes, in a text longer than the sample; line ends of CR alone.
    let rows: String = (0..20_000).map(|row| format!("{row},x\r")).collect();
    let found = delimited(&format!("a,b\r\"y,1\r{rows}")).unwrap();
    assert_eq!((found.sections.len(), found.losses.len()), (20_001, 0));
    assert!(found.text.starts_with("a: \"y; b: 1\na: 0; b: x\n"));
}
