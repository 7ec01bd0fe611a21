//! Model directories that are made to hang the program or to exhaust its memory.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nigh::{Encoder, ModelInfo, Precision};

use crate::support::{Place, TinyModel, f32, int8, load};

/// Returns the error of loading a model directory that `edit` changed; must return within 20 seconds, so that a hang is found.
fn load_error(edit: impl FnOnce(&Path)) -> String {
    let place = Place::new();
    edit(&place.model());
    let (started, mut problems) = (Instant::now(), Vec::new());
    for precision in [Precision::Int8, Precision::F32] {
        let options = nigh::EncoderOptions::default().precision(precision);
        let loaded = ModelInfo::open(place.model()).and_then(|info| Encoder::with_options(info, options));
        problems.push(loaded.expect_err("it was loaded").to_string());
    }
    assert!(started.elapsed() < Duration::from_secs(20));
    problems.join("; ")
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut serde_json::Value)) {
    let mut value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

#[test]
fn model_sizes_beyond_the_weights_are_refused_before_allocation() {
    for name in [
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "vocab_size",
        "max_position_embeddings",
        "type_vocab_size",
    ] {
        for size in [65_536, 1_000_000_000, u64::MAX] {
            let problem =
                load_error(|model| edit_json(&model.join("config.json"), |config| config[name] = size.into()));
            assert!(problem.contains("config.json") || problem.contains("safetensors"), "{name} {size}: {problem}");
        }
    }
}

#[test]
fn tokenizer_that_expands_texts_is_refused() {
    let problem = load_error(|model| {
        edit_json(&model.join("tokenizer.json"), |tokenizer| {
            let step = serde_json::json!({"type": "Replace", "pattern": {"String": "a"}, "content": "a".repeat(100)});
            tokenizer["normalizer"] = serde_json::json!({"type": "Sequence", "normalizers": vec![step; 5]});
        });
    });
    assert!(problem.contains("tokenizer.json") && problem.contains("1024 times"), "{problem}");
}

#[test]
fn model_files_must_be_files_or_links_to_files() {
    let fifo = |path: &Path| {
        let _ = fs::remove_file(path);
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let link = |path: &Path, to: &str| {
        let _ = fs::remove_file(path);
        std::os::unix::fs::symlink(to, path).unwrap();
    };
    for name in [
        "config.json",
        "tokenizer.json",
        "modules.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
        "model.safetensors",
    ] {
        load_error(|model| fifo(&model.join(name)));
        load_error(|model| link(&model.join(name), "/dev/zero"));
    }
    // Files that nigh writes next to the model are rewritten, or left out.
    for name in ["nigh-int8.packed", "nigh-tokenizer.packed"] {
        for make_file in [&fifo as &dyn Fn(&Path), &|path: &Path| link(path, "/dev/zero")] {
            let place = Place::new();
            make_file(&place.model().join(name));
            load(&place.model(), int8()).encode(&["a text"]).unwrap();
        }
    }
    // Like Hugging Face's cache: the names are links to blobs.
    let place = Place::with(&TinyModel::default());
    let right = load(&place.model(), f32()).encode(&["a text"]).unwrap();
    let blobs = place.path("blobs");
    fs::create_dir(&blobs).unwrap();
    for (number, name) in ["config.json", "tokenizer.json", "modules.json", "model.safetensors"].iter().enumerate() {
        fs::rename(place.model().join(name), blobs.join(number.to_string())).unwrap();
        link(&place.model().join(name), &format!("../blobs/{number}"));
    }
    assert_eq!(load(&place.model(), f32()).encode(&["a text"]).unwrap(), right);
    // Other vectors, because they are computed in int8: only loading is tested.
    load(&place.model(), int8()).encode(&["a text"]).unwrap();
}
