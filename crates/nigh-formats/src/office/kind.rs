//! Detects the format of an office file by its content.

use super::archive::Archive;
use crate::kinds::office::{MAIN_PARTS, OfficeKind, kind_by_names};
use crate::kinds::ole;

/// Returns the format of the content, whatever the name of the file. For a damaged archive, guesses the format.
pub fn kind(bytes: &[u8]) -> Option<OfficeKind> {
    if !bytes.starts_with(b"PK") {
        return ole::kind(bytes);
    }
    let Ok(mut archive) = Archive::open(bytes, "archive") else { return kind_by_names(bytes) };
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::office::archive::fixture::archive;

    #[test]
    fn kind_by_content() {
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
