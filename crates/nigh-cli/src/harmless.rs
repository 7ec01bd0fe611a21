//! Escapes text from files for a terminal. Pure.
//!
//! A control character controls the terminal, a bidi control or line separator reorders or breaks the line, and characters without
//! a glyph hide in a name. All of them are replaced. Letters of every script, emoji and text that runs from right to
//! left stay.

use std::borrow::Cow;
use std::fmt::Write;

/// For names, paths, reasons, settings and errors: hidden characters are escaped as in Rust (`\n`, `\u{202e}`), so that names that
/// look alike remain distinct.
pub fn line(text: &str) -> Cow<'_, str> {
    replace_hidden(text, |line, c| match c {
        '\n' | '\r' | '\t' => line.extend(c.escape_default()),
        _ => {
            let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
        }
    })
}

/// For running text: keeps line breaks; a control character becomes a space, a tab four; characters without a glyph are removed.
pub fn text(text: &str) -> Cow<'_, str> {
    replace_hidden(text, |shown, c| match c {
        '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => shown.push('\n'),
        '\t' => shown.push_str("    "),
        c if c.is_control() => shown.push(' '),
        _ => {}
    })
}

/// For running text on one line, such as a heading.
pub fn phrase(text: &str) -> String {
    self::text(text).replace('\n', " ")
}

/// True if a character is hidden, unless it shapes the one before it.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || is_ignorable(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

/// True if a character joins others or selects a form: emoji, Persian, Indic and Mongolian text need them.
pub fn is_shaping(c: char) -> bool {
    is_joiner(c) || is_selector(c)
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Unicode 16's Default_Ignorable_Code_Point: bidi controls, zero-width spaces, joiners, fillers, selectors, tags.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Calls `replace` for each hidden character. One joiner or selector stays after a character that it can shape; any other would be
/// invisible.
fn replace_hidden(text: &str, mut replace: impl FnMut(&mut String, char)) -> Cow<'_, str> {
    let Some(first) = text.find(is_hidden) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    let mut before = text[..first].chars().next_back();
    for c in text[first..].chars() {
        let shapes = before.is_some_and(|before| {
            let visible = !before.is_ascii() && !is_hidden(before);
            (is_selector(c) && visible) || (is_joiner(c) && (visible || is_selector(before)))
        });
        if !is_hidden(c) || shapes {
            shown.push(c);
            before = Some(c);
        } else {
            replace(&mut shown, c);
            before = None;
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_escapes_control_and_hidden_characters() {
        assert_eq!(line("a\u{1b}]0;PWN\u{7}\n\u{9b}31m\tb\r"), r"a\u{1b}]0;PWN\u{7}\n\u{9b}31m\tb\r");
        assert_eq!(line("gpj.\u{202e}exe\u{2066}\u{61c}\u{200f}"), r"gpj.\u{202e}exe\u{2066}\u{61c}\u{200f}");
        assert_eq!(line("a\u{200b}\u{feff}\u{e0041}\u{2028}\u{7f}"), r"a\u{200b}\u{feff}\u{e0041}\u{2028}\u{7f}");
        assert!(matches!(line("zh/池化 café – «ok»"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_keeps_lines_and_drops_control_characters() {
        assert_eq!(text("a\u{1b}[31mb\tc\nd"), "a [31mb    c\nd");
        assert_eq!(text("one\u{2028}two\u{202e}three\u{200b}\u{e0041}"), "one\ntwothree");
        assert_eq!(phrase("a\nb"), "a b");
    }

    #[test]
    fn text_of_every_script_is_unchanged() {
        for good in [
            "句向量用平均池化",
            "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥",
            "می\u{200c}خواهم",
            "שלום עולם",
            "葛\u{e0100}飾",
        ] {
            assert_eq!(line(good), good);
            assert_eq!(text(good), good);
        }
    }

    /// A joiner that shapes nothing is hidden: after ASCII, at the start, or repeated.
    #[test]
    fn joiner_that_shapes_nothing_is_escaped() {
        assert_eq!(line("a\u{200d}.txt"), r"a\u{200d}.txt");
        assert_eq!(line("a\u{fe0f}\u{200d}b"), r"a\u{fe0f}\u{200d}b");
        assert_eq!(line("池\u{fe0f}\u{fe0e}\u{e0101}"), "池\u{fe0f}\\u{fe0e}\\u{e0101}");
        assert_eq!(line("\u{200c}x"), r"\u{200c}x");
    }

    #[test]
    fn hidden_characters_never_remain_and_line_is_idempotent() {
        for c in ('\0'..=char::MAX).filter(|&c| is_hidden(c)) {
            let hostile = format!("a{c}b");
            for shown in [line(&hostile), text(&hostile)] {
                assert!(!shown.chars().any(|c| is_hidden(c) && c != '\n'), "{c:?}: {shown:?}");
            }
            assert_eq!(line(&line(&hostile)), line(&hostile));
            assert!(!line(&hostile).contains('\n'));
        }
    }
}
