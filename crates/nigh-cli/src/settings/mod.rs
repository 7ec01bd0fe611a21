//! Settings of a collection, each with its origin: the command line, else `.nigh/config.toml`, else the default.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | resolves the settings |
//! | `notes.rs` | settings for people: the table, and notes on ignored ones |

mod notes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use nigh::{FolderOptions, VectorSpace, WorkerCommand};
use serde::Serialize;

use toml::Spanned;

use crate::args::{FileArgs, size};
use crate::config::{ConfigFile, FILE, Size, check, read, wrong};
use crate::output::Failure;

/// The origin of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    CommandLine,
    File,
    Default,
}

/// The value of a setting, and its origin.
#[derive(Debug, Clone, Serialize)]
pub struct Setting<T> {
    pub value: T,
    pub from: Origin,
}

impl<T> Setting<T> {
    fn new(typed: Option<T>, written: Option<T>, default: T) -> Self {
        match (typed, written) {
            (Some(value), _) => Self { value, from: Origin::CommandLine },
            (None, Some(value)) => Self { value, from: Origin::File },
            (None, None) => Self { value: default, from: Origin::Default },
        }
    }
}

/// The values of all settings.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// True if settings of the file are ignored, since the collection is not trusted.
    #[serde(skip)]
    pub ignored: bool,
    /// The model of a new collection; an existing one keeps its own. `None`: the default model.
    pub model: Setting<Option<PathBuf>>,
    /// Also only of a new collection. `None`: the one that suits the model.
    pub space: Setting<Option<VectorSpace>>,
    /// Also only of a new collection, and of `nigh migrate --passages`. `None`: 192, or one longer paragraph.
    pub passage_tokens: Setting<Option<usize>>,
    /// Also only of a new collection. `None`: an eighth of a passage.
    pub overlap_tokens: Setting<Option<usize>>,
    pub include: Setting<Vec<String>>,
    pub exclude: Setting<Vec<String>>,
    pub hidden: Setting<bool>,
    pub follow_links: Setting<bool>,
    /// In bytes.
    pub max_file_size: Setting<u64>,
    pub extract_seconds: Setting<f64>,
    /// In bytes.
    pub extract_memory: Setting<u64>,
    pub watch_delay_ms: Setting<u64>,
}

/// Settings of a new collection, which only `nigh index` can give.
#[derive(Debug, Clone, Default)]
pub struct CreationSettings {
    pub model: Option<PathBuf>,
    pub space: Option<VectorSpace>,
    pub passage_tokens: Option<usize>,
    pub overlap_tokens: Option<usize>,
}

/// The address space of the process that reads risky formats, in bytes: enough for a file of 32 MB when unpacked.
const EXTRACT_MEMORY: u64 = 512 << 20;
/// How long `nigh watch` waits for a file to stop changing, in milliseconds.
const WATCH_DELAY_MS: u64 = 500;

impl Settings {
    /// Resolves the settings of the collection in a directory, which need not exist yet. The file of a collection that is not trusted
    /// is ignored; then [`Settings::ignored`] tells whether it has settings.
    pub fn resolve(
        collection: &Path,
        trusted: bool,
        typed: &FileArgs,
        making: CreationSettings,
    ) -> Result<Self, Failure> {
        let path = collection.join(FILE);
        let (config, ignored) = match (read(collection), trusted) {
            (config, true) => (config?, false),
            (config, false) => (ConfigFile::default(), config.map_or(true, |config| config != ConfigFile::default())),
        };
        for (option, globs) in [("--include", &typed.include), ("--exclude", &typed.exclude)] {
            check(globs).map_err(|problem| Failure::message(format!("{option}: {problem}")))?;
        }
        let bytes_of = |name: &str, written: Option<Size>| match written {
            None => Ok(None),
            Some(Size::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Size::Text(text)) => {
                size(&text).map(Some).map_err(|problem| wrong(&path, &format!("{name}: {problem}")))
            }
        };
        let listed = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let max_file_size = bytes_of("max_file_size", config.max_file_size)?;
        let extract_memory = bytes_of("extract_memory", config.extract_memory)?;
        let seconds = config.extract_seconds;
        if seconds.is_some_and(|seconds| !(seconds > 0.0 && seconds <= 86_400.0)) {
            return Err(wrong(&path, "extract_seconds: write a number of seconds, more than 0 and at most 86400"));
        }
        Ok(Self {
            ignored,
            model: Setting::new(making.model.map(Some), config.model.map(Some), None),
            space: Setting::new(making.space.map(Some), config.space.map(Some), None),
            passage_tokens: Setting::new(making.passage_tokens.map(Some), config.passage_tokens.map(Some), None),
            overlap_tokens: Setting::new(making.overlap_tokens.map(Some), config.overlap_tokens.map(Some), None),
            include: Setting::new(listed(&typed.include), config.include.map(Spanned::into_inner), Vec::new()),
            exclude: Setting::new(listed(&typed.exclude), config.exclude.map(Spanned::into_inner), Vec::new()),
            hidden: Setting::new(typed.hidden, config.hidden, false),
            follow_links: Setting::new(typed.follow_links, config.follow_links, false),
            max_file_size: Setting::new(typed.max_file_size, max_file_size, FolderOptions::DEFAULT_MAX_FILE_SIZE),
            extract_seconds: Setting::new(None, seconds, WorkerCommand::DEFAULT_TIME_LIMIT.as_secs_f64()),
            extract_memory: Setting::new(None, extract_memory, EXTRACT_MEMORY),
            watch_delay_ms: Setting::new(typed.watch_delay_ms, config.watch_delay_ms, WATCH_DELAY_MS),
        })
    }

    /// Returns the options for walking and reading folders.
    pub fn folder(&self) -> FolderOptions {
        let options = FolderOptions::new()
            .hidden(self.hidden.value)
            .follow_links(self.follow_links.value)
            .max_file_size(self.max_file_size.value)
            .include(&self.include.value)
            .exclude(&self.exclude.value)
            .keep_ruled_out(self.is_narrowed());
        // If the program cannot start itself, risky formats are read in this process.
        let Ok(program) = std::env::current_exe() else { return options };
        let memory = self.extract_memory.value.to_string();
        let seconds = self.extract_seconds.value;
        let arguments = ["extract-worker".to_owned(), memory, seconds.to_string()];
        options.worker(WorkerCommand::new(program, arguments).time_limit(Duration::from_secs_f64(seconds)))
    }

    /// True if the command line restricts this run: then documents of files that it leaves out stay. The file's settings apply to
    /// every run.
    pub fn is_narrowed(&self) -> bool {
        let typed = |from: Origin| from == Origin::CommandLine;
        let off = |switch: &Setting<bool>| typed(switch.from) && !switch.value;
        typed(self.include.from)
            || typed(self.exclude.from)
            || typed(self.max_file_size.from)
            || off(&self.hidden)
            || off(&self.follow_links)
    }
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command line",
            Self::File => FILE,
            Self::Default => "default",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::config::TEMPLATE;

    fn resolve_text(text: &str, typed: &FileArgs) -> Result<Settings, Failure> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Settings::resolve(folder.path(), true, typed, CreationSettings::default())
    }

    #[test]
    fn settings_come_from_the_command_line_then_the_file_then_the_default() {
        let typed = FileArgs { hidden: Some(false), ..FileArgs::default() };
        let settings = resolve_text("hidden = true\nmax_file_size = \"1M\"\nexclude = ['a', 'b']\n", &typed).unwrap();
        assert_eq!((settings.hidden.value, settings.hidden.from), (false, Origin::CommandLine));
        assert_eq!((settings.max_file_size.value, settings.max_file_size.from), (1 << 20, Origin::File));
        assert_eq!((settings.include.value.len(), settings.include.from), (0, Origin::Default));
        assert!(format!("{:?}", settings.folder()).contains("exclude: [\"a\", \"b\"]"));
    }

    #[test]
    fn settings_of_an_untrusted_file_are_ignored_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let of = |text: &str| {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            Settings::resolve(folder.path(), false, &FileArgs::default(), CreationSettings::default()).unwrap()
        };
        let settings = of("follow_links = true\n");
        assert!(settings.ignored && !settings.follow_links.value && settings.follow_links.from == Origin::Default);
        assert!(of("garbled").ignored);
        assert!(!of(TEMPLATE).ignored, "nothing is said there");
    }

    #[test]
    fn settings_mistakes_are_reported_with_file_and_line() {
        for (text, expected) in [
            ("\nhiden = true\n", "line 2: unknown field `hiden`"),
            ("hidden = 3\n", "line 1: hidden: write true or false"),
            ("include = '*.md'\n", "line 1: include: write a list, [\"*.md\"]"),
            ("space = 3\n", "line 1: space: write \"original\" or \"language-neutral\""),
            ("space = 'french'\n", "`original`"),
            ("watch_delay_ms = -4\n", "line 1: watch_delay_ms: write a whole number"),
            ("max_file_size = true\n", "line 1: max_file_size: write a size"),
            ("\nexclude = [\"a\", \"[bad\"]\n", "line 2: exclude: [bad: a [ without its ]"),
            ("include = ['{a']\n", "line 1: include: {a: a { without its }"),
            ("max_file_size = 'much'\n", "max_file_size: write a size like"),
            ("extract_seconds = 0\n", "extract_seconds:"),
            ("hidden = \n", "line 1: "),
        ] {
            let problem = resolve_text(text, &FileArgs::default()).unwrap_err().to_string();
            assert!(problem.contains(FILE) && problem.contains(expected), "{problem}");
        }
    }

    #[test]
    fn template_has_every_setting_with_its_default() {
        let none = resolve_text("", &FileArgs::default()).unwrap();
        assert_eq!(
            serde_json::to_value(resolve_text(TEMPLATE, &FileArgs::default()).unwrap()).unwrap(),
            serde_json::to_value(&none).unwrap()
        );
        // Uncommented, each line gives the default.
        let open: String = TEMPLATE
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# ").filter(|line| line.contains(" = ")).map(|line| format!("{line}\n"))
            })
            .collect();
        let settings = serde_json::to_value(resolve_text(&open, &FileArgs::default()).unwrap()).unwrap();
        for (name, setting) in settings.as_object().unwrap() {
            assert_eq!(setting["from"], "file", "{name} is not in the template");
            if !matches!(name.as_str(), "model" | "space" | "passage_tokens" | "overlap_tokens") {
                let default = serde_json::to_value(&none).unwrap();
                assert_eq!(setting["value"], default[name]["value"], "{name}");
            }
        }
    }
}
