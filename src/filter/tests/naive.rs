//! An independent reference evaluator, which works directly on the metadata's JSON. Literals carry their parsed value, and globs have a
//! function.

use serde_json::{Value as Json, json};

use crate::document::{DocumentId, FileStamp, Metadata};
use crate::filter::Fields;

/// 2024-05-08T00:00:00Z.
pub(crate) const NOW: i64 = 1_715_126_400 * SECOND;
pub(super) const SECOND: i64 = 1_000_000_000;

#[derive(Debug, Clone)]
pub(crate) struct FakeDocument {
    pub(crate) id: String,
    pub(crate) metadata: Metadata,
    /// The size and the time of the file.
    pub(crate) file: Option<(u64, i64)>,
    pub(crate) text_len: usize,
    pub(crate) language: Option<&'static str>,
}

impl FakeDocument {
    pub(crate) fn fields(&self) -> Fields {
        let id = DocumentId::new(&self.id).unwrap();
        let stamp = self.file.map(|(size, modified_ns)| FileStamp { size, modified_ns, ..FileStamp::default() });
        Fields::of(&id, &self.metadata, stamp.as_ref(), self.text_len, self.language)
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Tree {
    Leaf(Target, NaiveTest),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

#[derive(Debug, Clone)]
pub(crate) enum Target {
    BuiltIn(&'static str),
    Metadata(String),
}

#[derive(Debug, Clone)]
pub(crate) enum NaiveTest {
    /// One of `= != < <= > >=`.
    Compare(&'static str, KnownLiteral),
    In(bool, Vec<KnownLiteral>),
    Exists,
    Prefix(bool, String),
    Contains(bool, &'static str),
    Glob(bool, usize),
}

/// A literal and its meaning.
#[derive(Debug, Clone)]
pub(crate) struct KnownLiteral {
    /// The literal in an expression, with its quotes.
    pub(super) written: String,
    pub(super) text: String,
    pub(super) means: Means,
    /// Its date, if it is also a date.
    pub(super) date: Option<(i64, i64)>,
}

impl KnownLiteral {
    pub(super) fn new(written: &str, text: &str, means: Means) -> Self {
        Self { written: written.to_owned(), text: text.to_owned(), means, date: None }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Means {
    Text,
    /// Text that is never a number or a date.
    Letters,
    Json(Json),
    Time(i64, i64),
}

pub(super) type Glob = (&'static str, fn(&str) -> bool);

pub(super) const GLOBS: [Glob; 9] = [
    ("**/*.md", |path| path.ends_with(".md")),
    ("*.md", |path| path.ends_with(".md") && !path.contains('/')),
    ("docs/**", |path| path.starts_with("docs/") && path.len() > 5),
    ("docs/?/*", |path| {
        let parts: Vec<&str> = path.split('/').collect();
        parts.len() == 3 && parts[0] == "docs" && parts[1].chars().count() == 1
    }),
    // For `path` these match a name at any depth.
    ("docs", |path| path == "docs"),
    ("lib*", |path| path.starts_with("lib") && !path.contains('/')),
    ("docs/a/*", |path| path.strip_prefix("docs/a/").is_some_and(|name| !name.contains('/'))),
    ("{zh,文档}", |path| path == "zh" || path == "文档"),
    ("[0-9]*", |path| path.starts_with(|c: char| c.is_ascii_digit()) && !path.contains('/')),
];

impl Tree {
    /// True if the expression holds for a document, as the documentation says.
    pub(crate) fn holds(&self, facts: &FakeDocument) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(facts),
            Self::And(inner) => inner.iter().all(|tree| tree.holds(facts)),
            Self::Or(inner) => inner.iter().any(|tree| tree.holds(facts)),
            Self::Leaf(target, asked) => {
                let values = target.values(facts);
                let any = |test: &dyn Fn(&Json) -> bool| values.iter().any(test);
                match asked {
                    NaiveTest::Compare("=", known) => any(&|value| known.equals(value)),
                    NaiveTest::Compare("!=", known) => !any(&|value| known.equals(value)),
                    NaiveTest::Compare(sign, known) => any(&|value| known.compares(sign, value)),
                    NaiveTest::In(not, known) => any(&|value| known.iter().any(|known| known.equals(value))) != *not,
                    NaiveTest::Exists => !values.is_empty() || target.has_values_inside(facts),
                    NaiveTest::Prefix(not, prefix) => {
                        any(&|v| v.as_str().is_some_and(|v| v.starts_with(prefix))) != *not
                    }
                    NaiveTest::Contains(not, part) => {
                        any(&|v| v.as_str().is_some_and(|v| narrow(v).contains(&narrow(part)))) != *not
                    }
                    NaiveTest::Glob(not, glob) => {
                        let (pattern, whole) = GLOBS[*glob];
                        // For `path`, a glob without a slash matches a name at any depth.
                        let names = matches!(target, Target::BuiltIn("path")) && !pattern.contains('/');
                        let matches_glob = |text: &str| if names { text.split('/').any(whole) } else { whole(text) };
                        any(&|v| v.as_str().is_some_and(matches_glob)) != *not
                    }
                }
            }
        }
    }

    /// Writes the tree as an expression.
    pub(crate) fn text(&self) -> String {
        let all = |inner: &[Self], word: &str| {
            inner.iter().map(|tree| format!("({})", tree.text())).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(inner) => all(inner, " AND "),
            Self::Or(inner) => all(inner, " or "),
            Self::Leaf(target, asked) => {
                let name = target.text();
                let not = |not: &bool| if *not { "not " } else { "" };
                match asked {
                    NaiveTest::Compare(sign, known) => format!("{name}{sign}{}", known.written),
                    NaiveTest::In(negated, known) => {
                        let known: Vec<&str> = known.iter().map(|known| known.written.as_str()).collect();
                        format!("{name} {}in ({})", not(negated), known.join("，"))
                    }
                    NaiveTest::Exists => format!("exists({name})"),
                    NaiveTest::Prefix(negated, prefix) => {
                        format!("{name} {}prefix {}", not(negated), quoted(prefix, '"'))
                    }
                    NaiveTest::Contains(negated, part) => {
                        format!("{name} {}CONTAINS {}", not(negated), quoted(part, '\''))
                    }
                    NaiveTest::Glob(negated, glob) => format!("{name} {}glob '{}'", not(negated), GLOBS[*glob].0),
                }
            }
        }
    }
}

impl Target {
    fn text(&self) -> String {
        match self {
            Self::BuiltIn(name) => (*name).to_owned(),
            Self::Metadata(name) => quoted(&format!("metadata.{name}"), '`'),
        }
    }

    fn values(&self, facts: &FakeDocument) -> Vec<Json> {
        match self {
            Self::BuiltIn("path") => vec![json!(facts.id)],
            Self::BuiltIn("extension") => {
                let name = facts.id.split('/').next_back().unwrap();
                let dot = name.rfind('.').filter(|dot| *dot > 0 && *dot + 1 < name.len());
                let found = dot.map(|dot| name[dot + 1..].to_lowercase());
                found
                    .filter(|found| !found.contains(' ') && found.len() <= 24)
                    .map(|it| json!(it))
                    .into_iter()
                    .collect()
            }
            Self::BuiltIn("lang" | "language") => facts.language.map(|language| json!(language)).into_iter().collect(),
            Self::BuiltIn("size") => vec![json!(facts.file.map_or(facts.text_len as u64, |file| file.0))],
            Self::BuiltIn(_) => facts.file.map(|file| json!(file.1)).into_iter().collect(),
            Self::Metadata(path) => {
                let mut found = Vec::new();
                let whole = Json::Object(facts.metadata.clone().into_iter().collect());
                collect_at_path(&whole, path, &mut found);
                found
            }
        }
    }
}

impl Target {
    /// True if there is a scalar in an object at the path of a metadata field.
    fn has_values_inside(&self, facts: &FakeDocument) -> bool {
        let Self::Metadata(path) = self else { return false };
        let whole = Json::Object(facts.metadata.clone().into_iter().collect());
        has_scalar_inside(&whole, &format!("{path}."))
    }
}

/// True if a scalar is at a dotted path that begins with `object`, which ends in a dot.
fn has_scalar_inside(value: &Json, object: &str) -> bool {
    match value {
        Json::Array(elements) => elements.iter().any(|element| has_scalar_inside(element, object)),
        Json::Object(members) => members.iter().any(|(name, value)| {
            let prefix = format!("{name}.");
            (name.starts_with(object) && has_scalar(value))
                || (prefix.starts_with(object) && has_member(value))
                || object.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty() && has_scalar_inside(value, rest))
        }),
        _ => false,
    }
}

/// True if there is a scalar in a value, at any depth.
fn has_scalar(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(elements) => elements.iter().any(has_scalar),
        Json::Object(members) => members.values().any(has_scalar),
        _ => true,
    }
}

/// True if there is a scalar in an object, which may be in arrays.
fn has_member(value: &Json) -> bool {
    match value {
        Json::Array(elements) => elements.iter().any(has_member),
        Json::Object(members) => members.values().any(has_scalar),
        _ => false,
    }
}

/// Collects every scalar at a dotted path in an object, or in the objects of an array.
fn collect_at_path(value: &Json, path: &str, found: &mut Vec<Json>) {
    match value {
        Json::Array(elements) => elements.iter().for_each(|element| collect_at_path(element, path, found)),
        Json::Object(members) => {
            for (name, value) in members {
                if path == name {
                    scalars(value, found);
                }
                if let Some(rest) = path.strip_prefix(&format!("{name}.")) {
                    collect_at_path(value, rest, found);
                }
            }
        }
        _ => {}
    }
}

fn scalars(value: &Json, found: &mut Vec<Json>) {
    match value {
        Json::Null | Json::Object(_) => {}
        Json::Array(elements) => elements.iter().for_each(|element| scalars(element, found)),
        scalar => found.push(scalar.clone()),
    }
}

impl KnownLiteral {
    fn number(&self) -> Option<f64> {
        match &self.means {
            Means::Json(json) => json.as_f64(),
            _ => None,
        }
    }

    /// The number and the time for `<` and `>`.
    fn ordered(&self) -> (Option<f64>, Option<(i64, i64)>) {
        let own = match self.means {
            Means::Text => parsed(&self.text),
            _ => (None, None),
        };
        (self.number().or(own.0), self.date.or(own.1))
    }

    fn equals(&self, value: &Json) -> bool {
        match (value, &self.means) {
            (Json::String(text), _) => {
                *text == self.text
                    || match (self.number(), self.date, parsed(text)) {
                        (Some(literal), _, (Some(number), _)) => number == literal,
                        (_, Some(date), (_, Some(time))) => same_time(time, date),
                        _ => false,
                    }
            }
            (Json::Bool(a), Means::Json(Json::Bool(b))) => a == b,
            (Json::Number(_), Means::Time(start, end)) => value.as_i64().is_some_and(|v| *start <= v && v < *end),
            (Json::Number(a), Means::Json(Json::Number(b))) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a == b,
                _ => a.as_f64() == b.as_f64(),
            },
            _ => false,
        }
    }

    fn compares(&self, sign: &str, value: &Json) -> bool {
        let holds = |less: bool, equal: bool| match sign {
            "<" => less,
            "<=" => less || equal,
            ">" => !less && !equal,
            _ => !less,
        };
        match (value, &self.means) {
            // Texts that are numbers or dates. Quotes make no difference to an order.
            (Json::String(text), _) if self.ordered() != (None, None) => match (self.ordered(), parsed(text)) {
                ((Some(literal), _), (Some(number), _)) => holds(number < literal, number == literal),
                ((_, Some(date)), (_, Some(time))) => {
                    let equal = same_time(time, date);
                    holds(!equal && time.0 < date.0, equal)
                }
                _ => false,
            },
            // A number and a literal in quotes that is a number.
            (Json::Number(_), Means::Text) if self.ordered().0.is_some() => {
                KnownLiteral { means: Means::Json(json!(self.ordered().0)), ..self.clone() }.compares(sign, value)
            }
            // Texts by their characters.
            (Json::String(text), _) => {
                let (a, b): (Vec<char>, Vec<char>) = (text.chars().collect(), self.text.chars().collect());
                holds(a < b, a == b)
            }
            // Times of files.
            (Json::Number(_), Means::Time(start, end)) => {
                value.as_i64().is_some_and(|value| holds(value < *start, value < *end))
            }
            // Numbers.
            (Json::Number(a), Means::Json(Json::Number(b))) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => holds(a < b, a == b),
                _ => holds(a.as_f64() < b.as_f64(), a.as_f64() == b.as_f64()),
            },
            _ => false,
        }
    }
}

/// Returns a text with ASCII letters in lower case, and full-width ASCII as ASCII.
fn narrow(text: &str) -> String {
    let ascii = |c: char| match u32::from(c) {
        full @ 0xff01..=0xff5e => char::from_u32(full - 0xfee0).unwrap(),
        0xa0 | 0x202f => ' ',
        _ => c,
    };
    text.chars().map(ascii).collect::<String>().to_ascii_lowercase()
}

/// True if a date lies within that of a literal, or if the literal is an instant within the date.
fn same_time(time: (i64, i64), literal: (i64, i64)) -> bool {
    let instant = literal.1 - literal.0 == 1;
    (literal.0 <= time.0 && time.1 <= literal.1) || (instant && time.0 <= literal.0 && literal.1 <= time.1)
}

pub(super) fn quoted(text: &str, quote: char) -> String {
    let inside: String =
        text.chars().flat_map(|c| ['\\', c].into_iter().skip(usize::from(c != quote && c != '\\'))).collect();
    format!("{quote}{inside}{quote}")
}

pub(super) const MAY: (i64, i64) = (1_714_521_600 * SECOND, 1_717_200_000 * SECOND);
pub(super) const DAY: (i64, i64) = (MAY.0, MAY.0 + 86_400 * SECOND);
pub(super) const YEAR: (i64, i64) = (1_704_067_200 * SECOND, 1_735_689_600 * SECOND);
pub(super) const WEEK_AGO: i64 = MAY.0;

/// A text, its number, its period.
pub(super) type ParsedText = (&'static str, Option<f64>, Option<(i64, i64)>);

/// Texts that are read as numbers or dates.
pub(super) const PARSED_TEXTS: [ParsedText; 22] = [
    ("2024", Some(2024.0), Some(YEAR)),
    ("2.5", Some(2.5), None),
    ("2,50", Some(2.5), None),
    ("2.024,00", Some(2024.0), None),
    ("2 024,5", Some(2024.5), None),
    ("12,5 %", Some(12.5), None),
    ("950,00 €", Some(950.0), None),
    ("$1,200.50", Some(1200.5), None),
    ("($1,200)", Some(-1200.0), None),
    ("007", Some(7.0), None),
    ("2024-05", None, Some(MAY)),
    ("2024-05-01T00:00:00Z", None, Some((MAY.0, MAY.0 + SECOND))),
    ("2024-05-01T00:30:00+01:00", None, Some((MAY.0 - 1800 * SECOND, MAY.0 - 1799 * SECOND))),
    ("Wed, 1 May 2024 00:00:00 +0000", None, Some((MAY.0, MAY.0 + SECOND))),
    ("01.05.2024", None, Some(DAY)),
    ("1. Mai 2024", None, Some(DAY)),
    ("2024年5月1日", None, Some(DAY)),
    ("30/04/2024", None, Some((DAY.0 - 86_400 * SECOND, DAY.0))),
    ("04/05/2024", None, None),
    ("1,234", None, None),
    ("31.04.2024", None, None),
    ("1.2.3", None, None),
];

/// Ambiguous texts: they have no order.
pub(super) const AMBIGUOUS: [&str; 2] = ["04/05/2024", "1,234"];

fn parsed(text: &str) -> (Option<f64>, Option<(i64, i64)>) {
    PARSED_TEXTS.iter().find(|(own, ..)| *own == text).map_or((None, None), |(_, number, time)| (*number, *time))
}
