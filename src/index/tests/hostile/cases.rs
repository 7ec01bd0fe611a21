//! Changes to a generation: a list that covers every number that is used in computations, and random changes.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::Random;
use crate::index::manifest::Manifest;
use crate::index::segment::forge::{Forged, SECTIONS};
use crate::index::snapshot::segment_path;

/// Numbers that are too large, too small, or overflow in sums and products.
pub const NUMBERS: [u64; 12] = [
    0,
    1,
    7,
    4095,
    (1 << 31) - 1,
    1 << 31,
    u32::MAX as u64 - 1,
    u32::MAX as u64,
    1 << 32,
    1 << 63,
    u64::MAX - 4095,
    u64::MAX,
];

/// A change of a published directory, and its name.
pub type Case = (String, Box<dyn Fn(&Path)>);

fn ids(directory: &Path) -> Vec<u64> {
    let named = Manifest::read(directory).unwrap().unwrap();
    named.segments.iter().map(|listed| listed.id).collect()
}

/// Changes a segment and its entry in the manifest.
fn forge(directory: &Path, which: usize, change: impl Fn(&mut Forged)) {
    let id = ids(directory)[which];
    let path = segment_path(directory, id);
    let mut forged = Forged::read(&path);
    change(&mut forged);
    let (bytes, crc) = forged.seal(&path);
    let (documents, rows, shape) = (*forged.documents(), *forged.rows(), *forged.shape());
    manifest(directory, |manifest| {
        manifest.shape = shape;
        let listed = &mut manifest.segments[which];
        (listed.bytes, listed.crc, listed.documents, listed.rows) = (bytes, crc, documents, rows);
    });
}

fn manifest(directory: &Path, change: impl Fn(&mut Manifest)) {
    let mut manifest = Manifest::read(directory).unwrap().unwrap();
    change(&mut manifest);
    manifest.write(directory).unwrap();
}

/// Changes the encoded manifest.
fn manifest_bytes(directory: &Path, change: impl Fn(&mut Vec<u8>)) {
    let path = directory.join("CURRENT");
    let mut bytes = fs::read(&path).unwrap();
    let mut body = bytes.split_off(24);
    change(&mut body);
    bytes.extend(body);
    let crc = crc32fast::hash(&bytes[16..]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, bytes).unwrap();
}

/// Encodes a number like postcard.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Returns the listed cases.
pub fn listed() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |name: String, change: Box<dyn Fn(&Path)>| cases.push((name, change));
    for number in NUMBERS {
        let (word, name) = (number as u32, |what: &str| format!("{what} {number}"));
        add(name("generation"), Box::new(move |d| manifest(d, |m| m.generation = number)));
        add(name("next segment"), Box::new(move |d| manifest(d, |m| m.next_segment = number)));
        add(name("sequence"), Box::new(move |d| manifest(d, |m| m.totals.sequence = number)));
        add(name("counted documents"), Box::new(move |d| manifest(d, |m| m.totals.documents = number)));
        add(name("counted passages"), Box::new(move |d| manifest(d, |m| m.totals.passages = number)));
        add(name("next document"), Box::new(move |d| manifest(d, |m| m.totals.next_document = number)));
        add(name("next passage"), Box::new(move |d| manifest(d, |m| m.totals.next_passage = number)));
        add(name("dimension in the manifest"), Box::new(move |d| manifest(d, |m| m.shape.dimension = word)));
        add(name("segment's number"), Box::new(move |d| manifest(d, |m| m.segments[0].id = number)));
        add(name("segment's bytes"), Box::new(move |d| manifest(d, |m| m.segments[0].bytes = number)));
        add(name("segment's dead rows"), Box::new(move |d| manifest(d, |m| m.segments[0].dead_rows = word)));
        add(name("dead document"), Box::new(move |d| manifest(d, |m| m.segments[0].set_dead(&[word], 1))));
        for which in 0..2 {
            let name = |what: &str| format!("segment {which}, {what} {number}");
            add(name("documents"), Box::new(move |d| forge(d, which, |f| *f.documents() = word)));
            add(name("rows"), Box::new(move |d| forge(d, which, |f| *f.rows() = word)));
            add(
                name("rows and documents"),
                Box::new(move |d| {
                    forge(d, which, |f| (*f.documents(), *f.rows()) = (word, word));
                }),
            );
            add(name("dimension"), Box::new(move |d| forge(d, which, |f| f.shape().dimension = word)));
            for section in 0..SECTIONS {
                let name = |what: &str| format!("segment {which}, section {section}, {what} {number}");
                let change = move |d: &Path, change: &dyn Fn(&mut Forged)| {
                    forge(d, which, |forged| {
                        if forged.name(section).is_some() {
                            change(forged);
                        }
                    });
                };
                add(name("start"), Box::new(move |d| change(d, &|f| *f.place(section).0 = number)));
                add(name("length"), Box::new(move |d| change(d, &|f| *f.place(section).1 = number)));
                let Some((stride, fields)) = Forged::entries(section) else { continue };
                for (field, &size) in fields.iter().enumerate() {
                    let at: usize = fields[..field].iter().sum();
                    let put = move |forged: &mut Forged, every: usize| {
                        for entry in forged.bytes(section).chunks_mut(stride).step_by(every) {
                            let end = entry.len().min(at + size);
                            entry[at.min(end)..end].copy_from_slice(&number.to_le_bytes()[..end - at.min(end)]);
                        }
                    };
                    add(name(&format!("field {field} of all")), Box::new(move |d| change(d, &|f| put(f, 1))));
                    add(name(&format!("field {field} of some")), Box::new(move |d| change(d, &|f| put(f, 3))));
                }
            }
        }
        // Counts, levels, and a part of the recall table.
        for at in (0..136).step_by(4).chain([176, 224, 512, 516, 700]) {
            let name = format!("graph's header, byte {at}: {number}");
            add(
                name,
                Box::new(move |d| {
                    forge(d, 0, |f| f.bytes(9)[at..at + 4].copy_from_slice(&word.to_le_bytes()));
                }),
            );
        }
    }
    for section in 0..SECTIONS {
        add(format!("without section {section}"), Box::new(move |d| forge(d, 0, |f| f.remove_section(section))));
        add(
            format!("section {section} is ones"),
            Box::new(move |d| {
                forge(d, 0, |f| f.bytes(section).fill(0xff));
            }),
        );
    }
    for residual in [f32::NAN, f32::INFINITY, -1.0, 0.0, f32::MAX] {
        add(format!("residual {residual}"), Box::new(move |d| forge(d, 0, |f| *f.residual() = residual)));
    }
    add(
        "no roots".to_owned(),
        Box::new(|d| {
            forge(d, 0, |f| {
                f.keep_roots = true;
                f.roots().clear();
            });
        }),
    );
    add(
        "many roots".to_owned(),
        Box::new(|d| {
            forge(d, 0, |f| {
                f.keep_roots = true;
                f.roots().resize(100_000, 0);
            });
        }),
    );
    add("a kept vector of f32 where f16 is".to_owned(), Box::new(|d| forge(d, 0, |f| f.shape().half = false)));
    for times in [2, 5000, 200_000] {
        add(
            format!("a segment listed {times} times"),
            Box::new(move |d| {
                manifest(d, |m| m.segments = vec![m.segments[0].clone(); times]);
            }),
        );
    }
    add("settings of a megabyte".to_owned(), Box::new(|d| manifest(d, |m| m.settings = "x".repeat(1 << 20))));
    add("no settings".to_owned(), Box::new(|d| manifest(d, |m| m.settings.clear())));
    add("no segments".to_owned(), Box::new(|d| manifest(d, |m| m.segments.clear())));
    add(
        "every document twice dead".to_owned(),
        Box::new(|d| {
            let twice: Vec<u32> = (0..90).flat_map(|document| [document, document]).collect();
            manifest(d, |m| m.segments[0].set_dead(&twice, 180));
        }),
    );
    add(
        "dead documents that wrap".to_owned(),
        Box::new(|d| {
            manifest(d, |m| m.segments[1].set_dead(&[1, 4], 2));
            manifest_bytes(d, |body| {
                let at = (0..body.len() - 2).find(|&at| body[at..at + 3] == [2, 1, 3]).unwrap();
                body.splice(at + 2..at + 3, varint(u64::from(u32::MAX)));
            });
        }),
    );
    for length in [1 << 20, 1 << 32, 1 << 40, u64::MAX >> 1] {
        add(
            format!("{length} segments, as the manifest counts"),
            Box::new(move |d| {
                manifest(d, |m| m.segments.clear());
                manifest_bytes(d, |body| {
                    body.pop();
                    body.extend(varint(length));
                });
            }),
        );
        add(
            format!("{length} dead documents, as the manifest counts"),
            Box::new(move |d| {
                manifest(d, |m| m.segments[1].set_dead(&[], 0));
                manifest_bytes(d, |body| {
                    body.pop();
                    body.extend(varint(length));
                });
            }),
        );
        add(
            format!("{length} at the footer's end"),
            Box::new(move |d| {
                forge(d, 0, |f| {
                    let mut bytes = f.encoded_footer();
                    bytes.truncate(bytes.len() - 6);
                    bytes.extend(varint(length));
                    f.footer_bytes = Some(bytes);
                });
            }),
        );
    }
    cases
}

/// Returns a harmful or a random number.
fn number(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.next() >> random.below(64),
        _ => NUMBERS[random.below(NUMBERS.len() as u64) as usize],
    }
}

/// Returns a random change.
pub fn random_case(seed: u64) -> Case {
    let change = move |directory: &Path| {
        let mut random = Random(seed);
        let changes: Vec<(u64, u64, u64, u64)> = (0..1 + random.below(4))
            .map(|_| (random.below(8), random.next(), number(&mut random), random.next()))
            .collect();
        for (kind, at, number, more) in changes {
            let which = (more % 2) as usize;
            // After the first change the directory may no longer be a valid generation.
            let attempt = || match kind {
                0 | 1 => manifest_bytes(directory, |body| {
                    let at = (at % body.len() as u64) as usize;
                    body.splice(at..at + 1, varint(number));
                }),
                2 => manifest_bytes(directory, |body| {
                    let at = (at % body.len() as u64) as usize;
                    body[at] = more as u8;
                }),
                3 => forge(directory, which, |f| {
                    let mut bytes = f.encoded_footer();
                    let at = (at % bytes.len() as u64) as usize;
                    bytes.splice(at..at + 1, varint(number));
                    f.footer_bytes = Some(bytes);
                }),
                _ => forge(directory, which, |f| {
                    let section = (at % SECTIONS as u64) as usize;
                    if f.name(section).is_none() {
                        return;
                    }
                    let bytes = f.bytes(section);
                    let size = if more & 4 == 0 { 4 } else { 8 };
                    let slots = (bytes.len() / size).max(1) as u64;
                    let at = (more >> 8) % slots;
                    if let Some(slot) = bytes.chunks_exact_mut(size).nth(at as usize) {
                        slot.copy_from_slice(&number.to_le_bytes()[..size]);
                    }
                }),
            };
            let _ = catch_unwind(AssertUnwindSafe(attempt));
        }
    };
    (format!("random, NIGH_TEST_SEED={seed}"), Box::new(change))
}
