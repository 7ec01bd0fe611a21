//! `nigh bench`; the encoder's path in `nigh status`; threads under a CPU affinity. No test depends on a speed.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::command::{assert_refused, code, err, indexed, nigh, out, run, value};
use crate::support::{Place, real};

/// A short measurement with the tiny model.
const SHORT: [&str; 5] = ["bench", "--model", "model", "--seconds", "0.05"];

#[test]
fn bench_prints_the_machine_the_path_and_the_figures() {
    let place = Place::new();
    let scratch = place.path("scratch");
    fs::create_dir(&scratch).unwrap();
    let output = nigh(place.root(), &SHORT).env("TMPDIR", &scratch).output().unwrap();
    let text = out(&output);
    assert_eq!(code(&output), 0, "{}", err(&output));
    for part in [
        "CPU  ",
        "that this process may use",
        "instruction sets portable",
        "model            model",
        "encoder          int8, ",
        "this machine\n  model int8 ",
        ", amx, 2 threads, 2026-11-29\n  all-MiniLM-L6-v2 int8            32,683       40,162          0.67      0.87\n",
        "There are no stored figures of this model.",
        " tokens, median of ",
        "30,000 vectors of ",
        "Other programs",
    ] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    let name = text.lines().next().unwrap();
    let wide = text.lines().find(|line| line.chars().count() > 80 && *line != name);
    assert_eq!(wide, None, "wider than 80 columns");
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the temporary collection is removed");
}

#[test]
fn bench_json_is_a_row_with_every_figure() {
    let place = Place::new();
    let row = value(&run(place.root(), &[&SHORT[..], &["--json"]].concat()));
    for figure in [
        &row["passages"]["tokens_per_second"],
        &row["short_texts"]["tokens_per_second"],
        &row["question"]["milliseconds"],
        &row["search"]["milliseconds"],
    ] {
        assert!(figure.as_f64().unwrap() > 0.0, "{row}");
    }
    assert_eq!((&row["search"]["vectors"], &row["model"]), (&30_000.into(), &"model".into()));
    assert!(row["instruction_sets"].as_array().unwrap().contains(&row["simd"]), "{row}");
    let date = row["date"].as_str().unwrap();
    assert!(date.len() == 10 && date.starts_with("20"), "{date}");
    assert_eq!(row.get("source"), None, "only stored rows have one");
}

#[test]
fn bench_honours_the_options_of_every_command_and_says_what_is_slow() {
    let place = Place::new();
    let options = ["--threads", "1", "--simd", "portable", "--precision", "f32"];
    let row = value(&run(place.root(), &[&SHORT[..], &options, &["--json"]].concat()));
    let chosen = [&row["threads"], &row["simd"], &row["precision"], &row["backend"]];
    assert_eq!(chosen, [&Value::from(1), &"portable".into(), &"f32".into(), &"native".into()]);
    let output = run(place.root(), &[&SHORT[..], &options, &["-q"]].concat());
    let text = out(&output);
    assert!(text.contains("encoder          f32, portable kernels: slow, 1 thread\nslow because     "), "{text}");
    assert_eq!(err(&output), "");
    assert!(!text.contains("median"), "--quiet prints only results: {text}");
}

#[test]
fn bench_without_a_model_says_how_to_get_one() {
    let place = Place::new();
    assert_refused(&run(place.root(), &["bench"]), &["multilingual-e5-small", "nigh model pull"]);
    assert_refused(&run(place.root(), &["bench", "--model", "no-such-model"]), &["no-such-model"]);
    assert_eq!(code(&run(place.root(), &["bench", "--seconds", "0"])), 2);
}

#[test]
fn status_names_the_path_of_the_encoder() {
    let place = indexed();
    let status = |more: &[&str]| run(&place.docs(), &[&["status"], more].concat());
    let text = out(&status(&["--simd", "portable", "--threads", "3"]));
    assert!(text.contains("\nencoder          int8, portable kernels: slow, 3 threads\n"), "{text}");
    let encoder = value(&status(&["--json"]))["encoder"].take();
    assert_eq!((&encoder["precision"], &encoder["backend"]), (&"int8".into(), &"native".into()));
    let best = value(&run(place.root(), &[&SHORT[..], &["--json"]].concat()))["simd"].take();
    assert_eq!(encoder["simd"], best, "the same as in a command that loads the model");
    // Without the model, nobody knows.
    fs::remove_dir_all(place.model()).unwrap();
    assert_eq!(value(&status(&["--json"]))["encoder"], Value::Null);
    assert!(!out(&status(&[])).contains("\nencoder "));
}

/// The first core that this process may use.
#[cfg(target_os = "linux")]
fn first_core() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    list.chars().take_while(char::is_ascii_digit).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn threads_follow_the_cpu_affinity() {
    let core = first_core();
    let has_taskset = Command::new("taskset").args(["-c", &core, "true"]).stderr(Stdio::null()).status();
    if !has_taskset.is_ok_and(|status| status.success()) {
        real::skipped("taskset is not here");
        return;
    }
    let place = indexed();
    let bound = |directory: &std::path::Path, arguments: &[&str]| {
        let unbound = nigh(directory, arguments);
        let mut command = Command::new("taskset");
        command.args(["-c", &core]).arg(unbound.get_program()).args(unbound.get_args());
        command.current_dir(directory).stdin(Stdio::null());
        // taskset itself is found by PATH.
        command.env("NIGH_DATA", place.path("no-models")).output().unwrap()
    };
    assert_eq!(value(&bound(&place.docs(), &["status", "--json"]))["encoder"]["threads"], 1);
    let row = value(&bound(place.root(), &[&SHORT[..], &["--json"]].concat()));
    assert_eq!((&row["threads"], &row["cores"]), (&1.into(), &1.into()));
    // What is asked for has precedence.
    let asked = value(&bound(&place.docs(), &["status", "--json", "--threads", "2"]));
    assert_eq!(asked["encoder"]["threads"], 2);
}
