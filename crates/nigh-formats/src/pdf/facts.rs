//! Metadata of a PDF, without the values that programs write in place of the author.

use unpdf::Document;

use super::letters;
use crate::types::Metadata;

/// Longer values, in characters, are not what their names promise.
const MAX_VALUE_CHARS: usize = 500;

/// Returns the title and the metadata: author, subject, keywords, created, modified, pages.
pub(super) fn read_metadata(document: &Document, bytes: &[u8]) -> (Option<String>, Metadata) {
    let facts = &document.metadata;
    let mut metadata = Metadata::new();
    for (name, value) in [("author", &facts.author), ("subject", &facts.subject), ("keywords", &facts.keywords)] {
        if let Some(value) = value.as_deref().and_then(clean) {
            metadata.insert(name.to_owned(), value.into());
        }
    }
    for (name, date) in [("created", &facts.created), ("modified", &facts.modified)] {
        if let Some(date) = date {
            let local = date.format("%Y-%m-%dT%H:%M:%S").to_string();
            let offset = offset(bytes, &date.format("D:%Y%m%d%H%M%S").to_string());
            metadata.insert(name.to_owned(), format!("{local}{offset}").into());
        }
    }
    metadata.insert("pages".to_owned(), document.pages.len().into());
    (facts.title.as_deref().and_then(clean).and_then(sane_title), metadata)
}

/// Returns the time zone after a date in the file, `D:20240501100000+02'00'`: unpdf does not return it. "-00:00" is RFC
/// 3339's form for an unknown time zone, which is used if the date is compressed.
fn offset(bytes: &[u8], date: &str) -> String {
    let unknown = || "-00:00".to_owned();
    let Some(at) = memchr::memmem::find(bytes, date.as_bytes()) else { return unknown() };
    let zone = bytes.get(at + date.len()..).unwrap_or(&[]);
    match zone {
        [b'Z', ..] => "Z".to_owned(),
        [sign @ (b'+' | b'-'), a @ b'0'..=b'2', b @ b'0'..=b'9', rest @ ..] => {
            let digits: Vec<u8> = rest.iter().copied().skip_while(|&byte| byte == b'\'').take(2).collect();
            let minutes = match digits.as_slice() {
                [c @ b'0'..=b'5', d @ b'0'..=b'9'] => format!("{}{}", char::from(*c), char::from(*d)),
                _ => "00".to_owned(),
            };
            format!("{}{}{}:{minutes}", char::from(*sign), char::from(*a), char::from(*b))
        }
        _ => unknown(),
    }
}

/// Collapses the white space of a value; returns `None` if it has no useful text.
fn clean(value: &str) -> Option<String> {
    let is_garbled = value.chars().any(|c| c == '\u{fffd}' || c.is_control() && !c.is_whitespace());
    let value = letters::normalise(value).split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = value.trim_matches(|c| matches!(c, '(' | ')' | '<' | '>' | '[' | ']')).to_lowercase();
    let is_useless = matches!(
        bare.as_str(),
        "" | "anonymous"
            | "unspecified"
            | "untitled"
            | "unknown"
            | "none"
            | "null"
            | "n/a"
            | "无标题"
            | "未命名"
            | "title"
    );
    (!is_useless && !is_garbled && value.chars().nth(MAX_VALUE_CHARS).is_none()).then_some(value)
}

/// Returns a title, unless it is the name of a file or of a program.
fn sane_title(title: String) -> Option<String> {
    let title = ["Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "]
        .iter()
        .find_map(|program| title.strip_prefix(program).map(str::to_owned))
        .unwrap_or(title);
    let lower = title.to_lowercase();
    let is_untitled = ["untitled", "无标题", "未命名"]
        .iter()
        .any(|word| lower.strip_prefix(word).is_some_and(|rest| !rest.chars().any(char::is_alphabetic)));
    let is_file_name = [
        ".doc", ".docx", ".wps", ".odt", ".rtf", ".tex", ".dvi", ".ps", ".pdf", ".indd", ".qxd", ".ppt", ".pptx",
        ".xls", ".xlsx", ".htm", ".html", ".txt", ".pages", ".md", ".eps", ".ai", ".fm", ".cdr",
    ]
    .iter()
    .any(|extension| lower.ends_with(extension));
    let is_address = lower.starts_with("http:") || lower.starts_with("https:") || lower.starts_with("file:");
    let has_letters = title.chars().any(char::is_alphabetic);
    (!is_untitled && !is_file_name && !is_address && has_letters).then_some(title)
}
