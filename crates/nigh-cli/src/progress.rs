//! Progress bars and notes, on stderr. Bars on a terminal only; nothing at all when quiet.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nigh::{FolderProgress, Progress};

use crate::harmless;

/// Where notes and bars go.
#[derive(Clone, Copy)]
pub struct Notes {
    quiet: bool,
    terminal: bool,
}

impl Notes {
    pub fn new(quiet: bool, terminal: bool) -> Self {
        Self { quiet, terminal }
    }

    /// Whether nothing is to be said on success but results (`--quiet`).
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// One line for the person who runs the program.
    pub fn say(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "nigh: {}", harmless::line(text));
        }
    }

    fn bar(self, template: &str) -> ProgressBar {
        if self.quiet || !self.terminal {
            return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        }
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// A bar for indexing: files, tokens a second, time left by bytes.
    pub fn folder(self) -> FolderBar {
        FolderBar { bar: self.bar("{spinner} {bar:30} {percent:>3} %  {msg}  {eta} left") }
    }

    /// A bar for a known number of like things: how many a second, and the time left.
    pub fn counting(self, what: String, total: usize) -> CountBar {
        let bar = self.bar("{spinner} {bar:30} {pos}/{len} {msg}  {eta} left");
        bar.set_length(total as u64);
        CountBar { bar, what: harmless::line(&what).into_owned() }
    }

    /// Shows a fetch as it goes on, and stops it on Ctrl-C.
    pub fn fetch(self, stop: &'static AtomicBool) -> impl FnMut(Progress<'_>) -> ControlFlow<()> {
        let bar = self.bar("{spinner} {msg}  {bar:30} {bytes}/{total_bytes}  {binary_bytes_per_sec}");
        let mut waiting = false;
        move |progress| {
            match progress {
                Progress::Waiting { name } if !waiting => {
                    waiting = true;
                    self.say(&format!("another process is installing {name}; waiting for it"));
                }
                Progress::Trying { name, source } => {
                    bar.suspend(|| self.say(&format!("fetching {name} from {source}")))
                }
                Progress::Failed { source, problem } => bar.suspend(|| self.say(&format!("{source}: {problem}"))),
                Progress::Started { file, bytes, have } => {
                    bar.set_message(harmless::line(file).into_owned());
                    if let Some(bytes) = bytes {
                        bar.set_length(bytes);
                    }
                    bar.set_position(have);
                }
                Progress::Advanced { bytes, .. } => bar.set_position(bytes),
                Progress::Finished { .. } => bar.set_position(bar.length().unwrap_or(0)),
                Progress::Converting { name } => bar.set_message(format!("converting {}", harmless::line(name))),
                _ => {}
            }
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
}

/// A bar that counts.
pub struct CountBar {
    bar: ProgressBar,
    what: String,
}

impl CountBar {
    pub fn add(&self, count: usize) {
        self.bar.inc(count as u64);
        let rate = self.bar.position() as f64 / self.bar.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!("{}, {rate:.0}/s", self.what));
    }
}

impl Drop for CountBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The bar of an indexing run.
pub struct FolderBar {
    bar: ProgressBar,
}

impl FolderBar {
    pub fn update(&self, progress: FolderProgress) {
        self.bar.set_length(progress.bytes.max(1));
        self.bar.set_position(progress.bytes_done);
        let seconds = self.bar.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!(
            "{}/{} files, {} passages, {:.0} tokens/s",
            progress.files_done,
            progress.files,
            progress.passages,
            progress.tokens as f64 / seconds
        ));
    }
}

impl Drop for FolderBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
