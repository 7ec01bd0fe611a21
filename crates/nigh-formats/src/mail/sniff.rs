//! Whether a file is mail, by its first lines. Conservative: a letter that begins "From: " is not yet a mail.

/// What kind of mail a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// One message, for [`super::eml`].
    Message,
    /// A mailbox, for [`super::mbox`].
    Mailbox,
    /// A web page saved with its pictures, for [`super::mhtml`].
    WebArchive,
}

/// Header lines that nearly every mail has.
pub(super) const USUAL: [&str; 8] =
    ["from", "to", "subject", "date", "message-id", "received", "mime-version", "return-path"];

/// At least so many of them are wanted.
const WANTED: usize = 2;

/// Heads of so many bytes without a blank line are those of mail that went through many hands.
const LONG_HEAD: usize = 1024;

/// What kind of mail a file is that begins with these bytes (4 KiB are enough): its first lines are header lines, two
/// of them usual ones, and nothing else stands before the first blank line.
pub fn is_mail(head: &[u8]) -> Option<MailKind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let (mailbox, head) = match head.strip_prefix(b"From ") {
        Some(rest) => (true, rest.iter().position(|&byte| byte == b'\n').and_then(|end| rest.get(end + 1..))?),
        None => (false, head),
    };
    let mut usual = [false; USUAL.len()];
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
        // A quoted "From " line may stand among the headers of a mailbox.
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
        if let Some(at) = USUAL.iter().position(|usual| *usual == name)
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
    // Settings are also lines of names and values, but written small, few, and without a blank line below.
    if count < WANTED || !capitals || (!ended && count == WANTED && head.len() < LONG_HEAD) {
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

/// The name of a header line: printable ASCII without a colon, then the colon.
pub(super) fn header_name(line: &[u8]) -> Option<&str> {
    let end = line.iter().position(|&byte| byte == b':')?;
    let name = line.get(..end)?;
    let sound = (1..=76).contains(&end) && name.iter().all(u8::is_ascii_graphic);
    if sound { std::str::from_utf8(name).ok() } else { None }
}
