//! Parses the text of an ignore file into rules, and collects the lines that cannot be applied.

use super::bounds::{LINE_BYTES, RULES, RuleCost};
use super::pattern;
use super::set::RuleSet;
use crate::filter::glob::syntax::GlobDialect;

/// Lines that are not applied for one reason: the first line, its problem, and the number of the other lines.
#[derive(Debug, Default)]
struct DroppedLines {
    first: Option<(usize, String)>,
    more: usize,
}

impl DroppedLines {
    fn add(&mut self, line: usize, problem: impl FnOnce() -> String) {
        match self.first {
            None => self.first = Some((line, problem())),
            Some(_) => self.more += 1,
        }
    }

    fn message(self, what: &str, advice: &str) -> Option<String> {
        let (line, problem) = self.first?;
        let more = if self.more == 0 { String::new() } else { format!(" (and {} more)", self.more) };
        Some(format!("an ignore rule was {what}: line {line}{more}: {problem}; {advice}"))
    }
}

/// Parses the rules of a file's text, as long as they are within the limits together with those that apply already.
pub(super) fn read(text: &[u8], dialect: GlobDialect, in_force: RuleCost) -> (RuleSet, Vec<String>) {
    // As in git, ignore one byte order mark at the beginning.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let (mut set, mut total) = (RuleSet::default(), in_force);
    let (mut bytes, mut wrong, mut long, mut costly) =
        (DroppedLines::default(), DroppedLines::default(), DroppedLines::default(), DroppedLines::default());
    let rules = (1..).zip(lines).filter(|(_, text)| !text.is_empty() && !text.starts_with(b"#"));
    for (line_count, (line, text)) in rules.enumerate() {
        // Refused lines take time as well.
        if line_count >= RULES || total.is_full() {
            costly.add(line, || format!("more than {RULES} rules hold here"));
            continue;
        }
        if text.len() > LINE_BYTES {
            long.add(line, || format!("more than {LINE_BYTES} bytes"));
            continue;
        }
        let Ok(text) = str::from_utf8(text) else {
            // git compares bytes. A file with such a name is never indexed, so nothing is lost without this rule.
            bytes.add(line, || "not UTF-8".to_owned());
            continue;
        };
        match pattern::parse(text, dialect) {
            Ok(None) => {}
            Ok(Some((pattern, verdict))) => {
                let cost = RuleCost::of(&pattern);
                let mut with = total;
                with += cost;
                match with.exceeded() {
                    Some(excess) => costly.add(line, || excess),
                    None => {
                        total = with;
                        set.cost += cost;
                        set.add(pattern, verdict);
                    }
                }
            }
            Err(problem) => wrong.add(line, || problem),
        }
    }
    let lost = "it is not applied, all other rules are";
    let problems = [
        wrong.message("not understood", &format!("{lost}; correct it")),
        bytes.message("not understood", "a rule for names that are not UTF-8 is not needed; save the file as UTF-8"),
        long.message("left out", &format!("{lost}; shorten it")),
        costly.message("left out", &format!("{lost}; give fewer rules, or exclude in the settings")),
    ];
    (set, problems.into_iter().flatten().collect())
}
