//! Progress bars and notes on stderr. Bars appear only on a terminal; with --quiet nothing appears.

use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nigh::{FolderPhase, FolderProgress, ModelStore, PullProgress};

use crate::harmless;
use crate::output::{bytes, count};

/// The characters of a bar.
const BAR_CHARACTERS: &str = "━╸ ";
/// The template for work of unknown length.
const SPINNER_TEMPLATE: &str = "{spinner} {msg}";
/// The template for work of known length.
const BAR_TEMPLATE: &str = "{spinner} {bar:30} {percent:>3} %  {msg}";
/// Shown after Ctrl-C.
const STOPPING: &str = "stopping; finished files are kept";
/// The remaining time is estimated after this time.
const MIN_TIME_FOR_ESTIMATE: Duration = Duration::from_secs(3);

/// Prints notes and bars.
#[derive(Clone, Copy)]
pub struct Notes {
    quiet: bool,
    terminal: bool,
}

impl Notes {
    pub fn new(quiet: bool, terminal: bool) -> Self {
        Self { quiet, terminal }
    }

    /// True if only results and errors are printed (`--quiet`).
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Prints a line for the user.
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
            bar.set_style(style.progress_chars(BAR_CHARACTERS));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Returns a bar for indexing: the phase, files, tokens per second, and the time left, by the amount of text.
    pub fn folder(self) -> FolderBar {
        FolderBar { bar: self.bar(SPINNER_TEMPLATE), encoding: None }
    }

    /// Returns a spinner for work of unknown length.
    pub fn doing(self, what: &str) -> Doing {
        let bar = self.bar(SPINNER_TEMPLATE);
        bar.set_message(harmless::line(what).into_owned());
        Doing { bar }
    }

    /// Returns a bar for a known number of items: items per second, and the time left.
    pub fn counting(self, what: String, total: usize) -> CountBar {
        let bar = self.bar("{spinner} {bar:30} {pos}/{len} {msg}  {eta} left");
        bar.set_length(total as u64);
        CountBar { bar, what: harmless::line(&what).into_owned() }
    }

    /// Returns a bar for numbers that a library call reports.
    pub fn counted(self) -> CountedBar {
        CountedBar { bar: self.bar("{spinner} {bar:30} {pos}/{len} {msg}") }
    }

    /// Returns a bar for an import: the share of the input, if its length is known; documents read, passages encoded.
    pub fn import(self, bytes: Option<u64>) -> ImportBar {
        let bar =
            self.bar(if bytes.is_some() { "{spinner} {bar:30} {percent:>3} %  {msg}" } else { "{spinner} {msg}" });
        bar.set_length(bytes.unwrap_or(0));
        ImportBar { bar, documents: 0, passages: 0 }
    }

    /// Shows the progress of a download.
    pub fn fetch(self, models: &ModelStore) -> impl FnMut(PullProgress<'_>) {
        let bar = self.bar("{spinner} {msg}  {bar:30} {bytes}/{total_bytes}  {binary_bytes_per_sec}");
        let mut waiting = false;
        move |progress| match progress {
            PullProgress::Waiting { name } if !waiting => {
                waiting = true;
                self.say(&format!("another process is installing {name}; waiting for it"));
            }
            PullProgress::Trying { name, source } => bar.suspend(|| self.say(&download_note(models, name, source))),
            PullProgress::Failed { source, problem } => bar.suspend(|| self.say(&failed_source_note(source, problem))),
            PullProgress::Started { file, bytes, have } => {
                bar.set_message(harmless::line(file).into_owned());
                if let Some(bytes) = bytes {
                    bar.set_length(bytes);
                }
                bar.set_position(have);
            }
            PullProgress::Advanced { bytes, .. } => bar.set_position(bytes),
            PullProgress::Finished { .. } => bar.set_position(bar.length().unwrap_or(0)),
            PullProgress::Converting { name } => bar.set_message(format!("converting {}", harmless::line(name))),
            _ => {}
        }
    }
}

/// Returns the note on a download: its name, its size and its source.
fn download_note(models: &ModelStore, name: &str, source: &str) -> String {
    let known = models.list().into_iter().find(|model| model.name == name);
    let size = known.and_then(|model| model.download_bytes);
    let size = size.map_or(String::new(), |size| format!(" ({}, once)", bytes(size)));
    format!("downloading {name}{size} from {}", host(source))
}

/// Returns the reason why a source of a download failed. `problem` may begin with a URL, which is left out.
fn failed_source_note(source: &str, problem: &str) -> String {
    let host = host(source);
    let problem = match problem.split_once(": ") {
        Some((url, rest)) if url.starts_with("http") => rest,
        _ => problem,
    };
    if problem.starts_with("no connection") {
        format!("cannot reach {host}")
    } else {
        format!("cannot download from {host}: {problem}")
    }
}

/// Returns the host of a source that is a URL, the registry of a Python wheel; else the source itself.
fn host(source: &str) -> String {
    if let Some(wheel) = source.strip_prefix("wheel ") {
        return format!("PyPI ({wheel})");
    }
    match source.split_once("://") {
        Some((_, rest)) => rest.split(['/', ' ']).next().unwrap_or(rest).to_owned(),
        None => source.to_owned(),
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

/// A bar that shows given numbers.
pub struct CountedBar {
    bar: ProgressBar,
}

impl CountedBar {
    /// Sets what is counted, how many of it are done, and how many there are.
    pub fn set(&mut self, what: &'static str, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(what);
    }
}

impl Drop for CountedBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The bar of an import.
pub struct ImportBar {
    bar: ProgressBar,
    documents: usize,
    passages: usize,
}

impl ImportBar {
    /// Sets the number of bytes read, and of documents in them.
    pub fn read(&mut self, bytes: u64, documents: usize) {
        self.documents = documents;
        self.bar.set_position(bytes);
        self.say();
    }

    /// Sets the number of encoded passages.
    pub fn encoded(&mut self, passages: usize) {
        self.passages = passages;
        self.say();
    }

    fn say(&self) {
        let seconds = self.bar.elapsed().as_secs_f64().max(1e-3);
        let rate = self.passages as f64 / seconds;
        self.bar.set_message(format!(
            "{} read, {} encoded, {rate:.0}/s",
            count(self.documents, "document"),
            count(self.passages, "passage")
        ));
    }
}

impl Drop for ImportBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A spinner; removed when dropped.
pub struct Doing {
    bar: ProgressBar,
}

impl Drop for Doing {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The bar of an indexing run.
pub struct FolderBar {
    bar: ProgressBar,
    /// When encoding began.
    encoding: Option<Instant>,
}

impl FolderBar {
    pub fn update(&mut self, progress: FolderProgress, stopping: bool) {
        if self.bar.is_hidden() {
            return;
        }
        let since = match progress.phase {
            FolderPhase::Encoding => *self.encoding.get_or_insert_with(Instant::now),
            _ => Instant::now(),
        };
        self.bar.set_message(if stopping { STOPPING.to_owned() } else { describe(&progress, since.elapsed()) });
        let is_measured = progress.phase == FolderPhase::Encoding && progress.text_done > 0 && !stopping;
        let template = if is_measured { BAR_TEMPLATE } else { SPINNER_TEMPLATE };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars(BAR_CHARACTERS));
        }
        self.bar.set_length(progress.text.max(1));
        self.bar.set_position(progress.text_done);
    }
}

/// Describes the phase, and the time left.
fn describe(progress: &FolderProgress, encoding: Duration) -> String {
    let FolderProgress { phase, files, files_done, files_read, passages, tokens, text, text_done, .. } = *progress;
    match phase {
        FolderPhase::Model => "getting the model ready (slower the first time)".to_owned(),
        FolderPhase::Background => "encoding reference texts (once for each model)".to_owned(),
        _ if text_done == 0 => format!("reading: {files_read}/{files} files"),
        _ => {
            let rate = tokens as f64 / encoding.as_secs_f64().max(1e-3);
            let left = time_left(text, text_done, encoding).map_or(String::new(), |left| format!("  {left}"));
            format!("{files_done}/{files} files, {}, {rate:.0} tokens/s{left}", count(passages, "passage"))
        }
    }
}

/// Estimates the time left by the amount of text; `None` if it is too early.
fn time_left(text: u64, done: u64, took: Duration) -> Option<String> {
    if took < MIN_TIME_FOR_ESTIMATE || done == 0 {
        return None;
    }
    let seconds = took.as_secs_f64() * text.saturating_sub(done) as f64 / done as f64;
    Some(match seconds {
        0.0..1.0 => "nearly done".to_owned(),
        ..10.0 => format!("about {seconds:.0} s left"),
        ..90.0 => format!("about {:.0} s left", (seconds / 5.0).round() * 5.0),
        ..5400.0 => format!("about {:.0} min left", seconds / 60.0),
        _ => format!("about {:.0} h left", seconds / 3600.0),
    })
}

impl Drop for FolderBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn progress_shows_the_phase_and_no_early_estimate() {
        let mut progress = FolderProgress::default();
        let text = |progress: &FolderProgress, seconds| describe(progress, Duration::from_secs(seconds));
        assert!(text(&progress, 60).contains("model ready") && !text(&progress, 60).contains("left"));
        progress.phase = FolderPhase::Encoding;
        (progress.files, progress.files_read, progress.text) = (51, 3, 1000);
        assert_eq!(text(&progress, 60), "reading: 3/51 files");
        (progress.files_done, progress.text_done, progress.tokens, progress.passages) = (2, 100, 500, 7);
        assert_eq!(text(&progress, 1), "2/51 files, 7 passages, 500 tokens/s");
        assert_eq!(text(&progress, 5), "2/51 files, 7 passages, 100 tokens/s  about 45 s left");
        progress.phase = FolderPhase::Background;
        assert!(text(&progress, 5).contains("reference") && !text(&progress, 5).contains("left"));
    }

    #[test]
    fn download_notes_name_the_host_and_not_the_address() {
        let hub = "https://models.example (a/b)";
        let refused = "https://models.example/a/b/resolve/1/model.safetensors: no connection: name not known";
        assert_eq!(failed_source_note(hub, refused), "cannot reach models.example");
        assert_eq!(
            failed_source_note(hub, "https://models.example/x: 404"),
            "cannot download from models.example: 404"
        );
        let store = ModelStore::at("/nonexistent");
        assert_eq!(download_note(&store, "x", "wheel y==1"), "downloading x from PyPI (y==1)");
        let default = download_note(&store, nigh::DEFAULT_MODEL, hub);
        assert_eq!(default, "downloading multilingual-e5-small (487.7 MB, once) from models.example");
    }

    #[test]
    fn progress_time_left_is_rounded() {
        let left = |text, done| time_left(text, done, Duration::from_secs(10)).unwrap();
        assert_eq!(left(1000, 1000), "nearly done");
        assert_eq!(left(1000, 900), "about 1 s left");
        assert_eq!(left(1000, 230), "about 35 s left");
        assert_eq!(left(1000, 20), "about 8 min left");
        assert_eq!(left(1_000_000, 500), "about 6 h left");
    }
}
