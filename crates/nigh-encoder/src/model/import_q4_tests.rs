//! Tests the conversion of a small file that is built here: complete, cut and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use safetensors::SafeTensors;
use serde_json::{Value, json};

use super::*;

const HIDDEN: usize = 32;
const FEED_FORWARD: usize = 64;
const PIECES: [&str; 6] = ["<s>", "<pad>", "</s>", "<unk>", "▁你好", "a"];

/// Builds a file of one layer with every part of a real one. Weight i of q4 data is (i mod 16 − 8) × 0.5.
fn synthetic_file() -> Vec<u8> {
    let (vocabulary, positions, types) = (8, 4, 2);
    let mut bytes = b"E5S1".to_vec();
    bytes.extend(1u32.to_le_bytes());
    for n in [HIDDEN, 1, 2, FEED_FORWARD, vocabulary, positions, types] {
        bytes.extend((n as i32).to_le_bytes());
    }
    bytes.extend(1e-12f32.to_le_bytes());
    bytes.extend(32i32.to_le_bytes());
    bytes.extend((PIECES.len() as i32).to_le_bytes());
    [0i32, 2, 1, 3].iter().for_each(|id| bytes.extend(id.to_le_bytes()));
    let blob = PIECES.concat();
    bytes.extend((blob.len() as u64).to_le_bytes());
    let mut end = 0u32;
    bytes.extend(end.to_le_bytes());
    for piece in PIECES {
        end += piece.len() as u32;
        bytes.extend(end.to_le_bytes());
    }
    (0..PIECES.len()).for_each(|i| bytes.extend((-(i as f32) / 4.0).to_le_bytes()));
    bytes.extend(blob.as_bytes());
    // One that NFKC handles, two that are removed, one that becomes a space.
    let entries: [(u32, &[u32]); 4] = [(0xfb01, &[0x66, 0x69]), (1, &[]), (2, &[]), (0x200b, &[0x20])];
    bytes.extend((entries.len() as i32).to_le_bytes());
    let length: usize = entries.iter().map(|(_, out)| 5 + 4 * out.len()).sum();
    bytes.extend((length as u32).to_le_bytes());
    for (from, out) in entries {
        bytes.extend(from.to_le_bytes());
        bytes.push(out.len() as u8);
        out.iter().for_each(|c| bytes.extend(c.to_le_bytes()));
    }
    let facts = Facts {
        layers: 1,
        hidden: HIDDEN,
        heads: 2,
        intermediate: FEED_FORWARD,
        vocabulary,
        positions,
        token_types: types,
        context_length: positions,
        query_prefix: "",
        passage_prefix: "",
    };
    let wanted = plan(&facts);
    let table: usize = wanted.iter().map(|t| 23 + t.name.len()).sum();
    let mut offset = bytes.len() + 4 + table;
    let mut data = Vec::new();
    bytes.extend((wanted.len() as i32).to_le_bytes());
    for tensor in wanted {
        let elements = tensor.elements() as usize;
        let before = data.len();
        match tensor.packing {
            Packing::F32 => (0..elements).for_each(|i| data.extend((i as f32).to_le_bytes())),
            Packing::Q4 => {
                for _ in 0..elements / BLOCK {
                    data.extend(f16::from_f32(0.5).to_le_bytes());
                    data.extend((0..16).map(|j: u8| j | j << 4));
                }
            }
        }
        bytes.extend((tensor.name.len() as u16).to_le_bytes());
        bytes.extend(tensor.name.as_bytes());
        bytes.push(u8::from(tensor.packing == Packing::Q4));
        bytes.extend((elements as u32).to_le_bytes());
        bytes.extend((offset as u64).to_le_bytes());
        bytes.extend(((data.len() - before) as u64).to_le_bytes());
        offset += data.len() - before;
    }
    bytes.extend(data);
    bytes
}

fn convert_all(bytes: &[u8]) -> Result<()> {
    let model = Q4Model::read(bytes, Path::new("test.bin"))?;
    model.write_tensors(&mut io::sink(), Path::new("-"))?;
    model.tokenizer.write(&mut io::sink(), Path::new("-"))
}

#[test]
fn convert_turns_a_file_into_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let (facts, files) = convert(&synthetic_file(), Path::new("test.bin"), folder.path()).unwrap();
    assert_eq!((facts.hidden, facts.layers, facts.context_length, facts.query_prefix), (HIDDEN, 1, 4, "query: "));
    let weights = std::fs::read(folder.path().join("model.safetensors")).unwrap();
    assert_eq!((files[0].bytes, files[0].path.as_str()), (weights.len() as u64, "model.safetensors"));
    let tensors = SafeTensors::deserialize(&weights).unwrap();
    assert_eq!(tensors.len(), 21);
    let query = tensors.tensor("encoder.layer.0.attention.self.query.weight").unwrap();
    assert_eq!(query.shape(), [HIDDEN, HIDDEN]);
    let values: Vec<f32> = query.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    assert!(values.iter().enumerate().all(|(i, &v)| v == ((i % 16) as f32 - 8.0) * 0.5), "{values:?}");
    let norm = tensors.tensor("encoder.layer.0.output.LayerNorm.bias").unwrap();
    assert_eq!(&norm.data()[4..8], 1f32.to_le_bytes());
    let out = tensors.tensor("encoder.layer.0.output.dense.weight").unwrap();
    assert_eq!(out.shape(), [HIDDEN, FEED_FORWARD]);

    let tokenizer = std::fs::read(folder.path().join("tokenizer.json")).unwrap();
    let tokenizer: Value = serde_json::from_slice(&tokenizer).unwrap();
    assert_eq!(tokenizer["model"]["vocab"][4], json!(["▁你好", -1.0]));
    assert_eq!(tokenizer["added_tokens"][2]["content"], "</s>");
    let steps = &tokenizer["normalizer"]["normalizers"];
    assert_eq!(steps[0]["pattern"]["Regex"], r"[\x{1}\x{2}]");
    assert_eq!((&steps[1]["pattern"]["Regex"], &steps[1]["content"]), (&json!(r"[\x{200b}]"), &json!(" ")));
    assert_eq!((&steps[2]["type"], &steps[4]), (&json!("NFKC"), &Value::Null));
}

/// The hashes of the files are part of the model's fingerprint, so every version must write the same bytes.
#[test]
fn convert_writes_the_same_bytes_in_every_version() {
    let folder = tempfile::tempdir().unwrap();
    convert(&synthetic_file(), Path::new("test.bin"), folder.path()).unwrap();
    let hash = |name| blake3::hash(&std::fs::read(folder.path().join(name)).unwrap()).to_hex().to_string();
    assert_eq!(
        ["model.safetensors", "tokenizer.json"].map(hash),
        [
            "5ad422172d860a5a28cb65be5582d05014636070cf9573c27c21f34a719b1ae6",
            "844a9eb769013614cf1ca1bb048c69e11c5858fcb1b68d52eec0d02ff5a1d1d6",
        ]
    );
}

#[test]
fn convert_refuses_a_file_cut_anywhere() {
    let whole = synthetic_file();
    convert_all(&whole).unwrap();
    for length in 0..whole.len() {
        let error = convert_all(&whole[..length]).expect_err("a cut file was accepted");
        assert!(matches!(error, Error::ModelFile { .. }), "{length}: {error}");
    }
}

#[test]
fn convert_refuses_flipped_bytes_or_reads_valid_values() {
    let mut bytes = synthetic_file();
    let mut refused = 0;
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            bytes[at] ^= flip;
            match convert_all(&bytes) {
                Ok(()) => {}
                Err(Error::ModelFile { .. }) => refused += 1,
                Err(error) => panic!("byte {at} ^ {flip:#x}: {error}"),
            }
            bytes[at] ^= flip;
        }
    }
    assert!(refused > 1000, "only {refused} were refused");
}

#[test]
fn convert_allocates_nothing_for_impossible_sizes() {
    let whole = synthetic_file();
    // Vocabulary, pieces, and the blob's length, each with the largest value of its type.
    for (at, value) in [(24, &[0xff, 0xff, 0xff, 0x7f][..]), (44, &[0xff, 0xff, 0x3f, 0x00]), (64, &[0xff; 8])] {
        let mut bytes = whole.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        let error = convert_all(&bytes).expect_err("an impossible size was accepted");
        assert!(matches!(error, Error::ModelFile { .. }), "{at}: {error}");
    }
}
