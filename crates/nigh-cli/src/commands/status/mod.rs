//! `nigh status`, `nigh verify`, `nigh rebuild` and `nigh migrate`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the commands; `nigh status --stale` |
//! | `table.rs` | the text of `nigh status` |
//! | `passages.rs` | `nigh migrate --passages`: cuts the documents into passages by another rule |
//! | `space.rs` | `nigh migrate --space`: moves the vectors to another space |
//! | `fields.rs` | `nigh status --fields` |

mod fields;
mod passages;
mod space;
mod table;

use std::path::Path;
use std::time::Duration;

use nigh::{Collection, FolderDiff, FormatChange, Rebuilt, Renamed, SkippedFile};
use serde::Serialize;

use super::folders::{Root, is_removed, list, list_left_out, missing_folder_note, named_or_indexed};
use crate::args;
use crate::output::{Failure, Output, count, json};
use crate::plan::Plan;
use crate::settings::{CreationSettings, Settings};
use crate::{Outcome, interrupt};

/// Lock timeout: how long to wait for another process.
const WAIT: Duration = Duration::from_secs(10);

/// The output of `nigh status --json`.
#[derive(Serialize)]
struct StatusJson<'a> {
    #[serde(flatten)]
    status: &'a nigh::Status,
    /// `null` if no move is possible.
    possible_move: Option<space::MoveJson>,
    /// `null` if all passages are of the collection's rule.
    outdated_passages: Option<passages::OutdatedJson>,
    trusted: bool,
    folders: Vec<String>,
    settings: &'a Settings,
}

/// The output of `nigh verify --json`.
#[derive(Serialize)]
struct VerifyJson<'a> {
    collection: &'a Path,
    findings: &'a [String],
}

/// The output of `nigh rebuild --json`.
#[derive(Serialize)]
struct RebuildJson<'a> {
    collection: &'a Path,
    rebuilt: Rebuilt,
    documents: u64,
    passages: u64,
}

/// The output of `nigh migrate --json`.
#[derive(Serialize)]
struct MigrateJson<'a> {
    collection: &'a Path,
    from: u32,
    to: u32,
    /// Only with --space.
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<space::ChangeJson>,
}

pub fn status(plan: &Plan, arguments: &args::StatusArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    // Also opens a collection that lost data: this command reports the loss.
    let collection = plan.options().read_only(true).allow_data_loss(true).lock_timeout(WAIT).open(&path)?;
    let settings = Settings::resolve(&path, collection.is_trusted(), &arguments.files, CreationSettings::default())?;
    if arguments.fields {
        return fields::run(plan, &collection, out);
    }
    if arguments.stale {
        return print_stale(plan, arguments, &collection, &settings, out);
    }
    let status = collection.status()?;
    let folders = collection.indexed_folders();
    let outdated_passages = passages::outdated(plan, &collection, &status)?;
    if plan.json {
        let trusted = collection.is_trusted();
        let possible_move = space::possible_move(&status);
        json(
            out,
            &StatusJson { status: &status, possible_move, outdated_passages, trusted, folders, settings: &settings },
        )?;
        return Ok(Outcome::Found);
    }
    table::print(&path, &collection, &status, (&settings, outdated_passages.as_ref()), arguments.verbose, out)?;
    Ok(Outcome::Found)
}

/// Prints the changes that `nigh index` would make.
fn print_stale(
    plan: &Plan,
    arguments: &args::StatusArgs,
    collection: &Collection,
    settings: &Settings,
    out: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let base = Plan::base(collection.path());
    let options = settings.folder();
    let mut stale = FolderDiff::default();
    for root in named_or_indexed(collection, &base, &arguments.paths)? {
        let absent = root.symlink_metadata().is_err();
        let removed = absent && is_removed(&root);
        let root = Root::new(root, &base)?;
        if removed {
            stale.removed.extend(collection.folder_documents(&root.prefix)?);
            continue;
        }
        if absent {
            stale.failed.push(SkippedFile::new(root.path.display().to_string(), missing_folder_note()));
            continue;
        }
        let diff = collection.diff_folder(&root.path).prefix(&root.prefix).options(options.clone());
        stale.add(diff.cancel(interrupt::cancel()).run()?);
    }
    settings.name_limit(&mut stale.skipped);
    let outcome = if stale.is_current() { Outcome::Found } else { Outcome::Nothing };
    if plan.json {
        json(out, &stale)?;
        return Ok(outcome);
    }
    let FolderDiff { new, changed, removed, renamed, unchanged, skipped, failed, left_out, .. } = &stale;
    if stale.is_current() {
        writeln!(out, "Up to date: {}.", count(*unchanged, "file"))?;
    }
    let plain = |path: &String| (path.clone(), String::new());
    for (title, paths) in [("new file", new), ("changed file", changed), ("removed file", removed)] {
        list(out, title, "", paths.iter().map(plain), arguments.verbose)?;
    }
    let moved = |renamed: &Renamed| (renamed.from.clone(), format!("now {}", renamed.to));
    list(out, "renamed file", "", renamed.iter().map(moved), arguments.verbose)?;
    let reason = |file: &SkippedFile| (file.path.clone(), file.reason.clone());
    for (title, files) in [(" skipped", skipped), (" could not be read", failed)] {
        list(out, "file", title, files.iter().map(reason), arguments.verbose)?;
    }
    list_left_out(out, left_out, arguments.verbose)?;
    if !stale.is_current() {
        writeln!(out, "{} unchanged", count(*unchanged, "file"))?;
    }
    Ok(outcome)
}

pub fn verify(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let findings = Collection::verify_at(&path, &plan.options().lock_timeout(WAIT))?;
    if plan.json {
        json(out, &VerifyJson { collection: &path, findings: &findings })?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
    }
    if findings.is_empty() {
        if !plan.json && !plan.notes.is_quiet() {
            writeln!(out, "{}", clean_message(plan, &path))?;
        }
        return Ok(Outcome::Found);
    }
    Err(Failure::message(format!(
        "{} in {}; run `nigh rebuild`, then `nigh index` on the folder",
        count(findings.len(), "problem"),
        path.display()
    )))
}

/// Returns the message of `nigh verify` for a collection without damage.
fn clean_message(plan: &Plan, path: &Path) -> String {
    let status =
        plan.options().read_only(true).lock_timeout(WAIT).open(path).and_then(|collection| collection.status());
    // An error here is ignored: the check itself found no damage.
    let Ok(status) = status else { return "OK: no damage.".to_owned() };
    let number = |number: u64, noun| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (documents, passages) = (number(status.documents, "document"), number(status.passages, "passage"));
    format!("OK: {documents}, {passages} checked, no damage.")
}

pub fn rebuild(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let (collection, rebuilt) =
        Collection::rebuild(&path).options(plan.options().existing_only(true).lock_timeout(WAIT)).run()?;
    collection.writer()?.wait_for_merges().run()?;
    let status = collection.status()?;
    if plan.json {
        let (documents, passages) = (status.documents, status.passages);
        json(out, &RebuildJson { collection: &path, rebuilt, documents, passages })?;
        return Ok(Outcome::Found);
    }
    if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    }
    let done = match rebuilt {
        Rebuilt::Records => "rebuilt the records from the published index",
        _ => "rebuilt the published index from the records",
    };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let documents = count(number(status.documents), "document");
    writeln!(out, "{}: {done} ({documents}, {})", path.display(), count(number(status.passages), "passage"))?;
    Ok(Outcome::Found)
}

pub fn migrate(plan: &Plan, arguments: &args::MigrateArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let FormatChange { from, to, .. } = Collection::migrate(&path)?;
    let moved = plan.space().map(|space| space::change(plan, &path, space)).transpose()?;
    if arguments.passages
        && let Some(outcome) = passages::change(plan, arguments, &path, out)?
    {
        return Ok(outcome);
    }
    if plan.json {
        json(out, &MigrateJson { collection: &path, from, to, space: moved.map(Into::into) })?;
        return Ok(Outcome::Found);
    }
    if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    }
    if from != to {
        writeln!(out, "{} migrated from format {from} to {to}", path.display())?;
    } else if moved.is_none() {
        writeln!(out, "{} already has the newest format, {to}", path.display())?;
    }
    if let Some(change) = moved {
        writeln!(out, "{}", space::describe(&path, change))?;
    }
    Ok(Outcome::Found)
}
