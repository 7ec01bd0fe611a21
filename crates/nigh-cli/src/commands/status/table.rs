//! The text of `nigh status`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nigh::{Collection, Cuts, ModelInfo, Status};

use super::passages::OutdatedJson;
use super::space::possible_move;
use crate::compute;
use crate::output::{Failure, Output, bytes, count, thousands};
use crate::settings::Settings;

/// Prints the facts about a collection, then its settings. `verbose`: technical facts too.
pub(super) fn print(
    path: &Path,
    collection: &Collection,
    status: &Status,
    (settings, outdated): (&Settings, Option<&OutdatedJson>),
    verbose: bool,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let shown = |folder: String| if folder.is_empty() { ".".to_owned() } else { folder };
    let folders: Vec<String> = collection.indexed_folders().into_iter().map(shown).collect();
    let trusted =
        if collection.is_trusted() { "yes" } else { "no: its settings and folders are ignored (see `nigh trust`)" };
    let mut rows = vec![
        ("collection", path.display().to_string()),
        ("folders", folders.join(", ")),
        ("documents", thousands(status.documents)),
        ("passages", thousands(status.passages)),
        ("model", model_line(status)),
        ("longest passage", longest_passage(status)),
        ("on disk", bytes(status.bytes_on_disk)),
        ("created", format!("{} ago", format_age(status.created_unix))),
        ("trusted", trusted.to_owned()),
    ];
    if status.model.is_some() {
        rows.insert(5, ("vector space", space_line(status)));
        if let Some(possible) = possible_move(status) {
            rows.insert(6, ("possible space", possible.line()));
        }
    }
    if let Some(path) = &status.encoder {
        rows.insert(5, ("encoder", compute::describe(path)));
    }
    if let Some(outdated) = outdated {
        rows.push(("old passages", outdated.line(status)));
    }
    if verbose {
        rows.extend([
            ("vectors", format!("{} × {:?}", status.dimension, status.precision).to_lowercase()),
            ("segments", format!("{} ({} with a graph)", status.segments, status.graphs)),
            ("generation", format!("{} (change {})", status.generation, thousands(status.sequence))),
            ("format", status.format.to_string()),
        ]);
    }
    if let Some(lost) = status.lost_changes {
        let lost = count(usize::try_from(lost).unwrap_or(usize::MAX), "committed change");
        rows.push(("lost", format!("{lost} in a crash; run `nigh index` on the folder to index them again")));
    }
    for (name, value) in rows {
        writeln!(out, "{name:<16} {value}")?;
    }
    writeln!(out)?;
    writeln!(out, "settings, and where they come from")?;
    for (name, value, origin) in settings.rows(status) {
        writeln!(out, "{name:<16} {value} ({origin})")?;
    }
    for note in settings.differing(path, status) {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

fn model_line(status: &Status) -> String {
    match (&status.model, &status.model_path) {
        (Some(name), Some(path)) => format!("{name} ({})", path.display()),
        (Some(name), None) => format!("{name} (not on this machine; `nigh model pull {name}` installs it)"),
        (None, _) => "none (vectors of your own)".to_owned(),
    }
}

fn space_line(status: &Status) -> String {
    status.space.map_or_else(|| "unknown, as the model is not on this machine".to_owned(), |space| space.to_string())
}

/// Returns the maximum length of a passage: the setting, else the default of the collection's rule.
fn longest_passage(status: &Status) -> String {
    if let Some(tokens) = status.passage_tokens {
        return count(tokens, "token");
    }
    let model = status.model_path.as_ref().and_then(|path| ModelInfo::open(path).ok());
    let limit = model.map_or_else(
        || "the model's limit".to_owned(),
        |model| format!("the model's limit of {}", count(model.context_length(), "token")),
    );
    match status.cuts {
        Cuts::Blocks => limit,
        _ => format!("192 tokens, or one longer paragraph up to {limit}"),
    }
}

/// Returns the time since then, in the largest unit that fits.
fn format_age(unix: u64) -> String {
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
