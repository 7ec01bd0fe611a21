//! `path:`, `ext:`, `lang:` and their values as filters.

use super::{path, quotes};
use crate::filter::Filter;

/// The languages that `lang:` knows: ISO 639-1. Names of programming languages (`lang:rust`) are text.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu \
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng \
    nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta \
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// The longest extension that filters know, in bytes.
const MAX_EXTENSION_BYTES: usize = 24;

#[derive(Debug, Clone, Copy)]
enum FieldName {
    Path,
    Extension,
    Language,
}

const NAMES: [(&str, FieldName); 5] = [
    ("path", FieldName::Path),
    ("ext", FieldName::Extension),
    ("extension", FieldName::Extension),
    ("lang", FieldName::Language),
    ("language", FieldName::Language),
];

/// A field with a valid value.
pub(super) enum FieldValue<'a> {
    Path(Filter),
    Extensions(Vec<&'a str>),
    Languages(Vec<String>),
}

/// Reads a field and its value at the beginning of a text. Returns it with its length in bytes; `None` if the name is unknown or
/// the value cannot be one.
pub(super) fn value_at(text: &str) -> Option<(FieldValue<'_>, usize)> {
    let after_colon =
        |&(name, field): &(&str, FieldName)| Some((text.strip_prefix(name)?.strip_prefix([':', '：'])?, field));
    let (rest, name) = NAMES.iter().find_map(after_colon)?;
    let (value, length) = written_value(rest)?;
    let value = match name {
        FieldName::Path => FieldValue::Path(path::filter(value)?),
        FieldName::Extension => FieldValue::Extensions(list(value, |item| {
            let item = item.strip_prefix('.').unwrap_or(item);
            let is_one = !item.is_empty()
                && item.len() <= MAX_EXTENSION_BYTES
                && item.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b));
            is_one.then_some(item)
        })?),
        FieldName::Language => FieldValue::Languages(list(value, language)?),
    };
    Some((value, text.len() - rest.len() + length))
}

/// Reads a value: in quotes, or up to white space without punctuation at its end.
fn written_value(text: &str) -> Option<(&str, usize)> {
    if let Some((value, length)) = quotes::quoted(text) {
        let is_end = text[length..].chars().next().is_none_or(char::is_whitespace);
        return is_end.then_some((value, length));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let value = text[..end].trim_end_matches([',', ';', '，', '；', '。', '、']);
    (!value.is_empty() && !value.contains(quotes::is_mark)).then_some((value, end))
}

/// Reads a list with commas; `None` if an item cannot be one.
fn list<'a, T>(value: &'a str, item: impl Fn(&'a str) -> Option<T>) -> Option<Vec<T>> {
    let value = value.trim_end_matches(['.', '!', '?', '！', '？']);
    value.split([',', '，', '、']).map(|written| item(written.trim())).collect()
}

/// Reads a language, with or without a region: `zh`, `pt-BR`.
fn language(written: &str) -> Option<String> {
    let code = written.to_ascii_lowercase().replace('_', "-");
    let (language, region) = code.split_once('-').unwrap_or((&code, ""));
    let is_region = region.len() <= 8 && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_region && language.len() == 2 && LANGUAGES.split_whitespace().any(|known| known == language)).then_some(code)
}

/// The filters of a query. A document has one extension and one language, so several parts with them are alternatives; all
/// other parts must hold.
#[derive(Default)]
pub(super) struct FieldFilters {
    extensions: Vec<String>,
    languages: Vec<String>,
    others: Vec<Filter>,
}

impl FieldFilters {
    pub(super) fn add(&mut self, value: FieldValue<'_>, is_negated: bool) {
        match value {
            FieldValue::Path(filter) if is_negated => self.others.push(!filter),
            FieldValue::Path(filter) => self.others.push(filter),
            FieldValue::Extensions(extensions) => {
                let extensions = extensions.into_iter().map(str::to_owned);
                if is_negated {
                    self.others.push(!extension_filter(extensions.collect()));
                } else {
                    self.extensions.extend(extensions);
                }
            }
            FieldValue::Languages(languages) if is_negated => self.others.push(!language_filter(&languages)),
            FieldValue::Languages(languages) => self.languages.extend(languages),
        }
    }

    /// Returns all of them as one filter; `None` if there are none.
    pub(super) fn joined(self) -> Option<Filter> {
        let Self { extensions, languages, others } = self;
        let extensions = (!extensions.is_empty()).then(|| extension_filter(extensions));
        let languages = (!languages.is_empty()).then(|| language_filter(&languages));
        others.into_iter().chain(extensions).chain(languages).reduce(Filter::and)
    }
}

fn extension_filter(mut extensions: Vec<String>) -> Filter {
    extensions.sort_unstable();
    extensions.dedup();
    match extensions.as_slice() {
        [one] => Filter::field("extension").eq(one.as_str()),
        _ => Filter::field("extension").is_in(extensions),
    }
}

/// A language without a region also means its regions, which web pages state: `zh-CN`.
fn language_filter(languages: &[String]) -> Filter {
    let (regional, whole): (Vec<&str>, Vec<&str>) =
        languages.iter().map(String::as_str).partition(|language| language.contains('-'));
    // A glob ignores an empty branch, so each language is there twice.
    let either: Vec<String> = whole.iter().map(|language| format!("{language},{language}[-_]*")).collect();
    let any_region = (!either.is_empty()).then(|| Filter::field("language").glob(&format!("{{{}}}", either.join(","))));
    let regional = (!regional.is_empty()).then(|| Filter::field("language").is_in(regional));
    any_region.into_iter().chain(regional).reduce(Filter::or).unwrap_or_else(Filter::all)
}
