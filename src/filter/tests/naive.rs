//! Expressions and metadata at random, and an evaluator straight from the metadata's JSON. It shares nothing with what it
//! judges: literals come with what they mean, globs with a function.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::document::{DocumentId, FileStamp, Metadata};
use crate::filter::Fields;

/// 2024-05-08T00:00:00Z.
pub(crate) const NOW: i64 = 1_715_126_400 * SECOND;
const SECOND: i64 = 1_000_000_000;

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
    written: String,
    text: String,
    means: Means,
    /// The date that it is, beside.
    date: Option<(i64, i64)>,
}

impl Known {
    fn new(written: &str, text: &str, means: Means) -> Self {
        Self { written: written.to_owned(), text: text.to_owned(), means, date: None }
    }
}

#[derive(Debug, Clone)]
enum Means {
    Text,
    /// Text that is never read as a number or a date.
    Letters,
    Json(Json),
    Time(i64, i64),
}

type Glob = (&'static str, fn(&str) -> bool);

const GLOBS: [Glob; 9] = [
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

fn quoted(text: &str, quote: char) -> String {
    let inside: String =
        text.chars().flat_map(|c| ['\\', c].into_iter().skip(usize::from(c != quote && c != '\\'))).collect();
    format!("{quote}{inside}{quote}")
}

const NAMES: [&str; 14] =
    ["a", "b", "a.b", "日期", "", "with space", "size", "metadata", "x\\y", "not", "k\0", "k\u{2}0", "a`b", "title"];
const TEXTS: [&str; 11] =
    ["", "zh", "ZH", "true", "文档", "docs/a/x.md", "a.md", "docs/x.md", "zhen", "\u{10ffff}", "\u{ffff}"];

/// A text, the number that it is, the time that it is.
type Reads = (&'static str, Option<f64>, Option<(i64, i64)>);

/// Texts that are compared as numbers or dates with such.
const READS: [Reads; 22] = [
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
const DOUBTFUL: [&str; 2] = ["04/05/2024", "1,234"];

fn reads(text: &str) -> (Option<f64>, Option<(i64, i64)>) {
    READS.iter().find(|(own, ..)| *own == text).map_or((None, None), |(_, number, time)| (*number, *time))
}
const IDS: [&str; 10] = [
    "a.md",
    "docs/a.md",
    "docs/a/b.MD",
    "Makefile",
    ".profile",
    "src/lib.rs",
    "文档/笔记.txt",
    "docs/a/",
    "2024",
    "x.",
];

fn numbers() -> Vec<Json> {
    let big = 9_007_199_254_740_993_i64;
    let mut numbers: Vec<Json> =
        vec![json!(u64::MAX), json!(0.5), json!(2.5), json!(2024.0), json!(1e300), json!(-0.0)];
    numbers.extend([0, 1, -1, 2023, 2024, 2025, big, big - 1, i64::MAX, i64::MIN].map(|number| json!(number)));
    numbers
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        1 => Just(Json::Null),
        2 => any::<bool>().prop_map(Json::Bool),
        5 => prop::sample::select(numbers()),
        3 => prop::sample::select(TEXTS.to_vec()).prop_map(|text| json!(text)),
        5 => prop::sample::select(READS.to_vec()).prop_map(|(text, ..)| json!(text)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), inner, 0..3)
                .prop_map(|members| Json::Object(members.into_iter().map(|(name, v)| (name.to_owned(), v)).collect())),
        ]
    })
}

const MAY: (i64, i64) = (1_714_521_600 * SECOND, 1_717_200_000 * SECOND);
const DAY: (i64, i64) = (MAY.0, MAY.0 + 86_400 * SECOND);
const YEAR: (i64, i64) = (1_704_067_200 * SECOND, 1_735_689_600 * SECOND);
const WEEK_AGO: i64 = MAY.0;

pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    let times = vec![MAY.0 - 1, MAY.0, MAY.0 + 1, MAY.1 - 1, MAY.1, YEAR.0 - 1, YEAR.0, YEAR.1 - 1, YEAR.1, NOW, 0, -5];
    let sizes = prop::sample::select(vec![0_u64, 299, 300, 1535, 1536, 1537, 9999, 10_000, u64::MAX]);
    (
        prop::sample::select(IDS.to_vec()),
        prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), value(), 0..6),
        prop::option::of((sizes, prop::sample::select(times))),
        prop::sample::select(vec![0_usize, 300, 1536]),
        prop::sample::select(vec![None, Some("zh"), Some("en")]),
    )
        .prop_map(|(id, metadata, file, text_len, language)| {
            let metadata: BTreeMap<String, Json> = metadata.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
            let file = file.map(|(size, modified)| (size.min(i64::MAX as u64), modified));
            Facts { id: id.to_owned(), metadata, file, text_len, language }
        })
}

/// A literal of any metadata field.
fn known() -> impl Strategy<Value = Known> {
    let bare = |text: &'static str, means: Json| Known::new(text, text, Means::Json(means));
    let date = |text: &'static str, date| Known { date: Some(date), ..Known::new(text, text, Means::Text) };
    let ago = Known {
        date: Some((WEEK_AGO, WEEK_AGO + 1)),
        ..Known::new("7d-ago", "2024-05-01T00:00:00.000000000Z", Means::Text)
    };
    let mut all = vec![
        Known { date: Some(YEAR), ..bare("2024", json!(2024)) },
        date("2024-05", MAY),
        date("2024-05-01", DAY),
        date("01.05.2024", DAY),
        date("2024-05-01T02:00+02:00", (MAY.0, MAY.0 + 60 * SECOND)),
        ago,
        bare("12.5", json!(12.5)),
        bare("1000", json!(1000)),
        bare("7", json!(7)),
        bare("2.5", json!(2.5)),
        bare("2024.0", json!(2024.0)),
        bare("-1", json!(-1)),
        bare("0", json!(0)),
        bare("1e300", json!(1e300)),
        bare("9007199254740993", json!(9_007_199_254_740_993_i64)),
        bare("9007199254740992.0", json!(9_007_199_254_740_992.0)),
        bare("9223372036854775807", json!(i64::MAX)),
        bare("-9223372036854775808", json!(i64::MIN)),
        bare("18446744073709551615", json!(u64::MAX as f64)),
        bare("true", json!(true)),
        bare("FALSE", json!(false)),
        Known::new("zh", "zh", Means::Text),
        Known::new("文档", "文档", Means::Text),
    ];
    all.extend(TEXTS.map(|text| Known::new(&quoted(text, '\''), text, Means::Text)));
    // A whole day in quotes is that day, too.
    all.extend(READS.map(|(text, _, time)| Known {
        date: time.filter(|time| time.1 - time.0 <= DAY.1 - DAY.0),
        ..Known::new(&quoted(text, '\''), text, Means::Text)
    }));
    prop::sample::select(all)
}

fn known_of(built_in: &'static str) -> BoxedStrategy<Known> {
    let bytes = |text: &str, bytes: Json| Known::new(text, "", Means::Json(bytes));
    let time = |text: &str, (start, end)| Known::new(text, "", Means::Time(start, end));
    match built_in {
        "size" => prop::sample::select(vec![
            bytes("300", json!(300)),
            bytes("'0.3kb'", json!(300)),
            bytes("1.5KiB", json!(1536)),
            bytes("10KB", json!(10_000)),
            bytes("300.5", json!(300.5)),
            bytes("0", json!(0)),
        ])
        .boxed(),
        "modified" => prop::sample::select(vec![
            time("2024-05", MAY),
            time("2024", YEAR),
            time("'2024-04-30'", (MAY.0 - 86_400 * SECOND, MAY.0)),
            time("2024-05-01T08:00+08:00", (MAY.0, MAY.0 + 60 * SECOND)),
            time("7d-ago", (WEEK_AGO, WEEK_AGO + 1)),
            time("1970-01-01T00:00:00", (0, SECOND)),
        ])
        .boxed(),
        "extension" => {
            let folded = |written: &str| Known::new(written, "md", Means::Letters);
            prop::sample::select(vec![folded("md"), folded(".MD"), folded("'Md'")]).boxed()
        }
        "path" => {
            prop::sample::select(IDS.to_vec()).prop_map(|id| Known::new(&quoted(id, '"'), id, Means::Letters)).boxed()
        }
        _ => {
            let folded = |written: &str, text: &str| Known::new(written, text, Means::Letters);
            prop::sample::select(vec![folded("zh", "zh"), folded("“EN”", "en"), folded("fr", "fr")]).boxed()
        }
    }
}

fn asked(known: BoxedStrategy<Known>, text: bool) -> BoxedStrategy<Asked> {
    let compare =
        (prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]), known.clone()).prop_map(|(sign, known)| {
            Asked::Compare(if DOUBTFUL.contains(&known.text.as_str()) { "!=" } else { sign }, known)
        });
    let list = (any::<bool>(), prop::collection::vec(known, 0..4)).prop_map(|(not, known)| Asked::In(not, known));
    let numeric = prop_oneof![5 => compare, 2 => list, 1 => Just(Asked::Exists)].boxed();
    if !text {
        return numeric;
    }
    let prefixes = vec!["", "zh", "docs/", "2024", "文", "\u{10ffff}", "md"];
    let prefix =
        (any::<bool>(), prop::sample::select(prefixes)).prop_map(|(not, text)| Asked::Prefix(not, text.to_owned()));
    let glob = (any::<bool>(), 0..GLOBS.len()).prop_map(|(not, glob)| Asked::Glob(not, glob));
    prop_oneof![5 => numeric, 1 => prefix, 1 => glob].boxed()
}

fn leaf() -> impl Strategy<Value = Tree> {
    let built_in = prop::sample::select(vec!["path", "extension", "language", "lang", "modified", "size"])
        .prop_flat_map(|name| {
            let asked = asked(known_of(name), !matches!(name, "size" | "modified"));
            asked.prop_map(move |asked| Tree::Leaf(Target::BuiltIn(name), asked))
        });
    let path = prop::collection::vec(prop::sample::select(NAMES.to_vec()), 1..3).prop_map(|names| names.join("."));
    let metadata =
        (path, asked(known().boxed(), true)).prop_map(|(path, asked)| Tree::Leaf(Target::Metadata(path), asked));
    prop_oneof![1 => built_in, 2 => metadata]
}

pub(crate) fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::And),
            prop::collection::vec(inner, 2..4).prop_map(Tree::Or),
        ]
    })
}
