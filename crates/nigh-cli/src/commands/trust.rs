//! `nigh trust`: uses the settings, folders and model of a collection that was not made here.

use std::path::Path;

use nigh::Collection;
use serde::Serialize;

use crate::Outcome;
use crate::args;
use crate::output::{Failure, Output, json};
use crate::plan::Plan;

/// The output of `nigh trust --json`.
#[derive(Serialize)]
struct TrustJson<'a> {
    collection: &'a Path,
    trusted: bool,
}

pub fn run(plan: &Plan, arguments: &args::TrustArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = match &arguments.path {
        // The folder's .nigh need not hold a collection yet.
        Some(path) if path.join(".nigh").is_dir() && !Collection::exists(path) => path.join(".nigh"),
        Some(path) => path.clone(),
        None => plan.existing_collection()?,
    };
    if !path.is_dir() {
        return Err(Failure::message(format!(
            "no collection at {}; name a collection, or the folder that contains it",
            path.display()
        )));
    }
    let list = plan.trust_list()?;
    let (done, trusted) = if arguments.remove {
        let was = list.remove(&path)?;
        (if was { "is no longer trusted" } else { "was not trusted" }, false)
    } else {
        list.add(&path)?;
        ("is trusted: its settings, its list of folders and the path of its model now apply", true)
    };
    if plan.json {
        json(out, &TrustJson { collection: &path, trusted })?;
        return Ok(Outcome::Found);
    }
    if plan.notes.is_quiet() {
        return Ok(Outcome::Found);
    }
    writeln!(out, "{} {done}", path.display())?;
    if trusted && Collection::exists(&path) {
        writeln!(out, "`nigh status` shows them")?;
    }
    Ok(Outcome::Found)
}
