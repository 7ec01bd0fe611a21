//! `nigh search` and `nigh similar`: the same hits, for people and for programs.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the search and its options; hints about filters |
//! | `files.rs` | the files of hits: their paths from the current folder, and whether they changed |
//! | `filter.rs` | paths in filters: from printed paths to the collection's |
//! | `syntax.rs` | the query syntax: what was read of it |
//! | `json.rs` | hits for programs |
//! | `people.rs` | hits for people: headings and snippets |
//! | `marked.rs` | writes the text of a hit, with its marks |
//! | `text.rs` | the text around a hit |
//! | `explain.rs` | explains a hit's score |
//! | `nothing.rs` | explains why nothing was found |

mod explain;
mod files;
mod filter;
mod json;
mod marked;
mod nothing;
mod people;
mod syntax;
mod text;

use std::path::Path;

use nigh::{Collection, Filter, Hits, QuerySyntax, SearchBuilder, Snapshot};

use self::files::HitFiles;
use crate::Outcome;
use crate::args::{SearchArgs, ShowArgs, SimilarArgs};
use crate::output::{Failure, Output, json};
use crate::plan::Plan;
use crate::spelling::ids;

/// The default of `--per-file`, if several files are found.
const PASSAGES_PER_FILE: usize = 3;

pub fn search(plan: &Plan, arguments: &SearchArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let query = arguments.query.join(" ");
    if query.trim().is_empty() {
        return Err(nigh::Error::EmptyQuery.into());
    }
    let syntax = (!arguments.plain).then(|| QuerySyntax::parse(&query)).filter(|syntax| !syntax.is_plain());
    if syntax.as_ref().is_some_and(|syntax| syntax.text.trim().is_empty()) {
        return Err(syntax::no_words(&query));
    }
    let collection = plan.open_existing()?;
    // The text shown around a hit is from the commit that was searched.
    let snapshot = collection.snapshot()?;
    let builder = snapshot.search(query.as_str());
    let marked = syntax.as_ref().map_or(query.as_str(), |syntax| &syntax.text);
    let asked = Asked { query: &query, marked, syntax: syntax.as_ref() };
    answer(plan, (&collection, &snapshot), builder, &asked, &arguments.show, out)
}

pub fn similar(plan: &Plan, arguments: &SimilarArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let file = &arguments.file;
    let collection = plan.open_existing()?;
    let snapshot = collection.snapshot()?;
    let shown = file.to_string_lossy();
    let builder = match stored_id(plan, &collection, &snapshot, file)? {
        Some(id) => snapshot.similar_to(id),
        None if file.is_file() => snapshot.similar_to_file(file)?,
        None if plan.absolute_path(file).is_file() => snapshot.similar_to_file(plan.absolute_path(file))?,
        None => {
            let problem =
                format!("{shown} is neither a file nor a document of the collection {}", collection.path().display());
            return Err(Failure::message(problem));
        }
    };
    let asked = Asked { query: &shown, marked: "", syntax: None };
    answer(plan, (&collection, &snapshot), builder, &asked, &arguments.show, out)
}

/// What a search asks for.
struct Asked<'a> {
    /// As it was written.
    query: &'a str,
    /// The words to mark in hits; empty for a search by a file.
    marked: &'a str,
    /// What was read as syntax; `None` for plain text.
    syntax: Option<&'a QuerySyntax>,
}

/// Returns the id of a file's document; the argument itself if it is an id.
fn stored_id(
    plan: &Plan,
    collection: &Collection,
    snapshot: &Snapshot,
    file: &Path,
) -> Result<Option<String>, Failure> {
    let base = Plan::base(collection.path());
    let absolute = plan.absolute_path(file);
    let relative = absolute.strip_prefix(&base).unwrap_or(&absolute);
    for id in [relative, file].into_iter().flat_map(|path| ids(&path.to_string_lossy())) {
        if snapshot.document(&id)?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn answer(
    plan: &Plan,
    (collection, snapshot): (&Collection, &Snapshot),
    builder: SearchBuilder,
    &Asked { query, marked, syntax }: &Asked<'_>,
    show: &ShowArgs,
    out: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let mode = show.mode;
    // The snippet is built around the sentence, also where nothing is marked.
    let for_people = !plan.json && !show.files_only && !show.null;
    let highlight = show.highlight || for_people;
    let mut builder = builder.limit(show.limit).mode(mode).explain(show.explain).exact(show.exact).recall(show.recall);
    builder = builder.passages_per_document(show.per_file.unwrap_or(PASSAGES_PER_FILE)).highlight(highlight);
    builder = builder.passages_of_only_document(show.per_file.unwrap_or(show.limit));
    builder = builder.min_relevance(show.min_relevance.unwrap_or(0.0));
    if let Some(score) = show.min_score {
        builder = builder.min_score(score);
    }
    let filter = show.filter.as_deref().map(Filter::parse).transpose().map_err(with_caret)?;
    let own_filter = syntax.and_then(|syntax| syntax.filter.clone());
    let filter = filter.into_iter().chain(own_filter).reduce(Filter::and);
    let filter = filter.map(|filter| filter::with_known_paths(filter, plan, collection));
    if let Some(syntax) = syntax {
        // Its filter is a part of `filter`.
        let mut syntax = syntax.clone();
        syntax.filter = None;
        builder = builder.syntax(syntax);
    }
    if let Some(filter) = &filter {
        builder = builder.filter(filter.clone());
    }
    let same_search = builder.clone();
    let hits = builder.run().map_err(with_caret)?;
    let mut hints = hints(collection, filter.as_ref(), &hits)?;
    if let Some(syntax) = syntax {
        if hits.is_empty() && hints.is_empty() {
            hints = nothing::misfits(collection, snapshot, syntax, filter.as_ref())?;
        }
        if !plan.json {
            plan.notes.say(&syntax::note(syntax));
        }
    }
    let files = HitFiles::new(plan, collection, &hits);
    if plan.json {
        json(out, &json::search_json((query, syntax), snapshot, &hits, files, &hints, show)?)?;
    } else if show.files_only || show.null {
        for (hit, file) in hits.hits.iter().zip(&files.0) {
            let path = file.name(hit);
            if show.null {
                out.exact(path)?;
            } else {
                writeln!(out, "{path}")?;
            }
        }
        files.print_note(plan);
    } else {
        people::show((snapshot, &hits), marked, &files, show, terminal_width(), out)?;
        files.print_note(plan);
    }
    if !plan.json {
        if hits.hits.is_empty() && hints.is_empty() && !plan.notes.is_quiet() {
            plan.notes.say(&nothing::reason(plan, collection, same_search, mode, show)?);
        }
        hints.iter().for_each(|hint| plan.notes.say(hint));
        // A search by a file asks nothing.
        if let Some(best) = hits.first().filter(|_| !marked.is_empty() && !hits.seems_answered()) {
            let best = best.relevance;
            plan.notes.say(&format!("nothing here seems to answer this: the best result has a relevance of {best:.2}"));
        }
    }
    Ok(if hits.hits.is_empty() { Outcome::Nothing } else { Outcome::Found })
}

/// The widest lines of running text, in columns: longer ones are hard to read.
const MAX_LINE_COLUMNS: usize = 110;

/// Returns the columns to which text is wrapped; `None` if standard output is not a terminal.
fn terminal_width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(width.0).min(MAX_LINE_COLUMNS))
}

/// Hints about a filter: unknown field names; if nothing was found, why no document matches.
fn hints(collection: &Collection, filter: Option<&Filter>, hits: &Hits) -> Result<Vec<String>, Failure> {
    Ok(match filter {
        Some(filter) if hits.hits.is_empty() => collection.why_nothing(filter)?,
        Some(filter) => collection.unknown_fields(filter)?,
        None => Vec::new(),
    })
}

/// Adds the filter to its error, with a caret under the mistake, on separate lines.
fn with_caret(error: nigh::Error) -> Failure {
    match (error.caret(), &error) {
        (Some(caret), nigh::Error::InvalidFilter { expression, at, problem }) => {
            let column = expression[..expression.floor_char_boundary(at.start)].chars().count() + 1;
            Failure::message(format!("the filter is wrong at column {column}: {problem}")).under(caret)
        }
        _ => error.into(),
    }
}
