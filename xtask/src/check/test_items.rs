//! Which code only test builds have.

use super::lexer::Token;

/// Which tokens stand in an item that only a test build has.
pub(super) fn mark(tokens: &[Token<'_>]) -> Vec<bool> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut marks = vec![false; tokens.len()];
    for at in 0..tokens.len() {
        let inner = text(at + 1) == "!";
        let open = at + 1 + usize::from(inner);
        if text(at) != "#" || text(open) != "[" {
            continue;
        }
        let close = item_end(tokens, open, Ending::Bracket);
        let attribute: Vec<&str> = tokens[open + 1..close].iter().map(|token| token.text).collect();
        if is_test_only(&attribute) {
            let end = item_end(tokens, close + 1, if inner { Ending::Block } else { Ending::Item });
            marks[at..end.min(tokens.len())].fill(true);
        }
    }
    marks
}

/// `#[test]`, `#[cfg(test)]` or `#[cfg(all(test, …))]`, but neither `not(test)` nor `any(test, …)`.
fn is_test_only(attribute: &[&str]) -> bool {
    match attribute {
        ["test"] | ["cfg", "(", "test", ")"] => true,
        ["cfg", "(", "all", "(", conditions @ ..] => {
            let mut depth = 0;
            conditions.iter().any(|&word| {
                depth += i32::from(word == "(") - i32::from(word == ")");
                depth == 0 && word == "test"
            })
        }
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Ending {
    /// The bracket that matches the one it starts at.
    Bracket,
    /// A `;`, or the brace that closes the item's body.
    Item,
    /// The brace that closes the block it starts in.
    Block,
}

/// The place of the ending, or behind the last token.
fn item_end(tokens: &[Token<'_>], from: usize, ending: Ending) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            closing @ (")" | "]" | "}") => {
                depth -= 1;
                let ends = match ending {
                    Ending::Bracket => closing == "]",
                    Ending::Item => closing == "}",
                    Ending::Block => false,
                };
                if depth == 0 && ends {
                    return at;
                }
            }
            ";" if depth == 0 && ending == Ending::Item => return at,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use crate::check::source::Source;

    #[test]
    fn items_of_test_builds_are_known() {
        let tested = |text: &str| Source::read("a.rs", text).words.iter().map(|word| word.in_test).collect::<Vec<_>>();
        let text = "#[cfg(test)]\n#[allow(x)] mod tests { fn f() { p!() } } fn g() { p!() }";
        assert_eq!(tested(text), [true, false]);
        assert_eq!(
            tested("#[cfg(all(test, feature = \"x\"))] fn f(a: [u8; 2]) { p!() } fn g() { p!() }"),
            [true, false]
        );
        assert_eq!(tested("#[cfg(not(test))] fn f() { p!() } #[cfg(any(test, x))] fn g() { p!() }"), [false, false]);
        assert_eq!(
            tested("fn a() { p!() } #[cfg(test)] use b::{c}; fn d() { p!() } #[test] fn e() { p!() }"),
            [false, false, true]
        );
        assert_eq!(tested("#![cfg(test)] fn a() { p!() }"), [true]);
        let outside = Source::read("a/mod.rs", "#[cfg(test)]\nmod tests;\nmod b;");
        assert_eq!(outside.test_modules, [["a", "tests"]]);
    }
}
