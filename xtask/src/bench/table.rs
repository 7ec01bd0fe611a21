//! Medians over the rounds, the ratio of nigh to each peer, and the best peer.

use crate::run::{Result, TaskFailure};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The fields to compare: name, heading, decimals. A field that no engine has is left out.
const FIELDS: [(&str, &str, usize); 9] = [
    ("tokens_per_s", "tokens/s", 0),
    ("texts_per_s", "texts/s", 1),
    ("query_ms", "query ms", 2),
    ("query_text_ms", "of text ms", 2),
    ("load_model_ms", "model ms", 0),
    ("load_ms", "load ms", 0),
    ("peak_rss_mb", "peak MB", 0),
    ("gops", "Gop/s", 0),
    ("peak_share", "of peak", 2),
];
/// Index of the field by which the peers are ranked.
const RANKING_FIELD: usize = 0;

type EncodeFigures = [Option<f64>; FIELDS.len()];

/// One engine's figures of one round, as its benchmark printed them.
#[derive(Debug)]
pub(super) struct EngineLine {
    pub(super) engine: String,
    pub(super) json: Value,
}

impl EngineLine {
    /// Returns the JSON lines of one benchmark's output.
    pub(super) fn parse_all(output: &str, round: usize) -> Result<Vec<Self>> {
        let mut lines = Vec::new();
        for text in output.lines().filter(|text| text.starts_with('{')) {
            let mut json: Value = serde_json::from_str(text)
                .map_err(|error| TaskFailure::new(format!("a benchmark printed no JSON: {error}: {text}")))?;
            // A peer's load_ms covers the model only, not the tokenizer.
            if let Some(load) = json.get("peer").and(json.get("load_ms")).cloned() {
                json["load_model_ms"] = load;
                json["load_ms"] = Value::Null;
            }
            let engine = json["engine"].as_str().or(json["peer"].as_str()).unwrap_or("unnamed").to_owned();
            json["round"] = round.into();
            lines.push(Self { engine, json });
        }
        if lines.is_empty() { Err(TaskFailure::new("a benchmark printed no figures")) } else { Ok(lines) }
    }

    fn number(&self, field: &str) -> Option<f64> {
        self.json[field].as_f64()
    }
}

/// The comparison over all rounds. The first engine is ours.
pub(super) struct EncodeComparison {
    engines: Vec<(String, EncodeFigures)>,
    /// For each peer: the median over the rounds of our figure divided by its figure.
    ratios: Vec<(String, EncodeFigures)>,
    /// Engines that failed in a round, and the error of the first such round.
    failed: Vec<(String, String)>,
    /// Cosines of our vectors with those of f32, if they were measured.
    cosines: Option<Value>,
}

impl EncodeComparison {
    pub(super) fn new(lines: &[EngineLine]) -> Self {
        let (ran, failed): (Vec<&EngineLine>, Vec<&EngineLine>) =
            lines.iter().partition(|line| line.json["error"].is_null());
        let mut errors: Vec<(String, String)> = Vec::new();
        for line in failed {
            if !errors.iter().any(|(name, _)| *name == line.engine) {
                let error = line.json["error"].as_str().unwrap_or_default();
                errors.push((line.engine.clone(), error.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
        let mut names: Vec<&str> = Vec::new();
        for line in &ran {
            if !names.contains(&line.engine.as_str()) {
                names.push(&line.engine);
            }
        }
        let lines_of = |name: &str| ran.iter().copied().filter(|line| line.engine == name).collect::<Vec<_>>();
        let ours = names.first().map_or_else(Vec::new, |name| lines_of(name));
        let medians = |name: &&str| {
            let medians = FIELDS.map(|(field, ..)| median(lines_of(name).iter().filter_map(|line| line.number(field))));
            ((*name).to_owned(), medians)
        };
        // Figures of one round are taken within minutes, so their ratio drifts less than the figures.
        let ratios = |name: &&str| {
            let ratio = |field: &str| {
                let pair = |theirs: &EngineLine| {
                    let ours = ours.iter().find(|ours| ours.json["round"] == theirs.json["round"])?;
                    Some(ours.number(field)? / theirs.number(field)?)
                };
                median(lines_of(name).into_iter().filter_map(pair))
            };
            ((*name).to_owned(), FIELDS.map(|(field, ..)| ratio(field)))
        };
        Self {
            engines: names.iter().map(medians).collect(),
            ratios: names.iter().skip(1).map(ratios).collect(),
            failed: errors,
            cosines: ours.iter().map(|line| &line.json["cosine_to_f32"]).find(|cosines| !cosines.is_null()).cloned(),
        }
    }

    /// Returns the peer with the most tokens per second, its figure, and our figure divided by it.
    fn best(&self) -> Option<(&str, f64, f64)> {
        let peers = self.engines.iter().skip(1).zip(&self.ratios);
        let known = peers.filter_map(|((name, figures), (_, ratios))| {
            Some((name.as_str(), figures[RANKING_FIELD]?, ratios[RANKING_FIELD]?))
        });
        known.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    pub(super) fn json(&self) -> Value {
        let rows = |rows: &[(String, EncodeFigures)], key: &str| -> Value {
            let row = |(name, values): &(String, EncodeFigures)| {
                let mut row = json!({ key: name });
                for ((field, ..), value) in FIELDS.iter().zip(values) {
                    row[*field] = value.map(|value| (value * 1000.0).round() / 1000.0).into();
                }
                row
            };
            rows.iter().map(row).collect()
        };
        let failed: Value = self.failed.iter().map(|(peer, error)| json!({ "peer": peer, "error": error })).collect();
        let best = self.best().map(|(peer, tokens, ratio)| {
            json!({ "peer": peer, "tokens_per_s": tokens, "nigh_divided_by": (ratio * 1000.0).round() / 1000.0 })
        });
        json!({
            "medians": rows(&self.engines, "engine"),
            "nigh_divided_by": rows(&self.ratios, "peer"),
            "failed": failed,
            "best_peer": best,
            "cosine_to_f32": self.cosines,
        })
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let shown: Vec<usize> =
            (0..FIELDS.len()).filter(|&i| self.engines.iter().any(|(_, figures)| figures[i].is_some())).collect();
        let mut row = |name: &str, cell: &dyn Fn(usize) -> String| {
            let line: String = shown.iter().map(|&i| format!("{:>11}", cell(i))).collect();
            let _ = writeln!(out, "{name:<24}{line}");
        };
        row("median", &|i| FIELDS[i].1.to_owned());
        let absent = || "-".to_owned();
        for (name, values) in &self.engines {
            row(name, &|i| values[i].map_or_else(absent, |value| format!("{value:.*}", FIELDS[i].2)));
        }
        for (name, values) in &self.ratios {
            let name = format!("nigh / {name}");
            row(&name, &|i| values[i].map_or_else(absent, format_ratio));
        }
        for (name, error) in &self.failed {
            let _ = writeln!(out, "{name:<24}   did not run: {error}");
        }
        if let Some((peer, tokens, ratio)) = self.best() {
            let _ = writeln!(out, "best peer by tokens/s: {peer}, {tokens:.0}; nigh has ×{ratio:.2} of that");
        }
        if let Some(cosines) = &self.cosines {
            let [mean, p1, worst] = ["mean", "p1", "worst"].map(|key| cosines[key].as_f64().unwrap_or(f64::NAN));
            let texts = &cosines["texts"];
            let _ =
                writeln!(out, "cosine to f32, {texts} texts: mean {mean:.5}, 1st percentile {p1:.5}, worst {worst:.5}");
        }
        out
    }
}

/// Returns a ratio with its significant digits.
fn format_ratio(ratio: f64) -> String {
    if ratio < 0.1 { format!("×{ratio:.3}") } else { format!("×{ratio:.2}") }
}

/// Returns the median; `None` without values.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some((values[last / 2] + values[last.div_ceil(2)]) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(round: usize, nigh: u32, peer: u32) -> Vec<EngineLine> {
        let text = format!(
            "warming up\n{{\"engine\": \"nigh\", \"tokens_per_s\": {nigh}, \"peak_rss_mb\": 9, \"load_ms\": 7}}\n\
             {{\"peer\": \"ort\", \"tokens_per_s\": {peer}, \"load_ms\": 5}}\n"
        );
        EngineLine::parse_all(&text, round).unwrap()
    }

    #[test]
    fn ratio_is_taken_within_rounds() {
        // The machine slows down to half its speed after round 1.
        let mut lines: Vec<EngineLine> =
            [(1, 200, 100), (2, 100, 50), (3, 110, 55)].map(|(r, a, b)| lines(r, a, b)).into_iter().flatten().collect();
        let comparison = EncodeComparison::new(&lines);
        let json = comparison.json();
        assert_eq!(json["medians"][0]["tokens_per_s"], 110.0);
        assert_eq!(json["medians"][1]["tokens_per_s"], 55.0);
        assert_eq!(json["nigh_divided_by"][0]["tokens_per_s"], 2.0);
        assert_eq!(json["nigh_divided_by"][0]["peak_rss_mb"], Value::Null);
        let text = comparison.text();
        assert!(text.contains("nigh / ort") && text.contains("×2.00"), "{text}");
        // A peer that failed in a round is compared in the others.
        lines.remove(1);
        assert_eq!(EncodeComparison::new(&lines).json()["nigh_divided_by"][0]["tokens_per_s"], 2.0);
    }

    #[test]
    fn peer_that_failed_is_listed_and_left_out() {
        let mut lines = lines(1, 30, 20);
        lines.extend(EngineLine::parse_all("{\"peer\": \"ov\", \"error\": \"no such\\npackage\"}", 1).unwrap());
        let comparison = EncodeComparison::new(&lines);
        let text = comparison.text();
        assert!(text.contains("did not run: no such package"), "{text}");
        assert_eq!(comparison.json()["failed"][0]["peer"], "ov");
        assert_eq!(comparison.json()["medians"].as_array().unwrap().len(), 2);
        assert!(EngineLine::parse_all("", 1).is_err());
    }

    #[test]
    fn peer_with_the_most_tokens_is_the_best() {
        let mut lines = lines(1, 30, 20);
        lines.extend(EngineLine::parse_all("{\"peer\": \"ov\", \"tokens_per_s\": 60}", 1).unwrap());
        let comparison = EncodeComparison::new(&lines);
        assert_eq!(comparison.json()["best_peer"], json!({"peer": "ov", "tokens_per_s": 60.0, "nigh_divided_by": 0.5}));
        assert!(comparison.text().contains("best peer by tokens/s: ov, 60; nigh has ×0.50"), "{}", comparison.text());
        assert_eq!(EncodeComparison::new(&lines[..1]).json()["best_peer"], Value::Null);
    }

    #[test]
    fn peer_load_time_is_that_of_the_model_and_empty_columns_are_left_out() {
        let lines = lines(1, 30, 20);
        let comparison = EncodeComparison::new(&lines);
        let medians = &comparison.json()["medians"];
        assert_eq!((&medians[1]["load_model_ms"], &medians[1]["load_ms"]), (&json!(5.0), &Value::Null));
        assert_eq!(medians[0]["load_ms"], 7.0);
        assert!(!comparison.text().contains("of peak"));
    }

    #[test]
    fn cosines_are_shown_if_measured() {
        let cosines = "{\"texts\": 9, \"mean\": 0.999, \"p1\": 0.998, \"worst\": 0.997}";
        let lines =
            EngineLine::parse_all(&format!("{{\"engine\": \"nigh\", \"cosine_to_f32\": {cosines}}}"), 1).unwrap();
        assert!(
            EncodeComparison::new(&lines)
                .text()
                .contains("9 texts: mean 0.99900, 1st percentile 0.99800, worst 0.99700")
        );
    }

    #[test]
    fn median_of_odd_and_even_counts() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }
}
