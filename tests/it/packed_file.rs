//! The packed file next to a model: written once, reused, rewritten when it is stale or damaged. In every case the vectors are
//! right, or there is an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use nigh::{Embeddings, Encoder, EncoderError, TokenInput};

use crate::support::{Place, TinyModel, edit_weights, ignored_test, int8, load, set_age};

/// The variable with the child's model; only the test below sets it.
const MODEL: &str = "NIGH_TEST_PACKED_MODEL";

fn packed_path(place: &Place) -> PathBuf {
    place.model().join("nigh-int8.packed")
}

/// Every token of the vocabulary, so that all of the word table is read.
fn inputs(encoder: &Encoder) -> Vec<TokenInput> {
    let config = fs::read(encoder.model().path().join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    let ids: Vec<u32> = (0..config["vocab_size"].as_u64().unwrap() as u32).collect();
    ids.chunks(40).map(|ids| TokenInput::new(ids.to_vec())).collect()
}

fn vectors(encoder: &Encoder) -> Embeddings {
    encoder.encode_tokens(&inputs(encoder)).unwrap()
}

/// Returns the vectors of a newly loaded model.
fn load_vectors(place: &Place) -> Embeddings {
    vectors(&load(&place.model(), int8()))
}

/// Modification time and, on Unix, inode number: a rewritten file has another one.
fn file_state(path: &Path) -> (SystemTime, u64) {
    let metadata = fs::metadata(path).unwrap();
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    (metadata.modified().unwrap(), number)
}

fn assert_no_part_files(place: &Place) {
    let names = fs::read_dir(place.model()).unwrap().map(|item| item.unwrap().file_name());
    let parts: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn packed_file_is_written_once_and_reused() {
    let place = Place::new();
    assert!(!packed_path(&place).exists());
    drop(load(&place.model(), crate::support::f32()));
    assert!(!packed_path(&place).exists(), "f32 needs none");
    let expected = load_vectors(&place);
    set_age(&packed_path(&place), Duration::from_secs(600));
    let made = file_state(&packed_path(&place));
    assert_eq!(load_vectors(&place), expected);
    assert_eq!(file_state(&packed_path(&place)), made, "it was rewritten");
    // The packed file was used: only the metadata of the weights is read, not their content.
    let weights = place.model().join("model.safetensors");
    let times = fs::metadata(&weights).unwrap();
    let content = fs::read(&weights).unwrap();
    fs::write(&weights, vec![0; content.len()]).unwrap();
    let file = fs::File::options().write(true).open(&weights).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    assert_eq!(load_vectors(&place), expected);
    assert_no_part_files(&place);
}

#[test]
fn packed_file_is_rewritten_for_other_weights() {
    let place = Place::new();
    let before = load_vectors(&place);
    let old = fs::read(packed_path(&place)).unwrap();
    // The same length, a later time.
    let other = TinyModel { seed: 99, ..TinyModel::default() };
    other.write(&place.model());
    let after = load_vectors(&place);
    assert_ne!(before, after);
    assert_eq!(after, load_vectors(&Place::with(&other)), "the vectors are not the new weights'");
    assert_ne!(fs::read(packed_path(&place)).unwrap(), old);
    // Another length, the same time.
    let deeper = TinyModel { layers: 3, ..TinyModel::default() };
    let time = fs::metadata(place.model().join("model.safetensors")).unwrap().modified().unwrap();
    deeper.write(&place.model());
    let file = fs::File::options().write(true).open(place.model().join("model.safetensors")).unwrap();
    file.set_modified(time).unwrap();
    assert_eq!(load_vectors(&place), load_vectors(&Place::with(&deeper)));
    // An earlier time counts as a change too: an older model may be copied back with its date.
    TinyModel::default().write(&place.model());
    set_age(&place.model().join("model.safetensors"), Duration::from_secs(1_000_000));
    assert_eq!(load_vectors(&place), before);
    assert_no_part_files(&place);
}

/// The packed weights depend on config.json.
#[test]
fn packed_file_is_rewritten_for_another_configuration() {
    let place = Place::new();
    load_vectors(&place);
    let path = place.model().join("config.json");
    let config = fs::read_to_string(&path).unwrap();
    for (old, new) in [
        ("\"gelu\"", "\"relu\""),
        ("\"gelu\"", "\"gelu_new\""),
        ("\"num_attention_heads\":4", "\"num_attention_heads\":2"),
        ("1e-12", "1e-1"),
    ] {
        assert!(config.contains(old), "{config}");
        fs::write(&path, config.replace(old, new)).unwrap();
        let kept = load_vectors(&place);
        fs::remove_file(packed_path(&place)).unwrap();
        assert!(kept == load_vectors(&place), "{old} became {new}: not rewritten");
        fs::write(&path, &config).unwrap();
        load_vectors(&place);
    }
}

/// Loads and encodes with a damaged packed file. Returns whether the vectors are right; an error must report the file.
fn assert_right_or_refused(place: &Place, expected: &Embeddings, damage: &str) -> bool {
    let encoder = match Encoder::load(place.model()) {
        Ok(encoder) => encoder,
        Err(error) => panic!("{damage}: {error}"),
    };
    match encoder.encode_tokens(&inputs(&encoder)) {
        Ok(vectors) => {
            assert!(vectors == *expected, "{damage}: wrong vectors");
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(matches!(error, EncoderError::ModelFile { .. }) && error.is_corruption(), "{damage}: {error:?}");
            assert!(message.contains("nigh-int8.packed") && message.contains("damaged"), "{damage}: {message}");
            assert!(message.contains("remove") && !message.contains('\n'), "{damage}: {message}");
            false
        }
    }
}

#[test]
fn packed_file_damage_never_gives_a_wrong_vector() {
    let place = Place::new();
    let expected = load_vectors(&place);
    let whole = fs::read(packed_path(&place)).unwrap();
    // Every ninth byte of the header, then every 499th byte, and the last bytes.
    let places = (0..128).step_by(9).chain((128..whole.len()).step_by(499)).chain(whole.len() - 3..whole.len());
    let (mut repaired, mut refused, mut harmless) = (0, 0, 0);
    for (count, at) in places.enumerate() {
        let mut bytes = whole.clone();
        bytes[at] ^= [0x01, 0x80, 0xff][count % 3];
        fs::write(packed_path(&place), &bytes).unwrap();
        if !assert_right_or_refused(&place, &expected, &format!("byte {at} of {}", whole.len())) {
            refused += 1;
        } else if fs::read(packed_path(&place)).unwrap() == whole {
            repaired += 1;
        } else {
            // Only bytes in the gaps between sections are not checked.
            assert_eq!(whole[at], 0, "byte {at} is not checked");
            harmless += 1;
        }
    }
    println!("{repaired} made again, {refused} refused, {harmless} in gaps");
    assert!(repaired > 30 && refused > 10 && harmless < repaired / 10, "{repaired} {refused} {harmless}");
    // Following the error's advice repairs the model.
    fs::remove_file(packed_path(&place)).unwrap();
    assert_eq!(load_vectors(&place), expected);
    assert_eq!(fs::read(packed_path(&place)).unwrap(), whole, "the same weights are packed to the same bytes");
    assert_no_part_files(&place);
}

#[test]
fn packed_file_that_is_truncated_or_replaced_is_rewritten() {
    let place = Place::new();
    let expected = load_vectors(&place);
    let whole = fs::read(packed_path(&place)).unwrap();
    let other = Place::with(&TinyModel { seed: 4, ..TinyModel::default() });
    load_vectors(&other);
    let mut contents: Vec<Vec<u8>> =
        [0, 1, 7, 8, 100, 127, 128, 129, 4096, whole.len() / 2, whole.len() - 64, whole.len() - 1]
            .map(|length| whole[..length].to_vec())
            .into();
    contents.push([&whole[..], b"more"].concat());
    contents.push(vec![0; whole.len()]);
    contents.push(vec![0xff; whole.len()]);
    contents.push(b"not a packed file".to_vec());
    contents.push(fs::read(place.model().join("model.safetensors")).unwrap());
    contents.push(fs::read(packed_path(&other)).unwrap());
    for content in contents {
        fs::write(packed_path(&place), &content).unwrap();
        assert_eq!(load_vectors(&place), expected, "of {} bytes", content.len());
        assert!(fs::read(packed_path(&place)).unwrap() == whole, "of {} bytes: not made again", content.len());
    }
    assert_no_part_files(&place);
}

/// Simulates a directory that cannot be written: a file cannot replace a directory of that name, not even as root.
#[test]
fn packed_file_stays_in_memory_if_it_cannot_be_written() {
    let place = Place::new();
    let expected = load_vectors(&place);
    fs::remove_file(packed_path(&place)).unwrap();
    fs::create_dir(packed_path(&place)).unwrap();
    fs::write(packed_path(&place).join("something"), "of someone's").unwrap();
    for _ in 0..2 {
        assert_eq!(load_vectors(&place), expected);
    }
    assert_eq!(fs::read_to_string(packed_path(&place).join("something")).unwrap(), "of someone's");
    assert_no_part_files(&place);
}

#[cfg(unix)]
#[test]
fn packed_file_of_a_read_only_directory_stays_in_memory() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    fs::set_permissions(place.model(), fs::Permissions::from_mode(0o555)).unwrap();
    let found = load_vectors(&place);
    let written = packed_path(&place).exists();
    fs::set_permissions(place.model(), fs::Permissions::from_mode(0o755)).unwrap();
    if written {
        crate::support::real::skipped("this user may write read-only directories");
    }
    assert_eq!(found, load_vectors(&Place::new()));
}

/// A loaded model keeps its packed file when another process replaces the file.
#[test]
fn packed_file_can_be_replaced_under_a_loaded_model() {
    let place = Place::new();
    let encoder = load(&place.model(), int8());
    let expected = vectors(&load(&place.model(), int8()));
    TinyModel { seed: 8, ..TinyModel::default() }.write(&place.model());
    assert_ne!(load_vectors(&place), expected);
    assert_eq!(vectors(&encoder), expected, "read lazily, after the file was replaced");
}

#[test]
fn packed_file_is_loaded_by_several_threads_at_once() {
    let expected = load_vectors(&Place::new());
    for _ in 0..5 {
        let place = Place::new();
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(|| load_vectors(&place))).collect();
            for one in all {
                assert_eq!(one.join().unwrap(), expected);
            }
        });
        assert_eq!(load_vectors(&place), expected);
        assert_no_part_files(&place);
    }
}

#[test]
#[ignore = "the child of the test below"]
fn child() {
    let Some(model) = std::env::var_os(MODEL) else { return };
    let hash = blake3_of(&vectors(&load(Path::new(&model), int8())));
    println!("vectors {hash}");
}

fn blake3_of(vectors: &Embeddings) -> String {
    let bytes: Vec<u8> = vectors.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect();
    blake3::hash(&bytes).to_hex().to_string()
}

#[test]
fn packed_file_is_loaded_by_several_processes_at_once() {
    let expected = blake3_of(&load_vectors(&Place::new()));
    for _ in 0..3 {
        let place = Place::new();
        let start = || {
            let mut command = ignored_test("packed_file::child");
            command.env(MODEL, place.model()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..4).map(|_| start()).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let message = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                message.contains(&format!("vectors {expected}")),
                "{message}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        assert_no_part_files(&place);
    }
}

/// One number changed in place is noticed without a hash of the whole file.
#[test]
fn packed_file_is_rewritten_after_an_edit_in_place() {
    let place = Place::new();
    let before = load_vectors(&place);
    set_age(&place.model().join("model.safetensors"), Duration::from_secs(60));
    edit_weights(&place.model(), |name, _, values| {
        if name == "encoder.layer.0.output.dense.bias" {
            values[3] += 0.5;
        }
    });
    assert_ne!(load_vectors(&place), before);
}
