//! Explains why a search found nothing.

use nigh::{Collection, Hit, Mode, SearchBuilder};

use crate::args::ShowArgs;
use crate::output::Failure;
use crate::plan::Plan;

/// Explains why there are no hits, if no hint about the filter does. `search`: the search that found nothing.
pub fn reason(
    plan: &Plan,
    collection: &Collection,
    search: SearchBuilder,
    mode: Mode,
    show: &ShowArgs,
) -> Result<String, Failure> {
    if collection.status()?.documents == 0 {
        return Ok("this collection is empty; `nigh index FOLDER` fills it".to_owned());
    }
    let relevance = show.min_relevance.filter(|&relevance| relevance > 0.0);
    if relevance.is_some() || show.min_score.is_some() {
        // The same search without thresholds: the best hit shows by how much it missed them.
        let search = search.min_relevance(0.0).min_score(f32::NEG_INFINITY).limit(1).highlight(false).explain(false);
        if let Some(hit) = search.run()?.hits.first() {
            return Ok(describe_best(plan, collection, hit, relevance, show.min_score));
        }
    }
    Ok(match mode {
        Mode::Lexical => "nothing found: no document contains these words".to_owned(),
        _ => "nothing found".to_owned(),
    })
}

/// Describes the best hit below the thresholds.
fn describe_best(
    plan: &Plan,
    collection: &Collection,
    hit: &Hit,
    relevance: Option<f32>,
    score: Option<f32>,
) -> String {
    let path = plan.path_of(&Plan::base(collection.path()), &hit.document);
    let path = path.as_deref().unwrap_or(hit.document.id.as_str());
    match (relevance, score) {
        (Some(least), _) if hit.relevance < least => {
            // Rounded down, so that the advice shows the hit.
            let best = (hit.relevance * 100.0).floor() / 100.0;
            if best > 0.0 {
                format!("nothing at {least} or more; the best was {best}: {path} (--min-relevance {best} shows it)")
            } else {
                format!("nothing at {least} or more; the best was below 0.01: {path}")
            }
        }
        (_, Some(least)) => format!("nothing with a score of {least} or more; the best was {:.3}: {path}", hit.score),
        _ => "nothing found".to_owned(),
    }
}
