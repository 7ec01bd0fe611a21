//! Encoded data in texts (base64 and the like): left out, and counted. It has no meaning for a reader, and 80 kB of it make hundreds
//! of passages.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`remove_data`]: removes data from a text; [`leave_out`]: the same for extracted text and metadata |
//! | `uri.rs` | `data:` URIs: pictures and fonts; the media type stays |
//! | `run.rs` | long runs and blocks of base64 (certificates, keys) and of hexadecimal digits |
//! | `uu.rs` | uuencoded files |
//!
//! Line ends stay, so that lines keep their numbers. All steps take linear time.

mod run;
mod uri;
mod uu;

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::Extracted;

/// Replaces data that has no name.
const PLACEHOLDER: &str = "…";
/// Shorter metadata values are not searched for data.
const MIN_VALUE_BYTES: usize = 20;

/// A run of data. A placeholder replaces one that has no name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Blob {
    bytes: Range<usize>,
    placeholder: bool,
}

/// Removes data from a text. Returns the rest and the number of removed runs.
pub(super) fn remove_data(text: &str) -> (Cow<'_, str>, usize) {
    let blobs = find(text);
    if blobs.is_empty() {
        return (Cow::Borrowed(text), 0);
    }
    let mut kept = String::with_capacity(text.len() - blobs.iter().map(|blob| blob.bytes.len()).sum::<usize>() / 2);
    let mut copied_to = 0;
    for blob in &blobs {
        kept.push_str(text.get(copied_to..blob.bytes.start).unwrap_or(""));
        kept.push_str(if blob.placeholder { PLACEHOLDER } else { "" });
        let data = text.get(blob.bytes.clone()).unwrap_or("");
        kept.extend(memchr::memchr_iter(b'\n', data.as_bytes()).map(|_| '\n'));
        copied_to = blob.bytes.end;
    }
    kept.push_str(text.get(copied_to..).unwrap_or(""));
    (Cow::Owned(kept), blobs.len())
}

/// Finds all runs of data, in ascending order and without overlaps.
fn find(text: &str) -> Vec<Blob> {
    let mut blobs = uri::find(text);
    blobs.extend(run::find(text));
    blobs.extend(uu::find(text));
    blobs.sort_by_key(|blob| (blob.bytes.start, std::cmp::Reverse(blob.bytes.end)));
    let mut end = 0;
    blobs.retain(|blob| {
        let is_separate = blob.bytes.start >= end;
        end = end.max(blob.bytes.end);
        is_separate
    });
    blobs
}

/// Removes data from a text and its metadata, and reports how much there was. `before` is the number of runs that were removed
/// before the file was read.
pub(super) fn leave_out(mut extracted: Extracted, before: usize) -> Extracted {
    let mut count = before;
    let starts: Vec<usize> = extracted.sections.iter().map(|section| section.start).collect();
    if !find(&extracted.text).is_empty() {
        let mut kept = String::with_capacity(extracted.text.len());
        let ends = starts.iter().skip(1).copied().chain([extracted.text.len()]);
        // Each section is searched alone: data does not continue in the next section.
        for (number, (start, end)) in [0].into_iter().chain(starts.iter().skip(1).copied()).zip(ends).enumerate() {
            if let Some(section) = extracted.sections.get_mut(number) {
                section.start = kept.len();
            }
            let (part, blobs) = remove_data(extracted.text.get(start..end).unwrap_or(""));
            kept.push_str(&part);
            count += blobs;
        }
        extracted.text = kept;
    }
    extracted.metadata.values_mut().for_each(remove_from_value);
    for section in &mut extracted.sections {
        section.metadata.values_mut().for_each(remove_from_value);
        section.headings.iter_mut().for_each(remove_from_text);
    }
    extracted.title.iter_mut().for_each(remove_from_text);
    let what = "pictures and other data in letters (base64)";
    extracted.losses.extend(match count {
        0 => None,
        1 => Some("a picture or other data in letters (base64) is left out".to_owned()),
        count => Some(format!("{count} {what} are left out")),
    });
    extracted
}

/// Removes data from the texts of a metadata value.
fn remove_from_value(value: &mut Value) {
    match value {
        Value::String(text) => remove_from_text(text),
        Value::Array(values) => values.iter_mut().for_each(remove_from_value),
        _ => {}
    }
}

fn remove_from_text(text: &mut String) {
    if text.len() > MIN_VALUE_BYTES
        && let (Cow::Owned(kept), _) = remove_data(text)
    {
        *text = kept;
    }
}

#[cfg(test)]
mod tests;
