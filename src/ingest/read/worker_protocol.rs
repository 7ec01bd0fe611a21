//! The messages between nigh and its worker process. A frame has two lengths (u32, little-endian), a record in postcard's
//! encoding, and a body: a file's bytes, or its text. The body is long and is sent as it is, so that neither side holds it
//! twice. Both ends are the same program, so the format need not stay compatible.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use nigh_formats::{Encoding, Extracted, Section};

use super::Skip;
use crate::document::{Metadata, Place, Syntax, metadata_json};

/// The most bytes of a record or a body. Texts are shorter: [`nigh_formats::MOST_TEXT`].
const MAX_PART_BYTES: usize = 1 << 30;

/// A file to be read. Its content is the body. The path only gives the worker the file's name.
#[derive(Serialize, Deserialize)]
pub(super) struct WorkerRequest {
    pub(super) path: PathBuf,
    pub(super) attachments: Attachments,
}

/// What the worker does with the attachments of a mail. It ignores them if one of them made a worker hang or die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Attachments {
    Extract,
    Ignore,
}

/// The result of reading a file; the text is the body.
#[derive(Serialize, Deserialize)]
pub(super) enum WorkerResponse {
    Extracted(SentExtract),
    Unreadable(String),
    Damaged(String),
    NotText(String),
}

/// [`Extracted`] without its text. Metadata is JSON text, because postcard cannot encode JSON values.
#[derive(Serialize, Deserialize)]
pub(super) struct SentExtract {
    sections: Vec<(usize, Place, Vec<String>, String)>,
    metadata: String,
    losses: Vec<String>,
    title: Option<String>,
    syntax: Syntax,
}

impl WorkerResponse {
    /// Splits a result into its record and its body.
    pub(super) fn of(result: Result<Extracted, Skip>) -> (Self, String) {
        let without_body = |response| (response, String::new());
        match result {
            Ok(extracted) => {
                let (extracted, text) = SentExtract::of(extracted);
                (Self::Extracted(extracted), text)
            }
            Err(Skip::Unreadable(reason)) => without_body(Self::Unreadable(reason)),
            Err(Skip::Damaged(reason)) => without_body(Self::Damaged(reason)),
            Err(Skip::NotText(reason)) => without_body(Self::NotText(reason)),
        }
    }

    pub(super) fn into_result(self, body: Vec<u8>) -> Result<Extracted, Skip> {
        match self {
            Self::Extracted(extracted) => match String::from_utf8(body) {
                Ok(text) => Ok(extracted.into_extracted(text)),
                Err(_) => Err(Skip::Damaged("its reader returned invalid text".to_owned())),
            },
            Self::Unreadable(reason) => Err(Skip::Unreadable(reason)),
            Self::Damaged(reason) => Err(Skip::Damaged(reason)),
            Self::NotText(reason) => Err(Skip::NotText(reason)),
        }
    }
}

impl SentExtract {
    fn of(extracted: Extracted) -> (Self, String) {
        let Extracted { text, sections, metadata, losses, title, syntax, encoding: _ } = extracted;
        let sections = sections.into_iter().map(|section| {
            let Section { start, place, headings, metadata } = section;
            (start, place, headings, metadata_json(&metadata))
        });
        (Self { sections: sections.collect(), metadata: metadata_json(&metadata), losses, title, syntax }, text)
    }

    fn into_extracted(self, text: String) -> Extracted {
        let sections = self.sections.into_iter().map(|(start, place, headings, metadata)| {
            let metadata = parse_metadata(&metadata);
            Section { start, place, headings, metadata }
        });
        Extracted {
            text,
            sections: sections.collect(),
            metadata: parse_metadata(&self.metadata),
            losses: self.losses,
            title: self.title,
            syntax: self.syntax,
            encoding: Encoding::Utf8,
        }
    }
}

fn parse_metadata(json: &str) -> Metadata {
    serde_json::from_str(json).unwrap_or_default()
}

/// Writes a frame: both lengths, the record, the body.
pub(super) fn send(to: &mut impl Write, record: &impl Serialize, body: &[u8]) -> io::Result<()> {
    let record = postcard::to_stdvec(record).map_err(io::Error::other)?;
    for part in [&record[..], body] {
        let length = u32::try_from(part.len()).ok().filter(|_| part.len() <= MAX_PART_BYTES);
        to.write_all(&length.ok_or_else(|| io::Error::other("a frame is too long"))?.to_le_bytes())?;
    }
    to.write_all(&record)?;
    to.write_all(body)?;
    to.flush()
}

/// Reads the record and the body of a frame; `None` at the end of the input.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 8];
    match from.read_exact(&mut lengths[..1]) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    from.read_exact(&mut lengths[1..])?;
    let [record, body] = [0, 4].map(|first| u32::from_le_bytes([0, 1, 2, 3].map(|i| lengths[first + i])) as usize);
    let record = postcard::from_bytes(&read_part(from, record)?).map_err(io::Error::other)?;
    Ok(Some((record, read_part(from, body)?)))
}

fn read_part(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    if length > MAX_PART_BYTES {
        return Err(io::Error::other("a frame is too long"));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(io::Error::other)?;
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::document::PlaceKind;

    #[test]
    fn frames_are_received_as_they_were_sent() {
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
        let results = [Ok(extracted), Err(Skip::NotText("encrypted".to_owned()))];
        let mut pipe = Vec::new();
        for result in results.clone() {
            let (response, text) = WorkerResponse::of(result);
            send(&mut pipe, &response, text.as_bytes()).unwrap();
        }
        let mut from = &pipe[..];
        for result in results {
            let (response, body) = receive::<WorkerResponse>(&mut from).unwrap().unwrap();
            assert_eq!(response.into_result(body), result);
        }
        assert!(receive::<WorkerResponse>(&mut from).unwrap().is_none());
        for cut in 1..40 {
            assert!(receive::<WorkerResponse>(&mut &pipe[..cut]).is_err(), "cut at {cut}");
        }
        let (response, _) = receive::<WorkerResponse>(&mut &pipe[..]).unwrap().unwrap();
        assert!(matches!(response.into_result(vec![0xff]), Err(Skip::Damaged(_))));
    }
}
