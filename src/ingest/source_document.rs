//! A document before it is split into passages: its text, its parts, and the hash that shows whether it changed.

use std::iter;

use crate::document::{Document, DocumentId, FileStamp, Metadata, Part, Syntax, check_metadata};
use crate::error::{Error, Result};
pub(crate) use nigh_formats::MOST_TEXT;
use nigh_formats::Section;

/// A document whose text is known, and that is not split yet.
#[derive(Debug, Clone)]
pub struct SourceDocument {
    /// The document's id.
    pub id: DocumentId,
    /// The whole text.
    pub text: String,
    /// How the text is laid out.
    pub syntax: Syntax,
    /// The document's metadata.
    pub metadata: Metadata,
    /// The sections, see [`nigh_formats::Extracted::sections`]. Empty: one section, located by its lines.
    pub sections: Vec<Section>,
    /// The parts that are passages of their own; not together with sections. Empty: none.
    pub parts: Vec<Part>,
    /// The stamp of the file, if the document comes from a file.
    pub stamp: Option<FileStamp>,
    /// A hash of everything that decides whether the document must be encoded again.
    pub content_hash: [u8; 32],
}

impl SourceDocument {
    /// Creates a document that does not come from a file. Leaves out its vector.
    ///
    /// # Errors
    /// The errors of [`SourceDocument::check`].
    pub fn new(document: Document) -> Result<Self> {
        Self::check(&document)?;
        let Document { id, text, syntax, metadata, parts, vector: _ } = document;
        let id = DocumentId::new(id)?;
        let content_hash = content_hash(&text, syntax, &metadata, &parts);
        Ok(Self { id, text, syntax, metadata, sections: Vec::new(), parts, stamp: None, content_hash })
    }

    /// Checks the id, the metadata, the length of the text and the parts of a document.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for an invalid id, metadata that is nested too deep to be read back, a text longer than
    /// [`MOST_TEXT`], or parts that are outside the text or cut a character.
    pub fn check(document: &Document) -> Result<()> {
        let Document { id, text, metadata, parts, .. } = document;
        DocumentId::new(id.as_str())?;
        let mut metadata = iter::once(metadata).chain(parts.iter().map(|part| &part.metadata));
        metadata.try_for_each(check_metadata).map_err(|problem| Error::InvalidDocument { id: id.clone(), problem })?;
        if text.len() > MOST_TEXT {
            let length = text.len();
            let problem =
                format!("its text has {length} bytes; the most is {MOST_TEXT}: split it into several documents");
            return Err(Error::InvalidDocument { id: id.clone(), problem });
        }
        if let Some(part) = parts.iter().find(|part| text.get(part.bytes.clone()).is_none()) {
            let bytes = &part.bytes;
            let problem = format!("its part {}..{} is outside the text or cuts a character", bytes.start, bytes.end);
            return Err(Error::InvalidDocument { id: id.clone(), problem });
        }
        Ok(())
    }
}

/// Returns the content hash of a document that does not come from a file. The hash is stored: if this function changes, every
/// stored document is encoded again.
fn content_hash(text: &str, syntax: Syntax, metadata: &Metadata, parts: &[Part]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let metadata = serde_json::to_string(metadata).unwrap_or_default();
    let syntax = syntax.code().to_string();
    let parts = if parts.is_empty() { None } else { Some(serde_json::to_string(parts).unwrap_or_default()) };
    for field in [text, &metadata, &syntax].into_iter().chain(parts.as_deref()) {
        // The length comes first, so that two different documents never give the same bytes.
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn content_hash_never_changes() {
        let plain = Document::new("id is not hashed", "text").with("lang", "en");
        let part = Part::new(0..2).with("n", 1);
        let documents = [plain.clone(), plain.clone().with_syntax(Syntax::Markdown), plain.with_parts([part])];
        let hash = |document| SourceDocument::new(document).unwrap().content_hash;
        let hashes = documents.map(|document| blake3::Hash::from_bytes(hash(document)).to_hex().to_string());
        let expected = [
            "569881c58098f5b7964c4c29ffab127f0f2d4a13b73a41354d9bcae87d2a59f7",
            "81a5c78048c53b9f8c52b7c55011998cceb27d96689e719374871fc9f77d92a0",
            "66d56762a3a48435a9ef3e8224dea2ce77d42ce7100af15d9942caabaf62fb7b",
        ];
        assert_eq!(hashes, expected);
    }

    #[test]
    fn syntax_codes_in_content_hash_never_change() {
        use Syntax::{Code, Markdown, Org, Plain, Rst, Tex};
        let codes = [Plain, Markdown, Code, Rst, Org, Tex].map(Syntax::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5]);
    }
}
