//! Models with damaged, missing or exchanged files.

use std::fs;
use std::path::Path;

use nigh::{Encoder, EncoderError, Error, ModelStore};

use crate::support::{Place, exported};

const GOOD: &str = "平均池化 is the good file.";

/// Returns the error of loading a model after `change` changed its directory.
fn load_error(change: impl FnOnce(&Path)) -> String {
    let place = Place::new();
    change(&place.model());
    let error = match Encoder::load(place.model()) {
        Ok(encoder) => encoder.encode(&["a text"]).expect_err("a broken model encodes"),
        Err(error) => error,
    };
    let kind = matches!(
        error,
        EncoderError::ModelFile { .. } | EncoderError::ModelUnsupported { .. } | EncoderError::Backend { .. }
    );
    let message = error.to_string();
    assert!((kind || message.contains("token embeddings")) && !message.contains('\n'), "{error:?}");
    message
}

fn replace(file: &Path, old: &str, new: &str) {
    let content = fs::read_to_string(file).unwrap();
    assert!(content.contains(old), "{content}");
    fs::write(file, content.replace(old, new)).unwrap();
}

#[test]
fn tokenizer_damage_is_reported() {
    for content in ["", "{}", "{\"model\":", "\u{0}\u{1}", "[1, 2]", "{\"model\": {\"type\": \"WordPiece\"}}"] {
        let message = load_error(|model| fs::write(model.join("tokenizer.json"), content).unwrap());
        assert!(message.contains("tokenizer.json") && message.contains("again"), "{message}");
    }
    let message = load_error(|model| {
        let path = model.join("tokenizer.json");
        let content = fs::read(&path).unwrap();
        fs::write(path, &content[..content.len() / 2]).unwrap();
    });
    assert!(message.contains("tokenizer.json"), "{message}");
    let other = load_error(|model| {
        let all = "\"text\":";
        let content = fs::read_to_string(model.join("tokenizer.json")).unwrap();
        let at = content.find(all).expect("a word of the vocabulary") + all.len();
        let end = at + content[at..].find([',', '}']).unwrap();
        fs::write(model.join("tokenizer.json"), format!("{}99999{}", &content[..at], &content[end..])).unwrap();
    });
    assert!(other.contains("tokenizer.json belongs to another model"), "{other}");
}

#[test]
fn weights_damage_is_reported() {
    for keep in [0, 7, 8, 100, 5_000, 100_000] {
        let message = load_error(|model| {
            let content = fs::read(model.join("model.safetensors")).unwrap();
            fs::write(model.join("model.safetensors"), &content[..keep]).unwrap();
        });
        assert!(message.contains("model.safetensors"), "{keep} bytes: {message}");
    }
    let message = load_error(|model| {
        let path = model.join("model.safetensors");
        let mut content = fs::read(&path).unwrap();
        content[..8].fill(0xff);
        fs::write(path, content).unwrap();
    });
    assert!(message.contains("model.safetensors"), "{message}");
    let message = load_error(|model| {
        let path = model.join("model.safetensors");
        let mut content = fs::read(&path).unwrap();
        let end = content.len();
        content[end - 4000..].fill(0xff);
        fs::write(path, content).unwrap();
    });
    assert!(message.contains("not a finite number"), "{message}");
}

#[test]
fn configuration_that_does_not_fit_the_weights_is_reported() {
    let config =
        |old: &'static str, new: &'static str| load_error(move |model| replace(&model.join("config.json"), old, new));
    assert!(config("\"hidden_size\":32", "\"hidden_size\":64").contains("has shape"));
    assert!(config("\"intermediate_size\":64", "\"intermediate_size\":63").contains("intermediate"));
    assert!(config("\"num_hidden_layers\":2", "\"num_hidden_layers\":3").contains("encoder.layer.2"));
    assert!(config("\"num_attention_heads\":4", "\"num_attention_heads\":5").contains("multiple"));
    assert!(config("\"num_attention_heads\":4", "\"num_attention_heads\":0").contains("config.json"));
    assert!(config("\"model_type\":\"bert\"", "\"model_type\":\"roberta\"").contains("roberta"));
    assert!(config("\"hidden_act\":\"gelu\"", "\"hidden_act\":\"swish\"").contains("swish"));
    assert!(config("\"hidden_size\":32", "\"hidden_size\":-1").contains("config.json"));
    assert!(config("{", "").contains("config.json"));
}

#[test]
fn model_with_a_missing_file_is_reported() {
    for name in ["config.json", "tokenizer.json"] {
        let message = load_error(|model| fs::remove_file(model.join(name)).unwrap());
        assert!(message.contains(name) && message.contains("missing"), "{message}");
    }
    let message = load_error(|model| fs::remove_file(model.join("model.safetensors")).unwrap());
    assert!(message.contains("model.onnx"), "{message}");
    // Files that only configure pooling and prefixes may be missing.
    let place = Place::new();
    for name in
        ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json"]
    {
        fs::remove_file(place.model().join(name)).unwrap();
    }
    assert_eq!(Encoder::load(place.model()).unwrap().model().context_length(), 64);
}

#[test]
fn model_damage_is_reported_and_the_collection_stays() {
    let place = Place::new();
    place.write("good.md", GOOD);
    let collection = place.open();
    place.index(&collection);
    let content = exported(&collection);
    drop(collection);
    let tokenizer = place.model().join("tokenizer.json");
    let whole = fs::read(&tokenizer).unwrap();
    fs::write(&tokenizer, &whole[..whole.len() / 2]).unwrap();
    let refused = Encoder::load(place.model()).err().unwrap();
    assert!(
        matches!(refused, EncoderError::ModelFile { .. }) && refused.to_string().contains("tokenizer.json"),
        "{refused}"
    );
    // With half a tokenizer it is not the model that made the vectors.
    let refused = place.options().open(place.path("notes.nigh")).err().unwrap();
    assert!(matches!(refused, Error::ModelMismatch { .. }), "{refused}");
    // No new collection is made with this model: nobody can tell which vector space suits it.
    let refused = place.options().open(place.path("new.nigh")).err().unwrap();
    assert!(matches!(refused, Error::Model(EncoderError::ModelFile { .. })), "{refused}");
    assert!(!place.path("new.nigh").exists());
    fs::write(&tokenizer, whole).unwrap();
    assert_eq!(exported(&place.open()), content);
}

#[test]
fn model_with_a_wrong_hash_is_refused() {
    let place = Place::new();
    let store = ModelStore::at(place.path("data"));
    for (name, files) in [("all-MiniLM-L6-v2", "model.safetensors"), ("multilingual-e5-small", "model.safetensors")] {
        let refused = store.import(place.model(), Some(name)).unwrap_err();
        let message = refused.to_string();
        assert!(matches!(refused, EncoderError::NotInCatalogue { .. }) && refused.is_corruption(), "{refused:?}");
        assert!(
            message.contains("SHA-256") && message.contains(files) && message.contains("another name"),
            "{message}"
        );
        assert!(matches!(store.find(name), Err(EncoderError::ModelNotInstalled { .. })));
    }
    let left: Vec<_> = fs::read_dir(store.models_directory()).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().starts_with(".lock-")), "{left:?}");
    // Under its own name the model is accepted.
    let path = store.import(place.model(), Some("mine")).unwrap();
    let by_name =
        nigh::CollectionOptions::new().model_store(store.clone()).model("mine").open(place.path("n.nigh")).unwrap();
    assert_eq!(by_name.status().unwrap().model.as_deref(), Some("mine"));
    assert_eq!(path, store.find("mine").unwrap());
    let taken = store.import(place.model(), Some("mine")).unwrap_err();
    assert!(matches!(taken, EncoderError::ModelName { .. }) && taken.to_string().contains("another name"), "{taken}");
    let unknown = store.find(Path::new("no-such-model")).unwrap_err();
    assert!(matches!(unknown, EncoderError::ModelUnknown { .. }) && unknown.to_string().contains("mine"), "{unknown}");
    let absent = nigh::CollectionOptions::new().model_store(store).open(place.path("d.nigh")).err().unwrap();
    assert!(
        matches!(absent, Error::Model(EncoderError::ModelNotInstalled { .. }))
            && absent.to_string().contains("fetch it"),
        "{absent}"
    );
}
