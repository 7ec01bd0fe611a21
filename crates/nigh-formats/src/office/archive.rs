//! The ZIP archive of an office document or a book: its parts by name, with a limit for unpacked bytes.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::office::namespace::Ns;
use crate::office::xml::{Xml, XmlNode};

/// All parts that are read from one archive unpack to at most this many bytes together.
const MAX_UNPACKED_BYTES: u64 = 256 << 20;

/// An open archive.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Entry numbers by name: in lower case, with `/` as separator, without a leading `/`.
    entries: HashMap<String, usize>,
    /// The number of bytes that may still be unpacked.
    bytes_left: u64,
    /// The name of the format in messages: "DOCX".
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
    /// Opens an archive and reads its directory.
    ///
    /// # Errors
    /// Returns the reason why it cannot be read.
    pub(crate) fn open(bytes: &'a [u8], format: &'static str) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => unsupported_zip(format),
            _ => Error::damaged(format, "its ZIP directory is missing or broken; get a complete copy"),
        })?;
        let entries =
            zip.file_names().enumerate().filter_map(|(number, name)| Some((normalise(&name.ok()?), number))).collect();
        Ok(Self { zip, entries, bytes_left: MAX_UNPACKED_BYTES, format })
    }

    /// True if the archive has this part.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&normalise(name))
    }

    /// Returns the names of the parts with this ending, in lower case and sorted.
    pub(in crate::office) fn names_with_ending(&self, end: &str) -> Vec<String> {
        let mut names: Vec<String> = self.entries.keys().filter(|name| name.ends_with(end)).cloned().collect();
        names.sort();
        names
    }

    /// Returns a part's bytes; `None` if there is no such part.
    ///
    /// # Errors
    /// Returns the reason if it is encrypted, damaged or too large.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(&number) = self.entries.get(&normalise(name)) else { return Ok(None) };
        let format = self.format;
        let file = self.zip.by_index(number).map_err(|error| match error {
            ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => Error::encrypted(format),
            ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => unsupported_zip(format),
            _ => Error::damaged(format, format_args!("{name} is not where its ZIP directory says")),
        })?;
        // The size in the directory may be wrong: the bytes that come out are counted.
        let mut bytes = Vec::new();
        let result = file.take(self.bytes_left + 1).read_to_end(&mut bytes);
        let unpacked = bytes.len() as u64;
        if unpacked > self.bytes_left {
            self.bytes_left = 0;
            let limit_mb = MAX_UNPACKED_BYTES >> 20;
            return Err(Error::TooLarge(format!(
                "{} that unpacks to more than {limit_mb} MB (a ZIP bomb?)",
                with_article(format)
            )));
        }
        self.bytes_left -= unpacked;
        result.map_err(|_| Error::damaged(format, format_args!("{name} cannot be unpacked")))?;
        Ok(Some(bytes))
    }

    /// Returns a part as text: UTF-8, or UTF-16 with a byte order mark. Invalid bytes become U+FFFD.
    ///
    /// # Errors
    /// The same as for [`Archive::part`].
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

    /// Returns an optional part: an error in it is only reported as a loss.
    pub(in crate::office) fn optional(&mut self, name: &str, losses: &mut Vec<String>) -> Option<String> {
        self.text(name).unwrap_or_else(|reason| {
            losses.push(format!("{name} could not be read: {reason}"));
            None
        })
    }

    /// Returns the relations of a part (of the archive itself for ""), by their ids, without those to targets outside the archive.
    ///
    /// # Errors
    /// The same as for [`Archive::part`].
    pub(in crate::office) fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let Some(text) = self.text(&format!("{folder}/_rels/{file}.rels"))? else { return Ok(HashMap::new()) };
        let mut xml = Xml::new(&text, Ns::Relations);
        let mut relations = HashMap::new();
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            if !element.has_name(Ns::Relations, "Relationship")
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

    /// Returns the document's main part according to the archive's own relations, else `usual`.
    ///
    /// # Errors
    /// Returns the reason if there is none, or the same as for [`Archive::part`].
    pub(in crate::office) fn main_part(&mut self, usual: &str) -> Result<String> {
        let relations = self.relations("")?;
        let main = relations.into_values().find(|relation| relation.kind == "officeDocument");
        let main = main.map_or_else(|| usual.to_owned(), |relation| relation.target);
        let main = if self.has(&main) { main } else { usual.to_owned() };
        let missing = || Error::damaged(self.format, format_args!("{usual} is missing"));
        if self.has(&main) { Ok(main) } else { Err(missing()) }
    }
}

/// Returns the purpose of a relation: the last word of an Office type; any other type unchanged, which no reader uses.
fn relation_kind(kind: &str) -> String {
    let families =
        ["http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/", "http://schemas.microsoft.com/"];
    let known = families.iter().any(|family| kind.starts_with(family));
    if known { kind.rsplit('/').next().unwrap_or_default().to_owned() } else { kind.to_owned() }
}

fn unsupported_zip(format: &str) -> Error {
    Error::Unsupported(format!("{} with an unsupported ZIP compression or encryption", with_article(format)))
}

/// Returns a format with its article.
fn with_article(format: &str) -> String {
    format!("{} {format}", if format.starts_with(['E', 'O', 'X']) { "an" } else { "a" })
}

/// Normalises a name for comparison: archives differ in case, in separators and in a leading `/`.
fn normalise(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// Returns a part's full name, from the folder of the part that refers to it. `..` stops at the root of the archive.
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

    /// Makes an archive of these parts, in this order.
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

    /// Makes the text of a relations part: id, last word of the type, target.
    pub(crate) fn relations(list: &[(&str, &str, &str)]) -> String {
        let items = list.iter().map(|(id, kind, target)| {
            format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
        });
        format!("<Relationships>{}</Relationships>", items.collect::<String>())
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
