//! The formats in ZIP archives and compound files, recognised without unpacking.

use memchr::memmem;

use crate::error::Error;

/// The office formats that are recognised by their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeKind {
    /// A Word document.
    Docx,
    /// A PowerPoint presentation.
    Pptx,
    /// An Excel workbook.
    Xlsx,
    /// An Excel workbook in binary parts: not read.
    Xlsb,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument presentation.
    Odp,
    /// An OpenDocument spreadsheet.
    Ods,
    /// A book.
    Epub,
    /// An encrypted Office file: not read.
    Encrypted,
    /// The Word format before 2007: not read.
    OldWord,
    /// The Excel format before 2007.
    OldExcel,
    /// The PowerPoint format before 2007: not read.
    OldPowerPoint,
}

impl OfficeKind {
    /// Returns the format for a file name's extension. It is used in the error message if the content does not show a format.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "docx" | "docm" | "dotx" | "dotm" => Self::Docx,
            "pptx" | "pptm" | "ppsx" | "ppsm" | "potx" | "potm" => Self::Pptx,
            "xlsx" | "xlsm" | "xltx" | "xltm" => Self::Xlsx,
            "xlsb" => Self::Xlsb,
            "odt" | "ott" => Self::Odt,
            "odp" | "otp" => Self::Odp,
            "ods" | "ots" => Self::Ods,
            "epub" => Self::Epub,
            "doc" | "dot" => Self::OldWord,
            "xls" | "xlt" => Self::OldExcel,
            "ppt" | "pps" | "pot" => Self::OldPowerPoint,
            _ => return None,
        })
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Docx | Self::OldWord => "a Word document",
            Self::Pptx | Self::OldPowerPoint => "a PowerPoint presentation",
            Self::Xlsx | Self::Xlsb | Self::OldExcel => "an Excel workbook",
            Self::Odt | Self::Odp | Self::Ods => "an OpenDocument file",
            Self::Epub => "a book (EPUB)",
            Self::Encrypted => "an encrypted Office file",
        }
    }

    /// Returns the reason why files of this kind are never read, and what to do about it; `None` for kinds that are read.
    pub(crate) fn unread(self) -> Option<Error> {
        Some(match self {
            Self::Xlsb => Error::unsupported("a binary Excel workbook (.xlsb); save it as .xlsx"),
            Self::Encrypted => Error::encrypted("Office file"),
            Self::OldWord => Error::unsupported("the old Word format (.doc); save it as .docx"),
            Self::OldPowerPoint => Error::unsupported("the old PowerPoint format (.ppt); save it as .pptx"),
            Self::Docx | Self::Pptx | Self::Xlsx | Self::OldExcel => return None,
            Self::Odt | Self::Odp | Self::Ods | Self::Epub => return None,
        })
    }
}

/// Parts that identify a format if nothing else does.
pub(crate) const MAIN_PARTS: [(&str, OfficeKind); 5] = [
    ("word/document.xml", OfficeKind::Docx),
    ("ppt/presentation.xml", OfficeKind::Pptx),
    ("xl/workbook.xml", OfficeKind::Xlsx),
    ("xl/workbook.bin", OfficeKind::Xlsb),
    ("META-INF/container.xml", OfficeKind::Epub),
];

/// The signature before a part.
const PART: &[u8] = b"PK\x03\x04";
/// The number of bytes from the start of the signature to the name of the part.
const NAME_OFFSET: usize = 30;
/// The same for the directory at the end of an archive.
#[cfg(any(test, not(feature = "office")))]
const DIRECTORY_ENTRY: (&[u8], usize) = (b"PK\x01\x02", 46);
/// Names are compared in this many bytes: the longest name that is searched has 22.
const MAX_NAME_BYTES: usize = 24;

/// Returns the beginnings of the names in an archive.
fn names<'b>(bytes: &'b [u8], mark: &'static [u8], name_offset: usize) -> impl Iterator<Item = &'b [u8]> {
    memmem::find_iter(bytes, mark)
        .filter_map(move |at| bytes.get(at + name_offset..bytes.len().min(at + name_offset + MAX_NAME_BYTES)))
}

/// Returns the kind of a ZIP archive without its directory, by the names before its parts.
pub(crate) fn kind_by_names(bytes: &[u8]) -> Option<OfficeKind> {
    let first = bytes.get(NAME_OFFSET..NAME_OFFSET + 200.min(bytes.len().saturating_sub(NAME_OFFSET)))?;
    let starts = |text: &str| first.windows(text.len()).any(|window| window == text.as_bytes());
    if first.starts_with(b"mimetypeapplication/") {
        let kinds = [
            ("application/epub+zip", OfficeKind::Epub),
            ("opendocument.text", OfficeKind::Odt),
            ("opendocument.presentation", OfficeKind::Odp),
            ("opendocument.spreadsheet", OfficeKind::Ods),
        ];
        return kinds.iter().find(|(name, _)| starts(name)).map(|(_, kind)| *kind);
    }
    names(bytes, PART, NAME_OFFSET).find_map(|name| kind_of_part(name, &MAIN_PARTS))
}

/// Returns the kind whose part a name begins with.
fn kind_of_part(name: &[u8], parts: &[(&str, OfficeKind)]) -> Option<OfficeKind> {
    parts.iter().find(|(part, _)| name.starts_with(part.as_bytes())).map(|(_, kind)| *kind)
}

/// Guesses the kind of an archive by the names in it, if nothing can be unpacked. If in doubt, it returns a known format: an archive
/// with the parts of a format is never called unknown.
#[cfg(any(test, not(feature = "office")))]
pub(crate) fn guess_by_names(bytes: &[u8]) -> Option<OfficeKind> {
    let all = || names(bytes, PART, NAME_OFFSET).chain(names(bytes, DIRECTORY_ENTRY.0, DIRECTORY_ENTRY.1));
    let has = |part: &str| all().any(|name| name.starts_with(part.as_bytes()));
    let first = |parts: &[(&str, OfficeKind)]| all().find_map(|name| kind_of_part(name, parts));
    // Some programs give the main part another name.
    let folders = [("word/", OfficeKind::Docx), ("ppt/", OfficeKind::Pptx), ("xl/", OfficeKind::Xlsx)];
    kind_by_names(bytes)
        .or_else(|| first(&MAIN_PARTS))
        .or_else(|| has("[Content_Types].xml").then(|| first(&folders)).flatten())
        .or_else(|| (has("META-INF/manifest.xml") && has("content.xml")).then_some(OfficeKind::Odt))
        // A binary workbook inside another document must not hide the document.
        .map(|kind| if kind == OfficeKind::Xlsb { OfficeKind::Xlsx } else { kind })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn formats_by_extension() {
        assert_eq!(OfficeKind::of_extension("DOCM"), Some(OfficeKind::Docx));
        assert_eq!(OfficeKind::of_extension("zip"), None);
    }

    /// Makes the beginning of an archive of empty parts: without its directory, or with only the directory.
    fn archive(names: &[&str], (mark, name_offset): (&[u8], usize)) -> Vec<u8> {
        let part = |name: &&str| {
            let mut header = mark.to_vec();
            header.resize(name_offset, 0);
            [header, name.as_bytes().to_vec()].concat()
        };
        names.iter().flat_map(part).collect()
    }

    #[test]
    fn formats_by_part_names() {
        for (names, expected) in [
            (&["a", "word/document.xml", "xl/workbook.xml"][..], Some(OfficeKind::Docx)),
            (&["META-INF/container.xml"], Some(OfficeKind::Epub)),
            (&["mimetypeapplication/epub+zip", "a"], Some(OfficeKind::Epub)),
            (&["xl/workbook.bin"], Some(OfficeKind::Xlsx)),
            (&["[Content_Types].xml", "ppt/main.xml"], Some(OfficeKind::Pptx)),
            (&["META-INF/manifest.xml", "content.xml", "mimetype"], Some(OfficeKind::Odt)),
            (&["META-INF/MANIFEST.MF", "a.class"], None),
            (&["word/list.txt", "xl/a.csv", "ppt/b"], None),
            (&["[Content_Types].xml", "package.nuspec"], None),
            (&["content.xml"], None),
            (&[], None),
        ] {
            let parts = archive(names, (PART, NAME_OFFSET));
            assert_eq!(guess_by_names(&parts), expected, "{names:?}");
            if !names.iter().any(|name| name.starts_with("mimetypeapp")) {
                assert_eq!(guess_by_names(&archive(names, DIRECTORY_ENTRY)), expected, "{names:?} in the directory");
            }
            for cut in 0..parts.len() {
                let _ = guess_by_names(&parts[..cut]);
            }
        }
    }
}
