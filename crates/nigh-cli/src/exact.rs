//! JSON with exact values, safe on a terminal: hidden characters are escaped.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::harmless::{is_hidden, is_shaping};

/// Writes one JSON value and a line break.
pub fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaping)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Writes compact JSON that also escapes DEL, C1, bidi controls, line separators and characters without a glyph. Joiners and selectors
/// stay: they are harmless, and emoji contain many.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| is_hidden(c) && !is_shaping(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let c = rest[at..].chars().next().unwrap_or_default();
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn json_values_are_exact_and_hidden_characters_escaped() {
        for value in [
            "plain 池化 \"quoted\" \\ \n\t\u{1b}[31m",
            "\u{7f}\u{9b}31m\u{202e}\u{2028}\u{2029}\u{feff}end",
            "\u{e0041}tag 🏴\u{e0067}",
            "",
        ] {
            let mut bytes = Vec::new();
            line(&mut bytes, &value).unwrap();
            let written = String::from_utf8(bytes).unwrap();
            let shown = written.strip_suffix('\n').unwrap();
            assert!(!shown.contains(is_hidden), "{shown:?}");
            assert_eq!(serde_json::from_str::<String>(shown).unwrap(), value);
        }
        let mut bytes = Vec::new();
        line(&mut bytes, &serde_json::json!({"\u{9b}": ["👩\u{200d}👧", 1.5, null]})).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"\\u009b\":[\"👩\u{200d}👧\",1.5,null]}\n");
    }
}
