//! `nigh index`.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the run: which collection, which folders, the notes on the way |
//! | `report.rs` | describes the result of a run |

mod report;

use std::error::Error;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use nigh::{Cancel, Collection, FolderOptions, FolderReport, SkippedFile, Status, Writer};
use serde::Serialize;

pub use self::report::{print_files, summary};
use super::folders::{Root, canonical, describe_rule, indexed_or_here, is_removed, missing_folder_note, open_error};
use super::model;
use crate::Outcome;
use crate::args::IndexArgs;
use crate::config::write_template;
use crate::output::{Failure, Output, count, json};
use crate::plan::Plan;
use crate::settings::{CreationSettings, Origin, Settings};
use crate::{interrupt, priority};

/// The output of `nigh index --json`.
#[derive(Serialize)]
struct IndexJson<'a> {
    collection: &'a Path,
    model: Option<&'a str>,
    documents: u64,
    passages: u64,
    generation: u64,
    #[serde(flatten)]
    run: &'a FolderReport,
}

pub fn run(plan: &Plan, arguments: &IndexArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    priority::lower(arguments.nice, plan.notes);
    // The collection, and its settings.
    let existing = if arguments.paths.is_empty() { plan.present_collection() } else { None };
    let path = match &existing {
        Some(path) => path.clone(),
        None => plan.collection_for(&canonical(&arguments.paths)?)?,
    };
    let IndexArgs { model, passage_tokens, overlap_tokens, .. } = arguments;
    let creation = CreationSettings {
        model: model.clone(),
        space: plan.space(),
        passage_tokens: *passage_tokens,
        overlap_tokens: *overlap_tokens,
    };
    let trusted = plan.trust().covers(&path)?;
    let settings = Settings::resolve(&path, trusted, &arguments.files, creation)?;
    if settings.ignored {
        return Err(Failure::message(Plan::distrust(&path, "the settings in its config.toml are ignored")));
    }
    let existed = Collection::exists(&path);
    let collection = open(plan, arguments, &settings, &path)?;
    if existed && !collection.is_trusted() {
        plan.notes.say(&Plan::distrust(&path, "its record of indexed files is ignored"));
    }
    // Notes on the collection and the options.
    let before = collection.status()?;
    settings.differing(&path, &before).iter().for_each(|note| plan.notes.say(note));
    if settings.include.from == Origin::CommandLine || settings.exclude.from == Origin::CommandLine {
        let config = path.join("config.toml");
        plan.notes.say(&format!(
            "--include and --exclude apply to this run only, and documents of other files stay; to apply them always, \
             set include and exclude in {}",
            config.display()
        ));
    }
    if let Some(lost) = before.lost_changes {
        let lost = count(usize::try_from(lost).unwrap_or(usize::MAX), "committed change");
        plan.notes.say(&format!("a crash lost {lost}; this run indexes the files again"));
    }
    // The folders to index.
    let stop = interrupt::cancel();
    let base = Plan::base(&path);
    let options = settings.folder().reread(arguments.reread).allow_empty(arguments.allow_empty);
    let mut writer = collection.writer()?;
    let roots = if existing.is_some() { indexed_or_here(&collection, &base)? } else { canonical(&arguments.paths)? };
    if existing.is_some() && !roots.iter().any(|root| is_here(plan, root)) {
        let (here, shown) = (plan.directory().display(), join_paths(&roots));
        plan.notes.say(&format!("updating {shown}; {here} is not one of its folders, `nigh index .` adds it"));
    }
    let mut total = FolderReport::default();
    let roots = existing_roots(plan, roots, &base, arguments.allow_empty, &mut writer, &mut total)?;
    // A root that cannot be read is an error, but the others are indexed.
    let several = roots.len() > 1;
    let (unread, roots): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| several && open_error(root).is_some());
    for root in &unread {
        let reason = open_error(root)
            .map_or(String::new(), |error| format!("{}; its documents are kept", crate::output::reason(&error)));
        total.failed.push(SkippedFile::new(root.display().to_string(), reason));
    }
    for root in roots {
        total.add(index_root(plan, &options, &mut writer, &Root::new(root, &base)?, stop)?);
        if total.interrupted || stop.is_cancelled() {
            total.interrupted = true;
            break;
        }
    }
    // Builds the graphs of a large import; after Ctrl-C the next run does.
    if !total.interrupted {
        let _doing = plan.notes.doing("preparing the index for searches");
        writer.wait_for_merges().run()?;
    }
    // The report.
    settings.name_limit(&mut total.skipped);
    let status = collection.status()?;
    if let Some(largest_rule) = total.left_out.iter().max_by_key(|rule| rule.files + rule.folders)
        && status.documents == 0
        && !total.interrupted
    {
        let advice = "to include them, name them in a .nighignore file, for example !*.md or !notes/";
        plan.notes.say(&format!("nothing is indexed: {} left out; {advice}", describe_rule(largest_rule)));
    }
    if plan.json {
        let Status { documents, passages, generation, .. } = status;
        let model = status.model.as_deref();
        json(out, &IndexJson { collection: &path, model, documents, passages, generation, run: &total })?;
    } else if !plan.notes.is_quiet() {
        report::print_report(arguments.verbose, &path, &status, &total, out)?;
    }
    if !unread.is_empty() && !total.interrupted {
        return Err(Failure::message(format!("cannot read {}; check the permissions", join_paths(&unread))));
    }
    Ok(if total.interrupted { Outcome::Interrupted } else { Outcome::Found })
}

/// True if the current folder is a root, below it, or above it.
fn is_here(plan: &Plan, root: &Path) -> bool {
    let here = plan.directory().canonicalize().unwrap_or_else(|_| plan.directory().to_path_buf());
    here.starts_with(root) || root.starts_with(here)
}

fn join_paths(roots: &[PathBuf]) -> String {
    roots.iter().map(|root| root.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns the folders that exist. Documents of a missing folder are removed if the folder was removed, or with --allow-empty; else
/// they stay, since its disk may not be mounted. If no folder exists, nothing is removed unasked: all may have moved.
fn existing_roots(
    plan: &Plan,
    roots: Vec<PathBuf>,
    base: &Path,
    allow_empty: bool,
    writer: &mut Writer,
    total: &mut FolderReport,
) -> Result<Vec<PathBuf>, Failure> {
    let (present, missing): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.symlink_metadata().is_ok());
    if present.is_empty() && !allow_empty {
        let advice =
            "nothing was removed; if they moved, name them where they are now; if they are gone, add --allow-empty";
        return Err(Failure::message(format!("the indexed folders are missing: {}; {advice}", join_paths(&missing))));
    }
    for root in missing {
        let name = root.display().to_string();
        if allow_empty || is_removed(&root) {
            let removed = writer.forget_folder(&Root::new(root, base)?.prefix)?;
            total.removed += removed;
            plan.notes.say(&format!("{name} is gone: {} removed, folder forgotten", count(removed, "document")));
        } else {
            total.failed.push(SkippedFile::new(name, missing_folder_note()));
        }
    }
    Ok(present)
}

/// Opens the existing collection, or creates one with these settings.
fn open(plan: &Plan, arguments: &IndexArgs, settings: &Settings, path: &Path) -> Result<Collection, Failure> {
    // An interrupted run may have lost uncommitted documents; this run reads them from the folder again.
    let options = plan.options().allow_data_loss(true);
    let (passage_tokens, overlap_tokens) = (settings.passage_tokens.value, settings.overlap_tokens.value);
    if Collection::exists(path) {
        let options = match &arguments.model {
            Some(model) => options.model(model::required(plan, Some(model))?),
            None => options,
        };
        return Ok(options.open(path)?);
    }
    let mut options = options.model(model::required(plan, settings.model.value.as_deref())?);
    if let Some(space) = settings.space.value {
        options = options.vector_space(space);
    }
    if let Some(tokens) = passage_tokens {
        options = options.passage_tokens(tokens);
    }
    if let Some(tokens) = overlap_tokens {
        options = options.overlap_tokens(tokens);
    }
    let collection = options.open(path).map_err(|error| creation_error(plan, path, error))?;
    write_template(path, collection.status()?.model.as_deref());
    Ok(collection)
}

/// Returns the error if a new collection cannot be made. If the folder cannot be written to, it advises a collection elsewhere.
fn creation_error(plan: &Plan, path: &Path, error: nigh::Error) -> Failure {
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    let causes = std::iter::successors(Some(&error as &(dyn Error + 'static)), |error| (*error).source());
    let refused =
        causes.filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|io| kinds.contains(&io.kind()));
    match path.parent() {
        Some(folder) if refused && !plan.is_collection_named() => Failure::message(format!(
            "cannot write to {0}; keep the index elsewhere: `nigh index --collection ANOTHER_FOLDER {0}`",
            folder.display()
        )),
        _ => error.into(),
    }
}

/// Indexes one root, with a progress bar on a terminal.
pub fn index_root(
    plan: &Plan,
    options: &FolderOptions,
    writer: &mut Writer,
    root: &Root,
    stop: &Cancel,
) -> Result<FolderReport, Failure> {
    let mut bar = plan.notes.folder();
    let index = writer.index_folder(&root.path).prefix(&root.prefix).options(options.clone()).cancel(stop);
    Ok(index.on_progress(|progress| bar.update(progress, stop.is_cancelled())).run()?)
}
