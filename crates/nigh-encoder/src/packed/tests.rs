//! Tests of packed files: round trips, every byte damaged, every length cut, garbage, hostile tables of contents, several
//! writers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::borrow::Cow;
use std::error::Error as _;
use std::fs;
use std::io::{self, Seek, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::*;
use nigh_kernel::Aligned;

const ABOUT: &str = r#"{"layers": 2}"#;
const BLOCK: usize = 48;

fn pattern(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect()
}

/// Returns the sections of [`fill`] that are checked whole. It also writes [`words`], in blocks of which the last is shorter.
fn whole_sections() -> Vec<(&'static str, Vec<u8>)> {
    vec![("layer.0.qkv", pattern(100, 1)), ("empty", vec![]), ("layer.0.out", pattern(64, 2)), ("end", pattern(7, 3))]
}

fn words() -> Vec<u8> {
    pattern(5 * BLOCK + 11, 4)
}

fn fill<W: Write + Seek>(writer: &mut PackedWriter<W>) -> io::Result<String> {
    let (wholes, words) = (whole_sections(), words());
    writer.section(wholes[0].0, &wholes[0].1)?;
    writer.section(wholes[1].0, &wholes[1].1)?;
    // Parts that end within a block, span several, end with a block, or are empty.
    let parts =
        [0..1, 1..BLOCK - 1, BLOCK - 1..3 * BLOCK + 5, 60..60, 3 * BLOCK + 5..4 * BLOCK, 4 * BLOCK..words.len()];
    writer.blocks("words", BLOCK as u32, parts.into_iter().map(|part| Cow::from(&words[part])))?;
    writer.blocks("no words", 8, std::iter::empty())?;
    writer.section(wholes[2].0, &wholes[2].1)?;
    writer.section(wholes[3].0, &wholes[3].1)?;
    Ok(ABOUT.to_owned())
}

fn image() -> Vec<u8> {
    write_memory(fill).unwrap().to_vec()
}

fn open(bytes: &[u8]) -> Result<PackedFile, Problem> {
    let mut image = Aligned::<u8>::zeroed(bytes.len());
    image.copy_from_slice(bytes);
    PackedFile::of_memory(image)
}

/// Reads all sections, as a caller would.
fn read_all(file: &PackedFile) -> Result<Vec<Vec<u8>>, Problem> {
    let mut all = vec![file.about().as_bytes().to_vec()];
    for (name, _) in whole_sections() {
        all.push(file.bytes(file.section(name)?).to_vec());
    }
    let section = file.blocks("words")?;
    all.push(section.read(file, 0..words().len())?.to_vec());
    all.push(file.blocks("no words")?.read(file, 0..0)?.to_vec());
    Ok(all)
}

fn expected() -> Vec<Vec<u8>> {
    let mut all = vec![ABOUT.as_bytes().to_vec()];
    all.extend(whole_sections().into_iter().map(|(_, bytes)| bytes));
    all.extend([words(), vec![]]);
    all
}

/// Returns the message of the expected problem.
fn problem<T>(result: Result<T, Problem>) -> String {
    result.err().expect("a problem").to_string()
}

fn names_in(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn sections_round_trip_through_file_and_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.packed");
    write_file(&path, fill).unwrap();
    assert_eq!(fs::read(&path).unwrap(), image(), "file and image have the same bytes");
    for file in [PackedFile::open(&path).unwrap(), open(&image()).unwrap()] {
        assert_eq!(read_all(&file).unwrap(), expected());
        for (name, bytes) in whole_sections() {
            let range = file.section(name).unwrap();
            assert_eq!((range.start % 64, range.len()), (0, bytes.len()));
            assert_eq!(file.bytes(range).as_ptr() as usize % 64, 0, "{name}");
        }
        let words = file.blocks("words").unwrap();
        assert_eq!(words.read(&file, 0..1).unwrap().as_ptr() as usize % 64, 0);
    }
    assert_eq!(names_in(directory.path()), ["model.packed"]);
}

#[test]
fn format_is_the_documented_one() {
    let mut writer = PackedWriter::new(io::Cursor::new(Vec::new())).unwrap();
    writer.section("a", &[7; 65]).unwrap();
    writer.blocks("b", 2, [Cow::from(&b"xyz"[..])].into_iter()).unwrap();
    let written = writer.finish("{}").unwrap().into_inner();

    // Varints: 128 is 80 01, 65 is 41, 256 is 80 02. Blocks "xy" and "z" at 256, which leaves a gap of 63.
    let mut toc = vec![2, b'{', b'}', 2];
    toc.extend([1, b'a', 0x80, 1, 65, 0]);
    toc.extend(blake3::hash(&[7; 65]).as_bytes());
    toc.extend([1, b'b', 0x80, 2, 3, 1, 2, 16]);
    toc.extend(&blake3::hash(b"xy").as_bytes()[..8]);
    toc.extend(&blake3::hash(b"z").as_bytes()[..8]);

    let mut file = b"NIGHPACK".to_vec();
    file.extend([1, 0, 0, 0, 128, 0, 0, 0]);
    file.extend((259 + toc.len() as u64).to_le_bytes());
    file.extend(259u64.to_le_bytes());
    file.extend((toc.len() as u64).to_le_bytes());
    file.extend(blake3::hash(&toc).as_bytes());
    file.extend([0; 24]);
    file.extend(*blake3::hash(&file).as_bytes());
    file.extend([7; 65]);
    file.extend([0; 63]);
    file.extend(b"xyz");
    file.extend(toc);
    assert_eq!(written, file);
}

#[test]
fn damage_of_any_byte_outside_gaps_is_detected() {
    let image = image();
    let file = open(&image).unwrap();
    let content: Vec<Range<usize>> = file
        .toc()
        .sections
        .iter()
        .map(|section| section.offset as usize..(section.offset + section.len) as usize)
        .chain([0..HEADER_LEN, Header::decode(&image).unwrap().toc_offset as usize..image.len()])
        .collect();
    let mut gaps = 0;
    for at in 0..image.len() {
        let in_gap = !content.iter().any(|range| range.contains(&at));
        gaps += usize::from(in_gap);
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = image.clone();
            damaged[at] ^= flip;
            match open(&damaged).and_then(|file| read_all(&file)) {
                Ok(all) => assert!(in_gap && all == expected(), "byte {at} ^ {flip:#x}"),
                Err(problem) => assert!(!in_gap && !problem.is_io(), "byte {at} ^ {flip:#x}: {problem}"),
            }
        }
    }
    assert!(gaps > 0 && gaps < image.len() / 2, "{gaps} of {}", image.len());
}

#[test]
fn cuts_and_additions_of_any_length_are_detected() {
    let image = image();
    for len in 0..image.len() {
        let message = problem(open(&image[..len]));
        let expected = if len < HEADER_LEN { HEADER_LEN } else { image.len() };
        let expected_message = format!("it was cut short: {expected} bytes are expected, the file has {len}");
        assert_eq!(message, expected_message);
    }
    let longer = [&image[..], &[0]].concat();
    assert!(problem(open(&longer)).starts_with("bytes were appended"));

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty");
    fs::write(&path, "").unwrap();
    assert!(problem(PackedFile::open(&path)).contains("cut short"), "an empty file counts as cut short");
}

#[test]
fn problem_messages_say_what_is_wrong_and_where() {
    let image = image();
    let damaged = |at: usize| {
        let mut bytes = image.clone();
        bytes[at] ^= 1;
        open(&bytes)
    };
    let file = open(&image).unwrap();
    let at = |name: &str| file.toc().sections.iter().find(|section| section.name == name).unwrap().offset as usize;

    let mut newer = image.clone();
    newer[8..12].copy_from_slice(&7u32.to_le_bytes());
    assert_eq!(problem(open(&newer)), "it has format version 7; this nigh reads 1");
    assert_eq!(problem(open(b"{\"hidden_size\": 8}")), "it is not a packed model");
    assert_eq!(problem(damaged(0)), "it is not a packed model");
    assert_eq!(problem(damaged(50)), "its header is damaged: its checksum differs");
    assert_eq!(problem(damaged(image.len() - 1)), "its table of contents is damaged: its checksum differs");
    let layer = damaged(at("layer.0.qkv")).unwrap();
    assert_eq!(problem(layer.section("layer.0.qkv")), r#"section "layer.0.qkv" is damaged: its checksum differs"#);
    assert!(layer.section("layer.0.out").is_ok(), "the other sections are undamaged");
    assert_eq!(problem(file.section("layer.9")), r#"it has no section "layer.9""#);
    assert_eq!(problem(file.blocks("layer.9")), r#"it has no section "layer.9""#);
    assert!(problem(file.section("words")).contains("checked block by block, not whole"));
    assert!(problem(file.blocks("end")).contains("checked whole, not block by block"));
}

#[test]
fn blocks_are_checked_when_first_read_and_once() {
    let mut bytes = image();
    let words = words();
    let start = open(&bytes).unwrap().toc().sections[2].offset as usize;
    // Damage a byte in the third of six blocks.
    bytes[start + 2 * BLOCK + 1] ^= 1;
    let file = open(&bytes).unwrap();
    let section = file.blocks("words").unwrap();
    let checked = || section.verified[0].load(Ordering::Relaxed);

    assert_eq!(section.read(&file, 200..200).unwrap(), b"");
    assert_eq!(checked(), 0, "nothing read, nothing checked");
    assert_eq!(section.read(&file, BLOCK..2 * BLOCK).unwrap(), &words[BLOCK..2 * BLOCK]);
    assert_eq!(checked(), 0b10);
    assert_eq!(section.read(&file, 4 * BLOCK - 1..words.len()).unwrap(), &words[4 * BLOCK - 1..]);
    assert_eq!(checked(), 0b111010, "across blocks, the short one at the end included");
    for range in [2 * BLOCK..2 * BLOCK + 1, 2 * BLOCK - 1..2 * BLOCK + 1, 0..words.len()] {
        let message = problem(section.read(&file, range));
        assert_eq!(message, r#"section "words" is damaged at byte 96 to 144: their checksum differs"#);
    }
    assert_eq!(checked(), 0b111011, "the damaged block stays unchecked");
    section.verified[0].fetch_or(0b100, Ordering::Relaxed);
    assert!(section.read(&file, 0..words.len()).is_ok(), "a checked block is not hashed again");
}

#[test]
fn reads_out_of_range_and_from_another_file_are_refused() {
    let (file, other) = (open(&image()).unwrap(), open(&image()).unwrap());
    let (words, none) = (file.blocks("words").unwrap(), file.blocks("no words").unwrap());
    let len = self::words().len();
    assert_eq!(words.read(&file, len..len).unwrap(), b"");
    let backwards = Range { start: 2, end: 1 };
    for range in [0..len + 1, len..len + 1, len + 1..len + 1, usize::MAX..usize::MAX, 0..usize::MAX, backwards] {
        assert!(problem(words.read(&file, range)).contains("are outside it"));
    }
    assert!(problem(none.read(&file, 0..1)).contains("are outside it"));
    assert!(problem(words.read(&other, 0..1)).contains("another file"));
}

#[test]
fn missing_files_give_an_io_problem_and_invalid_ones_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let missing = PackedFile::open(&directory.path().join("none")).err().unwrap();
    assert!(missing.is_io());
    let source = missing.source().and_then(|source| source.downcast_ref::<io::Error>()).unwrap();
    assert_eq!(source.kind(), io::ErrorKind::NotFound);

    let path = directory.path().join("wrong");
    fs::write(&path, "wrong").unwrap();
    let wrong = PackedFile::open(&path).err().unwrap();
    assert!(!wrong.is_io() && wrong.source().is_none());
}

#[test]
fn failed_writes_leave_no_file_and_keep_the_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.packed");
    let failing = |writer: &mut PackedWriter<io::BufWriter<fs::File>>| {
        writer.section("a", &pattern(100_000, 1))?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    };
    assert_eq!(write_file(&path, failing).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(names_in(directory.path()).is_empty());

    write_file(&path, fill).unwrap();
    write_file(&path, failing).unwrap_err();
    let panics = || write_file(&path, |_| panic!("in fill"));
    std::panic::catch_unwind(panics).unwrap_err();
    assert_eq!(names_in(directory.path()), ["model.packed"]);
    assert_eq!(fs::read(&path).unwrap(), image());

    // The system refuses the rename, as the destination is a directory.
    let folder = directory.path().join("folder");
    fs::create_dir(&folder).unwrap();
    write_file(&folder, fill).unwrap_err();
    assert!(write_file(&directory.path().join("none/model.packed"), fill).is_err());
    assert_eq!(write_file(Path::new("/"), fill).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(names_in(directory.path()).len(), 2);
}

#[test]
fn existing_temporary_names_are_not_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.packed");
    let left: Vec<_> =
        (0..300).map(|n| directory.path().join(format!("model.packed.{}-{n}.part", std::process::id()))).collect();
    left.iter().for_each(|path| fs::write(path, "left").unwrap());
    write_file(&path, fill).unwrap();
    assert_eq!(fs::read(&path).unwrap(), image());
    assert!(left.iter().all(|path| fs::read(path).unwrap() == b"left"));
}

#[test]
fn writer_refuses_what_could_not_be_read() {
    let mut writer = PackedWriter::new(MemoryWriter::default()).unwrap();
    writer.section("a", b"1").unwrap();
    assert!(writer.section("a", b"2").is_err(), "a name used twice");
    assert!(writer.blocks("a", 8, std::iter::empty()).is_err(), "a name used twice");
    assert!(writer.blocks("b", 0, std::iter::empty()).is_err(), "blocks of length 0");
    let file = PackedFile::of_memory(write_memory(|_| Ok(String::new())).unwrap()).unwrap();
    assert_eq!(file.about(), "");
}

#[test]
fn writers_at_the_same_time_all_succeed_and_readers_see_complete_files() {
    const WRITERS: u8 = 4;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.packed");
    let write =
        |writer: u8| write_file(&path, |file| file.section("a", &[writer; 50_000]).map(|()| writer.to_string()));
    let check = || {
        let file = PackedFile::open(&path).unwrap();
        let writer: u8 = file.about().parse().unwrap();
        assert_eq!(file.bytes(file.section("a").unwrap()), vec![writer; 50_000]);
    };
    write(0).unwrap();
    let start = Barrier::new(usize::from(WRITERS) + 1);
    std::thread::scope(|scope| {
        for writer in 1..=WRITERS {
            let (start, write) = (&start, &write);
            scope.spawn(move || {
                start.wait();
                (0..10).for_each(|_| write(writer).unwrap());
            });
        }
        start.wait();
        (0..50).for_each(|_| check());
    });
    check();
    assert_eq!(names_in(directory.path()), ["model.packed"]);
}

#[test]
fn readers_can_share_a_file_between_threads() {
    fn assert_shareable<T: Send + Sync>(_: &T) {}
    let file = open(&image()).unwrap();
    let section = file.blocks("words").unwrap();
    assert_shareable::<PackedFile>(&file);
    assert_shareable::<BlockSection>(&section);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(section.read(&file, 0..words().len()).unwrap(), words()));
        }
    });
}

/// Builds a file with right checksums, whatever its table of contents says.
fn sealed(body: usize, toc: &[u8]) -> Vec<u8> {
    let mut bytes = Header::new((HEADER_LEN + body) as u64, toc).encode().to_vec();
    bytes.extend(pattern(body, 5));
    bytes.extend(toc);
    bytes
}

/// Opens the bytes and reads all sections, whatever the layout is. Returns whether they could be opened; must not panic.
fn read_without_panic(bytes: &[u8]) -> bool {
    let Ok(file) = open(bytes) else { return false };
    let _ = file.about().len();
    for Section { name, len, .. } in &file.toc().sections {
        if let Ok(range) = file.section(name) {
            assert_eq!(file.bytes(range).len() as u64, *len);
        }
        if let Ok(section) = file.blocks(name) {
            let _ = section.read(&file, 0..*len as usize);
        }
    }
    true
}

#[test]
fn table_that_contradicts_the_file_is_refused() {
    let at = |name: &str, offset, len, block, hashes| {
        let check = Check::Blocks { block, hashes: BlockHashes(vec![[0; 8]; hashes]) };
        Section { name: name.to_owned(), offset, len, check }
    };
    let with = |sections: Vec<Section>| {
        open(&sealed(256, &postcard::to_stdvec(&Toc { about: String::new(), sections }).unwrap())).map(|_| ())
    };
    with(vec![at("a", 128, 64, 32, 2), at("b", 192, 0, 32, 0), at("c", 192, 192, 100, 2)]).unwrap();
    let refused = [
        ("in the header", vec![at("c", 64, 64, 32, 2)]),
        ("not aligned", vec![at("c", 129, 64, 32, 2)]),
        ("into the contents", vec![at("c", 128, 257, 257, 1)]),
        ("past the end", vec![at("c", 1 << 40, 64, 32, 2)]),
        ("an end beyond u64", vec![at("c", u64::MAX - 63, 64, 32, 2)]),
        ("overlapping", vec![at("a", 128, 65, 65, 1), at("c", 192, 1, 1, 1)]),
        ("a name used twice", vec![at("c", 128, 64, 32, 2), at("c", 192, 64, 32, 2)]),
        ("a hash too few", vec![at("c", 128, 65, 32, 2)]),
        ("a hash too many", vec![at("c", 128, 64, 32, 3)]),
        ("blocks of length 0", vec![at("c", 128, 64, 0, 2)]),
    ];
    for (what, sections) in refused {
        let message = problem(with(sections));
        assert_eq!(message, r#"section "c" has no valid offset or checksum in the file"#, "{what}");
    }
}

fn section() -> impl Strategy<Value = Section> {
    let number =
        || prop_oneof![4 => (0u64..12).prop_map(|n| n * 64), 2 => 0u64..600, 1 => any::<u64>(), 1 => Just(u64::MAX)];
    let check = prop_oneof![
        any::<[u8; 32]>().prop_map(Check::Whole),
        (prop_oneof![0u32..65, any::<u32>()], prop::collection::vec(any::<BlockHash>(), 0..4))
            .prop_map(|(block, hashes)| Check::Blocks { block, hashes: BlockHashes(hashes) }),
    ];
    ("[ab]{0,2}", number(), number(), check).prop_map(|(name, offset, len, check)| Section { name, offset, len, check })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), known in 0usize..17) {
        let known = known.min(bytes.len());
        bytes[..known].copy_from_slice(&image()[..known]);
        prop_assert!(!read_without_panic(&bytes));
    }

    #[test]
    fn garbage_as_table_does_not_panic(toc in prop::collection::vec(any::<u8>(), 0..200), body in 0usize..300) {
        read_without_panic(&sealed(body, &toc));
    }

    #[test]
    fn hostile_tables_are_refused(
        sections in prop::collection::vec(section(), 0..4),
        body in 0usize..500,
        tail in prop::collection::vec(any::<u8>(), 0..2),
    ) {
        let opened: Vec<_> = sections.iter().map(|s| (u128::from(s.offset), u128::from(s.len), s.name.clone())).collect();
        let mut toc = postcard::to_stdvec(&Toc { about: String::new(), sections }).unwrap();
        toc.extend(&tail);
        if read_without_panic(&sealed(body, &toc)) {
            prop_assert!(tail.is_empty());
            for (i, (offset, len, name)) in opened.iter().enumerate() {
                prop_assert!(offset % 64 == 0 && *offset >= 128 && offset + len <= (128 + body) as u128);
                for (other, other_len, other_name) in &opened[..i] {
                    prop_assert!(name != other_name);
                    prop_assert!(offset + len <= *other || other + other_len <= *offset);
                }
            }
        }
    }

    #[test]
    fn headers_with_wrong_lengths_are_refused(
        file_len in prop_oneof![Just(194u64), 0u64..400, any::<u64>()],
        toc_offset in prop_oneof![Just(192u64), 0u64..400, any::<u64>()],
        toc_len in prop_oneof![Just(2u64), 0u64..400, any::<u64>()],
    ) {
        let right = sealed(64, &postcard::to_stdvec(&Toc { about: String::new(), sections: vec![] }).unwrap());
        prop_assert_eq!(right.len(), 194);
        let header = Header { file_len, toc_offset, toc_len, ..Header::decode(&right).unwrap() };
        let lying = [&header.encode()[..], &right[HEADER_LEN..]].concat();
        prop_assert!(!read_without_panic(&lying) || lying == right);
    }
}
