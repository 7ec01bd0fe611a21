//! The package of a book: its properties, its files, their order, names and protection.

use std::collections::{HashMap, HashSet};

use super::super::office::archive::{Archive, resolve};
use super::super::office::namespace::Ns;
use super::super::office::properties::Properties;
use super::super::office::xml::{Xml, XmlNode};
use crate::error::Result;

/// The package document of a book.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) properties: Properties,
    /// Files by id: full name, and properties ("nav", "image").
    pub(super) files: HashMap<String, (String, String)>,
    /// The ids of the chapters, in reading order.
    pub(super) spine: Vec<String>,
    /// The id of the table of contents of EPUB 2.
    pub(super) contents: Option<String>,
}

/// Returns the name of the package document from the container file.
pub(super) fn root_file(container: &str) -> Option<String> {
    let mut xml = Xml::new(container, Ns::Container);
    while let Some(node) = xml.next() {
        if let XmlNode::Open(element) = node
            && element.has_name(Ns::Container, "rootfile")
        {
            return element.get("full-path").map(|path| resolve("", &decode_path(&path)));
        }
    }
    None
}

/// Reads the package document with this name.
pub(super) fn read_package(text: &str, name: &str, losses: &mut Vec<String>) -> Package {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut package = Package::default();
    let properties = &mut package.properties;
    let mut xml = Xml::new(text, Ns::Opf);
    while let Some(node) = xml.next() {
        let XmlNode::Open(element) = node else { continue };
        match element.name() {
            (Ns::Dc, "title") if properties.title.is_none() => {
                let title = xml.text().split_whitespace().collect::<Vec<_>>().join(" ");
                properties.title = (!title.is_empty()).then_some(title);
            }
            (Ns::Dc, "creator") => properties.add("author", &xml.text()),
            (Ns::Dc, "subject") => properties.add("subject", &xml.text()),
            (Ns::Dc, "language") => properties.set("language", &xml.text()),
            (Ns::Dc, "publisher") => properties.set("publisher", &xml.text()),
            (Ns::Dc, "description") => properties.set("description", &xml.text()),
            (Ns::Dc, "date") => properties.set_date("date", &xml.text()),
            (Ns::Opf, "meta") if element.get("property").is_some_and(|property| property == "dcterms:modified") => {
                properties.set_date("modified", &xml.text());
            }
            (Ns::Opf, "item") => {
                if let (Some(id), Some(href)) = (element.get("id"), element.get("href")) {
                    // Vector pictures may contain words.
                    let pixels = |kind: &str| kind.starts_with("image/") && !kind.starts_with("image/svg");
                    let picture = element.get("media-type").is_some_and(|kind| pixels(&kind));
                    let kind = element.get("properties").filter(|_| !picture);
                    let kind = kind.unwrap_or_else(|| if picture { "image" } else { "" }.to_owned());
                    package.files.insert(id, (resolve(folder, &decode_path(&href)), kind));
                }
            }
            (Ns::Opf, "spine") => package.contents = element.get("toc"),
            (Ns::Opf, "itemref") => package.spine.extend(element.get("idref")),
            _ => {}
        }
    }
    xml.losses(name, losses);
    package
}

/// Returns the encrypted files, in lower case, except fonts that are only obscured.
pub(super) fn protected_files(archive: &mut Archive<'_>) -> Result<HashSet<String>> {
    let mut files = HashSet::new();
    let Some(text) = archive.text("META-INF/encryption.xml")? else { return Ok(files) };
    let mut xml = Xml::new(&text, Ns::Encryption);
    let mut obscured = false;
    while let Some(node) = xml.next() {
        let XmlNode::Open(element) = node else { continue };
        match element.name() {
            (Ns::Encryption, "EncryptedData") => obscured = false,
            (Ns::Encryption, "EncryptionMethod") => {
                let algorithm = element.get("Algorithm").unwrap_or_default();
                obscured |= algorithm.ends_with("#RC") || algorithm.contains("embedding");
            }
            (Ns::Encryption, "CipherReference") if !obscured => {
                files.extend(element.get("URI").map(|uri| resolve("", &decode_path(&uri)).to_lowercase()));
            }
            _ => {}
        }
    }
    Ok(files)
}

/// Returns the chapter names of files, from the tables of contents of both versions.
pub(super) fn chapter_names(archive: &mut Archive<'_>, package: &Package) -> HashMap<String, String> {
    let mut names = HashMap::new();
    let nav = package.files.values().find(|(_, kind)| kind.split_whitespace().any(|word| word == "nav"));
    let ncx = package.contents.as_ref().and_then(|id| package.files.get(id));
    for ((file, _), default) in nav.map(|nav| (nav, Ns::Xhtml)).into_iter().chain(ncx.map(|ncx| (ncx, Ns::Ncx))) {
        // Without these names the chapters still have their headings.
        let Ok(Some(text)) = archive.text(file) else { continue };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut xml = Xml::new(&text, default);
        let mut label = String::new();
        while let Some(node) = xml.next() {
            let XmlNode::Open(element) = node else { continue };
            let (href, name) = match element.name() {
                (Ns::Xhtml, "a") => (element.get("href"), xml.text()),
                (Ns::Ncx, "text") => {
                    label = xml.text();
                    continue;
                }
                (Ns::Ncx, "content") => (element.get("src"), std::mem::take(&mut label)),
                _ => continue,
            };
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            if let (Some(href), false) = (href, name.is_empty()) {
                names.entry(resolve(folder, &decode_path(&href))).or_insert(name);
            }
        }
    }
    names
}

/// Decodes percent escapes in a path: "a%20b" becomes "a b".
pub(super) fn decode_path(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
