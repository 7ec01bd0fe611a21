//! Tests of notebooks of both formats, and of their losses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::json;

use super::output::{MAX_OUTPUT_BYTES, MAX_OUTPUT_LINES, shorten_output};
use super::*;

#[test]
fn cells_of_format_4_become_sections() {
    let cells = json!([
        {"cell_type": "markdown", "source": ["# Title *x*\n", "text ![a](attachment:a.png) end"]},
        {"cell_type": "code", "source": "", "outputs": []},
        {"cell_type": "code", "source": ["a = '```'\n", "# no heading"], "outputs": [
            {"output_type": "stream", "text": ["\u{1b}[31mred\u{1b}[0m\n"]},
            {"output_type": "display_data", "data": {"image/png": "QUJD", "text/plain": "<Figure>"}},
            {"output_type": "execute_result", "data": {"text/plain": ["1\n"]}},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["long"]},
        ]},
        {"cell_type": "markdown", "source": "## 二"},
        {"cell_type": "raw", "source": "raw"},
    ]);
    let file = json!({"nbformat": 4, "metadata": {"language_info": {"name": "R"}, "authors": [{"name": "A"}]}, "cells": cells});
    let found = notebook(&file.to_string()).unwrap();
    let ends = found.sections.iter().skip(1).map(|s| s.start).chain([found.text.len()]);
    let shown: Vec<(u32, String, &str)> = found
        .sections
        .iter()
        .zip(ends)
        .map(|(s, end)| (s.place.number, s.headings.join("/"), found.text[s.start..end].trim_end()))
        .collect();
    assert_eq!(
        shown,
        [
            (1, String::new(), "# Title *x*\ntext ![a](attachment:a.png) end"),
            (3, "Title x".to_owned(), "````r\na = '```'\n# no heading\n````\n\n```output\nred\n1\nE: v\n```"),
            (4, "Title x".to_owned(), "## 二"),
            (5, "Title x/二".to_owned(), "```\nraw\n```"),
        ]
    );
    assert_eq!(found.title.as_deref(), Some("Title x"));
    assert_eq!(json!(found.metadata), json!({"author": "A", "code_language": "r"}));
}

#[test]
fn cells_of_format_3_become_sections() {
    let cells = json!([
        {"cell_type": "heading", "level": 2, "source": ["Old"]},
        {"cell_type": "code", "language": "python", "input": ["x\n", "y"], "outputs": [{"output_type": "pyout", "text": ["2"]}]},
    ]);
    let found = notebook(&json!({"nbformat": 3, "worksheets": [{"cells": cells}]}).to_string()).unwrap();
    assert_eq!(found.text, "## Old\n\n```python\nx\ny\n```\n\n```output\n2\n```");
    assert_eq!(found.sections[1].headings, ["Old"]);
}

#[test]
fn long_output_is_cut() {
    let lines = "0123456789\n".repeat(500);
    let cell = json!({"cell_type": "code", "source": "x", "outputs": [{"output_type": "stream", "text": lines}]});
    let found = notebook(&json!({"cells": [cell]}).to_string()).unwrap();
    assert_eq!(found.text.matches("0123456789").count(), MAX_OUTPUT_LINES);
    assert!(found.text.ends_with("…\n```"));
    assert!(shorten_output(&"长".repeat(5000)).len() <= MAX_OUTPUT_BYTES + 4);
}

#[test]
fn notebook_that_is_damaged_or_other_json_is_refused() {
    for (text, reason) in [
        ("{\"cells\": [", "damaged or incomplete notebook: it breaks off at line 1"),
        ("{]", "damaged or incomplete notebook: its JSON is invalid at line 1"),
        ("{}", "no notebook"),
        ("{\"cells\": []}", "empty"),
        ("{\"cells\": [1, {\"cell_type\": 5, \"source\": {}}]}", "empty"),
    ] {
        let error = notebook(text).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{text}: {error}");
    }
}

fn with_outputs(outputs: Value) -> Extracted {
    let cells = json!([{"cell_type": "code", "source": "x", "outputs": outputs}]);
    notebook(&json!({"nbformat": 4, "cells": cells}).to_string()).unwrap()
}

fn show_output(data: Value) -> (String, Vec<String>) {
    let found = with_outputs(json!([{"output_type": "display_data", "data": data}]));
    let text = found.text.strip_prefix("```python\nx\n```").unwrap().trim();
    (text.trim_start_matches("```output\n").trim_end_matches("\n```").to_owned(), found.losses)
}

#[test]
fn outputs_give_their_visible_text() {
    for (data, text) in [
        (json!({"text/markdown": ["**Total**: 5\n", "of 9"]}), "**Total**: 5\nof 9"),
        (json!({"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "Seen"}), "Seen"),
        (json!({"text/plain": "<plotnine at 0x7f>", "text/latex": "$x^2$"}), "$x^2$"),
        (json!({"text/plain": "   a\n0  1", "text/html": "<table><tr><td>1</td></tr></table>"}), "   a\n0  1"),
        (json!({"text/plain": "<Axes: title='T'>", "image/png": "QUJD"}), ""),
        (json!({"text/plain": "<foo object>"}), "<foo object>"),
    ] {
        assert_eq!(show_output(data.clone()), (text.to_owned(), Vec::new()), "{data}");
    }
}

#[cfg(feature = "html")]
#[test]
fn html_and_svg_outputs_are_read() {
    for (data, text) in [
        (json!({"text/html": ["<b>Mean</b> 4<br>", "<i>SD</i> 1<script>no()</script>"]}), "Mean 4\nSD 1"),
        (json!({"text/plain": "<IPython.core.display.HTML object>", "text/html": "<p>Seen</p>"}), "Seen"),
        (
            json!({"image/svg+xml": "<svg><text>Axis</text></svg>", "text/plain": "<IPython.core.display.SVG object>"}),
            "Axis",
        ),
    ] {
        assert_eq!(show_output(data.clone()), (text.to_owned(), Vec::new()), "{data}");
    }
    let old = with_outputs(json!([{"output_type": "pyout", "html": ["<p>Old</p>"]}]));
    assert!(old.text.ends_with("```output\nOld\n```"), "{}", old.text);
}

#[test]
fn notebook_reports_unread_parts() {
    let chart = json!({"application/vnd.plotly.v1+json": {"layout": {"title": "T"}}, "text/plain": "<Figure object>"});
    let (text, losses) = show_output(chart);
    assert_eq!(text, "<Figure object>");
    assert_eq!(losses, ["outputs of these kinds are not read: application/vnd.plotly.v1+json"]);
    let long = with_outputs(json!([{"output_type": "stream", "text": "0123456789\n".repeat(21)}]));
    assert_eq!(long.losses, ["the output of a cell is read in part: its first 20 lines or 1024 bytes"]);
    let whole = with_outputs(json!([{"output_type": "stream", "text": "0123456789\n".repeat(20)}]));
    assert_eq!(whole.losses, Vec::<String>::new());
    let error = with_outputs(json!([{"output_type": "error", "traceback": ["a", "b\n\u{1b}[31mEnd\u{1b}[0m: why\n"]}]));
    assert!(error.text.ends_with("```output\nEnd: why\n```"), "{}", error.text);
    let picture = |name: &str| json!({name: {"image/png": "QUJD"}});
    let cells = json!([
        {"cell_type": "markdown", "source": "![a](attachment:a.png)", "attachments": picture("a.png")},
        {"cell_type": "raw", "source": "raw", "attachments": picture("b.png")},
    ]);
    let found = notebook(&json!({"cells": cells}).to_string()).unwrap();
    assert_eq!(found.losses, ["files attached to cells are not read: a.png, b.png"]);
}
