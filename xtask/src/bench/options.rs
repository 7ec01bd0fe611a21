//! The arguments after `cargo xtask bench encode`.

use crate::run::{Result, TaskFailure};
use std::path::PathBuf;

/// All peers: those of peer_encode.py, and the padded one.
const PEERS: &str = "ort-fp32,ort-int8,openvino-fp32,openvino-bf16,openvino-int8,ort-fp32-padded";

/// The measurements to make, and the peers to compare with.
#[derive(Debug, PartialEq)]
pub(crate) struct EncodeBenchOptions {
    /// A Python with benches/peers/requirements.txt; `None`: nigh runs alone.
    pub(super) python: Option<PathBuf>,
    /// A model's name or directory.
    pub(super) model: String,
    pub(super) texts: Option<PathBuf>,
    pub(super) rounds: usize,
    pub(super) peers: Vec<String>,
    /// Threads of nigh and of each peer.
    pub(super) threads: Option<usize>,
    /// Maximum number of texts.
    pub(super) limit: Option<usize>,
    /// Number of texts whose vectors are compared with those of f32, in the first round.
    pub(super) cosine: Option<usize>,
    /// Further arguments of nigh's benchmark.
    pub(super) nigh: Vec<String>,
    pub(super) json: bool,
}

impl EncodeBenchOptions {
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            python: None,
            model: "all-MiniLM-L6-v2".to_owned(),
            texts: None,
            rounds: 5,
            peers: names(PEERS),
            threads: None,
            limit: None,
            cosine: None,
            nigh: Vec::new(),
            json: false,
        };
        let (mut rounds, mut stream) = (None, false);
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--json" => options.json = true,
                "--stream" => stream = true,
                _ => {
                    let value = words.next().ok_or_else(|| TaskFailure::usage(format!("`{word}` needs a value")));
                    match word {
                        "--python" => options.python = Some(value?.into()),
                        "--model" => options.model = (*value?).to_owned(),
                        "--texts" => options.texts = Some(value?.into()),
                        "--peers" => options.peers = names(value?),
                        "--rounds" => rounds = Some(count(word, value?)?),
                        "--threads" => options.threads = Some(count(word, value?)?),
                        "--limit" => options.limit = Some(count(word, value?)?),
                        "--cosine" => options.cosine = Some(count(word, value?)?),
                        "--precision" | "--simd" | "--peak" => {
                            options.nigh.extend([word.to_owned(), (*value?).to_owned()]);
                        }
                        _ => {
                            return Err(TaskFailure::usage(format!("cargo xtask bench encode has no option `{word}`")));
                        }
                    }
                }
            }
        }
        if stream {
            if options.python.is_some() {
                return Err(TaskFailure::usage(
                    "--stream measures nigh only: the peers hold all texts; leave out --python",
                ));
            }
            options.nigh.push("--stream".to_owned());
        }
        // A streamed round takes long.
        options.rounds = rounds.unwrap_or(if stream { 1 } else { options.rounds });
        Ok(options)
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

pub(super) fn count(word: &str, value: &str) -> Result<usize> {
    let number = value.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| TaskFailure::usage(format!("{word} needs a number, 1 or more, not `{value}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_parsed_and_bad_ones_refused() {
        let options =
            EncodeBenchOptions::parse(&["--python", "py", "--rounds", "3", "--threads", "1", "--json"]).unwrap();
        assert_eq!((options.python, options.rounds, options.threads), (Some("py".into()), 3, Some(1)));
        assert!(options.json && options.peers.len() == 6);
        for bad in [&["--pyhton", "x"][..], &["--rounds", "0"], &["--rounds"], &["texts.txt"], &["--limit", "few"]] {
            assert_eq!(EncodeBenchOptions::parse(bad).unwrap_err().code, 2, "{bad:?}");
        }
        let unknown = EncodeBenchOptions::parse(&["--pyhton"]).unwrap_err();
        assert!(unknown.message.contains("has no option `--pyhton`"), "{unknown:?}");
    }

    #[test]
    fn arguments_of_nigh_are_passed_on() {
        let words = ["--peers", "ort-int8", "--precision", "f32", "--limit", "9", "--simd", "avx2", "--cosine", "7"];
        let options = EncodeBenchOptions::parse(&words).unwrap();
        assert_eq!(options.nigh, ["--precision", "f32", "--simd", "avx2"]);
        assert_eq!((options.peers, options.limit, options.cosine), (vec!["ort-int8".to_owned()], Some(9), Some(7)));
    }

    #[test]
    fn stream_is_one_round_of_nigh_alone() {
        let options = EncodeBenchOptions::parse(&["--stream"]).unwrap();
        assert_eq!((options.rounds, options.nigh), (1, vec!["--stream".to_owned()]));
        assert_eq!(EncodeBenchOptions::parse(&["--rounds", "2", "--stream"]).unwrap().rounds, 2);
        assert_eq!(EncodeBenchOptions::parse(&["--stream", "--python", "py"]).unwrap_err().code, 2);
    }
}
