//! Explains why a search found nothing.

use nigh::{Collection, Filter, Hit, Mode, QuerySyntax, SearchBuilder, Snapshot};

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

/// Explains which phrases and exclusions of a question leave no document that passes `filter`; empty if one fits them all.
pub fn misfits(
    collection: &Collection,
    snapshot: &Snapshot,
    syntax: &QuerySyntax,
    filter: Option<&Filter>,
) -> Result<Vec<String>, Failure> {
    let QuerySyntax { phrases, excluded, .. } = syntax;
    if phrases.is_empty() && excluded.is_empty() {
        return Ok(Vec::new());
    }
    let dimension = collection.status()?.dimension;
    let fits = |phrases: &[String], excluded: &[String], filter: Option<&Filter>| -> Result<bool, Failure> {
        let mut syntax = QuerySyntax::default();
        (syntax.phrases, syntax.excluded, syntax.filter) = (phrases.to_vec(), excluded.to_vec(), filter.cloned());
        // A search by any vector finds each document that it may find, and needs no model.
        let mut vector = vec![0.0; dimension];
        vector.iter_mut().take(1).for_each(|first| *first = 1.0);
        Ok(!snapshot.search("").syntax(syntax).by_vector(vector).limit(1).run()?.is_empty())
    };
    let mut missing = Vec::new();
    for phrase in phrases {
        if !fits(std::slice::from_ref(phrase), &[], None)? {
            missing
                .push(format!("no document contains \"{phrase}\" exactly; without quotes, its words are searched for"));
        }
    }
    if !missing.is_empty() {
        return Ok(missing);
    }
    let quoted = |texts: &[String]| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
    let (wanted, unwanted) = (quoted(phrases), quoted(excluded));
    Ok(if !fits(phrases, &[], None)? {
        vec![format!("no document contains all of {wanted}")]
    } else if !fits(phrases, excluded, None)? {
        let which = if phrases.is_empty() { String::new() } else { format!(" with {wanted}") };
        vec![format!("every document{which} contains what the question leaves out: {unwanted}")]
    } else if filter.is_some() && !fits(phrases, excluded, filter)? {
        vec!["no document that passes the filter also fits the phrases and exclusions of the question".to_owned()]
    } else {
        Vec::new()
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
