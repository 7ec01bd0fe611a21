//! `nigh status`, `nigh verify` and `nigh migrate`.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nigh::Collection;
use serde_json::json;

use crate::Outcome;
use crate::output::{Failure, bytes, count, json, thousands};
use crate::plan::Plan;

pub fn status(plan: &Plan, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    // Also where something was lost: this command is how one learns of it.
    let collection = plan.options().read_only().accept_loss().wait(Duration::from_secs(10)).open(&path)?;
    let status = collection.status()?;
    if plan.json {
        json(out, &status)?;
        return Ok(Outcome::Found);
    }
    let model = match (&status.model, &status.model_path) {
        (Some(name), Some(path)) => format!("{name} ({})", path.display()),
        (Some(name), None) => format!("{name} (not on this machine; `nigh model pull {name}`)"),
        (None, _) => "none: vectors are brought".to_owned(),
    };
    let longest = status.passage_tokens.map_or("the model's window".to_owned(), |n| format!("{n} tokens"));
    for (name, value) in [
        ("collection", path.display().to_string()),
        ("documents", thousands(status.documents)),
        ("passages", thousands(status.passages)),
        ("model", model),
        ("vectors", format!("{} × {:?}", status.dimension, status.precision).to_lowercase()),
        ("longest passage", longest),
        ("on disk", bytes(status.bytes_on_disk)),
        ("generation", format!("{} (change {})", status.generation, thousands(status.sequence))),
        ("format", status.format.to_string()),
        ("made", format!("{} ago", ago(status.created_unix))),
    ] {
        writeln!(out, "{name:<16} {value}")?;
    }
    if let Some(lost) = status.lost_changes {
        let lost = count(usize::try_from(lost).unwrap_or(usize::MAX), "acknowledged change");
        writeln!(out, "{:<16} {lost}; `nigh index` on the folder restores what they held", "lost")?;
    }
    Ok(Outcome::Found)
}

pub fn verify(plan: &Plan, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let collection = plan.open_existing()?;
    let findings = collection.verify()?;
    if plan.json {
        json(out, &json!({"collection": collection.path(), "findings": findings}))?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
    }
    if findings.is_empty() {
        if !plan.json {
            writeln!(out, "all is well")?;
        }
        return Ok(Outcome::Found);
    }
    Err(Failure::said(format!(
        "{} in {}; `nigh index` on the folder puts right what came from files",
        count(findings.len(), "finding"),
        collection.path().display()
    )))
}

pub fn migrate(plan: &Plan, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let (from, to) = Collection::migrate(&path)?;
    if plan.json {
        json(out, &json!({"collection": path, "from": from, "to": to}))?;
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
