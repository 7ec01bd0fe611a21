//! Queries per second at a recall, ratios, medians over the rounds.

use crate::bench::table::median;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Recalls at which speed is compared.
const RECALLS: [f64; 2] = [0.95, 0.99];
const OURS: &str = "nigh graph";

/// The figures of one engine in a round, by name.
type IndexFigures = BTreeMap<String, f64>;

/// The figures of all engines in a round, ours first.
pub(super) struct Round(Vec<(String, IndexFigures)>);

impl Round {
    /// Reads the lines that the benchmark and the peers printed.
    pub(super) fn new(lines: &[Value]) -> Self {
        let mut engines: Vec<(String, IndexFigures)> = Vec::new();
        let mut curves: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for line in lines {
            let Some(name) = line["engine"].as_str().or(line["peer"].as_str()) else { continue };
            let index = engines.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                engines.push((name.to_owned(), IndexFigures::new()));
                engines.len() - 1
            });
            for field in ["build_s", "scan_ms", "resident_mb", "bytes_a_row"] {
                if let Some(figure) = line[field].as_f64() {
                    engines[index].1.insert(field.to_owned(), figure);
                }
            }
            // Curves are of recall@10, without the points where nigh's graph chose ef itself.
            let point = (line["recall"].as_f64(), line["qps"].as_f64());
            if let (Some(recall), Some(qps)) = point
                && line["ef"].as_f64().is_some_and(|ef| ef > 0.0)
                && line["k"].as_f64().unwrap_or(10.0) == 10.0
            {
                match line["stated"].as_f64() {
                    Some(stated) => {
                        engines[index].1.insert(format!("recall_stated_{stated}"), recall);
                        engines[index].1.insert(format!("qps_stated_{stated}"), qps);
                    }
                    None => curves.entry(name.to_owned()).or_default().push((recall, qps)),
                }
            }
        }
        for (name, figures) in &mut engines {
            let curve = curves.get(name).map_or(&[][..], Vec::as_slice);
            for recall in RECALLS {
                if let Some(qps) = interpolate(curve, recall) {
                    figures.insert(format!("qps_at_{recall}"), qps);
                }
            }
        }
        Self(engines)
    }

    fn get(&self, engine: &str, figure: &str) -> Option<f64> {
        self.0.iter().find(|(name, _)| name == engine)?.1.get(figure).copied()
    }
}

/// Queries per second at a recall, interpolated between the two nearest points of a curve: linear in the logarithm.
fn interpolate(curve: &[(f64, f64)], recall: f64) -> Option<f64> {
    let mut curve = curve.to_vec();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    let right = curve.iter().position(|point| point.0 >= recall)?;
    let (to, qps) = curve[right];
    let Some(&(from, faster)) = right.checked_sub(1).map(|left| &curve[left]) else { return Some(qps) };
    let part = if to > from { (recall - from) / (to - from) } else { 1.0 };
    Some((faster.ln() + (qps.ln() - faster.ln()) * part).exp())
}

/// One figure of nigh, compared with that of a peer.
struct FigureComparison {
    what: String,
    peer: &'static str,
    /// Medians over the rounds.
    ours: Option<f64>,
    theirs: Option<f64>,
    /// The factor by which nigh is better: the median of the ratios of all rounds.
    times: Option<f64>,
}

/// Compares one figure of nigh with that of a peer. `higher_is_better`: as for queries per second, unlike times.
fn compare(
    rounds: &[Round],
    what: String,
    [ours, peer]: [&'static str; 2],
    figure: &str,
    higher_is_better: bool,
) -> FigureComparison {
    let median_of = |engine: &str| median(rounds.iter().filter_map(|round| round.get(engine, figure)));
    let times = rounds.iter().filter_map(|round| {
        let ratio = round.get(ours, figure)? / round.get(peer, figure)?;
        Some(if higher_is_better { ratio } else { 1.0 / ratio })
    });
    FigureComparison { what, peer, ours: median_of(ours), theirs: median_of(peer), times: median(times) }
}

fn compare_all(rounds: &[Round]) -> Vec<FigureComparison> {
    let at_recall = RECALLS.iter().map(|recall| {
        let (what, figure) = (format!("queries/s at recall {recall}"), format!("qps_at_{recall}"));
        compare(rounds, what, [OURS, "hnswlib"], &figure, true)
    });
    let less_is_better = [
        ("build, s", OURS, "hnswlib", "build_s"),
        ("exact scan, ms", "nigh scan", "faiss-flat", "scan_ms"),
        ("resident, MB", OURS, "hnswlib", "resident_mb"),
    ];
    let others =
        less_is_better.map(|(what, ours, peer, figure)| compare(rounds, what.to_owned(), [ours, peer], figure, false));
    at_recall.chain(others).collect()
}

pub(super) fn json(rounds: &[Round]) -> Value {
    let medians = |(name, figures): &(String, IndexFigures)| {
        let median = |figure: &String| median(rounds.iter().filter_map(|round| round.get(name, figure)));
        let figures: Map<String, Value> = figures.keys().map(|key| (key.clone(), median(key).into())).collect();
        (name.clone(), Value::Object(figures))
    };
    let compared: Value = compare_all(rounds)
        .into_iter()
        .map(|FigureComparison { what, peer, ours, theirs, times }| {
            json!({ "what": what, "nigh": ours, "peer": peer, "peers": theirs, "times_better": times })
        })
        .collect();
    let engines: Map<String, Value> = rounds.first().map_or_else(Map::new, |r| r.0.iter().map(medians).collect());
    json!({ "engines": engines, "compared": compared })
}

pub(super) fn text(rounds: &[Round]) -> String {
    let mut out = String::new();
    let shown = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.2}"));
    let _ = writeln!(out, "{:<28}{:>10}{:>10}  {:<12}{:>8}", "median", "nigh", "peer", "", "better");
    for FigureComparison { what, peer, ours, theirs, times } in compare_all(rounds) {
        let times = times.map_or_else(|| "-".to_owned(), |times| format!("×{times:.2}"));
        let _ = writeln!(out, "{what:<28}{:>10}{:>10}  {peer:<12}{times:>8}", shown(ours), shown(theirs));
    }
    for recall in RECALLS {
        let figure =
            |name: &str| median(rounds.iter().filter_map(|round| round.get(OURS, &format!("{name}_stated_{recall}"))));
        if let (Some(reached), Some(qps)) = (figure("recall"), figure("qps")) {
            let _ = writeln!(out, "for recall {recall} the graph chose an ef with {reached:.4}, {qps:.0} queries/s");
        }
    }
    for (name, figures) in rounds.first().map_or(&[][..], |round| &round.0) {
        let figures: Vec<String> = figures.iter().map(|(figure, value)| format!("{figure} {value:.2}")).collect();
        let _ = writeln!(out, "round 1, {name}: {}", figures.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(factor: f64) -> Round {
        Round::new(&[
            json!({"engine": "nigh scan", "scan_ms": 2.0 * factor}),
            json!({"engine": "nigh graph", "build_s": 10.0, "resident_mb": 50.0}),
            json!({"engine": "nigh graph", "k": 10, "ef": 16, "recall": 0.9, "qps": 400.0}),
            json!({"engine": "nigh graph", "k": 10, "ef": 64, "recall": 1.0, "qps": 100.0}),
            json!({"engine": "nigh graph", "k": 1, "ef": 64, "recall": 0.96, "qps": 1.0}),
            json!({"engine": "nigh graph", "k": 10, "ef": 30, "recall": 0.957, "qps": 180.0, "stated": 0.95}),
            json!({"peer": "faiss-flat", "scan_ms": 10.0 * factor}),
            json!({"peer": "hnswlib", "build_s": 20.0, "resident_mb": 200.0}),
            json!({"peer": "hnswlib", "ef": 16, "recall": 0.95, "qps": 100.0 * factor}),
        ])
    }

    #[test]
    fn ratio_of_speed_is_taken_at_the_same_recall_within_rounds() {
        let all = json(&[round(1.0), round(1.0), round(4.0)]);
        let times: Vec<Option<f64>> =
            all["compared"].as_array().unwrap().iter().map(|row| row["times_better"].as_f64()).collect();
        // The logarithm of 200 is halfway between those of 400 and 100; the peer never reaches 0.99.
        assert!((times[0].unwrap() - 2.0).abs() < 1e-9, "{times:?}");
        assert_eq!(times[1..], [None, Some(2.0), Some(5.0), Some(4.0)]);
        assert_eq!(all["engines"]["nigh graph"]["recall_stated_0.95"], 0.957);
        let text = text(&[round(1.0)]);
        assert!(text.contains("×5.00") && text.contains("an ef with 0.9570, 180 queries/s"), "{text}");
    }

    #[test]
    fn curve_is_interpolated_and_not_extrapolated() {
        let curve = [(0.99, 10.0), (0.9, 1000.0)];
        assert_eq!(interpolate(&curve, 0.995), None);
        assert_eq!(interpolate(&curve, 0.8), Some(1000.0));
        assert!((interpolate(&curve, 0.945).unwrap() - 100.0).abs() < 1e-6);
    }
}
