//! `nigh status`, `nigh verify`, `nigh rebuild` and `nigh migrate`.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nigh::{Collection, FolderDiff, FormatChange, Rebuilt, Renamed, SkippedFile};
use serde::Serialize;

use super::fields;
use super::folders::{Root, is_removed, list, list_left_out, named_or_indexed, not_there};
use crate::args;
use crate::output::{Failure, Output, bytes, count, json, thousands};
use crate::plan::Plan;
use crate::settings::{Making, Settings};
use crate::{Outcome, interrupt};

/// How long to wait for another process to let go.
const WAIT: Duration = Duration::from_secs(10);

/// What `nigh status --json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    status: &'a nigh::Status,
    trusted: bool,
    folders: Vec<String>,
    settings: &'a Settings,
}

/// What `nigh verify --json` prints.
#[derive(Serialize)]
struct Verified<'a> {
    collection: &'a Path,
    findings: &'a [String],
}

/// What `nigh rebuild --json` prints.
#[derive(Serialize)]
struct Remade<'a> {
    collection: &'a Path,
    rebuilt: Rebuilt,
    documents: u64,
    passages: u64,
}

/// What `nigh migrate --json` prints.
#[derive(Serialize)]
struct Migrated<'a> {
    collection: &'a Path,
    from: u32,
    to: u32,
}

pub fn status(plan: &Plan, arguments: &args::Status, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    // Also where something was lost: this command is how one learns of it.
    let collection = plan.options().read_only(true).allow_data_loss(true).lock_timeout(WAIT).open(&path)?;
    let settings = Settings::of(&path, collection.is_trusted(), &arguments.files, Making::default())?;
    if arguments.fields {
        return fields::run(plan, &collection, out);
    }
    if arguments.stale {
        return stale(plan, arguments, &collection, &settings, out);
    }
    let status = collection.status()?;
    let folders = collection.indexed_folders();
    if plan.json {
        let trusted = collection.is_trusted();
        json(out, &Answer { status: &status, trusted, folders, settings: &settings })?;
        return Ok(Outcome::Found);
    }
    let model = match (&status.model, &status.model_path) {
        (Some(name), Some(path)) => format!("{name} ({})", path.display()),
        (Some(name), None) => format!("{name} (not on this machine; `nigh model pull {name}`)"),
        (None, _) => "none: vectors are brought".to_owned(),
    };
    let longest = status.passage_tokens.map_or("the model's window".to_owned(), |n| format!("{n} tokens"));
    let shown = |folder: &String| if folder.is_empty() { ".".to_owned() } else { folder.clone() };
    for (name, value) in [
        ("collection", path.display().to_string()),
        ("folders", folders.iter().map(shown).collect::<Vec<_>>().join(", ")),
        ("documents", thousands(status.documents)),
        ("passages", thousands(status.passages)),
        ("model", model),
        ("vectors", format!("{} × {:?}", status.dimension, status.precision).to_lowercase()),
        ("longest passage", longest),
        ("on disk", bytes(status.bytes_on_disk)),
        ("segments", format!("{} ({} with a graph)", status.segments, status.graphs)),
        ("generation", format!("{} (change {})", status.generation, thousands(status.sequence))),
        ("format", status.format.to_string()),
        ("made", format!("{} ago", ago(status.created_unix))),
        (
            "trusted",
            if collection.is_trusted() { "yes" } else { "no: its settings and folders do not count" }.to_owned(),
        ),
    ] {
        writeln!(out, "{name:<16} {value}")?;
    }
    if let Some(lost) = status.lost_changes {
        let lost = count(usize::try_from(lost).unwrap_or(usize::MAX), "acknowledged change");
        writeln!(out, "{:<16} {lost}; `nigh index` on the folder restores what they held", "lost")?;
    }
    writeln!(out)?;
    writeln!(out, "settings in force, and where they come from")?;
    for (name, value, origin) in settings.rows(&status) {
        writeln!(out, "{name:<16} {value} ({origin})")?;
    }
    for note in settings.differing(&path, &status) {
        writeln!(out, "{note}")?;
    }
    Ok(Outcome::Found)
}

/// What indexing would find to do.
fn stale(
    plan: &Plan,
    arguments: &args::Status,
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
            stale.failed.push(SkippedFile::new(root.path.display().to_string(), not_there()));
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
    let number = |number: usize| thousands(number as u64);
    writeln!(
        out,
        "{} new, {} changed, {} removed, {} renamed, {} unchanged",
        number(new.len()),
        number(changed.len()),
        number(removed.len()),
        number(renamed.len()),
        number(*unchanged)
    )?;
    let plain = |path: &String| (path.clone(), String::new());
    for (title, paths) in [("new", new), ("changed", changed), ("removed", removed)] {
        list(out, title, paths.iter().map(plain), arguments.verbose)?;
    }
    let moved = |renamed: &Renamed| (renamed.from.clone(), format!("now {}", renamed.to));
    list(out, "renamed", renamed.iter().map(moved), arguments.verbose)?;
    let reason = |file: &SkippedFile| (file.path.clone(), file.reason.clone());
    for (title, files) in [("skipped", skipped), ("cannot be read", failed)] {
        list(out, title, files.iter().map(reason), arguments.verbose)?;
    }
    list_left_out(out, left_out, arguments.verbose)?;
    Ok(outcome)
}

pub fn verify(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let findings = Collection::verify_at(&path, &plan.options().lock_timeout(WAIT))?;
    if plan.json {
        json(out, &Verified { collection: &path, findings: &findings })?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
    }
    if findings.is_empty() {
        if !plan.json && !plan.notes.is_quiet() {
            writeln!(out, "all is well")?;
        }
        return Ok(Outcome::Found);
    }
    Err(Failure::said(format!(
        "{} in {}; run `nigh rebuild`, which makes what is wrong again from what is right, and then `nigh index` on the folder",
        count(findings.len(), "finding"),
        path.display()
    )))
}

pub fn rebuild(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let (collection, rebuilt) =
        Collection::rebuild(&path).options(plan.options().existing_only(true).lock_timeout(WAIT)).run()?;
    collection.writer()?.wait_for_merges().run()?;
    let status = collection.status()?;
    if plan.json {
        let (documents, passages) = (status.documents, status.passages);
        json(out, &Remade { collection: &path, rebuilt, documents, passages })?;
        return Ok(Outcome::Found);
    }
    if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    }
    let what = match rebuilt {
        Rebuilt::Records => "the records were lost and were made again from what was published",
        _ => "what is published was made again from the records",
    };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let documents = count(number(status.documents), "document");
    writeln!(out, "{}: {what}: {documents}, {}", path.display(), count(number(status.passages), "passage"))?;
    Ok(Outcome::Found)
}

pub fn migrate(plan: &Plan, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let FormatChange { from, to, .. } = Collection::migrate(&path)?;
    if plan.json {
        json(out, &Migrated { collection: &path, from, to })?;
    } else if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    } else if from == to {
        writeln!(out, "{} has format {to}, the newest", path.display())?;
    } else {
        writeln!(out, "{} migrated from format {from} to {to}", path.display())?;
    }
    Ok(Outcome::Found)
}

/// How long ago, in the largest unit that fits.
fn ago(unix: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = now.saturating_sub(unix);
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    count(usize::try_from(number).unwrap_or(usize::MAX), unit)
}
