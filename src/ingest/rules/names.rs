//! Names in the form in which rules compare them: their bytes, with `/` between the parts, composed (NFC).
//!
//! One name may be written in two ways, `é` as one character or as `e` and an accent, and systems store it differently. So rules
//! and names are both composed (NFC) before they are compared.

use std::path::Path;

use crate::filter::composed;

/// Returns a path as rules compare it. Bytes that are not UTF-8 stay unchanged.
pub(in crate::ingest) fn bytes_of(path: &Path) -> Vec<u8> {
    let mut bytes = match path.to_str() {
        Some(text) => composed(text).into_owned().into_bytes(),
        None => path.as_os_str().as_encoded_bytes().to_vec(),
    };
    if cfg!(windows) {
        bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    bytes
}
