//! Tests of old Excel workbooks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::Write;

use super::*;

fn record(kind: u16, bytes: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &u16::try_from(bytes.len()).unwrap().to_le_bytes(), bytes].concat()
}

fn cell(row: u16, column: u16, style: u16, rest: &[u8]) -> Vec<u8> {
    [&row.to_le_bytes()[..], &column.to_le_bytes(), &style.to_le_bytes(), rest].concat()
}

fn file(sheet: &[Vec<u8>], more: &[Vec<u8>]) -> Vec<u8> {
    let strings = [&[2, 0, 0, 0, 2, 0, 0, 0][..], &[4, 0, 0], b"Name", &[2, 0, 1, 0x4e, 0x67, 0x7d, 0x76]].concat();
    let mut globals = [
        record(0x809, &[0, 6, 5, 0]),
        more.concat(),
        record(0xe0, &[0, 0, 0, 0]),
        record(0xe0, &[0, 0, 14, 0]),
        record(0xfc, &strings),
    ]
    .concat();
    let at = u32::try_from(globals.len() + 4 + 11 + 4).unwrap();
    globals.extend(record(0x85, &[&at.to_le_bytes()[..], &[0, 0, 3, 0], b"One"].concat()));
    globals.extend(record(0x0a, &[]));
    globals.extend(sheet.concat());
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&globals).unwrap();
    file.into_inner().into_inner()
}

#[test]
fn cells_of_every_type() {
    let day = 45_418f64.to_le_bytes();
    let half = (0.5f64.to_bits() >> 32) as u32;
    let whole = (7u32 << 2) | 2;
    let bytes = file(
        &[
            record(0x809, &[0, 6, 16, 0]),
            record(0xfd, &cell(0, 0, 0, &[0, 0, 0, 0])),
            record(0x204, &cell(0, 1, 0, &[3, 0, 0, b'D', b'a', b'y'])),
            record(0x204, &cell(0, 2, 0, &[1, 0, 0, b'N'])),
            record(0x204, &cell(0, 3, 0, &[1, 0, 0, b'M'])),
            record(0xfd, &cell(1, 0, 0, &[1, 0, 0, 0])),
            record(0x203, &cell(1, 1, 1, &day)),
            record(0xbd, &[&cell(1, 2, 0, &half.to_le_bytes())[..], &[0, 0], &whole.to_le_bytes(), &[3, 0]].concat()),
            record(0x06, &cell(2, 0, 0, &[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0])),
            record(0x207, &[2, 0, 0, b'o', b'k']),
            record(0x205, &cell(2, 2, 0, &[1, 0])),
            record(0x809, &[0, 6, 32, 0]),
            record(0xfd, &cell(9, 0, 0, &[0, 0, 0, 0])),
            record(0x0a, &[]),
            record(0x1c, &[]),
            record(0x0a, &[]),
        ],
        &[],
    );
    let found = xls(&bytes).unwrap();
    assert_eq!(found.text, "Name: 李白; Day: 2024-05-06; N: 0.5; M: 7\nName: ok; N: true");
    assert_eq!(found.sections[0].place.to_string(), "One row 2");
    assert_eq!(found.losses, ["1 comment on a cell was not read (save it as .xlsx)"]);
}

#[test]
fn damaged_workbooks_are_refused_with_reasons() {
    assert!(xls(&file(&[], &[record(0x2f, &[1, 0])])).unwrap_err().to_string().starts_with("encrypted XLS"));
    assert!(
        xls(&file(&[], &[]))
            .unwrap_err()
            .to_string()
            .starts_with("an XLS of which nothing could be read: sheet One is missing")
    );
    let whole = file(&[record(0x809, &[0, 6])], &[]);
    assert!(xls(&whole[..600]).unwrap_err().to_string().starts_with("damaged or incomplete XLS"));
    assert_eq!((decode_compact(3 | (250 << 2)), decode_compact(2 | (-3i32 << 2).cast_unsigned())), (2.5, -3.0));
}
