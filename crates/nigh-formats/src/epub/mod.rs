//! Books (EPUB 2 and 3): one section for each chapter, in the order of the spine.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`epub`]: turns chapters into sections |
//! | `package.rs` | the package: reading order, chapter names, protected parts |

mod package;

use super::Extracted;
use super::html;
use super::office::archive::Archive;
use super::office::parts::{DocumentParts, ranges, section};
use crate::error::{Error, Result};
use crate::types::{Place, PlaceKind, Syntax};
use package::{chapter_names, protected_files, read_package, root_file};

/// A chapter name is cut to this many characters.
const MAX_NAME_CHARS: usize = 200;

/// Reads the text of a book as Markdown.
///
/// # Errors
/// Returns the reason if it is damaged, protected or has no text.
pub fn epub(bytes: &[u8]) -> Result<Extracted> {
    let mut archive = Archive::open(bytes, "EPUB")?;
    let container = archive.text("META-INF/container.xml")?;
    let container = container.ok_or_else(|| Error::damaged("EPUB", "META-INF/container.xml is missing"))?;
    let root =
        root_file(&container).ok_or_else(|| Error::damaged("EPUB", "META-INF/container.xml names no package"))?;
    let text = archive.text(&root)?.ok_or_else(|| Error::damaged("EPUB", format_args!("{root} is missing")))?;
    let mut losses = Vec::new();
    let package = read_package(&text, &root, &mut losses);
    let protected = protected_files(&mut archive)?;
    let names = chapter_names(&mut archive, &package);

    let mut parts = DocumentParts::default();
    let mut locked = Vec::new();
    for (number, id) in (1u32..).zip(&package.spine) {
        let Some((name, kind)) = package.files.get(id) else {
            losses.push(format!("chapter {number} is not in the book's list of files"));
            continue;
        };
        if kind.split_whitespace().any(|word| matches!(word, "nav" | "image")) {
            continue;
        }
        if protected.contains(&name.to_lowercase()) {
            locked.push(number);
            continue;
        }
        match archive.text(name) {
            Ok(Some(text)) => {
                let (_, markdown) = html::body_markdown(&text);
                let heading = first_heading(&markdown);
                let listed = names.get(name);
                let mut place = Place::new(PlaceKind::Chapter, number);
                place.name = heading.as_ref().or(listed).map(|name| name.chars().take(MAX_NAME_CHARS).collect());
                parts.push("\n\n", &markdown, |start| {
                    let mut section = section(start, place);
                    // Many books set their headings as plain paragraphs.
                    section.headings.extend(listed.filter(|_| heading.is_none()).cloned());
                    section
                });
            }
            Ok(None) => losses.push(format!("chapter {number} is missing from the file")),
            Err(reason) => losses.push(format!("chapter {number} could not be read: {reason}")),
        }
    }
    if !locked.is_empty() {
        if parts.len() == 0 {
            return Err(Error::Encrypted("a copy-protected EPUB (DRM); get a copy without protection".to_owned()));
        }
        let (noun, verb) = if locked.len() == 1 { ("chapter", "is") } else { ("chapters", "are") };
        losses.push(format!("{noun} {} {verb} encrypted (DRM)", ranges(&locked)));
    }
    parts.finish(Syntax::Markdown, package.properties, losses, "an EPUB without text (pictures only?)")
}

/// Returns the first heading of a Markdown text.
fn first_heading(markdown: &str) -> Option<String> {
    let mut fenced = false;
    for line in markdown.lines() {
        fenced ^= line.starts_with("```");
        let text = line.trim_start_matches('#');
        if !fenced && (1..=6).contains(&(line.len() - text.len())) && text.starts_with(' ') && !text.trim().is_empty() {
            return Some(text.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::office::archive::fixture::archive;
    use super::package::decode_path;
    use super::*;

    const CONTAINER: &str = "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";

    fn book(more: &[(&str, &str)]) -> Vec<u8> {
        let mut parts = vec![
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", CONTAINER),
            (
                "OPS/book.opf",
                "<package><metadata><dc:title>The  Road</dc:title><dc:title>Sub</dc:title><dc:creator>A</dc:creator>\
                 <dc:creator>B</dc:creator><dc:language>zh</dc:language><dc:date>2024-05-06</dc:date></metadata>\
                 <manifest><item id='n' href='nav.xhtml' properties='nav'/><item id='x' href='toc.ncx'/>\
                 <item id='c1' href='text/one%20a.xhtml'/><item id='c2' href='text/two.xhtml'/>\
                 <item id='p' href='mimetype' media-type='image/jpeg'/></manifest>\
                 <spine toc='x'><itemref idref='n'/><itemref idref='c2'/><itemref idref='c1'/><itemref idref='p'/><itemref idref='gone'/></spine></package>",
            ),
            ("OPS/nav.xhtml", "<html><nav><a href='text/one%20a.xhtml#start'>One  listed</a></nav></html>"),
            (
                "OPS/toc.ncx",
                "<ncx><navPoint><navLabel><text>Two listed</text></navLabel><content src='text/two.xhtml'/></navPoint></ncx>",
            ),
            ("OPS/text/one a.xhtml", "<html><body><p>First</p></body></html>"),
            ("OPS/text/two.xhtml", "<html><body><h1>Heading</h1><p>Second</p></body></html>"),
        ];
        parts.extend(more);
        archive(&parts)
    }

    #[test]
    fn chapters_are_in_the_order_of_the_spine() {
        let found = epub(&book(&[])).unwrap();
        let starts: Vec<_> = found.sections.iter().map(|section| section.place.number).collect();
        assert_eq!(starts, [2, 3]);
        assert!(found.text.find("Second").unwrap() < found.text.find("First").unwrap());
        assert_eq!(found.sections[1].place.name.as_deref(), Some("One listed"));
        assert_eq!(found.sections[1].headings, ["One listed"]);
        assert_eq!(found.title.as_deref(), Some("The Road"));
        assert_eq!(
            (found.metadata["author"].as_str(), found.metadata["date"].as_str()),
            (Some("A; B"), Some("2024-05-06"))
        );
        assert_eq!(found.losses, ["chapter 5 is not in the book's list of files"]);
    }

    #[test]
    fn chapter_that_is_a_picture_gives_its_words() {
        let package = "<package><manifest><item id='a' href='a.svg' media-type='image/svg+xml'/><item id='b' href='b.xhtml'/>\
            <item id='c' href='c.svg' media-type='image/svg+xml'/></manifest>\
            <spine><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/></spine></package>";
        let svg =
            |content: &str| format!("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'>{content}</svg>");
        let bytes = archive(&[
            ("META-INF/container.xml", CONTAINER),
            ("OPS/book.opf", package),
            ("OPS/a.svg", &svg("<title>Plate 1</title><text>The harbour</text>")),
            ("OPS/b.xhtml", "<html><body><p>Text</p></body></html>"),
            ("OPS/c.svg", &svg("<path d='M0 0'/>")),
        ]);
        let found = epub(&bytes).unwrap();
        assert_eq!(found.text, "Plate 1\n\nThe harbour\n\nText");
        assert!(found.losses.is_empty(), "{:?}", found.losses);
    }

    #[test]
    fn protected_books_are_refused_or_reported() {
        let lock = |file: &str, algorithm: &str| {
            format!(
                "<EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherReference URI='{file}'/></EncryptedData>"
            )
        };
        let aes = "urn:xmlenc#aes128-cbc";
        let some = format!(
            "<encryption>{}{}</encryption>",
            lock("OPS/text/two.xhtml", aes),
            lock("OPS/text/one%20a.xhtml", "urn:enc#RC")
        );
        let found = epub(&book(&[("META-INF/encryption.xml", &some)])).unwrap();
        assert!(found.losses.contains(&"chapter 2 is encrypted (DRM)".to_owned()), "{:?}", found.losses);
        let all = format!("<e>{}{}</e>", lock("OPS/text/two.xhtml", aes), lock("OPS/text/one%20a.xhtml", aes));
        assert!(epub(&book(&[("META-INF/encryption.xml", &all)])).unwrap_err().to_string().contains("DRM"));
    }

    #[test]
    fn damaged_books_are_refused_with_reasons() {
        for (parts, reason) in [
            (&[("a", "b")][..], "container.xml is missing"),
            (&[("META-INF/container.xml", "<c/>")], "names no package"),
            (&[("META-INF/container.xml", CONTAINER)], "OPS/book.opf is missing"),
            (&[("META-INF/container.xml", CONTAINER), ("OPS/book.opf", "<package/>")], "without text"),
            (
                &[("META-INF/container.xml", CONTAINER), ("OPS/book.opf", "<package>")],
                "nothing could be read: OPS/book.opf is damaged",
            ),
        ] {
            let found = epub(&archive(parts)).unwrap_err().to_string();
            assert!(found.contains(reason), "{found}");
        }
        assert_eq!(decode_path("a%20b%E5%AD%97%zz%"), "a b字%zz%");
        assert_eq!(first_heading("```\n# no\n```\n#no\n## Yes").as_deref(), Some("Yes"));
    }
}
