//! Filters: errors with carets, hints, paths.

use std::process::Output;

use unicode_width::UnicodeWidthStr;

use crate::support::Place;
use crate::support::command::{code, err, out, run, value};

fn tables() -> Place {
    let place = Place::new();
    place.write("ports.csv", "port,depth\nOban,4\nLeith,12\nUllapool,7\n");
    place.write("notes/wifi.txt", "The guest password stands on the board in the hall of the office.\n");
    place.write("笔记.md", "会议改到周五下午三点，在二楼的大会议室里举行，请大家准时参加。\n");
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    place
}

fn search(place: &Place, filter: &str, arguments: &[&str]) -> Output {
    run(&place.docs(), &[&["search", "words", "--where", filter], arguments].concat())
}

/// The filter is on its own line, and the carets are under the mistake, also with wide and zero-width characters.
#[test]
fn filter_errors_have_a_caret_under_the_mistake() {
    let place = tables();
    let long = "title = '名字' and ".repeat(50);
    for (filter, wrong, column) in [
        ("path includes wifi", "includes", 6),
        ("标题 includes wifi", "includes", 4),
        ("標題 = '\u{200b}' and path includes x", "includes", 19),
        ("title = x\tand\npath includes x", "includes", 20),
        ("cafe\u{301} includes x", "includes", 7),
        ("मुंबई includes x", "includes", 7),
        ("\u{202e}a = b", "\u{202e}", 1),
        (&format!("{long}path includes x"), "includes", 18 * 50 + 6 - 100),
    ] {
        let refused = search(&place, filter, &[]);
        let shown = err(&refused);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!((code(&refused), lines.len()), (2, 3), "{shown}");
        let start = lines[2].find('^').unwrap();
        let (before, marks) = (lines[2][..start].width(), lines[2][start..].len());
        // Hidden characters are replaced by visible ones.
        let wrong = if wrong == "\u{202e}" { "\u{fffd}" } else { wrong };
        let at = lines[1].find(wrong).unwrap();
        assert_eq!((before, marks), (lines[1][..at].width(), wrong.width()), "{shown}");
        assert!(lines[1].width() <= 78, "it fits a terminal: {shown}");
        if column < 100 {
            assert!(lines[0].contains(&format!("at column {column}: ")), "{shown}");
        }
    }
}

#[test]
fn filter_errors_suggest_the_right_operator() {
    let place = tables();
    for (filter, advice) in [
        ("path includes wifi", "path contains wifi"),
        ("path ~ wifi", "path contains wifi"),
        ("path =~ 'a.*b'", "path contains TEXT"),
        ("path !~ wifi", "path not contains wifi"),
        ("port like 'Ob*'", "port contains Ob"),
        ("port has Ob", "for one of several values: port = Ob"),
        (
            "port matches Ob",
            "unknown operator \"matches\"; use =, !=, <, <=, >, >=, in, exists, prefix, glob or contains",
        ),
        ("depth gt 3", "Did you mean >?"),
        ("港口 包含 x", "港口 contains x"),
    ] {
        let refused = search(&place, filter, &[]);
        assert_eq!(code(&refused), 2, "{filter}");
        assert!(err(&refused).contains(advice), "{filter}: {}", err(&refused));
    }
    // The advice works.
    for filter in ["path glob \"**/*wifi*\"", "path contains WIFI", "path contains 'ｗｉｆｉ' and port not contains ob"]
    {
        assert_eq!(out(&search(&place, filter, &["-l"])), "notes/wifi.txt\n", "{filter}");
    }
    assert_eq!(out(&search(&place, "port contains OBA and not path contains notes", &["-l"])), "ports.csv\n");
}

#[test]
fn filter_hints_for_unknown_fields_and_values() {
    let place = tables();
    for (filter, parts) in [
        ("ext = md", &["\"ext\" is not a field. Did you mean extension?", "The fields are", "port"][..]),
        ("porrt = Oban", &["Did you mean port?"]),
        ("language = fr", &["no document matches language = fr; this collection has", "en (", "zh (1)"]),
        ("port = Obann", &["no document matches port = Obann. Did you mean \"Oban\"?"]),
        ("port = lap", &["Did you mean \"Ullapool\"?", "port contains lap"]),
        ("port in (Glasgow, Lieth)", &["Did you mean \"Leith\"?"]),
        ("port contains Obam", &["Did you mean port contains Oban?"]),
        ("port contains glasgow", &["this collection has Leith (1), Oban (1), Ullapool (1)"]),
        ("path = notes/wfi.txt", &["Did you mean \"notes/wifi.txt\"?"]),
        ("path prefix old/", &["no document matches path prefix old/; this collection has notes/ (1)"]),
        ("depth > 100", &["no document matches depth > 100", "12 (1)"]),
        ("size > 5GB", &["no document matches size > 5GB; this collection has", "bytes"]),
        ("language = zh and port = Oban", &["language = zh: 1, port = Oban: 1", "none passes all"]),
    ] {
        let output = search(&place, filter, &[]);
        let message = err(&output);
        assert_eq!((code(&output), out(&output).as_str()), (1, ""), "{filter}: {message}");
        assert!(parts.iter().all(|part| message.contains(part)), "{filter}: {message}");
        let json = value(&search(&place, filter, &["--json"]));
        assert!(json["hits"].as_array().unwrap().is_empty());
        assert!(message.contains(json["hints"][0].as_str().unwrap()), "{json}");
        assert_eq!(err(&search(&place, filter, &["-q"])), "", "{filter}");
    }
    // An unknown name gives a hint even if something is found; a known one does not.
    let found = search(&place, "porrt != Oban", &["-l"]);
    assert_eq!(code(&found), 0);
    assert!(err(&found).contains("\"porrt\" is not a field"), "{}", err(&found));
    let right = search(&place, "port != Oban", &["--json"]);
    assert!(!out(&right).contains("hints") && err(&right).is_empty());
}

#[test]
fn status_fields_lists_fields_and_values() {
    let place = tables();
    let text = out(&run(&place.docs(), &["status", "--fields"]));
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("port").ends_with("1  Leith (1), Oban (1), Ullapool (1)"), "{text}");
    assert!(line("language").contains("zh (1)") && line("size").contains("bytes to"), "{text}");
    let json = value(&run(&place.docs(), &["status", "--fields", "--json"]));
    let field =
        |name: &str| json["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone();
    assert_eq!(field("depth")["range"], serde_json::json!([4.0, 12.0]));
    assert_eq!(field("extension")["values"][0], serde_json::json!({"value": "csv", "documents": 1}));
    // Each name can be used in a filter as printed.
    for field in json["fields"].as_array().unwrap() {
        let filter = format!("exists({})", field["name"].as_str().unwrap());
        assert_eq!(code(&search(&place, &filter, &[])), 0, "{filter}");
    }
}

/// Prices and dates of tables and mails are compared by value, in any notation.
#[test]
fn filter_compares_numbers_and_dates_of_tables_and_mails() {
    let place = Place::new();
    place.write("pens.csv", "Artikel;Preis;Datum;Rabatt\nStift;2,50;28.01.2023;12,5 %\nFüller;89,00 €;3.2.2023;3 %\n");
    place.write(
        "desks.csv",
        "Artikel;Preis;Datum;Rabatt\nTisch;\"1.234,50\";14.03.2024;7 %\nPult;950,00 €;15.03.2024;8 %\n",
    );
    place.write("lamps.csv", "item,price,day\nlamp,\"$1,200.50\",03/04/2024\nbulb,$2.50,05/04/2024\n");
    for (name, date) in [("old.eml", "Mon, 4 Mar 2024 23:30:00 -0500"), ("new.eml", "Mon, 4 Mar 2024 10:00:00 +0100")] {
        let mail = format!(
            "From: a@x.org\r\nTo: b@x.org\r\nDate: {date}\r\nSubject: words\r\n\r\nSome words on a boiler.\r\n"
        );
        place.write(name, mail);
    }
    let index = run(&place.docs(), &["index", "--model", "../model", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let found = |filter: &str| {
        let found = search(&place, filter, &["-l", "-k", "20"]);
        let mut found: Vec<String> = out(&found).lines().map(str::to_owned).collect();
        found.sort();
        found.join(" ")
    };
    for (filter, wanted) in [
        ("Preis > 1000", "desks.csv"),
        ("Preis < 3", "pens.csv"),
        ("Preis = 2.5", "pens.csv"),
        ("Preis >= 89 and Preis <= 950", "desks.csv pens.csv"),
        ("price > 1000", "lamps.csv"),
        ("price = 1200.5", "lamps.csv"),
        ("Rabatt > 10", "pens.csv"),
        ("Rabatt > '10 %'", "pens.csv"),
        ("Datum < 2024", "pens.csv"),
        ("Datum = 2024-03", "desks.csv"),
        ("Datum >= 15.03.2024", "desks.csv"),
        ("date = 2024-03-05", "old.eml"),
        ("date < 2024-03-04T09:30Z", "new.eml"),
        ("date > 7d-ago", ""),
        ("date < 7d-ago", "new.eml old.eml"),
        ("date = 2024-03", "new.eml old.eml"),
        ("day > 2024", ""),
        ("day = 03/04/2024", "lamps.csv"),
    ] {
        assert_eq!(found(filter), wanted, "{filter}");
    }
    let unread = search(&place, "day > 2024-01", &[]);
    assert!(err(&unread).contains("no value of day can be read as a date, such as \"03/04/2024\""), "{}", err(&unread));
    let refused = search(&place, "day > 03/04/2024", &[]);
    assert!(code(&refused) == 2 && err(&refused).contains("can be read as two dates"), "{}", err(&refused));
}

/// A filter takes a path as printed, from any current folder.
#[test]
fn filter_takes_paths_as_printed() {
    let place = tables();
    place.write("notes/[old] é/plan.md", "# Plan\n\nWords of an old plan for the office.\n");
    let index = run(&place.docs(), &["index", "-q"]);
    assert_eq!(code(&index), 0, "{}", err(&index));
    let docs = place.docs().canonicalize().unwrap();
    let whole = docs.to_str().unwrap();
    let asked = |folder: &str, filter: &str| {
        let found = run(&docs.join(folder), &["search", "words", "-l", "-k", "20", "--where", filter]);
        let mut found: Vec<String> = out(&found).lines().map(str::to_owned).collect();
        found.sort();
        found.join(" ")
    };
    for (folder, filter, wanted) in [
        ("", "path = ./notes/wifi.txt", "notes/wifi.txt"),
        ("", "path = notes/../ports.csv", "ports.csv"),
        ("", &format!("path = '{whole}/notes/wifi.txt'"), "notes/wifi.txt"),
        ("", &format!("path glob '{whole}/notes/*.txt'"), "notes/wifi.txt"),
        ("", "path glob './*.csv'", "ports.csv"),
        ("notes", "path = ../ports.csv", "../ports.csv"),
        ("notes", "path = wifi.txt", "wifi.txt"),
        ("notes", "path = notes/wifi.txt", "wifi.txt"),
        ("notes", "path in (../ports.csv, ./wifi.txt)", "../ports.csv wifi.txt"),
        ("notes", "path glob '../*.csv'", "../ports.csv"),
        ("notes", "path glob './*.txt'", "wifi.txt"),
        ("notes", "path prefix ./", "[old] é/plan.md wifi.txt"),
        ("notes", "path glob *.csv", "../ports.csv"),
        ("notes/[old] é", "path glob ./*", "plan.md"),
        ("notes/[old] é", "path = ../wifi.txt", "../wifi.txt"),
        ("", "path glob '[old] é'", ""),
        ("", "path glob '*é/pl?n.md'", ""),
        ("", "path glob 'notes/*] ?/pl?n.md'", "notes/[old] é/plan.md"),
    ] {
        assert_eq!(asked(folder, filter), wanted, "{filter} in {folder:?}");
    }
    // Each printed path finds its document, and only that.
    for folder in ["", "notes", "notes/[old] é"] {
        for printed in out(&run(&docs.join(folder), &["search", "words", "-l", "-k", "20"])).lines() {
            assert_eq!(asked(folder, &format!("path = '{printed}'")), printed, "{folder}");
        }
    }
}
