//! Which format a file is, by its content.

use crate::office::archive::Archive;
use crate::office::ole;

/// The formats that are known by their content.
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
    /// The format that a name's extension promises: for the reason why a file whose content tells none is not read.
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
}

/// Which format the content is, whatever the file is called. Of a damaged archive, which it seems to have been.
pub fn kind(bytes: &[u8]) -> Option<OfficeKind> {
    if !bytes.starts_with(b"PK") {
        return ole::kind(bytes);
    }
    let Ok(mut archive) = Archive::open(bytes, "archive") else { return damaged_kind(bytes) };
    if let Ok(Some(mimetype)) = archive.text("mimetype") {
        let known = match mimetype.trim() {
            "application/epub+zip" => Some(OfficeKind::Epub),
            other => other.strip_prefix("application/vnd.oasis.opendocument.").and_then(|rest| match rest {
                "text" | "text-template" | "text-master" => Some(OfficeKind::Odt),
                "presentation" | "presentation-template" => Some(OfficeKind::Odp),
                "spreadsheet" | "spreadsheet-template" => Some(OfficeKind::Ods),
                _ => None,
            }),
        };
        if known.is_some() {
            return known;
        }
    }
    if let Ok(Some(types)) = archive.text("[Content_Types].xml") {
        let types = types.to_ascii_lowercase();
        let mains = [
            ("wordprocessingml.document.main", OfficeKind::Docx),
            ("wordprocessingml.template.main", OfficeKind::Docx),
            ("ms-word.document.macroenabled.main", OfficeKind::Docx),
            ("ms-word.template.macroenabledtemplate.main", OfficeKind::Docx),
            ("presentationml.presentation.main", OfficeKind::Pptx),
            ("presentationml.slideshow.main", OfficeKind::Pptx),
            ("presentationml.template.main", OfficeKind::Pptx),
            ("ms-powerpoint.presentation.macroenabled.main", OfficeKind::Pptx),
            ("ms-powerpoint.slideshow.macroenabled.main", OfficeKind::Pptx),
            ("ms-powerpoint.template.macroenabled.main", OfficeKind::Pptx),
            ("spreadsheetml.sheet.main", OfficeKind::Xlsx),
            ("spreadsheetml.template.main", OfficeKind::Xlsx),
            ("ms-excel.sheet.macroenabled.main", OfficeKind::Xlsx),
            ("ms-excel.template.macroenabled.main", OfficeKind::Xlsx),
            ("ms-excel.addin.macroenabled.main", OfficeKind::Xlsx),
            ("ms-excel.sheet.binary.macroenabled.main", OfficeKind::Xlsb),
        ];
        if let Some((_, kind)) = mains.iter().find(|(main, _)| types.contains(main)) {
            return Some(*kind);
        }
    }
    MAIN_PARTS.iter().find(|(name, _)| archive.has(name)).map(|(_, kind)| *kind)
}

/// The parts that tell a format when nothing else does.
const MAIN_PARTS: [(&str, OfficeKind); 5] = [
    ("word/document.xml", OfficeKind::Docx),
    ("ppt/presentation.xml", OfficeKind::Pptx),
    ("xl/workbook.xml", OfficeKind::Xlsx),
    ("xl/workbook.bin", OfficeKind::Xlsb),
    ("META-INF/container.xml", OfficeKind::Epub),
];

/// The kind of an archive without its directory, by the names that stand before its parts.
fn damaged_kind(bytes: &[u8]) -> Option<OfficeKind> {
    const NAME_AT: usize = 30;
    let first = bytes.get(NAME_AT..NAME_AT + 200.min(bytes.len().saturating_sub(NAME_AT)))?;
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
    let headers = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04");
    let mut names = headers.filter_map(|(at, _)| bytes.get(at + NAME_AT..bytes.len().min(at + NAME_AT + 24)));
    names.find_map(|name| MAIN_PARTS.iter().find(|(part, _)| name.starts_with(part.as_bytes())).map(|(_, kind)| *kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::office::archive::fixture::archive;

    #[test]
    fn extensions_promise() {
        assert_eq!(OfficeKind::of_extension("DOCM"), Some(OfficeKind::Docx));
        assert_eq!(OfficeKind::of_extension("zip"), None);
    }

    #[test]
    fn content_decides() {
        let types = |main: &str| {
            archive(&[("[Content_Types].xml", &format!("<Override ContentType='application/{main}+xml'/>"))])
        };
        let mimetype = |name: &str| archive(&[("mimetype", name)]);
        for (bytes, expected) in [
            (types("vnd.openxmlformats-officedocument.wordprocessingml.document.main"), Some(OfficeKind::Docx)),
            (types("vnd.ms-excel.sheet.macroEnabled.main"), Some(OfficeKind::Xlsx)),
            (types("vnd.openxmlformats-officedocument.presentationml.slideshow.main"), Some(OfficeKind::Pptx)),
            (mimetype("application/epub+zip\n"), Some(OfficeKind::Epub)),
            (mimetype("application/vnd.oasis.opendocument.presentation"), Some(OfficeKind::Odp)),
            (mimetype("application/vnd.oasis.opendocument.graphics"), None),
            (archive(&[("xl/workbook.xml", "")]), Some(OfficeKind::Xlsx)),
            (archive(&[("a.txt", "word/document.xml")]), None),
            (b"PK".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(kind(&bytes), expected);
        }
    }
}
