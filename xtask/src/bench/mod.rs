//! `cargo xtask bench encode`: our encoder and its peers in turn, in one sitting.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the arguments; running nigh's benchmark and ../shared/bench/peer_encode.py by turns |
//! | `table.rs` | medians and ratios over the rounds, as a table and as JSON |
//! | `texts.rs` | the texts: passages of the RFC corpus, or a file given |

mod table;
mod texts;

use crate::run::{self, Failure, Result, Workspace};
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::thread;
use table::Line;

/// The arguments after `cargo xtask bench encode`.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// A Python with ../shared/bench/requirements.txt; without one nigh runs alone.
    python: Option<PathBuf>,
    /// A model's name or directory.
    model: String,
    texts: Option<PathBuf>,
    rounds: usize,
    /// Which peers, as peer_encode.py names them, with commas between.
    peers: String,
    /// Threads of nigh and of the peers alike.
    threads: Option<usize>,
    json: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            python: None,
            model: "all-MiniLM-L6-v2".to_owned(),
            texts: None,
            rounds: 5,
            peers: "ort-fp32".to_owned(),
            threads: None,
            json: false,
        };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            if word == "--json" {
                options.json = true;
                continue;
            }
            if !["--python", "--model", "--texts", "--rounds", "--peers", "--threads"].contains(&word) {
                return Err(Failure::usage(format!("cargo xtask bench encode knows no `{word}`")));
            }
            let value = *words.next().ok_or_else(|| Failure::usage(format!("{word} wants a value")))?;
            match word {
                "--python" => options.python = Some(value.into()),
                "--model" => options.model = value.to_owned(),
                "--texts" => options.texts = Some(value.into()),
                "--peers" => options.peers = value.to_owned(),
                "--rounds" => options.rounds = count(word, value)?,
                _ => options.threads = Some(count(word, value)?),
            }
        }
        Ok(options)
    }
}

fn count(word: &str, value: &str) -> Result<usize> {
    let number = value.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| Failure::usage(format!("{word} wants a number from 1 on, not `{value}`")))
}

/// Runs everything and prints the comparison; with `--json`, that alone goes to stdout.
pub(crate) fn encode(workspace: &Workspace, options: &Options) -> Result {
    let announce = |step: &str| if options.json { eprintln!("── {step}") } else { run::announce(step) };
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).map_err(Failure::io("make", &folder))?;
    let texts = texts::prepare(workspace, &folder, options.texts.as_deref())?;
    announce("cargo bench --bench encode --no-run      (some minutes the first time)");
    let benchmark = build(workspace)?;

    let threads = options.threads.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let mut lines: Vec<Line> = Vec::new();
    let mut onnx = None;
    for round in 1..=options.rounds {
        announce(&format!("round {round} of {}: nigh", options.rounds));
        let mut nigh = workspace.command(&benchmark);
        nigh.arg(&options.model).arg(&texts);
        nigh.args(["--rounds", "1", "--threads", &threads.to_string()]);
        lines.extend(Line::all(&run::output(&mut nigh)?, round)?);
        let Some(python) = &options.python else { continue };
        // nigh's line says where the model is, by whatever name it was asked for.
        let Some(model) = lines[0].json["model"].as_str().map(PathBuf::from) else {
            return Err(Failure::new("nigh's benchmark does not say where its model is"));
        };
        let prefix = match &onnx {
            Some(prefix) => prefix,
            None => onnx.insert(export(workspace, python, &model, &folder, &announce)?),
        };
        announce(&format!("round {round} of {}: {}", options.rounds, options.peers));
        let mut peer = workspace.command(python);
        peer.arg(shared(workspace, "peer_encode.py")?).args([&model, prefix, &texts]);
        peer.args(["--peers", &options.peers, "--threads", &threads.to_string()]);
        lines.extend(Line::all(&run::output(&mut peer)?, round)?);
    }
    let first = &lines[0].json;
    let heading = format!(
        "{} on {}: {} texts, {} tokens, {threads} threads, {} rounds",
        options.model,
        texts.display(),
        first["texts"],
        first["tokens"],
        options.rounds
    );
    let comparison = table::Comparison::of(&lines);
    if options.json {
        let mut whole = comparison.json();
        whole["what"] = heading.into();
        whole["lines"] = lines.into_iter().map(|line| line.json).collect::<Value>();
        println!("{whole}");
    } else {
        println!("\n{heading}\n{}", comparison.text());
    }
    Ok(())
}

/// Builds nigh's benchmark; the same program then runs in every round, whatever happens to the sources meanwhile.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--bench", "encode", "--no-run", "--message-format", "json-render-diagnostics"]);
    executable(&run::output(&mut cargo)?).ok_or_else(|| Failure::new("cargo names no executable for benches/encode.rs"))
}

/// The benchmark among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let bench = |message: &Value| message["target"]["kind"][0] == "bench" && message["target"]["name"] == "encode";
    messages.filter(bench).find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// The model's ONNX files, made once: what comes before `-fp32.onnx`.
fn export(
    workspace: &Workspace,
    python: &Path,
    model: &Path,
    folder: &Path,
    announce: &impl Fn(&str),
) -> Result<PathBuf> {
    let weights = model.join("model.safetensors");
    let about = fs::metadata(&weights).map_err(Failure::io("read", &weights))?;
    // Two models may have directories of one name.
    let mut hasher = DefaultHasher::new();
    (model, about.len(), about.modified().ok()).hash(&mut hasher);
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let prefix = folder.join(format!("{name}-{:08x}", hasher.finish() as u32));
    let file = |prefix: &Path, which: &str| PathBuf::from(format!("{}-{which}.onnx", prefix.display()));
    if file(&prefix, "int8").is_file() {
        return Ok(prefix);
    }
    announce(&format!("export_onnx.py {}", model.display()));
    let unfinished = folder.join("unfinished");
    // Hundreds of harmless warnings: they are for the file.
    let log = folder.join("export_onnx.log");
    let to = fs::File::create(&log).map_err(Failure::io("write", &log))?;
    let and = to.try_clone().map_err(Failure::io("write", &log))?;
    let mut exporter = workspace.command(python);
    exporter.arg(shared(workspace, "export_onnx.py")?).args([model, &unfinished]).stdout(to).stderr(and);
    if !run::status(&mut exporter)?.success() {
        return Err(Failure::new(format!("export_onnx.py failed; what it said is in {}", log.display())));
    }
    for which in ["fp32", "int8"] {
        let made = file(&unfinished, which);
        fs::rename(&made, file(&prefix, which)).map_err(Failure::io("put in place", &made))?;
    }
    fs::remove_file(file(&unfinished, "fused")).map_err(Failure::io("remove", &unfinished))?;
    Ok(prefix)
}

/// A file of ../shared/bench, which is not part of the repository.
fn shared(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let path = workspace.root.join("../shared/bench").join(name);
    path.canonicalize().map_err(Failure::io("find", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_other_messages() {
        let target = |kind: &str, place: &str| {
            format!("{{\"target\": {{\"kind\": [\"{kind}\"], \"name\": \"encode\"}}, \"executable\": {place}}}\n")
        };
        let messages = format!("no json\n{}{}", target("example", "\"/a\""), target("bench", "\"/b\""));
        assert_eq!(executable(&messages), Some("/b".into()));
        assert_eq!(executable(&target("bench", "null")), None);
    }

    #[test]
    fn arguments_are_read_and_bad_ones_named() {
        let options = Options::parse(&["--python", "py", "--rounds", "3", "--threads", "1", "--json"]).unwrap();
        assert_eq!((options.python, options.rounds, options.threads), (Some("py".into()), 3, Some(1)));
        assert!(options.json && options.peers == "ort-fp32");
        for bad in [&["--pyhton", "x"][..], &["--rounds", "0"], &["--rounds"], &["texts.txt"]] {
            assert_eq!(Options::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
    }
}
