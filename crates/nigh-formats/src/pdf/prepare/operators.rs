//! The operators of a content stream, with their operands and positions.

use std::ops::Range;

/// Deeper operands are not read.
const MAX_DEPTH: usize = 16;

/// Most operands that are kept before an operator: no operator has more.
const MAX_OPERANDS: usize = 64;

/// An operand of an operator.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Number(f32),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Operand>),
    Dict(Vec<(Vec<u8>, Operand)>),
    Other,
}

/// An operator, and the byte range of it and its operands.
#[derive(Debug)]
pub(super) struct Operator<'a> {
    pub(super) name: &'a [u8],
    pub(super) operands: Vec<Operand>,
    pub(super) range: Range<usize>,
}

/// Iterates over operators.
pub(super) struct Operators<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Operators<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\r' && byte != b'\n') {
                    self.at += 1;
                }
            } else if is_white(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        let length = rest.iter().position(|&byte| is_white(byte) || is_delimiter(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Reads the operand at this position; returns `None` if an operator begins here.
    fn operand(&mut self, depth: usize) -> Option<Operand> {
        let byte = self.peek()?;
        let is_dict = byte == b'<' && self.data.get(self.at + 1) == Some(&b'<');
        match byte {
            b'/' => {
                self.at += 1;
                Some(Operand::Name(unescape_name(self.word())))
            }
            b'(' => Some(Operand::Text(self.literal())),
            b'[' if depth < MAX_DEPTH => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    self.skip_white();
                    match self.peek()? {
                        b']' => break,
                        _ => items.push(self.item(depth)),
                    }
                }
                self.at += 1;
                Some(Operand::Array(items))
            }
            b'<' if is_dict && depth < MAX_DEPTH => {
                self.at += 2;
                let mut entries = Vec::new();
                loop {
                    self.skip_white();
                    match self.peek()? {
                        b'>' => break,
                        _ => {
                            let key = self.item(depth);
                            self.skip_white();
                            if let (Operand::Name(key), true) = (key, self.peek()? != b'>') {
                                entries.push((key, self.item(depth)));
                            }
                        }
                    }
                }
                self.at += if self.data.get(self.at + 1) == Some(&b'>') { 2 } else { 1 };
                Some(Operand::Dict(entries))
            }
            b'<' if !is_dict => Some(Operand::Text(self.hex())),
            b'+' | b'-' | b'.' | b'0'..=b'9' => {
                let word = self.word();
                let number = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
                Some(number.filter(|number: &f32| number.is_finite()).map_or(Operand::Other, Operand::Number))
            }
            byte if is_delimiter(byte) => {
                self.at += 1;
                Some(Operand::Other)
            }
            _ => None,
        }
    }

    /// Reads an item of an array or a dictionary, which may be `true` or `null`.
    fn item(&mut self, depth: usize) -> Operand {
        self.operand(depth + 1).unwrap_or_else(|| {
            self.word();
            Operand::Other
        })
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut out, mut depth) = (Vec::new(), 1);
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => {
                    self.escape(&mut out);
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            out.push(byte);
        }
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                out.push(value.to_le_bytes()[0]);
            }
            other => out.push(other),
        }
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut digits = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            digits.extend(char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
        }
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
    }

    /// Skips the data of a picture in the content, up to its `EI`.
    fn skip_picture(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        let end = memchr::memmem::find_iter(rest, b"EI").find(|&at| {
            let before = at.checked_sub(1).and_then(|before| rest.get(before)).is_none_or(|&byte| is_white(byte));
            let after = rest.get(at + 2).is_none_or(|&byte| is_white(byte));
            let goes_on = rest.get(at + 2..).unwrap_or(&[]).iter().take(16);
            before && after && goes_on.into_iter().all(|&byte| byte.is_ascii_graphic() || is_white(byte))
        });
        self.at = end.map_or(self.data.len(), |end| self.at + end + 2);
    }
}

impl<'a> Iterator for Operators<'a> {
    type Item = Operator<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut operands = Vec::new();
        self.skip_white();
        let start = self.at;
        loop {
            self.skip_white();
            self.peek()?;
            match self.operand(0) {
                Some(operand) => {
                    if operands.len() < MAX_OPERANDS {
                        operands.push(operand);
                    }
                }
                None => break,
            }
        }
        let name = self.word();
        if name.is_empty() {
            // A byte that cannot begin a token.
            self.at += 1;
        }
        if name == b"ID" {
            self.skip_picture();
        }
        Some(Operator { name, operands, range: start..self.at })
    }
}

fn is_white(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Decodes `#20` and other escapes in a name.
fn unescape_name(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        let digit = |at: usize| {
            after.get(at).and_then(|&byte| char::from(byte).to_digit(16)).and_then(|d| u8::try_from(d).ok())
        };
        match (byte, digit(0), digit(1)) {
            (b'#', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                rest = &after[2..];
            }
            (byte, _, _) => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_with_operands_and_positions() {
        let data = b"q /F1 12 Tf % note\n[(a\\)b)-20<41 4>]TJ /Span<</ActualText<FEFF0041>/MCID 3/X[1 true]>>BDC BI /W 1 ID \x01EI\x02 EI Q";
        let found: Vec<_> = Operators::new(data).collect();
        let names: Vec<_> = found.iter().map(|op| String::from_utf8_lossy(op.name).into_owned()).collect();
        assert_eq!(names, ["q", "Tf", "TJ", "BDC", "BI", "ID", "Q"]);
        assert_eq!(found[1].operands, [Operand::Name(b"F1".to_vec()), Operand::Number(12.0)]);
        let texts = vec![Operand::Text(b"a)b".to_vec()), Operand::Number(-20.0), Operand::Text(b"A@".to_vec())];
        assert_eq!(found[2].operands, [Operand::Array(texts)]);
        assert!(data[found[2].range.clone()].starts_with(b"[(") && data[found[2].range.clone()].ends_with(b"TJ"));
        let Operand::Dict(entries) = &found[3].operands[1] else { panic!("{:?}", found[3]) };
        assert_eq!(entries[0], (b"ActualText".to_vec(), Operand::Text(b"\xfe\xff\0A".to_vec())));
    }

    #[test]
    fn operators_of_any_bytes_end() {
        for data in [
            &b"<<<<<<"[..],
            b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
            b"(((",
            b"]>)>}{",
            b"<</A",
            b"<</A>>",
            b"/",
            b"\\",
            b"1 2 3",
            b"<</A true/B null>>BDC",
        ] {
            assert!(Operators::new(data).count() <= data.len());
        }
        assert!(Operators::new(&b"[".repeat(100_000)).all(|operator| operator.name.is_empty()));
    }
}
