//! Medians over the rounds, and nigh's ratio to each peer.

use crate::run::{Failure, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What is compared: the field, its heading, digits after the point.
const FIELDS: [(&str, &str, usize); 5] = [
    ("tokens_per_s", "tokens/s", 0),
    ("texts_per_s", "texts/s", 1),
    ("query_ms", "query ms", 2),
    ("load_ms", "load ms", 0),
    ("peak_rss_mb", "peak MB", 0),
];

/// One engine's figures of one round, as its benchmark printed them.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) engine: String,
    pub(super) json: Value,
}

impl Line {
    /// The JSON lines of one benchmark's output. A peer that could not run here is an error with its own words.
    pub(super) fn all(output: &str, round: usize) -> Result<Vec<Self>> {
        let mut lines = Vec::new();
        for text in output.lines().filter(|text| text.starts_with('{')) {
            let mut json: Value = serde_json::from_str(text)
                .map_err(|error| Failure::new(format!("a benchmark printed no JSON: {error}: {text}")))?;
            let engine = json["engine"].as_str().or(json["peer"].as_str()).unwrap_or("unnamed").to_owned();
            if let Some(error) = json["error"].as_str() {
                return Err(Failure::new(format!("{engine} does not run here: {error}")));
            }
            json["round"] = round.into();
            lines.push(Self { engine, json });
        }
        if lines.is_empty() { Err(Failure::new("a benchmark printed no figures")) } else { Ok(lines) }
    }

    fn number(&self, field: &str) -> Option<f64> {
        self.json[field].as_f64()
    }
}

/// What the rounds say. The first engine is ours.
pub(super) struct Comparison {
    engines: Vec<(String, [Option<f64>; FIELDS.len()])>,
    /// For every engine but the first: the median over the rounds of ours divided by its.
    ratios: Vec<(String, [Option<f64>; FIELDS.len()])>,
}

impl Comparison {
    pub(super) fn of(lines: &[Line]) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for line in lines {
            if !names.contains(&line.engine.as_str()) {
                names.push(&line.engine);
            }
        }
        let of = |name: &str| lines.iter().filter(|line| line.engine == name).collect::<Vec<_>>();
        let ours = names.first().map_or_else(Vec::new, |name| of(name));
        let medians = |name: &&str| {
            let medians = FIELDS.map(|(field, ..)| median(of(name).iter().filter_map(|line| line.number(field))));
            ((*name).to_owned(), medians)
        };
        // A round's figures were taken within a minute of each other: their ratio drifts less than the figures do.
        let ratios = |name: &&str| {
            let ratio = |field: &str| {
                let pairs = ours.iter().zip(of(name)).filter_map(|(a, b)| Some(a.number(field)? / b.number(field)?));
                median(pairs)
            };
            ((*name).to_owned(), FIELDS.map(|(field, ..)| ratio(field)))
        };
        Self { engines: names.iter().map(medians).collect(), ratios: names.iter().skip(1).map(ratios).collect() }
    }

    pub(super) fn json(&self) -> Value {
        let rows = |rows: &[(String, [Option<f64>; FIELDS.len()])], key: &str| -> Value {
            let row = |(name, values): &(String, [Option<f64>; FIELDS.len()])| {
                let mut row = json!({ key: name });
                for ((field, ..), value) in FIELDS.iter().zip(values) {
                    row[*field] = value.map(|value| (value * 1000.0).round() / 1000.0).into();
                }
                row
            };
            rows.iter().map(row).collect()
        };
        json!({ "medians": rows(&self.engines, "engine"), "nigh_divided_by": rows(&self.ratios, "peer") })
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let mut row = |name: &str, cells: [String; FIELDS.len()]| {
            let line: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
            let _ = writeln!(out, "{name:<24}{line}");
        };
        row("median", FIELDS.map(|(_, heading, _)| heading.to_owned()));
        for (name, values) in &self.engines {
            let cell = |i: usize| values[i].map_or_else(|| "-".to_owned(), |value| format!("{value:.*}", FIELDS[i].2));
            row(name, std::array::from_fn(cell));
        }
        for (name, values) in &self.ratios {
            let cell = |i: usize| values[i].map_or_else(|| "-".to_owned(), |ratio| format!("×{ratio:.2}"));
            row(&format!("nigh / {name}"), std::array::from_fn(cell));
        }
        out
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some((values[last / 2] + values[last.div_ceil(2)]) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(round: usize, nigh: u32, peer: u32) -> Vec<Line> {
        let text = format!(
            "warming up\n{{\"engine\": \"nigh\", \"tokens_per_s\": {nigh}, \"peak_rss_mb\": 9}}\n\
             {{\"peer\": \"ort\", \"tokens_per_s\": {peer}}}\n"
        );
        Line::all(&text, round).unwrap()
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        // The machine slows down to a half in round 2; the ratio of the medians would be 1.1.
        let lines: Vec<Line> =
            [(1, 200, 100), (2, 100, 50), (3, 110, 55)].map(|(r, a, b)| lines(r, a, b)).into_iter().flatten().collect();
        let comparison = Comparison::of(&lines);
        let json = comparison.json();
        assert_eq!(json["medians"][0]["tokens_per_s"], 110.0);
        assert_eq!(json["medians"][1]["tokens_per_s"], 55.0);
        assert_eq!(json["nigh_divided_by"][0]["tokens_per_s"], 2.0);
        assert_eq!(json["nigh_divided_by"][0]["peak_rss_mb"], Value::Null);
        let text = comparison.text();
        assert!(text.contains("nigh / ort") && text.contains("×2.00"), "{text}");
    }

    #[test]
    fn a_peer_that_cannot_run_says_so() {
        let failure = Line::all("{\"peer\": \"ov\", \"error\": \"no such package\"}", 1).unwrap_err();
        assert!(failure.message.contains("ov does not run here: no such package"), "{failure:?}");
        assert!(Line::all("", 1).is_err());
    }

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }
}
