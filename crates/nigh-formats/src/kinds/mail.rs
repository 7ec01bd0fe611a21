//! Recognises mail by its first lines. A file must have several usual header lines: a text that only begins with "From: " is not mail.

/// The kind of a mail file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// One message.
    Message,
    /// A mailbox.
    Mailbox,
    /// A web page saved with its pictures (MHTML).
    WebArchive,
}

impl MailKind {
    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Message => "a mail",
            Self::Mailbox => "a mailbox",
            Self::WebArchive => "a saved web page (MHTML)",
        }
    }
}

/// Header lines that nearly every mail has.
pub(crate) const USUAL_HEADERS: [&str; 8] =
    ["from", "to", "subject", "date", "message-id", "received", "mime-version", "return-path"];

/// Mail has at least this many of the usual header fields.
const MIN_FIELDS: usize = 2;

/// Header lines of this many bytes are mail without a blank line, too: many servers handled the mail.
const LONG_HEADER_BYTES: usize = 1024;

/// Returns the kind of a mail file that begins with these bytes (4 KiB are enough). Its first lines must be header lines, two of them
/// usual ones, and no other line may precede the first blank line.
pub fn is_mail(head: &[u8]) -> Option<MailKind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let (mailbox, head) = match head.strip_prefix(b"From ") {
        Some(rest) => (true, rest.iter().position(|&byte| byte == b'\n').and_then(|end| rest.get(end + 1..))?),
        None => (false, head),
    };
    let mut usual = [false; USUAL_HEADERS.len()];
    let (mut has_capitals, mut is_web_page, mut has_blank_line) = (false, false, false);
    let mut lines = head.split_inclusive(|&byte| byte == b'\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let is_whole_line = line.ends_with(b"\n") || lines.peek().is_some();
        let line = line.trim_ascii_end();
        if line.is_empty() {
            has_blank_line = true;
            break;
        }
        // A quoted "From " line may occur among the headers of a mailbox.
        let continued = line.starts_with(b" ") || line.starts_with(b"\t") || (mailbox && line.starts_with(b">From "));
        if continued && !first {
            is_web_page |= line.windows(9).any(|word| word.eq_ignore_ascii_case(b"text/html"));
            continue;
        }
        first = false;
        let Some(name) = header_name(line) else {
            // The head may end inside a line.
            if is_whole_line {
                return None;
            }
            break;
        };
        has_capitals |= name.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = name.to_ascii_lowercase();
        if let Some(at) = USUAL_HEADERS.iter().position(|usual| *usual == name)
            && let Some(seen) = usual.get_mut(at)
        {
            *seen = true;
        }
        is_web_page |= name == "snapshot-content-location";
        let related =
            name == "content-type" && line.to_ascii_lowercase().windows(17).any(|at| at == b"multipart/related");
        is_web_page |= related && line.windows(9).any(|word| word.eq_ignore_ascii_case(b"text/html"));
    }
    let count = usual.iter().filter(|seen| **seen).count();
    // Settings also have lines of names and values, but in lower case, few, and without a blank line below.
    if count < MIN_FIELDS || !has_capitals || (!has_blank_line && count == MIN_FIELDS && head.len() < LONG_HEADER_BYTES)
    {
        return None;
    }
    let is_saved_page = head.windows(8).any(|word| word.eq_ignore_ascii_case(b"saved by"));
    let snapshot = head.windows(25).any(|word| word.eq_ignore_ascii_case(b"snapshot-content-location"));
    Some(match mailbox {
        true => MailKind::Mailbox,
        false if is_web_page && (is_saved_page || snapshot) => MailKind::WebArchive,
        false => MailKind::Message,
    })
}

/// Returns the name in a header line: printable ASCII without a colon, then the colon.
pub(crate) fn header_name(line: &[u8]) -> Option<&str> {
    let end = line.iter().position(|&byte| byte == b':')?;
    let name = line.get(..end)?;
    let is_valid = (1..=76).contains(&end) && name.iter().all(u8::is_ascii_graphic);
    if is_valid { std::str::from_utf8(name).ok() } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn mail_is_recognised_by_its_head() {
        let message = Some(MailKind::Message);
        for (head, kind) in [
            ("From: a@x.example\nTo: b\n\ntext", message),
            ("Return-Path: <a>\r\nReceived: from x\r\n\tby y\r\nX-Long: 1\r\nDate: z\r\nSub", message),
            ("Received: from x\nDate: y\nSubject: z\nX-Cut", message),
            ("From a Mon Jan  1 2024\nFrom: a\nTo: b\n\ntext", Some(MailKind::Mailbox)),
            ("From: a\nSnapshot-Content-Location: file:///a\nDate: b\nSubject: c\n\n", Some(MailKind::WebArchive)),
            ("From: Bob\n\nDear all,", None),
            ("From: Bob\nTo: Ann\nDear all,\n", None),
            ("From here on\nall is text.\n", None),
            ("Subject: x\nKey: value\n", None),
            ("from: a\nto: b\nsubject: c\ndate: d\n\n", None),
            ("To: a\nFrom: b\n", None),
            ("Date\tFrom\tTo\n1\t2\t3\n", None),
            ("", None),
        ] {
            assert_eq!(is_mail(head.as_bytes()), kind, "{head:?}");
        }
    }
}
