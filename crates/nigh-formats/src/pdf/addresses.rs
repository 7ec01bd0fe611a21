//! Joins URLs that are broken at the end of a line.
//!
//! Whether a URL continues on the next line cannot be decided from the text: `https://example.org/ for` may be two words. So the
//! line ends are taken from the page, and whole URLs from its links.

use std::collections::{BTreeSet, HashMap, HashSet};

use unpdf::parser::LayoutAnalyzer;
use unpdf::parser::backend::{PdfBackend, RawBackend};
use unpdf::{Block, Document, Page};

/// A wider gap, in multiples of the letter size, separates columns and not words.
const COLUMN_GAP: f32 = 1.5;

/// Words that follow a URL and are not part of it.
const WORDS_AFTER_URL: [&str; 40] = [
    "and", "or", "for", "to", "in", "on", "at", "by", "is", "was", "are", "were", "the", "a", "an", "of", "with",
    "from", "as", "that", "which", "where", "see", "it", "you", "we", "they", "has", "can", "may", "und", "oder",
    "der", "die", "das", "mit", "auf", "et", "ou", "pour",
];

/// Endings of host and file names: a dot after one at the end of a line is not a full stop.
const NAME_ENDINGS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "int", "info", "html", "htm", "pdf", "php", "aspx", "jsp", "xml", "json", "zip",
    "csv", "txt", "jpg", "png", "uk", "de", "cn", "eu",
];

/// True if a word is the beginning of a URL.
pub(super) fn is_address(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '<', '[', '"', '“', '‘', '\'']);
    let is_doi = |word: &str| {
        let digits = word.strip_prefix("10.").map(|rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        digits.is_some_and(|digits| digits >= 4 && word.as_bytes().get(3 + digits) == Some(&b'/'))
    };
    let scheme = word.find("://").is_some_and(|at| at > 0 && word[..at].bytes().all(|byte| byte.is_ascii_alphabetic()));
    scheme || word.starts_with("www.") || word.starts_with("doi:") || is_doi(word)
}

/// A page's lines and links.
#[derive(Default)]
pub(super) struct Evidence {
    /// The words that end lines.
    line_ends: HashSet<String>,
    /// The targets of the page's links, without scheme.
    links: BTreeSet<String>,
}

/// Collects evidence on the pages where a word follows a URL, and reads the lines of the pages where that word may
/// be the rest of the URL. `texts` has the texts of the document's pages, in order.
pub(super) fn collect_evidence(document: &Document, texts: &[Vec<&str>], bytes: &[u8]) -> HashMap<u32, Evidence> {
    let mut evidence_of_pages = HashMap::new();
    let mut backend: Option<Option<RawBackend>> = None;
    for (page, texts) in document.pages.iter().zip(texts) {
        let pairs = || texts.iter().flat_map(|text| pairs(text)).filter(|(word, _)| is_address(word));
        if pairs().next().is_none() {
            continue;
        }
        let mut line_ends = HashSet::new();
        if pairs().any(|(address, word)| is_rest(address, word)) {
            let backend = backend.get_or_insert_with(|| RawBackend::load_bytes(bytes).ok());
            line_ends = backend.as_ref().map(|backend| ends_of_lines(backend, page.number)).unwrap_or_default();
        }
        evidence_of_pages.insert(page.number, Evidence { line_ends, links: links(page) });
    }
    evidence_of_pages
}

/// Returns every word with the next one.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace().zip(text.split_whitespace().skip(1))
}

/// Returns the last words of the lines of a page, in every column.
fn ends_of_lines(backend: &dyn PdfBackend, page: u32) -> HashSet<String> {
    let analyzer = LayoutAnalyzer::new(backend);
    let Ok(spans) = analyzer.extract_page_spans(page) else { return HashSet::new() };
    let mut ends = HashSet::new();
    let mut end = |line: &str| {
        if let Some(word) = line.split_whitespace().next_back() {
            ends.insert(word.to_owned());
        }
    };
    for line in analyzer.group_spans_into_lines_pub(spans) {
        let mut text = String::new();
        let mut right = None;
        for span in &line.spans {
            let gap = right.map_or(0.0, |right| span.x - right);
            if gap > COLUMN_GAP * span.font_size {
                end(&text);
                text.clear();
            } else if gap > 0.15 * span.font_size {
                text.push(' ');
            }
            text.push_str(&span.text);
            right = Some(span.x + span.width);
        }
        end(&text);
    }
    ends
}

fn links(page: &Page) -> BTreeSet<String> {
    let paragraphs = page.elements.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        _ => None,
    });
    let links = paragraphs.flat_map(|paragraph| &paragraph.content).filter_map(|inline| match inline {
        unpdf::model::InlineContent::Link { url, .. } => Some(bare(url)),
        _ => None,
    });
    links.collect()
}

impl Evidence {
    /// Joins the broken URLs of a text.
    pub(super) fn join_urls(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        // The last word of the previous line, while a URL is being joined.
        let mut address: Option<String> = None;
        while !rest.is_empty() {
            let white = rest.len() - rest.trim_start().len();
            let (gap, from) = rest.split_at(white);
            let word = from.split(char::is_whitespace).next().unwrap_or("");
            rest = from.get(word.len()..).unwrap_or("");
            match &mut address {
                Some(whole)
                    if self.continues_with(whole, word, out.rsplit(char::is_whitespace).next().unwrap_or("")) =>
                {
                    whole.clear();
                    whole.push_str(word);
                    out.push_str(word);
                }
                _ => {
                    out.push_str(gap);
                    out.push_str(word);
                    address = is_address(word).then(|| word.to_owned());
                }
            }
        }
        out
    }

    /// True if a URL continues with `word`; `last` is its last word and `whole` the URL so far.
    fn continues_with(&self, last: &str, word: &str, whole: &str) -> bool {
        let more = word.trim_end_matches(['.', ',', ';', ':', ')', '>', ']', '"', '\'', '”', '’']);
        if more.is_empty() || !more.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        let longer = bare(&format!("{whole}{more}"));
        let link = self.links.range(longer.clone()..).next();
        if link.is_some_and(|link| link.starts_with(&longer)) {
            return true;
        }
        self.line_ends.contains(last) && is_rest(last, more)
    }
}

/// Removes the parts of a URL that may be omitted.
fn bare(address: &str) -> String {
    let address = address.trim_start_matches(['(', '<', '[', '"']);
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    bare.trim_start_matches("www.").to_owned()
}

/// True if a word looks like the rest of a URL, at the beginning of the next line.
fn is_rest(address: &str, word: &str) -> bool {
    if WORDS_AFTER_URL.contains(&word.to_ascii_lowercase().as_str()) {
        return false;
    }
    let (Some(last), Some(first)) = (address.chars().next_back(), word.chars().next()) else { return false };
    let signs =
        |word: &str| word.contains(['/', '.', '_', '=', '&', '?', '%']) || word.contains(|c: char| c.is_ascii_digit());
    let is_name = first.is_uppercase() && word.chars().skip(1).all(char::is_lowercase);
    match last {
        '/' => first.is_alphanumeric() && !is_name || matches!(first, '~' | '?' | '#' | '%' | '_'),
        '?' | '&' | '=' | '_' | '#' | '%' | '~' | '+' | '-' | '@' => first.is_alphanumeric() || first == '%',
        '.' => first.is_lowercase() && (signs(word) || NAME_ENDINGS.contains(&word)) || first.is_ascii_digit(),
        last if last.is_alphanumeric() => match first {
            '/' | '?' | '&' | '=' | '#' | '_' | '%' => word.len() > 1,
            '.' => NAME_ENDINGS.iter().any(|ending| word[1..].starts_with(ending)),
            first => first.is_lowercase() && word.contains('/') && word.contains(['.', '_', '=', '-']),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn join_urls(text: &str, line_ends: &[&str], links: &[&str]) -> String {
        let line_ends = line_ends.iter().map(|&word| word.to_owned()).collect();
        Evidence { line_ends, links: links.iter().map(|link| bare(link)).collect() }.join_urls(text)
    }

    #[test]
    fn url_continues_after_a_line_end() {
        for (address, more) in [
            ("https://example.org/tide/", "tables"),
            ("(https://example.org/tide", "/tables)."),
            ("www.example.org/a_", "b.html,"),
            ("https://example.org/q?tide=", "high"),
            ("https://example.org/long-", "name"),
            ("https://docs.example.", "org/tide"),
            ("doi:10.1371/journal.", "pone.0260149"),
            ("10.1371/journal.pone.", "0260149"),
        ] {
            let text = format!("see {address} {more} into");
            assert_eq!(join_urls(&text, &[address], &[]), format!("see {address}{more} into"));
            assert_eq!(join_urls(&text, &["see"], &[]), text, "no line ends there");
        }
        let three = join_urls("at https://example.org/a/ b/ c.html now", &["https://example.org/a/", "b/"], &[]);
        assert_eq!(three, "at https://example.org/a/b/c.html now");
    }

    #[test]
    fn word_after_a_url_stays_separate() {
        for (address, more) in [
            ("https://example.org/", "for"),
            ("https://example.org/", "Then"),
            ("https://example.org.", "Then"),
            ("https://example.org.", "then"),
            ("https://example.org", "and"),
            ("https://example.org,", "tables"),
            ("https://example.org/tide", "tables"),
        ] {
            let text = format!("see {address} {more} into");
            assert_eq!(join_urls(&text, &[address], &[]), text);
        }
        // A link has its whole target, even if its text is broken.
        let links = ["https://example.org/tidetables"];
        assert_eq!(
            join_urls("see example https://example.org/tide tables.", &[], &links),
            "see example https://example.org/tidetables."
        );
    }
}
