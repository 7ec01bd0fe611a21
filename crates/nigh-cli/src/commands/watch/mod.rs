//! `nigh watch`: updates the collection while files change.
//!
//! Events of the system only say where to look: changed paths go through the same walk, rules and comparison as in `nigh index`.
//! So a missed or repeated event does no harm. If the system loses events, or there are too many, the whole folder is scanned.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the watch: scans what changed |
//! | `hints.rs` | collects events of the system until there is a pause |
//! | `eyes.rs` | chooses the folders that the system watches |

mod eyes;
mod hints;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nigh::{Cancel, Collection, FolderOptions, FolderReport, Writer};
use serde::Serialize;

use self::hints::Hints;
use super::folders::{Root, list_left_out, missing_folder_note, named_or_indexed};
use super::index::{index_root, print_files, summary};
use crate::Outcome;
use crate::args::WatchArgs;
use crate::output::{Failure, Output, json};
use crate::plan::Plan;
use crate::settings::{CreationSettings, Settings};
use crate::{interrupt, priority};

/// The line that `nigh watch --json` prints for each scan.
#[derive(Serialize)]
struct WatchRunJson<'a> {
    /// True if all folders were scanned.
    whole: bool,
    generation: u64,
    #[serde(flatten)]
    report: &'a FolderReport,
}

pub fn run(plan: &Plan, arguments: WatchArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    priority::lower(arguments.nice.unwrap_or(true), plan.notes);
    let path = plan.existing_collection()?;
    let mut files = arguments.files;
    files.watch_delay_ms = arguments.delay_ms;
    let settings = Settings::resolve(&path, plan.trust().covers(&path)?, &files, CreationSettings::default())?;
    if settings.ignored {
        return Err(Failure::message(Plan::distrust(&path, "the settings in its config.toml are ignored")));
    }
    let collection = plan.options().existing_only(true).allow_data_loss(true).open(&path)?;
    let base = Plan::base(&path);
    let roots = named_or_indexed(&collection, &base, &arguments.paths)?;
    let (roots, absent): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.exists());
    if roots.is_empty() {
        return Err(Failure::message("none of the folders exists; name a folder to watch"));
    }
    absent.iter().for_each(|root| plan.notes.say(&format!("{}: {}", root.display(), missing_folder_note())));
    let roots = roots.into_iter().map(|root| Root::new(root, &base)).collect::<Result<Vec<_>, _>>()?;
    let mut hints = Hints::listen(&path)?;
    let mut updater = Updater {
        plan,
        writer: collection.writer()?,
        collection: &collection,
        roots: &roots,
        options: settings.folder(),
        settings: &settings,
        verbose: arguments.verbose,
        stop: interrupt::cancel(),
    };
    // Watch first, then scan: a change in between gives an event.
    updater.follow(&mut hints, &Dirty::Everything)?;
    updater.update(&Dirty::Everything, out)?;
    let names: Vec<String> = roots.iter().map(|root| root.path.display().to_string()).collect();
    plan.notes.say(&format!("watching {}; press Ctrl-C to stop", names.join(", ")));
    let delay = Duration::from_millis(settings.watch_delay_ms.value.max(1));
    while let Some(dirty) = hints.next(delay, updater.stop)? {
        if let Err(failure) = updater.follow(&mut hints, &dirty) {
            // The folders watched so far stay, and everything is scanned from time to time.
            plan.notes.say(&failure.to_string());
        }
        updater.update(&dirty, out)?;
    }
    Ok(Outcome::Found)
}

/// The paths to scan.
enum Dirty {
    Everything,
    /// These paths, and everything below them.
    Paths(BTreeSet<PathBuf>),
}

/// Returns the part to scan below a root. `None`: nothing; `Some(None)`: everything.
fn paths_below(dirty: &Dirty, root: &Path) -> Option<Option<Vec<String>>> {
    let Dirty::Paths(paths) = dirty else { return Some(None) };
    let below = paths.iter().filter_map(|path| path.strip_prefix(root).ok());
    // A name that is not UTF-8 cannot be an id: its folder is scanned.
    let named = below.map(|path| path.ancestors().find_map(Path::to_str).unwrap_or_default().to_owned());
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then_some(Some(named))
}

/// Updates the collection.
struct Updater<'a> {
    plan: &'a Plan,
    writer: Writer,
    collection: &'a Collection,
    roots: &'a [Root],
    options: FolderOptions,
    settings: &'a Settings,
    verbose: bool,
    stop: &'static Cancel,
}

impl Updater<'_> {
    /// Makes the system watch the folders that are scanned, and no others.
    fn follow(&self, hints: &mut Hints, dirty: &Dirty) -> Result<(), Failure> {
        let everything = matches!(dirty, Dirty::Everything);
        if everything {
            hints.watches.begin();
        }
        self.follow_once(hints, dirty)?;
        if everything && hints.watches.close_unused() {
            self.follow_once(hints, dirty)?;
        }
        Ok(())
    }

    /// Returns the options, limited to these paths.
    fn limited_options(&self, only: Option<&[String]>) -> FolderOptions {
        let options = self.options.clone();
        match only {
            Some(paths) => options.only(paths),
            None => options,
        }
    }

    fn follow_once(&self, hints: &mut Hints, dirty: &Dirty) -> Result<(), Failure> {
        for root in self.roots.iter().filter(|root| root.path.exists()) {
            let Some(only) = paths_below(dirty, &root.path) else { continue };
            let options = self.limited_options(only.as_deref());
            hints.watches.follow(root, &options, self.collection.path(), only.as_deref(), self.stop)?;
        }
        Ok(())
    }

    fn update(&mut self, dirty: &Dirty, out: &mut Output<'_>) -> Result<(), Failure> {
        let mut total = FolderReport::default();
        for root in self.roots {
            let Some(only) = paths_below(dirty, &root.path) else { continue };
            if !root.path.exists() {
                // Its disk may not be mounted.
                self.plan.notes.say(&format!("{} is missing; its documents are kept", root.path.display()));
                continue;
            }
            let options = self.limited_options(only.as_deref());
            total.add(index_root(self.plan, &options, &mut self.writer, root, self.stop)?);
        }
        self.settings.name_limit(&mut total.skipped);
        self.print_report(dirty, &total, out)
    }

    fn print_report(&self, dirty: &Dirty, report: &FolderReport, out: &mut Output<'_>) -> Result<(), Failure> {
        let whole = matches!(dirty, Dirty::Everything);
        // Also reports that documents of an emptied folder are kept.
        if report.is_unchanged() && report.kept == 0 && !whole && !self.verbose {
            return Ok(());
        }
        if self.plan.json {
            let generation = self.collection.status()?.generation;
            json(out, &WatchRunJson { whole, generation, report })?;
        } else if !self.plan.notes.is_quiet() {
            writeln!(out, "{}", summary(report))?;
            if whole || self.verbose || report.kept > 0 || !report.is_unchanged() {
                print_files(self.verbose, report, out)?;
            }
            if whole {
                list_left_out(out, &report.left_out, self.verbose)?;
            }
        }
        out.flush()
    }
}
