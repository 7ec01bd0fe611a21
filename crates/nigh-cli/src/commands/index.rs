//! `nigh index`.

use std::path::{Path, PathBuf};

use nigh::{Cancel, Collection, FolderOptions, FolderReport, SkippedFile, Status, Writer};
use serde::Serialize;

use super::folders::{Root, canonical, indexed_or_here, is_removed, left_out, list, list_left_out, not_there, refused};
use super::model;
use crate::Outcome;
use crate::args::Index;
use crate::config::write_template;
use crate::interrupt;
use crate::output::{Failure, Output, count, json, thousands};
use crate::plan::Plan;
use crate::settings::{Making, Origin, Settings};

/// What `nigh index --json` prints.
#[derive(Serialize)]
struct Report<'a> {
    collection: &'a Path,
    model: Option<&'a str>,
    documents: u64,
    passages: u64,
    generation: u64,
    #[serde(flatten)]
    run: &'a FolderReport,
}

pub fn run(plan: &Plan, arguments: &Index, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let present = if arguments.paths.is_empty() { plan.present_collection() } else { None };
    let path = match &present {
        Some(path) => path.clone(),
        None => plan.collection_for(&canonical(&arguments.paths)?)?,
    };
    let Index { model, passage_tokens, overlap_tokens, .. } = arguments;
    let making = Making { model: model.clone(), passage_tokens: *passage_tokens, overlap_tokens: *overlap_tokens };
    let trusted = plan.trust().covers(&path)?;
    let settings = Settings::of(&path, trusted, &arguments.files, making)?;
    if settings.ignored {
        return Err(Failure::said(Plan::distrust(&path, "the settings in its config.toml do not count")));
    }
    let existed = Collection::exists(&path);
    let collection = open(plan, arguments, &settings, &path)?;
    if existed && !collection.is_trusted() {
        let what = "what it remembers of its folders does not count";
        plan.notes.say(&Plan::distrust(&path, what));
    }
    let before = collection.status()?;
    settings.differing(&path, &before).iter().for_each(|note| plan.notes.say(note));
    if settings.include.from == Origin::CommandLine || settings.exclude.from == Origin::CommandLine {
        let config = path.join("config.toml");
        plan.notes.say(&format!(
            "--include and --exclude count for this run, and documents of other files stay as they are; to have them count always, \
             set include and exclude in {}",
            config.display()
        ));
    }
    if let Some(lost) = before.lost_changes {
        plan.notes.say(&format!("{lost} acknowledged changes were lost; what they held is indexed again now"));
    }
    let stop = interrupt::cancel();
    let base = Plan::base(&path);
    let options = settings.folder().reread(arguments.reread).allow_empty(arguments.allow_empty);
    let mut writer = collection.writer()?;
    let roots = if present.is_some() { indexed_or_here(&collection, &base)? } else { canonical(&arguments.paths)? };
    if present.is_some() && !roots.iter().any(|root| is_here(plan, root)) {
        let (here, shown) = (plan.directory().display(), shown(&roots));
        plan.notes
            .say(&format!("bringing {shown} up to date; {here} is not among the folders: `nigh index .` adds it"));
    }
    let mut total = FolderReport::default();
    let roots = there(plan, roots, &base, arguments.allow_empty, &mut writer, &mut total)?;
    // One that cannot be read is an error, and no reason not to index the others.
    let several = roots.len() > 1;
    let (unread, roots): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| several && refused(root).is_some());
    for root in &unread {
        let reason = refused(root)
            .map_or(String::new(), |error| format!("cannot be read: {error}; what was indexed of it is kept"));
        total.failed.push(SkippedFile::new(root.display().to_string(), reason));
    }
    for root in roots {
        total.add(index_root(plan, &options, &mut writer, &Root::new(root, &base)?, stop)?);
        if total.interrupted || stop.is_cancelled() {
            total.interrupted = true;
            break;
        }
    }
    // Graphs of a large import; Ctrl-C leaves them to the next run.
    if !total.interrupted {
        let _doing = plan.notes.doing("preparing the index for searches");
        writer.wait_for_merges().run()?;
    }
    settings.name_limit(&mut total.skipped);
    let status = collection.status()?;
    if let Some(most) = total.left_out.iter().max_by_key(|rule| rule.files + rule.folders)
        && status.documents == 0
        && !total.interrupted
    {
        let advice = "a .nighignore takes back what it names, as !*.md or !notes/";
        plan.notes.say(&format!("nothing is indexed: {} left out; {advice}", left_out(most)));
    }
    if plan.json {
        let Status { documents, passages, generation, .. } = status;
        let model = status.model.as_deref();
        json(out, &Report { collection: &path, model, documents, passages, generation, run: &total })?;
    } else if !plan.notes.is_quiet() {
        tell(arguments.verbose, &path, &status, &total, out)?;
    }
    if !unread.is_empty() && !total.interrupted {
        return Err(Failure::said(format!("cannot read {}; check the permissions", shown(&unread))));
    }
    Ok(if total.interrupted { Outcome::Interrupted } else { Outcome::Found })
}

/// Whether the program was started in a folder or below it, or where the folder lies.
fn is_here(plan: &Plan, root: &Path) -> bool {
    let here = plan.directory().canonicalize().unwrap_or_else(|_| plan.directory().to_path_buf());
    here.starts_with(root) || root.starts_with(here)
}

fn shown(roots: &[PathBuf]) -> String {
    roots.iter().map(|root| root.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The folders that are there. Of one that is not, the documents go where it was removed, or that is said; else they stay, as those of a
/// disk that is not mounted. Where no folder is there nothing goes unasked: it is more likely that all of this lies elsewhere now.
fn there(
    plan: &Plan,
    roots: Vec<PathBuf>,
    base: &Path,
    allow_empty: bool,
    writer: &mut Writer,
    total: &mut FolderReport,
) -> Result<Vec<PathBuf>, Failure> {
    let (there, absent): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.symlink_metadata().is_ok());
    if there.is_empty() && !allow_empty {
        let advice =
            "nothing was removed; name the folders where they are now, or add --allow-empty if they are really gone";
        return Err(Failure::said(format!(
            "none of the folders that were indexed is there: {}; {advice}",
            shown(&absent)
        )));
    }
    for root in absent {
        let name = root.display().to_string();
        if allow_empty || is_removed(&root) {
            let removed = writer.forget_folder(&Root::new(root, base)?.prefix)?;
            total.removed += removed;
            plan.notes
                .say(&format!("{name} is gone: {} removed, and the folder forgotten", count(removed, "document")));
        } else {
            total.failed.push(SkippedFile::new(name, not_there()));
        }
    }
    Ok(there)
}

/// Opens the collection that is there, or makes one as the settings say.
fn open(plan: &Plan, arguments: &Index, settings: &Settings, path: &Path) -> Result<Collection, Failure> {
    // An interrupted indexing may have lost what it had not committed; a folder gives it again.
    let options = plan.options().allow_data_loss(true);
    let (passage_tokens, overlap_tokens) = (settings.passage_tokens.value, settings.overlap_tokens.value);
    if Collection::exists(path) {
        let options = match &arguments.model {
            Some(model) => options.model(model::needed(plan, Some(model))?),
            None => options,
        };
        return Ok(options.open(path)?);
    }
    let mut options = options.model(model::needed(plan, settings.model.value.as_deref())?);
    if let Some(tokens) = passage_tokens {
        options = options.passage_tokens(tokens);
    }
    if let Some(tokens) = overlap_tokens {
        options = options.overlap_tokens(tokens);
    }
    let collection = options.open(path)?;
    write_template(path, collection.status()?.model.as_deref());
    Ok(collection)
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

/// What a run did, for people.
pub fn summary(report: &FolderReport) -> String {
    let FolderReport { added, changed, removed, renamed, unchanged, passages_encoded, passages_kept, took, .. } =
        report;
    let seconds = took.as_secs_f64();
    let number = |number: &usize| thousands(*number as u64);
    let renamed = if *renamed == 0 { String::new() } else { format!(" {} renamed,", number(renamed)) };
    format!(
        "{} added, {} changed, {} removed,{renamed} {} unchanged; {} encoded and {} kept in {seconds:.1} s",
        number(added),
        number(changed),
        number(removed),
        number(unchanged),
        count(*passages_encoded, "passage"),
        number(passages_kept),
    )
}

fn tell(
    verbose: bool,
    path: &Path,
    status: &Status,
    report: &FolderReport,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    if report.interrupted {
        writeln!(out, "interrupted: what was finished is kept, and the same command goes on from there")?;
    }
    writeln!(out, "{}", summary(report))?;
    let tokens = report.tokens as u64;
    if tokens > 0 {
        let encoding = 100.0 * report.took_encoding.as_secs_f64() / report.took.as_secs_f64().max(1e-9);
        let rate = thousands(report.tokens_per_second as u64);
        writeln!(out, "{} tokens, {rate} tokens/s; the encoder worked {encoding:.0} % of the time", thousands(tokens))?;
    }
    tell_files(verbose, report, out)?;
    if report.ruled_out > 0 {
        let files = count(report.ruled_out, "removed document");
        writeln!(out, "{files} of files that are still there: ignore files or settings leave them out now")?;
    }
    list_left_out(out, &report.left_out, verbose)?;
    let model = status.model.as_deref().unwrap_or("brought vectors");
    let counted = |number: u64, noun| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (documents, passages) = (counted(status.documents, "document"), counted(status.passages, "passage"));
    writeln!(out, "{}: {documents}, {passages}, {model}", path.display())?;
    Ok(())
}

/// Names the files that are not in the collection, or not whole.
pub fn tell_files(verbose: bool, report: &FolderReport, out: &mut Output<'_>) -> Result<(), Failure> {
    let FolderReport { skipped, failed, partial, .. } = report;
    for (title, files) in [("skipped", skipped), ("could not be read", failed), ("read in part", partial)] {
        let line = |file: &SkippedFile| (file.path.clone(), file.reason.clone());
        list(out, title, files.iter().map(line), verbose)?;
    }
    if report.kept > 0 {
        writeln!(out, "`nigh index --allow-empty` removes the documents of a folder that is really empty")?;
    }
    Ok(())
}
