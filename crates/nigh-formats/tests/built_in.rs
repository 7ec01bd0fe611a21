//! Real files of every format in every build. With its reader a file gives text or a reason; without it the error names the format,
//! and the file is never taken for text. Run with each set of features.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use nigh_formats::{Error, FEATURES, Format, MailKind, OfficeKind, extract};

/// Returns the feature that adds the reader of files with this extension; `None` for text.
fn feature_of(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "html" => "html",
        "docx" | "pptx" | "xlsx" | "xls" | "odt" | "odp" | "ods" | "epub" => "office",
        "eml" | "mbox" => "mail",
        "pdf" => "pdf",
        _ => return None,
    })
}

fn is_built(feature: &str) -> bool {
    FEATURES.contains(&(feature, true))
}

/// Returns the feature that a file needs but the build lacks.
fn lacks(bytes: &[u8], path: &Path) -> Option<&'static str> {
    match extract(bytes.to_vec(), path) {
        Err(Error::NotBuilt { feature, .. }) => Some(feature),
        _ => None,
    }
}

#[test]
fn features_agree_with_the_build() {
    let built: Vec<&str> = FEATURES.iter().filter(|(_, built)| *built).map(|(name, _)| *name).collect();
    let expected = [
        ("html", cfg!(feature = "html")),
        ("office", cfg!(feature = "office")),
        ("mail", cfg!(feature = "mail")),
        ("pdf", cfg!(feature = "pdf")),
    ];
    assert_eq!(built, expected.iter().filter(|(_, built)| *built).map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn real_files_are_read_or_refused_with_reasons() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program/fixtures/formats");
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (bytes, name) = (fs::read(&path).unwrap(), path.file_name().unwrap().to_str().unwrap().to_owned());
        let extension = path.extension().unwrap().to_str().unwrap();
        let nameless = Path::new("x");
        let feature = feature_of(extension);
        // Recognised by their content, whatever their names.
        for path in [&path, nameless] {
            let format = Format::of(&bytes, path);
            let found = match (name.as_str(), extension) {
                ("board-offer-encrypted.docx", _) => Ok(Format::Office(OfficeKind::Encrypted)),
                (_, "doc") => Ok(Format::Office(OfficeKind::OldWord)),
                (_, "html") => Ok(Format::Html),
                (_, "pdf") => Ok(Format::Pdf),
                (_, "docx") => Ok(Format::Office(OfficeKind::Docx)),
                (_, "pptx") => Ok(Format::Office(OfficeKind::Pptx)),
                (_, "xlsx") => Ok(Format::Office(OfficeKind::Xlsx)),
                (_, "xls") => Ok(Format::Office(OfficeKind::OldExcel)),
                (_, "odt") => Ok(Format::Office(OfficeKind::Odt)),
                (_, "odp") => Ok(Format::Office(OfficeKind::Odp)),
                (_, "ods") => Ok(Format::Office(OfficeKind::Ods)),
                (_, "epub") => Ok(Format::Office(OfficeKind::Epub)),
                (_, "eml") => Ok(Format::Mail(MailKind::Message)),
                (_, "mbox") => Ok(Format::Mail(MailKind::Mailbox)),
                _ => Ok(Format::Text),
            };
            assert_eq!(format, found, "{name}");
        }
        let result = extract(bytes.clone(), &path);
        match (name.as_str(), feature) {
            ("board-offer-encrypted.docx", _) => assert!(matches!(result, Err(Error::Encrypted(_))), "{result:?}"),
            ("old-memo.doc", _) => assert!(matches!(result, Err(Error::Unsupported(_))), "{result:?}"),
            (_, Some(feature)) if !is_built(feature) => {
                let Err(Error::NotBuilt { feature: said, .. }) = &result else { panic!("{name}: {result:?}") };
                assert_eq!(*said, feature, "{name}");
                let reason = result.unwrap_err().to_string();
                assert!(reason.starts_with("a") && reason.contains(&format!("`{feature}`")), "{name}: {reason}");
                // The same without its name, and without its end.
                assert_eq!(lacks(&bytes, nameless), Some(feature), "{name} without a name");
                assert_eq!(lacks(&bytes[..bytes.len() - bytes.len() / 10], &path), Some(feature), "{name}, cut");
            }
            _ => {
                assert!(!matches!(result, Err(Error::NotBuilt { .. })), "{name}: {result:?}");
                assert!(result.is_ok() || feature == Some("pdf") || extension == "txt", "{name}: {result:?}");
            }
        }
        seen.push(feature);
    }
    for (feature, least) in [(Some("html"), 4), (Some("office"), 15), (Some("mail"), 4), (Some("pdf"), 8), (None, 30)] {
        let count = seen.iter().filter(|found| **found == feature).count();
        assert!(count >= least, "{feature:?}: {count}");
    }
}

/// Files whose format is recognised by the name or the first bytes alone.
#[test]
fn made_files_are_recognised() {
    let page = "<p>Grüße</p>".as_bytes();
    let mhtml = b"From: <Saved>\r\nSnapshot-Content-Location: file:///a\r\nSubject: s\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/related; boundary=b; type=\"text/html\"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
        <p>Hi</p>\r\n--b--\r\n";
    let zip = b"PK\x03\x04\x14\0\x06\0";
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    let cases: &[(&[u8], &str, &str)] = &[
        (page, "a.htm", "html"),
        (page, "a.XHTML", "html"),
        (page, "a.shtml", "html"),
        (b"<!DOCTYPE html><p>Hi</p>", "a.txt", "html"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><html><body>Hi</body></html>", "a", "html"),
        (mhtml, "a.mhtml", "mail"),
        (mhtml, "a", "mail"),
        (b"From: a@x.example\nTo: b\n\ntext", "a.txt", "mail"),
        (b"%PDF-1.7\n%\xe2\xe3", "a.bin", "pdf"),
        (zip, "a.docm", "office"),
        (zip, "a.PPTX", "office"),
        (zip, "a.xltx", "office"),
        (zip, "a.ott", "office"),
        (zip, "a.epub", "office"),
        (ole, "a.xls", "office"),
        (ole, "a.docx", "office"),
    ];
    for (bytes, name, feature) in cases {
        let expected = (!is_built(feature)).then_some(*feature);
        assert_eq!(lacks(bytes, Path::new(name)), expected, "{name}");
    }
    let never: &[(&[u8], &str)] = &[(zip, "a.zip"), (zip, "a.xlsb"), (ole, "a.msg"), (ole, "a.doc"), (ole, "a.ppt")];
    for (bytes, name) in never {
        let result = extract(bytes.to_vec(), &PathBuf::from(name));
        assert!(matches!(result, Err(Error::Unsupported(_))), "{name}: {result:?}");
    }
    for name in ["a.pdf", "a.docx", "a.eml", "a.md", "a.xml", "a.csv"] {
        assert_eq!(extract(b"just text".to_vec(), Path::new(name)).unwrap().text, "just text", "{name}");
    }
}
