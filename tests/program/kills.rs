//! `kill -9` at any moment of every command that writes: committed documents stay, no document is incomplete, and following
//! at most two pieces of advice gives a clean `verify`. `NIGH_TEST_KILLS` sets the number, `NIGH_TEST_SEED` the choice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::chance::in_threads;
use crate::support::prepared::{Case, Prepared, checked, essence, write};
use crate::support::program::{self, bounded};
use crate::support::{Random, TinyModel, chance, text, tree};

/// The command to kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Killed {
    /// `index` of a folder that gained, lost and changed files.
    Index,
    /// A new collection.
    Create,
    Watch,
    Import,
    Rebuild,
    /// A rebuild of the records from the published index.
    RebuildRecords,
    /// A collection of an older format.
    Migrate,
    /// `migrate --space`.
    ChangeSpace,
    /// The packed files of a model.
    Pack,
    ModelImport,
}

const ALL: [Killed; 10] = [
    Killed::Index,
    Killed::Create,
    Killed::Watch,
    Killed::Import,
    Killed::Rebuild,
    Killed::RebuildRecords,
    Killed::Migrate,
    Killed::ChangeSpace,
    Killed::Pack,
    Killed::ModelImport,
];

/// Returns the documents of an export, by id.
fn documents(case: &Case<'_>) -> Result<BTreeMap<String, String>, String> {
    let ran = case.run(&["export"])?;
    if ran.code == Some(2) {
        return Err(format!("export: {}", ran.output_line()));
    }
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        (value["id"].as_str().unwrap().to_owned(), value["text"].as_str().unwrap().to_owned())
    };
    Ok(ran.out.lines().map(line).collect())
}

/// The changes in the folder.
fn change(folder: &Path) {
    for i in 0..12 {
        write(folder, &format!("new/{i}.md"), text::markdown(i, 4));
    }
    write(folder, "a.md", "# Pooling\n\nOther words than before.\n");
    fs::remove_file(folder.join("d.md")).unwrap();
}

/// Returns the files of a folder as its collection has them.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let hidden = |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
    let own = |path: &PathBuf| !hidden(path.strip_prefix(folder).unwrap());
    let mut files: Vec<PathBuf> = tree::files(folder);
    files.retain(|path| own(path) && !path.ends_with("refused.txt"));
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// Asserts that every document of `there` is old or new, and that no document is lost that is in both versions.
fn check_documents(
    there: &BTreeMap<String, String>,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), String> {
    for id in there.keys().chain(old.keys()).chain(new.keys()) {
        let now = there.get(id);
        if now != old.get(id) && now != new.get(id) {
            return Err(format!("{id} is neither old nor new: {now:?}"));
        }
    }
    Ok(())
}

/// The duration of each command without a kill.
type Durations = Mutex<BTreeMap<Killed, Duration>>;

/// Runs the command to its end if its duration is not known yet, else for a random part of that duration.
fn run_killed(
    what: Killed,
    command: impl Fn() -> Command,
    durations: &Durations,
    random: &mut Random,
) -> Result<(), String> {
    let known = durations.lock().unwrap().get(&what).copied();
    let watch = what == Killed::Watch;
    // A watch begins with an index of what changed, and never ends.
    let life = if watch { Some(Duration::from_millis(600)) } else { known };
    let ran = match life {
        Some(life) => program::killed(command(), life.mul_f64(random.unit())),
        None => {
            let started = Instant::now();
            let ran = bounded(command(), Duration::from_secs(60));
            durations.lock().unwrap().insert(what, started.elapsed());
            ran
        }
    };
    // The kill is the expected end.
    if ran.signal.is_some_and(|signal| signal != 9) || ran.err.contains("panicked at") {
        return Err(format!("{ran:?}"));
    }
    Ok(())
}

fn run_case(prepared: &Prepared, what: Killed, seed: u64, durations: &Durations) -> Result<(), String> {
    let mut random = Random(seed);
    let case = prepared.case();
    let (folder, surroundings) = (case.folder.clone(), &prepared.surroundings);
    let nigh = |arguments: &[&str]| surroundings.nigh(&folder, arguments);
    let old = documents(&case)?;
    match what {
        Killed::Index | Killed::Watch => {
            change(&folder);
            let command =
                || if what == Killed::Index { nigh(&["index"]) } else { nigh(&["watch", "--delay-ms", "10"]) };
            // Twice: the second one continues after the first.
            for _ in 0..2 {
                run_killed(what, command, durations, &mut random)?;
                check_documents(&documents(&case)?, &old, &files(&folder))?;
            }
        }
        Killed::Create => {
            tree::remove(&case.collection());
            for _ in 0..2 {
                run_killed(what, || nigh(&["index", ".", "--model", "tiny"]), durations, &mut random)?;
            }
            // Without a commit, the collection need not exist.
            let made = case.run(&["index", ".", "--model", "tiny"])?;
            if !made.is_fine() {
                case.end_well(made, &[])?;
            }
        }
        Killed::Import => {
            let source = prepared.path("foreign");
            let exported = checked(surroundings.run(&source, &["export", "--vectors"]))?;
            let lines = folder.join(".lines.jsonl");
            fs::write(&lines, &exported.out).unwrap();
            let value = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
            let mut new = old.clone();
            new.extend(
                exported
                    .out
                    .lines()
                    .map(value)
                    .map(|d| (d["id"].as_str().unwrap().to_owned(), d["text"].as_str().unwrap().to_owned())),
            );
            run_killed(what, || nigh(&["import", ".lines.jsonl"]), durations, &mut random)?;
            check_documents(&documents(&case)?, &old, &new)?;
        }
        Killed::Rebuild | Killed::RebuildRecords => {
            if what == Killed::RebuildRecords {
                tree::remove(&case.collection().join("records"));
            }
            run_killed(what, || nigh(&["rebuild"]), durations, &mut random)?;
        }
        Killed::Migrate => return run_migrate_case(prepared, durations, &mut random),
        Killed::ChangeSpace => return run_space_case(prepared, durations, &mut random),
        Killed::Pack | Killed::ModelImport => return run_model_case(prepared, what, durations, &mut random),
    }
    let verified = case.run(&["verify"])?;
    case.end_well(verified, &[])?;
    let now = documents(&case)?;
    let new = files(&folder);
    if what != Killed::Import && what != Killed::Create {
        check_documents(&now, &old, &new)?;
    }
    let indexed = case.run(&["index"])?;
    if !indexed.is_fine() {
        return Err(format!("index: {}", indexed.output_line()));
    }
    let mut there = documents(&case)?;
    if what == Killed::Import {
        there.retain(|id, _| !id.starts_with("foreign"));
    }
    if there == new { Ok(()) } else { Err(format!("SILENT LOSS after index: {:?}", there.keys())) }
}

/// Runs a case of a collection of an older nigh, from the fixture in `migrations/`.
fn run_migrate_case(prepared: &Prepared, durations: &Durations, random: &mut Random) -> Result<(), String> {
    let old = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/v0001_initial/fixture.tar.gz");
    let collection = old.path().join(".nigh");
    fs::create_dir(&collection).unwrap();
    let unpacked = Command::new("tar").arg("-xzf").arg(fixture).arg("-C").arg(&collection).status().unwrap();
    assert!(unpacked.success());
    let surroundings = &prepared.surroundings;
    let nigh = |arguments: &[&str]| checked(surroundings.run(old.path(), arguments));
    surroundings.run(old.path(), &["trust"]);
    for _ in 0..2 {
        run_killed(Killed::Migrate, || surroundings.nigh(old.path(), &["migrate"]), durations, random)?;
    }
    // All steps, as the program advises.
    let mut verified = nigh(&["verify"])?;
    for _ in 0..2 {
        let Some(advice) = verified.advice().filter(|_| !verified.is_fine()) else { break };
        checked(surroundings.shell(old.path(), &advice))?;
        verified = nigh(&["verify"])?;
    }
    if !verified.is_fine() {
        return Err(format!("verify after migrate: {}", verified.output_line()));
    }
    let exported = nigh(&["export"])?;
    let again = tempfile::tempdir().unwrap();
    let whole = again.path().join(".nigh");
    fs::create_dir(&whole).unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/v0001_initial/fixture.tar.gz");
    assert!(Command::new("tar").arg("-xzf").arg(fixture).arg("-C").arg(&whole).status().unwrap().success());
    surroundings.run(again.path(), &["trust"]);
    checked(surroundings.run(again.path(), &["migrate"]))?;
    let undisturbed = checked(surroundings.run(again.path(), &["export"]))?;
    let (a, b) = (essence("export", &exported)?, essence("export", &undisturbed)?);
    if a == b && !a.is_empty() { Ok(()) } else { Err(format!("export after migrate: {a:?}, not {b:?}")) }
}

/// Runs a case of a collection whose vectors are moved to another space.
fn run_space_case(prepared: &Prepared, durations: &Durations, random: &mut Random) -> Result<(), String> {
    const MOVE: [&str; 3] = ["migrate", "--space", "language-neutral"];
    let (place, surroundings) = (tempfile::tempdir().unwrap(), &prepared.surroundings);
    let (folder, model) = (place.path().join("folder"), place.path().join("model"));
    TinyModel { layers: 1, ..TinyModel::multilingual() }.write(&model);
    for i in 0..30 {
        write(&folder, &format!("{i}.md"), text::markdown(i, 4));
    }
    let nigh = |arguments: &[&str]| {
        let ran = checked(surroundings.run(&folder, arguments))?;
        if ran.is_fine() { Ok(ran) } else { Err(format!("{arguments:?}: {}", ran.output_line())) }
    };
    let export = || essence("export", &nigh(&["export", "--vectors"])?);
    nigh(&["index", ".", "--model", "../model", "--space", "original"])?;
    let (old, kept) = (export()?, place.path().join("kept"));
    tree::copy(&folder.join(".nigh"), &kept);
    nigh(&MOVE)?;
    let new = export()?;
    tree::remove(&folder.join(".nigh"));
    tree::copy(&kept, &folder.join(".nigh"));
    for _ in 0..2 {
        run_killed(Killed::ChangeSpace, || surroundings.nigh(&folder, &MOVE), durations, random)?;
        // A search sees one of the two spaces.
        let seen = export()?;
        let space = nigh(&["status", "--json"])?.value().map(|status| status["space"].clone());
        let expected = if space == Some("original".into()) { &old } else { &new };
        if seen != *expected {
            return Err(format!("the export is not that of the {space:?} space"));
        }
    }
    nigh(&["index"])?;
    nigh(&["verify"])?;
    nigh(&MOVE)?;
    nigh(&["verify"])?;
    if export()? == new { Ok(()) } else { Err("the vectors differ from those of an undisturbed move".to_owned()) }
}

/// Runs a case of a model: its packed files, written on first use; or an imported model.
fn run_model_case(prepared: &Prepared, what: Killed, durations: &Durations, random: &mut Random) -> Result<(), String> {
    let place = tempfile::tempdir().unwrap();
    let source = place.path().join("model");
    TinyModel { hidden: 64, layers: 3, ..TinyModel::default() }.write(&source);
    let surroundings = &prepared.surroundings;
    let (data, lines) = (place.path().join("data"), place.path().join("lines"));
    fs::create_dir(&data).unwrap();
    fs::write(&lines, "mean pooling\n句向量\n").unwrap();
    let import = || {
        let mut command = surroundings.nigh(place.path(), &["model", "import", "model", "--name", "other"]);
        surroundings.with_data(&mut command, &data);
        command
    };
    let encode = |name: &str| {
        let mut command = surroundings.nigh(place.path(), &["encode", "--model", name]);
        surroundings.with_data(&mut command, &data);
        command.stdin(fs::File::open(&lines).unwrap());
        command
    };
    for _ in 0..3 {
        if what == Killed::Pack {
            run_killed(what, || encode("./model"), durations, random)?;
        } else {
            run_killed(what, import, durations, random)?;
        }
    }
    let name = if what == Killed::Pack {
        "./model"
    } else {
        let again = checked(bounded(import(), surroundings.limit))?;
        if !again.is_fine() && !again.output_line().contains("is installed") {
            return Err(format!("import after kills: {}", again.output_line()));
        }
        "other"
    };
    let vectors = checked(bounded(encode(name), surroundings.limit))?;
    let fresh = place.path().join("fresh");
    TinyModel { hidden: 64, layers: 3, ..TinyModel::default() }.write(&fresh);
    let wanted = checked(bounded(encode("./fresh"), surroundings.limit))?;
    if !vectors.is_fine() || vectors.out != wanted.out {
        return Err(format!("other vectors after kills: {}", vectors.output_line()));
    }
    // Unfinished files are removed by the end.
    let folder = if what == Killed::Pack { source } else { data };
    let left: Vec<PathBuf> =
        tree::files(&folder).into_iter().filter(|p| p.to_string_lossy().ends_with(".part")).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:?}")) }
}

#[test]
fn kill_at_any_moment_of_every_command() {
    let (seed, count) = (chance::seed(), chance::number("NIGH_TEST_KILLS", 40));
    let prepared = Prepared::new();
    let durations = Durations::default();
    // Each command runs to its end once, to measure its duration.
    let mut wrong: Vec<String> = ALL
        .into_iter()
        .filter_map(|what| {
            run_case(&prepared, what, seed, &durations).err().map(|error| format!("{what:?}, not killed: {error}"))
        })
        .collect();
    let cases: Vec<(Killed, u64)> = (0..count).map(|i| (ALL[i % ALL.len()], seed.wrapping_add(i as u64))).collect();
    wrong.extend(in_threads(&cases, |&(what, seed)| {
        let ended = run_case(&prepared, what, seed, &durations);
        ended.err().map(|error| format!("{what:?}, {}={seed}: {error}", chance::SEED)).into_iter().collect()
    }));
    println!("{count} cases of one to three kills; whole runs took {:?}", durations.lock().unwrap());
    assert!(wrong.is_empty(), "{} of {count} ended badly:\n{}", wrong.len(), wrong.join("\n"));
}
