//! Collects events of the system until there is a pause.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use nigh::Cancel;
use notify::event::ModifyKind;
use notify::{Event, EventKind};

use super::Dirty;
use super::eyes::FolderWatches;
use crate::output::Failure;

/// With more changed paths, everything is scanned.
const MAX_PATHS: usize = 2000;
/// Changes without a pause are scanned after this many delays.
const MAX_DELAYS: u32 = 8;
/// Length of the event queue; if it overflows, everything is scanned.
const QUEUE_LENGTH: usize = 4096;
/// How often a quiet watch checks for Ctrl-C.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);
/// Everything is scanned this often: some file systems send no events.
const FULL_SCAN_INTERVAL: Duration = Duration::from_secs(900);

/// The events of the system.
pub(super) struct Hints {
    events: Receiver<notify::Result<Event>>,
    /// Set when events were lost.
    lost: std::sync::Arc<AtomicBool>,
    /// The collection's directory: changes there come from nigh itself.
    own: PathBuf,
    last_full_scan: Instant,
    /// The watches of the system. Dropping it ends them.
    pub(super) watches: FolderWatches,
}

impl Hints {
    /// Starts to listen; no folder is watched yet.
    pub(super) fn listen(own: &Path) -> Result<Self, Failure> {
        let (send, events) = sync_channel(QUEUE_LENGTH);
        let lost = std::sync::Arc::new(AtomicBool::new(false));
        let lost_in_handler = std::sync::Arc::clone(&lost);
        let handler = move |event: notify::Result<Event>| {
            // A scan opens every folder: these events must not cause another scan.
            if event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                return;
            }
            // Never block the system's thread.
            if send.try_send(event).is_err() {
                lost_in_handler.store(true, Ordering::Relaxed);
            }
        };
        let watches = FolderWatches::open(handler)?;
        let own = own.canonicalize().unwrap_or_else(|_| own.to_path_buf());
        Ok(Self { events, lost, own, last_full_scan: Instant::now(), watches })
    }

    /// Waits for changes and a pause after them. `None` after a request to stop.
    pub(super) fn next(&mut self, delay: Duration, stop: &Cancel) -> Result<Option<Dirty>, Failure> {
        let mut dirty = PendingChanges::default();
        let (mut first, mut last) = (None, Instant::now());
        loop {
            if stop.is_cancelled() {
                return Ok(None);
            }
            let wait = if dirty.is_empty() { CHECK_INTERVAL } else { delay.saturating_sub(last.elapsed()) };
            match self.events.recv_timeout(wait.min(CHECK_INTERVAL)) {
                Ok(event) => {
                    if dirty.add(event, &self.own) {
                        last = Instant::now();
                        first.get_or_insert(last);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::message("the system no longer reports changes; start `nigh watch` again"));
                }
            }
            if self.lost.swap(false, Ordering::Relaxed) || self.last_full_scan.elapsed() > FULL_SCAN_INTERVAL {
                dirty.everything = true;
                first.get_or_insert_with(Instant::now);
            }
            let is_pause = last.elapsed() >= delay;
            let waited_long = first.is_some_and(|first: Instant| first.elapsed() >= delay * MAX_DELAYS);
            if !dirty.is_empty() && (is_pause || waited_long) {
                let found = dirty.take();
                if matches!(found, Dirty::Everything) {
                    self.last_full_scan = Instant::now();
                }
                return Ok(Some(found));
            }
        }
    }
}

/// Changed paths that wait for a scan.
#[derive(Default)]
struct PendingChanges {
    paths: BTreeSet<PathBuf>,
    everything: bool,
}

impl PendingChanges {
    /// Adds an event. Returns whether it is a change.
    fn add(&mut self, event: notify::Result<Event>, own: &Path) -> bool {
        let event = match event {
            Ok(event) if event.need_rescan() => {
                self.everything = true;
                return true;
            }
            Ok(event) => event,
            Err(_) => {
                self.everything = true;
                return true;
            }
        };
        let mut relevant = false;
        let created_or_renamed =
            !matches!(event.kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)));
        for path in event.paths.into_iter().filter(|path| !path.starts_with(own)) {
            relevant = true;
            let name = path.file_name().and_then(|name| name.to_str());
            // These files change the rules for everything below their folder.
            self.everything |=
                matches!(name, Some(".gitignore" | ".nighignore")) || path.ends_with(".git/info/exclude");
            self.everything |=
                created_or_renamed && matches!(name, Some(".git" | "pyvenv.cfg" | "CACHEDIR.TAG" | "Cargo.toml"));
            if self.paths.len() < MAX_PATHS {
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

    use notify::event::Flag;

    use super::*;

    fn event(kind: EventKind, path: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(path.into()))
    }

    #[test]
    fn events_are_collected_without_our_own() {
        let own = Path::new("/a/.nigh");
        let mut gathered = PendingChanges::default();
        let modified = EventKind::Modify(ModifyKind::Any);
        assert!(!gathered.add(event(modified, "/a/.nigh/head"), own));
        assert!(gathered.is_empty());
        assert!(gathered.add(event(modified, "/a/x"), own));
        assert!(matches!(gathered.take(), Dirty::Paths(paths) if paths.len() == 1));
        assert!(gathered.add(event(modified, "/a/b/.gitignore"), own));
        assert!(matches!(gathered.take(), Dirty::Everything));
        assert!(gathered.add(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), own));
        assert!(matches!(gathered.take(), Dirty::Everything));
        for i in 0..=MAX_PATHS {
            gathered.add(event(modified, &format!("/a/{i}")), own);
        }
        assert!(matches!(gathered.take(), Dirty::Everything));
    }
}
