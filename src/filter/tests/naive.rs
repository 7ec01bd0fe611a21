//! An evaluator straight from the metadata's JSON. It shares nothing with what it judges: literals and texts come with what they
//! mean, globs with a function.

use serde_json::{Value as Json, json};

use crate::document::{DocumentId, FileStamp, Metadata};
use crate::filter::Fields;

/// 2024-05-08T00:00:00Z.
pub(crate) const NOW: i64 = 1_715_126_400 * SECOND;
pub(super) const SECOND: i64 = 1_000_000_000;

#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) id: String,
    pub(crate) metadata: Metadata,
    /// Size and time of the file.
    pub(crate) file: Option<(u64, i64)>,
    pub(crate) text_len: usize,
    pub(crate) language: Option<&'static str>,
}

impl Facts {
    pub(crate) fn fields(&self) -> Fields {
        let id = DocumentId::new(&self.id).unwrap();
        let stamp = self.file.map(|(size, modified_ns)| FileStamp { size, modified_ns, ..FileStamp::default() });
        Fields::of(&id, &self.metadata, stamp.as_ref(), self.text_len, self.language)
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Tree {
    Leaf(Target, Asked),
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
pub(crate) enum Asked {
    /// One of `= != < <= > >=`.
    Compare(&'static str, Known),
    In(bool, Vec<Known>),
    Exists,
    Prefix(bool, String),
    Glob(bool, usize),
}

/// A literal and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// As it is written, with its quotes.
    pub(super) written: String,
    pub(super) text: String,
    pub(super) means: Means,
    /// The date that it is, beside.
    pub(super) date: Option<(i64, i64)>,
}

impl Known {
    pub(super) fn new(written: &str, text: &str, means: Means) -> Self {
        Self { written: written.to_owned(), text: text.to_owned(), means, date: None }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Means {
    Text,
    /// Text that is never read as a number or a date.
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
    // Of a path, names that stand anywhere in it, though the glob does not begin with a sign.
    ("docs", |path| path == "docs"),
    ("lib*", |path| path.starts_with("lib") && !path.contains('/')),
    ("docs/a/*", |path| path.strip_prefix("docs/a/").is_some_and(|name| !name.contains('/'))),
    ("{zh,文档}", |path| path == "zh" || path == "文档"),
    ("[0-9]*", |path| path.starts_with(|c: char| c.is_ascii_digit()) && !path.contains('/')),
];

impl Tree {
    /// Whether it holds, by the sentences of the documentation.
    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(facts),
            Self::And(inner) => inner.iter().all(|tree| tree.holds(facts)),
            Self::Or(inner) => inner.iter().any(|tree| tree.holds(facts)),
            Self::Leaf(target, asked) => {
                let values = target.values(facts);
                let any = |test: &dyn Fn(&Json) -> bool| values.iter().any(test);
                match asked {
                    Asked::Compare("=", known) => any(&|value| known.is(value)),
                    Asked::Compare("!=", known) => !any(&|value| known.is(value)),
                    Asked::Compare(sign, known) => any(&|value| known.stands(sign, value)),
                    Asked::In(not, known) => any(&|value| known.iter().any(|known| known.is(value))) != *not,
                    Asked::Exists => !values.is_empty(),
                    Asked::Prefix(not, prefix) => any(&|v| v.as_str().is_some_and(|v| v.starts_with(prefix))) != *not,
                    Asked::Glob(not, glob) => {
                        let (pattern, whole) = GLOBS[*glob];
                        // Of a path, one without a slash is a name at any depth.
                        let names = matches!(target, Target::BuiltIn("path")) && !pattern.contains('/');
                        let said = |text: &str| if names { text.split('/').any(whole) } else { whole(text) };
                        any(&|v| v.as_str().is_some_and(said)) != *not
                    }
                }
            }
        }
    }

    /// As an expression.
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
                    Asked::Compare(sign, known) => format!("{name}{sign}{}", known.written),
                    Asked::In(turned, known) => {
                        let known: Vec<&str> = known.iter().map(|known| known.written.as_str()).collect();
                        format!("{name} {}in ({})", not(turned), known.join("，"))
                    }
                    Asked::Exists => format!("exists({name})"),
                    Asked::Prefix(turned, prefix) => format!("{name} {}prefix {}", not(turned), quoted(prefix, '"')),
                    Asked::Glob(turned, glob) => format!("{name} {}glob '{}'", not(turned), GLOBS[*glob].0),
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

    fn values(&self, facts: &Facts) -> Vec<Json> {
        match self {
            Self::BuiltIn("path") => vec![json!(facts.id)],
            Self::BuiltIn("extension") => {
                let name = facts.id.split('/').next_back().unwrap();
                let dot = name.rfind('.').filter(|dot| *dot > 0 && *dot + 1 < name.len());
                dot.map(|dot| json!(name[dot + 1..].to_lowercase())).into_iter().collect()
            }
            Self::BuiltIn("lang" | "language") => facts.language.map(|language| json!(language)).into_iter().collect(),
            Self::BuiltIn("size") => vec![json!(facts.file.map_or(facts.text_len as u64, |file| file.0))],
            Self::BuiltIn(_) => facts.file.map(|file| json!(file.1)).into_iter().collect(),
            Self::Metadata(path) => {
                let mut found = Vec::new();
                let whole = Json::Object(facts.metadata.clone().into_iter().collect());
                reach(&whole, path, &mut found);
                found
            }
        }
    }
}

/// Every scalar at a dotted path below an object, or below those in an array.
fn reach(value: &Json, path: &str, found: &mut Vec<Json>) {
    match value {
        Json::Array(elements) => elements.iter().for_each(|element| reach(element, path, found)),
        Json::Object(members) => {
            for (name, value) in members {
                if path == name {
                    scalars(value, found);
                }
                if let Some(rest) = path.strip_prefix(&format!("{name}.")) {
                    reach(value, rest, found);
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

impl Known {
    fn number(&self) -> Option<f64> {
        match &self.means {
            Means::Json(json) => json.as_f64(),
            _ => None,
        }
    }

    /// The number and the time that it is for an order.
    fn ordered(&self) -> (Option<f64>, Option<(i64, i64)>) {
        let own = match self.means {
            Means::Text => reads(&self.text),
            _ => (None, None),
        };
        (self.number().or(own.0), self.date.or(own.1))
    }

    fn is(&self, value: &Json) -> bool {
        match (value, &self.means) {
            (Json::String(text), _) => {
                *text == self.text
                    || match (self.number(), self.date, reads(text)) {
                        (Some(literal), _, (Some(number), _)) => number == literal,
                        (_, Some(date), (_, Some(time))) => date.0 <= time.0 && time.1 <= date.1,
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

    fn stands(&self, sign: &str, value: &Json) -> bool {
        let holds = |less: bool, equal: bool| match sign {
            "<" => less,
            "<=" => less || equal,
            ">" => !less && !equal,
            _ => !less,
        };
        match (value, &self.means) {
            // Quotes make no difference to an order.
            (Json::String(text), _) if self.ordered() != (None, None) => match (self.ordered(), reads(text)) {
                ((Some(literal), _), (Some(number), _)) => holds(number < literal, number == literal),
                ((_, Some(date)), (_, Some(time))) => match sign {
                    "<" => time.1 <= date.0,
                    "<=" => time.1 <= date.1,
                    ">" => time.0 >= date.1,
                    _ => time.0 >= date.0,
                },
                _ => false,
            },
            (Json::Number(_), Means::Text) if self.ordered().0.is_some() => {
                Known { means: Means::Json(json!(self.ordered().0)), ..self.clone() }.stands(sign, value)
            }
            (Json::String(text), _) => {
                let (a, b): (Vec<char>, Vec<char>) = (text.chars().collect(), self.text.chars().collect());
                holds(a < b, a == b)
            }
            (Json::Number(_), Means::Time(start, end)) => {
                value.as_i64().is_some_and(|value| holds(value < *start, value < *end))
            }
            (Json::Number(a), Means::Json(Json::Number(b))) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => holds(a < b, a == b),
                _ => holds(a.as_f64() < b.as_f64(), a.as_f64() == b.as_f64()),
            },
            _ => false,
        }
    }
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

/// A text, the number that it is, the time that it is.
pub(super) type Reads = (&'static str, Option<f64>, Option<(i64, i64)>);

/// Texts that are compared as numbers or dates with such.
pub(super) const READS: [Reads; 22] = [
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

/// What reads two ways, which an order cannot be asked of.
pub(super) const DOUBTFUL: [&str; 2] = ["04/05/2024", "1,234"];

fn reads(text: &str) -> (Option<f64>, Option<(i64, i64)>) {
    READS.iter().find(|(own, ..)| *own == text).map_or((None, None), |(_, number, time)| (*number, *time))
}
