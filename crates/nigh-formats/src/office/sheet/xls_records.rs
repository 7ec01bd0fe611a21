//! The records of an old Excel workbook (BIFF8), and the texts in them ("[MS-XLS]: Excel Binary File Format").

/// A record of this type continues the record before it.
pub(in crate::office) const CONTINUE: u16 = 0x3c;
/// A text is cut to this many characters: Excel's own limit.
const MAX_TEXT_CHARS: usize = 32_767;

/// A record: its type, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::office) struct XlsRecord<'a> {
    pub(in crate::office) kind: u16,
    pub(in crate::office) bytes: &'a [u8],
}

impl XlsRecord<'_> {
    /// Reads two bytes at this place as a number.
    pub(in crate::office) fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
    }

    /// Reads four bytes at this place as a number.
    pub(in crate::office) fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }

    /// Reads eight bytes at this place as a floating-point number.
    pub(in crate::office) fn f64(&self, at: usize) -> Option<f64> {
        Some(f64::from_le_bytes(self.bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
    }
}

/// Iterates over the records of a stream from a place on; it ends where a record is cut off.
#[derive(Debug, Clone)]
pub(in crate::office) struct XlsRecords<'a>(pub(in crate::office) &'a [u8]);

impl<'a> Iterator for XlsRecords<'a> {
    type Item = XlsRecord<'a>;

    fn next(&mut self) -> Option<XlsRecord<'a>> {
        let head = XlsRecord { kind: 0, bytes: self.0 };
        let (kind, length) = (head.u16(0)?, usize::from(head.u16(2)?));
        let bytes = self.0.get(4..4 + length)?;
        self.0 = self.0.get(4 + length..)?;
        Some(XlsRecord { kind, bytes })
    }
}

/// Texts that may continue from one record in the next.
#[derive(Debug)]
pub(in crate::office) struct Texts<'a> {
    /// The rest of the current record, and the records after it.
    bytes: &'a [u8],
    rest: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> Texts<'a> {
    /// Makes a reader of a record and the records that continue it, from `skip` on.
    pub(in crate::office) fn new(records: Vec<&'a [u8]>, skip: usize) -> Self {
        let mut rest = records.into_iter();
        let bytes = rest.next().and_then(|first| first.get(skip..)).unwrap_or_default();
        Self { bytes, rest }
    }

    fn take(&mut self) -> Option<u8> {
        while self.bytes.is_empty() {
            self.bytes = self.rest.next()?;
        }
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn take_u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.take()?, self.take()?]))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > self.bytes.len() {
            count -= self.bytes.len();
            self.bytes = self.rest.next()?;
        }
        self.bytes = self.bytes.get(count..)?;
        Some(())
    }

    /// Reads the next text, whose length has two bytes.
    pub(in crate::office) fn next_text(&mut self) -> Option<String> {
        let length = usize::from(self.take_u16()?);
        self.text(length)
    }

    /// Reads the next text, whose length has one byte.
    pub(in crate::office) fn next_short_text(&mut self) -> Option<String> {
        let length = usize::from(self.take()?);
        self.text(length)
    }

    /// Reads a text of this many characters: flags, then Latin-1 or UTF-16 characters. Where it continues in another record, new
    /// flags give the encoding of the rest.
    fn text(&mut self, length: usize) -> Option<String> {
        let flags = self.take()?;
        let runs = if flags & 8 != 0 { usize::from(self.take_u16()?) } else { 0 };
        let extra = match flags & 4 {
            0 => 0,
            _ => usize::from(self.take_u16()?) | (usize::from(self.take_u16()?) << 16),
        };
        let mut wide = flags & 1 != 0;
        let mut units = Vec::with_capacity(length.min(MAX_TEXT_CHARS));
        while units.len() < length {
            if self.bytes.is_empty() {
                wide = self.take()? & 1 != 0;
            }
            units.push(if wide { self.take_u16()? } else { u16::from(self.take()?) });
        }
        self.skip(runs * 4)?;
        self.skip(extra)?;
        Some(String::from_utf16_lossy(&units))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn texts_continue_in_other_records() {
        let first = [&[9, 9, 2, 0, 0, b'a', b'b', 5, 0, 0x0d, 1, 0, 2, 0, 0, 0][..], &[b'x', 0, b'y', 0][..]].concat();
        let second = [0, b'z', b'!', b'?', 1, 1, 1, 1, 7, 7, 1, 0, 1, 0x57, 0x5b];
        let mut texts = Texts::new(vec![&first, &second], 2);
        assert_eq!(texts.next_text().as_deref(), Some("ab"));
        assert_eq!(texts.next_text().as_deref(), Some("xyz!?"));
        assert_eq!(texts.next_text().as_deref(), Some("字"));
        assert_eq!(texts.next_text(), None);
        assert_eq!(Texts::new(vec![&[255, 255, 0, b'a']], 0).next_text(), None);
        assert_eq!(Texts::new(Vec::new(), 5).next_short_text(), None);
    }

    #[test]
    fn records_end_at_a_cut() {
        let bytes = [1, 2, 2, 0, 7, 8, 3, 4, 0, 0, 5, 6, 9, 0, 1];
        let kinds: Vec<_> = XlsRecords(&bytes).map(|record| (record.kind, record.bytes.len())).collect();
        assert_eq!(kinds, [(0x201, 2), (0x403, 0)]);
    }
}
