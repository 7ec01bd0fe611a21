//! `nigh watch`: the collection is kept in step with its folders while files change.
//!
//! What the system tells of changes is only a hint where to look: the changed paths go through the same walk, the same rules
//! and the same comparison as `nigh index`. So a missed or doubled hint does no harm, and when the system loses some, or
//! there are too many, the whole folder is looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use nigh::{Collection, FolderOptions, FolderReport, Writer};
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use serde::Serialize;

use super::folders::{Root, list_left_out, named_or_indexed, not_there};
use super::index::{index_root, summary, tell_files};
use crate::Outcome;
use crate::args::Watch;
use crate::interrupt;
use crate::output::{Failure, Output, json};
use crate::plan::Plan;
use crate::settings::{Making, Settings};

/// More changed paths than these are not looked at one by one.
const MOST_PATHS: usize = 2000;
/// Changes that go on without a pause are taken in after so many delays.
const MOST_DELAYS: u32 = 8;
/// Messages of the system that may wait; what does not fit makes a look at everything.
const QUEUE: usize = 4096;
/// How often a quiet watch looks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(200);
/// Everything is looked at this often whatever the system says: some file systems tell nothing.
const SAFETY: Duration = Duration::from_secs(900);

/// What `nigh watch --json` prints for each run: one line.
#[derive(Serialize)]
struct Ran<'a> {
    /// Whether everything was looked at.
    whole: bool,
    generation: u64,
    #[serde(flatten)]
    report: &'a FolderReport,
}

pub fn run(plan: &Plan, arguments: Watch, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let path = plan.existing_collection()?;
    let mut files = arguments.files;
    files.watch_delay_ms = arguments.delay_ms;
    let settings = Settings::of(&path, plan.trust().covers(&path)?, &files, Making::default())?;
    if settings.ignored {
        return Err(Failure::said(Plan::distrust(&path, "the settings in its config.toml do not count")));
    }
    let collection = plan.options().existing_only().accept_loss().open(&path)?;
    let base = Plan::base(&path);
    let roots = named_or_indexed(&collection, &base, &arguments.paths)?;
    let (roots, absent): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.exists());
    if roots.is_empty() {
        return Err(Failure::said("none of the folders is there, so there is nothing to watch; name one that is"));
    }
    absent.iter().for_each(|root| plan.notes.say(&format!("{}: {}", root.display(), not_there())));
    let roots = roots.into_iter().map(|root| Root::new(root, &base)).collect::<Result<Vec<_>, _>>()?;
    let mut hints = Hints::listen(&path, &roots)?;
    let mut keeper = Keeper {
        plan,
        writer: collection.writer()?,
        collection: &collection,
        roots: &roots,
        options: settings.folder(),
        settings: &settings,
        verbose: arguments.verbose,
        stop: interrupt::flag(),
    };
    keeper.keep(&Dirty::Everything, out)?;
    let names: Vec<String> = roots.iter().map(|root| root.path.display().to_string()).collect();
    plan.notes.say(&format!("watching {}; Ctrl-C ends it", names.join(", ")));
    let delay = Duration::from_millis(settings.watch_delay_ms.value.max(1));
    while let Some(dirty) = hints.next(delay, keeper.stop)? {
        keeper.keep(&dirty, out)?;
    }
    Ok(Outcome::Found)
}

/// What is to be looked at.
enum Dirty {
    Everything,
    /// These paths, and what is below them.
    Paths(BTreeSet<PathBuf>),
}

/// Brings the collection in step.
struct Keeper<'a> {
    plan: &'a Plan,
    writer: Writer,
    collection: &'a Collection,
    roots: &'a [Root],
    options: FolderOptions,
    settings: &'a Settings,
    verbose: bool,
    stop: &'static AtomicBool,
}

impl Keeper<'_> {
    fn keep(&mut self, dirty: &Dirty, out: &mut Output<'_>) -> Result<(), Failure> {
        let mut total = FolderReport::default();
        for root in self.roots {
            let only = match dirty {
                Dirty::Everything => None,
                Dirty::Paths(paths) => {
                    let below = paths.iter().filter_map(|path| path.strip_prefix(&root.path).ok());
                    // A name that is not UTF-8 cannot be an id; the folder it is in is looked at.
                    let named =
                        below.map(|path| path.ancestors().find_map(Path::to_str).unwrap_or_default().to_owned());
                    let named: Vec<String> = named.collect();
                    if named.is_empty() {
                        continue;
                    }
                    Some(named)
                }
            };
            if !root.path.exists() {
                // An unmounted disk is not a deleted folder.
                self.plan.notes.say(&format!("{} is not there; what was indexed of it is kept", root.path.display()));
                continue;
            }
            let mut options = self.options.clone();
            options.only = only;
            total.add(index_root(self.plan, &options, &mut self.writer, root, self.stop)?);
        }
        self.settings.name_limit(&mut total.skipped);
        self.tell(dirty, &total, out)
    }

    fn tell(&self, dirty: &Dirty, report: &FolderReport, out: &mut Output<'_>) -> Result<(), Failure> {
        let whole = matches!(dirty, Dirty::Everything);
        // A folder that has lost its last file is not emptied unasked: that is worth a word.
        if report.is_unchanged() && report.kept == 0 && !whole && !self.verbose {
            return Ok(());
        }
        if self.plan.json {
            let generation = self.collection.status()?.generation;
            json(out, &Ran { whole, generation, report })?;
        } else if !self.plan.notes.is_quiet() {
            writeln!(out, "{}", summary(report))?;
            if whole || self.verbose || report.kept > 0 || !report.is_unchanged() {
                tell_files(self.verbose, report, out)?;
            }
            if whole {
                list_left_out(out, &report.left_out, self.verbose)?;
            }
        }
        out.flush()
    }
}

/// What the system says of changes.
struct Hints {
    events: Receiver<notify::Result<Event>>,
    /// Set when messages were lost.
    lost: std::sync::Arc<AtomicBool>,
    /// The collection's own directory: what happens there is our doing.
    own: PathBuf,
    looked_at_all: Instant,
    /// Ends the listening when dropped.
    _watcher: RecommendedWatcher,
}

impl Hints {
    fn listen(own: &Path, roots: &[Root]) -> Result<Self, Failure> {
        let (send, events) = sync_channel(QUEUE);
        let lost = std::sync::Arc::new(AtomicBool::new(false));
        let full = std::sync::Arc::clone(&lost);
        let handler = move |event: notify::Result<Event>| {
            // The system's own thread must not wait for us.
            if send.try_send(event).is_err() {
                full.store(true, Ordering::Relaxed);
            }
        };
        let refused = |error: notify::Error| {
            let advice = "the system may allow too few watches (on Linux, fs.inotify.max_user_watches)";
            Failure::said(format!("cannot watch: {error}; {advice}"))
        };
        let mut watcher = notify::recommended_watcher(handler).map_err(refused)?;
        for root in roots {
            watcher.watch(&root.path, RecursiveMode::Recursive).map_err(refused)?;
        }
        let own = own.canonicalize().unwrap_or_else(|_| own.to_path_buf());
        Ok(Self { events, lost, own, looked_at_all: Instant::now(), _watcher: watcher })
    }

    /// Waits for changes, and for a pause after them. None: asked to stop.
    fn next(&mut self, delay: Duration, stop: &AtomicBool) -> Result<Option<Dirty>, Failure> {
        let mut dirty = Gathered::default();
        let (mut first, mut last) = (None, Instant::now());
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let wait = if dirty.is_empty() { LOOK } else { delay.saturating_sub(last.elapsed()) };
            match self.events.recv_timeout(wait.min(LOOK)) {
                Ok(event) => {
                    if dirty.add(event, &self.own) {
                        last = Instant::now();
                        first.get_or_insert(last);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::said("the system no longer tells of changes; start the watch again"));
                }
            }
            if self.lost.swap(false, Ordering::Relaxed) || self.looked_at_all.elapsed() > SAFETY {
                dirty.everything = true;
                first.get_or_insert_with(Instant::now);
            }
            let paused = last.elapsed() >= delay;
            let long = first.is_some_and(|first: Instant| first.elapsed() >= delay * MOST_DELAYS);
            if !dirty.is_empty() && (paused || long) {
                let found = dirty.take();
                if matches!(found, Dirty::Everything) {
                    self.looked_at_all = Instant::now();
                }
                return Ok(Some(found));
            }
        }
    }
}

/// Changed paths until they are looked at.
#[derive(Default)]
struct Gathered {
    paths: BTreeSet<PathBuf>,
    everything: bool,
}

impl Gathered {
    /// Whether the event is a change to be looked at.
    fn add(&mut self, event: notify::Result<Event>, own: &Path) -> bool {
        let event = match event {
            Ok(event) if event.need_rescan() => {
                self.everything = true;
                return true;
            }
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => return false,
            Ok(event) => event,
            Err(_) => {
                self.everything = true;
                return true;
            }
        };
        let mut relevant = false;
        let named_anew = !matches!(event.kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)));
        for path in event.paths.into_iter().filter(|path| !path.starts_with(own)) {
            relevant = true;
            let name = path.file_name().and_then(|name| name.to_str());
            // Other rules for everything below, or for what lies beside.
            self.everything |=
                matches!(name, Some(".gitignore" | ".nighignore")) || path.ends_with(".git/info/exclude");
            self.everything |=
                named_anew && matches!(name, Some(".git" | "pyvenv.cfg" | "CACHEDIR.TAG" | "Cargo.toml"));
            if self.paths.len() < MOST_PATHS {
                self.paths.insert(path);
            } else {
                self.everything = true;
            }
        }
        relevant
    }

    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.everything
    }

    fn take(&mut self) -> Dirty {
        let Self { paths, everything } = std::mem::take(self);
        if everything { Dirty::Everything } else { Dirty::Paths(paths) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use notify::event::{AccessKind, Flag};

    use super::*;

    fn event(kind: EventKind, path: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(path.into()))
    }

    #[test]
    fn changes_are_gathered_and_our_own_left_out() {
        let own = Path::new("/a/.nigh");
        let mut gathered = Gathered::default();
        let modified = EventKind::Modify(ModifyKind::Any);
        assert!(!gathered.add(event(EventKind::Access(AccessKind::Any), "/a/x"), own));
        assert!(!gathered.add(event(modified, "/a/.nigh/head"), own));
        assert!(gathered.is_empty());
        assert!(gathered.add(event(modified, "/a/x"), own));
        assert!(matches!(gathered.take(), Dirty::Paths(paths) if paths.len() == 1));
        assert!(gathered.add(event(modified, "/a/b/.gitignore"), own));
        assert!(matches!(gathered.take(), Dirty::Everything));
        assert!(gathered.add(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), own));
        assert!(matches!(gathered.take(), Dirty::Everything));
        for i in 0..=MOST_PATHS {
            gathered.add(event(modified, &format!("/a/{i}")), own);
        }
        assert!(matches!(gathered.take(), Dirty::Everything));
    }
}
