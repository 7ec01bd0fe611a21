//! Recognises mail by its first lines. Conservative: a letter that begins "From: " is not yet a mail.

/// The kind of a mail file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// One message.
    Message,
    /// A mailbox.
    Mailbox,
    /// A web page saved with its pictures.
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

/// Fewest header fields.
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
    let (mut capitals, mut web, mut ended) = (false, false, false);
    let mut lines = head.split_inclusive(|&byte| byte == b'\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let whole = line.ends_with(b"\n") || lines.peek().is_some();
        let line = line.trim_ascii_end();
        if line.is_empty() {
            ended = true;
            break;
        }
        // A quoted "From " line may occur among the headers of a mailbox.
        let continued = line.starts_with(b" ") || line.starts_with(b"\t") || (mailbox && line.starts_with(b">From "));
        if continued && !first {
            web |= line.windows(9).any(|word| word.eq_ignore_ascii_case(b"text/html"));
            continue;
        }
        first = false;
        let Some(name) = header_name(line) else {
            // The head may end inside a line.
            if whole {
                return None;
            }
            break;
        };
        capitals |= name.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = name.to_ascii_lowercase();
        if let Some(at) = USUAL_HEADERS.iter().position(|usual| *usual == name)
            && let Some(seen) = usual.get_mut(at)
        {
            *seen = true;
        }
        web |= name == "snapshot-content-location";
        let related =
            name == "content-type" && line.to_ascii_lowercase().windows(17).any(|at| at == b"multipart/related");
        web |= related && line.windows(9).any(|word| word.eq_ignore_ascii_case(b"text/html"));
    }
    let count = usual.iter().filter(|seen| **seen).count();
    // Settings also have lines of names and values, but in lower case, few, and without a blank line below.
    if count < MIN_FIELDS || !capitals || (!ended && count == MIN_FIELDS && head.len() < LONG_HEADER_BYTES) {
        return None;
    }
    let saved = head.windows(8).any(|word| word.eq_ignore_ascii_case(b"saved by"));
    let snapshot = head.windows(25).any(|word| word.eq_ignore_ascii_case(b"snapshot-content-location"));
    Some(match mailbox {
        true => MailKind::Mailbox,
        false if web && (saved || snapshot) => MailKind::WebArchive,
        false => MailKind::Message,
    })
}

/// Returns the name in a header line: printable ASCII without a colon, then the colon.
pub(crate) fn header_name(line: &[u8]) -> Option<&str> {
    let end = line.iter().position(|&byte| byte == b':')?;
    let name = line.get(..end)?;
    let sound = (1..=76).contains(&end) && name.iter().all(u8::is_ascii_graphic);
    if sound { std::str::from_utf8(name).ok() } else { None }
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
