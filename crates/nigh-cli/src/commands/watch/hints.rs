//! What the system says of changes, gathered until there is a pause.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{Event, EventKind};

use super::Dirty;
use super::eyes::Eyes;
use crate::output::Failure;

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

/// What the system says of changes.
pub(super) struct Hints {
    events: Receiver<notify::Result<Event>>,
    /// Set when messages were lost.
    lost: std::sync::Arc<AtomicBool>,
    /// The collection's own directory: what happens there is our doing.
    own: PathBuf,
    looked_at_all: Instant,
    /// The folders that the system watches. Ends the listening when dropped.
    pub(super) eyes: Eyes,
}

impl Hints {
    /// Listens, to nothing yet.
    pub(super) fn listen(own: &Path) -> Result<Self, Failure> {
        let (send, events) = sync_channel(QUEUE);
        let lost = std::sync::Arc::new(AtomicBool::new(false));
        let full = std::sync::Arc::clone(&lost);
        let handler = move |event: notify::Result<Event>| {
            // A look at everything opens every folder, and must not ask for another one.
            if event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                return;
            }
            // The system's own thread must not wait for us.
            if send.try_send(event).is_err() {
                full.store(true, Ordering::Relaxed);
            }
        };
        let eyes = Eyes::open(handler)?;
        let own = own.canonicalize().unwrap_or_else(|_| own.to_path_buf());
        Ok(Self { events, lost, own, looked_at_all: Instant::now(), eyes })
    }

    /// Waits for changes, and for a pause after them. None: asked to stop.
    pub(super) fn next(&mut self, delay: Duration, stop: &AtomicBool) -> Result<Option<Dirty>, Failure> {
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
                    return Err(Failure::said("the system no longer reports changes; start `nigh watch` again"));
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

    use notify::event::Flag;

    use super::*;

    fn event(kind: EventKind, path: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(path.into()))
    }

    #[test]
    fn changes_are_gathered_and_our_own_left_out() {
        let own = Path::new("/a/.nigh");
        let mut gathered = Gathered::default();
        let modified = EventKind::Modify(ModifyKind::Any);
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
