//! `nigh index`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use nigh::{Collection, FolderOptions, FolderReport, SkippedFile, Status, Writer};
use serde::Serialize;

use super::model;
use crate::Outcome;
use crate::args::Index;
use crate::interrupt;
use crate::output::{Failure, Style, count, json, printable, thousands};
use crate::plan::Plan;

/// Skipped files named without --verbose.
const NAMED: usize = 10;

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

pub fn run(plan: &Plan, arguments: &Index, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let roots = roots(&arguments.paths)?;
    let path = plan.collection_for(&roots)?;
    let collection = open(plan, arguments, &path)?;
    let before = collection.status()?;
    if let Some(lost) = before.lost_changes {
        plan.notes.say(&format!("{lost} acknowledged changes were lost; what they held is indexed again now"));
    }
    let stop = interrupt::flag();
    let base = Plan::base(&path);
    let mut writer = collection.writer()?;
    let mut total = FolderReport::default();
    for root in &roots {
        let report = index_root(plan, arguments, &mut writer, root, &base, stop)?;
        add(&mut total, report);
        if total.interrupted || stop.load(Ordering::Relaxed) {
            total.interrupted = true;
            break;
        }
    }
    // Graphs of a large import; Ctrl-C leaves them to the next run.
    if !total.interrupted {
        writer.settle()?;
    }
    let status = collection.status()?;
    if plan.json {
        let Status { documents, passages, generation, .. } = status;
        let model = status.model.as_deref();
        json(out, &Report { collection: &path, model, documents, passages, generation, run: &total })?;
    } else {
        tell(plan, arguments, &path, &status, &total, out)?;
    }
    Ok(if total.interrupted { Outcome::Interrupted } else { Outcome::Found })
}

/// The folders to index, whole and real, so that the same folder always gives the same ids. One within another goes with
/// it.
fn roots(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut roots = paths
        .iter()
        .map(|path| path.canonicalize().map_err(Failure::io("index", path.display())))
        .collect::<Result<Vec<_>, _>>()?;
    roots.sort();
    let mut outer: Vec<PathBuf> = Vec::new();
    for root in roots {
        if !outer.last().is_some_and(|folder| root.starts_with(folder)) {
            outer.push(root);
        }
    }
    Ok(outer)
}

fn open(plan: &Plan, arguments: &Index, path: &Path) -> Result<Collection, Failure> {
    // An interrupted indexing may have lost what it had not committed; a folder gives it again.
    let options = plan.options().accept_loss();
    if Collection::exists(path) {
        let options = match &arguments.model {
            Some(model) => options.model(model::needed(plan, Some(model))?),
            None => options,
        };
        let collection = options.open(path)?;
        let kept = collection.status()?.passage_tokens;
        if arguments.passage_tokens.is_some_and(|asked| kept != Some(asked)) || arguments.overlap_tokens.is_some() {
            plan.notes.say("passage lengths are set when a collection is made; this one keeps its own");
        }
        return Ok(collection);
    }
    let mut options = options.model(model::needed(plan, arguments.model.as_deref())?);
    if let Some(tokens) = arguments.passage_tokens {
        options = options.passage_tokens(tokens);
    }
    if let Some(tokens) = arguments.overlap_tokens {
        options = options.overlap_tokens(tokens);
    }
    Ok(options.open(path)?)
}

fn index_root(
    plan: &Plan,
    arguments: &Index,
    writer: &mut Writer,
    root: &Path,
    base: &Path,
    stop: &AtomicBool,
) -> Result<FolderReport, Failure> {
    let mut options = FolderOptions::default();
    options.hidden = arguments.hidden;
    options.follow_links = arguments.follow_links;
    options.max_file_size = arguments.max_file_size;
    // The folder that a relative path is below: the root itself, or the folder of a root that is a file.
    let folder = if root.is_dir() { root } else { root.parent().unwrap_or(root) };
    let below = folder.strip_prefix(base).unwrap_or(folder);
    let prefix = below.to_str().ok_or_else(|| {
        Failure::said(format!("the path {} is not UTF-8; rename it, or index from within it", folder.display()))
    })?;
    let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
    let bar = plan.notes.folder();
    Ok(writer.index_folder(root, &prefix, &options, stop, &mut |progress| bar.update(progress))?)
}

fn add(total: &mut FolderReport, part: FolderReport) {
    let FolderReport {
        added,
        changed,
        unchanged,
        removed,
        skipped,
        failed,
        passages_encoded,
        passages_kept,
        tokens,
        seconds,
        interrupted,
        ..
    } = part;
    total.added += added;
    total.changed += changed;
    total.unchanged += unchanged;
    total.removed += removed;
    total.skipped.extend(skipped);
    total.failed.extend(failed);
    total.passages_encoded += passages_encoded;
    total.passages_kept += passages_kept;
    total.tokens += tokens;
    total.seconds += seconds;
    total.interrupted |= interrupted;
}

fn tell(
    plan: &Plan,
    arguments: &Index,
    path: &Path,
    status: &Status,
    report: &FolderReport,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let style = Style::new(plan.color);
    let FolderReport { added, changed, removed, unchanged, passages_encoded, passages_kept, tokens, seconds, .. } =
        report;
    if report.interrupted {
        writeln!(out, "interrupted: what was finished is kept, and the same command goes on from there")?;
    }
    writeln!(
        out,
        "{} added, {} changed, {} removed, {} unchanged; {} encoded and {} kept in {seconds:.1} s",
        thousands(*added as u64),
        thousands(*changed as u64),
        thousands(*removed as u64),
        thousands(*unchanged as u64),
        count(*passages_encoded, "passage"),
        thousands(*passages_kept as u64),
    )?;
    if *tokens > 0 {
        let rate = *tokens as f64 / seconds.max(1e-9);
        writeln!(out, "{} tokens, {} tokens/s", thousands(*tokens as u64), thousands(rate as u64))?;
    }
    for (title, list) in [("skipped", &report.skipped), ("could not be read", &report.failed)] {
        name_files(out, style, title, list, arguments.verbose)?;
    }
    let model = status.model.as_deref().unwrap_or("brought vectors");
    let counted = |number: u64, noun| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (documents, passages) = (counted(status.documents, "document"), counted(status.passages, "passage"));
    writeln!(out, "{}: {documents}, {passages}, {model}", path.display())?;
    Ok(())
}

fn name_files(
    out: &mut dyn Write,
    style: Style,
    title: &str,
    list: &[SkippedFile],
    verbose: bool,
) -> Result<(), Failure> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} {title}:", count(list.len(), "file"))?;
    let named = if verbose { list.len() } else { NAMED.min(list.len()) };
    for file in &list[..named] {
        writeln!(out, "  {}: {}", style.path(&printable(&file.path)), file.reason)?;
    }
    if named < list.len() {
        writeln!(out, "  and {} more; --verbose names them all", thousands((list.len() - named) as u64))?;
    }
    Ok(())
}
