//! What filters can ask of a collection, and why one accepts nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::handle::Collection;
use super::words::{Lexicon, each, matching};
use crate::error::Result;
use crate::filter::{Field, FieldValue, Filter, Leaf, Test, ValueRef, closest, written};
use crate::index::Snapshot;

/// Values of a field that are told apart; one that has more, as paths do, is not for choosing from.
const MOST_VALUES: usize = 10_000;
/// The longest text that is told apart, in bytes.
const MOST_TEXT: usize = 200;
/// Fields that are told of.
const MOST_FIELDS: usize = 1000;
/// Values, and names, that a hint lists.
const LISTED: usize = 8;

/// A field that filters can ask, and what documents say of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FieldSummary {
    /// Its name, as it is written in a filter.
    pub name: String,
    /// How many documents have a value of it.
    pub documents: u64,
    /// Its values, each with the number of documents that have it, the commonest first. Texts of more than 200 bytes are left out.
    pub values: Vec<(FieldValue, u64)>,
    /// Whether there are more values than those.
    pub more: bool,
    /// The least and the greatest of its numbers.
    pub range: Option<(f64, f64)>,
}

impl Collection {
    /// Which fields filters can ask, with their values: the built-in ones first, then metadata by name, at most 1,000 of both.
    /// `most` is how many values are listed of each.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn fields(&self, most: usize) -> Result<Vec<FieldSummary>> {
        let snapshot = self.snapshot()?;
        snapshot.intact(|| {
            let known = Known::of(self, &snapshot)?;
            let paths: Vec<String> = known.paths()?.into_iter().take(MOST_FIELDS).collect();
            let mut all = known.summaries(&paths, most)?;
            all.retain(|summary| summary.documents > 0);
            all.sort_by_key(|summary| !Field::built_in().any(|name| name == summary.name));
            Ok(all)
        })
    }

    /// Which names of a filter no document has, what may be meant, and which names there are.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn unknown_fields(&self, filter: &Filter) -> Result<Vec<String>> {
        let asked: BTreeSet<String> =
            filter.leaves().filter(|leaf| !leaf.field.is_built_in()).map(|leaf| leaf.field.path()).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.snapshot()?;
        snapshot.intact(|| Known::of(self, &snapshot)?.unknown(&asked))
    }

    /// Why no document matches a filter: names that none has, tests that none passes with the values that there are. Nothing
    /// where one matches.
    ///
    /// # Errors
    /// [`crate::Error::InvalidFilter`]; [`crate::Error::IndexDamaged`].
    pub fn why_nothing(&self, filter: &Filter) -> Result<Vec<String>> {
        let snapshot = self.snapshot()?;
        snapshot.intact(|| {
            let known = Known::of(self, &snapshot)?;
            if known.any(filter)? {
                return Ok(Vec::new());
            }
            let asked = filter.leaves().filter(|leaf| !leaf.field.is_built_in()).map(|leaf| leaf.field.path());
            let mut hints = known.unknown(&asked.collect())?;
            let unknown = hints.len();
            let mut seen = BTreeSet::new();
            for leaf in filter.wanted().into_iter().filter(|leaf| seen.insert(leaf.written())) {
                let summary = known.summaries(&[leaf.field.path()], usize::MAX)?.pop();
                let Some(summary) = summary.filter(|summary| summary.documents > 0) else {
                    if leaf.field.is_built_in() {
                        hints.push(format!("no document matches {}: none has a {}", leaf.written(), leaf.field.name()));
                    }
                    continue;
                };
                if !known.any(&Filter::of_leaf(leaf.clone()))? {
                    hints.push(no_match(leaf, &summary));
                }
            }
            if hints.len() == unknown && unknown == 0 && filter.leaves().count() > 1 {
                hints.push(
                    "each test of the filter has documents that pass it, but none passes all that must hold".to_owned(),
                );
            }
            Ok(hints)
        })
    }
}

/// What documents say, and where it is read: columns where the build and the collection have them, else every document.
struct Known<'a> {
    snapshot: &'a Arc<Snapshot>,
    lexicon: Option<Arc<Lexicon>>,
    /// `[segments][living rows]`, ascending.
    rows: Vec<Vec<u32>>,
    /// `[segments][rows]`: the document of each row that lives, from 0.
    document: Vec<Vec<u32>>,
    documents: usize,
}

impl<'a> Known<'a> {
    fn of(collection: &Collection, snapshot: &'a Arc<Snapshot>) -> Result<Self> {
        let segments = snapshot.sidecars().count();
        let (mut rows, mut document) = (vec![Vec::new(); segments], vec![Vec::new(); segments]);
        let places = snapshot.places()?;
        for (number, place) in (0..).zip(&places) {
            let own = snapshot.document(*place)?.rows();
            let of: &mut Vec<u32> = &mut document[place.segment];
            of.resize(of.len().max(own.end as usize), u32::MAX);
            of[own.start as usize..own.end as usize].fill(number);
            rows[place.segment].extend(own);
        }
        rows.iter_mut().for_each(|rows: &mut Vec<u32>| rows.sort_unstable());
        Ok(Self { snapshot, lexicon: collection.lexicon(snapshot)?, rows, document, documents: places.len() })
    }

    fn paths(&self) -> Result<BTreeSet<String>> {
        if let Some(lexicon) = &self.lexicon {
            return lexicon.paths();
        }
        let mut paths = BTreeSet::new();
        each(self.snapshot, true, &mut |_, _, fields| {
            for (path, _) in &fields.0 {
                if !paths.contains(path) {
                    paths.insert(path.clone());
                }
            }
        })?;
        Ok(paths)
    }

    fn any(&self, filter: &Filter) -> Result<bool> {
        let found = match &self.lexicon {
            Some(lexicon) => lexicon.matching(filter)?,
            None => matching(self.snapshot, filter)?,
        };
        let lives = |segment: usize, row: u32| {
            self.document.get(segment).and_then(|of| of.get(row as usize)).is_some_and(|&document| document != u32::MAX)
        };
        Ok(found.iter().enumerate().any(|(segment, rows)| rows.iter().any(|&row| lives(segment, row))))
    }

    fn summaries(&self, paths: &[String], most: usize) -> Result<Vec<FieldSummary>> {
        let tally = || Tally { has: vec![false; self.documents], ..Tally::default() };
        let document = |segment: usize, row: u32| {
            let of = self.document.get(segment).and_then(|of| of.get(row as usize)).copied();
            of.filter(|&document| document != u32::MAX)
        };
        if let Some(lexicon) = &self.lexicon {
            let one = |path: &String| {
                let mut tally = tally();
                lexicon.values(path, &self.rows, &mut |segment, row, value| {
                    if let Some(document) = document(segment, row) {
                        tally.add(document, value);
                    }
                })?;
                Ok(tally.finish(path, most))
            };
            return paths.iter().map(one).collect();
        }
        let mut tallies: BTreeMap<&str, Tally> = paths.iter().map(|path| (path.as_str(), tally())).collect();
        let languages = paths.iter().any(|path| *path == Field::Language.path());
        each(self.snapshot, languages, &mut |segment, row, fields| {
            let Some(document) = document(segment, row) else { return };
            for (path, value) in &fields.0 {
                if let Some(tally) = tallies.get_mut(path.as_str()) {
                    tally.add(document, value.as_ref());
                }
            }
        })?;
        Ok(tallies.into_iter().map(|(path, tally)| tally.finish(path, most)).collect())
    }

    fn unknown(&self, asked: &BTreeSet<String>) -> Result<Vec<String>> {
        let there = self.paths()?;
        let mut hints = Vec::new();
        for path in asked {
            // A field may be left of documents that are gone.
            let known = there.contains(path)
                && self.summaries(std::slice::from_ref(path), 0)?.iter().any(|it| it.documents > 0);
            if known {
                continue;
            }
            let field = Field::of_path(path);
            let name = field.name();
            let others: Vec<String> = there
                .iter()
                .map(|path| Field::of_path(path))
                .filter(|it| !it.is_built_in())
                .map(|it| written(&it))
                .collect();
            let built_in = || Field::built_in().map(|name| -> &str { name });
            let names = built_in().chain(["lang"]).chain(others.iter().map(String::as_str));
            let meant = abbreviated(&name).or_else(|| closest(&name, names));
            let meant = meant.map_or(String::new(), |meant| format!(" Did you mean {meant}?"));
            let all: Vec<&str> = built_in().chain(others.iter().map(String::as_str)).collect();
            let shown = all.iter().take(4 * LISTED).copied().collect::<Vec<_>>().join(", ");
            let dots = if all.len() > 4 * LISTED { ", …" } else { "" };
            hints.push(format!("{name:?} is no field here.{meant} The fields are {shown}{dots}"));
        }
        Ok(hints)
    }
}

/// What people call built-in fields elsewhere.
fn abbreviated(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "ext" | "type" | "filetype" | "format" | "suffix" => "extension",
        "file" | "filename" | "name" | "id" | "folder" | "dir" => "path",
        "mtime" | "changed" | "updated" | "modification" => "modified",
        "bytes" | "length" | "filesize" => "size",
        _ => return None,
    })
}

/// A test that no document passes, and what there is instead.
fn no_match(leaf: &Leaf, summary: &FieldSummary) -> String {
    let test = leaf.written();
    let asked = match &leaf.test {
        Test::Equal(literal) => Some(literal.text.as_str()),
        Test::In(literals) if literals.len() == 1 => literals.first().map(|literal| literal.text.as_str()),
        _ => None,
    };
    let texts = || {
        summary
            .values
            .iter()
            .filter_map(|(value, _)| if let FieldValue::Text(text) = value { Some(text) } else { None })
    };
    if let Some(asked) = asked {
        let lower = asked.to_lowercase();
        let holds = |text: &&String| text.to_lowercase().contains(&lower);
        let near = texts().find(holds).map(String::as_str).or_else(|| closest(asked, texts().map(String::as_str)));
        if let Some(near) = near {
            let part = texts().filter(|text| holds(text)).count();
            let (name, is_part) = (&summary.name, part > 0 && near.to_lowercase() != lower);
            let how = if is_part { format!(" For a part of it: {name} glob \"*{asked}*\"") } else { String::new() };
            return format!("no document matches {test}. Did you mean {:?}?{how}", cut(near));
        }
    }
    if summary.name == Field::Path.name() || matches!(leaf.field, Field::Size | Field::Modified) {
        return format!("no document matches {test}");
    }
    let values = summary.values.iter().take(LISTED).map(|(value, count)| format!("{} ({count})", shown(value)));
    let values = values.collect::<Vec<_>>().join(", ");
    let dots = if summary.more || summary.values.len() > LISTED { ", …" } else { "" };
    match summary.range {
        Some((least, greatest)) if summary.values.len() > LISTED => {
            format!("no document matches {test}; this collection has {least} to {greatest}")
        }
        _ if values.is_empty() => format!("no document matches {test}"),
        _ => format!("no document matches {test}; this collection has {values}{dots}"),
    }
}

fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => cut(text),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Float(number) => number.to_string(),
        FieldValue::Bool(truth) => truth.to_string(),
    }
}

fn cut(text: &str) -> String {
    const MOST: usize = 60;
    let end = text.floor_char_boundary(MOST);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

/// The values of a field as they are counted.
#[derive(Default)]
struct Tally {
    /// How many documents have a value, and the last that was counted for it.
    values: HashMap<Key, (u64, u32)>,
    /// `[documents]`
    has: Vec<bool>,
    more: bool,
    range: Option<(f64, f64)>,
}

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Bool(bool),
    Integer(i64),
    /// The bits.
    Float(u64),
    Text(String),
}

impl Tally {
    fn add(&mut self, document: u32, value: ValueRef<'_>) {
        if let Some(has) = self.has.get_mut(document as usize) {
            *has = true;
        }
        let number = match value {
            ValueRef::Integer(number) => Some(number as f64),
            ValueRef::Float(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Bool(_) => None,
        };
        if let Some(number) = number {
            let (least, greatest) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), greatest.max(number)));
        }
        let key = match value {
            ValueRef::Text(text) if text.len() > MOST_TEXT => {
                self.more = true;
                return;
            }
            ValueRef::Text(text) => Key::Text(text.to_owned()),
            ValueRef::Integer(number) => Key::Integer(number),
            ValueRef::Float(number) => Key::Float(number.to_bits()),
            ValueRef::Bool(truth) => Key::Bool(truth),
        };
        if self.values.len() >= MOST_VALUES && !self.values.contains_key(&key) {
            self.more = true;
            return;
        }
        let (count, last) = self.values.entry(key).or_insert((0, u32::MAX));
        if *last != document {
            (*count, *last) = (*count + 1, document);
        }
    }

    fn finish(self, path: &str, most: usize) -> FieldSummary {
        let mut values: Vec<(Key, u64)> = self.values.into_iter().map(|(key, (count, _))| (key, count)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let more = self.more || values.len() > most;
        values.truncate(most);
        let value = |key| match key {
            Key::Bool(truth) => FieldValue::Bool(truth),
            Key::Integer(number) => FieldValue::Integer(number),
            Key::Float(bits) => FieldValue::Float(f64::from_bits(bits)),
            Key::Text(text) => FieldValue::Text(text),
        };
        FieldSummary {
            name: written(&Field::of_path(path)),
            documents: self.has.iter().filter(|has| **has).count() as u64,
            values: values.into_iter().map(|(key, count)| (value(key), count)).collect(),
            more,
            range: self.range,
        }
    }
}
