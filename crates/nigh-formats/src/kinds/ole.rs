//! Compound files: the old binary Office formats, and the containers of encrypted new ones. They are recognised, not read.

use super::office::OfficeKind;

const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// A directory entry: its name in UTF-16, at byte 64 the length of the name with its terminator, at 66 its type.
const ENTRY_BYTES: usize = 128;
/// A directory entry of a stream.
const STREAM_TYPE: u8 = 2;

/// Returns the Office format in a compound file, by the names of its streams.
pub(crate) fn kind(bytes: &[u8]) -> Option<OfficeKind> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let names = [
        ("EncryptedPackage", OfficeKind::Encrypted),
        ("WordDocument", OfficeKind::OldWord),
        ("PowerPoint Document", OfficeKind::OldPowerPoint),
        ("Workbook", OfficeKind::OldExcel),
        ("Book", OfficeKind::OldExcel),
    ];
    // Entries are at multiples of their size, whatever the sector size.
    let found = bytes.chunks_exact(ENTRY_BYTES).filter_map(|entry| {
        let length = usize::from(u16::from_le_bytes([*entry.get(64)?, *entry.get(65)?]));
        let name = entry.get(..length.checked_sub(2)?.min(64))?;
        if entry.get(66) != Some(&STREAM_TYPE) {
            return None;
        }
        names.iter().position(|(wanted, _)| name.iter().copied().eq(wanted.encode_utf16().flat_map(u16::to_le_bytes)))
    });
    // A workbook that is embedded in a Word file has its own stream: the first name of the list decides.
    found.min().and_then(|first| names.get(first)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn compound(names: &[(&str, u8)]) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..8].copy_from_slice(&MAGIC);
        for (name, kind) in names {
            let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = entry.len() as u16 + 2;
            entry.resize(ENTRY_BYTES, 0);
            entry[64..66].copy_from_slice(&length.to_le_bytes());
            entry[66] = *kind;
            bytes.extend(entry);
        }
        bytes
    }

    #[test]
    fn formats_by_streams() {
        assert_eq!(
            kind(&compound(&[("Root Entry", 5), ("Workbook", 2), ("WordDocument", 2)])),
            Some(OfficeKind::OldWord)
        );
        assert_eq!(kind(&compound(&[("EncryptionInfo", 2), ("EncryptedPackage", 2)])), Some(OfficeKind::Encrypted));
        assert_eq!(kind(&compound(&[("Book", 2)])), Some(OfficeKind::OldExcel));
        assert_eq!(kind(&compound(&[("Book", 1), ("Bookmarks", 2)])), None);
        assert_eq!(kind(&compound(&[("PowerPoint Document", 2)])[1..]), None);
    }
}
