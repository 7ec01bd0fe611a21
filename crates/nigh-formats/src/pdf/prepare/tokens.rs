//! The tokens of a character table (CMap), which is a program in PostScript.

/// Most bytes of a table that are read.
const MAX_BYTES: usize = 8 << 20;

/// A token, as far as character tables need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PdfToken {
    /// The bytes of a string; its digits are read as a number: `<041>` is 0x0041.
    Text(Vec<u8>),
    Name(Vec<u8>),
    Number(u32),
    Open,
    Close,
    Word(Vec<u8>),
}

/// The tokens of a table, and whether unpdf would misread one of them.
pub(super) struct PdfTokens {
    pub(super) tokens: Vec<PdfToken>,
    pub(super) misread: bool,
}

/// Reads the tokens; skips what is not part of a table.
pub(super) fn tokens(data: &[u8]) -> PdfTokens {
    let data = data.get(..MAX_BYTES).unwrap_or(data);
    let mut found = PdfTokens { tokens: Vec::new(), misread: false };
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        let rest = data.get(at + 1..).unwrap_or(&[]);
        match byte {
            b'%' => {
                let length = rest.iter().position(|&byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                // Most comments only contain the author.
                found.misread |= rest[..length].iter().any(|&byte| byte == b'<' || byte == b'>')
                    || rest[..length]
                        .windows(5)
                        .any(|window| window == b"begin" || window == b"endbf" || window == b"useca");
                at += 1 + length;
            }
            b'<' if rest.first() == Some(&b'<') => at += 2,
            b'>' => at += 1,
            b'<' => {
                let length = rest.iter().position(|&byte| byte == b'>').unwrap_or(rest.len());
                let written = &rest[..length];
                let digits: Vec<u8> = written.iter().filter_map(|&byte| digit(byte)).collect();
                found.misread |= digits.len() != written.len() || !digits.len().is_multiple_of(2);
                let mut bytes = Vec::with_capacity(digits.len() / 2 + 1);
                let (first, pairs) = digits.split_at(digits.len() % 2);
                bytes.extend(first);
                bytes.extend(pairs.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
                found.tokens.push(PdfToken::Text(bytes));
                at += 2 + length;
            }
            b'(' => {
                let (bytes, length) = literal(rest);
                found.tokens.push(PdfToken::Text(bytes));
                at += 1 + length;
            }
            b'[' => {
                found.tokens.push(PdfToken::Open);
                at += 1;
            }
            b']' => {
                found.tokens.push(PdfToken::Close);
                at += 1;
            }
            b'/' => {
                let length = regular_length(rest);
                found.tokens.push(PdfToken::Name(rest[..length].to_vec()));
                at += 1 + length;
            }
            byte if byte.is_ascii_whitespace() || byte == 0 || is_delimiter(byte) => at += 1,
            _ => {
                let length = 1 + regular_length(rest);
                let word = data.get(at..at + length).unwrap_or(&[]);
                let number = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
                found.tokens.push(number.map_or_else(|| PdfToken::Word(word.to_vec()), PdfToken::Number));
                at += length;
            }
        }
    }
    found
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Returns the number of bytes that continue a name or a word.
fn regular_length(bytes: &[u8]) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0 || is_delimiter(*byte);
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

/// Reads a string in parentheses; returns its bytes, and its length including the closing one.
fn literal(bytes: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut depth, mut at) = (Vec::new(), 1, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\\' => {
                let octal: Vec<u8> =
                    bytes[at..].iter().copied().take(3).take_while(|b| matches!(b, b'0'..=b'7')).collect();
                if octal.is_empty() {
                    out.extend(bytes.get(at));
                    at += 1;
                } else {
                    at += octal.len();
                    let value = octal.iter().fold(0_u32, |value, digit| value << 3 | u32::from(digit - b'0'));
                    out.push(value.to_le_bytes()[0]);
                }
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        out.push(byte);
    }
    (out, at)
}
