//! Tests of the reader of tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::fields::Signs;

/// Returns the number and the text of each row.
fn rows(text: &str) -> Vec<(u32, String)> {
    let table = delimited(text).unwrap_or_else(|| panic!("{text:?}"));
    let ends = table.sections.iter().skip(1).map(|section| section.start).chain([table.text.len()]);
    let shown = |(section, end): (&super::super::Section, usize)| {
        (section.place.number, table.text[section.start..end].trim_end().to_owned())
    };
    table.sections.iter().zip(ends).map(shown).collect()
}

#[test]
fn rows_become_sections() {
    let text = "id,名称,note,ok\n1,\"张三, 李四\",\"two\nlines \"\"q\"\"\",true\n\n007,b,,no\n";
    let table = delimited(text).unwrap();
    assert_eq!(table.text, "id: 1; 名称: 张三, 李四; note: two lines \"q\"; ok: true\nid: 007; 名称: b; ok: no");
    assert_eq!(table.sections.iter().map(|s| s.place.number).collect::<Vec<_>>(), [2, 3]);
    let json = serde_json::to_value(&table.sections[0].metadata).unwrap();
    assert_eq!(json, serde_json::json!({"id": 1, "名称": "张三, 李四", "note": "two\nlines \"q\"", "ok": true}));
    assert_eq!(table.sections[1].metadata["id"], "007");
    assert!(table.losses.is_empty());
}

#[test]
fn delimiters_and_headers() {
    assert_eq!(rows("a;b\n1,5;2\n2,5;3\n"), [(2, "a: 1,5; b: 2".to_owned()), (3, "a: 2,5; b: 3".to_owned())]);
    assert_eq!(rows("a\tb\nx, y\tz\n")[0].1, "a: x, y; b: z");
    assert_eq!(rows("a|b\nx|z\n")[0].1, "a: x; b: z");
    // No header: numbers, or repeated names.
    assert_eq!(rows("1,x\n2,y\n"), [(1, "1; x".to_owned()), (2, "2; y".to_owned())]);
    assert_eq!(rows("red,x\nred,y\n")[0].1, "red; x");
    assert_eq!(rows("2024-01-02,x\n2024-01-03,y\n")[0].1, "2024-01-02; x");
    // An unnamed index column; years as names; a title above.
    assert_eq!(rows(",a,2023,2024\n0,x,5,6\n")[0].1, "0; a: x; 2023: 5; 2024: 6");
    assert_eq!(
        rows("Report\na,b\n1,2\n3,4\n"),
        [(1, "Report".to_owned()), (3, "a: 1; b: 2".to_owned()), (4, "a: 3; b: 4".to_owned())]
    );
}

/// Returns the text of each row.
pub(super) fn texts(text: &str) -> Vec<String> {
    rows(text).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn second_table_has_its_own_names_or_none() {
    let first = "port,depth\nOban,4\nLeith,12\n";
    let named = ["port: Oban; depth: 4", "port: Leith; depth: 12"];
    for (second, expected) in [
        // A header of its own: after a blank row, a row of delimiters, two blank rows, a title.
        ("\nship,draught\nHeron,3\nPlover,2\n", &["ship: Heron; draught: 3", "ship: Plover; draught: 2"][..]),
        (",\nship,draught\nHeron,3\nPlover,2\n", &["ship: Heron; draught: 3", "ship: Plover; draught: 2"]),
        ("\n\nship,draught,owner\nHeron,3,Ann\n", &["ship: Heron; draught: 3; owner: Ann"]),
        ("\nShips\nship,draught\nHeron,3\n", &["Ships", "ship: Heron; draught: 3"]),
        // The same header again; no header, so the rows continue the first table.
        ("\nport,depth\nWick,3\n", &["port: Wick; depth: 3"]),
        ("\nWick,7\nThurso,8\n", &["port: Wick; depth: 7", "port: Thurso; depth: 8"]),
        ("\nTotal,16\n", &["port: Total; depth: 16"]),
        // A note.
        ("\nMeasured in May\n", &["Measured in May"]),
        // A header of words where the first table has numbers.
        ("\nship,captain\nHeron,Bo\nPlover,Cy\n", &["ship: Heron; captain: Bo", "ship: Plover; captain: Cy"]),
        // Rows that do not fit the first table have no names.
        ("\n3,Heron\n2,Plover\n", &["3; Heron", "2; Plover"]),
    ] {
        for (text, end) in
            [(format!("{first}{second}"), "\n"), (format!("{first}{second}").replace('\n', "\r\n"), "\r\n")]
        {
            let expected: Vec<&str> = named.iter().chain(expected).copied().collect();
            assert_eq!(texts(&text), expected, "{second:?} {end:?}");
            assert_eq!(delimited(&text).unwrap().losses, [""; 0], "{second:?}");
        }
    }
    let found = delimited(&format!("{first}\nship,draught\nHeron,3\n")).unwrap();
    let last = found.sections.last().unwrap();
    assert_eq!(serde_json::to_value(&last.metadata).unwrap(), serde_json::json!({"ship": "Heron", "draught": 3}));
    assert_eq!(last.place.number, 5);
}

#[test]
fn dialect_is_found_by_declaration_quotes_and_numbers() {
    for (text, expected) in [
        // Excel's declaration, also in quotes, in capitals, or wrong.
        (
            "sep=;\nPlant;Soil\nSea holly;sand\nMarram;dune\n",
            &["Plant: Sea holly; Soil: sand", "Plant: Marram; Soil: dune"][..],
        ),
        ("\"sep=,\"\r\na,b\r\n1,2\r\n", &["a: 1; b: 2"]),
        ("SEP=\t\na\tb\n1;2\t3\n", &["a: 1;2; b: 3"]),
        ("sep=|,\na,b\n1,2\n", &["sep=|", "a: 1; b: 2"]),
        // Decimal commas.
        (
            "Ort;Preis;Menge\nHusum;1,25;3,5\nEmden;2,75;4,0\n",
            &["Ort: Husum; Preis: 1,25; Menge: 3,5", "Ort: Emden; Preis: 2,75; Menge: 4,0"],
        ),
        // Commas with a space after them are prose.
        (
            "Name (Vor-, Nachname);Rolle (z.B. Koch, Kellner)\nAda Bern;Koch\n",
            &["Name (Vor-, Nachname): Ada Bern; Rolle (z.B. Koch, Kellner): Koch"],
        ),
        // Other delimiters within quotes.
        (
            "id;note;price\n1;\"a, b, c\nd, e, f\ng, h, i\";3,5\n2;\"j, k\nm, n\";4,5\n",
            &["id: 1; note: a, b, c d, e, f g, h, i; price: 3,5", "id: 2; note: j, k m, n; price: 4,5"],
        ),
        ("id,note\n1,\"a; b; c\"\n2,\"d; e; f\"\n", &["id: 1; note: a; b; c", "id: 2; note: d; e; f"]),
        // A delimiter at the line end.
        (
            "April 15, 2023;402;25.00;Ray;\nApril 14, 2023;444;25.00;Scott;\nApril 9, 2023;678;25.00;\n",
            &["April 15, 2023; 402; 25.00; Ray", "April 14, 2023; 444; 25.00; Scott", "April 9, 2023; 678; 25.00"],
        ),
        // Comments above; the last one may name the columns.
        (
            "# made by x\n# on 2024-01-02, at noon\n\nname,size\nbolt,5\nnut,3\n",
            &["# made by x", "# on 2024-01-02, at noon", "name: bolt; size: 5", "name: nut; size: 3"],
        ),
        ("#name,size\nbolt,5\nnut,3\n", &["#name: bolt; size: 5", "#name: nut; size: 3"]),
        // Titles above.
        (
            "Export\nfrom the store\nof May\nname,size\nbolt,5\nnut,3\n",
            &["Export", "from the store", "of May", "name: bolt; size: 5", "name: nut; size: 3"],
        ),
        // Blank lines between all rows.
        ("a,b\n\nx,1\n\ny,2\n\nz,3\n\n", &["a: x; b: 1", "a: y; b: 2", "a: z; b: 3"]),
        // Rows with another number of fields have no names.
        ("a,b,c\n1,2\n3,4,5,6\n7,8,9\n", &["1; 2", "3; 4; 5; 6", "a: 7; b: 8; c: 9"]),
        // Bars, semicolons and tabs with commas in their fields.
        ("a|b\nx, y|1\nz, w|2\n", &["a: x, y; b: 1", "a: z, w; b: 2"]),
        (
            "id;ok;a;cost;group\n1;False;;62.25;['345']\n4;True;;46.50;['112', '112']\n6;False;;13.27;['510']\n",
            &[
                "id: 1; ok: False; cost: 62.25; group: ['345']",
                "id: 4; ok: True; cost: 46.50; group: ['112', '112']",
                "id: 6; ok: False; cost: 13.27; group: ['510']",
            ],
        ),
        (
            "amount;label\n1,50;coffee, black\n2,75;lunch\n",
            &["amount: 1,50; label: coffee, black", "amount: 2,75; label: lunch"],
        ),
        // Empty fields at the end.
        ("k,v\n1,\n2,x,\n", &["k: 1", "k: 2; v: x"]),
        (
            "species\tplace\nPuffin\tcliffs, turf\nAuk\tcliffs, ledges\n",
            &["species: Puffin; place: cliffs, turf", "species: Auk; place: cliffs, ledges"],
        ),
    ] {
        assert_eq!(texts(text), expected, "{text:?}");
    }
}

#[test]
fn numbers_keep_their_form_in_the_text_and_are_typed_in_metadata() {
    let found = delimited("Ware;Preis\nTisch;1.185,55\nStuhl;185,50\n").unwrap();
    assert!(found.text.starts_with("Ware: Tisch; Preis: 1.185,55\n"), "{}", found.text);
    assert_eq!(found.sections[0].metadata["Preis"], 1185.55);
    assert_eq!(found.sections[1].metadata["Preis"], "185,50");
}

#[test]
fn many_blank_lines_take_less_than_20_s() {
    let begun = std::time::Instant::now();
    for text in ["a,b\nc,1\n\n".repeat(100_000), "a,b\nc,d\ne,1\n,\n".repeat(60_000), ",\n".repeat(300_000)] {
        let _ = delimited(&text);
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn many_rows_share_sections() {
    let text: String = (0..70_000).map(|row| format!("{row},x\n")).collect();
    let table = delimited(&format!("a,b\n{text}")).unwrap();
    assert_eq!(table.sections.len(), 35_000);
    assert!(table.losses[0].starts_with("70000 rows are too many"), "{:?}", table.losses);
    assert!(table.text.starts_with("a: 0; b: x\na: 1; b: x\n") && table.text.ends_with("a: 69999; b: x"));
    let section = &table.sections[1];
    assert_eq!((section.place.number, &table.text[section.start..][..4]), (4, "a: 2"));
    assert_eq!(serde_json::to_value(&section.metadata).unwrap(), serde_json::json!({"b": "x"}));
}

#[test]
fn malformed_rows_are_kept_and_reported() {
    let mut text = "a,b,c\n".to_owned();
    for row in 0..30 {
        text += if row == 4 { "1,2\n" } else { "1,2,3\n" };
    }
    let table = delimited(&text).unwrap();
    assert_eq!(table.sections.len(), 30);
    assert_eq!(table.losses, ["line 6: not 3 fields as in the other rows; kept without the names of their columns"]);
    assert!(table.text.contains("\n1; 2\n"));
    let windows = delimited(&text.replace('\n', "\r\n")).unwrap();
    assert_eq!((&windows.losses, &windows.text), (&table.losses, &table.text));
    // A quote without an end affects only its own row.
    let text = text.replace("1,2\n1", "1,\"2\n1");
    let table = delimited(&text).unwrap();
    assert_eq!((table.sections.len(), table.losses.len()), (30, 1));
    let open = format!("a,b\n{}", "1,\"2\n".repeat(2000));
    assert_eq!(delimited(&open).unwrap().text.matches('2').count(), 2000, "a quote may close another");
}

#[test]
fn other_text_is_not_a_table() {
    for text in [
        "",
        "a\nb\nc\n",
        "Dear Sir, I write\nto you, today, about\nthe matter\nof commas, semicolons; and\nso on, and on, and on\nand on\n",
        "a,b,c\n",
    ] {
        assert_eq!(delimited(text), None, "{text:?}");
    }
}

/// Generates texts of delimiters, quotes, line ends and letters.
fn fragments() -> impl proptest::strategy::Strategy<Value = String> {
    let part =
        proptest::sample::select(&["a", "b,", "\"", ",", ";", "\t", "\n", "\r\n", "1", "中", "\"\"", " ", "|"][..]);
    proptest::strategy::Strategy::prop_map(proptest::collection::vec(part, 0..80), |parts| parts.concat())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn rows_of_any_text_keep_all_letters_and_are_ordered(text in fragments()) {
        for (delimiter, width) in [(b',', 0), (b',', 2), (b';', 3), (b'\t', 2)] {
            let count = |text: &str| text.matches(['中', 'a', 'b', '1']).count();
            let fields = CsvRecords::new(&text, Signs::with_delimiter(delimiter), width).flat_map(|record| record.fields);
            assert_eq!(fields.map(|field| count(&field)).sum::<usize>(), count(&text), "{delimiter} {width}");
        }
        if let Some(table) = delimited(&text) {
            assert_eq!(table.sections[0].start, 0);
            assert!(table.sections.is_sorted_by(|a, b| a.start < b.start && a.place.number < b.place.number));
            assert!(table.sections.iter().all(|section| table.text.is_char_boundary(section.start)));
        }
    }
}

#[test]
fn facts_and_comments_above_a_table_are_rows_without_names() {
    for (text, expected) in [
        // Names with colons, as banks write them.
        (
            "\"Konto:\";\"DE12 34\"\n\n\"Von:\";\"01.01.2024\"\n\"Saldo:\";\"1.234,56 EUR\"\n\n\"Tag\";\"Text\";\"Betrag\"\n\
             \"02.01.2024\";\"Miete\";\"-85,00\"\n\"03.01.2024\";\"Lohn\";\"2.500,00\"\n",
            &[
                "Konto: DE12 34",
                "Von: 01.01.2024",
                "Saldo: 1.234,56 EUR",
                "Tag: 02.01.2024; Text: Miete; Betrag: -85,00",
                "Tag: 03.01.2024; Text: Lohn; Betrag: 2.500,00",
            ][..],
        ),
        // Without colons, more facts than rows, and a repeated name.
        (
            "Umsatzanzeige;Datei erstellt am: 09.11.2020 13:48\n\nIBAN;DE99 9999\nKontoname;Girokonto\nBank;Ida\nKunde;Max\n\
             Saldo;1.000,00;EUR\n\nSortierung;Datum\n\nTag;Text;Saldo;Währung;Betrag;Währung\n\
             09.11.2020;Rewe;1.000,00;EUR;-20,00;EUR\n06.11.2020;Shell;1.020,00;EUR;-40,00;EUR\n",
            &[
                "Umsatzanzeige: Datei erstellt am: 09.11.2020 13:48",
                "IBAN: DE99 9999",
                "Kontoname: Girokonto",
                "Bank: Ida",
                "Kunde: Max",
                "Saldo; 1.000,00; EUR",
                "Sortierung: Datum",
                "Tag: 09.11.2020; Text: Rewe; Saldo: 1.000,00; Währung: EUR; Betrag: -20,00; Währung: EUR",
                "Tag: 06.11.2020; Text: Shell; Saldo: 1.020,00; Währung: EUR; Betrag: -40,00; Währung: EUR",
            ],
        ),
        // A row of only delimiters above.
        (
            ";\nGirokonto;Zeitraum: 30 Tage;\nNeuer Stand;1.234,56 EUR;\n\nTag;Text;Umsatz;\n02.01.2024;Miete;-85,00;\n",
            &[
                "Girokonto: Zeitraum: 30 Tage",
                "Neuer Stand: 1.234,56 EUR",
                "Tag: 02.01.2024; Text: Miete; Umsatz: -85,00",
            ],
        ),
        // Facts with the width of the table.
        (
            "From,2024-01-01\nTo,2024-01-31\nName,Units\nBolt,3\nNut,5\n",
            &["From; 2024-01-01", "To; 2024-01-31", "Name: Bolt; Units: 3", "Name: Nut; Units: 5"],
        ),
        // Comments, of which the last names the columns if it is a list of names.
        (
            "# by x, at noon\n# two\nname,size\nbolt,5\nnut,3\n",
            &["# by x, at noon", "# two", "name: bolt; size: 5", "name: nut; size: 3"],
        ),
        ("# by x, y\nname,size\nbolt,5\nnut,3\n", &["# by x, y", "name: bolt; size: 5", "name: nut; size: 3"]),
        ("# by x\n# time, depth\n0.1, 5\n0.2, 6\n", &["# by x", "# time: 0.1; depth: 5", "# time: 0.2; depth: 6"]),
        ("#name,hue\nbolt,red\nnut,blue\n", &["#name: bolt; hue: red", "#name: nut; hue: blue"]),
    ] {
        assert_eq!(texts(text), expected, "{text:?}");
        assert_eq!(delimited(text).unwrap().losses, [""; 0], "{text:?}");
    }
    let found = delimited("sum,currency,rest,currency\n5,EUR,6,USD\n").unwrap();
    let metadata = serde_json::to_value(&found.sections[0].metadata).unwrap();
    assert_eq!(metadata, serde_json::json!({"sum": 5, "currency": "EUR", "rest": 6, "currency 2": "USD"}));
}

#[test]
fn second_table_without_a_blank_row_is_found_by_its_header() {
    let first = "port,depth\nOban,4\nLeith,12\n";
    let named = ["port: Oban; depth: 4", "port: Leith; depth: 12"];
    for (second, expected) in [
        // Another number of fields.
        (
            "ship,draught,owner\nHeron,3,Ann\nPlover,2,Bo\n",
            &["ship: Heron; draught: 3; owner: Ann", "ship: Plover; draught: 2; owner: Bo"][..],
        ),
        (
            "ship,captain,owner\nHeron,Cy,Ann\nPlover,Di,Bo\n",
            &["ship: Heron; captain: Cy; owner: Ann", "ship: Plover; captain: Di; owner: Bo"],
        ),
        // Below a title.
        ("Ships\nship,draught,owner\nHeron,3,Ann\n", &["Ships", "ship: Heron; draught: 3; owner: Ann"]),
        ("Ships\nship,draught\nHeron,3\n", &["Ships", "ship: Heron; draught: 3"]),
        ("Ships,\nship,draught\nHeron,3\n", &["Ships", "ship: Heron; draught: 3"]),
        // The same number of fields: words where the table has numbers, and numbers below.
        ("ship,draught\nHeron,3\nPlover,2\n", &["ship: Heron; draught: 3", "ship: Plover; draught: 2"]),
        // The same header again.
        ("port,depth\nWick,3\nThurso,2\n", &["port: Wick; depth: 3", "port: Thurso; depth: 2"]),
        // Values of another kind.
        (
            "Day,Flood\n2024-01-02,12:30\n2024-01-03,13:20\n",
            &["Day: 2024-01-02; Flood: 12:30", "Day: 2024-01-03; Flood: 13:20"],
        ),
        // Words in a column of numbers are not column names.
        (
            "Wick,closed\nThurso,8\nNairn,9\n",
            &["port: Wick; depth: closed", "port: Thurso; depth: 8", "port: Nairn; depth: 9"],
        ),
        // Placeholders are not column names.
        ("Wick,n/a\nTotal,16\n", &["port: Wick; depth: n/a", "port: Total; depth: 16"]),
    ] {
        let expected: Vec<&str> = named.iter().chain(expected).copied().collect();
        let text = format!("{first}{second}");
        assert_eq!(texts(&text), expected, "{second:?}");
        assert_eq!(delimited(&text).unwrap().losses, [""; 0], "{second:?}");
    }
    let wide = "id,port,depth,ships\n1,Oban,4,7\n2,Leith,12,9\nNumber,Ship,Draught,Crew\n1,Heron,3,2\n";
    assert_eq!(texts(wide)[2..], ["Number: 1; Ship: Heron; Draught: 3; Crew: 2"]);
}
