//! Observations: first hits of queries, and whether they answer.

use std::collections::{BTreeMap, HashSet};

use nigh::internals::search::RelevanceFeatures;
use nigh::{Collection, Hits, Mode};

use super::Failure;
use super::sets::{Documents, Set};

/// The most queries of a kind for one part.
const MAX_QUERIES: usize = 200;
/// The weight of all near queries of a part; that of the right hits and that of the foreign queries are 1 each.
const NEAR_WEIGHT: f64 = 0.3;

/// What a first hit is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The hit answers.
    Right,
    /// The query is from another set.
    Foreign,
    /// The query is from this set, but its answers are not in the part.
    Near,
}

/// A first hit.
pub struct Observation {
    /// The features; the last one is 1, for the bias.
    pub values: Vec<f64>,
    pub group: Group,
    /// The number of its set.
    pub set: usize,
    pub weight: f64,
    /// The relevance with the current weights.
    pub today: f64,
}

impl Observation {
    pub fn is_relevant(&self) -> bool {
        self.group == Group::Right
    }
}

/// The observations of each kind of search.
pub type Observations = BTreeMap<&'static str, Vec<Observation>>;

/// Adds the first hits in all parts of a set, in every mode.
pub fn observe(
    sets: &[Set],
    set: usize,
    sizes: &[usize],
    model: Option<&str>,
    into: &mut Observations,
) -> Result<(), Failure> {
    let mut foreign: Vec<&str> = Vec::new();
    for (_, other) in sets.iter().enumerate().filter(|(other, _)| *other != set) {
        let queries = shuffled(other.queries.len()).into_iter().take(MAX_QUERIES.div_ceil(sets.len() - 1));
        foreign.extend(queries.map(|query| other.queries[query].0.as_str()));
    }
    let parts: Vec<Vec<usize>> = match sets[set].len() {
        Some(all) => {
            let ends = sizes.iter().copied().filter(|&size| size < all).chain([all]);
            ends.map(|end| shuffled(all)[..end].to_vec()).collect()
        }
        None => vec![Vec::new()],
    };
    for part in &parts {
        let folder = tempfile::tempdir()?;
        let collection = sets[set].index(part, &folder.path().join("part.nigh"), model)?;
        let mut found = Observations::new();
        for mode in [Mode::Hybrid, Mode::Dense, Mode::Lexical] {
            observe_mode(&collection, &sets[set], part, &foreign, mode, &mut found)?;
        }
        // Each part of a set has the same weight, whatever the number of queries.
        for (kind, mut observations) in found {
            let counts = [Group::Right, Group::Foreign, Group::Near]
                .map(|group| observations.iter().filter(|one| one.group == group).count().max(1));
            for one in &mut observations {
                let (weight, count) = match one.group {
                    Group::Right => (1.0, counts[0]),
                    Group::Foreign => (1.0, counts[1]),
                    Group::Near => (NEAR_WEIGHT, counts[2]),
                };
                one.weight = weight / count as f64 / parts.len() as f64;
                one.set = set;
            }
            into.entry(kind).or_default().extend(observations);
        }
    }
    Ok(())
}

fn observe_mode(
    collection: &Collection,
    set: &Set,
    part: &[usize],
    foreign: &[&str],
    mode: Mode,
    into: &mut Observations,
) -> Result<(), Failure> {
    let ids: HashSet<&str> = match &set.documents {
        Documents::Texts(texts) => part.iter().map(|&at| texts[at].0.as_str()).collect(),
        Documents::Folder(_) => HashSet::new(),
    };
    let order = shuffled(set.queries.len()).into_iter().map(|query| &set.queries[query]);
    let (answered, near): (Vec<_>, Vec<_>) = order.partition(|(_, relevant)| set.is_answered(relevant, &ids));
    for (query, relevant) in answered.into_iter().take(MAX_QUERIES) {
        let hits = first_hit(collection, query, mode)?;
        let is_right = |hit: &&nigh::Hit| set.is_relevant(relevant, hit.document.id.as_str());
        hits.first().filter(is_right).into_iter().for_each(|hit| add(hit.relevance_features(), Group::Right, into));
    }
    let near = near.into_iter().take(MAX_QUERIES).map(|(query, _)| (query.as_str(), Group::Near));
    for (query, group) in foreign.iter().map(|query| (*query, Group::Foreign)).chain(near) {
        let hits = first_hit(collection, query, mode)?;
        hits.first().into_iter().for_each(|hit| add(hit.relevance_features(), group, into));
    }
    Ok(())
}

fn first_hit(collection: &Collection, query: &str, mode: Mode) -> Result<Hits, Failure> {
    Ok(collection.search(query).mode(mode).limit(1).run()?)
}

fn add(features: RelevanceFeatures, group: Group, into: &mut Observations) {
    let (kind, values) = match features {
        RelevanceFeatures::Hybrid { z_score, coverage, bm25, exact, foreign, known, .. } => {
            ("hybrid", vec![z_score, coverage, bm25, exact, foreign, known])
        }
        RelevanceFeatures::Dense { z_score } => ("dense", vec![z_score]),
        RelevanceFeatures::Lexical { coverage, bm25 } => ("lexical", vec![coverage, bm25]),
        _ => return,
    };
    let values = values.into_iter().map(f64::from).chain([1.0]).collect();
    let today = f64::from(features.relevance());
    into.entry(kind).or_default().push(Observation { values, group, set: 0, weight: 0.0, today });
}

/// Returns the numbers below `len` in a reproducible random order.
fn shuffled(len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by_key(|&i| {
        (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0x94d0_49bb_1331_11eb)
    });
    order
}
