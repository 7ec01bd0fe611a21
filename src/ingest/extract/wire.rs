//! What goes between nigh and its worker process: frames of a length (u32, little-endian) and a record in postcard's
//! encoding. Both ends are the same program, so nothing here outlives a version.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Encoding, Extracted, Section, Skip};
use crate::document::{Metadata, Place, Syntax, metadata_json};

/// The longest frame. Texts are shorter: [`super::MOST_TEXT`].
const MOST: usize = 1 << 30;

/// A file to be read. The path says how it is called; only `bytes` are looked at.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
pub(super) enum Response {
    Extracted(WireExtracted),
    Unreadable(String),
    Damaged(String),
    NotText(String),
}

/// [`Extracted`]; metadata as JSON, which postcard cannot carry.
#[derive(Serialize, Deserialize)]
pub(super) struct WireExtracted {
    text: String,
    sections: Vec<(usize, Place, Vec<String>, String)>,
    metadata: String,
    losses: Vec<String>,
    title: Option<String>,
    syntax: Syntax,
}

impl Response {
    pub(super) fn of(result: Result<Extracted, Skip>) -> Self {
        match result {
            Ok(extracted) => Self::Extracted(WireExtracted::of(extracted)),
            Err(Skip::Unreadable(reason)) => Self::Unreadable(reason),
            Err(Skip::Damaged(reason)) => Self::Damaged(reason),
            Err(Skip::NotText(reason)) => Self::NotText(reason),
        }
    }

    pub(super) fn into_result(self) -> Result<Extracted, Skip> {
        match self {
            Self::Extracted(extracted) => Ok(extracted.into_extracted()),
            Self::Unreadable(reason) => Err(Skip::Unreadable(reason)),
            Self::Damaged(reason) => Err(Skip::Damaged(reason)),
            Self::NotText(reason) => Err(Skip::NotText(reason)),
        }
    }
}

impl WireExtracted {
    fn of(extracted: Extracted) -> Self {
        let Extracted { text, sections, metadata, losses, title, syntax, encoding: _ } = extracted;
        let sections = sections.into_iter().map(|section| {
            let Section { start, place, headings, metadata } = section;
            (start, place, headings, metadata_json(&metadata))
        });
        Self { text, sections: sections.collect(), metadata: metadata_json(&metadata), losses, title, syntax }
    }

    fn into_extracted(self) -> Extracted {
        let sections = self.sections.into_iter().map(|(start, place, headings, metadata)| {
            let metadata = parsed(&metadata);
            Section { start, place, headings, metadata }
        });
        Extracted {
            text: self.text,
            sections: sections.collect(),
            metadata: parsed(&self.metadata),
            losses: self.losses,
            title: self.title,
            syntax: self.syntax,
            encoding: Encoding::Utf8,
        }
    }
}

fn parsed(json: &str) -> Metadata {
    serde_json::from_str(json).unwrap_or_default()
}

/// Writes a frame.
pub(super) fn send(to: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(record).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MOST);
    let length = length.ok_or_else(|| io::Error::other("a frame is too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&bytes)?;
    to.flush()
}

/// Reads a frame; none at the end.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > MOST {
        return Err(io::Error::other("a frame is too long"));
    }
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::document::PlaceKind;

    #[test]
    fn what_is_sent_is_received() {
        let extracted = Extracted {
            text: "第一页\n\npage two".to_owned(),
            sections: vec![Section {
                start: 0,
                place: Place::new(PlaceKind::Row, 3).named("预算"),
                headings: vec!["h".to_owned()],
                metadata: Metadata::from([("n".to_owned(), 1.5.into())]),
            }],
            metadata: Metadata::from([("author".to_owned(), "我".into())]),
            losses: vec!["page 3 has no text".to_owned()],
            title: Some("t".to_owned()),
            syntax: Syntax::Markdown,
            encoding: Encoding::Utf8,
        };
        let mut pipe = Vec::new();
        send(&mut pipe, &Response::of(Ok(extracted.clone()))).unwrap();
        send(&mut pipe, &Response::of(Err(Skip::NotText("encrypted".to_owned())))).unwrap();
        let whole = pipe.clone();
        let mut from = &pipe[..];
        let first: Response = receive(&mut from).unwrap().unwrap();
        assert_eq!(first.into_result(), Ok(extracted));
        let second: Response = receive(&mut from).unwrap().unwrap();
        assert_eq!(second.into_result(), Err(Skip::NotText("encrypted".to_owned())));
        assert!(receive::<Response>(&mut from).unwrap().is_none());
        for cut in 5..20 {
            assert!(receive::<Response>(&mut &whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}
