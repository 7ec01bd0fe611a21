//! Runs the program with its own home and data, with limits on time and memory, and follows its printed advice.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::TinyModel;

/// Maximum resident memory of a command, in KB.
const MAX_MEMORY_KB: u64 = 500 << 10;

/// The environment of the program: a home that it must not change, and its own data directory with the model `tiny`.
pub struct Surroundings {
    root: PathBuf,
    /// Time limit of a command.
    pub limit: Duration,
}

impl Surroundings {
    /// Makes, below `root`, `home/`, `data/` with the model, and `bin/` with `nigh` for printed advice.
    pub fn new(root: &Path) -> Self {
        let surroundings = Self { root: root.to_path_buf(), limit: Duration::from_secs(20) };
        for directory in ["home", "data", "bin"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_nigh"), root.join("bin/nigh")).unwrap();
        let model = root.join("model to import");
        TinyModel { layers: 1, ..TinyModel::default() }.write(&model);
        let model = model.display().to_string();
        surroundings.run(root, &["model", "import", &model, "--name", "tiny"]).assert_fine();
        surroundings
    }

    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Sets another data directory, of another user, who trusts their own collections.
    pub fn with_data(&self, command: &mut Command, data: &Path) {
        command.env("NIGH_DATA", data);
    }

    /// `nigh` in a directory, without this machine's settings.
    pub fn nigh(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nigh"));
        command.args(arguments);
        self.surround(&mut command, directory);
        command
    }

    fn surround(&self, command: &mut Command, directory: &Path) {
        command.current_dir(directory).env_clear().env("NIGH_DATA", self.data()).stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/bin:/bin", self.root.join("bin").display()));
        at_home(command, &self.home());
    }

    pub fn run(&self, directory: &Path, arguments: &[&str]) -> Ran {
        bounded(self.nigh(directory, arguments), self.limit)
    }

    /// Runs a command line as copied from a message.
    pub fn shell(&self, directory: &Path, line: &str) -> Ran {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        self.surround(&mut command, directory);
        bounded(command, self.limit)
    }

    /// Runs `nigh watch` for a while, then sends Ctrl-C.
    pub fn watch(&self, directory: &Path, arguments: &[&str], life: Duration) -> Ran {
        watched(self.nigh(directory, &[&["watch"], arguments].concat()), life, self.limit)
    }
}

/// Sets the home of a command, and the variables that depend on it.
pub fn at_home(command: &mut Command, home: &Path) {
    command.env("HOME", home);
    for (name, below) in
        [("CONFIG", ".config"), ("DATA", ".local/share"), ("CACHE", ".cache"), ("STATE", ".local/state")]
    {
        command.env(format!("XDG_{name}_HOME"), home.join(below));
    }
}

/// The result of a command.
#[derive(Debug)]
pub struct Ran {
    pub line: String,
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
    pub hung: bool,
    /// Peak resident memory.
    pub peak_kb: u64,
}

impl Ran {
    pub fn is_fine(&self) -> bool {
        self.code == Some(0)
    }

    pub fn assert_fine(&self) -> &Self {
        assert!(self.is_fine() && self.fault().is_none(), "{self:?}");
        self
    }

    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(&self.out).ok()
    }

    /// Describes a panic, a hang, a fatal signal or too much memory; `None` if there was none of them.
    pub fn fault(&self) -> Option<String> {
        let what = if self.peak_kb > MAX_MEMORY_KB {
            format!("takes {} MB", self.peak_kb >> 10)
        } else if self.hung {
            "hangs".to_owned()
        } else if let Some(signal) = self.signal {
            format!("dies of signal {signal}")
        } else if self.err.contains("panicked at") || self.code == Some(101) {
            format!("panics: {}", self.err)
        } else {
            return None;
        };
        Some(format!("`{}` {what}", self.line))
    }

    /// Returns the whole output, on one line.
    pub fn output_line(&self) -> String {
        format!("{} {}", self.out, self.err).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// True if the output names a file of a collection, or its directory.
    pub fn names(&self, collection: &Path, file: &str) -> bool {
        let message = self.output_line();
        let directory = file.rsplit_once('/').map(|(directory, _)| directory.to_owned());
        let directory = directory.unwrap_or_else(|| collection.display().to_string());
        message.contains(file)
            || message.contains(&directory)
            || (file.starts_with("records") && message.contains("records in"))
    }

    /// Returns the first command in backquotes.
    pub fn advice(&self) -> Option<String> {
        // Errors come last, and take precedence.
        let parts = [&self.err, &self.out];
        let quoted = parts.iter().flat_map(|text| text.split('`').skip(1).step_by(2));
        let first = quoted.map(str::trim).find(|quoted| quoted.starts_with("nigh "))?;
        // The placeholder for a folder means the current one.
        let words = first.split(' ').filter(|word| *word != "…").map(|word| if word == "FOLDER" { "." } else { word });
        Some(words.collect::<Vec<_>>().join(" "))
    }
}

fn spawn(mut command: Command) -> (Child, String) {
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    let line = std::iter::once("nigh".to_owned()).chain(words).collect::<Vec<_>>().join(" ");
    (command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), line)
}

/// Runs a command to its end, or to `limit`, or until it takes too much memory.
pub fn bounded(command: Command, limit: Duration) -> Ran {
    follow(spawn(command), limit, false, limit)
}

/// Runs an endless command for `life`, then sends Ctrl-C.
pub fn watched(command: Command, life: Duration, limit: Duration) -> Ran {
    follow(spawn(command), life, true, limit)
}

/// Runs a command and kills it after `life`; `signal` tells whether it was killed.
pub fn killed(command: Command, life: Duration) -> Ran {
    let child = spawn(command);
    thread::sleep(life);
    follow(child, Duration::ZERO, false, Duration::ZERO)
}

fn follow((mut child, line): (Child, String), life: Duration, interrupt: bool, limit: Duration) -> Ran {
    let reading = |mut from: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = reading(Box::new(child.stdout.take().unwrap()));
    let err = reading(Box::new(child.stderr.take().unwrap()));
    let (started, mut asked, mut hung, mut peak_kb) = (Instant::now(), None, false, 0);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak_kb = peak_kb.max(resident(child.id()));
        if started.elapsed() >= life && interrupt && asked.is_none() {
            Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
            asked = Some(Instant::now());
        }
        let late = match asked {
            Some(asked) => asked.elapsed() > limit,
            None => started.elapsed() >= life && !interrupt,
        };
        if late || peak_kb > MAX_MEMORY_KB {
            hung = late;
            let _ = child.kill();
            break child.wait().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    };
    let (out, err) = (out.join().unwrap(), err.join().unwrap());
    Ran { line, code: status.code(), signal: status.signal(), out, err, hung, peak_kb }
}

/// Peak memory of a process so far; 0 if unknown.
fn resident(process: u32) -> u64 {
    // Before `exec`, the child has the memory of this process.
    let program = |process: &str| fs::read_link(format!("/proc/{process}/exe")).ok();
    if program(&process.to_string()) == program("self") {
        return 0;
    }
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}
