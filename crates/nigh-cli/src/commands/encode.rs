//! `nigh encode`: encodes lines of standard input.

use std::fs::File;
use std::io::{BufRead, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use nigh::{Collection, Encoder, ModelInfo, TextKind, VectorSpace};
use serde::Serialize;

use super::model;
use crate::Outcome;
use crate::args::EncodeArgs;
use crate::output::{Failure, Output, json};
use crate::plan::Plan;

/// Maximum number of lines in a batch: limits the memory.
const BATCH_LINES: usize = 2048;
/// Maximum bytes in a batch: limits the memory for long lines.
const BATCH_BYTES: usize = 16 << 20;
/// Maximum length of a line.
const MAX_LINE_BYTES: usize = 64 << 20;

#[derive(Serialize)]
struct EncodedLineJson<'a> {
    text: &'a str,
    vector: &'a [f32],
}

pub fn run(plan: &Plan, arguments: &EncodeArgs, out: &mut Output<'_>) -> Result<Outcome, Failure> {
    let mut options = plan.encoder.clone();
    let directory = match &arguments.model {
        Some(asked) => model::required(plan, Some(asked))?,
        None => match collection_model(plan)? {
            Some((directory, space)) => {
                options = options.space(space);
                directory
            }
            None => model::required(plan, None)?,
        },
    };
    let encoder = Encoder::with_options(ModelInfo::open(directory)?, options)?;
    let kind = match (arguments.query, arguments.passage) {
        (true, _) => TextKind::Query,
        (_, true) => TextKind::Passage,
        _ => TextKind::Plain,
    };
    let mut npy = arguments.npy.as_deref().map(|path| Npy::create(path, encoder.dimension())).transpose()?;
    let mut input = std::io::stdin().lock();
    let mut lines_read = 0;
    loop {
        let lines = read_lines(&mut input, lines_read)?;
        if lines.is_empty() {
            break;
        }
        let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
        let vectors = encoder.encode_as(kind, &texts)?;
        lines_read += lines.len();
        match &mut npy {
            Some(npy) => npy.write(vectors.as_slice())?,
            None => {
                for (text, vector) in texts.iter().zip(vectors.iter()) {
                    json(out, &EncodedLineJson { text, vector })?;
                }
                out.flush()?;
            }
        }
    }
    if let Some(npy) = npy {
        npy.finish()?;
    }
    Ok(if lines_read > 0 { Outcome::Found } else { Outcome::Nothing })
}

/// Returns the model of the collection of the current folder and the space of its vectors, if there is one and its model is on this
/// machine. A collection that cannot be opened is an error: vectors of another model would not be comparable with its own.
fn collection_model(plan: &Plan) -> Result<Option<(PathBuf, VectorSpace)>, Failure> {
    let Ok(path) = plan.existing_collection() else { return Ok(None) };
    if !Collection::exists(&path) {
        return Ok(None);
    }
    let status = plan.open_existing()?.status()?;
    Ok(status.model_path.zip(status.space))
}

fn read_lines(input: &mut impl BufRead, before: usize) -> Result<Vec<String>, Failure> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while lines.len() < BATCH_LINES && bytes < BATCH_BYTES {
        let mut line = Vec::new();
        let mut bounded = input.by_ref().take(MAX_LINE_BYTES as u64 + 1);
        if bounded.read_until(b'\n', &mut line).map_err(Failure::io("read", "standard input"))? == 0 {
            break;
        }
        bytes += line.len();
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        let number = before + lines.len() + 1;
        if line.len() > MAX_LINE_BYTES {
            return Err(Failure::message(format!(
                "line {number} of standard input is longer than {MAX_LINE_BYTES} bytes"
            )));
        }
        let text = String::from_utf8(line)
            .map_err(|error| Failure::message(format!("line {number} of standard input is not UTF-8: {error}")))?;
        lines.push(text);
    }
    Ok(lines)
}

/// A NumPy file, format 1.0. The shape is known at the end, so the header is reserved first and written last.
struct Npy {
    file: BufWriter<File>,
    path: String,
    dimension: usize,
    rows: usize,
}

/// Bytes of magic, version and header: a multiple of 64, as the format requires.
const NPY_HEADER: usize = 128;

impl Npy {
    fn create(path: &Path, dimension: usize) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let mut file = BufWriter::new(File::create(path).map_err(Failure::io("create", &shown))?);
        file.write_all(&[0; NPY_HEADER]).map_err(Failure::io("write", &shown))?;
        Ok(Self { file, path: shown, dimension, rows: 0 })
    }

    fn write(&mut self, values: &[f32]) -> Result<(), Failure> {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.rows += values.len() / self.dimension.max(1);
        self.file.write_all(&bytes).map_err(Failure::io("write", &self.path))
    }

    fn finish(mut self) -> Result<(), Failure> {
        let header = npy_header(self.rows, self.dimension);
        let mut write_header = || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header)?;
            self.file.flush()
        };
        write_header().map_err(Failure::io("write", &self.path))
    }
}

fn npy_header(rows: usize, dimension: usize) -> Vec<u8> {
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}");
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend(((NPY_HEADER - 10) as u16).to_le_bytes());
    header.extend(text.as_bytes());
    header.resize(NPY_HEADER - 1, b' ');
    header.push(b'\n');
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpy_header_is_128_bytes_and_has_the_shape() {
        let header = npy_header(usize::MAX, usize::MAX);
        assert_eq!((header.len(), header[8], header[9]), (128, 118, 0));
        assert!(String::from_utf8_lossy(&npy_header(3, 384)).contains("(3, 384)"));
    }
}
