//! The fields at the top of Org and reStructuredText as metadata: author, date, tags, description, language.

use serde_json::Value;

use super::{MarkupLine, lines};
use crate::front_matter::{iso_date, tags};
use crate::types::{Metadata, Syntax};

/// The fields that are read, by their name in the file, in lower case; and their name in the metadata.
const NAMES: [(&str, &str); 17] = [
    ("author", "author"),
    ("authors", "author"),
    ("date", "date"),
    ("created", "created"),
    ("updated", "updated"),
    ("modified", "modified"),
    ("tags", "tags"),
    ("filetags", "tags"),
    ("keywords", "keywords"),
    ("category", "category"),
    ("categories", "categories"),
    ("description", "description"),
    ("summary", "description"),
    ("lang", "lang"),
    ("language", "lang"),
    ("roam_aliases", "aliases"),
    ("aliases", "aliases"),
];
/// The most lines at the top of a text in which fields are searched.
const MAX_LINES: usize = 200;

/// Returns the fields of a text. They stay in the text, too.
pub(crate) fn fields(text: &str, syntax: Syntax) -> Metadata {
    let mut metadata = Metadata::new();
    match syntax {
        Syntax::Org => org(text, &mut metadata),
        Syntax::Rst => rst(text, &mut metadata),
        _ => {}
    }
    metadata
}

/// Reads `#+AUTHOR: …` and the properties of the file, before the first heading.
fn org(text: &str, metadata: &mut Metadata) {
    for line in text.lines().take(MAX_LINES).map(str::trim) {
        if line.starts_with("* ") {
            break;
        }
        // `#+TAGS:` lists the tags that may be used.
        let keyword = line.strip_prefix("#+").and_then(|rest| rest.split_once(':'));
        let keyword = keyword.filter(|(name, _)| !name.eq_ignore_ascii_case("tags"));
        let property = || line.strip_prefix(':').and_then(|rest| rest.split_once(':'));
        if let Some((name, value)) = keyword.or_else(property) {
            put(metadata, name, value.trim());
        }
    }
}

/// Reads the list of fields after the title: `:Author: …`.
fn rst(text: &str, metadata: &mut Metadata) {
    let first: String = text.split_inclusive('\n').take(MAX_LINES).collect();
    let lines = lines(&first);
    let is_field = |line: &MarkupLine<'_>| line.text.starts_with(':') && line.text[1..].contains(": ");
    // Only a title, labels and comments may be above it.
    let Some(begin) = lines.iter().position(is_field) else { return };
    let is_mark = |c: char| c.is_ascii_punctuation();
    let above = lines.iter().take(begin).filter(|line| !line.is_blank());
    let titles = above.filter(|line| !line.text.starts_with("..") && !line.text.chars().all(is_mark)).count();
    if titles > 2 {
        return;
    }
    for line in lines.iter().skip(begin).take_while(|line| !line.is_blank()) {
        if let Some((name, value)) = line.text.strip_prefix(':').and_then(|rest| rest.split_once(": ")) {
            put(metadata, name, value.trim());
        }
    }
}

/// Adds a field that is known; the first of several wins.
fn put(metadata: &mut Metadata, name: &str, text: &str) {
    let name = name.to_ascii_lowercase();
    let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == name).filter(|_| !text.is_empty()) else { return };
    let mut listed = Vec::new();
    match *name {
        "tags" if text.starts_with(':') => tags(&Value::from(text.replace(':', " ")), &mut listed),
        "tags" => tags(&Value::from(text), &mut listed),
        "aliases" => {
            // Quoted texts, or words.
            let parts = text.split('"').enumerate();
            parts.for_each(|(number, part)| match number % 2 {
                1 => listed.push(part.trim().to_owned()),
                _ => listed.extend(part.split_whitespace().map(str::to_owned)),
            });
        }
        "date" | "created" | "updated" | "modified" => listed.push(iso_date(text).unwrap_or_else(|| text.to_owned())),
        _ => listed.push(text.to_owned()),
    }
    listed.retain(|text| !text.is_empty());
    if !listed.is_empty() {
        let value =
            if matches!(*name, "tags" | "aliases") { Value::from(listed) } else { Value::from(listed.swap_remove(0)) };
        metadata.entry((*name).to_owned()).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn org_keywords_become_metadata() {
        let text = "#+TITLE: Notes\n#+AUTHOR: 王小明\n#+DATE: <2024-05-01 Wed 9:30>\n#+filetags: :work:home:\n#+TAGS: all of them\n:PROPERTIES:\n:ROAM_ALIASES: \"Sky notes\" stars\n:END:\n\n* One\n#+DATE: 2020\n";
        let found = fields(text, Syntax::Org);
        let wanted = json!({
            "author": "王小明", "date": "2024-05-01T09:30", "tags": ["work", "home"], "aliases": ["Sky notes", "stars"],
        });
        assert_eq!(json!(found), wanted);
    }

    #[test]
    fn rst_fields_become_metadata() {
        let text =
            "Kiln\n====\n\n:Author: Ana\n:Date: 2024-05-01\n:tags: clay, glaze\n:Odd: x\n\nText with :ref: `x`.\n";
        assert_eq!(
            json!(fields(text, Syntax::Rst)),
            json!({"author": "Ana", "date": "2024-05-01", "tags": ["clay", "glaze"]})
        );
        let text = "One line.\nTwo lines.\nThree lines.\n\n:Author: no\n";
        assert_eq!(fields(text, Syntax::Rst), Metadata::new());
        assert_eq!(fields(text, Syntax::Tex), Metadata::new());
    }
}
