//! Tests of headers and of tables below each other.

use super::*;

/// Makes one row of each string: cells between bars, empty ones left out; an empty string is a blank row.
fn lines(rows: &[&'static str]) -> Vec<FilledRow<'static>> {
    let mut lines = Vec::new();
    let mut after_blank = false;
    for row in rows {
        let cells: Cells<'_> = (0u32..)
            .zip(row.split('|').map(str::trim))
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (column, Cow::Borrowed(cell)))
            .collect();
        if cells.is_empty() {
            after_blank = true;
        } else {
            lines.push(FilledRow { after_blank, cells });
            after_blank = false;
        }
    }
    lines
}

#[test]
fn header_of_the_first_table_is_a_row_of_names() {
    for (rows, expected) in [
        // Directly above the rows, below a title, above a blank row.
        (&["name|sum", "Ann|1"][..], Some(0)),
        (&["Report of May", "", "name|sum", "Ann|1"], Some(1)),
        (&["name|sum", "", "Ann|1"], Some(0)),
        // No rows; values in the first row.
        (&["name|sum"], None),
        (&["a|1", "b|2"], None),
        // A repeated name; a cell repeated below; fewer names than cells.
        (&["x|x", "b|c"], None),
        (&["Ann|Paris", "Bo|Paris"], None),
        (&["a|b", "c|d|e|f|g"], None),
        // Years, months and quarters are names if they are in order.
        (&["Region|2021|2023", "North|5|6"], Some(0)),
        (&["Region|2021|2019|2023", "N|5|6"], None),
        (&["Region|2024-01|2024-02", "N|5|6"], Some(0)),
        (&["Region|Q1|Q2", "N|5|6"], Some(0)),
        (&["Region|FY2023|FY2024", "N|5|6"], Some(0)),
        (&["Region|Jan 2024|Feb 2024", "N|5|6"], Some(0)),
        // Dates, addresses and telephone numbers are values.
        (&["2024-01-02|x", "2024-01-03|y"], None),
        (&["Ann|ann@example.org", "Bo|bo@example.org"], None),
        (&["Ann|+44 1234 567", "Bo|+44 1234 568"], None),
        // A second table with the same names does not take them from the first.
        (&["port|depth", "Oban|4", "", "port|depth", "Leith|2"], Some(0)),
    ] {
        assert_eq!(first(&lines(rows)), expected, "{rows:?}");
    }
}

#[test]
fn rows_after_a_blank_row_continue_or_begin_a_table() {
    let depths = &["port|depth", "Oban|4", "Leith|12"][..];
    let words = &["port|master", "Oban|Ann", "Leith|Bo"][..];
    for (above, rows, expected) in [
        // A header: numbers below, also below a title.
        (depths, &["ship|draught", "Heron|3", "Plover|2"][..], Next::Named(0)),
        (depths, &["Ships of the line", "ship|draught", "Heron|3"], Next::Named(1)),
        // Words where the table above has numbers.
        (depths, &["ship|captain", "Heron|Bo"], Next::Named(0)),
        // The same header, and one that shares a name.
        (depths, &["port|depth", "Wick|3"], Next::Named(0)),
        (depths, &["port|ships", "Oban|few"], Next::Named(0)),
        // In other columns; with a blank row below it.
        (depths, &["||ship|draught", "||Heron|3"], Next::Named(0)),
        (depths, &["ship|draught", "", "Heron|3"], Next::Named(0)),
        // Rows of the table above, also with a placeholder or fewer cells.
        (depths, &["Wick|7", "Thurso|8"], Next::Continues),
        (depths, &["Total|16"], Next::Continues),
        (depths, &["Wick|n/a", "Thurso|8"], Next::Continues),
        // Rows that do not fit, without names; notes; other columns.
        (depths, &["3|Heron", "2|Plover"], Next::Unnamed),
        (depths, &["Measured in May"], Next::Unnamed),
        (depths, &["Measured in May", "and in June"], Next::Unnamed),
        (depths, &["||Heron|3", "||Plover|2"], Next::Unnamed),
        // A table of words: only numbers below prove a header.
        (words, &["ship|captain", "Heron|Cy"], Next::Unnamed),
        (words, &["ship|draught", "Heron|3"], Next::Named(0)),
        // A repeated word shows that the table continues.
        (words, &["Wick|Ann", "Thurso|Di"], Next::Continues),
        (words, &["Heron|3", "Plover|2"], Next::Unnamed),
        // Above is no header.
        (&[], &["ship|draught", "Heron|3"], Next::Named(0)),
        (&[], &["ship|captain", "Heron|Bo"], Next::Unnamed),
    ] {
        let above: Vec<Cells<'_>> = lines(above).into_iter().map(|line| line.cells).collect();
        let (names, above) = above.split_first().map_or((None, &[][..]), |(names, rows)| (Some(names), rows));
        assert_eq!(next(names, above, &lines(rows)), expected, "{rows:?}");
    }
}

#[test]
fn title_within_a_table_begins_another_if_words_replace_numbers() {
    let above: Vec<Cells<'_>> = lines(&["Oban|4", "Leith|12"]).into_iter().map(|line| line.cells).collect();
    for (rows, expected) in [
        // Words where the table above and the rows below have numbers.
        (&["ship|draught", "Heron|3"][..], true),
        // A row of values; words below; one word only; a single cell.
        (&["Wick|3", "Thurso|8"], false),
        (&["ship|captain", "Heron|Bo"], false),
        (&["Wick|unknown", "Thurso|8"], false),
        (&["Wick"], false),
    ] {
        assert_eq!(begins_within(&above, &lines(rows)), expected, "{rows:?}");
    }
}
