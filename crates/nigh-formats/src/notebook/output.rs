//! The outputs of a cell's code: from each, the form with the most words.

use serde_json::{Map, Value};

use super::{join_lines, list_names};

/// At most this many bytes of a cell's output are kept: more is data.
pub(super) const MAX_OUTPUT_BYTES: usize = 1 << 10;
/// The same in lines.
pub(super) const MAX_OUTPUT_LINES: usize = 20;

/// The outputs that are not read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// The number of cells with an output that is longer than the limit.
    cut_cells: usize,
    /// The kinds of outputs that are not read.
    kinds: Vec<String>,
}

impl Unread {
    /// Returns one sentence for each loss.
    pub(super) fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        if self.cut_cells > 0 {
            let cells = if self.cut_cells == 1 { "a cell".to_owned() } else { format!("{} cells", self.cut_cells) };
            losses.push(format!(
                "the output of {cells} is read in part: its first {MAX_OUTPUT_LINES} lines or {MAX_OUTPUT_BYTES} bytes"
            ));
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
            losses.push(format!("outputs of these kinds are not read: {}", list_names(&kinds)));
        }
        losses
    }

    fn kind(&mut self, kind: &str) {
        if !self.kinds.iter().any(|known| known == kind) {
            self.kinds.push(kind.to_owned());
        }
    }
}

/// Returns the beginning of the printed and returned output of a cell's code, and the error it ended with.
pub(super) fn read_outputs(cell: &Value, unread: &mut Unread) -> String {
    let outputs = cell.get("outputs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut output_text = String::new();
    for output in outputs {
        let text = match output.get("output_type").and_then(Value::as_str) {
            Some("stream") => join_lines(output.get("text")),
            Some("error" | "pyerr") => error(output),
            _ => value_text(output.get("data").unwrap_or(output), unread),
        };
        if !text.trim().is_empty() {
            output_text.push_str(text.trim_matches(['\n', '\r']).trim_end());
            output_text.push('\n');
        }
        if output_text.len() > 4 * MAX_OUTPUT_BYTES {
            break;
        }
    }
    let output_text = without_escapes(&output_text);
    let kept = shorten_output(&output_text);
    unread.cut_cells += usize::from(kept.len() < output_text.trim_end().len());
    kept
}

/// Returns the name and the message of an error; if they are missing, the last line of the traceback.
fn error(output: &Value) -> String {
    let part = |name: &str| output.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    match (part("ename"), part("evalue")) {
        ("", "") => {
            let traceback = output.get("traceback").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let last = traceback.iter().rev().filter_map(Value::as_str).find(|line| !line.trim().is_empty());
            last.and_then(|lines| lines.trim_end().lines().next_back()).unwrap_or_default().to_owned()
        }
        (name, "") => name.to_owned(),
        (name, text) => format!("{name}: {text}"),
    }
}

/// Returns the text of a value. A plain form that only names the object ("<IPython.core.display.HTML object>") is used only if no
/// other form has words.
fn value_text(data: &Value, unread: &mut Unread) -> String {
    let Some(forms) = data.as_object() else { return String::new() };
    let form = |names: [&str; 2]| {
        let mut found = names.iter().map(|name| join_lines(forms.get(*name)));
        found.find(|text| !text.trim().is_empty())
    };
    // An image is described by the name of its object.
    let is_image = |key: &str| key.starts_with("image/") || matches!(key, "png" | "jpeg" | "svg");
    let image = forms.keys().any(|key| is_image(key));
    let plain = form(["text/plain", "text"]);
    if let Some(plain) = plain.as_ref().filter(|plain| !names_an_object(plain) && !image) {
        return plain.clone();
    }
    let words = form(["text/markdown", "markdown"]).or_else(|| html(form(["text/html", "html"])?));
    match words.or_else(|| form(["text/latex", "latex"])).or_else(|| form(["image/svg+xml", "svg"]).and_then(picture)) {
        Some(words) => words,
        None if image => String::new(),
        None => {
            unread_kinds(forms, unread);
            plain.unwrap_or_default()
        }
    }
}

/// True if a text is Python's default form of an object.
fn names_an_object(text: &str) -> bool {
    let text = text.trim();
    let one_line = !text.contains('\n');
    one_line && text.starts_with('<') && text.ends_with('>') && (text.contains(" object") || text.contains(" at 0x"))
}

/// Collects the kinds of an output that may contain words but are not read: charts and widgets.
fn unread_kinds(forms: &Map<String, Value>, unread: &mut Unread) {
    for kind in forms.keys().filter(|kind| kind.contains('/') && *kind != "text/plain") {
        unread.kind(kind);
    }
}

/// Returns the visible text of a web page.
#[cfg(feature = "html")]
fn html(page: String) -> Option<String> {
    let (_, text) = crate::html::body_markdown(&page);
    (!text.trim().is_empty()).then_some(text)
}

/// Without a reader of web pages they are reported as not read.
#[cfg(not(feature = "html"))]
fn html(_page: String) -> Option<String> {
    None
}

/// Returns the words in a vector picture.
fn picture(svg: String) -> Option<String> {
    html(svg)
}

/// Cuts the output of a cell at the limits.
pub(super) fn shorten_output(text: &str) -> String {
    let text = text.trim_end();
    let lines = text.match_indices('\n').nth(MAX_OUTPUT_LINES - 1).map_or(text.len(), |(at, _)| at);
    let end = text.floor_char_boundary(lines.min(MAX_OUTPUT_BYTES));
    if end == text.len() { text.to_owned() } else { format!("{}\n…", text[..end].trim_end()) }
}

/// Removes the escapes for terminal colours.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &part[end + 1..]));
    }
    kept
}
