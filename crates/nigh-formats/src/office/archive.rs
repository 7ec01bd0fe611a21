//! The ZIP archive that an office document or a book is: its parts by name, and never more of them than fits.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::office::namespace::Ns;
use crate::office::xml::{Node, Xml};

/// All parts that are read of one archive unpack to at most this many bytes together.
const MAX_UNPACKED: u64 = 256 << 20;

/// An open archive.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Entry numbers by name: lower case, `/` between the parts, none before the first.
    entries: HashMap<String, usize>,
    /// How many bytes may still be unpacked.
    left: u64,
    /// What the file is called in reasons: "DOCX".
    format: &'static str,
}

/// A reference from one part to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::office) struct Relation {
    /// The last word of its type: "slide", "footnotes".
    pub(in crate::office) kind: String,
    /// The part's full name.
    pub(in crate::office) target: String,
}

impl<'a> Archive<'a> {
    /// Reads an archive's directory.
    ///
    /// # Errors
    /// The reason why it cannot be read.
    pub(crate) fn open(bytes: &'a [u8], format: &'static str) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => not_understood(format),
            _ => Error::Damaged(format!(
                "a damaged {format} (its zip directory is cut off or broken); get a whole copy of it"
            )),
        })?;
        let entries =
            zip.file_names().enumerate().filter_map(|(number, name)| Some((normal(&name.ok()?), number))).collect();
        Ok(Self { zip, entries, left: MAX_UNPACKED, format })
    }

    /// Whether a part is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&normal(name))
    }

    /// The names of the parts that end so, in lower case and in order.
    pub(in crate::office) fn ending(&self, end: &str) -> Vec<String> {
        let mut names: Vec<String> = self.entries.keys().filter(|name| name.ends_with(end)).cloned().collect();
        names.sort();
        names
    }

    /// A part's bytes; none when there is no such part.
    ///
    /// # Errors
    /// The reason when it is encrypted, damaged or too large.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(&number) = self.entries.get(&normal(name)) else { return Ok(None) };
        let format = self.format;
        let file = self.zip.by_index(number).map_err(|error| match error {
            ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => {
                Error::Encrypted(format!("an encrypted {format}; remove its password to have it indexed"))
            }
            ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => not_understood(format),
            _ => Error::Damaged(format!("a damaged {format} ({name} cannot be found in it)")),
        })?;
        // The size in the directory is a claim: what is counted is what comes out.
        let mut bytes = Vec::new();
        let result = file.take(self.left + 1).read_to_end(&mut bytes);
        let read = bytes.len() as u64;
        if read > self.left {
            self.left = 0;
            let most = MAX_UNPACKED >> 20;
            return Err(Error::TooLarge(format!(
                "{} that unpacks to more than {most} MB (a zip bomb?)",
                named(format)
            )));
        }
        self.left -= read;
        result.map_err(|_| Error::Damaged(format!("a damaged {format} ({name} does not unpack)")))?;
        Ok(Some(bytes))
    }

    /// A part as text: UTF-8, or UTF-16 with a byte order mark. What is neither becomes U+FFFD.
    ///
    /// # Errors
    /// As for [`Archive::part`].
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(bytes) = self.part(name)? else { return Ok(None) };
        let utf16 = |swap: fn([u8; 2]) -> u16| {
            let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
            let units = units.map(|pair| swap([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        };
        Ok(Some(match bytes.as_slice() {
            [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
            [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
            _ => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            },
        }))
    }

    /// A part that may be missing: a fault in it is a loss and no more.
    pub(in crate::office) fn optional(&mut self, name: &str, losses: &mut Vec<String>) -> Option<String> {
        self.text(name).unwrap_or_else(|reason| {
            losses.push(format!("{name} could not be read: {reason}"));
            None
        })
    }

    /// The relations of a part (of the archive itself for ""), by their ids. Those that leave the archive are left out.
    ///
    /// # Errors
    /// As for [`Archive::part`].
    pub(in crate::office) fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let Some(text) = self.text(&format!("{folder}/_rels/{file}.rels"))? else { return Ok(HashMap::new()) };
        let mut xml = Xml::new(&text, Ns::Relations);
        let mut relations = HashMap::new();
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            if !element.is(Ns::Relations, "Relationship")
                || element.get("TargetMode").is_some_and(|mode| mode == "External")
            {
                continue;
            }
            if let (Some(id), Some(kind), Some(target)) =
                (element.get("Id"), element.get("Type"), element.get("Target"))
            {
                relations.insert(id, Relation { kind: relation_kind(&kind), target: resolve(folder, &target) });
            }
        }
        Ok(relations)
    }

    /// The document's main part, as the archive's own relations say; else `usual`.
    ///
    /// # Errors
    /// The reason when it has none, or as for [`Archive::part`].
    pub(in crate::office) fn main_part(&mut self, usual: &str) -> Result<String> {
        let relations = self.relations("")?;
        let main = relations.into_values().find(|relation| relation.kind == "officeDocument");
        let main = main.map_or_else(|| usual.to_owned(), |relation| relation.target);
        let main = if self.has(&main) { main } else { usual.to_owned() };
        let missing = || Error::Damaged(format!("a damaged {} ({usual} is missing)", self.format));
        if self.has(&main) { Ok(main) } else { Err(missing()) }
    }
}

/// What a relation is for: the last word of a type of Office's; of any other type, all of it, which no reader asks for.
fn relation_kind(kind: &str) -> String {
    let families =
        ["http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/", "http://schemas.microsoft.com/"];
    let known = families.iter().any(|family| kind.starts_with(family));
    if known { kind.rsplit('/').next().unwrap_or_default().to_owned() } else { kind.to_owned() }
}

fn not_understood(format: &str) -> Error {
    Error::Unsupported(format!("{} packed in a way that is not understood", named(format)))
}

/// A format with its article.
fn named(format: &str) -> String {
    format!("{} {format}", if format.starts_with(['E', 'O', 'X']) { "an" } else { "a" })
}

/// A name as it is compared: archives differ in case, in separators and in a leading `/`.
fn normal(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// A part's full name, from the folder of the part that refers to it. `..` stops at the root of the archive.
pub(crate) fn resolve(folder: &str, target: &str) -> String {
    let target = target.split(['#', '?']).next().unwrap_or_default();
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// Archives for tests.
#[cfg(test)]
pub(crate) mod fixture {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    /// An archive of these parts, in this order.
    pub(crate) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            let method = if *name == "mimetype" { zip::CompressionMethod::Stored } else { Default::default() };
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// The text of a relations part: id, last word of the type, target.
    pub(crate) fn relations(list: &[(&str, &str, &str)]) -> String {
        let items = list.iter().map(|(id, kind, target)| {
            format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
        });
        format!("<Relationships>{}</Relationships>", items.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn parts_and_relations() {
        let relations = fixture::relations(&[("r1", "slide", "../slides/A.xml#x"), ("r2", "x", "/top.xml")]);
        let bytes = fixture::archive(&[("ppt/_rels/p.xml.rels", &relations), ("ppt/slides/a.xml", "<a/>")]);
        let mut archive = Archive::open(&bytes, "PPTX").unwrap();
        assert_eq!(archive.text("/ppt\\slides/A.xml").unwrap().as_deref(), Some("<a/>"));
        assert_eq!(archive.part("none").unwrap(), None);
        let found = archive.relations("ppt/p.xml").unwrap();
        assert_eq!(found["r1"].target, "slides/A.xml");
        assert_eq!(found["r2"], Relation { kind: "x".into(), target: "top.xml".into() });
        assert_eq!(resolve("a/b", "../../../../etc/passwd"), "etc/passwd");
    }

    #[test]
    fn what_comes_out_is_counted() {
        let bytes = fixture::archive(&[("a", &"a".repeat(1000)), ("b", &"b".repeat(1000))]);
        let mut archive = Archive::open(&bytes, "DOCX").unwrap();
        archive.left = 1500;
        assert_eq!(archive.part("a").unwrap().unwrap().len(), 1000);
        assert!(archive.part("b").unwrap_err().to_string().contains("zip bomb"));
        assert!(archive.part("a").unwrap_err().to_string().contains("zip bomb"));
    }

    #[test]
    fn damaged_archives_have_reasons() {
        let bytes = fixture::archive(&[("word/document.xml", &"text ".repeat(300))]);
        for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            let reason = Archive::open(&bytes[..cut], "DOCX").err();
            assert!(reason.is_some_and(|reason| reason.to_string().contains("damaged DOCX")), "{cut}");
        }
        let mut broken = bytes.clone();
        broken[60..70].fill(0xff);
        let reason = Archive::open(&broken, "DOCX").unwrap().part("word/document.xml").unwrap_err().to_string();
        assert!(reason.contains("does not unpack"), "{reason}");
    }

    #[test]
    fn utf16_parts() {
        let mut archive_bytes = Vec::new();
        archive_bytes.extend([0xff, 0xfe]);
        archive_bytes.extend("<a>字</a>".encode_utf16().flat_map(u16::to_le_bytes));
        let mut zip = zip::write::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &archive_bytes).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        assert_eq!(Archive::open(&bytes, "X").unwrap().text("a").unwrap().unwrap(), "<a>字</a>");
    }
}
